import { freeze, skip } from '../areas/cadence/actions.ts';
import { ALL } from '../areas/cadence/forms.ts';
import { readSpan } from '../areas/cadence/rules.ts';
import { openForm } from '../areas/releases/forms.ts';
import { forbidden } from '../areas/releases/rules.ts';
import { tellRefusal } from '../base/answer.ts';
import { type BotDeps, who } from './deps.ts';
import { formListener } from './form.ts';
import { textOf } from './form-values.ts';
import { cameTo, pressListener } from './press.ts';

/** The buttons of a slot's message: open the release (its form, prefilled), or say that nothing goes out. */
export function cadenceButton(deps: BotDeps) {
  return pressListener(deps, async ({ body, action, value, cause }) => {
    const actor = await who(deps, body.user.id);
    if (action.action_id === 'cadence_open') {
      const may = forbidden('open', actor, null);
      if (may) return tellRefusal(may).text;
      const product = deps.policy.products.find((p) => p.key === value)?.key;
      if (product === undefined) return ':x: I do not know that product any more. See `/release list`.';
      const known = { kind: 'scheduled', manager: actor.id, product } as const;
      await deps.slack.openView(body.trigger_id, openForm(deps.policy, known));
      return null;
    }
    const [, slotId, product] = /^(\d{1,15}):([a-z0-9-]+)$/.exec(value) ?? [];
    if (action.action_id !== 'cadence_skip' || slotId === undefined || product === undefined)
      return ':x: I do not know that button any more. See `/release list`.';
    return cameTo(deps, 'cadence_skip', await skip(deps, cause, actor, Number(slotId), product));
  });
}

/** The submitted form that sets a freeze. Refused, it stays open with the reason at its field. */
export function freezeSubmitted(deps: BotDeps) {
  return formListener(deps, 'reason', async ({ values, cause, actor }) => {
    const get = (id: string) => textOf(values, id) ?? '';
    const span = readSpan(get('from'), get('to'), deps.policy.team.zone, deps.clock());
    if ('refusal' in span) return { faults: { [span.at]: tellRefusal(span.refusal).text } };
    const key = get('product');
    const product = key === ALL ? null : key;
    if (product !== null && !deps.policy.products.some((p) => p.key === product))
      return { faults: { product: 'I do not know that product.' } };
    const { answer } = await freeze(deps, cause, await actor(), { ...span, product, reason: get('reason') });
    return { answer, as: 'freeze', at: answer.code === 'to' || answer.code === 'from' ? answer.code : undefined };
  });
}
