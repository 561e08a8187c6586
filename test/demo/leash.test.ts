import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { until } from '../../src/demo/local-slack.ts';
import { ON_A_LEASH, ROOT } from '../../src/demo/world.ts';

/** A bot's stand-in, that would live for ever; a demo's, that starts it as `startBot` does and says which process it is. */
const BOT = "process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000); process.send('up')";
const DEMO = `const { spawn } = require('node:child_process');
  const bot = spawn(process.execPath, ${JSON.stringify([...ON_A_LEASH, '-e', BOT])}, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], detached: true });
  bot.on('message', () => console.log(bot.pid));`;

const alive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it('the bot of a demo that is killed with -9 ends too', async () => {
  const demo = spawn(process.execPath, ['-e', DEMO], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: demo.stdout }), 'line')) as [string];
  const bot = Number(line);
  try {
    expect(alive(bot)).toBe(true);
    demo.kill('SIGKILL');
    await until(() => !alive(bot), 'the end of the bot', 5_000);
  } finally {
    if (alive(bot)) process.kill(bot, 'SIGKILL');
  }
});
