import type { Demand, PlanInput, Tester, Turn } from './plan-types.ts';

/** In the order in which they are tested. */
export function inOrder(a: Turn, b: Turn): number {
  if (a.day !== b.day) return a.day < b.day ? -1 : 1;
  return a.start - b.start || (a.tester < b.tester ? -1 : a.tester > b.tester ? 1 : 0);
}

/**
 * R21: how often somebody gets the same area twice running: an area is tested by who tested it last, or a person's next turn is the
 * area of their last. @param turns of the plan, in any order
 */
export function repeats(demands: readonly Demand[], testers: readonly Tester[], turns: readonly Turn[]): number {
  const lastOf = new Map<string, string | null>();
  for (const d of demands) lastOf.set(`area ${d.area}`, d.last);
  for (const t of testers) lastOf.set(`tester ${t.id}`, t.last);
  let found = 0;
  for (const { area, tester } of [...turns].sort(inOrder)) {
    if (lastOf.get(`area ${area}`) === tester) found++;
    if (lastOf.get(`tester ${tester}`) === area) found++;
    lastOf.set(`area ${area}`, tester);
    lastOf.set(`tester ${tester}`, area);
  }
  return found;
}

/** How many days an area's turns are too near together, and a day too full: less is better. */
function crowding(turns: readonly Turn[]): number {
  const seen = new Set<string>();
  let found = 0;
  for (const { area, day } of turns) {
    const at = `${day} ${area}`;
    if (seen.has(at)) found++;
    seen.add(at);
  }
  return found;
}

/** What each tester may still take, and has taken so far. */
export interface Room {
  least: number;
  most: number;
  taken: number;
}

/**
 * Avoids repeats as far as small steps help: two turns exchange their areas, or a turn goes to another day, of its tester or of one with
 * room; two or three steps at once where few turns are loose. Only `loose` turns are touched. Each change makes it better, so it ends;
 * steps are tried in a fixed order, so it is the same every time.
 */
export function untangle(
  input: PlanInput,
  kept: readonly Turn[],
  loose: Turn[],
  room: ReadonlyMap<string, Room>,
): void {
  const all = [...kept, ...loose];
  const worth = () => repeats(input.demands, input.testers, all) * REPEAT + crowding(all);
  let now = worth();
  let tries = TRIES;
  const improve = (steps: number): boolean => {
    for (const step of stepsOf({ input, all, loose, room })) {
      if (tries-- <= 0) return false;
      const undo = step();
      if (!undo) continue;
      const then = worth();
      if (then < now) {
        now = then;
        return true;
      }
      if (steps > 1 && improve(steps - 1)) return true;
      undo();
    }
    return false;
  };
  while (now >= REPEAT && (improve(1) || (loose.length <= 12 && improve(2)) || (loose.length <= 5 && improve(3))));
}

/** One repeat is worse than any crowding. */
const REPEAT = 1000;
/** A bound on the time that a month takes in which repeats cannot be avoided; others need some dozens. */
const TRIES = 5_000;

interface Board {
  input: PlanInput;
  all: readonly Turn[];
  loose: readonly Turn[];
  room: ReadonlyMap<string, Room>;
}
/** How to undo it; undefined when it cannot be done. */
type Undo = (() => void) | undefined;
type Step = () => Undo;

function* stepsOf(board: Board): Generator<Step> {
  for (const [i, a] of board.loose.entries()) {
    for (const b of board.loose.slice(i + 1)) if (a.area !== b.area) yield () => exchange(a, b);
  }
  const { testers, starts } = board.input;
  for (const turn of board.loose) {
    for (const tester of testers) {
      for (const day of tester.free) for (const start of starts) yield () => move(board, turn, tester, { day, start });
    }
  }
}

function exchange(a: Turn, b: Turn): () => void {
  const swap = () => {
    [a.area, b.area] = [b.area, a.area];
    [a.id, b.id] = [b.id, a.id];
  };
  swap();
  return swap;
}

function move({ all, input, room }: Board, turn: Turn, tester: Tester, to: Pick<Turn, 'day' | 'start'>): Undo {
  const was = { ...turn };
  const [giver, taker] = [room.get(turn.tester) as Room, room.get(tester.id) as Room];
  if (giver !== taker && (giver.taken <= giver.least || taker.taken >= taker.most)) return undefined;
  const there = all.filter((t) => t !== turn && t.tester === tester.id && t.day === to.day);
  if (there.length >= input.starts.length || there.some((t) => t.start === to.start)) return undefined;
  const count = (by: number) => {
    giver.taken -= by;
    taker.taken += by;
  };
  count(1);
  Object.assign(turn, to, { tester: tester.id });
  return () => {
    count(-1);
    Object.assign(turn, was);
  };
}
