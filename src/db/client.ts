// The connection pool and drizzle over it.
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { preparingClient } from './prepared.ts';
import * as audit from './schema/audit.ts';
import * as cadence from './schema/cadence.ts';
import * as calendar from './schema/calendar.ts';
import * as changes from './schema/changes.ts';
import * as core from './schema/core.ts';
import * as events from './schema/events.ts';
import * as funds from './schema/funds.ts';
import * as notes from './schema/notes.ts';
import * as outbox from './schema/outbox.ts';
import * as people from './schema/people.ts';
import * as releases from './schema/releases.ts';
import * as reminders from './schema/reminders.ts';
import * as schedules from './schema/schedules.ts';
import * as sheets from './schema/sheets.ts';
import * as testing from './schema/testing.ts';
import * as triage from './schema/triage.ts';

const schema = {
  ...core,
  ...people,
  ...releases,
  ...audit,
  ...events,
  ...outbox,
  ...triage,
  ...testing,
  ...schedules,
  ...notes,
  ...changes,
  ...funds,
  ...cadence,
  ...calendar,
  ...reminders,
  ...sheets,
};

export type Db = NodePgDatabase<typeof schema>;
/** What `db.transaction` hands to its callback. */
export type Tx = Parameters<Parameters<Db['transaction']>[0]>[0];
/** For queries that work inside and outside of a transaction. */
export type Executor = Db | Tx;

/** PostgreSQL refuses everything after the statement of a transaction that failed. */
const ABORTED = '25P02';

/**
 * Waits for several statements of one transaction that do not need each other's results, begun at once: they take one
 * round trip. Waits for all of them even when one fails, lest one is still under way when the transaction is over.
 * @throws what the first to fail threw
 */
export async function together<T extends readonly unknown[]>(
  work: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  const all = await Promise.allSettled(work);
  const failed = all.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  if (failed.length) throw failed.find((err) => codeOf(err) !== ABORTED) ?? failed[0];
  return all.map((one) => (one as PromiseFulfilledResult<unknown>).value) as unknown as T;
}

/** A new connection first has to plan each statement it is given, which takes it many times longer than doing them; releases bring their events minutes apart. */
const IDLE_MS = 10 * 60_000;

function codeOf(err: unknown): unknown {
  const cause = err instanceof Error && err.cause !== undefined ? err.cause : err;
  return (cause as { code?: unknown } | null)?.code;
}

/**
 * Open a pool on a PostgreSQL database. Nothing is connected yet: a wrong URL shows with the first query.
 * @param opts.max connections at most (default 10). @param opts.appName as the server's pg_stat_activity shows it.
 * @param opts.relaxed commits do not wait for the disk: a crash of the server may forget the last ones, whole and in order.
 * @returns `close()` waits for running queries and ends every connection; it may be called twice.
 */
export function openDb(
  url: string,
  opts: { log: (msg: string) => void; max?: number; appName?: string; relaxed?: boolean },
): { db: Db; pool: pg.Pool; close(): Promise<void> } {
  const pool = new pg.Pool({
    connectionString: url,
    max: opts.max ?? 10,
    application_name: opts.appName ?? 'shipshape',
    ...(opts.relaxed ? { options: '-c synchronous_commit=off' } : {}),
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: IDLE_MS,
    keepAlive: true,
    // Queries given to a transaction at once go out at once: see `together`.
    pipeline: true,
    Client: preparingClient(),
  });
  // Only the code is told: the text of a database error may quote data.
  pool.on('error', (error: NodeJS.ErrnoException) => opts.log(`lost an idle database connection (${error.code})`));
  // The pool listens to idle connections only; one lost while in use fails its query, and must not end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= pool.end();
    return closing;
  };
  const db = drizzle(pool, { schema });
  db.transaction = onReleased(pool);
  return { db, pool, close };
}

/**
 * Transactions whose connection always goes back to the pool. drizzle 0.45 begins one before it sees to that: where the connection was lost
 * just then, the pool had one less for ever, and with the last of them gone nothing worked any more.
 */
function onReleased(pool: pg.Pool): Db['transaction'] {
  // One per connection: it is made from the whole schema.
  const known = new WeakMap<pg.PoolClient, Db>();
  return async (work, config) => {
    const client = await pool.connect();
    try {
      const on = known.get(client) ?? drizzle(client, { schema });
      known.set(client, on);
      return await on.transaction(work, config);
    } finally {
      client.release();
    }
  };
}
