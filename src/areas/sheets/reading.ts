// What stands in the tabs: two columns of each, or, to find what people changed, all of the bot's.
import type { Cell, Sheets } from '../../base/sheets.ts';
import { columnName, quoted } from './layout.ts';
import { printOf } from './rules.ts';
import type { There } from './types.ts';
import type { Place } from './writer.ts';

/** Rows whose cells are held in memory at a time, and travel in one answer: about 6 MB. */
const ROWS_AT_ONCE = 20_000;

export interface Found {
  /** Row 1, people's columns included. */
  header: Cell[];
  there: There;
}

/** Ids and marks of every row, and the headers, in one request. Throws SheetsError. */
export async function readMarks(sheets: Sheets, spreadsheet: string, places: readonly Place[]): Promise<Found[]> {
  const ranges = places.flatMap(({ tab, title }) => {
    const mark = columnName(tab.columns.length - 1);
    return ['1:1', 'A2:A', `${mark}2:${mark}`].map((range) => `${quoted(title)}!${range}`);
  });
  const got = await sheets.read(spreadsheet, ranges);
  return places.map((_, i) => {
    const [header = [], ids = [], marks = []] = got.slice(i * 3);
    return { header: headerOf(header), there: { ids: ids[0] ?? [], marks: marks[0] ?? [] } };
  });
}

/**
 * All of the bot's columns, reduced to a print per row; 20,000 rows in a request. `rows`: how many each tab has room for.
 * Throws SheetsError.
 */
export async function readAll(
  sheets: Sheets,
  spreadsheet: string,
  places: readonly (Place & { rows: number })[],
): Promise<Found[]> {
  const found = places.map(() => ({
    header: [] as Cell[],
    ids: [] as Cell[],
    marks: [] as Cell[],
    prints: [] as string[],
  }));
  for (const batch of batches(places)) {
    const got = await sheets.read(
      spreadsheet,
      batch.map((part) => part.range),
    );
    for (const [n, part] of batch.entries()) {
      const [on, place, columns] = [found[part.place], places[part.place], got[n] ?? []];
      if (!on || !place) continue;
      if (part.first === 1) on.header = headerOf(columns);
      else take(on, columns, place.tab.columns.length, part.first - 2);
    }
  }
  return found.map(({ header, ...there }) => ({ header, there }));
}

interface Part {
  place: number;
  range: string;
  /** The first row of the range. */
  first: number;
  rows: number;
}

function batches(places: readonly (Place & { rows: number })[]): Part[][] {
  const parts = places.flatMap(({ tab, title, rows }, place): Part[] => {
    const last = columnName(tab.columns.length - 1);
    const all: Part[] = [{ place, range: `${quoted(title)}!1:1`, first: 1, rows: 0 }];
    for (let first = 2; first <= Math.max(rows, 2); first += ROWS_AT_ONCE) {
      const end = first + ROWS_AT_ONCE > rows ? '' : first + ROWS_AT_ONCE - 1;
      const range = `${quoted(title)}!A${first}:${last}${end}`;
      all.push({ place, range, first, rows: Math.min(ROWS_AT_ONCE, rows) });
    }
    return all;
  });
  const done: Part[][] = [];
  let rows = ROWS_AT_ONCE;
  for (const part of parts) {
    if (rows + part.rows > ROWS_AT_ONCE || !done.length) {
      done.push([]);
      rows = 0;
    }
    rows += part.rows;
    done.at(-1)?.push(part);
  }
  return done;
}

function take(
  on: { ids: Cell[]; marks: Cell[]; prints: string[] },
  columns: readonly Cell[][],
  width: number,
  at: number,
): void {
  const length = Math.max(0, ...columns.slice(0, width).map((column) => column.length));
  for (let i = 0; i < length; i++) {
    const id = columns[0]?.[i] ?? '';
    const cells: Cell[] = [];
    for (let c = 1; c < width - 1; c++) cells.push(columns[c]?.[i] ?? null);
    on.ids[at + i] = id;
    on.marks[at + i] = columns[width - 1]?.[i] ?? '';
    on.prints[at + i] = printOf(String(id).trim(), cells);
  }
}

function headerOf(columns: readonly Cell[][]): Cell[] {
  return columns.map((column) => column[0] ?? null);
}
