import type { Actor } from '../../base/actor.ts';
import type { Refusal } from '../../base/errors.ts';
import type { Freeze, Slot, SlotRules } from '../../base/slots.ts';

export type State =
  | 'waiting'
  | 'testing'
  | 'approved'
  | 'shipping'
  | 'verifying'
  | 'done'
  | 'cancelled'
  | 'rolled_back';
export type Kind = 'scheduled' | 'emergency';
/** Where a set of eyes or a sign-off is for: the candidate under test, later production. */
export type Stage = 'candidate' | 'production';
export type Road = 'button' | 'reaction' | 'word' | 'command' | 'modal';

export interface Release {
  id: number;
  product: string;
  version: string;
  kind: Kind;
  state: State;
  threadId: number;
  openedBy: string;
  openedAt: Date;
  manager: string;
  opsOwner: string | null;
  productOwner: string | null;
  authors: string[];
  environmentUrl: string | null;
  changes: string | null;
  risks: string | null;
  flags: string | null;
  reason: string | null;
  prodIssue: string | null;
  acts: number;
  interruptedAct: number;
  gateAct: number;
  gateAt: Date | null;
  stateSince: Date;
  approvedAt: Date | null;
  shippingAt: Date | null;
  shippedAt: Date | null;
  doneAt: Date | null;
  endedAt: Date | null;
  endReason: string | null;
  onOne: string | null;
  reviewDueAt: Date | null;
  reviewedBy: string | null;
  reviewedAt: Date | null;
  reconciledAt: Date | null;
  reconciledGate: number | null;
  reconciledAs: string | null;
  lostAt: Date | null;
  knownBlockers: number[];
}

export interface Candidate {
  id: number;
  seq: number;
  commit: string;
  /** A tree somebody typed. */
  tree: string | null;
  /** The tree GitHub confirmed (R3); null while it has not. */
  verifiedTree: string | null;
  namedBy: string;
  namedAt: Date;
  shownAt: Date | null;
}

export interface Presence {
  stage: Stage;
  person: string;
  since: Date;
  renewedAt: Date;
  leftAt: Date | null;
}

export interface SignOff {
  id: number;
  candidateId: number;
  stage: Stage;
  person: string;
  road: string;
  givenAt: Date;
  act: number;
  retractedAt: Date | null;
  lateAt: Date | null;
}

export interface Hold {
  id: number;
  person: string;
  reason: string | null;
  road: string;
  emergencyId: number | null;
  setAt: Date;
  act: number;
  liftedAt: Date | null;
  liftedBy: string | null;
}

/** A blocking bug of the product that has not ended; the triage area supplies them. */
export interface Blocker {
  id: number;
  /** Orders the moments at which bugs became blocking; never reused. */
  seq: number;
  title: string;
  url: string | null;
  /** It was verified as fixed, in another commit: the candidate is code that has it, or is assumed to (R14). */
  back?: 'known' | 'assumed';
}

export interface Progress {
  total: number;
  passed: number;
  failed: number;
  blocked: number;
  skipped: number;
  /** The commit with the same verified tree whose results count here too (R3). */
  carriedFrom: string | null;
}

/** Everything the rules look at. Blockers and unfinished cases are gate facts of other areas. */
export interface Facts {
  release: Release;
  /** Oldest first; the last is current. Never empty. */
  candidates: Candidate[];
  presences: Presence[];
  signOffs: SignOff[];
  holds: Hold[];
  blockers: Blocker[];
  /** Required test cases not finished, per stage. */
  unfinished: Record<Stage, number>;
  /** How far the current stage's test run is; null without a spec. */
  progress: Progress | null;
  /** Feature flags that were asked for since it was opened, or that its test cases are behind (R10). */
  flags: string[];
  /**
   * Automated results for the current candidate, or for a commit with the same verified tree; null when none came in for any of its candidates.
   * `waiting`: suites that came in for an earlier one and not for this.
   */
  ci: { passed: number; failed: number; waiting: string[] } | null;
  /** Bugs that hold nothing up, found on this release and still open. */
  otherBugs: number;
  /** What GitHub said of the current candidate; null where GitHub is not set up. */
  changes: { loaded: boolean; problem: string | null; count: number; developAhead: number | null } | null;
  /** Freezes of its product and of all, past since it was opened and to come, that were not thawed (R9). */
  freezes: Freeze[];
  /** The newest slots on record: they are open when it was said that they are (R9). None of one that needs no slot any more. */
  slots: Slot[];
  /** Where the prod issue of an emergency is, when it is one of ours (PI-3). */
  prodIssueUrl: string | null;
  /** Bugs found on its candidates and in production (R25); null until it is done. */
  catchRate: { caught: number; escaped: number } | null;
  /** People among the signers whose accounts were deactivated since; their sign-offs stand and are shown so. */
  deactivated: string[];
  /** The root message, once posted. */
  thread: { channel: string; rootTs: string | null; url: string | null };
}

export interface ReviewPolicy {
  separationOfDuties: boolean;
  eyesExpireAfterMinutes: number;
  emergencyShipOnOne: boolean;
  /** R5: whether failed automated tests keep sign-offs from being taken. */
  ciGates?: boolean;
  /** R9: when scheduled releases may ship. Absent: any time outside freezes. */
  slots?: SlotRules;
}

/** The push that a button or form was drawn for. Both are left out in commands; older buttons carried the candidate or nothing. */
export interface Push {
  candidateId?: number;
  /** When it began, in ms. */
  push?: number;
}

/** R8: what went live after a release, and since when it is done. */
export interface LiveAfter {
  version: string;
  doneAt: Date | null;
}

/** What a person (or the clock: tick) asks of a release. */
export type Act =
  /** `stage` is known when it came from a message that is for one stage only (a reaction on the card or the check). */
  | { kind: 'ready'; stage?: Stage }
  | { kind: 'away'; stage?: Stage }
  | { kind: 'lgtm'; road: Road; candidateId?: number }
  | { kind: 'verify'; road: Road; candidateId?: number }
  | { kind: 'retract'; stage?: Stage }
  | { kind: 'hold'; reason: string | null; road: Road }
  | { kind: 'reason'; holdId: number; reason: string }
  | { kind: 'unhold'; holdId?: number }
  /** `verifiedTree` when GitHub confirmed the commit's tree in time. */
  | { kind: 'candidate'; commit: string; tree: string | null; verifiedTree?: string }
  | { kind: 'ship'; candidateId?: number }
  | { kind: 'ship_on_one'; candidateId?: number }
  | ({ kind: 'shipped' } & Push)
  /** `behind`: emergencies that were opened while a push of it was on, and hold it now that it ships no more (R9). */
  | ({ kind: 'failed'; reason: string | null; behind?: { id: number; shown: string }[] } & Push)
  /** `over`: what went live last after it and is live now, if anything did. */
  | ({ kind: 'rollback'; reason: string | null; over?: LiveAfter | null } & Push)
  | { kind: 'cancel'; reason: string | null }
  | ({ kind: 'review'; note: string | null } & Push)
  | { kind: 'emergency_opened'; emergencyId: number; shown: string }
  | { kind: 'emergency_cancelled'; emergencyId: number }
  /** GitHub confirmed a candidate's tree after it was named (R3). */
  | { kind: 'tree_verified'; candidateId: number; tree: string }
  /** GitHub named the authors of the changes (R4). */
  | { kind: 'authors_known'; authors: string[] }
  | { kind: 'tick' };
export type ActKind = Act['kind'];

/** One fact that a decision adds; the store writes it, the thread tells it, the audit keeps it. */
export type Change =
  | { kind: 'state'; from: State; to: State; reason?: string | null }
  | { kind: 'arrived'; stage: Stage; person: string }
  | { kind: 'renewed'; stage: Stage; person: string }
  | { kind: 'left'; stage: Stage; person: string; expired: boolean }
  | { kind: 'signed'; stage: Stage; person: string; candidateId: number; road: Road; again: boolean }
  | { kind: 'retracted'; stage: Stage; person: string; late: boolean }
  | { kind: 'held'; person: string; reason: string | null; road: Road; emergencyId: number | null; late: boolean }
  | { kind: 'hold_reason'; holdId: number; person: string; reason: string }
  | { kind: 'unheld'; holdId: number; person: string }
  | { kind: 'candidate'; commit: string; tree: string | null; verifiedTree: string | null; person: string }
  | { kind: 'tree_verified'; candidateId: number; tree: string }
  /** A sign-off of a commit with the same verified tree, now for the current candidate too (R3). */
  | { kind: 'carried'; person: string; signOffId: number }
  | { kind: 'blocked'; seqs: number[]; titles: string[]; late: boolean }
  | { kind: 'unblocked'; seqs: number[] }
  | { kind: 'authors'; people: string[] }
  /** A sign-off of somebody who turned out to be an author of the changes (R4). */
  | { kind: 'disqualified'; stage: Stage; person: string; late: boolean }
  | { kind: 'on_one'; signer: string; person: string; reviewDueAt: Date }
  | { kind: 'push_failed'; person: string }
  | { kind: 'reviewed'; person: string; note: string | null; late: boolean };

/**
 * What the rules say to an act. `changes` may be non-empty even when refused: time may have moved the release first.
 * `already` marks an act that was right but changed nothing.
 */
export interface Decision {
  changes: Change[];
  refusal?: Refusal;
  already?: string;
}

/** What a rule decides by: one act of one person on one release, now. */
export interface Case<A extends Act = Act> {
  f: Facts;
  actor: Actor;
  act: A;
  policy: ReviewPolicy;
  now: Date;
}

/** What a rule says: no, what changes, or that it was so already. */
export type Verdict = Refusal | Change[] | { already: string };
