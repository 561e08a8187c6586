import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { OPEN_STATES } from '../../base/release.ts';
import { threads } from './core.ts';

const id = () => bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity();
const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
const releaseId = () =>
  bigint('release_id', { mode: 'number' })
    .notNull()
    .references(() => releases.id);

/** The open states as SQL writes them: a condition on them as parameters could not use the indexes of open releases. */
export const OPEN = sql.raw(`('${OPEN_STATES.join("', '")}')`);

export const releases = pgTable(
  'releases',
  {
    id: id(),
    product: text().notNull(),
    version: text().notNull(),
    kind: text().$type<'scheduled' | 'emergency'>().notNull(),
    state: text()
      .$type<'waiting' | 'testing' | 'approved' | 'shipping' | 'verifying' | 'done' | 'cancelled' | 'rolled_back'>()
      .notNull(),
    threadId: bigint('thread_id', { mode: 'number' })
      .notNull()
      .references(() => threads.id),
    openedBy: text('opened_by').notNull(),
    openedAt: at('opened_at').notNull(),
    manager: text().notNull(),
    opsOwner: text('ops_owner'),
    productOwner: text('product_owner'),
    authors: text().array().notNull().default(sql`'{}'`),
    environmentUrl: text('environment_url'),
    changes: text(),
    risks: text(),
    flags: text(),
    /** Emergencies: why, and the prod issue it answers (R9). */
    reason: text(),
    prodIssue: text('prod_issue'),
    /** Counts accepted acts. Sign-offs, holds and candidates carry the act that made them, so order never rests on clocks. */
    acts: integer().notNull().default(0),
    /** The last hold, blocker or failed push: sign-offs given before it count again only after "still LGTM" (R6). */
    interruptedAct: integer('interrupted_act').notNull().default(0),
    /** The last change of candidate, blockers or holds, or failed push: what a late reaction is judged against; and when that was, once there was one. */
    gateAct: integer('gate_act').notNull().default(0),
    gateAt: at('gate_at'),
    stateSince: at('state_since').notNull(),
    approvedAt: at('approved_at'),
    shippingAt: at('shipping_at'),
    shippedAt: at('shipped_at'),
    doneAt: at('done_at'),
    endedAt: at('ended_at'),
    endReason: text('end_reason'),
    onOne: text('on_one'),
    reviewDueAt: at('review_due_at'),
    reviewedBy: text('reviewed_by'),
    reviewedAt: at('reviewed_at'),
    /** The last complete read of the thread: when it began, and the gate act it was made under. */
    reconciledAt: at('reconciled_at'),
    reconciledGate: integer('reconciled_gate'),
    /** A print of what reactions and words meant to that read: what meant nothing then was not seen to be absent (R7). Behind it the time of the
     * first such read, where one before had another print. */
    reconciledAs: text('reconciled_as'),
    /** Since when its channel cannot be read or written; a complete read begun later clears it. */
    lostAt: at('lost_at'),
    /** The blocking bugs it knew at its last act, by blocking_seq: a new one interrupts sign-offs once (R6). */
    knownBlockers: bigint('known_blockers', { mode: 'number' }).array().notNull().default(sql`'{}'`),
  },
  (t) => [
    uniqueIndex('releases_version').on(t.product, t.version).where(sql`state <> 'cancelled'`),
    uniqueIndex('releases_open').on(t.product, t.kind).where(sql`state in ${OPEN}`),
    index('releases_thread').on(t.threadId),
    index('releases_live').on(t.state).where(sql`state in ${OPEN}`),
    index('releases_done').on(t.doneAt).where(sql`state = 'done'`),
    index('releases_owing').on(t.id).where(sql`on_one is not null and reviewed_by is null`),
    index('releases_prod_issue').on(t.prodIssue).where(sql`prod_issue is not null`),
  ],
);

export const candidates = pgTable(
  'candidates',
  {
    id: id(),
    releaseId: releaseId(),
    seq: integer().notNull(),
    commit: text().notNull(),
    tree: text(),
    namedBy: text('named_by').notNull(),
    namedAt: at('named_at').notNull(),
    /** When the card first showed it in Slack; reactions from before (or within 5 s after) are asked to confirm (R3). */
    shownAt: at('shown_at'),
  },
  // A commit is 7 to 40 digits of the same: two that are one begin with the same seven.
  (t) => [
    uniqueIndex('candidates_seq').on(t.releaseId, t.seq),
    index('candidates_commit').on(sql`left(${t.commit}, 7)`),
  ],
);

export const presences = pgTable(
  'presences',
  {
    releaseId: releaseId(),
    stage: text().$type<'candidate' | 'production'>().notNull(),
    person: text().notNull(),
    since: at('since').notNull(),
    renewedAt: at('renewed_at').notNull(),
    leftAt: at('left_at'),
  },
  (t) => [primaryKey({ columns: [t.releaseId, t.stage, t.person] })],
);

export const signOffs = pgTable(
  'sign_offs',
  {
    id: id(),
    releaseId: releaseId(),
    candidateId: bigint('candidate_id', { mode: 'number' })
      .notNull()
      .references(() => candidates.id),
    stage: text().$type<'candidate' | 'production'>().notNull(),
    person: text().notNull(),
    road: text().notNull(),
    givenAt: at('given_at').notNull(),
    /** The act that gave it or last affirmed it; 0 once a blocker came while production, which it is of, was being checked (R6). */
    act: integer().notNull(),
    retractedAt: at('retracted_at'),
    /** Taken back after shipping began: recorded and alerted, but what shipped stays on record as signed (R6, R8). */
    lateAt: at('late_at'),
  },
  (t) => [
    uniqueIndex('sign_offs_once').on(t.candidateId, t.stage, t.person).where(sql`retracted_at is null`),
    index('sign_offs_release').on(t.releaseId),
  ],
);

export const holds = pgTable(
  'holds',
  {
    id: id(),
    releaseId: releaseId(),
    person: text().notNull(),
    reason: text(),
    road: text().notNull(),
    /** Set on a scheduled release by an emergency of its product (R9). */
    emergencyId: bigint('emergency_id', { mode: 'number' }).references(() => releases.id),
    setAt: at('set_at').notNull(),
    act: integer().notNull(),
    liftedAt: at('lifted_at'),
    liftedBy: text('lifted_by'),
  },
  (t) => [index('holds_release').on(t.releaseId)],
);

/** What Slack shows one person to have said on one message by one road (a reaction's name, or `word`). */
export const claims = pgTable(
  'claims',
  {
    channel: text().notNull(),
    ts: text().notNull(),
    person: text().notNull(),
    road: text().notNull(),
    releaseId: releaseId(),
    present: boolean().notNull(),
    /** Slack's time of the newest fact known, as Slack writes it (seconds.micros). */
    eventTs: text('event_ts').notNull(),
    version: integer().notNull().default(1),
    outcome: text().$type<'accepted' | 'refused' | 'asked' | 'stale' | 'withdrawn' | 'noted'>().notNull(),
    /** What it asked for when it was first heard of, or appeared again: that is what its going undoes, whatever the policy calls it by then. Null on claims from before this was kept. */
    given: text().$type<'ready' | 'lgtm' | 'verify' | 'hold' | 'rocket'>(),
    changedAt: at('changed_at').notNull(),
    /** When its going, by its event, last took back a sign-off, eyes or a hold, if it did: exactly the time that is noted there. */
    undoneAt: at('undone_at'),
  },
  (t) => [primaryKey({ columns: [t.channel, t.ts, t.person, t.road] }), index('claims_release').on(t.releaseId)],
);
