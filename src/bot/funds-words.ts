import { readId } from '../base/ids.ts';
import { findUnit, formatAmount, parseAmount, type Unit } from '../base/money.ts';

/** The words after /funds: what follows each, and what it does. The help and the refusals are made from this. */
export const FUNDS_WORDS = {
  request: ['[25 USDC]', 'ask for test funds (a form asks the rest)'],
  spend: ['[0.1 ETH]', 'record a test transaction (a form asks the rest)'],
  mine: ['', 'your requests, what you hold, and your last test transactions'],
  show: ['FR-3', 'show its card, only to you'],
  approve: ['FR-3', 'agree to a request (treasurers, never their own)'],
  deny: ['FR-3 [why]', 'say no, with a reason (treasurers)'],
  sent: ['FR-3 [hash] [fee]', 'it was sent: the transaction and what it cost (treasurers)'],
  return: ['FR-3 [amount]', 'give back what is left, or a part of it'],
  settle: ['FR-3 [why]', 'close it though something is outstanding (treasurers)'],
  withdraw: ['FR-3', 'take your own request back before it is sent'],
  edit: ['FR-3', 'is not possible: withdraw it and file again'],
  deposit: ['[5 ETH]', 'money into custody, out of it, or between wallets (treasurers)'],
  reverse: ['TX-41 [why]', 'correct a transaction by its opposite (treasurers)'],
  balance: ['', 'what each account holds'],
  ledger: ['[TX-41]', 'the newest transactions, or those before one'],
  fees: ['', 'what testing cost: by release, by chain, and by hour of the day'],
  help: ['', 'this list'],
} as const satisfies Record<string, readonly [string, string]>;

export type FundsWord = keyof typeof FUNDS_WORDS;

/** Words about one request. */
export type RequestWord = Extract<
  FundsWord,
  'show' | 'approve' | 'deny' | 'sent' | 'return' | 'settle' | 'withdraw' | 'edit'
>;

export function isFundsWord(word: string): word is FundsWord {
  return Object.hasOwn(FUNDS_WORDS, word);
}

/** The right form of a word, as it is typed. */
export function fundsFormOf(word: FundsWord): string {
  return `\`/funds ${`${word} ${FUNDS_WORDS[word][0]}`.trim()}\``;
}

export function fundsHelp(): string {
  const words = Object.keys(FUNDS_WORDS) as FundsWord[];
  const lines = words.map((word) => `${fundsFormOf(word)} — ${FUNDS_WORDS[word][1]}`);
  return `*Test funds*: requests, test transactions and what they cost. \`/funds\` alone shows what is yours.\n${lines.join('\n')}`;
}

/** `FR-3`, `fr-3` or `3`. */
export function readRequestId(word: string | undefined): number | undefined {
  return readId('FR', word);
}

/** `TX-41`, `tx-41` or `41`. */
export function readTxId(word: string | undefined): number | undefined {
  return readId('TX', word);
}

/** `25 USDC for the swap` or `25USDC for the swap`: the amount as `parseAmount` reads it, its asset, and the rest; or what is wrong, as a sentence. */
export function readMoneyWords(
  words: readonly string[],
  assets: readonly Unit[],
): { amount: string; asset: string; text: string } | { fault: string } {
  const [first = '', second = '', ...rest] = words;
  const [, digits = '', name = ''] = /^([\d.,]+)(\p{L}+)$/u.exec(first) ?? [];
  const joined = findUnit(name, assets);
  const unit = joined ?? findUnit(second, assets);
  const known = assets.map((a) => a.key).join(', ');
  if (!unit) return { fault: `Which asset? The amount is followed by one of ${known}.` };
  const parsed = parseAmount(joined ? digits : first, unit);
  if ('fault' in parsed) return parsed;
  const text = (joined ? words.slice(1) : rest).join(' ');
  return { amount: formatAmount(parsed.amount, unit.decimals), asset: unit.key, text };
}
