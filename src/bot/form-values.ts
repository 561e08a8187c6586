import type { ViewSubmitAction } from '@slack/bolt';
import { clean, plain } from '../base/mrkdwn.ts';
import type { Cause } from '../db/act.ts';
import type { BotDeps } from './deps.ts';

export type Values = ViewSubmitAction['view']['state']['values'];

/** One field of a form, whatever its element: text, chosen option, person or day. */
export function fieldOf(values: Values, id: string): string | undefined {
  const f = values[id]?.[id];
  return f?.value ?? f?.selected_option?.value ?? f?.selected_user ?? f?.selected_date ?? undefined;
}

/** A field as it was typed, without what PostgreSQL cannot keep; null when it is empty. */
export function textOf(values: Values, id: string): string | null {
  return clean(fieldOf(values, id));
}

/** A form's cause. A view's trigger is new for every submission; without one the view itself is the cause. */
export function causeOfView(deps: BotDeps, body: ViewSubmitAction): Cause {
  const key = `view:${body.view.id}:${(body as { trigger_id?: string }).trigger_id ?? ''}`;
  return { key, source: 'modal', actor: body.user.id, eventTime: deps.clock(), form: body.view.id };
}

/** A message without mrkdwn, as a form's field shows it. */
export function bareText(text: string): string {
  return plain(text)
    .replace(/:[a-z_]+: /g, '')
    .replace(/[`*]/g, '');
}
