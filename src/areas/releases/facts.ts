import type { Actor } from '../../base/actor.ts';
import { sameCommit } from '../../base/commit.ts';
import { OPEN_STATES, WATCH_MS } from '../../base/release.ts';
import type { Candidate, Facts, Hold, Push, ReviewPolicy, SignOff, Stage } from './types.ts';

/** The four-eyes principle (R2, R4): constants, never settings. */
export const EYES_NEEDED = 2;
export const SIGN_OFFS_NEEDED = 2;
/** R8: how old the last complete reconcile may be when shipping begins. */
export const RECONCILE_FRESH_MS = 30_000;
/** R9: within what a review is owed. */
export const REVIEW_MS = 24 * 3_600_000;

/** The candidate under test: the newest. */
export function current(f: Facts): Candidate {
  const last = f.candidates.at(-1);
  if (!last) throw new Error(`release ${f.release.id} has no candidate`);
  return last;
}

/** Whether it is on its way to production: neither done nor given up. */
export function isOpen(f: Facts): boolean {
  return (OPEN_STATES as readonly string[]).includes(f.release.state);
}

/** R3: the push that is on, or was the last: what its buttons and forms are drawn for. */
export function pushOf(f: Facts): Push {
  const { shippingAt } = f.release;
  return { candidateId: current(f).id, ...(shippingAt && { push: shippingAt.getTime() }) };
}

/** A commit as people see it. */
export function short(commit: string): string {
  return commit.slice(0, 7);
}

/** R2: the people whose eyes count at `stage` now, in order of arrival; those who left or whose eyes expired do not. */
export function present(f: Facts, stage: Stage, policy: ReviewPolicy, now: Date): string[] {
  const oldest = now.getTime() - policy.eyesExpireAfterMinutes * 60_000;
  return f.presences
    .filter((p) => p.stage === stage && !p.leftAt && p.renewedAt.getTime() > oldest)
    .sort((a, b) => a.since.getTime() - b.since.getTime() || a.person.localeCompare(b.person))
    .map((p) => p.person);
}

/** When the next presence of `stage` expires, or null. Drives the timer that sends a release back to waiting (R2). */
export function nextExpiry(f: Facts, stage: Stage, policy: ReviewPolicy): Date | null {
  const here = f.presences.filter((p) => p.stage === stage && !p.leftAt).map((p) => p.renewedAt.getTime());
  return here.length ? new Date(Math.min(...here) + policy.eyesExpireAfterMinutes * 60_000) : null;
}

/**
 * R3, R4, R6: the sign-offs that count: on the current candidate, not taken back, given after the last interruption.
 * A hold or blocker after shipping began interrupts the production check only: the candidate's sign-offs are frozen (R8). The blocker has left those of
 * production without an act (evolve).
 */
export function counted(f: Facts, stage: Stage): SignOff[] {
  const id = current(f).id;
  // Once all was done, nothing interrupts it any more.
  const last = f.release.doneAt ? Math.max(...f.signOffs.filter((s) => s.stage === stage).map((s) => s.act)) : Infinity;
  const holds = stage === 'production' ? f.holds.map((h) => h.act).filter((act) => act < last) : [];
  const interrupted = Math.max(f.release.interruptedAct, ...holds);
  return f.signOffs.filter((s) => s.stage === stage && s.candidateId === id && !s.retractedAt && s.act > interrupted);
}

/**
 * R6, R8: whether `person`'s sign-off of `stage` is part of what shipped, or of what made it done: frozen, so that its going is an alarm. One that did not
 * count then is not, nor is it if a hold came only after all was done.
 */
export function frozen(f: Facts, stage: Stage, person: string): boolean {
  const over = stage === 'candidate' ? afterShipping(f) : f.release.state === 'done';
  return over && counted(f, stage).some((s) => s.person === person);
}

export interface Stale {
  signOff: SignOff;
  /** candidate: it reviewed an earlier commit (R3); interrupted: a hold, blocker or failed push came after it (R6). */
  why: 'candidate' | 'interrupted';
  reviewed: string;
}

/** Sign-offs kept and shown but not counted, the newest per person, for people with none that counts (R3, R6). */
export function stale(f: Facts, stage: Stage): Stale[] {
  const signed = new Set(counted(f, stage).map((s) => s.person));
  const newest = new Map<string, SignOff>();
  for (const s of f.signOffs) {
    if (s.stage !== stage || s.retractedAt || signed.has(s.person)) continue;
    const known = newest.get(s.person);
    if (!known || s.act > known.act) newest.set(s.person, s);
  }
  const id = current(f).id;
  return [...newest.values()].map((signOff) => ({
    signOff,
    why: signOff.candidateId === id ? 'interrupted' : 'candidate',
    reviewed: f.candidates.find((c) => c.id === signOff.candidateId)?.commit ?? '',
  }));
}

/**
 * R3: whether this stale sign-off may be renewed by one tap without testing again: the commit is the very one it reviewed,
 * somebody typed the same tree for both, or only a hold or blocker came between.
 */
export function oneTap(f: Facts, s: Stale): boolean {
  if (s.why === 'interrupted') return true;
  const before = f.candidates.find((c) => c.id === s.signOff.candidateId);
  const now = current(f);
  if (!before) return false;
  return sameCommit(before.commit, now.commit) || (before.tree !== null && before.tree === now.tree);
}

/** Holds not lifted, oldest first. */
export function openHolds(f: Facts): Hold[] {
  return f.holds.filter((h) => !h.liftedAt);
}

/** R5: the open holds that keep sign-offs of `stage` out. An emergency holds what waits to ship; what is in production already is checked all the same. */
export function holdsOn(f: Facts, stage: Stage): Hold[] {
  return openHolds(f).filter((h) => stage === 'candidate' || h.emergencyId === null);
}

/** Whether the release can still change: not at one of its ends, or done and within the watch (R8). */
export function live(f: Facts, now: Date): boolean {
  const { state } = f.release;
  return state !== 'cancelled' && state !== 'rolled_back' && (state !== 'done' || inWatch(f, now));
}

/** R8: whether `now` is within the 24 h after done. */
export function inWatch(f: Facts, now: Date): boolean {
  return f.release.doneAt !== null && now.getTime() - f.release.doneAt.getTime() < WATCH_MS;
}

/** R8: when the watch of a release that is done ends, or null when it is not watched now. */
export function watchEnd(f: Facts, now: Date): Date | null {
  const { state, doneAt } = f.release;
  return state === 'done' && doneAt && inWatch(f, now) ? new Date(doneAt.getTime() + WATCH_MS) : null;
}

/** Once shipping began, holds and retractions alert instead of blocking (R6). */
export function afterShipping(f: Facts): boolean {
  return ['shipping', 'verifying', 'done', 'rolled_back'].includes(f.release.state);
}

/** R9: a review of a ship-on-one that nobody has given yet. */
export function reviewOwed(f: Facts): boolean {
  return f.release.onOne !== null && f.release.reviewedBy === null;
}

/**
 * R4, R7: why this person's eyes and sign-off do not count on this release, or null when they do.
 * Judged at the act: by today's roles and this release's manager and authors.
 */
export function ineligible(
  f: Facts,
  actor: Actor,
  policy: ReviewPolicy,
): 'standing' | 'role' | 'manager' | 'author' | null {
  if (actor.standing !== 'member') return 'standing';
  if (!actor.roles.has('operator')) return 'role';
  if (!policy.separationOfDuties) return null;
  if (f.release.manager === actor.id) return 'manager';
  return f.release.authors.includes(actor.id) ? 'author' : null;
}
