import { bigint, boolean, date, index, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';

const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** Every reminder that went out (R23): at most one per kind, subject, person, local day and part of the day, and of a slot's for each slot. */
export const reminders = pgTable(
  'reminders',
  {
    kind: text().notNull(),
    /** What it was about, by its shown id. */
    subject: text().notNull(),
    /** Who got it: a person's id, or a channel's. */
    target: text().notNull(),
    /** The local day of who got it. */
    day: date({ mode: 'string' }).notNull(),
    part: integer().notNull(),
    /** Since when it waited. */
    since: at('since').notNull(),
    sentAt: at('sent_at').notNull(),
    /** The outbox id of the message it came in, with others maybe. */
    outboxId: bigint('outbox_id', { mode: 'number' }).notNull(),
    /** In a message to them, not in a thread. */
    digest: boolean().notNull(),
    /** It went to who answers for it, for those who can do it did not. */
    escalated: boolean().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.kind, t.subject, t.target, t.day, t.part, t.since] }),
    index('reminders_sent_at').on(t.sentAt),
    index('reminders_outbox').on(t.outboxId),
  ],
);

/** What people last answered to a reminder: done, or not today. */
export const reminderAnswers = pgTable(
  'reminder_answers',
  {
    kind: text().notNull(),
    subject: text().notNull(),
    person: text().notNull(),
    answer: text().$type<'done' | 'not_today'>().notNull(),
    /** The local day of who answered. */
    day: date({ mode: 'string' }).notNull(),
    /** The wait that it was about. */
    since: at('since').notNull(),
    answeredAt: at('answered_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.kind, t.subject, t.person] }), index('reminder_answers_at').on(t.answeredAt)],
);
