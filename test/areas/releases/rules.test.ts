import { describe, expect, test } from 'vitest';
import { evolve } from '../../../src/areas/releases/evolve.ts';
import { counted, oneTap, present, stale } from '../../../src/areas/releases/facts.ts';
import { SYSTEM_ACTS } from '../../../src/areas/releases/permissions.ts';
import { decide } from '../../../src/areas/releases/rules.ts';
import { NEXT, STATE_SAYS, TABLE } from '../../../src/areas/releases/table.ts';
import type { Act, ActKind, Decision, State } from '../../../src/areas/releases/types.ts';
import type { Actor } from '../../../src/base/actor.ts';
import {
  ACTS,
  ADA,
  ADMIN,
  aBlocker,
  aHold,
  aPresence,
  BEN,
  CAS,
  ENG,
  EVE,
  EVERYBODY,
  HOURS,
  lgtm,
  MAX,
  minutes,
  NOBODY,
  POLICY,
  person,
  play,
  playTo,
  STATES,
  someFacts,
  T0,
  verify,
} from '../../support/facts.ts';

const KINDS = Object.keys(ACTS) as ActKind[];
const ON_ONE = { ...POLICY, emergencyShipOnOne: true };
const button = (candidateId: number): Act => ({ kind: 'lgtm', road: 'button', candidateId });
const signers = (p: ReturnType<typeof play>, stage: 'candidate' | 'production' = 'candidate') =>
  counted(p.facts, stage).map((s) => s.person);
const here = (p: ReturnType<typeof play>, stage: 'candidate' | 'production' = 'candidate') =>
  present(p.facts, stage, POLICY, p.now);

/** A refusal with this code, whose sentences say why and what to do. */
function refused(d: Decision, code: string, says?: RegExp, next?: RegExp) {
  expect(d.changes).toEqual([]);
  expect(d.refusal).toMatchObject({ code });
  expect(d.refusal?.reason).not.toBe('');
  expect(d.refusal?.next).toMatch(/^[A-Z<"].*\.$/s);
  if (says) expect(d.refusal?.reason).toMatch(says);
  if (next) expect(d.refusal?.next).toMatch(next);
}

describe('R1: the states and what moves a release', () => {
  test('R1: the whole day: waiting, testing, approved, shipping, verifying, done', () => {
    const p = play();
    const seen: State[] = [p.state];
    const step = (actor: Actor, act: Act) => {
      p.do(actor, act);
      if (seen.at(-1) !== p.state) seen.push(p.state);
    };
    for (const who of [ADA, BEN]) step(who, ACTS.ready);
    for (const who of [ADA, BEN]) step(who, lgtm);
    p.reconciled();
    step(MAX, ACTS.ship);
    step(MAX, ACTS.shipped);
    for (const who of [ADA, BEN]) step(who, ACTS.ready);
    for (const who of [ADA, BEN]) step(who, verify);
    expect(seen).toEqual(['waiting', 'testing', 'approved', 'shipping', 'verifying', 'done']);
    expect(p.facts.release).toMatchObject({ approvedAt: T0, shippingAt: T0, shippedAt: T0, doneAt: T0, endedAt: null });
  });

  test('R1: the table leads only where the rules say', () => {
    const moves = STATES.flatMap((from) =>
      Object.values(TABLE[from]).flatMap((to) => (to === 'stay' ? [] : [`${from} → ${to}`])),
    );
    expect([...new Set(moves)].sort()).toEqual(
      [
        'waiting → testing',
        'waiting → cancelled',
        'testing → waiting',
        'testing → approved',
        'testing → shipping',
        'testing → cancelled',
        'approved → testing',
        'approved → shipping',
        'approved → cancelled',
        'shipping → verifying',
        'shipping → testing',
        'shipping → rolled_back',
        'verifying → done',
        'verifying → rolled_back',
        'done → rolled_back',
      ].sort(),
    );
  });

  const product = STATES.flatMap((state) =>
    KINDS.flatMap((kind) => EVERYBODY.map((actor) => ({ state, kind, actor }))),
  );

  test('R1: every state x action x person: in the table, or refused with a reason and a next step', () => {
    for (const { state, kind, actor } of product) {
      const p = playTo(state);
      expect(p.state).toBe(state);
      p.reconciled();
      const d = decide(p.facts, actor, ACTS[kind], POLICY, p.now);
      const label = `${actor.id} ${kind} in ${state}`;
      if (!(kind in TABLE[state])) expect(d.refusal, label).toBeDefined();
      if (d.refusal) {
        refused(d, d.refusal.code);
        continue;
      }
      const leads = TABLE[state][kind];
      const to = evolve(p.facts, d.changes, p.now).release.state;
      expect([state, leads], label).toContain(to);
    }
  });

  test.each(
    STATES.flatMap((state) => KINDS.filter((kind) => !(kind in TABLE[state])).map((kind) => ({ state, kind }))),
  )('R1: $kind in $state is refused for the state', ({ state, kind }) => {
    const p = playTo(state);
    const everything: Actor = { ...person('UALL', 'operator', 'engineer', 'admin') };
    refused(p.do(everything, ACTS[kind]), `not_in_${state}`, new RegExp(STATE_SAYS[state]));
    expect(p.state).toBe(state);
  });

  test('R1: each state has its own next step, and an act its own where it needs one', () => {
    refused(playTo('waiting').do(ADA, lgtm), 'not_in_waiting', /two sets of eyes/, /\/release ready/);
    refused(playTo('testing').do(MAX, ACTS.ship), 'not_in_testing', undefined, /\/release lgtm/);
    refused(playTo('testing').do(ADA, verify), 'not_in_testing', undefined, /for production/);
    refused(playTo('approved').do(MAX, ACTS.shipped), 'not_in_approved', undefined, /\/release ship`/);
    refused(playTo('shipping').do(ADA, lgtm), 'not_in_shipping', undefined, /\/release shipped/);
    refused(playTo('shipping').do(ADA, ACTS.ready), 'not_in_shipping', undefined, /once it is live/);
    refused(playTo('verifying').do(ADA, lgtm), 'not_in_verifying', undefined, /\/release verify/);
    refused(playTo('verifying').do(MAX, ACTS.candidate), 'not_in_verifying', undefined, /\/release rollback/);
    refused(playTo('done').do(ADA, verify), 'not_in_done', undefined, /24 h/);
    refused(playTo('cancelled').do(ADA, ACTS.ready), 'not_in_cancelled', undefined, /\/release open/);
    refused(playTo('rolled_back').do(MAX, ACTS.candidate), 'not_in_rolled_back', undefined, /\/release open/);
    for (const state of STATES) expect(NEXT[state].else).not.toBe('');
  });

  test.each(['waiting', 'testing', 'approved'] as const)('R1: cancelled from %s', (state) => {
    const p = playTo(state);
    p.do(MAX, ACTS.cancel);
    expect(p.facts.release).toMatchObject({ state: 'cancelled', endReason: 'not needed', endedAt: T0 });
  });

  test.each(['shipping', 'verifying', 'done'] as const)('R1: not cancelled from %s, but rolled back', (state) => {
    const p = playTo(state);
    refused(p.do(MAX, ACTS.cancel), `not_in_${state}`);
    p.do(ADA, ACTS.rollback);
    expect(p.facts.release).toMatchObject({ state: 'rolled_back', endReason: 'payments fail', endedAt: T0 });
  });

  test('R1: a failed push goes back to testing with its reason', () => {
    const p = playTo('shipping');
    const d = p.do(MAX, ACTS.failed);
    expect(d.changes).toContainEqual({ kind: 'state', from: 'shipping', to: 'testing', reason: 'the pods crash' });
    expect(p.state).toBe('testing');
    expect(signers(p)).toEqual([]);
  });
});

describe('R2: two sets of eyes', () => {
  test('R2: one operator is not enough, two start testing', () => {
    const p = play();
    p.do(ADA, ACTS.ready);
    expect(p.state).toBe('waiting');
    p.do(BEN, ACTS.ready);
    expect(p.state).toBe('testing');
    expect(here(p)).toEqual([ADA.id, BEN.id]);
  });

  test('R2: the same operator twice is one set of eyes', () => {
    const p = play();
    p.do(ADA, ACTS.ready);
    expect(p.do(ADA, ACTS.ready).already).toMatch(/already/);
    expect(p.state).toBe('waiting');
  });

  test('R2: stepping away sends testing back to waiting; sign-offs given stay and count on return', () => {
    const p = playTo('testing');
    p.do(ADA, lgtm);
    expect(p.do(ADA, ACTS.away).changes).toEqual([
      { kind: 'left', stage: 'candidate', person: ADA.id, expired: false },
      { kind: 'state', from: 'testing', to: 'waiting' },
    ]);
    expect(p.state).toBe('waiting');
    expect(signers(p)).toEqual([ADA.id]);
    p.do(CAS, ACTS.ready);
    p.do(BEN, lgtm);
    expect(p.state).toBe('approved');
  });

  test('R2: a third set of eyes keeps testing going when one leaves', () => {
    const p = playTo('testing');
    p.do(CAS, ACTS.ready);
    p.do(ADA, ACTS.away);
    expect(p.state).toBe('testing');
  });

  test('R2: eyes expire after 4 h without an act, to the minute', () => {
    const p = playTo('testing');
    p.wait(4 * HOURS - 1);
    p.do(ADMIN, ACTS.tick);
    expect(p.state).toBe('testing');
    p.wait(1);
    const d = p.do(ADMIN, ACTS.tick);
    expect(p.state).toBe('waiting');
    expect(d).toEqual({
      changes: [],
      settled: [
        { kind: 'left', stage: 'candidate', person: ADA.id, expired: true },
        { kind: 'left', stage: 'candidate', person: BEN.id, expired: true },
        { kind: 'state', from: 'testing', to: 'waiting' },
      ],
    });
  });

  test('R2: any act renews the eyes of who acts, and of nobody else', () => {
    const p = playTo('testing');
    p.wait(3 * HOURS);
    p.do(ADA, { kind: 'hold', reason: null, road: 'reaction' });
    p.do(ADA, ACTS.unhold);
    p.wait(2 * HOURS);
    p.do(ADMIN, ACTS.tick);
    expect(here(p)).toEqual([ADA.id]);
    expect(p.state).toBe('waiting');
  });

  test('R2: an act that changes nothing else renews too; a refused one does not', () => {
    const p = playTo('testing');
    p.wait(3 * HOURS);
    expect(p.do(ADA, ACTS.ready)).toMatchObject({
      already: 'you are already counted as here',
      changes: [{ kind: 'renewed', stage: 'candidate', person: ADA.id }],
    });
    refused(p.do(BEN, ACTS.retract), 'no_sign_off');
    p.wait(2 * HOURS);
    expect(here(p)).toEqual([ADA.id]);
  });

  test('R2: who expired comes back by saying so; the same second set of eyes starts testing again', () => {
    const p = playTo('testing');
    p.wait(5 * HOURS);
    p.do(ADA, ACTS.ready);
    expect(p.state).toBe('waiting');
    p.do(BEN, ACTS.ready);
    expect(p.state).toBe('testing');
  });

  test('R2: time is kept even when the act is refused', () => {
    const p = playTo('testing');
    p.wait(5 * HOURS);
    const d = p.do(ADA, lgtm);
    refused(d, 'not_in_waiting');
    expect(d.settled).toHaveLength(3);
    expect(p.state).toBe('waiting');
  });

  test('R2: two present but still waiting (the setting was raised) start testing by the clock', () => {
    const p = play(someFacts({ presences: [aPresence(ADA), aPresence(BEN)] }));
    p.do(ADMIN, ACTS.tick);
    expect(p.state).toBe('testing');
  });

  test.each(['approved', 'shipping'] as const)('R2: in %s departures and expiry change nothing', (state) => {
    const p = playTo(state);
    p.do(ADA, ACTS.away);
    p.wait(5 * HOURS);
    p.do(ADMIN, ACTS.tick);
    expect(p.state).toBe(state);
    expect(signers(p)).toEqual([ADA.id, BEN.id]);
  });

  test('R2: who left during the push is not counted as here when it fails', () => {
    const p = playTo('shipping');
    p.do(ADA, ACTS.away);
    p.do(MAX, ACTS.failed);
    expect(here(p)).toEqual([BEN.id]);
    expect(p.state).toBe('waiting');
  });

  test('R2: an approval taken back with nobody here goes on to waiting', () => {
    const p = playTo('approved');
    p.wait(5 * HOURS);
    p.do(NOBODY, ACTS.hold);
    expect(p.state).toBe('waiting');
  });

  test('R2: stepping away without having been here is no change', () => {
    expect(playTo('testing').do(CAS, ACTS.away)).toMatchObject({
      already: 'you were not counted as here',
      changes: [],
    });
  });

  test.each([
    { actor: MAX, code: 'manager', says: /release manager/ },
    { actor: EVE, code: 'author', says: /wrote some of its changes/ },
    { actor: ENG, code: 'role', says: /only an operator can do that/ },
    { actor: NOBODY, code: 'role', says: /only an operator can do that/ },
    { actor: ADMIN, code: 'role', says: /only an operator can do that/ },
  ])('R2: the eyes of $actor.id do not count ($code)', ({ actor, code, says }) => {
    const p = playTo('waiting');
    refused(p.do(actor, ACTS.ready), code, says);
    expect(p.facts.presences).toEqual([]);
  });
});

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
});

describe('R4: two different eligible operators, present', () => {
  test('R4: one sign-off is not enough, two approve', () => {
    const p = playTo('testing');
    p.do(ADA, lgtm);
    expect(p.state).toBe('testing');
    const d = p.do(BEN, lgtm);
    expect(p.state).toBe('approved');
    expect(d.changes).toEqual([
      { kind: 'signed', stage: 'candidate', person: BEN.id, candidateId: 101, road: 'button', again: false },
      { kind: 'state', from: 'testing', to: 'approved' },
      { kind: 'renewed', stage: 'candidate', person: BEN.id },
    ]);
  });

  test('R4: the same person by two roads is one sign-off', () => {
    const p = playTo('testing');
    p.do(ADA, lgtm);
    expect(p.do(ADA, { kind: 'lgtm', road: 'reaction' }).already).toMatch(/already counts/);
    expect(p.state).toBe('testing');
  });

  test('R4: who is not present is refused and told how to be', () => {
    refused(playTo('testing').do(CAS, lgtm), 'absent', /not said that you are here/, /\/release ready/);
  });

  test.each([
    { actor: MAX, code: 'manager', says: /release manager/, next: /Two other operators/ },
    { actor: EVE, code: 'author', says: /wrote some/, next: /Two other operators/ },
    { actor: ENG, code: 'role', says: /only an operator/, next: /policy file/ },
  ])('R4: $actor.id may not sign off ($code), on the candidate or in production', ({ actor, code, says, next }) => {
    refused(playTo('testing').do(actor, lgtm), code, says, next);
    refused(playTo('verifying').do(actor, verify), code, says, next);
  });

  test('R4: with separation of duties off the manager and the author count', () => {
    const p = play(someFacts(), { ...POLICY, separationOfDuties: false });
    p.approve(MAX, EVE);
    expect(p.state).toBe('approved');
  });

  test('R4: a role lost between the eyes and the sign-off is judged at the sign-off', () => {
    refused(playTo('testing').do(person(ADA.id, 'engineer'), lgtm), 'role');
  });

  test('R4: a third sign-off in approved is recorded and moves nothing', () => {
    const p = playTo('testing');
    p.do(CAS, ACTS.ready);
    for (const who of [ADA, BEN, CAS]) p.do(who, lgtm);
    expect(p.state).toBe('approved');
    expect(signers(p)).toEqual([ADA.id, BEN.id, CAS.id]);
  });

  test('R4: a third sign-off counts in approved though the other two have left', () => {
    const p = playTo('testing');
    p.do(CAS, ACTS.ready);
    for (const who of [ADA, BEN]) p.do(who, lgtm);
    for (const who of [ADA, BEN]) p.do(who, ACTS.away);
    refused(p.do(ADA, { kind: 'lgtm', road: 'word' }), 'absent');
    p.do(CAS, lgtm);
    expect(signers(p)).toEqual([ADA.id, BEN.id, CAS.id]);
  });
});

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

  test('R5: a blocker, named; and how many more', () => {
    const p = playTo('testing');
    p.block();
    refused(p.do(ADA, lgtm), 'blocked', /balance is wrong$/, /verified as fixed, downgraded or rejected/);
    p.block('login fails');
    refused(p.do(ADA, lgtm), 'blocked', /balance is wrong and 1 more/);
    p.unblock();
    p.do(ADA, lgtm);
    expect(signers(p)).toEqual([ADA.id]);
  });

  test('R5: unfinished required test cases, counted', () => {
    const p = playTo('testing');
    p.set({ unfinished: { candidate: 1, production: 0 } });
    refused(p.do(ADA, lgtm), 'unfinished', /^1 required test case is unfinished/, /Finish them/);
    p.set({ unfinished: { candidate: 3, production: 0 } });
    refused(p.do(ADA, lgtm), 'unfinished', /^3 required test cases are unfinished/);
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
});

describe('R6: an approval taken back, and what counts again', () => {
  test('R6: a hold takes it back; lifting it brings nothing back; each signer says so again', () => {
    const p = playTo('approved');
    p.do(NOBODY, ACTS.hold);
    expect(p.state).toBe('testing');
    p.do(NOBODY, ACTS.unhold);
    expect(p.state).toBe('testing');
    expect(signers(p)).toEqual([]);
    expect(stale(p.facts, 'candidate').map((s) => [s.why, oneTap(p.facts, s)])).toEqual([
      ['interrupted', true],
      ['interrupted', true],
    ]);
    p.do(ADA, lgtm);
    expect(p.state).toBe('testing');
    p.do(BEN, lgtm);
    expect(p.state).toBe('approved');
    expect(p.facts.signOffs).toHaveLength(2);
  });

  test('R6: a blocker takes it back by the gate facts alone, at the next look', () => {
    const p = playTo('approved');
    const d = p.block();
    expect(d.settled).toEqual([
      { kind: 'blocked', seqs: [1], titles: ['balance is wrong'], late: false },
      { kind: 'state', from: 'approved', to: 'testing' },
    ]);
    expect(p.unblock().settled).toEqual([{ kind: 'unblocked', seqs: [1] }]);
    expect(p.state).toBe('testing');
    p.do(ADA, lgtm);
    expect(p.state).toBe('testing');
    p.do(BEN, lgtm);
    expect(p.state).toBe('approved');
  });

  test('R6: a blocker that ends lets nobody sign by itself, and interrupts once only', () => {
    const p = playTo('testing');
    p.do(ADA, lgtm);
    p.block('one');
    expect(signers(p)).toEqual([]);
    refused(p.do(ADA, lgtm), 'blocked', /one$/);
    p.block('two');
    refused(p.do(ADA, lgtm), 'blocked', /one and 1 more$/);
    p.unblock();
    expect(p.facts.release.knownBlockers).toEqual([]);
    p.do(ADA, lgtm);
    expect(p.do(ADMIN, ACTS.tick).settled).toEqual([]);
    expect(signers(p)).toEqual([ADA.id]);
  });

  test('R6: a blocker after shipping began is recorded and alerts; one of a cancelled release says nothing there', () => {
    const p = playTo('verifying');
    expect(p.block().settled).toEqual([{ kind: 'blocked', seqs: [1], titles: ['balance is wrong'], late: true }]);
    expect(p.facts.release.interruptedAct).toBe(0);
    expect(p.state).toBe('verifying');
    expect(playTo('cancelled').block().settled).toEqual([]);
  });

  test('R13: a blocker filed before the release was opened blocks it too', () => {
    const p = play(someFacts({ blockers: [aBlocker()] }));
    for (const who of [ADA, BEN]) p.do(who, ACTS.ready);
    expect(p.facts.release.knownBlockers).toEqual([1]);
    refused(p.do(ADA, lgtm), 'blocked');
  });

  test('R6: a blocker on an approval whose testers are gone leads on to waiting', () => {
    const p = playTo('approved');
    p.wait(5 * HOURS);
    p.block();
    expect(p.state).toBe('waiting');
  });

  test('R6: a blocker filed as it is being shipped: the ship is refused', () => {
    const p = playTo('approved');
    p.reconciled();
    p.set({ blockers: [aBlocker()] });
    refused(p.do(MAX, ACTS.ship), 'not_in_testing');
    expect(p.state).toBe('testing');
  });

  test('R6: a retraction takes it back', () => {
    const p = playTo('approved');
    p.do(ADA, ACTS.retract);
    expect(p.state).toBe('testing');
    expect(signers(p)).toEqual([BEN.id]);
  });

  test('R6: a new candidate takes it back', () => {
    const p = playTo('approved');
    p.do(MAX, ACTS.candidate);
    expect(p.state).toBe('testing');
    expect(signers(p)).toEqual([]);
  });

  test('R6: nothing re-approves by itself: three signed, one retracts, two still count, but somebody must say so', () => {
    const p = playTo('testing');
    p.do(CAS, ACTS.ready);
    for (const who of [ADA, BEN, CAS]) p.do(who, lgtm);
    p.do(CAS, ACTS.retract);
    expect(p.state).toBe('testing');
    expect(signers(p)).toEqual([ADA.id, BEN.id]);
    p.do(ADMIN, ACTS.tick);
    expect(p.state).toBe('testing');
    p.do(ADA, lgtm);
    expect(p.state).toBe('approved');
  });

  test('R6: taking back a sign-off that did not count leaves the approval', () => {
    const p = playTo('testing');
    p.do(CAS, ACTS.ready);
    p.do(CAS, lgtm);
    p.do(MAX, ACTS.candidate);
    for (const who of [ADA, BEN]) p.do(who, lgtm);
    p.do(CAS, ACTS.retract);
    expect(p.state).toBe('approved');
  });

  test.each(['shipping', 'verifying', 'done'] as const)(
    'R6: in %s holds and retractions are recorded as late',
    (state) => {
      const p = playTo(state);
      const signed = signers(p);
      expect(p.do(ADA, { kind: 'retract', stage: 'candidate' }).changes).toContainEqual({
        kind: 'retracted',
        stage: 'candidate',
        person: ADA.id,
        late: true,
      });
      expect(p.do(NOBODY, ACTS.hold).changes).toContainEqual(expect.objectContaining({ kind: 'held', late: true }));
      expect(p.state).toBe(state);
      expect(signers(p)).toEqual(signed);
      refused(p.do(ADA, { kind: 'retract', stage: 'candidate' }), 'no_sign_off', /no sign-off here to take back/);
    },
  );

  test('R6: taken back during a push that then fails: it is gone', () => {
    const p = playTo('shipping');
    p.do(ADA, ACTS.retract);
    p.do(MAX, ACTS.failed);
    expect(p.facts.signOffs.map((s) => s.retractedAt)).toEqual([T0, null]);
    p.do(BEN, lgtm);
    expect(p.state).toBe('testing');
    p.do(ADA, lgtm);
    expect(p.state).toBe('approved');
  });
});

describe('R6: holds', () => {
  test('R6: anyone sets one; several may coexist', () => {
    const p = playTo('testing');
    p.do(NOBODY, ACTS.hold);
    p.do(CAS, ACTS.hold);
    p.do(NOBODY, { kind: 'hold', reason: 'a second thing', road: 'command' });
    expect(p.facts.holds).toHaveLength(3);
    p.do(NOBODY, ACTS.unhold);
    expect(p.facts.holds.map((h) => h.liftedBy)).toEqual([NOBODY.id, null, NOBODY.id]);
    refused(p.do(ADA, lgtm), 'held');
  });

  test('R6: a hold by reaction waits for its reason, which is then added, not set twice', () => {
    const p = playTo('testing');
    p.do(CAS, { kind: 'hold', reason: null, road: 'reaction' });
    expect(p.do(CAS, { kind: 'hold', reason: null, road: 'reaction' }).already).toMatch(/already set/);
    const id = p.facts.holds[0]?.id as number;
    expect(p.do(CAS, ACTS.hold).changes[0]).toEqual({
      kind: 'hold_reason',
      holdId: id,
      person: CAS.id,
      reason: 'the build is broken',
    });
    p.do(CAS, { kind: 'reason', holdId: id, reason: 'the fee is wrong' });
    expect(p.facts.holds).toMatchObject([{ reason: 'the fee is wrong' }]);
  });

  test('R6: only who set it gives its reason, and only while it is open', () => {
    const p = playTo('testing');
    p.do(CAS, { kind: 'hold', reason: null, road: 'reaction' });
    const id = p.facts.holds[0]?.id as number;
    refused(p.do(ADA, { kind: 'reason', holdId: id, reason: 'x' }), 'not_yours', /only who set/, /<@UCAS>/);
    p.do(CAS, ACTS.unhold);
    refused(p.do(CAS, { kind: 'reason', holdId: id, reason: 'x' }), 'no_hold', /lifted already/);
  });

  test('R6: lifted by who set it, the manager or an admin, and nobody else', () => {
    for (const actor of [CAS, MAX, ADMIN]) {
      const p = playTo('testing');
      p.do(CAS, ACTS.hold);
      p.do(actor, ACTS.unhold);
      expect(p.facts.holds[0]?.liftedBy).toBe(actor.id);
    }
    const p = playTo('testing');
    p.do(CAS, ACTS.hold);
    refused(
      p.do(ADA, ACTS.unhold),
      'not_yours',
      /on hold: the build is broken/,
      /<@UCAS>, its manager or an admin lifts it/,
    );
    p.do(CAS, ACTS.unhold);
    p.do(CAS, { kind: 'hold', reason: null, road: 'reaction' });
    refused(p.do(ADA, ACTS.unhold), 'not_yours', /it is on hold$/);
  });

  test('R6: nothing to lift, and one lifted meanwhile', () => {
    refused(playTo('testing').do(ADA, ACTS.unhold), 'no_hold', /not on hold/);
    const p = playTo('testing');
    p.do(CAS, ACTS.hold);
    refused(p.do(CAS, { kind: 'unhold', holdId: 4711 }), 'no_hold', /lifted already/);
  });

  test('R6: one hold of several by its id', () => {
    const p = play(someFacts({ holds: [aHold(CAS, { id: 1 }), aHold(ADA, { id: 2 })] }));
    p.do(MAX, { kind: 'unhold', holdId: 2 });
    expect(p.facts.holds.map((h) => h.liftedBy)).toEqual([null, MAX.id]);
    refused(p.do(ADA, { kind: 'unhold', holdId: 1 }), 'not_yours');
  });
});

describe('R7: undoing, by whichever road', () => {
  test.each(['button', 'reaction', 'word', 'command'] as const)(
    'R7: given by %s, taken back by one retract',
    (road) => {
      const p = playTo('testing');
      p.do(ADA, { kind: 'lgtm', road });
      expect(p.facts.signOffs).toMatchObject([{ road }]);
      p.do(ADA, ACTS.retract);
      expect(signers(p)).toEqual([]);
      p.do(BEN, lgtm);
      expect(p.state).toBe('testing');
    },
  );

  test('R7: it revives only by a new act, as a new row', () => {
    const p = playTo('testing');
    p.do(ADA, lgtm);
    p.do(ADA, ACTS.retract);
    p.do(ADA, lgtm);
    expect(signers(p)).toEqual([ADA.id]);
    expect(p.facts.signOffs).toHaveLength(2);
  });

  test('R7: taken back twice, each keeps its own time', () => {
    const p = playTo('testing');
    for (let i = 0; i < 2; i++) {
      p.do(ADA, lgtm);
      p.do(ADA, ACTS.retract);
      p.wait(1);
    }
    expect(p.facts.signOffs.map((s) => s.retractedAt)).toEqual([T0, minutes(1)]);
  });

  test('R7: nobody takes back what they have not given', () => {
    refused(playTo('approved').do(CAS, ACTS.retract), 'no_sign_off');
    refused(playTo('verifying').do(ADA, { kind: 'retract', stage: 'production' }), 'no_sign_off');
  });

  test('R7: a stale sign-off can be taken back, on every candidate it was given for', () => {
    const p = playTo('testing');
    p.do(ADA, lgtm);
    p.do(MAX, ACTS.candidate);
    p.do(ADA, lgtm);
    p.do(ADA, ACTS.retract);
    expect(p.facts.signOffs.every((s) => s.retractedAt)).toBe(true);
    expect(stale(p.facts, 'candidate')).toEqual([]);
  });

  test('R7: without a stage it means the production sign-off when there is one', () => {
    const p = playTo('verifying');
    p.do(ADA, ACTS.ready);
    p.do(BEN, ACTS.ready);
    p.do(ADA, verify);
    p.do(ADA, ACTS.retract);
    expect(signers(p, 'production')).toEqual([]);
    expect(signers(p)).toEqual([ADA.id, BEN.id]);
    p.do(BEN, verify);
    expect(p.state).toBe('verifying');
  });

  test.each([
    { standing: 'bot', says: /bots/ },
    { standing: 'deactivated', says: /deactivated people/ },
    { standing: 'guest', says: /guests/ },
    { standing: 'outsider', says: /people from other workspaces/ },
  ] as const)('R7: a $standing counts for nothing, whatever their roles', ({ standing, says }) => {
    const actor: Actor = { ...person('UX', 'operator', 'admin', 'engineer'), standing };
    for (const state of STATES)
      for (const kind of KINDS) {
        if ((SYSTEM_ACTS as readonly string[]).includes(kind)) continue;
        refused(playTo(state).do(actor, ACTS[kind]), 'standing', says, /member of this workspace/);
      }
  });

  test.each(['guest', 'deactivated', 'outsider'] as const)(
    'R7: who gave a sign-off or their eyes as a member takes them back as a %s; nothing else',
    (standing) => {
      const p = playTo('approved');
      const gone: Actor = { ...ADA, standing };
      expect(p.do(gone, ACTS.retract).changes).toEqual([
        { kind: 'retracted', stage: 'candidate', person: ADA.id, late: false },
        { kind: 'state', from: 'approved', to: 'testing' },
      ]);
      refused(p.do(gone, ACTS.retract), 'standing');
      expect(p.do(gone, ACTS.away).changes).toContainEqual(expect.objectContaining({ kind: 'left', person: ADA.id }));
      refused(p.do(gone, ACTS.away), 'standing');
      refused(p.do(gone, ACTS.ready), 'standing');
      expect(p.state).toBe('waiting');
    },
  );

  test('R7: roles that cannot be read are said to be so, and nothing is concluded', () => {
    const actor: Actor = { ...person('UX'), rolesUnknown: 'who the operators are could not be read for an hour' };
    refused(playTo('testing').do(actor, lgtm), 'roles_unknown', /could not be read/, /Try again/);
    const listed: Actor = { ...actor, roles: new Set(['operator']) };
    refused(playTo('testing').do(listed, lgtm), 'absent');
  });
});

describe('R8: shipping, the production check, the watch', () => {
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

  test('R8: production takes its own two eyes and two sign-offs', () => {
    const p = playTo('verifying');
    refused(p.do(ADA, verify), 'eyes', /two sets of eyes \(0\/2\)/, /\/release ready/);
    p.do(ADA, ACTS.ready);
    refused(p.do(ADA, verify), 'eyes', /1\/2/);
    p.do(CAS, ACTS.ready);
    refused(p.do(BEN, verify), 'absent');
    p.do(ADA, verify);
    expect(p.do(ADA, verify).already).toMatch(/already counts/);
    expect(p.state).toBe('verifying');
    p.do(CAS, verify);
    expect(p.state).toBe('done');
    expect(signers(p)).toEqual([ADA.id, BEN.id]);
    expect(signers(p, 'production')).toEqual([ADA.id, CAS.id]);
  });

  test('R8: eyes on the old card count for nothing once production is checked', () => {
    const p = playTo('verifying');
    refused(p.do(ADA, { kind: 'ready', stage: 'candidate' }), 'wrong_message', /live/, /Production check message/);
    p.do(ADA, { kind: 'ready', stage: 'production' });
    expect(here(p, 'production')).toEqual([ADA.id]);
    p.do(ADA, { kind: 'away', stage: 'candidate' });
    expect(here(p, 'production')).toEqual([ADA.id]);
    expect(here(p, 'candidate')).toEqual([BEN.id]);
  });

  test('R8: a ship button of an earlier candidate is refused', () => {
    const p = playTo('approved');
    p.reconciled();
    refused(p.do(MAX, { kind: 'ship', candidateId: 100 }), 'stale_button');
    p.do(MAX, { kind: 'ship', candidateId: 101 });
    expect(p.state).toBe('shipping');
  });

  test('R8: stepping away from the production check, and expiry there, take those eyes only', () => {
    const p = playTo('verifying');
    p.do(ADA, ACTS.ready);
    p.do(BEN, ACTS.ready);
    p.do(ADA, ACTS.away);
    expect(here(p, 'production')).toEqual([BEN.id]);
    expect(here(p, 'candidate')).toContain(ADA.id);
    p.wait(5 * HOURS);
    expect(p.do(ADMIN, ACTS.tick).settled).toEqual([
      { kind: 'left', stage: 'production', person: BEN.id, expired: true },
    ]);
    expect(p.state).toBe('verifying');
  });

  test('R8: a hold or blocker keeps production from being signed off; what was signed before it must be said again', () => {
    const p = playTo('verifying');
    p.do(ADA, ACTS.ready);
    p.do(BEN, ACTS.ready);
    p.do(ADA, verify);
    p.do(CAS, ACTS.hold);
    refused(p.do(BEN, verify), 'held');
    p.do(CAS, ACTS.unhold);
    p.do(BEN, verify);
    expect(p.state).toBe('verifying');
    p.do(ADA, verify);
    expect(p.state).toBe('done');
    const q = playTo('verifying');
    q.block();
    refused(q.do(ADA, verify), 'blocked');
  });

  test('R8: the candidate sign-offs are frozen once it ships: a hold then does not make them stale', () => {
    const p = playTo('shipping');
    p.do(CAS, ACTS.hold);
    expect(signers(p)).toEqual([ADA.id, BEN.id]);
    p.do(CAS, ACTS.unhold);
    p.do(MAX, ACTS.failed);
    expect(signers(p)).toEqual([]);
  });

  test('R8: a production sign-off taken back after done is recorded late and changes nothing', () => {
    const p = playTo('done');
    p.do(ADA, ACTS.retract);
    expect(p.state).toBe('done');
    expect(p.facts.signOffs.filter((s) => s.lateAt)).toMatchObject([{ stage: 'production', person: ADA.id }]);
  });

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

  test('R8: a roll-back is recorded by the manager, an admin or an operator', () => {
    for (const actor of [MAX, ADMIN, ADA]) {
      const p = playTo('verifying');
      p.do(actor, ACTS.rollback);
      expect(p.state).toBe('rolled_back');
    }
    refused(playTo('verifying').do(ENG, ACTS.rollback), 'role');
  });
});

describe('R9: emergencies', () => {
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
    const q = signedByAda();
    q.do(MAX, ACTS.ship_on_one);
    q.do(MAX, ACTS.rollback);
    q.do(BEN, ACTS.review);
    expect(q.facts.release.reviewedBy).toBe(BEN.id);
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

  test('R9: an emergency holds the scheduled release until that has a new candidate', () => {
    const p = playTo('approved');
    p.do(CAS, ACTS.emergency_opened);
    expect(p.state).toBe('testing');
    expect(p.facts.holds).toMatchObject([{ emergencyId: 77, reason: 'emergency wallet 1.2.4 goes first' }]);
    refused(
      p.do(ADA, lgtm),
      'held',
      /emergency wallet 1.2.4/,
      /A new candidate with the emergency fix, or an admin, lifts it/,
    );
    refused(p.do(CAS, ACTS.unhold), 'not_yours', undefined, /A new candidate/);
    refused(p.do(MAX, ACTS.unhold), 'not_yours');
    p.do(MAX, ACTS.candidate);
    expect(p.facts.holds[0]?.liftedBy).toBe(MAX.id);
    for (const who of [ADA, BEN]) p.do(who, lgtm);
    expect(p.state).toBe('approved');
  });

  test('R9: an admin may lift it; a new candidate leaves people’s holds', () => {
    const p = playTo('testing');
    p.do(CAS, ACTS.emergency_opened);
    p.do(ADMIN, ACTS.unhold);
    expect(p.facts.holds[0]?.liftedBy).toBe(ADMIN.id);
    p.do(CAS, ACTS.hold);
    p.do(MAX, ACTS.candidate);
    expect(p.facts.holds[1]?.liftedAt).toBeNull();
  });

  test('R9: unhold lifts what the person may and leaves the emergency’s', () => {
    const p = playTo('testing');
    p.do(CAS, ACTS.emergency_opened);
    p.do(CAS, ACTS.hold);
    p.do(CAS, ACTS.unhold);
    expect(p.facts.holds.map((h) => h.liftedBy)).toEqual([null, CAS.id]);
    p.do(CAS, ACTS.hold);
    p.do(MAX, ACTS.unhold);
    expect(p.facts.holds.map((h) => h.liftedBy)).toEqual([null, CAS.id, MAX.id]);
  });

  test('R9: a hold of one’s own beside an emergency’s is one’s own', () => {
    const p = playTo('testing');
    p.do(CAS, ACTS.emergency_opened);
    expect(p.do(CAS, { kind: 'hold', reason: null, road: 'reaction' }).already).toBeUndefined();
    expect(p.facts.holds).toHaveLength(2);
  });

  test('R9: the emergency cancelled lifts its own hold and no other', () => {
    const p = playTo('testing');
    p.do(CAS, ACTS.hold);
    p.do(CAS, ACTS.emergency_opened);
    p.do(CAS, ACTS.emergency_cancelled);
    expect(p.facts.holds.map((h) => h.liftedAt)).toEqual([null, T0]);
    expect(p.do(ADMIN, ACTS.emergency_cancelled).changes).toEqual([]);
  });
});

describe('R3, R4: what GitHub says', () => {
  const named = (commit: string, verifiedTree?: string): Act => ({
    kind: 'candidate',
    commit,
    tree: null,
    ...(verifiedTree && { verifiedTree }),
  });
  const verified = (candidateId: number, tree: string): Act => ({ kind: 'tree_verified', candidateId, tree });

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
    p.do(MAX, named('def5678', 'T1'));
    expect(signers(p)).toEqual([]);
    p.do(ADA, lgtm);
    p.do(MAX, named('0a0a0a0', 'T1'));
    expect(signers(p)).toEqual([ADA.id]);
  });

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

  test('R2: an act that makes somebody else leave still renews the presence of who acts', () => {
    const p = playTo('testing');
    p.do(CAS, ACTS.ready);
    const d = p.do(ADA, wrote(CAS.id));
    expect(d.changes).toContainEqual({ kind: 'left', stage: 'candidate', person: CAS.id, expired: false });
    expect(d.changes).toContainEqual({ kind: 'renewed', stage: 'candidate', person: ADA.id });
  });

  test('R2, R4: without their eyes testing goes back to waiting; who has not signed is disqualified of nothing', () => {
    const p = playTo('testing');
    const d = p.do(ADMIN, wrote(ADA.id, CAS.id));
    expect(d.changes.some((c) => c.kind === 'disqualified')).toBe(false);
    expect(p.state).toBe('waiting');
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
    live.do(ADMIN, wrote(ADA.id));
    expect(signers(live, 'production')).toEqual([]);
    expect(here(live, 'production')).toEqual([BEN.id]);
  });

  test('R4: without separation of duties authors are known and nothing follows', () => {
    const p = playTo('approved', { ...POLICY, separationOfDuties: false });
    const d = p.do(ADMIN, wrote(ADA.id));
    expect(d.changes).toEqual([{ kind: 'authors', people: [ADA.id] }]);
    expect(p.state).toBe('approved');
  });

  test('R5: failed automated tests keep sign-offs from counting where the policy says so', () => {
    const p = playTo('testing');
    p.set({ ci: { passed: 3, failed: 1, gates: true } });
    refused(p.do(ADA, lgtm), 'ci', /1 automated test fails/);
    p.set({ ci: { passed: 3, failed: 2, gates: true } });
    refused(p.do(ADA, lgtm), 'ci', /2 automated tests fail/);
    p.set({ ci: { passed: 3, failed: 2, gates: false } });
    expect(p.do(ADA, lgtm).refusal).toBeUndefined();
  });
});
