import { EYES_NEEDED, openHolds, present } from './facts.ts';
import { refuse } from './gate-rules.ts';
import { NEXT, STATE_SAYS } from './table.ts';
import type { Act, Case, Facts, ReviewPolicy, Stage, Verdict } from './types.ts';

/** R2: what a release in `waiting` waits for: a sentence without its stop, the same on the card and in answers. */
export function eyesWait(f: Facts, policy: ReviewPolicy, now: Date): string {
  const missing = EYES_NEEDED - present(f, 'candidate', policy, now).length;
  const who = missing < 2 ? 'one more operator says' : 'two operators say';
  return `${who} they are here${openHolds(f).length ? ', and it is on hold' : ''}`;
}

/** R2, R8: a person says that they are here and testing: the candidate, or production once that is checked. */
export function ready({ f, actor, act, policy, now }: Case<Extract<Act, { kind: 'ready' }>>): Verdict {
  const stage: Stage = f.release.state === 'verifying' ? 'production' : 'candidate';
  if (act.stage !== undefined && act.stage !== stage) {
    // Only :eyes: on the card, or a button of it from before, get here: what is checked now is production (R8).
    return refuse('wrong_message', `it is ${STATE_SAYS[f.release.state]}`, NEXT.verifying.else);
  }
  if (present(f, stage, policy, now).includes(actor.id)) return { already: 'you are already counted as here' };
  return [{ kind: 'arrived', stage, person: actor.id }];
}

/** R2: a person says that they are here no longer. */
export function away({ f, actor, act, policy, now }: Case<Extract<Act, { kind: 'away' }>>): Verdict {
  // During the push too it is the candidate's eyes that leave: should the push fail, they must not count as here.
  const stage: Stage = act.stage ?? (f.release.state === 'verifying' ? 'production' : 'candidate');
  if (!present(f, stage, policy, now).includes(actor.id)) return { already: 'you were not counted as here' };
  return [{ kind: 'left', stage, person: actor.id, expired: false }];
}
