// The books as data (R17): which accounts an event moves what between. Pure.
import type { Account, Posting } from './types.ts';

/** Money that moved from one account to another, and the fee, which `payer` paid. Base units. */
export interface Movement {
  from: Account;
  to: Account;
  asset: string;
  /** Not negative; 0 only where there is a fee. */
  amount: bigint;
  payer: Account;
  feeAsset: string;
  /** Not negative. */
  fee: bigint;
  /** Null: on no chain. */
  chain: string | null;
}

/** Fees that are paid on no chain, such as a bank's. */
export const OFF_CHAIN = 'off-chain';

/** Where fees of a chain go. */
export function feeAccount(chain: string | null): Account {
  return `fees:${chain ?? OFF_CHAIN}`;
}

/** The postings of one movement: they sum to zero for each asset. Legs of zero are left out. */
export function postingsOf(m: Movement): Posting[] {
  const legs: Posting[] = [
    { account: m.from, asset: m.asset, amount: -m.amount },
    { account: m.to, asset: m.asset, amount: m.amount },
    { account: m.payer, asset: m.feeAsset, amount: -m.fee },
    { account: feeAccount(m.chain), asset: m.feeAsset, amount: m.fee },
  ];
  return legs.filter((leg) => leg.amount !== 0n);
}

/** The exact opposite: both together move nothing. */
export function reversalOf(postings: readonly Posting[]): Posting[] {
  return postings.map((p) => ({ ...p, amount: -p.amount }));
}

/** The balance of each account in each asset; those of zero are left out. */
export function balancesOf(postings: readonly Posting[]): Posting[] {
  const names = new Map(postings.map((p) => [`${p.account} ${p.asset}`, p]));
  return [...sums(postings, (p) => `${p.account} ${p.asset}`)].flatMap(([name, amount]) => {
    const p = names.get(name);
    return p && amount !== 0n ? [{ account: p.account, asset: p.asset, amount }] : [];
  });
}

/** What one account gained or lost of one asset. */
export function gain(postings: readonly Posting[], account: Account, asset: string): bigint {
  return postings.reduce((sum, p) => (p.account === account && p.asset === asset ? sum + p.amount : sum), 0n);
}

function sums(postings: readonly Posting[], keyOf: (p: Posting) => string): Map<string, bigint> {
  const totals = new Map<string, bigint>();
  for (const p of postings) totals.set(keyOf(p), (totals.get(keyOf(p)) ?? 0n) + p.amount);
  return totals;
}
