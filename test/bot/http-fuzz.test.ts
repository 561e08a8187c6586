// HTTP mode's endpoints, sent anything: each request is answered, none with a 5xx, and nothing is left unhandled.
import { request } from 'node:http';
import { App } from '@slack/bolt';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeMetrics } from '../../src/base/metrics.ts';
import { slackLog } from '../../src/base/slack-log.ts';
import { httpConnection } from '../../src/bot/connection.ts';
import { type HttpServer, listen } from '../../src/bot/http.ts';
import { keep } from '../../src/bot/inbox.ts';
import { durable } from '../../src/bot/receiver.ts';
import { hostile } from '../support/hostile.ts';
import { keptLog } from '../support/quiet.ts';
import { runs } from '../support/seed.ts';
import { signed } from '../support/slack.ts';

const SECRET = 'a-signing-secret-of-the-test';
const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const { log, lines } = keptLog();
const unhandled: unknown[] = [];
const note = (err: unknown) => void unhandled.push(err);
let server: HttpServer;

beforeAll(async () => {
  process.on('unhandledRejection', note);
  const metrics = makeMetrics();
  const connection = httpConnection({ signingSecret: SECRET, log, metrics });
  const ears = { channels: new Set(['C1']), bug: ['bug'] };
  const store = async (body: Record<string, unknown>) => (keep(body, ears) ? 'stored' : 'ignored');
  // Nobody listens: what Bolt itself makes of a request. What listeners make of theirs is in fuzz.test.ts.
  new App({
    receiver: durable(connection.receiver, { store: store as never, metrics, log }),
    authorize: async () => ({ botToken: 'xoxb-1', botId: 'B1', botUserId: 'U1' }),
    logger: slackLog(log),
  });
  server = await listen(0, { checks: {}, metrics, slackEvents: connection.listener, log });
});
afterAll(async () => {
  process.off('unhandledRejection', note);
  await server.close();
});

interface Sent {
  method: string;
  path: string;
  body: string;
  /** Flat, name after name, so that one may come twice. */
  headers: string[];
  signed: boolean;
}

/** @returns the status of the answer. @throws when there is none */
function send({ method, path, body, headers, signed: isSigned }: Sent): Promise<number> {
  const own = isSigned ? Object.entries(signed(SECRET, body)).flat() : [];
  const size = ['content-length', String(Buffer.byteLength(body))];
  return new Promise((done, failed) => {
    const options = { host: '127.0.0.1', port: server.port, method, path, agent: false } as const;
    const req = request({ ...options, headers: ['host', 'x', ...size, ...own, ...headers] as never }, (res) => {
      res.resume().on('end', () => done(res.statusCode ?? 0));
    });
    req.on('error', failed).end(body);
  });
}

test.each([
  ['null', 'null', JSON_TYPE],
  ['null, with space around', ' null\n', JSON_TYPE],
  ['a list', '[{"type":"event_callback"}]', JSON_TYPE],
  ['a number', '7', JSON_TYPE],
  ['a text', '"event_callback"', JSON_TYPE],
  ['true', 'true', JSON_TYPE],
  ['a form of null', 'payload=null', FORM],
  ['a form of a list', 'payload=%5B%5D', FORM],
  ['a form of a number', 'payload=1e400', FORM],
  ['a form of a text', 'payload=%22x%22', FORM],
])('%s, signed, is refused at once; unsigned it is only not signed', async (_, body, type) => {
  const sent = { method: 'POST', path: '/slack/events', body, headers: ['content-type', type] };
  expect(await send({ ...sent, signed: true })).toBe(400);
  expect(await send({ ...sent, signed: false })).toBe(401);
  expect(unhandled).toEqual([]);
});

const anything = fc.oneof(fc.jsonValue({ maxDepth: 3 }), hostile, fc.constantFrom(null, 0, '', [], {}));
const TYPES = [
  ...['event_callback', 'url_verification', 'block_actions', 'view_submission', 'view_closed', 'shortcut'],
  ...['message_action', 'block_suggestion', 'interactive_message', 'dialog_submission', 'app_rate_limited'],
];
/** Slack's shapes with anything in any place. */
const shaped = fc.record(
  {
    type: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...TYPES) }, anything),
    ...{
      ssl_check: fc.constantFrom('1', 1),
      challenge: anything,
      command: anything,
      event_id: anything,
      team: anything,
    },
    ...{
      user: anything,
      actions: anything,
      view: anything,
      callback_id: anything,
      team_id: anything,
      api_app_id: anything,
    },
    ...{ authorizations: anything, channel: anything, is_enterprise_install: anything, enterprise: anything },
    event: fc.oneof(
      anything,
      fc.record(
        {
          type: fc.constantFrom('message', 'reaction_added', 'app_home_opened', 'x'),
          ...{ user: anything, item: anything, channel: anything, message: anything, previous_message: anything },
        },
        { requiredKeys: [] },
      ),
    ),
  },
  { requiredKeys: [] },
);
const nested = fc.integer({ min: 1, max: 20_000 }).map((deep) => `{"type":${'['.repeat(deep)}${']'.repeat(deep)}}`);
const json = fc.oneof(
  shaped.map((one) => JSON.stringify(one)),
  fc.json({ maxDepth: 4 }),
  nested,
  hostile,
);
const form = fc
  .dictionary(fc.constantFrom('payload', 'command', 'ssl_check', 'type', 'text', 'user_id', 'team_id'), hostile)
  .map((fields) => new URLSearchParams(fields).toString());
const contentType = fc.constantFrom(
  ...[FORM, FORM, JSON_TYPE, JSON_TYPE, `${JSON_TYPE}; charset=utf-8`, `${FORM};charset=UTF-8`, 'multipart/form-data'],
  ...['text/plain', '', ';', '__proto__', 'application/json, application/json', 'x'.repeat(3000)],
);
const NAMES = [
  ...['content-type', 'x-slack-signature', 'x-slack-request-timestamp', 'x-slack-retry-num', 'x-slack-retry-reason'],
  ...['authorization', 'cookie', 'expect', 'x-forwarded-for', 'content-encoding', 'constructor', 'accept'],
];
const value = fc.constantFrom('', '1', 'v0=00', 'gzip', '-1', '1e400', 'NaN', '\t', 'a,b', "'--", 'v0=00, v0=00');
const extra = fc.array(fc.tuple(fc.constantFrom(...NAMES), value), { maxLength: 4 }).map((pairs) => pairs.flat());
const toSlack: fc.Arbitrary<Sent> = fc
  .tuple(
    fc.oneof(
      json,
      json.map((text) => `payload=${encodeURIComponent(Buffer.from(text).toString())}`),
      form,
    ),
    contentType,
    extra,
    fc.boolean(),
  )
  .map(([body, type, more, isSigned]) => ({
    ...{ method: 'POST', path: '/slack/events', body: Buffer.from(body).toString(), signed: isSigned },
    headers: ['content-type', type, ...more],
  }));
const elsewhere: fc.Arbitrary<Sent> = fc
  .tuple(
    fc.constantFrom('GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'),
    fc.oneof(fc.constantFrom('/healthz', '/readyz', '/metrics', '/slack/events', '//slack/events', '*'), fc.webPath()),
    fc.oneof(
      fc.constant(''),
      fc.webQueryParameters().map((query) => `?${query}`),
    ),
    hostile,
    extra,
  )
  .map(([method, path, query, body, headers]) => ({
    ...{ method, path: `${path || '/'}${query}`, body: Buffer.from(body).toString(), headers, signed: false },
  }));

test('whatever is sent, to whichever endpoint: an answer, no 5xx, nothing left unhandled', {
  timeout: 60_000,
}, async () => {
  // Together: what nobody answers for, Bolt answers after three seconds.
  const many = fc.array(fc.oneof(toSlack, toSlack, elsewhere), { minLength: 200, maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(many, async (all) => {
      const statuses = await Promise.all(all.map((one) => send(one).catch((err) => String(err))));
      const wrong = all.filter((_, i) => !(Number(statuses[i]) < 500));
      expect(wrong.map((one) => [statuses[all.indexOf(one)], one])).toEqual([]);
      expect(unhandled).toEqual([]);
      expect(await send({ method: 'GET', path: '/healthz', body: '', headers: [], signed: false })).toBe(200);
    }),
    { numRuns: runs(1), endOnFailure: true },
  );
  expect(lines.filter((line) => JSON.stringify(line).includes(SECRET))).toEqual([]);
});
