import { evolve } from '../../src/areas/releases/evolve.ts';
import { decide } from '../../src/areas/releases/rules.ts';
import type {
  Act,
  ActKind,
  Blocker,
  Candidate,
  Facts,
  Hold,
  Presence,
  Release,
  ReviewPolicy,
  SignOff,
  State,
} from '../../src/areas/releases/types.ts';
import type { Actor } from '../../src/base/actor.ts';
import type { Role } from '../../src/base/policy.ts';

export const T0 = new Date('2026-03-02T09:00:00Z');
export const minutes = (n: number) => new Date(T0.getTime() + n * 60_000);
export const HOURS = 60;

export const POLICY: ReviewPolicy = {
  ciGates: true,
  separationOfDuties: true,
  eyesExpireAfterMinutes: 240,
  emergencyShipOnOne: false,
};

/** A full member of the workspace with these roles. */
export function person(id: string, ...roles: Role[]): Actor {
  return { id, roles: new Set(roles), standing: 'member' };
}

export const ADA = person('UADA', 'operator');
export const BEN = person('UBEN', 'operator');
export const CAS = person('UCAS', 'operator');
/** The release manager, who is an operator too. */
export const MAX = person('UMAX', 'engineer', 'operator');
/** Wrote some of the changes, and is an operator too. */
export const EVE = person('UEVE', 'engineer', 'operator');
export const ENG = person('UENG', 'engineer');
export const ADMIN = person('UADMIN', 'admin');
export const NOBODY = person('UNOBODY');
export const EVERYBODY = [ADA, BEN, CAS, MAX, EVE, ENG, ADMIN, NOBODY];

export function aRelease(over: Partial<Release> = {}): Release {
  return {
    id: 12,
    product: 'wallet',
    version: '1.2.3',
    kind: 'scheduled',
    state: 'waiting',
    threadId: 3,
    openedBy: MAX.id,
    openedAt: T0,
    manager: MAX.id,
    opsOwner: null,
    productOwner: null,
    authors: [EVE.id],
    environmentUrl: null,
    changes: null,
    risks: null,
    flags: null,
    reason: null,
    prodIssue: null,
    acts: 1,
    interruptedAct: 0,
    gateAct: 1,
    gateAt: null,
    stateSince: T0,
    approvedAt: null,
    shippingAt: null,
    shippedAt: null,
    doneAt: null,
    endedAt: null,
    endReason: null,
    onOne: null,
    reviewDueAt: null,
    reviewedBy: null,
    reviewedAt: null,
    reconciledAt: null,
    reconciledGate: null,
    reconciledAs: null,
    lostAt: null,
    knownBlockers: [],
    ...over,
  };
}

export function aCandidate(over: Partial<Candidate> = {}): Candidate {
  return {
    id: 101,
    seq: 1,
    commit: 'abc1234',
    tree: null,
    verifiedTree: null,
    namedBy: MAX.id,
    namedAt: T0,
    shownAt: T0,
    ...over,
  };
}

/** A blocking bug that has not ended; its place in the order is its id. */
export function aBlocker(over: Partial<Blocker> = {}): Blocker {
  const id = over.id ?? 1;
  return { id, seq: id, title: 'balance is wrong', url: null, ...over };
}

export function aPresence(who: Actor, over: Partial<Presence> = {}): Presence {
  return { stage: 'candidate', person: who.id, since: T0, renewedAt: T0, leftAt: null, ...over };
}

export function aSignOff(who: Actor, over: Partial<SignOff> = {}): SignOff {
  return {
    id: 500,
    candidateId: 101,
    stage: 'candidate',
    person: who.id,
    road: 'button',
    givenAt: T0,
    act: 1,
    retractedAt: null,
    lateAt: null,
    ...over,
  };
}

export function aHold(who: Actor, over: Partial<Hold> = {}): Hold {
  return {
    id: 900,
    person: who.id,
    reason: 'the build is broken',
    road: 'command',
    emergencyId: null,
    setAt: T0,
    act: 1,
    liftedAt: null,
    liftedBy: null,
    ...over,
  };
}

/** The facts of a release just opened; `release` and the rest override. */
export function someFacts(over: Partial<Omit<Facts, 'release'>> & { release?: Partial<Release> } = {}): Facts {
  return {
    candidates: [aCandidate()],
    presences: [],
    signOffs: [],
    holds: [],
    blockers: [],
    unfinished: { candidate: 0, production: 0 },
    progress: null,
    ci: null,
    otherBugs: 0,
    flags: [],
    changes: null,
    freezes: [],
    slots: [],
    prodIssueUrl: null,
    catchRate: null,
    deactivated: [],
    thread: { channel: 'CREL', rootTs: '1.000001', url: null },
    ...over,
    release: aRelease(over.release),
  };
}

/** An act of each kind, with nothing in it that could be refused for its own sake. */
export const ACTS: { [K in ActKind]: Extract<Act, { kind: K }> } = {
  ready: { kind: 'ready' },
  away: { kind: 'away' },
  lgtm: { kind: 'lgtm', road: 'button' },
  verify: { kind: 'verify', road: 'button' },
  retract: { kind: 'retract' },
  hold: { kind: 'hold', reason: 'the build is broken', road: 'command' },
  reason: { kind: 'reason', holdId: 900, reason: 'because' },
  unhold: { kind: 'unhold' },
  candidate: { kind: 'candidate', commit: 'def5678', tree: null },
  ship: { kind: 'ship' },
  ship_on_one: { kind: 'ship_on_one' },
  shipped: { kind: 'shipped' },
  failed: { kind: 'failed', reason: 'the pods crash' },
  rollback: { kind: 'rollback', reason: 'payments fail' },
  cancel: { kind: 'cancel', reason: 'not needed' },
  review: { kind: 'review', note: 'looks right' },
  tree_verified: { kind: 'tree_verified', candidateId: 101, tree: 'tree1' },
  authors_known: { kind: 'authors_known', authors: [CAS.id] },
  emergency_opened: { kind: 'emergency_opened', emergencyId: 77, shown: 'wallet 1.2.4' },
  emergency_cancelled: { kind: 'emergency_cancelled', emergencyId: 77 },
  tick: { kind: 'tick' },
};

export const lgtm = ACTS.lgtm;
export const verify = ACTS.verify;

/** The state that a decision leads to. @throws Error when one of its moves begins where the release is not (R1) */
export function movesOf(from: State, d: ReturnType<typeof decide>): State {
  return [...d.settled, ...d.changes].reduce((at, c) => {
    if (c.kind !== 'state') return at;
    if (c.from !== at) throw new Error(`a move from ${c.from} to ${c.to}, but it is ${at}`);
    return c.to;
  }, from);
}

/** A release played act by act through decide() and evolve(): what the database would hold after each. */
export function play(start: Facts = someFacts(), policy: ReviewPolicy = POLICY) {
  let facts = start;
  let now = T0;
  let blockers = 0;
  return {
    get facts() {
      return facts;
    },
    get state(): State {
      return facts.release.state;
    },
    get now() {
      return now;
    },
    /** Lets `n` minutes go by. */
    wait(n: number) {
      now = new Date(now.getTime() + n * 60_000);
    },
    /** Changes facts that other areas or the store write: blockers, test cases, the reconcile. */
    set(over: Partial<Facts>) {
      facts = { ...facts, ...over };
    },
    /** A blocking bug is filed, and the release looks at its gate facts. */
    block(title = 'balance is wrong') {
      blockers++;
      facts = { ...facts, blockers: [...facts.blockers, aBlocker({ id: blockers, title })] };
      return this.do(ADMIN, ACTS.tick);
    },
    unblock() {
      facts = { ...facts, blockers: [] };
      return this.do(ADMIN, ACTS.tick);
    },
    reconciled() {
      facts = { ...facts, release: { ...facts.release, reconciledAt: now, reconciledGate: facts.release.gateAct } };
    },
    do(actor: Actor, act: Act): ReturnType<typeof decide> {
      const d = decide(facts, actor, act, policy, now);
      movesOf(facts.release.state, d);
      facts = evolve(evolve(facts, d.settled, now), d.changes, now);
      return d;
    },
    /** Both operators are here and sign: approved. */
    approve(a: Actor = ADA, b: Actor = BEN) {
      for (const who of [a, b]) this.do(who, ACTS.ready);
      for (const who of [a, b]) this.do(who, lgtm);
    },
    /** Approved, read completely, pushed: shipping. */
    ship() {
      this.approve();
      this.reconciled();
      this.do(MAX, ACTS.ship);
    },
    /** Live: verifying. */
    live() {
      this.ship();
      this.do(MAX, ACTS.shipped);
    },
    /** Checked in production: done. */
    finish() {
      this.live();
      for (const who of [ADA, BEN]) this.do(who, ACTS.ready);
      for (const who of [ADA, BEN]) this.do(who, verify);
    },
  };
}

/** A release brought to `state` by acts alone. */
export function playTo(state: State, policy: ReviewPolicy = POLICY) {
  const p = play(someFacts(), policy);
  if (state === 'testing') for (const who of [ADA, BEN]) p.do(who, ACTS.ready);
  if (state === 'approved') p.approve();
  if (state === 'shipping') p.ship();
  if (state === 'verifying') p.live();
  if (state === 'done') p.finish();
  if (state === 'cancelled') p.do(MAX, ACTS.cancel);
  if (state === 'rolled_back') {
    p.ship();
    p.do(MAX, ACTS.rollback);
  }
  return p;
}

export const STATES: State[] = [
  'waiting',
  'testing',
  'approved',
  'shipping',
  'verifying',
  'done',
  'cancelled',
  'rolled_back',
];
