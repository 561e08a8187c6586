import { redactMessage } from './redact.ts';

/** A refusal by the rules: not an error. `reason` and `next` are sentences to the person who asked. */
export type Refusal = { code: string; reason: string; next: string };

/** An error we can explain: a stable `code`, what happened (`message`), and the `next` step for whoever reads it. */
export class ShipshapeError extends Error {
  readonly code: string;
  readonly next: string;

  /** `about.cause` is the error underneath, kept for the log. */
  constructor(about: { code: string; message: string; next: string; cause?: unknown }) {
    super(about.message, about.cause === undefined ? undefined : { cause: about.cause });
    this.name = new.target.name;
    this.code = about.code;
    this.next = about.next;
  }
}

/**
 * One line about anything that was thrown, safe to show and to store: secrets and query parameters are masked, causes
 * follow after `: `, and what to do next is at the end when the error knows it. At most 500 characters.
 */
export function errorText(err: unknown): string {
  const parts: string[] = [];
  let at: unknown = err;
  for (let depth = 0; depth < 5 && at !== undefined && at !== null; depth++) {
    const text = ownText(at);
    if (text !== '' && !parts.some((part) => part.includes(text))) parts.push(text);
    at = at instanceof Error ? at.cause : undefined;
  }
  const next = err instanceof ShipshapeError ? ` ${redactMessage(err.next)}` : '';
  const line = `${parts.join(': ') || 'unknown error'}${next}`.replace(/\s+/g, ' ').trim();
  return line.length > 500 ? `${line.slice(0, 499).replace(/[\uD800-\uDBFF]$/, '')}…` : line;
}

function ownText(err: unknown): string {
  if (!(err instanceof Error)) return typeof err === 'string' ? redactMessage(err) : `thrown ${typeof err}`;
  if (err.message !== '') return redactMessage(err.message);
  // Node reports a connection refused on several addresses as an AggregateError without a message.
  if (err instanceof AggregateError) return err.errors.map(ownText).join(', ');
  return 'code' in err && typeof err.code === 'string' ? err.code : err.name;
}
