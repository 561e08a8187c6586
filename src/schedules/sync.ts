import { sql } from 'drizzle-orm';
import { GRACE_MINUTES, type Schedule } from '../base/schedule.ts';
import type { Db } from '../db/client.ts';
import { nextTime, planOf } from './engine.ts';

/** Taken while schedules are written: two instances that start together agree on one of them. */
const LOCK = 'shipshape schedules';

/** Whose zone and holidays schedules go by: the policy's team. */
export type Team = { zone: string; holidays: readonly string[] };

/**
 * Writes the schedules to the database: new ones begin after `now`, changed ones go by what they say from now on, those no longer
 * there are forgotten. What is due and not done stays due, so that an outage is made up for.
 * @throws when a cron line or zone is none: nothing is written then.
 */
export async function syncSchedules(db: Db, schedules: readonly Schedule[], team: Team, now: Date): Promise<void> {
  const rows = schedules.map((schedule) => {
    const plan = planOf(schedule, team.zone);
    const next = nextTime(plan, team.holidays, now);
    return {
      name: schedule.name,
      ...plan,
      what: schedule.what,
      after_outage: schedule.afterOutage,
      grace_minutes: schedule.graceMinutes ?? GRACE_MINUTES,
      next_at: next?.at.toISOString() ?? null,
      next_local: next?.local ?? null,
    };
  });
  await db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${LOCK}))`);
    await tx.execute(sql`delete from schedules where name not in (select name from ${given(rows)})`);
    await tx.execute(sql`
      insert into schedules (name, cron, zone, workdays, what, after_outage, grace_minutes, next_at, next_local)
      select name, cron, zone, workdays, what, after_outage, grace_minutes, next_at, next_local from ${given(rows)}
      on conflict (name) do update set cron = excluded.cron, zone = excluded.zone,
        workdays = excluded.workdays, what = excluded.what, after_outage = excluded.after_outage,
        grace_minutes = excluded.grace_minutes,
        next_at = case when schedules.next_at <= ${now.toISOString()}::timestamptz then schedules.next_at else excluded.next_at end,
        next_local = case when schedules.next_at <= ${now.toISOString()}::timestamptz then schedules.next_local else excluded.next_local end`);
  });
}

function given(rows: unknown[]) {
  return sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given (name text, cron text[], zone text, workdays boolean,
    what text, after_outage text, grace_minutes int, next_at timestamptz, next_local text)`;
}

/** For /metrics: how many seconds the longest-waiting schedule has been due; 0 when none is. */
export async function overdueSeconds(db: Db): Promise<number> {
  const { rows } = await db.execute<{ seconds: string | null }>(
    sql`select extract(epoch from now() - min(next_at)) as seconds from schedules`,
  );
  return Math.max(0, Number(rows[0]?.seconds ?? 0));
}
