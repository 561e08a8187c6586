import { describe, expect, test } from 'vitest';
import { fixable } from '../../../src/areas/triage/later.ts';
import { decide } from '../../../src/areas/triage/rules.ts';
import type { Act, BugFacts } from '../../../src/areas/triage/types.ts';
import type { Actor } from '../../../src/base/actor.ts';
import { bugFacts, FOUND, HOTFIX, LATER, OPEN } from '../../support/bugs.ts';
import { ADA, ENG } from '../../support/facts.ts';
import { CONFIRM, code, NOW, play } from './play.ts';

describe('R14: a release of the other kind, while production does not have it', () => {
  const f = () => play(bugFacts({ candidates: [FOUND, LATER, HOTFIX] }), ...CONFIRM);
  const name: Act = { kind: 'fix', candidateId: HOTFIX.id };
  const refusal = (at: BugFacts, who: Actor, act: Act) => {
    const d = decide(at, who, act, NOW);
    return 'refusal' in d ? `${d.refusal.code}: ${d.refusal.reason}. ${d.refusal.next}` : undefined;
  };

  test('R14: says nothing of the one it was found in: it is not its fix', () => {
    expect(refusal(f(), ENG, name)).toBe(
      'other_kind: a retest on `eeeeeee` would say nothing of wallet v1.2.3: it comes from production, which does not have the bug. ' +
        'Name the fix in a candidate of wallet v1.2.3. If wallet v1.2.2.1 cannot wait for it, two operators downgrade it ' +
        '(`/bug downgrade BUG-7 <reason>`), and it is made blocking again after. If production has it by now, say so: `/bug tried BUG-7 yes`.',
    );
    expect(fixable(f()).map((c) => c.id)).toEqual([LATER.id]);
  });
  test('R14: the other way round too, in words of its own', () => {
    const [found, fix] = [
      { ...FOUND, kind: 'emergency' as const },
      { ...HOTFIX, kind: 'scheduled' as const },
    ];
    const at = { ...f(), found, candidates: [found, fix], open: [{ ...OPEN, kind: 'emergency' as const }] };
    expect(refusal(at, ENG, name)).toContain('it need not have what the emergency brought, and production does not');
    expect(code({ ...at, found: { ...found, state: 'done' } }, ENG, name)).toBeUndefined();
  });
  test('R14: its open release is named, if another one by now', () => {
    const open = [
      { ...OPEN, name: 'wallet v1.2.2.1', kind: 'emergency' as const },
      { ...OPEN, name: 'wallet <v2>' },
    ];
    expect(refusal({ ...f(), open }, ENG, name)).toContain('Name the fix in a candidate of wallet &lt;v2&gt;.');
  });
  test.each(['waiting', 'testing', 'approved', 'shipping'])('R14: while one of its kind is %s', (state) => {
    expect(code({ ...f(), open: [{ ...OPEN, state }] }, ENG, name)).toBe('other_kind');
  });
  test('R14: while that is pushed, nobody knows yet whether production gets it', () => {
    const said = refusal({ ...f(), open: [{ ...OPEN, state: 'shipping' }] }, ENG, name);
    expect(said).toContain('is being pushed, and may bring production the bug or not');
    expect(said).toContain('is live, or its push has failed, that is known');
  });
  test.each<[string, (at: BugFacts) => BugFacts]>([
    ['none of its kind is open', (at) => ({ ...at, open: [{ ...OPEN, kind: 'emergency' }] })],
    ['the one of its kind is live', (at) => ({ ...at, open: [{ ...OPEN, state: 'verifying' }] })],
    ['what it was found in is live', (at) => ({ ...at, found: { ...FOUND, state: 'verifying' } })],
    ['what it was found in is done', (at) => ({ ...at, found: { ...FOUND, state: 'done' } })],
    ['production has it', (at) => ({ ...at, bug: { ...at.bug, inProduction: 'yes' } })],
    ['it was found in production', (at) => ({ ...at, found: null })],
    [
      'it is of the same kind',
      (at) => ({ ...at, candidates: at.candidates.map((c) => ({ ...c, kind: 'scheduled' })) }),
    ],
  ])('R14: it may be the fix where %s', (_, but) => {
    expect(code(but(f()), ENG, name)).toBeUndefined();
    expect(fixable(but(f())).map((c) => c.id)).toContain(HOTFIX.id);
  });
  test('R14: a retest there verifies nothing either, if it is that by now; it may find it still there', () => {
    const named = play({ ...f(), open: [] }, [ENG, name]);
    const at = { ...named, open: [OPEN] };
    expect(refusal(at, ADA, { kind: 'retest', fixed: true })).toContain('a retest on `eeeeeee` would say nothing');
    expect(code(at, ADA, { kind: 'retest', fixed: false })).toBeUndefined();
    expect(play(named, [ADA, { kind: 'retest', fixed: true }]).bug.state).toBe('verified');
  });
});
