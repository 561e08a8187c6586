import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, socketConnection } from '../../src/bot/connection.ts';
import { type SlackProxy, startProxy } from '../support/proxy.ts';
import { keptLog } from '../support/quiet.ts';
import { DEFAULT_APP, type LocalSlack, startSlack, until } from '../support/slack.ts';

let slack: LocalSlack;
let proxy: SlackProxy;
const unhandled: unknown[] = [];
const note = (err: unknown): void => void unhandled.push(err);

beforeAll(async () => {
  process.on('unhandledRejection', note);
  slack = await startSlack();
  proxy = await startProxy(slack.url);
});
afterAll(async () => {
  await proxy.stop();
  await slack.stop();
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

let connection: Connection;
afterEach(async () => {
  proxy.clear();
  await connection.stop();
});

function connect() {
  const { log, lines } = keptLog();
  connection = socketConnection({ appToken: DEFAULT_APP.appToken, apiUrl: proxy.apiUrl, log });
  return lines;
}
const is = (state: string) => until(() => connection.state() === state, `the connection is ${state}`);

describe('the Socket Mode connection', () => {
  it('is open once started and gone once stopped', async () => {
    connect();
    expect(connection.state()).toBe('connecting');
    await connection.start();
    expect(connection.state()).toBe('connected');
    expect(proxy.sockets()).toBe(1);
    await connection.stop();
    expect(connection.state()).toBe('stopped');
    await until(() => proxy.sockets() === 0, 'no socket is left');
    await connection.stop();
  });

  it('opens again when the network cuts it', async () => {
    connect();
    await connection.start();
    proxy.cutSockets();
    await is('reconnecting');
    await is('connected');
    expect(proxy.sockets()).toBe(1);
  });

  it('goes on trying while Slack gives no address, and never leaves a rejection unhandled', async () => {
    const lines = connect();
    await connection.start();
    proxy.on('apps.connections.open', (_, nth) => {
      if (nth === 1) return { drop: 'before' };
      if (nth === 2) return { answer: { body: { ok: false, error: 'internal_error' } } };
      return undefined;
    });
    proxy.cutSockets();
    await is('reconnecting');
    await is('connected');
    expect(lines.filter((line) => line.msg === 'no connection to Slack, trying again')).toHaveLength(2);
  });

  it('goes on trying when the address it was given refuses', async () => {
    connect();
    proxy.on('apps.connections.open', (_, nth) =>
      nth === 1 ? { answer: { body: { ok: true, url: 'ws://127.0.0.1:9/nobody' } } } : undefined,
    );
    await connection.start();
    expect(connection.state()).toBe('connected');
  });

  it('waits as long as Slack says when it limits us', async () => {
    connect();
    proxy.on('apps.connections.open', (_, nth) =>
      nth === 1 ? { answer: { status: 429, headers: { 'retry-after': '1' } } } : undefined,
    );
    const before = Date.now();
    await connection.start();
    expect(Date.now() - before).toBeGreaterThanOrEqual(1000);
  });

  it('says so when Slack refuses the token, instead of trying for ever', async () => {
    connect();
    proxy.on('apps.connections.open', { answer: { body: { ok: false, error: 'invalid_auth' } } });
    await expect(connection.start()).rejects.toMatchObject({
      code: 'slack_app_token',
      message: expect.stringContaining('SLACK_APP_TOKEN'),
      next: expect.stringContaining('connections:write'),
    });
  });

  it('stops at once while it waits for the next attempt', async () => {
    connect();
    proxy.on('apps.connections.open', { drop: 'before' });
    proxy.calls.length = 0;
    const started = connection.start();
    await until(() => proxy.calls.length === 2, 'it tries again');
    const before = Date.now();
    await connection.stop();
    await started;
    expect(Date.now() - before).toBeLessThan(1000);
    expect(connection.state()).toBe('stopped');
  });
});
