import type { Refusal } from '../../base/errors.ts';
import { escapeText, mention, truncate } from '../../base/mrkdwn.ts';
import { current, openHolds, RECONCILE_FRESH_MS, short } from './facts.ts';
import type { Facts, Hold, ReviewPolicy, Stage } from './types.ts';

/** A refusal: a stable code, what was wrong, and what to do next. */
export const refuse = (code: string, reason: string, next: string): Refusal => ({ code, reason, next });

/** R5: what keeps any sign-off of `stage` from being accepted now, by the policy of now, or null. */
export function gate(f: Facts, stage: Stage, policy: Pick<ReviewPolicy, 'ciGates'>): Refusal | null {
  if (f.release.lostAt) {
    return refuse(
      'lost',
      'I cannot read its channel in Slack, so I may be missing something',
      'Make sure that I am in the channel and that it is not archived; I look again every few minutes.',
    );
  }
  // An emergency holds what waits to ship; what is in production already is checked all the same.
  const hold = openHolds(f).find((h) => stage === 'candidate' || h.emergencyId === null);
  if (hold) {
    return refuse('held', onHold(hold), `${liftedBy(hold)} lifts it with \`/release unhold\`.`);
  }
  const [blocker] = f.blockers;
  if (blocker) {
    const more = f.blockers.length > 1 ? ` and ${f.blockers.length - 1} more` : '';
    return refuse(
      'blocked',
      `a blocking bug is open: ${escapeText(truncate(blocker.title, 300))}${more}`,
      'It must be verified as fixed, downgraded or rejected first.',
    );
  }
  if (stage === 'candidate' && policy.ciGates && f.ci && f.ci.failed > 0) {
    const tests = `${f.ci.failed} automated ${f.ci.failed === 1 ? 'test fails' : 'tests fail'}`;
    return refuse('ci', tests, 'They must pass, or a new candidate be named.');
  }
  const suite = stage === 'candidate' && policy.ciGates ? f.ci?.waiting[0] : undefined;
  if (suite !== undefined)
    return refuse(
      'ci_waiting',
      `no results of the automated tests (${escapeText(suite)}) have come in for this candidate`,
      'They come by `shipshape ci-report`; sign off when they have.',
    );
  const left = f.unfinished[stage];
  if (left > 0)
    return refuse(
      'unfinished',
      `${left} required test ${left === 1 ? 'case is' : 'cases are'} unfinished`,
      'Finish them first.',
    );
  return null;
}

/** What people typed is escaped here: a refusal is mrkdwn. */
export function onHold(hold: Hold): string {
  return `it is on hold${hold.reason ? `: ${escapeText(hold.reason)}` : ''}`;
}

export function liftedBy(hold: Hold): string {
  return hold.emergencyId === null
    ? `${mention(hold.person)}, its manager or an admin`
    : 'A new candidate with the emergency fix, or an admin,';
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

/** R8: shipping needs a complete reconcile within the last 30 s, so that no retraction was missed. */
export function unreconciled(f: Facts, now: Date): Refusal | null {
  const read = f.release.reconciledAt;
  if (read && now.getTime() - read.getTime() <= RECONCILE_FRESH_MS) return null;
  return refuse(
    'not_reconciled',
    'its thread in Slack could not be read completely in the last 30 s',
    'Try again in a moment; nothing ships on half a picture.',
  );
}
