import { describe, expect, test } from 'vitest';
import { computedPriority, hitsMoney } from '../../../src/areas/triage/priority.ts';
import type { Act, BugFacts } from '../../../src/areas/triage/types.ts';
import { bugFacts, LATER } from '../../support/bugs.ts';
import { ADA, BEN, ENG, person, T0 } from '../../support/facts.ts';
import { ASK, code, NOT_BLOCKING, play } from './play.ts';

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
