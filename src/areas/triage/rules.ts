import { type Actor, membersOnly, rolesUnread } from '../../base/actor.ts';
import { sameCommit } from '../../base/commit.ts';
import type { Refusal } from '../../base/errors.ts';
import { showId } from '../../base/ids.ts';
import { escapeText, isUrl, mention } from '../../base/mrkdwn.ts';
import { agree, ask, decline, lapsed, NO_QUESTION } from './asking-rules.ts';
import { blockingState, firstState, given, REASON_MAX, refuse, tooLong } from './common-rules.ts';
import { failedBy, fixable, isLater, ownRelease } from './later.ts';
import { PERMISSIONS, type Permission, type Who, whoMay } from './permissions.ts';
import type { Act, ActKind, Bug, BugFacts, Candidate, Decision, Patch, State } from './types.ts';

const BLOCKING: readonly State[] = ['suspected', 'confirmed', 'fixing'];
const TRIAGE: readonly State[] = ['reported', 'recreated', 'ticketed'];
/** A bug in one of these stays there for ever. */
export const ENDS: readonly State[] = ['verified', 'rejected', 'resolved', 'wont_fix', 'duplicate'];

/** In which states an act makes sense; in all others it is refused. */
export const TABLE: Record<ActKind, readonly State[]> = {
  recreate: [...BLOCKING, ...TRIAGE],
  tried: [...BLOCKING, ...TRIAGE],
  fix: ['confirmed', 'fixing'],
  retest: ['fixing'],
  ask: BLOCKING,
  agree: BLOCKING,
  decline: BLOCKING,
  block: TRIAGE,
  ticket: ['recreated', 'ticketed'],
  resolve: ['recreated', 'ticketed'],
  wontfix: TRIAGE,
  duplicate: TRIAGE,
  assign: [...BLOCKING, ...TRIAGE],
  priority: [...BLOCKING, ...TRIAGE],
};

export const STATE_SAYS: Record<State, string> = {
  suspected: 'suspected of blocking',
  confirmed: 'confirmed as blocking',
  fixing: 'fixed, to be retested',
  verified: 'verified as fixed',
  rejected: 'rejected',
  reported: 'reported',
  recreated: 'recreated',
  ticketed: 'ticketed',
  resolved: 'resolved',
  wont_fix: "won't be fixed",
  duplicate: 'a duplicate',
};

/** Who may ask for `permission`: null when this actor may. @param managers of the product's open releases */
export function forbidden(permission: Permission, actor: Actor, managers: readonly string[] = []): Refusal | null {
  const stranger = membersOnly(actor, 'cannot act on bugs');
  if (stranger) return stranger;
  const who: readonly Who[] = PERMISSIONS[permission];
  const may = who.some((w) => w === 'anyone' || (w === 'manager' ? managers.includes(actor.id) : actor.roles.has(w)));
  if (may) return null;
  const unread = rolesUnread(actor);
  if (unread) return unread;
  const next = 'Ask one of them; roles are set in the policy file.';
  return { code: 'role', reason: `only ${whoMay(who)} can do that`, next };
}

/** What an act does to a bug (R11-R15). Pure. @returns what to write, or why not */
export function decide(f: BugFacts, actor: Actor, act: Act, now: Date): Decision {
  const managers = f.open.map((r) => r.manager);
  const no = forbidden(act.kind, actor, managers);
  if (no) return { refusal: no };
  const { bug } = f;
  if (ENDS.includes(bug.state)) {
    const next = 'When it is back, report it anew: `/bug`.';
    return refuse('ended', `it is ${STATE_SAYS[bug.state]} already`, next);
  }
  if (!TABLE[act.kind].includes(bug.state)) return misplaced(bug, act.kind);
  const decision = one(f, actor, act, now);
  // A question about a bug that ended is settled.
  if (!('patch' in decision) || !decision.patch.endedAt) return decision;
  return { patch: { ...decision.patch, askedFor: null, endedBy: actor.id } };
}

function misplaced(bug: Bug, kind: ActKind): Decision {
  const reason = `it is ${STATE_SAYS[bug.state]}`;
  const id = showId('BUG', bug.id);
  if (kind === 'fix')
    return bug.blocking
      ? refuse('unconfirmed', `${reason}, not confirmed`, 'Recreate it and try it in production first.')
      : refuse('state', 'it holds no release up', `Say it is done with \`/bug resolve ${id}\`.`);
  if (kind === 'retest')
    return refuse('no_fix', `${reason}: no fix is named`, `Name it first: \`/bug fix ${id} <commit>\`.`);
  if (kind === 'block') return refuse('state', 'it is blocking already', 'Its thread shows what it waits for.');
  if (kind === 'ask' || kind === 'agree' || kind === 'decline')
    return refuse(
      'state',
      'it holds no release up',
      `Close it with \`/bug wontfix ${id} <reason>\` or \`/bug duplicate\`.`,
    );
  if (bug.blocking) {
    const ends = 'It ends by a fix that is retested, or two operators downgrade or reject it';
    return refuse('blocking', 'it is blocking', `${ends}: \`/bug downgrade ${id} <reason>\`.`);
  }
  return refuse(
    'not_recreated',
    `${reason}, and nobody else has recreated it`,
    `Recreate it first: \`/bug recreate ${id}\`.`,
  );
}

function one(f: BugFacts, actor: Actor, act: Act, now: Date): Decision {
  const { bug } = f;
  switch (act.kind) {
    case 'recreate':
      return recreate(bug, actor, now);
    case 'tried':
      return tried(bug, actor, act.happens, now);
    case 'fix':
      return fix(f, actor, act);
    case 'retest':
      return retest(f, act, now);
    case 'ask':
      return ask(bug, actor, act, now);
    case 'agree':
      return agree(bug, actor, act, now);
    case 'decline':
      return decline(bug, act);
    case 'block': {
      const reason = given(act.reason, 'say why it blocks');
      if ('refusal' in reason) return reason;
      // A blocker has an owner: at first the manager of the release it was found on, else of the newest it holds up.
      const owner = bug.owner ?? (f.release ?? f.open.at(-1))?.manager ?? null;
      return { patch: { blocking: true, state: blockingState(bug), owner, ...NO_QUESTION, downgradedAt: null } };
    }
    case 'ticket':
      if (!act.link || !isUrl(act.link) || act.link.length > 1000)
        return refuse('link', 'that is no link to a ticket', 'A link starts with https:// or http://.');
      if (act.link === bug.ticket) return { already: 'that is its ticket already' };
      return { patch: { state: 'ticketed', ticket: act.link } };
    case 'resolve':
      if (act.note && act.note.length > REASON_MAX) return tooLong(act.note);
      return { patch: { state: 'resolved', endedAt: now, endReason: act.note } };
    case 'wontfix': {
      const reason = given(act.reason, "say why it won't be fixed");
      if ('refusal' in reason) return reason;
      return { patch: { state: 'wont_fix', endedAt: now, endReason: reason.text } };
    }
    case 'duplicate':
      return duplicate(f, act.of, now);
    case 'assign':
      if (act.person === bug.owner) return { already: `${mention(act.person)} owns it already` };
      return { patch: { owner: act.person } };
    case 'priority': {
      const reason = given(act.reason, `say why it is ${act.priority}`);
      if ('refusal' in reason) return reason;
      return { patch: { priority: act.priority, priorityReason: reason.text } };
    }
  }
}

function recreate(bug: Bug, actor: Actor, now: Date): Decision {
  const by = bug.recreatedBy;
  if (by !== null && (bug.blocking || by !== bug.reporter)) return { already: `${mention(by)} recreated it already` };
  if (!bug.blocking && actor.id === bug.reporter)
    return refuse('own', 'you reported it, and somebody else recreates it', 'Ask an operator or an engineer to try.');
  const patch = { recreatedBy: actor.id, recreatedAt: now };
  return { patch: { ...patch, state: firstState({ ...bug, ...patch }) } };
}

function tried(bug: Bug, actor: Actor, happens: boolean, now: Date): Decision {
  const inProduction = happens ? 'yes' : 'no';
  if (bug.inProduction === inProduction) {
    const by = bug.triedBy ? `${mention(bug.triedBy)} tried it` : 'it is known';
    return { already: `${by} already: it ${happens ? 'happens' : 'does not happen'} in production` };
  }
  const patch: Patch = { inProduction, triedBy: actor.id, triedAt: now, ...lapsed(bug, happens) };
  return { patch: bug.state === 'suspected' ? { ...patch, state: blockingState({ ...bug, inProduction }) } : patch };
}

function fix(f: BugFacts, actor: Actor, act: Extract<Act, { kind: 'fix' }>): Decision {
  const named = f.candidates.findLast((c) =>
    act.candidateId !== undefined ? c.id === act.candidateId : sameCommit(c.commit, act.commit ?? ''),
  );
  const how = 'Name the new candidate first: `/release candidate <commit>`.';
  if (!named || (!act.commit && act.candidateId === undefined))
    return refuse('no_candidate', `that is no candidate of an open release of ${escapeText(f.bug.product)}`, how);
  if (!isLater(f, named)) return otherKind(f, named) ?? notLater(f, named, how);
  if (f.bug.state === 'fixing' && f.bug.fixCandidateId === named.id) return { already: 'that is its fix already' };
  return { patch: { state: 'fixing', fixCandidateId: named.id, fixNamedBy: actor.id } };
}

function notLater(f: BugFacts, named: Candidate, how: string): Decision {
  const { bug, found } = f;
  const shown = `\`${named.commit.slice(0, 7)}\``;
  const failed = failedBy(f, named);
  if (failed) {
    const [newer] = fixable(f);
    const next = newer ? `Name a later one: \`/bug fix ${showId('BUG', bug.id)} ${newer.commit.slice(0, 7)}\`.` : how;
    const reason = `a retest on \`${failed.commit.slice(0, 7)}\` found it still there, and ${shown} is no later candidate`;
    return refuse('retest_failed', reason, next);
  }
  if (found) return refuse('not_later', `${shown} is not later than the candidate that has the bug`, how);
  const without = `If ${shown} is without it, two operators downgrade it: \`/bug downgrade ${showId('BUG', bug.id)} <reason>\`.`;
  return refuse('not_later', `${shown} was named before the bug was reported`, `${how} ${without}`);
}

/** R14: why a candidate of the other kind (scheduled, emergency) neither has its fix nor verifies it; null when it may. */
function otherKind(f: BugFacts, c: Candidate): { refusal: Refusal } | null {
  const own = ownRelease(f, c);
  if (!own) return null;
  const [name, theirs] = [escapeText(own.name), escapeText(c.release)];
  const why =
    c.kind === 'emergency'
      ? 'it comes from production, which does not have the bug'
      : 'it need not have what the emergency brought, and production does not have the bug';
  const reason = `a retest on \`${c.commit.slice(0, 7)}\` would say nothing of ${name}: ${why}`;
  const id = showId('BUG', f.bug.id);
  const down = `two operators downgrade it (\`/bug downgrade ${id} <reason>\`), and it is made blocking again after`;
  const has = `If production has it by now, say so: \`/bug tried ${id} yes\`.`;
  if (own.state === 'shipping') {
    const wait = `Once ${name} is live, or its push has failed, that is known. If ${theirs} cannot wait for it, ${down}. ${has}`;
    return refuse('other_kind', `${name} is being pushed, and may bring production the bug or not`, wait);
  }
  return refuse(
    'other_kind',
    reason,
    `Name the fix in a candidate of ${name}. If ${theirs} cannot wait for it, ${down}. ${has}`,
  );
}

const GONE = ['cancelled', 'rolled_back'];

function retest(f: BugFacts, act: Extract<Act, { kind: 'retest' }>, now: Date): Decision {
  const { fixed } = act;
  const { fix: at } = f;
  if (!at) throw new Error(`bug ${f.bug.id} is fixing without a fix`);
  if (act.candidateId !== undefined && act.candidateId !== at.id)
    return refuse('stale', 'that button was for an earlier fix', 'Use the buttons on the newest card.');
  if (act.commit !== undefined && !sameCommit(act.commit, at.commit))
    return refuse('stale', `its fix is in \`${at.commit.slice(0, 7)}\` now`, 'Retest that one.');
  if (fixed && GONE.includes(at.state)) {
    const reason = `${escapeText(at.release)}, which has the fix, is ${at.state.replace('_', ' ')}`;
    return refuse('fix_gone', reason, 'Name a candidate of an open release that has it: `/bug fix`.');
  }
  const no = fixed ? otherKind(f, at) : null;
  if (no) return no;
  return { patch: fixed ? { state: 'verified', endedAt: now } : { state: 'confirmed', failedCandidateId: at.id } };
}

function duplicate(f: BugFacts, of: number, now: Date): Decision {
  const { bug, original } = f;
  const shown = showId('BUG', of);
  if (of === bug.id) return refuse('itself', 'a bug is no duplicate of itself', 'Name the other one.');
  if (!original || original.product !== bug.product)
    return refuse('no_bug', `there is no ${shown} of ${escapeText(bug.product)}`, 'See `/bug list`.');
  if (original.state === 'duplicate')
    return refuse('chain', `${shown} is a duplicate too`, `Name its original: \`/bug show ${shown}\`.`);
  return { patch: { state: 'duplicate', duplicateOf: of, endedAt: now, endReason: null } };
}
