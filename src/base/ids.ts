/** What a numbered thing is called when people see it: release, bug, prod issue, note (issue, meeting or topic), fund request, test transaction, freeze, slot, regression assignment. */
export type IdPrefix = 'REL' | 'BUG' | 'PI' | 'NOTE' | 'FR' | 'TX' | 'FRZ' | 'SLOT' | 'RA';

/** The shown form of a key: `showId('REL', 12)` is `REL-12`. */
export function showId(prefix: IdPrefix, id: number | bigint): string {
  return `${prefix}-${id}`;
}

/** Reads what a person typed (`rel-12` too); undefined when it is no shown id or the number is beyond what is exact. */
export function parseId(text: string): { prefix: IdPrefix; id: number } | undefined {
  const match = /^(REL|BUG|PI|NOTE|FR|TX|FRZ|SLOT|RA)-([1-9]\d{0,15})$/.exec(text.trim().toUpperCase());
  if (!match) return undefined;
  const id = Number(match[2]);
  return Number.isSafeInteger(id) ? { prefix: match[1] as IdPrefix, id } : undefined;
}

/** The number of a thing of one kind, as a person typed it: `BUG-7`, `bug-7` or `7`; undefined for anything else. */
export function readId(prefix: IdPrefix, word: string | undefined): number | undefined {
  const text = word ?? '';
  const id = parseId(/^\d+$/.test(text) ? `${prefix}-${text}` : text);
  return id?.prefix === prefix ? id.id : undefined;
}
