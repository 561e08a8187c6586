// What tests of the release rules ask of a played release, and of what was decided.
import { expect } from 'vitest';
import { counted, present } from '../../src/areas/releases/facts.ts';
import type { ActKind, Decision, Stage } from '../../src/areas/releases/types.ts';
import { ACTS, POLICY, type play } from './facts.ts';

type Played = ReturnType<typeof play>;

export const KINDS = Object.keys(ACTS) as ActKind[];

/** R1: where a release may go from where. */
export const MOVES = new Set([
  'waiting → testing',
  'waiting → cancelled',
  'testing → waiting',
  'testing → approved',
  'testing → shipping',
  'testing → cancelled',
  'approved → testing',
  'approved → shipping',
  'approved → cancelled',
  'shipping → verifying',
  'shipping → testing',
  'shipping → rolled_back',
  'verifying → done',
  'verifying → rolled_back',
  'done → rolled_back',
]);

/** Whose sign-offs count now. */
export const signers = (p: Played, stage: Stage = 'candidate') => counted(p.facts, stage).map((s) => s.person);

/** Whose eyes count now. */
export const here = (p: Played, stage: Stage = 'candidate') => present(p.facts, stage, POLICY, p.now);

/** A refusal with this code, whose sentences say why and what to do. */
export function refused(d: Decision, code: string, says?: RegExp, next?: RegExp) {
  expect(d.changes).toEqual([]);
  expect(d.refusal).toMatchObject({ code });
  expect(d.refusal?.reason).not.toBe('');
  expect(d.refusal?.next).toMatch(/^[A-Z<"].*\.$/s);
  if (says) expect(d.refusal?.reason).toMatch(says);
  if (next) expect(d.refusal?.next).toMatch(next);
}
