import { addDays, isZone, localDay, momentOf, workdayAfter } from './zone.ts';

/** Which planned days are today's to one person: from their own date to `last`, both YYYY-MM-DD. */
export interface Today {
  day: string;
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
 * day only when the team's is over (Los Angeles, of a team in Tokyo) does what is planned for it on their working day before: that is today's too.
 * @param zone theirs
 */
export function todayIn(zone: string, team: Team, now: Date): Today {
  const day = localDay(zone, now);
  const next = workdayAfter(day, team.holidays);
  const begins = momentOf(zone, `${next}T00:00`).getTime() + team.hours.start * 60_000;
  const over = momentOf(team.zone, `${addDays(next, 1)}T00:00`);
  return { day, last: begins >= over.getTime() ? next : day };
}

/** Whether what is planned for `day` is today's. */
export function isToday({ day, last }: Today, planned: string): boolean {
  return day <= planned && planned <= last;
}

/** The zone somebody lives in by what Slack said, else the team's: the people table has UTC where Slack said nothing. */
export function livesIn(said: string | null, team: string, now: Date): string {
  return said && said !== 'UTC' && isZone(said, now) ? said : team;
}
