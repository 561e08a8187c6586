import type { Answer } from '../../base/answer.ts';
import type { Refusal } from '../../base/errors.ts';

/**
 * An account by its name: a custody wallet (`custody:main`), what a person holds (`person:U1`), what a chain's fees took (`fees:ethereum`,
 * `fees:off-chain`), and everybody else (`outside`).
 */
export type Account = `custody:${string}` | `person:${string}` | `fees:${string}` | 'outside';

/** One leg of a ledger transaction: base units of one asset into an account, or, when negative, out of it. Never zero. */
export interface Posting {
  account: Account;
  asset: string;
  amount: bigint;
}

/** What happened: custody to person, back, from a person to the outside, written off, into or between wallets, and the opposite of one. */
export type TxKind = 'send' | 'return' | 'spend' | 'settle' | 'transfer' | 'reversal';

/** A ledger transaction as it is read. Amounts are base units. */
export interface LedgerTx {
  id: number;
  kind: TxKind;
  requestId: number | null;
  releaseId: number | null;
  chain: string | null;
  /** As the chain writes it. */
  hash: string | null;
  /** The transaction this one is the opposite of. */
  reverses: number | null;
  /** The reversed transaction of the same chain transaction that this one replaces. */
  replaces: number | null;
  /** The transaction that is the opposite of this one. */
  reversedBy: number | null;
  note: string | null;
  actor: string;
  /** When it happened; it may have been recorded later. */
  eventTime: Date;
  recordTime: Date;
  postings: Posting[];
}

export type RequestState = 'requested' | 'approved' | 'sent' | 'closed' | 'denied' | 'withdrawn';

/** A request for test funds (R18). What was asked never changes; the rest follows from acts. */
export interface FundRequest {
  id: number;
  requester: string;
  asset: string;
  /** Base units. */
  amount: bigint;
  /** Null for what is on no chain (USD). */
  chain: string | null;
  address: string | null;
  reason: string;
  link: string | null;
  /** YYYY-MM-DD */
  neededBy: string | null;
  releaseId: number | null;
  state: RequestState;
  requestedAt: Date;
  /** The first of two treasurers, where the limits asked for two. */
  firstBy: string | null;
  firstAt: Date | null;
  /** The limits it was over at the first approval, as words. */
  overLimit: string | null;
  approvedBy: string | null;
  approvedAt: Date | null;
  sentBy: string | null;
  sentAt: Date | null;
  /** The ledger transaction of the send. */
  sentTx: number | null;
  sentAmount: bigint | null;
  /**
   * The limits, as words, that what was sent is over, where it is more than was approved, or where that was withdrawn or denied before: then a treasurer
   * besides who recorded it agrees to it.
   */
  sentOver: string | null;
  agreedBy: string | null;
  agreedAt: Date | null;
  closedBy: string | null;
  closedAt: Date | null;
  /** Why it was denied or settled. */
  closeReason: string | null;
  threadId: number;
}

/** How a request was withdrawn or denied. */
export interface Ended {
  state: 'withdrawn' | 'denied';
  closedBy: string;
  closedAt: Date;
  closeReason: string | null;
}

/** Everything the rules and the card look at. */
export interface RequestFacts {
  request: FundRequest;
  /** Base units of its asset that went out and neither came back nor were spent; 0 while nothing is sent. */
  outstanding: bigint;
  /** Returned and spent so far (fees in its own asset included), reversals taken off. */
  returned: bigint;
  spent: bigint;
  settled: bigint;
  /** What else of the same asset was approved for this person in this month, and what more than approved was recorded in it as sent. */
  monthApproved: bigint;
  /** It was approved in this month itself. */
  approvedInMonth: boolean;
  /** How it was withdrawn or denied, where it was, whatever came after: it may have been sent all the same. */
  ended: Ended | null;
  /** Who asked for it was deactivated since, as far as is known. */
  requesterGone: boolean;
  /** Its ledger transactions, oldest first, reversals included. */
  txs: LedgerTx[];
  thread: { channel: string; url: string | null };
}

/** What a person fills in to ask for funds: typed texts, raw. */
export interface RequestInput {
  /** `0.1`, `1000.5` */
  amount: string;
  /** A key of the policy's assets, in any case. */
  asset: string;
  /** A key of the policy's chains; undefined: the only one that carries the asset, or none. */
  chain?: string | undefined;
  address: string;
  reason: string;
  link?: string | undefined;
  /** YYYY-MM-DD */
  neededBy?: string | undefined;
  releaseId?: number | undefined;
}

/** What a person asks of a request. Amounts, fees and hashes are typed texts, raw. */
export type RequestAct =
  | { kind: 'approve' }
  | { kind: 'deny'; reason: string }
  | ({ kind: 'sent'; from?: string } & Moved)
  /** To what was sent over a limit: more than was approved, or what was withdrawn or denied before. `tx`: the ledger transaction the button was drawn for. */
  | { kind: 'agree'; tx: number }
  /** `amount` left out: all that is outstanding, less a fee in the same asset. */
  | ({ kind: 'return'; to?: string } & Moved)
  | { kind: 'settle'; reason: string }
  | { kind: 'withdraw' }
  | { kind: 'edit' };
export type RequestActKind = RequestAct['kind'];

/** `hash`: or the explorer's address that ends in it; needed on a chain. `fee`: in the chain's fee asset. `at`: when it happened. */
export interface Moved {
  amount?: string | undefined;
  hash?: string | undefined;
  fee?: string | undefined;
  at?: Date | undefined;
}

/** A test transaction (R19) as it is filled in: typed texts, raw. */
export interface SpendInput {
  /** Left empty: it cost its fee only. */
  amount: string;
  asset: string;
  chain?: string | undefined;
  hash?: string | undefined;
  fee?: string | undefined;
  /** gwei on EVM chains, sat/vB on Bitcoin, fee asset per gas on Cosmos. */
  gasPrice?: string | undefined;
  /** What the whole was worth in USD, by who knows. */
  usd?: string | undefined;
  /** What was tested. */
  what: string;
  releaseId?: number | undefined;
  /** The id of a test case in the release's spec. */
  testCase?: string | undefined;
  /** The request whose funds were used; it must be the tester's own. */
  requestId?: number | undefined;
  at?: Date | undefined;
}

/** Money into custody, out of it, or between two wallets. `from` and `to` are keys of the policy's accounts; undefined: outside. */
export interface TransferInput {
  amount: string;
  asset: string;
  chain?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  hash?: string | undefined;
  fee?: string | undefined;
  note: string;
  at?: Date | undefined;
}

/** A test transaction as it is kept (R19). Amounts are base units; `usd` is cents. */
export interface Spend {
  /** Its ledger transaction: TX-n. */
  txId: number;
  tester: string;
  asset: string;
  amount: bigint;
  chain: string | null;
  feeAsset: string | null;
  fee: bigint;
  gasPrice: string | null;
  usd: bigint | null;
  what: string;
  releaseId: number | null;
  testCase: string | null;
  requestId: number | null;
}

/** Fields of the forms that a fault belongs to. */
export type Field =
  | 'amount'
  | 'asset'
  | 'chain'
  | 'address'
  | 'reason'
  | 'link'
  | 'neededBy'
  | 'hash'
  | 'fee'
  | 'gasPrice'
  | 'usd'
  | 'what'
  | 'release'
  | 'testCase'
  | 'request'
  | 'from'
  | 'to'
  | 'note'
  | 'at';
/** Sentences by field, for a form. */
export type Faults = Partial<Record<Field, string>>;

/** What an action tells the person who asked, privately. Plain JSON: it is kept with the cause and given again to a repeat. */
export interface FundsAnswer extends Answer {
  requestId?: number;
  txId?: number;
  /** What was wrong with what was typed, by field. */
  faults?: Faults;
}

/** The columns of a request that acts write. */
export type RequestPatch = Partial<
  Omit<
    FundRequest,
    | 'id'
    | 'requester'
    | 'asset'
    | 'amount'
    | 'chain'
    | 'address'
    | 'reason'
    | 'link'
    | 'neededBy'
    | 'releaseId'
    | 'requestedAt'
  >
>;

/** What is to be written into the ledger. */
export interface Entry {
  kind: TxKind;
  requestId: number | null;
  releaseId: number | null;
  chain: string | null;
  /** Normalised. */
  hash: string | null;
  note: string | null;
  actor: string;
  eventTime: Date;
  postings: Posting[];
}

export type RequestDecision =
  | { patch: RequestPatch; entry?: Entry }
  | { refusal: Refusal }
  | { faults: Faults }
  | { already: string };
