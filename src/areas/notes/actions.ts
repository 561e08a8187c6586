import type { Actor } from '../../base/actor.ts';
import { type Answer, type Done, tellRefusal } from '../../base/answer.ts';
import type { Clock } from '../../base/clock.ts';
import type { Refusal } from '../../base/errors.ts';
import { showId } from '../../base/ids.ts';
import { escapeText, mention, truncate } from '../../base/mrkdwn.ts';
import type { Policy } from '../../base/policy.ts';
import { localDay } from '../../base/zone.ts';
import { answered, type Cause, madeBefore } from '../../db/act.ts';
import { record } from '../../db/audit.ts';
import type { Db, Executor, Tx } from '../../db/client.ts';
import { post, refreshCards } from '../../db/outbox.ts';
import { noteChecks, notes } from '../../db/schema/notes.ts';
import { beginThread } from '../../db/threads.ts';
import { type Drawing, KIND_SAYS, noteCard, noteLine, noteLink } from './blocks.ts';
import { decideNote, forbiddenNote, TEXT_MAX, TITLE_MAX } from './rules.ts';
import { loadNote, lockNote, writeNote } from './store.ts';
import type { NoteAct, NoteFacts, Opening } from './types.ts';

/** What every action of this area needs. No network in here: Slack is told through the outbox. */
export interface Deps {
  db: Db;
  policy: Policy;
  clock: Clock;
}

/** What an action tells the person who asked. */
export interface NoteAnswer extends Answer {
  noteId?: number;
}

/** A refusal as two sentences: what was wrong, what to do. */
export function refusedNote(refusal: Refusal, f?: NoteFacts): NoteAnswer {
  return f ? { ...tellRefusal(refusal, noteLink(f)), noteId: f.note.id } : tellRefusal(refusal);
}

/**
 * Where a thread is opened: issues in the releases' channel; meetings and topics where they were typed when that is a channel of the policy, for
 * only there does the bot hear what is said.
 */
function channelFor(policy: Policy, kind: Opening['kind'], typedIn: string | undefined): string {
  const { channels } = policy.workspace;
  const known = typedIn !== undefined && Object.values(channels).includes(typedIn);
  return kind !== 'issue' && known ? typedIn : channels.releases;
}

/** Opens an issue, meeting or topic, once per cause: its row, its boxes, its thread with the card (R24). @param typedIn the channel it was asked for in */
export async function openNote(
  deps: Deps,
  cause: Cause,
  actor: Actor,
  o: Opening,
  typedIn: string | undefined,
): Done<NoteAnswer> {
  return answered(deps.db, cause, async (tx): Promise<NoteAnswer> => {
    const today = localDay(deps.policy.team.zone, deps.clock());
    const no = forbiddenNote('open', actor, null) ?? wrong(o, today);
    if (no) return refusedNote(no);
    if (await madeBefore(tx, cause)) return { outcome: 'already', text: 'It is opened already.' };
    return insert(tx, deps, cause, actor, o, channelFor(deps.policy, o.kind, typedIn));
  });
}

function wrong(o: Opening, today: string): Refusal | null {
  const long = (max: number) => `Please keep it under ${max}; the rest fits into the thread.`;
  if (!o.title) return { code: 'title', reason: 'it needs a title', next: 'Say in a line what it is about.' };
  if (o.title.length > TITLE_MAX)
    return { code: 'title', reason: `that title has ${o.title.length} characters`, next: long(TITLE_MAX) };
  if ((o.description?.length ?? 0) > TEXT_MAX)
    return { code: 'description', reason: `that text has ${o.description?.length} characters`, next: long(TEXT_MAX) };
  if (o.due && o.due < today) return { code: 'due', reason: 'that day is over', next: 'Name today or a later day.' };
  return null;
}

async function insert(
  tx: Tx,
  deps: Deps,
  cause: Cause,
  actor: Actor,
  o: Opening,
  channel: string,
): Promise<NoteAnswer> {
  const now = deps.clock();
  const { kind, title, responsible } = o;
  const threadId = await beginThread(tx, { kind, title, responsible, channel, openedAt: now });
  const [made] = await tx
    .insert(notes)
    .values({ ...o, state: 'open', openedBy: actor.id, openedAt: now, threadId })
    .returning({ id: notes.id });
  const noteId = made?.id as number;
  const boxes = kind === 'issue' ? deps.policy.issues.definitionOfDone : [];
  if (boxes.length) await tx.insert(noteChecks).values(boxes.map((text, position) => ({ noteId, position, text })));
  const subject = showId('NOTE', noteId);
  await record(tx, cause, { verb: 'open', subject, data: { ...o, channel, boxes } }, now);
  await post(tx, { role: 'card', target: channel, threadId, subject });
  await tellResponsible(tx, `*${subject}*`, o, actor.id);
  const self = responsible === actor.id ? 'You answer for it.' : `${mention(responsible)} answers for it.`;
  const shown = escapeText(truncate(title, 150));
  const text = `:white_check_mark: Opened *${subject}* (${kind}) in <#${channel}>: ${shown}. ${self}`;
  return { outcome: 'accepted', text, noteId };
}

async function tellResponsible(
  tx: Tx,
  shown: string,
  note: { kind: Opening['kind']; title: string; responsible: string },
  actor: string,
): Promise<void> {
  if (note.responsible === actor) return;
  const title = escapeText(truncate(note.title, 150));
  const text = `${mention(actor)} made you answer for the ${KIND_SAYS[note.kind].toLowerCase()} ${shown}: ${title}.`;
  await post(tx, { role: 'dm', target: note.responsible, text });
}

/** One act of one person on one note, once per cause. @returns the private answer; a repeat gets the first one's. */
export async function actOnNote(
  deps: Deps,
  cause: Cause,
  actor: Actor,
  noteId: number,
  act: NoteAct,
): Done<NoteAnswer> {
  return answered(deps.db, cause, (tx) => perform(tx, deps, cause, actor, noteId, act));
}

async function perform(tx: Tx, deps: Deps, cause: Cause, actor: Actor, id: number, act: NoteAct): Promise<NoteAnswer> {
  await lockNote(tx, id);
  const before = await loadNote(tx, id);
  const subject = showId('NOTE', id);
  if (!before)
    return refusedNote({
      code: 'no_note',
      reason: `there is no ${subject}`,
      next: 'See `/issue list` or `/thread list`.',
    });
  const now = deps.clock();
  const decision = decideNote(before, actor, act, now, localDay(deps.policy.team.zone, now));
  if ('refusal' in decision) return refusedNote(decision.refusal, before);
  if ('already' in decision)
    return { outcome: 'already', text: `${noteLink(before)}: ${decision.already}.`, noteId: id };
  const { change } = decision;
  await writeNote(tx, before, change, actor.id, now);
  await record(tx, cause, { verb: act.kind, subject, data: { act, change } }, now);
  const after = (await loadNote(tx, id)) as NoteFacts;
  const text = noteLine(before, after, act, actor.id);
  await post(tx, { role: 'line', target: after.thread.channel, threadId: after.note.threadId, text });
  if (change.patch?.responsible) await tellResponsible(tx, noteLink(after), after.note, actor.id);
  await refreshCards(tx, subject);
  return { outcome: 'accepted', text: `:white_check_mark: ${noteLink(after)}: done.`, noteId: id };
}

/** What a note's card shows now; null when there is none. */
export async function drawNote(db: Executor, id: number, policy: Policy, now: Date): Promise<Drawing | null> {
  const f = await loadNote(db, id);
  return f ? noteCard(f, policy, now) : null;
}
