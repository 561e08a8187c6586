import { sql } from 'drizzle-orm';

/**
 * R19: what testing one release cost, as columns of a lateral subquery beside `releases r`: `transactions`, `usd` (cents as typed, or null) and
 * `fees` (base units by asset as JSON, or null). It counts test transactions that name the release and were not reversed, and nothing else: what
 * sending and returning test funds cost is the treasury's, for a request may serve several releases or none. Where costs of a release are told they
 * are read by this.
 */
export const RELEASE_COSTS = sql`
  select coalesce(sum(n), 0) as transactions, sum(usd) as usd,
    jsonb_object_agg(fee_asset, fee::text) filter (where fee_asset is not null) as fees
  from (select s.fee_asset, count(*) as n, sum(s.usd) as usd, sum(s.fee) as fee from spends s
    where s.release_id = r.id and not exists (select from ledger_transactions x where x.reverses = s.tx_id)
    group by s.fee_asset) f`;
