import { describe, expect, test } from 'vitest';
import { awaitsAgreement, feeAbove } from '../../../src/areas/funds/limit-rules.ts';
import { placeOf } from '../../../src/areas/funds/rules.ts';
import { unsent } from '../../../src/areas/funds/spend-rules.ts';
import type { RequestAct, RequestFacts } from '../../../src/areas/funds/types.ts';
import type { Actor } from '../../../src/base/actor.ts';
import { minutes, T0 } from '../../support/facts.ts';
import { aHash, aLedgerTx, ETHER, FUNDS, factsOf, OLA, TOM, TREA } from '../../support/funds.ts';
import { ACTS, decide, NOW } from './request-acts.ts';

describe('R18: what is sent', () => {
  const approved = factsOf({ state: 'approved' });

  test('is what was asked for unless something else was, from the wallet that is named', () => {
    const at = minutes(-30);
    const done = decide(approved, TREA, {
      kind: 'sent',
      hash: aHash(),
      fee: '0.01',
      amount: '1.2',
      from: ' Spare ',
      at,
    });
    expect(done).toMatchObject({
      patch: { state: 'sent', sentBy: TREA.id, sentAt: at, sentAmount: 12n * 10n ** 17n },
      entry: { kind: 'send', requestId: 3, releaseId: 12, eventTime: at },
    });
    expect('entry' in done && done.entry?.postings).toEqual([
      { account: 'custody:spare', asset: 'ETH', amount: -12n * 10n ** 17n },
      { account: 'person:UOLA', asset: 'ETH', amount: 12n * 10n ** 17n },
      { account: 'custody:spare', asset: 'ETH', amount: -(10n ** 16n) },
      { account: 'fees:ethereum', asset: 'ETH', amount: 10n ** 16n },
    ]);
  });

  test.each([
    [{ from: 'nowhere' }, 'from', /known are main, btc/],
    [{ hash: '' }, 'hash', /hash is missing: copy it from Ethereum/],
    [{ hash: undefined }, 'hash', /missing/],
    [{ hash: 'x' }, 'hash', /no transaction hash/],
    [{ fee: '-1' }, 'fee', /The fee, in ETH: An amount cannot be negative/],
    [{ amount: 'x' }, 'amount', /no digits/],
    [{ at: minutes(120) }, 'at', /not over yet/],
    [{ at: new Date(Number.NaN) }, 'at', /not over yet/],
  ])('%j is refused at its field', (over, field, fault) => {
    const done = decide(approved, TREA, { kind: 'sent', hash: aHash(), ...over } as RequestAct);
    expect(done).toEqual({ faults: { [field]: expect.stringMatching(fault) } });
  });

  test('over a limit and over what was approved, is recorded by whoever sent it, and waits for a second treasurer', () => {
    const by = { state: 'approved', approvedBy: TREA.id, approvedAt: T0 } as const;
    const send = (f: RequestFacts, who: Actor, amount: string) =>
      decide(f, who, { kind: 'sent', hash: aHash(), amount });
    const one = factsOf(by, { monthApproved: ETHER });
    // Exactly the limits, of one request and of the month, are within them.
    expect(send(one, TREA, '2')).toMatchObject({ patch: { state: 'sent', sentBy: TREA.id, sentOver: null } });
    const more = '2.000000000000000001';
    const both = '2 ETH a request and 3 ETH a person and month (1 ETH before this)';
    for (const who of [TREA, TOM])
      expect(send(one, who, more)).toMatchObject({ patch: { state: 'sent', sentBy: who.id, sentOver: both } });
    // Two who approved less agreed to less.
    const two = factsOf({ ...by, amount: 4n * ETHER, firstBy: TOM.id, overLimit: '2 ETH a request' });
    expect(send(two, TREA, '9')).toHaveProperty('patch.sentOver', expect.stringContaining('2 ETH a request'));
    expect(send(two, TREA, '4')).toHaveProperty('patch.sentOver', null);
    expect(send(factsOf({ ...by, asset: 'FOX' }), TREA, more)).toHaveProperty('patch.sentOver', null);
  });

  test('R18: in another month than it was approved, what is more than that counts alone', () => {
    const by = { state: 'approved', approvedBy: TREA.id, approvedAt: T0 } as const;
    const over = (f: RequestFacts, amount: string) => decide(f, TREA, { kind: 'sent', hash: aHash(), amount });
    const last = factsOf(by, { monthApproved: 25n * 10n ** 17n, approvedInMonth: false });
    expect(over(last, '1.5')).toHaveProperty('patch.sentOver', null);
    const month = '3 ETH a person and month (2.5 ETH before this)';
    expect(over(last, '1.500000000000000001')).toHaveProperty('patch.sentOver', month);
    expect(over({ ...last, approvedInMonth: true }, '1.5')).toHaveProperty('patch.sentOver', month);
  });

  test('R18: what was withdrawn or denied is judged as if it were approved now, and by whom it was for not recorded', () => {
    for (const state of ['withdrawn', 'denied'] as const) {
      const ended = { state, approvedBy: TREA.id, approvedAt: T0, closedBy: OLA.id, closedAt: T0, closeReason: 'x' };
      const f = factsOf(ended, { monthApproved: 2n * ETHER, approvedInMonth: false });
      const send = (of: RequestFacts, who: Actor, amount = '1') =>
        decide(of, who, { kind: 'sent', hash: aHash(), amount });
      // Of the month in which its send was recorded, as it was judged.
      const patch = {
        state: 'sent',
        approvedAt: NOW,
        closedBy: null,
        closedAt: null,
        closeReason: null,
        sentOver: null,
      };
      expect(send(f, TOM)).toMatchObject({ patch });
      expect(send(f, TOM, '1.1')).toHaveProperty('patch.sentOver', expect.stringContaining('month'));
      expect(send({ ...f, monthApproved: 3n * ETHER }, TOM)).toHaveProperty('patch.sentOver', expect.any(String));
      expect(send(factsOf({ ...ended, requester: TOM.id }), TOM, '0.5')).toMatchObject({
        refusal: { code: 'own', reason: `it is ${state}, and was yours` },
      });
      // Before the form opens.
      expect(decide(factsOf({ ...ended, requester: TOM.id }), TOM, { kind: 'sent' })).toHaveProperty(
        'refusal.code',
        'own',
      );
      expect(send(factsOf({ ...ended, approvedBy: null, firstBy: TREA.id }), TOM)).toHaveProperty(
        'refusal.code',
        'ended',
      );
    }
  });

  test('more than was approved is agreed to by a treasurer who neither recorded nor asked for it, and for that send only', () => {
    const over = { state: 'sent', sentBy: TREA.id, sentTx: 41, sentOver: '2 ETH a request' } as const;
    const agree = (f: RequestFacts, who: Actor, tx = 41) => decide(f, who, { kind: 'agree', tx });
    expect(agree(factsOf(over), TOM)).toEqual({ patch: { agreedBy: TOM.id, agreedAt: NOW } });
    expect(agree(factsOf({ ...over, state: 'closed' }), TOM)).toHaveProperty('patch');
    expect(agree(factsOf(over), TREA)).toHaveProperty('refusal.code', 'own');
    expect(agree(factsOf({ ...over, requester: TOM.id }), TOM)).toHaveProperty('refusal.code', 'own');
    expect(agree(factsOf(over), TOM, 40)).toHaveProperty('refusal.code', 'stale');
    expect(agree(factsOf({ ...over, sentOver: null }), TOM)).toHaveProperty('refusal.code', 'state');
    const waits = [null, '2 ETH a request'].map((sentOver) =>
      [null, TOM.id].map((agreedBy) => awaitsAgreement({ sentOver, agreedBy })),
    );
    expect(waits).toEqual([
      [false, false],
      [true, false],
    ]);
    expect(agree(factsOf({ ...over, agreedBy: TREA.id }), TOM)).toHaveProperty('already');
    expect(agree(factsOf(over), OLA)).toHaveProperty('refusal.code', 'role');
  });

  test('needs its asset and chain in the policy of today', () => {
    for (const gone of [{ asset: 'OLD' }, { chain: 'old' }, { asset: 'OLD', chain: null }])
      expect(decide(factsOf({ state: 'approved', ...gone }), TREA, ACTS.sent)).toMatchObject({
        refusal: { code: 'policy' },
      });
    expect(placeOf({ asset: 'USD', chain: null }, FUNDS)).toMatchObject({ chain: null });
    expect(decide(factsOf({ state: 'sent', asset: 'OLD' }), TREA, ACTS.return)).toHaveProperty('refusal');
  });
});

test('R18: a fee above what was sent, in the same asset', () => {
  const postings = (fee: bigint) =>
    [
      { account: 'fees:ethereum', asset: 'ETH', amount: fee },
      { account: 'fees:ethereum', asset: 'USDC', amount: 900n },
      { account: 'fees:base', asset: 'ETH', amount: 900n },
    ] as const;
  const above = (fee: bigint) => feeAbove({ chain: 'ethereum', postings: [...postings(fee)] }, 'ETH', 100n);
  expect([above(99n), above(100n), above(101n)]).toEqual([false, false, true]);
});

describe('R18: what comes back', () => {
  const sent = factsOf({ state: 'sent', sentTx: 41 }, { txs: [aLedgerTx({ kind: 'spend', id: 40 }), aLedgerTx()] });

  test('in whole, less its fee, goes to the wallet it came from and closes the request', () => {
    const done = decide(sent, OLA, { kind: 'return', hash: aHash(), fee: '0.1' });
    expect(done).toMatchObject({ patch: { state: 'closed', closedBy: OLA.id, closedAt: NOW } });
    expect('entry' in done && done.entry?.postings.map((p) => [p.account, p.amount])).toEqual([
      ['person:UOLA', -9n * 10n ** 17n],
      ['custody:btc', 9n * 10n ** 17n],
      ['person:UOLA', -(10n ** 17n)],
      ['fees:ethereum', 10n ** 17n],
    ]);
  });

  test('in part leaves it open', () => {
    expect(decide(sent, OLA, { kind: 'return', hash: aHash(), amount: '0.4', to: 'main' })).toMatchObject({
      patch: {},
    });
    const unknown = factsOf({ state: 'sent' });
    const done = decide(unknown, OLA, { kind: 'return', hash: aHash(), amount: '0.4' });
    expect('entry' in done && done.entry?.postings[1]?.account).toBe('custody:main');
  });

  test('may have a fee in another asset, which closes nothing', () => {
    const usdc = factsOf({ state: 'sent', asset: 'USDC', amount: 5n }, { outstanding: 5n });
    const done = decide(usdc, OLA, { kind: 'return', hash: aHash(), fee: '0.1' });
    expect(done).toMatchObject({ patch: { state: 'closed' }, entry: { postings: { length: 4 } } });
  });

  test('is never more than what is outstanding', () => {
    const over = (more: object) => decide(sent, OLA, { kind: 'return', hash: aHash(), ...more } as RequestAct);
    expect(over({ amount: '1.1' })).toEqual({
      faults: { amount: 'That is more than the 1 ETH that are outstanding.' },
    });
    expect(over({ amount: '1', fee: '0.1' })).toEqual({
      faults: { amount: 'That is more than the 1 ETH that are outstanding with its fee of 0.1 ETH.' },
    });
    expect(over({ fee: '1' })).toEqual({
      faults: { fee: expect.stringMatching(/The fee alone is more than the 1 ETH/) },
    });
    expect(over({ to: 'nowhere' })).toHaveProperty('faults.to');
    expect(over({ hash: 'x' })).toHaveProperty('faults.hash');
  });
});

describe('R18: what is settled', () => {
  test('is written off, with a reason, by somebody else', () => {
    const sent = factsOf({ state: 'sent' });
    const done = decide(sent, TREA, { kind: 'settle', reason: ' Lost key ' });
    expect(done).toMatchObject({
      patch: { state: 'closed', closeReason: 'Lost key' },
      entry: { kind: 'settle', note: 'Lost key', hash: null },
    });
    expect(decide(sent, TREA, { kind: 'settle', reason: '' })).toHaveProperty('faults.reason');
    expect(decide(factsOf({ state: 'sent', requester: TOM.id }), TOM, ACTS.settle)).toHaveProperty(
      'refusal.code',
      'own',
    );
  });

  test('and a denial needs one too', () => {
    expect(decide(factsOf(), TREA, { kind: 'deny', reason: 'x'.repeat(1001) })).toEqual({
      faults: { reason: 'The reason has 1001 characters: please keep it to 1000.' },
    });
  });
});

test('a send that was reversed is the newest of them, and nothing else', () => {
  const undone = { reversedBy: 50 };
  const [first, last] = [aLedgerTx({ id: 41, ...undone }), aLedgerTx({ id: 43, ...undone })];
  const others = [aLedgerTx({ id: 44 }), aLedgerTx({ id: 45, kind: 'return', ...undone })];
  expect(unsent({ ...factsOf(), txs: [first, last, ...others] })?.id).toBe(43);
  expect(unsent({ ...factsOf(), txs: others })).toBeUndefined();
});
