import { describe, expect, test } from 'vitest';
import { awaitsAgreement, limitsOver } from '../../../src/areas/funds/limit-rules.ts';
import { FUNDS_PERMISSIONS, type FundsPermission } from '../../../src/areas/funds/permissions.ts';
import {
  decideRequest,
  forbiddenFunds,
  fundsChannel,
  noWallet,
  placeOf,
  walletFor,
  walletsOf,
} from '../../../src/areas/funds/rules.ts';
import { decideReverse, decideSpend, decideTransfer } from '../../../src/areas/funds/spend-rules.ts';
import { REQUEST_TABLE } from '../../../src/areas/funds/table.ts';
import { clean, readAmount, readCase, readPlace } from '../../../src/areas/funds/typed.ts';
import type {
  RequestAct,
  RequestActKind,
  RequestFacts,
  RequestState,
  SpendInput,
} from '../../../src/areas/funds/types.ts';
import type { Actor } from '../../../src/base/actor.ts';
import { DEFAULT_FUNDS, fundsOf } from '../../../src/base/policy.ts';
import { minutes, T0 } from '../../support/facts.ts';
import { aHash, aLedgerTx, aSpend, ETHER, FUNDS, FUNDS_TEAM, factsOf, OLA, TOM, TREA } from '../../support/funds.ts';
import { TEAM } from '../../support/team.ts';

const NOW = minutes(60);

const ACTS: Record<RequestActKind, RequestAct> = {
  approve: { kind: 'approve' },
  deny: { kind: 'deny', reason: 'No' },
  sent: { kind: 'sent', hash: aHash() },
  agree: { kind: 'agree', tx: 41 },
  return: { kind: 'return', hash: aHash() },
  settle: { kind: 'settle', reason: 'Lost' },
  withdraw: { kind: 'withdraw' },
  edit: { kind: 'edit' },
};
const decide = (f: RequestFacts, who = TREA, act: RequestAct = ACTS.approve, funds = FUNDS) =>
  decideRequest(f, who, act, funds, NOW);
const whoMay = (kind: RequestActKind) => (kind === 'withdraw' ? OLA : TREA);

describe('R18: state x act', () => {
  const STATES: RequestState[] = ['requested', 'approved', 'sent', 'closed', 'denied', 'withdrawn'];
  const all = STATES.flatMap((state) => (Object.keys(ACTS) as RequestActKind[]).map((kind) => [state, kind] as const));

  test.each(all)('%s, %s: changes something only where the table says so', (state, kind) => {
    const over = { sentOver: '2 ETH a request', sentBy: TOM.id, sentTx: 41 };
    const done = decide(factsOf({ state, ...over }), whoMay(kind), ACTS[kind]);
    expect('patch' in done).toBe(REQUEST_TABLE[kind].includes(state));
    if ('refusal' in done) expect(done.refusal.next).toMatch(/^[A-Z].*\.$/);
  });

  test('R18: in which states an act makes sense; no state lets a request be edited', () => {
    expect(REQUEST_TABLE).toEqual({
      approve: ['requested'],
      deny: ['requested', 'approved'],
      sent: ['approved'],
      agree: ['sent', 'closed'],
      return: ['sent'],
      settle: ['sent'],
      withdraw: ['requested', 'approved'],
      edit: [],
    });
  });

  test.each([
    ['approve', 'approved', 'it is approved, to be sent'],
    ['approve', 'sent', 'it is sent'],
    ['sent', 'sent', 'it is sent'],
    ['deny', 'denied', 'it is denied'],
    ['withdraw', 'withdrawn', 'it is withdrawn'],
    ['settle', 'closed', 'it is closed'],
    ['return', 'closed', 'it is closed'],
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
    const of = (amount: bigint, before: bigint, asset = 'ETH') =>
      limitsOver({ asset, amount, requester: OLA.id }, before, FUNDS);
    expect(of(2n * ETHER, ETHER)).toEqual([]);
    expect(of(2n * ETHER, ETHER + 1n)).toEqual(['3 ETH a person and month (1.000000000000000001 ETH before this)']);
    expect(of(4n * ETHER, 0n)).toHaveLength(2);
    expect(of(10n ** 30n, 0n, 'FOX')).toEqual([]);
  });
});

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
