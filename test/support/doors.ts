// Every road into the bot, as Slack uses it, without Slack: payloads go through the real receiver's wrapper, Bolt and the listeners. Sockets, signatures
// and the queue's own timing are tested elsewhere; here it can be done by the thousand.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { App, Receiver, ReceiverEvent } from '@slack/bolt';
import { gateNews } from '../../src/areas/releases/actions.ts';
import type { Specs } from '../../src/areas/testing/types.ts';
import type { Logger } from '../../src/base/log.ts';
import { makeMetrics } from '../../src/base/metrics.ts';
import type { Policy } from '../../src/base/policy.ts';
import type { Block, NewMessage, Person, Reaction, Slack, View } from '../../src/base/slack.ts';
import { makeApp } from '../../src/bot/app.ts';
import { keep } from '../../src/bot/inbox.ts';
import { durable } from '../../src/bot/receiver.ts';
import type { Db } from '../../src/db/client.ts';
import { content } from '../../src/gateways/slack.ts';

type Json = Record<string, unknown>;
export type Standing = 'member' | 'bot' | 'deactivated' | 'guest' | 'outsider';

/** What came of one request. */
export interface Came {
  /** What only this person was told, by the acknowledgement, beside the button, or as a form's errors. */
  said: string;
  /** The form that opened, or took another's place. */
  view: View | undefined;
  /** Of a form that stays open: its faults by field. */
  errors: Record<string, string> | undefined;
  /** Every answer as it went out. */
  answers: Json[];
}

export interface DoorOptions {
  db: Db;
  policy: Policy;
  clock: () => Date;
  log: Logger;
  specs?: Specs;
  /** Everybody else is a member. */
  standings?: Record<string, Standing>;
}

export type Doors = Awaited<ReturnType<typeof openDoors>>;

/** Opens every road to a bot on `db`. What it sends to Slack is kept in `posted` and `views`. */
export async function openDoors({ db, policy, clock, log, specs, standings = {} }: DoorOptions) {
  const team = policy.workspace.teamId;
  const views: View[] = [];
  const posted: (Pick<NewMessage, 'channel' | 'text' | 'blocks'> & { how: string })[] = [];
  const reactions = new Map<string, Reaction[]>();
  let serial = 0;
  const began = Math.floor(clock().getTime() / 1000);
  // Later and later, and all in the same minutes as the clock: an act is never seen before what it is about.
  const ts = () => `${began + Math.floor(++serial / 1000)}.${String(serial % 1000).padStart(3, '0')}000`;
  const show = async (view: View) => void views.push(view);
  const send = (how: string) => async (message: Pick<NewMessage, 'channel' | 'text' | 'blocks' | 'outboxId'>) => {
    posted.push({ channel: message.channel, ...(content(message) as { text: string; blocks: Block[] }), how });
    return { ts: ts() };
  };
  const slack: Partial<Slack> = {
    userInfo: async (id): Promise<Person> => {
      const standing = standings[id] ?? 'member';
      return {
        ...{ id, name: id.toLowerCase(), tz: 'Europe/Lisbon', teamId: team, stranger: standing === 'outsider' },
        ...{ isBot: standing === 'bot', deleted: standing === 'deactivated', guest: standing === 'guest' },
      };
    },
    openView: async (_, view) => show(view),
    pushView: async (_, view) => show(view),
    updateView: async (_, view) => show(view),
    publishHome: async (_, view) => show(view),
    readThread: async (at) => ({ complete: true, root: { reactions: reactions.get(at.ts) ?? [] }, messages: [] }),
    permalink: async (channel, at) => `https://ship.slack.example/archives/${channel}/p${at.replace('.', '')}`,
    message: async () => null,
    settleMs: 0,
    openDm: async (user) => `D${user}`,
    postMessage: send('post'),
    update: async (message) => void (await send('update')(message)),
    findPosted: async () => null,
    uploadFiles: async (files) => files.map((_, i) => `F${serial}${i}`),
    shareFiles: async () => {},
    hasFiles: async () => false,
  };
  const metrics = makeMetrics();
  const news = (product: string) => gateNews({ db, policy, clock }, product);
  const about = { db, policy, clock, specs, metrics, log };
  const deps = { ...about, slack: slack as Slack, botUserId: 'U0SHIPBOT', gateNews: news };

  const answers: Json[] = [];
  const told = createServer(async (req, res) => {
    let body = '';
    for await (const chunk of req) body += chunk;
    answers.push(JSON.parse(body) as Json);
    res.end('ok');
  });
  await new Promise<void>((done) => told.listen(0, '127.0.0.1', done));
  const responseUrl = `http://127.0.0.1:${(told.address() as AddressInfo).port}/`;

  let enter: (event: ReceiverEvent) => Promise<void> = async () => {};
  const kept: Json[] = [];
  const receiver: Receiver = {
    init: (app) => {
      enter = (event) => app.processEvent(event);
    },
    start: async () => {},
    stop: async () => {},
  };
  const ears = { channels: new Set(Object.values(policy.workspace.channels)), bug: policy.reactions.bug };
  // The queue between an event's storing and its handling is left out; what is kept of it is what is handled.
  const store = async (body: Json) => {
    const event = keep(body, ears);
    if (event) kept.push(JSON.parse(JSON.stringify(event.body)) as Json);
    return event ? ('stored' as const) : ('ignored' as const);
  };
  const me = { userId: 'U0SHIPBOT', botId: 'B0SHIP', teamId: team, team: 'ship', url: 'x', scopes: undefined };
  const app: App = makeApp(durable(receiver, { store, metrics, log }), deps, me, {
    token: 'xoxb-1-test',
    apiUrl: 'http://127.0.0.1:1/api/',
  });

  /** Hands a request in, as it would be after its signature was checked; an event is handled at once. */
  const hand = async (body: Json): Promise<Came> => {
    const before = views.length;
    answers.length = 0;
    await enter({
      body: body as ReceiverEvent['body'],
      ack: async (given?: unknown) => {
        if (typeof given === 'string') answers.push({ text: given });
        else if (given) answers.push(given as Json);
      },
    });
    for (const event of kept.splice(0)) await app.processEvent({ body: event, ack: async () => {} });
    const errors = answers.find((a) => a.errors)?.errors as Record<string, string> | undefined;
    const next = answers.find((a) => a.view)?.view as View | undefined;
    const said = errors ? Object.values(errors).join(' ') : answers.map((a) => String(a.text ?? '')).join('\n');
    return { said, view: views[before] ?? next, errors, answers: [...answers] };
  };
  const from = (user: string) => ({
    team: { id: team, domain: 'ship' },
    user: { id: user, username: user.toLowerCase(), team_id: team },
    ...{ api_app_id: 'A01SHIP', token: 'x', trigger_id: `${++serial}.1.t` },
  });

  return {
    app,
    deps,
    views,
    posted,
    /** What a reading of a thread finds on its root. */
    reactions,
    hand,
    /** Anything at all that calls itself an event. */
    event: (event: Json): Promise<Came> =>
      hand({
        ...{ type: 'event_callback', team_id: team, api_app_id: 'A01SHIP', event_id: `Ev${++serial}` },
        ...{ event_time: Math.floor(clock().getTime() / 1000), authorizations: [] },
        event: { event_ts: ts(), ...event },
      }),
    command: (user: string, line: string, channel = policy.workspace.channels.releases): Promise<Came> => {
      const [command = '', text = ''] = /^(\S+) ?(.*)$/s.exec(line)?.slice(1) ?? [];
      const { user: u, ...rest } = from(user);
      return hand({
        ...{ ...rest, command, text, user_id: u.id, user_name: u.username, team_id: team, team_domain: 'ship' },
        ...{ channel_id: channel, channel_name: 'x', response_url: responseUrl, is_enterprise_install: 'false' },
      });
    },
    /** A button, or with `menu` an item of a menu, or with `view` one in a modal. */
    press: (
      user: string,
      action: string,
      value: string,
      more: { menu?: boolean; view?: Json; boxes?: string[] } = {},
    ) =>
      hand({
        ...{ type: 'block_actions', ...from(user), response_url: more.view ? '' : responseUrl },
        ...(more.view ? { view: more.view, container: { type: 'view' } } : { channel: { id: 'C0RELEASES' } }),
        ...(!more.view && { container: { type: 'message' }, message: { ts: '1.1' } }),
        actions: [
          more.boxes
            ? {
                ...{ type: 'checkboxes', action_id: action, block_id: value, action_ts: ts() },
                selected_options: more.boxes.map((box) => ({ value: box })),
              }
            : {
                ...{ type: more.menu ? 'overflow' : 'button', action_id: action, block_id: 'b', action_ts: ts() },
                ...(more.menu ? { selected_option: { value } } : { value }),
              },
        ],
      }),
    /** A submitted form, by its fields; `meta` is what the form was opened with. */
    submit: (user: string, form: string, fields: Record<string, unknown>, meta: unknown = {}, more: Json = {}) => {
      const values = Object.fromEntries(Object.entries(fields).map(([id, v]) => [id, { [id]: filled(v) }]));
      const blocks = Object.keys(fields).map((id) => ({ type: 'input', block_id: id }));
      const view = {
        ...{ id: `V${++serial}`, type: 'modal', callback_id: form, state: { values }, blocks, hash: 'h' },
        private_metadata: typeof meta === 'string' ? meta : JSON.stringify(meta),
        ...more,
      };
      return hand({ type: 'view_submission', ...from(user), view });
    },
    shortcut: (user: string, id: string) => hand({ type: 'shortcut', callback_id: id, action_ts: ts(), ...from(user) }),
    messageShortcut: (user: string, id: string, message: Json) =>
      hand({
        ...{ type: 'message_action', callback_id: id, action_ts: ts(), ...from(user), response_url: responseUrl },
        ...{ channel: { id: policy.workspace.channels.releases }, message, message_ts: String(message.ts) },
      }),
    react: (user: string, name: string, at: string, on = true, channel = policy.workspace.channels.releases) =>
      hand({
        ...{ type: 'event_callback', team_id: team, api_app_id: 'A01SHIP', event_id: `Ev${++serial}` },
        event: {
          ...{ type: on ? 'reaction_added' : 'reaction_removed', user, reaction: name, item_user: 'U0SHIPBOT' },
          ...{ item: { type: 'message', channel, ts: at }, event_ts: ts() },
        },
      }),
    say: (user: string, text: string, thread: string, more: Json = {}) =>
      hand({
        ...{ type: 'event_callback', team_id: team, api_app_id: 'A01SHIP', event_id: `Ev${++serial}` },
        event: {
          ...{ type: 'message', user, text, thread_ts: thread, channel: policy.workspace.channels.releases },
          ...{ ts: ts(), event_ts: ts(), channel_type: 'channel', ...more },
        },
      }),
    close: () => new Promise<void>((done) => told.close(() => done())),
  };
}

/** A field as Slack sends it: a text, `{ option }`, `{ person }`, `{ people }`, `{ day }`, or anything else as it is. */
function filled(value: unknown): unknown {
  if (typeof value === 'string') return { type: 'plain_text_input', value };
  const { option, person, people, day } = (value ?? {}) as Record<string, unknown>;
  if (option !== undefined) return { type: 'static_select', selected_option: { value: option } };
  if (person !== undefined) return { type: 'users_select', selected_user: person };
  if (people !== undefined) return { type: 'multi_users_select', selected_users: people };
  if (day !== undefined) return { type: 'datepicker', selected_date: day };
  return value;
}
