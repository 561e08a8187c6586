// A month as it is lived: people go, come and leave, days are taken off, areas go; it is planned again every morning (R21).
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addMonths,
  areaName,
  isAway,
  planMonth,
  rosterNow,
  workdays,
} from '../../../src/areas/calendar/month-rules.ts';
import type { Assignment, MonthFacts } from '../../../src/areas/calendar/types.ts';
import { addDays, isWorkday } from '../../../src/base/zone.ts';
import { anAssignment } from '../../support/calendar.ts';

const PEOPLE = ['UA', 'UB', 'UC', 'UD', 'UE'];
const areasOf = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    wallet: `W${i % 3}`,
    feature: `F${Math.floor(i / 3)}`,
    key: i % 5 === 0,
    times: i % 5 === 0 ? 2 : 1,
  }));

const life = fc.record({
  month: fc.constantFrom('2026-02', '2026-12', '2028-02', '2027-05'),
  /** The day of the month on which it is made; before it, or when it is nearly over. */
  made: fc.constantFrom(-4, -4, 0, 9, 25),
  people: fc.subarray(PEOPLE, { minLength: 1 }),
  areas: fc.integer({ min: 1, max: 16 }),
  starts: fc.constantFrom([570], [570, 840]),
  events: fc.array(
    fc.record({
      day: fc.nat(30),
      kind: fc.constantFrom('away', 'back', 'join', 'leave', 'holiday', 'area'),
      who: fc.constantFrom(...PEOPLE),
      long: fc.nat(6),
    }),
    { maxLength: 10 },
  ),
  ends: fc.array(fc.constantFrom<Assignment['state'][]>('passed', 'passed', 'passed', 'failed', 'skipped', 'missed'), {
    minLength: 30,
  }),
});

/** The plan as the database would have it. */
function written(f: MonthFacts): Assignment[] {
  const plan = planMonth(f);
  const kept = new Map(f.assignments.map((a) => [a.id, a]));
  for (const id of plan.dropped) kept.delete(id);
  let last = Math.max(0, ...f.assignments.map((a) => a.id));
  for (const { id, area, ...place } of plan.turns) {
    const { wallet, feature } = f.areas.find((a) => areaName(a) === area) ?? {};
    const was = id === null ? anAssignment({ id: ++last, month: f.month, wallet, feature }) : kept.get(id);
    if (was) kept.set(was.id, { ...was, ...place });
  }
  return [...kept.values()];
}

function check(f: MonthFacts): void {
  const { leftOut } = planMonth(f);
  const there = (id: string, day: string) =>
    isWorkday(day, f.holidays) &&
    f.roster.some((s) => s.id === id && s.from <= day && day <= s.to) &&
    !isAway(f.away, id, day);
  const ahead = f.assignments.filter((a) => a.state === 'planned' && a.day > f.today);
  for (const a of ahead) expect(there(a.tester, a.day), `${a.tester} on ${a.day}`).toBe(true);
  expect(f.assignments.filter((a) => a.state === 'planned' && a.day < f.today)).toEqual([]);
  const places = ahead.map((a) => `${a.tester} ${a.day} ${a.start}`);
  expect(new Set(places).size, 'one thing at a time').toBe(places.length);
  for (const area of f.areas.map(areaName))
    expect(leftOut.includes(area) || f.assignments.some((a) => areaName(a) === area && a.state !== 'missed')).toBe(
      true,
    );
  const seats = workdays(f.month, f.holidays)
    .filter((day) => day > f.today)
    .flatMap((day) => f.roster.filter((s) => there(s.id, day))).length;
  if (leftOut.length)
    expect(ahead.length, 'left out only when all are busy').toBeGreaterThanOrEqual(seats * f.starts.length);
  expect(written(f), 'planned again, nothing moves').toEqual(f.assignments);
}

test('R21: whatever happens in a month, every morning all is covered or named, by somebody who is there, and nothing moves twice', () => {
  fc.assert(
    fc.property(life, ({ month, made, people, areas: count, starts, events, ends }) => {
      const history = { testers: new Map(), areas: new Map(), counts: new Map() };
      const areas = areasOf(count);
      let f: MonthFacts = {
        month,
        starts,
        history,
        areas,
        holidays: [],
        away: [],
        roster: [],
        assignments: [],
        today: '',
      };
      let testers = [...people];
      let ended = 0;
      for (let day = addDays(`${month}-01`, made); day < `${addMonths(month, 1)}-01`; day = addDays(day, 1)) {
        f = { ...f, today: day };
        f.assignments = f.assignments.map((a) =>
          a.state === 'planned' && a.day < day ? { ...a, state: ends[ended++ % ends.length] ?? 'missed' } : a,
        );
        for (const { kind, who, long } of events.filter((e) => addDays(`${month}-01`, e.day) === day)) {
          if (kind === 'away') f.away = [...f.away, { person: who, from: day, to: addDays(day, long) }];
          if (kind === 'back') f.away = f.away.filter((a) => a.person !== who);
          if (kind === 'join') testers = [...new Set([...testers, who])].sort();
          if (kind === 'leave' && testers.length > 1) testers = testers.filter((id) => id !== who);
          if (kind === 'holiday') f.holidays = [...f.holidays, addDays(day, long)];
          if (kind === 'area' && f.areas.length > 1) f.areas = f.areas.slice(1);
        }
        if (!workdays(month, f.holidays).some((d) => d >= day) || !isWorkday(day, f.holidays)) continue;
        f = { ...f, roster: rosterNow(month, day, f.roster, testers) };
        f = { ...f, assignments: written(f) };
        check(f);
      }
    }),
    { numRuns: 12 },
  );
});
