import type { NoteKind } from '../areas/notes/types.ts';
import { readId } from '../base/ids.ts';

export type NoteCommand = '/issue' | '/thread';

/** The words after /issue and /thread: what follows each, and what it does. The help and the refusals are made from this. */
export const NOTE_WORDS = {
  list: ['', 'the open ones, overdue marked, and the last ten closed'],
  show: ['NOTE-4', 'show its card, only to you'],
  close: ['NOTE-4 [what came of it]', 'close it (without words a form asks)'],
  reopen: ['NOTE-4', 'open it again'],
  assign: ['NOTE-4 [@person]', 'say who answers for it, or that you do'],
  due: ['NOTE-4 2026-12-01|tomorrow|friday|none', 'say by when'],
  help: ['', 'this list'],
} as const satisfies Record<string, readonly [string, string]>;

export type NoteWord = keyof typeof NOTE_WORDS;

/** Whether /issue and /thread know this word. @param word in lower case */
export function isNoteWord(word: string): word is NoteWord {
  return Object.hasOwn(NOTE_WORDS, word);
}

/** What each command is about. */
export const KINDS_OF: Record<NoteCommand, readonly NoteKind[]> = {
  '/issue': ['issue'],
  '/thread': ['meeting', 'topic'],
};

/** The right form of a word, as it is typed. */
export function noteFormOf(command: NoteCommand, word: NoteWord): string {
  return `\`${command} ${`${word} ${NOTE_WORDS[word][0]}`.trim()}\``;
}

/** How something is opened by a command, as it is typed. */
export const OPEN_FORM: Record<NoteCommand, string> = {
  '/issue': '`/issue <title>`',
  '/thread': '`/thread meeting|topic <title>`',
};

/** The help text. */
export function noteHelp(command: NoteCommand): string {
  const what = command === '/issue' ? 'Issues' : 'Meetings and topics';
  const words = Object.keys(NOTE_WORDS) as NoteWord[];
  const lines = words.map((word) => `${noteFormOf(command, word)} — ${NOTE_WORDS[word][1]}`);
  return `*${what}*: ${OPEN_FORM[command]} opens one with its own thread, and you answer for it; without words a form asks.\n${lines.join('\n')}`;
}

/** `NOTE-4`, `note-4` or `4`. */
export function readNoteId(word: string | undefined): number | undefined {
  return readId('NOTE', word);
}
