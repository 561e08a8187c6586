import { type Answer, tellRefusal } from '../../base/answer.ts';
import type { Refusal } from '../../base/errors.ts';
import { bugLink } from './lines.ts';
import type { BugFacts } from './types.ts';

/** What an action tells the person who asked. */
export interface BugAnswer extends Answer {
  bugId?: number;
}

/** A refusal as two sentences: what was wrong, what to do. */
export function refused(refusal: Refusal, f?: BugFacts): BugAnswer {
  return f ? { ...tellRefusal(refusal, bugLink(f)), bugId: f.bug.id } : tellRefusal(refusal);
}
