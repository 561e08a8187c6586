import { input, plainText, section, select, textInput } from '../../base/elements.ts';
import { showId } from '../../base/ids.ts';
import { escapeText, truncate } from '../../base/mrkdwn.ts';
import type { Block, View } from '../../base/slack.ts';
import { KIND_SAYS } from './blocks.ts';
import { openBoxes, REASON_MAX, TEXT_MAX, TITLE_MAX } from './rules.ts';
import type { NoteFacts, NoteKind } from './types.ts';

/** What is known already when the form opens. @param kinds to choose from; one alone is not asked */
export function openNoteForm(
  kinds: readonly NoteKind[],
  p: { responsible: string; title?: string; channel?: string },
): View {
  const [first] = kinds;
  const one = kinds.length === 1 && first ? first : undefined;
  const choices = kinds.map((kind) => [kind, KIND_SAYS[kind]] as const);
  return {
    type: 'modal',
    callback_id: 'note_open',
    private_metadata: JSON.stringify({ kind: one, channel: p.channel }),
    title: plainText(one ? `Open: ${KIND_SAYS[one].toLowerCase()}` : 'Open a thread'),
    submit: plainText('Open'),
    close: plainText('Cancel'),
    blocks: [
      ...(one ? [] : [input('kind', 'What is it?', select(choices, first))]),
      input('title', 'Title', textInput(p.title, { max_length: TITLE_MAX })),
      input('description', 'What is it about?', textInput(undefined, { multiline: true, max_length: TEXT_MAX }), {
        optional: true,
      }),
      input('responsible', 'Who answers for it?', { type: 'users_select', initial_user: p.responsible }),
      input('due', 'Due', { type: 'datepicker' }, { optional: true }),
    ],
  };
}

export type NoteAsk = 'close' | 'assign' | 'due';
export const NOTE_ASKS: readonly NoteAsk[] = ['close', 'assign', 'due'];

/** Where a fault of the whole form is shown. */
export const NOTE_FIELD: Record<NoteAsk, string> = { close: 'summary', assign: 'person', due: 'due' };

const TITLES: Record<NoteAsk, string> = { close: 'Close', assign: 'Who answers for it', due: 'Due date' };

/** A form about a note, which travels in its private_metadata; the callback id is `note_ask_<what>`. @param summary typed already */
export function askNoteForm(what: NoteAsk, f: NoteFacts, summary?: string): View {
  return {
    type: 'modal',
    callback_id: `note_ask_${what}`,
    private_metadata: JSON.stringify({ noteId: f.note.id }),
    title: plainText(TITLES[what]),
    submit: plainText(what === 'close' ? 'Close it' : 'Save'),
    close: plainText('Cancel'),
    blocks: [
      section(truncate(`*${showId('NOTE', f.note.id)}*: ${escapeText(f.note.title)}`, 3000)),
      ...questions(what, f, summary),
    ],
  };
}

function questions(what: NoteAsk, f: NoteFacts, summary: string | undefined): Block[] {
  switch (what) {
    case 'close': {
      const left = openBoxes(f);
      const named = left.map((c) => `• ${escapeText(c.text)}`).join('\n');
      const reason = textInput(undefined, { multiline: true, max_length: REASON_MAX });
      return [
        input('summary', 'What came of it?', textInput(summary, { multiline: true, max_length: TEXT_MAX })),
        ...(left.length
          ? [section(`*Still open*\n${named}`), input('reason', 'Why close it with these open?', reason)]
          : []),
      ];
    }
    case 'assign':
      return [input('person', 'Who?', { type: 'users_select', initial_user: f.note.responsible })];
    case 'due': {
      const picker = { type: 'datepicker', ...(f.note.due && { initial_date: f.note.due }) };
      return [input('due', 'By when? Empty: no date', picker, { optional: true })];
    }
  }
}
