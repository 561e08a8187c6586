// A form that follows an act which is done: when it cannot be shown, nobody is told that nothing was changed.
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { beginRun } from '../../src/areas/testing/begin.ts';
import { newestRun } from '../../src/areas/testing/store.ts';
import { makeMetrics } from '../../src/base/metrics.ts';
import type { BotDeps } from '../../src/bot/deps.ts';
import { regressionButton } from '../../src/bot/regression-buttons.ts';
import { regressionCommand } from '../../src/bot/regression-command.ts';
import { bugFormFor, testButton } from '../../src/bot/test-buttons.ts';
import { regressionAssignments, regressionMonths } from '../../src/db/schema/calendar.ts';
import { caseResults } from '../../src/db/schema/testing.ts';
import { CALENDAR_POLICY } from '../support/calendar.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { keptLog } from '../support/quiet.ts';
import { aReleaseIn, aSpec, aSpecCase, NOW } from '../support/testing.ts';

const ANA = 'U0ANA';
let now = new Date('2026-12-03T10:00Z');
let t: TestDb;
let deps: BotDeps;
const said: string[] = [];

beforeAll(async () => {
  t = await freshDb();
  const closed = async () => Promise.reject(new Error('expired_trigger_id'));
  const person = { name: 'x', tz: 'UTC', isBot: false, deleted: false, guest: false, teamId: 'T0123ABC' };
  const slack = {
    userInfo: async (id: string) => ({ ...person, id, stranger: false }),
    openView: closed,
    pushView: closed,
    updateView: closed,
  };
  const rest = { policy: CALENDAR_POLICY, clock: () => now, metrics: makeMetrics(), log: keptLog().log };
  deps = { ...rest, db: t.db, slack } as unknown as BotDeps;
  const month = { month: '2026-12', plannedAt: now, plannedBy: ANA, roster: [], areas: [], leftOut: [] };
  await t.db.insert(regressionMonths).values(month);
});
afterAll(() => t?.close());

const ephemeral = async (reply: { text: string }) => void said.push(reply.text);
const pressed = (action_id: string, value: string, more: object) => ({
  ack: async () => {},
  respond: ephemeral,
  action: { type: 'button', action_id, value, action_ts: `${Math.random()}` },
  body: { user: { id: ANA }, trigger_id: 't', response_url: 'https://slack.example/r', container: {}, ...more },
});
async function assignment(): Promise<number> {
  const row = { month: '2026-12', wallet: 'native', feature: 'Send', day: '2026-12-03', start: 570, tester: ANA };
  const [made] = await t.db.insert(regressionAssignments).values(row).returning();
  return made?.id as number;
}
const stateOf = async (id: number) =>
  (await t.db.select().from(regressionAssignments).where(eq(regressionAssignments.id, id)))[0]?.state;

test('a regression test that failed is noted, by command and by button', async () => {
  const byWord = await assignment();
  const command = { user_id: ANA, trigger_id: 't1', text: `fail RA-${byWord} no amount`, channel_id: 'C1' };
  await regressionCommand(deps)({ command, ack: ephemeral, respond: ephemeral } as never);
  const byButton = await assignment();
  await regressionButton(deps)(pressed('regression_fail', `${byButton}`, {}) as never);
  for (const id of [byWord, byButton]) expect(await stateOf(id)).toBe('failed');
  expect(said).toHaveLength(2);
  for (const text of said.splice(0)) {
    expect(text).not.toContain('nothing was changed');
    expect(text).toContain('`/bug` reports what you found');
  }
});

test('a test case that failed is noted', async () => {
  now = NOW;
  const releaseId = await aReleaseIn(t.db, 'testing', [ANA, 'U0BEN']);
  await beginRun(deps, aSpec([aSpecCase('login')]), releaseId);
  const run = await newestRun(t.db, releaseId);
  const view = { view: { id: 'V1', type: 'modal' } };
  await testButton(deps)(pressed('test_fail', `${run?.id}:0:0:login`, view) as never);
  expect((await t.db.select().from(caseResults)).map((r) => r.result)).toEqual(['fail']);
  expect(said.join()).toMatch(/login/);
  expect(said.join()).not.toContain('nothing was changed');
  // R3: what is reported then was found on the candidate that was tested, whatever is named since.
  const tested = sql`select candidate_id as id from test_runs where id = ${run?.id}`;
  const { rows } = await t.db.execute<{ id: string }>(tested);
  await t.db.execute(
    sql`insert into candidates (release_id, seq, commit, named_by, named_at) values (${releaseId}, 9, 'def5678', ${ANA}, now())`,
  );
  const form = await bugFormFor(deps, run?.id ?? 0, 'login', null);
  expect(JSON.parse(String(form?.private_metadata))).toEqual({ candidateId: Number(rows[0]?.id) });
});
