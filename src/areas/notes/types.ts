import type { Refusal } from '../../base/errors.ts';

export const KINDS = ['issue', 'meeting', 'topic'] as const;
export type NoteKind = (typeof KINDS)[number];
export type NoteState = 'open' | 'closed';

export interface Note {
  id: number;
  kind: NoteKind;
  title: string;
  description: string | null;
  responsible: string;
  state: NoteState;
  /** A day as YYYY-MM-DD. */
  due: string | null;
  openedBy: string;
  openedAt: Date;
  closedBy: string | null;
  closedAt: Date | null;
  summary: string | null;
  closeReason: string | null;
  threadId: number;
}

/** One box of an issue's definition of done. */
export interface Check {
  position: number;
  text: string;
  done: boolean;
  by: string | null;
  at: Date | null;
}

export interface NoteFacts {
  note: Note;
  /** In the policy's order, as it was when the issue was opened; none for meetings and topics. */
  checks: Check[];
  thread: { channel: string; url: string | null };
}

/** What a list shows of a note. */
export type Listed = Note & { url: string | null; boxes: number; ticked: number };

/** A new note, checked. */
export interface Opening {
  kind: NoteKind;
  title: string;
  description: string | null;
  responsible: string;
  due: string | null;
}

/** What a person asks of a note. */
export type NoteAct =
  /** `reason`: why with boxes open. */
  | { kind: 'close'; summary: string | null; reason: string | null }
  | { kind: 'reopen' }
  | { kind: 'assign'; person: string }
  | { kind: 'due'; day: string | null }
  /** Only the boxes that somebody changed. */
  | { kind: 'tick'; boxes: { position: number; done: boolean }[] };
export type NoteActKind = NoteAct['kind'];

export interface NoteChange {
  patch?: Partial<Pick<Note, 'responsible' | 'state' | 'due' | 'closedBy' | 'closedAt' | 'summary' | 'closeReason'>>;
  boxes?: { position: number; done: boolean }[];
}
export type NoteDecision = { change: NoteChange } | { refusal: Refusal } | { already: string };
