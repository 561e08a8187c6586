import { bech32m } from '@scure/base';
import { describe, expect, test } from 'vitest';
import { checkAddress } from '../../../src/areas/funds/addresses.ts';
import { readHash, readReference } from '../../../src/areas/funds/hashes.ts';
import type { Chain } from '../../../src/base/policy.ts';

const EVM: Chain = {
  key: 'ethereum',
  name: 'Ethereum',
  kind: 'evm',
  feeAsset: 'ETH',
  assets: ['ETH'],
  explorer: 'https://etherscan.io/tx/{hash}',
};
const BASE: Chain = { ...EVM, key: 'base', name: 'Base', explorer: 'https://basescan.org/tx/{hash}' };
const BTC: Chain = {
  key: 'bitcoin',
  name: 'Bitcoin',
  kind: 'bitcoin',
  feeAsset: 'BTC',
  assets: ['BTC'],
  explorer: 'https://mempool.space/tx/{hash}',
};
const TESTNET: Chain = {
  ...BTC,
  key: 'testnet',
  name: 'Bitcoin testnet',
  prefix: 'tb',
  explorer: 'https://mempool.space/testnet/tx/{hash}',
};
const ATOM: Chain = {
  key: 'hub',
  name: 'Cosmos Hub',
  kind: 'cosmos',
  prefix: 'cosmos',
  feeAsset: 'ATOM',
  assets: ['ATOM'],
};

const segwit = (version: number, bytes: number, prefix = 'bc') =>
  bech32m.encode(prefix, [version, ...bech32m.toWords(new Uint8Array(bytes).fill(7))]);

// EIP-55's own examples, BIP-173's and BIP-350's.
const VITALIK = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
const SEGWIT = 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4';
const TAPROOT = 'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0';
const LEGACY = '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa';
const HUB = 'cosmos1vqpjljwsynsn58dugz0w8ut7kun7t8ls2qkmsq';

const CHAINS = [EVM, BASE, BTC, TESTNET, ATOM];

const said = (text: string, chain: Chain) => {
  const read = checkAddress(text, chain);
  return 'address' in read ? read.address : read.fault;
};

describe('an address', () => {
  test.each([
    [VITALIK, EVM, VITALIK],
    [` ${VITALIK.toLowerCase()} `, EVM, VITALIK],
    [`0x${VITALIK.slice(2).toUpperCase()}`, EVM, VITALIK],
    [SEGWIT, BTC, SEGWIT],
    [SEGWIT.toUpperCase(), BTC, SEGWIT],
    [TAPROOT, BTC, TAPROOT],
    [LEGACY, BTC, LEGACY],
    ['tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx', TESTNET, 'tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx'],
    ['mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn', TESTNET, 'mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn'],
    [HUB, ATOM, HUB],
    [HUB.toUpperCase(), ATOM, HUB],
  ])('%s is taken', (text, chain, address) => {
    expect(said(text, chain)).toBe(address);
  });

  test.each([
    ['', EVM, /missing: paste one of Ethereum/],
    [`\u202e${VITALIK}`, EVM, /invisible/],
    [`${VITALIK}\u200b`, EVM, /invisible/],
    [`mine: ${VITALIK}`, EVM, /paste the address alone/],
    ['x'.repeat(3000), EVM, /paste the address alone/],
    [VITALIK.slice(0, -1), EVM, /0x and 40 .* has 41 characters/],
    [VITALIK.slice(2), EVM, /0x and 40/],
    [VITALIK.replace('5aAeb', '5aaeb'), EVM, /checksum of that address is wrong/],
    [`0x${'0'.repeat(40)}`, EVM, /zero address is lost/],
    ['vitalik.eth', EVM, /0x and 40/],
    [SEGWIT, EVM, /0x and 40/],
    [`${SEGWIT.slice(0, -1)}5`, BTC, /no address of Bitcoin, or its checksum is wrong/],
    [VITALIK, BTC, /no address of Bitcoin/],
    [segwit(1, 20), BTC, /nobody can spend from/],
    [segwit(1, 33), BTC, /nobody can spend from|no address of Bitcoin/],
    [segwit(2, 32), BTC, /nobody can spend from/],
    [segwit(16, 2).toUpperCase(), BTC, /nobody can spend from|no address of Bitcoin/],
    [segwit(1, 32, 'tb'), BTC, /Bitcoin's testnet/],
    ['tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx', BTC, /Bitcoin's testnet, and Bitcoin here is the mainnet/],
    [SEGWIT, TESTNET, /Bitcoin's mainnet, and Bitcoin testnet here is the testnet/],
    [LEGACY, TESTNET, /mainnet/],
    [`${HUB.slice(0, -1)}p`, ATOM, /checksum is wrong: one begins with cosmos1/],
    ['osmo1vqpjljwsynsn58dugz0w8ut7kun7t8lst6axj3', ATOM, /begins with (osmo|cosmos)1/],
    [VITALIK, ATOM, /no address of Cosmos Hub/],
    [SEGWIT, ATOM, /begins with bc1: it is of another chain/],
  ])('%j is refused with the reason', (text, chain, fault) => {
    expect(said(text, chain)).toMatch(fault);
    expect(said(text, chain)).toMatch(/^[A-Z].*\.$/s);
  });

  test('of a Cosmos chain that is no account is refused', () => {
    const chain = { ...ATOM, prefix: 'bc' };
    // A bech32 word list that is no whole number of bytes.
    expect(said(SEGWIT, chain)).toMatch(/no account's address/);
    const { prefix: _, ...bare } = ATOM;
    expect(said(HUB, bare)).toMatch(/begins with cosmos1: it is of another chain/);
  });
});

describe('a transaction hash (R17)', () => {
  const HEX = 'Ab'.repeat(32);
  test.each([
    [HEX, EVM, `0x${HEX.toLowerCase()}`],
    [`0x${HEX}`, EVM, `0x${HEX.toLowerCase()}`],
    [`https://etherscan.io/tx/0x${HEX}/?a=1#logs`, EVM, `0x${HEX.toLowerCase()}`],
    [`https://www.etherscan.io/tx/0x${HEX}`, EVM, `0x${HEX.toLowerCase()}`],
    [`https://anywhere.example/0x${HEX}`, EVM, `0x${HEX.toLowerCase()}`],
    [`https://basescan.org/tx/0x${HEX}`, BASE, `0x${HEX.toLowerCase()}`],
    // The explorer of two of the chains, and its pages for neither.
    [`https://mempool.space/tx/${HEX}`, BTC, HEX.toLowerCase()],
    [`https://mempool.space/testnet/tx/${HEX}`, TESTNET, HEX.toLowerCase()],
    [`https://mempool.space/de/tx/${HEX}`, BTC, HEX.toLowerCase()],
    // A site that has many chains, of which the policy names one.
    [`https://mempool.space/liquid/tx/0x${HEX}`, EVM, `0x${HEX.toLowerCase()}`],
    [`https://anywhere.example/address/0x12/tx/0x${HEX}`, EVM, `0x${HEX.toLowerCase()}`],
    [HEX, BTC, HEX.toLowerCase()],
    [HEX.toLowerCase(), ATOM, HEX.toUpperCase()],
  ])('%s of one chain has one form', (text, chain, hash) => {
    expect(readHash(text, chain, CHAINS)).toEqual({ hash });
  });

  test.each([
    ['0x12', EVM, /0x and 64/],
    ['https://', EVM, /0x and 64/],
    ['nothing', BTC, /one is 64 of 0-9/],
    ['0'.repeat(64), EVM, /zeros/],
    [`${HEX}\u202e`, EVM, /0x and 64/],
    ['x'.repeat(3000), EVM, /0x and 64/],
    [`https://basescan.org/tx/0x${HEX}`, EVM, /^That is a page of Base, and this is Ethereum: choose the chain/],
    [`HTTPS://WWW.BaseScan.org/TX/0x${HEX}#logs`, EVM, /a page of Base/],
    [`https://etherscan.io/tx/0x${HEX}`, BASE, /a page of Ethereum, and this is Base/],
    [`https://mempool.space/testnet/tx/${HEX}`, BTC, /a page of Bitcoin testnet, and this is Bitcoin/],
    [`https://mempool.space/tx/${HEX}`, TESTNET, /a page of Bitcoin, and this is Bitcoin testnet/],
    [`https://etherscan.io/block/0x${HEX}`, EVM, /^That is the page of a block, not of a transaction: paste/],
    [`https://anywhere.example/address/0x${HEX}/`, EVM, /the page of an address/],
    [`https://mempool.space/block/${HEX}`, BTC, /the page of a block/],
    [`https://mempool.space/block//${HEX}`, BTC, /the page of a block/],
    [`  https://basescan.org/tx/0x${HEX} `, EVM, /a page of Base/],
  ])('%s is refused', (text, chain, fault) => {
    const read = readHash(text, chain, CHAINS);
    expect('fault' in read && read.fault).toMatch(fault);
  });

  test("one site's pages are of the chain whose address is the longest that fits; of several with the same address, of each", () => {
    const on = (key: string, explorer: string) => ({ ...EVM, key, name: key, explorer });
    const [main, side] = [on('main', 'https://scan.example/{hash}'), on('side', 'https://scan.example/side/{hash}')];
    const twin = on('twin', 'https://scan.example/side/{hash}');
    const page = `https://scan.example/side/0x${HEX}`;
    const [hash, all] = [`0x${HEX.toLowerCase()}`, [main, side, twin]];
    for (const chain of [side, twin]) expect(readHash(page, chain, all)).toEqual({ hash });
    expect(readHash(page, main, all)).toHaveProperty(
      'fault',
      expect.stringMatching(/a page of side, and this is main/),
    );
    expect(readHash(`https://scan.example/0x${HEX}`, main, all)).toEqual({ hash });
    expect(readHash(`https://scan.example/0x${HEX}`, twin, all)).toHaveProperty('fault');
  });

  test('a reference on no chain is a short text', () => {
    expect(readReference('  SEPA  2026-11 ')).toEqual({ hash: 'SEPA 2026-11' });
    expect(readReference('x'.repeat(101))).toHaveProperty('fault', expect.stringMatching(/101 characters/));
    expect(readReference('a\u202eb')).toHaveProperty('fault', expect.stringMatching(/invisible/));
  });
});
