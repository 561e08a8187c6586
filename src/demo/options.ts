import { Command } from 'commander';

/** What `npm run demo --` takes. What it does not know is refused, with the option that was probably meant. */
export function demoCommand(): Command {
  return new Command('npm run demo --')
    .description(
      'Plays a day of two releases, with a PostgreSQL, a local Slack and the bot of its own, and then stays open until Ctrl-C.',
    )
    .option('--once', 'end when it is played')
    .option('--month', 'play a month of slots, reminders and regression tests in a minute or two instead')
    .showHelpAfterError();
}
