import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { HTTPModuleFunctions, HTTPReceiver, isRawBodyError, type Receiver, SocketModeReceiver } from '@slack/bolt';
import { errorText, ShipshapeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import { slackLog } from '../base/slack-log.ts';
import { NotStored } from './receiver.ts';

export type ConnectionState = 'connecting' | 'connected' | 'reconnecting' | 'stopped';

/** The way Slack reaches us. `receiver` goes to Bolt (through `durable`); start and stop are called here, not through Bolt. */
export interface Connection {
  receiver: Receiver;
  /** Set in HTTP mode: what answers POST /slack/events. */
  listener?: RequestListener;
  state(): ConnectionState;
  /** Resolves when Slack can reach us for the first time. @throws ShipshapeError when Slack refuses the token */
  start(): Promise<void>;
  /** Resolves when nothing more arrives. */
  stop(): Promise<void>;
}

export interface SocketOptions {
  appToken: string;
  apiUrl: string;
  log: Logger;
}

/** Milliseconds for opening a connection, from asking for its address to Slack's hello. */
const OPEN_MS = 15_000;
/** A connection that lived for less did not really succeed: the pauses go on growing. */
const LIVED_MS = 5_000;
/** Milliseconds that a stop waits for each of Slack's goodbye and our own loop. */
const STOP_MS = 3_000;
const PAUSE_MAX_MS = 30_000;
const REFUSED =
  /invalid_auth|not_authed|account_inactive|token_revoked|token_expired|not_allowed_token_type|missing_scope/;

/**
 * Socket Mode. The SDK's own reconnecting is off: it waits 5 to 12 s after Slack renews a connection, and its failure is
 * an unhandled rejection. Here one loop opens the connection again for ever, at once the first time, then with growing,
 * jittered pauses.
 */
export function socketConnection(options: SocketOptions): Connection {
  const { log } = options;
  const receiver = new SocketModeReceiver({
    appToken: options.appToken,
    autoReconnectEnabled: false,
    logger: slackLog(log),
    installerOptions: {
      clientOptions: {
        slackApiUrl: options.apiUrl,
        retryConfig: { retries: 0 },
        timeout: 10_000,
        rejectRateLimitedCalls: true,
      },
    },
    // The failure is logged where it happens; answering false leaves the envelope unacknowledged.
    processEventErrorHandler: async ({ error }) => {
      if (!(error instanceof NotStored)) log.error({ err: error }, 'request from Slack failed');
      return false;
    },
  });
  const { client } = receiver;
  const stopping = new AbortController();
  let state: ConnectionState = 'connecting';
  let loop: Promise<void> = Promise.resolve();

  /** One connection's life: opens it, then waits for its end. @returns how long it lived, in ms */
  const live = async (opened: () => void): Promise<number> => {
    let ended = (): void => {};
    const end = new Promise<void>((resolve) => {
      ended = resolve;
    });
    client.once('disconnected', ended);
    try {
      await within(OPEN_MS, client.start());
      // A stop while the address was being asked for has not reached this socket.
      if (stopping.signal.aborted) await client.disconnect();
      const since = Date.now();
      state = 'connected';
      log.info('connected to Slack');
      opened();
      await end;
      return Date.now() - since;
    } finally {
      client.off('disconnected', ended);
    }
  };

  const supervise = async (opened: () => void, refused: (err: Error) => void): Promise<void> => {
    let failures = 0;
    let everOpened = false;
    while (!stopping.signal.aborted) {
      let wait = 0;
      try {
        const lived = await live(() => {
          everOpened = true;
          opened();
        });
        failures = lived >= LIVED_MS ? 0 : failures + 1;
        if (!stopping.signal.aborted) log.warn({ lived_ms: lived }, 'connection to Slack closed, opening it again');
      } catch (err) {
        failures += 1;
        wait = retryAfterMs(err);
        if (!everOpened && REFUSED.test(errorText(err))) return refused(tokenRefused(err));
        log.warn({ err, failures }, 'no connection to Slack, trying again');
        // A socket that was opened but never said hello would live on beside the next one.
        await within(OPEN_MS, client.disconnect()).catch(() => {});
      }
      if (stopping.signal.aborted) break;
      state = everOpened ? 'reconnecting' : 'connecting';
      await pause(Math.max(wait, backoff(failures)), stopping.signal);
    }
  };

  return {
    receiver,
    state: () => state,
    start: () =>
      new Promise((resolve, reject) => {
        loop = supervise(resolve, reject);
        loop.then(resolve, reject);
      }),
    stop: async () => {
      if (stopping.signal.aborted) return loop;
      stopping.abort();
      await within(STOP_MS, client.disconnect()).catch(() => {});
      // One that was just asking for its address closes itself as soon as it has it.
      await within(STOP_MS, loop).catch(() => {});
      state = 'stopped';
    },
  };
}

export interface HttpOptions {
  signingSecret: string;
  log: Logger;
  metrics: Pick<Metrics, 'slackEvents'>;
}

/** How far a request's time may be from ours. */
const SKEW_MS = 5 * 60_000;

/** Largest request body taken from Slack, in bytes; theirs are some ten kilobytes. */
const BODY_MAX = 1024 * 1024;

/** HTTP mode: Bolt's receiver checks signatures and reads bodies; the server is ours (src/bot/http.ts). */
export function httpConnection(options: HttpOptions): Connection {
  const { log } = options;
  let state: ConnectionState = 'connecting';
  const receiver = new HTTPReceiver({
    signingSecret: options.signingSecret,
    bodyLimit: BODY_MAX,
    logger: slackLog(log),
    processEventErrorHandler: async ({ error, response }) => {
      const stranger = isStranger(error);
      if (stranger) log.warn({ err: error }, 'a request that has none of the shapes of Slack is refused');
      else if (!(error instanceof NotStored)) log.error({ err: error }, 'request from Slack failed');
      // 500 at once, so that Slack sends it again without waiting for the time-out. True only means: it is answered.
      if (!response.headersSent) response.writeHead(stranger ? 400 : 500).end();
      return true;
    },
  });
  const listener = (req: IncomingMessage, res: ServerResponse): void => {
    res.once('finish', () => {
      if (res.statusCode === 401) options.metrics.slackEvents.inc({ type: 'http', result: 'refused_signature' });
    });
    // Bolt refuses what is too old; Slack's own rule is five minutes either way.
    const seconds = Number(req.headers['x-slack-request-timestamp']);
    if (seconds * 1000 > Date.now() + SKEW_MS) {
      log.warn({ seconds }, 'a request dated in the future is refused');
      res.writeHead(401, { connection: 'close' }).end();
      return;
    }
    isForBolt(req, options.signingSecret).then(
      (fits) => (fits ? receiver.requestListener(req, res) : res.writeHead(400).end()),
      (err) => {
        log.warn({ err }, 'a request whose body cannot be read is refused');
        res.writeHead(isTooLarge(err) ? 413 : 400, { connection: 'close' }).end();
      },
    );
  };
  return {
    receiver,
    listener,
    state: () => state,
    start: async () => {
      state = 'connected';
    },
    stop: async () => {
      state = 'stopped';
    },
  };
}

/**
 * Bolt takes for granted that what is signed is an object, and a body of `null` would leave its request without an answer. Reads the body; Bolt
 * finds it read. @returns false for what is signed and no object @throws when the body is too large, or its sender is gone
 */
async function isForBolt(req: IncomingMessage, signingSecret: string): Promise<boolean> {
  const read = await HTTPModuleFunctions.bufferIncomingMessage(req, BODY_MAX);
  if (isObject(read)) return true;
  // Who may not ask is told only that.
  const signed = HTTPModuleFunctions.parseAndVerifyHTTPRequest({ signingSecret, enabled: true }, read);
  return signed.then(
    () => false,
    () => true,
  );
}

function isObject(read: Parameters<typeof HTTPModuleFunctions.parseHTTPRequestBody>[0]): boolean {
  try {
    const body: unknown = HTTPModuleFunctions.parseHTTPRequestBody(read);
    return typeof body === 'object' && body !== null && !Array.isArray(body);
  } catch {
    return false;
  }
}

/** Whether Bolt stumbled over the request itself. What a listener threw has reached us through Bolt's error handler, which gives it a code. */
function isStranger(error: Error): boolean {
  return !(error instanceof NotStored) && !('code' in error);
}

function isTooLarge(err: unknown): boolean {
  return isRawBodyError(err) && err.statusCode === 413;
}

function tokenRefused(cause: unknown): Error {
  return new ShipshapeError({
    code: 'slack_app_token',
    message: 'Slack refuses the app-level token (SLACK_APP_TOKEN)',
    next: 'Make one with the scope connections:write on the app’s page, Basic Information, App-Level Tokens.',
    cause,
  });
}

/** Milliseconds before attempt n + 1: none to speak of, then doubling up to 30 s, each shortened by up to a half. */
function backoff(failures: number): number {
  const longest = failures === 0 ? 100 : Math.min(PAUSE_MAX_MS, 250 * 2 ** failures);
  return longest * (0.5 + Math.random() / 2);
}

function retryAfterMs(err: unknown): number {
  const seconds = typeof err === 'object' && err !== null ? Reflect.get(err, 'retryAfter') : undefined;
  return typeof seconds === 'number' ? seconds * 1000 : 0;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer from Slack within ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
