import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  awayRefusal,
  decideAssignment,
  forbiddenHere,
  meant,
  NOTE_MAX,
  swapRefusal,
} from '../../../src/areas/calendar/act-rules.ts';
import {
  addMonths,
  areaName,
  coverage,
  isAway,
  makeDay,
  planInput,
  planMonth,
  plannedAway,
  rosterNow,
  workdays,
} from '../../../src/areas/calendar/month-rules.ts';
import { shares } from '../../../src/areas/calendar/share-rules.ts';
import type { Assignment, AssignmentAct, History, MonthFacts } from '../../../src/areas/calendar/types.ts';
import type { Actor } from '../../../src/base/actor.ts';
import type { Today } from '../../../src/base/today.ts';
import { readAway, readMonth } from '../../../src/bot/regression-words.ts';
import { parsePolicy } from '../../../src/policy.ts';
import { ANA, anAssignment, BEN, BOSS, CALENDAR_POLICY } from '../../support/calendar.ts';

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

describe('what a person may say of an assignment', () => {
  const act = (kind: AssignmentAct['kind'], note: string | null = null): AssignmentAct => ({ kind, note });
  const code = (a: Partial<Assignment>, who: Actor, what: AssignmentAct, today = '2026-12-15') => {
    const d = decideAssignment(anAssignment(a), who, what, today, { day: today, first: today, last: today });
    return 'refusal' in d ? d.refusal.code : 'already' in d ? 'already' : d.state;
  };

  test('its tester and admins; in its month; every state and act', () => {
    const states = ['planned', 'missed', 'passed', 'failed', 'skipped'] as const;
    const table = states.map((state) =>
      (['pass', 'fail', 'skip'] as const).map((kind) =>
        code({ state }, ANA, act(kind, kind === 'skip' ? 'why' : null)),
      ),
    );
    expect(table).toEqual([
      ['passed', 'failed', 'skipped'],
      ['passed', 'failed', 'skipped'],
      ['already', 'failed', 'tested'],
      ['passed', 'already', 'tested'],
      ['passed', 'failed', 'already'],
    ]);
    expect(code({ state: 'failed' }, ANA, act('fail', 'and more'))).toBe('failed');
    expect(code({ state: 'failed' }, ANA, act('skip', 'x'))).toBe('tested');
    expect(code({}, BOSS, act('pass'))).toBe('passed');
    expect(code({}, BEN, act('pass'))).toBe('role');
    expect(code({}, ANA, act('skip'))).toBe('reason');
    expect(code({}, ANA, act('pass', 'x'.repeat(NOTE_MAX + 1)))).toBe('too_long');
    expect(code({}, ANA, act('pass'), '2026-11-30')).toBe('early');
    expect(code({}, ANA, act('pass'), '2027-01-01')).toBe('over');
  });

  test('R23: what reaches its tester before it does the team is not early', () => {
    const on = (day: string, theirs: Today) => {
      const d = decideAssignment(anAssignment({ day }), ANA, act('pass'), '2026-11-30', theirs);
      return 'refusal' in d ? d.refusal.code : 'state' in d && d.state;
    };
    const auckland = { day: '2026-12-01', first: '2026-12-01', last: '2026-12-01' };
    expect([on('2026-12-01', auckland), on('2026-12-31', auckland)]).toEqual(['passed', 'passed']);
    const losAngeles = { day: '2026-11-30', first: '2026-12-01', last: '2026-12-01' };
    expect([on('2026-12-01', losAngeles), on('2026-12-02', losAngeles)]).toEqual(['passed', 'early']);
  });

  test('R23: who names no test means the one of their today; where another may be meant they are asked', () => {
    const today = { day: '2026-12-15', first: '2026-12-15', last: '2026-12-15' };
    const ids = (...mine: Partial<Assignment>[]) =>
      meant(
        mine.map((a, i) => anAssignment({ id: i + 1, day: '2026-12-15', ...a })),
        today,
      ).map((a) => a.id);
    expect(ids()).toEqual([]);
    expect(ids({ state: 'passed' }, {})).toEqual([2]);
    expect(ids({ day: '2026-12-10', state: 'missed' }, {}), 'missed is not as likely').toEqual([2]);
    expect(ids({ day: '2026-12-14' }, {}), 'its day is not over where the team is').toEqual([1, 2]);
    expect(ids({ day: '2026-12-14' })).toEqual([1]);
    expect(ids({ day: '2026-12-14' }, { day: '2026-12-10', state: 'missed' })).toEqual([1, 2]);
    expect(ids({}, {})).toEqual([1, 2]);
  });

  test('permissions: nobody who is no full member; unread groups are said', () => {
    for (const standing of ['bot', 'deactivated', 'guest', 'outsider'] as const)
      expect(forbiddenHere('look', { ...ANA, standing })?.code).toBe('standing');
    expect(forbiddenHere('plan', ANA)?.code).toBe('role');
    expect(forbiddenHere('plan', { ...ANA, rolesUnknown: 'a group could not be read' })?.code).toBe('roles_unknown');
    expect(forbiddenHere('away_other', ANA)?.next).toContain('leave the name out');
    expect(forbiddenHere('swap', ANA)?.reason).toBe('it is not yours');
    expect(forbiddenHere('look', ANA)).toBeNull();
  });

  test('swaps: both to be done, of two people, who are there and have nothing else then', () => {
    const mine = anAssignment({ id: 1 });
    const theirs = anAssignment({ id: 2, tester: 'U0BEN', day: '2026-12-04', start: 840 });
    const about = { others: [mine, theirs], away: [], today: '2026-12-01', perDay: 2 };
    const code_ = (over: Partial<typeof about> = {}, a = mine, b = theirs) =>
      swapRefusal(a, b, { ...about, ...over })?.code ?? null;
    expect(code_()).toBeNull();
    expect(code_({}, { ...mine, state: 'passed' })).toBe('done');
    expect(code_({ today: '2026-12-04' })).toBe('done');
    expect(code_({}, mine, { ...theirs, tester: 'U0ANA' })).toBe('same');
    expect(code_({ away: [{ person: 'U0BEN', from: '2026-12-03', to: '2026-12-03' }] as never })).toBe('away');
    expect(code_({ others: [mine, theirs, anAssignment({ id: 3, day: '2026-12-04', start: 840 })] })).toBe('busy');
    expect(code_({ others: [mine, theirs, anAssignment({ id: 3, day: '2026-12-04', start: 570 })], perDay: 1 })).toBe(
      'busy',
    );
    expect(code_({ others: [mine, theirs, anAssignment({ id: 3, day: '2026-12-04', start: 570 })] })).toBeNull();
  });

  test('absences: in order, not over, at most a year', () => {
    const code_ = (from: string, to: string) => awayRefusal(from, to, '2026-12-15')?.code ?? null;
    expect([code_('2026-12-15', '2026-12-15'), code_('2026-12-01', '2026-12-15')]).toEqual([null, null]);
    expect([
      code_('2026-12-20', '2026-12-19'),
      code_('2026-12-01', '2026-12-14'),
      code_('2026-12-15', '2027-12-20'),
    ]).toEqual(['to', 'to', 'to']);
    expect(isAway([{ person: 'U1', from: '2026-12-01', to: '2026-12-02' }], 'U1', '2026-12-02')).toBe(true);
  });

  test('R21: who does a day’s tests on their working day before is away from those of the days after', () => {
    const spans = (from: string, to: string, person = 'UWEST') => {
      const days = ['2026-12-03', '2026-12-04', '2026-12-07', '2026-12-09'];
      const doneOn = (who: string, day: string) =>
        who === 'UWEST' ? (['2026-12-02', ...days][days.indexOf(day)] ?? '') : day;
      return plannedAway([{ person, from, to }], days, doneOn).map((a) => `${a.from} ${a.to}`);
    };
    expect(spans('2026-12-03', '2026-12-04')).toEqual(['2026-12-04 2026-12-04', '2026-12-07 2026-12-07']);
    expect(spans('2026-12-02', '2026-12-02')).toEqual(['2026-12-03 2026-12-03']);
    expect(spans('2026-12-05', '2026-12-06'), 'a weekend').toEqual([]);
    expect(spans('2026-12-03', '2026-12-04', 'UHERE')).toEqual(['2026-12-03 2026-12-04']);
  });
});

describe('the policy’s section', () => {
  const BASE = `
workspace: { team_id: T0123ABC, channels: { releases: C0RELEASES, admins: C0ADMINS } }
team: { zone: Europe/Lisbon, hours: { start: "09:00", end: "17:30" } }
roles: { operators: { users: [U0ANA, U0BEN] }, admins: { usergroup: S0ADMINS } }
products: [{ key: web, name: Web app }]
`;
  const read = (section: string) => parsePolicy(`${BASE}regression: ${section}`, 'p.yml').regression;
  const faults = (section: string) => {
    try {
      read(section);
      return '';
    } catch (err) {
      return (err as Error).message;
    }
  };

  test('defaults, weights, key areas and pairs that differ', () => {
    const section = read(`{ wallets: [a, b], features: [s, { name: t, key: true }, { name: u, key: true, weight: 4 }],
      pairs: [{ wallet: b, feature: s, skip: true }, { wallet: a, feature: t, key: false }, { wallet: b, feature: t, weight: 3 }, { wallet: a, feature: s, key: true }] }`);
    expect(section).toMatchObject({ product: 'web', testers: [], starts: [570, 840], owner: 'C0ADMINS' });
    expect(section?.areas.map((x) => `${x.feature}${x.wallet}${x.key ? '!' : ''}${x.times}`)).toEqual([
      'sa!2',
      'ta1',
      'tb!3',
      'ua!4',
      'ub!4',
    ]);
    expect(parsePolicy(BASE, 'p.yml').regression).toBeUndefined();
  });

  test.each([
    ['{ wallets: [], features: [s] }', 'needs at least one wallet'],
    ['{ wallets: [a], features: [] }', 'needs at least one feature'],
    ['{ wallets: [a, a], features: [s, s] }', '"s" is there twice'],
    [
      '{ wallets: [a], features: [{ name: s, weight: 2 }, { name: t, key: true }] }',
      'key areas must have a higher weight',
    ],
    ['{ wallets: [a], features: [s], pairs: [{ wallet: x, feature: s }] }', 'is none of the wallets above: a'],
    ['{ wallets: [a], features: [s], pairs: [{ wallet: a, feature: s, skip: true }] }', 'skips every pair'],
    ['{ wallets: [a], features: [s], product: app }', 'is no product: they are web'],
    ['{ wallets: [a], features: [{ name: s, weight: 11 }] }', 'must be a whole number from 1 to 10'],
    ['{ wallets: [a], features: [7] }', 'must be a section with name, key, weight'],
    ['{ wallets: [a], features: [s], start: ["25:00"] }', 'a time of day'],
    ['{ wallets: [a], features: [s], walets: [b] }', 'did you mean wallets?'],
    ['[a]', 'a section with'],
  ])('%s: %s', (section, says) => {
    expect(faults(section)).toContain(says);
  });
});
