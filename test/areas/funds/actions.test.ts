import { describe, expect, test } from 'vitest';
import { actOnRequest, refreshUnagreed } from '../../../src/areas/funds/actions.ts';
import { requestFunds } from '../../../src/areas/funds/open.ts';
import { balances, ledgerPage, listRequests, loadTx } from '../../../src/areas/funds/store.ts';
import { showId } from '../../../src/base/ids.ts';
import { person } from '../../support/facts.ts';
import { ADDRESS, aHash, aRequest, ETHER, OLA, TOM, TREA } from '../../support/funds.ts';
import { aCause } from '../../support/team.ts';
import { bank, bankOnADatabase, t } from './actions-bank.ts';

bankOnADatabase();

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

test('lists show what is open, what is somebody’s, and what is outstanding', async () => {
  const id = await bank.sent(person('ULIST', 'operator'));
  await bank.spend(person('ULIST', 'operator'), { requestId: id });
  const [mine] = await listRequests(t.db, { person: 'ULIST', open: true });
  expect(mine).toMatchObject({ request: { id }, outstanding: 399n * 10n ** 15n, url: null });
  const open = await listRequests(t.db, { open: true });
  expect(open.every((r) => ['requested', 'approved', 'sent'].includes(r.request.state))).toBe(true);
  expect((await listRequests(t.db, {})).length).toBeGreaterThan(open.length);
  const page = await ledgerPage(t.db, { limit: 2 });
  expect(page.map((tx) => tx.kind)).toEqual(['spend', 'send']);
  const [last] = page;
  expect((await ledgerPage(t.db, { before: last?.id as number, limit: 1 }))[0]?.id).toBeLessThan(last?.id as number);
  expect(await ledgerPage(t.db, { before: 1, limit: 1 })).toEqual([]);
});
