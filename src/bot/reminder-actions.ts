import { answerReminder } from '../areas/reminders/actions.ts';
import { readPress } from '../areas/reminders/blocks.ts';
import { type BotDeps, who } from './deps.ts';
import { cameTo, pressListener } from './press.ts';

/** The buttons of every reminder, done and not today: noted, and answered privately. */
export function reminderButton(deps: BotDeps) {
  return pressListener(deps, async ({ body, action, value, cause }) => {
    const pressed = readPress(action.action_id, value);
    if (!pressed) return ':x: I do not know that button any more. What needs you is in my App Home.';
    const actor = await who(deps, body.user.id);
    const done = await answerReminder(deps, cause, actor, pressed, body.channel?.id);
    return cameTo(deps, action.action_id, done);
  });
}
