import { describe, expect, test } from 'vitest';
import { counted, stale } from '../../../src/areas/releases/facts.ts';
import type { Stage } from '../../../src/areas/releases/types.ts';
import {
  ACTS,
  ADA,
  ADMIN,
  aBlocker,
  aPresence,
  BEN,
  HOURS,
  lgtm,
  MAX,
  NOBODY,
  play,
  playTo,
  someFacts,
  verify,
} from '../../support/facts.ts';
import { refused, signers } from '../../support/verdicts.ts';

describe('R2: what the clock does', () => {
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

  test('R2: two present but still waiting (the setting was raised) start testing by the clock', () => {
    const p = play(someFacts({ presences: [aPresence(ADA), aPresence(BEN)] }));
    p.do(ADMIN, ACTS.tick);
    expect(p.state).toBe('testing');
  });

  test.each(['approved', 'shipping'] as const)('R2: in %s departures and expiry change nothing', (state) => {
    const p = playTo(state);
    p.do(ADA, ACTS.away);
    p.wait(5 * HOURS);
    expect(p.do(ADMIN, ACTS.tick).settled).toEqual([]);
    expect(p.state).toBe(state);
    expect(signers(p)).toEqual([ADA.id, BEN.id]);
  });

  test('R2: an approval taken back with nobody here goes on to waiting', () => {
    const p = playTo('approved');
    p.wait(5 * HOURS);
    p.do(NOBODY, ACTS.hold);
    expect(p.state).toBe('waiting');
  });
});

describe('R6, R13: what open blockers do', () => {
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

  test('R6, R8: a blocker that comes while production is checked interrupts that check, and leaves what shipped as it was signed', () => {
    const p = playTo('verifying');
    for (const who of [ADA, BEN]) p.do(who, ACTS.ready);
    p.do(ADA, verify);
    const signed = (stage: Stage) => counted(p.facts, stage).map((s) => s.person);
    p.block();
    expect([signed('candidate'), signed('production')]).toEqual([[ADA.id, BEN.id], []]);
    expect(stale(p.facts, 'production')).toMatchObject([{ signOff: { person: ADA.id }, why: 'interrupted' }]);
    refused(p.do(BEN, verify), 'blocked');
    p.unblock();
    p.do(BEN, verify);
    expect([p.state, signed('production')]).toEqual(['verifying', [BEN.id]]);
    p.do(ADA, verify);
    expect([p.state, signed('production')]).toEqual(['done', [ADA.id, BEN.id]]);
    p.block();
    expect([signed('candidate'), signed('production')]).toEqual([
      [ADA.id, BEN.id],
      [ADA.id, BEN.id],
    ]);
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
});
