// Loaded into the demo's bot: when the demo is gone, even by kill -9, the bot ends too. One that stayed would connect to the next demo on the
// same port and take part of its events.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
