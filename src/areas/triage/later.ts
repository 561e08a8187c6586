import { sameCommit } from '../../base/commit.ts';
import type { BugFacts, Candidate, OpenRelease } from './types.ts';

/** R14: a fix is in a candidate later than the one it was found on, and than every one whose retest failed. */
export function isLater(f: BugFacts, c: Candidate): boolean {
  const { bug, found } = f;
  if (found ? c.id <= found.id || sameCommit(c.commit, found.commit) : c.namedAt <= bug.reportedAt) return false;
  return failedBy(f, c) === null && ownRelease(f, c) === null;
}

/**
 * R14: while production does not have what was found on a candidate, a release of the other kind need not have it either: an emergency comes from
 * production, and what an emergency brought is not in a scheduled release. A retest there says nothing of the release that has the bug.
 * @returns that release, of the kind it was found in and not live, when `c` is of the other kind (while it is pushed too: the push may fail); null while
 * none is, or the bug could never end, and once what it was found in went live: production has it then, whatever a try from before says
 */
export function ownRelease({ bug, found, open }: BugFacts, c: Candidate): OpenRelease | null {
  if (!found || bug.inProduction !== 'no' || c.kind === found.kind) return null;
  if (found.state === 'verifying' || found.state === 'done') return null;
  const before = ['waiting', 'testing', 'approved', 'shipping'];
  return open.findLast((r) => r.kind === found.kind && before.includes(r.state)) ?? null;
}

/** The candidate on which a retest found it still there, when `c` is that one or an earlier one; else null. */
export function failedBy({ failed }: BugFacts, c: Candidate): Candidate | null {
  return failed && (c.id <= failed.id || sameCommit(c.commit, failed.commit)) ? failed : null;
}

/** The candidates a fix may be named in, newest first. */
export function fixable(f: BugFacts): Candidate[] {
  return f.candidates.filter((c) => isLater(f, c)).reverse();
}
