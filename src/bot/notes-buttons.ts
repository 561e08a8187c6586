import { actOnNote } from '../areas/notes/actions.ts';
import { NOTE_ASKS, type NoteAsk } from '../areas/notes/forms.ts';
import { loadNote } from '../areas/notes/store.ts';
import type { NoteAct } from '../areas/notes/types.ts';
import { type BotDeps, who } from './deps.ts';
import { openNoteAsk } from './notes-command.ts';
import { cameTo, idsOf, nameOfPress, type Press, pressListener } from './press.ts';

/** Buttons that act at once. */
const AT_ONCE: Record<string, (person: string) => NoteAct> = {
  mine: (person) => ({ kind: 'assign', person }),
  reopen: () => ({ kind: 'reopen' }),
};

type Meant = { id: number } & ({ act: NoteAct } | { ask: NoteAsk });

/**
 * Which boxes a click changed: what is selected now against what was drawn, which the block's id says (`note_check:4:010`). The rest is left as it is in
 * the database, for others may have ticked meanwhile. Undefined for what we never drew.
 */
export function readTicks(blockId: string, selected: readonly string[]): Meant | undefined {
  const [, shown, drawn] = /^note_check:(\d+):([01]{1,10})$/.exec(blockId) ?? [];
  if (shown === undefined || drawn === undefined) return undefined;
  const boxes = [...drawn].flatMap((bit, position) => {
    const done = selected.includes(`${position}`);
    return done === (bit === '1') ? [] : [{ position, done }];
  });
  return { id: Number(shown), act: { kind: 'tick', boxes } };
}

/** Every button and box of an issue, meeting or topic: acts and answers privately, or opens the form that asks first. */
export function noteButton(deps: BotDeps) {
  return pressListener(deps, async (press) => {
    const { body, cause } = press;
    const meant = meantBy(press);
    const f = meant && (await loadNote(deps.db, meant.id));
    if (!meant || !f) return ':x: I do not know that button any more. See `/issue help` or `/thread help`.';
    const actor = await who(deps, body.user.id);
    if ('ask' in meant) return (await openNoteAsk(deps, body.trigger_id, meant.ask, f, actor))?.text ?? null;
    const { kind } = meant.act;
    const done = await actOnNote(deps, cause, actor, meant.id, meant.act);
    const text = cameTo(deps, `note_${kind}`, done);
    // A box shows by itself that it was ticked.
    return kind === 'tick' && done.answer.outcome !== 'refused' ? null : text;
  });
}

/** What a press meant; undefined for what we never drew. */
function meantBy({ action, value, body }: Press): Meant | undefined {
  if (action.type === 'checkboxes')
    return readTicks(
      action.block_id,
      action.selected_options.map((o) => o.value ?? ''),
    );
  const { name, of } = nameOfPress(action.action_id, value);
  const [id] = idsOf(of);
  if (id === undefined) return undefined;
  const ask = NOTE_ASKS.find((a) => a === name);
  if (ask) return { id, ask };
  const toAct = Object.hasOwn(AT_ONCE, name) ? AT_ONCE[name] : undefined;
  return toAct && { id, act: toAct(body.user.id) };
}
