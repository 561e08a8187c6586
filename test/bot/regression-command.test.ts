// What /regression takes for today, by the clock of who asks (R23).
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { makeMetrics } from '../../src/base/metrics.ts';
import type { BotDeps } from '../../src/bot/deps.ts';
import { regressionCommand } from '../../src/bot/regression-command.ts';
import { CALENDAR_POLICY } from '../support/calendar.ts';
import { freshDb, type TestDb, wipe } from '../support/db.ts';

let t: TestDb;
beforeAll(async () => {
  t = await freshDb();
});
afterAll(() => t.close());
beforeEach(() => wipe(t, 'regression_months, regression_assignments, absences, people'));

/** Ana lives there, Ada (an admin) where the team is; Ana has these tests: their state by their day. @returns their ids by day */
async function ana(zone: string, tests: Record<string, string>): Promise<Record<string, string>> {
  await t.db.execute(sql`insert into people (id, name, zone, bot, deactivated, guest, outsider, refreshed_at)
    values ('U0ANA', 'ana', ${zone}, false, false, false, false, '2100-01-01'),
      ('U0ADA', 'ada', 'UTC', false, false, false, false, '2100-01-01')`);
  const ids: Record<string, string> = {};
  for (const [day, state] of Object.entries(tests)) {
    await t.db.execute(sql`insert into regression_months (month, planned_at, planned_by, roster, areas, left_out)
      values (${day.slice(0, 7)}, now(), 'shipshape', '[]', '[]', '[]') on conflict do nothing`);
    const { rows } = await t.db.execute<{ id: string }>(sql`insert into regression_assignments
      (month, wallet, feature, day, start, tester, state) values (${day.slice(0, 7)}, 'native', 'Send', ${day}, 570, 'U0ANA', ${state}) returning id`);
    ids[day] = `RA-${rows[0]?.id}`;
  }
  return ids;
}

let calls = 0;
async function say(text: string, at: string, zone = 'Europe/Lisbon', by = 'U0ANA'): Promise<string> {
  const policy = { ...CALENDAR_POLICY, team: { ...CALENDAR_POLICY.team, zone } };
  const log = { error: (about: unknown) => console.error(about) };
  const deps = { db: t.db, policy, clock: () => new Date(at), metrics: makeMetrics(), log } as unknown as BotDeps;
  const answers: unknown[] = [];
  const ack = async (answer: unknown) => void answers.push(answer);
  const command = { text, user_id: by, trigger_id: `T${++calls}` };
  await regressionCommand(deps)({ command, ack, respond: ack } as never);
  return JSON.stringify(answers);
}

test('R23: in Auckland, Tuesday’s test is today’s while the team in Lisbon has Monday; what may be meant as well is asked about', async () => {
  const tuesday = '2026-12-14T20:00Z';
  const ids = await ana('Pacific/Auckland', {
    '2026-12-11': 'missed',
    '2026-12-14': 'planned',
    '2026-12-15': 'planned',
  });
  const [monday = '', own = ''] = [ids['2026-12-14'], ids['2026-12-15']];
  const listed = await say('today', tuesday);
  expect([listed.includes(own), listed.includes(monday)]).toEqual([true, false]);
  const asked = await say('pass', tuesday);
  expect(asked).toContain('Say which');
  expect([asked.includes(own), asked.includes(monday)]).toEqual([true, true]);
  expect(await say(`pass ${monday}`, tuesday)).toContain('passed');
  const done = await say('pass', tuesday);
  expect(done).toContain(`*${own}*`);
  expect(done).toContain('passed');
});

test('R23: on the first of a month in Auckland, the test of that day is listed and done by a word, though the team has the last of the old one', async () => {
  const first = '2026-11-30T20:00Z';
  const { '2026-12-01': id = '', '2026-12-31': late = '' } = await ana('Pacific/Auckland', {
    '2026-12-01': 'planned',
    '2026-12-31': 'planned',
  });
  const mine = await say('mine', first);
  expect([mine.includes(id), mine.includes('*today'), mine.includes(late)]).toEqual([true, true, true]);
  expect(await say('pass', first)).toContain(`*${id}*`);
  expect(await say('pass', first)).toContain('no test to do today');
});

test('R23: in Los Angeles, of a team in Tokyo, Monday’s test is Friday’s to do', async () => {
  const friday = '2026-02-27T17:00Z';
  const { '2026-03-02': id = '', '2026-02-27': over = '' } = await ana('America/Los_Angeles', {
    '2026-02-27': 'missed',
    '2026-03-02': 'planned',
    '2026-03-03': 'planned',
  });
  const listed = await say('today', friday, 'Asia/Tokyo');
  expect([listed.includes(id), listed.includes(over)]).toEqual([true, false]);
  expect(await say('mine', friday, 'Asia/Tokyo')).toContain('*today');
  const done = await say('pass', friday, 'Asia/Tokyo');
  expect(done).toContain(`*${id}*`);
  expect(done).toContain('passed');
});

test('R23: away today is away on the day it is where they are', async () => {
  await ana('Pacific/Auckland', {});
  expect(await say('away today', '2026-12-14T20:00Z')).toContain('away on Tue 15 Dec 2026');
  expect(await say('away today', '2026-12-14T20:00Z'), 'noted').toContain('noted as away then');
});

test('R23: what an admin says of somebody is of their day too: “today” to Ana is Tuesday already, “tomorrow” is Wednesday', async () => {
  await ana('Pacific/Auckland', {});
  const ada = (text: string) => say(text, '2026-12-14T20:00Z', 'Europe/Lisbon', 'U0ADA');
  expect(await ada('away today <@U0ANA>')).toContain('<@U0ANA> is noted as away on Tue 15 Dec 2026');
  expect(await ada('away <@U0ANA|ana> tomorrow')).toContain('<@U0ANA> is noted as away on Wed 16 Dec 2026');
  expect(await ada('away today')).toContain('away on Mon 14 Dec 2026');
});
