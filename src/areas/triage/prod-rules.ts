import { type Actor, membersOnly, rolesUnread } from '../../base/actor.ts';
import type { Refusal } from '../../base/errors.ts';
import { mention } from '../../base/mrkdwn.ts';
import { WATCH_MS } from '../../base/release.ts';
import { PROD_PERMISSIONS, type ProdPermission, type ProdWho, whoMayProd } from './prod-permissions.ts';
import {
  type LiveRelease,
  type ProdAct,
  type ProdActKind,
  type ProdDecision,
  type ProdFacts,
  type ProdIssue,
  type ProdPatch,
  type ProdState,
  QUESTIONS,
  type Review,
  ROLES,
} from './prod-types.ts';

/** What is typed as a note, a reason or an answer, in characters. */
export const NOTE_MAX = 500;
export const ANSWER_MAX = 1500;

/** In which states an act makes sense; in all others it is refused. */
export const PROD_TABLE: Record<ProdActKind, readonly ProdState[]> = {
  mitigate: ['declared'],
  resolve: ['declared', 'mitigated'],
  reopen: ['mitigated', 'resolved'],
  assign: ['declared', 'mitigated', 'resolved'],
  attribute: ['declared', 'mitigated', 'resolved', 'reviewed'],
  review: ['resolved'],
};

export const PROD_STATE_SAYS: Record<ProdState, string> = {
  declared: 'declared and not mitigated yet',
  mitigated: 'mitigated',
  resolved: 'resolved',
  reviewed: 'reviewed',
};

function refuse(code: string, reason: string, next: string): { refusal: Refusal } {
  return { refusal: { code, reason, next } };
}

/** Users cannot have met what is in a release that is in one of these; what is being pushed they can. */
export const NEVER_LIVE = ['waiting', 'testing', 'approved', 'cancelled'];

type When = Pick<LiveRelease, 'shippedAt' | 'doneAt' | 'endedAt'>;

/** Whether a release was live and watched at a moment: from when it was live until 24 h after `done`, unless it was rolled back. */
export function watchedAt(r: When, at: Date): boolean {
  if (r.shippedAt > at || (r.endedAt && r.endedAt <= at)) return false;
  return !r.doneAt || at.getTime() < r.doneAt.getTime() + WATCH_MS;
}

/**
 * The release that most likely brought a prod issue: of the product's releases that were live and watched when it was declared, the one that went
 * live last (of two at the same moment the one opened later). Null when none was.
 */
export function attribute<R extends When & { id: number }>(releases: readonly R[], declaredAt: Date): R | null {
  const watched = releases.filter((r) => watchedAt(r, declaredAt));
  const newer = (a: R, b: R) => b.shippedAt.getTime() - a.shippedAt.getTime() || b.id - a.id;
  return watched.sort(newer)[0] ?? null;
}

/** Whether a roll-back of this release can still be recorded (R1). */
export function canRollBack(r: LiveRelease, now: Date): boolean {
  return r.state === 'verifying' || (r.state === 'done' && watchedAt(r, now));
}

/** Why a bug in production is a prod issue, by what it hits; null when it is none unless somebody escalates it. */
export function whyProd(hits: { money: boolean; keyFeature: boolean }): 'money' | 'key_feature' | null {
  return hits.money ? 'money' : hits.keyFeature ? 'key_feature' : null;
}

/** Who may ask for `permission`: null when this actor may. */
export function forbiddenProd(permission: ProdPermission, actor: Actor, issue: ProdIssue | null): Refusal | null {
  const stranger = membersOnly(actor, 'cannot act on prod issues');
  if (stranger) return stranger;
  const who: readonly ProdWho[] = PROD_PERMISSIONS[permission];
  const involved = issue !== null && ROLES.some((role) => issue[role] === actor.id);
  if (who.some((w) => (w === 'involved' ? involved : actor.roles.has(w)))) return null;
  const unread = rolesUnread(actor);
  if (unread) return unread;
  const next = 'Ask one of them; roles are set in the policy file.';
  return { code: 'role', reason: `only ${whoMayProd(who)} can do that`, next };
}

/** What an act does to a prod issue. Pure. @returns what to write, or why not */
export function decideProd(f: ProdFacts, actor: Actor, act: ProdAct, now: Date): ProdDecision {
  const { issue } = f;
  const no = forbiddenProd(act.kind, actor, issue);
  if (no) return { refusal: no };
  if (!PROD_TABLE[act.kind].includes(issue.state)) return outOfPlace(issue, act.kind);
  switch (act.kind) {
    case 'mitigate':
      return tooLong(act.note) ?? { patch: { state: 'mitigated', mitigatedAt: now } };
    case 'resolve':
      // Gone at once (a roll-back): users could work again at the same moment.
      return (
        tooLong(act.note) ?? {
          patch: { state: 'resolved', resolvedAt: now, mitigatedAt: issue.mitigatedAt ?? now },
        }
      );
    case 'reopen':
      if (!act.reason) return refuse('reason', 'that needs a reason', 'Say what is still broken.');
      return tooLong(act.reason) ?? { patch: { state: 'declared', mitigatedAt: null, resolvedAt: null } };
    case 'assign':
      return assigned(issue, act.roles);
    case 'attribute':
      return attributed(f, actor, act.releaseId);
    case 'review':
      return reviewed(actor, act.answers, now);
  }
}

/** Why an act makes no sense in this state, which PROD_TABLE knows; or that it is so already. */
export function outOfPlace(
  { state }: Pick<ProdIssue, 'state'>,
  kind: ProdActKind,
): { refusal: Refusal } | { already: string } {
  const said = `it is ${PROD_STATE_SAYS[state]} already`;
  if (kind === 'mitigate' && state === 'mitigated') return { already: said };
  if (kind === 'resolve' && state === 'resolved') return { already: said };
  if (kind === 'reopen' && state === 'declared') return { already: 'it is open' };
  if (kind === 'review' && state !== 'reviewed')
    return refuse('not_resolved', `it is ${PROD_STATE_SAYS[state]}`, 'The review comes once it is resolved.');
  const next = state === 'reviewed' ? 'When it is back, declare it anew from its bug.' : 'Reopen it first.';
  return refuse('state', said, next);
}

function tooLong(text: string | null): { refusal: Refusal } | null {
  if (!text || text.length <= NOTE_MAX) return null;
  return refuse(
    'too_long',
    `that text has ${text.length} characters`,
    `Please keep it under ${NOTE_MAX}; the rest fits into the thread.`,
  );
}

function assigned(issue: ProdIssue, roles: Partial<Record<(typeof ROLES)[number], string | null>>): ProdDecision {
  const patch: ProdPatch = {};
  for (const role of ROLES) if (roles[role] !== undefined && roles[role] !== issue[role]) patch[role] = roles[role];
  // R24: who answers for it may change, never be nobody.
  if (patch.owner === null) return refuse('owner', 'a prod issue has an owner', 'Name another one.');
  return Object.keys(patch).length ? { patch } : { already: 'nobody is new in it' };
}

function attributed(f: ProdFacts, actor: Actor, releaseId: number | null): ProdDecision {
  const { issue } = f;
  const found = f.releases.find((r) => r.id === releaseId);
  if (releaseId !== null && !found) {
    const next = 'Choose one that was live when it was declared.';
    return refuse('no_release', 'that is no release of its product that went live', next);
  }
  if (found && found.shippedAt > issue.declaredAt)
    return refuse('later', `${found.name} went live after it was declared`, 'Choose one that was live before.');
  if (releaseId === issue.releaseId && issue.attributedBy) return { already: `${mention(issue.attributedBy)} said so` };
  return { patch: { releaseId, attributedBy: actor.id } };
}

function reviewed(actor: Actor, answers: Partial<Review>, now: Date): ProdDecision {
  const keys = Object.keys(QUESTIONS) as (keyof Review)[];
  const missing = keys.filter((key) => !answers[key]);
  if (missing.length) {
    const reason = `the review has no answer to: ${missing.map((key) => QUESTIONS[key]).join(' ')}`;
    return refuse('unanswered', reason.replace(/\?$/, ''), 'All four are answered, in a sentence each.');
  }
  const long = keys.find((key) => (answers[key] as string).length > ANSWER_MAX);
  if (long)
    return refuse('too_long', `the answer to "${QUESTIONS[long]}" is too long`, `Please keep it under ${ANSWER_MAX}.`);
  const review = Object.fromEntries(keys.map((key) => [key, answers[key] as string]));
  return { patch: { state: 'reviewed', reviewedAt: now, reviewedBy: actor.id, review } };
}
