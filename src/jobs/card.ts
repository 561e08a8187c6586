// Draws one card again and updates it in Slack when it differs from what is shown there.
import { and, eq, getTableColumns, sql } from 'drizzle-orm';
import type { Metrics } from '../base/metrics.ts';
import { SlackError } from '../base/slack.ts';
import type { Db } from '../db/client.ts';
import { databaseNow } from '../db/clock.ts';
import { addJob } from '../db/outbox.ts';
import { outbox } from '../db/schema/outbox.ts';
import {
  blockedUntil,
  type Delivery,
  hashOf,
  isDrawing,
  isPause,
  isPaused,
  pause,
  plainText,
  tellRefused,
  unpause,
} from './delivery.ts';

/**
 * Brings a posted card or check message up to date. One that is not posted yet is drawn when it is.
 * @throws SlackError of kind doubtful (an update may be repeated, so the queue does), and what the database throws.
 */
export async function updateCard(
  deps: Delivery & { metrics: Pick<Metrics, 'cardUpdates'> },
  outboxId: number,
): Promise<void> {
  const { db } = deps;
  const [row] = await db
    .select({ ...getTableColumns(outbox), notBefore: blockedUntil(outbox.target), paused: isPaused(outbox.target) })
    .from(outbox)
    .where(eq(outbox.id, outboxId));
  if (!row?.postedTs || !row.postedChannel || row.failedAt || row.subject === null) return;
  if (row.role !== 'card' && row.role !== 'check') return;
  const key = `card:${outboxId}`;
  const again = { key, mode: 'replace' } as const;
  if (row.notBefore) return addJob(db, 'card', { outboxId }, { ...again, at: row.notBefore });

  const drawn = await deps.draw(db, { id: row.id, role: row.role, subject: row.subject }, deps.policy, deps.now());
  if (!drawn || hashOf(drawn) === row.shownHash) return;
  const place = { channel: row.postedChannel, ts: row.postedTs, outboxId };
  let shownHash = hashOf(drawn);
  let plain = false;
  // From here until an answer is noted nobody knows what is shown. Otherwise a card whose update arrived without an answer, and that is then to look
  // as it did before it, would be taken for up to date.
  if (!(await note(db, outboxId, row.shownHash, { shownHash: null }))) return addJob(db, 'card', { outboxId }, { key });
  try {
    try {
      await deps.slack.update({ ...place, text: drawn.text, blocks: drawn.blocks });
    } catch (err) {
      if (!isDrawing(err)) throw err;
      // Better plain than out of date. The next change draws it anew, as it should be.
      await tellRefused(deps, row, err);
      const text = await plainText(db, row, drawn.text);
      shownHash = hashOf({ text, blocks: [] });
      if (shownHash !== row.shownHash) await deps.slack.update({ ...place, text });
      plain = true;
    }
  } catch (err) {
    if (!(err instanceof SlackError) || err.kind === 'doubtful') throw err;
    if (err.kind === 'gone') return deps.onGone(row);
    if (isPause(err)) {
      // Nothing was applied.
      await note(db, outboxId, null, { shownHash: row.shownHash });
      return pause(deps, row.target, err, (tx, until) => addJob(tx, 'card', { outboxId }, { ...again, at: until }));
    }
    // Nor as plain text, or for another reason than how it is drawn; trying the same again would fail the same.
    return tellRefused(deps, row, err);
  }
  deps.metrics.cardUpdates.inc();
  // Each by itself, the hash last: until it is noted the card is drawn again, and the rest noted then.
  if (drawn.candidateId !== undefined) await deps.markShown(db, drawn.candidateId);
  if (row.paused) await unpause(db, row.target);
  // Of the update before nobody heard: its process died, or its connection was cut. Slack may apply it as long as a call may take, over this one.
  if (row.shownHash === null || row.shownHash === AGAIN_UNHEARD) {
    const settled = new Date((await databaseNow(db)).getTime() + deps.slack.settleMs);
    await addJob(db, 'anew', { outboxId }, { key: `anew:${outboxId}`, mode: 'replace', at: settled });
  }
  if (await note(db, outboxId, null, { shownHash, ...(!plain && { error: null }) })) return;
  // The lock on the card was lost meanwhile and somebody else drew it too: nobody knows whose drawing came last.
  await db.update(outbox).set({ shownHash: null }).where(eq(outbox.id, outboxId));
  await addJob(db, 'card', { outboxId }, { key });
}

/** In place of a hash: what is shown is to be shown again, though it was heard that it is. */
const AGAIN = 'again';
/** The same, when an update is under way, or was and nobody heard of it: whoever hears of it finds this in place of what they left, and shows the card again. */
const AGAIN_UNHEARD = 'again, unheard';

/** Has a card shown again. It is noted where it cannot be lost, however often the job that does it is put off or taken for another. */
export async function showAnew(db: Db, outboxId: number): Promise<void> {
  const { shownHash } = outbox;
  const again = sql`case when ${shownHash} is null or ${shownHash} = ${AGAIN_UNHEARD} then ${AGAIN_UNHEARD} else ${AGAIN} end`;
  await db.update(outbox).set({ shownHash: again }).where(eq(outbox.id, outboxId));
  await addJob(db, 'card', { outboxId }, { key: `card:${outboxId}` });
}

/** @returns whether it was noted: not when somebody else noted what they drew since `before` was read */
async function note(db: Db, outboxId: number, before: string | null, set: { shownHash: string | null; error?: null }) {
  const same = sql`${outbox.shownHash} is not distinct from ${before}`;
  const rows = await db
    .update(outbox)
    .set(set)
    .where(and(eq(outbox.id, outboxId), same))
    .returning({ id: outbox.id });
  return rows.length > 0;
}
