// Bolt's own parsing and the listeners behind it, with requests handed to the app as a receiver would; sockets are tested in receiver.test.ts.
import type { App, Receiver } from '@slack/bolt';
import { makeMetrics } from '../../src/base/metrics.ts';
import type { Person, Slack, View } from '../../src/base/slack.ts';
import { makeApp } from '../../src/bot/app.ts';
import { keptLog } from './quiet.ts';
import type { Team } from './team.ts';

/** The app of a team at work. UROB is a bot, UGONE deactivated, UGUS a guest; everybody else is a member. */
export function releaseListeners(team: Team) {
  let n = 0;
  const metrics = makeMetrics();
  const views: View[] = [];
  const person = (id: string): Person => ({
    ...{ id, name: id, tz: 'UTC', isBot: id === 'UROB', deleted: id === 'UGONE', guest: id === 'UGUS' },
    ...{ teamId: 'T01SHIP', stranger: false },
  });
  const slack = {
    userInfo: async (id: string) => person(id),
    openView: async (_trigger: string, view: View) => void views.push(view),
    readThread: async () => ({ complete: true, root: { reactions: [] }, messages: [] }),
    permalink: async () => 'https://slack.example/p',
  } as unknown as Slack;
  const receiver: Receiver = { init: () => {}, start: async () => {}, stop: async () => {} };
  const deps = { ...team.deps, slack, botUserId: 'UBOT', metrics, log: keptLog().log };
  const me = { userId: 'UBOT', botId: 'BBOT', teamId: 'T01SHIP', team: 'x', url: 'x', scopes: undefined };
  const app: App = makeApp(receiver, deps, me, { token: 'xoxb-none', apiUrl: 'http://127.0.0.1:1/api/' });

  /** Hands a request to the app. @returns what it was acknowledged with */
  async function hand(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    let answer: unknown;
    await app.processEvent({
      body: { team_id: 'T01SHIP', ...body },
      ack: async (given) => {
        answer = given;
      },
    });
    return (answer ?? {}) as Record<string, unknown>;
  }

  return {
    metrics,
    /** The forms that were opened, the latest last; a test that counts them empties it first. */
    views,
    hand,
    /** Types `/release` and these words. @returns the private answer */
    async command(user: string, text: string): Promise<string> {
      const body = {
        command: '/release',
        text,
        user_id: user,
        channel_id: 'CREL',
        trigger_id: `t${++n}`,
        response_url: '',
      };
      return String((await hand(body)).text);
    },
    press: (user: string, action_id: string, value: string, response_url = '') =>
      hand({
        type: 'block_actions',
        response_url,
        user: { id: user, team_id: 'T01SHIP' },
        team: { id: 'T01SHIP' },
        trigger_id: `t${++n}`,
        actions: [{ type: 'button', action_id, block_id: 'b', value, action_ts: `${++n}.0` }],
      }),
    submit(user: string, callback_id: string, values: Record<string, object>, meta = '') {
      const state = { values: Object.fromEntries(Object.entries(values).map(([id, v]) => [id, { [id]: v }])) };
      const view = { id: `V${++n}`, type: 'modal', callback_id, private_metadata: meta, state };
      const by = { user: { id: user }, team: { id: 'T01SHIP' } };
      return hand({ type: 'view_submission', ...by, trigger_id: `t${++n}`, view });
    },
    /** Hands over an event. @param around what of its envelope is not as usual */
    event: (about: Record<string, unknown>, around: Record<string, unknown> = {}) =>
      hand({
        ...{ type: 'event_callback', event_id: `Ev${++n}`, ...around },
        event: { event_ts: `${1_800_000_000 + ++n}.000000`, ...about },
      }),
  };
}
