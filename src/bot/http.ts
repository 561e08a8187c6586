import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorText, ShipshapeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';

/** One line of /readyz: resolves to what is fine, throws what is wrong. */
export type Check = () => Promise<string> | string;

export interface HttpDeps {
  /** By name, e.g. database, slack, queue, dead_events. */
  checks: Record<string, Check>;
  metrics: Pick<Metrics, 'registry'>;
  /** HTTP mode's receiver; absent in Socket Mode. */
  slackEvents?: RequestListener;
  log: Logger;
}

export interface HttpServer {
  /** The port it really listens on. */
  port: number;
  /** Answers what is running, then closes every connection. */
  close(): Promise<void>;
}

/**
 * Milliseconds a client has for its headers, for the whole request, and for the next one; who is slower is cut off within `connectionsCheckingInterval`.
 * `timeout`: how long a connection may be silent, also while we owe it an answer; Slack gives up after three seconds.
 */
const LIMITS = {
  timeout: 15_000,
  requestTimeout: 10_000,
  headersTimeout: 5_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
};
const CHECK_MS = 2_000;
const CLOSE_MS = 3_000;

/**
 * The bot's one HTTP server: /healthz (alive), /readyz (503 when a check fails), /metrics (Prometheus) and, in HTTP mode,
 * POST /slack/events. Anything else is 404. Slow senders are cut off.
 * @param port 0 takes any free one @param limits shorter ones are for tests
 * @throws ShipshapeError when the port is taken
 */
export async function listen(port: number, deps: HttpDeps, limits = LIMITS): Promise<HttpServer> {
  const server = createServer(limits, (req, res) => {
    const [path] = (req.url ?? '').split('?');
    const route = `${req.method} ${path}`;
    // Bolt reads and limits the body; on every other route a body is never read.
    if (route === 'POST /slack/events' && deps.slackEvents) return deps.slackEvents(req, res);
    answer(route, res, deps).catch((err) => {
      deps.log.error({ err, route }, 'http request failed');
      if (!res.headersSent) res.writeHead(500);
      res.end();
    });
  });
  server.setTimeout(limits.timeout);
  await bind(server, port);
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

async function answer(route: string, res: ServerResponse, deps: HttpDeps): Promise<void> {
  switch (route) {
    case 'GET /healthz':
      return json(res, 200, { ok: true });
    case 'GET /readyz': {
      const checks = await runChecks(deps.checks);
      const ok = Object.values(checks).every((check) => check.ok);
      return json(res, ok ? 200 : 503, { ok, checks });
    }
    case 'GET /metrics': {
      const body = await deps.metrics.registry.metrics();
      res.writeHead(200, { 'content-type': deps.metrics.registry.contentType }).end(body);
      return;
    }
    default:
      return json(res, 404, { ok: false });
  }
}

async function runChecks(checks: Record<string, Check>): Promise<Record<string, { ok: boolean; detail: string }>> {
  const run = async ([name, check]: [string, Check]) => {
    try {
      return [name, { ok: true, detail: await within(CHECK_MS, check) }] as const;
    } catch (err) {
      return [name, { ok: false, detail: errorText(err) }] as const;
    }
  };
  return Object.fromEntries(await Promise.all(Object.entries(checks).map(run)));
}

async function within(ms: number, check: Check): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([check(), late]);
  } finally {
    clearTimeout(timer);
  }
}

function json(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(body));
}

function bind(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (err: NodeJS.ErrnoException) => {
      const reasons: Record<string, string> = {
        EADDRINUSE: `port ${port} is taken by another process`,
        EACCES: `this user may not listen on port ${port}`,
      };
      const next = 'Set PORT to a free port, or to 0 for any.';
      const message = `cannot listen: ${reasons[err.code ?? ''] ?? errorText(err)}`;
      reject(new ShipshapeError({ code: 'port', message, next, cause: err }));
    });
    server.listen(port, () => resolve());
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
