import { addDays, isWorkday, localDay, momentOf } from '../../base/zone.ts';
import type { Person } from './types.ts';

/** When people work. */
export interface WorkHours {
  /** In minutes after local midnight. */
  hours: { start: number; end: number };
  /** Local days off. */
  holidays: readonly string[];
}

type Who = Pick<Person, 'zone' | 'away'>;
interface Stretch {
  start: Date;
  end: Date;
}

const MINUTE = 60_000;
/** Who works so long between a slot's proposal and its beginning has time to look, or to find somebody. */
const ENOUGH_MS = 30 * MINUTE;
/** Who does not hears of it in the last hour of work before. */
const EARLIER_MS = 60 * MINUTE;
/** So many days off in a row happen. */
const BACK_DAYS = 30;

/** When somebody works on a local day of theirs; null on a day off, or while they are away. */
function stretchOf({ zone, away }: Who, rules: WorkHours, day: string): Stretch | null {
  if (!isWorkday(day, rules.holidays) || away.some(({ from, to }) => from <= day && day <= to)) return null;
  return { start: clockOn(zone, day, rules.hours.start), end: endOfWork(zone, rules, day) };
}

/** When work is over on a local day, in a zone. */
export function endOfWork(zone: string, rules: WorkHours, day: string): Date {
  return clockOn(zone, day, rules.hours.end);
}

function clockOn(zone: string, day: string, minutes: number): Date {
  const clock = [Math.floor(minutes / 60), minutes % 60].map((n) => `${n}`.padStart(2, '0')).join(':');
  return momentOf(zone, `${day}T${clock}`);
}

/** R23: whether somebody is at work at `at`, by their own clock. */
export function isAtWork(who: Who, rules: WorkHours, at: Date): boolean {
  const stretch = stretchOf(who, rules, localDay(who.zone, at));
  return stretch !== null && stretch.start <= at && at < stretch.end;
}

/** How long somebody works between two moments, in ms. */
function worked(who: Who, rules: WorkHours, from: Date, to: Date): number {
  let sum = 0;
  const last = localDay(who.zone, to);
  for (let day = localDay(who.zone, from); day <= last; day = addDays(day, 1)) {
    const stretch = stretchOf(who, rules, day);
    if (stretch) sum += Math.max(0, Math.min(+stretch.end, +to) - Math.max(+stretch.start, +from));
  }
  return sum;
}

/** R23: whether somebody works between two moments, long enough to hear of a thing and to do it. */
export function worksBetween(who: Who, rules: WorkHours, from: Date, to: Date): boolean {
  return worked(who, rules, from, to) >= ENOUGH_MS;
}

/**
 * R9, R23: from when on somebody hears of what a slot lacks: from its proposal on, or earlier where they hardly work between that and its
 * beginning (it begins with their day, or in their night): in the last hour of work before.
 */
export function heardFrom(who: Who, rules: WorkHours, proposed: Date, begins: Date): Date {
  if (worksBetween(who, rules, proposed, begins)) return proposed;
  for (let back = 0; back <= BACK_DAYS; back++) {
    const stretch = stretchOf(who, rules, addDays(localDay(who.zone, proposed), -back));
    if (!stretch || stretch.start >= proposed) continue;
    const end = Math.min(+stretch.end, +proposed);
    return new Date(Math.max(+stretch.start, end - EARLIER_MS));
  }
  return proposed;
}
