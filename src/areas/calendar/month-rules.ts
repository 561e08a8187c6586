import type { RegressionArea } from '../../base/policy.ts';
import { addDays, isWorkday } from '../../base/zone.ts';
import type { Demand, Plan, PlanInput, Tester, Turn } from './plan-types.ts';
import { plan } from './rules.ts';
import { inOrder } from './turn-rules.ts';
import type { Assignment, Away, CellState, MonthFacts, Span } from './types.ts';

/** An area by name, as test runs name it. */
export function areaName(area: { wallet: string; feature: string }): string {
  return `${area.wallet} × ${area.feature}`;
}

/** YYYY-MM of a local day. */
export const monthOf = (day: string) => day.slice(0, 7);

/** The month after (or, negative, before) this one. @param month YYYY-MM */
export function addMonths(month: string, months: number): string {
  const at = new Date(`${month}-01T00:00Z`);
  at.setUTCMonth(at.getUTCMonth() + months);
  return at.toISOString().slice(0, 7);
}

/** The last day of a month, YYYY-MM-DD. */
function lastDay(month: string): string {
  return addDays(`${addMonths(month, 1)}-01`, -1);
}

/** The working days of a month (R21: holidays are off). */
export function workdays(month: string, holidays: readonly string[]): string[] {
  const days: string[] = [];
  for (let day = `${month}-01`; monthOf(day) === month; day = addDays(day, 1)) {
    if (isWorkday(day, holidays)) days.push(day);
  }
  return days;
}

/** R21: from this day on a month makes itself: three working days before it begins. */
export function makeDay(month: string, holidays: readonly string[]): string {
  let day = `${month}-01`;
  for (let left = 3, back = 0; left > 0 && back < 60; back++) {
    day = addDays(day, -1);
    if (isWorkday(day, holidays)) left--;
  }
  return day;
}

/**
 * On which planned days people are away (R21): their absences are days of their own, and some do a day's tests on their working day before (R23).
 * @param away in their days @param days the working days that are looked at @param doneOn the day of theirs on which somebody does what is planned for a day
 */
export function plannedAway(
  away: readonly Away[],
  days: readonly string[],
  doneOn: (person: string, day: string) => string,
): Away[] {
  return away.flatMap((a) => {
    const { person } = a;
    if (days.every((day) => doneOn(person, day) === day)) return [a];
    return days
      .filter((day) => isAway([a], person, doneOn(person, day)))
      .map((day) => ({ person, from: day, to: day }));
  });
}

export function isAway(away: readonly Away[], person: string, day: string): boolean {
  return away.some((a) => a.person === person && a.from <= day && day <= a.to);
}

/** Who takes turns in the month, as it changes: who joins does from today on, who leaves did until yesterday. @param now ids of today's testers */
export function rosterNow(month: string, today: string, before: readonly Span[], now: readonly string[]): Span[] {
  const [first, last] = [`${month}-01`, lastDay(month)];
  const begin = today > first ? today : first;
  const gone = addDays(begin, -1);
  const stay = before.flatMap((span): Span[] => {
    if (now.includes(span.id) || span.to < begin) return [span];
    return span.from > gone ? [] : [{ ...span, to: gone }];
  });
  const here = new Set(stay.filter((span) => span.to >= begin).map((span) => span.id));
  const from = before.length ? begin : first;
  return [...stay, ...now.filter((id) => !here.has(id)).map((id) => ({ id, from, to: last }))];
}

/** The first day that is planned anew: tomorrow, for today has begun; today when it is the month's last working day. */
function planFrom(f: Pick<MonthFacts, 'month' | 'today' | 'holidays'>): string {
  const tomorrow = addDays(f.today, 1);
  return workdays(f.month, f.holidays).some((day) => day >= tomorrow) ? tomorrow : f.today;
}

/**
 * Plans the rest of a month (R21): all of one that has not begun. What was done, missed or skipped stays, and so do the turns of today
 * unless their tester is away.
 */
export function planMonth(f: MonthFacts): Plan {
  return plan(planInput(f));
}

/** What the rule of the plan is given for this month. */
export function planInput(f: MonthFacts): PlanInput {
  const all = workdays(f.month, f.holidays);
  const from = planFrom(f);
  // Where only today is left, what of it is still to come.
  const { minute = 0 } = f;
  const left = from === f.today ? f.starts.filter((start) => start >= minute) : f.starts;
  const days = left.length ? all.filter((day) => day >= from) : [];
  const there = (span: Span, day: string) => span.from <= day && day <= span.to && !isAway(f.away, span.id, day);
  const present = (id: string, day: string) => f.roster.some((span) => span.id === id && there(span, day));
  const begun = (a: Assignment) => a.day === f.today && a.start < minute;
  const moves = (a: Assignment) =>
    a.state === 'planned' && ((a.day >= from && !begun(a)) || (a.day >= f.today && !present(a.tester, a.day)));
  const turns = f.assignments.filter(moves).map(turnOf);
  const fixed = f.assignments.filter((a) => !moves(a));
  const lastFixed = [...fixed].sort((a, b) => inOrder(turnOf(a), turnOf(b)));
  const testers = [...new Set(f.roster.map((span) => span.id))].sort().map((id): Tester => {
    const last = lastFixed.findLast((a) => a.tester === id);
    return {
      id,
      days: all.filter((day) => present(id, day)).length,
      free: days.filter((day) => present(id, day)),
      fixed: fixed.filter((a) => a.tester === id).length,
      before: f.history.counts.get(id) ?? 0,
      last: last ? areaName(last) : (f.history.areas.get(id) ?? null),
    };
  });
  const demands = f.areas.map((area): Demand => demandOf(f, area, lastFixed));
  return {
    days,
    starts: left.length ? left : f.starts,
    demands,
    testers: testers.filter((t) => t.free.length || t.fixed),
    turns,
  };
}

/** Whether a turn to come is on a day that is a holiday by now, or its tester is not there then: the rest of the month is planned again. */
export function stranded(f: MonthFacts): boolean {
  const there = ({ tester, day }: Assignment) =>
    f.roster.some((s) => s.id === tester && s.from <= day && day <= s.to) && !isAway(f.away, tester, day);
  return f.assignments.some(
    (a) =>
      a.state === 'planned' && a.day >= f.today && (!there(a) || (a.day > f.today && !isWorkday(a.day, f.holidays))),
  );
}

/** A missed turn was one of the area's, but covers nothing: an area that was only missed is planned once more. */
function demandOf(f: MonthFacts, area: RegressionArea, fixed: readonly Assignment[]): Demand {
  const name = areaName(area);
  const own = fixed.filter((a) => areaName(a) === name);
  const covered = own.some((a) => a.state !== 'missed');
  const left = Math.max(area.times - own.length, 0);
  return {
    area: name,
    key: area.key,
    turns: covered ? left : Math.max(left, 1),
    covered,
    last: own.at(-1)?.tester ?? f.history.testers.get(name) ?? null,
  };
}

function turnOf(a: Assignment): Turn {
  return { id: a.id, area: areaName(a), tester: a.tester, day: a.day, start: a.start };
}

/**
 * How far every area is. The last that was said of it counts: an area that failed and then passed is tested.
 * @param areas of the policy or the month @param today YYYY-MM-DD: turns before it that nobody said anything of are missed
 */
export function coverage(
  areas: readonly RegressionArea[],
  assignments: readonly Assignment[],
  today: string,
): CellState[] {
  return areas.map(({ wallet, feature, key }) => {
    const own = assignments.filter((a) => a.wallet === wallet && a.feature === feature);
    const said = own.filter((a) => a.state === 'passed' || a.state === 'failed').sort(bySaid);
    const open = own.some((a) => a.state === 'planned' && a.day >= today);
    const last = said.at(-1)?.state as 'passed' | 'failed' | undefined;
    const state =
      last ??
      (open ? 'todo' : own.some((a) => a.state === 'skipped') ? 'skipped' : own.length ? 'missed' : ('none' as const));
    return { wallet, feature, key, state, tested: said.length, planned: own.length };
  });
}

function bySaid(a: Assignment, b: Assignment): number {
  return Number(a.at) - Number(b.at) || a.id - b.id;
}
