import { bigint, boolean, date, index, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import { threads } from './core.ts';

const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** An issue, meeting or topic: one thread, ONE responsible person, a status and a due date (R24). */
export const notes = pgTable(
  'notes',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    kind: text().$type<'issue' | 'meeting' | 'topic'>().notNull(),
    title: text().notNull(),
    description: text(),
    responsible: text().notNull(),
    state: text().$type<'open' | 'closed'>().notNull(),
    due: date({ mode: 'string' }),
    openedBy: text('opened_by').notNull(),
    openedAt: at('opened_at').notNull(),
    closedBy: text('closed_by'),
    closedAt: at('closed_at'),
    summary: text(),
    /** Why it was closed with boxes open, where it was. */
    closeReason: text('close_reason'),
    threadId: bigint('thread_id', { mode: 'number' })
      .notNull()
      .references(() => threads.id),
  },
  (t) => [index('notes_state').on(t.state, t.id), index('notes_thread').on(t.threadId)],
);

/** The definition of done of an issue, as the policy had it when it was opened; ticked one by one. */
export const noteChecks = pgTable(
  'note_checks',
  {
    noteId: bigint('note_id', { mode: 'number' })
      .notNull()
      .references(() => notes.id),
    position: integer().notNull(),
    text: text().notNull(),
    done: boolean().notNull().default(false),
    by: text(),
    at: at('at'),
  },
  (t) => [primaryKey({ columns: [t.noteId, t.position] })],
);
