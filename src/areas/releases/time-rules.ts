import { afterShipping, EYES_NEEDED, live, present } from './facts.ts';
import type { Change, Facts, ReviewPolicy, Stage } from './types.ts';

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
