import { SHIPSHAPE } from '../../base/actor.ts';
import { afterShipping, openHolds } from './facts.ts';
import { liftedBy, onHold, refuse } from './gate-rules.ts';
import type { Act, Case, Change, Facts, Hold, Verdict } from './types.ts';

/** R6: anybody stops a release; a second word of the same person gives the reason that their reaction left out. */
export function hold({ f, actor, act }: Case<Extract<Act, { kind: 'hold' }>>): Verdict {
  const mine = openHolds(f).find((h) => h.person === actor.id && h.emergencyId === null);
  if (mine) {
    if (act.reason === null) return { already: 'your hold is already set' };
    if (mine.reason === null) return [{ kind: 'hold_reason', holdId: mine.id, person: actor.id, reason: act.reason }];
  }
  return held(f, { person: actor.id, reason: act.reason, road: act.road, emergencyId: null });
}

/** R6, R9: a person's hold, or an emergency's. It takes an approval back; after shipping began it alerts. */
export function held(
  f: Facts,
  h: Pick<Extract<Change, { kind: 'held' }>, 'person' | 'reason' | 'road' | 'emergencyId'>,
): Change[] {
  const changes: Change[] = [{ kind: 'held', ...h, late: afterShipping(f) }];
  if (f.release.state === 'approved') changes.push({ kind: 'state', from: 'approved', to: 'testing' });
  return changes;
}

/** R9: what an emergency holds a release with. */
export function behind(emergencyId: number, shown: string): Parameters<typeof held>[1] {
  return { person: SHIPSHAPE.id, reason: `emergency ${shown} goes first`, road: 'command', emergencyId };
}

/** R6: the reason of a hold that is open, by who set it. */
export function reason({ f, actor, act }: Case<Extract<Act, { kind: 'reason' }>>): Verdict {
  const h = openHolds(f).find((x) => x.id === act.holdId);
  if (!h) return refuse('no_hold', 'that hold has been lifted already', 'Nothing was changed.');
  if (h.person !== actor.id) return refuse('not_yours', 'only who set a hold gives its reason', `Ask <@${h.person}>.`);
  return [{ kind: 'hold_reason', holdId: h.id, person: actor.id, reason: act.reason }];
}

/**
 * Holds are lifted by who set them, the manager or an admin; an emergency's own only by an admin (or a new candidate, R9).
 * Without a hold named it means one's own, else all; of those, the ones this actor may lift.
 */
export function unhold({ f, actor, act }: Case<Extract<Act, { kind: 'unhold' }>>): Verdict {
  const open = openHolds(f);
  if (!open.length) return refuse('no_hold', 'it is not on hold', 'Nothing was changed.');
  const mine = open.filter((h) => h.person === actor.id && h.emergencyId === null);
  const meant = act.holdId !== undefined ? open.filter((h) => h.id === act.holdId) : mine.length ? mine : open;
  const [first] = meant;
  if (!first) return refuse('no_hold', 'that hold has been lifted already', 'Nothing was changed.');
  const may = (h: Hold) =>
    actor.roles.has('admin') || (h.emergencyId === null && (h.person === actor.id || actor.id === f.release.manager));
  const lifted = meant.filter(may);
  if (!lifted.length) return refuse('not_yours', onHold(first), `${liftedBy(first)} lifts it.`);
  return lifted.map((h) => ({ kind: 'unheld', holdId: h.id, person: actor.id }));
}
