import { describe, expect, test } from 'vitest';
import { decideRequest } from '../../../src/areas/funds/rules.ts';
import { decideReverse, decideSpend, decideTransfer } from '../../../src/areas/funds/spend-rules.ts';
import type { RequestFacts, SpendInput, TransferInput } from '../../../src/areas/funds/types.ts';
import { minutes } from '../../support/facts.ts';
import { aHash, aLedgerTx, aSpend, ETHER, FUNDS, factsOf, OLA, TOM, TREA } from '../../support/funds.ts';

const NOW = minutes(60);
const SENT = factsOf({ state: 'sent' });
const spend = (over: Partial<SpendInput> = {}, f: RequestFacts | null | undefined = undefined, who = OLA) =>
  decideSpend(aSpend(over), who, { request: f, releaseKnown: true }, FUNDS, NOW);
const legs = (done: object) =>
  'entry' in done ? (done.entry as { postings: { account: string; asset: string; amount: bigint }[] }).postings : [];

describe('R19: what a test transaction books', () => {
  test('R19: amount and fee leave the person, each in its asset', () => {
    const hash = aHash();
    const done = spend({ asset: 'FOX', amount: '2', fee: '0.5', hash });
    expect(legs(done)).toEqual([
      { account: 'person:UOLA', asset: 'FOX', amount: -2n * ETHER },
      { account: 'outside', asset: 'FOX', amount: 2n * ETHER },
      { account: 'person:UOLA', asset: 'ETH', amount: -ETHER / 2n },
      { account: 'fees:ethereum', asset: 'ETH', amount: ETHER / 2n },
    ]);
    expect(done).toMatchObject({
      spend: { asset: 'FOX', amount: 2n * ETHER, chain: 'ethereum', fee: ETHER / 2n, feeAsset: 'ETH', releaseId: null },
      entry: { kind: 'spend', chain: 'ethereum', hash, note: null, actor: OLA.id, eventTime: NOW },
    });
    expect(done).toMatchObject({ spend: { what: 'Swap ETH to FOX' } });
    expect(done).toHaveProperty('patch', {});
  });

  test('R19: it costs an amount, a fee, or both', () => {
    expect(spend({ amount: '', fee: '0.1' })).toHaveProperty('spend.amount', 0n);
    expect(spend({ amount: '0.1', fee: '' })).toHaveProperty('spend.fee', 0n);
    expect(spend({ amount: '', fee: '' })).toEqual({ faults: { amount: expect.stringMatching(/cost nothing/) } });
  });

  test('R19: USD and gas are what was typed, or blank', () => {
    for (const [usd, cents] of [
      ['$1.50', 150n],
      [' 2 ', 200n],
      ['0', 0n],
      [' ', null],
    ] as const)
      expect(spend({ usd })).toHaveProperty('spend.usd', cents);
    for (const usd of ['1 $ 5', '1$5']) expect(spend({ usd })).toHaveProperty('faults.usd');
    expect(spend({ usd: '1.005' })).toHaveProperty('faults.usd', expect.stringMatching(/USD has 2 decimals/));
    expect(spend({ gasPrice: `0.${'1'.repeat(19)}` })).toHaveProperty(
      'faults.gasPrice',
      expect.stringMatching(/A gas price has 18 decimals/),
    );
    expect(spend({ gasPrice: ' 0 ' })).toHaveProperty('spend.gasPrice', '0');
    expect(spend({ gasPrice: ' ' })).toHaveProperty('spend.gasPrice', null);
    expect(spend({ gasPrice: '1,234,567.5' })).toHaveProperty('spend.gasPrice', '1234567.5');
  });

  test.each(['what', 'testCase', 'gasPrice', 'usd'] as const)('R19: a wrong %s alone books nothing', (field) => {
    const bad = { what: '', testCase: 'x'.repeat(101), gasPrice: 'fast', usd: 'much' };
    expect(spend({ [field]: bad[field] })).toEqual({ faults: { [field]: expect.any(String) } });
  });

  test('R19: nor does a release or a request that is not there', () => {
    const at = { request: undefined, releaseKnown: false };
    expect(decideSpend(aSpend(), OLA, at, FUNDS, NOW)).toEqual({ faults: { release: expect.any(String) } });
    expect(spend({}, null)).toEqual({ faults: { request: expect.any(String) } });
  });
});

describe('R18, R19: of a request', () => {
  test('R18: exactly what is outstanding may be spent, and closes it; not one unit more', () => {
    expect(spend({ amount: '1', fee: '', requestId: 3 }, SENT)).toMatchObject({
      patch: { state: 'closed', closedBy: OLA.id, closedAt: NOW },
    });
    expect(spend({ amount: '1.000000000000000001', fee: '', requestId: 3 }, SENT)).toHaveProperty('faults.request');
    expect(spend({ amount: '1', fee: '0.000000000000000001', requestId: 3 }, SENT)).toHaveProperty('faults.request');
  });

  test('R18: another asset takes only its fee from it; that of another chain nothing', () => {
    const paid = spend({ asset: 'FOX', amount: '5000', fee: '0.4', requestId: 3 }, SENT);
    expect(paid).toMatchObject({ spend: { requestId: 3 }, entry: { requestId: 3 } });
    expect(paid).toHaveProperty('patch', {});
    expect(spend({ asset: 'USDC', chain: 'base', amount: '5', fee: '0.1', requestId: 3 }, SENT)).toHaveProperty(
      'faults.request',
    );
    const usdc = factsOf({ state: 'sent', asset: 'USDC' }, { outstanding: 5_000_000n });
    expect(spend({ asset: 'USDC', chain: 'ethereum', amount: '5', fee: '9' }, usdc)).toMatchObject({
      patch: { state: 'closed' },
    });
    expect(spend({ asset: 'USDC', chain: 'base', amount: '5', fee: '9' }, usdc)).toHaveProperty('faults.request');
  });
});

describe('R17: what a transfer books', () => {
  const transfer = (over: Partial<TransferInput>) =>
    decideTransfer({ amount: '2', asset: 'ETH', hash: aHash(), note: 'Top-up', ...over }, TREA, FUNDS, NOW);

  test('R17: the sender pays the fee, into custody somebody outside', () => {
    const accounts = (done: object) => legs(done).map((leg) => [leg.account, leg.amount]);
    expect(accounts(transfer({ to: 'main', fee: '1' }))).toEqual([
      ['outside', -2n * ETHER],
      ['custody:main', 2n * ETHER],
      ['outside', -ETHER],
      ['fees:ethereum', ETHER],
    ]);
    expect(accounts(transfer({ from: 'main', to: ' Spare ' }))).toEqual([
      ['custody:main', -2n * ETHER],
      ['custody:spare', 2n * ETHER],
    ]);
    expect(accounts(transfer({ from: 'main', to: ' ' })).map(([account]) => account)).toEqual([
      'custody:main',
      'outside',
    ]);
    expect(transfer({ to: 'main' })).toMatchObject({
      entry: { chain: 'ethereum', releaseId: null, note: 'Top-up', actor: TREA.id, eventTime: NOW },
    });
  });

  test('R17: it goes from one account to another, with an amount and a note', () => {
    expect(transfer({})).toEqual({ faults: { to: expect.stringMatching(/from one account to another/) } });
    expect(transfer({ from: 'main', to: 'main' })).toEqual({ faults: { to: expect.stringMatching(/another/) } });
    expect(transfer({ to: 'main', amount: '' })).toEqual({
      faults: { amount: 'The amount is missing: type how much ETH.' },
    });
    expect(transfer({ to: 'main', note: '' })).toEqual({ faults: { note: expect.stringMatching(/missing/) } });
    expect(transfer({ from: 'nowhere', to: 'main' })).toEqual({ faults: { from: expect.stringMatching(/known are/) } });
    expect(transfer({ to: 'nowhere' })).toEqual({ faults: { to: expect.stringMatching(/known are/) } });
    expect(transfer({ to: 'nowhere', amount: '' })).toEqual({ faults: { to: expect.any(String) } });
    expect(transfer({ to: 'main', hash: 'x' })).toEqual({ faults: { hash: expect.any(String) } });
    expect(transfer({ to: 'main', asset: 'X' })).toEqual({ faults: { asset: expect.any(String) } });
    const all = transfer({ to: 'nowhere', amount: '', note: '', hash: 'x' });
    expect('faults' in all && Object.keys(all.faults).sort()).toEqual(['hash', 'note', 'to']);
  });
});

describe('R17: what a reversal books, and whom it is for', () => {
  test('R17: the opposite, with the name of what it reverses, so that a replacement can have it', () => {
    const tx = aLedgerTx({ releaseId: 12 });
    const done = decideReverse(tx, factsOf({ state: 'sent', sentTx: 41 }), TREA, ' wrong wallet ', NOW);
    expect(done).toEqual({
      entry: {
        kind: 'reversal',
        requestId: 3,
        releaseId: 12,
        chain: 'ethereum',
        hash: tx.hash,
        note: 'wrong wallet',
        actor: TREA.id,
        eventTime: NOW,
        postings: tx.postings.map((p) => ({ ...p, amount: -p.amount })),
      },
      patch: {
        ...{ state: 'approved', sentBy: null, sentAt: null, sentTx: null, sentAmount: null },
        // Whoever agreed to more than was approved agreed to that send.
        ...{ sentOver: null, agreedBy: null, agreedAt: null },
      },
    });
  });

  test('R17: not while some of it was spent, returned or settled since; then those first', () => {
    for (const used of ['returned', 'spent', 'settled'] as const)
      expect(decideReverse(aLedgerTx(), { ...SENT, [used]: 1n }, TREA, 'x', NOW)).toHaveProperty(
        'refusal.code',
        'used',
      );
    for (const both of [
      { returned: 1n, spent: 1n },
      { spent: 1n, settled: 1n },
    ])
      expect(decideReverse(aLedgerTx(), { ...SENT, ...both }, TREA, 'x', NOW)).toHaveProperty('refusal.code', 'used');
    const back = aLedgerTx({ kind: 'return' });
    expect(decideReverse(back, { ...SENT, returned: 1n }, TREA, 'x', NOW)).toHaveProperty('entry');
  });

  test('R17: what was sent to a treasurer another one reverses; what they sent back they may themselves', () => {
    const own = factsOf({ state: 'sent', requester: TOM.id });
    expect(decideReverse(aLedgerTx(), own, TOM, 'x', NOW)).toHaveProperty('refusal.code', 'own');
    expect(decideReverse(aLedgerTx(), own, TREA, 'x', NOW)).toHaveProperty('entry');
    expect(decideReverse(aLedgerTx({ kind: 'return' }), own, TOM, 'x', NOW)).toHaveProperty('entry');
  });

  test('R17, R18: a closed request is open again, with nothing left of its end', () => {
    const closed = factsOf({ state: 'closed' });
    const nothing = aLedgerTx({ kind: 'spend', postings: [{ account: 'person:UOLA', asset: 'USDC', amount: -5n }] });
    expect(decideReverse(nothing, closed, TREA, 'x', NOW)).toHaveProperty('patch', {});
    expect(decideReverse(aLedgerTx({ kind: 'spend' }), SENT, TREA, 'x', NOW)).toHaveProperty('patch', {});
    expect(decideReverse(aLedgerTx({ kind: 'transfer' }), null, TREA, 'x', NOW)).toHaveProperty('patch', {});
    const back = { state: 'sent', closedBy: null, closedAt: null, closeReason: null };
    for (const kind of ['return', 'spend', 'settle'] as const)
      expect(decideReverse(aLedgerTx({ kind }), closed, TREA, 'x', NOW)).toHaveProperty('patch', back);
  });
});

describe('R18: sent twice', () => {
  const first = aHash();
  const twice = (
    hash: string | undefined,
    over: Partial<Parameters<typeof factsOf>[0]> = {},
    txs = [aLedgerTx({ hash: first })],
  ) =>
    decideRequest(
      factsOf({ state: 'sent', sentTx: 41, ...over }, { txs: [aLedgerTx({ id: 40 }), ...txs] }),
      TREA,
      { kind: 'sent', hash } as never,
      FUNDS,
      NOW,
    );

  test('R18: by another transaction is money out twice, and said so; by the same it was done already', () => {
    expect(twice(aHash())).toEqual({
      refusal: {
        code: 'sent_twice',
        reason: expect.stringContaining('TX-41'),
        next: expect.stringContaining('/funds deposit'),
      },
    });
    expect(twice(first.toUpperCase().replace('0X', '0x'))).toEqual({ already: 'it is sent' });
    for (const none of [undefined, ' ', 'x']) expect(twice(none)).toEqual({ already: 'it is sent' });
    expect(twice(aHash(), {}, [])).toEqual({ already: 'it is sent' });
    expect(twice(aHash(), { asset: 'OLD' })).toEqual({ already: 'it is sent' });
  });

  test('R18: on no chain the references are compared', () => {
    const bank = { asset: 'USD', chain: null };
    const txs = [aLedgerTx({ hash: 'SEPA 7', chain: null })];
    expect(twice('SEPA 8', bank, txs)).toHaveProperty('refusal.code', 'sent_twice');
    for (const same of [' SEPA  7', ' ']) expect(twice(same, bank, txs)).toEqual({ already: 'it is sent' });
  });

  test('R18: nothing else is: what was never sent, or is over, is told so', () => {
    expect(twice(aHash(), { state: 'requested', sentTx: null })).toHaveProperty('refusal.code', 'state');
    expect(
      decideRequest(
        factsOf({ state: 'sent', sentTx: 41 }, { txs: [aLedgerTx()] }),
        TREA,
        { kind: 'approve' },
        FUNDS,
        NOW,
      ),
    ).toEqual({ already: 'it is sent' });
    const closed = factsOf({ state: 'closed', sentTx: 41 }, { txs: [aLedgerTx()] });
    expect(decideRequest(closed, TREA, { kind: 'return', hash: aHash() }, FUNDS, NOW)).toEqual({
      already: expect.stringMatching(/^it is closed\. Who needs more files a new request/),
    });
  });
});
