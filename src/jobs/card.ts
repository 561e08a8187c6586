// Draws one card again and updates it in Slack when it differs from what is shown there.
import { eq, getTableColumns } from 'drizzle-orm';
import type { Metrics } from '../base/metrics.ts';
import { SlackError } from '../base/slack.ts';
import { addJob } from '../db/outbox.ts';
import { outbox } from '../db/schema/outbox.ts';
import { blockedUntil, type Delivery, hashOf, isPause, isPaused, pause, unpause } from './delivery.ts';

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
  try {
    const { text, blocks } = drawn;
    await deps.slack.update({ channel: row.postedChannel, ts: row.postedTs, text, blocks, outboxId });
  } catch (err) {
    if (!(err instanceof SlackError) || err.kind === 'doubtful') throw err;
    if (err.kind === 'gone') return deps.onGone(row);
    if (isPause(err)) {
      return pause(deps, row.target, err, (tx, until) => addJob(tx, 'card', { outboxId }, { ...again, at: until }));
    }
    // The next change draws it anew; trying the same again would fail the same.
    deps.log.error({ err, outboxId }, 'Slack does not take this card');
    return;
  }
  deps.metrics.cardUpdates.inc();
  // Each by itself, the hash last: until it is noted the card is drawn again, and the rest noted then.
  if (drawn.candidateId !== undefined) await deps.markShown(db, drawn.candidateId, deps.now());
  if (row.paused) await unpause(db, row.target);
  await db
    .update(outbox)
    .set({ shownHash: hashOf(drawn) })
    .where(eq(outbox.id, outboxId));
}
