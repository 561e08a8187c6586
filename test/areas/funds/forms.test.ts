import { describe, expect, it } from 'vitest';
import { askFundsForm, FUNDS_ASKS, faultsAt, requestForm, reverseForm } from '../../../src/areas/funds/forms.ts';
import { depositForm, recordedView, spendForm } from '../../../src/areas/funds/spend-forms.ts';
import { aLedgerTx } from '../../support/funds.ts';
import { viewWithinLimits } from '../../support/limits.ts';
import { EVIL, FUNDS, facts, HASH } from './blocks-samples.ts';

describe('forms', () => {
  const releases = Array.from({ length: 120 }, (_, i) => ({ id: i + 1, name: `web v${i}.0.0 ${'x'.repeat(200)}` }));
  const cases = Array.from({ length: 150 }, (_, i) => ({ releaseId: 1, caseId: `c${i}`, name: `Case ${i} ${EVIL}` }));
  it('offer the wallets of the chain, the usual one first', () => {
    const asked = (...chains: (string | undefined)[]) => {
      const accounts = chains.map((chain, i) => ({ key: `w${i}`, name: `W${i}`, ...(chain && { chain }) }));
      const view = JSON.stringify(askFundsForm('sent', facts({ chain: 'ethereum' }), { ...FUNDS, accounts }));
      return [...view.matchAll(/"value":"(w\d)"/g)].map((m) => m[1]);
    };
    // What is chosen already comes after the options.
    expect(asked('bitcoin', undefined, 'ethereum')).toEqual(['w2', 'w1', 'w2']);
    expect(asked('bitcoin', 'ethereum')).toEqual([]);
    expect(asked('bitcoin', 'arbitrum')).toEqual(['w0', 'w1', 'w0']);
  });

  it('R18: that of a denial says that a reversed send may have gone out', () => {
    const txs = [aLedgerTx({ id: 40, reversedBy: 41 })];
    const about = (over: object) => JSON.stringify(askFundsForm('deny', facts({ state: 'approved' }, over), FUNDS));
    expect(about({ txs })).toContain('TX-40 recorded that it was sent, and was reversed');
    expect(about({})).not.toContain('reversed');
  });

  it('R18: of a return, the wallet it was sent from is chosen where it fits', () => {
    const accounts = ['a', 'b', 'c'].map((key) => ({ key, name: key, ...(key === 'c' && { chain: 'bitcoin' }) }));
    const chosen = (from: string) => {
      const postings = [{ account: `custody:${from}` as const, asset: 'USDC', amount: -25_000_000n }];
      const sent = facts({ state: 'sent', sentTx: 41, chain: 'ethereum' }, { txs: [aLedgerTx({ id: 41, postings })] });
      const view = JSON.stringify(askFundsForm('return', sent, { ...FUNDS, accounts }));
      return /"initial_option":\{[^}]*\},"value":"(\w)"/.exec(view)?.[1];
    };
    expect([chosen('a'), chosen('b'), chosen('c'), chosen('gone')]).toEqual(['a', 'b', 'a', 'a']);
  });

  it('are within limits, prefilled or not, with everything there is', () => {
    const initial = {
      amount: '9'.repeat(3000),
      asset: 'USDC',
      chain: 'ethereum',
      releaseId: 1,
      testCase: 'c3',
      requestId: 3,
      what: 'x'.repeat(3000),
    };
    const views = [
      requestForm(FUNDS, { releases, initial: { ...initial, reason: 'x'.repeat(3000) } }),
      requestForm(FUNDS, { releases: [], initial: {} }),
      spendForm(FUNDS, { releases, cases, requests: [{ id: 3, name: 'FR-3 · 5 USDC left' }], initial }),
      spendForm({ ...FUNDS, chains: [] }, { releases: [], cases: [], requests: [], initial: { asset: 'GONE' } }),
      depositForm(FUNDS, initial),
      depositForm({ ...FUNDS, accounts: [] }, {}),
      recordedView(EVIL, initial),
      recordedView('Recorded', {}),
      reverseForm(41, EVIL),
      ...FUNDS_ASKS.flatMap((what) => [
        askFundsForm(what, facts({ reason: 'x'.repeat(900) }), FUNDS, {
          amount: '5',
          hash: HASH,
          fee: '1',
          reason: EVIL,
        }),
        askFundsForm(what, facts({ asset: 'USD', chain: null }), { ...FUNDS, accounts: FUNDS.accounts.slice(0, 1) }),
      ]),
    ];
    for (const view of views) viewWithinLimits(view as never);
  });

  it('the test transaction knows release, test case, request, asset and chain from where it was opened', () => {
    const initial = { asset: 'USDC', chain: 'ethereum', releaseId: 2, testCase: 'c3', requestId: 3 };
    const view = spendForm(FUNDS, {
      releases: [{ id: 2, name: 'web v2' }],
      cases: [{ releaseId: 2, caseId: 'c3', name: 'Send' }],
      requests: [{ id: 3, name: 'FR-3' }],
      initial,
    });
    const first = (id: string) => {
      const block = view.blocks.find((b) => b.block_id === id) as unknown as {
        element: { initial_option?: { value: string } };
      };
      return block.element.initial_option?.value;
    };
    expect(['asset', 'chain', 'release', 'testCase', 'request'].map(first)).toEqual([
      'USDC',
      'ethereum',
      '2',
      '2:c3',
      '3',
    ]);
  });

  it('faults are shown at their field, or at the first one', () => {
    const { blocks } = requestForm(FUNDS, { releases: [], initial: {} });
    expect(faultsAt(blocks, { amount: 'a', reason: 'r' }, 'whole')).toEqual({ amount: 'a', reason: 'r' });
    expect(faultsAt(blocks, { hash: 'h', from: 'f' }, 'whole')).toEqual({ amount: 'h f' });
    expect(faultsAt(blocks, undefined, 'whole')).toEqual({ amount: 'whole' });
    expect(faultsAt([], {}, 'whole')).toEqual({ amount: 'whole' });
    const asked = askFundsForm('deny', facts(), FUNDS).blocks;
    expect(faultsAt(asked, { hash: 'h' }, 'whole')).toEqual({ reason: 'h' });
  });
});
