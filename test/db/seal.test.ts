import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canonical, record } from '../../src/db/audit.ts';
import { headOf, linkHash, seal } from '../../src/db/seal.ts';
import { verifyAudit } from '../../src/db/verify.ts';
import { sealAll } from '../../src/jobs/seal.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { aCause } from '../support/team.ts';

const NOW = new Date();
let db: TestDb;
beforeEach(async () => {
  db = await freshDb();
});
afterEach(() => db.close());

async function events(count: number, at = NOW): Promise<void> {
  for (let i = 0; i < count; i++) {
    const what = { verb: 'signed', subject: `REL-${i + 1}`, data: { b: 'ü', a: [1, { d: null, c: true }] } };
    await db.db.transaction((tx) => record(tx, aCause(), what, at));
  }
}
const sealNow = () => sealAll(db.db, () => NOW);
const verify = (heads: Parameters<typeof verifyAudit>[1] = []) => verifyAudit(db.db, heads);
/** What somebody with all rights on the database can do. */
async function tamper(sql: string): Promise<void> {
  for (const table of ['audit_events', 'audit_chain']) await db.pool.query(`alter table ${table} disable trigger all`);
  await db.pool.query(sql);
  for (const table of ['audit_events', 'audit_chain']) await db.pool.query(`alter table ${table} enable trigger all`);
}
const faults = async (heads?: Parameters<typeof verifyAudit>[1]) => (await verify(heads)).faults;

describe('R26: the seal', () => {
  it('chains what is committed, in order, and leaves nothing waiting', async () => {
    await events(3);
    expect(await verify()).toEqual({ ok: true, events: 3, sealed: 0, unsealed: 3, faults: [] });
    await sealNow();
    expect(await verify()).toEqual({ ok: true, events: 3, sealed: 3, unsealed: 0, faults: [] });
    const { rows } = await db.pool.query('select * from audit_chain order by position');
    expect(rows[0].previous).toBe('0'.repeat(64));
    expect(rows[1].previous).toBe(rows[0].hash);
    expect(await headOf(db.db)).toEqual({ position: 3, hash: rows[2].hash });
  });

  it('works in batches of 500 and says how many', async () => {
    await db.pool.query(`insert into audit_events (actor, verb, subject, event_time, record_time, source, cause, data, canonical)
      select 'U1', 'v', 'REL-1', now(), now(), 'CLI', 'c', '{}', 'x' from generate_series(1, 620)`);
    expect([await seal(db.db, NOW), await seal(db.db, NOW), await seal(db.db, NOW)]).toEqual([500, 120, 0]);
  });

  it('is one sealer: ten at once make one chain', async () => {
    await events(30);
    await Promise.all(Array.from({ length: 10 }, sealNow));
    await sealNow();
    expect(await verify()).toMatchObject({ ok: true, sealed: 30 });
  });

  it('does not wait for an event that is not committed, and seals it when it is', async () => {
    const slow = await db.pool.connect();
    await slow.query('begin');
    await slow.query(`insert into audit_events (actor, verb, subject, event_time, record_time, source, cause, data, canonical)
      values ('U1', 'v', 'REL-9', '2026-01-01Z', now(), 'CLI', 'c', '{}', 'x')`);
    await events(1);
    await sealNow();
    await slow.query('commit');
    slow.release();
    await sealNow();
    const { rows } = await db.pool.query('select event_id::int from audit_chain order by position');
    expect(rows.map((row) => row.event_id)).toEqual([2, 1]);
  });

  it('cannot be undone with ordinary rights', async () => {
    await events(1);
    await sealNow();
    for (const sql of [
      `update audit_events set actor = 'U2'`,
      'delete from audit_events',
      'truncate audit_events cascade',
      `update audit_chain set hash = ''`,
      'delete from audit_chain',
      'truncate audit_chain',
    ])
      await expect(db.pool.query(sql)).rejects.toThrow('append-only');
  });
});

describe('R26: the verification finds', () => {
  beforeEach(async () => {
    await events(5);
    await sealNow();
  });

  it('an edited column', async () => {
    await tamper(`update audit_events set actor = 'UEVIL' where id = 3`);
    expect(await faults()).toEqual([
      'Position 3 (event 3) differs from the text it was recorded with: "signed" on REL-3 by UEVIL.',
    ]);
  });

  it('edited data', async () => {
    await tamper(`update audit_events set data = data || '{"a": 2}' where id = 4`);
    expect(await faults()).toEqual([expect.stringContaining('Position 4 (event 4) differs from the text')]);
  });

  it('an event edited together with its text', async () => {
    await tamper(
      `update audit_events set actor = 'UEVIL', canonical = replace(canonical, 'UADA', 'UEVIL') where id = 3`,
    );
    expect(await faults()).toEqual([
      'Position 3 (event 3) does not match its seal: "signed" on REL-3 by UEVIL was changed, or put in another\'s place.',
    ]);
  });

  it('a gap', async () => {
    await tamper('delete from audit_chain where position = 3; delete from audit_events where id = 3');
    expect(await faults()).toEqual(['Position 4 (event 4) follows position 2: what was between is missing.']);
  });

  it('a gap that was closed by renumbering', async () => {
    await tamper(`delete from audit_chain where position = 3; delete from audit_events where id = 3;
      update audit_chain set position = position - 1 where position > 3`);
    const found = await faults();
    expect(found[0]).toBe('Position 3 (event 4) does not continue position 2: the chain is broken.');
    expect(found).toHaveLength(3);
  });

  it('two that changed places', async () => {
    await tamper(`alter table audit_chain drop constraint audit_chain_event_id_unique;
      update audit_chain set event_id = 5 - event_id where position in (2, 3)`);
    const found = await faults();
    expect(found).toHaveLength(2);
    expect(found[0]).toContain('Position 2 (event 3) does not match its seal');
    expect(found[1]).toContain('Position 3 (event 2) does not match its seal');
  });

  it('a deleted event', async () => {
    await tamper('delete from audit_events where id = 2');
    expect(await faults()).toEqual(['Position 2 (event 2) seals an event that is not there any more.']);
  });

  it('an event outside of the chain', async () => {
    await tamper('delete from audit_chain where position = 5');
    expect(await faults()).toEqual([
      'Event 5 (no position) is neither sealed nor waiting for its seal: "signed" on REL-5 by UADA.',
    ]);
  });

  it('a tail that was cut off with its events, by the published head', async () => {
    const head = await headOf(db.db);
    await tamper('delete from audit_chain where position > 3; delete from audit_events where id > 3');
    expect(await faults()).toEqual([]);
    expect(await faults(head ? [head] : [])).toEqual([
      'Position 5 was published and is not there any more: the end of the chain was cut off.',
    ]);
  });

  it('a chain that was computed anew, by the published head', async () => {
    const head = await headOf(db.db);
    await tamper(
      `update audit_events set actor = 'UEVIL', canonical = replace(canonical, 'UADA', 'UEVIL') where id = 2`,
    );
    const { rows } = await db.pool.query('select id::int, canonical from audit_events order by id');
    let previous = '0'.repeat(64);
    const anew = rows.map(({ id, canonical }) => {
      const was = previous;
      previous = linkHash(previous, id, id, canonical);
      return `update audit_chain set previous = '${was}', hash = '${previous}' where position = ${id}`;
    });
    await tamper(anew.join(';'));
    expect(await faults()).toEqual([]);
    expect(await faults(head ? [head] : [])).toEqual([
      'Position 5 (event 5) has another hash than was published: the chain was rewritten.',
    ]);
  });

  it('what waited too long, or was to be sealed and is gone, or is sealed and waits again', async () => {
    await events(2, new Date(Date.now() - 11 * 60_000));
    await tamper('delete from audit_events where id = 7; insert into audit_unsealed values (1)');
    expect(await faults()).toEqual([
      'Event 6 (no position) has waited for its seal for over 10 minutes: is the bot running?',
      'Event 7 (no position) was to be sealed and is not there any more.',
      'Event 1 is sealed at position 1 and waits for a seal too.',
    ]);
  });

  it('a thousand faults, and tells a hundred', async () => {
    await tamper(`insert into audit_events (actor, verb, subject, event_time, record_time, source, cause, data, canonical)
      select 'U1', 'v', 'REL-1', now(), now(), 'CLI', 'c', '{}', 'x' from generate_series(1, 2500)`);
    const found = await faults();
    expect(found).toHaveLength(101);
    expect(found.at(-1)).toBe('And 4900 more.');
  });
});

it('R26: the canonical text says the same after a round trip through the database', async () => {
  await events(1);
  const { rows } = await db.pool.query('select canonical from audit_events');
  const [event] = await db.db.query.auditEvents.findMany();
  if (!event) throw new Error('no event');
  expect(canonical(event)).toBe(rows[0].canonical);
});
