import { showDay } from '../../base/days.ts';
import { escapeText, truncate } from '../../base/mrkdwn.ts';
import { noteLink } from './blocks.ts';
import { overdue } from './rules.ts';
import type { Note } from './types.ts';

/** What an issue, meeting or topic needs of who answers for it, as a phrase; null once it is closed. @param today YYYY-MM-DD in the team's zone */
export function noteNeed(note: Pick<Note, 'state' | 'due'>, today: string): string | null {
  if (note.state === 'closed') return null;
  if (!note.due) return 'yours';
  if (overdue(note, today)) return `overdue since ${showDay(note.due)}`;
  return note.due === today ? 'due today' : `due ${showDay(note.due)}`;
}

/** What is open and one person's to answer for, a line of mrkdwn each, in the order given. */
export function noteNeeds(notes: readonly (Note & { url: string | null })[], person: string, today: string): string[] {
  return notes.flatMap((n) => {
    const need = n.responsible === person ? noteNeed(n, today) : null;
    const shown = noteLink({ note: n, thread: { channel: '', url: n.url } });
    const late = overdue(n, today) ? ':warning:' : ':pushpin:';
    return need ? [`${late} ${shown} ${truncate(escapeText(n.title), 150)} — *${need}*`] : [];
  });
}
