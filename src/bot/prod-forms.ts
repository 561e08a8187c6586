import type { AllMiddlewareArgs, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import { actOnProd } from '../areas/triage/prod-actions.ts';
import { FIRST_FIELD, NO_RELEASE, type ProdAsk } from '../areas/triage/prod-forms.ts';
import { type ProdAct, type ProdRole, QUESTIONS, ROLES } from '../areas/triage/prod-types.ts';
import { clean } from '../areas/triage/report.ts';
import { type BotDeps, sorry, who } from './deps.ts';
import { bareText, causeOfView, fieldOf, type Values } from './form-values.ts';

/** The submitted forms about a prod issue. Refused, they stay open with the reason. */
export function prodSubmitted(deps: BotDeps) {
  return async ({ ack, body, view }: SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs): Promise<void> => {
    const what = view.callback_id.replace('pi_ask_', '') as ProdAsk;
    const fault = (text: string) => ack({ response_action: 'errors', errors: { [FIRST_FIELD[what]]: bareText(text) } });
    try {
      const { prodId, drawn } = JSON.parse(view.private_metadata) as { prodId: number; drawn?: Drawn };
      const act = actOf(what, view.state.values, drawn ?? {});
      const actor = await who(deps, body.user.id);
      const { answer } = await actOnProd(deps, causeOfView(deps, body), actor, prodId, act);
      deps.metrics.commands.inc({ command: 'form', subcommand: `pi_${act.kind}`, outcome: answer.outcome });
      if (answer.outcome === 'refused') await fault(answer.text);
      else await ack();
    } catch (err) {
      await fault(sorry(deps, err));
    }
  };
}

/** Who had which role when the form was drawn. */
type Drawn = Partial<Record<ProdRole, string | null>>;

function actOf(what: ProdAsk, values: Values, drawn: Drawn): ProdAct {
  const get = (id: string) => clean(fieldOf(values, id));
  switch (what) {
    case 'roles': {
      // What somebody else said meanwhile stays.
      const changed = ROLES.filter((role) => get(role) !== (drawn[role] ?? null));
      return { kind: 'assign', roles: Object.fromEntries(changed.map((role) => [role, get(role)])) };
    }
    case 'release': {
      const chosen = get('release');
      return { kind: 'attribute', releaseId: chosen === NO_RELEASE ? null : Number(chosen) };
    }
    case 'review':
      return {
        kind: 'review',
        answers: Object.fromEntries(Object.keys(QUESTIONS).map((key) => [key, get(key) ?? undefined])),
      };
    case 'reopen':
      return { kind: 'reopen', reason: get('reason') };
  }
}
