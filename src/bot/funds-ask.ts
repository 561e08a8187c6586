import { refusedFunds, requestNow } from '../areas/funds/actions.ts';
import { txLine } from '../areas/funds/blocks.ts';
import { askFundsForm, type FundsAsk, reverseForm, type Typed } from '../areas/funds/forms.ts';
import { decideRequest, forbiddenFunds } from '../areas/funds/rules.ts';
import { depositForm } from '../areas/funds/spend-forms.ts';
import { decideReverse } from '../areas/funds/spend-rules.ts';
import { loadTx } from '../areas/funds/store.ts';
import type { FundsAnswer, RequestAct, RequestFacts } from '../areas/funds/types.ts';
import type { Actor } from '../base/actor.ts';
import { showId } from '../base/ids.ts';
import { fundsOf } from '../base/policy.ts';
import type { BotDeps } from './deps.ts';

/** The act with nothing filled in yet: whether it may be asked for at all is decided by the same rules. */
const EMPTY: Record<FundsAsk, RequestAct> = {
  sent: { kind: 'sent' },
  return: { kind: 'return' },
  deny: { kind: 'deny', reason: '' },
  settle: { kind: 'settle', reason: '' },
};

/** Opens a form about a request. @returns why not: not theirs to do, or not now */
export async function openFundsAsk(
  deps: BotDeps,
  triggerId: string,
  what: FundsAsk,
  f: RequestFacts,
  actor: Actor,
  typed: Typed = {},
): Promise<FundsAnswer | null> {
  const funds = fundsOf(deps.policy);
  const decision = decideRequest(f, actor, EMPTY[what], funds, deps.clock());
  if ('refusal' in decision && decision.refusal) return refusedFunds(decision.refusal, f);
  if ('already' in decision)
    return {
      outcome: 'already',
      text: `*${showId('FR', f.request.id)}*: ${decision.already}.`,
      requestId: f.request.id,
    };
  await deps.slack.openView(triggerId, askFundsForm(what, f, funds, typed));
  return null;
}

/** Opens the form that asks why a transaction is reversed. @returns why not */
export async function openReverse(
  deps: BotDeps,
  triggerId: string,
  txId: number,
  actor: Actor,
): Promise<FundsAnswer | null> {
  const tx = await loadTx(deps.db, txId);
  const shown = showId('TX', txId);
  if (!tx) return refusedFunds({ code: 'no_tx', reason: `there is no ${shown}`, next: 'See `/funds ledger`.' });
  const f = tx.requestId === null ? undefined : await requestNow(deps.db, deps, tx.requestId);
  const decision = decideReverse(tx, f ?? null, actor, '', deps.clock());
  if ('refusal' in decision) return refusedFunds(decision.refusal);
  if ('already' in decision) return { outcome: 'already', text: `*${shown}*: ${decision.already}.`, txId };
  await deps.slack.openView(triggerId, reverseForm(txId, txLine(tx, fundsOf(deps.policy))));
  return null;
}

/** Opens the form for money into custody. @returns why not */
export async function openDeposit(
  deps: BotDeps,
  triggerId: string,
  actor: Actor,
  typed: { amount?: string; asset?: string },
): Promise<FundsAnswer | null> {
  const no = forbiddenFunds('transfer', actor);
  if (no) return refusedFunds(no);
  await deps.slack.openView(triggerId, depositForm(fundsOf(deps.policy), typed));
  return null;
}
