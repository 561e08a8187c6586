import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PolicyError, parsePolicy } from '../src/policy.ts';

const FILE = readFileSync('shipshape.yml', 'utf8');
const withADay = (value: string) => FILE.replace(/max_per_day: \S+/, `max_per_day: ${value}`);

test('R23: how many messages with reminders a person gets: the file says, else five', () => {
  expect(parsePolicy(withADay('3'), 'p.yml').reminders).toEqual({ maxPerDay: 3 });
  expect(parsePolicy(withADay('0'), 'p.yml').reminders).toEqual({ maxPerDay: 0 });
  expect(parsePolicy(FILE.replace(/max_per_day: .*/, '{}'), 'p.yml').reminders).toEqual({ maxPerDay: 5 });
  expect(parsePolicy(FILE.replace(/\nreminders:\n.*\n/, '\n'), 'p.yml').reminders).toBeUndefined();
});

test.each(['-1', '21', '1.5', 'many', '"5"'])('max_per_day %s is a fault that says what it may be', (value) => {
  expect(() => parsePolicy(withADay(value), 'p.yml')).toThrow(PolicyError);
  expect(() => parsePolicy(withADay(value), 'p.yml')).toThrow(/reminders\.max_per_day.*whole number from 0 to 20/);
});
