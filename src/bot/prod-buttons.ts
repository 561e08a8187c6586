import type { AllMiddlewareArgs, BlockAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { actOnProd } from '../areas/triage/prod-actions.ts';
import { PROD_ASKS, type ProdAsk } from '../areas/triage/prod-forms.ts';
import { loadProd } from '../areas/triage/prod-store.ts';
import type { ProdAct } from '../areas/triage/prod-types.ts';
import type { Cause } from '../db/act.ts';
import { type BotDeps, sorry, who } from './deps.ts';
import { openProdForm } from './prod-command.ts';

/** Buttons that act at once. */
const AT_ONCE: Record<string, (person: string) => ProdAct> = {
  mitigate: () => ({ kind: 'mitigate', note: null }),
  resolve: () => ({ kind: 'resolve', note: null }),
  mine: (person) => ({ kind: 'assign', roles: { engineer: person } }),
};

/** What a press meant: `pi_resolve` with `3`, or a menu's `reopen:3`. Undefined for what we never drew. */
export function readProdPress(actionId: string, value: string): { name: string; id: number } | undefined {
  const menu = actionId === 'pi_more';
  const [head = '', tail = ''] = value.split(':');
  const name = menu ? head : actionId.replace(/^pi_/, '');
  const id = Number(menu ? tail : head);
  const known = Object.hasOwn(AT_ONCE, name) || PROD_ASKS.includes(name as ProdAsk);
  return known && Number.isSafeInteger(id) && id > 0 ? { name, id } : undefined;
}

/** Every button of a prod issue: acknowledged at once, then acts and answers privately; or opens the form that asks first. */
export function prodButton(deps: BotDeps) {
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
      const given = 'value' in action ? action.value : 'selected_option' in action ? action.selected_option?.value : '';
      const press = readProdPress(action.action_id, typeof given === 'string' ? given : '');
      const unknown = ':x: I do not know that button any more. Use the newest card, or `/bug prod help`.';
      if (!press) return await tell(unknown);
      const actor = await who(deps, body.user.id);
      const toAct = AT_ONCE[press.name];
      if (!toAct) {
        const f = await loadProd(deps.db, press.id);
        if (!f) return await tell(unknown);
        const no = await openProdForm(deps, body.trigger_id, press.name as ProdAsk, f, actor);
        if (no) await tell(no.text);
        return;
      }
      const actionTs = 'action_ts' in action ? action.action_ts : '';
      const key = `action:${actionTs}:${body.user.id}:${action.action_id}`;
      const cause: Cause = { key, source: 'button', actor: actor.id, eventTime: deps.clock() };
      const { answer, repeated } = await actOnProd(deps, cause, actor, press.id, toAct(actor.id));
      deps.metrics.commands.inc({ command: 'button', subcommand: `pi_${press.name}`, outcome: answer.outcome });
      if (!repeated) await tell(answer.text);
    } catch (err) {
      await tell(sorry(deps, err));
    }
  };
}
