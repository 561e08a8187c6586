import { actOnNote, openNote } from '../areas/notes/actions.ts';
import { NOTE_FIELD, type NoteAsk } from '../areas/notes/forms.ts';
import { KINDS, type NoteAct, type NoteKind } from '../areas/notes/types.ts';
import type { BotDeps } from './deps.ts';
import { formListener } from './form.ts';
import { textOf, type Values } from './form-values.ts';

/** The fields a refusal of the open form can belong to; all others are about the title. */
const OPEN_FIELDS = ['description', 'due'];

/** The submitted form that opens an issue, meeting or topic. Refused, it stays open with the reason at its field. */
export function noteOpened(deps: BotDeps) {
  return formListener(deps, 'title', async ({ view, values, cause, actor }) => {
    const known = JSON.parse(view.private_metadata) as { kind?: NoteKind; channel?: string };
    const kind = known.kind ?? KINDS.find((k) => k === textOf(values, 'kind')) ?? 'topic';
    const person = await actor();
    const opening = {
      kind,
      title: textOf(values, 'title') ?? '',
      description: textOf(values, 'description'),
      responsible: textOf(values, 'responsible') ?? person.id,
      due: textOf(values, 'due'),
    };
    const { answer } = await openNote(deps, cause, person, opening, known.channel);
    return { answer, as: 'note_open', at: OPEN_FIELDS.find((id) => id === answer.code) };
  });
}

const askOf = (callbackId: string) => callbackId.replace('note_ask_', '') as NoteAsk;

/** The submitted forms about an issue, meeting or topic. Refused, they stay open with the reason. */
export function noteAsked(deps: BotDeps) {
  const first = (view: { callback_id: string }) => NOTE_FIELD[askOf(view.callback_id)];
  return formListener(deps, first, async ({ view, values, cause, actor }) => {
    const what = askOf(view.callback_id);
    const { noteId } = JSON.parse(view.private_metadata) as { noteId: number };
    const person = await actor();
    const { answer } = await actOnNote(deps, cause, person, noteId, actOf(what, values, person.id));
    // A box was unticked while the form was open: then it has no field for the reason.
    const at = answer.code === 'open_boxes' && values.reason ? 'reason' : undefined;
    return { answer, as: `note_${what}`, at };
  });
}

function actOf(what: NoteAsk, values: Values, person: string): NoteAct {
  switch (what) {
    case 'close':
      return { kind: 'close', summary: textOf(values, 'summary'), reason: textOf(values, 'reason') };
    case 'assign':
      return { kind: 'assign', person: textOf(values, 'person') ?? person };
    case 'due':
      return { kind: 'due', day: textOf(values, 'due') };
  }
}
