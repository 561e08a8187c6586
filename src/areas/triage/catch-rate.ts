import type { Catch } from '../../base/catch-rate.ts';
import { WATCH_MS } from '../../base/release.ts';
import type { FoundIn, State } from './types.ts';

/** A bug as far as the catch rate cares. */
export interface Counted {
  state: State;
  foundIn: FoundIn;
  /** Whether a bug found on the candidate happens in production too: then it is no regression of the release (R12). */
  inProduction: 'yes' | 'no' | 'not_yet';
  reportedAt: Date;
  releaseId: number | null;
}

export interface Live {
  id: number;
  shippedAt: Date | null;
  doneAt: Date | null;
  endedAt: Date | null;
}

/**
 * R25: whether a bug counts, and as what. What brought a bug is often named only after it was rolled back because of it: that escaped too.
 * @param release the one it is attributed to
 */
export function countsAs(b: Counted, release: Live | undefined): keyof Catch | null {
  if (b.state === 'rejected' || b.state === 'duplicate' || !release) return null;
  if (b.foundIn === 'candidate') return b.inProduction === 'yes' ? null : 'caught';
  if (!release.shippedAt || b.reportedAt < release.shippedAt) return null;
  const over = release.endedAt ?? release.doneAt;
  return !over || b.reportedAt.getTime() < over.getTime() + WATCH_MS ? 'escaped' : null;
}

/**
 * R25: caught and escaped bugs by group, in the order the groups first appear.
 * @param groupOf the group of a bug that counts, such as its release or the week it was reported in
 */
export function catchBy<T extends Counted>(
  bugs: readonly T[],
  releases: ReadonlyMap<number, Live>,
  groupOf: (bug: T) => string,
): Map<string, Catch> {
  const groups = new Map<string, Catch>();
  for (const bug of bugs) {
    const as = countsAs(bug, bug.releaseId === null ? undefined : releases.get(bug.releaseId));
    if (!as) continue;
    const group = groupOf(bug);
    const sums = groups.get(group) ?? { caught: 0, escaped: 0 };
    groups.set(group, { ...sums, [as]: sums[as] + 1 });
  }
  return groups;
}
