// Watches a local Slack from its page: when each message was last updated by the bot, and how often; when a form opens.
import { WebSocket } from 'undici';

export interface Observer {
  /** Calls to chat.update for this message so far. */
  updates(ts: string): number;
  /** Resolves with the time (performance.now) of the next message of the bot in the thread of `ts`; rejects after `ms`. */
  line(ts: string, ms?: number): Promise<number>;
  /** Resolves with the time (performance.now) of the next chat.update of this message; rejects after `ms`. */
  next(ts: string, ms?: number): Promise<number>;
  /**
   * Resolves with the time the form shows that answers this call, and rejects after `ms`. Forms are counted in the order
   * of the calls: a form does not say who asked for it.
   */
  form(ms?: number): Promise<number>;
  stop(): void;
}

// biome-ignore lint/suspicious/noExplicitAny: messages of a page protocol we do not own
type Message = any;

/**
 * The page gets a line for each call the bot makes and a message for each change. An update counts from the moment the
 * changed message comes in, which is when a person would see it.
 */
export async function observe(url: string): Promise<Observer> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ui`);
  const counts = new Map<string, number>();
  const called = new Set<string>();
  const waiting = new Map<string, ((at: number) => void)[]>();
  const lines = new Map<string, ((at: number) => void)[]>();
  const forms: ((at: number) => void)[] = [];
  const hear = (message: Message, at: number) => {
    // The bench closes no form, so each of these shows another one.
    if (message.t === 'view') forms.shift()?.(at);
    if (message.t === 'message' && message.message.thread_ts) tell(lines, message.message.thread_ts, at);
    // The call is announced first, then the changed message; a reaction changes the message too, without a call.
    if (message.t === 'log' && message.entry.kind === 'web_api' && message.entry.summary === 'chat.update')
      called.add(message.entry.detail.ts);
    const ts: string | undefined = message.t === 'message_update' ? message.message.ts : undefined;
    if (ts === undefined || !called.delete(ts)) return;
    counts.set(ts, (counts.get(ts) ?? 0) + 1);
    tell(waiting, ts, at);
  };
  await new Promise<void>((opened, failed) => {
    socket.addEventListener('error', () => failed(new Error('the page of the local Slack cannot be reached')));
    socket.addEventListener('message', (event) => {
      const at = performance.now();
      const message: Message = JSON.parse(String(event.data));
      if (message.t === 'init') opened();
      else hear(message, at);
    });
  });
  return {
    updates: (ts) => counts.get(ts) ?? 0,
    line: (ts, ms = 30_000) => told(lines, ts, `nothing was said in the thread of ${ts} within ${ms} ms`, ms),
    next: (ts, ms = 30_000) => told(waiting, ts, `message ${ts} was not updated within ${ms} ms`, ms),
    form: (ms = 15_000) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no form opened within ${ms} ms`)), ms);
        forms.push((at) => {
          clearTimeout(timer);
          resolve(at);
        });
      }),
    stop: () => socket.close(),
  };
}

type Waiting = Map<string, ((at: number) => void)[]>;

function tell(waiting: Waiting, key: string, at: number): void {
  const told = waiting.get(key) ?? [];
  waiting.delete(key);
  for (const seen of told) seen(at);
}

function told(waiting: Waiting, key: string, otherwise: string, ms: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(otherwise)), ms);
    const seen = (at: number) => {
      clearTimeout(timer);
      resolve(at);
    };
    waiting.set(key, [...(waiting.get(key) ?? []), seen]);
  });
}
