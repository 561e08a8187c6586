import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { once } from '../../src/db/act.ts';
import { commandPeople, record } from '../../src/db/audit.ts';
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
