import { describe, expect, test } from 'vitest';
import { actOnRequest } from '../../../src/areas/funds/actions.ts';
import { requestFunds } from '../../../src/areas/funds/open.ts';
import { recordSpend, recordTransfer } from '../../../src/areas/funds/spend.ts';
import { balances, ledgerPage, loadSpend, loadTx } from '../../../src/areas/funds/store.ts';
import { verifyLedger } from '../../../src/areas/funds/verify.ts';
import { showId } from '../../../src/base/ids.ts';
import { BEN, person } from '../../support/facts.ts';
import { aHash, aRequest, aSpend, ETHER, FUNDS_TEAM, OLA, TOM, TREA, type Treasury } from '../../support/funds.ts';
import { aCause, teamOn } from '../../support/team.ts';
import { bank, bankOnADatabase, t } from './actions-bank.ts';

bankOnADatabase();

const count = async (table: string) => {
  const { rows } = await t.pool.query<{ n: string }>(`select count(*) as n from ${table}`);
  return Number(rows[0]?.n);
};
const TABLES = [
  'fund_requests',
  'ledger_transactions',
  'postings',
  'spends',
  'chain_transactions',
  'audit_events',
  'outbox',
];
const counts = async () => Promise.all(TABLES.map(count));

describe('R19: a test transaction that cost only a fee in another asset', () => {
  test('is booked for its request, which it takes nothing from; reversed when that is closed, it stays closed', async () => {
    const id = await bank.sent(OLA, { asset: 'USDC', amount: '5', chain: 'ethereum' });
    const fee = await bank.spend(OLA, { amount: '', asset: 'USDC', chain: 'ethereum', requestId: id });
    expect(fee).toMatchObject({ outcome: 'accepted', text: expect.stringMatching(/5 USDC are outstanding/) });
    expect((await bank.facts(id)).txs).toHaveLength(2);
    await bank.act(id, OLA, { kind: 'return', hash: aHash(), fee: '0.001' });
    expect((await bank.reverse(TREA, fee.txId as number)).outcome).toBe('accepted');
    expect((await bank.facts(id)).request.state).toBe('closed');
    expect((await verifyLedger(t.db)).faults).toEqual([]);
  });
});

describe('R17: refusals change nothing', () => {
  test('whatever is typed into a request', async () => {
    const before = await counts();
    const bad: [Parameters<Treasury['ask']>[1], string][] = [
      [{ amount: '-1' }, 'amount'],
      [{ amount: '0' }, 'amount'],
      [{ amount: '1e18' }, 'amount'],
      [{ amount: '0.1234567890123456789' }, 'amount'],
      [{ amount: '=IMPORTXML("https://x")' }, 'amount'],
      [{ amount: '1🚀' }, 'amount'],
      [{ amount: '\u202e5' }, 'amount'],
      [{ asset: 'DOGE' }, 'asset'],
      [{ asset: 'USDC' }, 'chain'],
      [{ chain: 'bitcoin' }, 'chain'],
      [{ asset: 'USD', chain: 'ethereum' }, 'chain'],
      [{ address: '0x12' }, 'address'],
      [{ asset: 'USD', address: 'x'.repeat(201) }, 'address'],
      [{ reason: '' }, 'reason'],
      [{ reason: '\u202e\u200b ' }, 'reason'],
      [{ reason: 'x'.repeat(3000) }, 'reason'],
      [{ link: 'javascript:alert(1)' }, 'link'],
      [{ link: `https://e.com/${'x'.repeat(1000)}` }, 'link'],
      [{ neededBy: 'tomorrow' }, 'neededBy'],
      [{ neededBy: '2026-02-30' }, 'neededBy'],
      [{ neededBy: '2020-01-01' }, 'neededBy'],
      [{ releaseId: 999 }, 'release'],
    ];
    for (const [over, field] of bad) {
      const answer = await bank.ask(OLA, over);
      expect(answer, JSON.stringify(over)).toMatchObject({ outcome: 'refused', code: 'input' });
      expect(Object.keys(answer.faults ?? {}), JSON.stringify(over)).toEqual([field]);
    }
    expect(await counts()).toEqual(before);
  });

  test('nor may guests, bots and strangers do anything', async () => {
    const before = await counts();
    for (const standing of ['guest', 'bot', 'deactivated', 'outsider'] as const) {
      const who = { ...OLA, standing };
      expect((await bank.ask(who)).code).toBe('standing');
      expect((await bank.spend(who)).code).toBe('standing');
    }
    expect((await bank.transfer(OLA, { amount: '1', asset: 'ETH', to: 'main', hash: aHash(), note: 'x' })).code).toBe(
      'role',
    );
    expect((await bank.reverse(OLA, 1)).code).toBe('role');
    expect(await counts()).toEqual(before);
  });

  test('nor does a hash that is in the books already, and it says where', async () => {
    const id = await bank.sent(OLA);
    const hash = aHash();
    const first = await bank.spend(OLA, { requestId: id, hash });
    const before = await counts();
    const again = await bank.spend(OLA, { requestId: id, hash: hash.toUpperCase().replace('0X', '0x') });
    expect(again.faults?.hash).toContain(`recorded already, as ${showId('TX', first.txId as number)}`);
    const back = await bank.act(id, OLA, { kind: 'return', hash });
    expect(back.faults?.hash).toContain('recorded already');
    expect(await counts()).toEqual(before);
    // Another chain may have the same.
    expect((await bank.spend(OLA, { asset: 'USDC', chain: 'base', hash })).outcome).toBe('accepted');
  });

  test('nor what names something that is not there', async () => {
    const before = await counts();
    expect((await bank.act(999, TREA, { kind: 'approve' })).text).toMatch(/There is no FR-999/);
    expect((await bank.reverse(TREA, 9999)).text).toMatch(/There is no TX-9999/);
    const spend = await bank.spend(OLA, { releaseId: 999, requestId: 999 });
    expect(spend.faults).toEqual({
      release: expect.stringMatching(/no such release/),
      request: expect.stringMatching(/no such request/),
    });
    expect(await counts()).toEqual(before);
  });
});

describe('R19: a test transaction', () => {
  test('points at its release, test case and request, and keeps gas price and typed USD', async () => {
    const team = teamOn(t.db, FUNDS_TEAM);
    const releaseId = await team.open();
    const spent = await bank.spend(OLA, {
      releaseId,
      testCase: 'send-eth',
      gasPrice: '12.5',
      usd: '$310.20',
      at: new Date('2026-03-01T08:00:00Z'),
    });
    const txId = spent.txId as number;
    expect(await loadSpend(t.db, txId)).toMatchObject({
      tester: OLA.id,
      amount: ETHER / 10n,
      feeAsset: 'ETH',
      fee: 10n ** 15n,
      gasPrice: '12.5',
      usd: 31_020n,
      releaseId,
      testCase: 'send-eth',
    });
    const tx = await loadTx(t.db, txId);
    expect(tx?.eventTime).toEqual(new Date('2026-03-01T08:00:00Z'));
    expect(tx?.recordTime).toEqual(bank.now);
    expect((await team.lines(releaseId)).at(-1)).toMatch(
      /<@UOLA> tested with 0\.1 ETH, 0\.001 ETH fee \(send-eth\): Swap ETH to FOX$/,
    );
    await bank.reverse(TREA, txId);
    expect((await team.lines(releaseId)).at(-1)).toMatch(/<@UTREA> reversed TX-\d+ by TX-\d+: Typed wrongly/);
  });

  test('of a failed transaction is its fee alone', async () => {
    const spent = await bank.spend(OLA, { amount: '', fee: '0.003', what: 'Reverted swap' });
    const [newest] = await ledgerPage(t.db, { limit: 1 });
    expect(newest?.id).toBe(spent.txId);
    expect(newest?.postings).toHaveLength(2);
    expect((await bank.spend(OLA, { amount: '', fee: '' })).faults?.amount).toMatch(/It cost nothing so far/);
  });

  test('in the future is refused', async () => {
    const at = new Date(bank.now.getTime() + 10 * 60_000);
    expect((await bank.spend(OLA, { at })).faults).toEqual({ at: expect.stringMatching(/not over yet/) });
  });
});

describe('R17: corrections are reversals', () => {
  test('a reversed spend opens its request again, and its hash may be used for the replacement', async () => {
    const id = await bank.sent(OLA, { amount: '0.101' });
    const hash = aHash();
    const wrong = await bank.spend(OLA, { requestId: id, hash });
    expect((await bank.facts(id)).request.state).toBe('closed');
    const reversed = await bank.reverse(TREA, wrong.txId as number, 'Wrong amount');
    expect(reversed.text).toMatch(/TX-\d+\* is reversed by \*TX-\d+/);
    expect(await bank.facts(id)).toMatchObject({
      request: { state: 'sent' },
      outstanding: 101n * 10n ** 15n,
      spent: 0n,
    });
    expect((await bank.reverse(TREA, wrong.txId as number)).outcome).toBe('already');
    expect((await bank.reverse(TREA, reversed.txId as number)).text).toMatch(/it is a reversal itself/);
    const right = await bank.spend(OLA, { requestId: id, hash, amount: '0.05' });
    expect(right.outcome).toBe('accepted');
    expect(await loadTx(t.db, right.txId as number)).toMatchObject({ replaces: wrong.txId, hash });
    expect((await bank.spend(OLA, { hash })).faults?.hash).toContain(showId('TX', right.txId as number));
    // And once more: each replacement stands for the last.
    await bank.reverse(TREA, right.txId as number);
    const third = await bank.spend(OLA, { hash, amount: '0.06' });
    expect(await loadTx(t.db, third.txId as number)).toMatchObject({ replaces: right.txId });
  });

  test('a reversed send goes back to approved, unless some of it was used, and never by who got it', async () => {
    const id = await bank.sent(OLA);
    const { sentTx } = (await bank.facts(id)).request;
    const spent = await bank.spend(OLA, { requestId: id });
    expect((await bank.reverse(TREA, sentTx as number)).text).toMatch(/Reverse those transactions first/);
    await bank.reverse(TREA, spent.txId as number);
    expect((await bank.reverse(TREA, sentTx as number)).outcome).toBe('accepted');
    const f = await bank.facts(id);
    expect(f.request).toMatchObject({ state: 'approved', sentTx: null, sentAmount: null });
    expect(f.outstanding).toBe(0n);
    const own = await bank.sent(TOM);
    expect((await bank.reverse(TOM, (await bank.facts(own)).request.sentTx as number)).text).toMatch(/sent to them/);
  });

  test('a reversal needs a reason', async () => {
    const spent = await bank.spend(OLA);
    expect((await bank.reverse(TREA, spent.txId as number, '  ')).faults?.reason).toMatch(/missing/);
  });
});

describe('transfers', () => {
  test('bring money into custody and move it between wallets', async () => {
    const into = await bank.transfer(TREA, {
      amount: '10',
      asset: 'BTC',
      to: 'btc',
      hash: aHash().slice(2),
      note: 'Top-up',
    });
    expect(into.text).toMatch(/outside -10 BTC, Bitcoin wallet 10 BTC/);
    const over = await bank.transfer(TREA, {
      amount: '4',
      asset: 'BTC',
      from: 'btc',
      to: 'main',
      hash: aHash(),
      fee: '0.0001',
      note: 'Move',
    });
    expect(over.outcome).toBe('accepted');
    expect(await balances(t.db, { account: 'custody:btc' })).toEqual([
      { account: 'custody:btc', asset: 'BTC', amount: 599_990_000n },
    ]);
    expect(
      (await bank.transfer(TREA, { amount: '7', asset: 'BTC', from: 'btc', hash: aHash(), note: 'Out' })).text,
    ).toMatch(/:warning: Bitcoin wallet stands at -1\.0001 BTC/);
  });

  test.each([
    [{ to: '' }, 'to'],
    [{ to: 'nowhere' }, 'to'],
    [{ from: 'nowhere', to: 'main' }, 'from'],
    [{ to: 'main', amount: '' }, 'amount'],
    [{ to: 'main', note: '' }, 'note'],
    [{ to: 'main', hash: '' }, 'hash'],
    [{ to: 'main', asset: 'X' }, 'asset'],
    [{ to: 'main', fee: 'x' }, 'fee'],
  ])('%j is refused at its field', async (over, field) => {
    const answer = await bank.transfer(TREA, { amount: '1', asset: 'ETH', hash: aHash(), note: 'n', ...over });
    expect(Object.keys(answer.faults ?? {})).toEqual([field]);
  });
});

describe('what two people, or one twice, do', () => {
  test('R18: a second send by another transaction is no repeat: it is refused and says what to do', async () => {
    const id = (await bank.ask(OLA)).requestId as number;
    await bank.act(id, TREA, { kind: 'approve' });
    const hash = aHash();
    await bank.act(id, TREA, { kind: 'sent', hash });
    const before = await counts();
    const second = await bank.act(id, TOM, { kind: 'sent', hash: aHash() });
    expect(second).toMatchObject({ outcome: 'refused', code: 'sent_twice' });
    expect(second.text).toMatch(/sent already, by another transaction \(TX-\d+\)\. If both happened/);
    expect((await bank.act(id, TOM, { kind: 'sent', hash: hash.toUpperCase().slice(2) })).outcome).toBe('already');
    expect((await bank.act(id, TOM, { kind: 'sent' })).outcome).toBe('already');
    expect((await bank.act(id, TOM, { kind: 'sent', hash: 'what' })).outcome).toBe('already');
    expect(await counts()).toEqual(before);
    const usd = await bank.sent(OLA, { asset: 'USD', address: '' }, '');
    expect((await bank.act(usd, TOM, { kind: 'sent', hash: 'another wire' })).code).toBe('sent_twice');
  });

  test('R18: who asked records no more for themselves than was approved; another treasurer may, and it counts for the month', async () => {
    const tim = person('UTIMO', 'treasurer');
    const id = (await bank.ask(tim, { amount: '1' })).requestId as number;
    await bank.act(id, TREA, { kind: 'approve' });
    const before = await counts();
    const own = await bank.act(id, tim, { kind: 'sent', amount: '1.000000000000000001', hash: aHash() });
    expect(own).toMatchObject({ outcome: 'refused', code: 'own' });
    expect(await counts()).toEqual(before);
    expect((await bank.act(id, TOM, { kind: 'sent', amount: '2.9', hash: aHash() })).outcome).toBe('accepted');
    const next = (await bank.ask(tim, { amount: '0.2' })).requestId as number;
    expect((await bank.facts(next)).monthApproved).toBe(29n * 10n ** 17n);
    await bank.act(next, TREA, { kind: 'approve' });
    expect((await bank.facts(next)).request).toMatchObject({ state: 'requested', firstBy: TREA.id });
  });

  test('R17: a form sent twice books once, also where there is no hash to know it by', async () => {
    const form = () => aCause({ actor: TREA.id, source: 'modal', form: 'V1' });
    const money = { amount: '100', asset: 'USD', to: 'main', note: 'From the bank' };
    const { deps } = bank;
    const wrong = await recordTransfer(deps, form(), TREA, { ...money, amount: '0' });
    expect(wrong.answer.outcome).toBe('refused');
    expect((await recordTransfer(deps, form(), TREA, money)).answer.outcome).toBe('accepted');
    const before = await counts();
    expect((await recordTransfer(deps, form(), TREA, money)).answer).toMatchObject({ outcome: 'already' });

    const ask = () => requestFunds(deps, aCause({ form: 'V2' }), OLA, aRequest({ asset: 'USD', address: '' }));
    expect((await ask()).answer.outcome).toBe('accepted');
    expect((await ask()).answer.outcome).toBe('already');
    const spend = () => recordSpend(deps, aCause({ form: 'V3' }), OLA, aSpend({ asset: 'USD', hash: '', fee: '' }));
    expect((await spend()).answer.outcome).toBe('accepted');
    expect((await spend()).answer.outcome).toBe('already');
    expect((await counts())[1]).toBe((before[1] as number) + 1);

    const id = await bank.sent(OLA, { asset: 'USD', amount: '50', address: '' }, '');
    const back = () =>
      actOnRequest(deps, aCause({ form: 'V4', actor: OLA.id }), OLA, id, { kind: 'return', amount: '10' });
    expect((await back()).answer.outcome).toBe('accepted');
    expect((await back()).answer.outcome).toBe('already');
    expect((await bank.facts(id)).outstanding).toBe(4000n);
  });

  test.each(['0000-05-05T12:00Z', '0001-01-01T00:00Z', '1999-12-31T23:59Z'])(
    'R17: nothing happened at %s',
    async (at) => {
      const before = await counts();
      expect((await bank.spend(OLA, { at: new Date(at) })).faults?.at).toContain('before the year 2000');
      expect(await counts()).toEqual(before);
    },
  );

  test('R17: a form whose hash was taken is put right and sent again', async () => {
    const taken = aHash();
    await bank.spend(OLA, { hash: taken });
    const form = () => aCause({ actor: OLA.id, form: 'V5' });
    expect((await recordSpend(bank.deps, form(), OLA, aSpend({ hash: taken }))).answer.outcome).toBe('refused');
    expect((await recordSpend(bank.deps, form(), OLA, aSpend())).answer.outcome).toBe('accepted');
  });
});

describe('R17: one transaction that did what is for several requests', () => {
  const held = async () =>
    new Map((await balances(t.db)).filter((b) => b.asset === 'ETH').map((b) => [b.account, b.amount]));
  const moved = async (before: Map<string, bigint>) =>
    Object.fromEntries([...(await held())].map(([account, amount]) => [account, amount - (before.get(account) ?? 0n)]));

  test('that brought back what was left of both is recorded as a deposit, and both are settled, as the refusal says', async () => {
    const before = await held();
    const [one, two] = [await bank.sent(OLA, {}, ''), await bank.sent(BEN, {}, '')];
    const hash = aHash();
    const first = await bank.act(one, OLA, { kind: 'return', hash });
    const id = showId('TX', first.txId as number);
    const { faults } = await bank.act(two, BEN, { kind: 'return', hash });
    expect(faults?.hash).toBe(
      `That transaction is recorded already, as ${id}. If that was a mistake, a treasurer reverses it first: \`/funds reverse ${id}\`. If it brought back what was left of several requests: reverse ${id}, record all of it by \`/funds deposit\`, and settle each of them.`,
    );
    await bank.reverse(TREA, first.txId as number);
    const whole = await bank.transfer(TREA, { amount: '1', asset: 'ETH', to: 'main', hash, note: 'Both' });
    for (const request of [one, two])
      await bank.act(request, TREA, { kind: 'settle', reason: `Came back with ${showId('TX', whole.txId as number)}` });
    expect((await bank.facts(one)).request.state).toBe('closed');
    expect((await bank.facts(two)).request.state).toBe('closed');
    expect(await moved(before)).toMatchObject({ 'custody:main': 0n });
    for (const who of [OLA, BEN]) expect((await held()).get(`person:${who.id}`)).toBe(before.get(`person:${who.id}`));
    expect((await verifyLedger(t.db)).faults).toEqual([]);
  });

  test('that paid both is recorded as sent for one of them, and the other is denied', async () => {
    const before = await held();
    const asked = [await bank.ask(OLA), await bank.ask(BEN)].map((answer) => answer.requestId as number);
    const [one, two] = asked as [number, number];
    for (const request of asked) await bank.act(request, TREA, { kind: 'approve' });
    const hash = aHash();
    const first = await bank.act(one, TREA, { kind: 'sent', hash });
    const { faults } = await bank.act(two, TREA, { kind: 'sent', hash });
    expect(faults?.hash).toMatch(
      /record all of it as sent for one of them, and deny the others: who asked for that one answers for all of it\.$/,
    );
    await bank.reverse(TREA, first.txId as number);
    const whole = await bank.act(one, TREA, { kind: 'sent', hash, amount: '1' });
    expect(whole.outcome).toBe('accepted');
    const denied = await bank.act(two, TREA, { kind: 'deny', reason: `Paid with ${showId('FR', one)}` });
    expect(denied.outcome).toBe('accepted');
    expect((await bank.facts(one)).outstanding).toBe(ETHER);
    // What the other gives back is of the one too.
    await bank.act(one, TREA, { kind: 'return', hash: aHash(), amount: '0.5' });
    await bank.spend(OLA, { requestId: one, amount: '0.5', fee: '' });
    expect((await bank.facts(one)).request.state).toBe('closed');
    expect(await moved(before)).toMatchObject({ 'custody:main': -ETHER / 2n });
    expect((await verifyLedger(t.db)).faults).toEqual([]);
  });

  test('a reference that two payments have gets what tells them apart', async () => {
    const card = { asset: 'USD', amount: '5', to: 'main', note: 'Card' };
    await bank.transfer(TREA, { ...card, hash: 'SEPA 2026-11' });
    const { faults } = await bank.transfer(TREA, { ...card, hash: 'SEPA 2026-11' });
    expect(faults?.hash).toMatch(/another one with the same reference, add what tells them apart, such as \(2\)\.$/);
    expect((await bank.transfer(TREA, { ...card, hash: 'SEPA 2026-11 (2)' })).outcome).toBe('accepted');
  });
});
