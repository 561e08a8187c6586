import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, pgTable, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core';

/** Everything that happens by the clock, written from src/schedules/table.ts at each start. */
export const schedules = pgTable(
  'schedules',
  {
    /** Also the name of the function that does it. An instance takes only those it has. */
    name: text().primaryKey(),
    cron: text().array().notNull(),
    /** IANA name. */
    zone: text().notNull(),
    workdays: boolean().notNull(),
    what: text().notNull(),
    afterOutage: text('after_outage').$type<'once' | 'skip'>().notNull(),
    graceMinutes: integer('grace_minutes').notNull(),
    /** The next moment it is due, and what the clock on the wall then says; null: never again. */
    nextAt: timestamp('next_at', { withTimezone: true }),
    nextLocal: text('next_local'),
  },
  (t) => [
    check('schedules_after_outage', sql`${t.afterOutage} in ('once', 'skip')`),
    index('schedules_next').on(t.nextAt),
  ],
);

/** Each time a schedule came round, once: the transaction whose row this is did the work, or enqueued it. */
export const scheduleRuns = pgTable(
  'schedule_runs',
  {
    name: text().notNull(),
    /** R22: what the clock on the wall said, `2027-03-01T09:00`. Null only in rows from before local times were kept. */
    local: text(),
    /** The moment it was due. */
    occurrence: timestamp({ withTimezone: true }).notNull(),
    state: text().$type<'fired' | 'skipped'>().notNull().default('fired'),
    /** How many before it passed in the same outage without being done. */
    passed: integer().notNull().default(0),
    startedAt: timestamp('started_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex('schedule_runs_once').on(t.name, t.local),
    index('schedule_runs_occurrence').on(t.occurrence),
    check('schedule_runs_state', sql`${t.state} in ('fired', 'skipped')`),
  ],
);
