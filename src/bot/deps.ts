import type { Deps } from '../areas/releases/actions.ts';
import type { Specs } from '../areas/testing/types.ts';
import type { Deps as BugDeps } from '../areas/triage/deps.ts';
import type { Actor } from '../base/actor.ts';
import { showDuration } from '../base/duration.ts';
import { errorText } from '../base/errors.ts';
import type { GitHub } from '../base/github.ts';
import { currentRequest, type Logger } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import { type Slack, SlackError } from '../base/slack.ts';
import { Unsure } from '../db/act.ts';
import { actorOf } from '../db/people.ts';

/** What every listener is given. */
export interface BotDeps extends Deps, BugDeps {
  slack: Slack;
  /** The products' test specs; absent where there are none. */
  specs?: Specs;
  /** Absent where no token is set: nothing is looked up then. */
  github?: GitHub;
  botUserId: string;
  metrics: Metrics;
  log: Logger;
}

/** Who `id` is now: roles and standing. @throws SlackError when that cannot be found out */
export function who(deps: BotDeps, id: string): Promise<Actor> {
  return actorOf(deps.db, deps.slack, deps.policy, id, deps.clock());
}

/** How what failed a test becomes a bug: by the form that opened, or without it. */
export const BY_FORM = 'The form reports what you found.';
export const BY_COMMAND = '`/bug` reports what you found.';

/**
 * Shows what follows an act that is done, such as a form that asks for more. Where it cannot be shown, the act is done all the same: that is noted
 * in the log, and is no failure of the act.
 * @returns what `show` came to, or `instead`
 */
export async function afterwards<T>(deps: BotDeps, show: () => Promise<T>, instead: T): Promise<T> {
  try {
    return await show();
  } catch (err) {
    deps.log.warn({ err }, 'what follows an act could not be shown');
    return instead;
  }
}

/** What a person is told when something of ours broke: that nothing happened, where that is so, and how to have it looked up. */
export function sorry(deps: BotDeps, err: unknown): string {
  deps.log.error({ err }, 'an action failed');
  const request = `tell an admin (request \`${currentRequest() ?? 'unknown'}\`)`;
  if (err instanceof Unsure)
    return `:x: I lost my database just then, so I cannot tell whether that was done. Look before you try again; if it stays, ${request}.`;
  if (err instanceof SlackError && err.kind === 'rate_limited') {
    const minutes = Math.ceil(err.retryAfterMs / 60_000);
    const when = minutes > 1 ? `in ${showDuration(minutes)}` : 'in a minute';
    return `:x: Slack limits how often I may ask it (${err.method}), and I need that for this; nothing was changed. Please try again ${when}.`;
  }
  const busy = /lock timeout|canceling statement due to lock/i.test(errorText(err));
  const why = busy ? 'Somebody else is at the same thing right now' : 'Something went wrong on my side';
  return `:x: ${why}; nothing was changed. Please try again; if it stays, ${request}.`;
}
