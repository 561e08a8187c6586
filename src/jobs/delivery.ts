// What the two jobs that write messages share: their arguments, and what to do when Slack says no for a while.
import { createHash } from 'node:crypto';
import { and, eq, isNull, sql } from 'drizzle-orm';
import { markLost } from '../areas/releases/messages.ts';
import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { escapeText } from '../base/mrkdwn.ts';
import type { Policy } from '../base/policy.ts';
import { type Block, type Slack, SlackError } from '../base/slack.ts';
import type { Db, Executor, Tx } from '../db/client.ts';
import { post } from '../db/outbox.ts';
import { threads } from '../db/schema/core.ts';
import { blockedChannels, outbox } from '../db/schema/outbox.ts';
import { RATE } from '../gateways/slack-errors.ts';

export type OutboxRow = typeof outbox.$inferSelect;
export interface Drawn {
  text: string;
  blocks: Block[];
  /** The candidate it shows, when it is a release's. */
  candidateId?: number;
}

export interface Delivery {
  db: Db;
  slack: Slack;
  policy: Policy;
  log: Logger;
  now: Clock;
  /** @returns what a card shows now; null when there is nothing to show. */
  draw(
    db: Executor,
    row: { id: number; role: 'card' | 'check'; subject: string },
    policy: Policy,
    now: Date,
  ): Promise<Drawn | null>;
  /** Notes when people could first see a candidate on the card. @param at left out: now */
  markShown(db: Executor, candidateId: number, at?: Date): Promise<void>;
  /** The message (a card), or the root of the thread it belongs to (a line), is not in Slack any more. */
  onGone(row: OutboxRow): Promise<void>;
}

/** In place of a channel: nothing can be written anywhere, for the token is refused. */
const EVERYWHERE = '*';
const CHANNEL_PAUSE_MS = 5 * 60_000;
const TOKEN_PAUSE_MS = 60_000;

/** True for what waits until a later time or for a person; nothing was applied then. */
export function isPause(err: SlackError): boolean {
  return err.kind === 'rate_limited' || err.kind === 'channel' || err.kind === 'auth';
}

/** What chat.postMessage and chat.update answer when it is the blocks, the attachments or the length they do not take. */
const DRAWING = new Set([
  'invalid_blocks',
  'invalid_blocks_format',
  'block_mismatch',
  'msg_blocks_too_long',
  'msg_too_long',
  'invalid_attachments',
  'too_many_attachments',
  'attachment_payload_limit_exceeded',
  // Of arguments in general; Slack says that it mostly means blocks or attachments.
  'invalid_arguments',
]);

/** Whether Slack refuses how a message is drawn, so that its text alone may be taken. */
export function isDrawing(err: unknown): err is SlackError {
  return err instanceof SlackError && err.kind === 'invalid' && DRAWING.has(err.code);
}

/** SQL: until when `target` (a channel, or a person's id) may not be written to; null when it may. */
export function blockedUntil(target: unknown) {
  return sql<Date | null>`(select max(until) from ${blockedChannels} b
    where b.channel in (${target}, ${EVERYWHERE}) and b.until > clock_timestamp())`.mapWith(blockedChannels.until);
}

/**
 * Keeps everybody from writing to `target` for a while: as long as Slack asked, 5 minutes when the channel cannot be
 * written to (the admins are told once per outage), a minute everywhere when the token is refused. `also` works in
 * the same transaction and is told until when.
 */
export async function pause(
  deps: Pick<Delivery, 'db' | 'policy' | 'log'>,
  target: string,
  err: SlackError,
  also: (tx: Tx, until: Date) => Promise<void>,
): Promise<void> {
  const asked = Math.max(err.retryAfterMs, 1_000);
  const ms = err.kind === 'rate_limited' ? asked : err.kind === 'channel' ? CHANNEL_PAUSE_MS : TOKEN_PAUSE_MS;
  const channel = err.kind === 'auth' ? EVERYWHERE : target;
  const until = sql`clock_timestamp() + make_interval(secs => ${ms / 1000})`;
  deps.log[err.kind === 'rate_limited' ? 'warn' : 'error']({ err, channel, ms }, 'Slack refuses writing for a while');
  await deps.db.transaction(async (tx) => {
    const [blocked] = await tx
      .insert(blockedChannels)
      .values({ channel, until, reason: err.code })
      .onConflictDoUpdate({
        target: blockedChannels.channel,
        set: { until: sql`greatest(${blockedChannels.until}, excluded.until)`, reason: err.code },
      })
      .returning();
    if (!blocked) throw new Error('the channel was not blocked');
    if (err.kind === 'channel') {
      // What cannot be written can probably not be read either: nothing is approved there until it was.
      await markLost(tx, target);
      if (!blocked.toldAt) await tell(tx, deps, target, err);
    }
    await also(tx, blocked.until);
  });
}

async function tell(tx: Tx, deps: Pick<Delivery, 'policy'>, target: string, err: SlackError): Promise<void> {
  await tx.update(blockedChannels).set({ toldAt: sql`now()` }).where(sql`${blockedChannels.channel} = ${target}`);
  const { admins } = deps.policy.workspace.channels;
  // The admins' own channel being closed can only be logged, which `pause` did.
  if (target === admins) return;
  const text = `I cannot write to <#${target}> (\`${err.code}\`). What is due there waits, and is sent when I can, but for reminders and the like whose time is over by then: invite me to the channel, or unarchive it.`;
  await post(tx, { role: 'line', target: admins, text });
}

/** SQL: whether there is a pause of `target`, over or not, to be forgotten after success. */
export function isPaused(target: unknown) {
  return sql<boolean>`exists (select from ${blockedChannels} b where b.channel in (${target}, ${EVERYWHERE}))`;
}

/** What waits for a person to open it, and why: channels and people, or * for all. Slack's limits pass by themselves. */
export async function closedPlaces(db: Executor): Promise<{ channel: string; reason: string }[]> {
  const { rows } = await db.execute<{ channel: string; reason: string }>(
    sql`select channel, reason from ${blockedChannels} where until > now() and reason <> all(${sql.param([...RATE])}::text[]) order by channel`,
  );
  return rows;
}

/** Forgets a pause that is over, so that the next one is told again. */
export async function unpause(tx: Executor, target: string): Promise<void> {
  await tx.delete(blockedChannels).where(sql`channel in (${target}, ${EVERYWHERE}) and until <= clock_timestamp()`);
}

/** By the kind of a thread: which command helps on. */
const HELP: Record<string, string> = {
  release: '/release',
  bug: '/bug',
  prod_issue: '/bug prod',
  funds: '/funds',
  issue: '/issue',
  meeting: '/thread',
  topic: '/thread',
};

/**
 * What a message says when Slack refuses how it is drawn: the thing and its state, which a card's text names, and which command helps on, where the
 * message belongs to a thread. A card without one is a slot's.
 */
export async function plainText(
  db: Executor,
  row: Pick<OutboxRow, 'threadId' | 'subject'>,
  text: string,
): Promise<string> {
  const { threadId, subject } = row;
  const found =
    threadId === null ? [] : await db.select({ kind: threads.kind }).from(threads).where(eq(threads.id, threadId));
  const command = HELP[found[0]?.kind ?? ''] ?? (subject === null ? null : '/release');
  const help = command === null ? '' : ` \`${command} help\` lists the commands.`;
  return `${text}\n_I can show this only as plain text.${help}_`;
}

/** Notes that Slack refuses a message for good, and tells the admins once per message. */
export async function tellRefused(
  deps: Pick<Delivery, 'db' | 'policy' | 'log'>,
  row: OutboxRow,
  err: SlackError,
): Promise<void> {
  const { admins } = deps.policy.workspace.channels;
  deps.log.error({ err, outboxId: row.id, lane: row.lane }, 'Slack refuses a message');
  await deps.db.transaction(async (tx) => {
    const first = await tx
      .update(outbox)
      .set({ error: errorText(err) })
      .where(and(eq(outbox.id, row.id), isNull(outbox.error)))
      .returning({ id: outbox.id });
    if (!first.length || row.target === admins) return;
    const what = row.subject === null ? 'A message' : `The message of ${row.subject}`;
    const to = row.role === 'dm' ? 'somebody' : `<#${row.target}>`;
    const text = `${what} for ${to} was refused by Slack (\`${escapeText(err.code)}\`). ${doneAbout(row, err)} Please report it with the log of that time.`;
    await post(tx, { role: 'line', target: admins, text });
  });
}

function doneAbout(row: OutboxRow, err: SlackError): string {
  if (!isDrawing(err)) {
    if (row.postedTs !== null)
      return 'It stays as it is there, and so may be out of date; I try again with its next change.';
    if (row.role === 'card') return 'I try again, less and less often; its thread waits for it.';
    return 'I give it up; what it was about holds all the same.';
  }
  const plain = 'I show it as plain text without buttons, if Slack takes that';
  return row.subject === null ? `${plain}.` : `${plain}, and as it should be once Slack takes that again.`;
}

/** What a card shows, in short: equal hashes look equal. */
export function hashOf(drawn: Drawn): string {
  return createHash('sha256')
    .update(JSON.stringify([drawn.text, drawn.blocks]))
    .digest('hex');
}
