// Files that are shared once: an answer that did not come says nothing of whether they arrive.
import { type Slack, SlackError } from '../base/slack.ts';
import type { Sharing } from '../db/schema/outbox.ts';

/**
 * Whether what was shared without an answer may still arrive, so that looking for it now would not say. Whoever asks fails then: the queue counts its
 * tries, and makes them ever further apart.
 */
export function maybeUnderWay(sharing: Sharing | null, slack: Pick<Slack, 'settleMs'>, now: Date): boolean {
  return sharing?.at !== undefined && now.getTime() < sharing.at + slack.settleMs;
}

/** Since when files that were shared without an answer may be there; of those noted without a time, since ever. */
export function sharedAt(sharing: Sharing): Date {
  return new Date(sharing.at ?? 0);
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
