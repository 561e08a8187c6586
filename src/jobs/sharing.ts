// Files that are shared once: an answer that did not come says nothing of whether they arrive.
import { isAhead } from '../base/clock.ts';
import { type Slack, SlackError } from '../base/slack.ts';
import type { Sharing } from '../db/schema/outbox.ts';

/**
 * Whether what was shared without an answer may still arrive, so that looking for it now would not say. Whoever asks fails then: the queue counts its
 * tries, and makes them ever further apart. What a fast clock dated ahead is looked for at once.
 */
export function maybeUnderWay(sharing: Sharing | null, slack: Pick<Slack, 'settleMs'>, now: Date): boolean {
  if (sharing?.at === undefined || isAhead(new Date(sharing.at), now)) return false;
  return now.getTime() < sharing.at + slack.settleMs;
}

/** A clock may have been fast by so much while it was noted when files were shared. */
const FAST_MS = 24 * 3_600_000;

/** Since when files that were shared without an answer may be there; of those noted without a time, or with one that is still ahead, since ever. */
export function sharedSince({ at }: Sharing, now: Date): Date {
  return at === undefined || isAhead(new Date(at), now) ? new Date(0) : new Date(at - FAST_MS);
}

/** Shares; what Slack refused did surely not arrive, and that is noted. @throws what `share` throws */
export async function shareOnce(share: () => Promise<unknown>, refused: () => Promise<void>): Promise<void> {
  try {
    await share();
  } catch (err) {
    if (err instanceof SlackError && err.kind !== 'doubtful') await refused();
    throw err;
  }
}
