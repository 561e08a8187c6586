import { actOnAssignment, askSwap, away } from '../areas/calendar/actions.ts';
import type { Actor } from '../base/actor.ts';
import type { Done } from '../base/answer.ts';
import type { Cause } from '../db/act.ts';
import type { BotDeps } from './deps.ts';
import { formListener } from './form.ts';
import { fieldOf, textOf, type Values } from './form-values.ts';

/** What each form does, and the field at which a refusal is shown. */
const FORMS: Record<
  string,
  { field: string; act: (deps: BotDeps, cause: Cause, actor: Actor, v: Values, about: { id?: number }) => Done }
> = {
  regression_skip_form: {
    field: 'reason',
    act: (deps, cause, actor, v, { id = 0 }) => {
      const note = textOf(v, 'reason');
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
  const first = (view: { callback_id: string }) => FORMS[view.callback_id]?.field ?? 'reason';
  return formListener(deps, first, async ({ view, values, cause, actor }) => {
    const form = FORMS[view.callback_id];
    if (!form) throw new Error(`an unknown form: ${view.callback_id}`);
    const about = JSON.parse(view.private_metadata || '{}') as { id?: number };
    const { answer } = await form.act(deps, cause, await actor(), values, about);
    return { answer, as: view.callback_id.replace(/_form$/, ''), stays: answer.outcome === 'already' };
  });
}
