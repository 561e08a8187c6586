import type { AllMiddlewareArgs, BlockAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { actOnRequest, refusedFunds, requestNow } from '../areas/funds/actions.ts';
import { forbiddenFunds } from '../areas/funds/rules.ts';
import type { RequestAct } from '../areas/funds/types.ts';
import { parseId } from '../base/ids.ts';
import type { Cause } from '../db/act.ts';
import { type BotDeps, sorry, who } from './deps.ts';
import { openFundsAsk } from './funds-ask.ts';
import { isFundsAsk } from './funds-command.ts';
import { spendView } from './funds-context.ts';

const GONE = ':x: I do not know that button any more. `/funds mine` shows what is yours.';

/** Buttons that act at once. */
const AT_ONCE: Record<string, RequestAct> = { approve: { kind: 'approve' }, withdraw: { kind: 'withdraw' } };

type Press = SlackActionMiddlewareArgs<BlockAction> & AllMiddlewareArgs;
interface Call {
  deps: BotDeps;
  body: BlockAction;
  /** Of the click, for the cause. */
  key: string;
  tell: (text: string) => Promise<void>;
}

/** Every button about test funds: acknowledged at once, then acts and answers privately, or opens the form that asks first. */
export function fundsButton(deps: BotDeps) {
  return async ({ ack, body, action, respond }: Press): Promise<void> => {
    await ack();
    const tell = async (text: string) => {
      if (body.response_url) await respond({ response_type: 'ephemeral', replace_original: false, text });
    };
    try {
      const menu = action.action_id === 'funds_more';
      const given = 'selected_option' in action ? action.selected_option?.value : 'value' in action ? action.value : '';
      const [head = '', tail = ''] = String(given ?? '').split(':');
      const name = menu ? head : action.action_id.replace(/^funds_/, '');
      const key = `action:${'action_ts' in action ? action.action_ts : ''}:${body.user.id}:${action.action_id}`;
      const call: Call = { deps, body, key, tell };
      if (name === 'spend') return await spending(call, head);
      await onRequest(call, name, Number(menu ? tail : head));
    } catch (err) {
      await tell(sorry(deps, err));
    }
  };
}

/** The form for a test transaction, from a release's card (REL-2) or a request's (FR-3). */
async function spending({ deps, body, tell }: Call, about: string): Promise<void> {
  const from = parseId(about);
  if (from?.prefix !== 'REL' && from?.prefix !== 'FR') return tell(GONE);
  const actor = await who(deps, body.user.id);
  const no = forbiddenFunds('spend', actor);
  if (no) return tell(refusedFunds(no).text);
  const known = from.prefix === 'REL' ? { releaseId: from.id } : { requestId: from.id };
  await deps.slack.openView(body.trigger_id, await spendView(deps, actor.id, known));
}

async function onRequest({ deps, body, key, tell }: Call, name: string, id: number): Promise<void> {
  const f = Number.isSafeInteger(id) && id > 0 ? await requestNow(deps.db, deps, id) : undefined;
  const act = Object.hasOwn(AT_ONCE, name) ? AT_ONCE[name] : undefined;
  if (!f || (!act && !isFundsAsk(name))) return tell(GONE);
  const actor = await who(deps, body.user.id);
  if (isFundsAsk(name)) {
    const no = await openFundsAsk(deps, body.trigger_id, name, f, actor);
    return no ? tell(no.text) : undefined;
  }
  if (!act) return;
  const cause: Cause = { key, source: 'button', actor: actor.id, eventTime: deps.clock() };
  const { answer, repeated } = await actOnRequest(deps, cause, actor, id, act);
  deps.metrics.commands.inc({ command: 'button', subcommand: `funds_${name}`, outcome: answer.outcome });
  if (!repeated) await tell(answer.text);
}
