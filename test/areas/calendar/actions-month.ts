// A calendar on a database of the file that asks for it, empty for each test.
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { keepCalendar, planAMonth } from '../../../src/areas/calendar/actions.ts';
import { assignmentsOf } from '../../../src/areas/calendar/store.ts';
import type { Assignment } from '../../../src/areas/calendar/types.ts';
import { SHIPSHAPE } from '../../../src/base/actor.ts';
import type { Policy } from '../../../src/base/policy.ts';
import { BOSS, CALENDAR_POLICY, calendarCause, calendarOn } from '../../support/calendar.ts';
import { freshDb, type TestDb, wipe } from '../../support/db.ts';

export const DEC = '2026-12';
export let t: TestDb;
export let c: ReturnType<typeof calendarOn>;

export function calendarOnADatabase(): void {
  beforeAll(async () => {
    t = await freshDb();
  });
  afterAll(() => t.close());
  beforeEach(async () => {
    await wipe(
      t,
      'regression_months, regression_assignments, regression_swaps, absences, outbox, causes, people, usergroups, graphile_worker._private_jobs',
    );
    c = calendarOn(t.db);
  });
}

export const december = () => assignmentsOf(t.db, DEC);
export async function planned(): Promise<Assignment[]> {
  const { answer } = await planAMonth(c.deps, calendarCause(BOSS), BOSS, DEC);
  expect(answer.outcome, answer.text).toBe('accepted');
  await t.db.execute(sql`delete from outbox`);
  return december();
}
export const byTester = (all: readonly Assignment[], id: string) => all.filter((a) => a.tester === id);
export const morning = (at: string, policy: Policy = CALENDAR_POLICY) => {
  c.now = at;
  const cause = calendarCause(SHIPSHAPE, { key: `schedule:regression@${at}`, source: 'schedule' });
  return keepCalendar({ ...c.deps, policy }, cause);
};

export const verbs = async () => {
  const { rows } = await t.db.execute<{ verb: string; subject: string }>(
    sql`select verb, subject from audit_events order by id desc limit 1`,
  );
  return rows[0];
};
