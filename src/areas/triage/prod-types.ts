import type { Refusal } from '../../base/errors.ts';

/** declared → mitigated (users can work again) → resolved (the cause is gone) → reviewed. */
export type ProdState = 'declared' | 'mitigated' | 'resolved' | 'reviewed';
/** Why it is a prod issue and not just a bug in production. */
export type Why = 'money' | 'key_feature' | 'escalated';

/** Who does what while it lasts: drives it, works on the cause, tells users and the company. */
export const ROLES = ['owner', 'engineer', 'communication'] as const;
export type ProdRole = (typeof ROLES)[number];

/** The four questions of a review, as they are asked. */
export const QUESTIONS = {
  happened: 'What happened?',
  missed: 'Why was it not caught before?',
  change: 'What will we change?',
  who: 'Who does it, and by when?',
} as const;
export type Review = Record<keyof typeof QUESTIONS, string>;

export interface ProdIssue {
  id: number;
  bugId: number | null;
  product: string;
  title: string;
  state: ProdState;
  why: Why;
  releaseId: number | null;
  /** Who said which release brought it; null while only the rule does. */
  attributedBy: string | null;
  declaredBy: string;
  declaredAt: Date;
  mitigatedAt: Date | null;
  resolvedAt: Date | null;
  reviewedAt: Date | null;
  owner: string | null;
  engineer: string | null;
  communication: string | null;
  review: Record<string, string> | null;
  reviewedBy: string | null;
  threadId: number;
}

/** With the address of its thread. */
export type Listed = ProdIssue & { url: string | null };

/** A release that went live. */
export interface LiveRelease {
  id: number;
  /** `wallet v1.2.3`. */
  name: string;
  state: string;
  manager: string;
  shippedAt: Date;
  doneAt: Date | null;
  endedAt: Date | null;
  url: string | null;
}

/** Everything the rules and the card look at. */
export interface ProdFacts {
  issue: ProdIssue;
  bug: { id: number; title: string; url: string | null } | null;
  /** Releases of the product that went live, the newest first; the one it is attributed to is always among them. */
  releases: LiveRelease[];
  /** Emergencies that were opened for it. */
  emergencies: { name: string; url: string | null }[];
  thread: { channel: string; url: string | null };
}

/** What a person asks of a prod issue. */
export type ProdAct =
  | { kind: 'mitigate'; note: string | null }
  | { kind: 'resolve'; note: string | null }
  /** It is back: the clock runs on. */
  | { kind: 'reopen'; reason: string | null }
  | { kind: 'assign'; roles: Partial<Record<ProdRole, string | null>> }
  /** Null: no release brought it. */
  | { kind: 'attribute'; releaseId: number | null }
  | { kind: 'review'; answers: Partial<Review> };
export type ProdActKind = ProdAct['kind'];

export type ProdPatch = Partial<Omit<ProdIssue, 'id' | 'bugId' | 'product' | 'threadId'>>;
export type ProdDecision = { patch: ProdPatch } | { refusal: Refusal } | { already: string };
