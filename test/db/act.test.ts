import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { once, Unsure } from '../../src/db/act.ts';
import { commandPeople, record } from '../../src/db/audit.ts';
import { type Db, openDb, type Tx } from '../../src/db/client.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { aCause } from '../support/team.ts';

let db: TestDb;
beforeAll(async () => {
  db = await freshDb();
});
afterAll(() => db.close());

describe('once per cause', () => {
  it('keeps the first result and gives it to a repeat, without doing the work again', async () => {
    const cause = aCause();
    let done = 0;
    const work = async () => ({ n: ++done });
    expect(await once(db.db, cause, work)).toEqual({ result: { n: 1 }, repeated: false });
    expect(await once(db.db, cause, work)).toEqual({ result: { n: 1 }, repeated: true });
    expect(done).toBe(1);
  });

  it('lets twenty at once be one', async () => {
    const cause = aCause();
    let done = 0;
    const all = await Promise.all(Array.from({ length: 20 }, () => once(db.db, cause, async () => ++done)));
    expect(all.filter((r) => !r.repeated)).toHaveLength(1);
    expect(all.every((r) => r.result === 1)).toBe(true);
  });

  it('waits 2 s for a lock at most, and lets only what a stored event sets off commit without waiting for the disk', async () => {
    // The tests' own server never waits for it.
    const durable = openDb(`${db.url}?options=-c%20synchronous_commit%3Don`, { log: () => {}, max: 1 });
    const set = async (tx: Tx) => {
      const { rows } = await tx.execute(
        sql`select current_setting('lock_timeout') as lock, current_setting('synchronous_commit') as disk`,
      );
      return rows[0];
    };
    try {
      expect((await once(durable.db, aCause(), set)).result).toEqual({ lock: '2s', disk: 'on' });
      const stored = { ...aCause(), stored: true } as const;
      expect((await once(durable.db, stored, set)).result).toEqual({ lock: '2s', disk: 'off' });
      expect((await durable.pool.query('show lock_timeout')).rows).toEqual([{ lock_timeout: '0' }]);
    } finally {
      await durable.close();
    }
  });

  /** A database whose commits are applied, and whose answers to the first `times` of them are lost. */
  const answerLost = (times: number): Db => {
    let left = times;
    const transaction: Db['transaction'] = async (work) => {
      const done = await db.db.transaction(work);
      if (left-- > 0)
        throw new Error('Failed query: commit', { cause: new Error('Connection terminated unexpectedly') });
      return done;
    };
    return Object.assign(Object.create(db.db), { transaction });
  };

  it('finds out what became of a commit whose answer was lost, and tells it as its own', async () => {
    let done = 0;
    expect(await once(answerLost(1), aCause(), async () => ({ n: ++done }))).toEqual({
      result: { n: 1 },
      repeated: false,
    });
    expect(done).toBe(1);
  });

  it('says that it does not know when the database stays away after a lost commit, and nothing of the kind before one', async () => {
    await expect(once(answerLost(9), aCause(), async () => ({ n: 1 }))).rejects.toThrow(Unsure);
    // Whatever goes wrong after it: here the commit that was lost is still under way, and holds the cause.
    const waits = Object.assign(new Error('lock timeout'), { code: '55P03' });
    const lost = answerLost(1);
    let asked = 0;
    const slow: Db = Object.assign(Object.create(db.db), {
      transaction: ((work) => (asked++ ? Promise.reject(waits) : lost.transaction(work))) as Db['transaction'],
    });
    await expect(once(slow, aCause(), async () => ({ n: 1 }))).rejects.toThrow(Unsure);
    expect(asked).toBe(2);
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const away: Db = Object.assign(Object.create(db.db), { transaction: () => Promise.reject(refused) });
    await expect(once(away, aCause(), async () => ({ n: 1 }))).rejects.toBe(refused);
  });

  it('does both of two actions that waited for each other', async () => {
    await db.pool.query('create table two_rows (id int primary key, n int default 0)');
    await db.pool.query('insert into two_rows values (1), (2)');
    let met = 0;
    let meet = () => {};
    const bothHoldOne = new Promise<void>((done) => {
      meet = () => ++met === 2 && done();
    });
    const crossing = (first: number, second: number) =>
      once(db.db, aCause(), async (tx) => {
        await tx.execute(sql`update two_rows set n = n + 1 where id = ${first}`);
        meet();
        await bothHoldOne;
        await tx.execute(sql`update two_rows set n = n + 1 where id = ${second}`);
        return 'done';
      });
    const both = await Promise.all([crossing(1, 2), crossing(2, 1)]);
    expect(both.map((r) => r.result)).toEqual(['done', 'done']);
    expect((await db.pool.query('select n from two_rows')).rows).toEqual([{ n: 2 }, { n: 2 }]);
  });

  it('forgets a cause whose work failed', async () => {
    const cause = aCause();
    const fails = once(db.db, cause, async (tx) => {
      await record(tx, cause, { verb: 'x', subject: 'REL-1', data: {} }, new Date());
      throw new Error('not now');
    });
    await expect(fails).rejects.toThrow('not now');
    const { rows } = await db.pool.query('select count(*)::int as n from audit_events where cause = $1', [cause.key]);
    expect(rows[0].n).toBe(0);
    expect(await once(db.db, cause, async () => 'done')).toEqual({ result: 'done', repeated: false });
  });
});

describe('the people who use commands', () => {
  it('are counted over a week', async () => {
    const now = new Date();
    for (const actor of ['U1', 'U1', 'U2'])
      await db.db.transaction((tx) => record(tx, aCause({ actor }), { verb: 'x', subject: 'REL-1', data: {} }, now));
    const old = new Date(now.getTime() - 8 * 24 * 3_600_000);
    await db.db.transaction((tx) =>
      record(tx, aCause({ actor: 'U3' }), { verb: 'x', subject: 'REL-1', data: {} }, old),
    );
    const click = aCause({ actor: 'U4', source: 'button' });
    await db.db.transaction((tx) => record(tx, click, { verb: 'x', subject: 'REL-1', data: {} }, now));
    expect(await commandPeople(db.db)).toBe(2);
  });
});
