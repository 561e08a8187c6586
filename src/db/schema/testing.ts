import {
  type AnyPgColumn,
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import type { Sharing } from './outbox.ts';
import { candidates, releases } from './releases.ts';

const id = () => bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity();
const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** How many required cases a product's spec has per stage: the gate before a run has begun. Written when specs are read, at start. */
export const specCounts = pgTable(
  'spec_counts',
  {
    product: text().notNull(),
    stage: text().$type<'candidate' | 'production'>().notNull(),
    required: integer().notNull(),
    /** Required cases behind a feature flag: no part of `required`, for whether they are tested depends on the release (R10). */
    flagged: integer().notNull().default(0),
    /** Of the spec files, to tell whether they changed. */
    hash: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.product, t.stage] })],
);

/** One execution of a product's test spec on one candidate in one environment. */
export const testRuns = pgTable(
  'test_runs',
  {
    id: id(),
    releaseId: bigint('release_id', { mode: 'number' })
      .notNull()
      .references(() => releases.id),
    candidateId: bigint('candidate_id', { mode: 'number' })
      .notNull()
      .references(() => candidates.id),
    stage: text().$type<'candidate' | 'production'>().notNull(),
    startedAt: at('started_at').notNull(),
    /** The run of an earlier candidate with the same verified tree, whose results are this one's too (R3). */
    carriedFrom: bigint('carried_from', { mode: 'number' }).references((): AnyPgColumn => testRuns.id),
    /** Hash of the report that is in the thread, and of one under way with its files in Slack: it is looked for before it is posted again. */
    reported: text(),
    reporting: jsonb().$type<Sharing>(),
  },
  (t) => [uniqueIndex('test_runs_once').on(t.candidateId, t.stage), index('test_runs_release').on(t.releaseId)],
);

/** What was last said of testing a feature flag for a release, beside what its opening form names (R10). */
export const releaseFlags = pgTable(
  'release_flags',
  {
    releaseId: bigint('release_id', { mode: 'number' })
      .notNull()
      .references(() => releases.id),
    flag: text().notNull(),
    /** False: it is not tested, whoever else asked for it. */
    asked: boolean().notNull(),
    /** `shipshape` where a label of a change asked for it. */
    person: text().notNull(),
    at: at('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.releaseId, t.flag] })],
);

/** A case as the spec had it when the run began: a later edit of the file does not change a run. */
export const runCases = pgTable(
  'run_cases',
  {
    runId: bigint('run_id', { mode: 'number' })
      .notNull()
      .references(() => testRuns.id),
    caseId: text('case_id').notNull(),
    position: integer().notNull(),
    title: text().notNull(),
    area: text().notNull(),
    spec: jsonb().$type<{ steps: string[]; expected: string; flag?: string; needsFunds: boolean }>().notNull(),
    required: boolean().notNull(),
    passesRequired: integer('passes_required').notNull().default(1),
    /** Derived from the results in the same transaction, so that the gate is one indexed count. */
    state: text().$type<'open' | 'passed' | 'failed' | 'blocked' | 'skip_asked' | 'skipped'>().notNull(),
    takenBy: text('taken_by'),
    takenAt: at('taken_at'),
  },
  (t) => [primaryKey({ columns: [t.runId, t.caseId] }), index('run_cases_state').on(t.runId, t.required, t.state)],
);

/** What one operator said of one case, append-only. */
export const caseResults = pgTable(
  'case_results',
  {
    id: id(),
    runId: bigint('run_id', { mode: 'number' })
      .notNull()
      .references(() => testRuns.id),
    caseId: text('case_id').notNull(),
    person: text().notNull(),
    result: text().$type<'pass' | 'fail' | 'blocked' | 'skip' | 'skip_agreed' | 'skip_refused'>().notNull(),
    note: text(),
    at: at('at').notNull(),
  },
  (t) => [index('case_results_case').on(t.runId, t.caseId)],
);

/** Automated results that came in for a candidate; the newest per suite counts. */
export const ciReports = pgTable(
  'ci_reports',
  {
    id: id(),
    releaseId: bigint('release_id', { mode: 'number' })
      .notNull()
      .references(() => releases.id),
    candidateId: bigint('candidate_id', { mode: 'number' })
      .notNull()
      .references(() => candidates.id),
    suite: text().notNull(),
    passed: integer().notNull(),
    failed: integer().notNull(),
    skipped: integer().notNull(),
    /** Names of the first failed tests. */
    failures: jsonb().$type<string[]>().notNull(),
    /** Whether failures held the release up by the policy of the day it came in: a record. The gate is judged by today's. */
    gates: boolean().notNull(),
    at: at('at').notNull(),
    /** Since when an operator has its suite waited for no more; a later report of the suite is waited for again. */
    waivedAt: at('waived_at'),
  },
  (t) => [uniqueIndex('ci_reports_suite').on(t.candidateId, t.suite)],
);
