/** One test of one area by one person; `id` once it is kept in the database. */
export interface Turn {
  id: number | null;
  area: string;
  tester: string;
  /** YYYY-MM-DD */
  day: string;
  /** Minutes after local midnight. */
  start: number;
}

export interface Tester {
  id: string;
  /** On how many working days of the month they are there, those gone by included: their share of the work follows it. */
  days: number;
  /** Those that can still be planned, ascending; all of them in the plan's days. */
  free: readonly string[];
  /** Turns of this month that stay as they are. */
  fixed: number;
  /** Turns in the months before. */
  before: number;
  /** The area they tested last. */
  last: string | null;
}

/** What one area still needs. */
export interface Demand {
  area: string;
  key: boolean;
  /** How many turns, those to be planned anew and those in `turns` together. */
  turns: number;
  /** Whether a turn that stays as it is covers it this month already. */
  covered: boolean;
  /** Who tested it last. */
  last: string | null;
}

export interface PlanInput {
  /** Working days that can be planned, ascending. */
  days: readonly string[];
  /** When tests begin; as many as a tester has on a day at most. Ascending, at least one. */
  starts: readonly number[];
  /** In the policy's order. */
  demands: readonly Demand[];
  testers: readonly Tester[];
  /** What is planned already and may be moved. Its tester may have left, its day may be none of theirs any more. */
  turns: readonly Turn[];
}

export interface Plan {
  /** All of them, moved or not, by day and start. Those with `id` null are new. */
  turns: Turn[];
  /** Ids of those that are needed no more, or for which there is no time. */
  dropped: number[];
  /** Areas that nobody has the time to cover. */
  leftOut: string[];
  /** Areas that are covered, but less often than they should be. */
  short: string[];
}

/** From how many to how many turns a tester is to have; `part` is how far between the two their exact share lies. */
export interface Share {
  least: number;
  most: number;
  part: number;
}
