import { bigint, index, integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import { candidates } from './releases.ts';

const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** What GitHub said of a candidate; no row, or `loadedAt` null, while it has not answered. */
export const candidateFacts = pgTable(
  'candidate_facts',
  {
    candidateId: bigint('candidate_id', { mode: 'number' })
      .primaryKey()
      .references(() => candidates.id),
    /** The commit in full, and its verified tree (R3). */
    sha: text(),
    tree: text(),
    /** How many commits develop is ahead of production. */
    developAhead: integer('develop_ahead'),
    loadedAt: at('loaded_at'),
    /** Why not, in words for people, when the last try failed. */
    problem: text(),
  },
  (t) => [index('candidate_facts_tree').on(t.tree)],
);

/** The changes between production and a candidate, in GitHub's order. */
export const candidateChanges = pgTable(
  'candidate_changes',
  {
    candidateId: bigint('candidate_id', { mode: 'number' })
      .notNull()
      .references(() => candidates.id),
    position: integer().notNull(),
    title: text().notNull(),
    number: integer(),
    url: text(),
    login: text(),
    labels: jsonb().$type<string[]>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.candidateId, t.position] })],
);
