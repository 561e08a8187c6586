// The map of an import: which column of a tracking sheet is what, and what its words mean.
import { z } from 'zod';
import { filled } from '../../base/policy-words.ts';
import { type Fault, type Found, get, isObject, readYaml, section, show, word } from '../../base/yaml.ts';

/** What a row can tell. */
const COLUMNS = [
  'id',
  'date',
  'kind',
  'person',
  'asset',
  'amount',
  'chain',
  'hash',
  'fee',
  'gas_price',
  'usd',
  'address',
  'wallet',
  'to_wallet',
  'what',
  'release',
  'test_case',
] as const;
export type Column = (typeof COLUMNS)[number];

/** What a row can be, and which of them name a person. Money into custody, out of it, and between two wallets are transfers. */
export const KINDS = ['send', 'return', 'spend', 'deposit', 'withdrawal', 'transfer'] as const;
export type ImportKind = (typeof KINDS)[number];
/** A kind of rows that are left out, such as subtotals. */
export const LEFT_OUT = 'skip';

/** How a tracking sheet is read. */
export interface ImportMap {
  /** The sheet's rows are known by this name and their ids for ever. */
  name: string;
  /** Of a workbook; undefined: its first. */
  sheet?: string;
  /** The row with the columns' names, from 1. */
  header: number;
  /** Of a CSV file. */
  separator: string;
  decimals: 'point' | 'comma';
  /** How days are written where they are text: ISO 8601 is always read. */
  dates: 'iso' | 'dmy' | 'mdy';
  /** IANA; undefined: the team's. */
  zone?: string;
  /** The sheet's name of each column. */
  columns: Partial<Record<Column, string>>;
  /** What an empty cell, or a column that is not there, means. */
  defaults: Partial<Record<Column, string>>;
  /** What the sheet's words mean, by column; the words in lower case. */
  values: Partial<Record<Column, ReadonlyMap<string, string>>>;
}

/** What stands between the cells of a CSV file. */
export const SEPARATORS = [',', ';', '\t'] as const;

/** What to do about a file with another separator than the map's. */
export const separatorHint = (separator: string) =>
  `The separator looks to be ${JSON.stringify(separator)}: put separator: ${JSON.stringify(separator)} into the map.`;

const zone = word('an IANA time zone, such as Europe/Berlin', (text) => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: text }));
  } catch {
    return false;
  }
});
const oneOf = <T extends string>(...words: [T, ...T[]]) =>
  z.enum(words, { error: (issue) => `must be one of ${words.join(', ')}, not ${show(issue.input)}` });
/** The same schema under every column's name. */
const byColumn = <T extends z.ZodType>(schema: T) =>
  section(Object.fromEntries(COLUMNS.map((c) => [c, schema.optional()])) as Record<Column, z.ZodOptional<T>>);
const text = word('a text of 1 to 200 characters (numbers in quotes)', (t) => t.trim() !== '' && t.length <= 200);

const schema = section({
  name: word('1 to 60 of a-z, 0-9, . _ and -, such as tracker', (t) => /^[a-z0-9._-]{1,60}$/.test(t)),
  sheet: filled.optional(),
  header: z.int({ error: 'must be the number of the row with the names of the columns, from 1' }).min(1).default(1),
  separator: oneOf(...SEPARATORS).default(','),
  decimals: oneOf('point', 'comma').default('point'),
  dates: oneOf('iso', 'dmy', 'mdy').default('iso'),
  zone: zone.optional(),
  columns: byColumn(text),
  defaults: byColumn(text).default({}),
  values: byColumn(
    z.record(z.string(), text, { error: 'must be a section: what stands in the sheet: what it means' }),
  ).default({}),
});

/** Reads a map file (YAML). @returns the map, or every fault by path and line */
export function parseMap(yaml: string): { map: ImportMap } | { faults: Fault[] } {
  const read = readYaml(yaml, schema, between);
  if ('faults' in read) return read;
  const { sheet, zone: named, values, ...rest } = read.value;
  const byWord = Object.entries(values).map(([column, words]) => [
    column,
    new Map(Object.entries(words ?? {}).map(([from, to]) => [from.trim().toLowerCase(), to])),
  ]);
  const optional = { ...(sheet && { sheet }), ...(named && { zone: named }) };
  return { map: { ...rest, ...optional, values: Object.fromEntries(byWord) } as ImportMap };
}

/** What every row needs is there, and kinds are kinds. */
function between(raw: unknown): Found[] {
  const found: Found[] = [];
  const given = (column: Column) =>
    get(raw, 'columns', column) !== undefined || get(raw, 'defaults', column) !== undefined;
  if (isObject(get(raw, 'columns'))) {
    if (get(raw, 'columns', 'date') === undefined)
      found.push({ at: ['columns'], text: 'needs date: the column that says when it happened' });
    for (const column of ['kind', 'asset'] as const)
      if (!given(column)) found.push({ at: ['columns'], text: `needs ${column}; or name one for all under defaults` });
    if (!given('amount') && !given('fee')) found.push({ at: ['columns'], text: 'needs amount, fee, or both' });
  }
  const words = get(raw, 'values', 'kind');
  const kinds: [PropertyKey[], unknown][] = [
    [['defaults', 'kind'], get(raw, 'defaults', 'kind')],
    ...Object.entries(isObject(words) ? words : {}).map(([from, to]): [PropertyKey[], unknown] => [
      ['values', 'kind', from],
      to,
    ]),
  ];
  const known: readonly string[] = [...KINDS, LEFT_OUT];
  for (const [at, kind] of kinds)
    if (typeof kind === 'string' && !known.includes(kind))
      found.push({ at, text: `must be one of ${known.join(', ')}, not ${show(kind)}` });
  return found;
}
