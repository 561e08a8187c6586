// A test case of a run, for the tests of the rules.
import { stateOf } from '../../../src/areas/testing/rules.ts';
import type { RunCase } from '../../../src/areas/testing/types.ts';

export const T0 = new Date('2026-03-02T09:00:00Z');

/** Its state is what its results make of it. */
export const aCase = (over: Partial<RunCase> = {}): RunCase => {
  const c: RunCase = {
    runId: 1,
    caseId: 'send-eth',
    title: 'Send ETH',
    area: 'native × send',
    spec: { steps: ['a'], expected: 'b', needsFunds: false },
    required: true,
    passesRequired: 1,
    state: 'open',
    takenBy: null,
    takenAt: null,
    results: [],
    ...over,
  };
  return { ...c, state: stateOf(c.results, c.passesRequired) };
};
