import type {
  AllMiddlewareArgs,
  BlockAction,
  SlackActionMiddlewareArgs,
  SlackViewMiddlewareArgs,
  ViewSubmitAction,
} from '@slack/bolt';
import { freeze, refusedCadence, skip } from '../areas/cadence/actions.ts';
import { ALL } from '../areas/cadence/forms.ts';
import { readSpan } from '../areas/cadence/rules.ts';
import { openForm } from '../areas/releases/forms.ts';
import { forbidden } from '../areas/releases/rules.ts';
import type { Cause } from '../db/act.ts';
import { type BotDeps, sorry, who } from './deps.ts';
import { bareText, causeOfView, fieldOf } from './form-values.ts';

/** The buttons of a slot's message: open the release (its form, prefilled), or say that nothing goes out. */
export function cadenceButton(deps: BotDeps) {
  return async ({
    ack,
    body,
    action,
    respond,
  }: SlackActionMiddlewareArgs<BlockAction> & AllMiddlewareArgs): Promise<void> => {
    await ack();
    const tell = async (text: string) => {
      if (body.response_url) await respond({ response_type: 'ephemeral', replace_original: false, text });
    };
    try {
      const value = 'value' in action && typeof action.value === 'string' ? action.value : '';
      const text = await pressed(deps, body, action, value);
      if (text) await tell(text);
    } catch (err) {
      await tell(sorry(deps, err));
    }
  };
}

/** @returns what to tell the person; null when nothing: a form opened, or another instance answers */
async function pressed(
  deps: BotDeps,
  body: BlockAction,
  action: BlockAction['actions'][number],
  value: string,
): Promise<string | null> {
  const actor = await who(deps, body.user.id);
  const known = (key: string) => deps.policy.products.find((p) => p.key === key)?.key;
  if (action.action_id === 'cadence_open') {
    const product = known(value);
    const may = forbidden('open', actor, null);
    if (may) return refusedCadence(may).text;
    if (product === undefined) return ':x: I do not know that product any more. See `/release list`.';
    await deps.slack.openView(
      body.trigger_id,
      openForm(deps.policy, { kind: 'scheduled', manager: actor.id, product }),
    );
    return null;
  }
  const [, slotId, product] = /^(\d{1,15}):([a-z0-9-]+)$/.exec(value) ?? [];
  if (action.action_id !== 'cadence_skip' || slotId === undefined || product === undefined)
    return ':x: I do not know that button any more. See `/release list`.';
  const actionTs = 'action_ts' in action ? action.action_ts : '';
  const key = `action:${actionTs}:${actor.id}:${action.action_id}`;
  const cause: Cause = { key, source: 'button', actor: actor.id, eventTime: deps.clock() };
  const { answer, repeated } = await skip(deps, cause, actor, Number(slotId), product);
  deps.metrics.commands.inc({ command: 'button', subcommand: 'cadence_skip', outcome: answer.outcome });
  return repeated ? null : answer.text;
}

/** The submitted form that sets a freeze. Refused, it stays open with the reason at its field. */
export function freezeSubmitted(deps: BotDeps) {
  return async ({ ack, body, view }: SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs): Promise<void> => {
    const fault = (text: string, at: string) => ack({ response_action: 'errors', errors: { [at]: bareText(text) } });
    try {
      const get = (id: string) => fieldOf(view.state.values, id)?.replaceAll('\u0000', '').trim() ?? '';
      const span = readSpan(get('from'), get('to'), deps.policy.team.zone, deps.clock());
      if ('refusal' in span) return await fault(refusedCadence(span.refusal).text, span.at);
      const key = get('product');
      const product = key === ALL ? null : key;
      if (product !== null && !deps.policy.products.some((p) => p.key === product))
        return await fault('I do not know that product.', 'product');
      const actor = await who(deps, body.user.id);
      const ask = { ...span, product, reason: get('reason') };
      const { answer } = await freeze(deps, causeOfView(deps, body), actor, ask);
      deps.metrics.commands.inc({ command: 'form', subcommand: 'freeze', outcome: answer.outcome });
      if (answer.outcome !== 'refused') return await ack();
      await fault(answer.text, answer.code === 'to' || answer.code === 'from' ? answer.code : 'reason');
    } catch (err) {
      await fault(sorry(deps, err), 'reason');
    }
  };
}
