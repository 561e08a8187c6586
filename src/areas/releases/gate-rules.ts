import { SHIPSHAPE } from '../../base/actor.ts';
import { isAhead } from '../../base/clock.ts';
import type { Refusal } from '../../base/errors.ts';
import { escapeText, mention, truncate } from '../../base/mrkdwn.ts';
import { current, holdsOn, pushOf, RECONCILE_FRESH_MS, short } from './facts.ts';
import type { Blocker, Facts, Hold, Push, ReviewPolicy, Stage } from './types.ts';

/** A refusal: a stable code, what was wrong, and what to do next. */
export const refuse = (code: string, reason: string, next: string): Refusal => ({ code, reason, next });

/** One thing that keeps sign-offs out: as a refusal, and in the words of what is waited for. */
export interface Obstacle {
  refusal: Refusal;
  waits: string;
}

const BLOCKED_SAYS = {
  open: 'a blocking bug is open',
  known: 'its candidate is code that has a blocking bug',
  assumed: 'its candidate is assumed to have a blocking bug, for it was named before a retest of that failed',
};

/** R14: what is said behind the title of a blocker that is fixed elsewhere; nothing of one that is open. */
export function backSays({ back }: Pick<Blocker, 'back'>): string {
  if (!back) return '';
  return back === 'known'
    ? ' (fixed in another commit, not in this one)'
    : ' (fixed in another commit; this one was named before a retest failed, so it is assumed to have it)';
}

/** R5: what keeps any sign-off of `stage` from being accepted now, by the policy of now, or null. */
export function gate(f: Facts, stage: Stage, policy: Pick<ReviewPolicy, 'ciGates'>): Refusal | null {
  return obstacles(f, stage, policy)[0]?.refusal ?? null;
}

/** R5: everything of that kind, what is refused with first in front; what is shown as the next step is taken from it too. */
export function obstacles(f: Facts, stage: Stage, policy: Pick<ReviewPolicy, 'ciGates'>): Obstacle[] {
  const found: Obstacle[] = [];
  const add = (waits: string, ...refusal: Parameters<typeof refuse>) =>
    found.push({ waits, refusal: refuse(...refusal) });
  if (f.release.lostAt)
    add(
      'its channel to be readable again',
      'lost',
      'I cannot read its channel in Slack, so I may be missing something',
      'Make sure that I am in the channel and that it is not archived; I look again every few minutes.',
    );
  const [hold] = holdsOn(f, stage);
  if (hold) add('the hold to be lifted', 'held', onHold(hold), `${liftedBy(hold)} lifts it with \`/release unhold\`.`);
  const [blocker] = f.blockers;
  if (blocker) {
    const n = f.blockers.length;
    const more = n > 1 ? ` and ${n - 1} more` : '';
    add(
      n === 1 ? 'a blocking bug' : `${n} blocking bugs`,
      'blocked',
      `${BLOCKED_SAYS[blocker.back ?? 'open']}: ${escapeText(truncate(blocker.title, 300))}${more}`,
      blocker.back
        ? 'It is fixed in another commit: name a candidate that has the fix.'
        : 'It must be verified as fixed, downgraded or rejected first.',
    );
  }
  const ci = stage === 'candidate' && policy.ciGates ? f.ci : null;
  const suite = ci?.waiting[0];
  if (ci && ci.failed > 0) {
    const tests = `${ci.failed} automated ${ci.failed === 1 ? 'test fails' : 'tests fail'}`;
    add('the automated tests', 'ci', tests, 'They must pass, or a new candidate be named.');
  } else if (suite !== undefined)
    add(
      'the automated tests',
      'ci_waiting',
      `no results of the automated tests (${escapeText(suite)}) have come in for this candidate`,
      'They come by `shipshape ci-report`; sign off when they have. An operator waives a suite that will not report any more: `/release waive`.',
    );
  const left = f.unfinished[stage];
  if (left > 0)
    add(
      `${left} test ${left === 1 ? 'case' : 'cases'}`,
      'unfinished',
      `${left} required test ${left === 1 ? 'case is' : 'cases are'} unfinished`,
      `Finish ${left === 1 ? 'it' : 'them'} first.`,
    );
  return found;
}

/** What people typed is escaped here: a refusal is mrkdwn. */
export function onHold(hold: Hold): string {
  return `it is on hold${hold.reason ? `: ${escapeText(hold.reason)}` : ''}`;
}

/** Who lifts a hold, as the beginning of a sentence. The one that a restore sets is the bot's own, which lifts none. */
export function liftedBy(hold: Hold): string {
  if (hold.emergencyId !== null) return 'A new candidate with the emergency fix, or an admin,';
  return hold.person === SHIPSHAPE.id
    ? "The release's manager or an admin"
    : `${mention(hold.person)}, its manager or an admin`;
}

/** R3: a button acts only on the candidate it was drawn for. */
export function staleButton(f: Facts, drawnFor: number | undefined): Refusal | null {
  const at = current(f);
  if (drawnFor === undefined || drawnFor === at.id) return null;
  const was = f.candidates.find((x) => x.id === drawnFor);
  const which = was ? `\`${short(was.commit)}\`` : 'another release';
  return refuse(
    'stale_button',
    `that was for ${which}; the candidate is now \`${short(at.commit)}\``,
    'Test that one and sign off from the card.',
  );
}

/** R3: what is said of a push is said of the one it was drawn for. A candidate may be pushed more than once. */
export function stalePush(f: Facts, { candidateId, push }: Push): Refusal | null {
  const now = pushOf(f);
  if ((candidateId ?? now.candidateId) === now.candidateId && (push ?? now.push) === now.push) return null;
  const at = `\`${short(current(f).commit)}\``;
  const was = f.candidates.find((x) => x.id === candidateId && x.id !== now.candidateId);
  const reason = was
    ? `that was for an earlier push of \`${short(was.commit)}\`; ${at} is pushed now`
    : `that was for an earlier push; another one of ${at} has begun`;
  return refuse('stale_push', reason, "Use the card's buttons: they are for the push that is on.");
}

/** R8: shipping needs a complete reconcile within the last 30 s, so that no retraction was missed; one in the future was noted by a wrong clock. */
export function unreconciled(f: Facts, now: Date): Refusal | null {
  const read = f.release.reconciledAt;
  if (read && !isAhead(read, now) && now.getTime() - read.getTime() <= RECONCILE_FRESH_MS) return null;
  return refuse(
    'not_reconciled',
    'its thread in Slack could not be read completely in the last 30 s',
    'Try again in a moment; nothing ships on half a picture.',
  );
}
