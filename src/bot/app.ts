import { App, type Receiver } from '@slack/bolt';
import type { Identity } from '../base/slack.ts';
import { slackLog } from '../base/slack-log.ts';
import { bugButton } from './bug-buttons.ts';
import { bugCommand } from './bug-command.ts';
import { reportShortcut } from './bug-events.ts';
import { bugAskSubmitted, reportSubmitted } from './bug-forms.ts';
import { cadenceButton, freezeSubmitted } from './cadence-buttons.ts';
import type { BotDeps } from './deps.ts';
import { flagsSubmitted } from './flag-forms.ts';
import { fundsButton } from './funds-buttons.ts';
import { fundsCommand } from './funds-command.ts';
import { fundsAgain, fundsAsked, fundsDeposited, fundsRequested, fundsReversed, fundsSpent } from './funds-forms.ts';
import { homeOpened } from './home.ts';
import { noteButton } from './notes-buttons.ts';
import { noteCommand } from './notes-command.ts';
import { noteAsked, noteOpened } from './notes-forms.ts';
import { prodButton } from './prod-buttons.ts';
import { prodSubmitted } from './prod-forms.ts';
import { regressionButton } from './regression-buttons.ts';
import { regressionCommand } from './regression-command.ts';
import { regressionSubmitted } from './regression-forms.ts';
import { releaseButton } from './release-buttons.ts';
import { releaseCommand } from './release-command.ts';
import { messaged, reacted } from './release-events.ts';
import { askSubmitted, openShortcut, openSubmitted } from './release-forms.ts';
import { reminderButton } from './reminder-actions.ts';
import { testButton } from './test-buttons.ts';
import { testNoted } from './test-forms.ts';

/** Everything the bot listens to, by Slack's names. The manifest is compared with it, both ways. */
export const LISTENS = {
  commands: ['/release', '/bug', '/issue', '/thread', '/funds', '/regression'],
  shortcuts: ['open_release', 'report_bug'],
  events: ['app_home_opened', 'message', 'reaction_added', 'reaction_removed'],
} as const;

/** The Bolt app with every listener of ours, on a receiver that is started elsewhere. */
export function makeApp(
  receiver: Receiver,
  deps: BotDeps,
  me: Identity,
  slack: { token: string; apiUrl: string },
): App {
  const app = new App({
    receiver,
    // Known from the start: no call to Slack before a listener runs.
    authorize: async () => ({ botToken: slack.token, botId: me.botId, botUserId: me.userId, teamId: me.teamId }),
    clientOptions: { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } },
    logger: slackLog(deps.log),
  });
  app.command('/release', releaseCommand(deps));
  app.action({ type: 'block_actions', action_id: /^release_/ }, releaseButton(deps));
  app.view('release_open', openSubmitted(deps));
  app.view(/^release_ask_/, askSubmitted(deps));
  app.action({ type: 'block_actions', action_id: /^test_/ }, testButton(deps));
  app.view('test_note', testNoted(deps));
  app.view('test_flags', flagsSubmitted(deps));
  app.shortcut('open_release', openShortcut(deps));
  app.command('/bug', bugCommand(deps));
  app.action({ type: 'block_actions', action_id: /^bug_/ }, bugButton(deps));
  app.view('bug_report', reportSubmitted(deps));
  app.view(/^bug_ask_/, bugAskSubmitted(deps));
  app.action({ type: 'block_actions', action_id: /^pi_/ }, prodButton(deps));
  app.view(/^pi_ask_/, prodSubmitted(deps));
  app.command('/issue', noteCommand(deps, '/issue'));
  app.command('/thread', noteCommand(deps, '/thread'));
  app.action({ type: 'block_actions', action_id: /^note_/ }, noteButton(deps));
  app.view('note_open', noteOpened(deps));
  app.view(/^note_ask_/, noteAsked(deps));
  app.action({ type: 'block_actions', action_id: /^cadence_/ }, cadenceButton(deps));
  app.view('cadence_freeze', freezeSubmitted(deps));
  app.command('/funds', fundsCommand(deps));
  app.action({ type: 'block_actions', action_id: /^funds_/ }, fundsButton(deps));
  app.view('funds_request', fundsRequested(deps));
  app.view('funds_spend', fundsSpent(deps));
  app.view('funds_again', fundsAgain(deps));
  app.view('funds_deposit', fundsDeposited(deps));
  app.view('funds_reverse', fundsReversed(deps));
  app.view(/^funds_ask_/, fundsAsked(deps));
  app.command('/regression', regressionCommand(deps));
  app.action({ type: 'block_actions', action_id: /^regression_/ }, regressionButton(deps));
  app.view(/^regression_\w+_form$/, regressionSubmitted(deps));
  app.action({ type: 'block_actions', action_id: /^remind_/ }, reminderButton(deps));
  app.shortcut({ type: 'message_action', callback_id: 'report_bug' }, reportShortcut(deps));
  app.event('reaction_added', reacted(deps));
  app.event('reaction_removed', reacted(deps));
  app.event('message', messaged(deps));
  app.event('app_home_opened', homeOpened(deps));
  // What a listener throws must reach the queue, which tries the event again; Bolt's own handler would do the same, after logging it twice.
  app.error(async (error) => {
    throw error;
  });
  return app;
}
