import { actOnProd } from '../areas/triage/prod-actions.ts';
import { FIRST_FIELD, NO_RELEASE, type ProdAsk } from '../areas/triage/prod-forms.ts';
import { type ProdAct, type ProdRole, QUESTIONS, ROLES } from '../areas/triage/prod-types.ts';
import { clean } from '../base/mrkdwn.ts';
import type { BotDeps } from './deps.ts';
import { formListener } from './form.ts';
import { fieldOf, type Values } from './form-values.ts';

const askOf = (callbackId: string) => callbackId.replace('pi_ask_', '') as ProdAsk;

/** The submitted forms about a prod issue. Refused, they stay open with the reason. */
export function prodSubmitted(deps: BotDeps) {
  const first = (view: { callback_id: string }) => FIRST_FIELD[askOf(view.callback_id)];
  return formListener(deps, first, async ({ view, values, cause, actor }) => {
    const { prodId, drawn } = JSON.parse(view.private_metadata) as { prodId: number; drawn?: Drawn };
    const act = actOf(askOf(view.callback_id), values, drawn ?? {});
    const { answer } = await actOnProd(deps, cause, await actor(), prodId, act);
    return { answer, as: `pi_${act.kind}` };
  });
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
