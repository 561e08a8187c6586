// R18: what takes a second treasurer. Pure.
import type { Actor } from '../../base/actor.ts';
import { showMoney } from '../../base/money.ts';
import type { Funds } from '../../base/policy.ts';
import { feeAccount, gain } from './ledger.ts';
import type { Entry, FundRequest, RequestDecision, RequestFacts } from './types.ts';

/** R18: the limits that approving it would be over, as words; none: one treasurer is enough. @param counts how much of it counts in this month */
export function limitsOver(
  { asset, amount }: Pick<FundRequest, 'asset' | 'amount'>,
  monthApproved: bigint,
  funds: Funds,
  counts = amount,
): string[] {
  const show = (n: bigint) => showMoney(n, asset, funds.assets);
  const [once, month] = [funds.limits.perRequest.get(asset), funds.limits.perPersonMonth.get(asset)];
  const over: string[] = [];
  if (once !== undefined && amount > once) over.push(`${show(once)} a request`);
  if (month !== undefined && counts + monthApproved > month)
    over.push(`${show(month)} a person and month (${show(monthApproved)} before this)`);
  return over;
}

/**
 * R18: what was sent is more than was approved, or was withdrawn or denied before, and over a limit. The chain is reality, so it is recorded, and waits for
 * a second treasurer, whoever approved less of it. In the month of the sending counts what is more than was approved, and what was approved in it too; what
 * was withdrawn or denied is judged as if it were approved now. @returns the limits as words; null when nobody else is asked
 */
export function sentOver(f: RequestFacts, amount: bigint, funds: Funds): string | null {
  const { asset, amount: approved, state } = f.request;
  const as = state === 'approved';
  if (as && amount <= approved) return null;
  const counts = as && !f.approvedInMonth ? amount - approved : amount;
  return limitsOver({ asset, amount }, f.monthApproved, funds, counts).join(' and ') || null;
}

/** Whether the fee is more than what was sent, in the same asset: seldom what really happened. */
export function feeAbove(
  { chain, postings }: Pick<Entry, 'chain' | 'postings'>,
  asset: string,
  amount: bigint,
): boolean {
  return gain(postings, feeAccount(chain), asset) > amount;
}

/** Whether what was sent still waits for a treasurer besides who recorded it. */
export function awaitsAgreement({ sentOver, agreedBy }: Pick<FundRequest, 'sentOver' | 'agreedBy'>): boolean {
  return sentOver !== null && agreedBy === null;
}

/** R18: a second treasurer agrees to what was sent above what was approved. @param tx the send that their button was drawn for */
export function agree({ request }: RequestFacts, actor: Actor, tx: number, now: Date): RequestDecision {
  const no = (code: string, reason: string, next: string) => ({ refusal: { code, reason, next } });
  if (request.sentOver === null) return no('state', 'nothing about what was sent is to be agreed to', 'See its card.');
  if (request.agreedBy !== null) return { already: 'a second treasurer has agreed to what was sent' };
  if (tx !== request.sentTx)
    return no('stale', 'it was sent anew since that button was drawn', 'Look at its card as it is now.');
  if (actor.id === request.sentBy)
    return no('own', 'you recorded what was sent, and a second treasurer agrees to it', 'Ask another treasurer.');
  if (actor.id === request.requester)
    return no('own', 'nobody agrees to what was sent to them', 'Ask another treasurer.');
  return { patch: { agreedBy: actor.id, agreedAt: now } };
}
