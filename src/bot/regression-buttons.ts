import type { AllMiddlewareArgs, BlockAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { forbiddenHere } from '../areas/calendar/act-rules.ts';
import { actOnAssignment, answerSwap } from '../areas/calendar/actions.ts';
import { NO_CALENDAR, refusedHere, todayOf } from '../areas/calendar/deps.ts';
import { casesForm, saidForm, skipForm } from '../areas/calendar/forms.ts';
import { loadAssignment } from '../areas/calendar/store.ts';
import type { View } from '../base/slack.ts';
import type { Cause } from '../db/act.ts';
import { type BotDeps, sorry, who } from './deps.ts';
import { bugFormOfFailed, casesFor, swapFormFor } from './regression-views.ts';

const GONE = ':x: I do not know that button any more. `/regression mine` shows your tests.';

type Press = SlackActionMiddlewareArgs<BlockAction> & AllMiddlewareArgs;
interface Pressed {
  deps: BotDeps;
  body: BlockAction;
  cause: Cause;
  tell: (text: string) => Promise<void>;
}

/** Every button of the regression calendar: acknowledged at once, then acts and answers privately; or opens the form that asks first. */
export function regressionButton(deps: BotDeps) {
  return async ({ ack, body, action, respond }: Press): Promise<void> => {
    await ack();
    const tell = async (text: string) => {
      if (body.response_url) await respond({ response_type: 'ephemeral', replace_original: false, text });
      // A button in a modal has no message to answer beside.
      else if (body.view) await deps.slack.pushView(body.trigger_id, saidForm(text));
    };
    try {
      const name = action.action_id.replace(/^regression_/, '');
      const id = Number('value' in action ? action.value : Number.NaN);
      if (!Number.isSafeInteger(id) || id < 1) return await tell(GONE);
      if (!deps.policy.regression) return await tell(NO_CALENDAR.text);
      const key = `action:${'action_ts' in action ? action.action_ts : ''}:${body.user.id}:${action.action_id}`;
      const cause: Cause = { key, source: 'button', actor: body.user.id, eventTime: deps.clock() };
      await pressed({ deps, body, cause, tell }, name, id);
    } catch (err) {
      // The trigger may be used up, or too old: then the log has it.
      await tell(sorry(deps, err)).catch((again) => deps.log.warn({ err: again }, 'an answer could not be shown'));
    }
  };
}

async function pressed(call: Pressed, name: string, id: number): Promise<void> {
  const { deps, body, cause, tell } = call;
  const actor = await who(deps, body.user.id);
  if (name === 'swap_yes' || name === 'swap_no') {
    const { answer, repeated } = await answerSwap(deps, cause, actor, id, name === 'swap_yes');
    deps.metrics.commands.inc({ command: 'button', subcommand: `regression_${name}`, outcome: answer.outcome });
    return repeated ? undefined : tell(answer.text);
  }
  const a = await loadAssignment(deps.db, id);
  if (!a) return tell(GONE);
  switch (name) {
    case 'pass':
    case 'fail': {
      const { answer, repeated } = await actOnAssignment(deps, cause, actor, id, { kind: name, note: null });
      deps.metrics.commands.inc({ command: 'button', subcommand: `regression_${name}`, outcome: answer.outcome });
      if (repeated) return;
      const reports = name === 'fail' && answer.outcome === 'accepted';
      if (reports) await show(call, bugFormOfFailed(deps, { ...a, note: null }));
      // A modal's trigger opens one view: there the bug form is the answer.
      return reports && body.view ? undefined : tell(answer.text);
    }
    case 'cases':
      return show(call, casesForm(a, casesFor(deps, a)));
    case 'skip': {
      const may = forbiddenHere('skip', actor, a.tester);
      return may ? tell(refusedHere(may).text) : show(call, skipForm(a));
    }
    case 'swap': {
      const form = await swapFormFor(deps, actor, todayOf(deps, deps.clock()), id);
      return 'refusal' in form ? tell(form.refusal.text) : show(call, form.view);
    }
    default:
      return tell(GONE);
  }
}

/** From a modal on top of it, from a message as a new one. */
async function show({ deps, body }: Pressed, view: View): Promise<void> {
  if (body.view) await deps.slack.pushView(body.trigger_id, view);
  else await deps.slack.openView(body.trigger_id, view);
}
