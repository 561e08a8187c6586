import { CronExpressionParser } from 'cron-parser';
import type { Schedule } from '../base/schedule.ts';
import { isWorkday, momentOf, offsetAt } from '../base/zone.ts';

/** What decides when a schedule comes round. */
export interface Plan {
  /** Cron lines of five fields. */
  cron: readonly string[];
  /** IANA name. */
  zone: string;
  /** Monday to Friday without holidays only. */
  workdays: boolean;
}

/** When a schedule comes round, in a team of that zone. */
export function planOf(schedule: Schedule, teamZone: string): Plan {
  const zone = schedule.zone === 'team' ? teamZone : 'Etc/UTC';
  return { cron: schedule.cron, zone, workdays: schedule.days === 'working' };
}

/** One time a plan comes round. */
export interface Time {
  /** `2027-03-01T09:00`, by the clock on the wall in the plan's zone. */
  local: string;
  at: Date;
}

const DAY = 86_400_000;
const MINUTE = 60_000;
/** Ten working days off in a row happen; a line that fits none on this many of its days never will. */
const FRUITLESS = 1_000;

/**
 * The first occurrence after `after`; null when there is none (Saturdays that are working days).
 * R22: cron lines mean local times, whether clocks change that day or not; each is then turned into its moment (see `momentOf`).
 * @throws what cron-parser throws for a line that is none, and RangeError for a zone that is none
 */
export function nextTime(plan: Plan, holidays: readonly string[], after: Date): Time | null {
  const from = wallBefore(plan.zone, after);
  let found: Time | undefined;
  for (const line of plan.cron) {
    const fruitless = new Set<string>();
    for (const local of locals(line, from)) {
      const day = local.slice(0, 10);
      if (plan.workdays && !isWorkday(day, holidays)) {
        if (fruitless.add(day).size > FRUITLESS) break;
        continue;
      }
      const at = momentOf(plan.zone, local);
      if (at <= after) continue;
      if (!found || earlier({ local, at }, found)) found = { local, at };
      break;
    }
  }
  // A skipped time is done after ones that the clock shows later: one of those may come first.
  return found ? (timesBetween(plan, holidays, after, found.at)[0] ?? found) : null;
}

/** Every occurrence with after < at ≤ until, in order; of one moment, the earlier local time first. */
export function timesBetween(plan: Plan, holidays: readonly string[], after: Date, until: Date): Time[] {
  const from = wallBefore(plan.zone, after);
  const to = new Date(
    until.getTime() +
      Math.max(offsetAt(plan.zone, until), offsetAt(plan.zone, new Date(until.getTime() - DAY - MINUTE))),
  )
    .toISOString()
    .slice(0, 16);
  const found = new Map<string, Time>();
  for (const line of plan.cron) {
    for (const local of locals(line, from)) {
      if (local > to) break;
      if (plan.workdays && !isWorkday(local.slice(0, 10), holidays)) continue;
      const at = momentOf(plan.zone, local);
      if (at > after && at <= until) found.set(local, { local, at });
    }
  }
  return [...found.values()].sort((a, b) => (earlier(a, b) ? -1 : 1));
}

/** A longer list than this is not looked through for what a beat does: a minute's schedule has as many in a week. */
const ENOUGH = 10_000;

/**
 * What a schedule has due that was due first at `first`: all of it, or of very much (a minute's schedule after an outage of months) the
 * last times only, at least `ENOUGH` of them and all within the grace. So a beat takes its time whatever the outage took.
 */
export function dueTimes(
  plan: Plan,
  holidays: readonly string[],
  first: Date,
  now: Date,
  graceMinutes: number,
): Time[] {
  const before = first.getTime() - 1;
  for (let span = DAY + graceMinutes * MINUTE; ; span *= 2) {
    const from = Math.max(before, now.getTime() - span);
    const found = timesBetween(plan, holidays, new Date(from), now);
    if (from === before || found.length >= ENOUGH) return found;
  }
}

function earlier(a: Time, b: Time): boolean {
  return a.at < b.at || (a.at.getTime() === b.at.getTime() && a.local < b.local);
}

/**
 * A wall clock's time, as ms of UTC, that no local time of a later moment is before. Around a change of clocks that is the smaller
 * of both readings: a skipped time is told by the clock as it went before, up to a day ago.
 */
function wallBefore(zone: string, at: Date): Date {
  const before = offsetAt(zone, new Date(at.getTime() - DAY - MINUTE));
  return new Date(at.getTime() + Math.min(offsetAt(zone, at), before));
}

/** The local times of a cron line after a wall clock's time, without end or until the line fits nothing any more. */
function* locals(line: string, from: Date): Generator<string> {
  // In UTC no local time is skipped or repeated: the parser says what the line means, the zone comes after.
  for (const time of CronExpressionParser.parse(line, { currentDate: from, tz: 'UTC' }))
    yield time.toDate().toISOString().slice(0, 16);
}

/** What is done about the times that are due: some are fired, the newest of those that are not may be noted. */
export interface Verdict {
  /** In their order. `passed`: how many before it were given up. */
  fire: (Time & { late: boolean; passed: number })[];
  /** The newest that is given up, when nothing makes up for it. */
  skip: (Time & { passed: number }) | null;
}

/**
 * R22, after an outage. Times not over `graceMinutes` old are done, each of them. Of older ones the newest is made up for where the row
 * says once, unless a younger one is done anyway; the others are given up.
 * @param due in order
 */
export function judge(
  due: readonly Time[],
  row: { afterOutage: 'once' | 'skip'; graceMinutes: number },
  now: Date,
): Verdict {
  const limit = now.getTime() - row.graceMinutes * MINUTE;
  const inTime = due.filter(({ at }) => at.getTime() >= limit);
  const old = due.filter(({ at }) => at.getTime() < limit);
  const newest = old.at(-1);
  const [first, ...rest] = inTime.map((time) => ({ ...time, late: false, passed: 0 }));
  if (!newest) return { fire: first ? [first, ...rest] : [], skip: null };
  if (row.afterOutage === 'skip') {
    return { fire: first ? [first, ...rest] : [], skip: { ...newest, passed: old.length - 1 } };
  }
  if (first) return { fire: [{ ...first, passed: old.length }, ...rest], skip: null };
  return { fire: [{ ...newest, late: true, passed: old.length - 1 }], skip: null };
}
