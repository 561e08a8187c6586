// A process that uses the PostgreSQL of a folder until it is told to stop: stands in for the bot in embedded.test.ts.
import { startEmbedded } from '../../src/db/embedded.ts';

const [dir, port] = process.argv.slice(2);
if (!dir) throw new Error('usage: keeper.ts <dir> [port]');
const logged: string[] = [];
const server = await startEmbedded({ dir, port: Number(port ?? 0), fast: true, log: (msg) => logged.push(msg) });
// Before anybody is told: whoever hears that it is ready may stop it at once.
process.on('SIGTERM', async () => {
  await server.stop();
  process.exit(0);
});
console.log(JSON.stringify({ port: server.port, adopted: server.adopted, url: server.url, logged }));
