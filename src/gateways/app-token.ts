import { WebClient } from '@slack/web-api';
import type { Logger } from '../base/log.ts';
import { slackLog } from '../base/slack-log.ts';
import { slackError } from './slack-errors.ts';

/**
 * Asks Slack for a Socket Mode address with the app-level token and leaves it unused, which costs nothing: it runs out by itself.
 * @throws SlackError when Slack refuses the token or does not answer
 */
export async function tryAppToken(options: { token: string; apiUrl: string; log: Logger }): Promise<void> {
  const client = new WebClient(options.token, {
    slackApiUrl: options.apiUrl,
    retryConfig: { retries: 0 },
    timeout: 10_000,
    rejectRateLimitedCalls: true,
    logger: slackLog(options.log),
  });
  try {
    await client.apiCall('apps.connections.open');
  } catch (thrown) {
    throw slackError('apps.connections.open', thrown);
  }
}
