import type { AllMiddlewareArgs, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import { actOnAssignment, askSwap, away } from '../areas/calendar/actions.ts';
import type { Actor } from '../base/actor.ts';
import type { Cause } from '../db/act.ts';
import { type BotDeps, sorry, who } from './deps.ts';
import { bareText, causeOfView, fieldOf, type Values } from './form-values.ts';

type ViewArgs = SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs;
type Acted = ReturnType<typeof away>;

/** What each form does, and the field at which a refusal is shown. */
const FORMS: Record<
  string,
  { field: string; act: (deps: BotDeps, cause: Cause, actor: Actor, v: Values, about: { id?: number }) => Acted }
> = {
  regression_skip_form: {
    field: 'reason',
    act: (deps, cause, actor, v, { id = 0 }) => {
      const note = fieldOf(v, 'reason')?.replaceAll('\u0000', '').trim() || null;
      return actOnAssignment(deps, cause, actor, id, { kind: 'skip', note });
    },
  },
  regression_swap_form: {
    field: 'theirs',
    act: (deps, cause, actor, v) =>
      askSwap(deps, cause, actor, Number(fieldOf(v, 'mine')), Number(fieldOf(v, 'theirs'))),
  },
  regression_away_form: {
    field: 'to',
    act: (deps, cause, actor, v) =>
      away(deps, cause, actor, actor.id, fieldOf(v, 'from') ?? '', fieldOf(v, 'to') ?? fieldOf(v, 'from') ?? ''),
  },
};

/** The submitted forms of the regression calendar. Refused, they stay open with the reason. */
export function regressionSubmitted(deps: BotDeps) {
  return async ({ ack, body, view }: ViewArgs): Promise<void> => {
    const form = FORMS[view.callback_id];
    const fault = (text: string) =>
      ack({ response_action: 'errors', errors: { [form?.field ?? 'reason']: bareText(text) } });
    try {
      if (!form) return await ack();
      const about = JSON.parse(view.private_metadata || '{}') as { id?: number };
      const actor = await who(deps, body.user.id);
      const { answer } = await form.act(deps, causeOfView(deps, body), actor, view.state.values, about);
      const subcommand = view.callback_id.replace(/_form$/, '');
      deps.metrics.commands.inc({ command: 'form', subcommand, outcome: answer.outcome });
      if (answer.outcome === 'accepted') await ack();
      else await fault(answer.text);
    } catch (err) {
      await fault(sorry(deps, err));
    }
  };
}
