import type { Demand, Plan, PlanInput, Share, Tester, Turn } from './plan-types.ts';
import { shares } from './share-rules.ts';
import { inOrder, type Room, untangle } from './turn-rules.ts';

/**
 * R21: plans the days that can still be planned. Every area is covered if there is room for it, key areas more often; testers'
 * counts follow the days they are there; nobody gets the same area twice running where that can be avoided.
 * A turn that is planned already stays as it is unless its tester is not there, it is needed no more, or the counts would not come out
 * even. The same input gives the same plan.
 */
export function plan(input: PlanInput): Plan {
  const known = standing(input);
  const wanted = choose(input, known);
  const kept = wanted.turns.filter((t) => known.has(t));
  const ranges = shares(input.testers, wanted.turns.length, input.starts.length);
  const share = new Map(input.testers.map((t, i) => [t.id, ranges[i] as Share]));
  const stay = retain(kept, share, wanted.turns.length);
  const staying = new Set(stay);
  const loose = wanted.turns.filter((t) => !staying.has(t)).map((t) => ({ ...t }));
  const room = deal(input, stay, loose, share);
  place(input, stay, loose);
  untangle(input, stay, loose, room);
  return { ...wanted, turns: [...stay, ...loose].sort(inOrder) };
}

/** Those of the turns that can stay: the tester is there that day, and has no more turns on it than there are starts. */
function standing(input: PlanInput): Set<Turn> {
  const free = new Map(input.testers.map((t) => [t.id, new Set(t.free)]));
  const onDay = new Map<string, number>();
  const stay = new Set<Turn>();
  for (const turn of [...input.turns].sort(inOrder)) {
    const at = `${turn.tester} ${turn.day}`;
    const before = onDay.get(at) ?? 0;
    if (!free.get(turn.tester)?.has(turn.day) || before >= input.starts.length) continue;
    onDay.set(at, before + 1);
    stay.add(turn);
  }
  return stay;
}

type Wanted = Pick<Plan, 'turns' | 'dropped' | 'leftOut' | 'short'>;

/**
 * Which turns there are to be. Where there is no room for all, what covers an area comes before what tests one again, key areas come
 * before others, and then the policy's order decides. Of an area's turns those that can stay come first.
 */
function choose(input: PlanInput, known: ReadonlySet<Turn>): Wanted {
  const room = input.testers.reduce((sum, t) => sum + t.free.length * input.starts.length, 0);
  const days = input.days.filter((day) => input.testers.some((t) => t.free.includes(day))).length;
  const queue = input.demands.flatMap((demand, index) => {
    const rank = demand.covered ? 1 : 0;
    return turnsOf(input, known, demand, Math.min(demand.turns, days)).map((turn, n) => ({
      turn,
      order: [n + rank, demand.key ? 0 : 1, index],
    }));
  });
  queue.sort((a, b) => a.order.reduce((by, n, i) => by || n - (b.order[i] as number), 0));
  const turns = queue.slice(0, room).map((q) => q.turn);
  const ids = new Set(turns.map((t) => t.id));
  const count = new Map<string, number>();
  for (const { area } of turns) count.set(area, (count.get(area) ?? 0) + 1);
  const less = input.demands.filter((d) => (count.get(d.area) ?? 0) < d.turns);
  const none = (d: Demand) => !d.covered && !count.has(d.area);
  return {
    turns,
    dropped: input.turns.flatMap((t) => (t.id !== null && !ids.has(t.id) ? [t.id] : [])),
    leftOut: less.filter(none).map((d) => d.area),
    short: less.filter((d) => !none(d)).map((d) => d.area),
  };
}

function turnsOf(input: PlanInput, known: ReadonlySet<Turn>, { area }: Demand, count: number): Turn[] {
  const there = input.turns
    .filter((t) => t.area === area)
    .sort((a, b) => Number(known.has(b)) - Number(known.has(a)) || inOrder(a, b));
  const fresh = (): Turn => ({ id: null, area, tester: '', day: '', start: 0 });
  return Array.from({ length: count }, (_, n) => there[n] ?? fresh());
}

/** The turns that stay, when nobody may have more than their share and the others must have theirs. The latest are given away first. */
function retain(kept: readonly Turn[], share: ReadonlyMap<string, Share>, total: number): Turn[] {
  const by = new Map<string, Turn[]>([...share.keys()].map((id) => [id, []]));
  for (const turn of [...kept].sort(inOrder)) by.get(turn.tester)?.push(turn);
  const mine = (id: string) => by.get(id) as Turn[];
  for (const [id, s] of share) mine(id).splice(s.most);
  const missing = () => [...share].reduce((sum, [id, s]) => sum + Math.max(0, s.least - mine(id).length), 0);
  const spare = () => total - [...by.values()].reduce((sum, turns) => sum + turns.length, 0);
  const rich = [...share].filter(([id, s]) => mine(id).length > s.least).sort(([, a], [, b]) => a.part - b.part);
  for (const [id] of rich) {
    if (missing() <= spare()) break;
    mine(id).pop();
  }
  return [...by.values()].flat();
}

/**
 * Gives every loose turn a tester. First so that no area goes twice to the same person (nor to who had it last): everybody gets at least
 * their least, found by augmenting paths, then some get one more. What then has nobody goes to whoever has room.
 */
function deal(
  input: PlanInput,
  stay: readonly Turn[],
  loose: readonly Turn[],
  share: ReadonlyMap<string, Share>,
): Map<string, Room> {
  const room = new Map<string, Room>();
  for (const { id } of input.testers) {
    const { least, most } = share.get(id) as Share;
    const taken = stay.filter((t) => t.tester === id).length;
    room.set(id, { least, most, taken });
  }
  const match = matcher(input, stay, room);
  let left = loose.filter((turn) => !match.give(turn));
  const missing = () => [...room.values()].reduce((sum, r) => sum + Math.max(0, r.least - r.taken), 0);
  const order = preferred(input.testers, share);
  for (const id of order) {
    const r = room.get(id) as Room;
    if (left.length <= missing()) break;
    if (r.taken >= r.most || r.taken < r.least) continue;
    match.raise(id);
    left = takeOne(left, match.give);
  }
  for (const turn of left) {
    const has = (id: string, upTo: 'least' | 'most') => (room.get(id) as Room).taken < (room.get(id) as Room)[upTo];
    // The shares together have room for all.
    match.force(turn, (order.find((id) => has(id, 'least')) ?? order.find((id) => has(id, 'most'))) as string);
  }
  match.write();
  return room;
}

/** Without the first that could be given. */
function takeOne(left: readonly Turn[], give: (turn: Turn) => boolean): Turn[] {
  const given = left.findIndex(give);
  return left.filter((_, i) => i !== given);
}

/** Who gets the odd turn: whose share is the most above what they have for certain, then who had fewer before. */
function preferred(testers: readonly Tester[], share: ReadonlyMap<string, Share>): string[] {
  const part = (t: Tester) => share.get(t.id)?.part as number;
  return [...testers].sort((a, b) => part(b) - part(a) || a.before - b.before).map((t) => t.id);
}

/** Gives turns to testers so that no tester has an area twice, giving others away again where that makes room. */
function matcher(input: PlanInput, stay: readonly Turn[], room: ReadonlyMap<string, Room>) {
  const cap = new Map([...room].map(([id, r]) => [id, r.least]));
  const has = new Map<string, Turn[]>(input.testers.map((t) => [t.id, []]));
  const barred = new Set(stay.map((t) => `${t.tester} ${t.area}`));
  for (const d of input.demands) barred.add(`${d.last} ${d.area}`);
  for (const t of input.testers) barred.add(`${t.id} ${t.last}`);
  const indexOf = new Map(input.demands.map((d, i) => [d.area, i]));
  const ids = input.testers.map((t) => t.id);
  const change = (id: string, by: number) => {
    (room.get(id) as Room).taken += by;
  };
  const give = (turn: Turn, seen: Set<string> = new Set()): boolean => {
    // Everybody begins elsewhere, so that areas that follow one another go to different people.
    const from = (indexOf.get(turn.area) as number) % ids.length;
    for (const id of [...ids.slice(from), ...ids.slice(0, from)]) {
      const mine = has.get(id) as Turn[];
      if (seen.has(id) || barred.has(`${id} ${turn.area}`) || mine.some((t) => t.area === turn.area)) continue;
      seen.add(id);
      const full = (room.get(id) as Room).taken >= (cap.get(id) as number);
      const at = full ? mine.findIndex((other) => give(other, seen)) : mine.length;
      if (at < 0) continue;
      if (full) change(id, -1);
      mine[at] = turn;
      change(id, 1);
      return true;
    }
    return false;
  };
  return {
    give: (turn: Turn) => ids.length > 0 && give(turn),
    raise: (id: string) => cap.set(id, (cap.get(id) as number) + 1),
    force: (turn: Turn, id: string) => {
      (has.get(id) as Turn[]).push(turn);
      change(id, 1);
    },
    write: () => {
      for (const [id, mine] of has) for (const turn of mine) turn.tester = id;
    },
  };
}

/** A turn that is tried again comes a golden part of the month later than the one before: areas are spread evenly whatever their number. */
const GOLDEN = 0.618_034;

/** Gives every loose turn a day and a start: an area's turns far apart, the days about equally full. */
function place(input: PlanInput, stay: readonly Turn[], loose: readonly Turn[]): void {
  const testers = new Map(input.testers.map((t) => [t.id, t]));
  const index = new Map(input.demands.map((d, i) => [d.area, i]));
  const position = new Map(input.days.map((day, i) => [day, i]));
  const total = new Map<string, number>();
  for (const { area } of [...stay, ...loose]) total.set(area, (total.get(area) ?? 0) + 1);
  const average = (stay.length + loose.length) / input.days.length;
  const load = new Map<string, number>();
  const busy = new Map<string, number[]>();
  const daysOf = new Map<string, string[]>();
  const use = ({ area, tester, day, start }: Turn) => {
    load.set(day, (load.get(day) ?? 0) + 1);
    busy.set(`${tester} ${day}`, [...(busy.get(`${tester} ${day}`) ?? []), start]);
    daysOf.set(area, [...(daysOf.get(area) ?? []), day]);
  };
  for (const turn of stay) use(turn);
  for (const turn of loose) {
    const others = daysOf.get(turn.area) ?? [];
    const part = ((index.get(turn.area) as number) * GOLDEN) % 1;
    const target = ((others.length + part) / (total.get(turn.area) as number)) * input.days.length;
    let least = Number.POSITIVE_INFINITY;
    for (const day of (testers.get(turn.tester) as Tester).free) {
      const taken = busy.get(`${turn.tester} ${day}`) ?? [];
      if (taken.length >= input.starts.length) continue;
      const same = others.includes(day) ? 50 : 0;
      const away = Math.abs((position.get(day) as number) + 0.5 - target);
      const cost = same + away + taken.length * 4 + Math.max(0, (load.get(day) ?? 0) + 1 - average) * 2;
      if (cost >= least) continue;
      least = cost;
      turn.day = day;
      turn.start = input.starts.find((start) => !taken.includes(start)) as number;
    }
    use(turn);
  }
}
