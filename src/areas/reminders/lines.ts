import { TABLE } from './table.ts';
import type { AnswerKind, Kind } from './types.ts';

/** What a person is answered who pressed a button of a reminder: what the press did, and what it did not. */
export function answeredSays(answer: AnswerKind, kind: Kind, subject: string): string {
  if (answer === 'not_today') return `:zzz: *${subject}*: I ask again on your next working day.`;
  const { ends } = TABLE[kind];
  return `:white_check_mark: *${subject}*: I do not remind you of it again. Here it ends with: ${ends}.`;
}
