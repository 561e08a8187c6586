// Slack's half of Socket Mode: hands what people do to one of the bot's connections, and sends events again that were not
// acknowledged. With faults on it loses, delays, repeats and so reorders, and does not hear acknowledgements.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { acceptLine, type Line } from './frames.ts';
import { type Random, randomOf } from './random.ts';
import type { Deed } from './record.ts';

// biome-ignore lint/suspicious/noExplicitAny: payloads as Slack sends them; each reader names what it reads
export type Payload = any;
export interface Envelope {
  type: 'events_api' | 'slash_commands' | 'interactive';
  payload: Payload;
  accepts_response_payload: boolean;
}

export type Deliveries = ReturnType<typeof makeDeliveries>;

/** Slack waits 3 s; here the whole day is shorter. */
const EVENT_ACK_MS = 2_000;
const ANSWER_MS = 3_000;
/** Slack sends an unacknowledged event three times more: at once, after a minute, after five. */
const AGAIN_MS = [100, 1_500, 4_000];

/** What happens to one delivery; drawn from the seed and the deed, so that it does not depend on when things happen. */
interface Plan {
  /** So many of the first attempts reach nobody. */
  lost: number;
  delayMs: number;
  /** Handed over a second time so much later, though it was acknowledged. */
  repeatMs?: number;
  /** The first acknowledgement does not reach Slack. */
  deaf: boolean;
}

const FINE: Plan = { lost: 0, delayMs: 0, deaf: false };

function planOf(random: Random): Plan {
  const lost = random.chance(0.08) ? (random.chance(0.1) ? AGAIN_MS.length + 1 : random.between(1, 2)) : 0;
  const delayMs = random.chance(0.2) ? random.between(20, 2_500) : 0;
  const repeats = random.chance(0.12);
  const repeatMs = random.between(0, 2_000);
  return { lost, delayMs, ...(repeats && { repeatMs }), deaf: random.chance(0.05) };
}

/** @param url of the server that takes the bot's connections, as a WebSocket's */
export function makeDeliveries(seed: number, faulty: () => boolean) {
  const lines: Line[] = [];
  const acks = new Map<string, (payload: Payload) => void>();
  const choice = randomOf(seed, 'which connection');
  /** Events that Slack gave up, and what is still under way. */
  const count = { givenUp: 0, underWay: 0, undelivered: 0 };
  let stopped = false;

  /** Hands an envelope to one connection. @returns the answer, or undefined when none came in time */
  const hand = async (envelope: Envelope, ms: number, attempt: number): Promise<{ payload: Payload } | undefined> => {
    const line = lines.length ? choice.pick(lines) : undefined;
    if (!line) {
      count.undelivered += 1;
      await wait(100);
      return undefined;
    }
    const envelope_id = randomUUID();
    const again = attempt ? { retry_attempt: attempt, retry_reason: 'timeout' } : {};
    const answer = new Promise<{ payload: Payload }>((resolve) =>
      acks.set(envelope_id, (payload) => resolve({ payload })),
    );
    line.send(JSON.stringify({ ...envelope, envelope_id, ...again }));
    const timer = new AbortController();
    const late = wait(ms, undefined, { signal: timer.signal }).catch(() => undefined);
    const result = await Promise.race([answer, late]);
    timer.abort();
    return result as { payload: Payload } | undefined;
  };

  const event = async (envelope: Envelope, deed: Deed | undefined, plan: Plan): Promise<void> => {
    for (let attempt = 0; attempt <= AGAIN_MS.length && !stopped; attempt++) {
      if (attempt) await wait(AGAIN_MS[attempt - 1]);
      if (attempt < plan.lost) continue;
      if (deed) deed.sent += 1;
      const answer = await hand(envelope, EVENT_ACK_MS, attempt);
      if (answer && deed) deed.taken = true;
      if (answer && !(plan.deaf && attempt === 0)) return;
    }
    count.givenUp += 1;
  };

  return {
    count,
    connections: () => lines.length,
    /** Takes in a connection of the bot's. */
    connect: (req: IncomingMessage, socket: Duplex): void => {
      const line: Line = acceptLine(req, socket, {
        hear: (text) => {
          const { envelope_id, payload } = JSON.parse(text) as { envelope_id?: string; payload?: Payload };
          if (envelope_id === undefined) return;
          acks.get(envelope_id)?.(payload);
        },
        ended: () => {
          const at = lines.indexOf(line);
          if (at >= 0) lines.splice(at, 1);
        },
      });
      line.send(JSON.stringify({ type: 'hello', num_connections: 1, connection_info: { app_id: 'A01SHIP' } }));
      lines.push(line);
    },
    /** Sends an event until it is acknowledged, four times at most. Resolves when Slack is done with it. */
    event: async (envelope: Envelope, deed: Deed | undefined): Promise<void> => {
      const random = randomOf(seed, 'delivery', deed?.n ?? 'other', deed?.events.length ?? 0);
      const plan = faulty() ? planOf(random) : FINE;
      count.underWay += 1;
      try {
        if (plan.delayMs) await wait(plan.delayMs);
        await event(envelope, deed, plan);
        if (plan.repeatMs !== undefined && !stopped) {
          await wait(plan.repeatMs);
          await hand(envelope, EVENT_ACK_MS, 1);
        }
      } finally {
        count.underWay -= 1;
      }
    },
    /** Hands over what somebody waits for, once; with bad luck twice. @returns the bot's answer, or undefined: the person sees an error */
    ask: async (envelope: Envelope, deed: Deed | undefined): Promise<{ payload: Payload } | undefined> => {
      const random = randomOf(seed, 'asking', deed?.n ?? 'other');
      const faults = faulty();
      const [lost, slow, twice] = [random.chance(0.03), random.chance(0.15), random.chance(0.1)];
      count.underWay += 1;
      try {
        if (faults && lost) return undefined;
        if (faults && slow) await wait(random.between(20, 1_000));
        if (deed) deed.sent += 1;
        const first = hand(envelope, ANSWER_MS, 0);
        if (faults && twice) {
          await wait(random.between(0, 300));
          if (deed) deed.sent += 1;
          const second = hand(envelope, ANSWER_MS, 0);
          const both = await Promise.all([first, second]);
          return both.find((one) => one !== undefined);
        }
        return await first;
      } finally {
        count.underWay -= 1;
      }
    },
    /** Cuts every connection, as a network does. */
    cut: (): void => {
      for (const line of [...lines]) line.cut();
    },
    stop: (): void => {
      stopped = true;
      for (const line of [...lines]) line.cut();
    },
  };
}
