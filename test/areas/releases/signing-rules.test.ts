import { describe, expect, test } from 'vitest';
import { stale } from '../../../src/areas/releases/facts.ts';
import type { Act } from '../../../src/areas/releases/types.ts';
import {
  ACTS,
  ADA,
  ADMIN,
  BEN,
  CAS,
  ENG,
  EVE,
  lgtm,
  MAX,
  minutes,
  NOBODY,
  POLICY,
  person,
  play,
  playTo,
  someFacts,
  T0,
  verify,
} from '../../support/facts.ts';
import { refused, signers } from '../../support/verdicts.ts';

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
    for (const who of [ADA, BEN]) p.do(who, lgtm);
    expect(p.do(CAS, lgtm).changes.some((c) => c.kind === 'state')).toBe(false);
    expect(p.state).toBe('approved');
    expect(signers(p)).toEqual([ADA.id, BEN.id, CAS.id]);
    expect(p.do(ADA, lgtm).already).toMatch(/already counts/);
  });

  test('R4, R6: a sign-off is given again only by whom it stands from, interrupted, on this candidate and stage', () => {
    const again = (p: ReturnType<typeof play>, act = lgtm as Act) =>
      p.do(ADA, act).changes.flatMap((c) => (c.kind === 'signed' ? [c.again] : []));
    const p = playTo('testing');
    expect(again(p)).toEqual([false]);
    p.do(CAS, ACTS.hold);
    p.do(CAS, ACTS.unhold);
    expect(again(p)).toEqual([true]);
    p.do(ADA, ACTS.retract);
    expect(again(p)).toEqual([false]);
    const q = playTo('verifying');
    for (const who of [ADA, BEN]) q.do(who, ACTS.ready);
    expect(again(q, verify)).toEqual([false]);
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

describe('R6: sign-offs taken back', () => {
  test('R6: a retraction takes it back', () => {
    const p = playTo('approved');
    p.do(ADA, ACTS.retract);
    expect(p.state).toBe('testing');
    expect(signers(p)).toEqual([BEN.id]);
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

  test('R3, R6: what did not count when it shipped is taken back without an alarm', () => {
    const p = playTo('testing');
    p.do(CAS, ACTS.ready);
    p.do(CAS, lgtm);
    p.do(MAX, ACTS.candidate);
    for (const who of [ADA, BEN]) p.do(who, lgtm);
    p.reconciled();
    p.do(MAX, ACTS.ship);
    const stage = 'candidate';
    const back = { kind: 'retracted', stage, person: CAS.id, late: false };
    expect(p.do(CAS, ACTS.retract).changes).toContainEqual(back);
    expect(p.facts.signOffs.find((s) => s.person === CAS.id)).toMatchObject({ retractedAt: p.now, lateAt: null });
    expect(p.do(ADA, ACTS.retract).changes).toContainEqual({ ...back, person: ADA.id, late: true });
  });

  test('R6, R8: nor what did not count when production was done; what did is an alarm, also after a hold since', () => {
    const p = playTo('verifying');
    for (const who of [ADA, BEN, CAS]) p.do(who, ACTS.ready);
    p.do(ADA, verify);
    p.do(NOBODY, ACTS.hold);
    p.do(NOBODY, { kind: 'unhold' });
    for (const who of [BEN, CAS]) p.do(who, verify);
    expect(p.state).toBe('done');
    p.do(NOBODY, ACTS.hold);
    const back = { kind: 'retracted', stage: 'production' };
    expect(p.do(ADA, ACTS.retract).changes).toContainEqual({ ...back, person: ADA.id, late: false });
    expect(p.do(BEN, ACTS.retract).changes).toContainEqual({ ...back, person: BEN.id, late: true });
  });

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
});

describe('R8: sign-offs for production', () => {
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
});
