import { sql } from 'drizzle-orm';
import { bigint, check, date, index, integer, jsonb, pgTable, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core';
import type { Sharing } from './outbox.ts';

const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** One month of the regression calendar, from when it is planned (R21). */
export const regressionMonths = pgTable('regression_months', {
  /** YYYY-MM */
  month: text().primaryKey(),
  plannedAt: at('planned_at').notNull(),
  /** Slack id, or `shipshape` when it was made by itself. */
  plannedBy: text('planned_by').notNull(),
  replannedAt: at('replanned_at'),
  /** Who takes turns, and from and to which day of the month (YYYY-MM-DD). */
  roster: jsonb().$type<{ id: string; from: string; to: string }[]>().notNull(),
  /** What the policy asked for when it was planned last. */
  areas: jsonb().$type<{ wallet: string; feature: string; key: boolean; times: number }[]>().notNull(),
  /** Areas nobody has the time for. */
  leftOut: jsonb('left_out').$type<{ wallet: string; feature: string }[]>().notNull(),
  /** Hash of the coverage that is in the channel, and of one under way with its files in Slack: it is looked for before it is posted again. */
  reported: text(),
  reporting: jsonb().$type<Sharing>(),
});

/** One area (wallet x feature) that one tester tests on one day. Shown as RA-12. */
export const regressionAssignments = pgTable(
  'regression_assignments',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    month: text()
      .notNull()
      .references(() => regressionMonths.month),
    wallet: text().notNull(),
    feature: text().notNull(),
    /** The local day, in the team's zone. */
    day: date({ mode: 'string' }).notNull(),
    /** When it starts, in minutes after local midnight. */
    start: integer().notNull(),
    tester: text().notNull(),
    state: text().$type<'planned' | 'passed' | 'failed' | 'skipped' | 'missed'>().notNull().default('planned'),
    /** Who said how it ended, when, and what they said of it. */
    by: text(),
    at: at('at'),
    note: text(),
  },
  (t) => [
    index('regression_assignments_month').on(t.month, t.day, t.start, t.id),
    index('regression_assignments_planned').on(t.day, t.tester).where(sql`state in ('planned', 'missed')`),
    check('regression_assignments_state', sql`state in ('planned', 'passed', 'failed', 'skipped', 'missed')`),
  ],
);

/** Two people who want to do each other's test: asked by one, agreed to by the other. */
export const regressionSwaps = pgTable(
  'regression_swaps',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    /** What the asker has, and what they want for it. */
    mine: bigint({ mode: 'number' })
      .notNull()
      .references(() => regressionAssignments.id, { onDelete: 'cascade' }),
    theirs: bigint({ mode: 'number' })
      .notNull()
      .references(() => regressionAssignments.id, { onDelete: 'cascade' }),
    asker: text().notNull(),
    asked: text().notNull(),
    askedAt: at('asked_at').notNull(),
    state: text().$type<'open' | 'agreed' | 'declined' | 'void'>().notNull().default('open'),
    answeredAt: at('answered_at'),
  },
  (t) => [
    uniqueIndex('regression_swaps_open').on(t.mine, t.theirs).where(sql`state = 'open'`),
    check('regression_swaps_state', sql`state in ('open', 'agreed', 'declined', 'void')`),
  ],
);
