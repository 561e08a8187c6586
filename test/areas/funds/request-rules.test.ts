import { describe, expect, test } from 'vitest';
import { decideRequest, walletFor } from '../../../src/areas/funds/rules.ts';
import type { RequestAct, RequestFacts } from '../../../src/areas/funds/types.ts';
import { minutes, T0 } from '../../support/facts.ts';
import { aHash, aLedgerTx, ETHER, FUNDS, factsOf, OLA, TOM, TREA } from '../../support/funds.ts';

const NOW = minutes(60);
const decide = (f: RequestFacts, who: typeof TREA, act: RequestAct) => decideRequest(f, who, act, FUNDS, NOW);
const accounts = (done: object) =>
  'entry' in done
    ? (done.entry as { postings: { account: string; amount: bigint }[] }).postings.map((p) => [p.account, p.amount])
    : done;

describe('R18: what each act writes', () => {
  test('R18: withdrawn and denied, by whom, when and why', () => {
    expect(decide(factsOf(), OLA, { kind: 'withdraw' })).toEqual({
      patch: { state: 'withdrawn', closedBy: OLA.id, closedAt: NOW },
    });
    expect(decide(factsOf(), TREA, { kind: 'deny', reason: ' Not now ' })).toEqual({
      patch: { state: 'denied', closedBy: TREA.id, closedAt: NOW, closeReason: 'Not now' },
    });
  });

  test('R18: of somebody who is deactivated by now is not approved', () => {
    const done = decide({ ...factsOf(), requesterGone: true }, TREA, { kind: 'approve' });
    expect(done).toMatchObject({ refusal: { code: 'gone', reason: expect.stringContaining('is deactivated') } });
  });

  test('R18: approved by one within the limits, and by the second whatever they say', () => {
    const approved = { state: 'approved', approvedAt: NOW };
    expect(decide(factsOf(), TREA, { kind: 'approve' })).toEqual({ patch: { ...approved, approvedBy: TREA.id } });
    const half = factsOf({ amount: 5n * ETHER, firstBy: TREA.id, firstAt: T0 });
    expect(decide(half, TOM, { kind: 'approve' })).toEqual({ patch: { ...approved, approvedBy: TOM.id } });
  });

  test('R18: settled: what is outstanding leaves the person, without a fee', () => {
    const done = decide(factsOf({ state: 'sent' }, { outstanding: 7n }), TREA, { kind: 'settle', reason: 'Lost' });
    expect(accounts(done)).toEqual([
      ['person:UOLA', -7n],
      ['outside', 7n],
    ]);
    expect(done).toMatchObject({
      patch: { closedBy: TREA.id, closedAt: NOW },
      entry: { requestId: 3, releaseId: 12, chain: 'ethereum', actor: TREA.id, eventTime: NOW },
    });
  });

  test('R18: it cannot be edited, by nobody and in no state', () => {
    for (const state of ['requested', 'sent', 'closed'] as const)
      expect(decide(factsOf({ state }), OLA, { kind: 'edit' })).toEqual({
        refusal: { code: 'edit', reason: expect.any(String), next: expect.stringContaining('/funds withdraw FR-3') },
      });
  });
});

describe('R18: what comes too early or too late is told what comes first', () => {
  test.each([
    ['requested', { kind: 'sent', hash: aHash() }, 'state', /not approved yet/, /approve FR-3/],
    ['requested', { kind: 'settle', reason: 'x' }, 'state', /not approved yet/, /approve FR-3/],
    ['approved', { kind: 'return', hash: aHash() }, 'state', /nothing was sent yet/, /sent FR-3/],
    ['sent', { kind: 'deny', reason: 'x' }, 'state', /sent already/, /return FR-3/],
    ['closed', { kind: 'deny', reason: 'x' }, 'ended', /it is closed/, /request/],
    ['denied', { kind: 'approve' }, 'ended', /it is denied/, /request/],
    ['withdrawn', { kind: 'approve' }, 'ended', /it is withdrawn/, /request/],
    ['closed', { kind: 'sent', hash: aHash() }, 'ended', /it is closed/, /request/],
    [
      'withdrawn',
      { kind: 'sent', hash: aHash() },
      'ended',
      /withdrawn, and was not approved before that/,
      /`\/funds deposit`/,
    ],
    [
      'denied',
      { kind: 'sent', hash: aHash() },
      'ended',
      /denied, and was not approved before that/,
      /`\/funds deposit`/,
    ],
  ] as const)('R18: %s, %j', (state, act, code, reason, next) => {
    expect(decide(factsOf({ state }), TREA, act)).toEqual({
      refusal: { code, reason: expect.stringMatching(reason), next: expect.stringMatching(next) },
    });
  });
});

describe('R18: nobody records more for themselves than was approved', () => {
  const own = factsOf({ state: 'approved', requester: TOM.id, approvedBy: TREA.id });
  const sent = (amount: string, who = TOM) => decide(own, who, { kind: 'sent', hash: aHash(), amount });

  test('R18: as much, or less, they may; another treasurer may record more', () => {
    expect(sent('1.000000000000000001')).toHaveProperty('refusal.code', 'own');
    expect(sent('1')).toHaveProperty('patch.state', 'sent');
    expect(sent('0.5')).toHaveProperty('patch.sentAmount', ETHER / 2n);
    expect(sent('1.000000000000000001', TREA)).toHaveProperty('patch.state', 'sent');
  });
});

describe('R18: the second treasurer', () => {
  test('R18: what was approved is sent by who approved it, though the month is over its limit by then', () => {
    const f = factsOf({ state: 'approved', approvedBy: TREA.id, approvedAt: T0 }, { monthApproved: 9n * ETHER });
    for (const amount of ['1', '0.5']) {
      const done = decide(f, TREA, { kind: 'sent', hash: aHash(), amount });
      expect(done).toHaveProperty('patch.state', 'sent');
      expect(done).toHaveProperty('patch.sentOver', null);
    }
  });
});

describe('R18: where it comes back to', () => {
  const leg = (account: string, amount: bigint, asset = 'ETH') => ({ account, asset, amount }) as never;
  const back = (f: RequestFacts, more: object = {}) =>
    decide(f, OLA, { kind: 'return', hash: aHash(), amount: '0.4', ...more });
  const from = (...postings: never[]) =>
    factsOf(
      { state: 'sent', sentTx: 41 },
      { txs: [aLedgerTx({ id: 40, postings: [leg('custody:main', -1n)] }), aLedgerTx({ postings })] },
    );

  test('R18: to the wallet that sent it, and to no other that had to do with it', () => {
    const paid = from(leg('custody:main', -1n, 'USDC'), leg('person:UOLA', ETHER), leg('custody:btc', -ETHER));
    for (const to of [undefined, ' '])
      expect(accounts(back(paid, { to }))).toContainEqual(['custody:btc', 4n * 10n ** 17n]);
    expect(accounts(back(paid, { to: 'main' }))).toContainEqual(['custody:main', 4n * 10n ** 17n]);
    const outside = from(leg('outside', -ETHER), leg('person:UOLA', ETHER));
    expect(accounts(back(outside))).toContainEqual(['custody:main', 4n * 10n ** 17n]);
  });

  test('R18: in part it stays open; to the last unit it closes', () => {
    const f = factsOf({ state: 'sent' });
    expect(back(f)).toHaveProperty('patch', {});
    expect(back(f)).toHaveProperty('entry.kind', 'return');
    expect(back(f, { amount: '0.999999999999999999' })).toHaveProperty('patch', {});
    expect(back(f, { amount: '1' })).toHaveProperty('patch.state', 'closed');
  });

  test('R18: without a chain of its own a wallet is everybody’s, wherever it stands in the policy', () => {
    const funds = { ...FUNDS, accounts: FUNDS.accounts.slice(0, 2).reverse() };
    expect(walletFor(undefined, 'ethereum', funds)).toBe('custody:main');
    expect(walletFor(undefined, null, funds)).toBe('custody:main');
    expect(walletFor(undefined, 'bitcoin', funds)).toBe('custody:btc');
  });
});
