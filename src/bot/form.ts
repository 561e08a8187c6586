import type { AllMiddlewareArgs, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import type { Actor } from '../base/actor.ts';
import type { Answer } from '../base/answer.ts';
import type { View } from '../base/slack.ts';
import type { Cause } from '../db/act.ts';
import { type BotDeps, sorry, who } from './deps.ts';
import { bareText, causeOfView, type Values } from './form-values.ts';

/** A submitted form. */
export interface Submitted {
  body: ViewSubmitAction;
  view: ViewSubmitAction['view'];
  values: Values;
  cause: Cause;
  /** Who sent it, found out when it is asked. @throws SlackError when that cannot be found out */
  actor: () => Promise<Actor>;
}

/** What a form came to: faults by field, the view that takes its place, or an answer. */
export type Outcome = { faults: Record<string, string> } | { next: View } | Answered;

interface Answered {
  answer: Answer;
  /** What it is counted as. */
  as: string;
  /** The field of its refusal, or all that is wrong by field. */
  at?: string;
  faults?: Record<string, string>;
  /** Stays open, though it is not refused: what somebody else did before is said. */
  stays?: boolean;
  /** The view that takes the form's place. */
  next?: View;
  /** Done once it is answered: whoever sent it does not wait. */
  after?: () => Promise<void>;
}

/**
 * A listener of submitted forms. Nothing is lost: refused, the form stays open with the reason at its field; else it closes, or the next view takes its
 * place. What `work` throws becomes an apology.
 * @param field where a refusal is shown that is about no other field
 */
export function formListener(
  deps: BotDeps,
  field: string | ((view: ViewSubmitAction['view']) => string),
  work: (form: Submitted) => Promise<Outcome>,
) {
  return async ({ ack, body, view }: SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs): Promise<void> => {
    const first = typeof field === 'string' ? field : field(view);
    const refuse = (faults: Record<string, string>) => {
      const errors = Object.entries(faults).map(([id, text]) => [id, bareText(text)]);
      return ack({ response_action: 'errors', errors: Object.fromEntries(errors) });
    };
    try {
      const actor = () => who(deps, body.user.id);
      const outcome = await work({ body, view, values: view.state.values, cause: causeOfView(deps, body), actor });
      if ('answer' in outcome) {
        const { answer, as, at = first, faults, stays } = outcome;
        deps.metrics.commands.inc({ command: 'form', subcommand: as, outcome: answer.outcome });
        if (stays || answer.outcome === 'refused') return await refuse(faults ?? { [at]: answer.text });
      } else if ('faults' in outcome) return await refuse(outcome.faults);
      // In place of the form: it is answered.
      if (outcome.next) await ack({ response_action: 'update', view: outcome.next as never });
      else await ack();
      if (!('after' in outcome)) return;
      await outcome.after?.().catch((err) => deps.log.info({ err }, 'what follows a form was not shown'));
    } catch (err) {
      await refuse({ [first]: sorry(deps, err) });
    }
  };
}
