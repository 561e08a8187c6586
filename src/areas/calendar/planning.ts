// Making a month and planning its rest again, inside a caller's transaction: rows, audit event, and a DM to everybody concerned, in their hours (R23).

import type { RegressionArea } from '../../base/policy.ts';
import { doneOn } from '../../base/today.ts';
import { workdayBefore } from '../../base/zone.ts';
import type { Cause } from '../../db/act.ts';
import { record } from '../../db/audit.ts';
import type { Executor, Tx } from '../../db/client.ts';
import { addJob, post, postInHours } from '../../db/outbox.ts';
import { zonesOf } from '../../db/people.ts';
import { type Deps, minuteOf, sectionOf, todayOf } from './deps.ts';
import { concerned, leftOutLine, madeLine, movedMessage, offSays, yoursLine } from './lines.ts';
import { areaName, planMonth, plannedAway, rosterNow, stranded, workdays } from './month-rules.ts';
import type { Plan } from './plan-types.ts';
import { assignmentsOf, awayBetween, historyBefore, writeMonth, writePlan } from './store.ts';
import type { Assignment, Away, Month, MonthFacts, MonthView, Moved, Offer, Span } from './types.ts';

/** Reads everything that decides about a month's plan. */
async function factsOf(tx: Executor, deps: Deps, month: string, roster: Span[], now: Date): Promise<MonthFacts> {
  const { starts, areas } = sectionOf(deps.policy);
  const { holidays } = deps.policy.team;
  return {
    month,
    today: todayOf(deps, now),
    minute: minuteOf(deps, now),
    holidays,
    starts,
    areas,
    roster,
    away: await awayOn(tx, deps, workdays(month, holidays), now),
    assignments: await assignmentsOf(tx, month),
    history: await historyBefore(tx, month),
  };
}

/** Who is away on which of these working days of the plan, in order. */
export async function awayOn(tx: Executor, { policy }: Deps, days: readonly string[], now: Date): Promise<Away[]> {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return [];
  const { team } = policy;
  const away = await awayBetween(tx, workdayBefore(first, team.holidays), last);
  const people = away.map((a) => a.person);
  const zoneOf = await zonesOf(tx, policy, people, now);
  return plannedAway(away, days, (person, day) => doneOn(zoneOf(person), team, day));
}

/** What a month that is not planned yet would be like, made now. Ids count from 1. @param testers today's */
export async function preview(db: Executor, deps: Deps, month: string, testers: readonly string[]): Promise<MonthView> {
  const now = deps.clock();
  const roster = rosterNow(month, todayOf(deps, now), [], testers);
  const f = await factsOf(db, deps, month, roster, now);
  const plan = planMonth(f);
  const assignments = plan.turns.map(({ area, ...turn }, i) => {
    const { wallet, feature } = f.areas.find((a) => areaName(a) === area) as RegressionArea;
    const rest = { month, state: 'planned' as const, by: null, at: null, note: null };
    return { ...turn, ...rest, wallet, feature, id: i + 1 };
  });
  const row = { month, plannedAt: now, plannedBy: '', roster, areas: [...f.areas], leftOut: leftOutOf(plan, f) };
  return { month: row, assignments };
}

function leftOutOf(plan: Plan, f: MonthFacts): Month['leftOut'] {
  return f.areas
    .filter((area) => plan.leftOut.includes(areaName(area)))
    .map(({ wallet, feature }) => ({ wallet, feature }));
}

/** Makes a month that is not planned yet, and tells the channel and its testers. @param testers today's */
export async function make(
  tx: Tx,
  deps: Deps,
  cause: Cause,
  month: string,
  testers: readonly string[],
): Promise<Month> {
  const now = deps.clock();
  const roster = rosterNow(month, todayOf(deps, now), [], testers);
  const f = await factsOf(tx, deps, month, roster, now);
  const plan = planMonth(f);
  const leftOut = leftOutOf(plan, f);
  const made: Month = { month, plannedAt: now, plannedBy: cause.actor, roster, areas: [...f.areas], leftOut };
  await writeMonth(tx, made, null);
  await writePlan(tx, f, [], plan);
  const data = { tests: plan.turns.length, testers, leftOut: plan.leftOut, short: plan.short };
  await record(tx, cause, { verb: 'plan', subject: `regression ${month}`, data }, now);
  const all = await assignmentsOf(tx, month);
  const { releases } = deps.policy.workspace.channels;
  await post(tx, { role: 'line', target: releases, text: madeLine(made, all, plan.short.length) });
  for (const person of testers) {
    const mine = all.filter((a) => a.tester === person);
    if (mine.length) await postInHours(tx, person, yoursLine(month, mine));
    await redrawHome(tx, person);
  }
  if (leftOut.length) await tellOwner(tx, deps, month, leftOut, all);
  return made;
}

/** Who takes turns and what is tested, when they are others than the month was planned with. */
function differs(deps: Deps, month: Month, roster: readonly Span[]): boolean {
  // Field by field: the database keeps the fields of a jsonb in an order of its own.
  const spans = (all: readonly Span[]) => JSON.stringify(all.map(({ id, from, to }) => [id, from, to]));
  const areas = (all: readonly RegressionArea[]) =>
    JSON.stringify(all.map(({ wallet, feature, key, times }) => [wallet, feature, key, times]));
  return spans(roster) !== spans(month.roster) || areas(sectionOf(deps.policy).areas) !== areas(month.areas);
}

/**
 * Plans the rest of a month again with the least change (R21), and tells those concerned. The month is locked by the caller.
 * @param testers today's @param why for a DM, in mrkdwn; left out: only when testers, areas or days off are others than before
 * @param told who reads in an answer what it changes for them, and gets no DM
 * @returns what changed, by day
 */
export async function replan(
  tx: Tx,
  deps: Deps,
  cause: Cause,
  month: Month,
  testers: readonly string[],
  why?: string,
  told?: string,
): Promise<Moved[]> {
  const now = deps.clock();
  const today = todayOf(deps, now);
  const roster = rosterNow(month.month, today, month.roster, testers);
  const others = differs(deps, month, roster) ? 'testers or areas changed' : undefined;
  const f = await factsOf(tx, deps, month.month, roster, now);
  const off = !others && !why && stranded(f) ? 'a day is off or a tester away' : undefined;
  const said = [others, why, off].filter(Boolean).join(' and ');
  const reason = said.charAt(0).toUpperCase() + said.slice(1);
  if (!reason) return [];
  if (!workdays(month.month, f.holidays).some((day) => day >= today)) return [];
  const plan = planMonth(f);
  const { moved, off: offers } = await writePlan(tx, f, f.assignments, plan);
  const leftOut = leftOutOf(plan, f);
  await writeMonth(tx, { ...month, roster, areas: [...f.areas], leftOut }, now);
  const changes = moved.map(({ before, after }) => ({
    id: (after ?? before)?.id,
    before: placeOf(before),
    after: placeOf(after),
  }));
  await record(
    tx,
    cause,
    { verb: 'replan', subject: `regression ${month.month}`, data: { why: reason, changes, leftOut } },
    now,
  );
  for (const person of concerned(moved)) {
    const text = movedMessage(moved, person, reason);
    if (text && person !== told) await postInHours(tx, person, text);
    await redrawHome(tx, person);
  }
  await tellOff(tx, offers, 'the plan changed');
  const known = new Set(month.leftOut.map(areaName));
  const fresh = leftOut.filter((area) => !known.has(areaName(area)));
  if (fresh.length) await tellOwner(tx, deps, month.month, fresh, f.assignments);
  return moved;
}

function placeOf(a: Moved['before']) {
  return a && { day: a.day, start: a.start, tester: a.tester };
}

/** Whoever waits for an answer to an offer that is off hears so. @param by whoever knows it, for it was their doing */
export async function tellOff(tx: Tx, offers: readonly Offer[], why: string, by?: string): Promise<void> {
  for (const offer of offers) if (offer.asker !== by) await postInHours(tx, offer.asker, offSays(offer, why));
}

/** Whoever answers for the calendar hears of areas that nobody has the time for. */
async function tellOwner(
  tx: Tx,
  deps: Deps,
  month: string,
  leftOut: Month['leftOut'],
  assignments: readonly Assignment[],
): Promise<void> {
  const { owner } = sectionOf(deps.policy);
  const text = leftOutLine({ month, leftOut }, assignments);
  await postInHours(tx, owner, text);
}

/** Has somebody's App Home drawn again. */
export async function redrawHome(tx: Tx, person: string): Promise<void> {
  await addJob(tx, 'homes', { person }, { key: `home:${person}` });
}
