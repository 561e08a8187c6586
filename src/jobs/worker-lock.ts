// Tells the living from the dead among the workers of several instances. Each holds a session lock in the database on
// its own id, and puts that id on the jobs it takes: PostgreSQL frees the lock when the process is gone, however it
// went, and keeps it while the process merely stands still.
import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** Ids of other tools that use the queue are left alone. */
const PREFIX = 'shipshape-';
const QUERY_MS = 5_000;

export interface WorkerLock {
  /** What the jobs of this worker are locked by. */
  id: string;
  /** Resolves when the lock is lost, with its connection. */
  lost: Promise<void>;
  /** Gives the jobs and queues of dead workers back. @returns how many workers were dead. A failure, of this or of what follows, means the lock is lost. */
  sweep(): Promise<number>;
  /** Takes a lock on a piece of work, on the same connection. @returns false when another instance holds it. */
  tryKey(key: string): Promise<boolean>;
  freeKey(key: string): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes a lock under a new random id, on a connection of its own.
 * @throws when the database cannot be reached.
 */
export async function takeWorkerLock(url: string): Promise<WorkerLock> {
  const id = PREFIX + randomUUID();
  const client = new pg.Client({
    connectionString: url,
    application_name: id,
    keepAlive: true,
    connectionTimeoutMillis: QUERY_MS,
    query_timeout: QUERY_MS,
    // Pieces of work are taken and given back side by side.
    pipeline: true,
  });
  const lost = new Promise<void>((done) => {
    client.on('error', () => done());
    client.on('end', () => done());
  });
  try {
    await client.connect();
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [id]);
  } catch (err) {
    await client.end().catch(() => {});
    throw err;
  }
  // What is not waited for any more PostgreSQL may still do, and keep a key that nobody gives back: with the connection all go.
  const ask = async <T extends pg.QueryResultRow>(query: pg.QueryConfig): Promise<T | undefined> => {
    try {
      return (await client.query<T>(query)).rows[0];
    } catch (err) {
      await client.end().catch(() => {});
      throw err;
    }
  };
  return {
    id,
    lost,
    sweep: async () => (await ask<{ dead: number }>({ text: SWEEP, values: [id, `${PREFIX}%`] }))?.dead ?? 0,
    tryKey: async (key) => (await ask<{ mine: boolean }>({ ...TRY_KEY, values: [key] }))?.mine === true,
    freeKey: async (key) => {
      await ask({ ...FREE_KEY, values: [key] });
    },
    release: () => client.end().catch(() => {}),
  };
}

const TRY_KEY = { name: 'try-key', text: 'select pg_try_advisory_lock(hashtextextended($1, 1)) as mine' };
const FREE_KEY = { name: 'free-key', text: 'select pg_advisory_unlock(hashtextextended($1, 1))' };

// Whoever's lock can be had is dead: an id is locked before the first job is taken under it. Own id: a session can
// always have its own lock again. An attempt that a death cut short stays counted, lest a job that kills its worker
// does so for ever.
const SWEEP = `
  with holders as (
    select locked_by from graphile_worker._private_jobs where locked_by like $2
    union select locked_by from graphile_worker._private_job_queues where locked_by like $2
  ), dead as materialized (
    select locked_by from holders where locked_by <> $1 and pg_try_advisory_xact_lock(hashtextextended(locked_by, 0))
  ), freed as materialized (
    select graphile_worker.force_unlock_workers(array(select locked_by from dead)) where exists (select from dead)
  )
  select (select count(*)::int from dead) as dead, (select count(*) from freed)`;
