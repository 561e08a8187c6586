import { localTime, minuteOfDay } from '../../base/zone.ts';

/** What the clock on the wall shows in an IANA zone: the day (YYYY-MM-DD) and the minutes after its midnight. @throws RangeError: no such zone */
export function wallClock(zone: string, at: Date): { day: string; minute: number } {
  const local = localTime(zone, at);
  return { day: local.slice(0, 10), minute: minuteOfDay(local) };
}
