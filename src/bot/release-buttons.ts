import type { AllMiddlewareArgs, BlockAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { refused } from '../areas/releases/answers.ts';
import { type AskedFor, askForm, openForm } from '../areas/releases/forms.ts';
import { forbidden } from '../areas/releases/rules.ts';
import { loadFacts } from '../areas/releases/store.ts';
import type { Act } from '../areas/releases/types.ts';
import type { Cause } from '../db/act.ts';
import { type BotDeps, sorry, who } from './deps.ts';
import { actOn } from './release-act.ts';

/** Buttons that act at once. `second` is the candidate or hold the button was drawn for. */
const AT_ONCE: Record<string, (second: number | undefined) => Act> = {
  ready: () => ({ kind: 'ready' }),
  away: () => ({ kind: 'away' }),
  lgtm: (candidateId) => ({ kind: 'lgtm', road: 'button', candidateId }),
  verify: (candidateId) => ({ kind: 'verify', road: 'button', candidateId }),
  retract: () => ({ kind: 'retract' }),
  hold: () => ({ kind: 'hold', reason: null, road: 'button' }),
  unhold: (holdId) => ({ kind: 'unhold', holdId }),
  ship: (candidateId) => ({ kind: 'ship', candidateId }),
  ship_on_one: (candidateId) => ({ kind: 'ship_on_one', candidateId }),
  shipped: () => ({ kind: 'shipped' }),
};

/** Buttons that ask something first. */
const ASKING: Record<string, AskedFor> = {
  reason: 'hold',
  failed: 'failed',
  rollback: 'rollback',
  cancel: 'cancel',
  review: 'review',
  candidate: 'candidate',
};

/** What a press meant: `release_lgtm` with `12:34`, or a menu's `away:12`. Undefined for what we never drew. */
export function readPress(actionId: string, value: string): { name: string; id: number; second?: number } | undefined {
  const menu = actionId === 'release_more';
  const [head = '', ...tail] = value.split(':');
  const name = menu ? head : actionId.replace(/^release_/, '');
  const [id, second] = (menu ? tail : [head, ...tail]).map(Number);
  if (!(Object.hasOwn(AT_ONCE, name) || Object.hasOwn(ASKING, name)) || !Number.isSafeInteger(id)) return undefined;
  return { name, id: id as number, ...(Number.isSafeInteger(second) && { second }) };
}

/** Every button of a release: acknowledged at once, then acts and answers privately; or opens the form that asks first. */
export function releaseButton(deps: BotDeps) {
  return async ({
    ack,
    body,
    action,
    respond,
  }: SlackActionMiddlewareArgs<BlockAction> & AllMiddlewareArgs): Promise<void> => {
    await ack();
    const tell = async (text: string) => {
      // Buttons in the App Home have no response_url: what changed shows there by itself.
      if (!body.response_url) return;
      // An answer that does not arrive undoes nothing: it is no reason to say that the act failed.
      await respond({ response_type: 'ephemeral', replace_original: false, text }).catch((err: unknown) =>
        deps.log.warn({ err }, 'an answer to a button could not be sent'),
      );
    };
    try {
      const actionTs = 'action_ts' in action ? action.action_ts : '';
      const key = `action:${actionTs}:${body.user.id}:${action.action_id}`;
      if (action.action_id === 'release_start') return await start(deps, body);
      const value = 'value' in action ? action.value : 'selected_option' in action ? action.selected_option?.value : '';
      const press = readPress(action.action_id, typeof value === 'string' ? value : '');
      if (!press) return await tell(':x: I do not know that button any more. Use the newest card, or `/release help`.');
      const text = await pressed(deps, press, body, key);
      if (text) await tell(text);
    } catch (err) {
      await tell(sorry(deps, err));
    }
  };
}

/** @returns what to tell the person; null when nothing (a form opened, or another instance answers) */
async function pressed(
  deps: BotDeps,
  press: NonNullable<ReturnType<typeof readPress>>,
  body: BlockAction,
  key: string,
): Promise<string | null> {
  const { name, id, second } = press;
  const f = await loadFacts(deps.db, id);
  if (!f) return ':x: That release does not exist. See `/release list`.';
  const asked = ASKING[name];
  const actor = await who(deps, body.user.id);
  if (asked) {
    const may = forbidden(asked === 'hold' ? 'reason' : asked, actor, f.release.manager);
    if (may) return refused(may, f).text;
    await deps.slack.openView(body.trigger_id, askForm(asked, f, second));
    return null;
  }
  const cause: Cause = { key, source: 'button', actor: actor.id, eventTime: deps.clock() };
  const act = (AT_ONCE[name] as (typeof AT_ONCE)[string])(second);
  const { answer, repeated } = await actOn(deps, cause, actor, id, act);
  deps.metrics.commands.inc({ command: 'button', subcommand: name, outcome: answer.outcome });
  if (repeated) return null;
  if (answer.holdId !== undefined) {
    // The hold is set already; the form only asks why.
    await deps.slack
      .openView(body.trigger_id, askForm('hold', f, answer.holdId))
      .catch((err) => deps.log.warn({ err }, 'a form could not be opened'));
  }
  return answer.text;
}

async function start(deps: BotDeps, body: BlockAction): Promise<void> {
  await deps.slack.openView(body.trigger_id, openForm(deps.policy, { kind: 'scheduled', manager: body.user.id }));
}
