import { describe, expect, test } from 'vitest';
import { backSays, obstacles } from '../../../src/areas/releases/gate-rules.ts';
import type { Act } from '../../../src/areas/releases/types.ts';
import {
  ACTS,
  ADA,
  aBlocker,
  aHold,
  BEN,
  CAS,
  lgtm,
  MAX,
  NOBODY,
  POLICY,
  playTo,
  T0,
  verify,
} from '../../support/facts.ts';
import { refused, signers } from '../../support/verdicts.ts';

const button = (candidateId: number): Act => ({ kind: 'lgtm', road: 'button', candidateId });

describe('R5: what keeps a sign-off from being accepted', () => {
  test('R5: before testing', () => {
    refused(playTo('waiting').do(ADA, lgtm), 'not_in_waiting', /waiting for two sets of eyes/, /Two operators/);
  });

  test('R5: a hold, with its reason and who lifts it', () => {
    const p = playTo('testing');
    p.do(NOBODY, ACTS.hold);
    refused(p.do(ADA, lgtm), 'held', /on hold: the build is broken/, /<@UNOBODY>, its manager or an admin lifts it/);
    p.do(NOBODY, ACTS.unhold);
    p.do(CAS, { kind: 'hold', reason: null, road: 'reaction' });
    refused(p.do(ADA, lgtm), 'held', /it is on hold$/, /<@UCAS>/);
  });

  test('R14: of a blocker that is fixed elsewhere it is said how it is known', () => {
    expect(backSays(aBlocker())).toBe('');
    expect(backSays(aBlocker({ back: 'known' }))).toMatch(/^ \(fixed in another commit, not in this one\)$/);
    expect(backSays(aBlocker({ back: 'assumed' }))).toMatch(/assumed to have it\)$/);
  });

  test('R5: a blocker, named; and how many more', () => {
    const p = playTo('testing');
    const waits = () => obstacles(p.facts, 'candidate', POLICY).map((o) => o.waits);
    p.block();
    expect(waits()).toEqual(['a blocking bug']);
    refused(p.do(ADA, lgtm), 'blocked', /balance is wrong$/, /verified as fixed, downgraded or rejected/);
    p.block('login fails');
    refused(p.do(ADA, lgtm), 'blocked', /balance is wrong and 1 more/);
    expect(waits()).toEqual(['2 blocking bugs']);
    p.set({ blockers: [aBlocker({ title: 'balance', back: 'known' })] });
    refused(p.do(ADA, lgtm), 'blocked', /^its candidate is code that has a blocking bug: balance/, /has the fix/);
    p.set({ blockers: [aBlocker({ title: 'balance', back: 'assumed' })] });
    refused(p.do(ADA, lgtm), 'blocked', /^its candidate is assumed to have a blocking bug, .*: balance/, /has the fix/);
    p.unblock();
    p.do(ADA, lgtm);
    expect(signers(p)).toEqual([ADA.id]);
  });

  test('R5: unfinished required test cases, counted', () => {
    const p = playTo('testing');
    p.set({ unfinished: { candidate: 1, production: 0 } });
    refused(p.do(ADA, lgtm), 'unfinished', /^1 required test case is unfinished/, /^Finish it first\.$/);
    p.set({ unfinished: { candidate: 3, production: 0 } });
    refused(p.do(ADA, lgtm), 'unfinished', /^3 required test cases are unfinished/, /^Finish them first\.$/);
  });

  test('R5: production cases gate production only', () => {
    const p = playTo('testing');
    p.set({ unfinished: { candidate: 0, production: 2 } });
    p.do(ADA, lgtm);
    expect(signers(p)).toEqual([ADA.id]);
    const q = playTo('verifying');
    q.set({ unfinished: { candidate: 2, production: 1 } });
    refused(q.do(ADA, verify), 'unfinished', /^1 required/);
  });

  test("R5: failed automated tests keep sign-offs from counting where today's policy says so", () => {
    const p = playTo('testing');
    p.set({ ci: { passed: 3, failed: 1, waiting: [] } });
    refused(p.do(ADA, lgtm), 'ci', /1 automated test fails/);
    p.set({ ci: { passed: 3, failed: 2, waiting: [] } });
    refused(p.do(ADA, lgtm), 'ci', /2 automated tests fail/);
    for (const policy of [
      { ...POLICY, ciGates: false },
      { ...POLICY, ciGates: undefined },
    ]) {
      const lax = playTo('testing', policy as typeof POLICY);
      lax.set({ ci: { passed: 3, failed: 2, waiting: ['unit'] } });
      expect(lax.do(ADA, lgtm).refusal).toBeUndefined();
    }
  });

  test('R5: a suite whose results came in for an earlier candidate is waited for', () => {
    const p = playTo('testing');
    p.set({ ci: { passed: 0, failed: 0, waiting: ['unit <x>'] } });
    refused(p.do(ADA, lgtm), 'ci_waiting', /no results .*\(unit &lt;x&gt;\)/, /ci-report/);
    p.set({ ci: { passed: 3, failed: 0, waiting: [] } });
    expect(p.do(ADA, lgtm).refusal).toBeUndefined();
  });

  test('R5: what fails after the approval keeps it from shipping', () => {
    const p = playTo('approved');
    p.reconciled();
    p.set({ ci: { passed: 3, failed: 1, waiting: [] } });
    refused(p.do(MAX, ACTS.ship), 'ci');
  });
});

describe('R5: what keeps sign-offs of the candidate out, and not those of production', () => {
  const checking = () => {
    const p = playTo('verifying');
    for (const who of [ADA, BEN]) p.do(who, ACTS.ready);
    return p;
  };

  test('R5: while its channel cannot be read nothing is signed or shipped', () => {
    const p = playTo('testing');
    p.set({ release: { ...p.facts.release, lostAt: T0 } });
    refused(p.do(ADA, lgtm), 'lost', /cannot read its channel/, /not archived/);
    const q = checking();
    q.set({ release: { ...q.facts.release, lostAt: T0 } });
    refused(q.do(ADA, verify), 'lost');
    const r = playTo('approved');
    r.reconciled();
    r.set({ release: { ...r.facts.release, lostAt: T0 } });
    refused(r.do(MAX, ACTS.ship), 'lost');
  });

  test("R9: an emergency's hold keeps the candidate from being signed, and lets production be checked", () => {
    const p = checking();
    p.set({ holds: [aHold(CAS, { emergencyId: 77 })] });
    for (const who of [ADA, BEN]) p.do(who, verify);
    expect(p.state).toBe('done');
  });

  test('R5: automated tests are those of the candidate, and none failed is none', () => {
    const p = playTo('testing');
    p.set({ ci: { passed: 3, failed: 0, waiting: [] } });
    expect(p.do(ADA, lgtm).refusal).toBeUndefined();
    const q = checking();
    q.set({ ci: { passed: 3, failed: 1, waiting: ['unit'] } });
    expect(q.do(ADA, verify).refusal).toBeUndefined();
  });
});

describe('R3: a button is for the candidate it was drawn for', () => {
  const next: Act = { kind: 'candidate', commit: 'def5678', tree: null };

  test('R3: a button drawn for an earlier candidate is refused, and says which is current', () => {
    const p = playTo('testing');
    p.do(MAX, next);
    refused(p.do(ADA, button(101)), 'stale_button', /`abc1234`.*now `def5678`/, /from the card/);
    refused(p.do(ADA, button(9)), 'stale_button', /another release/);
    p.do(ADA, button(102));
    expect(signers(p)).toEqual([ADA.id]);
  });

  test('R3: a production button of an earlier candidate is refused too', () => {
    const p = playTo('verifying');
    refused(p.do(ADA, { kind: 'verify', road: 'button', candidateId: 100 }), 'stale_button');
  });
});
