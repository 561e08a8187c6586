// Whether an address is one of its chain. A wrong one costs the money that is sent there.
import { isValidAddress, isValidChecksumAddress, toChecksumAddress } from '@ethereumjs/util';
import { bech32, bech32m } from '@scure/base';
import { getAddressInfo } from 'bitcoin-address-validation';
import type { Chain } from '../../base/policy.ts';

/**
 * Checks a typed address. @returns it as its chain writes it (EVM: with its checksum), or a sentence that says what is wrong.
 */
export function checkAddress(typed: string, chain: Chain): { address: string } | { fault: string } {
  const text = typed.trim();
  if (text === '') return { fault: `The address is missing: paste one of ${chain.name}.` };
  if (/\p{Cf}|\p{Cc}/u.test(text))
    return { fault: 'There are invisible characters in the address: copy it again from the wallet.' };
  if (text.length > 120 || /\s/.test(text))
    return { fault: `That is no address of ${chain.name}: paste the address alone.` };
  if (chain.kind === 'evm') return evm(text, chain);
  return chain.kind === 'bitcoin' ? bitcoin(text, chain) : cosmos(text, chain);
}

/** EIP-55. One that is all in one case has no checksum to be wrong; it gets its own. */
function evm(text: string, { name }: Chain): { address: string } | { fault: string } {
  if (!isValidAddress(text))
    return {
      fault: `That is no address of ${name}: one is 0x and 40 of 0-9 and a-f, and this has ${text.length} characters.`,
    };
  const digits = text.slice(2);
  if (/^0{40}$/.test(digits)) return { fault: 'What is sent to the zero address is lost: paste the real one.' };
  const mixed = digits !== digits.toLowerCase() && digits !== digits.toUpperCase();
  if (mixed && !isValidChecksumAddress(text))
    return { fault: 'The checksum of that address is wrong (its capital letters): copy it again from the wallet.' };
  return { address: toChecksumAddress(text) };
}

const NETWORKS: Record<string, string> = { bc: 'mainnet', tb: 'testnet', bcrt: 'regtest' };

function bitcoin(text: string, { name, prefix = 'bc' }: Chain): { address: string } | { fault: string } {
  let network: string;
  try {
    network = getAddressInfo(text).network;
  } catch {
    return { fault: `That is no address of ${name}, or its checksum is wrong: copy it again from the wallet.` };
  }
  const wanted = NETWORKS[prefix];
  // Before SegWit the test networks had one form of address.
  const shared = network !== 'mainnet' && wanted !== 'mainnet' && !/^(tb|bcrt)1/i.test(text);
  if (network !== wanted && !shared)
    return { fault: `That is an address of Bitcoin's ${network}, and ${name} here is the ${wanted}.` };
  if (/^(bc|tb|bcrt)1/i.test(text) && !isWitness(text.toLowerCase()))
    return {
      fault: `That is an address of ${name} which nobody can spend from today (no known witness version): copy it again from the wallet.`,
    };
  // bech32 is the same in capitals, which QR codes use.
  return { address: /^(bc|tb|bcrt)1/i.test(text) ? text.toLowerCase() : text };
}

/** BIP-141 and BIP-341: of version 0, whose length the reader of addresses knows, or 1 with 32 bytes. What is sent to any other is for anybody to take. */
function isWitness(text: string): boolean {
  const taproot = bech32m.decodeUnsafe(text, 90);
  if (!taproot) return true;
  const [version, ...words] = taproot.words;
  return version === 1 && bech32m.fromWordsUnsafe(words)?.length === 32;
}

function cosmos(text: string, { name, prefix = '' }: Chain): { address: string } | { fault: string } {
  const decoded = bech32.decodeUnsafe(text, 90);
  if (!decoded)
    return { fault: `That is no address of ${name}, or its checksum is wrong: one begins with ${prefix}1.` };
  if (decoded.prefix !== prefix)
    return {
      fault: `That address begins with ${decoded.prefix}1: it is of another chain. Those of ${name} begin with ${prefix}1.`,
    };
  const bytes = bech32.fromWordsUnsafe(decoded.words);
  if (bytes?.length !== 20 && bytes?.length !== 32)
    return { fault: `That is no account's address of ${name}: copy it again from the wallet.` };
  return { address: text.toLowerCase() };
}
