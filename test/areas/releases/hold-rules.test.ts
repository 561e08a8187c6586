import { describe, expect, test } from 'vitest';
import { oneTap, stale } from '../../../src/areas/releases/facts.ts';
import { SHIPSHAPE } from '../../../src/base/actor.ts';
import {
  ACTS,
  ADA,
  ADMIN,
  aHold,
  BEN,
  CAS,
  lgtm,
  MAX,
  NOBODY,
  play,
  playTo,
  someFacts,
  T0,
} from '../../support/facts.ts';
import { refused, signers } from '../../support/verdicts.ts';

describe('R6: holds', () => {
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

  test('R6: the bot, which holds after a restore, is not named among who lifts it', () => {
    const p = playTo('testing');
    p.do(SHIPSHAPE, ACTS.hold);
    refused(p.do(ADA, ACTS.unhold), 'not_yours', undefined, /^The release's manager or an admin lifts it\.$/);
    refused(p.do(ADA, lgtm), 'held', undefined, /^The release's manager or an admin lifts it with/);
    p.do(MAX, ACTS.unhold);
    expect(p.facts.holds[0]?.liftedBy).toBe(MAX.id);
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

describe('R6: of several holds, the one that is meant', () => {
  test("R6: a reason is for one's own hold: with one of somebody else open it sets another", () => {
    const p = play(someFacts({ holds: [aHold(ADA, { id: 1, reason: null })] }));
    expect(p.do(CAS, ACTS.hold).changes).toMatchObject([{ kind: 'held', person: CAS.id }]);
    expect(p.facts.holds[0]?.reason).toBeNull();
  });

  test('R6: the reason goes to the hold that is named', () => {
    const p = play(someFacts({ holds: [aHold(CAS, { id: 1, reason: null }), aHold(ADA, { id: 2, reason: null })] }));
    p.do(ADA, { kind: 'reason', holdId: 2, reason: 'the fee is wrong' });
    expect(p.facts.holds.map((h) => h.reason)).toEqual([null, 'the fee is wrong']);
  });

  test('R6: with a hold of their own, the manager and an admin lift that one first; then all', () => {
    for (const who of [MAX, ADMIN]) {
      const p = play(someFacts({ holds: [aHold(CAS, { id: 1 }), aHold(who, { id: 2 }), aHold(ADA, { id: 3 })] }));
      p.do(who, ACTS.unhold);
      expect(p.facts.holds.map((h) => h.liftedBy)).toEqual([null, who.id, null]);
      p.do(who, ACTS.unhold);
      expect(p.facts.holds.map((h) => h.liftedBy)).toEqual([who.id, who.id, who.id]);
    }
  });

  test("R9: the hold of an emergency that an admin opened is not the admin's own", () => {
    const p = play(someFacts({ holds: [aHold(CAS, { id: 1 }), aHold(ADMIN, { id: 2, emergencyId: 77 })] }));
    p.do(ADMIN, ACTS.unhold);
    expect(p.facts.holds.map((h) => h.liftedBy)).toEqual([ADMIN.id, ADMIN.id]);
  });
});

describe('R9: the hold of an emergency', () => {
  test('R9: an emergency holds the scheduled release until that has a new candidate', () => {
    const p = playTo('approved');
    p.do(CAS, ACTS.emergency_opened);
    expect(p.state).toBe('testing');
    expect(p.facts.holds).toMatchObject([
      { emergencyId: 77, reason: 'emergency wallet 1.2.4 goes first', road: 'command' },
    ]);
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

  test('R9: what is being pushed is held by no emergency, unless the push fails', () => {
    const p = playTo('shipping');
    refused(p.do(CAS, ACTS.emergency_opened), 'not_in_shipping');
    const d = p.do(MAX, { ...ACTS.failed, behind: [{ id: 77, shown: 'v1.2.4' }] });
    expect(p.state).toBe('testing');
    expect(d.changes).toContainEqual(expect.objectContaining({ kind: 'held', emergencyId: 77, late: false }));
    refused(p.do(ADA, lgtm), 'held', /emergency v1.2.4 goes first/);
    p.do(MAX, ACTS.candidate);
    expect(p.facts.holds[0]?.liftedAt).not.toBeNull();
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
