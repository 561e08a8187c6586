/** A line without what would steer the terminal of who reads it: what people typed may be in it. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}|\p{Cf}/gu, '�');
}
