import { FACE, nameOf, whenOf } from './lines.ts';
import type { Assignment } from './types.ts';

/** What the regression calendar needs of one person today, a line of mrkdwn each. @param today YYYY-MM-DD */
export function regressionNeeds(assignments: readonly Assignment[], person: string, today: string): string[] {
  return assignments
    .filter((a) => a.tester === person && a.day <= today && (a.state === 'planned' || a.state === 'missed'))
    .map((a) => `${FACE[a.state]} ${nameOf(a)} — *test it ${a.day < today ? `(was due ${whenOf(a)})` : 'today'}*`);
}
