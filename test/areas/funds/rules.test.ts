import { describe, expect, test } from 'vitest';
import { limitsOver } from '../../../src/areas/funds/limit-rules.ts';
import { FUNDS_PERMISSIONS, type FundsPermission } from '../../../src/areas/funds/permissions.ts';
import { forbiddenFunds, fundsChannel, noWallet, walletFor, walletsOf } from '../../../src/areas/funds/rules.ts';
import { decideTransfer } from '../../../src/areas/funds/spend-rules.ts';
import { REQUEST_TABLE } from '../../../src/areas/funds/table.ts';
import { clean, readAmount, readCase, readPlace } from '../../../src/areas/funds/typed.ts';
import type { RequestActKind, RequestState } from '../../../src/areas/funds/types.ts';
import { DEFAULT_FUNDS, fundsOf } from '../../../src/base/policy.ts';
import { T0 } from '../../support/facts.ts';
import { aHash, ETHER, FUNDS, FUNDS_TEAM, factsOf, OLA, TOM, TREA } from '../../support/funds.ts';
import { TEAM } from '../../support/team.ts';
import { ACTS, decide, NOW } from './request-acts.ts';

const whoMay = (kind: RequestActKind) => (kind === 'withdraw' ? OLA : TREA);

describe('R18: state x act', () => {
  const STATES: RequestState[] = ['requested', 'approved', 'sent', 'closed', 'denied', 'withdrawn'];
  const all = STATES.flatMap((state) => (Object.keys(ACTS) as RequestActKind[]).map((kind) => [state, kind] as const));

  test.each(all)('%s, %s: changes something only where the table says so', (state, kind) => {
    const over = { sentOver: '2 ETH a request', sentBy: TOM.id, sentTx: 41, approvedBy: TOM.id };
    const done = decide(factsOf({ state, ...over }), whoMay(kind), ACTS[kind]);
    expect('patch' in done).toBe(REQUEST_TABLE[kind].includes(state));
    if ('refusal' in done) expect(done.refusal.next).toMatch(/^[A-Z].*\.$/);
  });

  test('R18: in which states an act makes sense; no state lets a request be edited', () => {
    expect(REQUEST_TABLE).toEqual({
      approve: ['requested'],
      deny: ['requested', 'approved'],
      sent: ['approved', 'withdrawn', 'denied'],
      agree: ['sent', 'closed'],
      return: ['sent'],
      settle: ['sent'],
      withdraw: ['requested', 'approved'],
      edit: [],
    });
  });

  const ANEW = '. Who needs more files a new request: `/funds request`';
  test.each([
    ['approve', 'approved', 'it is approved, to be sent'],
    ['approve', 'sent', 'it is sent'],
    ['sent', 'sent', 'it is sent'],
    ['deny', 'denied', `it is denied${ANEW}`],
    ['withdraw', 'withdrawn', `it is withdrawn${ANEW}`],
    ['settle', 'closed', `it is closed${ANEW}`],
    ['return', 'closed', `it is closed${ANEW}`],
  ] as const)('%s what is %s was done already', (kind, state, already) => {
    expect(decide(factsOf({ state }), whoMay(kind), ACTS[kind])).toEqual({ already });
  });

  test('who may not is told who may', () => {
    expect(decide(factsOf(), OLA, ACTS.approve)).toMatchObject({
      refusal: { code: 'role', reason: 'only a treasurer can do that' },
    });
    expect(decide(factsOf({ state: 'sent' }), TOM, ACTS.return)).toHaveProperty('patch');
    const stranger = { ...OLA, id: 'UX' };
    expect(decide(factsOf({ state: 'sent' }), stranger, ACTS.return)).toMatchObject({
      refusal: { reason: 'only <@UOLA>, who filed it, or a treasurer can do that' },
    });
  });
});

describe('permissions', () => {
  test('a role that could not be read is said so, but not where no role is asked for', () => {
    const unknown = { ...OLA, rolesUnknown: 'the group could not be read for an hour' };
    expect(forbiddenFunds('approve', unknown)).toMatchObject({ code: 'roles_unknown' });
    expect(forbiddenFunds('withdraw', unknown, 'UX')).toMatchObject({ code: 'role' });
    expect(forbiddenFunds('withdraw', OLA)?.reason).toBe('only  can do that');
  });

  test.each(['bot', 'deactivated', 'guest', 'outsider'] as const)('%s may nothing', (standing) => {
    for (const permission of Object.keys(FUNDS_PERMISSIONS) as FundsPermission[])
      expect(forbiddenFunds(permission, { ...TREA, standing }, TREA.id)?.code).toBe('standing');
  });
});

describe('R18: approval', () => {
  test('is nobody’s for themselves', () => {
    expect(decide(factsOf({ requester: TOM.id }), TOM)).toMatchObject({ refusal: { code: 'own' } });
  });

  test('over a limit takes a second treasurer, whatever the limits say later', () => {
    const over = decide(factsOf({ amount: 2n * ETHER + 1n }));
    expect(over).toEqual({
      patch: { firstBy: TREA.id, firstAt: NOW, overLimit: '2 ETH a request' },
    });
    const half = factsOf({ amount: 3n, firstBy: TREA.id, firstAt: T0 });
    expect(decide(half)).toEqual({ already: 'you approved it; it waits for a second treasurer' });
    expect(decide(half, TOM)).toEqual({ patch: { state: 'approved', approvedBy: TOM.id, approvedAt: NOW } });
  });

  test('counts what was approved for the person this month; exactly the limit is within it', () => {
    const of = (amount: bigint, before: bigint, asset = 'ETH') => limitsOver({ asset, amount }, before, FUNDS);
    expect(of(2n * ETHER, ETHER)).toEqual([]);
    expect(of(2n * ETHER, ETHER + 1n)).toEqual(['3 ETH a person and month (1.000000000000000001 ETH before this)']);
    expect(of(4n * ETHER, 0n)).toHaveLength(2);
    expect(of(10n ** 30n, 0n, 'FOX')).toEqual([]);
  });
});

describe('places', () => {
  test('the custody wallet is the chain’s, else the one of no chain, else the first', () => {
    expect(walletFor(undefined, 'bitcoin', FUNDS)).toBe('custody:btc');
    expect(walletFor('', 'ethereum', FUNDS)).toBe('custody:main');
    const one = { ...FUNDS, accounts: [{ key: 'a', name: 'A', chain: 'bitcoin' }] };
    expect(walletFor(undefined, 'ethereum', one)).toBe('custody:a');
    expect(walletFor(undefined, null, { ...FUNDS, accounts: [] })).toBeUndefined();
    expect(walletsOf(null, FUNDS).map((a) => a.key)).toEqual(['main', 'spare']);
    expect(walletsOf('bitcoin', FUNDS).map((a) => a.key)).toEqual(['btc', 'main', 'spare']);
  });

  test('R17: a wallet of one chain holds nothing of another: who names it hears which there are', () => {
    expect(walletFor('btc', 'bitcoin', FUNDS)).toBe('custody:btc');
    expect(walletFor(' Main ', 'bitcoin', FUNDS)).toBe('custody:main');
    for (const chain of ['ethereum', null]) expect(walletFor('btc', chain, FUNDS)).toBeUndefined();
    expect(noWallet('BTC', 'ethereum', FUNDS)).toBe(
      'The wallet btc is for bitcoin: for ethereum the policy has main, spare.',
    );
    expect(noWallet('btc', null, FUNDS)).toBe(
      'The wallet btc is for bitcoin: for what is on no chain the policy has main, spare.',
    );
    for (const typed of ['x', undefined])
      expect(noWallet(typed, null, FUNDS)).toBe('There is no such custody wallet: known are main, btc, spare.');
    // Where the policy has none for a chain, it tells none apart for it.
    const one = { ...FUNDS, accounts: [{ key: 'a', name: 'A', chain: 'bitcoin' }] };
    expect(walletFor('a', 'ethereum', one)).toBe('custody:a');
  });

  test('R18: nothing is sent from, or returned to, a wallet of another chain', () => {
    const fault = 'The wallet btc is for bitcoin: for ethereum the policy has main, spare.';
    const sent = { kind: 'sent', hash: aHash(), from: 'btc' } as const;
    expect(decide(factsOf({ state: 'approved' }), TREA, sent)).toEqual({ faults: { from: fault } });
    const back = { kind: 'return', hash: aHash(), to: 'btc' } as const;
    expect(decide(factsOf({ state: 'sent' }), TREA, back)).toEqual({ faults: { to: fault } });
    const over = { amount: '1', asset: 'ETH', hash: aHash(), note: 'x' };
    const move = (ends: object) => decideTransfer({ ...over, ...ends }, TREA, FUNDS, NOW);
    expect(move({ from: 'btc', to: 'main' })).toEqual({ faults: { from: fault } });
    expect(move({ to: 'btc' })).toEqual({ faults: { to: fault } });
  });

  test('an asset on one chain needs none named; on several it does; on none it has none', () => {
    expect(readPlace({ asset: 'eth' }, FUNDS)).toMatchObject({ chain: { key: 'ethereum' } });
    expect(readPlace({ asset: 'usd' }, FUNDS)).toMatchObject({ chain: null });
    expect(readPlace({ asset: 'USDC', chain: ' Base ' }, FUNDS)).toMatchObject({ chain: { key: 'base' } });
    expect(readPlace({ asset: 'ATOM', chain: 'cosmos hub' }, FUNDS)).toMatchObject({ chain: { key: 'hub' } });
    expect(readPlace({ asset: 'USDC' }, FUNDS)).toEqual({
      faults: { chain: 'On which chain? USDC is on ethereum, base.' },
    });
    expect(readPlace({ asset: 'USD', chain: 'base' }, FUNDS)).toEqual({
      faults: { chain: 'USD is not on that chain: it is on none.' },
    });
    expect(readPlace({ asset: 'BTC', chain: 'base' }, FUNDS)).toEqual({
      faults: { chain: 'BTC is not on that chain: it is on bitcoin.' },
    });
    expect(readPlace({ asset: '' }, FUNDS)).toHaveProperty('faults.asset');
  });

  test('requests go to the test-funds channel, else to that of the releases', () => {
    expect(fundsChannel(FUNDS_TEAM)).toBe('CFUNDS');
    expect(fundsChannel(TEAM)).toBe('CREL');
    expect(fundsOf(TEAM)).toBe(DEFAULT_FUNDS);
  });

  test('typed texts lose what cannot be seen, and emoji stay whole', () => {
    expect(clean('\u202e a\u0000b\r\nc\u200b 👩‍🚀 ')).toBe('ab\nc 👩‍🚀');
    expect(clean(undefined)).toBe('');
    expect(readCase('x'.repeat(101))).toHaveProperty('fault');
    expect(readAmount('5 usdc', { key: 'USDC', decimals: 6 })).toEqual({ amount: 5_000_000n });
  });
});
