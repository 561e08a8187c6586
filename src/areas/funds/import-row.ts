// One row of a tracking sheet, by the names of its columns.
import { nearest } from '../../base/nearest.ts';
import { type Cell, columnLetters, failedIn, fromComma, readCell, readWhen } from './import-cells.ts';
import { type Column, type ImportMap, SEPARATORS, separatorHint } from './import-map.ts';

/** What is wrong, and where: `C14`, or `row 14` where the column is not in the sheet. */
export interface CellFault {
  cell: string;
  text: string;
}

type Places = Partial<Record<Column, number>>;

const tidied = (name: string) => name.trim().replace(/\s+/g, ' ');
const plain = (name: string) => tidied(name).toLowerCase();

/** Where the map's columns are in the header. */
export function findColumns(header: readonly Cell[], map: ImportMap): { at: Places } | { faults: CellFault[] } {
  const heads = header.map((cell) => (typeof cell === 'string' ? cell : ''));
  const whole = headerFault(heads, map);
  if (whole) return { faults: [whole] };
  const names = heads.map(tidied);
  const [at, faults, missing]: [Places, CellFault[], [Column, string][]] = [{}, [], []];
  for (const [column, name] of Object.entries(map.columns) as [Column, string][]) {
    const [first, second] = names.flatMap((n, i) => (plain(n) === plain(name) ? [i] : []));
    if (first === undefined) missing.push([column, name]);
    else if (second === undefined) at[column] = first;
    else
      faults.push({
        cell: `${columnLetters(second)}${map.header}`,
        text: `There are two columns "${name}": rename the one that is not meant.`,
      });
  }
  faults.unshift(...missingFaults(missing, names, map));
  return faults.length ? { faults } : { at };
}

/** What is wrong with the header as a whole, so that each column need not be told. */
function headerFault(heads: readonly string[], { columns, header, separator }: ImportMap): CellFault | undefined {
  if (!heads.some((head) => head.trim()))
    return {
      cell: `row ${header}`,
      text: 'This row is empty: it should have the names of the columns (see header in the map).',
    };
  const wanted = new Set(Object.values(columns).map(plain));
  const found = (names: readonly string[]) => names.filter((name) => wanted.has(plain(name))).length;
  const line = heads.join(separator);
  const other = SEPARATORS.find((sep) => sep !== separator && found(line.split(sep)) > found(heads));
  if (other === undefined) return undefined;
  const text = `${separatorHint(other)} It is read with ${JSON.stringify(separator)}; in a workbook each name needs a cell of its own.`;
  return { cell: `row ${header}`, text };
}

/** Columns that are not there; what is there instead is said once. */
function missingFaults(
  missing: readonly [Column, string][],
  names: readonly string[],
  { columns, header }: ImportMap,
): CellFault[] {
  // A column that the map has for something else is not meant.
  const taken = new Set(Object.values(columns).map(plain));
  const free = names.filter((name) => name && !taken.has(plain(name)));
  const guesses = missing.map(([, name]) => guess(name, free));
  const last = guesses.lastIndexOf(undefined);
  const there = names.filter(Boolean).map((name) => `"${name}"`);
  return missing.map(([column, name], i) => {
    const end = guesses[i] === undefined ? '.' : `: is it "${guesses[i]}"?`;
    const heads = i === last ? ` Row ${header} has ${there.join(', ')}.` : '';
    return {
      cell: `row ${header}`,
      text: `There is no column "${name}", which the map names for ${column}${end}${heads}`,
    };
  });
}

/** A head that is the name but for a slip: of short names one letter, else a third of them. "State" is no Date. */
function guess(name: string, heads: readonly string[]): string | undefined {
  const near = nearest(plain(name), heads.map(plain), Math.max(1, Math.floor(name.length / 3)));
  return heads.find((head) => plain(head) === near);
}

/** One row, read by the names of its columns; it gathers what is wrong. */
export class SheetRow {
  readonly faults: CellFault[] = [];
  /** What is wrong with it unless it was imported before: the policy may have changed since, or what is checked. */
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
    if ('fault' in read) return this.fault('date', read.fault);
    // Versions before this one imported such rows: these stay known.
    if (read.never) this.faultsIfNew.push({ cell: this.cell('date'), text: read.never });
    return read.at;
  }

  has(column: Column): boolean {
    return this.at[column] !== undefined;
  }

  private raw(column: Column): Cell {
    const at = this.at[column];
    return (at === undefined ? undefined : this.cells[at]) ?? null;
  }
}
