import type { AllMiddlewareArgs, SlackCommandMiddlewareArgs } from '@slack/bolt';
import { actOnNote, type NoteAnswer, openNote, refusedNote } from '../areas/notes/actions.ts';
import { noteCard, noteList } from '../areas/notes/blocks.ts';
import { askNoteForm, type NoteAsk, openNoteForm } from '../areas/notes/forms.ts';
import { forbiddenNote, openBoxes, TEXT_MAX } from '../areas/notes/rules.ts';
import { listNotes, loadNote } from '../areas/notes/store.ts';
import type { NoteAct, NoteFacts, NoteKind } from '../areas/notes/types.ts';
import { type Actor, forbiddenToRead } from '../base/actor.ts';
import { readDay } from '../base/days.ts';
import { showId } from '../base/ids.ts';
import { mentioned, plain } from '../base/mrkdwn.ts';
import { localDay } from '../base/zone.ts';
import { answerInTime, causeOfCommand, FILL_IN, no, type Reply, replyOf, replyTo, said } from './answer.ts';
import { type BotDeps, who } from './deps.ts';
import {
  isNoteWord,
  KINDS_OF,
  type NoteCommand,
  type NoteWord,
  noteFormOf,
  noteHelp,
  OPEN_FORM,
  readNoteId,
} from './notes-words.ts';

interface Call {
  deps: BotDeps;
  name: NoteCommand;
  command: { user_id: string; trigger_id: string; channel_id: string };
  /** All words, and the same as Slack sent them (mentions and links coded). */
  words: string[];
  raw: string[];
}

/** /issue and /thread: opens, acts or lists, and answers privately. When it takes long it says so first and answers later. */
export function noteCommand(deps: BotDeps, name: NoteCommand) {
  return async ({ command, ack, respond }: SlackCommandMiddlewareArgs & AllMiddlewareArgs): Promise<void> => {
    const raw = command.text.trim().split(/\s+/).filter(Boolean);
    const call: Call = { deps, name, command, raw, words: raw.map(plain) };
    const outcome = await answerInTime(deps, { ack, respond }, run(call));
    const word = raw[0]?.toLowerCase() ?? '';
    deps.metrics.commands.inc({ command: name, subcommand: isNoteWord(word) ? word : 'open', outcome });
  };
}

async function run(call: Call): Promise<Reply> {
  const { deps, name, words } = call;
  const word = words[0]?.toLowerCase() ?? '';
  if (!isNoteWord(word)) return opening(call);
  if (word === 'help') return said(noteHelp(name));
  const stranger = (word === 'list' || word === 'show') && forbiddenToRead(await who(deps, call.command.user_id));
  if (stranger) return replyOf(refusedNote(stranger));
  if (word === 'list') {
    if (words.length > 1) return no('words', 'I do not understand that', wordHint(name, word));
    const today = localDay(deps.policy.team.zone, deps.clock());
    const what = name === '/issue' ? 'issues' : 'meetings and topics';
    return { outcome: 'accepted', ...noteList(await listNotes(deps.db, KINDS_OF[name]), today, what) };
  }
  return onNote(call, word);
}

/** Opens at once when there is a title; the typist answers for it. */
async function opening(call: Call): Promise<Reply> {
  const { deps, name, command, words } = call;
  const actor = await who(deps, command.user_id);
  const kinds = KINDS_OF[name];
  const [first = ''] = words;
  const kind = name === '/issue' ? 'issue' : kinds.find((k) => k === first.toLowerCase());
  if (!kind && first) return no('words', 'I do not know what to open', `The form is ${OPEN_FORM[name]}.`);
  const title = (name === '/issue' ? words : words.slice(1)).join(' ').trim();
  const channel = command.channel_id;
  if (!kind || !title) {
    const may = forbiddenNote('open', actor, null);
    if (may) return replyOf(refusedNote(may));
    const form = openNoteForm(kind ? [kind] : kinds, { responsible: actor.id, channel });
    await deps.slack.openView(command.trigger_id, form);
    return FILL_IN;
  }
  const o = { kind: kind as NoteKind, title, description: null, responsible: actor.id, due: null };
  return replyTo(await openNote(deps, causeOfCommand(deps, command), actor, o, channel));
}

async function onNote(call: Call, word: Exclude<NoteWord, 'help' | 'list'>): Promise<Reply> {
  const { deps, name, command, words } = call;
  const form = `The form is ${noteFormOf(name, word)}.`;
  const id = readNoteId(words[1]);
  if (id === undefined) return no('words', 'that names no thread', wordHint(name, word));
  const f = await loadNote(deps.db, id);
  if (!f) return no('no_note', `there is no ${showId('NOTE', id)}`, `See \`${name} list\`.`);
  if (word === 'show')
    return words.length > 2
      ? no('words', 'I do not understand that', form)
      : { outcome: 'accepted', ...noteCard(f, deps.policy, deps.clock()) };
  const today = localDay(deps.policy.team.zone, deps.clock());
  const act = readNoteAct(word, words.slice(2), call.raw.slice(2), command.user_id, today);
  if (act === null) return no('words', 'I do not understand that', form);
  const actor = await who(deps, command.user_id);
  // A form asks what is missing: the summary, or why with boxes open.
  const open = typeof act === 'object' && act.kind === 'close' && openBoxes(f).length > 0;
  // A summary too long for the form is refused like any other.
  const fits = typeof act === 'object' && act.kind === 'close' && (act.summary?.length ?? 0) <= TEXT_MAX;
  const asks = typeof act === 'string' ? act : open && fits ? 'close' : null;
  if (asks) {
    const typed = typeof act === 'object' && act.kind === 'close' ? act.summary : null;
    const reply = await openNoteAsk(deps, command.trigger_id, asks, f, actor, typed ?? undefined);
    return reply ? replyOf(reply) : FILL_IN;
  }
  return replyTo(await actOnNote(deps, causeOfCommand(deps, command), actor, id, act as NoteAct));
}

/** The right form, and what to do when the word was meant as the beginning of a title. */
function wordHint(name: NoteCommand, word: NoteWord): string {
  const hint = name === '/issue' ? ' For an issue whose title begins with that word, type `/issue` alone.' : '';
  return `The form is ${noteFormOf(name, word)}.${hint}`;
}

/** Opens a form about a note. @returns why not: not theirs to ask, or it is closed */
export async function openNoteAsk(
  deps: BotDeps,
  triggerId: string,
  what: NoteAsk,
  f: NoteFacts,
  actor: Actor,
  summary?: string,
): Promise<NoteAnswer | null> {
  const may = forbiddenNote(what, actor, f.note);
  if (may) return refusedNote(may, f);
  if (f.note.state === 'closed')
    return refusedNote({ code: 'closed', reason: 'it is closed', next: 'Reopen it first.' }, f);
  await deps.slack.openView(triggerId, askNoteForm(what, f, summary));
  return null;
}

/** The act the words mean; `close` for the form that asks for the summary; null when they mean nothing. @param today YYYY-MM-DD */
export function readNoteAct(
  word: Exclude<NoteWord, 'help' | 'list' | 'show'>,
  rest: readonly string[],
  raw: readonly string[],
  typist: string,
  today: string,
): NoteAct | 'close' | 'due' | null {
  const text = rest.join(' ').trim();
  switch (word) {
    case 'close':
      return text ? { kind: 'close', summary: text, reason: null } : 'close';
    case 'reopen':
      return text ? null : { kind: 'reopen' };
    case 'assign': {
      if (!text || text.toLowerCase() === 'me') return { kind: 'assign', person: typist };
      const person = mentioned(raw.join(' '));
      return person ? { kind: 'assign', person } : null;
    }
    case 'due': {
      if (!text) return 'due';
      if (/^(none|never)$/i.test(text)) return { kind: 'due', day: null };
      const day = readDay(text, today);
      return day ? { kind: 'due', day } : null;
    }
  }
}
