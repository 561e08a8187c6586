import type { Actor } from '../../base/actor.ts';
import type { Refusal } from '../../base/errors.ts';
import { escapeText, truncate } from '../../base/mrkdwn.ts';
import { notTester } from './rules.ts';

/** What of a release decides about its suites of automated tests. */
export interface SuiteFacts {
  state: string;
  manager: string;
  authors: readonly string[];
  /** Suites that reported for an earlier candidate and not for the newest. */
  waited: readonly string[];
  /** Whether the policy of today has automated tests hold releases up. */
  ciGates: boolean;
}

const REASON_MAX = 500;
const FORM = '`/release waive [product] [version] <suite> <reason>`';

/**
 * R5: a suite that never reports again is waited for until an operator says why it need not be. Only what is waited for can be waived: a test that
 * fails on the candidate cannot. @param typed the suite, whose name may have spaces, and the reason
 */
export function waive(
  f: SuiteFacts,
  actor: Actor,
  typed: string,
  separationOfDuties: boolean,
): { suite: string; reason: string } | { refusal: Refusal } {
  const no = (code: string, reason: string, next: string) => ({ refusal: { code, reason, next } });
  const not = notTester(f, actor, separationOfDuties);
  if (not) return { refusal: not };
  if (!['waiting', 'testing', 'approved'].includes(f.state))
    return no('over', `it is ${f.state.replace('_', ' ')}`, 'Automated tests hold up what has not been shipped.');
  if (!f.ciGates)
    return no(
      'no_gate',
      'the policy has no automated tests waited for',
      'Nothing needs to be waived: they hold releases up only with `ci_gates: true`.',
    );
  if (!f.waited.length)
    return no(
      'none_waited',
      'no suite of automated tests is waited for',
      'What fails must pass, or a new candidate be named.',
    );
  const flat = (text: string) => text.replace(/\s+/g, ' ').trim();
  const text = flat(typed);
  // The longest name that fits: `unit tests` before `unit`.
  const suite = f.waited
    .toSorted((a, b) => b.length - a.length)
    .find((s) => `${text} `.toLowerCase().startsWith(`${flat(s)} `.toLowerCase()));
  if (suite === undefined) {
    const names = f.waited.slice(0, 10).map((s) => escapeText(truncate(s, 80)));
    return no(
      'no_suite',
      'that names no suite that is waited for',
      `Waited for: ${names.join(', ')}. The form is ${FORM}.`,
    );
  }
  const reason = text.slice(flat(suite).length).trim();
  if (!reason) return no('reason', 'a reason is needed', `Say why it need not be waited for: ${FORM}.`);
  if (reason.length > REASON_MAX)
    return no(
      'too_long',
      `that text has ${reason.length} characters`,
      `Please keep it under ${REASON_MAX} characters.`,
    );
  return { suite, reason };
}
