/** One cell as it is stored: text, a number (dates too: days since 1899-12-30), or nothing. */
export type Cell = string | number | null;

/** A tab of a spreadsheet as it is now. */
export interface TabInfo {
  sheetId: number;
  title: string;
  rows: number;
  columns: number;
}

/** Cells to be put into a tab; null leaves a cell as it is, '' empties it. The tab by its id: its name may be another's by the time it is done. */
export interface Block {
  sheetId: number;
  /** Of the first cell, from 0. */
  row: number;
  column: number;
  rows: Cell[][];
}

/** Cells of a tab, which is named by its id; rows and columns from 0, ends not included. Left out: from the first, or to the last. */
export interface Area {
  sheetId: number;
  startRowIndex?: number;
  endRowIndex?: number;
  startColumnIndex?: number;
  endColumnIndex?: number;
}

/** What stands in an area: its columns, top down, without what is empty at their ends; and what its tab is named now. */
export interface Read {
  title: string;
  columns: Cell[][];
}

/** A change of a spreadsheet's structure, as Google's batchUpdate takes it. */
export type Change = Record<string, unknown>;

/** What the bot asks of Google Sheets. Every function throws SheetsError and nothing else. Each is one request, tried again only where that says so. */
export interface Sheets {
  tabs(spreadsheet: string): Promise<TabInfo[]>;
  /** Row 1 of tabs by their ids, without what is empty at its end; of tabs that are not there nothing. Tried again by itself. */
  heads(spreadsheet: string, sheetIds: readonly number[]): Promise<Map<number, Cell[]>>;
  /** What stands in each area; no two begin at the same cell. Tried again by itself: reading changes nothing. */
  read(spreadsheet: string, areas: readonly Area[]): Promise<Read[]>;
  /** Puts cells into tabs, all or none. Text stays text, whatever it begins with. */
  write(spreadsheet: string, blocks: readonly Block[]): Promise<void>;
  /**
   * Puts rows below all that is in column A, by inserting: nothing that is there is overwritten.
   * @param rows a JSON array of arrays of cells, in UTF-8: many rows as objects would be a multiple of their size in memory
   */
  append(spreadsheet: string, title: string, rows: Uint8Array): Promise<void>;
  /** Several changes of structure, all or none. */
  change(spreadsheet: string, changes: readonly Change[]): Promise<void>;
  /** The address a spreadsheet is shared with; undefined when it is not known. */
  account(): Promise<string | undefined>;
}

/**
 * doubtful: it may have been done or not (no answer, 5xx). limited: not now (429). access: not allowed, or not there (401, 403, 404).
 * invalid: the request does not fit the spreadsheet (400), such as a tab that is gone.
 */
export type SheetsErrorKind = 'doubtful' | 'limited' | 'access' | 'invalid';

export class SheetsError extends Error {
  readonly kind: SheetsErrorKind;
  /** 0: no answer. */
  readonly status: number;

  constructor(kind: SheetsErrorKind, status: number, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SheetsError';
    this.kind = kind;
    this.status = status;
  }
}

/** The id of a spreadsheet from what people copy: the id, or the address in the browser. Undefined when it is neither. */
export function spreadsheetId(text: string): string | undefined {
  const inUrl = /\/spreadsheets\/d\/([\w-]+)/.exec(text)?.[1];
  return inUrl ?? (/^[\w-]{8,100}$/.test(text.trim()) ? text.trim() : undefined);
}

/** A tab of a workbook file. */
export interface WorkbookTab {
  title: string;
  /** `format` is Excel's; left out: text. */
  columns: { title: string; format: string | undefined }[];
  rows: Cell[][];
}
