// What happens on the day, drawn from the seed: who does what to which release, by which road, and when.
import { type Random, randomOf } from './random.ts';
import type { Road } from './record.ts';
import { ADMINS, BOTH, CASES, ENGINEERS, GUEST, OPERATORS, PEOPLE, PRODUCTS, TESTED } from './team.ts';

/** One thing somebody means to do. `at` is in parts of the day, 0 to 1. */
export interface Step {
  at: number;
  person: string;
  what: What;
  road: Road;
  undo?: boolean;
  /** A commit, a test case, a reason. */
  text?: string;
  release: Release;
}

export type What =
  | 'open'
  | 'eyes'
  | 'away'
  | 'lgtm'
  | 'mention'
  | 'retract'
  | 'hold'
  | 'unhold'
  | 'candidate'
  | 'pass'
  | 'ship'
  | 'shipped'
  | 'failed'
  | 'check'
  | 'verify'
  | 'rollback'
  | 'cancel'
  | 'bug'
  | 'downgrade'
  | 'agree'
  | 'answer';

export interface Release {
  n: number;
  product: string;
  version: string;
  kind: 'scheduled' | 'emergency';
  manager: string;
  commit: string;
}

export const nameOf = (release: Pick<Release, 'product' | 'version'>) => `${release.product} ${release.version}`;

/** The steps of all releases in the order of the day. @param count how many releases */
export function releaseDay(seed: number, count: number): { releases: Release[]; steps: Step[] } {
  const releases = Array.from({ length: count }, (_, n) => releaseOf(seed, n));
  const steps = releases.flatMap((release) => storyOf(release, randomOf(seed, 'story', release.n)));
  return { releases, steps: steps.sort((a, b) => a.at - b.at) };
}

function releaseOf(seed: number, n: number): Release {
  const random = randomOf(seed, 'release', n);
  const again = n >= PRODUCTS.length;
  return {
    n,
    // The first products are those with test cases; the last are pushed outside the cadence too.
    product: PRODUCTS[again ? PRODUCTS.length - 1 - (n % PRODUCTS.length) : n] as string,
    version: again ? 'v1.0.1' : 'v1.0.0',
    kind: again ? 'emergency' : 'scheduled',
    manager: random.pick([...ENGINEERS, ...BOTH]),
    commit: commitOf(random),
  };
}

const commitOf = (random: Random) => random.between(0x1000000, 0xfffffff).toString(16);

function storyOf(release: Release, random: Random): Step[] {
  const steps: Step[] = [];
  const begin = release.kind === 'emergency' ? 0.25 + random.next() * 0.2 : random.next() * 0.2;
  const add = (from: number, to: number, step: Omit<Step, 'at' | 'release'>) =>
    steps.push({ ...step, release, at: begin + (from + random.next() * (to - from)) * (1 - begin) });
  const crew = random.some(OPERATORS, random.between(3, 5));
  const lead = release.manager;

  // Whoever sees no card tries again.
  const road = random.chance(0.25) ? 'form' : 'command';
  for (const at of [0, 0.04, 0.08, 0.12]) add(at, at, { person: lead, what: 'open', road });
  for (const person of crew) {
    add(0.06, 0.2, { person, what: 'eyes', road: random.pick(['reaction', 'reaction', 'button', 'command'] as const) });
    const road = random.pick(['reaction', 'reaction', 'word', 'button', 'command'] as const);
    add(0.2, 0.42, { person, what: 'lgtm', road });
    if (random.chance(0.3)) undo(person, road, 0.3, 0.55);
    if (random.chance(0.45)) {
      const second = random.pick(['reaction', 'word', 'button', 'command'] as const);
      add(0.5, 0.68, { person, what: 'lgtm', road: second });
      if (random.chance(0.2)) undo(person, second, 0.6, 0.75);
    }
    for (let i = 0; i < 2; i++) add(0.35, 0.8, { person, what: 'answer', road: 'button' });
  }
  function undo(person: string, road: Road, from: number, to: number): void {
    if (random.chance(0.35))
      add(from, to, { person, what: 'retract', road: random.pick(['command', 'button'] as const) });
    else add(from, to, { person, what: 'lgtm', road: road === 'word' ? 'word' : 'reaction', undo: true });
  }

  if (TESTED.includes(release.product))
    for (const text of CASES) {
      add(0.14, 0.3, { person: random.pick(crew), what: 'pass', road: 'command', text });
      add(0.3, 0.5, { person: random.pick(crew), what: 'pass', road: 'command', text });
    }
  // Who must never count: the manager, a guest whom the policy calls an operator, and people of no role.
  if (random.chance(0.5)) add(0.1, 0.6, { person: lead, what: 'lgtm', road: 'reaction' });
  if (random.chance(0.4)) {
    const outsider = random.pick([GUEST, ...PEOPLE.slice(12)]);
    add(0.06, 0.3, { person: outsider, what: 'eyes', road: random.pick(['reaction', 'command'] as const) });
    add(0.2, 0.6, { person: outsider, what: 'lgtm', road: random.pick(['reaction', 'word', 'command'] as const) });
  }
  if (random.chance(0.3)) add(0.2, 0.7, { person: random.pick(crew), what: 'mention', road: 'word' });
  if (random.chance(0.25)) add(0.25, 0.6, { person: random.pick(crew), what: 'away', road: 'command' });
  if (random.chance(0.25)) add(0.25, 0.6, { person: random.pick(crew), what: 'eyes', road: 'reaction', undo: true });
  if (random.chance(0.35)) {
    const person = random.pick(PEOPLE.filter((one) => one !== GUEST));
    const road = random.pick(['reaction', 'command', 'button'] as const);
    add(0.2, 0.5, { person, what: 'hold', road });
    if (road === 'reaction') add(0.5, 0.62, { person, what: 'hold', road, undo: true });
    else add(0.5, 0.62, { person, what: 'unhold', road: 'command' });
    add(0.6, 0.66, { person: lead, what: 'unhold', road: 'command' });
  }
  if (random.chance(0.35))
    add(0.3, 0.55, {
      person: random.pick([lead, ...ENGINEERS]),
      what: 'candidate',
      road: 'command',
      text: commitOf(random),
    });
  if (random.chance(0.3)) {
    const [one = '', two = ''] = random.some(OPERATORS, 2);
    const text = `Broken ${nameOf(release)} ${random.between(100, 999)}`;
    add(0.15, 0.4, { person: random.pick(crew), what: 'bug', road: 'form', text });
    add(0.45, 0.5, { person: one, what: 'downgrade', road: 'command', text });
    add(0.52, 0.6, { person: two, what: 'agree', road: 'command', text });
    add(0.62, 0.66, { person: one, what: 'agree', road: 'command', text });
  }
  if (random.chance(0.1)) add(0.3, 0.7, { person: random.pick([lead, ...ADMINS]), what: 'cancel', road: 'command' });
  for (let i = 0; i < 2; i++) {
    const road = random.pick(['command', 'button'] as const);
    add(0.68 + i * 0.08, 0.76 + i * 0.08, { person: random.pick([lead, lead, ...ADMINS]), what: 'ship', road });
  }
  if (random.chance(0.12)) add(0.78, 0.86, { person: lead, what: 'failed', road: 'command', text: 'the build broke' });
  for (let i = 0; i < 2; i++)
    add(0.76 + i * 0.1, 0.82 + i * 0.06, {
      person: lead,
      what: 'shipped',
      road: random.pick(['command', 'button'] as const),
    });
  for (const person of crew) {
    add(0.82, 0.9, { person, what: 'check', road: random.pick(['reaction', 'command', 'button'] as const) });
    add(0.9, 1, { person, what: 'verify', road: random.pick(['reaction', 'command', 'button'] as const) });
  }
  if (random.chance(0.12)) add(0.8, 1, { person: random.pick([lead, ...crew]), what: 'rollback', road: 'command' });
  return steps;
}
