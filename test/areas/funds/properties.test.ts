// R17, R18: whatever people do in whatever order, the books balance, and the state of each request is what they say.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadFees } from '../../../src/areas/funds/fees-store.ts';
import { balancesOf, gain } from '../../../src/areas/funds/ledger.ts';
import { balances, ledgerPage } from '../../../src/areas/funds/store.ts';
import type { FundsAnswer, Posting } from '../../../src/areas/funds/types.ts';
import { verifyLedger } from '../../../src/areas/funds/verify.ts';
import { formatAmount, parseAmount } from '../../../src/base/money.ts';
import { freshDb, type TestDb } from '../../support/db.ts';
import { aHash, FUNDS, FUNDS_TEAM, OLA, TOM, TREA, type Treasury, treasuryOn } from '../../support/funds.ts';
import { teamOn } from '../../support/team.ts';

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

/** What there is to act on. */
interface World {
  requests: number[];
  txs: number[];
  /** Of everything recorded so far: some of them stand, some were reversed. */
  hashes: string[];
  releaseId: number;
}

const ASSETS = ['ETH', 'FOX', 'USDC', 'USD'] as const;
const DECIMALS = { ETH: 18, FOX: 18, USDC: 6, USD: 2 };

async function take(bank: Treasury, s: Step, w: World): Promise<FundsAnswer | undefined> {
  const { requests, txs, hashes } = w;
  const id = requests[s.nth % Math.max(1, requests.length)];
  const asset = ASSETS[s.nth % 4] ?? 'ETH';
  const chain = asset === 'USDC' ? 'ethereum' : undefined;
  const money = (n: bigint) => formatAmount(n / 10n ** BigInt(18 - DECIMALS[asset]) + 1n, DECIMALS[asset]);
  // A hash that stands is refused; one that was reversed is used for the replacement.
  const hash = (s.nth % 5 === 0 && hashes[s.nth % hashes.length]) || aHash();
  hashes.push(hash);
  const moved = { hash, fee: s.fee, ...(s.whole ? {} : { amount: typed(s.amount) }) };
  switch (s.kind) {
    case 'ask':
      return bank.ask(s.who, { amount: money(s.amount), asset, chain });
    case 'spend': {
      const request = s.link && id !== undefined ? { requestId: id } : {};
      const release = s.nth % 3 ? { releaseId: w.releaseId } : {};
      // Every fourth cost only its fee.
      const cost = s.nth % 16 < 4 ? '' : money(s.amount / 7n);
      return bank.spend(s.who, { amount: cost, asset, chain, hash, fee: s.fee, ...request, ...release });
    }
    case 'transfer':
      return bank.transfer(s.who, {
        ...{ amount: money(s.amount), asset, chain, hash, fee: s.fee, note: 'n' },
        ...(s.whole ? { to: 'main' } : { from: 'main', ...(s.link && { to: 'spare' }) }),
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

/** All fees that are told, by release and besides, are all fees that were paid. */
async function feesAgree(t: TestDb): Promise<void> {
  const { releases, others } = await loadFees(t.db, 'UTC', new Date());
  const told = [...releases.flatMap((r) => r.fees), ...others];
  const paid = (await balances(t.db)).filter((b) => b.account.startsWith('fees:'));
  const sums = (all: readonly { asset: string; amount: bigint }[]) =>
    ASSETS.map((asset) => all.reduce((sum, one) => (one.asset === asset ? sum + one.amount : sum), 0n));
  expect(sums(told)).toEqual(sums(paid));
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
    const releaseId = await teamOn(t.db).open();
    const reached = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
        const w: World = { requests: [], txs: [], hashes: [], releaseId };
        const { requests, txs } = w;
        // Each begins with money in three people's hands, a request of each that is not decided, and one that is approved.
        for (const who of PEOPLE) {
          const id = (await bank.ask(who)).requestId as number;
          await bank.act(id, who === TREA ? TOM : TREA, { kind: 'approve' });
          txs.push((await bank.act(id, TREA, { kind: 'sent', hash: aHash() })).txId as number);
          requests.push(id, (await bank.ask(who)).requestId as number);
        }
        const waiting = (await bank.ask(OLA)).requestId as number;
        await bank.act(waiting, TOM, { kind: 'approve' });
        requests.push(waiting);
        for (const s of steps) {
          const answer = await take(bank, s, w);
          if (answer?.outcome !== 'accepted') continue;
          reached.add(s.kind);
          if (s.kind === 'ask' && answer.requestId) requests.push(answer.requestId);
          if (answer.txId) txs.push(answer.txId);
        }
        const all = (await ledgerPage(t.db, { limit: 100_000 })).flatMap((tx) => tx.postings);
        expect(zero(all)).toBe(true);
        expect(sorted(await balances(t.db))).toEqual(sorted(balancesOf(all)));
        expect((await verifyLedger(t.db)).faults).toEqual([]);
        await feesAgree(t);
        // Each transaction undone by somebody who may, until nothing is left to undo.
        for (let round = 0; round < 3; round++) {
          for (const id of [...txs].reverse()) {
            const other = (await bank.reverse(TREA, id)).outcome === 'refused';
            if (other) await bank.reverse(TOM, id);
          }
        }
        expect(await balances(t.db)).toEqual([]);
        await feesAgree(t);
        for (const id of requests) {
          const f = await bank.facts(id);
          expect(f).toMatchObject({ outstanding: 0n, returned: 0n, spent: 0n, settled: 0n });
          expect(['sent', 'closed']).not.toContain(f.request.state);
        }
        expect((await verifyLedger(t.db)).faults).toEqual([]);
      }),
      { numRuns: 10 },
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
