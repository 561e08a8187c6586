// Reactions in a fast stream, in a known order, and what local Slack did with each.
import { WebSocket } from 'undici';
import type { LogEntry } from '../../src/demo/local-slack.ts';
import { type LocalSlack, until } from './slack.ts';

export interface Reaction {
  user: string;
  channel: string;
  ts: string;
  name: string;
  present: boolean;
}

/** What became of a reaction's event: its id when it was sent to whoever was connected, null when nobody was. */
export interface Sent extends Reaction {
  eventId: string | null;
}

export interface Stream {
  /** Reacts without waiting for anybody; one after the other, in this order. */
  react(reaction: Reaction): void;
  /** Waits until local Slack has dealt with all of them. @returns all since the last time, in order */
  taken(): Promise<Sent[]>;
  /** How many envelopes were acknowledged since the stream was opened, of whatever kind. */
  acks(): number;
  stop(): void;
}

/** Over the page's WebSocket: the control API answers only when the bot has acknowledged, or after 5 s when it died. */
export async function openStream(slack: LocalSlack): Promise<Stream> {
  const socket = new WebSocket(`${slack.url.replace(/^http/, 'ws')}/ui`);
  let given: Reaction[] = [];
  let fates: (string | null)[] = [];
  let acks = 0;
  let ready = false;
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as { t: string; entry: LogEntry };
    if (message.t === 'init') ready = true;
    if (message.t !== 'log') return;
    const { direction, kind, summary, detail } = message.entry;
    if (direction === 'from_bot' && kind === 'ack') acks += 1;
    if (direction === 'internal' && /dropped events_api/.test(summary.replace(/\s+/g, ' '))) fates.push(null);
    if (direction !== 'to_bot' || kind !== 'events_api') return;
    const { event_id, event } = detail as { event_id: string; event: { type: string } };
    if (event.type.startsWith('reaction_')) fates.push(event_id);
  });
  await until(() => ready, "local Slack's page");
  return {
    react: (reaction) => {
      given.push(reaction);
      socket.send(JSON.stringify({ t: 'reaction', ...reaction }));
    },
    taken: async () => {
      await until(() => fates.length === given.length, 'every reaction to be taken by local Slack');
      const sent = given.map((reaction, i) => ({ ...reaction, eventId: fates[i] ?? null }));
      [given, fates] = [[], []];
      return sent;
    },
    acks: () => acks,
    stop: () => socket.close(),
  };
}
