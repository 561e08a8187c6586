import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Demand, Plan, PlanInput, Tester, Turn } from '../../../src/areas/calendar/plan-types.ts';
import { plan } from '../../../src/areas/calendar/rules.ts';
import { shares } from '../../../src/areas/calendar/share-rules.ts';
import { repeats } from '../../../src/areas/calendar/turn-rules.ts';

const DAYS = Array.from({ length: 23 }, (_, i) => `2026-03-${String(i + 1).padStart(2, '0')}`);
const STARTS = [570, 840, 900, 960];

/** What a month is drawn from: who is there on which days, what is to be tested how often, and what was before. */
interface Drawn {
  days: number;
  starts: number;
  areas: { key: boolean; times: number; last: number | null }[];
  testers: { away: number[]; before: number; last: number | null }[];
}

function inputOf(d: Drawn): PlanInput {
  const days = DAYS.slice(0, d.days);
  const testers = d.testers.map((t, i): Tester => {
    const free = days.filter((_, at) => !t.away.includes(at));
    const last = t.last === null ? null : `a${t.last}`;
    return { id: `U${i}`, days: free.length, free, fixed: 0, before: t.before, last };
  });
  const demands = d.areas.map((a, i): Demand => {
    const last = a.last === null || a.last >= testers.length ? null : `U${a.last}`;
    return { area: `a${i}`, key: a.key, turns: a.times, covered: false, last };
  });
  return { days, starts: STARTS.slice(0, d.starts), demands, testers, turns: [] };
}

const drawn = (most: { days: number; areas: number; testers: number; times: number; starts: number }) =>
  fc
    .record({
      days: fc.integer({ min: 1, max: most.days }),
      starts: fc.integer({ min: 1, max: most.starts }),
      areas: fc.array(
        fc
          .record({
            key: fc.boolean(),
            extra: fc.integer({ min: 0, max: most.times - 1 }),
            last: fc.option(fc.nat(most.testers)),
          })
          .map(({ key, extra, last }) => ({ key, times: key ? 1 + extra : 1, last })),
        { minLength: 1, maxLength: most.areas },
      ),
      testers: fc.array(
        fc.record({
          away: fc.oneof(fc.constant<number[]>([]), fc.uniqueArray(fc.nat(most.days - 1), { maxLength: most.days })),
          before: fc.nat(20),
          last: fc.option(fc.nat(most.areas)),
        }),
        { minLength: 0, maxLength: most.testers },
      ),
    })
    .map(inputOf);

const MONTHS = drawn({ days: 23, areas: 45, testers: 12, times: 4, starts: 4 });

const room = (input: PlanInput) => input.testers.reduce((n, t) => n + t.free.length * input.starts.length, 0);
const countOf = (turns: readonly Turn[], of: Partial<Turn>) =>
  turns.filter((t) => Object.entries(of).every(([key, value]) => t[key as keyof Turn] === value)).length;

/** What holds for every plan of R21. */
function holds(input: PlanInput, made: Plan): void {
  const { turns } = made;
  // Only where somebody is, at a start, one thing at a time.
  for (const t of turns) {
    expect(input.testers.find((x) => x.id === t.tester)?.free).toContain(t.day);
    expect(input.starts).toContain(t.start);
  }
  expect(new Set(turns.map((t) => `${t.tester} ${t.day} ${t.start}`)).size).toBe(turns.length);
  const usable = input.days.filter((d) => input.testers.some((t) => t.free.includes(d))).length;
  for (const d of input.demands) {
    const n = countOf(turns, { area: d.area });
    // Every area at least once, or it is named; never more often than asked for.
    expect(n === 0 && !d.covered, d.area).toBe(made.leftOut.includes(d.area));
    expect((n > 0 || d.covered) && n < d.turns, d.area).toBe(made.short.includes(d.area));
    expect(n).toBeLessThanOrEqual(d.turns);
  }
  const areas = input.demands.filter((d) => !d.covered).length;
  const asked = input.demands.reduce((n, d) => n + Math.min(d.turns, usable), 0);
  expect(made.leftOut.length).toBe(Math.max(0, areas - room(input)));
  expect(turns.length).toBe(Math.min(asked, room(input)));
  // Where areas are left out it is no key area while another is covered.
  const key = (area: string) => input.demands.find((d) => d.area === area)?.key;
  if (made.leftOut.some(key)) expect(turns.every((t) => key(t.area))).toBe(true);
  // Equally available testers' counts differ by at most one.
  for (const a of input.testers) {
    for (const b of input.testers) {
      if (a.days !== b.days || a.free.length !== b.free.length || a.fixed !== b.fixed) continue;
      const apart = Math.abs(countOf(turns, { tester: a.id }) - countOf(turns, { tester: b.id }));
      expect(apart, `${a.id} and ${b.id}`).toBeLessThanOrEqual(1);
    }
  }
}

describe('R21: a new month', () => {
  test('R21: every area is covered or named, counts of equals differ by at most one, over random months', () => {
    fc.assert(
      fc.property(MONTHS, (input) => holds(input, plan(input))),
      { numRuns: 400 },
    );
  });

  test('R21: the same input gives the same plan, and leaves its input as it was', () => {
    fc.assert(
      fc.property(MONTHS, (input) => {
        const before = structuredClone(input);
        expect(plan(structuredClone(input))).toEqual(plan(input));
        expect(input).toEqual(before);
      }),
      { numRuns: 100 },
    );
  });

  test('R21: key areas are tested more often than others wherever there is room', () => {
    fc.assert(
      fc.property(MONTHS, (input) => {
        const demands = input.demands.map((d) => ({ ...d, turns: d.key ? Math.max(2, d.turns) : 1 }));
        const { turns, short } = plan({ ...input, demands });
        for (const d of demands.filter((d) => d.key && !short.includes(d.area) && countOf(turns, { area: d.area })))
          expect(countOf(turns, { area: d.area })).toBeGreaterThan(1);
      }),
      { numRuns: 100 },
    );
  });

  test('R21: with enough testers nobody gets the same area twice running', () => {
    fc.assert(
      fc.property(MONTHS, (input) => {
        const everyDay = input.testers.map((t) => ({ ...t, days: input.days.length, free: input.days }));
        const most = Math.max(...input.demands.map((d) => d.turns));
        const shareOf = Math.ceil(input.demands.reduce((n, d) => n + d.turns, 0) / Math.max(1, everyDay.length));
        fc.pre(everyDay.length > most + 2 && input.demands.length > shareOf + 2);
        expect(repeats(input.demands, everyDay, plan({ ...input, testers: everyDay }).turns)).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  test('R21: no other plan of a small month has fewer repeats', () => {
    const small = drawn({ days: 3, areas: 3, testers: 3, times: 2, starts: 2 });
    let worse = 0;
    fc.assert(
      fc.property(small, (input) => {
        const made = plan(input);
        fc.pre(made.turns.length > 0 && made.turns.length <= 4);
        const best = fewest(input, made.turns);
        if (repeats(input.demands, input.testers, made.turns) > best) worse++;
        expect(repeats(input.demands, input.testers, made.turns)).toBe(best);
      }),
      { numRuns: 600 },
    );
    expect(worse).toBe(0);
  });
});

/** A change of circumstances: who is away on which days more, who left, who joined, which areas went or came. */
const CHANGES = fc.record({
  away: fc.array(fc.tuple(fc.nat(11), fc.uniqueArray(fc.nat(22), { minLength: 1, maxLength: 8 })), { maxLength: 3 }),
  left: fc.uniqueArray(fc.nat(11), { maxLength: 2 }),
  joined: fc.integer({ min: 0, max: 2 }),
  gone: fc.uniqueArray(fc.nat(44), { maxLength: 2 }),
  came: fc.integer({ min: 0, max: 2 }),
});

function changed(
  input: PlanInput,
  turns: Turn[],
  c: typeof CHANGES extends fc.Arbitrary<infer T> ? T : never,
): PlanInput {
  const testers = input.testers.flatMap((t, i): Tester[] => {
    if (c.left.includes(i)) return [];
    const away = new Set(c.away.filter(([who]) => who === i).flatMap(([, days]) => days.map((d) => DAYS[d])));
    const free = t.free.filter((day) => !away.has(day));
    return [{ ...t, free, days: free.length }];
  });
  for (let i = 0; i < c.joined; i++)
    testers.push({ id: `UNEW${i}`, days: input.days.length, free: input.days, fixed: 0, before: 0, last: null });
  const demands = input.demands.filter((_, i) => !c.gone.includes(i));
  for (let i = 0; i < c.came; i++) demands.push({ area: `new${i}`, key: false, turns: 1, covered: false, last: null });
  return { ...input, testers, demands, turns };
}

/** Gives every turn an id, as the database does. */
const kept = (turns: readonly Turn[]) => turns.map((t, i) => ({ ...t, id: t.id ?? 1000 + i }));

describe('R21: the rest of a month is planned again', () => {
  test('R21: what changed nothing moves nothing', () => {
    fc.assert(
      fc.property(MONTHS, (input) => {
        const turns = kept(plan(input).turns);
        const again = plan({ ...input, turns });
        expect(again.turns).toEqual(turns);
        expect(again.dropped).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test('R21: only what must move moves, and the rule still holds', () => {
    fc.assert(
      fc.property(MONTHS, CHANGES, (input, change) => {
        const before = kept(plan(input).turns);
        const now = changed(input, before, change);
        const after = plan(now);
        holds(now, after);
        // Nothing is lost: each is there still, or named as dropped.
        const ids = after.turns.flatMap((t) => t.id ?? []);
        expect([...ids, ...after.dropped].sort()).toEqual(before.map((t) => t.id).sort());
        // What stays: its tester is there, and it is still wanted. Of these only so many move as the shares ask for.
        const wanted = before.filter((t) => ids.includes(t.id));
        const could = wanted.filter((t) => now.testers.find((x) => x.id === t.tester)?.free.includes(t.day));
        const share = shares(now.testers, after.turns.length, now.starts.length);
        const count = (id: string) => countOf(could, { tester: id });
        const over = now.testers.reduce((n, t, i) => n + Math.max(0, count(t.id) - (share[i]?.most ?? 0)), 0);
        const stay = now.testers.reduce((n, t, i) => n + Math.min(count(t.id), share[i]?.most ?? 0), 0);
        const lack = now.testers.reduce((n, t, i) => n + Math.max(0, (share[i]?.least ?? 0) - count(t.id)), 0);
        const must = wanted.length - could.length + over + Math.max(0, lack - (after.turns.length - stay));
        const moved = wanted.filter((t) => !after.turns.some((x) => JSON.stringify(x) === JSON.stringify(t)));
        expect(moved.length).toBeLessThanOrEqual(must);
      }),
      { numRuns: 400 },
    );
  });

  test('R21: one who falls ill has their turns of those days moved, and nobody else any', () => {
    const input = inputOf({
      days: 20,
      starts: 2,
      areas: Array.from({ length: 30 }, () => ({ key: false, times: 1, last: null })),
      testers: Array.from({ length: 5 }, () => ({ away: [], before: 0, last: null })),
    });
    const turns = kept(plan(input).turns);
    const ill = input.days.slice(4, 9);
    const testers = input.testers.map((t) =>
      t.id === 'U2' ? { ...t, free: t.free.filter((d) => !ill.includes(d)), days: 15 } : t,
    );
    const after = plan({ ...input, testers, turns });
    const moved = turns.filter((t) => !after.turns.some((x) => JSON.stringify(x) === JSON.stringify(t)));
    expect(moved.length).toBeGreaterThan(0);
    expect(moved.every((t) => t.tester === 'U2' && ill.includes(t.day))).toBe(true);
  });

  test('R21: turns of more than one can do on a day are shared out, and those that nobody has time for are dropped', () => {
    const input = inputOf({
      days: 2,
      starts: 2,
      areas: Array.from({ length: 4 }, () => ({ key: false, times: 1, last: null })),
      testers: [{ away: [], before: 0, last: null }],
    });
    const turns = kept(plan(input).turns);
    expect(turns).toHaveLength(4);
    const after = plan({ ...input, starts: [570], turns });
    expect(after.turns).toHaveLength(2);
    expect(after.dropped).toHaveLength(2);
    expect(after.leftOut).toHaveLength(2);
    const none = plan({ ...input, testers: [], turns });
    expect(none.turns).toEqual([]);
    expect(none.leftOut).toHaveLength(4);
    expect(plan({ ...input, days: [], testers: [] }).turns).toEqual([]);
  });
});

/** Tries every way to do these areas with the shares the rule gives. */
function fewest(input: PlanInput, turns: readonly Turn[]): number {
  const share = shares(input.testers, turns.length, input.starts.length);
  const places = input.testers.flatMap((t) =>
    t.free.flatMap((day) => input.starts.map((start) => ({ tester: t.id, day, start }))),
  );
  let best = Number.POSITIVE_INFINITY;
  const walk = (n: number, used: Turn[]): void => {
    const next = turns[n];
    if (!next) {
      const fair = input.testers.every((t, i) => {
        const count = countOf(used, { tester: t.id });
        return count >= (share[i]?.least ?? 0) && count <= (share[i]?.most ?? 0);
      });
      if (fair) best = Math.min(best, repeats(input.demands, input.testers, used));
      return;
    }
    for (const p of places) {
      if (used.some((u) => u.tester === p.tester && u.day === p.day && u.start === p.start)) continue;
      walk(n + 1, [...used, { ...next, ...p }]);
    }
  };
  walk(0, []);
  return best;
}
