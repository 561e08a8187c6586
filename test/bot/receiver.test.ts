import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App } from '@slack/bolt';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { currentRequest } from '../../src/base/log.ts';
import { makeMetrics } from '../../src/base/metrics.ts';
import { slackLog } from '../../src/base/slack-log.ts';
import { type Connection, httpConnection, socketConnection } from '../../src/bot/connection.ts';
import { handleStored, keep, storeEvent } from '../../src/bot/inbox.ts';
import { durable } from '../../src/bot/receiver.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { keptLog } from '../support/quiet.ts';
import { CHANNELS, DEFAULT_APP, type LocalSlack, PEOPLE, signed, startSlack, until } from '../support/slack.ts';

type Store = (body: Record<string, unknown>) => Promise<'stored' | 'duplicate' | 'ignored'>;

let slack: LocalSlack;
let db: TestDb;
beforeAll(async () => {
  [slack, db] = await Promise.all([startSlack(), freshDb()]);
});
afterAll(async () => {
  await slack.stop();
  await db.close();
});

const known = { channels: new Set(Object.values(CHANNELS)), bug: ['bug'] };
const storing =
  (pool: pg.Pool): Store =>
  async (body) => {
    const event = keep(body, known);
    return event === null ? 'ignored' : storeEvent(pool, event);
  };

function bolt(connection: Connection, store: Store, apiUrl: string) {
  const metrics = makeMetrics();
  const { log, lines } = keptLog();
  const heard: { kind: string; req: string | undefined; text: string }[] = [];
  const app = new App({
    token: DEFAULT_APP.botToken,
    receiver: durable(connection.receiver, { store, metrics, log }),
    logger: slackLog(log),
    clientOptions: { slackApiUrl: apiUrl },
  });
  app.event('reaction_added', async ({ event }) => {
    heard.push({ kind: 'event', req: currentRequest(), text: event.reaction });
  });
  app.command('/release', async ({ command, ack }) => {
    await ack({ response_type: 'ephemeral', text: 'seen' });
    heard.push({ kind: 'command', req: currentRequest(), text: command.text });
  });
  const count = async (type: string, result: string) => {
    const { values } = await metrics.slackEvents.get();
    return values.find((one) => one.labels.type === type && one.labels.result === result)?.value ?? 0;
  };
  return { app, heard, count, lines };
}

describe('durable, in Socket Mode', () => {
  let connection: Connection;
  beforeEach(() => {
    const { log } = keptLog();
    connection = socketConnection({ appToken: DEFAULT_APP.appToken, apiUrl: slack.apiUrl, log });
  });
  afterEach(() => connection.stop());

  it('stores an event, acknowledges it, and leaves the rest to the queue', async () => {
    const { app, heard, count } = bolt(connection, storing(db.pool), slack.apiUrl);
    await connection.start();
    const { ts } = await slack.say(PEOPLE.ana, CHANNELS.releases, 'hello');
    await slack.react(PEOPLE.ana, CHANNELS.releases, ts, 'eyes');
    await until(() => count('reaction_added', 'stored'), 'the reaction is counted as stored');
    expect(await count('message', 'ignored')).toBe(1);
    const { rows } = await db.pool.query<{ event_id: string }>('select event_id from slack_events');
    expect(rows).toHaveLength(1);
    expect(heard).toEqual([]);

    const id = rows[0]?.event_id ?? '';
    const process = (body: Record<string, unknown>) => app.processEvent({ body, ack: async () => {} });
    expect(await handleStored(db.db, id, process, false)).toBe('handled');
    expect(heard).toMatchObject([{ kind: 'event', text: 'eyes' }]);
    const acks = (await slack.log()).filter((entry) => entry.kind === 'ack');
    expect(acks).toHaveLength(2);
  });

  it('gives the queue the failure of a listener, so that it tries again', async () => {
    const { app } = bolt(connection, storing(db.pool), slack.apiUrl);
    app.event('reaction_added', async () => {
      throw new Error('not today');
    });
    const event = {
      type: 'reaction_added',
      user: 'U1',
      reaction: 'eyes',
      item: { type: 'message', ts: '1.1', channel: CHANNELS.other },
      event_ts: '2.2',
    };
    const found = keep({ type: 'event_callback', event_id: 'EvThrow', team_id: 'T1', event }, known);
    if (found === null) throw new Error('not kept');
    await storeEvent(db.pool, found);
    const process = (body: Record<string, unknown>) => app.processEvent({ body, ack: async () => {} });
    await expect(handleStored(db.db, 'EvThrow', process, false)).rejects.toThrow('not today');
  });

  it('passes a command straight to the app, under a request id of its own', async () => {
    const { heard } = bolt(connection, storing(db.pool), slack.apiUrl);
    await connection.start();
    await slack.command(PEOPLE.ana, 'status');
    await until(() => heard.length === 1, 'the command is heard');
    expect(heard[0]).toMatchObject({ kind: 'command', text: 'status', req: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(await slack.answers(PEOPLE.ana)).toMatchObject([{ text: 'seen' }]);
  });

  it('does not acknowledge what it could not store, says so, and goes on', async () => {
    await slack.reset();
    let down = true;
    const store: Store = async (body) => {
      if (down) throw new Error('connection refused');
      return storing(db.pool)(body);
    };
    const { count, lines } = bolt(connection, store, slack.apiUrl);
    await connection.start();
    const { ts } = await slack.message(CHANNELS.releases, (await sayUnheard(slack)).ts);
    // Local Slack waits 5 s for the acknowledgement that must not come, so nothing here waits for it.
    const first = slack.react(PEOPLE.ana, CHANNELS.releases, ts, 'eyes');
    await until(() => count('reaction_added', 'not_stored'), 'the failure is counted');
    down = false;
    await slack.react(PEOPLE.ben, CHANNELS.releases, ts, 'eyes');
    await until(() => count('reaction_added', 'stored'), 'the next one is stored');
    const acks = (await slack.log()).filter((entry) => entry.kind === 'ack');
    expect(acks).toHaveLength(1);
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'error', msg: expect.stringContaining('not stored') }),
    );
    await first;
  });
});

describe('durable, by each road that goes straight to the app', () => {
  const odd = 'a\0b\ud800';
  const kept = 'ab\ufffd';
  const value = { title: { title: { type: 'plain_text_input', value: odd } } };
  it.each<[string, Record<string, unknown>]>([
    ['a command', { command: '/issue', text: odd }],
    ['a button', { type: 'block_actions', actions: [{ action_id: odd, value: odd }], state: { values: value } }],
    ['a form', { type: 'view_submission', view: { private_metadata: odd, state: { values: value } } }],
    ['a form that is closed', { type: 'view_closed', view: { private_metadata: odd } }],
    ['a menu', { type: 'block_suggestion', value: odd }],
    ['a shortcut', { type: 'shortcut', callback_id: odd }],
    ["a message's shortcut", { type: 'message_action', message: { text: odd, files: [{ name: odd }] } }],
  ])('takes what PostgreSQL cannot keep out of %s', async (_road, body) => {
    const heard: unknown[] = [];
    const standIns: App[] = [];
    const receiver = { init: (app: App) => void standIns.push(app), start: async () => {}, stop: async () => {} };
    const deps = { store: storing(db.pool), metrics: makeMetrics(), log: keptLog().log };
    const processEvent = async (event: { body: unknown }) => void heard.push(event.body);
    durable(receiver, deps).init({ processEvent } as unknown as App);
    await standIns[0]?.processEvent({ body, ack: async () => {} });
    expect(heard).toEqual([JSON.parse(JSON.stringify(body, (_key, it) => (it === odd ? kept : it)))]);
  });
});

/** A message from the bot itself, which sends no event. */
async function sayUnheard(local: LocalSlack): Promise<{ ts: string }> {
  const body = new URLSearchParams({ channel: CHANNELS.releases, text: 'card', token: DEFAULT_APP.botToken });
  const answer = await fetch(`${local.apiUrl}chat.postMessage`, { method: 'POST', body });
  return (await answer.json()) as { ts: string };
}

describe('durable, over HTTP', () => {
  let server: Server;
  let url = '';
  const secret = 'a-signing-secret';
  const metrics = makeMetrics();
  let connection: Connection;
  beforeEach(async () => {
    connection = httpConnection({ signingSecret: secret, log: keptLog().log, metrics });
    server = createServer(connection.listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
  });
  afterEach(async () => {
    await connection.stop();
    await new Promise((resolve) => server.close(resolve));
  });

  const send = (body: string, headers = signed(secret, body)) =>
    fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', connection: 'close', ...headers },
    });
  const event = (id: string) =>
    JSON.stringify({
      type: 'event_callback',
      event_id: id,
      team_id: 'T1',
      event: {
        type: 'reaction_added',
        user: 'U1',
        reaction: 'eyes',
        item: { type: 'message', channel: CHANNELS.other, ts: '1.1' },
        event_ts: '2.2',
      },
    });

  it('answers 200 once stored, and 200 again for a duplicate', async () => {
    const { count } = bolt(connection, storing(db.pool), slack.apiUrl);
    expect((await send(event('EvHttp'))).status).toBe(200);
    expect((await send(event('EvHttp'))).status).toBe(200);
    expect(await count('reaction_added', 'stored')).toBe(1);
    expect(await count('reaction_added', 'duplicate')).toBe(1);
  });

  it('answers 500 at once when it could not store, so that Slack sends it again', async () => {
    const broken: Store = async () => {
      throw new Error('database down');
    };
    bolt(connection, broken, slack.apiUrl);
    const before = Date.now();
    expect((await send(event('EvHttp2'))).status).toBe(500);
    expect(Date.now() - before).toBeLessThan(1000);
  });

  it('answers 401 to a forged or old signature, and counts it', async () => {
    const { count } = bolt(connection, storing(db.pool), slack.apiUrl);
    const body = event('EvForged');
    expect((await send(body, signed('another-secret', body))).status).toBe(401);
    expect((await send(body, signed(secret, body, Math.floor(Date.now() / 1000) - 600))).status).toBe(401);
    expect((await send(body, { 'x-slack-signature': 'v0=00' } as never)).status).toBe(401);
    expect(await count('reaction_added', 'stored')).toBe(0);
    const { values } = await metrics.slackEvents.get();
    expect(values).toMatchObject([{ labels: { type: 'http', result: 'refused_signature' }, value: 3 }]);
  });

  it('refuses bodies over 1 MB', async () => {
    bolt(connection, storing(db.pool), slack.apiUrl);
    expect((await send('x'.repeat(1024 * 1024 + 1))).status).toBe(413);
  });
});
