import { describe, expect, test } from 'vitest';
import { firstState } from '../../../src/areas/triage/common-rules.ts';
import { fixable } from '../../../src/areas/triage/later.ts';
import { PERMISSIONS } from '../../../src/areas/triage/permissions.ts';
import { proposal, SAME_IN_PRODUCTION } from '../../../src/areas/triage/priority.ts';
import { decide, ENDS, forbidden, TABLE } from '../../../src/areas/triage/rules.ts';
import type { Act, Bug } from '../../../src/areas/triage/types.ts';
import type { Actor } from '../../../src/base/actor.ts';
import { aBug, BUG_ACTS, bugFacts, FOUND, LATER, LATEST } from '../../support/bugs.ts';
import { ADA, ADMIN, BEN, CAS, ENG, MAX, NOBODY, person, T0 } from '../../support/facts.ts';
import { ASK, CONFIRM, code, NOT_BLOCKING, NOW, play } from './play.ts';

describe('R11: a suspected blocker', () => {
  test('R11: is confirmed when recreated and tried in production, in either order', () => {
    expect(play(bugFacts(), CONFIRM[0] as never).bug.state).toBe('suspected');
    expect(play(bugFacts(), CONFIRM[1] as never).bug.state).toBe('suspected');
    expect(play(bugFacts(), ...CONFIRM).bug.state).toBe('confirmed');
    expect(play(bugFacts(), ...[...CONFIRM].reverse()).bug.state).toBe('confirmed');
  });
  test('R11: begins as confirmed when its reporter did both', () => {
    expect(firstState(aBug())).toBe('suspected');
    expect(firstState(aBug({ recreatedBy: 'UCAS', inProduction: 'no' }))).toBe('confirmed');
  });
  test('R11: its reporter may recreate it', () => {
    expect(play(bugFacts(), [CAS, { kind: 'recreate' }]).bug.recreatedBy).toBe(CAS.id);
  });
  test('R11: what was done is not done twice, but a try may turn out differently', () => {
    const f = play(bugFacts(), ...CONFIRM);
    expect(code(f, BEN, { kind: 'recreate' })).toBe('already');
    expect(code(f, BEN, { kind: 'tried', happens: false })).toBe('already');
    expect(play(f, [ADA, { kind: 'tried', happens: true }]).bug).toMatchObject({
      inProduction: 'yes',
      triedBy: ADA.id,
    });
    expect(code(bugFacts({ bug: { inProduction: 'yes' } }), BEN, { kind: 'tried', happens: true })).toBe('already');
  });
  test('R11: a downgrade needs a reason', () => {
    expect(code(bugFacts(), ADA, { ...ASK, reason: null })).toBe('reason');
    expect(code(bugFacts(), ADA, { ...ASK, reason: 'x'.repeat(501) })).toBe('too_long');
  });
});

describe('R12: it happens in production too', () => {
  test('R12: the bot proposes non-blocking, or a prod issue for money and key features', () => {
    const bug = aBug({ inProduction: 'yes' });
    expect(proposal(bug, false)).toBe('downgrade');
    expect(proposal(bug, true)).toBe('prod_issue');
  });
  test.each<Partial<Bug>>([
    { inProduction: 'no' },
    { blocking: false, inProduction: 'yes' },
    { endedAt: T0, inProduction: 'yes' },
  ])('R12: proposes nothing for %o', (over) => expect(proposal(aBug(over), true)).toBeNull());
  test('R12: a prod issue is asked only for what was seen in production', () => {
    const ask: Act = { kind: 'ask', what: 'prod_issue', reason: 'money' };
    expect(code(bugFacts(), ADA, ask)).toBe('not_in_production');
    expect(decide(bugFacts(), ADA, ask, NOW)).toMatchObject({
      refusal: { reason: 'nobody has seen it in production', next: 'Try it there first.' },
    });
    const f = play(bugFacts({ bug: { inProduction: 'yes' } }), [ADA, ask]);
    expect(play(f, [BEN, { kind: 'agree' }]).bug).toMatchObject({ blocking: false, askedFor: null, agreedBy: BEN.id });
  });
  test.each(['downgrade', 'prod_issue'] as const)(
    'R12: the proposal (%s) lapses when it turns out not to happen there',
    (what) => {
      const proposed: Act = { kind: 'ask', what, reason: SAME_IN_PRODUCTION };
      const f = play(bugFacts({ bug: { inProduction: 'yes' } }), [ADA, proposed]);
      expect(play(f, [BEN, { kind: 'agree' }]).bug.blocking).toBe(false);
      const flipped = play(f, [CAS, { kind: 'tried', happens: false }]);
      expect(flipped.bug).toMatchObject({ blocking: true, askedFor: null, askedBy: null, askedReason: null });
      expect(code(flipped, BEN, { kind: 'agree' })).toBe('not_asked');
      expect(decide(flipped, ADA, proposed, NOW)).toMatchObject({
        refusal: { code: 'not_in_production', reason: 'it does not happen in production, as it was tried last' },
      });
      // One that was asked before a version that knows this.
      const old = { ...f, bug: { ...f.bug, inProduction: 'no' as const } };
      expect(code(old, BEN, { kind: 'agree' })).toBe('not_in_production');
      expect(code(play(flipped, [CAS, { kind: 'tried', happens: true }]), ADA, proposed)).toBeUndefined();
    },
  );
  test('R12: a downgrade that was asked for another reason stays, wherever it happens', () => {
    const f = play(bugFacts({ bug: { inProduction: 'yes' } }), [ADA, ASK], [CAS, { kind: 'tried', happens: false }]);
    expect(f.bug).toMatchObject({ askedFor: 'downgrade', askedReason: ASK.reason });
    expect(play(f, [BEN, { kind: 'agree' }]).bug.blocking).toBe(false);
    expect(code(bugFacts({ bug: { inProduction: 'no' } }), ADA, ASK)).toBeUndefined();
  });
  test('R13: what blocks after all has an owner: the manager of the release it was found on, unless it has one', () => {
    const block: [Actor, Act] = [ADA, { kind: 'block', reason: 'it eats money' }];
    expect(play(bugFacts({ bug: { ...NOT_BLOCKING, owner: null } }), block).bug.owner).toBe(MAX.id);
    expect(play(bugFacts({ bug: { ...NOT_BLOCKING, owner: null }, release: null }), block).bug.owner).toBe(MAX.id);
    expect(play(bugFacts({ bug: { ...NOT_BLOCKING, owner: ENG.id } }), block).bug.owner).toBe(ENG.id);
    const nowhere = bugFacts({ bug: { ...NOT_BLOCKING, owner: null }, release: null, open: [] });
    expect(play(nowhere, block).bug.owner).toBeNull();
  });
  test('R14: a fix that was named and not retested before a downgrade is none that failed', () => {
    const fix: Act = { kind: 'fix', candidateId: LATER.id };
    const f = play(bugFacts(), ...CONFIRM, [ENG, fix], [ADA, ASK], [BEN, { kind: 'agree' }]);
    expect(code(play(f, [CAS, { kind: 'block', reason: 'again' }]), ENG, fix)).toBeUndefined();
  });
});

describe('R14: how a blocker ends', () => {
  const fixing = () => play(bugFacts(), ...CONFIRM, [ENG, { kind: 'fix', candidateId: LATER.id }]);
  test('R14: verified by an operator on a later candidate', () => {
    const f = play(fixing(), [ADA, { kind: 'retest', fixed: true, candidateId: LATER.id }]);
    expect(f.bug).toMatchObject({ state: 'verified', endedBy: ADA.id, endedAt: NOW, blocking: true });
  });
  test('R14: the fix is named by commit too, and may be named anew', () => {
    const f = play(bugFacts(), ...CONFIRM, [ENG, { kind: 'fix', commit: 'def56789' }]);
    expect(f.bug.fixCandidateId).toBe(LATER.id);
    expect(code(f, ENG, { kind: 'fix', commit: 'def5678' })).toBe('already');
    expect(play(f, [ENG, { kind: 'fix', commit: '9999999' }]).bug.fixCandidateId).toBe(LATEST.id);
  });
  test('R14: the manager of an open release may name it', () => {
    const manager = person('UMAX');
    expect(play(bugFacts(), ...CONFIRM, [manager, { kind: 'fix', candidateId: LATER.id }]).bug.state).toBe('fixing');
  });
  test('R14: never fixed in the candidate that has it, nor in one that is no candidate', () => {
    const f = play(bugFacts(), ...CONFIRM);
    expect(code(f, ENG, { kind: 'fix', candidateId: FOUND.id })).toBe('not_later');
    expect(code(f, ENG, { kind: 'fix', commit: 'abc1234' })).toBe('not_later');
    expect(code(f, ENG, { kind: 'fix', commit: 'fffffff' })).toBe('no_candidate');
    expect(code(f, ENG, { kind: 'fix' })).toBe('no_candidate');
    const reopened = { ...FOUND, id: 200, releaseId: 13 };
    expect(code({ ...f, candidates: [reopened] }, ENG, { kind: 'fix', candidateId: 200 })).toBe('not_later');
  });
  test('R14: found in production, the fix is in a candidate named after the report', () => {
    const f = play(bugFacts({ found: null, bug: { candidateId: null, foundIn: 'production' } }), ...CONFIRM);
    expect(fixable(f).map((c) => c.id)).toEqual([LATEST.id, LATER.id]);
    expect(decide(f, ENG, { kind: 'fix', candidateId: FOUND.id }, NOW)).toEqual({
      refusal: {
        code: 'not_later',
        reason: '`abc1234` was named before the bug was reported',
        next: 'Name the new candidate first: `/release candidate <commit>`. If `abc1234` is without it, two operators downgrade it: `/bug downgrade BUG-7 <reason>`.',
      },
    });
  });
  test('R14: not before it is confirmed, and retested only with a fix', () => {
    expect(code(bugFacts(), ENG, { kind: 'fix', candidateId: LATER.id })).toBe('unconfirmed');
    expect(code(bugFacts(), ADA, { kind: 'retest', fixed: true })).toBe('no_fix');
    const broken = bugFacts({ bug: { state: 'fixing' } });
    expect(() => decide(broken, ADA, { kind: 'retest', fixed: true }, NOW)).toThrow('without a fix');
  });
  test('R14: still there, it needs a fix later than the one that failed', () => {
    const f = play(fixing(), [ADA, { kind: 'retest', fixed: false }]);
    expect(f.bug.state).toBe('confirmed');
    expect(code(f, ENG, { kind: 'fix', candidateId: LATER.id })).toBe('retest_failed');
    expect(fixable(f).map((c) => c.id)).toEqual([LATEST.id]);
    const again = play(f, [ENG, { kind: 'fix', candidateId: LATEST.id }]);
    expect(play(again, [ADA, { kind: 'retest', fixed: true }]).bug.state).toBe('verified');
  });
  test('R14: a candidate whose retest failed is not named again, whatever came between; the refusal says which one may be', () => {
    const failed = play(fixing(), [ADA, { kind: 'retest', fixed: false }]);
    const again: Act = { kind: 'fix', candidateId: LATER.id };
    const renamed = play(failed, [ENG, { kind: 'fix', candidateId: LATEST.id }]);
    expect(code(renamed, ENG, again)).toBe('retest_failed');
    const blocks: [Actor, Act][] = [
      [ADA, ASK],
      [BEN, { kind: 'agree' }],
      [CAS, { kind: 'block', reason: 'again' }],
    ];
    expect(code(play(renamed, ...blocks), ENG, again)).toBe('retest_failed');
    expect(decide(failed, ENG, again, NOW)).toMatchObject({
      refusal: { next: expect.stringContaining('/bug fix BUG-7 9999999') },
    });
    const alone = { ...failed, candidates: [FOUND, LATER] };
    expect(decide(alone, ENG, again, NOW)).toMatchObject({
      refusal: { next: expect.stringContaining('/release candidate') },
    });
  });
  test('R14: a retest button of an earlier fix does nothing, and a cancelled release verifies nothing', () => {
    expect(code(fixing(), ADA, { kind: 'retest', fixed: true, candidateId: LATEST.id })).toBe('stale');
    expect(code(fixing(), ADA, { kind: 'retest', fixed: true, commit: LATEST.commit })).toBe('stale');
    expect(play(fixing(), [ADA, { kind: 'retest', fixed: true, commit: LATER.commit }]).bug.state).toBe('verified');
    const gone = { ...fixing(), fix: { ...LATER, state: 'rolled_back' } };
    expect(code(gone, ADA, { kind: 'retest', fixed: true })).toBe('fix_gone');
    expect(code(gone, ADA, { kind: 'retest', fixed: false })).toBeUndefined();
  });
  test('R14: downgraded when a second operator agrees, both named, with the reason', () => {
    const f = play(bugFacts(), [ADA, ASK], [BEN, { kind: 'agree', askedAt: NOW.getTime() }]);
    expect(f.bug).toMatchObject({ blocking: false, state: 'reported', askedBy: ADA.id, agreedBy: BEN.id });
    expect(f.bug).toMatchObject({ askedReason: 'only in a test build', downgradedAt: NOW, endedAt: null });
  });
  test('R14: what it had reached in triage stands after a downgrade', () => {
    const facts = { recreatedBy: ADA.id, inProduction: 'no' as const };
    const down = (bug: Partial<Bug>) => play(bugFacts({ bug }), [ADA, ASK], [BEN, { kind: 'agree' }]).bug.state;
    expect(down({ ...facts, ticket: null })).toBe('recreated');
    expect(down({ ...facts, ticket: 'https://t.example/1' })).toBe('ticketed');
    expect(down({ ...facts, recreatedBy: 'UCAS' })).toBe('reported');
  });
  test('R14: rejected when a second operator agrees', () => {
    const f = play(bugFacts(), [ADA, { ...ASK, what: 'reject' }], [BEN, { kind: 'agree' }]);
    expect(f.bug).toMatchObject({
      state: 'rejected',
      endedAt: NOW,
      endedBy: BEN.id,
      endReason: ASK.reason,
      askedFor: null,
    });
  });
  test('R14: never by the one who asked', () => {
    expect(code(play(bugFacts(), [ADA, ASK]), ADA, { kind: 'agree' })).toBe('own');
  });
  test('R14: one question at a time; declined or taken back it is gone', () => {
    const f = play(bugFacts(), [ADA, ASK]);
    expect(code(f, ADA, ASK)).toBe('already');
    expect(code(f, ADA, { ...ASK, what: 'reject' })).toBe('asked');
    expect(code(f, BEN, ASK)).toBe('asked');
    for (const who of [ADA, BEN]) expect(play(f, [who, { kind: 'decline' }]).bug.askedFor).toBeNull();
    expect(code(bugFacts(), BEN, { kind: 'agree' })).toBe('not_asked');
    expect(code(bugFacts(), BEN, { kind: 'decline' })).toBe('not_asked');
    expect(code(f, BEN, { kind: 'agree', askedAt: 1 })).toBe('stale');
  });
  test('R14: it is not closed like a bug of triage', () => {
    for (const kind of ['wontfix', 'resolve', 'ticket', 'duplicate'] as const)
      expect(code(bugFacts(), ADA, BUG_ACTS.find((a) => a.kind === kind) as Act)).toBe('blocking');
  });
});

describe('who may do what', () => {
  test('bots, guests, deactivated people and outsiders do nothing', () => {
    for (const standing of ['bot', 'guest', 'deactivated', 'outsider'] as const)
      expect(forbidden('report', { ...ADA, standing })?.code).toBe('standing');
    expect(forbidden('report', NOBODY)).toBeNull();
  });
  test('each act is for its roles', () => {
    for (const act of BUG_ACTS) {
      expect(code(bugFacts({ bug: { state: 'suspected' } }), NOBODY, act)).toBe('role');
      for (const role of PERMISSIONS[act.kind])
        expect(forbidden(act.kind, person('UX', role as never), ['UX'])).toBeNull();
    }
    expect(forbidden('retest', ENG)?.reason).toBe('only an operator can do that');
    expect(forbidden('fix', ADMIN)?.reason).toBe("only an engineer, the release's manager or an operator can do that");
    expect(forbidden('retest', { ...NOBODY, rolesUnknown: 'the group is unread' })?.code).toBe('roles_unknown');
    expect(forbidden('fix', MAX)).toBeNull();
  });
  test('R11-R15: in which states an act makes sense', () => {
    const every = 'suspected confirmed fixing reported recreated ticketed';
    const triage = 'reported recreated ticketed';
    expect(Object.fromEntries(Object.entries(TABLE).map(([act, states]) => [act, states.join(' ')]))).toEqual({
      recreate: every,
      tried: every,
      fix: 'confirmed fixing',
      retest: 'fixing',
      ask: 'suspected confirmed fixing',
      agree: 'suspected confirmed fixing',
      decline: 'suspected confirmed fixing',
      block: triage,
      ticket: 'recreated ticketed',
      resolve: 'recreated ticketed',
      wontfix: triage,
      duplicate: triage,
      assign: every,
      priority: every,
    });
    expect([...ENDS]).toEqual(['verified', 'rejected', 'resolved', 'wont_fix', 'duplicate']);
  });
  test('every state x act is taken or refused with a reason and a next step', () => {
    const states = Object.values(TABLE).flat();
    for (const state of new Set([...states, ...ENDS]))
      for (const act of BUG_ACTS) {
        const blocking = ['suspected', 'confirmed', 'fixing', 'verified', 'rejected'].includes(state);
        const f = bugFacts({ bug: { state, blocking }, fix: LATER });
        const d = decide(f, person('UX', 'operator', 'engineer'), act, NOW);
        if ('refusal' in d) expect(d.refusal.reason && d.refusal.next).toBeTruthy();
        if (ENDS.includes(state)) expect(d).toMatchObject({ refusal: { code: 'ended' } });
      }
  });
});
