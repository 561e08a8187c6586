import type { Actor } from '../../base/actor.ts';
import { sameCommit } from '../../base/commit.ts';
import type { Refusal } from '../../base/errors.ts';
import { escapeText, truncate } from '../../base/mrkdwn.ts';
import type { SlotRules } from '../../base/slots.ts';
import { evolve } from './evolve.ts';
import {
  afterShipping,
  counted,
  current,
  EYES_NEEDED,
  ineligible,
  inWatch,
  live,
  openHolds,
  present,
  RECONCILE_FRESH_MS,
  REVIEW_MS,
  reviewOwed,
  SIGN_OFFS_NEEDED,
  short,
} from './facts.ts';
import { inWords, PERMISSIONS, type Permission, SYSTEM_ACTS, type Who } from './permissions.ts';
import { outOfSlot } from './slot-lines.ts';
import { NEXT, STATE_SAYS, TABLE } from './table.ts';
import type { Act, ActKind, Change, Decision, Facts, Hold, ReviewPolicy, Stage } from './types.ts';

interface Case<A extends Act = Act> {
  f: Facts;
  actor: Actor;
  act: A;
  policy: ReviewPolicy;
  now: Date;
}
type Verdict = Refusal | Change[] | { already: string };

const refuse = (code: string, reason: string, next: string): Refusal => ({ code, reason, next });

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
    const comesOrGoes = changes.some(
      (ch) => (ch.kind === 'left' || ch.kind === 'arrived') && ch.stage === stage && ch.person === actor.id,
    );
    if (comesOrGoes || actor.standing !== 'member') continue;
    if (present(facts, stage, policy, now).includes(actor.id))
      changes.push({ kind: 'renewed', stage, person: actor.id });
  }
  changes.push(...settle(evolve(facts, changes, now), policy, now));
  return { settled, changes, ...already };
}

/**
 * R2, R6: what the clock and the gate facts do without anybody's act: an open blocker takes an approval back; expired eyes
 * leave; fewer than two send testing back to waiting, two start it.
 */
export function settle(f: Facts, policy: ReviewPolicy, now: Date): Change[] {
  const changes = live(f, now) ? blockerNews(f) : [];
  const takenBack = f.release.state === 'approved' && f.blockers.length > 0;
  const state = takenBack ? 'testing' : f.release.state;
  if (takenBack) changes.push({ kind: 'state', from: 'approved', to: 'testing' });
  if (state !== 'waiting' && state !== 'testing' && state !== 'verifying') return changes;
  const stage: Stage = state === 'verifying' ? 'production' : 'candidate';
  const here = present(f, stage, policy, now);
  for (const p of f.presences)
    if (p.stage === stage && !p.leftAt && !here.includes(p.person))
      changes.push({ kind: 'left', stage, person: p.person, expired: true });
  if (state === 'testing' && here.length < EYES_NEEDED) changes.push({ kind: 'state', from: state, to: 'waiting' });
  if (state === 'waiting' && here.length >= EYES_NEEDED) changes.push({ kind: 'state', from: state, to: 'testing' });
  return changes;
}

/** R6, R13: blockers that are new to this release, and those that ended. A new one interrupts the sign-offs once. */
function blockerNews(f: Facts): Change[] {
  const known = new Set(f.release.knownBlockers);
  const fresh = f.blockers.filter((b) => !known.has(b.seq));
  const open = new Set(f.blockers.map((b) => b.seq));
  const ended = f.release.knownBlockers.filter((seq) => !open.has(seq));
  const changes: Change[] = [];
  if (ended.length) changes.push({ kind: 'unblocked', seqs: ended });
  if (fresh.length) {
    const titles = fresh.map((b) => b.title);
    changes.push({ kind: 'blocked', seqs: fresh.map((b) => b.seq), titles, late: afterShipping(f) });
  }
  return changes;
}

/** Who may ask for `permission`: null when this actor may, else the refusal. `manager` is the release's manager, if there is one yet. */
export function forbidden(permission: Permission, actor: Actor, manager: string | null): Refusal | null {
  const who: readonly Who[] = PERMISSIONS[permission];
  if (actor.standing !== 'member') {
    const kind = {
      bot: 'bots',
      deactivated: 'deactivated people',
      guest: 'guests',
      outsider: 'people from other workspaces',
    };
    return refuse(
      'standing',
      `${kind[actor.standing]} cannot act on releases`,
      'Ask a member of this workspace to do it.',
    );
  }
  const may = who.some((w) => w === 'anyone' || (w === 'manager' ? actor.id === manager : actor.roles.has(w)));
  if (may) return null;
  if (actor.rolesUnknown)
    return refuse('roles_unknown', actor.rolesUnknown, 'Try again in a few minutes, or tell an admin.');
  return refuse('role', `only ${inWords(who)} can do that`, 'Ask one of them; roles are set in the policy file.');
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

/** R5: what keeps any sign-off of `stage` from being accepted now, or null. */
export function gate(f: Facts, stage: Stage): Refusal | null {
  if (f.release.lostAt) {
    return refuse(
      'lost',
      'I cannot read its channel in Slack, so I may be missing something',
      'Make sure that I am in the channel and that it is not archived; I look again every few minutes.',
    );
  }
  // An emergency holds what waits to ship; what is in production already is checked all the same.
  const hold = openHolds(f).find((h) => stage === 'candidate' || h.emergencyId === null);
  if (hold) {
    return refuse('held', onHold(hold), `${liftedBy(hold)} lifts it with \`/release unhold\`.`);
  }
  const [blocker] = f.blockers;
  if (blocker) {
    const more = f.blockers.length > 1 ? ` and ${f.blockers.length - 1} more` : '';
    return refuse(
      'blocked',
      `a blocking bug is open: ${escapeText(truncate(blocker.title, 300))}${more}`,
      'It must be verified as fixed, downgraded or rejected first.',
    );
  }
  if (stage === 'candidate' && f.ci?.gates && f.ci.failed > 0) {
    const tests = `${f.ci.failed} automated ${f.ci.failed === 1 ? 'test fails' : 'tests fail'}`;
    return refuse('ci', tests, 'They must pass, or a new candidate be named.');
  }
  const left = f.unfinished[stage];
  if (left > 0)
    return refuse(
      'unfinished',
      `${left} required test ${left === 1 ? 'case is' : 'cases are'} unfinished`,
      'Finish them first.',
    );
  return null;
}

/** What people typed is escaped here: a refusal is mrkdwn. */
function onHold(hold: Hold): string {
  return `it is on hold${hold.reason ? `: ${escapeText(hold.reason)}` : ''}`;
}

function liftedBy(hold: Hold): string {
  return hold.emergencyId === null
    ? `<@${hold.person}>, its manager or an admin`
    : 'A new candidate with the emergency fix, or an admin,';
}

/** R3: a button acts only on the candidate it was drawn for. */
function staleButton(f: Facts, drawnFor: number | undefined): Refusal | null {
  const at = current(f);
  if (drawnFor === undefined || drawnFor === at.id) return null;
  const was = f.candidates.find((x) => x.id === drawnFor);
  const which = was ? `\`${short(was.commit)}\`` : 'another release';
  return refuse(
    'stale_button',
    `that was for ${which}; the candidate is now \`${short(at.commit)}\``,
    'Test that one and sign off from the card.',
  );
}

function signOff({ f, actor, act, policy, now }: Case<Extract<Act, { kind: 'lgtm' | 'verify' }>>): Verdict {
  const stage: Stage = act.kind === 'verify' ? 'production' : 'candidate';
  const at = current(f);
  const no = staleButton(f, act.candidateId) ?? gate(f, stage);
  if (no) return no;
  const here = present(f, stage, policy, now);
  if (stage === 'production' && here.length < EYES_NEEDED) {
    // Only production waits here: testing with fewer than two went back to waiting, and in approved departures change nothing.
    return refuse(
      'eyes',
      `the production check waits for two sets of eyes (${here.length}/2)`,
      'Two operators say they are here first: the button there, or `/release ready`.',
    );
  }
  if (!here.includes(actor.id))
    return refuse(
      'absent',
      'you have not said that you are here and testing',
      'Use the "I\'m here" button, :eyes:, or `/release ready`, then sign off.',
    );
  const signed = counted(f, stage);
  const mine = signed.some((s) => s.person === actor.id);
  const enough = new Set([...signed.map((s) => s.person), actor.id]).size >= SIGN_OFFS_NEEDED;
  const to = stage === 'production' ? 'done' : 'approved';
  const moves = enough && f.release.state !== to;
  if (mine && !moves) return { already: 'your sign-off already counts' };
  const again = f.signOffs.some(
    (s) => s.candidateId === at.id && s.stage === stage && s.person === actor.id && !s.retractedAt,
  );
  const changes: Change[] = [{ kind: 'signed', stage, person: actor.id, candidateId: at.id, road: act.road, again }];
  // R4: the only place a release becomes approved (or done): an act of a second person who is present, with nothing open.
  if (moves) changes.push({ kind: 'state', from: f.release.state, to });
  return changes;
}

function ready({ f, actor, act, policy, now }: Case<Extract<Act, { kind: 'ready' }>>): Verdict {
  const stage: Stage = f.release.state === 'verifying' ? 'production' : 'candidate';
  if (act.stage !== undefined && act.stage !== stage) {
    // Only :eyes: on the old card get here: what is checked now is production (R8).
    return refuse('wrong_message', `it is ${STATE_SAYS[f.release.state]}`, NEXT.verifying.else);
  }
  if (present(f, stage, policy, now).includes(actor.id)) return { already: 'you are already counted as here' };
  return [{ kind: 'arrived', stage, person: actor.id }];
}

function away({ f, actor, act, policy, now }: Case<Extract<Act, { kind: 'away' }>>): Verdict {
  // During the push too it is the candidate's eyes that leave: should the push fail, they must not count as here.
  const stage: Stage = act.stage ?? (f.release.state === 'verifying' ? 'production' : 'candidate');
  if (!present(f, stage, policy, now).includes(actor.id)) return { already: 'you were not counted as here' };
  return [{ kind: 'left', stage, person: actor.id, expired: false }];
}

/** R6, R7: takes a person's sign-off back, whichever road gave it. After shipping began it only alerts and is recorded. */
function retract({ f, actor, act }: Case<Extract<Act, { kind: 'retract' }>>): Verdict {
  const given = (stage: Stage) =>
    f.signOffs.some((s) => s.stage === stage && s.person === actor.id && !s.retractedAt && !s.lateAt);
  const stage = act.stage ?? (given('production') ? 'production' : 'candidate');
  if (!given(stage)) return refuse('no_sign_off', 'you have no sign-off here to take back', 'Nothing was changed.');
  const frozen = stage === 'candidate' ? afterShipping(f) : f.release.state === 'done';
  const counts = counted(f, stage).some((s) => s.person === actor.id);
  const changes: Change[] = [{ kind: 'retracted', stage, person: actor.id, late: frozen }];
  if (f.release.state === 'approved' && counts) changes.push({ kind: 'state', from: 'approved', to: 'testing' });
  return changes;
}

function hold({ f, actor, act }: Case<Extract<Act, { kind: 'hold' }>>): Verdict {
  const mine = openHolds(f).find((h) => h.person === actor.id && h.emergencyId === null);
  if (mine && act.reason === null) return { already: 'your hold is already set' };
  if (mine && mine.reason === null && act.reason !== null) {
    return [{ kind: 'hold_reason', holdId: mine.id, person: actor.id, reason: act.reason }];
  }
  return held(f, { person: actor.id, reason: act.reason, road: act.road, emergencyId: null });
}

function held(
  f: Facts,
  h: Pick<Extract<Change, { kind: 'held' }>, 'person' | 'reason' | 'road' | 'emergencyId'>,
): Change[] {
  const changes: Change[] = [{ kind: 'held', ...h, late: afterShipping(f) }];
  if (f.release.state === 'approved') changes.push({ kind: 'state', from: 'approved', to: 'testing' });
  return changes;
}

function reason({ f, actor, act }: Case<Extract<Act, { kind: 'reason' }>>): Verdict {
  const h = openHolds(f).find((x) => x.id === act.holdId);
  if (!h) return refuse('no_hold', 'that hold has been lifted already', 'Nothing was changed.');
  if (h.person !== actor.id) return refuse('not_yours', 'only who set a hold gives its reason', `Ask <@${h.person}>.`);
  return [{ kind: 'hold_reason', holdId: h.id, person: actor.id, reason: act.reason }];
}

/**
 * Holds are lifted by who set them, the manager or an admin; an emergency's own only by an admin (or a new candidate, R9).
 * Without a hold named it means one's own, else all; of those, the ones this actor may lift.
 */
function unhold({ f, actor, act }: Case<Extract<Act, { kind: 'unhold' }>>): Verdict {
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

/** R3, R6, R9: a new candidate makes sign-offs stale, takes an approval back, and ends an emergency's hold. */
function candidate({ f, actor, act }: Case<Extract<Act, { kind: 'candidate' }>>): Verdict {
  const at = current(f);
  if (sameCommit(at.commit, act.commit)) {
    return refuse(
      'same_candidate',
      `\`${short(at.commit)}\` is already its candidate`,
      'Name the new commit: `/release candidate <commit>`.',
    );
  }
  const verifiedTree = act.verifiedTree ?? null;
  const carried = verifiedTree === null ? [] : carryOver(f, verifiedTree);
  const changes: Change[] = [{ kind: 'candidate', commit: act.commit, tree: act.tree, verifiedTree, person: actor.id }];
  for (const h of openHolds(f))
    if (h.emergencyId !== null) changes.push({ kind: 'unheld', holdId: h.id, person: actor.id });
  // R3: what was reviewed is, tree for tree, what is named now: the sign-offs carry over and no state changes.
  const same = verifiedTree !== null && at.verifiedTree === verifiedTree;
  if (f.release.state === 'approved' && !same) changes.push({ kind: 'state', from: 'approved', to: 'testing' });
  return [...changes, ...carried];
}

/** R3: the sign-offs of commits with this verified tree that are not taken back, the newest per person. */
function carryOver(f: Facts, tree: string): Change[] {
  const same = new Set(f.candidates.filter((x) => x.verifiedTree === tree).map((x) => x.id));
  const newest = new Map<string, Facts['signOffs'][number]>();
  for (const s of f.signOffs) {
    if (s.stage !== 'candidate' || s.retractedAt || !same.has(s.candidateId)) continue;
    const known = newest.get(s.person);
    if (!known || s.act > known.act) newest.set(s.person, s);
  }
  return [...newest.values()].map((s) => ({ kind: 'carried', person: s.person, signOffId: s.id }));
}

/** R3: GitHub's word on a candidate came after it was named: earlier sign-offs of the same tree count for it now. Nothing re-approves by itself. */
function treeVerified({ f, act, now }: Case<Extract<Act, { kind: 'tree_verified' }>>): Verdict {
  const at = current(f);
  const changes: Change[] = [{ kind: 'tree_verified', candidateId: act.candidateId, tree: act.tree }];
  // Word on an earlier candidate counts where the tree of the current one is known, and the same.
  if (act.candidateId !== at.id && at.verifiedTree !== act.tree) return changes;
  const here = new Set(f.signOffs.filter((s) => s.candidateId === at.id && !s.retractedAt).map((s) => s.person));
  return [
    ...changes,
    ...carryOver(evolve(f, changes, now), act.tree).filter((c) => c.kind === 'carried' && !here.has(c.person)),
  ];
}

/** R2, R4: authors that became known late: their eyes and sign-offs never counted; an approval that rested on one is taken back. */
function authorsKnown({ f, act, policy, now }: Case<Extract<Act, { kind: 'authors_known' }>>): Verdict {
  const people = act.authors.filter((a) => !f.release.authors.includes(a));
  if (!people.length) return { already: 'they were known' };
  const changes: Change[] = [{ kind: 'authors', people }];
  if (!policy.separationOfDuties) return changes;
  const counts = new Set(counted(f, 'candidate').map((s) => s.person));
  for (const stage of ['candidate', 'production'] as const) {
    const late = stage === 'candidate' ? afterShipping(f) : f.release.state === 'done';
    const given = f.signOffs.filter(
      (s) => s.stage === stage && !s.retractedAt && !s.lateAt && people.includes(s.person),
    );
    for (const person of new Set(given.map((s) => s.person)))
      changes.push({ kind: 'disqualified', stage, person, late });
    for (const person of present(f, stage, policy, now))
      if (people.includes(person)) changes.push({ kind: 'left', stage, person, expired: false });
  }
  const rested = people.some((p) => counts.has(p));
  if (f.release.state === 'approved' && rested) changes.push({ kind: 'state', from: 'approved', to: 'testing' });
  return changes;
}

/** R8: shipping needs a complete reconcile within the last 30 s, so that no retraction was missed. */
function unreconciled(f: Facts, now: Date): Refusal | null {
  const read = f.release.reconciledAt;
  if (read && now.getTime() - read.getTime() <= RECONCILE_FRESH_MS) return null;
  return refuse(
    'not_reconciled',
    'its thread in Slack could not be read completely in the last 30 s',
    'Try again in a moment; nothing ships on half a picture.',
  );
}

/** R9: where the policy names no slots, only freezes keep a release from shipping. */
const ANY_TIME: SlotRules = { zone: 'UTC', holidays: [], cadence: null };

function ship({ f, act, policy, now }: Case<Extract<Act, { kind: 'ship' }>>): Verdict {
  const no =
    staleButton(f, act.candidateId) ??
    gate(f, 'candidate') ??
    outOfSlot(f, policy.slots ?? ANY_TIME, now) ??
    unreconciled(f, now);
  return no ?? [{ kind: 'state', from: 'approved', to: 'shipping' }];
}

/** R9: an emergency may ship on one sign-off when the policy allows it; it then owes a review by a second operator. */
function shipOnOne({ f, actor, act, policy, now }: Case<Extract<Act, { kind: 'ship_on_one' }>>): Verdict {
  if (f.release.kind !== 'emergency')
    return refuse('not_emergency', 'only an emergency may ship on one sign-off', NEXT.testing.else);
  if (!policy.emergencyShipOnOne)
    return refuse('policy', 'the policy does not allow shipping on one sign-off', NEXT.testing.else);
  const [signer] = counted(f, 'candidate');
  if (!signer)
    return refuse(
      'no_sign_off',
      'nobody has signed off this candidate',
      'One operator signs off first: `/release lgtm`.',
    );
  const no = staleButton(f, act.candidateId) ?? gate(f, 'candidate') ?? unreconciled(f, now);
  if (no) return no;
  return [
    { kind: 'on_one', signer: signer.person, person: actor.id, reviewDueAt: new Date(now.getTime() + REVIEW_MS) },
    { kind: 'state', from: 'testing', to: 'shipping' },
  ];
}

function review({ f, actor, act, now }: Case<Extract<Act, { kind: 'review' }>>): Verdict {
  if (!reviewOwed(f)) return refuse('no_review', 'it owes no review', 'Nothing was changed.');
  if (f.release.onOne === actor.id)
    return refuse('same_person', "you signed it off; the review is a second person's", 'Ask another operator.');
  const late = f.release.reviewDueAt !== null && now > f.release.reviewDueAt;
  return [{ kind: 'reviewed', person: actor.id, note: act.note, late }];
}

function ends(to: 'rolled_back' | 'cancelled') {
  return ({ f, act }: Case<Extract<Act, { kind: 'rollback' | 'cancel' }>>): Verdict => [
    { kind: 'state', from: f.release.state, to, reason: act.reason },
  ];
}

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
  shipped: () => [{ kind: 'state', from: 'shipping', to: 'verifying' }],
  failed: ({ actor, act }) => [
    { kind: 'push_failed', person: actor.id },
    { kind: 'state', from: 'shipping', to: 'testing', reason: act.reason },
  ],
  rollback: ends('rolled_back'),
  cancel: ends('cancelled'),
  review,
  tree_verified: treeVerified,
  authors_known: authorsKnown,
  emergency_opened: ({ f, actor, act }) =>
    held(f, {
      person: actor.id,
      reason: `emergency ${act.shown} goes first`,
      road: 'command',
      emergencyId: act.emergencyId,
    }),
  emergency_cancelled: ({ f, actor, act }) => {
    const own = openHolds(f).filter((h) => h.emergencyId === act.emergencyId);
    return own.map((h) => ({ kind: 'unheld', holdId: h.id, person: actor.id }));
  },
};
