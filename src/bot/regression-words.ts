import { readDay } from '../base/days.ts';
import { readId } from '../base/ids.ts';
import { mentioned } from '../base/mrkdwn.ts';

/** The words after /regression: what follows each, and what it does. The help and the refusals are made from this. */
export const REGRESSION_WORDS = {
  today: ['', "today's tests"],
  week: ['', "this week's tests"],
  month: ['[2026-12]', 'a month: how far it is, and every test'],
  mine: ['', 'your tests, with buttons'],
  pass: ['[RA-12] [note]', 'your test passed (without an id: the one you have today)'],
  fail: ['[RA-12] [what happened]', 'it failed: noted, and the bug form opens'],
  skip: ['[RA-12] [why]', 'leave it out, with a reason'],
  swap: ['[RA-12 RA-15]', "offer your RA-12 for somebody's RA-15 (without ids a form asks)"],
  away: [
    '[2026-12-01] [2026-12-05] [@person]',
    'you are away: the rest of the month is planned again (without days a form asks)',
  ],
  back: ['[@person]', 'you are back, or will not be away after all'],
  plan: ['[2026-12|next]', 'what a month would be; admins make it'],
  help: ['', 'this list'],
} as const satisfies Record<string, readonly [string, string]>;

export type RegressionWord = keyof typeof REGRESSION_WORDS;

/** Whether /regression knows this word. @param word in lower case */
export function isRegressionWord(word: string): word is RegressionWord {
  return Object.hasOwn(REGRESSION_WORDS, word);
}

/** The right form of a word, as it is typed. */
export function regressionFormOf(word: RegressionWord): string {
  return `\`/regression ${`${word} ${REGRESSION_WORDS[word][0]}`.trim()}\``;
}

/** The help text. */
export function regressionHelp(): string {
  const words = Object.keys(REGRESSION_WORDS) as RegressionWord[];
  const lines = words.map((word) => `${regressionFormOf(word)} — ${REGRESSION_WORDS[word][1]}`);
  return `*Regression calendar*: every wallet with every feature is tested each month, by turns.\n${lines.join('\n')}`;
}

/** `RA-12`, `ra-12` or `12`. */
export function readRegressionId(word: string | undefined): number | undefined {
  return readId('RA', word);
}

const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

/**
 * A month as people type it: 2026-12, this, next, december (the one that is or comes next). Nothing: this one.
 * @param today YYYY-MM-DD in the team's zone @returns YYYY-MM; undefined when it is none
 */
export function readMonth(text: string, today: string): string | undefined {
  const word = text.trim().toLowerCase();
  const [year, month] = [Number(today.slice(0, 4)), Number(today.slice(5, 7))];
  const show = (y: number, m: number) => `${y}-${String(m).padStart(2, '0')}`;
  if (word === '' || word === 'this') return show(year, month);
  if (word === 'next') return month === 12 ? show(year + 1, 1) : show(year, month + 1);
  if (/^20\d\d-(0[1-9]|1[0-2])$/.test(word)) return word;
  const named = word.length >= 3 ? MONTHS.findIndex((m) => m.startsWith(word)) + 1 : 0;
  return named ? show(named < month ? year + 1 : year, named) : undefined;
}

/** The days and the person after `away`, or the person after `back`; undefined when the words are neither. `person` null: who types. @param today where that person is */
export function readAway(
  words: readonly string[],
  raw: readonly string[],
  today: string,
): { days: string[]; person: string | null } | undefined {
  const named = raw.flatMap((word, i) => {
    const id = mentioned(word);
    return id ? [{ id, i }] : [];
  });
  const days = words.flatMap((word, i) =>
    named.some((n) => n.i === i) || word === '-' || word === 'to' ? [] : [readDay(word, today)],
  );
  if (named.length > 1 || days.length > 2 || days.includes(undefined)) return undefined;
  return { days: days as string[], person: named[0]?.id ?? null };
}
