// Writing into the books (R17): the one way in.
import { type SQL, sql } from 'drizzle-orm';
import { showId } from '../../base/ids.ts';
import { type Tx, together } from '../../db/client.ts';
import { OFF_CHAIN } from './ledger.ts';
import type { Entry, Spend, TxKind } from './types.ts';

/** The place of a chain transaction that nothing stands for now: new, or with the reversed transaction it would replace. */
interface Slot {
  chainTxId: number | null;
  replaces: number | null;
}

/**
 * Takes a chain transaction's place in the books, once for ever (R17); another transaction that takes the same one at the same time waits for this
 * one.
 * @returns the place, or the id of the ledger transaction that has it
 */
async function takeHash(tx: Tx, entry: Pick<Entry, 'chain' | 'hash'>): Promise<Slot | { takenBy: number }> {
  if (entry.hash === null) return { chainTxId: null, replaces: null };
  const chain = entry.chain ?? OFF_CHAIN;
  const made = await tx.execute<{ id: string }>(
    sql`insert into chain_transactions (chain, hash) values (${chain}, ${entry.hash}) on conflict do nothing returning id`,
  );
  const [fresh] = made.rows;
  if (fresh) return { chainTxId: Number(fresh.id), replaces: null };
  // It was there: locked, so that of two replacements one is the first.
  const known = await tx.execute<{ id: string }>(
    sql`select id from chain_transactions where chain = ${chain} and hash = ${entry.hash} for update`,
  );
  const chainTxId = Number(known.rows[0]?.id);
  const last = await tx.execute<{ id: string; reversed: boolean }>(sql`
    select l.id, exists (select from ledger_transactions r where r.reverses = l.id) as reversed
    from ledger_transactions l where l.chain_tx_id = ${chainTxId} and l.reverses is null order by l.id desc limit 1`);
  const [holder] = last.rows;
  if (holder && !holder.reversed) return { takenBy: Number(holder.id) };
  return { chainTxId, replaces: holder ? Number(holder.id) : null };
}

/** The sentences about a hash that is in the books already: R17 has it once, also where one transaction did several things. */
export function takenFault(by: number, { kind, chain }: { kind?: TxKind | undefined; chain: string | null }): string {
  const id = showId('TX', by);
  const taken = `That transaction is recorded already, as ${id}. If that was a mistake, a treasurer reverses it first: \`/funds reverse ${id}\`.`;
  if (chain === null)
    return `${taken} If this is another one with the same reference, add what tells them apart, such as (2).`;
  if (kind === 'return')
    return `${taken} If it brought back what was left of several requests: reverse ${id}, record all of it by \`/funds deposit\`, and settle each of them.`;
  if (kind === 'send')
    return `${taken} If it paid several requests at once: reverse ${id}, record all of it as sent for one of them, and deny the others: who asked for that one answers for all of it.`;
  return taken;
}

/**
 * Writes what is new: takes its chain transaction's place, and books it. To be called last of all, when nothing else can refuse any more.
 * @returns its id, TX-n; or that of the transaction which has its hash already: then nothing is written
 * @throws what the database says to postings that do not balance
 */
export async function bookNew(
  tx: Tx,
  entry: Entry,
  now: Date,
  spend?: Omit<Spend, 'txId'>,
): Promise<{ txId: number } | { takenBy: number }> {
  const [slot, known] = await together([takeHash(tx, entry), knownAccounts(tx, entry)]);
  if ('takenBy' in slot) return slot;
  return { txId: await write(tx, entry, slot, await withMissing(tx, entry, known), now, spend) };
}

/** Books the opposite of a ledger transaction. @param entry of the reversal @returns its id */
export async function bookReversal(tx: Tx, entry: Entry, reverses: number, now: Date): Promise<number> {
  const [chainTxId, known] = await together([chainTxOf(tx, reverses), knownAccounts(tx, entry)]);
  return write(tx, entry, { chainTxId, replaces: null, reverses }, await withMissing(tx, entry, known), now);
}

type Accounts = ReadonlyMap<string, number>;

const LAST_TX = sql`currval('ledger_transactions_id_seq')`;

async function write(
  tx: Tx,
  entry: Entry,
  slot: Slot & { reverses?: number },
  ids: Accounts,
  now: Date,
  spend?: Omit<Spend, 'txId'>,
): Promise<number> {
  const legs = entry.postings.map((p) => ({
    account: ids.get(p.account),
    asset: p.asset,
    amount: p.amount.toString(),
  }));
  // All three in one round trip, in this order. Were it another, the guards would refuse: the number is the one this session was given last.
  const [made] = await together([
    tx.execute<{ id: string }>(sql`
      insert into ledger_transactions (kind, request_id, release_id, chain_tx_id, reverses, replaces, note, actor, event_time, record_time)
      values (${entry.kind}, ${entry.requestId}, ${entry.releaseId}, ${slot.chainTxId}, ${slot.reverses ?? null}, ${slot.replaces}, ${entry.note},
        ${entry.actor}, ${entry.eventTime.toISOString()}, ${now.toISOString()}) returning id`),
    tx.execute(sql`
      insert into postings (tx_id, line, account_id, asset, amount)
      select ${LAST_TX}, line, (leg->>'account')::bigint, leg->>'asset', (leg->>'amount')::numeric
      from json_array_elements(${JSON.stringify(legs)}::json) with ordinality as legs (leg, line)`),
    ...(spend ? [tx.execute(spendRow(spend))] : []),
  ]);
  return Number(made.rows[0]?.id);
}

function spendRow(s: Omit<Spend, 'txId'>): SQL {
  return sql`
    insert into spends (tx_id, tester, asset, amount, chain, fee_asset, fee, gas_price, usd, what, release_id, test_case, request_id)
    values (${LAST_TX}, ${s.tester}, ${s.asset}, ${s.amount.toString()}, ${s.chain}, ${s.feeAsset}, ${s.fee.toString()}, ${s.gasPrice},
      ${s.usd?.toString() ?? null}, ${s.what}, ${s.releaseId}, ${s.testCase}, ${s.requestId})`;
}

/**
 * The ids of an entry's accounts that exist. Wallets and people are locked, in the order of their ids, until the transaction ends; fees and outside
 * are not: nothing is decided by them, and everybody would wait.
 */
async function knownAccounts(tx: Tx, { postings }: Entry): Promise<Accounts> {
  const names = [...new Set(postings.map((p) => p.account))];
  const decided = names.filter((n) => /^(custody|person):/.test(n));
  const { rows } = await tx.execute<{ id: string; name: string }>(sql`
    with held as (select id from accounts where name = any(${sql.param(decided)}::text[]) order by id for no key update)
    select a.id, a.name from accounts a left join held on held.id = a.id where a.name = any(${sql.param(names)}::text[])`);
  return new Map(rows.map((r) => [r.name, Number(r.id)]));
}

/** The same with those that were not there yet: they are made. */
async function withMissing(tx: Tx, entry: Entry, known: Accounts): Promise<Accounts> {
  const fresh = [...new Set(entry.postings.map((p) => p.account))].filter((n) => !known.has(n)).sort();
  if (!fresh.length) return known;
  const values = fresh.map((name) => {
    const [kind, key = ''] = name.split(/:(.*)/s);
    return sql`(${name}, ${kind}, ${key})`;
  });
  await tx.execute(
    sql`insert into accounts (name, kind, key) values ${sql.join(values, sql`, `)} on conflict do nothing`,
  );
  return knownAccounts(tx, entry);
}

/** The chain transaction that a ledger transaction stands for; null when it is for none. */
async function chainTxOf(tx: Tx, txId: number): Promise<number | null> {
  const { rows } = await tx.execute<{ chain_tx_id: string | null }>(
    sql`select chain_tx_id from ledger_transactions where id = ${txId}`,
  );
  const found = rows[0]?.chain_tx_id ?? null;
  return found === null ? null : Number(found);
}
