/** A text without what PostgreSQL cannot keep: NUL, and in JSON halves of surrogate pairs, which become `�`. */
export function storable(text: string): string {
  return Buffer.from(text.replaceAll('\0', '')).toString();
}

/** What JSON writes for NUL and for halves of surrogate pairs; also in texts that merely look so. */
const SUSPECT = /\\u(?:0000|d[89a-f])/;

/** JSON data whose texts are all storable. Data without anything to change, which nearly all is, comes back as it is. */
export function storableJson<T>(data: T): T {
  const json = JSON.stringify(data);
  if (!SUSPECT.test(json)) return data;
  return JSON.parse(json, (_key, value) => (typeof value === 'string' ? storable(value) : value)) as T;
}
