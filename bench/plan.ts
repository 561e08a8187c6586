// How long it takes to plan a year of the regression calendar: 40 areas, 30 people, 12 months.
import { addMonths, areaName, planMonth } from '../src/areas/calendar/month-rules.ts';
import type { Assignment, History } from '../src/areas/calendar/types.ts';
import { median } from './measure.ts';

const AREAS = Array.from({ length: 40 }, (_, i) => ({
  wallet: `wallet ${i % 8}`,
  feature: `feature ${Math.floor(i / 8)}`,
  key: i % 8 === 0,
  times: i % 8 === 0 ? 3 : 1,
}));
const PEOPLE = Array.from({ length: 30 }, (_, i) => `U${String(i).padStart(3, '0')}`);

/** Plans twelve months, each on what the one before says of who tested what last; a third of the people are away for a week each month. */
function planYear(): number {
  let history: History = { testers: new Map(), areas: new Map(), counts: new Map() };
  let turns = 0;
  for (let n = 0; n < 12; n++) {
    const month = addMonths('2027-01', n);
    const roster = PEOPLE.map((id) => ({ id, from: `${month}-01`, to: `${month}-31` }));
    const away = PEOPLE.filter((_, i) => i % 3 === n % 3).map((person, i) => {
      const from = `${month}-${String(1 + ((i * 5) % 21)).padStart(2, '0')}`;
      return { person, from, to: `${from.slice(0, 8)}${String(Number(from.slice(8)) + 6).padStart(2, '0')}` };
    });
    const assignments: Assignment[] = [];
    const facts = {
      month,
      today: `${addMonths(month, -1)}-20`,
      holidays: [`${month}-03`],
      starts: [570, 840],
      areas: AREAS,
    };
    const plan = planMonth({ ...facts, roster, away, assignments, history });
    turns += plan.turns.length;
    const counts = new Map(history.counts);
    for (const { tester } of plan.turns) counts.set(tester, (counts.get(tester) ?? 0) + 1);
    history = {
      testers: new Map([...history.testers, ...plan.turns.map((t) => [t.area, t.tester] as const)]),
      areas: new Map([...history.areas, ...plan.turns.map((t) => [t.tester, t.area] as const)]),
      counts,
    };
    if (plan.leftOut.length) throw new Error(`left out in ${month}: ${plan.leftOut.join(', ')}`);
  }
  if (
    turns !== 12 * AREAS.reduce((sum, a) => sum + a.times, 0) ||
    !AREAS.every((a) => history.testers.has(areaName(a)))
  )
    throw new Error('the year is not planned');
  return turns;
}

/** Milliseconds for a year: the first, when nothing is compiled yet, and the middle of those that follow. */
export function planning(): { first: number; later: number; turns: number } {
  const took: number[] = [];
  let turns = 0;
  for (let i = 0; i < 12; i++) {
    const began = performance.now();
    turns = planYear();
    took.push(performance.now() - began);
  }
  return { first: took[0] ?? 0, later: median(took.slice(1)), turns };
}
