import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { open } from '../../../src/areas/releases/open.ts';
import { openReleases } from '../../../src/areas/releases/store.ts';
import { freshDb, type TestDb } from '../../support/db.ts';
import { ADA, ADMIN, BEN, ENG, MAX, NOBODY } from '../../support/facts.ts';
import { aCause, anOpening, type Team, teamOn } from '../../support/team.ts';

let db: TestDb;
let team: Team;
beforeAll(async () => {
  db = await freshDb();
  team = teamOn(db.db);
});
afterAll(() => db.close());

const EMERGENCY = { kind: 'emergency', reason: 'money is lost', prodIssue: 'https://issues.example.com/1' } as const;
const tell = (o: Parameters<typeof anOpening>[0], actor = MAX, cause = aCause()) =>
  open(team.deps, cause, actor, anOpening(o));

describe('opening', () => {
  it('makes the release, its thread with one responsible person (R24), the card and the details, and is audited (R26)', async () => {
    const { answer, repeated } = await tell({ product: 'a', changes: 'New <!channel> button', manager: ADMIN.id });
    expect(repeated).toBe(false);
    expect(answer.text).toMatch(
      /^:white_check_mark: Opened \*a v1\.2\.3\* \(`abc1234`\) as REL-\d+ in <#CREL>.*<@UADMIN> is its manager\.$/,
    );
    const f = await team.facts(answer.releaseId as number);
    expect(f.release).toMatchObject({ state: 'waiting', openedBy: MAX.id, manager: ADMIN.id, authors: ['UEVE'] });
    const { rows: threads } = await db.pool.query('select * from threads where id = $1', [f.release.threadId]);
    expect(threads).toMatchObject([{ kind: 'release', title: 'release v1.2.3', responsible: ADMIN.id }]);
    const { rows: outbox } = await db.pool.query('select role, lane, blocks from outbox order by id');
    expect(outbox.map((row) => row.role)).toEqual(['card', 'line']);
    expect(new Set(outbox.map((row) => row.lane)).size).toBe(1);
    expect(JSON.stringify(outbox[1].blocks)).toContain('New &lt;!channel&gt; button');
    const { rows: audit } = await db.pool.query('select verb, subject, actor, data from audit_events');
    expect(audit).toMatchObject([{ verb: 'open', actor: 'UADA', data: { commit: 'abc1234', version: 'v1.2.3' } }]);
  });

  it('tells who opens it for themselves that they manage it', async () => {
    expect((await tell({ product: 'b' })).answer.text).toContain('You are its manager.');
  });

  it('is for operators, engineers and admins', async () => {
    for (const [i, actor] of [ADA, ENG, ADMIN].entries())
      expect((await tell({ product: `c${i}` }, actor)).answer.outcome).toBe('accepted');
    expect((await tell({ product: 'c9' }, NOBODY)).answer).toMatchObject({ outcome: 'refused', code: 'role' });
  });

  it('happens once per cause: a repeat is given the first answer', async () => {
    const cause = aCause();
    const first = await tell({ product: 'd' }, MAX, cause);
    const again = await tell({ product: 'd' }, MAX, cause);
    expect(again).toEqual({ answer: first.answer, repeated: true });
  });
});

describe('one at a time (R9)', () => {
  it('refuses a version that exists, and says where it is', async () => {
    await tell({ product: 'e' });
    const { answer } = await tell({ product: 'e' });
    expect(answer).toMatchObject({ outcome: 'refused', code: 'version_taken' });
    expect(answer.text).toContain('/release status e v1.2.3');
  });

  it('refuses the version of one that ended, unless it was cancelled', async () => {
    const { answer } = await tell({ product: 'f' });
    const id = answer.releaseId as number;
    await team.do(id, MAX, { kind: 'cancel', reason: null });
    const second = await tell({ product: 'f' });
    expect(second.answer.outcome).toBe('accepted');
    await db.pool.query("update releases set state = 'done' where id = $1", [second.answer.releaseId]);
    const third = await tell({ product: 'f' });
    expect(third.answer).toMatchObject({ code: 'version_taken', text: expect.stringContaining('its own version') });
  });

  it('refuses a second scheduled release of a product', async () => {
    await tell({ product: 'g' });
    const { answer } = await tell({ product: 'g', version: 'v2.0.0' });
    expect(answer).toMatchObject({ outcome: 'refused', code: 'one_open' });
    expect(answer.text).toContain('/release status g v1.2.3');
  });

  it('opens one of ten at the same moment, and nothing is left of the others', async () => {
    const { rows: before } = await db.pool.query('select count(*) as n from threads');
    const all = await Promise.all(Array.from({ length: 10 }, () => tell({ product: 'h' })));
    expect(all.filter((r) => r.answer.outcome === 'accepted')).toHaveLength(1);
    expect(all.filter((r) => r.answer.code === 'version_taken')).toHaveLength(9);
    const { rows: after } = await db.pool.query('select count(*) as n from threads');
    expect(Number(after[0].n)).toBe(Number(before[0].n) + 1);
    expect((await openReleases(db.db)).filter((f) => f.release.product === 'h')).toHaveLength(1);
  });

  it('opens one of two versions at the same moment', async () => {
    const all = await Promise.all(['v1.0.0', 'v2.0.0'].map((version) => tell({ product: 'i', version })));
    expect(all.map((r) => r.answer.code ?? 'opened').sort()).toEqual(['one_open', 'opened']);
  });
});

describe('an emergency (R9)', () => {
  it('holds the scheduled release, takes its approval back, and lets go when it is cancelled', async () => {
    const id = (await tell({ product: 'k' })).answer.releaseId as number;
    await team.approve(id, ADA, BEN);
    expect((await team.facts(id)).release.state).toBe('approved');
    const { answer } = await tell({ product: 'k', version: 'v1.2.4', ...EMERGENCY });
    const held = await team.facts(id);
    expect(held.release.state).toBe('testing');
    expect(held.holds).toMatchObject([{ emergencyId: answer.releaseId, reason: 'emergency v1.2.4 goes first' }]);
    expect((await team.lines(id)).join('\n')).toContain('On hold by an emergency');

    await team.do(answer.releaseId as number, MAX, { kind: 'cancel', reason: 'false alarm' });
    const freed = await team.facts(id);
    expect(freed.holds[0]?.liftedAt).not.toBeNull();
    expect(freed.release.state).toBe('testing');
    expect(await team.dms(ADA.id)).toHaveLength(1);
    expect((await team.dms(ADA.id))[0]).toContain('counts again only if you still stand by it');
  });

  it('leaves alone what is being pushed: no alarm, no hold; should the push fail, it is held from then on', async () => {
    const pushed = async (product: string) => {
      const id = (await tell({ product })).answer.releaseId as number;
      await team.approve(id, ADA, BEN);
      await team.reconciled(id);
      await team.do(id, MAX, { kind: 'ship' });
      const hotfix = (await tell({ product, version: 'v1.2.4', ...EMERGENCY })).answer.releaseId as number;
      expect((await team.facts(id)).holds).toEqual([]);
      expect((await team.lines(id)).join('\n')).not.toMatch(/emergency|roll back/);
      return { id, hotfix };
    };
    const { id, hotfix } = await pushed('q');
    const asked = (await team.dms(ADA.id)).length;
    await team.do(id, MAX, { kind: 'failed', reason: null });
    expect((await team.facts(id)).holds).toMatchObject([{ emergencyId: hotfix, liftedAt: null }]);
    expect((await team.lines(id)).at(-1)).toContain('On hold by an emergency: emergency v1.2.4 goes first');
    // Who signed is asked when it can be given again.
    expect(await team.dms(ADA.id)).toHaveLength(asked);
    // Its new candidate waits for no emergency that it waited for once.
    await team.do(id, MAX, { kind: 'candidate', commit: 'def5678', tree: null });
    for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'lgtm', road: 'button' });
    await team.reconciled(id);
    await team.do(id, MAX, { kind: 'ship' });
    await team.do(id, MAX, { kind: 'failed', reason: null });
    expect((await team.facts(id)).holds.filter((h) => !h.liftedAt)).toEqual([]);

    const other = await pushed('r');
    await team.do(other.hotfix, MAX, { kind: 'cancel', reason: null });
    await team.do(other.id, MAX, { kind: 'failed', reason: null });
    expect((await team.facts(other.id)).holds).toEqual([]);
  });

  it('holds a scheduled release opened after it', async () => {
    const emergency = (await tell({ product: 'l', ...EMERGENCY })).answer.releaseId;
    const { answer } = await tell({ product: 'l', version: 'v1.3.0' });
    expect((await team.facts(answer.releaseId as number)).holds).toMatchObject([{ emergencyId: emergency }]);
  });

  it('holds the scheduled release also when both are opened at the same moment', async () => {
    for (let i = 0; i < 10; i++) {
      const product = `n${i}`;
      const [first] = await Promise.all([tell({ product }), tell({ product, version: 'v1.3.0', ...EMERGENCY })]);
      expect((await team.facts(first.answer.releaseId as number)).holds).toHaveLength(1);
    }
  });

  it('holds nothing when it is being cancelled while the scheduled release is opened', async () => {
    const emergency = (await tell({ product: 'o', ...EMERGENCY })).answer.releaseId as number;
    const cancelling = await db.pool.connect();
    await cancelling.query('begin');
    await cancelling.query("update releases set state = 'cancelled' where id = $1", [emergency]);
    const opening = tell({ product: 'o', version: 'v1.3.0' });
    await new Promise((done) => setTimeout(done, 300));
    await cancelling.query('commit');
    cancelling.release();
    const { answer } = await opening;
    expect((await team.facts(answer.releaseId as number)).holds).toEqual([]);
  });

  it('is one per product', async () => {
    await tell({ product: 'm', ...EMERGENCY });
    expect((await tell({ product: 'm', version: 'v2.0.0', ...EMERGENCY })).answer.code).toBe('one_open');
  });
});
