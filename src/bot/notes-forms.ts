import type { AllMiddlewareArgs, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import { actOnNote, openNote } from '../areas/notes/actions.ts';
import { NOTE_FIELD, type NoteAsk } from '../areas/notes/forms.ts';
import { KINDS, type NoteAct, type NoteKind } from '../areas/notes/types.ts';
import { type BotDeps, sorry, who } from './deps.ts';
import { bareText, causeOfView, fieldOf, type Values } from './form-values.ts';

type ViewArgs = SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs;

const textOf = (values: Values, id: string) => fieldOf(values, id)?.replaceAll('\u0000', '').trim() || null;

/** The fields a refusal of the open form can belong to; all others are about the title. */
const OPEN_FIELDS = ['description', 'due'];

/** The submitted form that opens an issue, meeting or topic. Refused, it stays open with the reason at its field. */
export function noteOpened(deps: BotDeps) {
  return async ({ ack, body, view }: ViewArgs): Promise<void> => {
    const fault = (text: string, at = 'title') => ack({ response_action: 'errors', errors: { [at]: bareText(text) } });
    try {
      const { values } = view.state;
      const known = JSON.parse(view.private_metadata) as { kind?: NoteKind; channel?: string };
      const kind = known.kind ?? KINDS.find((k) => k === textOf(values, 'kind')) ?? 'topic';
      const actor = await who(deps, body.user.id);
      const opening = {
        kind,
        title: textOf(values, 'title') ?? '',
        description: textOf(values, 'description'),
        responsible: textOf(values, 'responsible') ?? actor.id,
        due: textOf(values, 'due'),
      };
      const { answer } = await openNote(deps, causeOfView(deps, body), actor, opening, known.channel);
      deps.metrics.commands.inc({ command: 'form', subcommand: 'note_open', outcome: answer.outcome });
      if (answer.outcome !== 'refused') return await ack();
      await fault(
        answer.text,
        OPEN_FIELDS.find((id) => id === answer.code),
      );
    } catch (err) {
      await fault(sorry(deps, err));
    }
  };
}

/** The submitted forms about an issue, meeting or topic. Refused, they stay open with the reason. */
export function noteAsked(deps: BotDeps) {
  return async ({ ack, body, view }: ViewArgs): Promise<void> => {
    const what = view.callback_id.replace('note_ask_', '') as NoteAsk;
    const { values } = view.state;
    const fault = (text: string, at = NOTE_FIELD[what]) =>
      ack({ response_action: 'errors', errors: { [at]: bareText(text) } });
    try {
      const { noteId } = JSON.parse(view.private_metadata) as { noteId: number };
      const actor = await who(deps, body.user.id);
      const { answer } = await actOnNote(deps, causeOfView(deps, body), actor, noteId, actOf(what, values, actor.id));
      deps.metrics.commands.inc({ command: 'form', subcommand: `note_${what}`, outcome: answer.outcome });
      if (answer.outcome !== 'refused') return await ack();
      // A box was unticked while the form was open: then it has no field for the reason.
      await fault(answer.text, answer.code === 'open_boxes' && values.reason ? 'reason' : undefined);
    } catch (err) {
      await fault(sorry(deps, err));
    }
  };
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
