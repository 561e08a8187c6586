import { act } from '../areas/releases/actions.ts';
import type { Answer } from '../areas/releases/answers.ts';
import { cardGone } from '../areas/releases/cards.ts';
import { reconcile } from '../areas/releases/reconcile.ts';
import type { Act } from '../areas/releases/types.ts';
import type { Actor } from '../base/actor.ts';
import type { Cause } from '../db/act.ts';
import { type BotDeps, who } from './deps.ts';

/**
 * One act on one release by a command, button or form. Shipping first makes the claims agree with what Slack shows (R8); when that fails the
 * rules refuse by the age of the last complete one.
 */
export async function actOn(
  deps: BotDeps,
  cause: Cause,
  actor: Actor,
  releaseId: number,
  what: Act,
): Promise<{ answer: Answer; repeated: boolean }> {
  if (what.kind === 'ship' || what.kind === 'ship_on_one') await makeSure(deps, releaseId);
  return act(deps, cause, actor, releaseId, what);
}

async function makeSure(deps: BotDeps, releaseId: number): Promise<void> {
  const onGone = (id: number, ts: string) => cardGone(deps, id, 'card', ts);
  try {
    await reconcile({ ...deps, who: (id) => who(deps, id), onGone }, releaseId);
  } catch (err) {
    deps.log.warn({ err, releaseId }, 'the thread could not be read before shipping');
  }
}
