import { sql } from 'drizzle-orm';
import { bigint, boolean, index, jsonb, pgSequence, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import { threads } from './core.ts';
import { candidates, releases } from './releases.ts';

const id = () => bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity();
const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
const releaseRef = (name: string) => bigint(name, { mode: 'number' }).references(() => releases.id);
const candidateRef = (name: string) => bigint(name, { mode: 'number' }).references(() => candidates.id);
const threadRef = (name: string) => bigint(name, { mode: 'number' }).references(() => threads.id);

/** Orders the moments at which bugs became blocking, across releases; never reused. */
export const blockingSeq = pgSequence('blocking_seq');

/** A bug, blocking or not (R11: a field of its own, not a severity). */
export const bugs = pgTable(
  'bugs',
  {
    id: id(),
    product: text().notNull(),
    /** Where it was found: the release on whose candidate, or whose version in production. Null when unknown. */
    releaseId: releaseRef('release_id'),
    candidateId: candidateRef('candidate_id'),
    foundIn: text('found_in').$type<'candidate' | 'production'>().notNull(),
    title: text().notNull(),
    steps: text(),
    /** The answers of the form: wallet, browser, device, users, money, workaround, feature; and a release that it names though it never was live. */
    answers: jsonb().$type<Record<string, string>>().notNull().default({}),
    reporter: text().notNull(),
    reportedAt: at('reported_at').notNull(),
    /** The message it was reported from. */
    link: text(),
    blocking: boolean().notNull(),
    /** From blocking_seq, anew each time it becomes blocking; null while it is not. */
    blockingSeq: bigint('blocking_seq', { mode: 'number' }),
    state: text()
      .$type<
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
        | 'duplicate'
      >()
      .notNull(),
    owner: text(),
    recreatedBy: text('recreated_by'),
    recreatedAt: at('recreated_at'),
    /** Whether it happens in current production too (R12). */
    inProduction: text('in_production').$type<'yes' | 'no' | 'not_yet'>().notNull().default('not_yet'),
    triedBy: text('tried_by'),
    triedAt: at('tried_at'),
    fixCandidateId: candidateRef('fix_candidate_id'),
    fixNamedBy: text('fix_named_by'),
    /** The newest candidate on which a retest found it still there: a fix is later than that. */
    failedCandidateId: candidateRef('failed_candidate_id'),
    /** A downgrade or rejection somebody asked for, waiting for a second operator (R14). */
    askedFor: text('asked_for').$type<'downgrade' | 'reject' | 'prod_issue'>(),
    askedBy: text('asked_by'),
    askedReason: text('asked_reason'),
    askedAt: at('asked_at'),
    agreedBy: text('agreed_by'),
    /** When it was downgraded, if it was; it lives on as non-blocking. */
    downgradedAt: at('downgraded_at'),
    priority: text().$type<'P0' | 'P1' | 'P2' | 'P3'>(),
    priorityReason: text('priority_reason'),
    ticket: text(),
    duplicateOf: bigint('duplicate_of', { mode: 'number' }),
    endedAt: at('ended_at'),
    endedBy: text('ended_by'),
    endReason: text('end_reason'),
    threadId: threadRef('thread_id'),
  },
  (t) => [
    index('bugs_blocking').on(t.product).where(sql`blocking and ended_at is null`),
    // R14: the commits that are known to have a bug that ended; asked for with every reading of a release.
    index('bugs_verified_found').on(t.candidateId).where(sql`blocking and state = 'verified'`),
    index('bugs_verified_failed').on(t.product, t.failedCandidateId).where(sql`blocking and state = 'verified'`),
    index('bugs_open').on(t.product, t.id).where(sql`ended_at is null`),
    index('bugs_release').on(t.releaseId),
    index('bugs_reported').on(t.reportedAt),
    index('bugs_thread').on(t.threadId),
  ],
);

/** A bug users meet in production that hits money or a key feature, or was escalated: its own protocol and clock. */
export const prodIssues = pgTable(
  'prod_issues',
  {
    id: id(),
    bugId: bigint('bug_id', { mode: 'number' }).references(() => bugs.id),
    product: text().notNull(),
    title: text().notNull(),
    state: text().$type<'declared' | 'mitigated' | 'resolved' | 'reviewed'>().notNull(),
    why: text().$type<'money' | 'key_feature' | 'escalated'>().notNull(),
    /** The release that most likely brought it; `attributedBy` is null while it is only the rule that says so. */
    releaseId: releaseRef('release_id'),
    attributedBy: text('attributed_by'),
    declaredBy: text('declared_by').notNull(),
    declaredAt: at('declared_at').notNull(),
    mitigatedAt: at('mitigated_at'),
    resolvedAt: at('resolved_at'),
    reviewedAt: at('reviewed_at'),
    owner: text(),
    engineer: text(),
    communication: text(),
    /** The four answers of the review. */
    review: jsonb().$type<Record<string, string>>(),
    reviewedBy: text('reviewed_by'),
    threadId: threadRef('thread_id').notNull(),
  },
  (t) => [
    index('prod_issues_open').on(t.product).where(sql`state <> 'reviewed'`),
    index('prod_issues_bug').on(t.bugId),
    index('prod_issues_release').on(t.releaseId),
    index('prod_issues_thread').on(t.threadId),
  ],
);
