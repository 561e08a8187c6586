import { describe, expect, test } from 'vitest';
import { evolve } from '../../../src/areas/releases/evolve.ts';
import type { Change } from '../../../src/areas/releases/types.ts';
import {
  ACTS,
  ADA,
  aCandidate,
  aPresence,
  BEN,
  CAS,
  lgtm,
  MAX,
  minutes,
  play,
  playTo,
  someFacts,
  T0,
  verify,
} from '../../support/facts.ts';
import { signers } from '../../support/verdicts.ts';

const after = (f: ReturnType<typeof someFacts>, ...changes: Change[]) => evolve(f, changes, minutes(1));

describe('what a change writes, and what it leaves', () => {
  test('R1: each state has its own time, and keeps it', () => {
    const p = play();
    p.approve();
    p.wait(0.1);
    p.reconciled();
    p.do(MAX, ACTS.ship);
    p.wait(1);
    p.do(MAX, ACTS.shipped);
    p.wait(1);
    for (const who of [ADA, BEN]) p.do(who, ACTS.ready);
    for (const who of [ADA, BEN]) p.do(who, verify);
    expect(p.facts.release).toMatchObject({
      approvedAt: T0,
      shippingAt: minutes(0.1),
      shippedAt: minutes(1.1),
      doneAt: minutes(2.1),
      stateSince: minutes(2.1),
    });
    p.wait(1);
    p.do(ADA, ACTS.rollback);
    expect(p.facts.release).toMatchObject({ shippedAt: minutes(1.1), doneAt: minutes(2.1), endedAt: minutes(3.1) });
  });

  test('R3, R6: what late reactions are judged against has its time', () => {
    const gateAt = (change: Change) => after(someFacts(), change).release;
    const noted = { gateAct: 2, gateAt: minutes(1) };
    const hold = { kind: 'held', person: CAS.id, reason: null, road: 'command', emergencyId: null } as const;
    for (const late of [false, true]) {
      expect(gateAt({ ...hold, late })).toMatchObject(noted);
      expect(gateAt({ kind: 'blocked', seqs: [1], titles: ['x'], late })).toMatchObject(noted);
    }
    expect(gateAt({ kind: 'unheld', holdId: 1, person: CAS.id })).toMatchObject(noted);
    expect(gateAt({ kind: 'unblocked', seqs: [1] })).toMatchObject(noted);
    expect(gateAt({ kind: 'push_failed', person: MAX.id })).toMatchObject(noted);
    const named = { kind: 'candidate', commit: 'def5678', tree: null, verifiedTree: null, person: MAX.id } as const;
    expect(gateAt(named)).toMatchObject(noted);
    expect(gateAt({ kind: 'arrived', stage: 'candidate', person: ADA.id })).toMatchObject({ gateAct: 1, gateAt: null });
  });

  test('R2: who comes back is there once, and who leaves is known by name', () => {
    const check = aPresence(ADA, { stage: 'production' });
    const f = someFacts({ presences: [aPresence(ADA), aPresence(BEN), check] });
    const gone = after(f, { kind: 'left', stage: 'candidate', person: ADA.id, expired: false });
    expect(gone.presences).toEqual([aPresence(ADA, { leftAt: minutes(1) }), aPresence(BEN), check]);
    const back = after(gone, { kind: 'arrived', stage: 'candidate', person: ADA.id });
    const again = aPresence(ADA, { since: minutes(1), renewedAt: minutes(1) });
    expect(back.presences).toEqual([aPresence(BEN), check, again]);
  });

  test('R3: the tree is that of the candidate which was asked about', () => {
    const f = someFacts({ candidates: [aCandidate(), aCandidate({ id: 102, seq: 2 })] });
    const g = after(f, { kind: 'tree_verified', candidateId: 101, tree: 'T1' });
    expect(g.candidates.map((c) => c.verifiedTree)).toEqual(['T1', null]);
  });

  test('R6: who says it again says it for themselves only', () => {
    const p = playTo('approved');
    p.do(CAS, ACTS.hold);
    p.do(CAS, ACTS.unhold);
    p.do(BEN, lgtm);
    expect(signers(p)).toEqual([BEN.id]);
  });

  test('R13: of two blockers the one that ended is known no more', () => {
    const p = playTo('testing');
    p.block('one');
    p.block('two');
    p.set({ blockers: p.facts.blockers.slice(1) });
    p.do(ADA, ACTS.tick);
    expect(p.facts.release.knownBlockers).toEqual([2]);
  });

  test('R7: a push that fails leaves what was taken back before it', () => {
    const p = playTo('testing');
    p.do(CAS, ACTS.ready);
    p.do(CAS, lgtm);
    p.do(CAS, ACTS.retract);
    p.ship();
    p.do(MAX, ACTS.failed);
    expect(p.facts.signOffs.map((s) => s.retractedAt)).toEqual([T0, null, null]);
  });
});
