import { createHmac } from 'node:crypto';
import { type LocalSlack, type LocalSlackOptions, startLocalSlack } from '../../src/demo/local-slack.ts';

export { type Button, DEFAULT_APP, type LocalMessage, type LocalSlack, until } from '../../src/demo/local-slack.ts';

export const CHANNELS = { releases: 'C0RELEASES', admins: 'C0ADMINS', other: 'C0OTHER', funds: 'C0FUNDS' };
export const PEOPLE = { ana: 'U0ANA', ben: 'U0BEN', cem: 'U0CEM', dee: 'U0DEE', eva: 'U0EVA' };

/** A local Slack with five people and three channels, all of them and the bot in each, unless told otherwise. */
export function startSlack(options: Partial<LocalSlackOptions> = {}): Promise<LocalSlack> {
  const bot = options.apps?.[0]?.botUserId ?? 'U0SHIPBOT';
  const users = Object.entries(PEOPLE).map(([name, id]) => ({ id, name, real_name: name, tz: 'Europe/Lisbon' }));
  const members = [...users.map((user) => user.id), bot];
  const channels = Object.entries(CHANNELS).map(([name, id]) => ({ id, name, members }));
  return startLocalSlack({ users, channels, ...options });
}

/** The headers with which Slack signs a request; `at` in seconds since 1970. */
export function signed(secret: string, body: string, at = Math.floor(Date.now() / 1000)): Record<string, string> {
  const signature = createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex');
  return { 'x-slack-request-timestamp': String(at), 'x-slack-signature': `v0=${signature}` };
}
