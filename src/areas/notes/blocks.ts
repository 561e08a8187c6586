import { showDay } from '../../base/days.ts';
import { actions, button, context, fields, header, overflow, section } from '../../base/elements.ts';
import { showId } from '../../base/ids.ts';
import { date, escapeText, mention, truncate } from '../../base/mrkdwn.ts';
import type { Policy } from '../../base/policy.ts';
import type { Block } from '../../base/slack.ts';
import { localDay } from '../../base/zone.ts';
import { openBoxes, overdue } from './rules.ts';
import type { Check, Listed, NoteAct, NoteFacts, NoteKind } from './types.ts';

export interface Drawing {
  text: string;
  blocks: Block[];
}

export const KIND_SAYS: Record<NoteKind, string> = { issue: 'Issue', meeting: 'Meeting', topic: 'Topic' };
const FACE: Record<NoteKind, string> = {
  issue: ':pushpin:',
  meeting: ':calendar:',
  topic: ':speech_balloon:',
};

/** The note, linked to its thread once Slack has said where that is. */
export function noteLink(f: Pick<NoteFacts, 'thread'> & { note: { id: number } }): string {
  const id = showId('NOTE', f.note.id);
  return f.thread.url ? `<${f.thread.url}|${id}>` : `*${id}*`;
}

function dueSays(due: string | null, late: boolean): string {
  if (!due) return '_no date_';
  return late ? `:warning: *${showDay(due)}*, overdue` : showDay(due);
}

/** The card, the thread's first message: who answers for it, by when, what is left, and the buttons that make sense now. */
export function noteCard(f: NoteFacts, policy: Policy, now: Date): Drawing {
  const { note } = f;
  const { zone } = policy.team;
  const open = note.state === 'open';
  const kind = KIND_SAYS[note.kind];
  const late = overdue(note, localDay(zone, now));
  const blocks: Block[] = [
    header(`${kind} · ${note.title}`),
    fields([
      `*Responsible*\n${mention(note.responsible)}`,
      `*Status*\n${open ? `${FACE[note.kind]} open` : ':white_check_mark: closed'}`,
      `*Due*\n${dueSays(note.due, late)}`,
    ]),
  ];
  if (note.description) blocks.push(section(truncate(escapeText(note.description), 3000)));
  if (f.checks.length) blocks.push(...(open ? boxes(f) : []), context(ticks(f.checks)));
  if (!open) blocks.push(...ending(f, zone));
  blocks.push(actions(buttons(f)));
  const id = showId('NOTE', note.id);
  blocks.push(context(`${id} · opened by ${mention(note.openedBy)} ${date(note.openedAt, zone)}`));
  return { text: `${kind} ${id} (${note.state}): ${escapeText(note.title)}`, blocks };
}

const option = (c: Check) => ({ text: { type: 'plain_text', text: c.text, emoji: true }, value: `${c.position}` });

/**
 * The tickable definition of done. The block's id says what was drawn (`note_check:7:010`), so that a click tells which boxes it changed even when
 * somebody else ticked another meanwhile; and a new id makes Slack show the new state in place of what a client remembers.
 */
function boxes(f: NoteFacts): Block[] {
  const drawn = f.checks.map((c) => (c.done ? '1' : '0')).join('');
  const done = f.checks.filter((c) => c.done).map(option);
  const element = {
    type: 'checkboxes',
    action_id: 'note_check',
    options: f.checks.map(option),
    ...(done.length && { initial_options: done }),
  };
  const left = openBoxes(f).length;
  const text = `*Definition of done* ${f.checks.length - left}/${f.checks.length}`;
  return [section(text), { ...actions([element]), block_id: `note_check:${f.note.id}:${drawn}` }];
}

/** Who ticked what. */
function ticks(checks: readonly Check[]): string {
  const lines = checks.map((c) =>
    c.done
      ? `:white_check_mark: ${escapeText(c.text)} — ${mention(c.by ?? '')}`
      : `:white_large_square: ${escapeText(c.text)}`,
  );
  return lines.join('\n');
}

function ending({ note }: NoteFacts, zone: string): Block[] {
  const by = `by ${mention(note.closedBy ?? '')}${note.closedAt ? ` ${date(note.closedAt, zone)}` : ''}`;
  const why = note.closeReason ? `\n_Closed with boxes open: ${escapeText(note.closeReason)}_` : '';
  return [section(`*Closed* ${by}\n${truncate(escapeText(note.summary ?? ''), 2200)}${why}`)];
}

function buttons({ note }: NoteFacts): object[] {
  const id = `${note.id}`;
  if (note.state === 'closed') return [button('note_reopen', 'Reopen', id)];
  const more = overflow('note_more', [
    [`mine:${id}`, "It's mine"],
    [`assign:${id}`, 'Assign…'],
    [`due:${id}`, 'Due…'],
  ]);
  return [button('note_close', 'Close…', id, { style: 'primary' }), more];
}

/** The thread's line for an act that changed a note. @param before it @param after it */
export function noteLine(before: NoteFacts, after: NoteFacts, act: NoteAct, actor: string): string {
  const { note } = after;
  const who = mention(actor);
  switch (act.kind) {
    case 'close': {
      const why = note.closeReason
        ? `\n_With ${openBoxes(after).length} of ${after.checks.length} boxes open: ${escapeText(note.closeReason)}_`
        : '';
      return `:white_check_mark: *Closed* by ${who}\n${escapeText(note.summary ?? '')}${why}`;
    }
    case 'reopen':
      return `:leftwards_arrow_with_hook: *Reopened* by ${who}. It was closed with: ${escapeText(before.note.summary ?? '')}`;
    case 'assign':
      return `:bust_in_silhouette: ${mention(note.responsible)} answers for it${actor === note.responsible ? '' : `, says ${who}`}.`;
    case 'due':
      return note.due ? `:date: Due *${showDay(note.due)}*, says ${who}.` : `:date: No due date any more, says ${who}.`;
    case 'tick':
      return after.checks
        .filter((c) => before.checks.some((b) => b.position === c.position && b.done !== c.done))
        .map((c) =>
          c.done
            ? `:white_check_mark: ${who}: ${escapeText(c.text)}`
            : `:white_large_square: ${who} unticked: ${escapeText(c.text)}`,
        )
        .join('\n');
  }
}

function listLine(n: Listed, today: string): string {
  const face = n.state === 'open' ? FACE[n.kind] : ':white_check_mark:';
  const parts = [
    mention(n.responsible),
    n.state === 'open' && n.due && dueSays(n.due, overdue(n, today)),
    n.state === 'open' && n.boxes > 0 && `${n.ticked}/${n.boxes} done`,
    n.state === 'closed' && 'closed',
  ];
  const link = noteLink({ note: n, thread: { channel: '', url: n.url } });
  return `${face} ${link} ${escapeText(truncate(n.title, 100))} — ${parts.filter(Boolean).join(', ')}`;
}

const SHOWN = 60;

/** A list, open ones first; several lines a block, within Slack's limits. @param today YYYY-MM-DD in the team's zone */
export function noteList(notes: readonly Listed[], today: string, what: string): Drawing {
  if (!notes.length) return { text: `There are no ${what}.`, blocks: [] };
  const lines = notes.slice(0, SHOWN).map((n) => listLine(n, today));
  if (notes.length > SHOWN) lines.push(`_and ${notes.length - SHOWN} more_`);
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; i += 8) blocks.push(section(lines.slice(i, i + 8).join('\n')));
  const open = notes.filter((n) => n.state === 'open');
  const late = open.filter((n) => overdue(n, today)).length;
  return { text: `${open.length} ${what} open, ${late} overdue`, blocks };
}
