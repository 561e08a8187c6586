// Local times: what the clock on the wall says in an IANA zone, as `2027-03-01T09:00`.

const MINUTE = 60_000;
const DAY = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(zone, format);
  }
  return format;
}

/** How far the zone's clock is ahead of UTC at that moment, in ms; negative west of Greenwich. @throws RangeError: no such zone */
export function offsetAt(zone: string, at: Date): number {
  if (zone === 'Etc/UTC' || zone === 'UTC') return 0;
  const part: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(at)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  return wall - Math.floor(at.getTime() / 1000) * 1000;
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

/** The local time in the zone, to the minute: `2027-03-01T09:00`. */
export function localTime(zone: string, at: Date): string {
  return new Date(at.getTime() + offsetAt(zone, at)).toISOString().slice(0, 16);
}

/** The local day in the zone: `2027-03-01`. */
export function localDay(zone: string, at: Date): string {
  return localTime(zone, at).slice(0, 10);
}

/**
 * The moment of a local time. R22, as in RFC 5545 (3.3.5): a time that is skipped when clocks go forward means as much later as they
 * jump (02:30 is 03:30); one that comes twice when they go back means its first.
 * @param local `2027-03-01T09:00`, seconds may follow
 */
export function momentOf(zone: string, local: string): Date {
  const wall = Date.parse(`${local}Z`);
  const before = offsetAt(zone, new Date(wall - DAY));
  const after = offsetAt(zone, new Date(wall + DAY));
  const first = new Date(wall - before);
  // Under the offset before: right unless the clocks changed in between, and then it is either the first of two or skipped.
  if (before === after || offsetAt(zone, first) === before) return first;
  const second = new Date(wall - after);
  return offsetAt(zone, second) === after ? second : first;
}

/**
 * The jump of the clocks in which a local time was left out: what they showed last, and next, as `2027-03-28T01:00` and `2027-03-28T02:00`; undefined
 * for a time that there is. @param local as for `momentOf`
 */
export function skipOf(zone: string, local: string): { from: string; to: string } | undefined {
  const wall = Date.parse(`${local}Z`);
  const at = momentOf(zone, local);
  if (at.getTime() + offsetAt(zone, at) === wall) return undefined;
  const before = offsetAt(zone, new Date(wall - DAY));
  const after = offsetAt(zone, new Date(wall + DAY));
  // The clocks jump after the first, and at the second or before it.
  let [early, late] = [wall - after, wall - before];
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2);
    if (offsetAt(zone, new Date(middle)) === before) early = middle;
    else late = middle;
  }
  const [from = '', to = ''] = [before, after].map((offset) => new Date(late + offset).toISOString().slice(0, 16));
  return { from, to };
}

/** The day after `day` by `days` (negative: before): `2027-03-01`. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

/** Whether people work on that local day: Monday to Friday, and no holiday of the team. */
export function isWorkday(day: string, holidays: readonly string[]): boolean {
  const weekday = new Date(`${day}T00:00Z`).getUTCDay();
  return weekday !== 0 && weekday !== 6 && !holidays.includes(day);
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

/** Minutes after local midnight of `2027-03-01T09:00` or `09:00`. */
export function minuteOfDay(local: string): number {
  const time = local.slice(-5);
  return (Date.parse(`1970-01-01T${time}Z`) / MINUTE) % 1440;
}
