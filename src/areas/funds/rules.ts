import { type Actor, membersOnly, rolesUnread } from '../../base/actor.ts';
import type { Refusal } from '../../base/errors.ts';
import { showId } from '../../base/ids.ts';
import { showMoney } from '../../base/money.ts';
import { mention } from '../../base/mrkdwn.ts';
import type { Asset, Chain, Funds, Policy } from '../../base/policy.ts';
import { readHash, readReference } from './hashes.ts';
import { gain, postingsOf } from './ledger.ts';
import { agree, limitsOver, sentOver } from './limit-rules.ts';
import { FUNDS_PERMISSIONS, type FundsPermission, type FundsWho } from './permissions.ts';
import { REQUEST_TABLE, STATE_SAYS } from './table.ts';
import { type Move, REASON_MAX, readMove, readText } from './typed.ts';
import type {
  Account,
  Entry,
  FundRequest,
  LedgerTx,
  Moved,
  RequestAct,
  RequestActKind,
  RequestDecision,
  RequestFacts,
  RequestPatch,
  RequestState,
} from './types.ts';

export function refuse(code: string, reason: string, next: string): { refusal: Refusal } {
  return { refusal: { code, reason, next } };
}

/** Where requests have their threads. */
export function fundsChannel(policy: Policy): string {
  return policy.workspace.channels.testFunds ?? policy.workspace.channels.releases;
}

/** The account of what a person holds. */
export const personAccount = (id: string): Account => `person:${id}`;

/** Who may: null when this actor may. @param requester who filed the request, where it is about one */
export function forbiddenFunds(permission: FundsPermission, actor: Actor, requester?: string): Refusal | null {
  const stranger = membersOnly(actor, 'cannot act on test funds');
  if (stranger) return stranger;
  const who: readonly FundsWho[] = FUNDS_PERMISSIONS[permission];
  const is = (w: FundsWho) => (w === 'requester' ? actor.id === requester : w === 'anyone' || actor.roles.has(w));
  if (who.some(is)) return null;
  const unread = who.includes('treasurer') && rolesUnread(actor);
  if (unread) return unread;
  const filed = requester === undefined ? '' : `${mention(requester)}, who filed it,`;
  const words = who.map((w) => (w === 'requester' ? filed : `a ${w}`)).join(' or ');
  return { code: 'role', reason: `only ${words} can do that`, next: 'Ask them; roles are set in the policy file.' };
}

/** What an act does to a request (R18). Pure. @returns what to write and to book, or why not */
export function decideRequest(
  f: RequestFacts,
  actor: Actor,
  act: RequestAct,
  funds: Funds,
  now: Date,
): RequestDecision {
  const { request } = f;
  const again = `Withdraw it (\`/funds withdraw ${showId('FR', request.id)}\`) and file again.`;
  if (act.kind === 'edit') return refuse('edit', 'what was asked for cannot be changed', again);
  const no = forbiddenFunds(act.kind, actor, request.requester);
  if (no) return { refusal: no };
  if (!REQUEST_TABLE[act.kind].includes(request.state))
    return (act.kind === 'sent' && sentTwice(f, act.hash, funds)) || misplaced(request, act.kind);
  switch (act.kind) {
    case 'approve':
      return approve(f, actor, funds, now);
    case 'deny':
      return deny(actor, act.reason, now);
    case 'withdraw':
      return { patch: { state: 'withdrawn', closedBy: actor.id, closedAt: now } };
    case 'sent':
      return sent(f, actor, act, funds, now);
    case 'agree':
      return agree(f, actor, act.tx, now);
    case 'return':
      return returned(f, actor, act, funds, now);
    case 'settle':
      return settle(f, actor, act.reason, now);
  }
}

/** Two treasurers sent it: that is money out twice, and nothing to be called done already. Null when it is the same transaction. */
function sentTwice(f: RequestFacts, typed: string | undefined, funds: Funds): { refusal: Refusal } | null {
  const first = f.txs.find((t) => t.id === f.request.sentTx);
  const place = placeOf(f.request, funds);
  if (!first?.hash || !place || !typed?.trim()) return null;
  const read = place.chain ? readHash(typed, place.chain, funds.chains) : readReference(typed);
  if ('fault' in read || read.hash === first.hash) return null;
  const reason = `it was sent already, by another transaction (${showId('TX', first.id)})`;
  const next = 'If both happened, have one come back, and record its way out and back by `/funds deposit`.';
  return refuse('sent_twice', reason, next);
}

/** The next step of who finds a request over; the sentence is ended by who says it. */
const ANEW = '. Who needs more files a new request: `/funds request`';

/** What an act out of its time is told: that it was done already, or what comes first. */
function misplaced({ id, state }: FundRequest, kind: RequestActKind): RequestDecision {
  const done: Partial<Record<RequestActKind, RequestState[]>> = {
    approve: ['approved', 'sent'],
    sent: ['sent'],
    deny: ['denied'],
    withdraw: ['withdrawn'],
    settle: ['closed'],
    return: ['closed'],
  };
  const over = ['denied', 'withdrawn', 'closed'].includes(state);
  if (done[kind]?.includes(state)) return { already: `it is ${STATE_SAYS[state]}${over ? ANEW : ''}` };
  const shown = showId('FR', id);
  if (state === 'requested')
    return refuse('state', 'it is not approved yet', `A treasurer approves it first: \`/funds approve ${shown}\`.`);
  if (state === 'approved')
    return refuse('state', 'nothing was sent yet', `It is recorded by \`/funds sent ${shown}\`; or withdraw it.`);
  if (state === 'sent')
    return refuse('state', 'it was sent already', `Give back what is left: \`/funds return ${shown}\`.`);
  const out = 'If money went out all the same, record it by `/funds deposit`, from its wallet to Outside.';
  if (kind === 'sent' && state !== 'closed')
    return refuse('ended', `it is ${STATE_SAYS[state]}, and was not approved before that`, out);
  return refuse('ended', `it is ${STATE_SAYS[state]}`, 'File a new request: `/funds request`.');
}

/** R18: nobody approves their own; over the limits a second treasurer approves too. */
function approve(f: RequestFacts, actor: Actor, funds: Funds, now: Date): RequestDecision {
  const { request } = f;
  if (actor.id === request.requester)
    return refuse('own', 'nobody approves their own request', 'Ask another treasurer.');
  if (f.requesterGone) {
    const gone = `${mention(request.requester)}, who asked for it, is deactivated`;
    return refuse('gone', gone, 'Deny it; who is here files a request of their own.');
  }
  if (actor.id === request.firstBy) return { already: 'you approved it; it waits for a second treasurer' };
  const approved = { state: 'approved', approvedBy: actor.id, approvedAt: now } as const;
  if (request.firstBy) return { patch: approved };
  const over = limitsOver(request, f.monthApproved, funds);
  if (!over.length) return { patch: approved };
  return { patch: { firstBy: actor.id, firstAt: now, overLimit: over.join(' and ') } };
}

function deny(actor: Actor, typed: string, now: Date): RequestDecision {
  const reason = readText(typed, 'The reason', REASON_MAX);
  if ('fault' in reason) return { faults: { reason: reason.fault } };
  return { patch: { state: 'denied', closedBy: actor.id, closedAt: now, closeReason: reason.text } };
}

/** The asset and chain of a request as the policy has them today; undefined when they have left it. */
export function placeOf(
  of: { asset: string; chain: string | null },
  funds: Funds,
): { asset: Asset; chain: Chain | null } | undefined {
  const asset = funds.assets.find((a) => a.key === of.asset);
  const chain = of.chain === null ? null : funds.chains.find((c) => c.key === of.chain);
  return asset && chain !== undefined ? { asset, chain } : undefined;
}

function readIn(
  request: FundRequest,
  m: Moved,
  funds: Funds,
  now: Date,
): Move | Extract<RequestDecision, { faults: unknown } | { refusal: unknown }> {
  const place = placeOf(request, funds);
  if (place) return readMove(m, place, funds, now);
  const gone = `${request.asset}${request.chain ? ` on ${request.chain}` : ''} is not in the policy any more`;
  return refuse('policy', gone, 'Ask an admin to put it back into `funds`.');
}

/** The custody wallets that what is on this chain can be in, the usual one first: the chain's, then those of no chain; all, where the policy has neither. */
export function walletsOf(chain: string | null, { accounts }: Funds): Funds['accounts'] {
  const fit = [...accounts.filter((a) => a.chain === chain), ...accounts.filter((a) => !a.chain)];
  return fit.length ? fit : accounts;
}

/** The custody wallet that is meant; by default the usual one. @returns its account, or undefined for a name nobody knows, or of a wallet of another chain */
export function walletFor(typed: string | undefined, chain: string | null, funds: Funds): Account | undefined {
  const wallets = walletsOf(chain, funds);
  const key = typed?.trim().toLowerCase();
  const wallet = key ? wallets.find((a) => a.key === key) : wallets[0];
  return wallet && `custody:${wallet.key}`;
}

/** The sentence about a wallet that is not in the policy, or is there for another chain. */
export function noWallet(typed: string | undefined, chain: string | null, funds: Funds): string {
  const keys = (wallets: Funds['accounts']) => wallets.map((a) => a.key).join(', ');
  const other = funds.accounts.find((a) => a.key === typed?.trim().toLowerCase());
  if (!other) return `There is no such custody wallet: known are ${keys(funds.accounts)}.`;
  const these = `for ${chain ?? 'what is on no chain'} the policy has ${keys(walletsOf(chain, funds))}`;
  return `The wallet ${other.key} is for ${other.chain}: ${these}.`;
}

function entryOf(
  request: FundRequest,
  actor: Actor,
  move: Move,
  what: Pick<Entry, 'kind' | 'postings' | 'note'>,
): Entry {
  const { id, releaseId, chain } = request;
  return { ...what, requestId: id, releaseId, chain, hash: move.hash, actor: actor.id, eventTime: move.at };
}

function sent(f: RequestFacts, actor: Actor, act: Moved & { from?: string }, funds: Funds, now: Date): RequestDecision {
  const { request } = f;
  // What nobody approved was no send of a request, whatever became of it.
  const approved = request.state === 'approved';
  if (!approved && request.approvedBy === null) return misplaced(request, 'sent');
  if (!approved && actor.id === request.requester)
    return refuse('own', `it is ${STATE_SAYS[request.state]}, and was yours`, 'Ask another treasurer to record it.');
  const move = readIn(request, act, funds, now);
  if (!('at' in move)) return move;
  const from = walletFor(act.from, request.chain, funds);
  if (!from) return { faults: { from: noWallet(act.from, request.chain, funds) } };
  const { asset, chain, requester } = request;
  const amount = move.amount ?? request.amount;
  if (actor.id === requester && amount > request.amount)
    return refuse('own', 'nobody records more for themselves than was approved', 'Ask another treasurer to record it.');
  const { fee, feeAsset } = move;
  const postings = postingsOf({ from, to: personAccount(requester), asset, amount, payer: from, feeAsset, fee, chain });
  const entry = entryOf(request, actor, move, { kind: 'send', postings, note: null });
  const sending = { state: 'sent', sentBy: actor.id, sentAt: move.at, sentAmount: amount } as const;
  // Judged as if it were approved now, so it counts in this month too. The audit trail keeps when it was approved, and how it ended.
  const anew = approved ? {} : { approvedAt: now, closedBy: null, closedAt: null, closeReason: null };
  return { patch: { ...sending, ...anew, sentOver: sentOver(f, amount, funds) }, entry };
}

function returned(
  f: RequestFacts,
  actor: Actor,
  act: Moved & { to?: string },
  funds: Funds,
  now: Date,
): RequestDecision {
  const { request, outstanding } = f;
  const move = readIn(request, act, funds, now);
  if (!('at' in move)) return move;
  const to = act.to?.trim()
    ? walletFor(act.to, request.chain, funds)
    : (sentFrom(f) ?? walletFor(undefined, request.chain, funds));
  if (!to) return { faults: { to: noWallet(act.to, request.chain, funds) } };
  const { asset, chain, requester } = request;
  const { fee, feeAsset } = move;
  const own = feeAsset === asset ? fee : 0n;
  const amount = move.amount ?? outstanding - own;
  const left = outstanding - amount - own;
  const show = (n: bigint) => showMoney(n, asset, funds.assets);
  if (amount <= 0n)
    return { faults: { fee: `The fee alone is more than the ${show(outstanding)} that are outstanding: check it.` } };
  if (left < 0n) {
    const with_ = own ? ` with its fee of ${show(own)}` : '';
    return { faults: { amount: `That is more than the ${show(outstanding)} that are outstanding${with_}.` } };
  }
  const payer = personAccount(requester);
  const postings = postingsOf({ from: payer, to, asset, amount, payer, feeAsset, fee, chain });
  const entry = entryOf(request, actor, move, { kind: 'return', postings, note: null });
  return { patch: closedIf(left, actor, now), entry };
}

/** R18: a request closes when what came back and what was spent equal what was sent. */
export function closedIf(left: bigint, actor: Actor, now: Date): RequestPatch {
  return left === 0n ? { state: 'closed', closedBy: actor.id, closedAt: now } : {};
}

/** The wallet its funds came from. */
export function sentFrom(f: RequestFacts): Account | undefined {
  const tx = f.txs.find((t) => t.id === f.request.sentTx);
  return tx?.postings.find((p) => p.asset === f.request.asset && p.account.startsWith('custody:'))?.account;
}

/** What is outstanding is written off, by a treasurer who did not ask for it. */
function settle(f: RequestFacts, actor: Actor, reason: string, now: Date): RequestDecision {
  const { request, outstanding } = f;
  if (actor.id === request.requester)
    return refuse('own', 'nobody settles their own request', 'Ask another treasurer, or give back what is left.');
  const why = readText(reason, 'The reason', REASON_MAX);
  if ('fault' in why) return { faults: { reason: why.fault } };
  const payer = personAccount(request.requester);
  const { asset, chain } = request;
  const none = { payer, feeAsset: asset, fee: 0n, chain };
  const postings = postingsOf({ from: payer, to: 'outside', asset, amount: outstanding, ...none });
  const note = why.text;
  const move = { amount: outstanding, fee: 0n, feeAsset: asset, hash: null, at: now };
  const patch = { state: 'closed', closedBy: actor.id, closedAt: now, closeReason: note } as const;
  return { patch, entry: entryOf(request, actor, move, { kind: 'settle', postings, note }) };
}

/** R18: what its transactions say: how much went out and came back or was spent, reversals taken off. */
export function totalsOf(
  request: Pick<FundRequest, 'requester' | 'asset'>,
  txs: readonly LedgerTx[],
): Pick<RequestFacts, 'outstanding' | 'returned' | 'spent' | 'settled'> {
  const account = personAccount(request.requester);
  const of = (kind: LedgerTx['kind']) =>
    txs
      .filter((t) => t.kind === kind && t.reversedBy === null)
      .reduce((sum, t) => sum - gain(t.postings, account, request.asset), 0n);
  const outstanding = txs.reduce((sum, t) => sum + gain(t.postings, account, request.asset), 0n);
  return { outstanding, returned: of('return'), spent: of('spend'), settled: of('settle') };
}
