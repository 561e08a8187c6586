import { expect, test } from 'vitest';
import { commitOf, outcome } from '../../src/cli/ci-report.ts';

const RUN = { name: 'GITHUB_SHA', value: 'ABCDEF0123456789abcdef0123456789abcdef01' };

test('R3: the commit that was tested is said, or what the CI system says; nothing is guessed', () => {
  expect(commitOf('ABC1234', RUN)).toBe('abc1234');
  expect(commitOf(undefined, RUN)).toBe('abcdef0123456789abcdef0123456789abcdef01');
  expect(() => commitOf(undefined, undefined)).toThrow('It is not said which commit was tested.');
  expect(() => commitOf('main', RUN)).toThrow('--commit is no commit: main.');
  expect(() => commitOf(undefined, { name: 'GIT_COMMIT', value: 'HEAD' })).toThrow('GIT_COMMIT is no commit: HEAD.');
});

test('R3: it says whether the results count for the candidate of now, and hold it up', () => {
  const kept = { commit: 'abc1234', newest: 'def5678', counts: true, gates: true };
  const bad = { passed: 2, failed: 1, skipped: 0 };
  const counts = '2 passed, 1 failed, 0 skipped.';
  const same = 'The candidate is def5678 by now, with the same tree: they count for it.';
  expect(outcome(kept, bad)).toBe(`${counts} ${same} They hold the release up.`);
  expect(outcome({ ...kept, gates: false }, bad)).toBe(`${counts} ${same}`);
  expect(outcome({ ...kept, counts: false }, bad)).toBe(`${counts} The candidate is def5678 by now.`);
  expect(outcome({ ...kept, newest: 'abc1234' }, bad)).toBe(`${counts} They hold the release up.`);
  expect(outcome({ ...kept, newest: 'abc1234' }, { ...bad, failed: 0 })).toBe('2 passed, 0 failed, 0 skipped.');
});
