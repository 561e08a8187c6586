import { type SQL, sql } from 'drizzle-orm';
import { workdayBefore } from '../../base/zone.ts';
import type { Executor } from '../../db/client.ts';
import { OPEN } from '../../db/schema/releases.ts';
import type { DayFacts, WeekFacts } from './daily-types.ts';

/** The local day of a time column. */
const dayOf = (column: string, zone: string): SQL => sql`(${sql.raw(column)} at time zone ${zone})::date`;
const nameOf = (column: string): SQL =>
  sql`coalesce((select p.name from people p where p.id = ${sql.raw(column)}), ${sql.raw(column)})`;

/** What a release's end looked like: going live counts, what was rolled back later is told by that. */
const HOW = sql`case when r.state = 'rolled_back' then 'rolled_back' when r.state = 'cancelled' then 'cancelled' else 'live' end`;

/** What the daily line says of `today` (YYYY-MM-DD in `zone`), without what the calendar says. */
export async function dayFacts(
  db: Executor,
  today: string,
  zone: string,
  holidays: readonly string[],
): Promise<Omit<DayFacts, 'coverage'>> {
  const since = workdayBefore(today, holidays);
  const told = (at: SQL) => sql`${at} >= ${since}::date and ${at} < ${today}::date`;
  const ended = await db.execute<DayFacts['ended'][number] & Record<string, unknown>>(sql`
    select r.product || ' ' || r.version as name, t.url, '' as title, ${HOW} as how, r.kind = 'emergency' as emergency
    from releases r join threads t on t.id = r.thread_id
    where (r.state in ('verifying', 'done', 'rolled_back') and r.shipped_at is not null and ${told(dayOf('r.shipped_at', zone))})
      or (r.state in ('cancelled', 'rolled_back') and ${told(dayOf('r.ended_at', zone))})
    order by coalesce(r.shipped_at, r.ended_at), r.id limit 100`);
  // A local time as text: from the day's beginning on, and before today's.
  const slots = await db.execute<DayFacts['slots'][number] & Record<string, unknown>>(sql`
    select p.product, case when ${since}::date + 1 = ${today}::date then substr(s.local, 12) else to_char(left(s.local, 10)::date, 'Dy ') || substr(s.local, 12) end as when,
      p.outcome from slots s join slot_products p on p.slot_id = s.id
    where s.local >= ${since} and s.local < ${today} and p.outcome <> 'planned' order by s.local, p.product limit 200`);
  const open = await db.execute<DayFacts['open'][number] & Record<string, unknown>>(sql`
    select r.product || ' ' || r.version as name, t.url, '' as title, r.state from releases r join threads t on t.id = r.thread_id
    where r.state in ${OPEN} order by r.id limit 100`);
  const blockers = await db.execute<DayFacts['blockers'][number] & Record<string, unknown>>(sql`
    select 'BUG-' || b.id as name, t.url, b.title, case when b.owner is not null then ${nameOf('b.owner')} end as owner
    from bugs b left join threads t on t.id = b.thread_id where b.blocking and b.ended_at is null order by b.id limit 200`);
  const triage = await db.execute<DayFacts['triage'] & Record<string, unknown>>(sql`
    select count(*) filter (where state = 'reported')::int as reported, count(*) filter (where state = 'recreated')::int as recreated,
      count(*) filter (where state = 'ticketed')::int as ticketed from bugs where not blocking and ended_at is null`);
  const issues = await db.execute<DayFacts['issues'][number] & Record<string, unknown>>(sql`
    select 'NOTE-' || n.id as name, t.url, n.title, ${nameOf('n.responsible')} as responsible, n.due::text from notes n join threads t on t.id = n.thread_id
    where n.kind = 'issue' and n.state = 'open' order by n.due nulls last, n.id limit 500`);
  return {
    today,
    since,
    ended: ended.rows,
    slots: slots.rows,
    open: open.rows,
    blockers: blockers.rows,
    triage: triage.rows[0] as DayFacts['triage'],
    issues: issues.rows,
  };
}

/** What the weekly line says of the week from `monday` to before `next`, without catch rate and cadence. */
export async function weekFacts(
  db: Executor,
  { monday, next }: { monday: string; next: string },
  zone: string,
): Promise<Omit<WeekFacts, 'caught' | 'cadence'>> {
  const within = (column: string) => {
    const day = dayOf(column, zone);
    return sql`${day} >= ${monday}::date and ${day} < ${next}::date`;
  };
  const { rows } = await db.execute<{
    live: number;
    emergencies: number;
    rolled_back: number;
    prod_issues: number;
  }>(sql`
    select (select count(*)::int from releases where ${within('shipped_at')}) as live,
      (select count(*)::int from releases where kind = 'emergency' and ${within('shipped_at')}) as emergencies,
      (select count(*)::int from releases where state = 'rolled_back' and ${within('ended_at')}) as rolled_back,
      (select count(*)::int from prod_issues where ${within('declared_at')}) as prod_issues`);
  const row = rows[0] as (typeof rows)[number];
  return {
    monday,
    next,
    live: row.live,
    emergencies: row.emergencies,
    rolledBack: row.rolled_back,
    prodIssues: row.prod_issues,
  };
}
