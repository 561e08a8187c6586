import { actions, button, context, fields, header, overflow, section } from '../../base/elements.ts';
import { showId } from '../../base/ids.ts';
import { formatAmount, showMoney } from '../../base/money.ts';
import { date, escapeText, link, mention, truncate } from '../../base/mrkdwn.ts';
import { type Funds, fundsOf, type Policy } from '../../base/policy.ts';
import type { Block } from '../../base/slack.ts';
import { awaitsAgreement } from './limit-rules.ts';
import { unsent } from './spend-rules.ts';
import type { Account, FundRequest, LedgerTx, RequestFacts, TxKind } from './types.ts';

export interface Drawing {
  text: string;
  blocks: Block[];
}

/** How many of its transactions a card shows, the newest. */
const TXS_SHOWN = 8;
const BAR = 12;

/** The request, linked to its thread once Slack has said where that is. */
export function requestLink(id: number, url: string | null): string {
  const shown = showId('FR', id);
  return url ? `<${url}|${shown}>` : `*${shown}*`;
}

/** `25 USDC on Ethereum`; without a chain just the money. */
export function moneyOn(r: Pick<FundRequest, 'amount' | 'asset' | 'chain'>, funds: Funds): string {
  return `${showMoney(r.amount, r.asset, funds.assets)}${r.chain ? ` on ${chainName(r.chain, funds)}` : ''}`;
}

export function chainName(key: string, funds: Funds): string {
  return escapeText(funds.chains.find((c) => c.key === key)?.name ?? key);
}

/** An account as people read it: a wallet's name, a person, what fees took, everybody else. */
export function accountName(account: Account, funds: Funds): string {
  const [kind, name = ''] = account.split(/:(.*)/s);
  switch (kind) {
    case 'custody':
      return escapeText(funds.accounts.find((a) => a.key === name)?.name ?? name);
    case 'person':
      return mention(name);
    case 'fees':
      return name === 'off-chain' ? 'fees off chain' : `fees on ${chainName(name, funds)}`;
    default:
      return 'outside';
  }
}

/** The state, and whom it waits for: one line of mrkdwn, the same on the card, in lists and in the App Home. */
export function requestLine(f: Pick<RequestFacts, 'request' | 'outstanding'>, funds: Funds): string {
  const line = stateLine(f, funds);
  return awaitsAgreement(f.request) ? `${line}; ${otherThan(f.request)}, so a second treasurer agrees to it` : line;
}

function stateLine(f: Pick<RequestFacts, 'request' | 'outstanding'>, funds: Funds): string {
  const r = f.request;
  switch (r.state) {
    case 'requested':
      return r.firstBy
        ? `:hourglass_flowing_sand: *Requested* — ${mention(r.firstBy)} agrees; it is over the limit, so a second treasurer decides`
        : ':hourglass_flowing_sand: *Requested* — a treasurer decides';
    case 'approved':
      return `:white_check_mark: *Approved* by ${approvers(r)} — a treasurer sends it`;
    case 'sent':
      return `:outbox_tray: *Sent* — ${showMoney(f.outstanding, r.asset, funds.assets)} outstanding`;
    case 'closed':
      return r.closeReason
        ? `:checkered_flag: *Closed*, settled by ${mention(r.closedBy ?? '')}: ${escapeText(truncate(r.closeReason, 500))}`
        : ':checkered_flag: *Closed* — all of it was spent or returned';
    case 'denied':
      return `:no_entry_sign: *Denied* by ${mention(r.closedBy ?? '')}: ${escapeText(truncate(r.closeReason ?? '', 500))}`;
    case 'withdrawn':
      return ':leftwards_arrow_with_hook: *Withdrawn* by who asked';
  }
}

const approvers = (r: FundRequest) =>
  [r.firstBy, r.approvedBy].flatMap((id) => (id ? [mention(id)] : [])).join(' and ');

/** The card of a request (R18), the first message of its thread: state, amounts, what is outstanding, and the buttons that make sense now. */
export function requestCard(f: RequestFacts, policy: Policy): Drawing {
  const r = f.request;
  const { zone } = policy.team;
  const funds = fundsOf(policy);
  const id = showId('FR', r.id);
  const money = showMoney(r.amount, r.asset, funds.assets);
  const blocks: Block[] = [
    header(`Test funds · ${money}`),
    section(requestLine(f, funds)),
    fields([
      `*For*\n${mention(r.requester)}`,
      `*Amount*\n${moneyOn(r, funds)}`,
      ...(r.address ? [`*To*\n\`${escapeText(r.address)}\``] : []),
      ...(r.neededBy ? [`*Needed by*\n${escapeText(r.neededBy)}`] : []),
    ]),
    section(`*Why*\n${truncate(escapeText(r.reason), 2000)}${r.link ? `\n${link(r.link, '')}` : ''}`),
  ];
  if (r.overLimit)
    blocks.push(context(`:warning: Over the limit of ${escapeText(r.overLimit)}: two treasurers approve it.`));
  if (r.sentAmount !== null) blocks.push(section(sums(f, r.sentAmount, funds)));
  const [anyway, undone] = [sentAnyway(f), maybeOut(f)];
  if (anyway) blocks.push(context(anyway));
  if (undone) blocks.push(context(undone));
  if (r.sentOver) blocks.push(context(overSent(r, r.sentOver, funds)));
  if (f.txs.length) blocks.push(section(txLines(f, funds)));
  const elements = buttons(f);
  if (elements.length) blocks.push(actions(elements));
  const release = r.releaseId === null ? '' : ` · for ${showId('REL', r.releaseId)}`;
  blocks.push(context(`${id} · requested ${date(r.requestedAt, zone)}${release}`));
  return { text: `${id} (${r.state}): ${moneyOn(r, funds)}`, blocks };
}

/** Why what was sent is not what was approved. */
function otherThan({ amount, sentAmount }: FundRequest): string {
  return (sentAmount ?? 0n) > amount ? 'more than approved' : 'withdrawn or denied before';
}

/** R18: that it was sent although it was withdrawn or denied, loudly; empty where it was not. */
export function sentAnyway({ request, ended }: RequestFacts): string {
  if (!ended || request.sentTx === null) return '';
  const how = ended.state === 'withdrawn' ? 'withdrew it' : 'denied it';
  const why = ended.closeReason ? `: ${escapeText(truncate(ended.closeReason.replace(/\s+/g, ' '), 500))}` : '';
  return `:rotating_light: It was sent although ${mention(ended.closedBy)} ${how}${why}.`;
}

/** That more was sent than approved, or what was withdrawn or denied, over a limit, and who agreed to it or can (R18). */
function overSent(r: FundRequest, limits: string, funds: Funds): string {
  const money = showMoney(r.sentAmount ?? 0n, r.asset, funds.assets);
  const what = `:warning: ${money} were sent: ${otherThan(r)}, and over the limit of ${escapeText(limits)}.`;
  if (r.agreedBy) return `${what} ${mention(r.agreedBy)} agreed to it.`;
  const others = `A treasurer other than ${mention(r.sentBy ?? '')} and ${mention(r.requester)} agrees to it.`;
  return `${what} ${others} If it was recorded wrongly: \`/funds reverse ${showId('TX', r.sentTx ?? 0)}\`.`;
}

/** What went out, and where it is: the parts add up to what was sent, and the bar shows how much is accounted for. */
function sums(f: RequestFacts, sent: bigint, funds: Funds): string {
  const { asset } = f.request;
  const money = (amount: bigint) => showMoney(amount, asset, funds.assets);
  const gone = sent - f.outstanding;
  const filled = sent > 0n ? Number((gone * BigInt(BAR)) / sent) : BAR;
  const kept = Math.min(BAR, Math.max(0, filled));
  const parts = [
    `returned ${money(f.returned)}`,
    `spent ${money(f.spent)}`,
    ...(f.settled === 0n ? [] : [`settled ${money(f.settled)}`]),
    `*outstanding ${money(f.outstanding)}*`,
  ];
  return `*Sent* ${money(sent)} \`${'█'.repeat(kept)}${'░'.repeat(BAR - kept)}\`\n${parts.join(' · ')}`;
}

function txLines(f: RequestFacts, funds: Funds): string {
  const shown = f.txs.slice(-TXS_SHOWN);
  const before = f.txs.length - shown.length;
  const earlier = before ? [`_and ${before} before: \`/funds ledger\`_`] : [];
  return [...earlier, ...shown.map((tx) => txLine(tx, funds))].join('\n');
}

const TX_SAYS: Record<TxKind, string> = {
  send: 'sent',
  return: 'returned',
  spend: 'spent',
  settle: 'settled',
  transfer: 'transferred',
  reversal: 'reversed',
};

const isFee = (account: Account) => account.startsWith('fees:');

/** What was moved, fees aside, by asset: `25 USDC`; empty when a transaction cost its fee only. */
export function moved(tx: LedgerTx, funds: Funds): string {
  return totals(tx, funds, (account) => !isFee(account));
}

/** What a transaction's fees were; empty without any. */
export function feeOf(tx: LedgerTx, funds: Funds): string {
  return totals(tx, funds, isFee);
}

function totals(tx: LedgerTx, funds: Funds, counts: (account: Account) => boolean): string {
  const by = new Map<string, bigint>();
  for (const p of tx.postings)
    if (p.amount > 0n && counts(p.account)) by.set(p.asset, (by.get(p.asset) ?? 0n) + p.amount);
  return [...by].map(([asset, amount]) => showMoney(amount, asset, funds.assets)).join(' + ');
}

/** One transaction as a line of mrkdwn: its id, what was moved, the fee, the hash; struck through when it was reversed. */
export function txLine(tx: LedgerTx, funds: Funds): string {
  const id = showId('TX', tx.id);
  if (tx.reverses !== null) return `\`${id}\` reversed ${showId('TX', tx.reverses)}${noteOf(tx)}`;
  const fee = feeOf(tx, funds);
  const what = [TX_SAYS[tx.kind], moved(tx, funds)].filter(Boolean).join(' ');
  const parts = [`${what}`, fee && `fee ${fee}`, tx.hash && hashLink(tx.hash, tx.chain, funds)];
  const line = parts.filter(Boolean).join(' · ');
  return tx.reversedBy === null
    ? `\`${id}\` ${line}${noteOf(tx)}`
    : `\`${id}\` ~${line}~ _(reversed by ${showId('TX', tx.reversedBy)})_`;
}

const noteOf = (tx: LedgerTx) => (tx.note ? ` — ${escapeText(truncate(tx.note.replace(/\s+/g, ' '), 120))}` : '');

/** A hash, shortened, linked to the chain's explorer where the policy names one. */
export function hashLink(hash: string, chain: string | null, funds: Funds): string {
  const short = hash.length > 16 ? `${hash.slice(0, 8)}…${hash.slice(-6)}` : hash;
  const page = funds.chains.find((c) => c.key === chain)?.explorer;
  return page ? link(page.replace('{hash}', encodeURIComponent(hash)), short) : `\`${escapeText(short)}\``;
}

/** What is said of an approved request beside Withdraw and Deny when a send of it was recorded and reversed; empty when none was. */
export function maybeOut(f: RequestFacts): string {
  const tx = f.request.state === 'approved' ? unsent(f) : undefined;
  if (!tx) return '';
  const again = `If it did go out, a treasurer records it again: \`/funds sent ${showId('FR', f.request.id)}\`.`;
  return `:warning: ${showId('TX', tx.id)} recorded that it was sent, and was reversed. ${again} Withdraw or deny it only if nothing went out.`;
}

/** The request's buttons in this state; each carries its id. */
function buttons(f: RequestFacts): object[] {
  const r = f.request;
  const id = `${r.id}`;
  const out = maybeOut(f) && ' A send of it was recorded and reversed: withdraw it only if nothing went out.';
  const agrees = awaitsAgreement(r)
    ? [button('funds_agree', 'Agree to what was sent', `${id}:${r.sentTx}`, { style: 'primary' })]
    : [];
  switch (r.state) {
    case 'requested':
      return [
        button('funds_approve', 'Approve', id, { style: 'primary' }),
        button('funds_deny', 'Deny…', id),
        button('funds_withdraw', 'Withdraw', id, { confirm: 'Withdraw this request? It can be filed again.' }),
      ];
    case 'approved':
      return [
        button('funds_sent', 'Sent…', id, { style: 'primary' }),
        button('funds_deny', 'Deny…', id),
        button('funds_withdraw', 'Withdraw', id, { confirm: `Withdraw this request? It can be filed again.${out}` }),
      ];
    case 'sent':
      return [
        ...agrees,
        button('funds_spend', 'Record a test transaction', `FR-${id}`, { style: 'primary' }),
        button('funds_return', 'Return…', id),
        overflow('funds_more', [[`settle:${id}`, 'Settle…']]),
      ];
    case 'closed':
      return agrees;
    case 'denied':
    case 'withdrawn':
      return [];
  }
}

/** The amount for a form's field: what `parseAmount` reads back as the same; empty for an asset that has left the policy. */
export function typedAmount(amount: bigint, asset: string, funds: Funds): string {
  const unit = funds.assets.find((a) => a.key === asset);
  return unit ? formatAmount(amount, unit.decimals) : '';
}
