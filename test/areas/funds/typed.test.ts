import { describe, expect, test } from 'vitest';
import { readHash } from '../../../src/areas/funds/hashes.ts';
import {
  clean,
  LINK_MAX,
  readAmount,
  readCase,
  readLink,
  readMove,
  readPlace,
  readText,
} from '../../../src/areas/funds/typed.ts';
import type { Moved } from '../../../src/areas/funds/types.ts';
import type { Asset, Chain } from '../../../src/base/policy.ts';
import { T0 } from '../../support/facts.ts';
import { aHash, FUNDS } from '../../support/funds.ts';

const asset = (key: string) => FUNDS.assets.find((a) => a.key === key) as Asset;
const chain = (key: string) => FUNDS.chains.find((c) => c.key === key) as Chain;
const USDC = { asset: asset('USDC'), chain: chain('base') };
const USD = { asset: asset('USD'), chain: null };
const move = (m: Partial<Moved>, place: { asset: Asset; chain: Chain | null } = USDC) =>
  readMove({ hash: aHash(), ...m } as Moved, place, FUNDS, T0);

describe('R17, R18: texts', () => {
  test('R18: a text is there, and as long as it may be', () => {
    expect(readText(' Swaps ', 'The reason', 5)).toEqual({ text: 'Swaps' });
    expect(readText('Swapss', 'The reason', 5)).toEqual({
      fault: 'The reason has 6 characters: please keep it to 5.',
    });
    for (const none of [undefined, '', ' \u200b\n'])
      expect(readText(none, 'The reason', 5)).toEqual({ fault: 'The reason is missing: say it in a sentence.' });
  });

  test('R18: lines and tabs inside a text stay, what cannot be seen goes', () => {
    expect(clean('a\r\nb\rc\td\u0007e\u200ff')).toBe('a\nb\nc\tdef');
  });

  test('R18: a link may be left out, and is one', () => {
    expect(readLink(undefined)).toEqual({ link: null });
    const longest = `https://x.example/${'x'.repeat(LINK_MAX - 18)}`;
    expect(readLink(` ${longest} `)).toEqual({ link: longest });
    expect(readLink(`${longest}x`)).toHaveProperty('fault', expect.stringMatching(/1001 characters/));
    expect(readLink('x.example')).toHaveProperty('fault', expect.stringMatching(/begins with https/));
  });

  test('R19: a test case may be left out', () => {
    expect(readCase(undefined)).toEqual({ testCase: null });
    expect(readCase('x'.repeat(100))).toEqual({ testCase: 'x'.repeat(100) });
    expect(readCase('x'.repeat(101))).toHaveProperty('fault');
  });
});

describe('R17: amounts and places', () => {
  test('R17: the asset may be typed behind the amount, no other may', () => {
    expect(readAmount(' 25 usdc ', USDC.asset)).toEqual({ amount: 25_000_000n });
    expect(readAmount('25', USDC.asset)).toEqual({ amount: 25_000_000n });
    expect(readAmount('25 ETH', USDC.asset)).toHaveProperty('fault');
    expect(readAmount('0', USDC.asset)).toHaveProperty('fault');
    expect(readAmount('0', USDC.asset, { zero: true })).toEqual({ amount: 0n });
  });

  test('R17: a chain is known by key and by name, and only one that has the asset', () => {
    for (const named of ['base', 'BASE', ' Base '])
      expect(readPlace({ asset: 'USDC', chain: named }, FUNDS)).toEqual({ asset: USDC.asset, chain: USDC.chain });
    expect(readPlace({ asset: 'ATOM', chain: 'hub' }, FUNDS)).toHaveProperty('chain.key', 'hub');
    expect(readPlace({ asset: 'USDC', chain: 'hub' }, FUNDS)).toEqual({
      faults: { chain: 'USDC is not on that chain: it is on ethereum, base.' },
    });
  });
});

describe('R17: how money moved', () => {
  test('R17: read as typed; what may be left out is', () => {
    const hash = aHash();
    const at = new Date(T0.getTime() - 1);
    expect(move({ amount: ' 25 ', fee: ' 0.1 ', hash: ` ${hash} `, at })).toEqual({
      amount: 25_000_000n,
      fee: 10n ** 17n,
      feeAsset: 'ETH',
      hash,
      at,
    });
    for (const none of [undefined, ' '])
      expect(move({ amount: none, fee: none, hash })).toEqual({
        amount: undefined,
        fee: 0n,
        feeAsset: 'ETH',
        hash,
        at: T0,
      });
  });

  test('R17: on no chain the fee is in the asset itself, and the reference may be left out', () => {
    expect(move({ amount: '5', fee: '1', hash: undefined }, USD)).toEqual({
      amount: 500n,
      fee: 100n,
      feeAsset: 'USD',
      hash: null,
      at: T0,
    });
    expect(move({ hash: ' SEPA  7 ' }, USD)).toMatchObject({ hash: 'SEPA 7' });
    expect(move({ hash: 'x'.repeat(100) }, USD)).toHaveProperty('hash', 'x'.repeat(100));
    expect(move({ hash: 'x'.repeat(101) }, USD)).toHaveProperty('faults.hash');
  });

  test('R17: on a chain the hash is there, and is one of that chain', () => {
    for (const none of [undefined, '', ' '])
      expect(move({ hash: none })).toEqual({
        faults: { hash: "The transaction's hash is missing: copy it from Base." },
      });
    expect(move({ hash: 'SEPA 7' })).toHaveProperty('faults.hash');
  });

  test('R17: it is over, within five minutes, and not of another century', () => {
    const later = (ms: number) => move({ at: new Date(T0.getTime() + ms) });
    expect(later(5 * 60_000)).toHaveProperty('hash');
    expect(later(5 * 60_000 + 1)).toEqual({ faults: { at: expect.stringMatching(/not over yet/) } });
    expect(move({ at: new Date(Date.UTC(2000, 0, 1)) })).toHaveProperty('hash');
    expect(move({ at: new Date(Date.UTC(2000, 0, 1) - 1) })).toEqual({
      faults: { at: expect.stringMatching(/before the year 2000/) },
    });
  });

  test('R17: every fault at once', () => {
    const done = move({ amount: 'x', fee: 'y', hash: 'z', at: new Date(Number.NaN) });
    expect('faults' in done && Object.keys(done.faults).sort()).toEqual(['amount', 'at', 'fee', 'hash']);
  });
});

describe('R17: one transaction has one name', () => {
  const HEX = 'Ab'.repeat(32);
  test('R17: only the hash itself counts, and what stands around it in an address of an explorer', () => {
    const evm = chain('ethereum');
    for (const bad of [`${HEX}0`, `0${HEX}`, `x${HEX}`, `see https://x.example/${HEX}`, `${HEX} ${HEX}`, `tx/${HEX}`])
      expect(readHash(bad, evm, [])).toHaveProperty('fault');
    for (const good of [` ${HEX} `, `HTTPS://x.example/tx/${HEX}//`, `http://x.example/${HEX}?from=/a/b`])
      expect(readHash(good, evm, [])).toEqual({ hash: `0x${HEX.toLowerCase()}` });
    expect(readHash(`${'0'.repeat(63)}1`, evm, [])).toEqual({ hash: `0x${'0'.repeat(63)}1` });
  });
});
