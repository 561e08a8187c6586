// HTTP mode against whoever finds its port: the real server and Bolt's receiver, over real sockets.
import { connect, type Socket } from 'node:net';
import type { App, ReceiverEvent } from '@slack/bolt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeMetrics } from '../../src/base/metrics.ts';
import { httpConnection } from '../../src/bot/connection.ts';
import { type HttpServer, listen } from '../../src/bot/http.ts';
import { keptLog } from '../support/quiet.ts';
import { signed, until } from '../support/slack.ts';

const SECRET = 'a-signing-secret-of-the-test';
const FORM = 'application/x-www-form-urlencoded';
const { log, lines } = keptLog();
const reached: unknown[] = [];
let server: HttpServer;
let url: string;

beforeAll(async () => {
  const connection = httpConnection({ signingSecret: SECRET, log, metrics: makeMetrics() });
  const processEvent = async (event: ReceiverEvent) => {
    reached.push(event.body);
    await event.ack();
  };
  connection.receiver.init({ processEvent } as unknown as App);
  const limits = {
    timeout: 2_000,
    requestTimeout: 500,
    headersTimeout: 300,
    keepAliveTimeout: 500,
    connectionsCheckingInterval: 50,
  };
  const deps = { checks: {}, metrics: makeMetrics(), slackEvents: connection.listener, log };
  server = await listen(0, deps, limits);
  url = `http://127.0.0.1:${server.port}`;
});
afterAll(() => server.close());

const now = () => Math.floor(Date.now() / 1000);
async function send(body: string, headers: Record<string, string>, path = '/slack/events', method = 'POST') {
  const before = reached.length;
  const init = { method, headers: { 'content-type': FORM, ...headers }, ...(method === 'POST' && { body }) };
  const answer = await fetch(`${url}${path}`, init);
  return { status: answer.status, text: await answer.text(), reached: reached.length - before };
}
const alive = async () => expect((await fetch(`${url}/healthz`)).status).toBe(200);

/** Everything a socket is told until it is closed by the other side. */
function open(first: string): { socket: Socket; closed: Promise<string> } {
  const socket = connect(server.port, '127.0.0.1');
  let heard = '';
  socket.on('data', (data) => {
    heard += data;
  });
  // Being cut off may show as a reset.
  socket.on('error', () => {});
  socket.write(first);
  return { socket, closed: new Promise((done) => socket.once('close', () => done(heard))) };
}

describe('signatures', () => {
  const body = 'command=%2Frelease&text=list&user_id=U0ANA&team_id=T1';
  const good = () => signed(SECRET, body);
  const without = (name: string) => Object.fromEntries(Object.entries(good()).filter(([key]) => key !== name));

  it('takes what is signed, now or a little off', async () => {
    expect(await send(body, good())).toMatchObject({ status: 200, reached: 1 });
    for (const off of [-240, 240])
      expect(await send(body, signed(SECRET, body, now() + off))).toMatchObject({ status: 200, reached: 1 });
  });

  it.each<[string, () => Record<string, string>]>([
    ['nothing', () => ({})],
    ['no signature', () => without('x-slack-signature')],
    ['no time', () => without('x-slack-request-timestamp')],
    ['another secret', () => signed('another-secret-of-the-same', body)],
    ['the signature of another body', () => signed(SECRET, `${body}&text=ship`)],
    ['a replayed one, six minutes old', () => signed(SECRET, body, now() - 360)],
    ['one dated six minutes ahead', () => signed(SECRET, body, now() + 360)],
    ['a time that is no number', () => ({ ...good(), 'x-slack-request-timestamp': 'soon' })],
    ['a time without end', () => ({ ...good(), 'x-slack-request-timestamp': '1e400' })],
    ['an empty signature', () => ({ ...good(), 'x-slack-signature': '' })],
    [
      'another version',
      () => ({ ...good(), 'x-slack-signature': String(good()['x-slack-signature']).replace('v0', 'v1') }),
    ],
    ['a short signature', () => ({ ...good(), 'x-slack-signature': 'v0=00' })],
  ])('refuses %s, with nothing to read in the answer', async (_, headers) => {
    const answer = await send(body, headers());
    expect(answer).toMatchObject({ status: 401, reached: 0 });
    expect(answer.text).toBe('');
    await alive();
  });
});

describe('bodies', () => {
  it.each([
    ['no JSON', '{"type":', 'application/json'],
    ['JSON that is no object', '"x"', 'application/json'],
    ['a payload that is no JSON', 'payload=%7B%22type', FORM],
    ['an escape that is none', 'text=%E0%A4%A&payload=%', FORM],
    ['nothing', '', FORM],
    ['another type', '<xml/>', 'text/xml'],
    ['a prototype', '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}', 'application/json'],
  ])('lives through %s, though it is signed', async (_, body, type) => {
    const answer = await send(body, { ...signed(SECRET, body), 'content-type': type });
    expect(answer.status).toBeGreaterThanOrEqual(200);
    expect(answer.text).not.toContain('at ');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    await alive();
  });

  it('refuses a body over 1 MB, announced or not', async () => {
    const body = 'x'.repeat(1024 * 1024 + 1);
    expect(await send(body, signed(SECRET, body))).toMatchObject({ status: 413, reached: 0 });
    const { socket, closed } = open(
      'POST /slack/events HTTP/1.1\r\nHost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
    );
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    for (let sent = 0; sent < 40 && !socket.destroyed; sent++)
      if (!socket.write(chunk)) await new Promise(setImmediate);
    expect(await closed).toMatch(/^HTTP\/1.1 (413|408)|^$/);
    await alive();
  });
});

describe('who takes their time', () => {
  it.each([
    ['headers', 'POST /slack/events HTTP/1.1\r\nHost: x\r\nx-slow: '],
    [
      'a body',
      'POST /slack/events HTTP/1.1\r\nHost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{',
    ],
    ['nothing at all', ''],
  ])('is cut off with %s half sent', async (_, first) => {
    const { socket, closed } = open(first);
    // A byte now and then keeps no connection.
    const drip = setInterval(() => socket.write('x'), 50);
    const heard = await closed;
    clearInterval(drip);
    expect(heard).toMatch(/^HTTP\/1.1 (408|400)|^$/);
    await alive();
  });

  it('keeps nobody else from an answer, hundreds of them', async () => {
    const slow = Array.from({ length: 400 }, () => open('POST /slack/events HTTP/1.1\r\nHost: x\r\n'));
    await alive();
    const body = 'command=%2Frelease&text=list';
    expect((await send(body, signed(SECRET, body))).status).toBe(200);
    await Promise.all(slow.map((one) => one.closed));
    await alive();
  });
});

describe('anything else', () => {
  it.each([
    ['GET', '/slack/events'],
    ['PUT', '/slack/events'],
    ['DELETE', '/slack/events'],
    ['OPTIONS', '/slack/events'],
    ['POST', '/slack/events/'],
    ['POST', '/slack/../slack/events2'],
    ['POST', '/slack/install'],
    ['GET', '/slack/oauth_redirect'],
    ['GET', '/%2e%2e/%2e%2e/etc/passwd'],
    ['GET', '/__proto__'],
  ])('%s %s is not there', async (method, path) => {
    expect(await send('x', {}, path, method)).toMatchObject({ status: 404, reached: 0 });
  });

  it('what is no HTTP is told so and cut off', async () => {
    for (const noise of [
      '\x16\x03\x01\x02\x00\x01\x00',
      'GET / HTTP/9.9\r\n\r\n',
      'GET /healthz HTTP/1.1\r\nX: \0\r\n\r\n',
    ])
      expect(await open(noise).closed).toMatch(/^HTTP\/1.1 400/);
    await alive();
  });
});

it('nothing of it is in the log but that it came, and no secret', async () => {
  await until(() => lines.length > 0, 'a line of the log');
  expect(lines.filter((line) => JSON.stringify(line).includes(SECRET))).toEqual([]);
});
