import { addDays, isZone, localDay, momentOf, workdayAfter, workdayBefore } from './zone.ts';

/** Which planned days are today's to one person: from `first` to `last`. All are YYYY-MM-DD. */
export interface Today {
  /** Their own date. */
  day: string;
  first: string;
  last: string;
}

/** What of a team decides about it. */
interface Team {
  zone: string;
  /** Working hours in minutes after local midnight. */
  hours: { start: number };
  holidays: readonly string[];
}

/**
 * R23: what today is where somebody is. Their date may begin before the team's (Auckland, of a team in Lisbon). Who begins to work on the next working
 * day only when the team's is over (Los Angeles, of a team in Tokyo) does what is planned for it on their working day before: that is today's too, and
 * what is planned for their own date was it before.
 * @param zone theirs
 */
export function todayIn(zone: string, team: Team, now: Date): Today {
  const day = localDay(zone, now);
  const next = workdayAfter(day, team.holidays);
  const first = beginsTooLate(zone, team, day) ? addDays(day, 1) : day;
  return { day, first, last: beginsTooLate(zone, team, next) ? next : day };
}

/** The day of theirs on which somebody does what is planned for a working day: it, or for who begins to work too late on it the working day before. @param zone theirs */
export function doneOn(zone: string, team: Team, planned: string): string {
  return beginsTooLate(zone, team, planned) ? workdayBefore(planned, team.holidays) : planned;
}

/** Whether somebody begins to work on that date of theirs only when it is over where the team is. */
function beginsTooLate(zone: string, team: Team, day: string): boolean {
  const begins = momentOf(zone, `${day}T00:00`).getTime() + team.hours.start * 60_000;
  return begins >= momentOf(team.zone, `${addDays(day, 1)}T00:00`).getTime();
}

/** Whether what is planned for `day` is today's. */
export function isToday({ first, last }: Pick<Today, 'first' | 'last'>, planned: string): boolean {
  return first <= planned && planned <= last;
}

/** The zone somebody lives in by what Slack said, else the team's: the people table has UTC where Slack said nothing. */
export function livesIn(said: string | null, team: string, now: Date): string {
  return said && said !== 'UTC' && isZone(said, now) ? said : team;
}
