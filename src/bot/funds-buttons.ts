import { actOnRequest, requestNow } from '../areas/funds/actions.ts';
import { forbiddenFunds } from '../areas/funds/rules.ts';
import type { RequestAct } from '../areas/funds/types.ts';
import { tellRefusal } from '../base/answer.ts';
import { parseId } from '../base/ids.ts';
import { type BotDeps, who } from './deps.ts';
import { openFundsAsk } from './funds-ask.ts';
import { isFundsAsk } from './funds-command.ts';
import { spendView } from './funds-context.ts';
import { cameTo, idsOf, nameOfPress, type Press, pressListener } from './press.ts';

const GONE = ':x: I do not know that button any more. `/funds mine` shows what is yours.';

/** Buttons that act at once. */
const AT_ONCE: Record<string, RequestAct> = { approve: { kind: 'approve' }, withdraw: { kind: 'withdraw' } };

/** Every button about test funds: acts and answers privately, or opens the form that asks first. */
export function fundsButton(deps: BotDeps) {
  return pressListener(deps, async ({ body, action, value, cause }) => {
    const { name, of } = nameOfPress(action.action_id, value);
    if (name === 'spend') return spending(deps, body, of);
    const [id] = idsOf(of);
    const f = id === undefined ? undefined : await requestNow(deps.db, deps, id);
    const act = name === 'agree' ? agreeing(of) : Object.hasOwn(AT_ONCE, name) ? AT_ONCE[name] : undefined;
    const asks = isFundsAsk(name) ? name : undefined;
    if (!f || !(act || asks)) return GONE;
    const actor = await who(deps, body.user.id);
    if (act) return cameTo(deps, `funds_${name}`, await actOnRequest(deps, cause, actor, f.request.id, act));
    if (!asks) return GONE;
    return (await openFundsAsk(deps, body.trigger_id, asks, f, actor))?.text ?? null;
  });
}

/** Bound to the send it was drawn for. */
function agreeing(of: string): RequestAct | undefined {
  const [, tx] = idsOf(of);
  return tx === undefined ? undefined : { kind: 'agree', tx };
}

/** The form for a test transaction, from a release's card (REL-2) or a request's (FR-3). */
async function spending(deps: BotDeps, body: Press['body'], about: string): Promise<string | null> {
  const from = parseId(about);
  if (from?.prefix !== 'REL' && from?.prefix !== 'FR') return GONE;
  const actor = await who(deps, body.user.id);
  const no = forbiddenFunds('spend', actor);
  if (no) return tellRefusal(no).text;
  const known = from.prefix === 'REL' ? { releaseId: from.id } : { requestId: from.id };
  await deps.slack.openView(body.trigger_id, await spendView(deps, actor.id, known));
  return null;
}
