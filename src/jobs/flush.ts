// Posts what waits in one lane of the outbox, one after the other and in order, each exactly once.
import { and, eq, isNull, sql } from 'drizzle-orm';
import { unsaid } from '../areas/reminders/store.ts';
import { errorText } from '../base/errors.ts';
import { type Block, SlackError } from '../base/slack.ts';
import type { Executor } from '../db/client.ts';
import { addJob, refreshCards } from '../db/outbox.ts';
import { threads } from '../db/schema/core.ts';
import { blockedChannels, outbox } from '../db/schema/outbox.ts';
import {
  blockedUntil,
  type Delivery,
  type Drawn,
  hashOf,
  isDrawing,
  isPause,
  isPaused,
  type OutboxRow,
  pause,
  plainText,
  tellRefused,
  unpause,
} from './delivery.ts';
import { linkedCards } from './draw.ts';

/** One job posts at most so many, so that a long lane neither starves others nor holds up a stop. */
const AT_ONCE = 20;
/** Whoever was held up for longer between noting an attempt and making it leaves it: others may be looking for it by the time it arrives. */
const STALL_MS = 1_000;
const BACK_OFF_MAX_MS = 60_000;

interface Waiting {
  row: OutboxRow;
  /** Of the row's thread; null when it is not posted, or when there is no thread. */
  rootTs: string | null;
  /** Not to be touched until then: the channel is blocked, or an attempt by a process that died is too fresh. */
  notBefore: Date | null;
  /** Whether there is a pause to be forgotten after success. */
  paused: boolean;
}

/**
 * Posts the lane's waiting messages. A thread's root goes first, whatever its id; without it nothing of the thread is
 * posted. A doubtful message is looked up before it is posted again; one that Slack does not take as it is drawn is posted as plain text; what it
 * does not take at all is marked failed, what waited out its use is left out, and the rest goes on, but a root is tried again; anything else waits in its place and the job is put off.
 * @throws only what the database or drawing throws: the queue tries again.
 */
export async function flush(deps: Delivery, lane: string): Promise<void> {
  for (let n = 0; n < AT_ONCE; n++) {
    const waiting = await first(deps.db, lane, deps.slack.settleMs);
    if (!waiting) return;
    if (waiting.notBefore) return later(deps.db, lane, waiting.notBefore);
    if (isOrphan(waiting)) {
      deps.log.error({ lane, outboxId: waiting.row.id }, 'the thread has no root message: its lines wait');
      return;
    }
    if (!(await deliver(deps, waiting))) return;
  }
  await later(deps.db, lane, 0);
}

async function first(db: Executor, lane: string, settleMs: number): Promise<Waiting | undefined> {
  // A post that was under way when its process died, or lost the lane, may reach Slack after the next one looks for it.
  const settles = sql`${outbox.attemptedAt} + make_interval(secs => ${settleMs / 1000})`;
  const settled = sql`case when ${settles} > clock_timestamp() then ${settles} end`;
  const [found] = await db
    .select({
      row: outbox,
      rootTs: threads.rootTs,
      notBefore: sql<Date | null>`greatest(${blockedUntil(outbox.target)}, ${settled})`.mapWith(blockedChannels.until),
      paused: isPaused(outbox.target),
    })
    .from(outbox)
    .leftJoin(threads, eq(threads.id, outbox.threadId))
    .where(and(eq(outbox.lane, lane), isNull(outbox.postedTs), isNull(outbox.failedAt)))
    .orderBy(sql`(${outbox.role} = 'card' and ${threads.rootTs} is null) desc`, outbox.id)
    .limit(1);
  return found;
}

function isOrphan({ row, rootTs }: Waiting): boolean {
  return row.threadId !== null && row.role !== 'card' && rootTs === null;
}

/** @returns whether the next of the lane may follow now. */
async function deliver(deps: Delivery, waiting: Waiting): Promise<boolean> {
  const { db, slack } = deps;
  const { row } = waiting;
  let attempts = row.attempts;
  try {
    const channel = row.role === 'dm' ? await slack.openDm(row.target) : row.target;
    const threadTs = row.role === 'card' ? undefined : (waiting.rootTs ?? undefined);
    const place = { channel, outboxId: row.id, ...(threadTs === undefined ? {} : { threadTs }) };
    if (row.attemptedAt) {
      const found = await slack.findPosted({ ...place, since: row.createdAt });
      if (found) return await posted(deps, waiting, channel, found);
    }
    if (row.until !== null && row.until <= deps.now()) return await leaveOut(deps, row);
    const drawn = isCard(row) ? await deps.draw(db, row, deps.policy, deps.now()) : undefined;
    if (drawn === null) return await fail(deps, row, new Error('there is nothing to show'));
    if (!(await attempt(db, row, attempts))) return false;
    attempts += 1;
    const content = drawn ?? { text: row.text, ...(row.blocks ? { blocks: row.blocks as Block[] } : {}) };
    const { broadcast } = row;
    try {
      const { ts } = await slack.postMessage({ ...place, text: content.text, blocks: content.blocks, broadcast });
      return await posted(deps, waiting, channel, ts, drawn);
    } catch (err) {
      if (!isDrawing(err) || !content.blocks) throw err;
      // Refused for certain. Its text says it too, and is taken: a card's thread waits for it, and a line is not to be lost.
      await tellRefused(deps, row, err);
      const text = await plainText(db, row, content.text);
      if (!(await attempt(db, row, attempts))) return false;
      attempts += 1;
      const { ts } = await slack.postMessage({ ...place, text, broadcast });
      return await posted(deps, waiting, channel, ts);
    }
  } catch (err) {
    if (!(err instanceof SlackError)) throw err;
    return trouble(deps, row, err, attempts);
  }
}

/**
 * Notes an attempt, committed before Slack is called: whatever happens from here on, the message is looked for before it is sent again.
 * @returns false when somebody else may be at it, and the lane was put off
 */
async function attempt(db: Executor, row: OutboxRow, attempts: number): Promise<boolean> {
  const began = performance.now();
  const mine = await db
    .update(outbox)
    .set({ attemptedAt: sql`clock_timestamp()`, attempts: attempts + 1 })
    .where(and(eq(outbox.id, row.id), eq(outbox.attempts, attempts), isNull(outbox.postedTs), isNull(outbox.failedAt)))
    .returning({ id: outbox.id });
  // None: the lock on the lane was lost and somebody else began since this row was read, or it goes to another thread now.
  if (mine.length > 0 && performance.now() - began <= STALL_MS) return true;
  await later(db, row.lane, 1_000);
  return false;
}

/** Marks a message as posted. What changed since a card was drawn is drawn again at once. */
async function posted(deps: Delivery, waiting: Waiting, channel: string, ts: string, drawn?: Drawn): Promise<boolean> {
  const { row } = waiting;
  const shownHash = drawn ? hashOf(drawn) : null;
  const mark = async (tx: Executor) => {
    // What was refused before is mended when it is shown in full; else its next refusal would not be told.
    const mended = drawn ? { error: null } : {};
    const set = { postedTs: ts, postedChannel: channel, postedAt: sql`now()`, shownHash, ...mended };
    await tx.update(outbox).set(set).where(eq(outbox.id, row.id));
  };
  // Most messages are lines, of which nothing else is to be noted.
  if (!isCard(row) && !waiting.paused) {
    await mark(deps.db);
    return true;
  }
  // Only a convenience for links: without it names are shown without one.
  const url = row.role === 'card' ? await deps.slack.permalink(channel, ts).catch(() => null) : null;
  await deps.db.transaction(async (tx) => {
    await mark(tx);
    if (row.role === 'card' && row.threadId !== null) {
      await tx
        .update(threads)
        .set({ rootTs: ts, url })
        .where(and(eq(threads.id, row.threadId), isNull(threads.rootTs)));
    }
    if (drawn?.candidateId !== undefined) await deps.markShown(tx, drawn.candidateId, new Date(Number(ts) * 1000));
    if (isCard(row)) await refreshCards(tx, row.subject);
    if (waiting.paused) await unpause(tx, row.target);
  });
  // One by one, after the message's own row: cards that link to each other are posted at the same time.
  if (row.role === 'card' && row.subject !== null)
    for (const subject of await linkedCards(deps.db, row.subject)) await refreshCards(deps.db, subject);
  return true;
}

/** @param attempts made by now. More than the row knew: it was the post itself that failed, not a look-up, and only then is it known not to be in Slack. */
async function trouble(deps: Delivery, row: OutboxRow, err: SlackError, attempts: number): Promise<boolean> {
  const sent = attempts > row.attempts;
  const notThere = async (tx: Executor) => {
    // Whoever began after the lock on the lane was lost has made an attempt of its own, which must be looked for.
    const mine = and(eq(outbox.id, row.id), eq(outbox.attempts, attempts));
    if (sent) await tx.update(outbox).set({ attemptedAt: null }).where(mine);
  };
  if (isPause(err) && !(row.role === 'dm' && err.kind === 'channel')) {
    await pause(deps, row.target, err, async (tx, until) => {
      await notThere(tx);
      await later(tx, row.lane, until);
    });
    return false;
  }
  if (err.kind === 'doubtful') {
    const ms = await backOff(deps.db, row, sent);
    deps.log.warn({ err, outboxId: row.id, ms }, 'a message may or may not have arrived: looking again later');
    await later(deps.db, row.lane, ms);
    return false;
  }
  if (err.kind === 'gone' && row.threadId !== null && row.role !== 'card') {
    await notThere(deps.db);
    await deps.onGone(row);
    await later(deps.db, row.lane, await backOff(deps.db, row, sent));
    return false;
  }
  if (row.role !== 'card') {
    // A person who cannot be written to alarms nobody.
    if (row.role !== 'dm') await tellRefused(deps, row, err);
    return fail(deps, row, err);
  }
  // Never given up: all that its thread is still to say would be lost with it.
  await tellRefused(deps, row, err);
  await notThere(deps.db);
  await later(deps.db, row.lane, await backOff(deps.db, row, sent));
  return false;
}

/** R23: it was for a time that is over, and is not in Slack: it is given up, and nobody was reminded by it. */
async function leaveOut(deps: Delivery, row: OutboxRow): Promise<boolean> {
  deps.log.info({ outboxId: row.id, lane: row.lane, until: row.until }, 'a message waited out its use: left out');
  await deps.db.transaction(async (tx) => {
    const mine = and(eq(outbox.id, row.id), eq(outbox.attempts, row.attempts), isNull(outbox.postedTs));
    const set = { failedAt: sql`now()`, error: 'waited out its use' };
    const left = await tx.update(outbox).set(set).where(mine).returning({ id: outbox.id });
    if (left.length) await unsaid(tx, row.id);
  });
  return true;
}

/** One message that can never be posted must not stop the others of its thread. */
async function fail(deps: Delivery, row: OutboxRow, err: Error): Promise<boolean> {
  deps.log.error({ err, outboxId: row.id, lane: row.lane }, 'a message cannot be posted');
  await deps.db
    .update(outbox)
    .set({ failedAt: sql`now()`, error: errorText(err) })
    .where(eq(outbox.id, row.id));
  return true;
}

/** @returns milliseconds to wait: 2 s, doubled with every attempt. A failed look-up counts as one too. */
async function backOff(db: Executor, row: OutboxRow, counted: boolean): Promise<number> {
  if (!counted)
    await db
      .update(outbox)
      .set({ attempts: row.attempts + 1 })
      .where(and(eq(outbox.id, row.id), eq(outbox.attempts, row.attempts)));
  return Math.min(BACK_OFF_MAX_MS, 2_000 * 2 ** Math.min(row.attempts, 10));
}

/** The queue's own retries would count every stumble of a long lane together, and give up in the end. */
async function later(tx: Executor, lane: string, when: Date | number): Promise<void> {
  const at = typeof when === 'number' ? new Date(Date.now() + when) : when;
  await addJob(tx, 'flush', { lane }, { key: `flush:${lane}`, at, mode: 'replace' });
}

function isCard(row: OutboxRow): row is OutboxRow & { role: 'card' | 'check'; subject: string } {
  return (row.role === 'card' || row.role === 'check') && row.subject !== null;
}
