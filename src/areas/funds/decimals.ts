// Amounts are kept in base units: with other decimals in the policy all of them would be worth something else (R17).
import { sql } from 'drizzle-orm';
import type { Asset } from '../../base/policy.ts';
import type { Fault } from '../../base/yaml.ts';
import type { Executor } from '../../db/client.ts';

/** Assets of the policy that were recorded, or asked for, with other decimals: a fault of the policy each. */
export async function otherDecimals(db: Executor, assets: readonly Asset[]): Promise<Fault[]> {
  const { rows } = await db.execute<{ asset: string; was: number; now: number }>(sql`
    select d.asset, d.decimals as was, p.decimals as now
    from asset_decimals d join ${policyOf(assets)} on p.key = d.asset and p.decimals <> d.decimals
    where exists (select from postings where asset = d.asset) or exists (select from fund_requests where asset = d.asset)
    order by d.asset`);
  return rows.map(({ asset, was, now }) => ({
    path: 'funds.assets',
    line: 0,
    text: `${asset} has ${now} decimals, and had ${was} when its amounts were recorded: every one of them would be worth something else. Give it ${was} again; what counts otherwise gets a key of its own.`,
  }));
}

/** The same; where nothing is wrong it notes what the policy says. To be called before anything is recorded by that policy. */
export async function keepDecimals(db: Executor, assets: readonly Asset[]): Promise<Fault[]> {
  const faults = await otherDecimals(db, assets);
  if (!faults.length)
    await db.execute(sql`
      insert into asset_decimals (asset, decimals) select p.key, p.decimals from ${policyOf(assets)}
      on conflict (asset) do update set decimals = excluded.decimals where asset_decimals.decimals <> excluded.decimals`);
  return faults;
}

const policyOf = (assets: readonly Asset[]) =>
  sql`json_to_recordset(${JSON.stringify(assets)}::json) as p (key text, decimals int)`;
