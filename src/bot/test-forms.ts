import { actOnCase } from '../areas/testing/actions.ts';
import { actNamed, readValue } from '../areas/testing/blocks.ts';
import type { Noted } from '../areas/testing/forms.ts';
import { afterwards, type BotDeps } from './deps.ts';
import { formListener } from './form.ts';
import { textOf } from './form-values.ts';
import { bugFormFor } from './test-buttons.ts';
import { casesOf } from './test-views.ts';

/** A submitted note on a result. Refused, it stays open with the reason; a failure is followed by the bug form. */
export function testNoted(deps: BotDeps) {
  return formListener(deps, 'note', async ({ view, values, cause, actor }) => {
    const meta = JSON.parse(view.private_metadata) as { result: Noted; at: string };
    const at = readValue(meta.at);
    const note = textOf(values, 'note');
    const what = actNamed(meta.result, note);
    if (!at || !what) throw new Error('a form that was not drawn by us');
    const person = await actor();
    const { answer } = await actOnCase(deps, cause, person, at, what);
    const as = `test_${meta.result}`;
    if (answer.outcome === 'refused') return { answer, as };
    const form = () => bugFormFor(deps, at.runId, at.caseId, note);
    const next = meta.result === 'fail' ? await afterwards(deps, form, undefined) : undefined;
    const under = view.previous_view_id;
    // The list under the form is drawn again once the form is answered; nobody waits for it, and it may have been closed meanwhile.
    const after = async () => {
      const list = under ? await casesOf(deps, at, person.id, answer.text) : undefined;
      if (under && list) await deps.slack.updateView(under, list);
    };
    return { answer, as, next, after };
  });
}
