import { createHash } from 'node:crypto';
import type { Policy } from '../../base/policy.ts';
import type { Facts } from './types.ts';
import { READ_BY } from './words.ts';

/**
 * R7: a print of what reactions and words mean, by this policy and this code. Where a thread was read completely under another one, what meant nothing
 * then was not seen to be absent: it may be older than its meaning.
 */
export function readAs({ reactions: { eyes, lgtm, hold } }: Pick<Policy, 'reactions'>): string {
  const all = JSON.stringify([eyes, lgtm, hold, READ_BY]);
  return createHash('sha256').update(all).digest('base64url').slice(0, 16);
}

/**
 * R7: whether the last complete reading was made under other meanings; or, of what was said at `said`, whether that is older than the first one under
 * these, where others came before: an event that was stored meant nothing then.
 */
export function readOtherwise({ release }: Facts, policy: Pick<Policy, 'reactions'>, said?: Date): boolean {
  if (release.reconciledAt === null) return false;
  const [print, since] = (release.reconciledAs ?? '').split(' ');
  return print !== readAs(policy) || (said !== undefined && since !== undefined && said < new Date(since));
}

/** Why it is asked then. */
export const OTHERWISE =
  'what reactions and messages mean to me has changed since I last looked here, and yours may be older, so it was not counted.';
