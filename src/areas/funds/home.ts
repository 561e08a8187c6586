import type { Actor } from '../../base/actor.ts';
import { showId } from '../../base/ids.ts';
import { showMoney } from '../../base/money.ts';
import { escapeText, mention, truncate } from '../../base/mrkdwn.ts';
import { fundsOf, type Policy } from '../../base/policy.ts';
import { requestLink } from './blocks.ts';
import type { ListedRequest } from './book-blocks.ts';
import { awaitsAgreement } from './limit-rules.ts';

/** What a request needs of this person, as a phrase; null when nothing. */
function need({ request: r, outstanding }: ListedRequest, actor: Actor, policy: Policy): string | null {
  const money = (amount: bigint) => showMoney(amount, r.asset, fundsOf(policy).assets);
  const mine = r.requester === actor.id;
  const treasurer = actor.roles.has('treasurer') && !mine;
  if (treasurer && awaitsAgreement(r) && r.sentBy !== actor.id)
    return `agree to what was sent: \`/funds show ${showId('FR', r.id)}\``;
  switch (r.state) {
    case 'requested':
      if (mine) return 'yours: a treasurer decides';
      if (!treasurer || r.firstBy === actor.id) return null;
      return r.firstBy ? 'approve or deny it, as the second treasurer' : 'approve or deny it';
    case 'approved':
      if (mine) return 'yours: a treasurer sends it';
      return actor.roles.has('treasurer') ? 'send it' : null;
    case 'sent':
      return mine ? `yours: ${money(outstanding)} to spend or return` : null;
    default:
      return null;
  }
}

/** The fund requests that wait for a person: a treasurer to decide or send, and their own that are open. A line of mrkdwn each. */
export function fundNeeds(requests: readonly ListedRequest[], actor: Actor, policy: Policy): string[] {
  return requests.flatMap((r) => {
    const phrase = need(r, actor, policy);
    if (!phrase) return [];
    const { request } = r;
    const money = showMoney(request.amount, request.asset, fundsOf(policy).assets);
    const who = request.requester === actor.id ? '' : ` for ${mention(request.requester)}`;
    const why = escapeText(truncate(request.reason.replace(/\s+/g, ' '), 80));
    return [`:moneybag: ${requestLink(request.id, r.url)} ${money}${who}: ${why} — *${phrase}*`];
  });
}
