import { describe, expect, it } from 'vitest';
import { askedFlags } from '../../../src/areas/testing/flag-rules.ts';
import { casesFor, complete, settles } from '../../../src/areas/testing/rules.ts';
import type { Counts, RunCase, SpecCase } from '../../../src/areas/testing/types.ts';

describe('R10: what a run has', () => {
  const c = (id: string, over: Partial<SpecCase> = {}): SpecCase => ({
    id,
    title: id,
    steps: ['a'],
    expected: 'b',
    area: { wallet: 'w', feature: 'f' },
    environments: ['candidate'],
    needsFunds: false,
    required: true,
    passesRequired: 1,
    ...over,
  });
  const all = [
    c('a'),
    c('b', { environments: ['production'] }),
    c('dark', { flag: 'dark-mode' }),
    c('v2', { flag: 'swap.v2' }),
  ];
  const ids = (flags: string | null, stage: 'candidate' | 'production' = 'candidate') =>
    casesFor(all, stage, askedFlags({ form: flags, said: [] })).map((x) => x.id);

  it('cases of the stage; flagged ones only when the release names the flag', () => {
    expect(ids(null)).toEqual(['a']);
    expect(ids(null, 'production')).toEqual(['b']);
    expect(ids('Dark-Mode, please.')).toEqual(['a', 'dark']);
    expect(ids('dark-mode-2')).toEqual(['a']);
    expect(ids('test swap.v2.')).toEqual(['a', 'v2']);
    expect(ids('')).toEqual(['a']);
  });
});

describe('when a run is complete', () => {
  it('only what finishes a required case, or is the first look at an optional one, can complete it', () => {
    const moves = (required: boolean, from: RunCase['state'], to: RunCase['state']) =>
      settles({ required, state: from }, { state: to });
    expect(moves(true, 'open', 'passed')).toBe(true);
    expect(moves(true, 'passed', 'passed')).toBe(false);
    expect(moves(true, 'open', 'failed')).toBe(false);
    expect(moves(false, 'open', 'failed')).toBe(true);
    expect(moves(false, 'skip_asked', 'skipped')).toBe(true);
    expect(moves(false, 'failed', 'passed')).toBe(false);
    expect(moves(false, 'open', 'skip_asked')).toBe(false);
  });
  const counts = (over: Partial<Counts>): Counts => ({
    total: 2,
    passed: 0,
    failed: 0,
    blocked: 0,
    skipped: 0,
    skipAsked: 0,
    open: 0,
    required: 0,
    left: 0,
    ...over,
  });
  it('its required cases are finished; without any, all have been looked at', () => {
    expect(complete(counts({ required: 1, left: 0, open: 1 }))).toBe(true);
    expect(complete(counts({ required: 1, left: 1 }))).toBe(false);
    expect(complete(counts({ failed: 2 }))).toBe(true);
    expect(complete(counts({ open: 1 }))).toBe(false);
    expect(complete(counts({ skipAsked: 1 }))).toBe(false);
    expect(complete(counts({ total: 0 }))).toBe(false);
  });
});
