import type { Refusal } from '../../base/errors.ts';

/** Where a bug was found (R25). */
export type FoundIn = 'candidate' | 'production';
export type Priority = 'P0' | 'P1' | 'P2' | 'P3';
export const PRIORITIES: readonly Priority[] = ['P0', 'P1', 'P2', 'P3'];

/** Blocking: suspected → confirmed → fixing → verified; or rejected. Others: reported → recreated → ticketed → resolved, wont_fix or duplicate. */
export type State =
  | 'suspected'
  | 'confirmed'
  | 'fixing'
  | 'verified'
  | 'rejected'
  | 'reported'
  | 'recreated'
  | 'ticketed'
  | 'resolved'
  | 'wont_fix'
  | 'duplicate';

/** A downgrade or rejection that waits for a second operator (R14); `prod_issue` is a downgrade that declares one (R12). */
export type Asked = 'downgrade' | 'reject' | 'prod_issue';

export interface Bug {
  id: number;
  product: string;
  releaseId: number | null;
  candidateId: number | null;
  foundIn: FoundIn;
  title: string;
  steps: string | null;
  answers: Record<string, string>;
  reporter: string;
  reportedAt: Date;
  link: string | null;
  blocking: boolean;
  blockingSeq: number | null;
  state: State;
  owner: string | null;
  recreatedBy: string | null;
  recreatedAt: Date | null;
  inProduction: 'yes' | 'no' | 'not_yet';
  triedBy: string | null;
  triedAt: Date | null;
  /** The fix to be retested. */
  fixCandidateId: number | null;
  fixNamedBy: string | null;
  /** The newest candidate on which a retest found it still there. */
  failedCandidateId: number | null;
  askedFor: Asked | null;
  askedBy: string | null;
  askedReason: string | null;
  askedAt: Date | null;
  agreedBy: string | null;
  downgradedAt: Date | null;
  priority: Priority | null;
  priorityReason: string | null;
  ticket: string | null;
  duplicateOf: number | null;
  endedAt: Date | null;
  endedBy: string | null;
  endReason: string | null;
  threadId: number | null;
}

/** Of a release: what it is made from differs, develop or production. */
export type Kind = 'scheduled' | 'emergency';

/** A candidate of a release, as far as bugs care. */
export interface Candidate {
  id: number;
  releaseId: number;
  /** `wallet v1.2.3`. */
  release: string;
  /** The release's kind and state. */
  kind: Kind;
  state: string;
  commit: string;
  namedAt: Date;
}

export interface OpenRelease {
  id: number;
  name: string;
  kind: Kind;
  state: string;
  manager: string;
  url: string | null;
}

/** Everything the rules and the card look at. */
export interface BugFacts {
  bug: Bug;
  /** The candidate it was found on. */
  found: Candidate | null;
  /** The release it was found on or is attributed to. */
  release: OpenRelease | null;
  fix: Candidate | null;
  /** The newest candidate on which its retest failed. */
  failed: Candidate | null;
  /** Candidates of the product's open releases, oldest first. */
  candidates: Candidate[];
  /** The product's open releases, which a blocker holds up (R13). */
  open: OpenRelease[];
  /** A bug named as the original, as it is now; null while none is, or when there is no such bug. */
  original: { id: number; product: string; state: State } | null;
  /** Its prod issue, where one was declared. */
  prodIssueId: number | null;
  thread: { channel: string; url: string | null };
}

/** What a person asks of a bug. */
export type Act =
  | { kind: 'recreate' }
  | { kind: 'tried'; happens: boolean }
  | { kind: 'fix'; commit?: string; candidateId?: number }
  /** `candidateId`: the fix the button was drawn for; `commit`: the one that words name. */
  | { kind: 'retest'; fixed: boolean; candidateId?: number; commit?: string }
  | { kind: 'ask'; what: Asked; reason: string | null }
  /** `askedAt` in ms: the question the button was drawn for. */
  | { kind: 'agree'; askedAt?: number }
  | { kind: 'decline'; askedAt?: number }
  | { kind: 'block'; reason: string | null }
  | { kind: 'ticket'; link: string | null }
  | { kind: 'resolve'; note: string | null }
  | { kind: 'wontfix'; reason: string | null }
  | { kind: 'duplicate'; of: number }
  | { kind: 'assign'; person: string }
  | { kind: 'priority'; priority: Priority; reason: string | null };
export type ActKind = Act['kind'];

/** What an act writes: columns of the bug. A bug that becomes blocking gets its blockingSeq from the database. */
export type Patch = Partial<Omit<Bug, 'id' | 'product' | 'blockingSeq'>>;

export type Decision = { patch: Patch } | { refusal: Refusal } | { already: string };
