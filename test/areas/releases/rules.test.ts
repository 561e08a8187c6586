import { describe, expect, test } from 'vitest';
import { evolve } from '../../../src/areas/releases/evolve.ts';
import { SYSTEM_ACTS } from '../../../src/areas/releases/permissions.ts';
import { decide } from '../../../src/areas/releases/rules.ts';
import { NEXT, STATE_SAYS, TABLE } from '../../../src/areas/releases/table.ts';
import type { Act, State } from '../../../src/areas/releases/types.ts';
import type { Actor } from '../../../src/base/actor.ts';
import {
  ACTS,
  ADA,
  ADMIN,
  BEN,
  CAS,
  EVERYBODY,
  HOURS,
  lgtm,
  MAX,
  movesOf,
  POLICY,
  person,
  play,
  playTo,
  STATES,
  T0,
  verify,
} from '../../support/facts.ts';
import { here, KINDS, MOVES, refused, signers } from '../../support/verdicts.ts';

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
    expect(new Set(moves)).toEqual(MOVES);
  });

  test('R1: every state x action x person: in the table, or refused with a reason and a next step', () => {
    const product = STATES.flatMap((state) => {
      const p = playTo(state);
      expect(p.state).toBe(state);
      p.reconciled();
      return KINDS.flatMap((kind) => EVERYBODY.map((actor) => ({ p, state, kind, actor })));
    });
    for (const { p, state, kind, actor } of product) {
      const d = decide(p.facts, actor, ACTS[kind], POLICY, p.now);
      const label = `${actor.id} ${kind} in ${state}`;
      if (!(kind in TABLE[state])) expect(d.refusal, label).toBeDefined();
      if (d.refusal) {
        refused(d, d.refusal.code);
        continue;
      }
      const leads = TABLE[state][kind];
      const to = evolve(p.facts, d.changes, p.now).release.state;
      expect(movesOf(state, d), label).toBe(to);
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
    for (const state of STATES) {
      expect(NEXT[state].else).not.toBe('');
      expect(STATE_SAYS[state]).not.toBe('');
    }
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

describe('R2: any act renews the eyes of who acts', () => {
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

  test('R2: time is kept even when the act is refused', () => {
    const p = playTo('testing');
    p.wait(5 * HOURS);
    const d = p.do(ADA, lgtm);
    refused(d, 'not_in_waiting');
    expect(d.settled).toHaveLength(3);
    expect(p.state).toBe('waiting');
  });

  test('R2: an act that makes somebody else leave still renews the presence of who acts', () => {
    const p = playTo('testing');
    p.do(CAS, ACTS.ready);
    const d = p.do(ADA, { kind: 'authors_known', authors: [CAS.id] });
    expect(d.changes).toContainEqual({ kind: 'left', stage: 'candidate', person: CAS.id, expired: false });
    expect(d.changes).toContainEqual({ kind: 'renewed', stage: 'candidate', person: ADA.id });
  });
});

describe('R7: who counts', () => {
  test.each([
    { standing: 'bot', says: /bots/ },
    { standing: 'deactivated', says: /deactivated people/ },
    { standing: 'guest', says: /guests/ },
    { standing: 'outsider', says: /people from other workspaces/ },
  ] as const)('R7: a $standing counts for nothing, whatever their roles', ({ standing, says }) => {
    const actor: Actor = { ...person('UX', 'operator', 'admin', 'engineer'), standing };
    for (const state of STATES) {
      const p = playTo(state);
      for (const kind of KINDS) {
        if ((SYSTEM_ACTS as readonly string[]).includes(kind)) continue;
        const d = decide(p.facts, actor, ACTS[kind], POLICY, p.now);
        refused(d, 'standing', says, /member of this workspace/);
      }
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
