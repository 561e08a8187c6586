// What is in the database as rows of the three tabs.
import { formatAmount } from '../../base/money.ts';
import type { Funds } from '../../base/policy.ts';
import type { Cell } from '../../base/sheets.ts';
import { offsetAt } from '../../base/zone.ts';
import { feeAssets } from './tabs.ts';
import type { Row } from './types.ts';

/** What the rows depend on besides the facts. */
export interface Ground {
  funds: Funds;
  /** The team's zone: times are shown in it. */
  zone: string;
}

export interface ReleaseFacts {
  id: number;
  product: string;
  version: string;
  kind: string;
  state: string;
  openedAt: Date;
  approvedAt: Date | null;
  shippedAt: Date | null;
  doneAt: Date | null;
  manager: string;
  operators: string[];
  blocking: number;
  otherBugs: number;
  prodIssues: number;
  caught: number;
  escaped: number;
  tests: number;
  passed: number;
  failed: number;
  blocked: number;
  skipped: number;
  transactions: number;
  /** Cents; null when nobody typed any. */
  usd: bigint | null;
  /** Base units by asset. */
  fees: ReadonlyMap<string, bigint>;
}

export interface RequestFacts {
  id: number;
  state: string;
  requester: string;
  asset: string;
  amount: bigint;
  chain: string | null;
  address: string | null;
  reason: string;
  link: string | null;
  /** YYYY-MM-DD */
  neededBy: string | null;
  releaseId: number | null;
  requestedAt: Date;
  approvedAt: Date | null;
  approvedBy: string | null;
  sentAt: Date | null;
  sentBy: string | null;
  hash: string | null;
  sent: bigint;
  returned: bigint;
  spent: bigint;
  settled: bigint;
  closedAt: Date | null;
  closeReason: string | null;
}

export interface BalanceFacts {
  /** `custody:main` */
  account: string;
  /** As people know it: the wallet's or the person's name. */
  name: string;
  asset: string;
  amount: bigint;
}

export interface PostingFacts {
  txId: number;
  line: number;
  eventTime: Date;
  recordTime: Date;
  kind: string;
  account: string;
  name: string;
  asset: string;
  amount: bigint;
  chain: string | null;
  hash: string | null;
  requestId: number | null;
  releaseId: number | null;
  note: string | null;
  actor: string;
}

const DAY = 86_400_000;
/** Day 0 of spreadsheets, 1899-12-30, in days before 1970. */
const EPOCH = 25_569;
const QUARTER = 900_000;
/** Later than this an entry counts as backdated. */
const LATE_MS = 60_000;
/** Google's limit of a cell is 50,000 characters; Excel's 32,767. */
const LONGEST = 32_000;

/** A stretch of time in which the zone's clock is this far ahead of UTC. */
let last: { zone: string; from: number; to: number; ms: number } | undefined;

/** Postings of one day follow each other, and asking for an offset is slow and leaves ten kilobytes of garbage. */
function offsetOf(zone: string, at: number): number {
  if (last?.zone === zone && last.from <= at && at < last.to) return last.ms;
  const from = Math.floor(at / DAY) * DAY;
  const ms = offsetAt(zone, new Date(from));
  if (ms === offsetAt(zone, new Date(from + DAY))) last = { zone, from, to: from + DAY, ms };
  else {
    // Clocks change within this day, and do so on quarters of an hour.
    const quarter = Math.floor(at / QUARTER) * QUARTER;
    last = { zone, from: quarter, to: quarter + QUARTER, ms: offsetAt(zone, new Date(quarter)) };
  }
  return last.ms;
}

/** A moment as spreadsheets keep it: days since 1899-12-30 by the zone's clock, to the second. */
export function serial(at: Date | null, zone: string): Cell {
  if (!at) return null;
  return Number(((at.getTime() + offsetOf(zone, at.getTime())) / DAY + EPOCH).toFixed(5));
}

function day(text: string | null): Cell {
  return text === null ? null : Date.parse(`${text}T00:00Z`) / DAY + EPOCH;
}

/** Most texts are like this, and short. */
const ORDINARY = /^[ -~]{1,200}$/;

/** Text that comes back from a sheet and a workbook as it went in: no control characters, no halves of characters. */
export function plain(text: string | null): Cell {
  if (text === null || text === '') return null;
  if (ORDINARY.test(text)) return text;
  const clean = text
    .replace(/\r\n?/g, '\n')
    .replace(/[\p{Cc}\ufffe\uffff]/gu, (one) => (one === '\n' ? one : ' '))
    .replace(/\p{Cs}/gu, '?');
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST).replace(/\p{Cs}$/u, '')}…` : clean;
}

/** An amount for reading, to the 15 digits that spreadsheets keep, and exactly, as text. */
function money(amount: bigint | null, asset: string, { funds }: Ground): Cell[] {
  if (amount === null) return [null, null];
  const unit = funds.assets.find((a) => a.key === asset);
  // An asset that has left the policy: how many decimals it had is not known any more.
  return [unit ? Number(Number(formatAmount(amount, unit.decimals)).toPrecision(15)) : null, `${amount}`];
}

const ref = (prefix: 'REL' | 'FR', id: number | null): Cell => (id === null ? null : `${prefix}-${id}`);

export function releaseRow(r: ReleaseFacts, on: Ground): Row {
  const assets = feeAssets(on.funds);
  const others = [...r.fees].filter(([asset, fee]) => fee !== 0n && !assets.includes(asset));
  const units = new Map(on.funds.assets.map((a) => [a.key, a.decimals]));
  const seen = r.caught + r.escaped;
  return {
    id: `REL-${r.id}`,
    cells: [
      plain(r.product),
      plain(r.version),
      r.kind,
      r.state.replaceAll('_', ' '),
      ...[r.openedAt, r.approvedAt, r.shippedAt, r.doneAt].map((at) => serial(at, on.zone)),
      plain(r.manager),
      plain(r.operators.join(', ')),
      ...[r.blocking, r.otherBugs, r.prodIssues, r.caught, r.escaped],
      seen === 0 ? null : Number((r.caught / seen).toFixed(4)),
      ...[r.tests, r.passed, r.failed, r.blocked, r.skipped, r.transactions],
      r.usd === null ? null : Number(formatAmount(r.usd, 2)),
      ...assets.flatMap((asset) => money(r.fees.get(asset) ?? null, asset, on)),
      plain(others.map(([asset, fee]) => `${formatAmount(fee, units.get(asset) ?? 0)} ${asset}`).join(', ')),
    ],
  };
}

export function requestRow(r: RequestFacts, on: Ground): Row {
  const sent = r.sentAt !== null;
  const amounts = [r.sent, r.returned, r.spent, r.settled, r.sent - r.returned - r.spent - r.settled];
  return {
    id: `FR-${r.id}`,
    cells: [
      'request',
      r.state,
      plain(r.requester),
      r.asset,
      ...money(r.amount, r.asset, on),
      r.chain,
      plain(r.address),
      plain(r.reason),
      plain(r.link),
      day(r.neededBy),
      ref('REL', r.releaseId),
      serial(r.requestedAt, on.zone),
      serial(r.approvedAt, on.zone),
      plain(r.approvedBy),
      serial(r.sentAt, on.zone),
      plain(r.sentBy),
      plain(r.hash),
      ...amounts.flatMap((amount) => money(sent ? amount : null, r.asset, on)),
      serial(r.closedAt, on.zone),
      plain(r.closeReason),
    ],
  };
}

/** A balance: a row among the requests, so that sorting keeps it whole. */
export function balanceRow(b: BalanceFacts, on: Ground): Row {
  const rest: Cell[] = Array.from({ length: 24 }, () => null);
  return {
    id: `${b.account} ${b.asset}`,
    cells: ['balance', null, plain(b.name), b.asset, ...money(b.amount, b.asset, on), ...rest],
  };
}

export function postingRow(p: PostingFacts, on: Ground): Row {
  const late = p.recordTime.getTime() - p.eventTime.getTime() > LATE_MS;
  return {
    id: `TX-${p.txId}/${p.line}`,
    cells: [
      serial(p.eventTime, on.zone),
      serial(late ? p.recordTime : null, on.zone),
      p.kind,
      plain(p.name),
      p.asset,
      ...money(p.amount, p.asset, on),
      p.chain,
      plain(p.hash),
      ref('FR', p.requestId),
      ref('REL', p.releaseId),
      plain(p.note),
      plain(p.actor),
    ],
  };
}
