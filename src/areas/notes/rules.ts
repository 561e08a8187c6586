import { type Actor, membersOnly, rolesUnread } from '../../base/actor.ts';
import type { Refusal } from '../../base/errors.ts';
import { mention } from '../../base/mrkdwn.ts';
import { NOTE_PERMISSIONS, type NotePermission, type NoteWho } from './permissions.ts';
import type { Note, NoteAct, NoteActKind, NoteDecision, NoteFacts, NoteState } from './types.ts';

export const TITLE_MAX = 150;
export const TEXT_MAX = 2000;
export const REASON_MAX = 500;

/** In which states an act makes sense; in all others it is refused. */
export const NOTE_TABLE: Record<NoteActKind, readonly NoteState[]> = {
  tick: ['open'],
  assign: ['open'],
  due: ['open'],
  close: ['open'],
  reopen: ['closed'],
};

function refuse(code: string, reason: string, next: string): { refusal: Refusal } {
  return { refusal: { code, reason, next } };
}

/** Who may ask for `permission`: null when this actor may. @param note null while there is none yet */
export function forbiddenNote(permission: NotePermission, actor: Actor, note: Note | null): Refusal | null {
  const stranger = membersOnly(actor, 'cannot act on threads');
  if (stranger) return stranger;
  const who: readonly NoteWho[] = NOTE_PERMISSIONS[permission];
  const is: Partial<Record<NoteWho, boolean>> = {
    anyone: true,
    responsible: note?.responsible === actor.id,
    opener: note?.openedBy === actor.id,
  };
  if (who.some((w) => is[w] ?? actor.roles.has(w as 'admin'))) return null;
  const unread = rolesUnread(actor);
  if (unread) return unread;
  const reason = 'only who answers for it, who opened it or an admin can do that';
  return { code: 'role', reason, next: 'Ask one of them, or take it over first.' };
}

/** The boxes of an issue's definition of done that nobody ticked. */
export function openBoxes(f: NoteFacts): NoteFacts['checks'] {
  return f.checks.filter((c) => !c.done);
}

/** R24: whether what is open should have been done by now. @param today YYYY-MM-DD in the team's zone */
export function overdue(note: Pick<Note, 'state' | 'due'>, today: string): boolean {
  return note.state === 'open' && note.due !== null && note.due < today;
}

/** What an act does to a note (R24). Pure. @param today YYYY-MM-DD in the team's zone */
export function decideNote(f: NoteFacts, actor: Actor, act: NoteAct, now: Date, today: string): NoteDecision {
  const { note } = f;
  const no = forbiddenNote(act.kind, actor, note);
  if (no) return { refusal: no };
  if (!NOTE_TABLE[act.kind].includes(note.state)) {
    if (act.kind === 'reopen') return { already: 'it is open' };
    if (act.kind === 'close') return { already: 'it is closed' };
    return refuse('closed', 'it is closed', 'Reopen it first.');
  }
  switch (act.kind) {
    case 'close':
      return closed(f, actor, act, now);
    case 'reopen':
      return { change: { patch: { state: 'open', closedBy: null, closedAt: null, summary: null, closeReason: null } } };
    case 'assign':
      if (act.person === note.responsible) return { already: `${mention(act.person)} answers for it` };
      return { change: { patch: { responsible: act.person } } };
    case 'due':
      if (act.day === note.due) return { already: act.day ? 'it is due then' : 'it has no due date' };
      if (act.day && act.day < today) return refuse('past', 'that day is over', 'Name today or a later day.');
      return { change: { patch: { due: act.day } } };
    case 'tick': {
      const known = new Map(f.checks.map((c) => [c.position, c.done]));
      const boxes = act.boxes.filter((b) => known.has(b.position) && known.get(b.position) !== b.done);
      return boxes.length ? { change: { boxes } } : { already: 'the boxes are so' };
    }
  }
}

function closed(f: NoteFacts, actor: Actor, act: Extract<NoteAct, { kind: 'close' }>, now: Date): NoteDecision {
  if (!act.summary) return refuse('summary', 'closing needs a summary', 'Say in a sentence what came of it.');
  if (act.summary.length > TEXT_MAX)
    return refuse('too_long', `that summary has ${act.summary.length} characters`, `Please keep it under ${TEXT_MAX}.`);
  const left = openBoxes(f).length;
  if (left && !act.reason) {
    const boxes =
      left === 1 ? 'a box of its definition of done is open' : `${left} boxes of its definition of done are open`;
    return refuse('open_boxes', boxes, 'Tick them on its card, or give a reason in the form.');
  }
  if (act.reason && act.reason.length > REASON_MAX)
    return refuse('too_long', `that reason has ${act.reason.length} characters`, `Please keep it under ${REASON_MAX}.`);
  const patch = {
    state: 'closed' as const,
    closedBy: actor.id,
    closedAt: now,
    summary: act.summary,
    closeReason: left ? act.reason : null,
  };
  return { change: { patch } };
}
