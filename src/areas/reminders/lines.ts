import { TABLE } from './table.ts';
import type { AnswerKind, Kind } from './types.ts';

/** What a thing is called: by its shown id, or, as a product's triage, by words. */
export function subjectSays(subject: string): string {
  return subject.replace(/^triage:/, 'Triage of ');
}

/** What a person is answered who pressed a button of a reminder: what the press did, and what it did not. */
export function answeredSays(answer: AnswerKind, kind: Kind, subject: string): string {
  const name = `*${subjectSays(subject)}*`;
  if (answer === 'not_today') return `:zzz: ${name}: I ask again on your next working day, if it still waits then.`;
  const { ends } = TABLE[kind];
  return `:white_check_mark: ${name}: I do not remind you of it again. Here it ends with: ${ends}.`;
}
