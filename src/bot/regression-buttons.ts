import { forbiddenHere } from '../areas/calendar/act-rules.ts';
import { actOnAssignment, answerSwap } from '../areas/calendar/actions.ts';
import { NO_CALENDAR, todayOf } from '../areas/calendar/deps.ts';
import { casesForm, skipForm } from '../areas/calendar/forms.ts';
import { loadAssignment } from '../areas/calendar/store.ts';
import { tellRefusal } from '../base/answer.ts';
import type { View } from '../base/slack.ts';
import { afterwards, type BotDeps, BY_COMMAND, BY_FORM, who } from './deps.ts';
import { cameTo, idsOf, nameOfPress, type Press, pressListener } from './press.ts';
import { bugFormOfFailed, casesFor, swapFormFor } from './regression-views.ts';

const GONE = ':x: I do not know that button any more. `/regression mine` shows your tests.';

/** Every button of the regression calendar: acts and answers privately, or opens the form that asks first. */
export function regressionButton(deps: BotDeps) {
  return pressListener(deps, async (press) => {
    const { name, of } = nameOfPress(press.action.action_id, press.value);
    const [id] = idsOf(of);
    if (id === undefined) return GONE;
    if (!deps.policy.regression) return NO_CALENDAR.text;
    return pressed(deps, press, name, id);
  });
}

async function pressed(deps: BotDeps, press: Press, name: string, id: number): Promise<string | null> {
  const { body, cause } = press;
  const actor = await who(deps, body.user.id);
  if (name === 'swap_yes' || name === 'swap_no')
    return cameTo(deps, `regression_${name}`, await answerSwap(deps, cause, actor, id, name === 'swap_yes'));
  const stranger = forbiddenHere('look', actor);
  if (stranger) return tellRefusal(stranger).text;
  const a = await loadAssignment(deps.db, id);
  if (!a) return GONE;
  switch (name) {
    case 'pass':
    case 'fail': {
      const done = await actOnAssignment(deps, cause, actor, id, { kind: name, note: null });
      const text = cameTo(deps, `regression_${name}`, done);
      if (text === null || name === 'pass' || done.answer.outcome !== 'accepted') return text;
      const form = bugFormOfFailed(deps, { ...a, note: null });
      // A modal's trigger opens one view: there the bug form is the answer.
      const follow = () => show(deps, press, form).then(() => (body.view ? null : `${text} ${BY_FORM}`));
      return afterwards(deps, follow, `${text} ${BY_COMMAND}`);
    }
    case 'cases':
      return show(deps, press, casesForm(a, casesFor(deps, a)));
    case 'skip': {
      const may = forbiddenHere('skip', actor, a.tester);
      return may ? tellRefusal(may).text : show(deps, press, skipForm(a));
    }
    case 'swap': {
      const form = await swapFormFor(deps, actor, todayOf(deps, deps.clock()), id);
      return 'refusal' in form ? form.refusal.text : show(deps, press, form.view);
    }
    default:
      return GONE;
  }
}

/** From a modal on top of it, from a message as a new one. */
async function show(deps: BotDeps, { body }: Press, view: View): Promise<null> {
  if (body.view) await deps.slack.pushView(body.trigger_id, view);
  else await deps.slack.openView(body.trigger_id, view);
  return null;
}
