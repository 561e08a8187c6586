import type { Chain } from '../../base/policy.ts';

/**
 * A transaction hash as its chain writes it, so that one transaction has one name (R17). The explorer's address that ends in it will do too.
 * @returns the hash, or a sentence with the right form
 */
export function readHash(typed: string, chain: Chain): { hash: string } | { fault: string } {
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
  return /^https?:\/\//i.test(text) ? (text.split(/[?#]/)[0]?.split('/').filter(Boolean).at(-1) ?? '') : text;
}
