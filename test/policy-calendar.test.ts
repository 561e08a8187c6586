import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { CADENCE_PERMISSIONS } from '../src/areas/cadence/permissions.ts';
import { parsePolicy } from '../src/policy.ts';

const FILE = readFileSync('shipshape.yml', 'utf8')
  .replace(/\ncadence:\n(?: .*\n)*/, '\n')
  .replace(/\nduty:\n(?: .*\n)*/, '\n');
const parsed = (more: string) => parsePolicy(`${FILE}\n${more}\n`, 'p.yml');

describe('cadence', () => {
  it('R9: an empty section has the defaults; none has no slots', () => {
    expect(parsed('').cadence).toBeUndefined();
    expect(parsed('cadence: {}').cadence).toEqual({
      slots: [600, 900],
      days: [1, 2, 3, 4, 5],
      graceMinutes: 60,
      proposeMinutesBefore: 90,
    });
    expect(
      parsed('cadence: { slots: ["16:30", "08:00"], days: [sun, mon], grace: 30m, propose_before: 2h }').cadence,
    ).toEqual({
      slots: [480, 990],
      days: [1, 7],
      graceMinutes: 30,
      proposeMinutesBefore: 120,
    });
  });

  test.each([
    ['slots: [10]', /cadence\.slots\[0\].*a time of day/],
    ['slots: []', /at least one time/],
    ['slots: ["10:00", "10:00"]', /slots\[1\].*twice/],
    ['slots: ["10:00", "11:00"]', /only 60 minutes apart, and the grace is 60/],
    ['slots: ["23:30", "00:00"], grace: 30m', /only 30 minutes apart/],
    ['days: [mon, monday]', /one of mon, tue/],
    ['days: [mon, mon]', /days\[1\].*twice/],
    ['days: []', /at least one day/],
    ['grace: 13h', /a duration up to 12h/],
    ['propose_before: never', /a duration up to 24h/],
    ['slot: ["10:00"]', /did you mean slots/],
  ])('%s is a fault that says what it may be', (text, fault) => {
    expect(() => parsed(`cadence: { ${text} }`)).toThrow(fault);
  });
});

describe('duty', () => {
  it('is a roster that takes turns, or a user group', () => {
    expect(parsed('').duty).toBeUndefined();
    expect(parsed('duty: { roster: [U0ONE, U0TWO] }').duty).toEqual({
      roster: ['U0ONE', 'U0TWO'],
      size: 2,
      turn: 'week',
    });
    expect(parsed('duty: { usergroup: S0ONCALL }').duty).toEqual({
      roster: [],
      usergroup: 'S0ONCALL',
      size: 2,
      turn: 'week',
    });
  });

  test.each([
    ['{}', /needs a roster of users, or a usergroup/],
    ['{ roster: [U0ONE], usergroup: S0ONCALL }', /keep one of them/],
    ['{ roster: [U0ONE, U0ONE] }', /twice: keep one/],
    ['{ roster: [ann] }', /the id of a user/],
    ['{ roster: [U0ONE], size: 0 }', /1 to 10/],
    ['{ roster: [U0ONE], size: many }', /whole number from 1 to 10/],
    ['{ roster: [U0ONE], turn: month }', /day or week/],
  ])('%s is a fault', (text, fault) => {
    expect(() => parsed(`duty: ${text}`)).toThrow(fault);
  });
});

it('docs/cadence.md shows who may do what', () => {
  const columns = ['operator', 'engineer', 'admin'];
  const rows = Object.entries(CADENCE_PERMISSIONS).map(
    ([act, who]) =>
      `| \`${act}\` | ${columns.map((c) => ((who as readonly string[]).includes(c) ? '●' : ' ')).join(' | ')} |`,
  );
  expect(readFileSync('docs/cadence.md', 'utf8')).toContain(rows.join('\n'));
});
