import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actOnRequest, refreshUnagreed } from '../../../src/areas/funds/actions.ts';
import { requestFunds } from '../../../src/areas/funds/open.ts';
import { recordSpend, recordTransfer } from '../../../src/areas/funds/spend.ts';
import { balances, ledgerPage, listRequests, loadSpend, loadTx } from '../../../src/areas/funds/store.ts';
import { verifyLedger } from '../../../src/areas/funds/verify.ts';
import { showId } from '../../../src/base/ids.ts';
import { freshDb, type TestDb } from '../../support/db.ts';
import { person } from '../../support/facts.ts';
import {
  ADDRESS,
  aHash,
  aRequest,
  aSpend,
  ETHER,
  FUNDS_TEAM,
  OLA,
  TOM,
  TREA,
  type Treasury,
  treasuryOn,
} from '../../support/funds.ts';
import { aCause, teamOn } from '../../support/team.ts';

let t: TestDb;
let bank: Treasury;
beforeAll(async () => {
  t = await freshDb();
  bank = treasuryOn(t.db);
});
afterAll(() => t.close());

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

describe('R18: a request', () => {
  test('becomes a card in a thread of its own in the test-funds channel, audited', async () => {
    const answer = await bank.ask(OLA, { link: 'https://example.com/t/1', neededBy: '2026-03-05' });
    expect(answer).toMatchObject({ outcome: 'accepted', requestId: 1 });
    expect(answer.text).toMatch(/Asked for 0\.5 ETH as \*FR-1\* in <#CFUNDS>/);
    const f = await bank.facts(1);
    expect(f.request).toMatchObject({
      requester: OLA.id,
      amount: ETHER / 2n,
      chain: 'ethereum',
      address: ADDRESS,
      state: 'requested',
      neededBy: '2026-03-05',
    });
    expect(f.thread.channel).toBe('CFUNDS');
    const { rows } = await t.pool.query(`select subject, target from outbox where role = 'card'`);
    expect(rows).toEqual([{ subject: 'FR-1', target: 'CFUNDS' }]);
    const audit = await t.pool.query(`select verb, subject, data->>'amount' as amount from audit_events`);
    expect(audit.rows).toEqual([{ verb: 'request', subject: 'FR-1', amount: (ETHER / 2n).toString() }]);
  });

  test('goes requested → approved → sent → spent and returned → closed, and the books agree', async () => {
    const id = (await bank.ask(OLA)).requestId as number;
    expect((await bank.act(id, TREA, { kind: 'approve' })).text).toMatch(/done/);
    const hash = aHash();
    const sent = await bank.act(id, TREA, {
      kind: 'sent',
      hash: hash.toUpperCase().replace('0X', ''),
      fee: '0.002 ETH',
    });
    expect(sent).toMatchObject({ outcome: 'accepted', requestId: id });
    expect(sent.text).toMatch(/0\.5 ETH are outstanding/);
    expect(sent.text).toMatch(/:warning: Main wallet stands at -0\.502 ETH/);
    expect((await loadTx(t.db, sent.txId as number))?.hash).toBe(hash);
    const spent = await bank.spend(OLA, { requestId: id });
    expect(spent.text).toMatch(new RegExp(`Recorded \\*TX-\\d+\\*. FR-${id}: 0.399 ETH are outstanding`));
    const part = await bank.act(id, OLA, { kind: 'return', amount: '0.1', hash: aHash(), fee: '0.001' });
    expect(part.text).toMatch(/0\.298 ETH are outstanding/);
    const rest = await bank.act(id, OLA, { kind: 'return', hash: aHash(), fee: '0.001' });
    expect(rest.text).toMatch(/Nothing is outstanding: it is closed/);
    const f = await bank.facts(id);
    expect(f.request).toMatchObject({ state: 'closed', closedBy: OLA.id, sentAmount: ETHER / 2n });
    expect(f).toMatchObject({ outstanding: 0n, spent: 101n * 10n ** 15n, returned: 399n * 10n ** 15n, settled: 0n });
    expect(await balances(t.db, { account: `person:${OLA.id}` })).toEqual([]);
    expect(await balances(t.db)).toEqual([
      { account: 'custody:main', asset: 'ETH', amount: -105n * 10n ** 15n },
      { account: 'fees:ethereum', asset: 'ETH', amount: 5n * 10n ** 15n },
      { account: 'outside', asset: 'ETH', amount: 10n ** 17n },
    ]);
    const lines = await bank.lines(id);
    expect(lines).toHaveLength(5);
    expect(lines[1]).toMatch(/sent 0\.5 ETH \(TX-\d+\)/);
    expect(lines[2]).toMatch(/tested with 0\.1 ETH, 0\.001 ETH fee: Swap ETH to FOX\. 0\.399 ETH are outstanding/);
    // What arrived: its fee did not come back.
    expect(lines[4]).toMatch(/0\.297 ETH came back, 0\.001 ETH fee, recorded by/);
    expect(await bank.dms(OLA.id)).toHaveLength(2);
  });

  test('is settled with a reason by a treasurer who did not ask for it', async () => {
    const id = await bank.sent(TOM);
    expect((await bank.act(id, TOM, { kind: 'settle', reason: 'Lost' })).text).toMatch(/nobody settles their own/);
    expect(await bank.act(id, TREA, { kind: 'settle', reason: ' ' })).toMatchObject({
      faults: { reason: 'The reason is missing: say it in a sentence.' },
    });
    const settled = await bank.act(id, TREA, { kind: 'settle', reason: 'Lost to <!channel>' });
    expect(settled).toMatchObject({ outcome: 'accepted', text: `:white_check_mark: *FR-${id}*: done.` });
    expect(await bank.facts(id)).toMatchObject({ outstanding: 0n, settled: ETHER / 2n });
    expect((await bank.lines(id)).at(-1)).toMatch(/0\.5 ETH written off \(TX-\d+\): Lost to &lt;!channel&gt;\./);
    expect((await bank.act(id, TREA, { kind: 'settle', reason: 'x' })).outcome).toBe('already');
  });

  test('cannot be approved by who filed it, nor by people who are no treasurers', async () => {
    const id = (await bank.ask(TOM)).requestId as number;
    expect((await bank.act(id, TOM, { kind: 'approve' })).text).toMatch(/nobody approves their own request/);
    expect((await bank.act(id, OLA, { kind: 'approve' })).text).toMatch(/only a treasurer can do that/);
    expect((await bank.facts(id)).request.state).toBe('requested');
  });

  test('cannot be edited: it is withdrawn and filed again', async () => {
    const id = (await bank.ask(OLA)).requestId as number;
    expect((await bank.act(id, OLA, { kind: 'edit' })).text).toContain(
      `Withdraw it (\`/funds withdraw FR-${id}\`) and file again.`,
    );
    expect((await bank.act(id, TOM, { kind: 'withdraw' })).text).toMatch(/only <@UOLA>, who filed it, can do that/);
    expect((await bank.act(id, OLA, { kind: 'withdraw' })).outcome).toBe('accepted');
    expect((await bank.act(id, TREA, { kind: 'approve' })).text).toMatch(/it is withdrawn\. File a new request/);
  });

  test('is denied with a reason, and the requester hears it', async () => {
    const id = (await bank.ask(OLA)).requestId as number;
    expect((await bank.act(id, TREA, { kind: 'deny', reason: 'x'.repeat(3000) })).faults?.reason).toMatch(
      /3000 characters/,
    );
    await bank.act(id, TREA, { kind: 'deny', reason: 'Use the faucet' });
    expect((await bank.facts(id)).request).toMatchObject({ state: 'denied', closeReason: 'Use the faucet' });
    expect((await bank.dms(OLA.id)).at(-1)).toMatch(/request for 0\.5 ETH was denied: Use the faucet\./);
  });

  test('over the limit of one request takes two treasurers', async () => {
    const id = (await bank.ask(OLA, { amount: '2.5' })).requestId as number;
    await bank.act(id, TREA, { kind: 'approve' });
    const half = await bank.facts(id);
    expect(half.request).toMatchObject({
      state: 'requested',
      firstBy: TREA.id,
      overLimit: expect.stringMatching(/2 ETH a request/),
    });
    expect((await bank.act(id, TREA, { kind: 'approve' })).text).toMatch(/waits for a second treasurer/);
    expect((await bank.act(id, TREA, { kind: 'sent', hash: aHash() })).text).toMatch(/not approved yet/);
    await bank.act(id, TOM, { kind: 'approve' });
    expect((await bank.facts(id)).request).toMatchObject({ state: 'approved', approvedBy: TOM.id });
    await bank.act(id, OLA, { kind: 'withdraw' });
  });

  test('the limit of a person and month counts in the zone of the team', async () => {
    const who = person('UMONTH', 'operator');
    // 23:30 in UTC on the last of June is July in Lisbon.
    bank.now = new Date('2026-06-30T22:30:00Z');
    const june = (await bank.ask(who, { amount: '2' })).requestId as number;
    await bank.act(june, TREA, { kind: 'approve' });
    bank.now = new Date('2026-06-30T23:30:00Z');
    const july = (await bank.ask(who, { amount: '2' })).requestId as number;
    await bank.act(july, TREA, { kind: 'approve' });
    expect((await bank.facts(july)).request.state).toBe('approved');
    const more = (await bank.ask(who, { amount: '1.5' })).requestId as number;
    await bank.act(more, TREA, { kind: 'approve' });
    expect((await bank.facts(more)).request).toMatchObject({
      state: 'requested',
      overLimit: '3 ETH a person and month (2 ETH before this)',
    });
    await bank.act(july, who, { kind: 'withdraw' });
    // Other assets, and what was withdrawn, do not count.
    const other = (await bank.ask(who, { amount: '5000', asset: 'USDC', chain: 'base' })).requestId as number;
    await bank.act(other, TREA, { kind: 'approve' });
    expect((await bank.facts(other)).request.state).toBe('approved');
    expect((await bank.facts(more)).monthApproved).toBe(0n);
  });

  test('in USD goes by no chain, with a reference', async () => {
    const f = await bank.ask(OLA, { asset: 'USD', amount: '20', address: '' });
    await bank.act(f.requestId as number, TREA, { kind: 'approve' });
    const sent = await bank.act(f.requestId as number, TREA, { kind: 'sent', hash: 'SEPA 17', fee: '0.35' });
    expect(sent.outcome).toBe('accepted');
    expect(await loadTx(t.db, sent.txId as number)).toMatchObject({ chain: null, hash: 'SEPA 17' });
    expect(await balances(t.db, { account: 'fees:off-chain' })).toEqual([
      { account: 'fees:off-chain', asset: 'USD', amount: 35n },
    ]);
    const back = await bank.act(f.requestId as number, OLA, { kind: 'return' });
    expect(back.text).toMatch(/it is closed/);
  });

  test('a repeat of one cause gets the first answer, and nothing twice', async () => {
    const cause = aCause({ actor: OLA.id });
    const first = await requestFunds(bank.deps, cause, OLA, aRequest());
    const again = await requestFunds(bank.deps, cause, OLA, aRequest());
    expect(again).toEqual({ answer: first.answer, repeated: true });
    const send = aCause({ actor: TREA.id });
    const id = first.answer.requestId as number;
    await bank.act(id, TREA, { kind: 'approve' });
    const act = { kind: 'sent', hash: aHash() } as const;
    const one = await actOnRequest(bank.deps, send, TREA, id, act);
    const two = await actOnRequest(bank.deps, send, TREA, id, act);
    expect(two).toEqual({ answer: one.answer, repeated: true });
    expect((await bank.facts(id)).txs).toHaveLength(1);
  });
});

describe('R18: more was sent than approved', () => {
  test('is recorded, for the chain is reality, and said aloud', async () => {
    const id = (await bank.ask(person('UMORE', 'operator'))).requestId as number;
    await bank.act(id, TREA, { kind: 'approve' });
    const sent = await bank.act(id, TREA, { kind: 'sent', hash: aHash(), amount: '1.5' });
    expect(sent.outcome).toBe('accepted');
    expect((await bank.lines(id)).at(-1)).toMatch(
      /sent 1\.5 ETH \(TX-\d+\)\. :warning: That is more than the 0\.5 ETH approved\.$/m,
    );
    expect((await bank.facts(id)).request).toMatchObject({ firstBy: null, approvedBy: TREA.id });
  });

  test('over a limit it is recorded, and asks for a second treasurer until one agrees', async () => {
    const who = person('UOVER', 'operator');
    const [first = 0, second = 0] = [await bank.ask(who), await bank.ask(who)].map((a) => a.requestId as number);
    for (const id of [first, second]) await bank.act(id, TREA, { kind: 'approve' });
    const hash = aHash();
    const sent = await bank.act(first, TREA, { kind: 'sent', hash, amount: '5' });
    expect(sent.outcome).toBe('accepted');
    const over = '2 ETH a request and 3 ETH a person and month (0.5 ETH before this)';
    expect((await bank.facts(first)).request).toMatchObject({ state: 'sent', sentOver: over, agreedBy: null });
    expect((await bank.lines(first)).at(-1)).toContain(
      `the limit (${over}): another treasurer agrees to it on the card.`,
    );
    const open = async () => (await listRequests(t.db, { open: true })).map((r) => r.request.id);
    // Also when nothing is outstanding any more.
    await bank.act(first, who, { kind: 'return', hash: aHash() });
    expect((await bank.facts(first)).request.state).toBe('closed');
    expect(await open()).toContain(first);
    const tx = sent.txId as number;
    expect((await bank.act(first, TREA, { kind: 'agree', tx })).code).toBe('own');
    expect((await bank.act(first, TOM, { kind: 'agree', tx })).outcome).toBe('accepted');
    expect((await bank.lines(first)).at(-1)).toMatch(/<@UTOM> agreed, as the second treasurer, to the 5 ETH sent\./);
    expect((await bank.act(first, TOM, { kind: 'agree', tx })).outcome).toBe('already');
    expect(await open()).not.toContain(first);
    // Within the limit of one request, and over that of the month by what the other one was more.
    await bank.act(second, TREA, { kind: 'sent', hash: aHash(), amount: '0.6' });
    expect((await bank.facts(second)).request.sentOver).toBe('3 ETH a person and month (5 ETH before this)');
  });

  test('what an upgrade asks about gets a card with the button for it, and nothing else is drawn', async () => {
    const who = person('UPGRADED', 'operator');
    const [asked = 0, other = 0] = [await bank.ask(who), await bank.ask(who)].map((a) => a.requestId as number);
    for (const id of [asked, other]) {
      await bank.act(id, TREA, { kind: 'approve' });
      await bank.act(id, TREA, { kind: 'sent', hash: aHash() });
    }
    await t.pool.query("update fund_requests set agreed_by = 'UTOM' where sent_over is not null and agreed_by is null");
    await t.pool.query(`update outbox set posted_ts = '1.1', due_at = now() where role = 'card'`);
    await t.pool.query('delete from graphile_worker._private_jobs');
    const due = async () => {
      const sql = "select o.subject from graphile_worker.jobs j join outbox o on j.key = 'card:' || o.id";
      return (await t.pool.query(sql)).rows.map((row) => row.subject);
    };
    await refreshUnagreed(t.db);
    expect(await due()).toEqual([]);
    // As drizzle/0007 does.
    await t.pool.query("update fund_requests set sent_over = '0.1 ETH a request' where id = $1", [asked]);
    await refreshUnagreed(t.db);
    expect(await due()).toEqual([showId('FR', asked)]);
  });

  test('after a reversal the agreement is gone with the send, and what two had approved stays approved', async () => {
    const id = (await bank.ask(person('UREVD', 'operator'), { amount: '4' })).requestId as number;
    for (const by of [TREA, TOM]) await bank.act(id, by, { kind: 'approve' });
    const send = () => bank.act(id, TREA, { kind: 'sent', hash: aHash(), amount: '9' });
    const { txId = 0 } = await send();
    await bank.act(id, TOM, { kind: 'agree', tx: txId });
    await bank.reverse(TOM, txId);
    expect((await bank.facts(id)).request).toMatchObject({
      ...{ state: 'approved', firstBy: TREA.id, approvedBy: TOM.id },
      ...{ sentOver: null, agreedBy: null, agreedAt: null },
    });
    await send();
    expect((await bank.facts(id)).request).toMatchObject({ sentOver: expect.any(String), agreedBy: null });
    // The button of the first send.
    expect((await bank.act(id, TOM, { kind: 'agree', tx: txId })).code).toBe('stale');
  });
});

describe('R17: what changes custody is said in the channel of test funds', () => {
  const channel = async () => {
    const { rows } = await t.pool.query<{ text: string }>(
      "select text from outbox where role = 'line' and target = 'CFUNDS' and thread_id is null order by id",
    );
    return rows.map((row) => row.text);
  };

  test('a transfer in or out with its warning, and its reversal; of a request its thread has it', async () => {
    const start = (await channel()).length;
    const out = {
      asset: 'BTC',
      amount: '0.5',
      hash: 'ab'.repeat(32),
      fee: '0.0001',
      from: 'btc',
      note: '<!channel> back',
    };
    const { txId = 0 } = await bank.transfer(TREA, out);
    await bank.reverse(TOM, txId);
    const mine = await bank.spend(OLA);
    await bank.reverse(TREA, mine.txId as number);
    expect((await bank.dms(OLA.id)).at(-1)).toMatch(new RegExp(`<@UTREA> reversed TX-${mine.txId} by`));
    const id = await bank.sent(OLA);
    await bank.reverse(TREA, (await bank.facts(id)).request.sentTx as number);
    const said = (await channel()).slice(start);
    expect(said).toHaveLength(2);
    expect(said[0]).toMatch(
      /<@UTREA> recorded TX-\d+: Bitcoin wallet -0\.5 BTC, outside 0\.5 BTC, .* — &lt;!channel&gt; back\n:warning: Bitcoin wallet stands at -0\.5001 BTC/,
    );
    expect(said[1]).toMatch(
      /<@UTOM> reversed TX-\d+ by TX-\d+: Typed wrongly\nBitcoin wallet 0\.5 BTC, outside -0\.5 BTC/,
    );
    expect((await bank.lines(id)).at(-1)).toMatch(/reversed TX-\d+ by/);
  });
});

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

test('lists show what is open, what is somebody’s, and what is outstanding', async () => {
  const id = await bank.sent(person('ULIST', 'operator'));
  await bank.spend(person('ULIST', 'operator'), { requestId: id });
  const [mine] = await listRequests(t.db, { person: 'ULIST', open: true });
  expect(mine).toMatchObject({ request: { id }, outstanding: 399n * 10n ** 15n, url: null });
  const open = await listRequests(t.db, { open: true });
  expect(open.every((r) => ['requested', 'approved', 'sent'].includes(r.request.state))).toBe(true);
  expect((await listRequests(t.db, {})).length).toBeGreaterThan(open.length);
  const page = await ledgerPage(t.db, { account: 'person:ULIST', limit: 5 });
  expect(page.map((tx) => tx.kind)).toEqual(['spend', 'send']);
  const [last] = page;
  expect((await ledgerPage(t.db, { before: last?.id as number, limit: 1 }))[0]?.id).toBeLessThan(last?.id as number);
  expect(await ledgerPage(t.db, { before: 1, limit: 1 })).toEqual([]);
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
