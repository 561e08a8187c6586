import { sql } from 'drizzle-orm';
import { APART_MS } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import { type Logger, withRequest } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import type { Occurrence } from '../base/schedule.ts';
import type { Db, Tx } from '../db/client.ts';
import { dueTimes, judge, nextTime, type Time, type Verdict } from './engine.ts';

/**
 * What a schedule does. It is in the transaction that records the occurrence: what it writes, posts and enqueues happens exactly once,
 * whatever is killed. What takes long or asks the network belongs into a job.
 */
export type Beat = (tx: Tx, on: Occurrence) => Promise<void>;

export interface BeatDeps {
  db: Db;
  beats: Readonly<Record<string, Beat>>;
  holidays: readonly string[];
  log: Logger;
  metrics?: Pick<Metrics, 'scheduleRuns' | 'scheduleLag'>;
  /** For tests and the demo. Left out: the database's clock, on which all instances agree (R22). */
  now?: () => Date;
}

interface Row extends Record<string, unknown> {
  name: string;
  cron: string[];
  zone: string;
  workdays: boolean;
  after_outage: 'once' | 'skip';
  grace_minutes: number;
  next_ms: string;
  next_local: string;
  now_ms: string;
}

/** Due schedules that one transaction takes at most. */
const BATCH = 50;

/**
 * R22: does all that is due, as far as no other instance is at it. A schedule that fails is logged, stays due and holds no other up.
 * @throws when the database cannot be asked.
 */
export async function beatOnce(deps: BeatDeps): Promise<void> {
  const failed: string[] = [];
  for (;;) {
    try {
      if ((await claim(deps, failed)) < BATCH) return;
    } catch (err) {
      if (!(err instanceof Failure)) throw err;
      // All that was taken with it is undone, and taken again without it.
      failed.push(err.schedule);
      deps.log.error({ err: err.cause, schedule: err.schedule }, 'a schedule failed');
    }
  }
}

/**
 * R22: has what a clock that was fast moved on come again at its next time by the clock as it is now. What was done meanwhile is on record, and is not
 * done again. Where the clock was right all along that time is the one it has.
 */
export async function setBack(deps: BeatDeps): Promise<void> {
  const moved = deps.now?.().toISOString() ?? null;
  const { rows } = await deps.db.execute<Row>(sql`
    select name, cron, zone, workdays, next_local, extract(epoch from next_at) * 1000 as next_ms,
      extract(epoch from coalesce(${moved}::timestamptz, now())) * 1000 as now_ms
    from schedules where next_at > coalesce(${moved}::timestamptz, now()) and name = any(${sql.param(Object.keys(deps.beats))}::text[])`);
  for (const row of rows) {
    const next = nextTime(row, deps.holidays, new Date(Number(row.now_ms)));
    if (!next || next.at.getTime() >= Number(row.next_ms)) continue;
    deps.log.warn({ schedule: row.name, was: row.next_local, next: next.local }, 'the clock went back: due earlier');
    await deps.db.execute(sql`update schedules set next_at = ${next.at.toISOString()}, next_local = ${next.local}
      where name = ${row.name} and next_local = ${row.next_local}`);
  }
  await bringBack(deps.db);
}

/** What failed is tried again within so long: the queue waits up to 6.1 h by itself (e^10 s), besides what Slack asks for (see `notBefore` of the worker). */
const FAILED_HOURS = 7;

/**
 * Has jobs that were added while the clock was fast wait as long as they were to, from now on. What is added under the key of one keeps its time, and would
 * wait with it. And those that failed then are tried again.
 */
async function bringBack(db: Db): Promise<void> {
  const added = sql`greatest(created_at, updated_at)`;
  await db.execute(sql`update graphile_worker._private_jobs set run_at = now() + greatest(run_at - ${added}, interval '0'), created_at = now(), updated_at = now()
    where ${added} > now() + make_interval(secs => ${APART_MS / 1000}) and locked_at is null`);
  await db.execute(sql`update graphile_worker._private_jobs set run_at = now()
    where run_at > now() + make_interval(hours => ${FAILED_HOURS}) and last_error is not null and locked_at is null`);
}

class Failure extends Error {
  readonly schedule: string;

  constructor(schedule: string, cause: unknown) {
    super(`${schedule}: ${errorText(cause)}`, { cause });
    this.schedule = schedule;
  }
}

/** Takes and does due schedules in one transaction. @returns how many; BATCH: there may be more @throws Failure */
async function claim(deps: BeatDeps, except: string[]): Promise<number> {
  const moved = deps.now?.().toISOString() ?? null;
  return deps.db.transaction(async (tx) => {
    const { rows } = await tx.execute<Row>(sql`
      select name, cron, zone, workdays, after_outage, grace_minutes, next_local,
        extract(epoch from next_at) * 1000 as next_ms, extract(epoch from coalesce(${moved}::timestamptz, now())) * 1000 as now_ms
      from schedules
      where next_at <= coalesce(${moved}::timestamptz, now()) and name = any(${sql.param(Object.keys(deps.beats))}::text[])
        and name <> all(${sql.param(except)}::text[])
      order by next_at, name limit ${BATCH} for update skip locked`);
    if (!rows.length) return 0;
    const all = rows.map((row) => judged(row, deps.holidays));
    const fresh = await note(tx, all);
    for (const one of all) {
      const mine = one.verdict.fire.filter(({ local }) => fresh.has(`${one.row.name}@${local}`));
      try {
        for (const time of mine) await fire(deps, tx, one, time);
      } catch (err) {
        throw new Failure(one.row.name, err);
      }
    }
    await advance(tx, all);
    return rows.length;
  });
}

interface Judged {
  row: Row;
  now: Date;
  verdict: Verdict;
  next: Time | null;
}

function judged(row: Row, holidays: readonly string[]): Judged {
  const now = new Date(Number(row.now_ms));
  const first = { local: row.next_local, at: new Date(Number(row.next_ms)) };
  const due = dueTimes(row, holidays, first.at, now, row.grace_minutes);
  // What was put there by hand (`schedules run`), or by a table that says something else by now.
  if (!due.some(({ local }) => local === first.local)) due.unshift(first);
  const rule = { afterOutage: row.after_outage, graceMinutes: row.grace_minutes };
  return { row, now, verdict: judge(due, rule, now), next: nextTime(row, holidays, now) };
}

/** Records what happens to the occurrences. @returns the keys of those that were not recorded before */
async function note(tx: Tx, all: Judged[]): Promise<Set<string>> {
  const rows = all.flatMap(({ row, now, verdict }) => [
    ...verdict.fire.map((time) => ({ name: row.name, ...time, state: 'fired', started: now })),
    ...(verdict.skip ? [{ name: row.name, ...verdict.skip, state: 'skipped', started: now }] : []),
  ]);
  const { rows: fresh } = await tx.execute<{ key: string }>(sql`
    insert into schedule_runs (name, local, occurrence, state, passed, started_at)
    select name, local, at, state, passed, started
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (name text, local text, at timestamptz, state text, passed int, started timestamptz)
    on conflict (name, local) do nothing returning name || '@' || local as key`);
  return new Set(fresh.map(({ key }) => key));
}

async function fire(deps: BeatDeps, tx: Tx, { row, now }: Judged, time: Verdict['fire'][number]): Promise<void> {
  const { local, at, late } = time;
  const key = `${row.name}@${local}`;
  await withRequest(key, async () => deps.beats[row.name]?.(tx, { key, at }));
  deps.metrics?.scheduleRuns.inc({ schedule: row.name, late: late ? 'yes' : 'no' });
  deps.metrics?.scheduleLag.observe({ schedule: row.name }, Math.max(0, now.getTime() - at.getTime()) / 1000);
}

async function advance(tx: Tx, all: Judged[]): Promise<void> {
  const rows = all.map(({ row, next }) => ({ name: row.name, at: next?.at ?? null, local: next?.local ?? null }));
  await tx.execute(sql`update schedules s set next_at = r.at, next_local = r.local
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (name text, at timestamptz, local text) where s.name = r.name`);
}
