import { sql } from 'drizzle-orm';
import { bigint, boolean, index, integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import { threads } from './core.ts';

/**
 * Every message the bot owes Slack. A lane (`thread:7`, `dm:U1`, `channel:C1`) is posted in id order by one job at a time.
 * `attempted_at` without `posted_ts` is doubtful: the message is looked up by its id before it is posted again.
 */
export const outbox = pgTable(
  'outbox',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    lane: text().notNull(),
    /** card and check are drawn from the database when sent and kept up to date; the others carry their own blocks. */
    role: text().$type<'card' | 'check' | 'line' | 'dm'>().notNull(),
    threadId: bigint('thread_id', { mode: 'number' }).references(() => threads.id),
    /** Where it goes: a channel id, or a user id for a DM. */
    target: text().notNull(),
    /** What a card shows, by its shown id: REL-12, BUG-7. */
    subject: text(),
    text: text().notNull().default(''),
    blocks: jsonb().$type<unknown[]>(),
    broadcast: boolean().notNull().default(false),
    /** Until when it is of use; it is left out if it could not be posted by then. Null: always, as everything is that says what was done. */
    until: timestamp({ withTimezone: true }),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    attemptedAt: timestamp('attempted_at', { withTimezone: true }),
    attempts: integer().notNull().default(0),
    postedAt: timestamp('posted_at', { withTimezone: true }),
    postedTs: text('posted_ts'),
    postedChannel: text('posted_channel'),
    failedAt: timestamp('failed_at', { withTimezone: true }),
    error: text(),
    /** Cards only: hash of what Slack shows now, and the next moment an update may go out (folding). */
    shownHash: text('shown_hash'),
    dueAt: timestamp('due_at', { withTimezone: true }),
  },
  (t) => [
    index('outbox_waiting').on(t.lane, t.id).where(sql`posted_ts is null and failed_at is null`),
    index('outbox_posted').on(t.postedChannel, t.postedTs).where(sql`role in ('card', 'check')`),
    index('outbox_subject').on(t.subject, t.role).where(sql`role in ('card', 'check')`),
    index('outbox_thread').on(t.threadId).where(sql`role = 'card'`),
  ],
);

/** Channels Slack asked us not to write to for a while (Retry-After), or that cannot be written to (archived, not a member). */
export const blockedChannels = pgTable('blocked_channels', {
  channel: text().primaryKey(),
  until: timestamp({ withTimezone: true }).notNull(),
  reason: text().notNull(),
  /** When the admins were told; once per outage. */
  toldAt: timestamp('told_at', { withTimezone: true }),
});

/** Files under way to a channel: the hash of what they say, their ids, and when they were shared (milliseconds since 1970). */
export interface Sharing {
  hash: string;
  files: string[];
  at?: number;
}
