import { bigint, index, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

/** R26: every action that changed anything. Append-only: triggers refuse UPDATE, DELETE and TRUNCATE. */
export const auditEvents = pgTable(
  'audit_events',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    actor: text().notNull(),
    verb: text().notNull(),
    /** What it is about, as shown: REL-12. */
    subject: text().notNull(),
    eventTime: timestamp('event_time', { withTimezone: true, precision: 3 }).notNull(),
    recordTime: timestamp('record_time', { withTimezone: true, precision: 3 }).notNull(),
    source: text().notNull(),
    cause: text().notNull(),
    data: jsonb().$type<Record<string, unknown>>().notNull(),
    /** The text the seal is taken over; written with the event so that it can be checked against the columns. */
    canonical: text().notNull(),
  },
  (t) => [index('audit_events_subject').on(t.subject, t.id), index('audit_events_record_time').on(t.recordTime)],
);

/** Events not yet in the chain; filled by a trigger, emptied by the sealer, so that sealing costs the same at any size. */
export const auditUnsealed = pgTable('audit_unsealed', {
  eventId: bigint('event_id', { mode: 'number' }).primaryKey(),
});

/** The seal: position n holds sha256 over position n-1's hash, n and the event's canonical text. Append-only. */
export const auditChain = pgTable('audit_chain', {
  position: bigint({ mode: 'number' }).primaryKey(),
  eventId: bigint('event_id', { mode: 'number' })
    .notNull()
    .unique()
    .references(() => auditEvents.id),
  previous: text().notNull(),
  hash: text().notNull(),
  sealedAt: timestamp('sealed_at', { withTimezone: true }).notNull().defaultNow(),
});
