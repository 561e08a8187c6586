import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { withRequest } from '../../src/base/log.ts';
import { addJob, laneOf, post, refreshCards, repost, subjectOfThread } from '../../src/db/outbox.ts';
import { freshDb, type TestDb, wipe } from '../support/db.ts';
import { minutes } from '../support/facts.ts';

let db: TestDb;
beforeAll(async () => {
  db = await freshDb();
});
beforeEach(() => wipe(db, 'graphile_worker._private_jobs, outbox'));
afterAll(() => db.close());

interface Job {
  task: string;
  key: string | null;
  run_at: Date;
  payload: unknown;
  priority: number;
}
async function jobs(): Promise<Job[]> {
  const { rows } = await db.pool.query(
    `select j.task_identifier as task, j.key, j.run_at, p.payload, j.priority
     from graphile_worker.jobs j join graphile_worker._private_jobs p on p.id = j.id order by j.id`,
  );
  return rows;
}
const message = { role: 'line', target: 'CREL', threadId: undefined, text: 'hello' } as const;

describe('lanes', () => {
  it('are a thread, a person, or a channel', () => {
    expect(laneOf({ role: 'line', target: 'CREL', threadId: 7 })).toBe('thread:7');
    expect(laneOf({ role: 'dm', target: 'U1' })).toBe('dm:U1');
    expect(laneOf({ role: 'line', target: 'CADM' })).toBe('channel:CADM');
  });
});

describe('jobs', () => {
  it.each([
    ['a message', 'flush:channel:CREL', () => db.db.transaction((tx) => post(tx, message))],
    ['a job', 'flush:channel:CREL', () => addJob(db.db, 'flush', { lane: 'x' }, { key: 'flush:channel:CREL' })],
    ['a card', 'card:7', () => refreshCards(db.db, 'REL-7')],
  ])('%s whose job is taken just while it is added gets one of its own', async (_, key, add) => {
    await db.pool.query(`insert into outbox (id, lane, role, target, subject, posted_ts, posted_channel)
      overriding system value values (7, 'thread:7', 'card', 'CREL', 'REL-7', '1.1', 'CREL')`);
    await db.pool.query(`select graphile_worker.add_job('flush', '{}'::json, job_key := $1)`, [key]);
    const worker = await db.pool.connect();
    try {
      await worker.query('begin');
      await worker.query(`update graphile_worker._private_jobs set locked_at = now(), locked_by = 'w', attempts = 1`);
      const adding = add();
      const waits = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      while (!(await db.pool.query(waits)).rowCount);
      await worker.query('commit');
      await adding;
    } finally {
      worker.release();
    }
    const { rows } = await db.pool.query('select key, locked_by from graphile_worker._private_jobs order by id');
    expect(rows).toEqual([
      { key: null, locked_by: 'w' },
      { key, locked_by: null },
    ]);
  });

  it('exist only if the transaction commits, and carry the request', async () => {
    const undone = db.db.transaction(async (tx) => {
      await addJob(tx, 'seal', {});
      throw new Error('no');
    });
    await expect(undone).rejects.toThrow('no');
    expect(await jobs()).toEqual([]);
    await withRequest('r-1', () => addJob(db.db, 'tick', { releaseId: 3 }, { key: 'tick:3' }));
    expect(await jobs()).toMatchObject([{ task: 'tick', key: 'tick:3', payload: { releaseId: 3, req: 'r-1' } }]);
  });

  it('of one key wait once: keep leaves their time, replace moves it', async () => {
    await addJob(db.db, 'homes', {}, { key: 'homes', at: minutes(1) });
    await addJob(db.db, 'homes', {}, { key: 'homes', at: minutes(2) });
    expect(await jobs()).toMatchObject([{ run_at: minutes(1) }]);
    await addJob(db.db, 'homes', {}, { key: 'homes', at: minutes(3), mode: 'replace' });
    expect(await jobs()).toMatchObject([{ run_at: minutes(3) }]);
  });
});

describe('posts', () => {
  it('wait in their lane, which is woken once', async () => {
    const [a, b] = await db.db.transaction(async (tx) => [await post(tx, message), await post(tx, message)]);
    expect(b).toBeGreaterThan(a as number);
    expect(await jobs()).toMatchObject([{ task: 'flush', key: 'flush:channel:CREL' }]);
    const { rows } = await db.pool.query('select text, broadcast, blocks from outbox order by id');
    expect(rows).toEqual(Array.from({ length: 2 }, () => ({ text: 'hello', broadcast: false, blocks: null })));
  });
});

describe('cards: bursts are folded', () => {
  const card = async (posted: boolean, failed = false) => {
    const { rows } = await db.pool.query(
      `insert into outbox (lane, role, target, subject, posted_ts, failed_at)
       values ('thread:1', 'card', 'CREL', 'REL-12', $1, case when $2 then now() end) returning id`,
      [posted ? '1.1' : null, failed],
    );
    return Number(rows[0].id);
  };
  const now = async () => ((await db.pool.query('select clock_timestamp() as now')).rows[0] as { now: Date }).now;

  it('the first change at once, later ones a second after it, together', async () => {
    const id = await card(true);
    await refreshCards(db.db, 'REL-12');
    const [first] = await jobs();
    expect(first).toMatchObject({ task: 'card', key: `card:${id}`, priority: -1 });
    expect(first?.run_at.getTime()).toBeLessThanOrEqual((await now()).getTime());
    // The worker has taken it: what comes now waits for its second, all in one job.
    await db.pool.query('delete from graphile_worker._private_jobs');
    for (let i = 0; i < 5; i++) await refreshCards(db.db, 'REL-12');
    const later = await jobs();
    expect(later).toHaveLength(1);
    const gap = (later[0] as Job).run_at.getTime() - (first as Job).run_at.getTime();
    expect(gap).toBe(1000);
  });

  it('a second ahead at most, also where a clock was fast when the last one went out', async () => {
    const id = await card(true);
    await db.pool.query(`update outbox set due_at = now() + interval '7 days' where id = $1`, [id]);
    await refreshCards(db.db, 'REL-12');
    expect((await jobs())[0]?.run_at.getTime()).toBeLessThanOrEqual((await now()).getTime() + 1000);
  });

  it('not those that are not posted yet, or are gone', async () => {
    await card(false);
    await card(true, true);
    await refreshCards(db.db, 'REL-12');
    await refreshCards(db.db, 'REL-13');
    expect(await jobs()).toEqual([]);
  });
});

describe('a thread whose root was deleted in Slack', () => {
  it('begins again once, with the old one linked; who says so again, or late, begins no third', async () => {
    const { rows } = await db.pool.query(
      `insert into threads (kind, title, responsible, channel, root_ts, url)
       values ('bug', 'x', 'UMAX', 'CREL', '5.000001', 'https://slack.example/old') returning id::int`,
    );
    const threadId = rows[0].id as number;
    await post(db.db as never, { role: 'card', target: 'CREL', threadId, subject: 'BUG-7' });
    for (let again = 0; again < 2; again++) await repost(db.db, threadId, 'BUG-7');
    const sent = await db.pool.query('select role, text, failed_at is not null as gone from outbox order by id');
    expect(sent.rows).toEqual([
      { role: 'card', text: '', gone: true },
      { role: 'card', text: '', gone: false },
      { role: 'line', text: expect.stringContaining('<https://slack.example/old|The old thread>'), gone: false },
    ]);
    const { rows: threads } = await db.pool.query('select root_ts, url from threads where id = $1', [threadId]);
    expect(threads).toEqual([{ root_ts: null, url: null }]);
    expect(await subjectOfThread(db.db, threadId)).toBe('BUG-7');
  });
});
