import type { Actor } from '../../base/actor.ts';
import { showId } from '../../base/ids.ts';
import { mention } from '../../base/mrkdwn.ts';
import { given, refuse, triageState } from './common-rules.ts';
import { SAME_IN_PRODUCTION } from './priority.ts';
import type { Act, Asked, Bug, Decision, Patch } from './types.ts';

/** No question is open. */
export const NO_QUESTION: Patch = { askedFor: null, askedBy: null, askedReason: null, askedAt: null, agreedBy: null };

/** R12: whether this is asked because production has it too. */
function proposed(what: Asked | null, reason: string | null): boolean {
  return what === 'prod_issue' || (what === 'downgrade' && reason === SAME_IN_PRODUCTION);
}

/** R12: what a try in production makes of the question that is open: one that rests on production's having it too lapses when it has not. */
export function lapsed(bug: Bug, happens: boolean): Patch {
  return !happens && proposed(bug.askedFor, bug.askedReason) ? NO_QUESTION : {};
}

/** R14: downgrading and rejecting is asked by one operator, with a reason; another one agrees. */
export function ask(bug: Bug, actor: Actor, act: Extract<Act, { kind: 'ask' }>, now: Date): Decision {
  const reason = given(act.reason, 'say why');
  if ('refusal' in reason) return reason;
  if (proposed(act.what, reason.text) && bug.inProduction !== 'yes') {
    const tried = bug.inProduction === 'no';
    return refuse(
      'not_in_production',
      tried ? 'it does not happen in production, as it was tried last' : 'nobody has seen it in production',
      tried
        ? `If it blocks nothing for another reason: \`/bug downgrade ${showId('BUG', bug.id)} <reason>\`.`
        : 'Try it there first.',
    );
  }
  if (bug.askedFor && bug.askedBy) {
    if (bug.askedBy === actor.id && bug.askedFor === act.what) return { already: 'you asked for that already' };
    const next = 'Agree with it or decline it first: the buttons are on its card.';
    return refuse('asked', `${mention(bug.askedBy)} asked something already`, next);
  }
  const asked = { askedFor: act.what, askedBy: actor.id, askedReason: reason.text, askedAt: now, agreedBy: null };
  return { patch: asked };
}

function outdated(bug: Bug, askedAt: number | undefined): Decision | null {
  if (!bug.askedFor)
    return refuse('not_asked', 'nobody asks to downgrade or reject it', 'Ask for it: `/bug downgrade`.');
  if (askedAt !== undefined && bug.askedAt?.getTime() !== askedAt)
    return refuse('stale', 'that question is settled', 'Use the buttons on the newest card.');
  return null;
}

/** R14: the second operator's word. Where what is asked rests on production's having it too, it still has to (R12). */
export function agree(bug: Bug, actor: Actor, act: Extract<Act, { kind: 'agree' }>, now: Date): Decision {
  const no = outdated(bug, act.askedAt);
  if (no) return no;
  if (bug.askedBy === actor.id)
    return refuse('own', 'you asked for it, and a second operator agrees', 'Ask another operator.');
  if (proposed(bug.askedFor, bug.askedReason) && bug.inProduction !== 'yes')
    return refuse('not_in_production', 'it does not happen in production after all', 'Decline it.');
  if (bug.askedFor === 'reject')
    return { patch: { state: 'rejected', agreedBy: actor.id, endedAt: now, endReason: bug.askedReason } };
  const state = triageState(bug);
  // A fix that nobody retested says nothing, should it block again.
  const fix = bug.state === 'fixing' && { fixCandidateId: null, fixNamedBy: null };
  return { patch: { blocking: false, state, agreedBy: actor.id, askedFor: null, downgradedAt: now, ...fix } };
}

/** R14: no to what is asked; by who asked it, that they ask no more. */
export function decline(bug: Bug, act: Extract<Act, { kind: 'decline' }>): Decision {
  return outdated(bug, act.askedAt) ?? { patch: NO_QUESTION };
}
