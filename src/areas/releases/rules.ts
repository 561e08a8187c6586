import { type Actor, membersOnly, rolesUnread } from '../../base/actor.ts';
import type { Refusal } from '../../base/errors.ts';
import { authorsKnown, candidate, treeVerified } from './candidate-rules.ts';
import { evolve } from './evolve.ts';
import { away, ready } from './eyes-rules.ts';
import { ineligible, inWatch, openHolds, present } from './facts.ts';
import { refuse, stalePush } from './gate-rules.ts';
import { behind, held, hold, reason, unhold } from './hold-rules.ts';
import { PERMISSIONS, type Permission, SYSTEM_ACTS, type Who, whoMay } from './permissions.ts';
import { cancel, failed, review, rollback, ship, shipOnOne } from './shipping-rules.ts';
import { retract, signOff } from './signing-rules.ts';
import { NEXT, STATE_SAYS, TABLE } from './table.ts';
import { settle } from './time-rules.ts';
import type { Act, ActKind, Case, Change, Decision, Facts, ReviewPolicy, Verdict } from './types.ts';

/**
 * R1-R9: what comes of one act on one release, now. Pure: facts, actor, act, policy and time in; changes or a refusal out.
 * Time is applied first (expired eyes, R2) and kept in `settled` even when the act itself is refused.
 */
export function decide(
  f: Facts,
  actor: Actor,
  act: Act,
  policy: ReviewPolicy,
  now: Date,
): Decision & { settled: Change[] } {
  const settled = settle(f, policy, now);
  const facts = evolve(f, settled, now);
  if (act.kind === 'tick') return { settled, changes: [] };
  const c: Case = { f: facts, actor, act, policy, now };
  const verdict = barred(c) ?? HANDLERS[act.kind](c as never);
  if ('code' in verdict) return { settled, changes: [], refusal: verdict };
  const changes = Array.isArray(verdict) ? [...verdict] : [];
  const already = Array.isArray(verdict) ? {} : verdict;
  // R2: any act renews the presence of who acts. Leaving is the one act that does not.
  for (const stage of ['candidate', 'production'] as const) {
    const goes = changes.some((ch) => ch.kind === 'left' && ch.stage === stage && ch.person === actor.id);
    if (goes || actor.standing !== 'member') continue;
    if (present(facts, stage, policy, now).includes(actor.id))
      changes.push({ kind: 'renewed', stage, person: actor.id });
  }
  changes.push(...settle(evolve(facts, changes, now), policy, now));
  return { settled, changes, ...already };
}

/** Who may ask for `permission`: null when this actor may, else the refusal. `manager` is the release's manager, if there is one yet. */
export function forbidden(permission: Permission, actor: Actor, manager: string | null): Refusal | null {
  const who: readonly Who[] = PERMISSIONS[permission];
  const stranger = membersOnly(actor, 'cannot act on releases');
  if (stranger) return stranger;
  const may = who.some((w) => w === 'anyone' || (w === 'manager' ? actor.id === manager : actor.roles.has(w)));
  if (may) return null;
  const unread = rolesUnread(actor);
  if (unread) return unread;
  return refuse('role', `only ${whoMay(who)} can do that`, 'Ask one of them; roles are set in the policy file.');
}

function isSystem(kind: ActKind): kind is (typeof SYSTEM_ACTS)[number] {
  return (SYSTEM_ACTS as readonly ActKind[]).includes(kind);
}

/** R7: what somebody gave while they might they may take back, whoever they are by now: their sign-off, and their eyes. */
function takesBackOwn(f: Facts, actor: Actor, act: Act): boolean {
  if (act.kind === 'retract') return f.signOffs.some((s) => s.person === actor.id && !s.retractedAt && !s.lateAt);
  return act.kind === 'away' && f.presences.some((p) => p.person === actor.id && !p.leftAt);
}

/** Standing, role, eligibility and state, in that order: the first that bars the act. */
function barred({ f, actor, act, policy, now }: Case): Refusal | null {
  if (!isSystem(act.kind) && !takesBackOwn(f, actor, act)) {
    const no = forbidden(act.kind, actor, f.release.manager);
    if (no) return no;
  }
  if (act.kind === 'ready' || act.kind === 'lgtm' || act.kind === 'verify' || act.kind === 'review') {
    const why = ineligible(f, actor, policy);
    if (why) {
      const as = why === 'manager' ? 'are its release manager' : 'wrote some of its changes';
      return refuse(
        why,
        `you ${as}, so your eyes and sign-off do not count (separation of duties)`,
        'Two other operators test it.',
      );
    }
  }
  const { state } = f.release;
  const closed = state === 'done' && act.kind !== 'review' && !inWatch(f, now);
  if (act.kind in TABLE[state] && !closed) return null;
  const says = closed ? 'done, and its 24 h of watch are over' : STATE_SAYS[state];
  return refuse(
    `not_in_${state}`,
    `it is ${says}`,
    closed ? NEXT.cancelled.else : (NEXT[state][act.kind] ?? NEXT[state].else),
  );
}

/** Who decides what: one rule per act. */
const HANDLERS: { [K in Exclude<Act['kind'], 'tick'>]: (c: Case<Extract<Act, { kind: K }>>) => Verdict } = {
  ready,
  away,
  lgtm: signOff,
  verify: signOff,
  retract,
  hold,
  reason,
  unhold,
  candidate,
  ship,
  ship_on_one: shipOnOne,
  shipped: ({ f, act }) => stalePush(f, act) ?? [{ kind: 'state', from: 'shipping', to: 'verifying' }],
  failed,
  rollback,
  cancel,
  review,
  tree_verified: treeVerified,
  authors_known: authorsKnown,
  emergency_opened: ({ f, act }) => held(f, behind(act.emergencyId, act.shown)),
  emergency_cancelled: ({ f, actor, act }) => {
    const own = openHolds(f).filter((h) => h.emergencyId === act.emergencyId);
    return own.map((h) => ({ kind: 'unheld', holdId: h.id, person: actor.id }));
  },
};
