import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  customType,
  date,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { threads } from './core.ts';
import { releases } from './releases.ts';

const id = () => bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity();
const ref = (name: string) => bigint(name, { mode: 'number' });
const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** R17: whole base units, up to 78 digits, as BigInt. */
export const units = customType<{ data: bigint; driverData: string }>({
  dataType: () => 'numeric(78, 0)',
  fromDriver: (text) => BigInt(text),
  toDriver: (amount) => amount.toString(),
});

const xid8 = customType<{ data: string }>({ dataType: () => 'xid8' });

/** Where money is: custody wallets, people, fees by chain, outside. Triggers refuse UPDATE, DELETE and TRUNCATE. */
export const accounts = pgTable(
  'accounts',
  {
    id: id(),
    /** `custody:main`, `person:U1`, `fees:ethereum`, `outside`. */
    name: text().notNull().unique(),
    kind: text().$type<'custody' | 'person' | 'fees' | 'outside'>().notNull(),
    /** What follows the colon; the wallet's key, the person's Slack id, the chain's key; empty for `outside`. */
    key: text().notNull(),
  },
  () => [check('accounts_kind', sql`kind in ('custody', 'person', 'fees', 'outside')`)],
);

/** R17: a transaction of a chain exists once, by its normalised hash. Append-only. */
export const chainTransactions = pgTable(
  'chain_transactions',
  { id: id(), chain: text().notNull(), hash: text().notNull() },
  (t) => [
    uniqueIndex('chain_transactions_hash').on(t.chain, t.hash),
    check('chain_transactions_filled', sql`chain <> '' and hash <> ''`),
  ],
);

/** A request for test funds (R18). A trigger refuses changes of what was asked, and deletion. */
export const fundRequests = pgTable(
  'fund_requests',
  {
    id: id(),
    requester: text().notNull(),
    asset: text().notNull(),
    amount: units().notNull(),
    chain: text(),
    address: text(),
    reason: text().notNull(),
    link: text(),
    neededBy: date('needed_by', { mode: 'string' }),
    releaseId: ref('release_id').references(() => releases.id),
    state: text().$type<'requested' | 'approved' | 'sent' | 'closed' | 'denied' | 'withdrawn'>().notNull(),
    requestedAt: at('requested_at').notNull(),
    firstBy: text('first_by'),
    firstAt: at('first_at'),
    overLimit: text('over_limit'),
    approvedBy: text('approved_by'),
    approvedAt: at('approved_at'),
    sentBy: text('sent_by'),
    sentAt: at('sent_at'),
    sentTx: ref('sent_tx'),
    sentAmount: units('sent_amount'),
    sentOver: text('sent_over'),
    agreedBy: text('agreed_by'),
    agreedAt: at('agreed_at'),
    closedBy: text('closed_by'),
    closedAt: at('closed_at'),
    closeReason: text('close_reason'),
    threadId: ref('thread_id')
      .notNull()
      .references(() => threads.id),
  },
  (t) => [
    index('fund_requests_person').on(t.requester, t.asset, t.approvedAt),
    index('fund_requests_open').on(t.id).where(sql`state in ('requested', 'approved', 'sent')`),
    index('fund_requests_unagreed').on(t.id).where(sql`sent_over is not null and agreed_by is null`),
    index('fund_requests_thread').on(t.threadId),
    check('fund_requests_state', sql`state in ('requested', 'approved', 'sent', 'closed', 'denied', 'withdrawn')`),
    check('fund_requests_amount', sql`amount > 0`),
    check('fund_requests_own', sql`approved_by <> requester and first_by <> requester and approved_by <> first_by`),
    check(
      'fund_requests_agreed',
      sql`agreed_by is null or (agreed_by <> requester and agreed_by <> sent_by and sent_over is not null)`,
    ),
  ],
);

/** R17: one business event in the books; TX-n. Append-only; what it consists of is in `postings`. */
export const ledgerTransactions = pgTable(
  'ledger_transactions',
  {
    id: id(),
    kind: text().$type<'send' | 'return' | 'spend' | 'settle' | 'transfer' | 'reversal'>().notNull(),
    requestId: ref('request_id').references(() => fundRequests.id),
    releaseId: ref('release_id').references(() => releases.id),
    chainTxId: ref('chain_tx_id').references(() => chainTransactions.id),
    /** Of a reversal: what it is the opposite of. Each transaction is reversed at most once. */
    reverses: ref('reverses'),
    /** Of a second record of a chain transaction: the reversed one in whose place it stands. */
    replaces: ref('replaces'),
    note: text(),
    actor: text().notNull(),
    eventTime: at('event_time').notNull(),
    recordTime: at('record_time').notNull(),
    /** The database transaction that made it, set by a trigger: postings are taken from that one only. */
    xact: xid8().notNull().default(sql`pg_current_xact_id()`),
  },
  (t) => [
    check(
      'ledger_transactions_kind',
      sql`kind in ('send', 'return', 'spend', 'settle', 'transfer', 'reversal') and (kind = 'reversal') = (reverses is not null)`,
    ),
    check('ledger_transactions_refers', sql`replaces is null or (reverses is null and chain_tx_id is not null)`),
    uniqueIndex('ledger_transactions_reverses').on(t.reverses),
    uniqueIndex('ledger_transactions_replaces').on(t.replaces),
    uniqueIndex('ledger_transactions_original').on(t.chainTxId).where(sql`reverses is null and replaces is null`),
    index('ledger_transactions_chain_tx').on(t.chainTxId),
    index('ledger_transactions_request').on(t.requestId),
    index('ledger_transactions_release').on(t.releaseId),
  ],
);

/**
 * R17: the legs of a ledger transaction. Append-only, and complete when its transaction commits: their sum is zero for each asset. That transaction and
 * account exist is seen to by the trigger that sees to the rest: a foreign key would have all who post to the one account of fees lock its row.
 */
export const postings = pgTable(
  'postings',
  {
    txId: ref('tx_id').notNull(),
    line: integer().notNull(),
    accountId: ref('account_id').notNull(),
    asset: text().notNull(),
    amount: units().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.txId, t.line] }),
    index('postings_account').on(t.accountId, t.asset),
    check('postings_amount', sql`amount <> 0 and asset <> ''`),
  ],
);

/** R19: what a test transaction was, beside its ledger transaction. Append-only; a wrong one is reversed and recorded anew. */
export const spends = pgTable(
  'spends',
  {
    txId: ref('tx_id')
      .primaryKey()
      .references(() => ledgerTransactions.id),
    tester: text().notNull(),
    asset: text().notNull(),
    amount: units().notNull(),
    chain: text(),
    feeAsset: text('fee_asset'),
    fee: units().notNull(),
    /** As typed: gwei on EVM chains, sat/vB on Bitcoin. */
    gasPrice: text('gas_price'),
    /** Cents; typed by who knew, or null. */
    usd: units(),
    what: text().notNull(),
    releaseId: ref('release_id').references(() => releases.id),
    testCase: text('test_case'),
    requestId: ref('request_id').references(() => fundRequests.id),
  },
  (t) => [
    index('spends_release').on(t.releaseId),
    index('spends_tester').on(t.tester, t.txId),
    check('spends_amount', sql`amount >= 0 and fee >= 0 and amount + fee > 0 and (usd is null or usd >= 0)`),
  ],
);

/** How many decimals the amounts of an asset have that are in the books: base units say nothing without it, and the policy may change. */
export const assetDecimals = pgTable('asset_decimals', {
  asset: text().primaryKey(),
  decimals: integer().notNull(),
});
