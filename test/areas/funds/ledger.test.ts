import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { balancesOf, feeAccount, gain, postingsOf, reversalOf } from '../../../src/areas/funds/ledger.ts';
import { totalsOf } from '../../../src/areas/funds/rules.ts';
import type { Account, Posting } from '../../../src/areas/funds/types.ts';
import { aLedgerTx, FUNDS, OLA } from '../../support/funds.ts';

const MOVE = {
  from: 'custody:main',
  to: 'person:U1',
  asset: 'USDC',
  amount: 5n,
  payer: 'custody:main',
  feeAsset: 'ETH',
  fee: 2n,
  chain: 'ethereum',
} as const;

describe('R17: the postings of a movement', () => {
  const account = fc.constantFrom<Account>('custody:main', 'person:U1', 'outside', 'fees:x');
  const asset = fc.constantFrom(...FUNDS.assets.map((a) => a.key));
  const units = fc.bigInt({ min: 0n, max: 10n ** 30n });
  const movement = fc
    .record({
      from: account,
      to: account,
      asset,
      amount: units,
      payer: account,
      feeAsset: asset,
      fee: units,
      chain: fc.constantFrom('x', null),
    })
    .filter((m) => m.amount + m.fee > 0n);

  test('R17: sum to zero for each asset, without legs of nothing, and with their opposite move nothing', () => {
    fc.assert(
      fc.property(movement, (m) => {
        const legs = postingsOf(m);
        expect(legs.length).toBeGreaterThanOrEqual(2);
        for (const key of new Set(legs.map((leg) => leg.asset)))
          expect(legs.reduce((sum, leg) => (leg.asset === key ? sum + leg.amount : sum), 0n)).toBe(0n);
        expect(legs.every((leg) => leg.amount !== 0n)).toBe(true);
        expect(balancesOf([...legs, ...reversalOf(legs)])).toEqual([]);
      }),
    );
  });

  test('R17: take the amount from one account to the other, and the fee from who pays it to that of the chain', () => {
    expect(postingsOf(MOVE)).toEqual([
      { account: 'custody:main', asset: 'USDC', amount: -5n },
      { account: 'person:U1', asset: 'USDC', amount: 5n },
      { account: 'custody:main', asset: 'ETH', amount: -2n },
      { account: 'fees:ethereum', asset: 'ETH', amount: 2n },
    ]);
    expect(postingsOf({ ...MOVE, fee: 0n })).toHaveLength(2);
    expect(postingsOf({ ...MOVE, amount: 0n }).map((leg) => leg.account)).toEqual(['custody:main', 'fees:ethereum']);
    expect(feeAccount(null)).toBe('fees:off-chain');
  });
});

describe('R17: balances', () => {
  const legs: Posting[] = [
    { account: 'outside', asset: 'ETH', amount: -7n },
    { account: 'custody:main', asset: 'ETH', amount: 7n },
    { account: 'custody:main', asset: 'ETH', amount: -3n },
    { account: 'person:U1', asset: 'ETH', amount: 3n },
    { account: 'person:U1', asset: 'USDC', amount: 4n },
    { account: 'outside', asset: 'USDC', amount: -4n },
  ];

  test('R17: are of each account in each asset; what came to nothing is left out', () => {
    expect(balancesOf(legs)).toEqual([
      { account: 'outside', asset: 'ETH', amount: -7n },
      { account: 'custody:main', asset: 'ETH', amount: 4n },
      { account: 'person:U1', asset: 'ETH', amount: 3n },
      { account: 'person:U1', asset: 'USDC', amount: 4n },
      { account: 'outside', asset: 'USDC', amount: -4n },
    ]);
    expect(balancesOf([...legs, { account: 'person:U1', asset: 'ETH', amount: -3n }]).map((b) => b.asset)).toEqual([
      'ETH',
      'ETH',
      'USDC',
      'USDC',
    ]);
  });

  test('R17: what one account gained of one asset is neither what others did nor of other assets', () => {
    expect(gain(legs, 'custody:main', 'ETH')).toBe(4n);
    expect(gain(legs, 'person:U1', 'USDC')).toBe(4n);
    expect(gain(legs, 'custody:main', 'USDC')).toBe(0n);
  });
});

describe('R18: what the transactions of a request add up to', () => {
  const move = (
    kind: 'send' | 'return' | 'spend' | 'settle' | 'reversal',
    amount: bigint,
    reversedBy: number | null = null,
  ) => aLedgerTx({ kind, reversedBy, postings: [{ account: `person:${OLA.id}`, asset: 'ETH', amount }] });
  const totals = (...txs: ReturnType<typeof move>[]) => totalsOf({ requester: OLA.id, asset: 'ETH' }, txs);

  test('R18: outstanding is what came less what went; each kind is told by itself', () => {
    const txs = [
      move('send', 100n),
      move('return', -30n),
      move('spend', -20n),
      move('spend', -5n),
      move('settle', -10n),
    ];
    expect(totals(...txs)).toEqual({ outstanding: 35n, returned: 30n, spent: 25n, settled: 10n });
  });

  test('R17, R18: what was reversed is not returned or spent, and is outstanding again', () => {
    const txs = [move('send', 100n), move('return', -30n, 42), move('reversal', 30n)];
    expect(totals(...txs)).toEqual({ outstanding: 100n, returned: 0n, spent: 0n, settled: 0n });
  });
});
