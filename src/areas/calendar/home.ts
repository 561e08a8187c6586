import type { Today } from '../../base/today.ts';
import { isLate } from './act-rules.ts';
import { FACE, nameOf, whenOf } from './lines.ts';
import type { Assignment } from './types.ts';

/** What the regression calendar needs of one person today, a line of mrkdwn each. @param today theirs */
export function regressionNeeds(assignments: readonly Assignment[], person: string, today: Today): string[] {
  return assignments
    .filter((a) => a.tester === person && a.day <= today.last && (a.state === 'planned' || a.state === 'missed'))
    .map((a) => `${FACE[a.state]} ${nameOf(a)} — *test it ${isLate(a, today) ? `(was due ${whenOf(a)})` : 'today'}*`);
}
