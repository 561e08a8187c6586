import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addMonths,
  areaName,
  coverage,
  makeDay,
  planInput,
  planMonth,
  rosterNow,
  workdays,
} from '../../../src/areas/calendar/month-rules.ts';
import { shares } from '../../../src/areas/calendar/share-rules.ts';
import type { Assignment, History, MonthFacts } from '../../../src/areas/calendar/types.ts';
import { readAway, readMonth } from '../../../src/bot/regression-words.ts';
import { anAssignment, CALENDAR_POLICY } from '../../support/calendar.ts';

const NO_HISTORY: History = { testers: new Map(), areas: new Map(), counts: new Map() };
const HOLIDAYS = ['2026-12-08', '2026-12-25'];
const AREAS = CALENDAR_POLICY.regression?.areas ?? [];
const TESTERS = ['U0ANA', 'U0BEN', 'U0CEM'];

function facts(over: Partial<MonthFacts> = {}): MonthFacts {
  return {
    month: '2026-12',
    today: '2026-11-26',
    holidays: HOLIDAYS,
    starts: [570, 840],
    areas: AREAS,
    roster: rosterNow('2026-12', '2026-11-26', [], TESTERS),
    away: [],
    assignments: [],
    history: NO_HISTORY,
    ...over,
  };
}

/** The plan as the database would have it. */
function assigned(f: MonthFacts): Assignment[] {
  return planMonth(f).turns.map((turn, i) => {
    const area = f.areas.find((a) => areaName(a) === turn.area);
    const { day, start, tester } = turn;
    return anAssignment({
      id: turn.id ?? i + 1,
      month: f.month,
      wallet: area?.wallet,
      feature: area?.feature,
      day,
      start,
      tester,
    });
  });
}

describe('months and their days', () => {
  test('working days: weekends and holidays are off; leap days are days', () => {
    const december = workdays('2026-12', HOLIDAYS);
    expect(december).toHaveLength(21);
    expect(december).not.toContain('2026-12-08');
    expect(december[0]).toBe('2026-12-01');
    expect(workdays('2028-02', [])).toContain('2028-02-29');
    expect(addMonths('2026-12', 1)).toBe('2027-01');
    expect(addMonths('2026-01', -1)).toBe('2025-12');
  });

  test('R21: a month makes itself three working days before it begins', () => {
    expect(makeDay('2026-12', HOLIDAYS)).toBe('2026-11-26');
    // New Year's Day is the month's own; Christmas and a weekend lie between.
    expect(makeDay('2027-01', HOLIDAYS)).toBe('2026-12-29');
    expect(makeDay('2027-01', [...HOLIDAYS, '2026-12-31', '2026-12-30', '2026-12-29'])).toBe('2026-12-23');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 130 }), (n) => {
        const month = addMonths('2024-01', n);
        const day = makeDay(month, HOLIDAYS);
        const between = [...workdays(addMonths(month, -1), HOLIDAYS)].filter((d) => d >= day);
        expect(between).toHaveLength(3);
      }),
    );
  });

  test('months as people type them', () => {
    const read = (text: string) => readMonth(text, '2026-11-24');
    expect(['', 'this', 'next', '2027-03', 'dec', 'January', 'november', 'nov'].map(read)).toEqual([
      '2026-11',
      '2026-11',
      '2026-12',
      '2027-03',
      '2026-12',
      '2027-01',
      '2026-11',
      '2026-11',
    ]);
    expect(['2026-13', 'x', 'de', 'smarch', '1999-01'].map(read)).toEqual(Array(5).fill(undefined));
    expect(readMonth('next', '2026-12-01')).toBe('2027-01');
  });

  test('absences as people type them', () => {
    const read = (text: string, raw = text) =>
      readAway(text.split(' ').filter(Boolean), raw.split(' ').filter(Boolean), '2026-11-24');
    expect(read('2026-12-01 to friday')).toEqual({ days: ['2026-12-01', '2026-11-27'], person: null });
    expect(read('tomorrow @ben', 'tomorrow <@U0BEN|ben>')).toEqual({ days: ['2026-11-25'], person: 'U0BEN' });
    expect(read('')).toEqual({ days: [], person: null });
    expect(read('someday')).toBeUndefined();
    expect(read('a b', '<@U0BEN> <@U0ANA>')).toBeUndefined();
  });

  test('the roster: who joins does from today on, who leaves did until yesterday, who comes back begins again', () => {
    const first = rosterNow('2026-12', '2026-11-26', [], ['U1', 'U2']);
    expect(first).toEqual([
      { id: 'U1', from: '2026-12-01', to: '2026-12-31' },
      { id: 'U2', from: '2026-12-01', to: '2026-12-31' },
    ]);
    expect(rosterNow('2026-12', '2026-11-27', first, ['U1', 'U2'])).toEqual(first);
    expect(rosterNow('2026-12', '2026-11-27', first, ['U1'])).toEqual(first.slice(0, 1));
    const later = rosterNow('2026-12', '2026-12-10', first, ['U1', 'U3']);
    expect(later).toEqual([
      first[0],
      { id: 'U2', from: '2026-12-01', to: '2026-12-09' },
      { id: 'U3', from: '2026-12-10', to: '2026-12-31' },
    ]);
    expect(rosterNow('2026-12', '2026-12-12', later, ['U1', 'U2', 'U3']).at(-1)).toEqual({
      id: 'U2',
      from: '2026-12-12',
      to: '2026-12-31',
    });
    // Made in the middle of the month: everybody was there all of it.
    expect(rosterNow('2026-12', '2026-12-10', [], ['U1'])).toEqual([first[0]]);
  });
});

describe('R21: what of a month is planned again', () => {
  test('what was done and the tests of today stay; a missed area is planned once more, a skipped one is not', () => {
    const before = assigned(facts());
    const today = '2026-12-10';
    const past = before.map((a, i) =>
      a.day < today ? { ...a, state: (['missed', 'skipped', 'passed'] as const)[i % 3] ?? 'passed' } : a,
    );
    const input = planInput(facts({ today, assignments: past }));
    expect(input.days[0]).toBe('2026-12-11');
    for (const demand of input.demands) {
      const own = past.filter((a) => areaName(a) === demand.area && a.day <= today);
      expect(demand.covered).toBe(own.some((a) => a.state !== 'missed'));
      const times = AREAS.find((a) => areaName(a) === demand.area)?.times ?? 0;
      expect(demand.turns).toBe(demand.covered ? times - own.length : Math.max(1, times - own.length));
    }
    const plan = planMonth(facts({ today, assignments: past }));
    for (const a of past.filter((x) => x.state === 'planned' && x.day > today))
      expect(plan.turns).toContainEqual({ id: a.id, area: areaName(a), tester: a.tester, day: a.day, start: a.start });
  });

  test('a test of today moves only when its tester is away today', () => {
    const [a] = assigned(facts());
    const assignments = [{ ...(a as Assignment), day: '2026-12-10', tester: 'U0ANA' }];
    expect(planInput(facts({ today: '2026-12-10', assignments })).turns).toEqual([]);
    const away = [{ person: 'U0ANA', from: '2026-12-10', to: '2026-12-10' }];
    expect(planInput(facts({ today: '2026-12-10', assignments, away })).turns).toHaveLength(1);
    const plan = planMonth(facts({ today: '2026-12-10', assignments, away }));
    expect(plan.turns.find((t) => t.id === a?.id)?.day.localeCompare('2026-12-10')).toBe(1);
  });

  test('on the month’s last working day only that day is left', () => {
    expect(planInput(facts({ today: '2026-12-31' })).days).toEqual(['2026-12-31']);
    expect(planInput(facts({ today: '2026-12-31', minute: 570 })).starts).toEqual([570, 840]);
    expect(planInput(facts({ today: '2026-12-31', minute: 571 })).starts).toEqual([840]);
    expect(planInput(facts({ today: '2026-12-31', minute: 841 })).days).toEqual([]);
    expect(planInput(facts({ today: '2026-12-30', minute: 841 }))).toMatchObject({
      days: ['2026-12-31'],
      starts: [570, 840],
    });
  });

  test('R21: on the last working day a test moves only to what is still to come; one that has begun stays with who is there', () => {
    const [ana, ben] = ['U0ANA', 'U0BEN'].map((tester, i) => ({
      ...(assigned(facts())[i] as Assignment),
      day: '2026-12-31',
      start: 570,
      tester,
    }));
    const away = [{ person: 'U0ANA', from: '2026-12-31', to: '2026-12-31' }];
    const at = (minute: number, assignments: (Assignment | undefined)[] = [ana, ben]) =>
      planMonth(
        facts({
          today: '2026-12-31',
          minute,
          away,
          assignments: assignments.flatMap((a) => a ?? []),
          areas: AREAS.slice(0, 1),
        }),
      );
    const late = at(1078);
    expect([late.dropped.includes(ana?.id ?? 0), late.dropped.includes(ben?.id ?? 0), late.turns]).toEqual([
      true,
      false,
      [],
    ]);
    expect(late.leftOut).toEqual([areaName(AREAS[0] ?? { wallet: '', feature: '' })]);
    for (const turn of at(600).turns) expect([turn.start, turn.tester === 'U0ANA']).toEqual([840, false]);
    expect(at(600, [ana]).turns).toHaveLength(1);
  });

  test('R21: from month to month nobody gets the same area twice running, and equals stay equal', () => {
    let history = NO_HISTORY;
    for (let n = 0; n < 12; n++) {
      const month = addMonths('2026-12', n);
      const all = assigned(
        facts({
          month,
          today: `${addMonths(month, -1)}-20`,
          roster: rosterNow(month, '2026-01-01', [], TESTERS),
          history,
        }),
      );
      expect(all).toHaveLength(8);
      const testers = new Map(history.testers);
      for (const a of all) {
        expect(testers.get(areaName(a)), `${month} ${areaName(a)}`).not.toBe(a.tester);
        testers.set(areaName(a), a.tester);
      }
      const counts = TESTERS.map((id) => all.filter((a) => a.tester === id).length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      const total = new Map(TESTERS.map((id, i) => [id, (history.counts.get(id) ?? 0) + (counts[i] ?? 0)]));
      // Who had one less comes first next time: over the months they stay together.
      expect(Math.max(...total.values()) - Math.min(...total.values())).toBeLessThanOrEqual(2);
      history = { testers, areas: new Map(all.map((a) => [a.tester, areaName(a)])), counts: total };
    }
  });

  test('shares follow the days people are there, and what they have done already', () => {
    const t = (days: number, free: number, fixed = 0) => ({
      id: 'U',
      days,
      free: Array(free).fill('d'),
      fixed,
      before: 0,
      last: null,
    });
    const ranges = (s: ReturnType<typeof shares>) => s.map(({ least, most }) => [least, most]);
    expect(ranges(shares([t(20, 20), t(10, 10)], 30, 2))).toEqual([
      [20, 20],
      [10, 10],
    ]);
    expect(ranges(shares([t(20, 20), t(20, 20), t(20, 20)], 10, 2))).toEqual([
      [3, 4],
      [3, 4],
      [3, 4],
    ]);
    expect(ranges(shares([t(20, 10, 6), t(20, 10, 0)], 4, 2))).toEqual([
      [0, 0],
      [4, 4],
    ]);
    expect(ranges(shares([t(20, 1, 0), t(20, 20, 0)], 20, 1))).toEqual([
      [1, 1],
      [19, 19],
    ]);
    expect(shares([], 0, 2)).toEqual([]);
    expect(ranges(shares([t(0, 0, 0), t(5, 5, 0)], 0, 1))).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});

describe('coverage', () => {
  const areas = AREAS.slice(0, 3);
  const [one, two, three] = areas;
  const at = (n: number) => new Date(Date.UTC(2026, 11, n));
  test('the last that was said of an area counts', () => {
    const all = [
      anAssignment({ ...one, id: 1, state: 'failed', at: at(3) }),
      anAssignment({ ...one, id: 2, state: 'passed', at: at(9) }),
      anAssignment({ ...two, id: 3, state: 'passed', at: at(3) }),
      anAssignment({ ...two, id: 4, state: 'failed', at: at(3) }),
    ];
    const cells = coverage(areas, all, '2026-12-15');
    expect(cells.map((c) => c.state)).toEqual(['passed', 'failed', 'none']);
    expect(cells[0]).toMatchObject({ tested: 2, planned: 2 });
  });

  test.each([
    [[{ state: 'planned', day: '2026-12-15' }], 'todo'],
    [[{ state: 'planned', day: '2026-12-14' }], 'missed'],
    [[{ state: 'missed' }], 'missed'],
    [[{ state: 'skipped' }, { state: 'missed' }], 'skipped'],
    [[{ state: 'skipped' }, { state: 'planned', day: '2026-12-20' }], 'todo'],
    [[], 'none'],
  ] as const)('%j: %s', (rows, state) => {
    const all = rows.map((row) => anAssignment({ ...three, ...row }));
    expect(coverage([three as never], all, '2026-12-15')[0]?.state).toBe(state);
  });
});
