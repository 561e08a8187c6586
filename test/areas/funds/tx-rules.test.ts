import { describe, expect, test } from 'vitest';
import { decideReverse, decideSpend, decideTransfer } from '../../../src/areas/funds/spend-rules.ts';
import type { RequestFacts, SpendInput } from '../../../src/areas/funds/types.ts';
import { aHash, aLedgerTx, aSpend, ETHER, FUNDS, factsOf, OLA, TOM, TREA } from '../../support/funds.ts';
import { NOW } from './request-acts.ts';

describe('R19: a test transaction', () => {
  const sent = factsOf({ state: 'sent' });
  const spend = (over: Partial<SpendInput> = {}, f: RequestFacts | null | undefined = undefined, who = OLA) =>
    decideSpend(aSpend(over), who, { request: f, releaseKnown: true }, FUNDS, NOW);

  test('takes from the person, and is kept with all that was said', () => {
    const done = spend({ gasPrice: '1,234.5', usd: '$ 1.5', testCase: ' send ', releaseId: 12 });
    expect(done).toMatchObject({
      spend: {
        tester: OLA.id,
        gasPrice: '1234.5',
        usd: 150n,
        testCase: 'send',
        releaseId: 12,
        requestId: null,
        feeAsset: 'ETH',
      },
      entry: { kind: 'spend', requestId: null, releaseId: 12 },
      patch: {},
    });
    expect(spend({ fee: '', asset: 'FOX' })).toMatchObject({
      spend: { feeAsset: null, fee: 0n, usd: null, gasPrice: null, testCase: null },
    });
    expect(spend({ asset: 'USD', hash: '', fee: '' })).toMatchObject({ spend: { chain: null }, entry: { hash: null } });
  });

  test('closes its request when nothing is left', () => {
    expect(spend({ amount: '0.9', fee: '0.1', requestId: 3 }, sent)).toMatchObject({
      patch: { state: 'closed' },
      spend: { requestId: 3 },
    });
    expect(spend({ amount: '0.9', fee: '', requestId: 3 }, sent)).toMatchObject({ patch: {} });
    expect(spend({ amount: '', fee: '0.1' }, sent)).toMatchObject({ patch: {}, spend: { amount: 0n } });
    // The fee of a token is paid in another asset, here from the request.
    expect(spend({ asset: 'FOX', amount: '5000', fee: '1' }, sent)).toMatchObject({ patch: { state: 'closed' } });
  });

  test('that cost only a fee in another asset belongs to its request and takes nothing from it', () => {
    const usdc = factsOf({ state: 'sent', asset: 'USDC' }, { outstanding: 5n });
    for (const over of [
      { asset: 'USDC', chain: 'ethereum' },
      { asset: 'USDC', chain: 'base' },
    ])
      expect(spend({ ...over, amount: '', requestId: 3 }, usdc)).toMatchObject({
        spend: { requestId: 3, amount: 0n, feeAsset: 'ETH' },
        entry: { requestId: 3 },
        patch: {},
      });
    // Its own asset on another chain is other money.
    expect(spend({ amount: '', chain: 'base', asset: 'USDC' }, sent)).toHaveProperty('faults.request');
  });

  test.each([
    [{}, factsOf({ state: 'sent', requester: 'UX' }), /FR-3 is <@UX>'s\. Name another, or leave the request out\./],
    [{}, factsOf({ state: 'approved' }), /FR-3 is approved, to be sent\./],
    [{ asset: 'BTC', hash: 'a'.repeat(64) }, sent, /FR-3 was for ETH on ethereum\./],
    [{ asset: 'FOX', fee: '' }, sent, /was for ETH on ethereum/],
    [{ asset: 'USDC', chain: 'base' }, sent, /was for ETH on ethereum/],
    [{ asset: 'ETH' }, factsOf({ state: 'sent', asset: 'USD', chain: null }), /was for USD\./],
    [{ amount: '1' }, sent, /It cost 1\.001 ETH, and of FR-3 only 1 ETH are outstanding/],
  ] as const)('%j cannot be of that request', (over, f, fault) => {
    expect(spend({ ...over, requestId: 3 }, f)).toEqual({ faults: { request: expect.stringMatching(fault) } });
  });

  test('has every fault told at once, by field', () => {
    const bad = { amount: 'x', hash: '', what: '', testCase: 'x'.repeat(101), gasPrice: 'fast', usd: 'much' };
    const done = decideSpend(aSpend(bad), OLA, { request: null, releaseKnown: false }, FUNDS, NOW);
    expect('faults' in done && Object.keys(done.faults).sort()).toEqual(
      ['amount', 'gasPrice', 'hash', 'release', 'request', 'testCase', 'usd', 'what'].sort(),
    );
    expect(spend({ asset: 'X' })).toEqual({ faults: { asset: expect.any(String) } });
    expect(spend({ amount: '', fee: '0' })).toHaveProperty('faults.amount');
    expect(spend({}, undefined, { ...OLA, standing: 'guest' })).toHaveProperty('refusal.code', 'standing');
  });
});

describe('R17: transfers and reversals', () => {
  test('a transfer goes from or to custody, and treasurers book it', () => {
    const t = { amount: '1', asset: 'ETH', hash: aHash(), note: 'Top-up', to: 'main' };
    expect(decideTransfer(t, OLA, FUNDS, NOW)).toHaveProperty('refusal.code', 'role');
    expect(decideTransfer(t, TREA, FUNDS, NOW)).toMatchObject({ entry: { kind: 'transfer', requestId: null } });
    expect(decideTransfer({ ...t, asset: 'USD', hash: '' }, TREA, FUNDS, NOW)).toMatchObject({
      entry: { chain: null, hash: null },
    });
    expect(decideTransfer({ ...t, from: 'main' }, TREA, FUNDS, NOW)).toHaveProperty('faults.to');
  });

  test('a reversal is the opposite, once, with a reason, and puts the request back', () => {
    const open = factsOf({ state: 'sent', sentTx: 41 });
    expect(decideReverse(aLedgerTx(), open, OLA, 'x', NOW)).toHaveProperty('refusal.code', 'role');
    expect(decideReverse(aLedgerTx({ reversedBy: 42 }), open, TREA, 'x', NOW)).toEqual({
      already: 'TX-42 reversed it',
    });
    expect(decideReverse(aLedgerTx({ kind: 'reversal' }), open, TREA, 'x', NOW)).toHaveProperty(
      'refusal.code',
      'reversal',
    );
    const own = factsOf({ state: 'sent', requester: TOM.id });
    expect(decideReverse(aLedgerTx(), own, TOM, 'x', NOW)).toHaveProperty('refusal.code', 'own');
    expect(decideReverse(aLedgerTx(), { ...open, returned: 1n }, TREA, 'x', NOW)).toHaveProperty(
      'refusal.code',
      'used',
    );
    expect(decideReverse(aLedgerTx(), open, TREA, '', NOW)).toHaveProperty('faults.reason');
    expect(decideReverse(aLedgerTx(), open, TREA, 'x', NOW)).toMatchObject({
      patch: { state: 'approved', sentTx: null },
    });
    expect(decideReverse(aLedgerTx(), null, TREA, 'x', NOW)).toMatchObject({ patch: { state: 'approved' } });
    const nothing = aLedgerTx({ kind: 'spend', postings: [{ account: 'person:UOLA', asset: 'USDC', amount: -5n }] });
    expect(decideReverse(nothing, factsOf({ state: 'closed' }), TREA, 'x', NOW)).toMatchObject({ patch: {} });
    const spend = aLedgerTx({ kind: 'spend' });
    expect(decideReverse(spend, factsOf({ state: 'closed' }), TREA, 'x', NOW)).toMatchObject({
      patch: { state: 'sent', closedBy: null },
    });
    expect(decideReverse(spend, open, TREA, 'x', NOW)).toMatchObject({ patch: {} });
    expect(decideReverse(aLedgerTx({ kind: 'transfer', requestId: null }), null, TREA, 'x', NOW)).toMatchObject({
      patch: {},
      entry: { kind: 'reversal', postings: [{ amount: ETHER }, { amount: -ETHER }] },
    });
  });
});
