import { index, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';

/** Each time a schedule came round, once: the instance whose row it is did the work. */
export const scheduleRuns = pgTable(
  'schedule_runs',
  {
    name: text().notNull(),
    /** The minute it was due. */
    occurrence: timestamp({ withTimezone: true }).notNull(),
    startedAt: timestamp('started_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.name, t.occurrence] }), index('schedule_runs_occurrence').on(t.occurrence)],
);
