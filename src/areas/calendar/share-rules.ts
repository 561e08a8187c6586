import type { Share, Tester } from './plan-types.ts';

/**
 * R21: what each tester's share of the turns is: in proportion to the days they are there, but not less than what is fixed and not
 * more than they have room for. Rounded up or down; so the counts of testers who are there equally, with equal room, differ by at most one.
 * @param turns to be shared, those that are fixed not included; at most what all have room for @param perDay turns of one tester on one day
 * @returns in the order of the testers; turns that are not fixed
 */
export function shares(testers: readonly Tester[], turns: number, perDay: number): Share[] {
  const bounds = testers.map((t) => ({ days: t.days, low: t.fixed, high: t.fixed + t.free.length * perDay }));
  const level = waterLevel(
    bounds,
    bounds.reduce((sum, b) => sum + b.low, turns),
  );
  return bounds.map((b) => {
    const exact = exactShare(b, level);
    const least = Math.floor(exact);
    return { least: least - b.low, most: Math.ceil(exact) - b.low, part: exact - least };
  });
}

type Bounds = { days: number; low: number; high: number };
/** A fraction of whole numbers, so that shares that come out even do so exactly. */
type Level = { over: number; under: number };

function exactShare({ days, low, high }: Bounds, { over, under }: Level): number {
  return Math.min(high, Math.max(low, (days * over) / under));
}

const EVEN = 1e-9;

/** How many turns a day there is worth, so that all shares together are `total`. */
function waterLevel(bounds: readonly Bounds[], total: number): Level {
  const there = bounds.filter((b) => b.days > 0);
  const steps: Level[] = there
    .flatMap((b) => [b.low, b.high].map((over) => ({ over, under: b.days })))
    .sort((a, b) => a.over * b.under - b.over * a.under);
  const sum = (level: Level) => bounds.reduce((all, b) => all + exactShare(b, level), 0);
  // The sum grows with the level, in a straight line between two steps.
  const at = steps.findIndex((level) => sum(level) >= total - EVEN);
  const upper = steps[at];
  const lower = steps[at - 1];
  if (!upper) return { over: 0, under: 1 };
  if (!lower) return upper;
  const between = there.filter(
    (b) => b.low * lower.under <= lower.over * b.days && b.high * upper.under >= upper.over * b.days,
  );
  const days = between.reduce((all, b) => all + b.days, 0);
  const others = bounds.reduce((all, b) => all + (between.includes(b) ? 0 : exactShare(b, upper)), 0);
  return days ? { over: total - Math.round(others), under: days } : upper;
}
