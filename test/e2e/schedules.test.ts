// What comes by the clock, in the bot's own process: at its time, when asked for by hand, and after the process was away.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { program } from '../support/program.ts';
import { CHANNELS, until } from '../support/slack.ts';
import { openStage, type Stage } from '../support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, 60_000);
afterAll(() => stage.close());

const heads = async () =>
  (await stage.slack.messages(CHANNELS.admins)).filter(({ text }) => text.startsWith('The audit trail is sealed'));
const run = promisify(execFile);
async function cli(...words: string[]): Promise<string> {
  const env = { ...process.env, DATABASE_URL: stage.databaseUrl };
  const [node, ...main] = program('src/cli/main');
  const { stdout } = await run(node, [...main, 'schedules', ...words], { env });
  return stdout.trim();
}
const headMade = (times: number) =>
  until(async () => (await heads()).length === times, `${times} messages about the head`, 30_000);

test('R22: what is asked for by hand is done within ten seconds, and once', { timeout: 60_000 }, async () => {
  await stage.open(stage.product());
  // At a full minute it is due by itself, and says so.
  await cli('run', 'seal').catch(() => {});
  await until(
    async () => (await stage.db.execute('select 1 from audit_chain')).rowCount,
    'something to be sealed',
    30_000,
  );
  expect(await cli('list')).toContain('head: publish');
  expect(await cli('run', 'head')).toContain('head is due now');
  await headMade(1);
  await stage.settled();
  expect(await heads()).toHaveLength(1);
  const metrics = await (await fetch(`http://127.0.0.1:${stage.bot().port}/metrics`)).text();
  expect(metrics).toContain('shipshape_schedule_runs_total{schedule="head",late="no"} 1');
  expect(metrics).toContain('shipshape_schedules_overdue_seconds');
});

test('R22: killed, and away for three days: what is owed comes once, at the start', { timeout: 60_000 }, async () => {
  await stage.bot().kill();
  await stage.db.execute(`update schedules set next_at = now() - interval '3 days',
    next_local = to_char(now() - interval '3 days', 'YYYY-MM-DD"T"HH24:MI') where name = 'head'`);
  await stage.restart();
  await headMade(2);
  await stage.settled();
  expect(await heads()).toHaveLength(2);
  const { rows } = await stage.db.execute(
    `select state, passed > 0 as some from schedule_runs where name = 'head' order by started_at desc limit 1`,
  );
  expect(rows).toEqual([{ state: 'fired', some: true }]);
  expect(await cli('next')).toMatch(/seal: seal audit events/);
});
