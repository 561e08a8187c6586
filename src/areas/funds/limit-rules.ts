// R18: what takes a second treasurer. Pure.
import type { Actor } from '../../base/actor.ts';
import type { Refusal } from '../../base/errors.ts';
import { showMoney } from '../../base/money.ts';
import type { Funds } from '../../base/policy.ts';
import type { FundRequest, RequestFacts, RequestPatch } from './types.ts';

/** R18: the limits that approving it would be over, as words; none: one treasurer is enough. */
export function limitsOver(
  request: Pick<FundRequest, 'asset' | 'amount' | 'requester'>,
  monthApproved: bigint,
  funds: Funds,
): string[] {
  const { asset, amount } = request;
  const show = (n: bigint) => showMoney(n, asset, funds.assets);
  const [once, month] = [funds.limits.perRequest.get(asset), funds.limits.perPersonMonth.get(asset)];
  const over: string[] = [];
  if (once !== undefined && amount > once) over.push(`${show(once)} a request`);
  if (month !== undefined && amount + monthApproved > month)
    over.push(`${show(month)} a person and month (${show(monthApproved)} before this)`);
  return over;
}

/**
 * R18: what was sent is over a limit though what was approved was not. The chain is reality, so it is recorded; but by a treasurer who did not approve it,
 * and who thereby is the second. @returns what that writes, empty when one approval is enough or two were given
 */
export function secondFor(
  { request, monthApproved }: RequestFacts,
  actor: Actor,
  amount: bigint,
  funds: Funds,
): RequestPatch | { refusal: Refusal } {
  if (amount <= request.amount || request.firstBy) return {};
  const over = limitsOver({ ...request, amount }, monthApproved, funds);
  if (!over.length) return {};
  if (actor.id === request.approvedBy) {
    const reason = `that is over the limit of ${over.join(' and ')}, and you alone approved it, for less`;
    return { refusal: { code: 'limit', reason, next: 'Ask a second treasurer to record it, who thereby agrees.' } };
  }
  const { approvedBy, approvedAt } = request;
  return { firstBy: approvedBy, firstAt: approvedAt, approvedBy: actor.id, overLimit: over.join(' and ') };
}
