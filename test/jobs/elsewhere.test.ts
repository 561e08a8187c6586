import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runElsewhere } from '../../src/jobs/elsewhere.ts';
import { until } from '../support/slack.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shipshape-'));
});
afterAll(() => rm(dir, { recursive: true }));

/** A process that hears no SIGTERM, and notes its id. */
const hangs = (file: string) => [
  '-e',
  `process.on('SIGTERM', () => {}); require('fs').writeFileSync(${JSON.stringify(file)}, String(process.pid)); setInterval(() => {}, 1000);`,
];
const KILLED = { killed: true, signal: 'SIGKILL' };
const never = () => new AbortController().signal;

it('is waited for, and its failure is told', async () => {
  await runElsewhere(['-e', ''], { timeoutMs: 60_000, signal: never() });
  await expect(
    runElsewhere(['-e', 'console.error("no Google"); process.exit(1)'], { timeoutMs: 60_000, signal: never() }),
  ).rejects.toThrow('no Google');
});

it('one that hangs is ended when its time is over', async () => {
  const run = runElsewhere(hangs(join(dir, 'late')), { timeoutMs: 200, signal: never() });
  await expect(run).rejects.toMatchObject(KILLED);
});

it('is ended when the bot stops, one that is begun after that too', async () => {
  const file = join(dir, 'stopped');
  const stopping = new AbortController();
  const run = runElsewhere(hangs(file), { timeoutMs: 60_000, signal: stopping.signal });
  const ended = expect(run).rejects.toMatchObject(KILLED);
  const pid = await until(async () => Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10), 'it to run');
  stopping.abort();
  await ended;
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  const late = runElsewhere(hangs(file), { timeoutMs: 60_000, signal: stopping.signal });
  await expect(late).rejects.toMatchObject(KILLED);
});
