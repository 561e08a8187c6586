import { describe, expect, it } from 'vitest';
import { barred, decide, holder, passers, skipAsked, stageFor, stateOf } from '../../../src/areas/testing/rules.ts';
import type { CaseAct, Given, Result, Run, RunCase } from '../../../src/areas/testing/types.ts';
import type { Actor } from '../../../src/base/actor.ts';
import { aCase, T0 } from './cases.ts';

const later = (minutes: number) => new Date(T0.getTime() + minutes * 60_000);
const said = (...results: [string, Result][]): Given[] =>
  results.map(([person, result]) => ({ person, result, note: 'why', at: T0 }));

const aRun = (over: Partial<Run['release']> & { stage?: Run['stage']; current?: boolean } = {}): Run => {
  const { stage = 'candidate', current = true, ...release } = over;
  return {
    id: 1,
    releaseId: 12,
    candidateId: 101,
    stage,
    startedAt: T0,
    commit: 'abc1234',
    current,
    carriedFrom: null,
    release: {
      product: 'web',
      version: 'v1.0.0',
      state: 'testing',
      manager: 'UMAX',
      authors: ['UEVE'],
      threadId: 1,
      channel: 'C1',
      ...release,
    },
  };
};
const actor = (id: string, over: Partial<Actor> = {}): Actor => ({
  id,
  roles: new Set(['operator']),
  standing: 'member',
  ...over,
});

describe('R16: what the results of a case add up to', () => {
  it.each<[string, number, [string, Result][], string]>([
    ['nothing yet', 1, [], 'open'],
    ['a pass', 1, [['A', 'pass']], 'passed'],
    ['one of two passes', 2, [['A', 'pass']], 'open'],
    [
      'the same person twice is one pass',
      2,
      [
        ['A', 'pass'],
        ['A', 'pass'],
      ],
      'open',
    ],
    [
      'two different people',
      2,
      [
        ['A', 'pass'],
        ['B', 'pass'],
      ],
      'passed',
    ],
    ['a fail', 1, [['A', 'fail']], 'failed'],
    ['blocked', 1, [['A', 'blocked']], 'blocked'],
    [
      'a fail undoes a pass',
      1,
      [
        ['A', 'pass'],
        ['B', 'fail'],
      ],
      'failed',
    ],
    [
      'a pass after a fail',
      1,
      [
        ['A', 'fail'],
        ['B', 'pass'],
      ],
      'passed',
    ],
    [
      'passes from before a fail do not count',
      2,
      [
        ['A', 'pass'],
        ['B', 'fail'],
        ['B', 'pass'],
      ],
      'failed',
    ],
    ['a skip that nobody agreed to', 1, [['A', 'skip']], 'skip_asked'],
    [
      'nobody agrees to their own',
      1,
      [
        ['A', 'skip'],
        ['A', 'skip_agreed'],
      ],
      'skip_asked',
    ],
    [
      'a second operator agrees',
      1,
      [
        ['A', 'skip'],
        ['B', 'skip_agreed'],
      ],
      'skipped',
    ],
    [
      'a refused skip',
      1,
      [
        ['A', 'skip'],
        ['B', 'skip_refused'],
      ],
      'open',
    ],
    [
      'a refused skip of a failed case',
      1,
      [
        ['A', 'fail'],
        ['A', 'skip'],
        ['B', 'skip_refused'],
      ],
      'failed',
    ],
    [
      'agreeing after a refusal',
      1,
      [
        ['A', 'skip'],
        ['B', 'skip_refused'],
        ['C', 'skip_agreed'],
      ],
      'open',
    ],
    [
      'a fail undoes a skip',
      1,
      [
        ['A', 'skip'],
        ['B', 'skip_agreed'],
        ['C', 'fail'],
      ],
      'failed',
    ],
    [
      'a pass is more than a skip',
      1,
      [
        ['A', 'skip'],
        ['B', 'skip_agreed'],
        ['C', 'pass'],
      ],
      'passed',
    ],
    [
      'what is skipped stays so',
      1,
      [
        ['A', 'skip'],
        ['B', 'skip_agreed'],
        ['C', 'skip'],
        ['C', 'skip_refused'],
      ],
      'skipped',
    ],
  ])('%s', (_what, needed, results, state) => {
    expect(stateOf(said(...results), needed)).toBe(state);
  });

  it('names those whose passes count, and the skip that waits', () => {
    expect(passers(said(['A', 'pass'], ['B', 'fail'], ['C', 'pass']))).toEqual(['C']);
    expect(skipAsked(said(['A', 'skip']))?.person).toBe('A');
    expect(skipAsked(said(['A', 'skip'], ['B', 'skip_agreed']))).toBeNull();
    expect(skipAsked([])).toBeNull();
  });
});

describe('R16: acts on a case', () => {
  const on = (results: [string, Result][], act: CaseAct, person = 'A', over: Partial<RunCase> = {}) =>
    decide(aCase({ results: said(...results), ...over }), act, person, later(1));

  it('takes a pass once per person', () => {
    expect(on([], { kind: 'pass', note: null })).toEqual({ result: 'pass', note: null });
    expect(on([['A', 'pass']], { kind: 'pass', note: null })).toEqual({ already: 'your pass counts already' });
    const two = on([['A', 'pass']], { kind: 'pass', note: null }, 'A', { passesRequired: 2 });
    expect(two).toEqual({ already: 'your pass counts already; it needs 1 more, by others' });
  });
  it('takes fail and blocked at any time', () => {
    expect(on([['A', 'pass']], { kind: 'fail', note: 'no' })).toEqual({ result: 'fail', note: 'no' });
    expect(on([['A', 'fail']], { kind: 'blocked', note: null })).toEqual({ result: 'blocked', note: null });
  });
  it('wants a reason for a skip, and none of what is finished or asked', () => {
    expect(on([], { kind: 'skip', note: null })).toMatchObject({ refusal: { code: 'reason' } });
    expect(on([], { kind: 'skip', note: 'no device' })).toEqual({ result: 'skip', note: 'no device' });
    expect(on([['A', 'pass']], { kind: 'skip', note: 'x' })).toEqual({ already: 'it is passed' });
    expect(on([['A', 'skip']], { kind: 'skip', note: 'x' })).toMatchObject({
      already: expect.stringContaining('second'),
    });
  });
  it('wants a second operator to agree', () => {
    expect(on([['A', 'skip']], { kind: 'agree' })).toMatchObject({ refusal: { code: 'second' } });
    expect(on([['A', 'skip']], { kind: 'agree' }, 'B')).toEqual({ result: 'skip_agreed', note: null });
    expect(on([['A', 'skip']], { kind: 'refuse' }, 'B')).toEqual({ result: 'skip_refused', note: null });
    expect(on([], { kind: 'agree' }, 'B')).toMatchObject({ refusal: { code: 'no_skip' } });
    // A button is for the question it was drawn for: this one was asked anew, for another reason.
    for (const kind of ['agree', 'refuse'] as const)
      expect(on([['A', 'skip']], { kind, askedAt: 1 }, 'B')).toMatchObject({ refusal: { code: 'stale' } });
    expect(
      on(
        [
          ['A', 'skip'],
          ['C', 'pass'],
        ],
        { kind: 'agree' },
        'B',
      ),
    ).toMatchObject({ refusal: { code: 'no_skip' } });
  });
  it('lets one person be on a case, for half an hour unless it is taken over', () => {
    const held = { takenBy: 'A', takenAt: T0 };
    expect(on([], { kind: 'take', over: false })).toEqual({ taken: 'A' });
    expect(on([], { kind: 'take', over: false }, 'A', held)).toEqual({ already: 'you are on it' });
    expect(on([], { kind: 'take', over: false }, 'B', held)).toMatchObject({ refusal: { code: 'taken' } });
    expect(on([], { kind: 'take', over: true }, 'B', held)).toEqual({ taken: 'B' });
    expect(decide(aCase(held), { kind: 'take', over: false }, 'B', later(30))).toEqual({ taken: 'B' });
    expect(on([], { kind: 'drop' }, 'A', held)).toEqual({ taken: null });
    expect(on([], { kind: 'drop' }, 'B', held)).toEqual({ already: 'you were not on it' });
    expect(holder(held, later(29))).toEqual(T0);
    expect(holder(held, later(30))).toBeNull();
    expect(holder({ takenBy: null, takenAt: null }, T0)).toBeNull();
  });
});

describe('R2, R4: who may give results', () => {
  const code = (run: Run, who: Actor, present = true, duties = true) =>
    barred(run, { actor: who, present }, duties)?.code ?? null;

  it('an eligible operator who is here', () => {
    expect(code(aRun(), actor('A'))).toBeNull();
    expect(code(aRun({ state: 'approved' }), actor('A'))).toBeNull();
    expect(code(aRun({ state: 'verifying', stage: 'production' }), actor('A'))).toBeNull();
  });
  it('nobody else', () => {
    expect(code(aRun(), actor('A', { standing: 'guest' }))).toBe('standing');
    expect(code(aRun(), actor('A', { roles: new Set(['engineer']) }))).toBe('role');
    expect(code(aRun(), actor('A', { roles: new Set(), rolesUnknown: 'the group is unread' }))).toBe('roles_unknown');
    expect(code(aRun(), actor('UMAX'))).toBe('duties');
    expect(code(aRun(), actor('UEVE'))).toBe('duties');
    expect(code(aRun(), actor('UEVE'), true, false)).toBeNull();
    expect(code(aRun(), actor('A'), false)).toBe('absent');
    const check = barred(
      aRun({ state: 'verifying', stage: 'production' }),
      { actor: actor('A'), present: false },
      true,
    );
    expect(check?.reason).toContain('for the production check');
  });
  it('R2: not before testing, nor on a run that is over', () => {
    expect(code(aRun({ state: 'waiting' }), actor('A'))).toBe('waiting');
    for (const state of ['shipping', 'done', 'cancelled', 'rolled_back', 'verifying'])
      expect(code(aRun({ state }), actor('A'))).toBe('over');
    expect(code(aRun({ current: false }), actor('A'))).toBe('old_run');
    expect(stageFor('waiting')).toBeNull();
  });
});
