import { readId } from '../base/ids.ts';

/** Every word after `/bug prod`: what follows it, and what it does. The help and the refusals are made from this. */
export const PROD_WORDS = {
  list: ['', 'the prod issues, open ones first'],
  show: ['PI-3', 'show its card, only to you'],
  mitigated: ['PI-3 [note]', 'say that users can work again'],
  resolved: ['PI-3 [note]', 'say that its cause is gone'],
  reopen: ['PI-3 <what is still broken>', 'it is back: the clock runs on'],
  assign: ['PI-3 [owner|engineer|communication @person]', 'say who does what (fewer words open a form)'],
  release: ['PI-3 [REL-12|none]', 'say which release brought it (fewer words open a form)'],
  review: ['PI-3', 'answer the four questions of its review'],
  help: ['', 'this list'],
} as const satisfies Record<string, readonly [string, string]>;

export type ProdWord = keyof typeof PROD_WORDS;

/** Whether /bug prod knows this word. @param word in lower case */
export function isProdWord(word: string): word is ProdWord {
  return Object.hasOwn(PROD_WORDS, word);
}

/** The right form of a word, as it is typed. */
export function prodFormOf(word: ProdWord): string {
  return `\`/bug prod ${`${word} ${PROD_WORDS[word][0]}`.trim()}\``;
}

/** The help text. */
export function prodHelp(): string {
  const lines = (Object.keys(PROD_WORDS) as ProdWord[]).map((word) => `${prodFormOf(word)} — ${PROD_WORDS[word][1]}`);
  return `*Prod issues*: a bug in production that hits money or a key feature becomes one; \`/bug escalate BUG-7 <reason>\` makes any bug one.\n${lines.join('\n')}`;
}

/** `PI-3`, `pi-3` or `3`. */
export function readProdId(word: string | undefined): number | undefined {
  return readId('PI', word);
}
