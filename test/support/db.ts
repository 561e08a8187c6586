// A database of its own for every test file.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { type Db, openDb } from '../../src/db/client.ts';

export type TestDb = { url: string; db: Db; pool: pg.Pool; close(): Promise<void> };

/**
 * A new migrated, empty database, copied from the run's template.
 * @returns `close()` drops it, and throws when something in the test still held a connection to it.
 */
export async function freshDb(): Promise<TestDb> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await asAdmin((admin) => admin.query(`create database ${name} template shipshape`));
  const url = urlOf(name);
  const { db, pool, close } = openDb(url, { log: (msg) => console.error(msg), appName: 'freshDb' });
  return {
    url,
    db,
    pool,
    close: async () => {
      const held = pool.totalCount - pool.idleCount;
      // A pool whose client is never released never ends.
      if (!held) await close();
      await asAdmin(async (admin) => {
        const leaks = await connectionsTo(admin, name);
        await admin.query(`drop database ${name} with (force)`);
        if (leaks.length) throw new Error(`The test left connections open:\n${leaks.join('\n')}`);
      });
    },
  };
}

/**
 * Empties tables and all that refers to them, those too that are closed to that: the ledger's. With DELETE: TRUNCATE makes new files for each table
 * and index, which takes longer than many a test. @param tables comma-separated names
 */
export async function wipe({ pool }: TestDb, tables: string): Promise<void> {
  await pool.query(`
    do $$ declare t regclass; begin
      set local session_replication_role = replica;
      for t in
        with recursive emptied as (
          select name::regclass as t from regexp_split_to_table('${tables}', ',\\s*') as name
          union select c.conrelid::regclass from pg_constraint c join emptied on c.confrelid = emptied.t where c.contype = 'f'
        ) select emptied.t from emptied
      loop execute format('delete from %s', t); end loop;
    end $$`);
}

/** URL of another database of the run's cluster, such as `postgres`. */
export function urlOf(database: string): string {
  return inject('templateUrl').replace(/[^/]*$/, database);
}

/** Kept from file to file of one process: a connection costs PostgreSQL more than what is asked by it. */
let admins: pg.Pool | undefined;

/** Run `work` as the cluster's superuser in the database `postgres`. */
export async function asAdmin<T>(work: (admin: pg.PoolClient) => Promise<T>): Promise<T> {
  if (!admins) {
    admins = new pg.Pool({ connectionString: urlOf('postgres'), idleTimeoutMillis: 0, allowExitOnIdle: true });
    // The server may end before us.
    admins.on('error', () => {});
  }
  const admin = await admins.connect();
  try {
    return await work(admin);
  } finally {
    admin.release();
  }
}

/** What is still connected after a moment: a server process ends a little later than its client. */
async function connectionsTo(admin: pg.PoolClient, database: string): Promise<string[]> {
  const until = Date.now() + 2_000;
  for (;;) {
    const { rows } = await admin.query<{ line: string }>(
      `select format('%s, %s: %s', application_name, state, left(query, 200)) as line
       from pg_stat_activity where datname = $1`,
      [database],
    );
    if (!rows.length || Date.now() > until) return rows.map((row) => row.line);
    await admin.query('select pg_sleep(0.02)');
  }
}
