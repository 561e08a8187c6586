import { bigint, index, jsonb, pgTable, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core';

/** What set an action off (an event, a click, a command), once. A repeat finds the first result here. */
export const causes = pgTable(
  'causes',
  {
    key: text().primaryKey(),
    result: jsonb(),
    at: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [index('causes_at').on(t.at)],
);

/** One conversation in Slack: its root message, and the ONE person responsible for it (R24). */
export const threads = pgTable(
  'threads',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    kind: text().notNull(),
    title: text().notNull(),
    responsible: text().notNull(),
    channel: text().notNull(),
    /** Slack's ts of the root message; null until it is posted. */
    rootTs: text('root_ts'),
    /** Where people find it, as Slack says. */
    url: text(),
    openedAt: timestamp('opened_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [uniqueIndex('threads_root').on(t.channel, t.rootTs)],
);
