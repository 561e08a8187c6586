import type { AllMiddlewareArgs, BlockAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { actOnBug } from '../areas/triage/actions.ts';
import { type BugAsk, bugForm, type Prefill } from '../areas/triage/forms.ts';
import { loadBug } from '../areas/triage/store.ts';
import type { Act } from '../areas/triage/types.ts';
import { parseId } from '../base/ids.ts';
import type { Cause } from '../db/act.ts';
import { openAsk } from './bug-command.ts';
import { prefillFrom } from './bug-events.ts';
import { ticketOnGithub } from './bug-ticket.ts';
import { type BotDeps, sorry, who } from './deps.ts';

const SAME_IN_PRODUCTION = 'it happens in production too, so it is no regression of this release (R12)';

/** Buttons that act at once. `second` is what the button was drawn for: a fix, or the moment of a question. */
const AT_ONCE: Record<string, (user: string, second: number | undefined) => Act> = {
  recreate: () => ({ kind: 'recreate' }),
  tried_yes: () => ({ kind: 'tried', happens: true }),
  tried_no: () => ({ kind: 'tried', happens: false }),
  fixed: (_, candidateId) => ({ kind: 'retest', fixed: true, candidateId }),
  still: (_, candidateId) => ({ kind: 'retest', fixed: false, candidateId }),
  agree: (_, askedAt) => ({ kind: 'agree', askedAt }),
  decline: (_, askedAt) => ({ kind: 'decline', askedAt }),
  resolve: () => ({ kind: 'resolve', note: null }),
  assign: (person) => ({ kind: 'assign', person }),
  propose_downgrade: () => ({ kind: 'ask', what: 'downgrade', reason: SAME_IN_PRODUCTION }),
  propose_prod_issue: () => ({ kind: 'ask', what: 'prod_issue', reason: SAME_IN_PRODUCTION }),
};

/** Buttons that open a form with one question. */
const ASKING: readonly string[] = [
  'fix',
  'downgrade',
  'reject',
  'block',
  'ticket',
  'wontfix',
  'duplicate',
  'priority',
] satisfies BugAsk[];

/** The button that asks GitHub before it acts. */
const GITHUB = 'github';

/** What a press meant: `bug_fixed` with `7:102`, or a menu's `assign:7`. Undefined for what we never drew. */
export function readBugPress(
  actionId: string,
  value: string,
): { name: string; id: number; second?: number } | undefined {
  const menu = actionId === 'bug_more';
  const [head = '', ...tail] = value.split(':');
  const name = menu ? head : actionId.replace(/^bug_/, '');
  const [id, second] = (menu ? tail : [head, ...tail]).map(Number);
  const known = Object.hasOwn(AT_ONCE, name) || ASKING.includes(name) || name === GITHUB;
  if (!known || !Number.isSafeInteger(id)) return undefined;
  return { name, id: id as number, ...(Number.isSafeInteger(second) && { second }) };
}

/** Every button of a bug: acknowledged at once, then acts and answers privately; or opens the form that asks first. */
export function bugButton(deps: BotDeps) {
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
      const given = 'value' in action ? action.value : 'selected_option' in action ? action.selected_option?.value : '';
      const value = typeof given === 'string' ? given : '';
      if (action.action_id === 'bug_report' || action.action_id === 'bug_offer')
        return await openReport(deps, body.trigger_id, value);
      const press = readBugPress(action.action_id, value);
      if (!press) return await tell(':x: I do not know that button any more. Use the newest card, or `/bug help`.');
      const actionTs = 'action_ts' in action ? action.action_ts : '';
      const text = await pressed(deps, press, body, `action:${actionTs}:${body.user.id}:${action.action_id}`);
      if (text) await tell(text);
    } catch (err) {
      await tell(sorry(deps, err));
    }
  };
}

/** @param value `REL-12` from a release's card, or `<channel>:<ts>` of a message somebody reacted to */
async function openReport(deps: BotDeps, triggerId: string, value: string): Promise<void> {
  const release = parseId(value);
  const [channel = '', ts = ''] = value.split(':');
  const prefill: Prefill =
    release?.prefix === 'REL'
      ? await prefillFrom(deps, { releaseId: release.id })
      : await prefillFrom(deps, { channel, ts });
  await deps.slack.openView(triggerId, bugForm(deps.policy, prefill));
}

/** @returns what to tell the person; null when nothing (a form opened, or another instance answers) */
async function pressed(
  deps: BotDeps,
  press: NonNullable<ReturnType<typeof readBugPress>>,
  body: BlockAction,
  key: string,
): Promise<string | null> {
  const { name, id, second } = press;
  const actor = await who(deps, body.user.id);
  const cause: Cause = { key, source: 'button', actor: actor.id, eventTime: deps.clock() };
  if (name === GITHUB) return ticketOnGithub(deps, cause, actor, id);
  const toAct = AT_ONCE[name];
  if (!toAct) {
    const f = await loadBug(deps.db, id);
    if (!f) return ':x: That bug does not exist. See `/bug list`.';
    return (await openAsk(deps, body.trigger_id, name as BugAsk, f, actor))?.text ?? null;
  }
  const { answer, repeated } = await actOnBug(deps, cause, actor, id, toAct(actor.id, second));
  deps.metrics.commands.inc({ command: 'button', subcommand: `bug_${name}`, outcome: answer.outcome });
  return repeated ? null : answer.text;
}
