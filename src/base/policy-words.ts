// What several sections of the policy file are made of.
import { parseDuration } from './duration.ts';
import { word } from './yaml.ts';

export const fits = (pattern: RegExp) => (text: string) => pattern.test(text);

export const user = word(
  'the id of a user, such as U0123ABCD (in Slack: profile → ⋮ → Copy member ID)',
  fits(/^[UW][A-Z0-9]{3,}$/),
);
export const usergroup = word('the id of a user group, such as S0123ABCD', fits(/^S[A-Z0-9]{5,}$/));
export const filled = word('a text of 1 to 100 characters', fits(/^\S(.{0,98}\S)?$/));
export const hour = word('a time of day, such as "09:00"', fits(/^([01]\d|2[0-3]):[0-5]\d$/));

export const productKey = word('1 to 30 of a-z, 0-9 and -, such as web-app', fits(/^[a-z0-9-]{1,30}$/));

/** A duration of at most `max` minutes. @param shown the same for people, such as 24h */
export const durationUpTo = (max: number, shown: string) =>
  word(
    `a duration up to ${shown}, such as 30m, 4h or 1h30m`,
    (text) => (parseDuration(text) ?? Number.POSITIVE_INFINITY) <= max,
  );

/** Minutes after midnight of `09:00`. */
export function minuteOf(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
}
