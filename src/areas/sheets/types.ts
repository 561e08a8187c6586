import type { Cell } from '../../base/sheets.ts';

export type TabKey = 'releases' | 'funds' | 'ledger';

/** How a column looks. Amounts have all their decimals; times are the team's local times. */
export type Look = 'text' | 'number' | 'amount' | 'usd' | 'percent' | 'time' | 'day';

export interface Column {
  title: string;
  look: Look;
}

/** One of the tabs of R20. Its first column holds the ids, its last one the bot's mark; what is right of that is people's. */
export interface Tab {
  key: TabKey;
  title: string;
  /** All that are the bot's, id and mark included. */
  columns: Column[];
  /** What ids of this tab look like. */
  ids: RegExp;
}

/** What should stand in one row: its id, and the columns between id and mark. */
export interface Row {
  id: string;
  cells: Cell[];
}

/** What stands in a tab, from row 2 on: index 0 is row 2. */
export interface There {
  /** Column A. */
  ids: readonly Cell[];
  /** The column of marks. */
  marks: readonly Cell[];
  /** Where all the bot's columns were read: what the mark of each row would be if its cells were right. */
  prints?: readonly string[];
  /** The same: how many columns there are up to the last one with anything in it. */
  width?: number;
}

/** What to do to one row that is there. `cells` go into the columns after `from` columns of the bot's. */
export interface Update {
  /** As people count: the header is row 1. */
  row: number;
  from: number;
  cells: Cell[];
}

/** What a sync tells the admins, once each: `key` says what about, `text` is mrkdwn. */
export interface Notice {
  key: string;
  text: string;
}

/** What became of one tab in a sync. */
export interface TabOutcome {
  tab: TabKey;
  updated: number;
  appended: number;
  /** Ids whose cells somebody had changed by hand. */
  restored: string[];
  /** Ids of rows whose thing is not in the database, and of rows that are there twice. */
  orphans: string[];
}
