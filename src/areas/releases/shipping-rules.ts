import { WATCH_MS } from '../../base/release.ts';
import type { SlotRules } from '../../base/slots.ts';
import { counted, REVIEW_MS, reviewOwed } from './facts.ts';
import { gate, refuse, staleButton, stalePush, unreconciled } from './gate-rules.ts';
import { behind } from './hold-rules.ts';
import { outOfSlot } from './slot-lines.ts';
import { NEXT } from './table.ts';
import type { Act, Case, Change, Verdict } from './types.ts';

/** R9: where the policy names no slots, only freezes keep a release from shipping. */
const ANY_TIME: SlotRules = { zone: 'UTC', holidays: [], cadence: null };

/** R8, R9: an approved release begins its push: nothing open, in its slot, and its thread read a moment ago. */
export function ship({ f, act, policy, now }: Case<Extract<Act, { kind: 'ship' }>>): Verdict {
  const no =
    staleButton(f, act.candidateId) ??
    gate(f, 'candidate', policy) ??
    outOfSlot(f, policy.slots ?? ANY_TIME, now) ??
    unreconciled(f, now);
  return no ?? [{ kind: 'state', from: 'approved', to: 'shipping' }];
}

/** R9: an emergency may ship on one sign-off when the policy allows it; it then owes a review by a second operator. */
export function shipOnOne({ f, actor, act, policy, now }: Case<Extract<Act, { kind: 'ship_on_one' }>>): Verdict {
  if (f.release.kind !== 'emergency')
    return refuse('not_emergency', 'only an emergency may ship on one sign-off', NEXT.testing.else);
  if (!policy.emergencyShipOnOne)
    return refuse('policy', 'the policy does not allow shipping on one sign-off', NEXT.testing.else);
  const [signer] = counted(f, 'candidate');
  if (!signer)
    return refuse(
      'no_sign_off',
      'nobody has signed off this candidate',
      'One operator signs off first: `/release lgtm`.',
    );
  const no = staleButton(f, act.candidateId) ?? gate(f, 'candidate', policy) ?? unreconciled(f, now);
  if (no) return no;
  return [
    { kind: 'on_one', signer: signer.person, person: actor.id, reviewDueAt: new Date(now.getTime() + REVIEW_MS) },
    { kind: 'state', from: 'testing', to: 'shipping' },
  ];
}

/** R1, R9: nothing went live; it is tested again, behind the emergencies that were opened meanwhile. */
export function failed({ f, actor, act }: Case<Extract<Act, { kind: 'failed' }>>): Verdict {
  return (
    stalePush(f, act) ?? [
      { kind: 'push_failed', person: actor.id },
      { kind: 'state', from: 'shipping', to: 'testing', reason: act.reason },
      ...(act.behind ?? []).map((e): Change => ({ kind: 'held', ...behind(e.id, e.shown), late: false })),
    ]
  );
}

/** R9: the second operator's look at what shipped on one sign-off. Late is better than never, and is said. */
export function review({ f, actor, act, now }: Case<Extract<Act, { kind: 'review' }>>): Verdict {
  if (!reviewOwed(f)) return refuse('no_review', 'it owes no review', 'Nothing was changed.');
  const stale = stalePush(f, act);
  if (stale) return stale;
  if (f.release.onOne === actor.id)
    return refuse('same_person', "you signed it off; the review is a second person's", 'Ask another operator.');
  const late = f.release.reviewDueAt !== null && now > f.release.reviewDueAt;
  return [{ kind: 'reviewed', person: actor.id, note: act.note, late }];
}

/** R8: production goes back to what it was before. What is done, and was followed by a release that is live now, goes back only after that one. */
export function rollback({ f, act, now }: Case<Extract<Act, { kind: 'rollback' }>>): Verdict {
  const stale = stalePush(f, act);
  if (stale) return stale;
  const { state, product } = f.release;
  if (state === 'done' && act.over) {
    const { version, doneAt } = act.over;
    const watched = doneAt === null || now.getTime() - doneAt.getTime() < WATCH_MS;
    const next = watched
      ? `Roll that one back first: \`/release rollback ${product} ${version}\`.`
      : 'That one is watched no more: what mends production now is an emergency, `/release emergency`.';
    return refuse('superseded', `it is not what is live now: ${version} went live after it`, next);
  }
  return [{ kind: 'state', from: state, to: 'rolled_back', reason: act.reason }];
}

/** R1: given up before it shipped, with the reason given. */
export function cancel({ f, act }: Case<Extract<Act, { kind: 'cancel' }>>): Verdict {
  return [{ kind: 'state', from: f.release.state, to: 'cancelled', reason: act.reason }];
}
