import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { perform } from '../../../src/areas/releases/actions.ts';
import { evolve } from '../../../src/areas/releases/evolve.ts';
import {
  liveCheckTs,
  postsInFlight,
  releaseOfMessage,
  releaseOfThread,
  releaseOfThreadId,
} from '../../../src/areas/releases/messages.ts';
import { decide } from '../../../src/areas/releases/rules.ts';
import {
  byVersion,
  countByState,
  endedReleases,
  idsToRead,
  liveReleases,
  loadFacts,
  openReleases,
  owingReview,
} from '../../../src/areas/releases/store.ts';
import type { Act, Facts } from '../../../src/areas/releases/types.ts';
import type { Actor } from '../../../src/base/actor.ts';
import { freshDb, type TestDb } from '../../support/db.ts';
import { ADA, ADMIN, BEN, CAS, MAX, NOBODY } from '../../support/facts.ts';
import { aCause, type Team, teamOn } from '../../support/team.ts';

let db: TestDb;
let team: Team;
beforeAll(async () => {
  db = await freshDb();
  team = teamOn(db.db);
});
afterAll(() => db.close());

/** Facts without what the database alone decides: ids of rows, and the order of presences. */
function comparable(f: Facts) {
  const index = new Map(f.candidates.map((c, i) => [c.id, i]));
  const bare = <T extends object>(row: T) => ({ ...row, id: 0, releaseId: 0 });
  return {
    release: f.release,
    candidates: f.candidates.map(bare),
    presences: f.presences.map(bare).sort((a, b) => `${a.stage}${a.person}`.localeCompare(`${b.stage}${b.person}`)),
    signOffs: f.signOffs.map((s) => ({ ...bare(s), candidateId: index.get(s.candidateId) })),
    holds: f.holds.map(bare),
  };
}

const WHO = [ADA, BEN, CAS, MAX, ADMIN, NOBODY];
const KINDS: Act[] = [
  { kind: 'ready' },
  { kind: 'ready' },
  { kind: 'away' },
  { kind: 'lgtm', road: 'button' },
  { kind: 'lgtm', road: 'reaction' },
  { kind: 'verify', road: 'word' },
  { kind: 'retract' },
  { kind: 'hold', reason: null, road: 'reaction' },
  { kind: 'hold', reason: 'the fee is wrong', road: 'command' },
  { kind: 'unhold' },
  { kind: 'ship' },
  { kind: 'ship_on_one' },
  { kind: 'shipped' },
  { kind: 'failed', reason: 'the pods crash' },
  { kind: 'rollback', reason: null },
  { kind: 'cancel', reason: 'not needed' },
  { kind: 'review', note: 'fine' },
  { kind: 'tick' },
];
type Step = { who: Actor; act: Act; wait: number };
const step: fc.Arbitrary<Step> = fc.record({
  who: fc.constantFrom(...WHO),
  act: fc.oneof(
    { weight: KINDS.length, arbitrary: fc.constantFrom(...KINDS) },
    {
      weight: 2,
      arbitrary: fc
        .constantFrom('def5678', '0a0a0a0', 'abc1234')
        .map((commit): Act => ({ kind: 'candidate', commit, tree: null })),
    },
  ),
  wait: fc.oneof({ weight: 8, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.integer({ min: 200, max: 300 }) }),
});
const by = (who: Actor, act: Act): Step => ({ who, act, wait: 1 });
const here = [by(ADA, { kind: 'ready' }), by(BEN, { kind: 'ready' })];
const approved = [
  ...here,
  by(ADA, { kind: 'lgtm', road: 'button' }),
  by(BEN, { kind: 'lgtm', road: 'word' }),
  by(MAX, { kind: 'ship' }),
];
const live = [...approved, by(MAX, { kind: 'shipped' }), ...here];
const onOne = [...here, by(ADA, { kind: 'lgtm', road: 'button' }), by(MAX, { kind: 'ship_on_one' })];
const failed = [by(MAX, { kind: 'failed', reason: null })];
/** Between them they reach every kind of change. */
const STARTS: Step[][] = [
  [],
  [...here, by(ADA, { kind: 'away' })],
  [by(CAS, { kind: 'hold', reason: null, road: 'button' }), by(CAS, { kind: 'hold', reason: 'why', road: 'command' })],
  [
    by(CAS, { kind: 'hold', reason: 'why', road: 'button' }),
    by(MAX, { kind: 'candidate', commit: 'def5678', tree: null }),
  ],
  [by(CAS, { kind: 'hold', reason: 'why', road: 'button' }), by(CAS, { kind: 'unhold' })],
  approved,
  live,
  onOne,
  [...onOne, by(BEN, { kind: 'review', note: null })],
  [...approved, by(ADA, { kind: 'retract' }), ...failed],
];

describe('what is written is what evolve says', () => {
  it('after every act of any sequence', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...STARTS),
        fc.array(step, { maxLength: 12 }),
        fc.constantFrom('scheduled', 'emergency'),
        async (begin, steps, kind) => {
          const more = kind === 'emergency' ? { reason: 'money', prodIssue: 'https://issues.example.com/1' } : {};
          const id = await team.open({ kind, ...more });
          for (const { who, act, wait } of [...begin, ...steps]) {
            team.wait(wait);
            // Whether the thread was read lately is not what this is about.
            await team.reconciled(id);
            const before = await team.facts(id);
            const d = decide(before, who, act, team.deps.policy.review, team.now);
            const settled = evolve(before, d.settled, team.now);
            // Ids that evolve makes up are the database's by now: both sides are compared without them.
            const expected = evolve(settled, d.changes, team.now);
            await db.db.transaction((tx) => perform(tx, team.deps, aCause({ actor: who.id }), who, id, act));
            const after = await team.facts(id);
            expect(comparable(after)).toEqual(comparable(expected));
            for (const c of d.changes) seen.add(c.kind);
          }
        },
      ),
      { numRuns: 30, examples: STARTS.map((begin) => [begin, [], 'emergency']) },
    );
    // Sequences that never reach a kind of change prove nothing about it.
    const all = ['state', 'arrived', 'renewed', 'left', 'signed', 'retracted', 'held', 'hold_reason', 'unheld'];
    expect([...seen].sort()).toEqual([...all, 'candidate', 'on_one', 'push_failed', 'reviewed'].sort());
  }, 120_000);
});

describe('finding releases', () => {
  it('to read: open ones, and for a day those that ended, until they were read ten minutes later', async () => {
    const fresh = await freshDb();
    try {
      const t = teamOn(fresh.db);
      const [a, b] = [await t.open({ product: 'site' }), await t.open({ product: 'wallet' })];
      await t.do(b, MAX, { kind: 'cancel', reason: null });
      const set = async (since: string, read: string | null) => {
        await fresh.pool.query(
          'update releases set state_since = now() - $1::interval, reconciled_at = now() - $2::interval',
          [since, read],
        );
        return idsToRead(fresh.db);
      };
      expect(await set('1 minute', null)).toEqual([a, b]);
      expect(await set('1 minute', '30 seconds')).toEqual([a, b]);
      expect(await set('12 minutes', '3 minutes')).toEqual([a, b]);
      expect(await set('12 minutes', '1 minute')).toEqual([a]);
      expect(await set('23 hours', '1 day')).toEqual([a, b]);
      expect(await set('25 hours', '2 days')).toEqual([a]);
      expect(await set('-1 hour', '3 hours'), 'by a fast clock').toEqual([a]);
      expect(await set('12 minutes', '-1 hour'), 'by a fast clock').toEqual([a, b]);
    } finally {
      await fresh.close();
    }
  });

  it('by state, by version, by thread and by message', async () => {
    const fresh = await freshDb();
    try {
      const t = teamOn(fresh.db);
      const a = await t.open({ product: 'site', version: 'v2.0.0' });
      const b = await t.open({ product: 'wallet', version: 'v2.0.0' });
      await t.posted(a, '10.000001');
      await t.do(b, MAX, { kind: 'cancel', reason: null });
      expect((await openReleases(fresh.db)).map((f) => f.release.id)).toEqual([a]);
      expect((await endedReleases(fresh.db, 10)).map((f) => f.release.id)).toEqual([b]);
      expect(await countByState(fresh.db)).toMatchObject({ waiting: 1, testing: 0 });
      expect(await byVersion(fresh.db, 'v2.0.0')).toEqual([
        { id: a, product: 'site' },
        { id: b, product: 'wallet' },
      ]);
      expect(await byVersion(fresh.db, 'v2.0.0', 'wallet')).toEqual([{ id: b, product: 'wallet' }]);
      expect(await releaseOfMessage(fresh.db, 'CREL', '10.000001')).toEqual({ releaseId: a, role: 'card' });
      expect(await releaseOfMessage(fresh.db, 'COTHER', '10.000001')).toBeUndefined();
      expect(await releaseOfThread(fresh.db, 'CREL', '10.000001')).toBe(a);
      expect(await releaseOfThread(fresh.db, 'CREL', '11.000001')).toBeUndefined();
      const threadId = (await t.facts(a)).release.threadId;
      expect(await releaseOfThreadId(fresh.db, threadId)).toEqual({ id: a, rootTs: '10.000001' });
      expect(await releaseOfThreadId(fresh.db, (await t.facts(b)).release.threadId)).toBeUndefined();
      expect(await loadFacts(fresh.db, 999)).toBeUndefined();
    } finally {
      await fresh.close();
    }
  });

  it('that are live: done ones only within their watch (R8), owing ones always (R9)', async () => {
    const fresh = await freshDb();
    try {
      const t = teamOn(fresh.db);
      const more = { reason: 'money', prodIssue: 'https://issues.example.com/1' };
      const id = await t.open({ kind: 'emergency', ...more });
      await t.posted(id, '10.000001');
      for (const who of [ADA, BEN]) await t.do(id, who, { kind: 'ready' });
      await t.do(id, ADA, { kind: 'lgtm', road: 'button' });
      await t.reconciled(id);
      await t.do(id, MAX, { kind: 'ship_on_one' });
      await t.do(id, MAX, { kind: 'shipped' });
      expect(await liveCheckTs(fresh.db, id)).toBeUndefined();
      const sent = Date.now() / 1000;
      expect(await postsInFlight(fresh.db, 'CREL', `${sent}`)).toBe(false);
      await fresh.db.execute(`update outbox set attempted_at = now() where role = 'check'`);
      // What was said before it was to be posted is not on it; the clocks of Slack and PostgreSQL may differ a little.
      for (const [ts, may] of [
        [sent, true],
        [sent - 60, true],
        [sent - 600, false],
        ['x', false],
      ] as const)
        expect([ts, await postsInFlight(fresh.db, 'CREL', `${ts}`)]).toEqual([ts, may]);
      await t.posted(id, '11.000001', 'check');
      expect(await liveCheckTs(fresh.db, id)).toBe('11.000001');
      for (const who of [ADA, BEN]) await t.do(id, who, { kind: 'ready' });
      for (const who of [ADA, BEN]) await t.do(id, who, { kind: 'verify', road: 'button' });
      const ids = (list: Facts[]) => list.map((f) => f.release.id);
      expect(ids(await liveReleases(fresh.db, t.now))).toEqual([id]);
      expect(ids(await owingReview(fresh.db))).toEqual([id]);
      t.wait(24 * 60 + 1);
      expect(ids(await liveReleases(fresh.db, t.now))).toEqual([]);
      expect(ids(await owingReview(fresh.db))).toEqual([id]);
      await t.do(id, BEN, { kind: 'review', note: null });
      expect(ids(await owingReview(fresh.db))).toEqual([]);
    } finally {
      await fresh.close();
    }
  });
});
