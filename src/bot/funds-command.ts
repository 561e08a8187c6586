import type { AllMiddlewareArgs, SlackCommandMiddlewareArgs } from '@slack/bolt';
import { actOnRequest, refusedFunds, requestNow } from '../areas/funds/actions.ts';
import { requestCard } from '../areas/funds/blocks.ts';
import { FUNDS_ASKS, type FundsAsk, type Typed } from '../areas/funds/forms.ts';
import { feeAccount, gain } from '../areas/funds/ledger.ts';
import { decideRequest, forbiddenFunds } from '../areas/funds/rules.ts';
import { reverseTx } from '../areas/funds/spend.ts';
import type { RequestAct, RequestFacts } from '../areas/funds/types.ts';
import { type Actor, forbiddenToRead } from '../base/actor.ts';
import { showId } from '../base/ids.ts';
import { showMoney } from '../base/money.ts';
import { escapeText, plain, truncate } from '../base/mrkdwn.ts';
import { nearest } from '../base/nearest.ts';
import { fundsOf } from '../base/policy.ts';
import { answerInTime, causeOfCommand, FILL_IN, no, type Reply, replyOf, replyTo, said } from './answer.ts';
import { type BotDeps, who } from './deps.ts';
import { openDeposit, openFundsAsk, openReverse } from './funds-ask.ts';
import { requestView, spendView } from './funds-context.ts';
import { balanceDrawn, feesDrawn, ledgerDrawn, mineDrawn } from './funds-lists.ts';
import {
  FUNDS_WORDS,
  type FundsWord,
  fundsFormOf,
  fundsHelp,
  isFundsWord,
  type RequestWord,
  readMoneyWords,
  readRequestId,
  readTxId,
} from './funds-words.ts';

interface Call {
  deps: BotDeps;
  command: { user_id: string; trigger_id: string };
  /** The words after the first. */
  rest: string[];
}

/** /funds: acts, lists or opens a form, and answers privately. When it takes long it says so first and answers later. */
export function fundsCommand(deps: BotDeps) {
  return async ({ command, ack, respond }: SlackCommandMiddlewareArgs & AllMiddlewareArgs): Promise<void> => {
    const words = plain(command.text).trim().split(/\s+/).filter(Boolean);
    const [word = '', ...rest] = words;
    const outcome = await answerInTime(deps, { ack, respond }, run({ deps, command, rest }, word));
    const subcommand = isFundsWord(word.toLowerCase()) ? word.toLowerCase() : 'other';
    deps.metrics.commands.inc({ command: '/funds', subcommand, outcome });
  };
}

const strange = (word: FundsWord) => no('words', 'I do not understand that', `The form is ${fundsFormOf(word)}.`);

/** Words that only show something. */
const READS: readonly FundsWord[] = ['mine', 'show', 'balance', 'ledger', 'fees'];

async function run(call: Call, first: string): Promise<Reply> {
  const { deps, command, rest } = call;
  const word = first.toLowerCase() || 'mine';
  if (!isFundsWord(word)) {
    const meant = word.length > 40 ? undefined : nearest(word, Object.keys(FUNDS_WORDS));
    const next = meant && isFundsWord(meant) ? `Did you mean ${fundsFormOf(meant)}?` : 'See `/funds help`.';
    return no('words', `there is no \`/funds ${escapeText(truncate(first, 40))}\``, next);
  }
  if (word === 'help') return said(fundsHelp());
  const stranger = READS.includes(word) && forbiddenToRead(await who(deps, command.user_id));
  if (stranger) return replyOf(refusedFunds(stranger));
  switch (word) {
    case 'request':
    case 'spend':
    case 'deposit':
      return opening(call, word);
    case 'ledger': {
      const before = rest.length ? readTxId(rest.join(' ')) : undefined;
      if (rest.length && before === undefined) return strange(word);
      return { outcome: 'accepted', ...(await ledgerDrawn(deps, before)) };
    }
    case 'balance':
      return rest.length ? strange(word) : { outcome: 'accepted', ...(await balanceDrawn(deps)) };
    case 'fees':
      return rest.length ? strange(word) : { outcome: 'accepted', ...(await feesDrawn(deps)) };
    case 'mine':
      return rest.length ? strange(word) : { outcome: 'accepted', ...(await mineDrawn(deps, command.user_id)) };
    case 'reverse':
      return reversing(call);
    default:
      return onRequest(call, word);
  }
}

/** What was typed behind the word, `25 USDC for the swap`, read before a form opens: a wrong amount is answered at once. */
async function opening(call: Call, word: 'request' | 'spend' | 'deposit'): Promise<Reply> {
  const { deps, command, rest } = call;
  const permission = word === 'deposit' ? 'transfer' : word;
  const actor = await who(deps, command.user_id);
  const may = forbiddenFunds(permission, actor);
  if (may) return replyOf(refusedFunds(may));
  const money = rest.length ? readMoneyWords(rest, fundsOf(deps.policy).assets) : { text: '' };
  if ('fault' in money) return { outcome: 'refused', text: `:x: ${money.fault} The form is ${fundsFormOf(word)}.` };
  const { text, ...known } = money;
  if (word === 'deposit') {
    const reply = text ? null : await openDeposit(deps, command.trigger_id, actor, known);
    return text ? strange(word) : reply ? replyOf(reply) : FILL_IN;
  }
  const view =
    word === 'request'
      ? await requestView(deps, actor.id, { ...known, ...(text && { reason: text }) })
      : await spendView(deps, actor.id, { ...known, ...(text && { what: text }) });
  await deps.slack.openView(command.trigger_id, view);
  return FILL_IN;
}

async function reversing(call: Call): Promise<Reply> {
  const { deps, command, rest } = call;
  const txId = readTxId(rest[0]);
  if (txId === undefined) return no('words', 'that names no transaction', `The form is ${fundsFormOf('reverse')}.`);
  const reason = rest.slice(1).join(' ');
  const actor = await who(deps, command.user_id);
  if (!reason) {
    const reply = await openReverse(deps, command.trigger_id, txId, actor);
    return reply ? replyOf(reply) : FILL_IN;
  }
  return replyTo(await reverseTx(deps, causeOfCommand(deps, command), actor, txId, reason));
}

async function onRequest(call: Call, word: RequestWord): Promise<Reply> {
  const { deps, command, rest } = call;
  const id = readRequestId(rest[0]);
  if (id === undefined) return no('words', 'that names no request', `The form is ${fundsFormOf(word)}.`);
  const f = await requestNow(deps.db, deps, id);
  if (!f) return no('no_request', `there is no ${showId('FR', id)}`, 'See `/funds mine`.');
  const act = readFundsAct(word, rest.slice(1));
  if (act === null) return strange(word);
  if (act === 'show') return { outcome: 'accepted', ...requestCard(f, deps.policy) };
  const actor = await who(deps, command.user_id);
  if ('ask' in act) {
    const reply = await openFundsAsk(deps, command.trigger_id, act.ask, f, actor, act.typed);
    return reply ? replyOf(reply) : FILL_IN;
  }
  const odd = oddFee(deps, f, actor, act);
  return odd ?? replyTo(await actOnRequest(deps, causeOfCommand(deps, command), actor, id, act));
}

/** `sent FR-3 Revolut 4711`: the second word of a reference, or gas, is read as a fee. The form has a field for it, and takes what really is so. */
function oddFee(deps: BotDeps, f: RequestFacts, actor: Actor, act: RequestAct): Reply | null {
  const funds = fundsOf(deps.policy);
  const decision = act.kind === 'sent' ? decideRequest(f, actor, act, funds, deps.clock()) : null;
  if (!decision || !('patch' in decision) || !decision.entry) return null;
  const { asset, amount, chain } = f.request;
  const fee = gain(decision.entry.postings, feeAccount(chain), asset);
  if (fee <= amount) return null;
  const show = (n: bigint) => showMoney(n, asset, funds.assets);
  const reason = `a fee of ${show(fee)} is more than the ${show(amount)} themselves`;
  const form = `If it is part of the reference, or really is so, fill in the form: \`/funds sent ${showId('FR', f.request.id)}\`.`;
  return no('fee', reason, form);
}

/** The act that the words after the request mean; a form where something is missing; null when they mean nothing. */
export function readFundsAct(
  word: RequestWord,
  rest: readonly string[],
): RequestAct | { ask: FundsAsk; typed: Typed } | 'show' | null {
  const text = rest.join(' ');
  switch (word) {
    case 'show':
      return text ? null : 'show';
    case 'approve':
    case 'withdraw':
    case 'edit':
      return text && word !== 'edit' ? null : { kind: word };
    case 'deny':
    case 'settle':
      return text ? { kind: word, reason: text } : { ask: word, typed: {} };
    case 'return':
      return { ask: 'return', typed: text ? { amount: text } : {} };
    case 'sent': {
      const [hash, ...fee] = rest;
      const paid = fee.join(' ');
      return hash && paid ? { kind: 'sent', hash, fee: paid } : { ask: 'sent', typed: hash ? { hash } : {} };
    }
  }
}

/** Whether a word of a button's name is a form's. */
export function isFundsAsk(word: string): word is FundsAsk {
  return (FUNDS_ASKS as readonly string[]).includes(word);
}
