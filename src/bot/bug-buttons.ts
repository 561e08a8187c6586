import { actOnBug } from '../areas/triage/actions.ts';
import { type BugAsk, bugForm, type Prefill } from '../areas/triage/forms.ts';
import { SAME_IN_PRODUCTION } from '../areas/triage/priority.ts';
import { loadBug } from '../areas/triage/store.ts';
import type { Act } from '../areas/triage/types.ts';
import { parseId } from '../base/ids.ts';
import { openAsk } from './bug-command.ts';
import { prefillFrom } from './bug-events.ts';
import { ticketOnGithub } from './bug-ticket.ts';
import { type BotDeps, who } from './deps.ts';
import { cameTo, idsOf, nameOfPress, pressListener } from './press.ts';

const GONE = ':x: I do not know that button any more. Use the newest card, or `/bug help`.';

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
const ASKING = [
  'fix',
  'downgrade',
  'reject',
  'block',
  'ticket',
  'wontfix',
  'duplicate',
  'priority',
] as const satisfies BugAsk[];

/** Every button of a bug: acts and answers privately, or opens the form that asks first. */
export function bugButton(deps: BotDeps) {
  return pressListener(deps, async ({ body, action, value, cause }) => {
    if (action.action_id === 'bug_report' || action.action_id === 'bug_offer')
      return openReport(deps, body.trigger_id, value);
    const { name, of } = nameOfPress(action.action_id, value);
    const [id, second] = idsOf(of);
    const toAct = Object.hasOwn(AT_ONCE, name) ? AT_ONCE[name] : undefined;
    const asks = ASKING.find((ask) => ask === name);
    if (id === undefined || !(toAct || asks || name === 'github')) return GONE;
    const actor = await who(deps, body.user.id);
    if (toAct) return cameTo(deps, `bug_${name}`, await actOnBug(deps, cause, actor, id, toAct(actor.id, second)));
    if (!asks) return ticketOnGithub(deps, cause, actor, id);
    const f = await loadBug(deps.db, id);
    if (!f) return ':x: That bug does not exist. See `/bug list`.';
    return (await openAsk(deps, body.trigger_id, asks, f, actor))?.text ?? null;
  });
}

/** @param value `REL-12:34` from a release's card, with the candidate it was drawn for (a card of before has only `REL-12`), or `<channel>:<ts>` of a message somebody reacted to */
async function openReport(deps: BotDeps, triggerId: string, value: string): Promise<null> {
  const [channel = '', ts = ''] = value.split(':');
  const release = parseId(channel);
  const prefill: Prefill =
    release?.prefix === 'REL'
      ? await prefillFrom(deps, { releaseId: release.id, candidateId: idsOf(ts)[0] })
      : await prefillFrom(deps, { channel, ts });
  await deps.slack.openView(triggerId, bugForm(deps.policy, prefill));
  return null;
}
