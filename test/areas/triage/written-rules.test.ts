import { describe, expect, test } from 'vitest';
import { decide, ENDS } from '../../../src/areas/triage/rules.ts';
import type { Act, BugFacts } from '../../../src/areas/triage/types.ts';
import { bugFacts, FOUND, LATER, LATEST } from '../../support/bugs.ts';
import { ADA, BEN, CAS, ENG, minutes } from '../../support/facts.ts';
import { ASK, CONFIRM, code, NOT_BLOCKING, NOW, play } from './play.ts';

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
