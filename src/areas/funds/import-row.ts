// One row of a tracking sheet, by the names of its columns.
import { nearest } from '../../base/nearest.ts';
import { type Cell, columnLetters, failedIn, fromComma, readCell, readWhen } from './import-cells.ts';
import type { Column, ImportMap } from './import-map.ts';

/** What is wrong, and where: `C14`, or `row 14` where the column is not in the sheet. */
export interface CellFault {
  cell: string;
  text: string;
}

type Places = Partial<Record<Column, number>>;

/** Where the map's columns are in the header. */
export function findColumns(
  header: readonly Cell[],
  { columns, header: row }: ImportMap,
): { at: Places } | { faults: CellFault[] } {
  const names = header.map((cell) => (typeof cell === 'string' ? cell.trim().replace(/\s+/g, ' ') : ''));
  const same = (a: string, b: string) => a.toLowerCase() === b.trim().replace(/\s+/g, ' ').toLowerCase();
  const [at, faults]: [Places, CellFault[]] = [{}, []];
  for (const [column, name] of Object.entries(columns) as [Column, string][]) {
    const places = names.flatMap((n, i) => (same(n, name) ? [i] : []));
    const [first, second] = places;
    if (first !== undefined && second === undefined) at[column] = first;
    else if (first !== undefined && second !== undefined)
      faults.push({
        cell: `${columnLetters(second)}${row}`,
        text: `There are two columns "${name}": rename the one that is not meant.`,
      });
    else
      faults.push({
        cell: `row ${row}`,
        text: `There is no column "${name}", which the map names for ${column}${hint(name, names)}.`,
      });
  }
  return faults.length ? { faults } : { at };
}

function hint(name: string, names: readonly string[]): string {
  const there = names.filter(Boolean);
  const near = nearest(name, there);
  if (near) return `: is it "${near}"`;
  return there.length
    ? `: there are ${there.map((n) => `"${n}"`).join(', ')}`
    : ': that row is empty; see header in the map';
}

/** One row, read by the names of its columns; it gathers what is wrong. */
export class SheetRow {
  readonly faults: CellFault[] = [];
  /** What is wrong with it unless it was imported before: the policy may have changed since. */
  readonly faultsIfNew: CellFault[] = [];
  readonly row: number;
  private readonly cells: readonly Cell[];
  private readonly at: Places;
  private readonly map: ImportMap;

  constructor(row: number, cells: readonly Cell[], at: Places, map: ImportMap) {
    this.row = row;
    this.cells = cells;
    this.at = at;
    this.map = map;
  }

  get name(): string {
    return this.map.name;
  }

  /** IANA; undefined: the team's. */
  get zone(): string | undefined {
    return this.map.zone;
  }

  cell(column: Column): string {
    const at = this.at[column];
    return at === undefined ? `row ${this.row}` : `${columnLetters(at)}${this.row}`;
  }

  fault(column: Column, text: string): undefined {
    const cell = this.cell(column);
    // What is wrong with a cell first is why the rest is.
    if (!this.faults.some((f) => f.cell === cell && (this.has(column) || f.text === text)))
      this.faults.push({ cell, text });
    return undefined;
  }

  /** What a column says, in the words of the map; the default where it says nothing. */
  text(column: Column): string {
    const raw = this.raw(column);
    const read = readCell(raw);
    if ('fault' in read) return this.fault(column, read.fault) ?? '';
    const { text } = read;
    const meant = this.map.values[column]?.get(text.toLowerCase());
    if (meant !== undefined) return meant;
    return text || (this.map.defaults[column] ?? '');
  }

  /** The same of a number. */
  number(column: 'amount' | 'fee' | 'gas_price' | 'usd'): string {
    const text = this.text(column);
    if (this.map.decimals === 'point' || typeof this.raw(column) !== 'string') return text;
    const read = fromComma(text);
    return 'fault' in read ? (this.fault(column, read.fault) ?? '') : read.text;
  }

  /** R17: a formula that failed may have been anything, also where nothing is needed. */
  checkFormulas(): void {
    for (const column of Object.keys(this.at) as Column[]) {
      const failed = failedIn(this.raw(column));
      if (failed) this.fault(column, failed.fault);
    }
  }

  when(zone: string): Date | undefined {
    const read = readWhen(this.raw('date'), this.map, zone);
    return 'fault' in read ? this.fault('date', read.fault) : read.at;
  }

  has(column: Column): boolean {
    return this.at[column] !== undefined;
  }

  private raw(column: Column): Cell {
    const at = this.at[column];
    return (at === undefined ? undefined : this.cells[at]) ?? null;
  }
}
