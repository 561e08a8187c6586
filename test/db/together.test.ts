import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorText } from '../../src/base/errors.ts';
import { together } from '../../src/db/client.ts';
import { freshDb, type TestDb } from '../support/db.ts';

let db: TestDb;
beforeAll(async () => {
  db = await freshDb();
  await db.pool.query('create table marks (n int primary key)');
});
afterAll(() => db.close());

const marks = async () => (await db.pool.query('select n from marks order by n')).rows.map((row) => row.n);

describe('together', () => {
  it('gives the results in order', async () => {
    const found = await db.db.transaction((tx) =>
      together([tx.execute(sql`insert into marks values (1)`), tx.execute<{ n: number }>(sql`select 2 as n`)]),
    );
    expect(found[1].rows).toEqual([{ n: 2 }]);
    expect(await marks()).toEqual([1]);
  });

  it('throws the failure itself, and nothing of the transaction stays', async () => {
    const failing = db.db.transaction((tx) => {
      const slow = async () => {
        await tx.execute(sql`select 1`);
        await tx.execute(sql`insert into marks values (3)`);
      };
      return together([
        slow(),
        tx.execute(sql`insert into marks values (1)`),
        tx.execute(sql`insert into marks values (4)`),
      ]);
    });
    const err = await failing.catch((e) => e);
    expect(errorText(err.cause ?? err)).toMatch(/duplicate key|unique/);
    expect(await marks()).toEqual([1]);
  });
});
