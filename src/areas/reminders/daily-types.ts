import type { Catch } from '../../base/catch-rate.ts';

/** Something with a thread, as one line of a list. */
export interface Listed {
  /** What people call it: a release's name, or its shown id. */
  name: string;
  url: string | null;
  /** As typed: not escaped. */
  title: string;
}

export interface DayFacts {
  /** YYYY-MM-DD in the team's zone. */
  today: string;
  /** The last working day: from its beginning on until today's is what is told. */
  since: string;
  /** What went live, was rolled back or was cancelled meanwhile, oldest first. */
  ended: (Listed & { how: 'live' | 'rolled_back' | 'cancelled'; emergency: boolean })[];
  /** What became of the slots that were over meanwhile, product by product, in their order; none without a cadence. `when`: `10:00`, with its day where there are several. */
  slots: { product: string; when: string; outcome: 'done' | 'late' | 'missed' | 'cancelled' }[];
  open: (Listed & { state: string })[];
  blockers: (Listed & { owner: string | null })[];
  /** Bugs in triage by state. */
  triage: { reported: number; recreated: number; ticketed: number };
  /** How much of this month's regression calendar is covered; null without one. */
  coverage: { covered: number; areas: number } | null;
  /** Issues that are open and so carried over to this day, the soonest due first. */
  issues: (Listed & { responsible: string; due: string | null })[];
}

export interface WeekFacts {
  /** The Monday of the week that is told, and the one after it. */
  monday: string;
  next: string;
  /** What became of its slots; null without a cadence. */
  cadence: Record<'done' | 'late' | 'missed' | 'cancelled', number> | null;
  live: number;
  emergencies: number;
  rolledBack: number;
  /** R25 */
  caught: Catch;
  prodIssues: number;
}
