import { createHash } from 'node:crypto';
import { actOnRequest, requestNow } from '../../src/areas/funds/actions.ts';
import { requestFunds } from '../../src/areas/funds/open.ts';
import { recordSpend, recordTransfer, reverseTx } from '../../src/areas/funds/spend.ts';
import type {
  FundRequest,
  FundsAnswer,
  LedgerTx,
  RequestAct,
  RequestFacts,
  RequestInput,
  SpendInput,
  TransferInput,
} from '../../src/areas/funds/types.ts';
import type { Actor } from '../../src/base/actor.ts';
import { DEFAULT_FUNDS, type Funds, type Policy } from '../../src/base/policy.ts';
import type { Db } from '../../src/db/client.ts';
import { person, T0 } from './facts.ts';
import { aCause, TEAM } from './team.ts';

/** Treasurers, and who asks them. */
export const TREA = person('UTREA', 'treasurer');
export const TOM = person('UTOM', 'treasurer', 'operator');
export const OLA = person('UOLA', 'operator');

export const ADDRESS = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
export const ETHER = 10n ** 18n;

/** The default assets and chains, a Cosmos chain beside them, three wallets, and limits on ETH. */
export const FUNDS: Funds = {
  ...DEFAULT_FUNDS,
  assets: [...DEFAULT_FUNDS.assets, { key: 'ATOM', decimals: 6 }],
  chains: [
    ...DEFAULT_FUNDS.chains,
    { key: 'base', name: 'Base', kind: 'evm', feeAsset: 'ETH', assets: ['USDC'] },
    { key: 'hub', name: 'Cosmos Hub', kind: 'cosmos', prefix: 'cosmos', feeAsset: 'ATOM', assets: ['ATOM'] },
  ],
  accounts: [
    { key: 'main', name: 'Main wallet' },
    { key: 'btc', name: 'Bitcoin wallet', chain: 'bitcoin' },
    { key: 'spare', name: 'Spare wallet' },
  ],
  limits: { perRequest: new Map([['ETH', 2n * ETHER]]), perPersonMonth: new Map([['ETH', 3n * ETHER]]) },
};
export const FUNDS_TEAM: Policy = {
  ...TEAM,
  workspace: { ...TEAM.workspace, channels: { ...TEAM.workspace.channels, testFunds: 'CFUNDS' } },
  funds: FUNDS,
};

let hashes = 0;
/** A hash nobody has had yet. */
export function aHash(): string {
  return `0x${createHash('sha256').update(`hash ${++hashes}`).digest('hex')}`;
}

/** A filled-in request for half an ether. */
export function aRequest(over: Partial<RequestInput> = {}): RequestInput {
  return { amount: '0.5', asset: 'ETH', address: ADDRESS, reason: 'Swaps on staging', ...over };
}

/** A filled-in test transaction of 0.1 ETH. */
export function aSpend(over: Partial<SpendInput> = {}): SpendInput {
  return { amount: '0.1', asset: 'ETH', hash: aHash(), fee: '0.001', what: 'Swap ETH to FOX', ...over };
}

/** A request for one ether, as the database would give it. */
export function aFundRequest(over: Partial<FundRequest> = {}): FundRequest {
  return {
    id: 3,
    requester: OLA.id,
    asset: 'ETH',
    amount: ETHER,
    chain: 'ethereum',
    address: ADDRESS,
    reason: 'Swaps',
    link: null,
    neededBy: null,
    releaseId: 12,
    state: 'requested',
    requestedAt: T0,
    firstBy: null,
    firstAt: null,
    overLimit: null,
    approvedBy: null,
    approvedAt: null,
    sentBy: null,
    sentAt: null,
    sentTx: null,
    sentAmount: null,
    sentOver: null,
    agreedBy: null,
    agreedAt: null,
    closedBy: null,
    closedAt: null,
    closeReason: null,
    threadId: 7,
    ...over,
  };
}

/** The same with all that belongs to it. */
export function factsOf(over: Partial<FundRequest> = {}, more: Partial<RequestFacts> = {}): RequestFacts {
  const sent = over.state === 'sent';
  return {
    request: aFundRequest(over),
    outstanding: sent ? ETHER : 0n,
    returned: 0n,
    spent: 0n,
    settled: 0n,
    monthApproved: 0n,
    approvedInMonth: true,
    ended: null,
    requesterGone: false,
    txs: [],
    thread: { channel: 'CFUNDS', url: null },
    ...more,
  };
}

/** What sent it. */
export function aLedgerTx(over: Partial<LedgerTx> = {}): LedgerTx {
  return {
    id: 41,
    kind: 'send',
    requestId: 3,
    releaseId: null,
    chain: 'ethereum',
    hash: aHash(),
    reverses: null,
    replaces: null,
    reversedBy: null,
    note: null,
    actor: TREA.id,
    eventTime: T0,
    recordTime: T0,
    postings: [
      { account: 'custody:btc', asset: 'ETH', amount: -ETHER },
      { account: 'person:UOLA', asset: 'ETH', amount: ETHER },
    ],
    ...over,
  };
}

/** The treasury on a database: every act goes through the real actions, and time is set by the test. */
export function treasuryOn(db: Db, policy: Policy = FUNDS_TEAM) {
  let now = T0;
  const deps = { db, policy, clock: () => now };
  const cause = (actor: Actor) => aCause({ actor: actor.id });
  const only = async (done: Promise<{ answer: FundsAnswer }>) => (await done).answer;
  const act = (id: number, actor: Actor, what: RequestAct) => only(actOnRequest(deps, cause(actor), actor, id, what));
  const facts = async (id: number): Promise<RequestFacts> => {
    const f = await requestNow(db, deps, id);
    if (!f) throw new Error(`no request ${id}`);
    return f;
  };
  const ask = (actor: Actor, over: Partial<RequestInput> = {}) =>
    only(requestFunds(deps, cause(actor), actor, aRequest(over)));
  const texts = async (where: string) => {
    const { rows } = await db.execute<{ text: string }>(`select text from outbox where ${where} order by id`);
    return rows.map((row) => row.text);
  };
  return {
    deps,
    get now() {
      return now;
    },
    set now(at: Date) {
      now = at;
    },
    wait(minutes: number) {
      now = new Date(now.getTime() + minutes * 60_000);
    },
    facts,
    act,
    ask,
    spend: (actor: Actor, over: Partial<SpendInput> = {}) => only(recordSpend(deps, cause(actor), actor, aSpend(over))),
    transfer: (actor: Actor, t: TransferInput) => only(recordTransfer(deps, cause(actor), actor, t)),
    reverse: (actor: Actor, txId: number, reason = 'Typed wrongly') =>
      only(reverseTx(deps, cause(actor), actor, txId, reason)),
    /** A request that was sent to its requester. @returns its id */
    async sent(actor: Actor, over: Partial<RequestInput> = {}, fee = '0.002'): Promise<number> {
      const asked = await ask(actor, over);
      const id = asked.requestId;
      if (id === undefined) throw new Error(asked.text);
      for (const what of [{ kind: 'approve' }, { kind: 'sent', hash: aHash(), fee }] as const) {
        const answer = await act(id, TREA, what);
        if (answer.outcome !== 'accepted') throw new Error(answer.text);
      }
      return id;
    },
    /** The lines of a request's thread so far. */
    lines: (id: number) =>
      texts(`role = 'line' and thread_id = (select thread_id from fund_requests where id = ${id})`),
    dms: (who: string) => texts(`role = 'dm' and target = '${who}'`),
  };
}
export type Treasury = ReturnType<typeof treasuryOn>;
