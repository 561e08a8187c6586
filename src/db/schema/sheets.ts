import { bigint, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';

/** The tabs of Google's spreadsheets by Google's id, so that one that is renamed or deleted is noticed (R20). */
export const sheetTabs = pgTable(
  'sheet_tabs',
  {
    spreadsheet: text().notNull(),
    tab: text().notNull(),
    sheetId: bigint('sheet_id', { mode: 'number' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.spreadsheet, t.tab] })],
);

/** What is wrong with a spreadsheet and was told to the admins: once, as long as it lasts. */
export const sheetNotices = pgTable(
  'sheet_notices',
  {
    spreadsheet: text().notNull(),
    key: text().notNull(),
    text: text().notNull(),
    toldAt: timestamp('told_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.spreadsheet, t.key] })],
);
