import type { AllMiddlewareArgs, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import { clean } from '../areas/releases/opening.ts';
import { actOnCase } from '../areas/testing/actions.ts';
import { actNamed, readValue } from '../areas/testing/blocks.ts';
import type { Noted } from '../areas/testing/forms.ts';
import { plain } from '../base/mrkdwn.ts';
import type { Cause } from '../db/act.ts';
import { type BotDeps, sorry, who } from './deps.ts';
import { bugFormFor } from './test-buttons.ts';
import { casesOf } from './test-views.ts';

/** A submitted note on a result. Refused, it stays open with the reason; a failure is followed by the bug form. */
export function testNoted(deps: BotDeps) {
  return async ({ ack, body, view }: SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs): Promise<void> => {
    const fault = (text: string) => ack({ response_action: 'errors', errors: { note: bare(text) } });
    try {
      const meta = JSON.parse(view.private_metadata) as { result: Noted; at: string };
      const at = readValue(meta.at);
      const note = clean(view.state.values.note?.note?.value);
      const what = actNamed(meta.result, note);
      if (!at || !what) throw new Error('a form that was not drawn by us');
      const actor = await who(deps, body.user.id);
      const trigger = (body as { trigger_id?: string }).trigger_id ?? '';
      const key = `view:${view.id}:${trigger}`;
      const cause: Cause = { key, source: 'modal', actor: actor.id, eventTime: deps.clock() };
      const { answer } = await actOnCase(deps, cause, actor, at, what);
      deps.metrics.commands.inc({ command: 'form', subcommand: `test_${meta.result}`, outcome: answer.outcome });
      if (answer.outcome === 'refused') return await fault(answer.text);
      const form = meta.result === 'fail' ? await bugFormFor(deps, at.runId, at.caseId, note) : undefined;
      // In place of the note's form: it is answered, and the list is under it.
      if (form) await ack({ response_action: 'update', view: form as never });
      else await ack();
      const under = view.previous_view_id;
      const list = under ? await casesOf(deps, at, actor.id, answer.text) : undefined;
      // Nobody waits for it: the list may have been closed meanwhile.
      if (under && list)
        await deps.slack.updateView(under, list).catch((err) => deps.log.info({ err }, 'a list was not redrawn'));
    } catch (err) {
      await fault(sorry(deps, err));
    }
  };
}

/** A message without mrkdwn, as a form's field shows it. */
function bare(text: string): string {
  return plain(text)
    .replace(/:[a-z_]+: /g, '')
    .replace(/[`*]/g, '');
}
