import { expect, test } from 'vitest';
import { maybeUnderWay, sharedSince } from '../../src/jobs/sharing.ts';
import { minutes, T0 } from '../support/facts.ts';

const slack = { settleMs: 12_000 };
const sharing = (at?: Date) => ({ hash: 'x', files: ['F1'], ...(at && { at: at.getTime() }) });

test('files that were shared just now may be under way; those that a fast clock dated ahead are looked for, since ever', () => {
  const way = (at?: Date) => maybeUnderWay(sharing(at), slack, T0);
  expect([way(T0), way(new Date(T0.getTime() - 12_000)), way(minutes(1)), way()]).toEqual([true, false, false, false]);
  expect(maybeUnderWay(null, slack, T0)).toBe(false);
  for (const at of [minutes(7 * 24 * 60), undefined]) expect(sharedSince(sharing(at), T0)).toEqual(new Date(0));
});

test('what was noted by a clock that was fast for a while is looked for from before it was', () => {
  const [at, posted] = [minutes(-1), minutes(-61)];
  expect(sharedSince(sharing(at), T0).getTime()).toBeLessThan(posted.getTime());
  expect(sharedSince(sharing(at), T0).getTime()).toBeGreaterThan(minutes(-2 * 24 * 60).getTime());
});
