// The rows of a tracking sheet as entries of the books, or what is wrong with them, cell by cell. Knows neither file nor database.
import { createHash } from 'node:crypto';
import { SHIPSHAPE } from '../../base/actor.ts';
import type { Funds } from '../../base/policy.ts';
import { localTime } from '../../base/zone.ts';
import { checkAddress } from './addresses.ts';
import type { Cell } from './import-cells.ts';
import { type Column, type ImportKind, type ImportMap, KINDS, LEFT_OUT } from './import-map.ts';
import { type CellFault, findColumns, SheetRow } from './import-row.ts';
import { postingsOf } from './ledger.ts';
import { noWallet, personAccount, walletFor } from './rules.ts';
import { decideSpend } from './spend-rules.ts';
import { REASON_MAX, readMove, readPlace } from './typed.ts';
import type { Account, Entry, Faults, Field, Spend } from './types.ts';

/** A row that can be booked. */
export interface ReadyRow {
  /** From 1, as the spreadsheet counts. */
  row: number;
  /** The same whenever this row comes again: by its own id, or by all it says. */
  key: string;
  /** A digest of what would be booked. */
  content: string;
  /**
   * A digest of what the row says: the same, but with the sheet's own clock, to the minute, and its word for the release. It stays as it is when the
   * zone changes, when a release is opened again, and when a format does not show seconds.
   */
  says: string;
  /** The row's own id, as the sheet has it. */
  id: string | null;
  entry: Entry;
  spend: Omit<Spend, 'txId'> | undefined;
  /** Where its id is, or else the row; and its hash. */
  cells: { id: string; hash: string };
  /** What is wrong with it unless it was imported before. */
  faultsIfNew: CellFault[];
}

/** What rows are checked against. */
export interface CheckFacts {
  funds: Funds;
  /** IANA; the team's. */
  zone: string;
  now: Date;
  /** Ids by `product version` in lower case. */
  releases: ReadonlyMap<string, number>;
}

export interface Checked {
  ready: ReadyRow[];
  faults: CellFault[];
  /** Rows that say something; of them left out by the map. */
  rows: number;
  leftOut: number;
}

/** Checks a whole sheet. Pure. @param table its rows from the first, the header among them */
export function checkRows(table: readonly (readonly Cell[])[], map: ImportMap, facts: CheckFacts): Checked {
  const head = findColumns(table[map.header - 1] ?? [], map);
  if ('faults' in head) return { ready: [], faults: head.faults, rows: 0, leftOut: 0 };
  const checked: Checked = { ready: [], faults: [], rows: 0, leftOut: 0 };
  const seen = {
    ids: new Map<string, number>(),
    hashes: new Map<string, number>(),
    contents: new Map<string, number>(),
  };
  for (let row = map.header + 1; row <= table.length; row++) {
    const cells = table[row - 1] ?? [];
    if (cells.every((cell) => cell === null || (typeof cell === 'string' && !cell.trim()))) continue;
    checked.rows++;
    const sheetRow = new SheetRow(row, cells, head.at, map);
    const kind = sheetRow.text('kind').toLowerCase();
    if (kind === LEFT_OUT) {
      checked.leftOut++;
      continue;
    }
    const ready = readRow(sheetRow, kind, facts, seen);
    if (ready) checked.ready.push(ready);
    checked.faults.push(...sheetRow.faults);
  }
  return checked;
}

const COLUMN_OF: Partial<Record<Field, Column>> = {
  gasPrice: 'gas_price',
  testCase: 'test_case',
  at: 'date',
  from: 'wallet',
  to: 'to_wallet',
};

function blame(row: SheetRow, faults: Faults): undefined {
  for (const [field, text] of Object.entries(faults) as [Field, string][])
    row.fault(COLUMN_OF[field] ?? (field as Column), text);
  return undefined;
}

type Seen = Record<'ids' | 'hashes' | 'contents', Map<string, number>>;
type Booking = Pick<ReadyRow, 'entry' | 'spend'>;

/** @param seen of the rows before; this one is added */
function readRow(row: SheetRow, typed: string, facts: CheckFacts, seen: Seen): ReadyRow | undefined {
  row.checkFormulas();
  const kind = KINDS.find((k) => k === typed);
  if (!kind)
    row.fault(
      'kind',
      `${typed ? `"${typed}" is no kind` : 'The kind is missing'}: one of ${KINDS.join(', ')}; say in the map, under values, what it means.`,
    );
  const id = row.text('id');
  if (row.has('id') && !id) row.fault('id', 'The id is missing: give the row one of its own.');
  if (id.length > 100) row.fault('id', `The id has ${id.length} characters: 100 are the most.`);
  const zone = row.zone ?? facts.zone;
  const at = row.when(zone);
  const booking = kind && at && read(row, kind, at, facts);
  const once = (what: Map<string, number>, key: string, column: Column, text: (row: number) => string) => {
    const before = what.get(key);
    if (before === undefined) what.set(key, row.row);
    else row.fault(column, text(before));
  };
  if (id) once(seen.ids, id, 'id', (before) => `Row ${before} has the same id: give each row its own.`);
  if (!booking) return undefined;
  const { entry, spend } = booking;
  const { hash, chain } = entry;
  if (hash !== null)
    once(
      seen.hashes,
      `${chain} ${hash}`,
      'hash',
      (before) => `Row ${before} is the same transaction: it is recorded once.`,
    );
  if (row.faults.length) return undefined;
  const content = digest(booking);
  const releaseId = row.text('release').toLowerCase();
  const eventTime = localTime(zone, entry.eventTime);
  const says = digest({ entry: { ...entry, eventTime, releaseId }, spend: spend && { ...spend, releaseId } });
  // Rows without ids that say the same are told apart by how many there are.
  const nth = (seen.contents.get(content) ?? 0) + 1;
  seen.contents.set(content, nth);
  const key = `import:funds:${row.name}:${id ? `id:${id}` : `row:${content}:${nth}`}`;
  return {
    row: row.row,
    key,
    content,
    says,
    id: id || null,
    entry,
    spend,
    cells: { id: row.cell('id'), hash: row.cell('hash') },
    faultsIfNew: row.faultsIfNew,
  };
}

function digest({ entry, spend }: { entry: object; spend: object | undefined }): string {
  const plain = JSON.stringify([entry, spend ?? null], (_key, v) => (typeof v === 'bigint' ? v.toString() : v));
  return createHash('sha256').update(plain).digest('hex').slice(0, 32);
}

/** What a row of this kind books; undefined when something is wrong, which the row then tells. */
function read(row: SheetRow, kind: ImportKind, at: Date, facts: CheckFacts): Booking | undefined {
  const place = readPlace({ asset: row.text('asset'), chain: row.text('chain') }, facts.funds);
  const common = {
    amount: amountOf(row, kind),
    fee: row.number('fee'),
    hash: row.text('hash'),
    at,
    asset: row.text('asset'),
    chain: row.text('chain'),
  };
  const personal = kind === 'send' || kind === 'return' || kind === 'spend';
  const person = personal ? personOf(row) : undefined;
  const release = releaseOf(row, facts);
  const address = 'faults' in place ? undefined : addressOf(row, place.chain);
  if (kind === 'spend') {
    const texts = {
      gasPrice: row.number('gas_price'),
      usd: row.number('usd'),
      what: row.text('what'),
      testCase: row.text('test_case'),
    };
    const actor = { id: person ?? '', roles: new Set<never>(), standing: 'member' } as const;
    const decided = decideSpend(
      { ...common, ...texts, releaseId: release },
      actor,
      { request: undefined, releaseKnown: true },
      facts.funds,
      facts.now,
    );
    if ('faults' in decided) return blame(row, decided.faults);
    if ('refusal' in decided) return row.fault('kind', decided.refusal.reason);
    return { spend: decided.spend, entry: { ...decided.entry, note: address ?? null, actor: SHIPSHAPE.id } };
  }
  if ('faults' in place) return blame(row, place.faults);
  const move = readMove(common, place, facts.funds, facts.now);
  if ('faults' in move) return blame(row, move.faults);
  const chain = place.chain?.key ?? null;
  const ends = endsOf(row, kind, person, chain, facts.funds);
  const note = noteOf(row, address);
  if (!ends || move.amount === undefined) return undefined;
  const { amount, fee, feeAsset, hash } = move;
  const payer = ends.from;
  const postings = postingsOf({ ...ends, asset: place.asset.key, amount, payer, feeAsset, fee, chain });
  const booked = kind === 'send' || kind === 'return' ? kind : 'transfer';
  const about = { requestId: null, releaseId: release ?? null, chain, hash, note, actor: SHIPSHAPE.id, eventTime: at };
  return { entry: { kind: booked, ...about, postings }, spend: undefined };
}

/** An empty cell may be one that was forgotten, so that what cost only its fee says 0. */
function amountOf(row: SheetRow, kind: ImportKind): string {
  const text = row.number('amount');
  if (kind === 'spend' && (!row.has('amount') || /^0+(\.0+)?$/.test(text))) return '';
  if (!text)
    row.fault('amount', `The amount is missing${kind === 'spend' ? ': where only the fee was paid it is 0' : ''}.`);
  return text;
}

function personOf(row: SheetRow): string | undefined {
  const text = row.text('person');
  if (/^[UW][A-Z0-9]{3,}$/.test(text)) return text;
  if (!text) return row.fault('person', 'The person is missing: whose test funds were these?');
  return row.fault('person', `"${text}" is no Slack id: say in the map, under values, whose name this is.`);
}

function releaseOf(row: SheetRow, { releases }: CheckFacts): number | undefined {
  const text = row.text('release');
  if (!text) return undefined;
  const id = releases.get(text.toLowerCase());
  return (
    id ??
    row.fault('release', `There is no release "${text}": it is written as web 1.4.0, and /release list shows them.`)
  );
}

/** Where it went, as the note says it. */
function addressOf(row: SheetRow, chain: Parameters<typeof checkAddress>[1] | null): string | undefined {
  const text = row.text('address');
  if (!text) return undefined;
  const read = chain ? checkAddress(text, chain) : { address: text };
  return 'fault' in read ? row.fault('address', read.fault) : `To ${read.address}`;
}

function noteOf(row: SheetRow, address: string | undefined): string | null {
  const text = [row.text('what'), address].filter(Boolean).join('\n');
  if (text.length > REASON_MAX)
    row.fault('what', `What it was for has ${text.length} characters: ${REASON_MAX} are the most.`);
  return text || null;
}

/** Between which accounts it moved. */
function endsOf(
  row: SheetRow,
  kind: Exclude<ImportKind, 'spend'>,
  person: string | undefined,
  chain: string | null,
  funds: Funds,
): { from: Account; to: Account } | undefined {
  const wallet = walletOf(row, 'wallet', chain, funds);
  if (!wallet) return undefined;
  if (kind === 'deposit') return { from: 'outside', to: wallet };
  if (kind === 'withdrawal') return { from: wallet, to: 'outside' };
  if (kind === 'transfer') {
    if (!row.text('to_wallet')) return row.fault('to_wallet', 'The wallet it went to is missing.');
    const to = walletOf(row, 'to_wallet', chain, funds);
    if (!to) return undefined;
    return to === wallet ? row.fault('to_wallet', 'It went from one wallet to the same one.') : { from: wallet, to };
  }
  const holder = person && personAccount(person);
  if (!holder) return undefined;
  return kind === 'send' ? { from: wallet, to: holder } : { from: holder, to: wallet };
}

/** The custody wallet that is meant. One of another chain is no fault of a row that was booked before: the policy, or what is taken for right, has changed since. */
function walletOf(
  row: SheetRow,
  column: 'wallet' | 'to_wallet',
  chain: string | null,
  funds: Funds,
): Account | undefined {
  const named = row.text(column);
  const fits = walletFor(named, chain, funds);
  if (fits) return fits;
  const says = noWallet(named, chain, funds);
  const other = funds.accounts.find((a) => a.key === named.toLowerCase());
  if (!other) return row.fault(column, says);
  row.faultsIfNew.push({ cell: row.cell(column), text: says });
  return `custody:${other.key}`;
}
