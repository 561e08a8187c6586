import type { Refusal } from '../../base/errors.ts';
import type { RegressionArea } from '../../base/policy.ts';

export type AssignmentState = 'planned' | 'passed' | 'failed' | 'skipped' | 'missed';

/** One area that one tester tests on one day. */
export interface Assignment {
  id: number;
  month: string;
  wallet: string;
  feature: string;
  /** The local day, YYYY-MM-DD. */
  day: string;
  /** Minutes after local midnight. */
  start: number;
  tester: string;
  state: AssignmentState;
  /** Who said how it ended, and when; null while nobody did. */
  by: string | null;
  at: Date | null;
  note: string | null;
}

/** When somebody takes turns: first and last day. */
export interface Span {
  id: string;
  from: string;
  to: string;
}

/** Days on which somebody is not there, both included. */
export interface Away {
  person: string;
  from: string;
  to: string;
}

export interface Month {
  /** YYYY-MM */
  month: string;
  plannedAt: Date;
  plannedBy: string;
  roster: Span[];
  areas: RegressionArea[];
  leftOut: { wallet: string; feature: string }[];
}

/** Who tested what before the month. */
export interface History {
  /** By area: who tested it last. */
  testers: ReadonlyMap<string, string>;
  /** By tester: the area of their last turn, and how many they had in the last months. */
  areas: ReadonlyMap<string, string>;
  counts: ReadonlyMap<string, number>;
}

/** Everything that decides about a month's plan. */
export interface MonthFacts {
  month: string;
  /** The local day now. */
  today: string;
  /** How late it is, in minutes after local midnight; left out: the day begins. */
  minute?: number;
  holidays: readonly string[];
  starts: readonly number[];
  areas: readonly RegressionArea[];
  roster: readonly Span[];
  away: readonly Away[];
  /** Of the month, in whatever state. */
  assignments: readonly Assignment[];
  history: History;
}

/** What the calendar says of a month: its plan, and how far it is. */
export interface MonthView {
  month: Month;
  assignments: Assignment[];
}

/** What a person says of an assignment. */
export type AssignmentAct =
  | { kind: 'pass'; note: string | null }
  | { kind: 'fail'; note: string | null }
  /** Needs a reason. */
  | { kind: 'skip'; note: string | null };
export type AssignmentDecision = { state: AssignmentState } | { refusal: Refusal } | { already: string };

export interface Swap {
  id: number;
  mine: Assignment;
  theirs: Assignment;
  asker: string;
  asked: string;
  state: 'open' | 'agreed' | 'declined' | 'void';
}

/** Whose offer to swap it is, and of which assignments. */
export interface Offer {
  asker: string;
  mine: number;
  theirs: number;
}

/** An assignment that a new plan changed. `before` is null for a new one, `after` for one that is needed no more. */
export interface Moved {
  before: Assignment | null;
  after: Assignment | null;
}

/** How far one area is in a month. */
export interface CellState {
  wallet: string;
  feature: string;
  key: boolean;
  /** What its last test said; `todo` while a turn is to come; `none`: left out, or never planned. */
  state: 'passed' | 'failed' | 'skipped' | 'missed' | 'todo' | 'none';
  tested: number;
  planned: number;
}
