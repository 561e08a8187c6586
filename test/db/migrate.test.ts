import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrateDb } from '../../src/db/migrate.ts';
import { UnfitDatabase } from '../../src/db/unfit.ts';
import { asAdmin, freshDb, urlOf } from '../support/db.ts';

let folder: string;
let name: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shipshape-migrations-'));
  name = `empty_${process.pid}_${Date.now()}`;
  await asAdmin((admin) => admin.query(`create database ${name} template template0`));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
  await asAdmin((admin) => admin.query(`drop database ${name}`));
});

/** Migrations as drizzle-kit writes them. */
async function write(statements: string[]): Promise<void> {
  await mkdir(join(folder, 'meta'), { recursive: true });
  const entries = statements.map((_, idx) => ({ idx, version: '7', when: idx + 1, tag: `m${idx}`, breakpoints: true }));
  await writeFile(join(folder, 'meta/_journal.json'), JSON.stringify({ version: '7', dialect: 'postgresql', entries }));
  for (const [idx, text] of statements.entries()) await writeFile(join(folder, `m${idx}.sql`), text);
}

async function ask(text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: urlOf(name) });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

test('two processes at once: one migrates, the other waits and finds it done', async () => {
  await write([
    'create table steps (at timestamptz default now())',
    'select pg_sleep(0.5)',
    'insert into steps default values',
  ]);
  const logged: string[] = [];
  await Promise.all([1, 2].map(() => migrateDb(urlOf(name), (msg) => logged.push(msg), folder)));
  expect(await ask('select count(*)::int from steps')).toEqual([{ count: 1 }]);
  expect(await ask("select to_regclass('graphile_worker.jobs') is not null as there")).toEqual([{ there: true }]);
  expect(logged).toEqual(['another process migrates this database: waiting for it']);
});

test('only what is new is run, and a second run is fast', async () => {
  await write(['create table steps (n int)']);
  await migrateDb(urlOf(name), () => {}, folder);
  await write(['create table steps (n int)', 'insert into steps values (1)']);
  await migrateDb(urlOf(name), () => {}, folder);
  const began = performance.now();
  await migrateDb(urlOf(name), () => {}, folder);
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(await ask('select n from steps')).toEqual([{ n: 1 }]);
});

test('a database that has had migrations this version does not know is refused, and left as it is', async () => {
  await write(['create table steps (n int)', 'insert into steps values (1)', 'insert into steps values (2)']);
  await migrateDb(urlOf(name), () => {}, folder);
  await write(['create table steps (n int)']);
  const refused = migrateDb(urlOf(name), () => {}, folder);
  await expect(refused).rejects.toBeInstanceOf(UnfitDatabase);
  await expect(refused).rejects.toThrow('of a newer version of Shipshape (it has had 2 migrations this one');
  expect(await ask('select n from steps')).toEqual([{ n: 1 }, { n: 2 }]);
});

test('when it is through, no connection is left that a server which stops would end', async () => {
  await write(['create table steps (n int)']);
  await asAdmin(async (admin) => {
    await migrateDb(urlOf(name), () => {}, folder);
    const left = 'select application_name, query from pg_stat_activity where datname = $1';
    expect((await admin.query(left, [name])).rows).toEqual([]);
  });
});

test('a failing migration leaves nothing behind and is tried again', async () => {
  await write(['create table steps (n int); --> statement-breakpoint\nselect 1/0']);
  await expect(migrateDb(urlOf(name), () => {}, folder)).rejects.toThrow();
  expect(await ask("select to_regclass('steps') as steps")).toEqual([{ steps: null }]);
  await write(['create table steps (n int)']);
  await migrateDb(urlOf(name), () => {}, folder);
  expect(await ask('select * from steps')).toEqual([]);
});

test('fresh databases have the schema, and are apart from each other', async () => {
  const [one, two] = await Promise.all([freshDb(), freshDb()]);
  await one.pool.query('create table only_here (n int)');
  const there = "select to_regclass('only_here') as here, to_regclass('releases') is not null as schema";
  expect((await two.pool.query(there)).rows).toEqual([{ here: null, schema: true }]);
  await Promise.all([one.close(), two.close()]);
});

test('a connection that a test forgot fails its close()', async () => {
  const { pool, close } = await freshDb();
  const forgotten = await pool.connect();
  forgotten.on('error', () => {});
  await expect(close()).rejects.toThrow(/left connections open:\nfreshDb/);
  forgotten.release(true);
});
