import { actOnRequest, refusedFunds } from '../areas/funds/actions.ts';
import { type FundsAsk, faultsAt } from '../areas/funds/forms.ts';
import { requestFunds } from '../areas/funds/open.ts';
import { forbiddenFunds } from '../areas/funds/rules.ts';
import { recordSpend, recordTransfer, reverseTx } from '../areas/funds/spend.ts';
import { recordedView, type SpendInitial } from '../areas/funds/spend-forms.ts';
import type { Faults, FundsAnswer, RequestAct } from '../areas/funds/types.ts';
import { modal, section } from '../base/elements.ts';
import type { Block, View } from '../base/slack.ts';
import type { BotDeps } from './deps.ts';
import { formListener, type Submitted } from './form.ts';
import type { Values } from './form-values.ts';
import { spendView } from './funds-context.ts';
import { movedInput, requestInput, sameAgain, spendInput, transferInput, typed } from './funds-values.ts';

/** What came of a submitted form: an answer, faults by field, or the view that takes its place. */
type Came = { answer: FundsAnswer; next?: View } | { faults: Faults };

/**
 * One submitted form: refused, it stays open with the reasons at their fields; accepted, it closes or the next view takes its place.
 * @param name what it is counted as
 */
function submitted(
  deps: BotDeps,
  name: string | ((view: Submitted['view']) => string),
  work: (form: Submitted) => Promise<Came>,
) {
  const first = (view: Submitted['view']) =>
    Object.keys(faultsAt(view.blocks as unknown as Block[], undefined, ''))[0] ?? '';
  return formListener(deps, first, async (form) => {
    const came = await work(form);
    const blocks = form.view.blocks as unknown as Block[];
    if (!('answer' in came)) return { faults: faultsAt(blocks, came.faults, '') };
    const { answer, next } = came;
    // A form that closes says that it was done: what somebody else did before is said, and it stays.
    const stays = answer.outcome === 'already' && !next;
    return {
      answer,
      as: `funds_${typeof name === 'string' ? name : name(form.view)}`,
      faults: faultsAt(blocks, answer.faults, answer.text),
      stays,
      next,
    };
  });
}

/** The submitted request for funds. */
export function fundsRequested(deps: BotDeps) {
  return submitted(deps, 'request', async ({ values, cause, actor }) =>
    requestFunds(deps, cause, await actor(), requestInput(values)),
  );
}

/** The submitted test transaction: what it came to takes the form's place, with a button for the next one. */
export function fundsSpent(deps: BotDeps) {
  return submitted(deps, 'spend', async ({ view, values, cause, actor }) => {
    const filled = spendInput(values, deps.policy.team.zone, deps.clock());
    if ('faults' in filled) return filled;
    const { nth = 1 } = metadataOf(view);
    // "Another one" takes the same view's place, and is a form of its own.
    const { answer } = await recordSpend(deps, { ...cause, form: `${cause.form}:${nth}` }, await actor(), filled.input);
    return { answer, next: recordedView(answer.text, { ...sameAgain(filled.input), nth: nth + 1 }) };
  });
}

function metadataOf(view: Submitted['view']): SpendInitial {
  return JSON.parse(view.private_metadata || '{}') as SpendInitial;
}

/** "Another one": the form again, with the same release, test case, request, asset and words. */
export function fundsAgain(deps: BotDeps) {
  return formListener(deps, 'what', async ({ view, actor: find }) => {
    const actor = await find();
    const no = forbiddenFunds('spend', actor);
    // It has no field to show a refusal at.
    if (no) return { next: modal('said', 'Shipshape', null, [section(refusedFunds(no).text)]) };
    return { next: await spendView(deps, actor.id, metadataOf(view)) };
  });
}

/** The submitted deposit, or transfer between wallets. */
export function fundsDeposited(deps: BotDeps) {
  return submitted(deps, 'deposit', async ({ values, cause, actor }) => {
    const filled = transferInput(values, deps.policy.team.zone, deps.clock());
    return 'faults' in filled ? filled : recordTransfer(deps, cause, await actor(), filled.input);
  });
}

/** The submitted reason for a reversal. */
export function fundsReversed(deps: BotDeps) {
  return submitted(deps, 'reverse', async ({ view, values, cause, actor }) => {
    const { txId } = JSON.parse(view.private_metadata) as { txId: number };
    return reverseTx(deps, cause, await actor(), txId, typed(values, 'reason') ?? '');
  });
}

/** The submitted forms about a request: sent, returned, denied, settled. */
export function fundsAsked(deps: BotDeps) {
  const askOf = (view: Submitted['view']) => view.callback_id.replace('funds_ask_', '') as FundsAsk;
  return submitted(deps, askOf, async ({ view, values, cause, actor }) => {
    const { requestId } = JSON.parse(view.private_metadata) as { requestId: number };
    const act = actOf(askOf(view), values, deps.policy.team.zone, deps.clock());
    return 'faults' in act ? act : actOnRequest(deps, cause, await actor(), requestId, act);
  });
}

function actOf(what: FundsAsk, values: Values, zone: string, now: Date): RequestAct | { faults: Faults } {
  if (what === 'deny' || what === 'settle') return { kind: what, reason: typed(values, 'reason') ?? '' };
  const moved = movedInput(values, zone, now);
  return 'faults' in moved ? moved : { kind: what, ...moved.input };
}
