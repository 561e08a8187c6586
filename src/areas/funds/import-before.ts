// Rows of tracking sheets that are in the books: what they said, and what they moved.
import { sql } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import type { ReadyRow } from './import-check.ts';

/**
 * Kept with a row's cause for ever, so that the row is known when it comes again. `says`: not of rows that older versions imported. `untold`: nobody has
 * said in the channel yet that it came in.
 */
export type Kept = { txId: number; content: string; says?: string; untold?: true };

/** A row that was imported before. */
export interface Before {
  key: string;
  kept: Kept;
  at: Date;
}

type Leg = { account: string; asset: string; amount: bigint | string };

/** Zones are up to 26 hours apart. */
const APART_MS = 26 * 3_600_000;

/**
 * What was imported from a day or so around the times of these rows.
 * @param seen keys of rows that are in the file as they were: no other row is taken for one of them
 */
export async function cameBefore(
  db: Executor,
  rows: readonly ReadyRow[],
  seen: Set<string>,
): Promise<{
  /** The row of the same sheet that said what this one says; it is given once. */
  takeSame(row: ReadyRow): Before | undefined;
  /** One that this row may be, though it says something else by now: ids tell rows apart where both have one, and hashes. */
  twinOf(row: ReadyRow): Before | undefined;
}> {
  const said = new Map<string, Before[]>();
  const moved = new Map<string, Before[]>();
  for (const { apart, legs, ...before } of rows.length ? await load(db, rows) : []) {
    if (seen.has(before.key)) continue;
    if (before.kept.says) add(said, `${sheetOf(before)} ${before.kept.says}`, before);
    if (!apart) add(moved, movesOf(legs), before);
  }
  const isFree = ({ key }: Before) => !seen.has(key);
  return {
    takeSame: (row) => {
      const same = row.id === null ? said.get(`${sheetOf(row)} ${row.says}`)?.find(isFree) : undefined;
      if (same) seen.add(same.key);
      return same;
    },
    twinOf: (row) => {
      const { entry, id } = row;
      const isNear = ({ at }: Before) => Math.abs(entry.eventTime.getTime() - at.getTime()) <= APART_MS;
      const isOther = ({ key }: Before) => id !== null && /^import:funds:[^:]*:id:/.test(key);
      const alike = entry.hash === null ? (moved.get(movesOf(entry.postings)) ?? []) : [];
      return alike.find((before) => isFree(before) && isNear(before) && !isOther(before));
    },
  };
}

/** How the keys of a sheet's rows begin. */
const sheetOf = ({ key }: { key: string }) => key.split(':', 3).join(':');

function add<T>(lists: Map<string, T[]>, key: string, one: T): void {
  const list = lists.get(key);
  if (list) list.push(one);
  else lists.set(key, [one]);
}

/** `apart`: it was reversed, or a hash tells it from others. */
async function load(db: Executor, rows: readonly ReadyRow[]): Promise<(Before & { apart: boolean; legs: Leg[] })[]> {
  const times = rows.map(({ entry }) => entry.eventTime.getTime());
  const [first, last] = times.reduce(([a, b], at) => [Math.min(a, at), Math.max(b, at)], [Infinity, -Infinity]);
  const [from, to] = [first - APART_MS, last + APART_MS].map((ms) => new Date(ms).toISOString());
  const found = await db.execute<{ key: string; kept: Kept; at: string; apart: boolean; legs: Leg[] }>(sql`
    select c.key, c.result as kept, l.event_time as at,
      l.chain_tx_id is not null or exists (select from ledger_transactions r where r.reverses = l.id) as apart,
      (select json_agg(json_build_object('account', a.name, 'asset', p.asset, 'amount', p.amount::text))
        from postings p join accounts a on a.id = p.account_id where p.tx_id = l.id) as legs
    from causes c join ledger_transactions l on l.id = (c.result->>'txId')::bigint
    where c.key like 'import:funds:%' and l.event_time between ${from} and ${to} order by l.id`);
  return found.rows.map((row) => ({ ...row, at: new Date(row.at) }));
}

/** What was moved to whom, whatever the fee, and whichever of the wallets: where a row names none the policy does, and it changes. */
function movesOf(legs: readonly Leg[]): string {
  const isFee = ({ account }: Leg) => account.startsWith('fees:');
  const named = legs.map((leg) => ({ ...leg, account: leg.account.replace(/^custody:.*/s, 'custody') }));
  const got = named.filter(({ amount }) => BigInt(amount) > 0n);
  const paid = got.filter((leg) => !isFee(leg));
  const what = (paid.length ? paid : got).map(({ account, asset, amount }) => `${account} ${asset} ${amount}`);
  const who = new Set(named.filter((leg) => !isFee(leg)).map(({ account }) => account));
  return JSON.stringify([[...who].sort(), what.sort()]);
}
