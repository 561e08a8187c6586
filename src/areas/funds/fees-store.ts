import { sql } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import { RELEASE_COSTS } from '../../db/test-costs.ts';
import type { FeesReport } from './fees-types.ts';

/** How far back chains and hours look: prices of last year say little about today. */
const DAYS = 90;
const RELEASES_SHOWN = 15;

/** The fee postings that count: reversed transactions, and reversals, are left out. */
const FEES = sql`
  select l.id, l.event_time, a.key as chain, p.asset, p.amount
  from postings p join accounts a on a.id = p.account_id and a.kind = 'fees' join ledger_transactions l on l.id = p.tx_id
  where l.kind <> 'reversal' and not exists (select from ledger_transactions x where x.reverses = l.id)`;

/** What testing cost: by release, by chain, and by hour of the day in `zone` (IANA). */
export async function loadFees(db: Executor, zone: string, now: Date): Promise<FeesReport> {
  const since = new Date(now.getTime() - DAYS * 86_400_000).toISOString();
  const releases = await db.execute<{
    id: string;
    name: string;
    transactions: string;
    fees: Record<string, string> | null;
    usd: string | null;
  }>(sql`
    select r.id, r.product || ' ' || r.version as name, m.*
    from releases r cross join lateral (${RELEASE_COSTS}) m
    where m.transactions > 0 order by r.id desc limit ${RELEASES_SHOWN}`);
  const others = await db.execute<{
    kind: FeesReport['others'][0]['kind'];
    asset: string;
    amount: string;
    txs: string;
  }>(sql`
    with f as (${FEES})
    select case when s.tx_id is null then 'moves' else 'tests' end as kind, f.asset, sum(f.amount) as amount, count(distinct f.id) as txs
    from f left join spends s on s.tx_id = f.id where s.release_id is null group by 1, 2 order by 1 desc, 2`);
  const chains = await db.execute<
    Record<'chain' | 'asset' | 'txs' | 'total' | 'median' | 'least' | 'most', string>
  >(sql`
    with f as (${FEES} and l.event_time >= ${since})
    select chain, asset, count(*) as txs, sum(amount) as total, percentile_disc(0.5) within group (order by amount) as median,
      min(amount) as least, max(amount) as most
    from f group by chain, asset order by count(*) desc, chain, asset`);
  const hours = await db.execute<Record<'chain' | 'asset' | 'hour' | 'txs' | 'median', string>>(sql`
    with f as (${FEES} and l.event_time >= ${since})
    select chain, asset, extract(hour from event_time at time zone ${zone})::int as hour, count(*) as txs,
      percentile_disc(0.5) within group (order by amount) as median
    from f group by 1, 2, 3 order by 1, 2, 3`);
  return {
    days: DAYS,
    releases: releases.rows.map((r) => ({
      id: Number(r.id),
      name: r.name,
      txs: Number(r.transactions),
      fees: Object.entries(r.fees ?? {}).map(([asset, amount]) => ({ asset, amount: BigInt(amount) })),
      usd: r.usd === null ? null : BigInt(r.usd),
    })),
    others: others.rows.map((o) => ({ kind: o.kind, asset: o.asset, amount: BigInt(o.amount), txs: Number(o.txs) })),
    chains: chains.rows.map((c) => ({
      chain: c.chain,
      asset: c.asset,
      txs: Number(c.txs),
      total: BigInt(c.total),
      median: BigInt(c.median),
      least: BigInt(c.least),
      most: BigInt(c.most),
    })),
    hours: hours.rows.map((h) => ({
      chain: h.chain,
      asset: h.asset,
      hour: Number(h.hour),
      txs: Number(h.txs),
      median: BigInt(h.median),
    })),
  };
}
