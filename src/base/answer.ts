import type { Refusal } from './errors.ts';

/** What an action tells the person who asked, privately. Plain JSON: it is kept with the cause and given again to a repeat. */
export interface Answer {
  outcome: 'accepted' | 'refused' | 'already';
  /** mrkdwn */
  text: string;
  /** A refusal's code, for counting and tests. */
  code?: string;
}

/** What an action came to. `repeated`: its cause was handled before, and who asked has been answered. */
export type Done<A extends Answer = Answer> = Promise<{ answer: A; repeated: boolean }>;

/** A refusal as two sentences: what was wrong, what to do. @param about what it is about, in mrkdwn */
export function tellRefusal({ code, reason, next }: Refusal, about?: string): Answer {
  const said = about ? `${about}: ${reason}` : reason.charAt(0).toUpperCase() + reason.slice(1);
  return { outcome: 'refused', code, text: `:x: ${said}. ${next}` };
}
