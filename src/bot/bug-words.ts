import { readId } from '../base/ids.ts';

/** Every subcommand of /bug: what follows it, and what it does. The help and the refusals are made from this. */
export const BUG_WORDS = {
  list: ['[product]', 'the open bugs, blocking ones first'],
  show: ['BUG-7', 'show its card, only to you'],
  recreate: ['BUG-7', 'say that you recreated it'],
  tried: ['BUG-7 yes|no', 'say whether it happens in current production'],
  fix: ['BUG-7 <commit>', 'name the candidate that has the fix of a blocking bug'],
  retest: ['BUG-7 fixed|still [commit]', 'say what your retest on that commit showed (without it: by a button)'],
  downgrade: ['BUG-7 <reason>', 'ask that it blocks no more; a second operator agrees'],
  reject: ['BUG-7 <reason>', 'ask that it is no bug; a second operator agrees'],
  agree: ['BUG-7', 'see what another operator asks, with the button that agrees'],
  decline: ['BUG-7', 'decline it, or take your own question back'],
  block: ['BUG-7 <reason>', 'say that it blocks after all'],
  ticket: ['BUG-7 <link>', 'add the link of its ticket'],
  resolve: ['BUG-7 [note]', 'close it: it is fixed'],
  wontfix: ['BUG-7 <reason>', "close it: it won't be fixed"],
  duplicate: ['BUG-7 BUG-3', 'close it as a duplicate of the other'],
  assign: ['BUG-7 [@person]', 'make it somebody’s, or yours'],
  priority: ['BUG-7 P0|P1|P2|P3 <reason>', 'override the computed priority'],
  escalate: ['BUG-7 <reason>', 'make a prod issue of it'],
  prod: ['list|show PI-3|…', 'prod issues; `/bug prod help` lists what there is'],
  stats: ['', 'the catch rate per release, week and month'],
  help: ['', 'this list'],
} as const satisfies Record<string, readonly [string, string]>;

export type BugWord = keyof typeof BUG_WORDS;

export function isBugWord(word: string): word is BugWord {
  return Object.hasOwn(BUG_WORDS, word);
}

/** The right form of a subcommand, as it is typed. */
export function bugFormOf(word: BugWord): string {
  return `\`/bug ${`${word} ${BUG_WORDS[word][0]}`.trim()}\``;
}

export function bugHelp(): string {
  const lines = (Object.keys(BUG_WORDS) as BugWord[]).map((word) => `${bugFormOf(word)} — ${BUG_WORDS[word][1]}`);
  return `*Bugs*: \`/bug\` or \`/bug <title>\` opens the form; so does :bug: on any message, and the shortcut "Report as a bug".\n${lines.join('\n')}`;
}

/** `BUG-7`, `bug-7` or `7`. */
export function readBugId(word: string | undefined): number | undefined {
  return readId('BUG', word);
}
