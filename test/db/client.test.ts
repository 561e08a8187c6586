import { sql } from 'drizzle-orm';
import type pg from 'pg';
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

test('a connection that is lost as a transaction begins is not lost to the pool', async () => {
  const { db, pool, close } = openDb(fresh.url, { log: () => {}, max: 1 });
  pool.once('acquire', (client) => (client as unknown as { connection: pg.Connection }).connection.stream.destroy());
  await expect(db.transaction((tx) => tx.execute(sql`select 1`))).rejects.toThrow();
  expect((await db.transaction((tx) => tx.execute(sql`select 4 as four`))).rows).toEqual([{ four: 4 }]);
  await close();
});

test('a statement that comes often is prepared, on every connection once; one with a star, or without parameters, never is', async () => {
  const { db, pool, close } = openDb(fresh.url, { log: () => {}, max: 1 });
  for (let i = 0; i < 8; i++) {
    await db.execute(sql`select ${i}::int + 1 as often`);
    await pool.query('select s.* from (select $1::int as star) s', [i]);
    await pool.query('select count(*) as counted where $1', [true]);
    await pool.query('select 1 as nothing');
  }
  await db.execute(sql`select ${9}::int as once`);
  const { rows } = await pool.query('select statement from pg_prepared_statements order by statement');
  expect(rows.map((row) => row.statement)).toEqual([
    'select $1::int + 1 as often',
    'select count(*) as counted where $1',
  ]);
  await close();
});

test('a column that a migration adds beside a running instance breaks no statement that is prepared', async () => {
  const { db, close } = openDb(fresh.url, { log: () => {}, max: 1 });
  await fresh.pool.query('create table grows (id int primary key, word text)');
  await fresh.pool.query(`insert into grows values (1, 'one')`);
  const star = () => db.execute(sql`select * from grows where id = ${1}`);
  const named = () => db.execute(sql`select word from grows where id = ${1}`);
  for (let i = 0; i < 8; i++) await Promise.all([star(), named()]);
  await fresh.pool.query(`alter table grows add column more text default 'more'`);
  expect((await star()).rows).toEqual([{ id: 1, word: 'one', more: 'more' }]);
  expect((await named()).rows).toEqual([{ word: 'one' }]);
  await fresh.pool.query('drop table grows');
  await close();
});

test('a statement first prepared in a transaction that had failed is prepared the next time', async () => {
  const { db, close } = openDb(fresh.url, { log: () => {}, max: 1 });
  const often = (on: Pick<typeof db, 'execute'>) => on.execute<{ n: number }>(sql`select ${7}::int as n, 'aborted'`);
  for (let i = 0; i < 4; i++) await often(db);
  const failed = db.transaction(async (tx) => {
    await tx.execute(sql`select 1/0`).catch(() => {});
    // The fifth time it would get its name, and PostgreSQL hears nothing of it any more.
    await often(tx);
  });
  await expect(failed).rejects.toThrow();
  expect((await often(db)).rows[0]?.n).toBe(7);
  await close();
});
