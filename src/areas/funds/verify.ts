import { sql } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';

export interface LedgerReport {
  transactions: number;
  postings: number;
  accounts: number;
  assets: number;
  /** What is wrong, a sentence each; none: the books are whole. */
  faults: string[];
}

/**
 * Checks the books from the ground, whatever triggers and code made sure of (R17, R18): each transaction balances, each reversal is the opposite of
 * what it reverses, each chain transaction stands once, and each request's state is what its postings say.
 */
export async function verifyLedger(db: Executor): Promise<LedgerReport> {
  const { rows: counted } = await db.execute<Record<'transactions' | 'postings' | 'accounts' | 'assets', string>>(sql`
    select (select count(*) from ledger_transactions) as transactions, (select count(*) from postings) as postings,
      (select count(*) from accounts) as accounts, (select count(distinct asset) from postings) as assets`);
  const faults: string[] = [];
  for (const check of CHECKS) {
    const { rows } = await db.execute<{ fault: string }>(check);
    faults.push(...rows.map((row) => row.fault));
  }
  const [n] = counted;
  return {
    transactions: Number(n?.transactions),
    postings: Number(n?.postings),
    accounts: Number(n?.accounts),
    assets: Number(n?.assets),
    faults,
  };
}

const CHECKS = [
  sql`select format('TX-%s: its postings sum to %s of %s, not to zero.', tx_id, sum(amount), asset) as fault
    from postings group by tx_id, asset having sum(amount) <> 0 order by tx_id, asset`,
  sql`select format('TX-%s: it has %s postings; two are the least.', l.id, count(p.line)) as fault
    from ledger_transactions l left join postings p on p.tx_id = l.id group by l.id having count(p.line) < 2 order by l.id`,
  sql`select format('TX-%s: it is not the opposite of TX-%s, which it reverses.', l.id, l.reverses) as fault
    from ledger_transactions l where l.reverses is not null and (
      not exists (select from ledger_transactions o where o.id = l.reverses and o.kind <> 'reversal' and o.chain_tx_id is not distinct from l.chain_tx_id)
      or exists (select from postings p where p.tx_id in (l.id, l.reverses) group by p.account_id, p.asset having sum(p.amount) <> 0))
    order by l.id`,
  sql`select format('TX-%s: it is recorded for the same chain transaction as %s.', l.id,
      (select string_agg('TX-' || o.id, ', ' order by o.id) from ledger_transactions o where o.chain_tx_id = l.chain_tx_id and o.id < l.id)) as fault
    from ledger_transactions l
    where l.reverses is null and not exists (select from ledger_transactions r where r.reverses = l.id)
      and exists (select from ledger_transactions o where o.chain_tx_id = l.chain_tx_id and o.id < l.id and o.reverses is null
        and not exists (select from ledger_transactions r where r.reverses = o.id))
    order by l.id`,
  sql`select format('TX-%s: it is a spend that does not say what it was.', l.id) as fault
    from ledger_transactions l where l.kind = 'spend' and not exists (select from spends s where s.tx_id = l.id) order by l.id`,
  sql`with out as (
      select r.id, r.state, r.asset, r.sent_tx, coalesce((
        select sum(p.amount) from ledger_transactions l join postings p on p.tx_id = l.id join accounts a on a.id = p.account_id
        where l.request_id = r.id and p.asset = r.asset and a.name = 'person:' || r.requester), 0) as outstanding
      from fund_requests r)
    select format('FR-%s: it is %s, and %s base units of %s are outstanding.', id, state, outstanding, asset) as fault
    from out where (state = 'sent' and (outstanding <= 0 or sent_tx is null)) or (state <> 'sent' and outstanding <> 0) order by id`,
];
