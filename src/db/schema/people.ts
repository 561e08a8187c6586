import { boolean, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';

/** What Slack says of a person, cached; asked again when an hour old. */
export const people = pgTable('people', {
  id: text().primaryKey(),
  name: text().notNull(),
  zone: text(),
  bot: boolean().notNull(),
  deactivated: boolean().notNull(),
  guest: boolean().notNull(),
  outsider: boolean().notNull(),
  refreshedAt: timestamp('refreshed_at', { withTimezone: true }).notNull(),
});

/** Slack user groups named in the policy, and when their members were last read. */
export const usergroups = pgTable('usergroups', {
  id: text().primaryKey(),
  refreshedAt: timestamp('refreshed_at', { withTimezone: true }).notNull(),
});

export const usergroupMembers = pgTable(
  'usergroup_members',
  {
    usergroup: text()
      .notNull()
      .references(() => usergroups.id, { onDelete: 'cascade' }),
    person: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.usergroup, t.person] })],
);

/** Who looks at the App Home, and the hash of what was published to them last. */
export const homes = pgTable('homes', {
  person: text().primaryKey(),
  openedAt: timestamp('opened_at', { withTimezone: true }).notNull(),
  shownHash: text('shown_hash'),
});
