import type { AllMiddlewareArgs, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import { actOnRequest } from '../areas/funds/actions.ts';
import { type FundsAsk, faultsAt } from '../areas/funds/forms.ts';
import { requestFunds } from '../areas/funds/open.ts';
import { recordSpend, recordTransfer, reverseTx } from '../areas/funds/spend.ts';
import { recordedView, type SpendInitial } from '../areas/funds/spend-forms.ts';
import type { Faults, FundsAnswer, RequestAct } from '../areas/funds/types.ts';
import type { Block, View } from '../base/slack.ts';
import { type BotDeps, sorry, who } from './deps.ts';
import { bareText, causeOfView, type Values } from './form-values.ts';
import { spendView } from './funds-context.ts';
import { movedInput, requestInput, sameAgain, spendInput, transferInput, typed } from './funds-values.ts';

type ViewArgs = SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs;

/** What came of a submitted form: an answer, faults by field, or the view that takes its place. */
type Outcome = { answer: FundsAnswer; next?: View } | { faults: Faults } | { next: View };

/**
 * One submitted form: refused, it stays open with the reasons at their fields; accepted, it closes or the next view takes its place.
 * @param name what it is counted as
 */
function submitted(deps: BotDeps, name: string, work: (body: ViewSubmitAction, values: Values) => Promise<Outcome>) {
  return async ({ ack, body, view }: ViewArgs): Promise<void> => {
    const blocks = view.blocks as unknown as Block[];
    const refuse = (faults: Faults | undefined, text: string) => {
      const errors = Object.entries(faultsAt(blocks, faults, text)).map(([id, said]) => [id, bareText(said)]);
      return ack({ response_action: 'errors', errors: Object.fromEntries(errors) });
    };
    try {
      const outcome = await work(body, view.state.values);
      if ('faults' in outcome) return await refuse(outcome.faults, '');
      const answer = 'answer' in outcome ? outcome.answer : undefined;
      if (answer) deps.metrics.commands.inc({ command: 'form', subcommand: `funds_${name}`, outcome: answer.outcome });
      // A form that closes says that it was done: what somebody else did before is said, and it stays.
      const stays = answer?.outcome === 'refused' || (answer?.outcome === 'already' && !('next' in outcome));
      if (stays) return await refuse(answer.faults, answer.text);
      // In place of the form: it is answered.
      if (outcome.next) await ack({ response_action: 'update', view: outcome.next as never });
      else await ack();
    } catch (err) {
      await refuse(undefined, sorry(deps, err));
    }
  };
}

/** The submitted request for funds. */
export function fundsRequested(deps: BotDeps) {
  return submitted(deps, 'request', async (body, values) => {
    const actor = await who(deps, body.user.id);
    return requestFunds(deps, causeOfView(deps, body), actor, requestInput(values));
  });
}

/** The submitted test transaction: what it came to takes the form's place, with a button for the next one. */
export function fundsSpent(deps: BotDeps) {
  return submitted(deps, 'spend', async (body, values) => {
    const filled = spendInput(values, deps.policy.team.zone);
    if ('faults' in filled) return filled;
    const actor = await who(deps, body.user.id);
    const { nth = 1 } = metadataOf(body);
    const cause = causeOfView(deps, body);
    // "Another one" takes the same view's place, and is a form of its own.
    const { answer } = await recordSpend(deps, { ...cause, form: `${cause.form}:${nth}` }, actor, filled.input);
    return { answer, next: recordedView(answer.text, { ...sameAgain(filled.input), nth: nth + 1 }) };
  });
}

function metadataOf(body: ViewSubmitAction): SpendInitial {
  return JSON.parse(body.view.private_metadata || '{}') as SpendInitial;
}

/** "Another one": the form again, with the same release, test case, request, asset and words. */
export function fundsAgain(deps: BotDeps) {
  return submitted(deps, 'again', async (body) => {
    return { next: await spendView(deps, body.user.id, metadataOf(body)) };
  });
}

/** The submitted deposit, or transfer between wallets. */
export function fundsDeposited(deps: BotDeps) {
  return submitted(deps, 'deposit', async (body, values) => {
    const filled = transferInput(values, deps.policy.team.zone);
    if ('faults' in filled) return filled;
    const actor = await who(deps, body.user.id);
    return recordTransfer(deps, causeOfView(deps, body), actor, filled.input);
  });
}

/** The submitted reason for a reversal. */
export function fundsReversed(deps: BotDeps) {
  return submitted(deps, 'reverse', async (body, values) => {
    const { txId } = JSON.parse(body.view.private_metadata) as { txId: number };
    const actor = await who(deps, body.user.id);
    return reverseTx(deps, causeOfView(deps, body), actor, txId, typed(values, 'reason') ?? '');
  });
}

/** The submitted forms about a request: sent, returned, denied, settled. */
export function fundsAsked(deps: BotDeps) {
  return async (args: ViewArgs): Promise<void> => {
    const what = args.view.callback_id.replace('funds_ask_', '') as FundsAsk;
    return submitted(deps, what, async (body, values) => {
      const { requestId } = JSON.parse(body.view.private_metadata) as { requestId: number };
      const act = actOf(what, values, deps.policy.team.zone);
      if ('faults' in act) return act;
      const actor = await who(deps, body.user.id);
      return actOnRequest(deps, causeOfView(deps, body), actor, requestId, act);
    })(args);
  };
}

function actOf(what: FundsAsk, values: Values, zone: string): RequestAct | { faults: Faults } {
  if (what === 'deny' || what === 'settle') return { kind: what, reason: typed(values, 'reason') ?? '' };
  const moved = movedInput(values, zone);
  return 'faults' in moved ? moved : { kind: what, ...moved.input };
}
