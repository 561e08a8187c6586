import { describe, expect, test } from 'vitest';
import { oneTap, stale } from '../../../src/areas/releases/facts.ts';
import type { Act } from '../../../src/areas/releases/types.ts';
import {
  ACTS,
  ADA,
  ADMIN,
  aCandidate,
  aSignOff,
  BEN,
  CAS,
  ENG,
  EVE,
  lgtm,
  MAX,
  POLICY,
  play,
  playTo,
  someFacts,
  verify,
} from '../../support/facts.ts';
import { here, refused, signers } from '../../support/verdicts.ts';

const named = (commit: string, verifiedTree?: string): Act => ({
  kind: 'candidate',
  commit,
  tree: null,
  ...(verifiedTree && { verifiedTree }),
});
const verified = (candidateId: number, tree: string): Act => ({ kind: 'tree_verified', candidateId, tree });

describe('R3: sign-offs belong to a candidate', () => {
  const next: Act = { kind: 'candidate', commit: 'def5678', tree: null };

  test('R3: a new candidate makes earlier sign-offs stale: kept and shown, never counted', () => {
    const p = playTo('testing');
    p.do(ADA, lgtm);
    p.do(MAX, next);
    expect(p.state).toBe('testing');
    expect(signers(p)).toEqual([]);
    expect(stale(p.facts, 'candidate')).toMatchObject([{ why: 'candidate', reviewed: 'abc1234' }]);
    p.do(BEN, lgtm);
    expect(p.state).toBe('testing');
    const d = p.do(ADA, lgtm);
    expect(d.changes).toContainEqual(expect.objectContaining({ kind: 'signed', person: ADA.id, again: false }));
    expect(p.state).toBe('approved');
    expect(p.facts.signOffs).toHaveLength(3);
  });

  test('R3: a prefix of the current commit is the same candidate', () => {
    for (const commit of ['abc1234', 'abc1234def', 'abc123']) {
      refused(
        playTo('testing').do(MAX, { ...next, commit }),
        'same_candidate',
        /abc1234/,
        /\/release candidate <commit>/,
      );
    }
  });

  test('R3: a typed tree carries nothing over: it only makes one tap enough', () => {
    const p = play(someFacts({ candidates: [{ ...someFacts().candidates[0], tree: 'tree1' } as never] }));
    p.approve();
    p.do(MAX, { kind: 'candidate', commit: 'def5678', tree: 'tree1' });
    expect(p.state).toBe('testing');
    expect(signers(p)).toEqual([]);
    expect(stale(p.facts, 'candidate').map((s) => oneTap(p.facts, s))).toEqual([true, true]);
  });

  test('R3: a new candidate while waiting or testing moves nothing, and keeps the eyes', () => {
    const p = playTo('waiting');
    p.do(ENG, next);
    expect(p.state).toBe('waiting');
    const q = playTo('testing');
    q.do(ENG, next);
    expect(q.state).toBe('testing');
    expect(here(q)).toHaveLength(2);
  });

  test('R6: a new candidate takes it back', () => {
    const p = playTo('approved');
    p.do(MAX, ACTS.candidate);
    expect(p.state).toBe('testing');
    expect(signers(p)).toEqual([]);
  });
});

describe('R3: what GitHub says of a tree', () => {
  test('R3: a new commit with the tree of the reviewed one keeps the approval and its sign-offs', () => {
    const p = playTo('approved');
    p.do(ADMIN, verified(101, 'T1'));
    const d = p.do(MAX, named('def5678', 'T1'));
    expect(d.changes.filter((c) => c.kind === 'carried').map((c) => c.person)).toEqual([ADA.id, BEN.id]);
    expect(p.state).toBe('approved');
    expect(signers(p)).toEqual([ADA.id, BEN.id]);
    p.reconciled();
    p.do(MAX, ACTS.ship);
    expect(p.state).toBe('shipping');
  });

  test('R3: another tree, or one not known of both, carries nothing over', () => {
    for (const [before, after] of [
      ['T1', 'T2'],
      ['T1', undefined],
      [undefined, 'T1'],
    ] as const) {
      const p = playTo('approved');
      if (before) p.do(ADMIN, verified(101, before));
      p.do(MAX, named('def5678', after));
      expect(p.state).toBe('testing');
      expect(signers(p)).toEqual([]);
    }
  });

  test("R3: back to a tree that was reviewed before: its sign-offs count, the other's do not, and nothing re-approves by itself", () => {
    const p = playTo('approved');
    p.do(ADMIN, verified(101, 'T1'));
    p.do(MAX, named('def5678', 'T2'));
    p.do(MAX, named('0a0a0a0', 'T1'));
    expect(signers(p)).toEqual([ADA.id, BEN.id]);
    expect(p.state).toBe('testing');
    p.do(ADA, lgtm);
    expect(p.state).toBe('approved');
  });

  test('R3: known late, of the new commit or of the old one: carried over then, once, and approved by nobody but people', () => {
    for (const order of [
      [101, 102],
      [102, 101],
    ]) {
      const p = playTo('approved');
      p.do(MAX, named('def5678'));
      for (const id of order) p.do(ADMIN, verified(id, 'T1'));
      expect(signers(p)).toEqual([ADA.id, BEN.id]);
      expect(p.state).toBe('testing');
      expect(p.do(ADMIN, verified(102, 'T1')).changes).toEqual([verified(102, 'T1')]);
    }
  });

  test('R3: what was interrupted or taken back stays so, and the newest of one person is what carries', () => {
    const p = playTo('testing');
    for (const who of [ADA, BEN]) p.do(who, lgtm);
    p.do(BEN, ACTS.retract);
    p.do(ADMIN, verified(101, 'T1'));
    p.do(MAX, ACTS.hold);
    p.do(MAX, ACTS.unhold);
    const carried = p.do(MAX, named('def5678', 'T1')).changes.filter((c) => c.kind === 'carried');
    expect(carried.map((c) => c.person)).toEqual([ADA.id]);
    expect(signers(p)).toEqual([]);
    p.do(ADA, lgtm);
    p.do(MAX, named('0a0a0a0', 'T1'));
    expect(signers(p)).toEqual([ADA.id]);
  });
});

describe('R3: which sign-offs carry over', () => {
  const carried = (f: Parameters<typeof play>[0]) =>
    play(f)
      .do(MAX, named('def5678', 'T1'))
      .changes.flatMap((c) => (c.kind === 'carried' ? [c.signOffId] : []));

  test('R3: the word on an earlier candidate carries nothing to one whose tree is not known, or another', () => {
    for (const tree of [undefined, 'T2']) {
      const p = playTo('approved');
      p.do(MAX, named('def5678', tree));
      expect(p.do(ADMIN, verified(101, 'T1')).changes).toEqual([verified(101, 'T1')]);
      expect(signers(p)).toEqual([]);
    }
  });

  test('R3: of one person the newest act', () => {
    const signOffs = [5, 3].map((act, i) => aSignOff(ADA, { id: 500 + i, act }));
    expect(carried(someFacts({ candidates: [aCandidate({ verifiedTree: 'T1' })], signOffs }))).toEqual([500]);
  });

  test('R3, R8: those of the candidate, never those of production', () => {
    const signOffs = [aSignOff(ADA, { stage: 'production' }), aSignOff(BEN, { id: 501 })];
    expect(carried(someFacts({ candidates: [aCandidate({ verifiedTree: 'T1' })], signOffs }))).toEqual([501]);
  });
});

describe('R4: what GitHub says of the authors', () => {
  const wrote = (...authors: string[]): Act => ({ kind: 'authors_known', authors });

  test('R4: an author known late: sign-off and eyes do not count, and an approval that rested on them is taken back', () => {
    const p = playTo('approved');
    p.do(CAS, ACTS.ready);
    p.do(ADMIN, wrote(EVE.id, ADA.id));
    expect(p.state).toBe('testing');
    expect(signers(p)).toEqual([BEN.id]);
    expect(here(p)).toEqual([BEN.id, CAS.id]);
    expect(p.facts.release.authors).toEqual([EVE.id, ADA.id]);
    refused(p.do(ADA, lgtm), 'author');
    expect(p.do(ADMIN, wrote(ADA.id)).already).toBeDefined();
  });

  test('R2, R4: without their eyes testing goes back to waiting; who has not signed is disqualified of nothing', () => {
    const p = playTo('testing');
    const d = p.do(ADMIN, wrote(ADA.id, CAS.id));
    expect(d.changes.some((c) => c.kind === 'disqualified')).toBe(false);
    expect(p.state).toBe('waiting');
  });

  test('R4: an approval that rested on one of several is taken back', () => {
    const p = playTo('approved');
    const d = p.do(ADMIN, wrote(ADA.id, CAS.id));
    expect(d.changes).toContainEqual({ kind: 'state', from: 'approved', to: 'testing' });
    expect(p.state).toBe('waiting');
  });

  test('R4: what was taken back before disqualifies nobody', () => {
    const p = playTo('approved');
    p.do(ADA, ACTS.retract);
    expect(p.do(ADMIN, wrote(ADA.id)).changes.some((c) => c.kind === 'disqualified')).toBe(false);
    const q = playTo('shipping');
    q.do(ADA, ACTS.retract);
    expect(q.do(ADMIN, wrote(ADA.id)).changes.some((c) => c.kind === 'disqualified')).toBe(false);
  });

  test('R4: an approval that does not rest on them stays', () => {
    const p = playTo('approved');
    p.do(CAS, ACTS.ready);
    expect(p.do(ADMIN, wrote(CAS.id)).refusal).toBeUndefined();
    expect(p.state).toBe('approved');
  });

  test('R4, R8: after shipping began it is recorded and alerts', () => {
    const p = playTo('done');
    const d = p.do(ADMIN, wrote(ADA.id));
    expect(d.changes.filter((c) => c.kind === 'disqualified')).toEqual([
      { kind: 'disqualified', stage: 'candidate', person: ADA.id, late: true },
      { kind: 'disqualified', stage: 'production', person: ADA.id, late: true },
    ]);
    expect(p.state).toBe('done');
    const live = playTo('verifying');
    live.do(ADA, ACTS.ready);
    live.do(BEN, ACTS.ready);
    live.do(ADA, verify);
    const found = live.do(ADMIN, wrote(ADA.id, BEN.id));
    expect(found.changes.filter((c) => c.kind === 'disqualified')).toEqual([
      { kind: 'disqualified', stage: 'candidate', person: ADA.id, late: true },
      { kind: 'disqualified', stage: 'candidate', person: BEN.id, late: true },
      { kind: 'disqualified', stage: 'production', person: ADA.id, late: false },
    ]);
    expect(signers(live, 'production')).toEqual([]);
    expect(here(live, 'production')).toEqual([]);
  });

  test('R4, R6: a stale sign-off of an author is no alarm after shipping began', () => {
    const p = playTo('testing');
    p.do(CAS, ACTS.ready);
    p.do(CAS, ACTS.lgtm);
    p.do(MAX, ACTS.candidate);
    for (const who of [ADA, BEN]) p.do(who, ACTS.lgtm);
    p.reconciled();
    p.do(MAX, ACTS.ship);
    expect(p.do(ADMIN, wrote(CAS.id, BEN.id)).changes.filter((c) => c.kind === 'disqualified')).toEqual([
      { kind: 'disqualified', stage: 'candidate', person: CAS.id, late: false },
      { kind: 'disqualified', stage: 'candidate', person: BEN.id, late: true },
    ]);
  });

  test('R4: without separation of duties authors are known and nothing follows', () => {
    const p = playTo('approved', { ...POLICY, separationOfDuties: false });
    const d = p.do(ADMIN, wrote(ADA.id));
    expect(d.changes).toEqual([{ kind: 'authors', people: [ADA.id] }]);
    expect(p.state).toBe('approved');
  });
});
