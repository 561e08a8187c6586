import { and, asc, desc, eq, getTableColumns, inArray, lt, or, sql } from 'drizzle-orm';
import type { Executor, Tx } from '../../db/client.ts';
import { threads } from '../../db/schema/core.ts';
import {
  accounts,
  chainTransactions,
  fundRequests,
  ledgerTransactions,
  postings,
  spends,
} from '../../db/schema/funds.ts';
import { totalsOf } from './rules.ts';
import type { Account, Ended, FundRequest, LedgerTx, Posting, RequestFacts, RequestPatch, Spend } from './types.ts';

/** Locks a request's row until the transaction ends, so that acts on one come one after the other. @returns whether there is one */
export async function lockRequest(tx: Tx, id: number): Promise<boolean> {
  const { rowCount } = await tx.execute(sql`select 1 from fund_requests where id = ${id} for update`);
  return rowCount === 1;
}

/** Locks what is approved for one person, so that two approvals at once each count the other (R18). Taken after the request's row. */
export async function lockLimits(tx: Tx, person: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('fund limits'), hashtext(${person}))`);
}

/** What is asked of the month: it is the calendar month of `now` in `zone` (IANA). */
export interface Month {
  zone: string;
  now: Date;
}

/** Everything about one request, or undefined when there is none of that id. */
export async function loadRequest(db: Executor, id: number, month: Month): Promise<RequestFacts | undefined> {
  const monthOf = (at: unknown) => sql`date_trunc('month', (${at})::timestamptz at time zone ${month.zone})`;
  const inMonth = (at: unknown) => sql`${monthOf(at)} = ${monthOf(month.now.toISOString())}`;
  const [row] = await db
    .select({
      request: getTableColumns(fundRequests),
      channel: threads.channel,
      url: threads.url,
      // What was sent more counts when that was recorded: the time it is said to have been is whatever somebody typed.
      monthApproved: sql<string>`(select coalesce(sum(case when ${inMonth(sql`o.approved_at`)} then o.amount else 0 end
            + case when ${inMonth(sql`l.record_time`)} then greatest(o.sent_amount - o.amount, 0) else 0 end), 0)::text
        from fund_requests o left join ledger_transactions l on l.id = o.sent_tx
        where o.requester = ${fundRequests.requester} and o.asset = ${fundRequests.asset} and o.id <> ${fundRequests.id}
          and o.state in ('approved', 'sent', 'closed'))`,
      approvedInMonth: sql<boolean>`coalesce(${inMonth(sql`${fundRequests.approvedAt}`)}, false)`,
      // The row forgets it when it is sent all the same; the audit trail does not.
      ended: sql<(Omit<Ended, 'closedAt'> & { closedAt: string }) | null>`(
        select json_build_object('state', p ->> 'state', 'closedBy', p ->> 'closedBy', 'closedAt', p ->> 'closedAt', 'closeReason', p ->> 'closeReason')
        from audit_events e cross join lateral (select e.data -> 'patch' as p) patch
        where e.subject = 'FR-' || ${fundRequests.id} and e.verb in ('withdraw', 'deny') order by e.id desc limit 1)`,
      requesterGone: sql<boolean>`exists (select from people p where p.id = ${fundRequests.requester} and p.deactivated)`,
    })
    .from(fundRequests)
    .innerJoin(threads, eq(threads.id, fundRequests.threadId))
    .where(eq(fundRequests.id, id));
  if (!row) return undefined;
  const { channel, url, monthApproved, ended, ...more } = row;
  const txs = await txsWhere(db, { requestId: id });
  return {
    ...more,
    ...totalsOf(row.request, txs),
    monthApproved: BigInt(monthApproved),
    ended: ended && { ...ended, closedAt: new Date(ended.closedAt) },
    txs,
    thread: { channel, url },
  };
}

/** Writes what an act changed. */
export async function writeRequest(tx: Tx, id: number, patch: RequestPatch): Promise<void> {
  if (Object.keys(patch).length) await tx.update(fundRequests).set(patch).where(eq(fundRequests.id, id));
}

/** Locks a ledger transaction until the transaction ends (two reversals of one come one after the other). */
export async function lockTx(tx: Tx, id: number): Promise<void> {
  await tx.execute(sql`select 1 from ledger_transactions where id = ${id} for update`);
}

/** One ledger transaction with its postings, or undefined. */
export async function loadTx(db: Executor, id: number): Promise<LedgerTx | undefined> {
  const [found] = await txsWhere(db, { id });
  return found;
}

/** The newest ledger transactions, newest first. @param page.before only those with a smaller id */
export async function ledgerPage(db: Executor, page: { before?: number; limit: number }): Promise<LedgerTx[]> {
  const { id } = ledgerTransactions;
  const found = await db
    .select({ id })
    .from(ledgerTransactions)
    .where(page.before === undefined ? undefined : lt(id, page.before))
    .orderBy(desc(ledgerTransactions.id))
    .limit(page.limit);
  const txs = await txsWhere(db, { ids: found.map((f) => f.id) });
  return txs.reverse();
}

/** Ledger transactions, the oldest first. */
async function txsWhere(
  db: Executor,
  of: { id: number } | { ids: number[] } | { requestId: number },
): Promise<LedgerTx[]> {
  if ('ids' in of && !of.ids.length) return [];
  const l = ledgerTransactions;
  const where = 'id' in of ? eq(l.id, of.id) : 'ids' in of ? inArray(l.id, of.ids) : eq(l.requestId, of.requestId);
  const rows = await db
    .select({
      id: l.id,
      kind: l.kind,
      requestId: l.requestId,
      releaseId: l.releaseId,
      chain: chainTransactions.chain,
      hash: chainTransactions.hash,
      reverses: l.reverses,
      replaces: l.replaces,
      reversedBy: sql<string | null>`(select r.id from ledger_transactions r where r.reverses = ${l.id})`,
      note: l.note,
      actor: l.actor,
      eventTime: l.eventTime,
      recordTime: l.recordTime,
      postings: sql<{ account: Account; asset: string; amount: string }[]>`(
        select coalesce(json_agg(json_build_object('account', a.name, 'asset', p.asset, 'amount', p.amount::text) order by p.line), '[]')
        from postings p join accounts a on a.id = p.account_id where p.tx_id = ${l.id})`,
    })
    .from(l)
    .leftJoin(chainTransactions, eq(chainTransactions.id, l.chainTxId))
    .where(where)
    .orderBy(asc(l.id));
  return rows.map((row) => ({
    ...row,
    chain: row.chain === 'off-chain' ? null : row.chain,
    reversedBy: row.reversedBy === null ? null : Number(row.reversedBy),
    postings: row.postings.map((p) => ({ ...p, amount: BigInt(p.amount) })),
  }));
}

/** What each account holds, asset by asset, zeros left out; wallets first, then people, fees, outside. @param only of one account */
export async function balances(db: Executor, only?: { account?: Account }): Promise<Posting[]> {
  const { rows } = await db.execute<{ account: Account; asset: string; amount: string }>(sql`
    select a.name as account, p.asset, sum(p.amount)::text as amount
    from postings p join accounts a on a.id = p.account_id
    where ${only?.account ?? null}::text is null or a.name = ${only?.account ?? null}
    group by a.id, p.asset having sum(p.amount) <> 0
    order by array_position(array['custody', 'person', 'fees', 'outside'], a.kind), a.name, p.asset`);
  return rows.map((row) => ({ ...row, amount: BigInt(row.amount) }));
}

/** A request as lists show it. */
export interface ListedRow {
  request: FundRequest;
  outstanding: bigint;
  url: string | null;
}

const OPEN = ['requested', 'approved', 'sent'] as const;
/** Closed or not, somebody is still asked about it (R18). */
const UNAGREED = sql`sent_over is not null and agreed_by is null`;

/** Requests, the newest first: one person's, or all that are open, or both. At most 100. */
export async function listRequests(db: Executor, which: { person?: string; open?: boolean }): Promise<ListedRow[]> {
  const rows = await db
    .select({
      request: getTableColumns(fundRequests),
      url: threads.url,
      outstanding: sql<string>`(select coalesce(sum(p.amount), 0)::text
        from ledger_transactions l join postings p on p.tx_id = l.id join accounts a on a.id = p.account_id
        where l.request_id = ${fundRequests.id} and p.asset = ${fundRequests.asset} and a.name = 'person:' || ${fundRequests.requester})`,
    })
    .from(fundRequests)
    .innerJoin(threads, eq(threads.id, fundRequests.threadId))
    .where(
      and(
        which.person === undefined ? undefined : eq(fundRequests.requester, which.person),
        which.open ? or(inArray(fundRequests.state, [...OPEN]), UNAGREED) : undefined,
      ),
    )
    .orderBy(desc(fundRequests.id))
    .limit(100);
  return rows.map((row) => ({ ...row, outstanding: BigInt(row.outstanding) }));
}

/** Ids of the requests of which more was sent than approved, and nobody has agreed to it. */
export async function unagreed(db: Executor): Promise<number[]> {
  const rows = await db.select({ id: fundRequests.id }).from(fundRequests).where(UNAGREED).orderBy(fundRequests.id);
  return rows.map((row) => row.id);
}

/** What a custody wallet holds of one asset. */
export async function holding(db: Executor, account: Account, asset: string): Promise<bigint> {
  const [row] = await db
    .select({ sum: sql<string>`coalesce(sum(${postings.amount}), 0)::text` })
    .from(postings)
    .innerJoin(accounts, eq(accounts.id, postings.accountId))
    .where(and(eq(accounts.name, account), eq(postings.asset, asset)));
  return BigInt(row?.sum ?? '0');
}

/** What a spend was, or undefined. */
export async function loadSpend(db: Executor, txId: number): Promise<Spend | undefined> {
  const [spend] = await db.select().from(spends).where(eq(spends.txId, txId));
  return spend;
}

/** A release as spends name it: its name and thread; undefined when there is none of that id. */
export async function releaseOf(
  db: Executor,
  id: number,
): Promise<{ name: string; channel: string; threadId: number } | undefined> {
  const { rows } = await db.execute<{ name: string; channel: string; thread_id: string }>(sql`
    select r.product || ' ' || r.version as name, t.channel, r.thread_id from releases r join threads t on t.id = r.thread_id where r.id = ${id}`);
  const [row] = rows;
  return row && { name: row.name, channel: row.channel, threadId: Number(row.thread_id) };
}
