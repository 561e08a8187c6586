import type { AllMiddlewareArgs, BlockAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { answerReminder } from '../areas/reminders/actions.ts';
import { readPress } from '../areas/reminders/blocks.ts';
import type { Cause } from '../db/act.ts';
import { type BotDeps, sorry, who } from './deps.ts';

/** The buttons of every reminder, done and not today: acknowledged at once, noted, and answered privately. */
export function reminderButton(deps: BotDeps) {
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
      const value = 'value' in action && typeof action.value === 'string' ? action.value : '';
      const pressed = readPress(action.action_id, value);
      if (!pressed) return await tell(':x: I do not know that button any more. What needs you is in my App Home.');
      const actor = await who(deps, body.user.id);
      const actionTs = 'action_ts' in action ? action.action_ts : '';
      const key = `action:${actionTs}:${body.user.id}:${action.action_id}`;
      const cause: Cause = { key, source: 'button', actor: actor.id, eventTime: deps.clock() };
      const { answer, repeated } = await answerReminder(deps, cause, actor, pressed, body.channel?.id);
      deps.metrics.commands.inc({ command: 'button', subcommand: action.action_id, outcome: answer.outcome });
      if (!repeated) await tell(answer.text);
    } catch (err) {
      await tell(sorry(deps, err));
    }
  };
}
