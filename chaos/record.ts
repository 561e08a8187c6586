// What is known on Slack's side: what people did, what was sent to the bot of it, and what they were answered.

export type Road = 'reaction' | 'word' | 'command' | 'button' | 'form';

/** One thing that one person did. Times are milliseconds since 1970. */
export interface Deed {
  n: number;
  person: string;
  road: Road;
  /** What it means: open, eyes, lgtm, hold, … */
  what: string;
  /** True where it takes something back: a reaction removed, a message deleted or changed. */
  undo: boolean;
  /** The release (`p1 v1.0.0`), bug or request it is about. */
  about: string;
  /** What was typed or chosen. */
  text?: string;
  /** The message reacted to, said, or pressed on. */
  ts?: string;
  began: number;
  /** Why a person could not do it: the button was not there, the form did not open. The bot heard of nothing. */
  skipped?: string;
  /** How often Slack handed it to the bot. */
  sent: number;
  /** Whether the bot ever acknowledged it. */
  taken: boolean;
  /** What only this person was answered, in order. */
  answers: string[];
  /** Of a form: the errors that the bot answered with. */
  errors?: Record<string, string>;
  /** Slack's ids of the events it made. */
  events: string[];
}

/** A deed that was taken and answered with this. */
export function answered(deed: Deed, text: string): boolean {
  return deed.answers.some((answer) => answer.includes(text));
}

/** A form that the bot took without an error: people see it close. */
export function formTaken(deed: Deed): boolean {
  return deed.road === 'form' && deed.taken && deed.errors === undefined && !deed.skipped;
}

/** Answered, each time it was handed over, that nothing was changed: then it must not have been. */
export function denied(deed: Deed): boolean {
  const said = [...deed.answers, ...Object.values(deed.errors ?? {})];
  return said.length > 0 && said.length >= deed.sent && said.every((text) => text.includes('nothing was changed'));
}

/** A deed in one line, for looking at a failure. */
export function told(deed: Deed, since: number): string {
  const at = ((deed.began - since) / 1000).toFixed(2);
  const fate = deed.skipped
    ? `not done: ${deed.skipped}`
    : deed.taken
      ? `taken (sent ${deed.sent}x)`
      : `not taken (sent ${deed.sent}x)`;
  const said = [...deed.answers, ...Object.values(deed.errors ?? {})].map((text) => JSON.stringify(text.slice(0, 160)));
  const how = `${deed.undo ? 'takes back ' : ''}${deed.what} by ${deed.road}${deed.text ? ` ${JSON.stringify(deed.text)}` : ''}`;
  return `#${deed.n} ${at} s ${deed.person} ${how} · ${deed.about}: ${fate}${said.length ? ` → ${said.join(' ')}` : ''}`;
}
