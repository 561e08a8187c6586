import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evolve } from '../../../src/areas/releases/evolve.ts';
import { counted, present } from '../../../src/areas/releases/facts.ts';
import { decide } from '../../../src/areas/releases/rules.ts';
import { TABLE } from '../../../src/areas/releases/table.ts';
import type { Act, Facts, ReviewPolicy, State } from '../../../src/areas/releases/types.ts';
import type { Actor } from '../../../src/base/actor.ts';
import { ADA, ADMIN, aBlocker, BEN, CAS, ENG, EVE, MAX, NOBODY, person, someFacts, T0 } from '../../support/facts.ts';
import { MOVES } from '../../support/verdicts.ts';

const MINUTE = 60_000;
const GUEST: Actor = { ...person('UGUEST', 'operator', 'admin'), standing: 'guest' };
const BOT: Actor = { ...person('UBOT', 'operator', 'admin'), standing: 'bot' };
/** An admin who is an operator, and one who lost the role half-way through the day. */
const ADO = person('UADO', 'admin', 'operator');
const LEFT_TEAM: Actor = { ...BEN, roles: new Set() };
const PEOPLE = { ADA, BEN, CAS, ADO, MAX, EVE, ENG, ADMIN, NOBODY, GUEST, BOT, LEFT_TEAM };
type Name = keyof typeof PEOPLE;

/** What happens: an act of a person, or something around the release that other areas write. */
type Step =
  | { do: 'act'; who: Name; act: Act }
  | { do: 'wait'; minutes: number }
  | { do: 'blocker' | 'fixed' | 'reconciled' | 'cases' | 'cases_done' }
  /** GitHub's word on a candidate: on the commit it is told with the act, or later by this. */
  | { do: 'verified'; candidate: number };

/** The tree of each commit that is ever named. */
const TREES: Record<string, string> = {
  abc1234: 'T1',
  abc1234def: 'T1',
  def5678: 'T2',
  '0a0a0a0': 'T1',
  fff9999: 'T3',
};

/**
 * The rules once more, from their text alone: a diary of what was done, and what follows from it. It reads nothing of the
 * code under test but whether an act was refused, and the ids candidates were given.
 */
class Oracle {
  now = T0.getTime();
  blockers = 0;
  unfinished = 0;
  holds: { who: string; emergency: boolean; id: number }[] = [];
  candidate = 101;
  /** candidate: until it is live; production: after. */
  stage: 'candidate' | 'production' = 'candidate';
  lastAct = { candidate: new Map<string, number>(), production: new Map<string, number>() };
  /** Every sign-off not taken back, oldest first; `void` once something interrupted it. */
  signed: { stage: 'candidate' | 'production'; who: string; candidate: number; void: boolean }[] = [];
  /** What GitHub said of which candidate. */
  trees = new Map<number, string>();
  authors = [EVE.id];
  readonly separation: boolean;

  constructor(separation: boolean) {
    this.separation = separation;
  }

  /** Operators only; no bots or guests; not the manager, not an author while separation of duties is on. */
  eligible(who: Actor): boolean {
    if (who.standing !== 'member' || !who.roles.has('operator')) return false;
    return !this.separation || (who.id !== MAX.id && !this.authors.includes(who.id));
  }

  /** Said they are here, not away since, and never four hours without an act. */
  here(stage: 'candidate' | 'production'): string[] {
    return [...this.lastAct[stage]].filter(([, at]) => this.now - at < 240 * MINUTE).map(([id]) => id);
  }

  open(): boolean {
    return this.holds.length > 0 || this.blockers > 0 || this.unfinished > 0;
  }

  /** Who has signed what is current, and nothing came since that makes it void. */
  valid(stage: 'candidate' | 'production'): string[] {
    const counts = this.signed.filter((s) => s.stage === stage && s.candidate === this.candidate && !s.void);
    return [...new Set(counts.map((s) => s.who))];
  }

  /** What was signed until now counts only after a new act of its giver. Once live, the candidate's are history. */
  interrupt() {
    for (const s of this.signed) if (s.stage === this.stage) s.void = true;
  }

  /** R3: the newest sign-off each person gave to a commit with this very tree is one of the current commit too, if they have none. */
  carryOver(tree: string) {
    const had = new Set(this.signed.filter((s) => s.candidate === this.candidate).map((s) => s.who));
    for (const s of this.signed
      .filter((x) => x.stage === 'candidate' && this.trees.get(x.candidate) === tree)
      .reverse()) {
      if (had.has(s.who)) continue;
      had.add(s.who);
      this.signed.push({ ...s, candidate: this.candidate });
      count('carried');
    }
  }

  /** R4: what an author signed never counted, nor did their eyes; what was frozen stays as it was. */
  wrote(people: string[], state: State) {
    this.authors.push(...people);
    if (!this.separation) return;
    for (const stage of ['candidate', 'production'] as const) {
      for (const who of people) this.lastAct[stage].delete(who);
      const stays = this.frozen(stage, state);
      this.signed = this.signed.filter((s) => stays || s.stage !== stage || !people.includes(s.who));
    }
  }

  /** Whether this LGTM has to be accepted, in this state. */
  mayLgtm(who: Actor, act: Extract<Act, { kind: 'lgtm' }>, state: State): boolean {
    if (!this.eligible(who) || this.open()) return false;
    if (act.candidateId !== undefined && act.candidateId !== this.candidate) return false;
    return (state === 'testing' || state === 'approved') && this.here('candidate').includes(who.id);
  }

  mayVerify(who: Actor, act: Extract<Act, { kind: 'verify' }>, state: State): boolean {
    // What an emergency holds is what waits to ship: production is checked all the same.
    if (!this.eligible(who) || this.holds.some((h) => !h.emergency) || this.blockers) return false;
    if (act.candidateId !== undefined && act.candidateId !== this.candidate) return false;
    const here = this.here('production');
    return state === 'verifying' && here.length >= 2 && here.includes(who.id);
  }

  /** Writes down an act that was accepted in `state`. */
  accepted(who: Actor, act: Act, state: State, f: Facts) {
    const shipping = state === 'shipping';
    for (const stage of ['candidate', 'production'] as const)
      if (this.here(stage).includes(who.id) && act.kind !== 'tick') this.lastAct[stage].set(who.id, this.now);
    if (act.kind === 'ready') this.lastAct[this.stage].set(who.id, this.now);
    if (act.kind === 'away') this.lastAct[act.stage ?? this.stage].delete(who.id);
    if (act.kind === 'lgtm' || act.kind === 'verify') {
      const stage = act.kind === 'lgtm' ? 'candidate' : 'production';
      this.signed.push({ stage, who: who.id, candidate: this.candidate, void: false });
    }
    if (act.kind === 'retract') this.retracted(who, act, state);
    if (act.kind === 'candidate') {
      this.candidate = f.candidates.at(-1)?.id ?? 0;
      if (act.verifiedTree) this.trees.set(this.candidate, act.verifiedTree);
      if (act.verifiedTree) this.carryOver(act.verifiedTree);
      this.holds = this.holds.filter((h) => !h.emergency);
    }
    if (act.kind === 'hold' || act.kind === 'emergency_opened') {
      const known = new Set(this.holds.map((h) => h.id));
      const set = f.holds.filter((h) => !h.liftedAt && !known.has(h.id));
      for (const h of set) this.holds.push({ who: h.person, emergency: act.kind !== 'hold', id: h.id });
      if (set.length && !shipping) this.interrupt();
    }
    if (act.kind === 'unhold') {
      const may = (h: (typeof this.holds)[number]) =>
        who.roles.has('admin') || (!h.emergency && (h.who === who.id || who.id === MAX.id));
      const own = this.holds.filter((h) => h.who === who.id && !h.emergency);
      const gone = (own.length ? own : this.holds).filter(may);
      expect(gone, 'an unhold lifts something').not.toEqual([]);
      this.holds = this.holds.filter((h) => !gone.includes(h));
    }
    if (act.kind === 'emergency_cancelled') this.holds = this.holds.filter((h) => !h.emergency);
    if (act.kind === 'tree_verified') {
      this.trees.set(act.candidateId, act.tree);
      if (this.trees.get(this.candidate) === act.tree) this.carryOver(act.tree);
    }
    if (act.kind === 'authors_known') this.wrote(act.authors, state);
    if (act.kind === 'shipped') this.stage = 'production';
    if (act.kind === 'failed') this.interrupt();
  }

  retracted(who: Actor, act: Extract<Act, { kind: 'retract' }>, state: State) {
    const live = this.signed.some((s) => s.stage === 'production' && s.who === who.id);
    const stage = act.stage ?? (live ? 'production' : 'candidate');
    if (this.frozen(stage, state)) return;
    this.signed = this.signed.filter((s) => s.stage !== stage || s.who !== who.id);
  }

  /** R8: what led to the push, and to done, is not rewritten afterwards. */
  frozen(stage: 'candidate' | 'production', state: State): boolean {
    return stage === 'candidate' ? ['shipping', 'verifying', 'done'].includes(state) : state === 'done';
  }
}

/** Frozen all the way down: the rules must not write to what they are given. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}

/** What identifies each row, so that none is ever lost. */
function rows(f: Facts): string[] {
  return [
    ...f.candidates.map((c) => `candidate ${c.id} ${c.commit}`),
    ...f.presences.map((p) => `presence ${p.stage} ${p.person}`),
    ...f.signOffs.map((s) => `sign-off ${s.id} ${s.candidateId} ${s.stage} ${s.person}`),
    ...f.holds.map((h) => `hold ${h.id} ${h.person}`),
  ];
}

/** R9: a slot of 90 minutes every three hours of every day; all is frozen for two hours, six hours after the start. */
const SLOTS: ReviewPolicy['slots'] = {
  zone: 'UTC',
  holidays: [],
  cadence: {
    slots: [0, 180, 360, 540, 720, 900, 1080, 1260],
    days: [1, 2, 3, 4, 5, 6, 7],
    graceMinutes: 90,
    proposeMinutesBefore: 30,
  },
};
const FROZEN = { from: T0.getTime() + 360 * MINUTE, to: T0.getTime() + 480 * MINUTE };

/** R9, read anew: the moments in which a scheduled release may ship. */
function mayShipAt(now: number): boolean {
  return (now / MINUTE) % 180 <= 90 && !(now >= FROZEN.from && now < FROZEN.to);
}

/** Times each thing happened over all runs: a property that never reaches what it is about proves nothing. */
const reached: Record<string, number> = {};
const count = (what: string) => {
  reached[what] = (reached[what] ?? 0) + 1;
};

interface World {
  f: Facts;
  oracle: Oracle;
  /** How many were ever filed. */
  blockers: number;
  policy: ReviewPolicy;
}

function takeStep(w: World, step: Step) {
  const { f, oracle } = w;
  if (step.do === 'wait') oracle.now += step.minutes * MINUTE;
  if (step.do === 'reconciled') w.f = { ...f, release: { ...f.release, reconciledAt: new Date(oracle.now) } };
  if (step.do === 'cases' || step.do === 'cases_done') {
    oracle.unfinished = step.do === 'cases' ? 1 : 0;
    w.f = { ...f, unfinished: { candidate: oracle.unfinished, production: 0 } };
  }
  if (step.do === 'fixed') {
    oracle.blockers = 0;
    w.f = { ...f, blockers: [] };
  }
  if (step.do === 'blocker') {
    // What triage writes is the bug alone; the release sees it at its next look.
    const late = ['shipping', 'verifying', 'done', 'rolled_back'].includes(f.release.state);
    oracle.blockers++;
    if (!late) oracle.interrupt();
    w.blockers++;
    w.f = { ...f, blockers: [...f.blockers, aBlocker({ id: w.blockers })] };
  }
  const named = step.do === 'verified' ? f.candidates.find((c) => c.id === step.candidate) : undefined;
  const tree = named && TREES[named.commit];
  if (named && tree) return takeAct(w, ADMIN, { kind: 'tree_verified', candidateId: named.id, tree });
  takeAct(w, step.do === 'act' ? PEOPLE[step.who] : ADMIN, step.do === 'act' ? step.act : { kind: 'tick' });
}

function takeAct(w: World, actor: Actor, act: Act) {
  const { f, oracle, policy } = w;
  const now = new Date(oracle.now);
  frozen(f);
  const d = decide(f, actor, act, policy, now);
  const settled = evolve(f, d.settled, now);
  const after = evolve(frozen(settled), d.changes, now);
  const was = settled.release.state;

  expect(decide(structuredClone(f), actor, act, policy, now), 'the same again').toEqual(d);
  expect(decide(f, ADMIN, { kind: 'tick' }, policy, now), 'time is the same for all').toEqual({
    settled: d.settled,
    changes: [],
  });
  if (d.refusal) {
    expect(d.changes).toEqual([]);
    expect(d.refusal.reason && d.refusal.next && d.refusal.code).toBeTruthy();
    count(`refused ${d.refusal.code}`);
    if (d.refusal.code === 'slot' || d.refusal.code === 'frozen') {
      expect(act.kind === 'ship' && f.release.kind === 'scheduled', 'only a scheduled one waits for its slot').toBe(
        true,
      );
      expect(mayShipAt(oracle.now)).toBe(false);
    }
  }
  const kept = new Set(rows(after));
  expect(rows(f).filter((row) => !kept.has(row))).toEqual([]);
  checkMoves(w, actor, act, d);
  if (act.kind === 'lgtm') expect(!d.refusal, 'LGTM accepted').toBe(oracle.mayLgtm(actor, act, was));
  if (act.kind === 'verify') expect(!d.refusal, 'verify accepted').toBe(oracle.mayVerify(actor, act, was));
  if (!d.refusal) oracle.accepted(actor, act, was, after);
  w.f = after;
  if (act.kind === 'lgtm' && !d.refusal) {
    expect(after.release.state).toBe(oracle.valid('candidate').length >= 2 ? 'approved' : 'testing');
  }
  if (act.kind === 'candidate' && !d.refusal && settled.candidates.at(-1)?.verifiedTree === act.verifiedTree) {
    expect(act.verifiedTree && after.release.state, 'the same tree changes no state').toBe(act.verifiedTree && was);
    count('same tree');
  }
  if (act.kind === 'verify' && !d.refusal) {
    expect(after.release.state).toBe(oracle.valid('production').length >= 2 ? 'done' : 'verifying');
  }
  checkState(w);
}

/** Every move is one the rules know, made by the act that may make it. */
function checkMoves(w: World, actor: Actor, act: Act, d: ReturnType<typeof decide>) {
  let at = w.f.release.state;
  for (const [by, changes] of [['clock', d.settled] as const, ['act', d.changes] as const]) {
    for (const c of changes) {
      if (c.kind !== 'state') continue;
      expect(c.from).toBe(at);
      expect(MOVES).toContain(`${c.from} → ${c.to}`);
      count(`${c.from} → ${c.to}`);
      at = c.to;
      // The table says the same: where the act leads, and where time alone leads from there.
      const leads = by === 'clock' ? [TABLE[c.from].tick] : [TABLE[c.from][act.kind], TABLE[c.from].tick];
      expect(leads).toContain(c.to);
      if (c.to === 'approved') expect(act.kind).toBe('lgtm');
      if (c.to === 'done') expect(act.kind).toBe('verify');
      if (c.to === 'shipping') checkShipping(w, actor, act, c.from);
    }
  }
}

function checkShipping({ f, oracle, policy }: World, actor: Actor, act: Act, from: State) {
  expect(act.kind).toBe(from === 'approved' ? 'ship' : 'ship_on_one');
  expect(actor.id === MAX.id || actor.roles.has('admin')).toBe(true);
  expect(oracle.open()).toBe(false);
  expect(oracle.now - (f.release.reconciledAt?.getTime() ?? 0)).toBeLessThanOrEqual(30_000);
  if (policy.slots && f.release.kind === 'scheduled') expect(mayShipAt(oracle.now), 'in its slot').toBe(true);
  if (from === 'approved') expect(oracle.valid('candidate').length).toBeGreaterThanOrEqual(2);
  else {
    expect(f.release.kind === 'emergency' && policy.emergencyShipOnOne).toBe(true);
    expect(oracle.valid('candidate').length).toBeGreaterThanOrEqual(1);
  }
}

/** What holds after every act, by the oracle. */
function checkState({ f, oracle, policy }: World) {
  const { state } = f.release;
  const now = new Date(oracle.now);
  const signed = oracle.valid('candidate');
  if (state === 'approved') {
    expect(signed.length, 'approved by two').toBeGreaterThanOrEqual(2);
    expect(oracle.holds.length + oracle.blockers, 'nothing open').toBe(0);
  }
  if (state === 'testing') expect(oracle.here('candidate').length).toBeGreaterThanOrEqual(2);
  if (state === 'waiting') expect(oracle.here('candidate').length).toBeLessThan(2);
  if (['waiting', 'testing', 'approved'].includes(state)) {
    expect(
      counted(f, 'candidate')
        .map((s) => s.person)
        .sort(),
    ).toEqual(signed.toSorted());
    expect(present(f, 'candidate', policy, now).sort()).toEqual(oracle.here('candidate').sort());
  }
  if (state === 'verifying' || state === 'done') {
    expect(present(f, 'production', policy, now).sort()).toEqual(oracle.here('production').sort());
  }
  if (state === 'verifying') {
    expect(
      counted(f, 'production')
        .map((s) => s.person)
        .sort(),
    ).toEqual(oracle.valid('production').sort());
  }
  expect(f.holds.filter((h) => !h.liftedAt).map((h) => h.id)).toEqual(oracle.holds.map((h) => h.id));
}

const act = (who: Name, a: Act): Step => ({ do: 'act', who, act: a });
const road = fc.constantFrom('button', 'reaction', 'word', 'command', 'modal');
const drawnFor = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 3, arbitrary: fc.constantFrom(101, 102) },
  { weight: 1, arbitrary: fc.constantFrom(103, 999) },
);
const stage = fc.constantFrom('candidate' as const, 'production' as const, undefined, undefined);
const reason = fc.constantFrom('the fee is wrong', null);
const commit = fc.constantFrom('abc1234', 'abc1234def', 'def5678', '0a0a0a0', 'fff9999');

const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('ready' as const), stage }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('away' as const), stage }) },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('lgtm' as const), road, candidateId: drawnFor }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('verify' as const), road, candidateId: drawnFor }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('retract' as const), stage }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('hold' as const), reason, road }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('reason' as const), holdId: fc.nat(4), reason: fc.constant('because') }),
  },
  { weight: 4, arbitrary: fc.constant<Act>({ kind: 'unhold' }) },
  {
    weight: 2,
    arbitrary: fc
      .record({ commit, tree: fc.constantFrom('t1', null), known: fc.boolean() })
      .map(({ known, ...named }): Act => {
        const verifiedTree = known ? TREES[named.commit] : undefined;
        return { kind: 'candidate', ...named, ...(verifiedTree && { verifiedTree }) };
      }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Act>(
      { kind: 'authors_known', authors: [CAS.id] },
      { kind: 'authors_known', authors: [EVE.id, ADA.id] },
      { kind: 'authors_known', authors: [EVE.id] },
    ),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('ship' as const, 'ship_on_one' as const), candidateId: drawnFor }),
  },
  { weight: 2, arbitrary: fc.constant<Act>({ kind: 'shipped' }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('failed' as const), reason }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('rollback' as const, 'cancel' as const), reason }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('review' as const), note: reason }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Act>(
      { kind: 'emergency_opened', emergencyId: 77, shown: 'wallet 1.2.4' },
      { kind: 'emergency_cancelled', emergencyId: 77 },
    ),
  },
  { weight: 1, arbitrary: fc.constant<Act>({ kind: 'tick' }) },
);
const names = Object.keys(PEOPLE) as Name[];
const anyStep: fc.Arbitrary<Step[]> = fc.oneof(
  {
    weight: 14,
    arbitrary: fc
      .record({ who: fc.constantFrom(...names, 'ADA', 'BEN', 'CAS', 'MAX'), a: anyAct })
      .map(({ who, a }) => [act(who, a)]),
  },
  { weight: 2, arbitrary: fc.nat(90).map((minutes): Step[] => [{ do: 'wait', minutes }]) },
  { weight: 1, arbitrary: fc.integer({ min: 91, max: 1600 }).map((minutes): Step[] => [{ do: 'wait', minutes }]) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom('blocker', 'fixed', 'fixed', 'reconciled', 'cases', 'cases_done', 'cases_done')
      .map((what): Step[] => [{ do: what } as Step]),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(101, 101, 102, 103).map((candidate): Step[] => [{ do: 'verified', candidate }]),
  },
);

/** A stretch of an ordinary day by two people in a row, so that long sequences get somewhere. */
const stretch: fc.Arbitrary<Step[]> = fc
  .record({
    pair: fc.constantFrom<[Name, Name][]>(['ADA', 'BEN'], ['BEN', 'CAS'], ['ADO', 'ADA'], ['MAX', 'EVE']),
    what: fc.constantFrom(
      'here',
      'sign',
      'approve',
      'approve',
      'ship',
      'ship_on_one',
      'live',
      'check',
      'clear',
      'renamed',
    ),
    renamed: fc.constantFrom('abc1234def', '0a0a0a0', 'def5678'),
    known: fc.boolean(),
  })
  .map(({ pair, what, renamed, known }) => {
    const both = (a: Act) => pair.map((who) => act(who, a));
    const here = both({ kind: 'ready' });
    const sign = both({ kind: 'lgtm', road: 'reaction' });
    const clear: Step[] = [
      { do: 'fixed' },
      { do: 'cases_done' },
      act('ADO', { kind: 'unhold' }),
      act('ADO', { kind: 'unhold' }),
    ];
    const push = (kind: 'ship' | 'ship_on_one'): Step[] => [{ do: 'reconciled' }, act('MAX', { kind })];
    // Signed, and the same or another tree under a new name; GitHub answers at once or later, in any order.
    if (what === 'renamed') {
      const said: Step[] = [
        { do: 'verified', candidate: 101 },
        { do: 'verified', candidate: 102 },
      ];
      const tree = TREES[renamed];
      const late = { kind: 'candidate', commit: renamed, tree: null } as const;
      const name = act('MAX', known && tree ? { ...late, verifiedTree: tree } : late);
      return known ? [...here, ...said, ...sign, name] : [...here, ...sign, name, ...said.reverse()];
    }
    if (what === 'here') return here;
    if (what === 'sign') return sign;
    if (what === 'approve') return [...here, ...sign];
    if (what === 'ship' || what === 'ship_on_one') return push(what);
    if (what === 'live') return [...push('ship'), act('MAX', { kind: 'shipped' })];
    if (what === 'clear') return clear;
    return [...here, ...both({ kind: 'verify', road: 'button' })];
  });
/** Where the day begins: so that every state gets its share of odd acts. */
const PAIR: Name[] = ['ADA', 'BEN'];
const both = (a: Act): Step[] => PAIR.map((who) => act(who, a));
const APPROVED = [...both({ kind: 'ready' }), ...both({ kind: 'lgtm', road: 'button' })];
const ON_ONE: Step[] = [
  ...both({ kind: 'ready' }),
  act('ADA', { kind: 'lgtm', road: 'button' }),
  { do: 'reconciled' },
  act('MAX', { kind: 'ship_on_one' }),
];
const SHIPPING: Step[] = [...APPROVED, { do: 'reconciled' }, act('MAX', { kind: 'ship' })];
const LIVE = [...SHIPPING, act('MAX', { kind: 'shipped' })];
const DONE = [...LIVE, ...both({ kind: 'ready' }), ...both({ kind: 'verify', road: 'button' })];
const day = fc
  .tuple(
    fc.constantFrom<Step[]>([], [], [], both({ kind: 'ready' }), ON_ONE, APPROVED, SHIPPING, LIVE, DONE),
    fc.array(fc.oneof({ weight: 3, arbitrary: anyStep }, { weight: 1, arbitrary: stretch }), {
      maxLength: 45,
      size: 'max',
    }),
    fc.constantFrom<Act>(
      { kind: 'cancel', reason: 'not needed' },
      { kind: 'rollback', reason: 'payments fail' },
      { kind: 'failed', reason: null },
    ),
  )
  .map(([start, steps, end]) => [...start, ...steps.flat(), act('MAX', end)]);

describe('R1-R9 over any sequence of acts', () => {
  // 800 sequences: seconds on a quiet machine, and no shorter on a busy one.
  test('an independent reading of the rules agrees at every step', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(
        day,
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom('scheduled', 'emergency'),
        fc.boolean(),
        (steps, sod, onOne, kind, cadence) => {
          const frozen = {
            id: 1,
            product: null,
            startsAt: new Date(FROZEN.from),
            endsAt: new Date(FROZEN.to),
            reason: 'audit',
            setBy: ENG.id,
          };
          const w: World = {
            f: someFacts({ release: { kind }, freezes: cadence ? [frozen] : [] }),
            oracle: new Oracle(sod),
            blockers: 0,
            policy: {
              separationOfDuties: sod,
              eyesExpireAfterMinutes: 240,
              emergencyShipOnOne: onOne,
              ...(cadence && { slots: SLOTS }),
            },
          };
          for (const step of steps) takeStep(w, step);
        },
      ),
      { numRuns: 800 },
    );
  });

  test('and the sequences went everywhere', () => {
    const unreached = [...MOVES].filter((move) => !reached[move]);
    expect(unreached).toEqual([]);
    for (const code of [
      'absent',
      'held',
      'blocked',
      'unfinished',
      'stale_button',
      'manager',
      'author',
      'role',
      'standing',
      'slot',
      'frozen',
    ])
      expect(reached[`refused ${code}`], code).toBeGreaterThan(0);
    for (const what of ['carried', 'same tree']) expect(reached[what], what).toBeGreaterThan(0);
  });
});
