import { sql } from 'drizzle-orm';
import { index, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

/**
 * Slack events as they arrived, needed fields only (src/bot/inbox.ts says which). The primary key is what makes an event
 * sent again a duplicate. Rows are purged a week after they arrived: Slack stops sending again after minutes.
 */
export const slackEvents = pgTable(
  'slack_events',
  {
    eventId: text('event_id').primaryKey(),
    type: text('type').notNull(),
    body: jsonb('body').notNull().$type<Record<string, unknown>>(),
    receivedAt: timestamp('received_at', { withTimezone: true }).notNull().defaultNow(),
    handledAt: timestamp('handled_at', { withTimezone: true }),
    failedAt: timestamp('failed_at', { withTimezone: true }),
    error: text('error'),
  },
  (t) => [
    index('slack_events_received_at').on(t.receivedAt),
    index('slack_events_unhandled').on(t.receivedAt).where(sql`${t.handledAt} is null`),
    // The dead ones are counted for every /readyz: few, so the index stays tiny.
    index('slack_events_failed').on(t.failedAt).where(sql`${t.failedAt} is not null`),
  ],
);
