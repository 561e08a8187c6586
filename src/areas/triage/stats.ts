import { sql } from 'drizzle-orm';
import { type Catch, DEFINITION, rateSays } from '../../base/catch-rate.ts';
import { mondayOf } from '../../base/days.ts';
import { escapeText } from '../../base/mrkdwn.ts';
import { localDay } from '../../base/zone.ts';
import type { Executor } from '../../db/client.ts';
import { type Counted, catchBy, type Live } from './catch-rate.ts';

export interface StatsBug extends Counted {
  id: number;
}
export interface StatsRelease extends Live {
  name: string;
}

/** Everything reported since `since`, and the releases it is attributed to. */
export async function loadStats(
  db: Executor,
  since: Date,
): Promise<{ bugs: StatsBug[]; releases: Map<number, StatsRelease> }> {
  const { rows } = await db.execute<{
    id: string;
    state: Counted['state'];
    found_in: Counted['foundIn'];
    in_production: Counted['inProduction'];
    reported_at: string;
    release_id: string | null;
    name: string | null;
    shipped_at: string | null;
    done_at: string | null;
    ended_at: string | null;
  }>(sql`select b.id, b.state, b.found_in, b.in_production, b.reported_at, b.release_id,
      r.product || ' ' || r.version as name, r.shipped_at, r.done_at, r.ended_at
    from bugs b left join releases r on r.id = b.release_id where b.reported_at >= ${since.toISOString()}::timestamptz order by b.id desc`);
  const time = (text: string | null) => (text === null ? null : new Date(text));
  const releases = new Map<number, StatsRelease>();
  const bugs = rows.map((r): StatsBug => {
    const releaseId = r.release_id === null ? null : Number(r.release_id);
    if (releaseId !== null)
      releases.set(releaseId, {
        id: releaseId,
        name: r.name ?? '',
        shippedAt: time(r.shipped_at),
        doneAt: time(r.done_at),
        endedAt: time(r.ended_at),
      });
    const { state, found_in: foundIn, in_production: inProduction } = r;
    return { id: Number(r.id), state, foundIn, inProduction, reportedAt: new Date(r.reported_at), releaseId };
  });
  return { bugs, releases };
}

/** The Monday of the local week of `at`. */
export function weekOf(at: Date, zone: string): string {
  return mondayOf(localDay(zone, at));
}

export function monthOf(at: Date, zone: string): string {
  return localDay(zone, at).slice(0, 7);
}

/** R25: the catch rate per release, week and month of the report, newest first, with its definition. mrkdwn, well under 3000 characters a part. */
export function statsText(
  bugs: readonly StatsBug[],
  releases: ReadonlyMap<number, StatsRelease>,
  zone: string,
): string {
  const lines = (groups: Map<string, Catch>, n: number, label: (key: string) => string) =>
    [...groups].slice(0, n).map(([key, c]) => `• ${label(key)}: ${rateSays(c)}`);
  const perRelease = catchBy(bugs, releases, (b) => `${b.releaseId}`);
  const perWeek = catchBy(bugs, releases, (b) => weekOf(b.reportedAt, zone));
  const perMonth = catchBy(bugs, releases, (b) => monthOf(b.reportedAt, zone));
  const part = (title: string, said: string[]) => `*${title}*\n${said.join('\n') || '_no bugs yet_'}`;
  return [
    part(
      'Per release',
      lines(perRelease, 10, (key) => escapeText(releases.get(Number(key))?.name ?? key)),
    ),
    part(
      'Per week',
      lines(perWeek, 8, (key) => `week of ${key}`),
    ),
    part(
      'Per month',
      lines(perMonth, 6, (key) => key),
    ),
    `_${DEFINITION}_`,
  ].join('\n');
}
