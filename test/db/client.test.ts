import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDb } from '../../src/db/client.ts';
import { asAdmin, freshDb, type TestDb } from '../support/db.ts';

let fresh: TestDb;
beforeAll(async () => {
  fresh = await freshDb();
});
afterAll(() => fresh.close());

const endAll = (appName: string) =>
  asAdmin((admin) =>
    admin.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = $1', [appName]),
  );

test('an idle connection that the server ends is logged without data, and replaced', async () => {
  const logged: string[] = [];
  const { db, pool, close } = openDb(fresh.url, { log: (msg) => logged.push(msg), appName: 'idle' });
  await db.execute(sql`select 1`);
  await endAll('idle');
  await expect.poll(() => logged).toEqual(['lost an idle database connection (57P01)']);
  expect((await pool.query('select 2 as two')).rows).toEqual([{ two: 2 }]);
  await close();
  await close();
});

test('a connection that the server ends in the middle of a query fails that query only', async () => {
  const { db, close } = openDb(fresh.url, { log: () => {}, appName: 'busy', max: 1 });
  const failed = expect(db.transaction((tx) => tx.execute(sql`select pg_sleep(60)`))).rejects.toThrow();
  const busy = `select count(*)::int as n from pg_stat_activity where application_name = 'busy' and wait_event = 'PgSleep'`;
  await expect.poll(async () => (await fresh.pool.query(busy)).rows[0].n).toBe(1);
  await endAll('busy');
  await failed;
  expect((await db.execute(sql`select 3 as three`)).rows).toEqual([{ three: 3 }]);
  await close();
});
