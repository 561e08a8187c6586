import type { Refusal } from '../../base/errors.ts';
import { bugLink } from './lines.ts';
import type { BugFacts } from './types.ts';

/** What an action tells the person who asked, privately. Plain JSON: it is kept with the cause and given again to a repeat. */
export interface Answer {
  outcome: 'accepted' | 'refused' | 'already';
  /** mrkdwn */
  text: string;
  code?: string;
  bugId?: number;
}

/** A refusal as two sentences: what was wrong, what to do. */
export function refused({ code, reason, next }: Refusal, f?: BugFacts): Answer {
  const said = f ? `${bugLink(f)}: ${reason}` : reason.charAt(0).toUpperCase() + reason.slice(1);
  return { outcome: 'refused', code, text: `:x: ${said}. ${next}`, ...(f && { bugId: f.bug.id }) };
}
