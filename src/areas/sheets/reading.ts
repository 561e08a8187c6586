// What stands in the tabs: two columns of each, or, to find what people changed, all of the bot's.
import type { Area, Cell, Sheets } from '../../base/sheets.ts';
import { printOf } from './rules.ts';
import type { There } from './types.ts';
import type { Place } from './writer.ts';

/** Rows whose cells are held in memory at a time, and travel in one answer: about 6 MB. */
const ROWS_AT_ONCE = 20_000;

export interface Found {
  /** What the tab is named now. */
  title: string;
  /** Row 1, people's columns included. */
  header: Cell[];
  there: There;
}

/** Ids and marks of every row, and the headers, in one request. Throws SheetsError. */
export async function readMarks(sheets: Sheets, spreadsheet: string, places: readonly Place[]): Promise<Found[]> {
  const areas = places.flatMap(({ tab, sheetId }): Area[] => {
    const mark = tab.columns.length - 1;
    const column = (at: number) => ({ sheetId, startRowIndex: 1, startColumnIndex: at, endColumnIndex: at + 1 });
    return [headerArea(sheetId), column(0), column(mark)];
  });
  const got = await sheets.read(spreadsheet, areas);
  return places.map((_, i) => {
    const [header, ids, marks] = got.slice(i * 3);
    const there = { ids: ids?.columns[0] ?? [], marks: marks?.columns[0] ?? [] };
    return { title: header?.title ?? '', header: headerOf(header?.columns ?? []), there };
  });
}

const headerArea = (sheetId: number): Area => ({ sheetId, startRowIndex: 0, endRowIndex: 1 });

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
    title: '',
    header: [] as Cell[],
    ids: [] as Cell[],
    marks: [] as Cell[],
    prints: [] as string[],
    width: 0,
  }));
  for (const batch of batches(places)) {
    const got = await sheets.read(
      spreadsheet,
      batch.map((part) => part.area),
    );
    for (const [n, part] of batch.entries()) {
      const [on, place, read] = [found[part.place], places[part.place], got[n]];
      if (!on || !place || !read) continue;
      if (part.first === 1) Object.assign(on, { title: read.title, header: headerOf(read.columns) });
      else take(on, read.columns, place.tab.columns.length, part.first - 2);
    }
  }
  return found.map(({ title, header, ...there }) => ({ title, header, there }));
}

interface Part {
  place: number;
  area: Area;
  /** The first row of the area, as people count. */
  first: number;
  rows: number;
}

function batches(places: readonly (Place & { rows: number })[]): Part[][] {
  const parts = places.flatMap(({ tab, sheetId, rows }, place): Part[] => {
    const all: Part[] = [{ place, area: headerArea(sheetId), first: 1, rows: 0 }];
    for (let first = 2; first <= Math.max(rows, 2); first += ROWS_AT_ONCE) {
      // The last one has no end: there may be more rows by now.
      const end = first + ROWS_AT_ONCE > rows ? {} : { endRowIndex: first - 1 + ROWS_AT_ONCE };
      const area = {
        sheetId,
        startRowIndex: first - 1,
        ...end,
        startColumnIndex: 0,
        endColumnIndex: tab.columns.length,
      };
      all.push({ place, area, first, rows: Math.min(ROWS_AT_ONCE, rows) });
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
  on: { ids: Cell[]; marks: Cell[]; prints: string[]; width: number },
  columns: readonly Cell[][],
  width: number,
  at: number,
): void {
  const length = Math.max(0, ...columns.slice(0, width).map((column) => column.length));
  on.width = Math.max(on.width, columns.slice(0, width).findLastIndex((column) => column.length > 0) + 1);
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
