import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cardGone, draw } from '../../../src/areas/releases/cards.ts';
import { liveCheckTs, releaseOfMessage } from '../../../src/areas/releases/messages.ts';
import { markShown } from '../../../src/areas/releases/store.ts';
import { post } from '../../../src/db/outbox.ts';
import { freshDb, type TestDb } from '../../support/db.ts';
import { ADA, BEN, MAX, minutes } from '../../support/facts.ts';
import { TEAM, type Team, teamOn } from '../../support/team.ts';

let db: TestDb;
let team: Team;
beforeAll(async () => {
  db = await freshDb();
  team = teamOn(db.db);
});
afterAll(() => db.close());

const outbox = async (id: number) => {
  const { rows } = await db.pool.query(
    'select role, thread_id, posted_ts, failed_at is not null as failed, error, text from outbox where subject = $1 or thread_id in (select thread_id from releases where id = $2) order by id',
    [`REL-${id}`, id],
  );
  return rows;
};

describe('draw', () => {
  it('draws card and check with the candidate they show, and nothing for a release that is not there', async () => {
    const id = await team.open();
    const f = await team.facts(id);
    const card = await draw(db.db, { role: 'card', releaseId: id }, TEAM, team.now);
    expect(card).toMatchObject({ candidateId: f.candidates[0]?.id, text: expect.stringContaining('waiting') });
    expect(await draw(db.db, { role: 'check', releaseId: id }, TEAM, team.now)).toMatchObject({
      text: expect.stringContaining('Production check'),
    });
    expect(await draw(db.db, { role: 'card', releaseId: 99_999 }, TEAM, team.now)).toBeNull();
  });

  it('notes when a candidate was first shown, once', async () => {
    const id = await team.open();
    const [c] = (await team.facts(id)).candidates;
    await markShown(db.db, c?.id as number, new Date(1000));
    await markShown(db.db, c?.id as number, new Date(2000));
    expect((await team.facts(id)).candidates[0]?.shownAt).toEqual(new Date(1000));
    // Where Slack does not date it, the database does, as it does the events that are compared with it.
    await db.pool.query('update candidates set shown_at = null where release_id = $1', [id]);
    await markShown(db.db, c?.id as number);
    const { rows } = await db.pool.query(
      'select clock_timestamp() - shown_at < $1 as now from candidates where release_id = $2',
      ['1 minute', id],
    );
    expect(rows).toEqual([{ now: true }]);
  });
});

describe('a message deleted in Slack', () => {
  it('the card: a new thread, the old one linked, waiting lines moved, nothing taken back', async () => {
    const id = await team.open();
    await team.posted(id, '20.000001');
    const old = (await team.facts(id)).release.threadId;
    for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'ready' });
    await cardGone(team.deps, id, 'card', '20.000001', 'reconcile');
    const f = await team.facts(id);
    expect(f.release.threadId).not.toBe(old);
    expect(f.thread.rootTs).toBeNull();
    expect(f.presences).toHaveLength(2);
    const rows = await outbox(id);
    const cards = rows.filter((r) => r.role === 'card');
    expect(cards.map((r) => r.failed)).toEqual([true, false]);
    const lines = (await team.lines(id)).join('\n');
    expect(lines).toMatch(/The card was deleted in Slack; .*archives\/CREL\/p20000001/);
    expect(lines).toContain('two sets of eyes are here');
    const { rows: left } = await db.pool.query(
      'select count(*)::int as n from outbox where lane = $1 and posted_ts is null and failed_at is null',
      [`thread:${old}`],
    );
    expect(left[0].n).toBe(0);
    const { rows: threads } = await db.pool.query('select responsible, title from threads where id = $1', [
      f.release.threadId,
    ]);
    expect(threads[0].responsible).toBe(MAX.id);
    const { rows: audit } = await db.pool.query(
      'select verb, source, data from audit_events where subject = $1 order by id',
      [`REL-${id}`],
    );
    expect(audit.at(-1)).toEqual({
      verb: 'new_thread',
      source: 'reconcile',
      data: { goneTs: '20.000001', threadId: f.release.threadId },
    });
    // The same deletion heard of twice, or of a card that is not the newest, changes nothing.
    await cardGone(team.deps, id, 'card', '20.000001', 'message');
    expect((await team.facts(id)).release.threadId).toBe(f.release.threadId);
  });

  it('R23: a reminder that waited for the old thread is of use as long as before, and is known by its new message', async () => {
    const id = await team.open();
    await team.posted(id, '25.000001');
    const { threadId } = (await team.facts(id)).release;
    const of = (until?: Date) =>
      db.db.transaction((tx) =>
        post(tx, { role: 'line', target: 'CREL', threadId, text: 'eyes?', ...(until && { until }) }),
      );
    const waits = [await of(), await of(minutes(60)), await of()];
    for (const outboxId of waits)
      await db.pool.query(
        `insert into reminders values ('eyes', $1, 'UADA', '2026-03-02', 0, now(), now(), $2, false, false)`,
        [`REL-${outboxId}`, outboxId],
      );
    await cardGone(team.deps, id, 'card', '25.000001', 'message');
    const { rows } = await db.pool.query(
      `select o.until, o.thread_id = r.thread_id as moved, o.failed_at from reminders m join outbox o on o.id = m.outbox_id
        join releases r on r.id = $1 where m.subject = any($2) order by m.subject`,
      [id, waits.map((outboxId) => `REL-${outboxId}`)],
    );
    const moved = (until: Date | null) => ({ until, moved: true, failed_at: null });
    expect(rows).toEqual([moved(null), moved(minutes(60)), moved(null)]);
  });

  it('the production check: posted again, once', async () => {
    const id = await team.open();
    await team.posted(id, '30.000001');
    await team.approve(id, ADA, BEN);
    await team.reconciled(id);
    await team.do(id, MAX, { kind: 'ship' });
    await team.do(id, MAX, { kind: 'shipped' });
    await team.posted(id, '31.000001', 'check');
    await cardGone(team.deps, id, 'check', '31.000001', 'message');
    await cardGone(team.deps, id, 'check', '31.000001', 'message');
    await cardGone(team.deps, id, 'check', '29.000001', 'message');
    const checks = (await outbox(id)).filter((r) => r.role === 'check');
    expect(checks.map((r) => [r.failed, r.posted_ts])).toEqual([
      [true, '31.000001'],
      [false, null],
    ]);
  });

  it('R8: the card while production is checked: the check is in the new thread too, and both count', async () => {
    const id = await team.open();
    await team.posted(id, '40.000001');
    await team.approve(id, ADA, BEN);
    await team.reconciled(id);
    await team.do(id, MAX, { kind: 'ship' });
    await team.do(id, MAX, { kind: 'shipped' });
    const checks = async () => (await outbox(id)).filter((r) => r.role === 'check');
    // Not posted yet: what waits moves, and is not doubled.
    await cardGone(team.deps, id, 'card', '40.000001', 'message');
    expect((await checks()).map((r) => [r.failed, r.posted_ts])).toEqual([
      [true, null],
      [false, null],
    ]);
    await team.posted(id, '41.000001');
    await team.posted(id, '41.000002', 'check');
    await cardGone(team.deps, id, 'card', '41.000001', 'message');
    const { threadId } = (await team.facts(id)).release;
    expect((await checks()).slice(1).map((r) => [r.failed, r.posted_ts, Number(r.thread_id) === threadId])).toEqual([
      [false, '41.000002', false],
      [false, null, true],
    ]);
    // The old one goes too, before the new one is there: one is on its way already.
    await cardGone(team.deps, id, 'check', '41.000002', 'message');
    expect(await checks()).toHaveLength(3);
    await db.pool.query("update outbox set failed_at = null where posted_ts = '41.000002'");
    await team.posted(id, '42.000001');
    await team.posted(id, '42.000002', 'check');
    expect(await liveCheckTs(db.db, id)).toBe('42.000002');
    for (const ts of ['41.000002', '42.000002'])
      expect(await releaseOfMessage(db.db, 'CREL', ts)).toEqual({ releaseId: id, role: 'check' });
    // The one in the old thread goes: it is not made again, and not drawn any more.
    await cardGone(team.deps, id, 'check', '41.000002', 'message');
    expect((await checks()).map((r) => r.failed)).toEqual([true, true, false]);
  });

  it('of a release that is not there: nothing', async () => {
    await cardGone(team.deps, 99_999, 'card', '1.1', 'message');
  });
});
