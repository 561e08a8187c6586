import { describe, expect, test } from 'vitest';
import { ACTS, ADA, ADMIN, BEN, CAS, ENG, EVE, HOURS, lgtm, MAX, NOBODY, play, playTo } from '../../support/facts.ts';
import { here, refused, signers } from '../../support/verdicts.ts';

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

  test('R2, R4: stepping away sends testing back to waiting; the sign-off of who left stays, and counts without their return', () => {
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
    expect(here(p)).not.toContain(ADA.id);
  });

  test('R2: a third set of eyes keeps testing going when one leaves', () => {
    const p = playTo('testing');
    p.do(CAS, ACTS.ready);
    p.do(ADA, ACTS.away);
    expect(p.state).toBe('testing');
  });

  test('R2: who expired comes back by saying so; the same second set of eyes starts testing again', () => {
    const p = playTo('testing');
    p.wait(5 * HOURS);
    p.do(ADA, ACTS.ready);
    expect(p.state).toBe('waiting');
    p.do(BEN, ACTS.ready);
    expect(p.state).toBe('testing');
  });

  test('R2: who left during the push is not counted as here when it fails', () => {
    const p = playTo('shipping');
    p.do(ADA, ACTS.away);
    p.do(MAX, ACTS.failed);
    expect(here(p)).toEqual([BEN.id]);
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

describe('R8: eyes on production', () => {
  test('R8: eyes on the old card count for nothing once production is checked', () => {
    const p = playTo('verifying');
    refused(p.do(ADA, { kind: 'ready', stage: 'candidate' }), 'wrong_message', /live/, /Production check message/);
    p.do(ADA, { kind: 'ready', stage: 'production' });
    expect(here(p, 'production')).toEqual([ADA.id]);
    const gone = p.do(ADA, { kind: 'away', stage: 'candidate' });
    expect(gone.changes).toContainEqual({ kind: 'renewed', stage: 'production', person: ADA.id });
    expect(here(p, 'production')).toEqual([ADA.id]);
    expect(here(p, 'candidate')).toEqual([BEN.id]);
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
});
