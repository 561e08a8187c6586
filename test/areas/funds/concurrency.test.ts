// R17, R18 under people who act at the same moment, by several instances on one database.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { actOnRequest } from '../../../src/areas/funds/actions.ts';
import { recordSpend } from '../../../src/areas/funds/spend.ts';
import { balances } from '../../../src/areas/funds/store.ts';
import { verifyLedger } from '../../../src/areas/funds/verify.ts';
import { openDb } from '../../../src/db/client.ts';
import { freshDb, type TestDb } from '../../support/db.ts';
import { person } from '../../support/facts.ts';
import { aHash, aSpend, OLA, TOM, TREA, type Treasury, treasuryOn } from '../../support/funds.ts';
import { aCause } from '../../support/team.ts';

let t: TestDb;
let bank: Treasury;
let others: ReturnType<typeof openDb>[];
beforeAll(async () => {
  t = await freshDb();
  bank = treasuryOn(t.db);
  others = Array.from({ length: 3 }, () => openDb(t.url, { log: () => {}, max: 4 }));
});
afterAll(async () => {
  await Promise.all(others.map((o) => o.close()));
  await t.close();
});

/** Deps of the n-th instance. */
const instance = (n: number) => ({ ...bank.deps, db: others[n % others.length]?.db ?? t.db });
let people = 0;
/** Each asks for the first time, so that no limit stands in the way. */
const somebody = () => person(`USOME${++people}`, 'operator');
const approved = async (who = somebody()) => {
  const id = (await bank.ask(who)).requestId as number;
  await bank.act(id, TREA, { kind: 'approve' });
  return id;
};
const outcomes = (all: { answer: { outcome: string } }[]) => all.map((one) => one.answer.outcome).sort();

test('R17: of two sends with one hash at once, one is in the books', async () => {
  for (let round = 0; round < 10; round++) {
    const [one, two] = [await approved(), await approved()];
    const hash = aHash();
    const done = await Promise.all(
      [one, two].map((id, n) => actOnRequest(instance(n), aCause(), TREA, id, { kind: 'sent', hash, fee: '0.001' })),
    );
    expect(outcomes(done)).toEqual(['accepted', 'refused']);
    expect(done.find((d) => d.answer.outcome === 'refused')?.answer.faults?.hash).toMatch(
      /recorded already, as TX-\d+/,
    );
  }
});

test('R18: one request is sent once, by whomever', async () => {
  const id = await approved();
  const done = await Promise.all(
    [TREA, TOM, TREA].map((who, n) => actOnRequest(instance(n), aCause(), who, id, { kind: 'sent', hash: aHash() })),
  );
  // Three transactions: who was late is told that it went out more than once.
  expect(outcomes(done)).toEqual(['accepted', 'refused', 'refused']);
  expect(done.filter((d) => d.answer.code === 'sent_twice')).toHaveLength(2);
  expect((await bank.facts(id)).txs).toHaveLength(1);
});

test('R18: two approvals at once of two requests each count the other', async () => {
  for (let round = 0; round < 5; round++) {
    const who = person(`URICH${round}`, 'operator');
    const ids = [];
    for (let n = 0; n < 3; n++) ids.push((await bank.ask(who, { amount: '1.4' })).requestId as number);
    await Promise.all(ids.map((id, n) => actOnRequest(instance(n), aCause(), TREA, id, { kind: 'approve' })));
    const states = await Promise.all(ids.map(async (id) => (await bank.facts(id)).request.state));
    // 3 ETH a month: two fit, the third waits for a second treasurer.
    expect(states.sort()).toEqual(['approved', 'approved', 'requested']);
  }
});

test('R18: more is sent of one request while another is approved: together they are not over the month with one treasurer', async () => {
  for (let round = 0; round < 3; round++) {
    const who = person(`UMUCH${round}`, 'operator');
    const [one = 0, two = 0] = [await bank.ask(who, { amount: '1' }), await bank.ask(who, { amount: '1.5' })].map(
      (a) => a.requestId as number,
    );
    await bank.act(one, TREA, { kind: 'approve' });
    await Promise.all([
      actOnRequest(instance(0), aCause(), TOM, one, { kind: 'sent', amount: '1.9', hash: aHash() }),
      actOnRequest(instance(1), aCause(), TREA, two, { kind: 'approve' }),
    ]);
    const [sent, approved] = [(await bank.facts(one)).request, (await bank.facts(two)).request];
    // 1.9 and 1.5 ETH, and 3 a month: whichever came second takes two treasurers.
    expect(sent.state).toBe('sent');
    expect(sent.sentOver !== null).toBe(approved.state === 'approved');
  }
});

test('R18: two treasurers approve one request over the limit at once: both count, and a third is told', async () => {
  const id = (await bank.ask(OLA, { amount: '2.5' })).requestId as number;
  const third = person('UTHIRD', 'treasurer');
  const done = await Promise.all(
    [TREA, TOM, third].map((who, n) => actOnRequest(instance(n), aCause(), who, id, { kind: 'approve' })),
  );
  expect(outcomes(done)).toEqual(['accepted', 'accepted', 'already']);
  const { request } = await bank.facts(id);
  expect(request.state).toBe('approved');
  expect(request.firstBy).not.toBe(request.approvedBy);
});

test('R18: spends at once never take more of a request than was sent', async () => {
  const who = somebody();
  const id = await bank.sent(who, { amount: '0.25' });
  const done = await Promise.all(
    Array.from({ length: 6 }, (_, n) => recordSpend(instance(n), aCause(), who, aSpend({ requestId: id, fee: '' }))),
  );
  expect(outcomes(done).filter((o) => o === 'accepted')).toHaveLength(2);
  expect((await bank.facts(id)).outstanding).toBe(5n * 10n ** 16n);
});

test('R17: one transaction is reversed once', async () => {
  const spent = await bank.spend(OLA);
  const done = await Promise.all([TREA, TOM, TREA].map((who) => bank.reverse(who, spent.txId as number)));
  expect(done.map((d) => d.outcome).sort()).toEqual(['accepted', 'already', 'already']);
});

test('R17: people who all begin to hold something at once make each account once, without a deadlock', async () => {
  const crowd = Array.from({ length: 24 }, (_, n) => person(`UCROWD${n}`, 'operator'));
  const done = await Promise.all(
    crowd.map((who, n) =>
      recordSpend(instance(n), aCause(), who, aSpend(n % 2 ? { asset: 'USDC', chain: 'base' } : { asset: 'FOX' })),
    ),
  );
  expect(outcomes(done).every((o) => o === 'accepted')).toBe(true);
  expect((await balances(t.db)).filter((b) => b.account.startsWith('person:UCROWD')).length).toBe(48);
  expect((await verifyLedger(t.db)).faults).toEqual([]);
});
