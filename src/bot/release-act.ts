import { act } from '../areas/releases/actions.ts';
import { type ReleaseAnswer, refused } from '../areas/releases/answers.ts';
import { cardGone } from '../areas/releases/cards.ts';
import { open } from '../areas/releases/open.ts';
import type { Opening } from '../areas/releases/opening.ts';
import { reconcile } from '../areas/releases/reconcile.ts';
import { forbidden } from '../areas/releases/rules.ts';
import { loadFacts } from '../areas/releases/store.ts';
import type { Act } from '../areas/releases/types.ts';
import { type Actor, membersOnly } from '../base/actor.ts';
import type { Cause } from '../db/act.ts';
import { lookUp } from './commit-lookup.ts';
import { type BotDeps, who } from './deps.ts';

/**
 * One act on one release by a command, button or form. Shipping first makes the claims agree with what Slack shows (R8); when that fails the
 * rules refuse by the age of the last complete one. A new candidate is looked up on GitHub first, where that is set up.
 */
export async function actOn(
  deps: BotDeps,
  cause: Cause,
  actor: Actor,
  releaseId: number,
  what: Act,
): Promise<{ answer: ReleaseAnswer; repeated: boolean }> {
  const ships = what.kind === 'ship' || what.kind === 'ship_on_one';
  const looksUp = what.kind === 'candidate' && deps.github !== undefined;
  const f = ships || looksUp ? await loadFacts(deps.db, releaseId) : undefined;
  // For whoever may not do it nothing is read, anywhere.
  const may = f && !forbidden(what.kind as 'ship' | 'ship_on_one' | 'candidate', actor, f.release.manager);
  if (may && ships) await makeSure(deps, releaseId);
  if (!may || what.kind !== 'candidate') return act(deps, cause, actor, releaseId, what);
  const found = await lookUp(deps, f.release.product, what.commit);
  if ('code' in found) return { answer: refused(found, f), repeated: false };
  return act(deps, cause, actor, releaseId, { ...what, ...found });
}

/** Opens a release by a command or form. Its manager must be able to act on it (R24); its commit is looked up on GitHub first, where that is set up. */
export async function openRelease(
  deps: BotDeps,
  cause: Cause,
  actor: Actor,
  opening: Opening,
): Promise<{ answer: ReleaseAnswer; repeated: boolean }> {
  const may = !forbidden('open', actor, null);
  const manager = may && opening.manager !== actor.id ? await who(deps, opening.manager) : actor;
  const stranger = may && membersOnly(manager, 'cannot be release managers');
  if (stranger)
    return {
      answer: refused({ ...stranger, code: 'manager', next: 'Choose a member of this workspace.' }),
      repeated: false,
    };
  const found = may ? await lookUp(deps, opening.product, opening.commit) : {};
  if ('code' in found) return { answer: refused(found), repeated: false };
  return open(deps, cause, actor, opening, found.verifiedTree ?? null);
}

async function makeSure(deps: BotDeps, releaseId: number): Promise<void> {
  const onGone = (id: number, ts: string) => cardGone(deps, id, 'card', ts, 'reconcile');
  try {
    await reconcile({ ...deps, who: (id) => who(deps, id), onGone }, releaseId);
  } catch (err) {
    deps.log.warn({ err, releaseId }, 'the thread could not be read before shipping');
  }
}
