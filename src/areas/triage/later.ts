import { sameCommit } from '../../base/commit.ts';
import type { BugFacts, Candidate } from './types.ts';

/** R14: a fix is in a candidate later than the one it was found on, and than one whose retest failed. */
export function isLater(f: BugFacts, c: Candidate): boolean {
  const { bug, found } = f;
  const failed = bug.state === 'confirmed' ? f.fix : null;
  if (found ? c.id <= found.id || sameCommit(c.commit, found.commit) : c.namedAt <= bug.reportedAt) return false;
  return !failed || (c.id > failed.id && !sameCommit(c.commit, failed.commit));
}

/** The candidates a fix may be named in, newest first. */
export function fixable(f: BugFacts): Candidate[] {
  return f.candidates.filter((c) => isLater(f, c)).reverse();
}
