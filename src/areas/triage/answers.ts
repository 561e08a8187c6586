import type { Clock } from '../../base/clock.ts';
import type { Refusal } from '../../base/errors.ts';
import type { Policy } from '../../base/policy.ts';
import type { Db } from '../../db/client.ts';
import { bugLink } from './lines.ts';
import type { BugFacts } from './types.ts';

/** What every action of this area needs. No network in here: Slack is told through the outbox. */
export interface Deps {
  db: Db;
  policy: Policy;
  clock: Clock;
}

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
