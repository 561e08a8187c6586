// R20 as a plan: what stands in a tab against what should. Rows are known by the id in column A, wherever people sorted
// them to. The last column of the bot's holds a mark, a print of id and cells: whatever was written into a wrong row,
// because somebody sorted at that moment, shows by a mark that does not fit its id.
import type { Cell } from '../../base/sheets.ts';
import type { Row, Tab, There, Update } from './types.ts';

export const MARK_TITLE = 'Row check';
export const ORPHAN = '⚠ not in Shipshape (any more): delete the row when you do not need it';
export const TWIN = '⚠ a copy: the bot keeps the other row with this id';
const PRINT = /^[0-9a-z]{8}$/;

/** Where the rows are, and which are left over. Made anew for every read; planning takes out what it has seen. */
export interface Index {
  tab: Tab;
  there: There;
  /** Rows by id, as people count. */
  rows: Map<string, number>;
  twins: { id: string; row: number }[];
  /** Rows whose id was erased while the rest still stands. */
  strays: number[];
}

/**
 * The print of a row: 8 letters and digits over its id and cells. Not for secrecy: it finds accidents. (cyrb53, by bryc, public
 * domain, cut to 41 bits.)
 */
export function printOf(id: string, cells: readonly Cell[]): string {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  // In one function and without texts made for it: this is done for every row of a sync, twice.
  for (let n = -1; n < cells.length; n++) {
    const cell = n < 0 ? id : cells[n];
    const text = typeof cell === 'string' ? cell : String(cell ?? '');
    for (let i = n < 0 ? 0 : -1; i < text.length; i++) {
      const code = i >= 0 ? text.charCodeAt(i) : typeof cell === 'number' ? 1 : 0;
      a = Math.imul(a ^ code, 2654435761);
      b = Math.imul(b ^ code, 1597334677);
    }
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  const number = 4294967296 * (2097151 & b) + (a >>> 0);
  return (number % 36 ** 8).toString(36).padStart(8, '0');
}

/** A row as it is written, id and mark included; nothing is '' because an empty cell must become empty. */
export function whole(row: Row): Cell[] {
  return [row.id, ...row.cells.map((cell) => cell ?? ''), printOf(row.id, row.cells)];
}

/** Finds the rows of a tab. Of rows with the same id the first one that is not marked as a copy is the bot's. */
export function indexOf(tab: Tab, there: There): Index {
  const index: Index = { tab, there, rows: new Map(), twins: [], strays: [] };
  const length = Math.max(there.ids.length, there.marks.length);
  for (let i = 0; i < length; i++) {
    const row = i + 2;
    const id = idAt(there, i);
    if (id === '') {
      if (PRINT.test(markAt(there, i))) index.strays.push(row);
      continue;
    }
    const other = index.rows.get(id);
    if (other === undefined) index.rows.set(id, row);
    else if (markAt(there, other - 2) === TWIN && markAt(there, i) !== TWIN) {
      index.rows.set(id, row);
      index.twins.push({ id, row: other });
    } else index.twins.push({ id, row });
  }
  return index;
}

const idAt = (there: There, i: number): string => String(there.ids[i] ?? '').trim();
const markAt = (there: There, i: number): string => String(there.marks[i] ?? '');

/**
 * What is to be done for one row that should be there; undefined when it is right. `restore`: the row was right when the bot
 * wrote it, and somebody changed it by hand. Each row is asked about once.
 */
export function planRow(index: Index, row: Row): 'append' | (Update & { restore: boolean }) | undefined {
  const at = index.rows.get(row.id);
  if (at === undefined) return 'append';
  index.rows.delete(row.id);
  const print = printOf(row.id, row.cells);
  const marked = markAt(index.there, at - 2) === print;
  const found = index.there.prints?.[at - 2];
  if (marked && (found === undefined || found === print)) return undefined;
  return { row: at, from: 1, cells: whole(row).slice(1), restore: marked };
}

/** After all rows that should be there: what is left is marked, once, and never deleted. @returns the ids too */
export function leftovers(index: Index): { updates: Update[]; orphans: string[] } {
  const { tab, there } = index;
  const last = tab.columns.length - 1;
  const updates: Update[] = [];
  const orphans: string[] = [];
  const mark = (id: string, row: number, text: string) => {
    orphans.push(id);
    if (markAt(there, row - 2) !== text) updates.push({ row, from: last, cells: [text] });
  };
  const isOurs = (id: string, row: number) => {
    const said = markAt(there, row - 2);
    return tab.ids.test(id) || PRINT.test(said) || said === ORPHAN || said === TWIN;
  };
  // A row of people's own, such as a total, has neither an id of ours nor our mark.
  for (const [id, row] of index.rows) {
    if (isOurs(id, row)) mark(id, row, ORPHAN);
  }
  for (const { id, row } of index.twins) if (isOurs(id, row)) mark(id, row, TWIN);
  // The row is made anew below; left as it is, its numbers would be counted twice.
  for (const row of index.strays) updates.push({ row, from: 1, cells: tab.columns.slice(1).map(() => '') });
  return { updates, orphans };
}

/** What is to be done about a tab's header. `resize`: columns to be put in before (or, negative, taken out before) column `at`. */
export type HeaderPlan = 'fine' | 'write' | { at: number; resize: number } | { fault: 'header' | 'columns' };

/** What stands below a header, as far as it tells whose the columns are. */
export interface Below {
  /** Whether there are rows of ours, and each has the mark of its cells: then the columns stand as they were written, whatever their titles. */
  ours: boolean;
  /** How many of the bot's columns there are up to the last one with anything in it. */
  width: number;
}

/** Looks at the rows below a header; where not all of their columns were read nothing is known, and nothing taken for ours. */
export function belowOf(tab: Tab, there: There): Below {
  const { prints, width } = there;
  if (!prints || width === undefined) return { ours: false, width: tab.columns.length };
  const marked = prints.map((print, i) => ({ id: idAt(there, i), mark: markAt(there, i), print }));
  const rows = marked.filter(({ id, mark }) => tab.ids.test(id) && mark !== ORPHAN && mark !== TWIN);
  return { ours: rows.length > 0 && rows.every(({ mark, print }) => mark === print), width };
}

/**
 * Whether the bot's columns are where they belong. A title alone does not tell a column that was given another from one that was deleted, with people's
 * own in its place now: that only the rows below tell, and in doubt nothing is written.
 * @param header row 1, people's columns included
 */
export function planHeader(tab: Tab, header: readonly Cell[], below: Below): HeaderPlan {
  const titles = tab.columns.map((column) => column.title);
  const found = header.map((cell) => String(cell ?? '').trim());
  if (titles.every((title, i) => found[i] === title)) return 'fine';
  const first = found[0] ?? '';
  if (below.width === 0 && found.every((title) => title === '')) return 'write';
  if (first !== titles[0] && (first !== '' || found[1] !== titles[1])) return { fault: 'header' };
  const at = found.indexOf(MARK_TITLE);
  const last = titles.length - 1;
  if (at === last || at < 0) {
    const right = titles.filter((title, i) => found[i] === title).length;
    const edited = below.ours && right * 2 >= titles.length;
    // Such as the last ones deleted, with nothing to their right.
    const free = titles.every((title, i) => found[i] === title || (!found[i] && i >= below.width));
    return edited || free ? 'write' : { fault: 'columns' };
  }
  // All the others in their places, each once: a column of people's may have a title like one of ours.
  const before = found.slice(0, at);
  const ours = others(before) === others(titles.slice(0, last)) && new Set(before).size === before.length;
  return ours ? { at, resize: last - at } : { fault: 'columns' };
}

/** Titles without the pairs of columns that come and go with the policy's assets. One alone is people's. */
function others(titles: readonly string[]): string {
  const isPair = (one = '', next = '') => /^Fees [A-Z0-9]+$/.test(one) && next === `${one} (base units)`;
  return titles.filter((title, i) => !isPair(title, titles[i + 1]) && !isPair(titles[i - 1], title)).join('\n');
}
