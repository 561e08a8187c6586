// The load: operators come and go by :eyes: on the cards, so that every reaction changes what its card shows; and they
// open forms.
import { setTimeout as wait } from 'node:timers/promises';
import { type Latency, latency } from './measure.ts';
import type { Observer } from './observer.ts';
import { OPERATORS, type Performance, RELEASES } from './stage.ts';

export interface Reactions {
  /** From the reaction to the changed card, in milliseconds. */
  shown: Latency;
  /** From the reaction to the bot's acknowledgement, the way to and from the local Slack included. */
  acked: Latency;
}

/** Two operators come, then go: after four reactions a card is as it was. */
const TURNS = [
  { person: 0, present: true },
  { person: 1, present: true },
  { person: 0, present: false },
  { person: 1, present: false },
] as const;
/** Cards are updated once a second at most; a reaction sooner than that after the last would measure the folding. */
const APART_MS = 1_200;

/** What is waited for later may fail before that; it must not end the bench. */
function watched<T>(work: Promise<T>): Promise<T> {
  work.catch(() => {});
  return work;
}

export class Load {
  readonly on: Performance;
  readonly seen: Observer;
  #at = 0;
  /** How many turns each card has had. */
  #turns = new Map<string, number>();
  #last = new Map<string, number>();

  constructor(on: Performance, seen: Observer) {
    this.on = on;
    this.seen = seen;
  }

  /** One reaction on one card. @returns what it took in milliseconds, once the card has changed */
  async react(ts: string, turn: number): Promise<{ shown: number; acked: number }> {
    const { person, present } = TURNS[turn % TURNS.length] ?? TURNS[0];
    const changed = this.seen.next(ts);
    const began = performance.now();
    const acked = this.on.slack.react(OPERATORS[person] as string, RELEASES, ts, 'eyes', present);
    const [shownAt, ackedMs] = await Promise.all([changed, acked.then(() => performance.now() - began)]);
    return { shown: shownAt - began, acked: ackedMs };
  }

  /** The next card in turn, and which of its turns it is. */
  #next(): { ts: string; turn: number } {
    const { cards } = this.on;
    const ts = cards[this.#at++ % cards.length] as string;
    return { ts, turn: this.#turnOf(ts) };
  }

  #turnOf(ts: string): number {
    const turn = this.#turns.get(ts) ?? 0;
    this.#turns.set(ts, turn + 1);
    return turn;
  }

  /** `n` reactions, each when the one before is shown and 20 ms have gone by. The first 30 warm up and are not counted. */
  async oneByOne(n: number): Promise<Reactions> {
    const shown: number[] = [];
    const acked: number[] = [];
    for (let i = -30; i < n; i++) {
      const { ts, turn } = this.#next();
      await wait(Math.max(20, APART_MS - (performance.now() - (this.#last.get(ts) ?? Number.NEGATIVE_INFINITY))));
      const took = await this.react(ts, turn);
      this.#last.set(ts, performance.now());
      if (i < 0) continue;
      shown.push(took.shown);
      acked.push(took.acked);
    }
    return { shown: latency(shown), acked: latency(acked) };
  }

  /** Reactions at an even pace, whether or not the ones before are shown, on one card after the other. */
  async atPace(perSecond: number, seconds: number): Promise<Reactions> {
    await wait(APART_MS);
    const began = performance.now();
    const all: Promise<{ shown: number; acked: number }>[] = [];
    for (let i = 0; i < perSecond * seconds; i++) {
      await wait(Math.max(0, began + (i * 1000) / perSecond - performance.now()));
      const { ts, turn } = this.#next();
      all.push(watched(this.react(ts, turn)));
    }
    const took = await Promise.all(all);
    return { shown: latency(took.map((t) => t.shown)), acked: latency(took.map((t) => t.acked)) };
  }

  /** Somebody runs `/bug` every `everyMs`, whether or not the form before is shown. @returns from the command to the form */
  async forms(everyMs: number, seconds: number): Promise<Latency> {
    const { slack } = this.on;
    // As reactions at pace begin, so that both go on at the same time.
    await wait(APART_MS);
    const began = performance.now();
    const all: Promise<number>[] = [];
    for (let i = 0; i < (seconds * 1000) / everyMs; i++) {
      await wait(Math.max(0, began + i * everyMs - performance.now()));
      const sent = performance.now();
      const shown = this.seen.form();
      const command = slack.command(OPERATORS[i % OPERATORS.length] as string, '', '/bug', RELEASES);
      all.push(watched(Promise.all([shown, command]).then(([at]) => at - sent)));
    }
    return latency(await Promise.all(all));
  }

  /**
   * `n` reactions of as many operators on one card, evenly within a second.
   * @returns how often the card was updated until 4 s after, and how long the first took
   */
  async burst(n: number, card: number): Promise<{ updates: number; firstMs: number }> {
    const ts = this.on.cards[card] as string;
    await wait(APART_MS);
    const before = this.seen.updates(ts);
    const began = performance.now();
    const first = watched(this.seen.next(ts));
    const acks: Promise<void>[] = [];
    for (let i = 0; i < n; i++) {
      await wait(Math.max(0, began + (i * 1000) / n - performance.now()));
      acks.push(watched(this.on.slack.react(OPERATORS[OPERATORS.length - 1 - i] as string, RELEASES, ts, 'eyes')));
    }
    await Promise.all(acks);
    const firstMs = (await first) - began;
    await wait(4_000);
    return { updates: this.seen.updates(ts) - before, firstMs };
  }

  /**
   * `n` reactions on all cards at once, each card's next one when its thread tells of the last; fewer when `ms` milliseconds are over before.
   * @returns how many it were
   */
  async asFastAsItGoes(n: number, ms: number): Promise<number> {
    const end = performance.now() + ms;
    let done = 0;
    const turns = async (ts: string) => {
      while (done < n && performance.now() < end) {
        done++;
        const { person, present } = TURNS[this.#turnOf(ts) % TURNS.length] ?? TURNS[0];
        const told = this.seen.line(ts);
        const sent = this.on.slack.react(OPERATORS[person] as string, RELEASES, ts, 'eyes', present);
        await Promise.all([sent, told]);
      }
    };
    await Promise.all(this.on.cards.map(turns));
    return done;
  }
}
