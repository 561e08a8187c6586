import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, finished } from '../../../src/areas/testing/rules.ts';
import type { CaseAct } from '../../../src/areas/testing/types.ts';
import { aCase, T0 } from './cases.ts';

describe('R16, whatever people do', () => {
  const person = fc.constantFrom('A', 'B', 'C');
  const act = fc.oneof(
    fc
      .constantFrom('pass' as const, 'fail' as const, 'blocked' as const, 'skip' as const)
      .map((kind) => ({ kind, note: 'why' })),
    fc.constantFrom<CaseAct>({ kind: 'agree' }, { kind: 'refuse' }, { kind: 'take', over: false }, { kind: 'drop' }),
  );
  const days = fc.array(fc.tuple(person, act), { maxLength: 30 });

  /** Plays acts as the store writes them. */
  function play(acts: [string, CaseAct][], passesRequired: number) {
    let c = aCase({ passesRequired });
    let accepted = 0;
    for (const [who, what] of acts) {
      const verdict = decide(c, what, who, T0);
      if (!('result' in verdict)) continue;
      accepted += 1;
      c = aCase({ ...c, results: [...c.results, { person: who, ...verdict, at: T0 }] });
    }
    return { c, accepted };
  }

  it('a case finishes only on enough passes, or a skip by two different people, with no fail or blocked after them', () => {
    fc.assert(
      fc.property(days, fc.integer({ min: 1, max: 3 }), (acts, n) => {
        const { c } = play(acts, n);
        const bad = c.results.findLastIndex((r) => r.result === 'fail' || r.result === 'blocked');
        const since = c.results.slice(bad + 1);
        const passed = new Set(since.filter((r) => r.result === 'pass').map((r) => r.person)).size >= n;
        const agreed = since.findLastIndex((r) => r.result === 'skip_agreed');
        const asked = since.slice(0, Math.max(agreed, 0)).findLast((r) => r.result === 'skip');
        const skipped = asked !== undefined && asked.person !== since[agreed]?.person;
        expect(finished(c.state)).toBe(passed || skipped);
        expect(c.state === 'passed').toBe(passed);
      }),
      { numRuns: 2000 },
    );
  });
  it('one person alone finishes nothing that needs two, and skips nothing', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
        const { c } = play(
          acts.map((a): [string, CaseAct] => ['A', a]),
          2,
        );
        expect(finished(c.state)).toBe(false);
      }),
    );
  });
  it('no result is lost: every accepted one is there, in order', () => {
    fc.assert(
      fc.property(days, (acts) => {
        const { c, accepted } = play(acts, 1);
        expect(c.results).toHaveLength(accepted);
      }),
    );
  });
});
