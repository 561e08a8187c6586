import { describe, expect, test } from 'vitest';
import { pushOf } from '../../../src/areas/releases/facts.ts';
import {
  ACTS,
  ADA,
  ADMIN,
  BEN,
  CAS,
  ENG,
  EVE,
  HOURS,
  lgtm,
  MAX,
  minutes,
  NOBODY,
  POLICY,
  play,
  playTo,
  someFacts,
  verify,
} from '../../support/facts.ts';
import { refused } from '../../support/verdicts.ts';

const ON_ONE = { ...POLICY, emergencyShipOnOne: true };

describe('R8: shipping, and the way back', () => {
  test('R8: shipping needs a complete reconcile within the last 30 s', () => {
    const p = playTo('approved');
    refused(p.do(MAX, ACTS.ship), 'not_reconciled', /could not be read completely/, /Try again/);
    p.reconciled();
    p.wait(0.51);
    refused(p.do(MAX, ACTS.ship), 'not_reconciled');
    p.reconciled();
    p.wait(0.5);
    p.do(MAX, ACTS.ship);
    expect(p.state).toBe('shipping');
  });

  test('R8: a reconcile noted while a clock was fast is not a fresh one; hosts may be seconds apart', () => {
    const p = playTo('approved');
    p.reconciled();
    p.wait(-10);
    refused(p.do(MAX, ACTS.ship), 'not_reconciled');
    p.wait(10 - 0.09);
    refused(p.do(MAX, ACTS.ship), 'not_reconciled');
    p.wait(0.01);
    p.do(MAX, ACTS.ship);
    expect(p.state).toBe('shipping');
  });

  test('R8: shipped by its manager or an admin, not by an operator', () => {
    for (const actor of [ADA, ENG, NOBODY]) {
      const p = playTo('approved');
      p.reconciled();
      refused(p.do(actor, ACTS.ship), 'role', /only this release's manager or an admin/);
    }
    const p = playTo('approved');
    p.reconciled();
    p.do(ADMIN, ACTS.ship);
    expect(p.state).toBe('shipping');
  });

  test('R8: cases that became unfinished after the approval keep it from shipping', () => {
    const p = playTo('approved');
    p.reconciled();
    p.set({ unfinished: { candidate: 1, production: 0 } });
    refused(p.do(MAX, ACTS.ship), 'unfinished');
  });

  test('R8: a ship button of an earlier candidate is refused', () => {
    const p = playTo('approved');
    p.reconciled();
    refused(p.do(MAX, { kind: 'ship', candidateId: 100 }), 'stale_button');
    p.do(MAX, { kind: 'ship', candidateId: 101 });
    expect(p.state).toBe('shipping');
  });

  test('R3: what was drawn for one push does nothing to the next, whatever candidate that is of', () => {
    const p = playTo('shipping');
    const first = pushOf(p.facts);
    const again = (commit: string | null) => {
      p.do(MAX, ACTS.failed);
      if (commit !== null) p.do(MAX, { kind: 'candidate', commit, tree: null });
      for (const who of [ADA, BEN]) p.do(who, lgtm);
      p.wait(1);
      p.reconciled();
      p.do(MAX, ACTS.ship);
    };
    for (const [commit, said] of [
      [null, /for an earlier push; another one of `abc1234` has begun/],
      ['def5678', /for an earlier push of `abc1234`; `def5678` is pushed now/],
    ] as const) {
      again(commit);
      for (const act of [
        { kind: 'shipped' },
        { kind: 'failed', reason: null },
        { kind: 'rollback', reason: null },
      ] as const) {
        refused(p.do(MAX, { ...act, ...first }), 'stale_push', said, /card/);
        expect(p.state).toBe('shipping');
      }
    }
    // From before buttons carried the push.
    refused(p.do(MAX, { kind: 'shipped', candidateId: first.candidateId }), 'stale_push');
    p.do(MAX, { kind: 'shipped', ...pushOf(p.facts) });
    expect(p.state).toBe('verifying');
  });

  test.each([{}, { candidateId: 101 }])(
    'R3: what an older version drew, with %j, still says that it is live',
    (drawn) => {
      const p = playTo('shipping');
      p.do(MAX, { kind: 'shipped', ...drawn });
      expect(p.state).toBe('verifying');
    },
  );

  test('R8: rolled back within 24 h of done, not after', () => {
    const p = playTo('done');
    p.wait(24 * HOURS - 1);
    p.do(ADA, ACTS.rollback);
    expect(p.state).toBe('rolled_back');
    const q = playTo('done');
    q.wait(24 * HOURS);
    refused(q.do(ADA, ACTS.rollback), 'not_in_done', /24 h of watch are over/, /\/release open/);
    refused(q.do(ADA, ACTS.hold), 'not_in_done', /watch/);
  });

  test('R8: what went live before another did is not rolled back alone', () => {
    const p = playTo('done');
    const back = (doneAt: Date | null) => p.do(ADA, { ...ACTS.rollback, over: { version: 'v1.3.0', doneAt } });
    const said = /v1.3.0 went live after it/;
    refused(back(null), 'superseded', said, /rollback wallet v1.3.0`/);
    refused(back(p.now), 'superseded', said, /rollback wallet v1.3.0`/);
    // That one cannot be rolled back any more: no next step that would be refused.
    refused(back(new Date(p.now.getTime() - 24 * HOURS * 60_000)), 'superseded', said, /`\/release emergency`/);
    p.do(ADA, { ...ACTS.rollback, over: null });
    expect(p.state).toBe('rolled_back');
  });

  test('R8: a roll-back is recorded by the manager, an admin or an operator', () => {
    for (const actor of [MAX, ADMIN, ADA]) {
      const p = playTo('verifying');
      p.do(actor, ACTS.rollback);
      expect(p.state).toBe('rolled_back');
    }
    refused(playTo('verifying').do(ENG, ACTS.rollback), 'role');
  });
});

describe('R9: ship on one, and the review it owes', () => {
  const emergency = (policy = ON_ONE) => play(someFacts({ release: { kind: 'emergency' } }), policy);
  /** One of two present has signed. */
  function signedByAda(policy = ON_ONE) {
    const p = emergency(policy);
    for (const who of [ADA, BEN]) p.do(who, ACTS.ready);
    p.do(ADA, lgtm);
    p.reconciled();
    return p;
  }

  test('R9: ship on one goes from testing to shipping, never through approved, and owes a review within 24 h', () => {
    const p = signedByAda();
    const d = p.do(MAX, ACTS.ship_on_one);
    expect(d.changes).toEqual([
      { kind: 'on_one', signer: ADA.id, person: MAX.id, reviewDueAt: minutes(24 * HOURS) },
      { kind: 'state', from: 'testing', to: 'shipping' },
    ]);
    expect(p.facts.release).toMatchObject({ onOne: ADA.id, approvedAt: null, reviewedBy: null });
  });

  test('R9: ship on one is refused without the policy, for a scheduled release, without a sign-off', () => {
    refused(signedByAda(POLICY).do(MAX, ACTS.ship_on_one), 'policy', /policy does not allow/, /Two operators/);
    const p = play(someFacts(), ON_ONE);
    for (const who of [ADA, BEN]) p.do(who, ACTS.ready);
    p.do(ADA, lgtm);
    refused(p.do(MAX, ACTS.ship_on_one), 'not_emergency', /only an emergency/);
    const q = emergency();
    for (const who of [ADA, BEN]) q.do(who, ACTS.ready);
    refused(q.do(MAX, ACTS.ship_on_one), 'no_sign_off', /nobody has signed off/, /\/release lgtm/);
  });

  test('R9: ship on one needs the gate open, a fresh reconcile and the manager or an admin', () => {
    const p = signedByAda();
    refused(p.do(BEN, ACTS.ship_on_one), 'role');
    p.set({ unfinished: { candidate: 1, production: 0 } });
    refused(p.do(MAX, ACTS.ship_on_one), 'unfinished');
    p.set({ unfinished: { candidate: 0, production: 0 } });
    p.wait(1);
    refused(p.do(MAX, ACTS.ship_on_one), 'not_reconciled');
  });

  test('R9: a sign-off from before a hold is not the one', () => {
    const p = signedByAda();
    p.do(CAS, ACTS.hold);
    p.do(CAS, ACTS.unhold);
    refused(p.do(MAX, ACTS.ship_on_one), 'no_sign_off');
  });

  test('R9: the review is a second operator, and says whether it was late', () => {
    const p = signedByAda();
    p.do(MAX, ACTS.ship_on_one);
    refused(p.do(ADA, ACTS.review), 'same_person', /second person/, /another operator/);
    refused(p.do(MAX, ACTS.review), 'manager');
    refused(p.do(EVE, ACTS.review), 'author');
    refused(p.do(ENG, ACTS.review), 'role');
    expect(p.do(BEN, ACTS.review).changes).toContainEqual({
      kind: 'reviewed',
      person: BEN.id,
      note: 'looks right',
      late: false,
    });
    expect(p.facts.release.reviewedBy).toBe(BEN.id);
    refused(p.do(CAS, ACTS.review), 'no_review', /owes no review/);
  });

  test('R9: a review may still be given after its 24 h, after done and its watch, and after a roll-back', () => {
    const p = signedByAda();
    p.do(MAX, ACTS.ship_on_one);
    p.do(MAX, ACTS.shipped);
    for (const who of [ADA, CAS]) p.do(who, ACTS.ready);
    for (const who of [ADA, CAS]) p.do(who, verify);
    expect(p.state).toBe('done');
    p.wait(30 * HOURS);
    expect(p.do(BEN, ACTS.review).changes).toContainEqual(expect.objectContaining({ kind: 'reviewed', late: true }));
    for (const [waited, late] of [
      [24 * HOURS, false],
      [24 * HOURS + 1, true],
    ] as const) {
      const due = signedByAda();
      due.do(MAX, ACTS.ship_on_one);
      due.wait(waited);
      expect(due.do(BEN, ACTS.review).changes).toContainEqual(expect.objectContaining({ late }));
    }
    const q = signedByAda();
    q.do(MAX, ACTS.ship_on_one);
    q.do(MAX, ACTS.rollback);
    q.do(BEN, ACTS.review);
    expect(q.facts.release.reviewedBy).toBe(BEN.id);
  });

  test('R3, R9: a review of one push is none of the next', () => {
    const p = signedByAda();
    p.do(MAX, ACTS.ship_on_one);
    const first = pushOf(p.facts);
    p.do(MAX, ACTS.failed);
    p.do(ADA, lgtm);
    p.wait(1);
    p.reconciled();
    p.do(MAX, ACTS.ship_on_one);
    refused(p.do(BEN, { ...ACTS.review, ...first }), 'stale_push');
    p.do(BEN, { ...ACTS.review, ...pushOf(p.facts) });
    expect(p.facts.release.reviewedBy).toBe(BEN.id);
  });

  test('R9: an ordinary release owes no review', () => {
    refused(playTo('verifying').do(CAS, ACTS.review), 'no_review');
  });

  test('R9: a failed push owes nothing any more', () => {
    const p = signedByAda();
    p.do(MAX, ACTS.ship_on_one);
    p.do(BEN, ACTS.review);
    p.do(MAX, ACTS.failed);
    expect(p.facts.release).toMatchObject({ onOne: null, reviewDueAt: null, reviewedBy: null, reviewedAt: null });
  });

  test('R9: an emergency keeps the two-person rule', () => {
    const p = emergency();
    p.approve();
    expect(p.state).toBe('approved');
  });
});
