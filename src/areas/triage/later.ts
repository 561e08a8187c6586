import { sameCommit } from '../../base/commit.ts';
import type { BugFacts, Candidate } from './types.ts';

/** R14: a fix is in a candidate later than the one it was found on, and than every one whose retest failed. */
export function isLater(f: BugFacts, c: Candidate): boolean {
  const { bug, found } = f;
  if (found ? c.id <= found.id || sameCommit(c.commit, found.commit) : c.namedAt <= bug.reportedAt) return false;
  return failedBy(f, c) === null;
}

/** The candidate on which a retest found it still there, when `c` is that one or an earlier one; else null. */
export function failedBy({ failed }: BugFacts, c: Candidate): Candidate | null {
  return failed && (c.id <= failed.id || sameCommit(c.commit, failed.commit)) ? failed : null;
}

/** The candidates a fix may be named in, newest first. */
export function fixable(f: BugFacts): Candidate[] {
  return f.candidates.filter((c) => isLater(f, c)).reverse();
}
