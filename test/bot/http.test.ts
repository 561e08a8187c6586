import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { makeMetrics } from '../../src/base/metrics.ts';
import { type Check, type HttpServer, listen } from '../../src/bot/http.ts';
import { keptLog } from '../support/quiet.ts';

let server: HttpServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const metrics = makeMetrics();
async function start(checks: Record<string, Check> = {}, port = 0) {
  server = await listen(port, { checks, metrics, log: keptLog().log });
  const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server?.port}${path}`, init);
  return { get, port: server.port };
}

describe('the http server', () => {
  it('says that it is alive, even when not ready', async () => {
    const { get } = await start({
      database: () => {
        throw new Error('down');
      },
    });
    expect((await get('/healthz')).status).toBe(200);
  });

  it('is ready when every check is, and lists them', async () => {
    const { get } = await start({ database: async () => '2 ms', slack: () => 'connected' });
    const answer = await get('/readyz');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      ok: true,
      checks: { database: { ok: true, detail: '2 ms' }, slack: { ok: true, detail: 'connected' } },
    });
  });

  it('answers 503 when one check fails or hangs, without its secrets', async () => {
    const { get } = await start({
      database: () => 'fine',
      slack: async () => {
        throw new Error('refused xoxb-123-secret');
      },
      queue: () => new Promise(() => {}),
    });
    const answer = await get('/readyz');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      ok: false,
      checks: {
        database: { ok: true },
        slack: { ok: false, detail: 'refused [redacted]' },
        queue: { ok: false, detail: 'no answer within 2000 ms' },
      },
    });
  });

  it('shows the metrics in Prometheus’ format', async () => {
    metrics.slackEvents.inc({ type: 'message', result: 'stored' });
    const { get } = await start();
    const answer = await get('/metrics');
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(await answer.text()).toContain('shipshape_slack_events_total{type="message",result="stored"} 1');
  });

  it.each([
    ['/', {}],
    ['/healthz', { method: 'POST', body: 'x' }],
    ['/slack/events', { method: 'POST', body: '{}' }],
    ['/slack/events', {}],
  ])('answers 404 to anything else: %s %o', async (path, init) => {
    const { get } = await start();
    expect((await get(path, init)).status).toBe(404);
  });

  it('names the port that is taken', async () => {
    const { port } = await start();
    await expect(listen(port, { checks: {}, metrics, log: keptLog().log })).rejects.toMatchObject({
      message: `cannot listen: port ${port} is taken by another process`,
      next: expect.stringContaining('PORT'),
    });
  });

  it('cuts off whom nothing of ours answers', async () => {
    const limits = {
      timeout: 50,
      requestTimeout: 500,
      headersTimeout: 300,
      keepAliveTimeout: 50,
      connectionsCheckingInterval: 50,
    };
    server = await listen(0, { checks: {}, metrics, log: keptLog().log, slackEvents: () => {} }, limits);
    await expect(fetch(`http://127.0.0.1:${server.port}/slack/events`, { method: 'POST' })).rejects.toThrow();
  });

  it('closes although a client keeps its connection', async () => {
    const { port } = await start();
    const socket = connect(port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    await server?.close();
    await new Promise((resolve) => socket.once('close', resolve));
    server = undefined;
  });
});
