/** What the ledger says of fees, transactions that were reversed left out. Amounts are base units. */
export interface FeesReport {
  /** How many days `chains` and `hours` look back. */
  days: number;
  /** Those with test transactions, the newest first. */
  releases: ReleaseFees[];
  /** What was paid for no release: by test transactions that name none, and by sending, returning and moving test funds. */
  others: { kind: 'tests' | 'moves'; asset: string; amount: bigint; txs: number }[];
  chains: ChainFees[];
  hours: HourFees[];
}

export interface ReleaseFees {
  id: number;
  /** Product and version. */
  name: string;
  /** Its test transactions. */
  txs: number;
  /** None where they cost no fee. */
  fees: { asset: string; amount: bigint }[];
  /** Cents that testers typed for its test transactions; null where nobody did. */
  usd: bigint | null;
}

/** One chain's fees in one asset; `off-chain` for those of no chain. */
export interface ChainFees {
  chain: string;
  asset: string;
  txs: number;
  total: bigint;
  median: bigint;
  least: bigint;
  most: bigint;
}

/** The same by the hour of the day in the team's zone, 0 to 23. */
export interface HourFees {
  chain: string;
  asset: string;
  hour: number;
  txs: number;
  median: bigint;
}
