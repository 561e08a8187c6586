import { expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { ago, parseDuration, showDuration } from '../../src/base/duration.ts';

test.each([
  ['30m', 30],
  ['4h', 240],
  ['1h30m', 90],
  [' 2H ', 120],
  ['90m', 90],
])('%s is %i minutes', (text, minutes) => expect(parseDuration(text)).toBe(minutes));

test.each(['', '0m', '0h', '4', 'h', '-1h', '1h90m', '1.5h', '30m1h', '1d', '4 h', '999999h'])(
  '"%s" is no duration',
  (text) => expect(parseDuration(text)).toBeUndefined(),
);

test.each([
  [0, '0 min'],
  [-3, '0 min'],
  [59.9, '59 min'],
  [60, '1 h'],
  [200, '3 h 20 min'],
  [47 * 60 + 59, '47 h 59 min'],
  [48 * 60, '2 d'],
  [51 * 60 + 30, '2 d 3 h'],
])('%d minutes are shown as %s', (minutes, text) => expect(showDuration(minutes)).toBe(text));

test('ago says how much time lies between, and never a negative one', () => {
  const from = new Date('2026-11-21T09:00:00Z');
  expect(ago(from, new Date('2026-11-21T12:20:59Z'))).toBe('3 h 20 min');
  expect(ago(from, new Date('2026-11-21T09:00:59Z'))).toBe('less than a minute');
  expect(ago(from, new Date('2026-11-21T08:00:00Z'))).toBe('less than a minute');
});

test('the system clock gives the present', () => {
  expect(Math.abs(systemClock().getTime() - Date.now())).toBeLessThan(1000);
});
