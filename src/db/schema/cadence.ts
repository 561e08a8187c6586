import { sql } from 'drizzle-orm';
import { bigint, check, date, index, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import { releases } from './releases.ts';

const id = () => bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity();
const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** A time in which no scheduled release ships (R9): of one product, or of all. */
export const freezes = pgTable(
  'freezes',
  {
    id: id(),
    /** Null: all products. */
    product: text(),
    startsAt: at('starts_at').notNull(),
    /** The first moment after it. */
    endsAt: at('ends_at').notNull(),
    reason: text().notNull(),
    setBy: text('set_by').notNull(),
    setAt: at('set_at').notNull(),
    /** Ended before its time, or before it began. */
    thawedAt: at('thawed_at'),
    thawedBy: text('thawed_by'),
  },
  (t) => [check('freezes_span', sql`${t.startsAt} < ${t.endsAt}`), index('freezes_end').on(t.endsAt)],
);

/** A slot of the cadence that was proposed: a row once its time to propose came, the same in every instance. */
export const slots = pgTable(
  'slots',
  {
    id: id(),
    /** The local time of it: `2027-03-01T10:00`. Unique: a slot is proposed once. */
    local: text().notNull().unique(),
    /** Open from `at` to `until`, both included; written down, so that a later policy does not change what was. */
    at: at('at').notNull(),
    until: at('until').notNull(),
    proposedAt: at('proposed_at').notNull(),
  },
  (t) => [index('slots_until').on(t.until)],
);

/** Up to when the cadence was looked after, in one row: slots that began since then had nobody to propose them (R22). */
export const slotLooks = pgTable(
  'slot_looks',
  {
    id: integer().primaryKey().default(1),
    until: at('until').notNull(),
  },
  (t) => [check('slot_looks_one', sql`${t.id} = 1`)],
);

/** What became of a slot, for each product. */
export const slotProducts = pgTable(
  'slot_products',
  {
    slotId: bigint('slot_id', { mode: 'number' })
      .notNull()
      .references(() => slots.id),
    product: text().notNull(),
    outcome: text().$type<'planned' | 'done' | 'late' | 'missed' | 'cancelled'>().notNull().default('planned'),
    /** The release that was to go out in it, once that is known. */
    releaseId: bigint('release_id', { mode: 'number' }).references(() => releases.id),
    /** Who said that nothing goes out in it. */
    skippedBy: text('skipped_by'),
    /** How many commits develop was ahead of production when it was proposed; null where GitHub did not say. */
    developAhead: integer('develop_ahead'),
    settledAt: at('settled_at'),
  },
  (t) => [
    primaryKey({ columns: [t.slotId, t.product] }),
    check('slot_products_outcome', sql`${t.outcome} in ('planned', 'done', 'late', 'missed', 'cancelled')`),
    index('slot_products_open').on(t.slotId).where(sql`outcome in ('planned', 'missed')`),
  ],
);

/** Days on which a person does not work, both included, in the team's zone: duty and regression go round them. */
export const absences = pgTable(
  'absences',
  {
    id: id(),
    person: text().notNull(),
    fromDay: date('from_day', { mode: 'string' }).notNull(),
    toDay: date('to_day', { mode: 'string' }).notNull(),
    setBy: text('set_by').notNull(),
    setAt: at('set_at').notNull(),
    /** Taken back; it then never was. */
    endedAt: at('ended_at'),
  },
  (t) => [
    check('absences_span', sql`${t.fromDay} <= ${t.toDay}`),
    index('absences_days').on(t.toDay).where(sql`ended_at is null`),
  ],
);
