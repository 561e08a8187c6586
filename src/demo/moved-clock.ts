import pg from 'pg';
import { until } from './local-slack.ts';

/** The database's clock in the demo's hands. */
export interface MovedClock {
  /** Sets it, and waits until the bot has done all that has come round by then. Backwards is not possible. */
  to(at: Date): Promise<void>;
  /** Waits until nothing is left to do at the time it is. */
  settled(): Promise<void>;
  query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

/** What the clock of the database is asked by: `now()` and the like are looked up here before PostgreSQL's own. */
const FUNCTIONS = `
  create schema moved;
  create table moved.ahead (by interval not null);
  insert into moved.ahead values ('0');
  create function moved.now() returns timestamptz language sql stable
    as 'select pg_catalog.now() + (select by from moved.ahead)';
  create function moved.clock_timestamp() returns timestamptz language sql volatile
    as 'select pg_catalog.clock_timestamp() + (select by from moved.ahead)'`;

/** A minute has schedules that are due after every move, so nothing due means that the bot has seen it. */
const WAITS = `
  (select count(*) from schedules where next_at <= now())
  + (select count(*) from slack_events where handled_at is null and failed_at is null)
  + (select count(*) from outbox where posted_ts is null and failed_at is null and lane not like 'held:%')
  + (select count(*) from graphile_worker._private_jobs where run_at <= now() and attempts < max_attempts)`;

/** Prepares an empty database, before the bot is started on it (with DEMO_CLOCK=1), and sets its clock to `start`. */
export async function moveClock(url: string, start: Date): Promise<MovedClock> {
  const name = new URL(url).pathname.slice(1);
  const first = new pg.Client({ connectionString: url });
  await first.connect();
  await first.query(FUNCTIONS);
  await first.query(`alter database ${pg.escapeIdentifier(name)} set search_path = public, moved, pg_catalog`);
  await first.end();
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  const query: MovedClock['query'] = async (text, values) => (await pool.query(text, values)).rows;
  const set = (at: Date) =>
    query('update moved.ahead set by = greatest(by, $1::timestamptz - pg_catalog.clock_timestamp())', [at]);
  await set(start);
  const settled = async () => {
    await until(
      async () => Number((await query(`select ${WAITS} as n`))[0]?.n) === 0,
      'the bot to have done all that is due',
      30_000,
    );
  };
  return {
    settled,
    query,
    to: async (at) => {
      await set(at);
      await settled();
    },
    stop: () => pool.end(),
  };
}
