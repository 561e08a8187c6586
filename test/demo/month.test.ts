import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { removeEmbedded } from '../../src/db/embedded.ts';
import type { LocalSlack } from '../../src/demo/local-slack.ts';
import { playMonth, startMonth } from '../../src/demo/month.ts';
import { CHANNELS, startWorkspace } from '../../src/demo/world.ts';

let slack: LocalSlack;
let dir: string;
let started: Awaited<ReturnType<typeof startMonth>> | undefined;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shipshape-month-'));
  slack = await startWorkspace(0);
  started = await startMonth(slack, dir);
}, 60_000);
afterAll(async () => {
  const code = await started?.bot.stop();
  await slack.stop();
  await removeEmbedded(dir);
  await rm(dir, { recursive: true, force: true });
  expect(code).toBe(0);
}, 60_000);

it("the demo's month begins: its plan is made by itself, slots are proposed, weekends are quiet, a release goes out in its slot", {
  timeout: 90_000,
}, async () => {
  const told: string[] = [];
  const tell = {
    chapter: (t: string) => told.push(t),
    does: (who: string, what: string) => told.push(`${who} ${what}`),
    saw: (t: string) => told.push(t),
  };
  if (!started) throw new Error('the month did not start');
  await playMonth(slack, started.clock, tell, '2027-03-01');
  const texts = (await slack.messages(CHANNELS.releases)).map(({ text }) => text.split('\n')[0] ?? '');
  expect(texts.filter((text) => text.includes('Regression calendar for March 2027'))).toHaveLength(1);
  const slots = texts.flatMap((text) => /^Slot (\S+ \S+):/.exec(text)?.[1] ?? []);
  const days = ['2027-02-24', '2027-02-25', '2027-02-26', '2027-03-01'];
  expect(slots).toEqual(days.flatMap((day) => [`${day} 10:00`, `${day} 15:00`]));
  expect(told.filter((line) => line.includes('nobody is disturbed'))).toHaveLength(2);
  expect(texts.some((text) => text.startsWith('release unchained v8.0.0') && text.endsWith('done'))).toBe(true);
  const [state] = await started.clock.query(
    `select now()::date::text as day, (select count(*)::int from sign_offs) as sign_offs`,
  );
  expect(state).toEqual({ day: '2027-03-01', sign_offs: 4 });
});
