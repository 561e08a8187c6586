import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Occurrence } from '../../src/base/schedule.ts';
import { record } from '../../src/db/audit.ts';
import { appendHead, parseHead, readHeads } from '../../src/db/heads.ts';
import { makeBeats, readThreads } from '../../src/jobs/beats.ts';
import { sealAll } from '../../src/jobs/seal.ts';
import { SCHEDULES } from '../../src/schedules/table.ts';
import { freshDb, type TestDb, wipe } from '../support/db.ts';
import { aCause } from '../support/team.ts';

const AT = new Date(Math.floor(Date.now() / 60_000) * 60_000);
let db: TestDb;
let dir: string;
beforeAll(async () => {
  db = await freshDb();
  dir = await mkdtemp(join(tmpdir(), 'shipshape-beats-'));
});
beforeEach(async () => {
  await wipe(db, 'schedule_runs, outbox, causes, slack_events, graphile_worker._private_jobs');
});
afterAll(async () => {
  await db.close();
  await rm(dir, { recursive: true });
});

const beats = makeBeats({ admins: 'CADMINS', toRead: async () => [4, 7] });
const on = (name: string): Occurrence => ({ key: `${name}@${AT.toISOString().slice(0, 16)}`, at: AT });
const left = async (query: string) => (await db.pool.query(query)).rows.map((row) => row.it);
const keys = () => left('select key as it from graphile_worker.jobs order by id');

it('every schedule of the table has something that does it', () => {
  for (const { name } of SCHEDULES) expect(beats).toHaveProperty(name);
});

it('what takes long is enqueued', async () => {
  await db.db.transaction(async (tx) => {
    await beats.people(tx);
    await beats.seal(tx);
    await beats.reconcile(tx);
  });
  expect(await keys()).toEqual(['people', 'seal', 'reconcile:4', 'reconcile:7']);
  await readThreads(db.db, async () => [4, 9]);
  expect(await keys()).toEqual(['people', 'seal', 'reconcile:4', 'reconcile:7', 'reconcile:9']);
});

it('a lane whose job is lost is flushed; one that has a job, one that is held, or a thread without a root, is left alone', async () => {
  await db.pool.query(`
    insert into threads (kind, title, responsible, channel, root_ts) values ('issue', 'rootless', 'U1', 'C1', null), ('issue', 'rooted', 'U1', 'C1', '1.0');
    insert into outbox (lane, role, target, thread_id, created_at, posted_ts, failed_at)
      select o.lane, o.role, 'C1', t.id, now() - o.age, o.posted, o.failed from (values
        ('lost', 'line', 'rooted', interval '2 minutes', null, null::timestamptz),
        ('lost', 'line', 'rooted', interval '2 minutes', null, null),
        ('dm:U1', 'dm', null, interval '2 minutes', null, null),
        ('held:U1', 'dm', null, interval '2 minutes', null, null),
        ('kept', 'line', null, interval '2 minutes', null, null),
        ('given up', 'line', null, interval '2 minutes', null, null),
        ('young', 'line', null, interval '1 second', null, null),
        ('posted', 'line', null, interval '2 minutes', '1.0', null),
        ('failed', 'line', null, interval '2 minutes', null, now()),
        ('rootless', 'line', 'rootless', interval '2 minutes', null, null),
        ('root', 'card', 'rootless', interval '2 minutes', null, null)
      ) o (lane, role, thread, age, posted, failed) left join threads t on t.title = o.thread;
    select graphile_worker.add_job('flush', '{"lane":"kept"}', job_key := 'flush:kept', run_at := now() + interval '5 minutes');
    select graphile_worker.add_job('flush', '{"lane":"given up"}', job_key := 'flush:given up');
    update graphile_worker._private_jobs set attempts = max_attempts where key = 'flush:given up'`);
  await db.db.transaction((tx) => beats.lanes(tx));
  const due = `select payload->>'lane' as it from graphile_worker._private_jobs where run_at <= now() and attempts < max_attempts order by 1`;
  expect(await left(due)).toEqual(['dm:U1', 'given up', 'lost', 'root']);
  expect(await left('select key as it from graphile_worker.jobs where run_at > now()')).toEqual(['flush:kept']);
});

it('old events, causes and runs are deleted, young ones kept', async () => {
  await db.pool.query(`
    insert into slack_events (event_id, type, body, received_at) values
      ('old', 'message', '{}', now() - interval '8 days'), ('young', 'message', '{}', now() - interval '6 days');
    insert into causes (key, at) values ('old', now() - interval '31 days'), ('young', now() - interval '29 days'),
      ('import:funds:a:id:1', now() - interval '9 years'), ('github-issue:BUG-1', now() - interval '9 years');
    insert into schedule_runs (name, local, occurrence) values
      ('old', '2020-01-01T00:00', now() - interval '31 days'), ('young', '2020-01-01T00:00', now());
    select graphile_worker.add_job('event', '{"id":"dead"}', max_attempts := 1),
           graphile_worker.add_job('event', '{"id":"alive"}');
    update graphile_worker._private_jobs set updated_at = now() - interval '31 days';
    update graphile_worker._private_jobs set attempts = 1 where max_attempts = 1`);
  await db.db.transaction((tx) => beats.purge(tx));
  expect(await left('select event_id as it from slack_events')).toEqual(['young']);
  expect(await left('select key as it from causes')).toEqual(['young', 'import:funds:a:id:1', 'github-issue:BUG-1']);
  expect(await left('select name as it from schedule_runs order by name')).toEqual(['young']);
  expect(await left(`select payload ->> 'id' as it from graphile_worker._private_jobs`)).toEqual(['alive']);
});

it("R26: the chain's head goes to the admins and, by a job, into a file; nothing before the first event", async () => {
  await db.db.transaction((tx) => beats.head(tx, on('head')));
  expect(await left('select text as it from outbox')).toEqual([]);
  expect(await keys()).toEqual([]);

  await db.db.transaction((tx) => record(tx, aCause(), { verb: 'opened', subject: 'REL-1', data: {} }, AT));
  await sealAll(db.db, () => AT);
  await db.db.transaction((tx) => beats.head(tx, on('head')));
  const { rows } = await db.pool.query(`select payload from graphile_worker._private_jobs where key like 'head@%'`);
  const { position, hash, at } = rows[0].payload;
  expect([position, at]).toEqual([1, AT.toISOString()]);
  const [text] = await left('select text as it from outbox');
  expect(text).toContain(`\`${1}:${hash}\``);
  expect(await readHeads(dir)).toEqual([]);
  await appendHead(dir, { position, hash }, new Date(at));
  expect(await readHeads(dir)).toEqual([{ position, hash }]);
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
