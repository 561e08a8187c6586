import { expect, test } from 'vitest';
import { commitOf } from '../../src/cli/ci-report.ts';

const RUN = { name: 'GITHUB_SHA', value: 'ABCDEF0123456789abcdef0123456789abcdef01' };

test('R3: the commit that was tested is said, or what the CI system says; nothing is guessed', () => {
  expect(commitOf('ABC1234', RUN)).toBe('abc1234');
  expect(commitOf(undefined, RUN)).toBe('abcdef0123456789abcdef0123456789abcdef01');
  expect(() => commitOf(undefined, undefined)).toThrow('It is not said which commit was tested.');
  expect(() => commitOf('main', RUN)).toThrow('--commit is no commit: main.');
  expect(() => commitOf(undefined, { name: 'GIT_COMMIT', value: 'HEAD' })).toThrow('GIT_COMMIT is no commit: HEAD.');
});
