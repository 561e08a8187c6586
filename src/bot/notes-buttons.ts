import type { AllMiddlewareArgs, BlockAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { actOnNote } from '../areas/notes/actions.ts';
import { NOTE_ASKS, type NoteAsk } from '../areas/notes/forms.ts';
import { loadNote } from '../areas/notes/store.ts';
import type { NoteAct } from '../areas/notes/types.ts';
import type { Cause } from '../db/act.ts';
import { type BotDeps, sorry, who } from './deps.ts';
import { openNoteAsk } from './notes-command.ts';

/** Buttons that act at once. */
const AT_ONCE: Record<string, (person: string) => NoteAct> = {
  mine: (person) => ({ kind: 'assign', person }),
  reopen: () => ({ kind: 'reopen' }),
};

type Press = { id: number } & ({ act: NoteAct } | { ask: NoteAsk });

/** What a press meant: `note_close` with `4`, or a menu's `due:4`. Undefined for what we never drew. */
function readNotePress(actionId: string, value: string, person: string): Press | undefined {
  const menu = actionId === 'note_more';
  const [head = '', tail = ''] = value.split(':');
  const name = menu ? head : actionId.replace(/^note_/, '');
  const id = Number(menu ? tail : head);
  if (!Number.isSafeInteger(id) || id < 1) return undefined;
  if (NOTE_ASKS.includes(name as NoteAsk)) return { id, ask: name as NoteAsk };
  const toAct = Object.hasOwn(AT_ONCE, name) ? AT_ONCE[name] : undefined;
  return toAct && { id, act: toAct(person) };
}

/**
 * Which boxes a click changed: what is selected now against what was drawn, which the block's id says (`note_check:4:010`). The rest is left as it is in
 * the database, for others may have ticked meanwhile. Undefined for what we never drew.
 */
export function readTicks(blockId: string, selected: readonly string[]): Press | undefined {
  const [, shown, drawn] = /^note_check:(\d+):([01]{1,10})$/.exec(blockId) ?? [];
  if (shown === undefined || drawn === undefined) return undefined;
  const boxes = [...drawn].flatMap((bit, position) => {
    const done = selected.includes(`${position}`);
    return done === (bit === '1') ? [] : [{ position, done }];
  });
  return { id: Number(shown), act: { kind: 'tick', boxes } };
}

/** Every button and box of an issue, meeting or topic: acknowledged at once, then acts and answers privately; or opens the form that asks first. */
export function noteButton(deps: BotDeps) {
  return async ({
    ack,
    body,
    action,
    respond,
  }: SlackActionMiddlewareArgs<BlockAction> & AllMiddlewareArgs): Promise<void> => {
    await ack();
    const tell = async (text: string) => {
      if (body.response_url) await respond({ response_type: 'ephemeral', replace_original: false, text });
    };
    try {
      const press = pressOf(action, body.user.id);
      const f = press && (await loadNote(deps.db, press.id));
      if (!press || !f)
        return await tell(':x: I do not know that button any more. See `/issue help` or `/thread help`.');
      const actor = await who(deps, body.user.id);
      if ('ask' in press) {
        const no = await openNoteAsk(deps, body.trigger_id, press.ask, f, actor);
        return no ? await tell(no.text) : undefined;
      }
      const actionTs = 'action_ts' in action ? action.action_ts : '';
      const key = `action:${actionTs}:${body.user.id}:${action.action_id}`;
      const cause: Cause = { key, source: 'button', actor: actor.id, eventTime: deps.clock() };
      const { answer, repeated } = await actOnNote(deps, cause, actor, press.id, press.act);
      deps.metrics.commands.inc({
        command: 'button',
        subcommand: `note_${press.act.kind}`,
        outcome: answer.outcome,
      });
      // A box shows by itself that it was ticked.
      if (!repeated && !(press.act.kind === 'tick' && answer.outcome !== 'refused')) await tell(answer.text);
    } catch (err) {
      await tell(sorry(deps, err));
    }
  };
}

function pressOf(action: BlockAction['actions'][number], person: string): Press | undefined {
  if (action.type === 'checkboxes')
    return readTicks(
      action.block_id,
      action.selected_options.map((o) => o.value ?? ''),
    );
  const given = 'value' in action ? action.value : 'selected_option' in action ? action.selected_option?.value : '';
  return readNotePress(action.action_id, typeof given === 'string' ? given : '', person);
}
