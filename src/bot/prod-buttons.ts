import { actOnProd } from '../areas/triage/prod-actions.ts';
import { PROD_ASKS } from '../areas/triage/prod-forms.ts';
import { loadProd } from '../areas/triage/prod-store.ts';
import type { ProdAct } from '../areas/triage/prod-types.ts';
import { type BotDeps, who } from './deps.ts';
import { cameTo, idsOf, nameOfPress, pressListener } from './press.ts';
import { openProdForm } from './prod-command.ts';

const GONE = ':x: I do not know that button any more. Use the newest card, or `/bug prod help`.';

/** Buttons that act at once. */
const AT_ONCE: Record<string, (person: string) => ProdAct> = {
  mitigate: () => ({ kind: 'mitigate', note: null }),
  resolve: () => ({ kind: 'resolve', note: null }),
  mine: (person) => ({ kind: 'assign', roles: { engineer: person } }),
};

/** Every button of a prod issue: acts and answers privately, or opens the form that asks first. */
export function prodButton(deps: BotDeps) {
  return pressListener(deps, async ({ body, action, value, cause }) => {
    const { name, of } = nameOfPress(action.action_id, value);
    const [id] = idsOf(of);
    const toAct = Object.hasOwn(AT_ONCE, name) ? AT_ONCE[name] : undefined;
    const asks = PROD_ASKS.find((ask) => ask === name);
    if (id === undefined || !(toAct || asks)) return GONE;
    const actor = await who(deps, body.user.id);
    if (toAct) return cameTo(deps, `pi_${name}`, await actOnProd(deps, cause, actor, id, toAct(actor.id)));
    const f = await loadProd(deps.db, id);
    if (!f || !asks) return GONE;
    return (await openProdForm(deps, body.trigger_id, asks, f, actor))?.text ?? null;
  });
}
