const hidden = new Set<string>();
const MASK = '[redacted]';

/** Shapes that are secrets wherever they stand. Repeats are bounded or cannot overlap, so long texts stay fast. */
const SHAPES: [RegExp, string][] = [
  [/x(?:ox[a-z](?:\.xox[a-z])?|app)-[A-Za-z0-9-]+/g, MASK],
  [/(?:gh[pousr]_|github_pat_)[A-Za-z0-9_]{10,}/g, MASK],
  // A raw password may hold @ or /, so for PostgreSQL everything up to the last @ of the word goes.
  [/(postgres(?:ql)?:\/\/[^:@\s"'`]*):[^\s"'`]*@/gi, `$1:${MASK}@`],
  [/([a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/?#@"]*):[^\s/?#@"]+@/gi, `$1:${MASK}@`],
  [/(hooks\.slack\.com\/[a-z]{1,20}\/)[^\s"'<>|\\]+/gi, `$1${MASK}`],
  [/(\b(?:Bearer|Basic) )[A-Za-z0-9._~+/=-]{6,}/gi, `$1${MASK}`],
  // A quote after the name must be repeated before the value: else it may be the end of the text it stands in.
  [
    /(\bauthorization(?:(\\?["'])\s{0,3}:\s{0,3}\2|\s{0,3}[:=]\s{0,3})(?:(?:Bearer|Basic|token)\s)?)[^\s"'\\,}[]+/gi,
    `$1${MASK}`,
  ],
  [/((?:\b|_)(?:password|passwd|secret|signing_?secret|token|api_?key|ticket)=)[^\s&"'\\[]+/gi, `$1${MASK}`],
];

/**
 * Takes values out of every log line and error text from now on: for secrets that have no recognisable shape, such as
 * Slack's signing secret. Values under 8 characters are left alone: they would hide ordinary words.
 */
export function hideSecrets(values: (string | undefined)[]): void {
  for (const value of values) if (value !== undefined && value.length >= 8) hidden.add(value);
}

/** The text with every secret in it masked, known ones (`hideSecrets`) and those with a known shape. */
export function redact(text: string): string {
  let clean = text;
  for (const value of hidden) clean = clean.replaceAll(value, MASK);
  for (const [shape, mask] of SHAPES) clean = clean.replace(shape, mask);
  return clean;
}

/** An error's own message without secrets, and without the query parameters that drizzle appends to it. */
export function redactMessage(message: string): string {
  return redact(message.replace(/\nparams: [\s\S]*$/, ''));
}

/** True for names of fields whose value is a secret whatever it looks like. */
export function isSecretKey(key: string): boolean {
  return /^(authorization|cookie|set-cookie|x-slack-signature|.*password|.*secret|.*token|params|response_?url)$/i.test(
    key,
  );
}
