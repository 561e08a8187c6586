import { type Answer, tellRefusal } from '../../base/answer.ts';
import type { Refusal } from '../../base/errors.ts';
import { escapeText } from '../../base/mrkdwn.ts';
import { nameOf } from './blocks.ts';
import { eyesWait } from './eyes-rules.ts';
import { afterShipping, counted, current, EYES_NEEDED, openHolds, present, SIGN_OFFS_NEEDED, short } from './facts.ts';
import { STATE_SAYS } from './table.ts';
import type { ActKind, Facts, ReviewPolicy } from './types.ts';

/** What an action tells the person who asked: names release and candidate. */
export interface ReleaseAnswer extends Answer {
  releaseId?: number;
  /** A hold just set without a reason: the reason is asked next. */
  holdId?: number;
}

const head = (f: Facts) => `*${escapeText(nameOf(f))}* (\`${short(current(f).commit)}\`)`;

/** A refusal as two sentences: what was wrong, what to do. */
export function refused(refusal: Refusal, f?: Facts): ReleaseAnswer {
  return f ? { ...tellRefusal(refusal, head(f)), releaseId: f.release.id } : tellRefusal(refusal);
}

export function alreadySo(said: string, f: Facts, policy: ReviewPolicy, now: Date): ReleaseAnswer {
  return { outcome: 'already', text: `${head(f)}: ${said}. ${stands(f, '', policy, now)}.`, releaseId: f.release.id };
}

/** Where it stands. @param held what is added of a hold; what a release without its eyes waits for says that itself */
function stands(f: Facts, held: string, policy: ReviewPolicy, now: Date): string {
  if (f.release.state === 'waiting') return `It waits until ${eyesWait(f, policy, now)}`;
  return `It is ${STATE_SAYS[f.release.state]}${held}`;
}

/** What was done, and where the release stands now. */
export function accepted(kind: ActKind, f: Facts, policy: ReviewPolicy, now: Date): ReleaseAnswer {
  const stage = f.release.state === 'verifying' || f.release.state === 'done' ? 'production' : 'candidate';
  const eyes = Math.min(present(f, stage, policy, now).length, EYES_NEEDED);
  const signed = Math.min(counted(f, stage).length, SIGN_OFFS_NEEDED);
  const counts = ['waiting', 'testing', 'verifying'].includes(f.release.state)
    ? ` (eyes ${eyes}/${EYES_NEEDED}, sign-offs ${signed}/${SIGN_OFFS_NEEDED})`
    : '';
  const held = openHolds(f).length && !afterShipping(f) ? ', and on hold' : '';
  // Where a cancelled one stands is what was done; a hold on it holds nothing.
  const where = kind === 'cancel' ? '' : ` ${stands(f, held, policy, now)}${counts}.`;
  const text = `:white_check_mark: ${head(f)}: ${DONE[kind]}.${where}`;
  return { outcome: 'accepted', text, releaseId: f.release.id };
}

const DONE: Record<ActKind, string> = {
  ready: 'you are here',
  away: 'you stepped away',
  lgtm: 'your sign-off counts',
  verify: 'your production sign-off counts',
  retract: 'your sign-off is taken back',
  hold: 'your hold is set',
  reason: 'the reason is noted',
  unhold: 'the hold is lifted',
  candidate: 'the new candidate is named; sign-offs of earlier ones do not count',
  ship: 'the push may begin; say `/release shipped` when it is live, or `/release failed`',
  ship_on_one: 'the push may begin on one sign-off; a review is owed within 24 h',
  shipped: 'it is live; the production check is in the thread',
  failed: 'the failed push is noted',
  rollback: 'the roll-back is recorded',
  cancel: 'it is cancelled',
  review: 'your review is noted',
  emergency_opened: 'it waits for the emergency',
  emergency_cancelled: 'the emergency no longer holds it',
  tree_verified: 'its tree is verified',
  authors_known: 'its authors are known',
  tick: 'nothing to do',
};
