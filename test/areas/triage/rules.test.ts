import { describe, expect, test } from 'vitest';
import { fixable } from '../../../src/areas/triage/later.ts';
import { PERMISSIONS } from '../../../src/areas/triage/permissions.ts';
import { computedPriority, hitsMoney, proposal } from '../../../src/areas/triage/priority.ts';
import { decide, ENDS, firstState, forbidden, TABLE } from '../../../src/areas/triage/rules.ts';
import type { Act, Bug, BugFacts, State } from '../../../src/areas/triage/types.ts';
import type { Actor } from '../../../src/base/actor.ts';
import { aBug, BUG_ACTS, bugFacts, FOUND, LATER, LATEST, patched } from '../../support/bugs.ts';
import { ADA, ADMIN, BEN, CAS, ENG, MAX, minutes, NOBODY, person, T0 } from '../../support/facts.ts';

const NOW = minutes(90);
const NOT_BLOCKING = { blocking: false, state: 'reported' as State };

/** Plays acts one after the other; throws when one is not taken. */
function play(f: BugFacts, ...steps: [Actor, Act][]): BugFacts {
  return steps.reduce((at, [who, act]) => {
    const d = decide(at, who, act, NOW);
    if (!('patch' in d)) throw new Error(`${act.kind}: ${JSON.stringify(d)}`);
    return patched(at, d.patch);
  }, f);
}

function code(f: BugFacts, who: Actor, act: Act): string | undefined {
  const d = decide(f, who, act, NOW);
  return 'refusal' in d ? d.refusal.code : 'already' in d ? 'already' : undefined;
}

const CONFIRM: [Actor, Act][] = [
  [ADA, { kind: 'recreate' }],
  [BEN, { kind: 'tried', happens: false }],
];
const ASK: Act = { kind: 'ask', what: 'downgrade', reason: 'only in a test build' };

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
    const f = play(bugFacts({ bug: { inProduction: 'yes' } }), [ADA, ask]);
    expect(play(f, [BEN, { kind: 'agree' }]).bug).toMatchObject({ blocking: false, askedFor: null, agreedBy: BEN.id });
    // Somebody tried once more meanwhile.
    expect(code(play(f, [CAS, { kind: 'tried', happens: false }]), BEN, { kind: 'agree' })).toBe('not_in_production');
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
    expect(code(f, ENG, { kind: 'fix', candidateId: FOUND.id })).toBe('not_later');
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

describe('R11-R14: what an act writes, and what it leaves', () => {
  const fixing = () => play(bugFacts(), ...CONFIRM, [ENG, { kind: 'fix', candidateId: LATER.id }]);
  const QUIET = { askedFor: null, askedBy: null, askedReason: null, askedAt: null, agreedBy: null };

  test('R11: who did what, and when; a try that comes late does not undo a fix', () => {
    const f = play(bugFacts(), ...CONFIRM);
    expect(f.bug).toMatchObject({ recreatedBy: ADA.id, recreatedAt: NOW, triedBy: BEN.id, triedAt: NOW });
    expect(fixing().bug).toMatchObject({ fixNamedBy: ENG.id });
    const tried = play(fixing(), [ADA, { kind: 'tried', happens: true }]);
    expect(tried.bug).toMatchObject({ state: 'fixing', inProduction: 'yes' });
  });
  test('R14: a failed retest says on which candidate', () => {
    const f = play(fixing(), [ADA, { kind: 'retest', fixed: false }]);
    expect(f.bug).toMatchObject({ state: 'confirmed', failedCandidateId: LATER.id, endedAt: null, endedBy: null });
  });
  test('R14: of two candidates with one commit the newer one has the fix', () => {
    const twice = { ...LATEST, commit: LATER.commit };
    const f = play({ ...bugFacts(), candidates: [FOUND, LATER, twice] }, ...CONFIRM);
    expect(play(f, [ENG, { kind: 'fix', commit: LATER.commit }]).bug.fixCandidateId).toBe(LATEST.id);
  });
  test('R14: a later candidate with the commit that failed has no other fix', () => {
    const failed = play(fixing(), [ADA, { kind: 'retest', fixed: false }]);
    const same = { ...LATEST, commit: LATER.commit };
    expect(code({ ...failed, candidates: [FOUND, LATER, same] }, ENG, { kind: 'fix', candidateId: same.id })).toBe(
      'retest_failed',
    );
  });
  test('R14: found in production, a candidate of the moment of the report is not later', () => {
    const at = { ...LATER, namedAt: minutes(10) };
    const f = bugFacts({ found: null, candidates: [at], bug: { candidateId: null, foundIn: 'production' } });
    expect(code(play(f, ...CONFIRM), ENG, { kind: 'fix', candidateId: at.id })).toBe('not_later');
  });
  test('R14: a candidate from before the one it was found on, or from before the one that failed, has no fix', () => {
    const before = { ...FOUND, id: 100, commit: '1234567890123456789012345678901234567890' };
    const f = play({ ...bugFacts(), candidates: [before, FOUND, LATER, LATEST] }, ...CONFIRM);
    expect(decide(f, ENG, { kind: 'fix', candidateId: before.id }, NOW)).toMatchObject({
      refusal: { code: 'not_later', reason: expect.stringMatching(/^`1234567` is not later/) },
    });
    const latest: Act = { kind: 'fix', candidateId: LATEST.id };
    const failed = play(f, [ENG, latest], [ADA, { kind: 'retest', fixed: false }]);
    expect(code(failed, ENG, { kind: 'fix', candidateId: LATER.id })).toBe('retest_failed');
  });
  test('R11: not in production is said as such', () => {
    expect(play(bugFacts(), [BEN, { kind: 'tried', happens: false }]).bug.inProduction).toBe('no');
  });
  test('a refusal names the bug and says where it stands', () => {
    const said = (f: BugFacts, act: Act) => {
      const d = decide(f, ADA, act, NOW);
      return 'refusal' in d ? `${d.refusal.reason} ${d.refusal.next}` : '';
    };
    for (const state of ENDS)
      expect(said(bugFacts({ bug: { state } }), { kind: 'recreate' })).toMatch(/^it is (?!undefined)\w/);
    for (const state of ['reported', 'recreated', 'ticketed'] as const)
      expect(said(bugFacts({ bug: { state, blocking: false } }), { kind: 'retest', fixed: true })).toMatch(
        new RegExp(`^it is ${state}: no fix .*/bug fix BUG-7 `),
      );
    const of = bugFacts({ bug: NOT_BLOCKING, original: { id: 3, product: 'wallet', state: 'duplicate' } });
    expect(said(of, { kind: 'duplicate', of: 3 })).toMatch(/^BUG-3 /);
  });
  test('R14: what was asked is settled by the end, by a decline, and when it blocks again', () => {
    const asked = play(fixing(), [ADA, ASK]);
    expect(asked.bug).toMatchObject({ askedFor: 'downgrade', askedReason: ASK.reason, askedAt: NOW, agreedBy: null });
    expect(play(asked, [BEN, { kind: 'retest', fixed: true }]).bug).toMatchObject({ askedFor: null, endedBy: BEN.id });
    expect(play(asked, [ADA, { kind: 'decline' }]).bug).toMatchObject({ state: 'fixing', ...QUIET });
    const down = play(asked, [BEN, { kind: 'agree' }]);
    expect(down.bug).toMatchObject({ fixCandidateId: null, fixNamedBy: null, agreedBy: BEN.id, endedAt: null });
    expect(play(down, [CAS, { kind: 'block', reason: 'again' }]).bug).toMatchObject(QUIET);
  });
  test('R14: a downgrade before any fix was named touches none', () => {
    const d = decide(play(bugFacts(), [ADA, ASK]), BEN, { kind: 'agree' }, NOW);
    expect('patch' in d && Object.keys(d.patch)).not.toContain('fixCandidateId');
  });
  test('R14: neither a cancelled nor a rolled back release verifies anything; one under test does', () => {
    for (const [state, said] of [
      ['cancelled', 'fix_gone'],
      ['rolled_back', 'fix_gone'],
      ['testing', undefined],
    ] as const)
      expect(code({ ...fixing(), fix: { ...LATER, state } }, ADA, { kind: 'retest', fixed: true })).toBe(said);
  });
  test('R11, R15: texts may be as long as they are said to be', () => {
    const text = 'x'.repeat(500);
    expect(code(bugFacts(), ADA, { ...ASK, reason: text })).toBeUndefined();
    const f = bugFacts({ bug: { ...NOT_BLOCKING, state: 'recreated', recreatedBy: ADA.id } });
    expect(code(f, ADA, { kind: 'resolve', note: text })).toBeUndefined();
    const link = `https://t.example/${'x'.repeat(982)}`;
    expect(code(f, ADA, { kind: 'ticket', link })).toBeUndefined();
    expect(code(f, ADA, { kind: 'ticket', link: `${link}x` })).toBe('link');
  });
  test('R15: how it was closed is kept with it', () => {
    const reported = bugFacts({ bug: NOT_BLOCKING, original: { id: 3, product: 'wallet', state: 'ticketed' } });
    expect(play(reported, [ADA, { kind: 'wontfix', reason: 'by design' }]).bug).toMatchObject({
      endReason: 'by design',
      endedAt: NOW,
      endedBy: ADA.id,
    });
    expect(play(reported, [ADA, { kind: 'duplicate', of: 3 }]).bug).toMatchObject({
      endReason: null,
      endedAt: NOW,
      endedBy: ADA.id,
    });
  });
});

describe('R15: triage', () => {
  const reported = () => bugFacts({ bug: NOT_BLOCKING });
  test('R15: recreated by somebody else than the reporter', () => {
    expect(code(reported(), person('UCAS', 'operator'), { kind: 'recreate' })).toBe('own');
    const f = play(reported(), [ENG, { kind: 'recreate' }]);
    expect(f.bug).toMatchObject({ state: 'recreated', recreatedBy: ENG.id });
    expect(code(f, ADA, { kind: 'recreate' })).toBe('already');
    const said = bugFacts({ bug: { ...NOT_BLOCKING, recreatedBy: 'UCAS' } });
    expect(play(said, [ADA, { kind: 'recreate' }]).bug.recreatedBy).toBe(ADA.id);
  });
  test('R15: ticketed after that, with a link', () => {
    const ticket = (link: string | null): Act => ({ kind: 'ticket', link });
    expect(code(reported(), ADA, ticket('https://t.example/1'))).toBe('not_recreated');
    const f = play(reported(), [ADA, { kind: 'recreate' }]);
    for (const link of [null, 'later', `https://t.example/${'x'.repeat(1000)}`])
      expect(code(f, ADA, ticket(link))).toBe('link');
    const done = play(f, [ADA, ticket('https://t.example/1')]);
    expect(done.bug).toMatchObject({ state: 'ticketed', ticket: 'https://t.example/1' });
    expect(code(done, ADA, ticket('https://t.example/1'))).toBe('already');
    expect(play(done, [BEN, { kind: 'resolve', note: 'in v1.3' }]).bug).toMatchObject({
      state: 'resolved',
      endReason: 'in v1.3',
      endedBy: BEN.id,
    });
    expect(code(done, BEN, { kind: 'resolve', note: 'x'.repeat(501) })).toBe('too_long');
  });
  test("R15: closed as won't fix with a reason, or as a duplicate of another bug of the product", () => {
    expect(code(reported(), ADA, { kind: 'wontfix', reason: null })).toBe('reason');
    expect(play(reported(), [ADA, { kind: 'wontfix', reason: 'by design' }]).bug.state).toBe('wont_fix');
    const of = (over: Partial<NonNullable<BugFacts['original']>>) =>
      bugFacts({ bug: NOT_BLOCKING, original: { id: 3, product: 'wallet', state: 'ticketed', ...over } });
    const duplicate: Act = { kind: 'duplicate', of: 3 };
    expect(play(of({}), [ADA, duplicate]).bug).toMatchObject({ state: 'duplicate', duplicateOf: 3 });
    expect(code(of({ product: 'web' }), ADA, duplicate)).toBe('no_bug');
    expect(code(reported(), ADA, duplicate)).toBe('no_bug');
    expect(code(of({ state: 'duplicate' }), ADA, duplicate)).toBe('chain');
    expect(code(reported(), ADA, { kind: 'duplicate', of: 7 })).toBe('itself');
  });
  test('R15: made blocking with a reason, confirmed at once when both facts are there', () => {
    expect(code(reported(), ADA, { kind: 'block', reason: null })).toBe('reason');
    expect(play(reported(), [ADA, { kind: 'block', reason: 'money' }]).bug).toMatchObject({
      blocking: true,
      state: 'suspected',
    });
    const known = bugFacts({ bug: { ...NOT_BLOCKING, recreatedBy: ADA.id, inProduction: 'no', downgradedAt: T0 } });
    expect(play(known, [BEN, { kind: 'block', reason: 'money' }]).bug).toMatchObject({
      state: 'confirmed',
      downgradedAt: null,
    });
    expect(code(bugFacts(), ADA, { kind: 'block', reason: 'money' })).toBe('state');
  });
  test('R15: has no fix to name and nothing to downgrade', () => {
    expect(code(reported(), ENG, { kind: 'fix', candidateId: LATER.id })).toBe('state');
    expect(code(reported(), ADA, { kind: 'retest', fixed: true })).toBe('no_fix');
    for (const act of [ASK, { kind: 'agree' }, { kind: 'decline' }] as Act[])
      expect(code(reported(), ADA, act)).toBe('state');
    expect(play(reported(), [ADA, { kind: 'tried', happens: true }]).bug).toMatchObject({
      state: 'reported',
      inProduction: 'yes',
    });
  });
  test('R15: has an owner, and a priority that a person may override with a reason', () => {
    expect(play(reported(), [ADA, { kind: 'assign', person: 'UENG' }]).bug.owner).toBe('UENG');
    expect(code(reported(), ADA, { kind: 'assign', person: 'UMAX' })).toBe('already');
    expect(code(reported(), ADA, { kind: 'priority', priority: 'P0', reason: null })).toBe('reason');
    const f = play(reported(), [ADA, { kind: 'priority', priority: 'P0', reason: 'calls' }]);
    expect(f.bug).toMatchObject({ priority: 'P0', priorityReason: 'calls' });
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

describe('the computed priority', () => {
  test.each([
    [{ money: 'no' }, 'P0'],
    [{ money: 'no', users: 'one' }, 'P1'],
    [{ users: 'all' }, 'P1'],
    [{ users: 'many', workaround: 'cache' }, 'P2'],
    [{ feature: 'send' }, 'P1'],
    [{ feature: 'send', users: 'one', workaround: 'refresh' }, 'P2'],
    [{ users: 'one' }, 'P3'],
    [{ users: 'some', workaround: 'private' }, 'P3'],
    [{ users: 'some', workaround: 'none' }, 'P2'],
    [{}, 'P2'],
  ] as const)('%o is %s', (answers, priority) => expect(computedPriority(answers)).toBe(priority));
  test('money is hit only when users cannot move it', () => {
    expect(hitsMoney({ money: 'no' })).toBe(true);
    expect(hitsMoney({ money: 'unknown' })).toBe(false);
  });
});
