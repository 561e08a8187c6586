// What is said in threads and by DM when something happened to test funds. Pure.
import { showId } from '../../base/ids.ts';
import { showMoney } from '../../base/money.ts';
import { escapeText, mention, truncate } from '../../base/mrkdwn.ts';
import type { Funds } from '../../base/policy.ts';
import { accountName, feeOf, moved, requestLink, sentAnyway } from './blocks.ts';
import { balancesOf } from './ledger.ts';
import { feeAbove } from './limit-rules.ts';
import { unsent } from './spend-rules.ts';
import type { Account, Entry, LedgerTx, Posting, RequestAct, RequestFacts, Spend } from './types.ts';

const REASON_SHOWN = 500;

/** A text somebody typed, in one line. */
export function quoted(text: string, max = REASON_SHOWN): string {
  return escapeText(truncate(text.replace(/\s+/g, ' '), max));
}

/** The line in a request's thread after an act. @param txId of what was booked */
export function actLine(
  before: RequestFacts,
  after: RequestFacts,
  act: RequestAct,
  actor: string,
  txId: number | null,
  funds: Funds,
): string {
  const r = after.request;
  const who = mention(actor);
  const money = (n: bigint) => showMoney(n, r.asset, funds.assets);
  const tx = txId === null ? '' : ` (${showId('TX', txId)})`;
  const reason = r.closeReason ? `: ${quoted(r.closeReason)}` : '';
  switch (act.kind) {
    case 'approve':
      return r.state === 'approved'
        ? `:white_check_mark: ${who} approved it. A treasurer sends it.`
        : `:white_check_mark: ${who} approved it. It is over the limit (${r.overLimit}), so a second treasurer decides too.`;
    case 'deny':
      return `:no_entry_sign: ${who} denied it${reason}.${reversedBefore(after)}`;
    case 'withdraw':
      return `:wastebasket: ${who} withdrew it.${reversedBefore(after)}`;
    case 'sent': {
      const more =
        (r.sentAmount ?? 0n) > r.amount ? ` :warning: That is more than the ${money(r.amount)} approved.` : '';
      const second = r.sentOver
        ? ` It is over the limit (${r.sentOver}): another treasurer agrees to it on the card.`
        : '';
      const gone = after.requesterGone ? ` :warning: ${mention(r.requester)}, who asked for it, is deactivated.` : '';
      const [fee, odd] = sentFee(after, txId, funds);
      const paid = fee && `, ${fee} fee`;
      const much = odd ? ' :warning: That fee is more than what was sent.' : '';
      return `:outbox_tray: ${who} sent ${money(r.sentAmount ?? 0n)}${tx}${paid}.${much}${more}${allTheSame(after)}${gone}${second}`;
    }
    case 'agree':
      return `:white_check_mark: ${who} agreed, as the second treasurer, to the ${money(r.sentAmount ?? 0n)} sent.`;
    case 'settle':
      return `:ballot_box_with_check: ${who} settled it: ${money(before.outstanding)} written off${tx}${reason}.`;
    case 'return': {
      // What arrived: a fee in the same asset was paid out of what was outstanding, and did not come back.
      const booked = after.txs.find((t) => t.id === txId) as LedgerTx;
      const fee = feeOf(booked, funds);
      return `:inbox_tray: ${moved(booked, funds)} came back${fee ? `, ${fee} fee` : ''}, recorded by ${who}${tx}. ${leftLine(after, funds)}`;
    }
    case 'edit':
      return '';
  }
}

/** What sending it cost, empty without a fee, and whether that is more than what was sent. */
function sentFee(f: RequestFacts, txId: number | null, funds: Funds): [string, boolean] {
  const { asset, sentAmount } = f.request;
  const booked = f.txs.find((t) => t.id === txId) as LedgerTx;
  return [feeOf(booked, funds), feeAbove(booked, asset, sentAmount ?? 0n)];
}

/** The same as sentences for who recorded it, and that it was withdrawn or denied. */
export function sentAnswer(f: RequestFacts, txId: number | null, funds: Funds): string {
  const [fee, odd] = sentFee(f, txId, funds);
  const said = fee && ` The fee was ${fee}.${odd ? ' :warning: That is more than what was sent.' : ''}`;
  return `${said}${f.ended ? ` :rotating_light: It is recorded although it was ${f.ended.state}.` : ''}`;
}

function allTheSame(f: RequestFacts): string {
  const said = sentAnyway(f);
  return said && ` ${said}`;
}

/** A send was recorded, and reversed: what a request's end does not answer. */
function reversedBefore(f: RequestFacts): string {
  const tx = unsent(f);
  if (!tx) return '';
  const again = `a treasurer records it, \`/funds sent ${showId('FR', f.request.id)}\``;
  return ` ${showId('TX', tx.id)} had sent it and was reversed: if it did go out, ${again}.`;
}

/** How much is still out, as a sentence. */
export function leftLine(f: RequestFacts, funds: Funds): string {
  return f.outstanding === 0n
    ? 'Nothing is outstanding: it is closed.'
    : `${showMoney(f.outstanding, f.request.asset, funds.assets)} are outstanding.`;
}

/** What a DM tells the requester, or null where the thread is enough. */
export function requesterDm(after: RequestFacts, act: RequestAct, actor: string, funds: Funds): string | null {
  const { request: r } = after;
  if (actor === r.requester || after.requesterGone) return null;
  const shown = requestLink(r.id, after.thread.url);
  const money = showMoney(r.amount, r.asset, funds.assets);
  const reason = r.closeReason ? `: ${quoted(r.closeReason)}` : '';
  if (act.kind === 'approve' && r.state === 'approved')
    return `:white_check_mark: ${shown}: your ${money} are approved.`;
  if (act.kind === 'deny') return `:no_entry_sign: ${shown}: your request for ${money} was denied${reason}.`;
  if (act.kind === 'settle') return `:ballot_box_with_check: ${shown} was settled${reason}.`;
  if (act.kind !== 'sent') return null;
  const how = 'Record what you spend with `/funds spend`, and give back the rest with `/funds return`.';
  const anyway = after.ended ? `, although it was ${after.ended.state}` : '';
  return `:outbox_tray: ${shown}: ${showMoney(r.sentAmount ?? 0n, r.asset, funds.assets)} are on the way${anyway}. ${how}`;
}

/** A test transaction in one line. */
export function spendLine(s: Spend, funds: Funds): string {
  const fee = s.fee > 0n && s.feeAsset ? showMoney(s.fee, s.feeAsset, funds.assets) : null;
  const cost = s.amount > 0n ? showMoney(s.amount, s.asset, funds.assets) : null;
  const paid = [cost, fee && `${fee} fee`].filter(Boolean).join(', ');
  const at = s.testCase ? ` (${quoted(s.testCase, 100)})` : '';
  return `:money_with_wings: ${showId('TX', s.txId)}: ${mention(s.tester)} tested with ${paid}${at}: ${quoted(s.what, 300)}`;
}

/** The line about a reversal. */
export function reverseLine(tx: LedgerTx, by: number, actor: string, note: string): string {
  return `:leftwards_arrow_with_hook: ${mention(actor)} reversed ${showId('TX', tx.id)} by ${showId('TX', by)}: ${quoted(note)}`;
}

/** The line in the test-funds channel about money into custody, out of it, or between wallets. @param txId of what was booked */
export function transferLine(txId: number, entry: Pick<Entry, 'postings' | 'note' | 'actor'>, funds: Funds): string {
  const { postings, note, actor } = entry;
  return `:bank: ${mention(actor)} recorded ${showId('TX', txId)}: ${legsInWords(postings, funds)} — ${quoted(note ?? '')}`;
}

/** The line in the test-funds channel about rows of a tracking sheet that were booked. @param file its name */
export function importLine(file: string, txs: number, postings: readonly Posting[], funds: Funds): string {
  const custody = balancesOf(postings).filter((p) => p.account.startsWith('custody:'));
  const moved = custody.length ? ` What they change in custody: ${legsInWords(custody, funds)}.` : '';
  return `:bank: ${txs} transaction${txs === 1 ? '' : 's'} of ${quoted(file, 100)} came into the ledger.${moved}`;
}

/** Legs of one transaction in words: `Custody −25 USDC`. */
export function legsInWords(postings: readonly Posting[], funds: Funds): string {
  return postings
    .map((p) => `${accountName(p.account, funds)} ${showMoney(p.amount, p.asset, funds.assets)}`)
    .join(', ');
}

/** R17: the chain is reality, so a wallet below zero is told and not refused. */
export function negativeLine(account: Account, asset: string, holds: bigint, funds: Funds): string {
  const now = showMoney(holds, asset, funds.assets);
  return `:warning: ${accountName(account, funds)} stands at ${now} in the books. Record what came in: \`/funds deposit\`.`;
}
