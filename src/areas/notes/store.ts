import { and, asc, desc, eq, getTableColumns, inArray, sql } from 'drizzle-orm';
import type { Executor, Tx } from '../../db/client.ts';
import { threads } from '../../db/schema/core.ts';
import { noteChecks, notes } from '../../db/schema/notes.ts';
import type { Listed, Note, NoteChange, NoteFacts, NoteKind, NoteState } from './types.ts';

/** Locks a note's row until the transaction ends, so that acts on one come one after the other. */
export async function lockNote(tx: Tx, id: number): Promise<void> {
  await tx.execute(sql`select 1 from notes where id = ${id} for update`);
}

/** Everything about one note, or undefined when there is none of that id. */
export async function loadNote(db: Executor, id: number): Promise<NoteFacts | undefined> {
  const [row] = await db
    .select({ note: getTableColumns(notes), channel: threads.channel, url: threads.url })
    .from(notes)
    .innerJoin(threads, eq(threads.id, notes.threadId))
    .where(eq(notes.id, id));
  if (!row) return undefined;
  const { noteId: _, ...columns } = getTableColumns(noteChecks);
  const checks = await db
    .select(columns)
    .from(noteChecks)
    .where(eq(noteChecks.noteId, id))
    .orderBy(noteChecks.position);
  return { note: row.note, checks, thread: { channel: row.channel, url: row.url } };
}

/** Writes what an act changed. @param by who ticked boxes */
export async function writeNote(tx: Tx, f: NoteFacts, change: NoteChange, by: string, now: Date): Promise<void> {
  const { id, threadId } = f.note;
  if (change.patch) await tx.update(notes).set(change.patch).where(eq(notes.id, id));
  if (change.patch?.responsible)
    await tx.update(threads).set({ responsible: change.patch.responsible }).where(eq(threads.id, threadId));
  for (const { position, done } of change.boxes ?? []) {
    await tx
      .update(noteChecks)
      .set(done ? { done, by, at: now } : { done, by: null, at: null })
      .where(and(eq(noteChecks.noteId, id), eq(noteChecks.position, position)));
  }
}

/** Open ones, the soonest due first; then the last ten closed. At most 210. */
export async function listNotes(db: Executor, kinds: readonly NoteKind[]): Promise<Listed[]> {
  const columns = {
    ...getTableColumns(notes),
    url: sql<string | null>`(select t.url from threads t where t.id = ${notes.threadId})`,
    boxes: sql<number>`(select count(*)::int from note_checks c where c.note_id = ${notes.id})`,
    ticked: sql<number>`(select count(*)::int from note_checks c where c.note_id = ${notes.id} and c.done)`,
  };
  const where = (state: NoteState) => and(eq(notes.state, state), inArray(notes.kind, [...kinds]));
  const open = await db.select(columns).from(notes).where(where('open')).orderBy(asc(notes.due), notes.id).limit(200);
  const last = await db.select(columns).from(notes).where(where('closed')).orderBy(desc(notes.closedAt)).limit(10);
  return [...open, ...last];
}

/** What is open and one of these people's to answer for, the soonest due first. At most 500. */
export async function openNotesOf(db: Executor, people: readonly string[]): Promise<(Note & { url: string | null })[]> {
  return db
    .select({ ...getTableColumns(notes), url: threads.url })
    .from(notes)
    .innerJoin(threads, eq(threads.id, notes.threadId))
    .where(and(eq(notes.state, 'open'), inArray(notes.responsible, [...people])))
    .orderBy(asc(notes.due), notes.id)
    .limit(500);
}
