// R19: test transactions; and what treasurers book beside requests. Pure.
import type { Actor } from '../../base/actor.ts';
import type { Refusal } from '../../base/errors.ts';
import { showId } from '../../base/ids.ts';
import { parseAmount, showMoney } from '../../base/money.ts';
import { mention } from '../../base/mrkdwn.ts';
import type { Funds } from '../../base/policy.ts';
import { gain, postingsOf, reversalOf } from './ledger.ts';
import { closedIf, forbiddenFunds, noWallet, personAccount, refuse, walletFor } from './rules.ts';
import { STATE_SAYS } from './table.ts';
import { type Move, REASON_MAX, readCase, readMove, readPlace, readText, WHAT_MAX } from './typed.ts';
import type {
  Account,
  Entry,
  Faults,
  LedgerTx,
  RequestFacts,
  RequestPatch,
  Spend,
  SpendInput,
  TransferInput,
} from './types.ts';

/** What there is of what a spend names. */
export interface SpendFacts {
  /** The request it names; undefined when it names none, null when there is no such request. */
  request: RequestFacts | null | undefined;
  /** The release it names exists, or none is named. */
  releaseKnown: boolean;
}

export type SpendDecision =
  | { spend: Omit<Spend, 'txId'>; entry: Entry; patch: RequestPatch }
  | { refusal: Refusal }
  | { faults: Faults };

/** R19: a test transaction of one person. Pure. @returns what to book and to keep, or every fault by field */
export function decideSpend(s: SpendInput, actor: Actor, facts: SpendFacts, funds: Funds, now: Date): SpendDecision {
  const no = forbiddenFunds('spend', actor);
  if (no) return { refusal: no };
  const place = readPlace(s, funds);
  const what = readText(s.what, 'What was tested', WHAT_MAX);
  const testCase = readCase(s.testCase);
  const gasPrice = readGas(s.gasPrice);
  const usd = readUsd(s.usd);
  const move = 'faults' in place ? place : readMove(s, place, funds, now);
  const faults: Faults = {
    ...('faults' in move && move.faults),
    ...('fault' in what && { what: what.fault }),
    ...('fault' in testCase && { testCase: testCase.fault }),
    ...('fault' in gasPrice && { gasPrice: gasPrice.fault }),
    ...('fault' in usd && { usd: usd.fault }),
    ...(!facts.releaseKnown && { release: 'There is no such release: see `/release list`.' }),
    ...(facts.request === null && { request: 'There is no such request: see `/funds mine`.' }),
  };
  const typedWrongly = 'fault' in what || 'fault' in testCase || 'fault' in gasPrice || 'fault' in usd;
  if (Object.keys(faults).length || 'faults' in move || 'faults' in place || typedWrongly) return { faults };
  const amount = move.amount ?? 0n;
  if (amount === 0n && move.fee === 0n)
    return { faults: { amount: `It cost nothing so far: type the amount in ${place.asset.key}, the fee, or both.` } };
  const asset = place.asset.key;
  const chain = place.chain?.key ?? null;
  const attributed = attribute(facts.request ?? null, actor, { asset, amount, move, chain }, funds, now);
  if ('faults' in attributed) return attributed;
  const payer = personAccount(actor.id);
  const { fee, feeAsset, hash, at } = move;
  const postings = postingsOf({ from: payer, to: 'outside', asset, amount, payer, feeAsset, fee, chain });
  const requestId = facts.request?.request.id ?? null;
  const releaseId = s.releaseId ?? null;
  return {
    spend: {
      tester: actor.id,
      asset,
      amount,
      chain,
      feeAsset: fee > 0n ? feeAsset : null,
      fee,
      gasPrice: gasPrice.gas,
      usd: usd.cents,
      what: what.text,
      releaseId,
      testCase: testCase.testCase,
      requestId,
    },
    entry: { kind: 'spend', requestId, releaseId, chain, hash, note: null, actor: actor.id, eventTime: at, postings },
    patch: attributed.patch,
  };
}

/**
 * Whether it can belong to the request it names (R18): their own, sent, and with so much outstanding. One that cost only a fee in another asset belongs to
 * it and takes nothing from it.
 */
function attribute(
  f: RequestFacts | null,
  actor: Actor,
  of: { asset: string; amount: bigint; move: Move; chain: string | null },
  funds: Funds,
  now: Date,
): { patch: RequestPatch } | { faults: Faults } {
  if (!f) return { patch: {} };
  const { request, outstanding } = f;
  const id = showId('FR', request.id);
  const leave = 'Name another, or leave the request out.';
  if (request.requester !== actor.id)
    return { faults: { request: `${id} is ${mention(request.requester)}'s. ${leave}` } };
  if (request.state !== 'sent') return { faults: { request: `${id} is ${STATE_SAYS[request.state]}. ${leave}` } };
  const paysFee = of.move.feeAsset === request.asset && of.move.fee > 0n;
  const paysAmount = of.asset === request.asset;
  const costsOtherFee = of.amount === 0n && !paysFee;
  if (!costsOtherFee && ((!paysAmount && !paysFee) || of.chain !== request.chain)) {
    const what = `${request.asset}${request.chain ? ` on ${request.chain}` : ''}`;
    return { faults: { request: `${id} was for ${what}. ${leave}` } };
  }
  const cost = (paysAmount ? of.amount : 0n) + (paysFee ? of.move.fee : 0n);
  if (cost > outstanding) {
    const show = (n: bigint) => showMoney(n, request.asset, funds.assets);
    const text = `It cost ${show(cost)}, and of ${id} only ${show(outstanding)} are outstanding. ${leave}`;
    return { faults: { request: text } };
  }
  return { patch: closedIf(outstanding - cost, actor, now) };
}

function readGas(typed: string | undefined): { gas: string | null } | { fault: string } {
  const text = (typed ?? '').trim();
  if (!text) return { gas: null };
  const parsed = parseAmount(text, { key: 'A gas price', decimals: 18 }, { zero: true });
  return 'fault' in parsed ? { fault: parsed.fault } : { gas: text.replaceAll(',', '') };
}

const CENTS = { key: 'USD', decimals: 2 };

function readUsd(typed: string | undefined): { cents: bigint | null } | { fault: string } {
  const text = (typed ?? '').trim().replace(/^\$\s*/, '');
  if (!text) return { cents: null };
  const parsed = parseAmount(text, CENTS, { zero: true });
  return 'fault' in parsed ? parsed : { cents: parsed.amount };
}

export type EntryDecision = { entry: Entry } | { refusal: Refusal } | { faults: Faults };

/** Money into custody, out of it, or between two wallets; the wallet that sends pays the fee, and into custody it is the payer outside. Pure. */
export function decideTransfer(t: TransferInput, actor: Actor, funds: Funds, now: Date): EntryDecision {
  const no = forbiddenFunds('transfer', actor);
  if (no) return { refusal: no };
  const place = readPlace(t, funds);
  if ('faults' in place) return place;
  const move = readMove(t, place, funds, now);
  const note = readText(t.note, 'The note', REASON_MAX);
  const chain = place.chain?.key ?? null;
  const end = (typed: string | undefined): Account | undefined =>
    typed?.trim() ? walletFor(typed, chain, funds) : 'outside';
  const [from, to] = [end(t.from), end(t.to)];
  const faults: Faults = {
    ...('faults' in move && move.faults),
    ...('fault' in note && { note: note.fault }),
    ...(!from && { from: noWallet(t.from, chain, funds) }),
    ...(!to && { to: noWallet(t.to, chain, funds) }),
    ...(from && from === to && { to: 'It must go from one account to another: name a custody wallet.' }),
  };
  if (!Object.keys(faults).length && 'at' in move && move.amount === undefined)
    faults.amount = `The amount is missing: type how much ${place.asset.key}.`;
  if (Object.keys(faults).length || 'faults' in move || 'fault' in note || !from || !to) return { faults };
  const { amount = 0n, fee, feeAsset, hash, at } = move;
  const postings = postingsOf({ from, to, asset: place.asset.key, amount, payer: from, feeAsset, fee, chain });
  const about = { requestId: null, releaseId: null, chain, hash, note: note.text, actor: actor.id, eventTime: at };
  return { entry: { kind: 'transfer', ...about, postings } };
}

export type ReverseDecision =
  | { entry: Entry; patch: RequestPatch }
  | { refusal: Refusal }
  | { faults: Faults }
  | { already: string };

/**
 * R17: a correction is the opposite of what was booked; the request it belongs to goes back to where it was. Pure.
 * @param f of its request, where it has one
 */
export function decideReverse(
  tx: LedgerTx,
  f: RequestFacts | null,
  actor: Actor,
  typed: string,
  now: Date,
): ReverseDecision {
  const no = forbiddenFunds('reverse', actor);
  if (no) return { refusal: no };
  if (tx.reversedBy !== null) return { already: `${showId('TX', tx.reversedBy)} reversed it` };
  if (tx.kind === 'reversal')
    return refuse('reversal', 'it is a reversal itself', 'Record what really happened once more instead.');
  if (tx.kind === 'send' && f?.request.requester === actor.id)
    return refuse('own', 'nobody reverses what was sent to them', 'Ask another treasurer.');
  if (tx.kind === 'send' && f && f.returned + f.spent + f.settled !== 0n)
    return refuse('used', 'some of it was spent or came back since', 'Reverse those transactions first.');
  const reason = readText(typed, 'The reason', REASON_MAX);
  if ('fault' in reason) return { faults: { reason: reason.fault } };
  const { requestId, releaseId, chain, hash } = tx;
  const about = { requestId, releaseId, chain, hash, note: reason.text, actor: actor.id, eventTime: now };
  return { entry: { kind: 'reversal', ...about, postings: reversalOf(tx.postings) }, patch: reopened(tx, f) };
}

/** Of a request that is not sent: the last send that was recorded and reversed. It may have gone out. */
export function unsent({ txs }: RequestFacts): LedgerTx | undefined {
  return txs.findLast((t) => t.kind === 'send' && t.reversedBy !== null);
}

/** What somebody agreed to was that send: another one is asked about anew. */
const UNSENT: RequestPatch = {
  state: 'approved',
  sentBy: null,
  sentAt: null,
  sentTx: null,
  sentAmount: null,
  sentOver: null,
  agreedBy: null,
  agreedAt: null,
};
const REOPENED: RequestPatch = { state: 'sent', closedBy: null, closedAt: null, closeReason: null };

function reopened(tx: LedgerTx, f: RequestFacts | null): RequestPatch {
  // What was sent although it was withdrawn or denied is that again.
  if (tx.kind === 'send') return { ...UNSENT, ...f?.ended };
  if (f?.request.state !== 'closed') return {};
  // A test transaction that cost only a fee in another asset took nothing from it: it stays closed.
  const { requester, asset } = f.request;
  return gain(tx.postings, personAccount(requester), asset) === 0n ? {} : REOPENED;
}
