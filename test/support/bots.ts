// What the tests with several bots, and with bots that are killed, share: a bigger team, and ways to look at everything at once.
import type pg from 'pg';
import { CHANNELS, type LocalMessage, type LocalSlack, startSlack, until } from './slack.ts';

export const MANAGER = 'U0MANAGER';
/** Ten operators, U0OP0 to U0OP9. */
export const OPERATORS = Array.from({ length: 10 }, (_, i) => `U0OP${i}`);

/** A policy with ten operators and the products p0, p1, … */
export function policyWith(products: number): string {
  const lines = Array.from({ length: products }, (_, i) => `  - { key: p${i}, name: Product ${i} }`);
  return `
workspace:
  team_id: T01SHIP
  channels: { releases: ${CHANNELS.releases}, admins: ${CHANNELS.admins} }
team: { zone: Europe/Lisbon, hours: { start: '09:00', end: '18:00' } }
roles:
  operators: { users: [${OPERATORS.join(', ')}] }
  engineers: { users: [${MANAGER}] }
  admins: { users: [U0ADA] }
products:
${lines.join('\n')}
`;
}

/** A local Slack with the manager and the operators in every channel. */
export function startTeamSlack(): Promise<LocalSlack> {
  const ids = [MANAGER, ...OPERATORS];
  const users = ids.map((id) => ({ id, name: id.toLowerCase(), real_name: id, tz: 'Europe/Lisbon' }));
  const channels = Object.entries(CHANNELS).map(([name, id]) => ({ id, name, members: [...ids, 'U0SHIPBOT'] }));
  return startSlack({ users, channels });
}

export interface OpenRelease {
  id: number;
  product: string;
  /** Of its card. */
  ts: string;
  candidateId: number;
}

/** Opens a release of `product` by command. @returns it when its card is in Slack */
export async function openRelease(slack: LocalSlack, pool: pg.Pool, product: string): Promise<OpenRelease> {
  await slack.command(MANAGER, `open ${product} 1.0.0 abc1234`);
  return until(async () => {
    const { rows } = await pool.query(
      `select r.id, r.product, t.root_ts as ts, c.id as candidate from releases r
       join threads t on t.id = r.thread_id join candidates c on c.release_id = r.id
       where r.product = $1 and t.root_ts is not null`,
      [product],
    );
    const [row] = rows;
    return row && { id: Number(row.id), product: row.product, ts: row.ts, candidateId: Number(row.candidate) };
  }, `a card for ${product}`);
}

/** Waits until `count` people are here at this release, and with two of them testing began. */
export async function untilHere(pool: pg.Pool, releaseId: number, count: number): Promise<void> {
  await until(async () => {
    const { rows } = await pool.query(
      'select count(*)::int as n from presences where release_id = $1 and left_at is null',
      [releaseId],
    );
    return rows[0].n >= count;
  }, `${count} people here at release ${releaseId}`);
}

/** Waits until nothing is stored and unhandled, no job of ours is due (but for what is put off on purpose), and everything owed to Slack is there. */
export async function untilQuiet(pool: pg.Pool, ms = 60_000): Promise<void> {
  await until(
    async () => {
      const { rows } = await pool.query(
        `select (select count(*)::int from slack_events where handled_at is null) as events,
          (select json_agg(json_build_object('lane', lane, 'role', role, 'text', text, 'attempted', attempted_at, 'failed', failed_at, 'error', error))
            from outbox where posted_ts is null) as owed,
          (select json_agg(json_build_object('task', t.identifier, 'key', j.key, 'run_at', j.run_at, 'attempts', j.attempts,
              'locked_by', j.locked_by, 'error', j.last_error, 'queue', q.queue_name, 'queue_locked_by', q.locked_by))
            from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
            left join graphile_worker._private_job_queues q on q.id = j.job_queue_id
            -- One that was running in a process that died, when another was added under its key, is given up for that one.
            -- What is shown again to be sure is shown already.
            where t.identifier not in ('tick', 'homes', 'seal', 'sheets', 'anew') and not (j.attempts = j.max_attempts and j.key is null
              and j.locked_at is null and j.last_error is null)) as jobs`,
      );
      const { events, owed, jobs } = rows[0];
      return (events === 0 && owed === null && jobs === null) || Promise.reject(new Error(JSON.stringify(rows[0])));
    },
    'quiet',
    ms,
  );
}

/** What the bot wrote in a channel, or to one person there: not what people said, no answers only one person sees. */
export function ofBot(messages: readonly LocalMessage[]): LocalMessage[] {
  return messages.filter((m) => m.bot_id !== undefined && m.subtype !== 'ephemeral');
}

/** The outbox id a message of the bot's carries in its first block. @throws when it carries none */
export function outboxIdOf(message: LocalMessage): number {
  const id = /^ob-(\d+)$/.exec(message.blocks?.[0]?.block_id ?? '')?.[1];
  if (id === undefined) throw new Error(`a message without an outbox id: ${message.text}`);
  return Number(id);
}

/** Every message the bot has in Slack, in its channels and in DMs, by outbox id; what stands there twice is listed twice. */
export async function postedIds(slack: LocalSlack): Promise<number[]> {
  const state = await (await fetch(`${slack.url}/_control/state`)).json();
  const ids: string[] = (state as { channels: { id: string }[] }).channels.map((c) => c.id);
  const all = await Promise.all(
    ids.map(async (id) => {
      const answer = await (await fetch(`${slack.url}/_control/messages/${id}`)).json();
      return ofBot((answer as { messages: LocalMessage[] }).messages).map(outboxIdOf);
    }),
  );
  return all.flat().sort((a, b) => a - b);
}

/** Runs `work` for each item, `width` at a time. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const run = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: width }, run));
}
