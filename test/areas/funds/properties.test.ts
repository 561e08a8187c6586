// R17, R18: whatever people do in whatever order, the books balance, and the state of each request is what they say.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { balancesOf, feeAccount, gain, imbalance, postingsOf, reversalOf } from '../../../src/areas/funds/ledger.ts';
import { balances, ledgerPage } from '../../../src/areas/funds/store.ts';
import type { Account, FundsAnswer, Posting } from '../../../src/areas/funds/types.ts';
import { verifyLedger } from '../../../src/areas/funds/verify.ts';
import { formatAmount, parseAmount } from '../../../src/base/money.ts';
import { freshDb, type TestDb } from '../../support/db.ts';
import { aHash, FUNDS, FUNDS_TEAM, OLA, TOM, TREA, type Treasury, treasuryOn } from '../../support/funds.ts';

const NO_LIMITS = { ...FUNDS, limits: { perRequest: new Map(), perPersonMonth: new Map() } };
const PEOPLE = [OLA, TOM, TREA];

const amount = fc.bigInt({ min: 1n, max: 6n * 10n ** 17n });
const typed = (n: bigint) => formatAmount(n, 18);
const who = fc.constantFrom(...PEOPLE);
const fee = fc.oneof(fc.constant(''), fc.bigInt({ min: 0n, max: 10n ** 16n }).map(typed));
/** Which of the things there are; taken modulo how many. */
const nth = fc.nat(1000);

type Step = {
  kind: string;
  who: (typeof PEOPLE)[number];
  nth: number;
  amount: bigint;
  fee: string;
  whole: boolean;
  link: boolean;
};
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(
    'ask',
    'approve',
    'sent',
    'sent',
    'return',
    'spend',
    'spend',
    'settle',
    'withdraw',
    'deny',
    'transfer',
    'reverse',
  ),
  who,
  nth,
  amount,
  fee,
  whole: fc.boolean(),
  link: fc.boolean(),
});

async function take(bank: Treasury, s: Step, requests: number[], txs: number[]): Promise<FundsAnswer | undefined> {
  const id = requests[s.nth % Math.max(1, requests.length)];
  const asset = s.nth % 2 ? 'ETH' : 'FOX';
  const moved = { hash: aHash(), fee: s.fee, ...(s.whole ? {} : { amount: typed(s.amount) }) };
  switch (s.kind) {
    case 'ask':
      return bank.ask(s.who, { amount: typed(s.amount), asset });
    case 'spend': {
      const request = s.link && id !== undefined ? { requestId: id } : {};
      return bank.spend(s.who, { amount: typed(s.amount / 7n + 1n), asset, hash: moved.hash, fee: s.fee, ...request });
    }
    case 'transfer':
      return bank.transfer(s.who, {
        amount: typed(s.amount),
        asset,
        hash: moved.hash,
        fee: s.fee,
        to: 'main',
        note: 'n',
      });
    case 'reverse': {
      const tx = txs[s.nth % Math.max(1, txs.length)];
      return tx === undefined ? undefined : bank.reverse(s.who, tx);
    }
    default:
      if (id === undefined) return undefined;
      return bank.act(id, s.who, { kind: s.kind as 'sent', reason: 'r', ...moved } as Parameters<Treasury['act']>[2]);
  }
}

const zero = (postings: readonly Posting[]) => {
  const sums = new Map<string, bigint>();
  for (const p of postings) sums.set(p.asset, (sums.get(p.asset) ?? 0n) + p.amount);
  return [...sums.values()].every((sum) => sum === 0n);
};
const sorted = (postings: readonly Posting[]) => [...postings].map((p) => `${p.account} ${p.asset} ${p.amount}`).sort();

describe('any sequence of actions', () => {
  let t: TestDb;
  beforeAll(async () => {
    t = await freshDb();
  });
  afterAll(() => t.close());

  test('leaves every asset at zero, balances that are the replay of the postings, and nothing once all is reversed', async () => {
    const bank = treasuryOn(t.db, { ...FUNDS_TEAM, funds: NO_LIMITS });
    const reached = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
        const requests: number[] = [];
        const txs: number[] = [];
        // Each begins with money in three people's hands.
        for (const who of PEOPLE) {
          const id = (await bank.ask(who)).requestId as number;
          await bank.act(id, who === TREA ? TOM : TREA, { kind: 'approve' });
          txs.push((await bank.act(id, TREA, { kind: 'sent', hash: aHash() })).txId as number);
          requests.push(id);
        }
        for (const s of steps) {
          const answer = await take(bank, s, requests, txs);
          if (answer?.outcome !== 'accepted') continue;
          reached.add(s.kind);
          if (s.kind === 'ask' && answer.requestId) requests.push(answer.requestId);
          if (answer.txId) txs.push(answer.txId);
        }
        const all = (await ledgerPage(t.db, { limit: 100_000 })).flatMap((tx) => tx.postings);
        expect(zero(all)).toBe(true);
        expect(sorted(await balances(t.db))).toEqual(sorted(balancesOf(all)));
        expect((await verifyLedger(t.db)).faults).toEqual([]);
        // Each transaction undone by somebody who may, until nothing is left to undo.
        for (let round = 0; round < 3; round++) {
          for (const id of [...txs].reverse()) {
            const other = (await bank.reverse(TREA, id)).outcome === 'refused';
            if (other) await bank.reverse(TOM, id);
          }
        }
        expect(await balances(t.db)).toEqual([]);
        for (const id of requests) {
          const f = await bank.facts(id);
          expect(f).toMatchObject({ outstanding: 0n, returned: 0n, spent: 0n, settled: 0n });
          expect(['sent', 'closed']).not.toContain(f.request.state);
        }
        expect((await verifyLedger(t.db)).faults).toEqual([]);
      }),
      { numRuns: 12 },
    );
    expect([...reached].sort()).toEqual(
      ['approve', 'ask', 'deny', 'return', 'reverse', 'sent', 'settle', 'spend', 'transfer', 'withdraw'].sort(),
    );
  }, 120_000);

  test('keeps amounts from typed text to the database and back to the last base unit', async () => {
    const bank = treasuryOn(t.db);
    for (const base of [1n, 10n ** 27n, 10n ** 27n + 1n, 123_456_789_012_345_678_901_234_567n]) {
      const spent = await bank.spend(OLA, { amount: formatAmount(base, 18), fee: '' });
      const [tx] = await ledgerPage(t.db, { limit: 1 });
      expect(tx?.id).toBe(spent.txId);
      expect(gain(tx?.postings ?? [], 'outside', 'ETH')).toBe(base);
      const { rows } = await t.pool.query<{ amount: string }>(
        'select amount::text from spends order by tx_id desc limit 1',
      );
      expect(rows[0]?.amount).toBe(base.toString());
      const read = parseAmount(formatAmount(BigInt(rows[0]?.amount as string), 18), { key: 'ETH', decimals: 18 });
      expect(read).toEqual({ amount: base });
    }
  });
});

describe('the postings of a movement', () => {
  const account = fc.constantFrom<Account>('custody:main', 'person:U1', 'outside', 'fees:x');
  const asset = fc.constantFrom(...FUNDS.assets.map((a) => a.key));
  const units = fc.bigInt({ min: 0n, max: 10n ** 30n });
  const movement = fc
    .record({
      from: account,
      to: account,
      asset,
      amount: units,
      payer: account,
      feeAsset: asset,
      fee: units,
      chain: fc.constantFrom('x', null),
    })
    .filter((m) => m.amount + m.fee > 0n);

  test('sum to zero, without legs of nothing, and with their opposite move nothing', () => {
    fc.assert(
      fc.property(movement, (m) => {
        const legs = postingsOf(m);
        expect(imbalance(legs)).toBeNull();
        expect(legs.every((leg) => leg.amount !== 0n)).toBe(true);
        expect(balancesOf([...legs, ...reversalOf(legs)])).toEqual([]);
      }),
    );
  });

  test('that do not balance are told apart', () => {
    const leg: Posting = { account: 'outside', asset: 'ETH', amount: 5n };
    expect(imbalance([])).toMatch(/no postings/);
    expect(imbalance([leg])).toMatch(/1 posting;/);
    expect(imbalance([leg, leg])).toBe('it does not sum to zero: 10 of ETH over');
    expect(feeAccount(null)).toBe('fees:off-chain');
  });
});
