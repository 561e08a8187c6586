import { and, asc, eq, gte, inArray, lt, or, sql } from 'drizzle-orm';
import type { Policy, RegressionArea } from '../../base/policy.ts';
import type { Executor, Tx } from '../../db/client.ts';
import { goneOf, membersOf } from '../../db/people.ts';
import { absences } from '../../db/schema/cadence.ts';
import { regressionAssignments, regressionMonths, regressionSwaps } from '../../db/schema/calendar.ts';
import type { Sharing } from '../../db/schema/outbox.ts';
import { addMonths, areaName } from './month-rules.ts';
import type { Plan } from './plan-types.ts';
import type { Assignment, Away, History, Month, MonthView, Moved, Offer, Swap } from './types.ts';

/** Locks the planned months from `month` on until the transaction ends, the earliest first. @returns them */
export async function lockMonths(tx: Tx, month: string): Promise<Month[]> {
  const rows = await tx
    .select()
    .from(regressionMonths)
    .where(gte(regressionMonths.month, month))
    .orderBy(asc(regressionMonths.month))
    .for('update');
  return rows.map(monthOfRow);
}

function monthOfRow(row: typeof regressionMonths.$inferSelect): Month {
  const { month, plannedAt, plannedBy, roster, areas, leftOut } = row;
  return { month, plannedAt, plannedBy, roster, areas, leftOut };
}

/** A planned month with its assignments by day and start; undefined when it is not planned. */
export async function loadMonth(db: Executor, month: string): Promise<MonthView | undefined> {
  const [row] = await db.select().from(regressionMonths).where(eq(regressionMonths.month, month));
  return row && { month: monthOfRow(row), assignments: await assignmentsOf(db, month) };
}

/** A month's assignments by day, start and id. */
export async function assignmentsOf(db: Executor, month: string): Promise<Assignment[]> {
  const { day, start, id } = regressionAssignments;
  return db.select().from(regressionAssignments).where(eq(regressionAssignments.month, month)).orderBy(day, start, id);
}

/** Assignments of these local days, by day and start; those of one tester, where one is given. */
export async function assignmentsBetween(
  db: Executor,
  from: string,
  to: string,
  tester?: string,
): Promise<Assignment[]> {
  const a = regressionAssignments;
  return db
    .select()
    .from(a)
    .where(and(gte(a.day, from), sql`${a.day} <= ${to}`, tester === undefined ? undefined : eq(a.tester, tester)))
    .orderBy(a.day, a.start, a.id);
}

/** One assignment; undefined when there is none of that id. */
export async function loadAssignment(db: Executor, id: number): Promise<Assignment | undefined> {
  const [row] = await db.select().from(regressionAssignments).where(eq(regressionAssignments.id, id));
  return row;
}

/** The same, locked until the transaction ends, and its month with it: a plan that is made meanwhile waits. */
export async function lockAssignments(tx: Tx, ids: readonly number[]): Promise<Assignment[]> {
  await tx.execute(sql`select 1 from regression_months m where m.month in
    (select month from regression_assignments where id = any(${sql.param(ids)}::bigint[])) order by m.month for update`);
  const rows = await tx
    .select()
    .from(regressionAssignments)
    .where(inArray(regressionAssignments.id, [...ids]))
    .orderBy(regressionAssignments.id)
    .for('update');
  return ids.flatMap((id) => rows.find((row) => row.id === id) ?? []);
}

export async function writeResult(
  tx: Tx,
  id: number,
  said: Pick<Assignment, 'state' | 'by' | 'at' | 'note'>,
): Promise<void> {
  await tx.update(regressionAssignments).set(said).where(eq(regressionAssignments.id, id));
}

/** Absences that touch these days. They belong to the cadence: whoever is away has no duty either. */
export async function awayBetween(db: Executor, from: string, to: string): Promise<Away[]> {
  return db
    .select({ person: absences.person, from: absences.fromDay, to: absences.toDay })
    .from(absences)
    .where(and(sql`${absences.endedAt} is null`, gte(absences.toDay, from), sql`${absences.fromDay} <= ${to}`))
    .orderBy(absences.fromDay, absences.id);
}

export async function insertAbsence(tx: Tx, away: Away, setBy: string, now: Date): Promise<void> {
  const { person, from, to } = away;
  await tx.insert(absences).values({ person, fromDay: from, toDay: to, setBy, setAt: now });
}

/** Ends a person's absences from `today` on: those that run end yesterday, those to come never are. @returns how many */
export async function endAbsences(tx: Tx, person: string, today: string, now: Date): Promise<number> {
  const { rows } = await tx.execute(sql`
    update absences set to_day = case when from_day < ${today} then ${today}::date - 1 else to_day end,
      ended_at = case when from_day < ${today} then null else ${now.toISOString()}::timestamptz end
    where person = ${person} and ended_at is null and to_day >= ${today} returning id`);
  return rows.length;
}

/**
 * Who takes turns today: the policy's testers, or the operators; without those who can do nothing here (R7). Null while a user group that
 * decides it has not been read within an hour: nobody is thrown out on a guess.
 */
export async function testersNow(db: Executor, policy: Policy, now: Date): Promise<string[] | null> {
  const given = policy.regression?.testers ?? [];
  const { users, usergroup } = given.length ? { users: given, usergroup: undefined } : policy.roles.operators;
  const members = usergroup === undefined ? [] : await membersOf(db, usergroup, now);
  if (!members) return null;
  const all = [...new Set([...users, ...members])].sort();
  const gone = await goneOf(db, all);
  return all.filter((id) => !gone.has(id));
}

/** How many months back count for who had fewer turns. */
const LOOK_BACK = 3;

/** Who tested what before a month, and how often in the three months before it. */
export async function historyBefore(db: Executor, month: string): Promise<History> {
  const a = regressionAssignments;
  const rows = await db
    .select()
    .from(a)
    .where(and(lt(a.month, month), gte(a.month, addMonths(month, -LOOK_BACK))))
    .orderBy(a.day, a.start, a.id);
  const testers = new Map(rows.map((row) => [areaName(row), row.tester]));
  const areas = new Map(rows.map((row) => [row.tester, areaName(row)]));
  const counts = new Map<string, number>();
  for (const { tester } of rows) counts.set(tester, (counts.get(tester) ?? 0) + 1);
  return { testers, areas, counts };
}

/** Writes what a plan changed of a month. @returns each assignment that is another now, by day, and the offers to swap that are off by that */
export async function writePlan(
  tx: Tx,
  about: { month: string; areas: readonly RegressionArea[] },
  before: readonly Assignment[],
  plan: Plan,
): Promise<{ moved: Moved[]; off: Offer[] }> {
  const moved: Moved[] = [];
  const known = new Map(before.map((a) => [a.id, a]));
  for (const turn of plan.turns) {
    const { area, id, ...place } = turn;
    const was = id === null ? undefined : known.get(id);
    if (was && was.day === turn.day && was.start === turn.start && was.tester === turn.tester) continue;
    const named = about.areas.find((a) => areaName(a) === area);
    const [row] = was
      ? await tx.update(regressionAssignments).set(place).where(eq(regressionAssignments.id, was.id)).returning()
      : await tx
          .insert(regressionAssignments)
          .values({ ...place, month: about.month, wallet: named?.wallet ?? area, feature: named?.feature ?? area })
          .returning();
    moved.push({ before: was ?? null, after: row as Assignment });
  }
  const placed = moved.flatMap((m) => (m.before ? [m.before.id] : []));
  const off = await voidSwaps(tx, [...placed, ...plan.dropped]);
  if (plan.dropped.length) {
    await tx.delete(regressionAssignments).where(inArray(regressionAssignments.id, plan.dropped));
    for (const id of plan.dropped) moved.push({ before: known.get(id) ?? null, after: null });
  }
  return { moved, off };
}

/** Writes a month's row, new or again. */
export async function writeMonth(tx: Tx, month: Month, replannedAt: Date | null): Promise<void> {
  const { roster, areas, leftOut } = month;
  await tx
    .insert(regressionMonths)
    .values({ ...month, replannedAt })
    .onConflictDoUpdate({ target: regressionMonths.month, set: { roster, areas, leftOut, replannedAt } });
}

export async function isPlanned(db: Executor, month: string): Promise<boolean> {
  const { rowCount } = await db.execute(sql`select from regression_months where month = ${month}`);
  return Boolean(rowCount);
}

/** Whether any month with from ≤ month < before is planned. */
export async function plannedSince(db: Executor, from: string, before: string): Promise<boolean> {
  const { rows } = await db.execute(
    sql`select from regression_months where month >= ${from} and month < ${before} limit 1`,
  );
  return rows.length > 0;
}

/** Notes as missed what nobody said anything of until its day was over. @returns those */
export async function markMissed(tx: Tx, today: string): Promise<Assignment[]> {
  const a = regressionAssignments;
  return tx
    .update(a)
    .set({ state: 'missed' })
    .where(and(eq(a.state, 'planned'), lt(a.day, today)))
    .returning();
}

/** Offers to swap that are about an assignment that was done, or changed hands or day, are off. @returns those, by their age */
export async function voidSwaps(tx: Tx, ids: readonly number[]): Promise<Offer[]> {
  if (!ids.length) return [];
  const s = regressionSwaps;
  const about = or(inArray(s.mine, [...ids]), inArray(s.theirs, [...ids]));
  const rows = await tx
    .update(s)
    .set({ state: 'void' })
    .where(and(eq(s.state, 'open'), about))
    .returning();
  return rows.sort((a, b) => a.id - b.id);
}

/** Notes an offer to swap. @returns its id; null when the same one is open already */
export async function insertSwap(tx: Tx, mine: Assignment, theirs: Assignment, now: Date): Promise<number | null> {
  const [row] = await tx
    .insert(regressionSwaps)
    .values({ mine: mine.id, theirs: theirs.id, asker: mine.tester, asked: theirs.tester, askedAt: now })
    .onConflictDoNothing()
    .returning({ id: regressionSwaps.id });
  return row?.id ?? null;
}

/** An offer with both assignments, all locked; undefined when there is none of that id. */
export async function lockSwap(tx: Tx, id: number): Promise<Swap | undefined> {
  const [found] = await tx.select().from(regressionSwaps).where(eq(regressionSwaps.id, id));
  if (!found) return undefined;
  const [mine, theirs] = await lockAssignments(tx, [found.mine, found.theirs]);
  const [row] = await tx.select().from(regressionSwaps).where(eq(regressionSwaps.id, id)).for('update');
  return row && mine && theirs && { id, mine, theirs, asker: row.asker, asked: row.asked, state: row.state };
}

export async function writeSwap(tx: Tx, id: number, state: 'agreed' | 'declined', now: Date): Promise<void> {
  await tx.update(regressionSwaps).set({ state, answeredAt: now }).where(eq(regressionSwaps.id, id));
}

/** Two assignments change testers. */
export async function exchangeTesters(tx: Tx, a: Assignment, b: Assignment): Promise<void> {
  for (const [id, tester] of [
    [a.id, b.tester],
    [b.id, a.tester],
  ] as const)
    await tx.update(regressionAssignments).set({ tester }).where(eq(regressionAssignments.id, id));
}

/** What of a month's coverage is in the channel. */
export async function reportOf(
  db: Executor,
  month: string,
): Promise<{ reported: string | null; reporting: Sharing | null } | undefined> {
  const [row] = await db
    .select({ reported: regressionMonths.reported, reporting: regressionMonths.reporting })
    .from(regressionMonths)
    .where(eq(regressionMonths.month, month));
  return row;
}

/** Planned months with from ≤ month < before whose coverage is not in the channel yet, the earliest first. */
export async function unreported(db: Executor, from: string, before: string): Promise<string[]> {
  const { rows } = await db.execute<{ month: string }>(
    sql`select month from regression_months where month >= ${from} and month < ${before} and reported is null order by month`,
  );
  return rows.map((row) => row.month);
}

export async function writeReported(
  db: Executor,
  month: string,
  set: { reported?: string; reporting?: Sharing | null },
): Promise<void> {
  await db.update(regressionMonths).set(set).where(eq(regressionMonths.month, month));
}

/** How much of a month is covered, for a line; null when it is not planned. */
export async function coveredOf(db: Executor, month: string): Promise<{ covered: number; areas: number } | null> {
  const { rows } = await db.execute<{ areas: number; covered: number }>(sql`
    select jsonb_array_length(m.areas) as areas, (select count(distinct (a.wallet, a.feature))::int from regression_assignments a
      where a.month = m.month and a.state in ('passed', 'failed')
        and m.areas @> jsonb_build_array(jsonb_build_object('wallet', a.wallet, 'feature', a.feature))) as covered
    from regression_months m where m.month = ${month}`);
  return rows[0] ?? null;
}
