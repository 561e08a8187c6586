// What the rules of bugs share: refusals, reasons, and where a bug stands.
import type { Refusal } from '../../base/errors.ts';
import type { Bug, State } from './types.ts';

/** Characters of a reason or note. */
export const REASON_MAX = 500;

/** A refusal: a stable code, what was wrong, and what to do next. */
export function refuse(code: string, reason: string, next: string): { refusal: Refusal } {
  return { refusal: { code, reason, next } };
}

/** A reason is always asked for where an act needs one. */
export function given(text: string | null, ask: string): { text: string } | { refusal: Refusal } {
  if (!text) return refuse('reason', 'a reason is needed', `Please ${ask}.`);
  return text.length > REASON_MAX ? tooLong(text) : { text };
}

/** The refusal of a text over REASON_MAX. */
export function tooLong(text: string) {
  return refuse(
    'too_long',
    `that text has ${text.length} characters`,
    `Please keep it under ${REASON_MAX} characters.`,
  );
}

/** R11: confirmed once recreated and tried in production, both. */
export function blockingState(b: Pick<Bug, 'recreatedBy' | 'inProduction'>): State {
  return b.recreatedBy !== null && b.inProduction !== 'not_yet' ? 'confirmed' : 'suspected';
}

/** R15: where a bug stands in triage; recreated only by somebody else than its reporter. */
export function triageState(b: Pick<Bug, 'recreatedBy' | 'reporter' | 'ticket'>): State {
  if (b.recreatedBy === null || b.recreatedBy === b.reporter) return 'reported';
  return b.ticket === null ? 'recreated' : 'ticketed';
}

/** How a bug begins (R11, R15): what its reporter did counts for a blocking one; in triage somebody else recreates it. */
export function firstState(b: Pick<Bug, 'blocking' | 'recreatedBy' | 'inProduction' | 'reporter' | 'ticket'>): State {
  return b.blocking ? blockingState(b) : triageState(b);
}
