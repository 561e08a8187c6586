import type { Chain } from '../../base/policy.ts';

/**
 * A transaction hash as its chain writes it, so that one transaction has one name (R17). The explorer's address that ends in it will do too.
 * @param chains all that the policy names, whose explorers are known
 * @returns the hash, or a sentence with the right form
 */
export function readHash(typed: string, chain: Chain, chains: readonly Chain[]): { hash: string } | { fault: string } {
  const wrong = wrongPage(typed.trim(), chain, chains);
  if (wrong) return { fault: wrong };
  const text = lastPart(typed.trim());
  const hex = /^(0x)?([0-9a-f]{64})$/i.exec(text)?.[2];
  if (hex === undefined) {
    const form = chain.kind === 'evm' ? '0x and 64 of 0-9 and a-f' : '64 of 0-9 and a-f';
    return { fault: `That is no transaction hash of ${chain.name}: one is ${form}.` };
  }
  if (/^0+$/.test(hex)) return { fault: 'A hash of nothing but zeros is no transaction: paste the real one.' };
  if (chain.kind === 'evm') return { hash: `0x${hex.toLowerCase()}` };
  return { hash: chain.kind === 'bitcoin' ? hex.toLowerCase() : hex.toUpperCase() };
}

/** What a bank or a card gives its transfers: any short text, as typed. */
export function readReference(typed: string): { hash: string } | { fault: string } {
  const text = typed.trim().replace(/\s+/g, ' ');
  if (text.length > 100) return { fault: `That reference has ${text.length} characters: 100 are the most.` };
  if (/\p{Cf}|\p{Cc}/u.test(text)) return { fault: 'There are invisible characters in the reference: type it again.' };
  return { hash: text };
}

function lastPart(text: string): string {
  return LINK.test(text) ? (text.split(/[?#]/)[0]?.split('/').filter(Boolean).at(-1) ?? '') : text;
}

const LINK = /^https?:\/\/(www\.)?/i;
/** What explorers call the pages of something else that ends in 64 digits too. */
const NO_TX = /\/(block|address|account|token|contract)(?:s|es)?\/+[^/]*\/*$/i;

/** What is wrong with a link to an explorer: of another chain, or of no transaction. Undefined: nothing, or it is no link. */
function wrongPage(text: string, chain: Chain, chains: readonly Chain[]): string | undefined {
  if (!LINK.test(text)) return undefined;
  const [page = ''] = text.replace(LINK, '').split(/[?#]/);
  const what = NO_TX.exec(page)?.[1]?.toLowerCase();
  if (what)
    return `That is the page of ${/^[ao]/.test(what) ? 'an' : 'a'} ${what}, not of a transaction: paste the transaction's hash, or its page.`;
  const lower = page.toLowerCase();
  const startOf = ({ explorer = '' }: Chain) => explorer.replace(LINK, '').split('{hash}')[0]?.toLowerCase() ?? '';
  // One site may have the pages of several chains: the longest that fits is meant. Its other pages may be of chains whose explorer the policy does not name.
  const fit = chains.filter((of) => startOf(of) !== '' && lower.startsWith(startOf(of)));
  const longest = Math.max(...fit.map((of) => startOf(of).length));
  const meant = fit.filter((of) => startOf(of).length === longest);
  const [other] = meant;
  if (!other || meant.some(({ key }) => key === chain.key)) return undefined;
  return `That is a page of ${other.name}, and this is ${chain.name}: choose the chain it was on, or paste the right transaction.`;
}
