import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { record } from '../../src/db/audit.ts';
import { parseHead, readHeads } from '../../src/db/heads.ts';
import { makeBeats } from '../../src/jobs/beats.ts';
import { sealAll } from '../../src/jobs/seal.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { aCause } from '../support/team.ts';

const AT = new Date(Math.floor(Date.now() / 60_000) * 60_000);
let db: TestDb;
let dir: string;
let refreshed = 0;
beforeAll(async () => {
  db = await freshDb();
  dir = await mkdtemp(join(tmpdir(), 'shipshape-beats-'));
});
beforeEach(async () => {
  refreshed = 0;
  await db.pool.query('truncate schedule_runs, outbox, causes, slack_events, graphile_worker._private_jobs cascade');
});
afterAll(async () => {
  await db.close();
  await rm(dir, { recursive: true });
});

/** One instance's beats. */
const instance = () =>
  makeBeats({
    db: db.db,
    now: () => AT,
    admins: 'CADMINS',
    dataDir: dir,
    openReleases: async () => [4, 7],
    refreshPeople: async () => void refreshed++,
  });
async function keys(): Promise<string[]> {
  const { rows } = await db.pool.query('select key from graphile_worker.jobs order by id');
  return rows.map((row) => row.key);
}

it('of two instances, one does what is due', async () => {
  const two = [instance(), instance()];
  await Promise.all(two.flatMap((beats) => [beats.people(AT), beats.seal(AT), beats.purge(AT)]));
  expect(refreshed).toBe(1);
  expect(await keys()).toEqual(['seal']);
  const { rows } = await db.pool.query('select name from schedule_runs order by name');
  expect(rows.map((row) => row.name)).toEqual(['people', 'purge', 'seal']);
  await Promise.all(two.map((beats) => beats.people(new Date(AT.getTime() + 300_000))));
  expect(refreshed).toBe(2);
});

it('what fails is left for another instance', async () => {
  const failing = makeBeats({
    db: db.db,
    now: () => AT,
    admins: 'CADMINS',
    dataDir: dir,
    refreshPeople: async () => {},
    openReleases: async () => {
      throw new Error('cannot read');
    },
  });
  await expect(failing.reconcile(AT)).rejects.toThrow('cannot read');
  await instance().reconcile(AT);
  expect(await keys()).toEqual(['reconcile:4', 'reconcile:7']);
});

it('old events, causes and runs are deleted, young ones kept', async () => {
  await db.pool.query(`
    insert into slack_events (event_id, type, body, received_at) values
      ('old', 'message', '{}', now() - interval '8 days'), ('young', 'message', '{}', now() - interval '6 days');
    insert into causes (key, at) values ('old', now() - interval '31 days'), ('young', now() - interval '29 days');
    insert into schedule_runs (name, occurrence) values ('old', now() - interval '31 days'), ('young', now());
    select graphile_worker.add_job('event', '{"id":"dead"}', max_attempts := 1),
           graphile_worker.add_job('event', '{"id":"alive"}');
    update graphile_worker._private_jobs set updated_at = now() - interval '31 days';
    update graphile_worker._private_jobs set attempts = 1 where max_attempts = 1`);
  await instance().purge(new Date());
  const left = async (sql: string) => (await db.pool.query(sql)).rows.map((row) => row.it);
  expect(await left('select event_id as it from slack_events')).toEqual(['young']);
  expect(await left('select key as it from causes')).toEqual(['young']);
  expect(await left('select name as it from schedule_runs order by name')).toEqual(['purge', 'young']);
  expect(await left(`select payload ->> 'id' as it from graphile_worker._private_jobs`)).toEqual(['alive']);
});

it("R26: the chain's head goes to the admins and into a file, once a day; nothing before the first event", async () => {
  await instance().head(new Date(AT.getTime() - 86_400_000));
  expect((await db.pool.query('select 1 from outbox')).rowCount).toBe(0);
  expect(await readHeads(dir)).toEqual([]);

  await db.db.transaction((tx) => record(tx, aCause(), { verb: 'opened', subject: 'REL-1', data: {} }, AT));
  await sealAll(db.db, () => AT);
  await Promise.all([instance().head(AT), instance().head(AT)]);
  const { rows } = await db.pool.query('select text, target from outbox');
  expect(rows).toHaveLength(1);
  const [head] = await readHeads(dir);
  expect(head?.position).toBe(1);
  expect(rows[0]).toMatchObject({ target: 'CADMINS', text: expect.stringContaining(`\`${1}:${head?.hash}\``) });
  expect((await readFile(join(dir, 'audit-heads.jsonl'), 'utf8')).split('\n')).toHaveLength(2);
});

it('R26: a head that is none is refused, typed or in the file', async () => {
  const hash = 'a'.repeat(64);
  expect(parseHead(` 12:${hash} `)).toEqual({ position: 12, hash });
  for (const text of ['', '12', `12:${hash}0`, `-1:${hash}`, 'x:y'])
    expect(() => parseHead(text)).toThrow('is not the head');
  const other = await mkdtemp(join(dir, 'heads-'));
  await writeFile(join(other, 'audit-heads.jsonl'), `${JSON.stringify({ position: 1, hash })}\nnonsense\n`);
  await expect(readHeads(other)).rejects.toThrow('line 2 is not the head');
});
