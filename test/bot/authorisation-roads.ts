// What a row of `authorisation-table.ts` is made of, and the roads there are.
import type { Came, Doors } from '../support/doors.ts';
import type { World } from '../support/world.ts';

/** One road of an action. `key` is what the road is called in `src/bot/app.ts`, and what of it this is. */
export interface Road {
  key: string;
  go: (d: Doors, person: string, w: World) => Promise<Came>;
}

export interface Row {
  act: string;
  /** Who may, of the names in `P`. */
  who: string;
  /**
   * What comes of it: `does` writes an audit event; `sees` opens a form or answers, and changes nothing. All others are refused, in words.
   * `own`: it is about what is one's own, and of those who have nothing of it nothing is changed and nothing is said of permissions.
   */
  how: 'does' | 'sees' | 'own';
  roads: Road[];
}

type Words = string | ((w: World) => string);
const text = (words: Words, w: World) => (typeof words === 'string' ? words : words(w));

export const command = (words: Words): Road => ({
  key: keyOf(words),
  go: (d, person, w) => d.command(person, text(words, w)),
});
/** The command and its first word, or the first two of `/bug prod`, read without a world. */
function keyOf(words: Words): string {
  const said = typeof words === 'string' ? words : String(words).replace(/^[^`]*`|`[^`]*$/g, '');
  return /^\/bug prod \S+|^\/\S+(?: [a-z]+)?/.exec(said)?.[0] ?? said;
}
export const button = (id: string, value: Words): Road => ({
  key: id,
  go: (d, person, w) => d.press(person, id, text(value, w)),
});
export const inView = (id: string, value: Words): Road => ({
  key: id,
  go: (d, person, w) => d.press(person, id, text(value, w), { view: { id: 'V1', type: 'modal' } }),
});
export const menu = (id: string, value: (w: World) => string): Road => ({
  key: `${id} ${/`(\w+)/.exec(String(value))?.[1]}`,
  go: (d, person, w) => d.press(person, id, value(w), { menu: true }),
});
export type Fields = Record<string, unknown>;
export const form = (id: string, fields: Fields | ((w: World) => Fields), meta?: (w: World) => unknown): Road => ({
  key: `form ${id}`,
  go: (d, person, w) => d.submit(person, id, typeof fields === 'function' ? fields(w) : fields, meta?.(w)),
});
export const reaction = (name: string, at: (w: World) => string, on = true): Road => ({
  key: `reaction ${name}`,
  go: (d, person, w) => d.react(person, name, at(w), on),
});

export const MEMBERS = 'op eng prod mgr other auth treas admin nobody';
export const TEAM = 'op auth eng prod admin';
