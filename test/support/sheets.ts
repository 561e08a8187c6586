// A Google Sheets of our own on a local port: a grid per tab, and people who get in between.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Value = string | number | boolean | null;

export interface FakeTab {
  sheetId: number;
  title: string;
  /** Rows of cells; what is missing is empty. */
  grid: Value[][];
  rows: number;
  columns: number;
  frozen: number;
}

/** limit: 429. error: 500, nothing done. lost: done, and no answer. cut: not done, no answer. late: done, then 503. others: a status. */
export type Fault = 'limit' | 'error' | 'lost' | 'cut' | 'late' | number;

export interface Call {
  n: number;
  method: string;
  /** What is asked for: get, read, write, append, change. */
  what: string;
  bytes: number;
}

export interface FakeSheets {
  url: string;
  id: string;
  tabs: FakeTab[];
  calls: Call[];
  /** Called before each request is worked on: people act, and things fail. */
  before: (call: Call) => Fault | undefined;
  /** Called with each answer's body before it goes out: what comes back is sent in its place. */
  // biome-ignore lint/suspicious/noExplicitAny: an answer as it goes
  answers: (body: any) => unknown;
  tab(title: string): FakeTab;
  stop(): Promise<void>;
}

class Refused extends Error {}

/** Starts an empty spreadsheet with the one tab that new ones have. */
export async function fakeSheets(id = 'test-spreadsheet-1'): Promise<FakeSheets> {
  const fake: FakeSheets = {
    url: '',
    id,
    tabs: [{ sheetId: 0, title: 'Sheet1', grid: [], rows: 1000, columns: 26, frozen: 0 }],
    calls: [],
    before: () => undefined,
    answers: (body) => body,
    tab: (title) => {
      const found = fake.tabs.find((t) => t.title === title);
      if (!found) throw new Error(`no tab ${title}`);
      return found;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  const server = createServer((req, res) => void serve(fake, req, res));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  fake.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return fake;
}

async function serve(fake: FakeSheets, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const url = new URL(req.url ?? '/', fake.url);
  const path = decodeURIComponent(url.pathname);
  const what = kindOf(req.method ?? '', path);
  const call = { n: fake.calls.length + 1, method: req.method ?? '', what, bytes: text.length };
  fake.calls.push(call);
  const fault = fake.before(call);
  const answer = (status: number, body: unknown) => {
    res.writeHead(status, { 'content-type': 'application/json' });
    res.end(JSON.stringify(body));
  };
  const wrong = (status: number, message: string) => answer(status, { error: { code: status, message } });
  if (fault === 'limit') return wrong(429, 'Quota exceeded');
  if (fault === 'error') return wrong(500, 'Internal error encountered.');
  if (typeof fault === 'number') return wrong(fault, 'The caller does not have permission');
  if (fault === 'cut') return void req.socket.destroy();
  if (!path.startsWith(`/v4/spreadsheets/${fake.id}`)) return wrong(404, 'Requested entity was not found.');
  try {
    const result = work(fake, what, path, url.searchParams, text === '' ? {} : JSON.parse(text));
    if (fault === 'lost') return void req.socket.destroy();
    if (fault === 'late') return wrong(503, 'The service is currently unavailable.');
    answer(200, fake.answers(result));
  } catch (err) {
    if (err instanceof Refused) return wrong(400, err.message);
    console.error(err);
    wrong(501, String(err));
  }
}

function kindOf(method: string, path: string): string {
  if (/\/values:batchGet(ByDataFilter)?$/.test(path)) return 'read';
  if (/\/values:batchUpdate(ByDataFilter)?$/.test(path)) return 'write';
  if (path.endsWith(':append')) return 'append';
  if (path.endsWith(':batchUpdate')) return 'change';
  if (path.endsWith(':getByDataFilter')) return 'heads';
  if (path.includes('/values/')) return method === 'PUT' ? 'write' : 'read';
  return 'get';
}

// biome-ignore lint/suspicious/noExplicitAny: a request as it comes
function work(fake: FakeSheets, what: string, path: string, query: URLSearchParams, body: any): unknown {
  const single = /\/values\/(.*?)(?::append)?$/.exec(path)?.[1] ?? '';
  switch (what) {
    case 'get':
      return {
        spreadsheetId: fake.id,
        properties: { title: 'Test' },
        sheets: fake.tabs.map((t) => ({ properties: propertiesOf(t) })),
      };
    case 'heads': {
      const ids = body.dataFilters.map((f: { gridRange: { sheetId: number } }) => f.gridRange.sheetId);
      const cell = (v: Value) => (isNothing(v) ? {} : { effectiveValue: { [`${typeof v}Value`]: v } });
      return {
        sheets: fake.tabs
          .filter((t) => ids.includes(t.sheetId))
          .map(({ sheetId, grid }) => ({
            properties: { sheetId },
            data: [{ rowData: [{ values: (grid[0] ?? []).map(cell) }] }],
          })),
      };
    }
    case 'read': {
      if (body.dataFilters) return readFiltered(fake, body);
      const ranges = single ? [single] : query.getAll('ranges');
      const columns = query.get('majorDimension') === 'COLUMNS';
      const valueRanges = ranges.map((range) => ({ range, values: readRange(parseRange(fake, range), columns) }));
      return single ? valueRanges[0] : { spreadsheetId: fake.id, valueRanges };
    }
    case 'write': {
      const data = single ? [{ range: single, values: body.values }] : body.data;
      // All or none: everything is looked at before anything is written.
      const parsed = data.map((d: { range: string; dataFilter?: { gridRange: GridRange }; values: Value[][] }) => ({
        ...(d.dataFilter ? gridRange(fake, d.dataFilter.gridRange) : parseRange(fake, d.range)),
        values: d.values,
      }));
      for (const one of parsed) writeRange(one);
      return { spreadsheetId: fake.id, updatedData: { values: body.values } };
    }
    case 'append':
      return appendValues(fake, single, body.values, query.get('insertDataOption') === 'INSERT_ROWS');
    default:
      for (const request of body.requests) check(fake, request);
      for (const request of body.requests) change(fake, request);
      return { spreadsheetId: fake.id, replies: body.requests.map(() => ({})) };
  }
}

const propertiesOf = (t: FakeTab) => ({
  sheetId: t.sheetId,
  title: t.title,
  index: 0,
  sheetType: 'GRID',
  gridProperties: { rowCount: t.rows, columnCount: t.columns, frozenRowCount: t.frozen },
});

interface Range {
  tab: FakeTab;
  top: number;
  left: number;
  /** Exclusive; the grid's end where it is open. */
  bottom: number;
  right: number;
}

export function columnIndex(name: string): number {
  let index = 0;
  for (const letter of name) index = index * 26 + letter.charCodeAt(0) - 64;
  return index - 1;
}

function parseRange(fake: FakeSheets, range: string): Range {
  const [, quotedTitle, plainTitle, cells] = /^(?:'((?:[^']|'')*)'|([^!']+))(?:!(.*))?$/.exec(range) ?? [];
  const title = (quotedTitle?.replaceAll("''", "'") ?? plainTitle ?? '').toLowerCase();
  const tab = fake.tabs.find((t) => t.title.toLowerCase() === title);
  const match = /^([A-Z]*)(\d*)(?::([A-Z]*)(\d*))?$/.exec(cells ?? 'A:ZZ');
  if (!tab || !match) throw new Refused(`Unable to parse range: ${range}`);
  const [, c1 = '', r1 = '', c2, r2] = match;
  const one = c2 === undefined && r2 === undefined;
  const top = r1 === '' ? 0 : Number(r1) - 1;
  const left = c1 === '' ? 0 : columnIndex(c1);
  const bottom = one ? top + 1 : r2 ? Number(r2) : tab.rows;
  const right = one
    ? left + 1
    : c2
      ? Math.min(columnIndex(c2) + 1, cells === undefined ? tab.columns : 9999)
      : tab.columns;
  if (
    top >= tab.rows ||
    left >= tab.columns ||
    (r2 && bottom > tab.rows) ||
    (c2 && right > tab.columns && cells !== undefined)
  )
    throw new Refused(`Range (${range}) exceeds grid limits. Max rows: ${tab.rows}, max columns: ${tab.columns}`);
  return { tab, top, left, bottom, right };
}

interface GridRange {
  sheetId: number;
  startRowIndex?: number;
  endRowIndex?: number;
  startColumnIndex?: number;
  endColumnIndex?: number;
}

/** In an order of its own, each with what it was asked for by, zeros left out. */
function readFiltered(fake: FakeSheets, body: { dataFilters: { gridRange: GridRange }[]; majorDimension?: string }) {
  const valueRanges = body.dataFilters.map(({ gridRange: asked }) => {
    const range = gridRange(fake, asked);
    const values = readRange(range, body.majorDimension === 'COLUMNS');
    const title = `'${range.tab.title.replaceAll("'", "''")}'`;
    const echo = Object.fromEntries(Object.entries(asked).filter(([, at]) => at !== 0));
    return { valueRange: { range: `${title}!A1:Z9`, values }, dataFilters: [{ gridRange: echo }] };
  });
  return { spreadsheetId: fake.id, valueRanges: valueRanges.reverse() };
}

function gridRange(fake: FakeSheets, r: GridRange): Range {
  const tab = fake.tabs.find((t) => t.sheetId === r.sheetId);
  if (!tab) throw new Refused(`No grid with id: ${r.sheetId}`);
  const { startRowIndex: top = 0, startColumnIndex: left = 0 } = r;
  const { endRowIndex: bottom = tab.rows, endColumnIndex: right = tab.columns } = r;
  if (bottom > tab.rows || right > tab.columns || top >= tab.rows || left >= tab.columns)
    throw new Refused('Range exceeds grid limits');
  return { tab, top, left, bottom, right };
}

const isNothing = (value: Value | undefined) => value === undefined || value === null || value === '';

function readRange({ tab, top, left, bottom, right }: Range, columns: boolean): Value[][] {
  const rows: Value[][] = [];
  for (let r = top; r < Math.min(bottom, tab.grid.length); r++)
    rows.push(trimmed(Array.from({ length: right - left }, (_, i) => tab.grid[r]?.[left + i] ?? '')));
  while (rows.length && !rows.at(-1)?.length) rows.pop();
  if (!columns) return rows;
  const width = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: width }, (_, c) => trimmed(rows.map((row) => row[c] ?? '')));
}

function trimmed(cells: Value[]): Value[] {
  let length = cells.length;
  while (length && isNothing(cells[length - 1])) length--;
  return cells.slice(0, length);
}

function writeRange({ tab, top, left, values }: Range & { values: Value[][] }): void {
  values.forEach((row, r) => {
    row.forEach((value, c) => {
      if (value !== null) put(tab, top + r, left + c, value);
    });
  });
}

export function put(tab: FakeTab, row: number, column: number, value: Value): void {
  while (tab.grid.length <= row) tab.grid.push([]);
  const cells = tab.grid[row] as Value[];
  while (cells.length <= column) cells.push('');
  cells[column] = value;
}

const hasData = (row: Value[] | undefined) => row?.some((value) => !isNothing(value)) ?? false;

/** As Google does: after the last table that has something in the first column of the range. */
function appendValues(fake: FakeSheets, range: string, values: Value[][], insert: boolean): unknown {
  const { tab, left } = parseRange(fake, range);
  let end = tab.grid.length;
  while (end > 0 && isNothing(tab.grid[end - 1]?.[left])) end--;
  while (end > 0 && hasData(tab.grid[end])) end++;
  if (insert) {
    tab.grid.splice(end, 0, ...values.map(() => [] as Value[]));
    tab.rows += values.length;
  }
  tab.rows = Math.max(tab.rows, end + values.length);
  values.forEach((row, r) => {
    row.forEach((value, c) => {
      put(tab, end + r, left + c, value);
    });
  });
  return {
    spreadsheetId: fake.id,
    updates: { updatedRange: `'${tab.title}'!A${end + 1}:Z${end + values.length}`, updatedData: { values } },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a request as it comes
function idOf(request: any): number | undefined {
  // biome-ignore lint/suspicious/noExplicitAny: a request as it comes
  const body = Object.values<any>(request)[0];
  return body.sheetId ?? body.range?.sheetId ?? body.start?.sheetId ?? body.properties?.sheetId;
}

// biome-ignore lint/suspicious/noExplicitAny: a request as it comes
function check(fake: FakeSheets, request: any): void {
  const known = fake.tabs.some((t) => t.sheetId === idOf(request));
  if (request.addSheet) {
    const { title } = request.addSheet.properties;
    if (fake.tabs.some((t) => t.title.toLowerCase() === title.toLowerCase()) || known)
      throw new Refused(`A sheet with the name "${title}" already exists. Please enter another name.`);
    // What follows may be about the new one.
    fake.tabs.push(newTab(request.addSheet.properties));
  } else if (!known) throw new Refused(`No grid with id: ${idOf(request)}`);
}

// biome-ignore lint/suspicious/noExplicitAny: a request as it comes
function newTab(properties: any): FakeTab {
  const grid = properties.gridProperties ?? {};
  const [rows, columns] = [grid.rowCount ?? 1000, grid.columnCount ?? 26];
  return {
    sheetId: properties.sheetId,
    title: properties.title,
    grid: [],
    rows,
    columns,
    frozen: grid.frozenRowCount ?? 0,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a request as it comes
function change(fake: FakeSheets, request: any): void {
  const tab = fake.tabs.find((t) => t.sheetId === idOf(request)) as FakeTab;
  const cells = (row: { values: { userEnteredValue?: { stringValue?: string; numberValue?: number } }[] }): Value[] =>
    row.values.map(({ userEnteredValue: v }) => v?.stringValue ?? v?.numberValue ?? '');
  if (request.updateCells) {
    const { start, rows } = request.updateCells;
    const [top, left] = [start.rowIndex ?? 0, start.columnIndex ?? 0];
    writeRange({ tab, top, left, bottom: 0, right: 0, values: rows.map(cells) });
  } else if (request.appendCells) {
    let end = tab.grid.length;
    while (end > 0 && !hasData(tab.grid[end - 1])) end--;
    const rows: Value[][] = request.appendCells.rows.map(cells);
    writeRange({ tab, top: end, left: 0, bottom: 0, right: 0, values: rows });
    tab.rows = Math.max(tab.rows, end + rows.length);
  } else if (request.insertDimension?.range.dimension === 'COLUMNS') {
    const { startIndex, endIndex } = request.insertDimension.range;
    insertColumns(tab, startIndex, endIndex - startIndex);
  } else if (request.deleteDimension?.range.dimension === 'COLUMNS') {
    const { startIndex, endIndex } = request.deleteDimension.range;
    for (const row of tab.grid) row.splice(startIndex, endIndex - startIndex);
    tab.columns -= endIndex - startIndex;
  } else if (request.appendDimension) tab.columns += request.appendDimension.length;
  else if (request.updateSheetProperties)
    tab.frozen = request.updateSheetProperties.properties.gridProperties.frozenRowCount;
  else if (!request.addSheet && !request.repeatCell) throw new Refused(`unknown request ${Object.keys(request)}`);
}

/** What a person does with columns: everything from there moves to the right. */
export function insertColumns(tab: FakeTab, at: number, count: number): void {
  for (const row of tab.grid) {
    while (row.length < at) row.push('');
    row.splice(at, 0, ...Array.from({ length: count }, () => '' as Value));
  }
  tab.columns += count;
}

/** What a person does: sorts all rows below the header; empty ones come last. */
export function sortTab(tab: FakeTab, column: number, down: boolean): void {
  const [header = [], ...rows] = tab.grid;
  const key = (row: Value[]) => row[column] ?? '';
  const full = rows.filter((row) => !isNothing(key(row)));
  const sign = down ? -1 : 1;
  full.sort((a, b) => (key(a) < key(b) ? -sign : key(a) > key(b) ? sign : 0));
  tab.grid = [header, ...full, ...rows.filter((row) => isNothing(key(row)))];
}

/** What a person does: the rows below move up. */
export function deleteRow(tab: FakeTab, row: number): void {
  tab.grid.splice(row, 1);
  tab.rows = Math.max(2, tab.rows - 1);
}
