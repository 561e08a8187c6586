// R17, R18: the chain is reality, also for a request that was withdrawn or denied after it was approved, and for people who have left.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requestCard } from '../../../src/areas/funds/blocks.ts';
import { balances } from '../../../src/areas/funds/store.ts';
import { freshDb, type TestDb } from '../../support/db.ts';
import { person } from '../../support/facts.ts';
import { aHash, ETHER, FUNDS_TEAM, OLA, TOM, TREA, type Treasury, treasuryOn } from '../../support/funds.ts';

let t: TestDb;
let bank: Treasury;
beforeAll(async () => {
  t = await freshDb();
  bank = treasuryOn(t.db);
});
afterAll(() => t.close());

const card = async (id: number) => JSON.stringify(requestCard(await bank.facts(id), FUNDS_TEAM));
const held = (who: { id: string }) => balances(t.db, { account: `person:${who.id}` });
const asked = async (who: typeof OLA, amount = '0.5') => (await bank.ask(who, { amount })).requestId as number;
const approved = async (who: typeof OLA, amount?: string) => {
  const id = await asked(who, amount);
  await bank.act(id, TREA, { kind: 'approve' });
  return id;
};

describe('R18: sent after it was withdrawn or denied', () => {
  test('R17: a send reversed for its fee, withdrawn in between, is recorded anew, and said loudly', async () => {
    const who = person('UZOE', 'operator');
    const id = await approved(who);
    const hash = aHash();
    const first = await bank.act(id, TREA, { kind: 'sent', hash, fee: '0.002' });
    await bank.reverse(TOM, first.txId as number, 'The fee was another');
    expect(await card(id)).toContain(`TX-${first.txId} recorded that it was sent, and was reversed`);
    await bank.act(id, who, { kind: 'withdraw' });
    expect((await bank.lines(id)).at(-1)).toBe(
      `:wastebasket: <@UZOE> withdrew it. TX-${first.txId} had sent it and was reversed: if it did go out, a treasurer records it, \`/funds sent FR-${id}\`.`,
    );
    const again = await bank.act(id, TREA, { kind: 'sent', hash, fee: '0.003' });
    expect(again).toMatchObject({ outcome: 'accepted', text: expect.stringContaining('although it was withdrawn') });
    expect((await bank.lines(id)).at(-1)).toContain(':rotating_light: It was sent although <@UZOE> withdrew it.');
    expect((await bank.dms('UZOE')).at(-1)).toContain('although it was withdrawn');
    expect((await bank.facts(id)).request).toMatchObject({ state: 'sent', closedBy: null, closedAt: null });
    expect(await held(who)).toEqual([{ account: 'person:UZOE', asset: 'ETH', amount: ETHER / 2n }]);
    expect(await card(id)).toContain(':rotating_light: It was sent although <@UZOE> withdrew it.');
    // A reversal puts it back to where it was.
    await bank.reverse(TOM, again.txId as number, 'Once more');
    expect((await bank.facts(id)).request).toMatchObject({ state: 'withdrawn', closedBy: 'UZOE', sentTx: null });
    await bank.act(id, TREA, { kind: 'sent', hash, fee: '0.002' });
    await bank.act(id, who, { kind: 'return', hash: aHash() });
    expect((await bank.facts(id)).request).toMatchObject({ state: 'closed', closeReason: null });
    expect(await card(id)).toContain(':rotating_light: It was sent although <@UZOE> withdrew it.');
  });

  test('denied after it was approved, with its reason; never approved, it is not recorded', async () => {
    const id = await approved(OLA);
    await bank.act(id, TOM, { kind: 'deny', reason: 'The faucet <!channel> will do' });
    await bank.act(id, TREA, { kind: 'sent', hash: aHash() });
    expect((await bank.lines(id)).at(-1)).toContain(
      ':rotating_light: It was sent although <@UTOM> denied it: The faucet &lt;!channel&gt; will do.',
    );
    const sent = (await bank.facts(id)).request;
    expect(sent).toMatchObject({ state: 'sent', closeReason: null });
    await bank.reverse(TOM, sent.sentTx as number);
    expect((await bank.facts(id)).request).toMatchObject({
      ...{ state: 'denied', closedBy: TOM.id, closeReason: 'The faucet <!channel> will do' },
      closedAt: bank.now,
    });
    const never = await asked(OLA, '2.5');
    await bank.act(never, TREA, { kind: 'approve' });
    await bank.act(never, OLA, { kind: 'withdraw' });
    expect((await bank.act(never, TREA, { kind: 'sent', hash: aHash() })).text).toContain(
      'it is withdrawn, and was not approved before that. If money went out all the same, record it by `/funds deposit`',
    );
  });

  test('counts again, and over a limit a second treasurer is asked, though no more was sent than approved', async () => {
    const who = person('UBACK', 'operator');
    const back = await approved(who, '2');
    await bank.act(back, who, { kind: 'withdraw' });
    const next = await approved(who, '2');
    expect((await bank.facts(next)).request.state).toBe('approved');
    await bank.act(back, TREA, { kind: 'sent', hash: aHash() });
    expect((await bank.facts(back)).request).toMatchObject({
      sentOver: '3 ETH a person and month (2 ETH before this)',
      agreedBy: null,
    });
    expect(await card(back)).toContain('withdrawn or denied before, and over the limit');
    expect((await bank.facts(next)).monthApproved).toBe(2n * ETHER);
  });
});

describe('R18: the limit of a month', () => {
  test('what was withdrawn and sent all the same counts in the month in which that was recorded', async () => {
    const who = person('ULATE', 'operator');
    bank.now = new Date('2026-10-31T12:00:00Z');
    const back = await approved(who, '2');
    await bank.act(back, who, { kind: 'withdraw' });
    bank.now = new Date('2026-11-01T12:00:00Z');
    await bank.act(back, TREA, { kind: 'sent', hash: aHash() });
    const next = await asked(who, '2');
    expect((await bank.facts(next)).monthApproved).toBe(2n * ETHER);
    await bank.act(next, TREA, { kind: 'approve' });
    expect((await bank.facts(next)).request).toMatchObject({ state: 'requested', firstBy: TREA.id });
  });

  test('what more was sent than approved counts in the month of the sending, whatever time it is given', async () => {
    const who = person('UMORE', 'operator');
    bank.now = new Date('2026-10-31T12:00:00Z');
    const ids = [];
    for (let i = 0; i < 3; i++) ids.push(await approved(who, '0.1'));
    bank.now = new Date('2026-11-01T12:00:00Z');
    const over = [];
    for (const id of ids) {
      await bank.act(id, TREA, { kind: 'sent', hash: aHash(), amount: '1.6', at: new Date('2026-10-31T13:00:00Z') });
      over.push((await bank.facts(id)).request.sentOver);
    }
    // 1.5 each: two are the 3 ETH of the month.
    expect(over).toEqual([null, null, '3 ETH a person and month (3 ETH before this)']);
    const fresh = await approved(who, '0.1');
    expect((await bank.facts(fresh)).request).toMatchObject({ state: 'requested', firstBy: TREA.id });
    expect((await bank.facts(fresh)).monthApproved).toBe(45n * 10n ** 17n);
    bank.now = new Date('2026-10-31T14:00:00Z');
    expect((await bank.facts(fresh)).monthApproved).toBe(3n * 10n ** 17n);
  });

  test('what was approved in the month counts with it', async () => {
    const who = person('USAME', 'operator');
    bank.now = new Date('2026-11-02T12:00:00Z');
    const id = await approved(who, '1.9');
    const two = await approved(who, '0.5');
    await bank.act(id, TREA, { kind: 'sent', hash: aHash(), amount: '2' });
    await bank.act(two, TREA, { kind: 'sent', hash: aHash(), amount: '1.1' });
    expect((await bank.facts(two)).request.sentOver).toBe('3 ETH a person and month (2 ETH before this)');
  });
});

describe('R18: who asked was deactivated', () => {
  test('it is not approved; what was sent is recorded, and its line says so', async () => {
    const gone = person('UGONE', 'operator');
    const [first, second] = [await approved(gone), await asked(gone)];
    await t.pool.query(`insert into people (id, name, bot, deactivated, guest, outsider, refreshed_at)
      values ('UGONE', 'gone', false, true, false, false, now())`);
    expect((await bank.act(second, TREA, { kind: 'approve' })).text).toContain(
      '<@UGONE>, who asked for it, is deactivated. Deny it; who is here files a request of their own.',
    );
    expect((await bank.facts(second)).request.state).toBe('requested');
    const dms = (await bank.dms('UGONE')).length;
    expect((await bank.act(first, TREA, { kind: 'sent', hash: aHash() })).outcome).toBe('accepted');
    expect((await bank.lines(first)).at(-1)).toContain('<@UGONE>, who asked for it, is deactivated');
    expect(await bank.dms('UGONE')).toHaveLength(dms);
    expect((await bank.act(second, TREA, { kind: 'deny', reason: 'Gone' })).outcome).toBe('accepted');
  });
});

test('R18: the fee is said where it was sent, loudly where it is more than what was sent', async () => {
  const id = await approved(OLA, '0.1');
  const done = await bank.act(id, TREA, { kind: 'sent', hash: aHash(), fee: '21000' });
  expect(done.text).toContain('done. The fee was 21000 ETH. :warning: That is more than what was sent.');
  expect((await bank.lines(id)).at(-1)?.split('\n')[0]).toBe(
    `:outbox_tray: <@UTREA> sent 0.1 ETH (TX-${done.txId}), 21000 ETH fee. :warning: That fee is more than what was sent.`,
  );
});
