/** Whether two commits written in 7-40 hex digits are the same: one is a prefix of the other. */
export function sameCommit(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}
