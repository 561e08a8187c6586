// What one life of a database gave out, no other gives out again.
import { expect, test } from 'vitest';
import type { Cause } from '../../src/db/act.ts';
import { record } from '../../src/db/audit.ts';
import { noteRestore } from '../../src/db/restored.ts';
import { freshDb } from '../support/db.ts';

const MINUTE = 60_000;
const T0 = Date.parse('2027-03-01T09:00:00Z');
const causeAt = (now: Date): Cause => ({ key: `restore:${+now}`, source: 'CLI', actor: 'shipshape', eventTime: now });

/** What is in a backup, as far as ids go: where each sequence was, and when the last was done. */
interface Backup {
  at: Date;
  last: Map<string, number>;
}
const minutes = (n: number) => new Date(T0 + n * MINUTE);

/** Puts it back in a database of its own, and gives out `count` ids there of each kind. @returns the first ones, and a backup of then */
async function life(backup: Backup, restoredAt: Date, count: number, until: Date) {
  const { db, pool, close } = await freshDb();
  try {
    for (const [sequence, last] of backup.last) await pool.query('select setval($1, $2)', [sequence, last]);
    const done = (now: Date) =>
      db.transaction((tx) => record(tx, causeAt(now), { verb: 'x', subject: 'x', data: {} }, now));
    await done(backup.at);
    await noteRestore(db, causeAt(restoredAt), restoredAt, null);
    // Of the trail nothing is given out here, and blocking_seq is an order, nobody's id.
    const { rows: names } = await pool.query(
      `select sequencename as name from pg_sequences where schemaname = 'public' and sequencename not in ('audit_events_id_seq', 'blocking_seq')`,
    );
    const first = new Map<string, number>();
    const last = new Map<string, number>();
    for (const { name } of names) {
      const { rows } = await pool.query(
        'select min(n)::float8 as first, max(n)::float8 as last from (select nextval($1) as n from generate_series(1, $2)) x',
        [name, count],
      );
      first.set(name, rows[0].first);
      last.set(name, rows[0].last);
    }
    return { first, backup: { at: until, last } };
  } finally {
    await close();
  }
}

test('restores of the same backup, an older or a younger one never give out an id again, and shown ids stay short', async () => {
  const old: Backup = { at: minutes(0), last: new Map([['fund_requests_id_seq', 7]]) };
  // What people can make: 400 in ten minutes.
  const one = await life(old, minutes(60), 400, minutes(70));
  const two = await life(old, minutes(71), 400, minutes(80));
  const younger = await life(one.backup, minutes(90), 400, minutes(100));
  const three = await life(old, minutes(101), 400, minutes(110));
  const lives = [one, two, younger, three];
  for (const name of one.first.keys())
    for (const [i, later] of lives.entries())
      for (const earlier of lives.slice(0, i))
        expect(later.first.get(name), name).toBeGreaterThan(earlier.backup.last.get(name) ?? 0);
  expect(one.first.get('fund_requests_id_seq')).toBe(7 + 7_001);
  expect(two.first.get('fund_requests_id_seq')).toBe(7 + 8_101);
  expect(one.first.get('ledger_transactions_id_seq')).toBe(70_001);
  // A year later: long, and still exact.
  const late = await life(old, minutes(525_600), 1, minutes(525_600));
  expect(late.first.get('fund_requests_id_seq')).toBeLessThan(100_000_000);
  expect(Math.max(...late.first.values())).toBeLessThan(Number.MAX_SAFE_INTEGER);
});

test('what a fast clock dated into the future does not bring two restores together', async () => {
  const { db, pool, close } = await freshDb();
  try {
    const times = [minutes(0), minutes(600)];
    for (const now of times)
      await db.transaction((tx) => record(tx, causeAt(now), { verb: 'x', subject: 'x', data: {} }, now));
    await noteRestore(db, causeAt(minutes(10)), minutes(10), null);
    expect((await pool.query(`select nextval('releases_id_seq')::int as id`)).rows).toEqual([{ id: 2_001 }]);
  } finally {
    await close();
  }
});
