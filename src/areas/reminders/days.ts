import { addDays, isWorkday, localTime, minuteOfDay, offsetAt } from '../../base/zone.ts';

/** What the clock on the wall shows in an IANA zone: the day (YYYY-MM-DD) and the minutes after its midnight. @throws RangeError: no such zone */
export function wallClock(zone: string, at: Date): { day: string; minute: number } {
  const local = localTime(zone, at);
  return { day: local.slice(0, 10), minute: minuteOfDay(local) };
}

/** Whether this zone is known. @param at any moment */
export function isZone(zone: string, at: Date): boolean {
  try {
    offsetAt(zone, at);
    return true;
  } catch {
    return false;
  }
}

/** The last working day before `day`. A year is looked through at most: who never works has none, and gets the day before. */
export function workdayBefore(day: string, holidays: readonly string[]): string {
  return workdayNear(day, -1, holidays);
}

/** The first working day after `day`, in the same way. */
export function workdayAfter(day: string, holidays: readonly string[]): string {
  return workdayNear(day, 1, holidays);
}

function workdayNear(day: string, step: 1 | -1, holidays: readonly string[]): string {
  for (let far = 1; far <= 366; far++) {
    const near = addDays(day, far * step);
    if (isWorkday(near, holidays)) return near;
  }
  return addDays(day, step);
}

/** The Monday of the day's week. */
export function mondayOf(day: string): string {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return addDays(day, -((weekday + 6) % 7));
}
