import { eq, sql } from 'drizzle-orm';
import { SHIPSHAPE } from '../../base/actor.ts';
import type { Clock } from '../../base/clock.ts';
import { showId } from '../../base/ids.ts';
import type { Policy } from '../../base/policy.ts';
import type { Cause, Source } from '../../db/act.ts';
import { record } from '../../db/audit.ts';
import type { Db, Executor, Tx } from '../../db/client.ts';
import { moveWaiting, post } from '../../db/outbox.ts';
import { threads } from '../../db/schema/core.ts';
import { releases } from '../../db/schema/releases.ts';
import { beginThread } from '../../db/threads.ts';
import { card, checkCard, type Drawing } from './blocks.ts';
import { details } from './details.ts';
import { current } from './facts.ts';
import { threadLink } from './lines.ts';
import { liveCheckTs } from './messages.ts';
import { loadFacts, lockRelease } from './store.ts';
import type { Facts } from './types.ts';

/** What a card or production check shows now, and the candidate it shows; null when its release is gone. */
export async function draw(
  db: Executor,
  row: { role: 'card' | 'check'; releaseId: number },
  policy: Policy,
  now: Date,
): Promise<(Drawing & { candidateId: number }) | null> {
  const f = await loadFacts(db, row.releaseId);
  if (!f) return null;
  const drawing = row.role === 'card' ? card(f, policy, now) : checkCard(f, policy, now);
  return { ...drawing, candidateId: current(f).id };
}

/**
 * A card deleted in Slack is no retraction: a new thread is begun with a new card, the old one linked, and sign-offs stay. The claims stay with the old
 * message, where the reconcile no longer looks. A deleted production check is posted again, and so is one
 * whose thread was left. Does nothing when `goneTs` is not the newest of its role.
 * @param source how it was found out: Slack said so (message), or it was not there when it was read or written (reconcile)
 */
export async function cardGone(
  deps: { db: Db; policy: Policy; clock: Clock },
  releaseId: number,
  role: 'card' | 'check',
  goneTs: string,
  source: Extract<Source, 'message' | 'reconcile'>,
): Promise<void> {
  await deps.db.transaction(async (tx) => {
    await lockRelease(tx, releaseId);
    const f = await loadFacts(tx, releaseId);
    if (!f) return;
    if (role === 'check') return checkGone(tx, f, goneTs);
    if (f.thread.rootTs !== goneTs) return;
    const threadId = await newThread(tx, deps.policy, f);
    const now = deps.clock();
    const cause: Cause = { key: `gone:${goneTs}`, source, actor: SHIPSHAPE.id, eventTime: now };
    await record(tx, cause, { verb: 'new_thread', subject: showId('REL', releaseId), data: { goneTs, threadId } }, now);
  });
}

async function checkGone(tx: Tx, f: Facts, goneTs: string): Promise<void> {
  const { id, threadId } = f.release;
  const live = await liveCheckTs(tx, id);
  await tx.execute(sql`update outbox set failed_at = now(), error = 'message deleted in Slack'
    where subject = ${showId('REL', id)} and role = 'check' and posted_ts = ${goneTs} and failed_at is null`);
  // Of two, one of them in the thread of a deleted card, the newer one is the one that is looked at.
  if (live !== goneTs || (await checkWaits(tx, threadId))) return;
  await post(tx, { role: 'check', target: f.thread.channel, threadId, subject: showId('REL', id) });
}

/** @returns the new thread's id */
async function newThread(tx: Tx, policy: Policy, f: Facts): Promise<number> {
  const { id, manager, threadId: oldId } = f.release;
  const { channel } = f.thread;
  const [old] = await tx.select().from(threads).where(eq(threads.id, oldId));
  const threadId = await beginThread(tx, { kind: 'release', title: old?.title ?? '', responsible: manager, channel });
  await tx.update(releases).set({ threadId }).where(eq(releases.id, id));
  await tx.execute(sql`update outbox set failed_at = now(), error = 'message deleted in Slack'
    where subject = ${showId('REL', id)} and role = 'card' and failed_at is null`);
  await post(tx, { role: 'card', target: channel, threadId, subject: showId('REL', id) });
  const text = `:warning: The card was deleted in Slack; this is the new one. Nothing was taken back. The old thread: ${threadLink(f)}`;
  await post(tx, { role: 'line', target: channel, threadId, text });
  await post(tx, { role: 'line', target: channel, threadId, ...details(f, policy) });
  // What people press while production is checked is here too. The check in the old thread goes on showing the same, and counts.
  if (f.release.state === 'verifying' && !(await checkWaits(tx, oldId)))
    await post(tx, { role: 'check', target: channel, threadId, subject: showId('REL', id) });
  // What still waited for the old thread goes to the new one.
  await moveWaiting(tx, oldId, threadId);
  return threadId;
}

/** Whether a production check is still to be posted in this thread. */
async function checkWaits(tx: Tx, threadId: number): Promise<boolean> {
  const { rowCount } = await tx.execute(sql`select from outbox where lane = ${`thread:${threadId}`}
    and role = 'check' and posted_ts is null and failed_at is null`);
  return Boolean(rowCount);
}
