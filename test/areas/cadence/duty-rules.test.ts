import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { awayAt, onDuty } from '../../../src/areas/cadence/rules.ts';
import type { Duty } from '../../../src/base/policy.ts';
import { addDays } from '../../../src/base/zone.ts';

describe('duty', () => {
  const roster: Duty = { roster: ['U1', 'U2', 'U3', 'U4', 'U5'], size: 2, turn: 'week' };

  it('goes round the roster by weeks or working days; for somebody away the next steps in', () => {
    const week = (n: number, away: string[] = []) => onDuty(roster, [], new Set(away), addDays('2027-03-01', n));
    const first = week(0);
    for (let n = 1; n < 7; n++) expect(week(n)).toEqual(first);
    expect(week(7)).not.toEqual(first);
    expect(week(35)).toEqual(first);
    const [one = '', two = ''] = first;
    expect(week(1, [one])[0]).toBe(two);
    expect(week(1, [one]).length).toBe(2);
    const daily: Duty = { ...roster, size: 1, turn: 'day' };
    const days = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => onDuty(daily, [], new Set(), addDays('2027-03-01', n))[0]);
    expect(new Set(days.slice(0, 5)).size).toBe(5);
    expect(days[5]).toBe(days[4]);
    expect(days[6]).toBe(days[4]);
    expect(days[7]).toBe(days[0]);
  });

  it('R23: who is away is so on days where they are', () => {
    // Monday 23:30 in Lisbon, Tuesday in Auckland.
    const at = new Date('2027-03-01T23:30Z');
    const zones = new Map([['U2', 'Pacific/Auckland']]);
    const away = (...days: [from: string, to: string]) => {
      const absences = ['U1', 'U2'].map((person) => ({ person, fromDay: days[0], toDay: days[1] }));
      return [...awayAt(absences, (person) => zones.get(person) ?? 'Europe/Lisbon', at)];
    };
    expect(away('2027-02-20', '2027-02-28')).toEqual([]);
    expect(away('2027-02-20', '2027-03-01')).toEqual(['U1']);
    expect(away('2027-03-01', '2027-03-02')).toEqual(['U1', 'U2']);
    expect(away('2027-03-02', '2027-03-09')).toEqual(['U2']);
    expect(away('2027-03-03', '2027-03-09')).toEqual([]);
  });

  it('is everybody of a user group who is not away; nobody without a policy for it', () => {
    const group: Duty = { roster: [], usergroup: 'S0DUTY', size: 2, turn: 'week' };
    expect(onDuty(group, ['U3', 'U1', 'U2'], new Set(['U2']), '2027-03-01')).toEqual(['U1', 'U3']);
    expect(onDuty(undefined, ['U1'], new Set(), '2027-03-01')).toEqual([]);
  });

  test('over any roster: as many as wanted where so many are there, nobody away, everybody in turn', () => {
    const people = fc.integer({ min: 1, max: 9 }).map((n) => Array.from({ length: n }, (_, i) => `U${i}`));
    const shapes = fc.record({
      roster: people,
      size: fc.integer({ min: 1, max: 4 }),
      turn: fc.constantFrom('day', 'week'),
    });
    const days = fc.integer({ min: -4000, max: 40_000 }).map((n) => addDays('2020-01-01', n));
    const absent = fc.array(fc.nat(8), { maxLength: 6 });
    fc.assert(
      fc.property(shapes, days, absent, (shape, day, gone) => {
        const duty = shape as Duty;
        const away = new Set(gone.map((who) => `U${who}`));
        const on = onDuty(duty, [], away, day);
        const here = duty.roster.filter((p) => !away.has(p));
        expect(new Set(on).size).toBe(Math.min(duty.size, here.length));
        expect(on.every((p) => here.includes(p))).toBe(true);
        const round = duty.turn === 'week' ? 7 : 1;
        const seen = new Set<string>();
        for (let n = 0; n <= duty.roster.length * round * 2; n += round)
          for (const p of onDuty(duty, [], new Set(), addDays(day, n))) seen.add(p);
        expect(seen.size).toBe(duty.roster.length);
      }),
      { numRuns: 500 },
    );
  });
});
