/** A commit as it is kept: 7-40 hex digits in lower case; undefined when it is none. Backticks around it are fine. */
export function readCommit(text: string): string | undefined {
  const commit = text.trim().replace(/^`|`$/g, '').toLowerCase();
  return /^[0-9a-f]{7,40}$/.test(commit) ? commit : undefined;
}

/** Whether two commits written in 7-40 hex digits are the same: one is a prefix of the other. */
export function sameCommit(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}
