// Delivery: every message that the bot owes is in Slack, once; nothing else of it is; every event that Slack got rid of was handled.
import { ofBot, outboxIdOf } from '../test/support/bots.ts';
import { DEFAULT_APP, type LocalMessage } from '../test/support/slack.ts';
import type { Evidence } from './verdict.ts';

/** A message, and in a conversation of the bot with one person, who that is. */
export type Seen = LocalMessage & { dmOf?: string };

/** Everything in Slack, as it is there: what one person alone sees too. */
export async function allMessages(url: string): Promise<Seen[]> {
  const read = async (path: string) => (await fetch(`${url}/_control/${path}`)).json();
  const { channels } = (await read('state')) as { channels: { id: string; is_im: boolean; members: string[] }[] };
  const all = await Promise.all(
    channels.map(async ({ id, is_im, members }) => {
      const { messages } = (await read(`messages/${id}`)) as { messages: LocalMessage[] };
      const dmOf = is_im ? members.find((one) => one !== DEFAULT_APP.botUserId) : undefined;
      return messages.map((message) => ({ ...message, ...(dmOf && { dmOf }) }));
    }),
  );
  return all.flat();
}

export async function checkMessages({ world, deeds }: Evidence): Promise<string[]> {
  const wrong: string[] = [];
  const { rows } = await world.pool.query<{ id: string; posted_ts: string | null; error: string | null; lane: string }>(
    'select id, lane, posted_ts, error from outbox order by id',
  );
  const seen = new Map<number, string[]>();
  for (const message of ofBot(await allMessages(world.slack.url))) {
    // A report is files, which are looked up by their own ids.
    if (message.text.startsWith(':page_facing_up: The report of')) continue;
    try {
      const id = outboxIdOf(message);
      seen.set(id, [...(seen.get(id) ?? []), `${message.channel} ${message.ts} ${message.text.slice(0, 80)}`]);
    } catch (err) {
      wrong.push(String(err));
    }
  }
  for (const { id, lane, posted_ts, error } of rows) {
    const found = seen.get(Number(id)) ?? [];
    if (found.length !== 1)
      wrong.push(
        `message ob-${id} of ${lane} (posted ${posted_ts}, ${error}) is in Slack ${found.length} times: ${found.join(' | ')}`,
      );
    else if (!found[0]?.includes(` ${posted_ts} `))
      wrong.push(`message ob-${id} is said to be ${posted_ts}, and is ${found[0]}`);
    seen.delete(Number(id));
  }
  for (const [id, found] of seen) wrong.push(`nobody owed message ob-${id}: ${found.join(' | ')}`);
  const events = await world.pool.query<{ event_id: string; handled: boolean; failed: boolean; error: string }>(
    'select event_id, handled_at is not null as handled, failed_at is not null as failed, error from slack_events',
  );
  const stored = new Map(events.rows.map((row) => [row.event_id, row]));
  for (const row of events.rows)
    if (!row.handled || row.failed) wrong.push(`event ${row.event_id} is dead: ${row.error}`);
  for (const deed of deeds.filter((d) => d.taken && d.road === 'reaction'))
    for (const id of deed.events)
      if (!stored.has(id)) wrong.push(`event ${id} of deed #${deed.n} was acknowledged, and is not stored`);
  return wrong;
}
