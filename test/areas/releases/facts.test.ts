import { describe, expect, test } from 'vitest';
import { evolve } from '../../../src/areas/releases/evolve.ts';
import {
  afterShipping,
  counted,
  current,
  ineligible,
  inWatch,
  live,
  nextExpiry,
  oneTap,
  openHolds,
  present,
  reviewOwed,
  short,
  stale,
  watchEnd,
} from '../../../src/areas/releases/facts.ts';
import { sameCommit } from '../../../src/base/commit.ts';
import {
  ADA,
  ADMIN,
  aCandidate,
  aHold,
  aPresence,
  aRelease,
  aSignOff,
  BEN,
  CAS,
  EVE,
  HOURS,
  MAX,
  minutes,
  NOBODY,
  POLICY,
  person,
  STATES,
  someFacts,
  T0,
} from '../../support/facts.ts';

describe('R3: candidates', () => {
  test('R3: the newest is current; a release without one is a broken promise', () => {
    const two = someFacts({ candidates: [aCandidate(), aCandidate({ id: 102, seq: 2, commit: 'def5678' })] });
    expect(current(two).id).toBe(102);
    expect(() => current(someFacts({ candidates: [] }))).toThrow('release 12 has no candidate');
  });

  test.each([
    ['abc1234', 'abc1234', true],
    ['abc1234', 'abc1234def', true],
    ['abc1234def', 'abc1234', true],
    ['abc1234', 'abc1235', false],
    ['abc1234', 'bc1234a', false],
  ])('R3: %s and %s are the same: %s', (a, b, same) => expect(sameCommit(a, b)).toBe(same));

  test('a commit is shown by seven digits', () => expect(short('abc1234def5678')).toBe('abc1234'));
});

describe('R2: presence', () => {
  const f = someFacts({
    presences: [
      aPresence(BEN, { since: minutes(1), renewedAt: minutes(1) }),
      aPresence(ADA, { since: minutes(1), renewedAt: minutes(90) }),
      aPresence(CAS, { since: T0, renewedAt: T0, leftAt: minutes(2) }),
      aPresence(EVE, { stage: 'production', since: T0, renewedAt: T0 }),
    ],
  });

  test('R2: in order of arrival, by stage, without who left', () => {
    expect(present(f, 'candidate', POLICY, minutes(3))).toEqual([ADA.id, BEN.id]);
    expect(present(f, 'production', POLICY, minutes(3))).toEqual([EVE.id]);
  });

  test('R2: until four hours after the last act, and not at four hours', () => {
    expect(present(f, 'candidate', POLICY, new Date(minutes(1 + 4 * HOURS).getTime() - 1))).toEqual([ADA.id, BEN.id]);
    expect(present(f, 'candidate', POLICY, minutes(1 + 4 * HOURS))).toEqual([ADA.id]);
    expect(present(f, 'candidate', { ...POLICY, eyesExpireAfterMinutes: 30 }, minutes(40))).toEqual([ADA.id]);
  });

  test('R2: the next expiry is the oldest of who is here, or none', () => {
    expect(nextExpiry(f, 'candidate', POLICY)).toEqual(minutes(1 + 4 * HOURS));
    expect(nextExpiry(someFacts(), 'candidate', POLICY)).toBeNull();
    expect(present(f, 'candidate', POLICY, nextExpiry(f, 'candidate', POLICY) as Date)).not.toContain(BEN.id);
  });
});

describe('R3, R6: which sign-offs count', () => {
  const f = someFacts({
    release: { interruptedAct: 5 },
    candidates: [aCandidate({ tree: 't1' }), aCandidate({ id: 102, seq: 2, commit: 'def5678', tree: 't1' })],
    signOffs: [
      aSignOff(ADA, { id: 1, candidateId: 101, act: 4 }),
      aSignOff(ADA, { id: 2, candidateId: 102, act: 7 }),
      aSignOff(BEN, { id: 3, candidateId: 102, act: 5 }),
      aSignOff(CAS, { id: 4, candidateId: 101, act: 3 }),
      aSignOff(EVE, { id: 5, candidateId: 102, act: 8, retractedAt: T0 }),
      aSignOff(MAX, { id: 6, candidateId: 102, act: 9, stage: 'production' }),
    ],
  });

  test('R3, R4, R6: on the current candidate, not taken back, after the last interruption', () => {
    expect(counted(f, 'candidate').map((s) => s.id)).toEqual([2]);
    expect(counted(f, 'production').map((s) => s.id)).toEqual([6]);
  });

  test('R3, R6: the others are shown as stale, one per person, with why', () => {
    expect(stale(f, 'candidate').map((s) => [s.signOff.person, s.why, s.reviewed])).toEqual([
      [BEN.id, 'interrupted', 'def5678'],
      [CAS.id, 'candidate', 'abc1234'],
    ]);
    expect(stale(f, 'production')).toEqual([]);
  });

  test('R3: the newest of a person is the one shown, in whatever order they are read', () => {
    const rows = [aSignOff(ADA, { id: 1, act: 1 }), aSignOff(ADA, { id: 2, act: 3, candidateId: 102 })];
    for (const signOffs of [rows, rows.toReversed()]) {
      const g = someFacts({
        ...f,
        signOffs,
        candidates: [...f.candidates, aCandidate({ id: 103, commit: 'fff0000' })],
      });
      expect(stale({ ...g, release: f.release }, 'candidate').map((s) => s.signOff.id)).toEqual([2]);
    }
  });

  test('R3: one tap is enough after an interruption, for the same tree or for the same commit named again', () => {
    const [ben, cas] = stale(f, 'candidate');
    if (!ben || !cas) throw new Error('two are stale');
    expect(oneTap(f, ben)).toBe(true);
    expect(oneTap(f, cas)).toBe(true);
    const other = (over: object) => ({
      ...f,
      candidates: [aCandidate({ tree: null, ...over }), aCandidate({ id: 102 })],
    });
    expect(oneTap(other({}), cas)).toBe(true);
    expect(oneTap(other({ commit: '999aaaa' }), cas)).toBe(false);
    expect(oneTap(other({ commit: '999aaaa', tree: 't2' }), cas)).toBe(false);
  });

  test('R3: a sign-off whose candidate is not among the facts needs a whole test', () => {
    const lost = stale(someFacts({ signOffs: [aSignOff(ADA, { candidateId: 7 })] }), 'candidate');
    expect(lost).toMatchObject([{ why: 'candidate', reviewed: '' }]);
    expect(lost.map((s) => oneTap(someFacts(), s))).toEqual([false]);
  });

  test('R8: a hold after the production sign-off interrupts that and leaves the candidate’s', () => {
    const g = someFacts({
      signOffs: [aSignOff(ADA, { act: 2 }), aSignOff(ADA, { act: 5, stage: 'production' })],
      holds: [aHold(CAS, { act: 6, liftedAt: T0 })],
    });
    expect(counted(g, 'candidate')).toHaveLength(1);
    expect(counted(g, 'production')).toHaveLength(0);
  });

  test('R8: a hold after all was done interrupts nothing any more', () => {
    const done = someFacts({
      release: aRelease({ state: 'done', doneAt: T0 }),
      signOffs: [aSignOff(ADA, { act: 5, stage: 'production' }), aSignOff(BEN, { act: 6, stage: 'production' })],
      holds: [aHold(CAS, { act: 4, liftedAt: T0 }), aHold(CAS, { act: 7 })],
    });
    expect(counted(done, 'production')).toHaveLength(2);
    expect(stale(done, 'production')).toEqual([]);
  });
});

describe('the rest', () => {
  test('R6: open holds are those not lifted', () => {
    const f = someFacts({ holds: [aHold(ADA, { id: 1, liftedAt: T0 }), aHold(BEN, { id: 2 })] });
    expect(openHolds(f).map((h) => h.id)).toEqual([2]);
  });

  test('R8: the watch lasts 24 h after done', () => {
    const f = someFacts({ release: { state: 'done', doneAt: T0 } });
    expect(inWatch(f, minutes(24 * HOURS - 1))).toBe(true);
    expect(inWatch(f, minutes(24 * HOURS))).toBe(false);
    expect(inWatch(someFacts(), T0)).toBe(false);
  });

  test('R1: live until it ends, and through the watch', () => {
    for (const state of STATES) {
      const f = someFacts({ release: { state, doneAt: state === 'done' ? T0 : null } });
      expect(live(f, minutes(1)), state).toBe(state !== 'cancelled' && state !== 'rolled_back');
      expect(live(f, minutes(24 * HOURS)), state).toBe(!['cancelled', 'rolled_back', 'done'].includes(state));
    }
  });

  test('R6: what is after shipping began', () => {
    expect(STATES.filter((state) => afterShipping(someFacts({ release: { state } })))).toEqual([
      'shipping',
      'verifying',
      'done',
      'rolled_back',
    ]);
  });

  test('R9: a review is owed after ship on one, until it is given', () => {
    expect(reviewOwed(someFacts())).toBe(false);
    expect(reviewOwed(someFacts({ release: { onOne: ADA.id } }))).toBe(true);
    expect(reviewOwed(someFacts({ release: { onOne: ADA.id, reviewedBy: BEN.id } }))).toBe(false);
  });

  test('R4, R7: who is not eligible, and why', () => {
    const f = someFacts();
    const off = { ...POLICY, separationOfDuties: false };
    expect(ineligible(f, ADA, POLICY)).toBeNull();
    expect(ineligible(f, MAX, POLICY)).toBe('manager');
    expect(ineligible(f, EVE, POLICY)).toBe('author');
    expect(ineligible(f, NOBODY, POLICY)).toBe('role');
    expect(ineligible(f, ADMIN, POLICY)).toBe('role');
    expect(ineligible(f, { ...ADA, standing: 'guest' }, POLICY)).toBe('standing');
    expect([MAX, EVE].map((who) => ineligible(f, who, off))).toEqual([null, null]);
    expect(ineligible(f, person('UX', 'engineer'), off)).toBe('role');
  });
});

describe('evolve: what one act writes', () => {
  test('no changes, no act', () => {
    const f = someFacts();
    expect(evolve(f, [], T0)).toBe(f);
  });

  test('all changes of a decision are one act, and the facts given are left alone', () => {
    const f = Object.freeze(someFacts({ release: { acts: 7 } }));
    const g = evolve(
      f,
      [
        { kind: 'held', person: ADA.id, reason: null, road: 'button', emergencyId: null, late: false },
        { kind: 'candidate', commit: 'def5678', tree: null, verifiedTree: null, person: MAX.id },
      ],
      minutes(1),
    );
    expect(g.release).toMatchObject({ acts: 8, interruptedAct: 8, gateAct: 8 });
    expect(g.candidates.map((c) => [c.id, c.seq])).toEqual([
      [101, 1],
      [102, 2],
    ]);
    expect(f.holds).toEqual([]);
    expect(f.release).toEqual(aRelease({ acts: 7 }));
  });

  test('R8: a late hold is recorded and interrupts nothing of the candidate', () => {
    const f = someFacts({ release: { acts: 7, interruptedAct: 3, state: 'shipping' } });
    const g = evolve(
      f,
      [{ kind: 'held', person: ADA.id, reason: 'x', road: 'button', emergencyId: null, late: true }],
      T0,
    );
    expect(g.release).toMatchObject({ acts: 8, interruptedAct: 3, gateAct: 8 });
    expect(g.holds).toMatchObject([{ id: 1, act: 8 }]);
  });

  test('a change to one of two rows leaves the other', () => {
    const f = someFacts({ holds: [aHold(ADA, { id: 1, reason: null }), aHold(BEN, { id: 2, reason: null })] });
    const g = evolve(f, [{ kind: 'hold_reason', holdId: 2, person: BEN.id, reason: 'why' }], T0);
    expect(g.holds.map((h) => h.reason)).toEqual([null, 'why']);
  });
});

describe('R8: when the watch ends', () => {
  const at = (state: 'done' | 'rolled_back' | 'verifying', doneAt: Date | null) =>
    watchEnd(someFacts({ release: { state, doneAt } }), minutes(HOURS));

  test('R8: 24 h after done; of what is not done, rolled back, or watched no more, never', () => {
    expect(at('done', T0)).toEqual(minutes(24 * HOURS));
    expect(at('done', minutes(-23 * HOURS))).toBeNull();
    expect(at('rolled_back', T0)).toBeNull();
    expect(at('verifying', null)).toBeNull();
  });
});
