import { describe, expect, it } from 'vitest';
import {
  balancesTable,
  LEDGER_PAGE,
  type ListedRequest,
  ledgerList,
  mineView,
} from '../../../src/areas/funds/book-blocks.ts';
import { feesTable } from '../../../src/areas/funds/fees-blocks.ts';
import type { FeesReport } from '../../../src/areas/funds/fees-types.ts';
import { fundNeeds } from '../../../src/areas/funds/home.ts';
import type { FundRequest, Posting } from '../../../src/areas/funds/types.ts';
import { person } from '../../support/facts.ts';
import { aFundRequest } from '../../support/funds.ts';
import { callsNobody, withinLimits } from '../../support/limits.ts';
import { ASKED, aTx, EVIL, policy } from './blocks-samples.ts';

const aRequest = (over: Partial<FundRequest> = {}) => aFundRequest({ ...ASKED, ...over });

const REPORT: FeesReport = {
  days: 90,
  releases: [
    {
      id: 2,
      name: 'web v2.0.0',
      txs: 2,
      fees: [
        { asset: 'ETH', amount: 10n ** 15n },
        { asset: 'BTC', amount: 5n },
      ],
      usd: 520n,
    },
    { id: 1, name: 'web v1.0.0', txs: 1, fees: [{ asset: 'ETH', amount: 1n }], usd: null },
    { id: 3, name: 'web v3.0.0', txs: 1, fees: [], usd: null },
  ],
  others: [
    { kind: 'tests', asset: 'ETH', amount: 10n ** 14n, txs: 1 },
    { kind: 'moves', asset: 'ETH', amount: 2n, txs: 2 },
    { kind: 'moves', asset: 'BTC', amount: 3n, txs: 1 },
  ],
  chains: [
    {
      chain: 'ethereum',
      asset: 'ETH',
      txs: 3,
      total: 123_456_789_012_345_678n,
      median: 123_456_789_012_345n,
      least: 1n,
      most: 10n ** 17n,
    },
    { chain: 'off-chain', asset: 'USD', txs: 1, total: 150n, median: 150n, least: 150n, most: 150n },
    { chain: 'old', asset: 'GONE', txs: 2, total: 7n, median: 3n, least: 3n, most: 4n },
  ],
  hours: [
    { chain: 'ethereum', asset: 'ETH', hour: 15, txs: 1, median: 10n ** 17n },
    { chain: 'ethereum', asset: 'ETH', hour: 3, txs: 1, median: 10n ** 15n },
    { chain: 'ethereum', asset: 'ETH', hour: 9, txs: 2, median: 5n * 10n ** 16n },
    { chain: 'ethereum', asset: 'ETH', hour: 4, txs: 2, median: 10n ** 15n },
    { chain: 'off-chain', asset: 'USD', hour: 9, txs: 1, median: 150n },
    { chain: 'old', asset: 'GONE', hour: 1, txs: 1, median: 4n },
    { chain: 'old', asset: 'GONE', hour: 2, txs: 1, median: 3n },
  ],
};

describe('the table of fees', () => {
  it('R19: by release, by chain, and by hour with the cheapest ones named', () => {
    const drawn = feesTable(REPORT, policy);
    const text = JSON.stringify(drawn.blocks);
    for (const said of [
      'REL-2 web v2.0.0 — 0.001 ETH + 0.00000005 BTC in 2 transactions · worth $5.20 as typed',
      '0.000000000000000001 ETH in 1 transaction',
      'Ethereum — 0.123456789012345678 ETH in 3 transactions; median 0.0001235 ETH',
      'web v3.0.0 — no fees in 1 transaction',
      'test transactions of no release — 0.0001 ETH in 1 transaction',
      'test funds sent, returned and moved — 0.000000000000000002 ETH + 0.00000003 BTC in 3 transactions',
      'off chain — 1.5 USD in 1 transaction',
      'median 3 base units of GONE',
      'cheapest at *03:00, 04:00*',
      '15:00 ████████████████ 0.1 ETH (1)',
      '◀',
      'old by hour*: cheapest at *02:00*',
    ])
      expect(text).toContain(said);
    expect(text).not.toContain('off chain by hour');
    withinLimits(drawn.blocks, 50);
  });

  it('says so when there is nothing', () => {
    const none = { days: 90, releases: [], others: [], chains: [], hours: [] };
    expect(feesTable(none, policy).text).toContain('No fees are on record yet');
    expect(JSON.stringify(feesTable({ ...REPORT, others: [] }, policy).blocks)).not.toContain('Besides');
    expect(JSON.stringify(feesTable({ ...REPORT, releases: [] }, policy).blocks)).toContain('_none yet_');
    expect(JSON.stringify(feesTable({ ...REPORT, chains: [] }, policy).blocks)).toContain('_none in these days_');
  });

  it('stays within limits with many chains and releases', () => {
    const chains = Array.from(
      { length: 30 },
      (_, i) => ({ ...REPORT.chains[0], chain: `c${i}` }) as FeesReport['chains'][0],
    );
    const hours = chains.flatMap((c) =>
      Array.from({ length: 24 }, (_, hour) => ({
        chain: c.chain,
        asset: 'ETH',
        hour,
        txs: 3,
        median: BigInt(hour + 1),
      })),
    );
    const releases = Array.from(
      { length: 15 },
      (_, i) => ({ ...REPORT.releases[0], id: i }) as FeesReport['releases'][0],
    );
    const drawn = feesTable({ ...REPORT, releases, chains, hours }, policy);
    withinLimits(drawn.blocks, 50);
  });
});

const listed = (over: Partial<FundRequest>, outstanding = 0n): ListedRequest => ({
  request: aRequest(over),
  outstanding,
  url: 'https://slack.example/p1',
});

describe('balances, ledger and mine', () => {
  it('show what each account holds; a wallet below zero is marked', () => {
    const drawn = balancesTable(
      [
        { account: 'custody:main', asset: 'ETH', amount: -1n },
        { account: 'custody:main', asset: 'USDC', amount: 5_000_000n },
        { account: 'custody:cold', asset: 'BTC', amount: 0n },
        { account: 'person:UANA', asset: 'USDC', amount: 1n },
        { account: 'person:UBEN', asset: 'USDC', amount: -1n },
        { account: 'fees:bitcoin', asset: 'BTC', amount: -1n },
        { account: 'fees:ethereum', asset: 'ETH', amount: 7n },
        { account: 'outside', asset: 'USDC', amount: -6n },
      ],
      policy,
    );
    const text = JSON.stringify(drawn.blocks);
    expect(text).toContain('Main wallet: -0.000000000000000001 ETH, 5 USDC :warning: below zero');
    expect(text).toContain('<@UANA>: 0.000001 USDC');
    expect(text).toContain('<@UBEN>: -0.000001 USDC _(below zero: paid from their own pocket)_');
    expect(text).toContain('fees on Ethereum: 0.000000000000000007 ETH');
    expect(text).not.toContain('Cold');
    expect(balancesTable([], policy).text).toContain('empty');
    const many: Posting[] = Array.from({ length: 300 }, (_, i) => ({
      account: `person:U${i}`,
      asset: 'ETH',
      amount: 1n,
    }));
    const cut = balancesTable(many, policy);
    withinLimits(cut.blocks, 50);
    expect(JSON.stringify(cut.blocks)).toContain('and 240 more');
  });

  it('the ledger goes by pages', () => {
    const txs = Array.from({ length: LEDGER_PAGE }, (_, i) => aTx({ id: 100 - i, kind: 'transfer', note: EVIL }));
    const page = ledgerList(txs, undefined, policy);
    expect(JSON.stringify(page.blocks)).toContain('<@UANA> → outside, fees on Ethereum');
    expect(JSON.stringify(page.blocks)).toContain('/funds ledger TX-86');
    expect(JSON.stringify(ledgerList([aTx()], 86, policy).blocks)).not.toContain('Older ones');
    expect(ledgerList([], undefined, policy).text).toContain('empty');
    expect(ledgerList([], 7, policy).text).toContain('nothing older');
    callsNobody(page);
    withinLimits(page.blocks, 50);
  });

  it('no line of a list is cut, however long all of them are', () => {
    const note = '<&>'.repeat(40);
    const txs = Array.from({ length: LEDGER_PAGE }, (_, i) => aTx({ id: 100 - i, kind: 'transfer', note }));
    const requests = Array.from({ length: 20 }, (_, i) => listed({ id: i + 1, reason: note }));
    const page = ledgerList(txs, undefined, policy);
    const mine = mineView({ requests, balances: [], txs }, policy);
    for (const { blocks } of [page, mine]) {
      withinLimits(blocks, 50);
      expect(JSON.stringify(blocks)).not.toMatch(/…"/);
    }
    for (const tx of txs) expect(JSON.stringify(page.blocks)).toContain(`TX-${tx.id}`);
    for (const r of requests) expect(JSON.stringify(mine.blocks)).toContain(`|FR-${r.request.id}>`);
  });

  it('mine: requests, what I hold, my last test transactions', () => {
    const full = mineView(
      {
        requests: Array.from({ length: 30 }, () => listed({ reason: `${EVIL} ${'x'.repeat(500)}` })),
        balances: [
          { account: 'person:UANA', asset: 'USDC', amount: 5n },
          { account: 'person:UANA', asset: 'ETH', amount: 0n },
          { account: 'person:UANA', asset: 'BTC', amount: -30n },
        ],
        txs: Array.from({ length: 30 }, () => aTx()),
      },
      policy,
    );
    withinLimits(full.blocks, 50);
    callsNobody(full);
    expect(JSON.stringify(full.blocks)).toContain('"0.000005 USDC"');
    expect(JSON.stringify(full.blocks)).toContain('"0.0000003 BTC"');
    expect(JSON.stringify(mineView({ requests: [], balances: [], txs: [] }, policy).blocks)).toContain('_none_');
  });
});

describe('the App Home', () => {
  const [ana, tim, tom] = [person('UANA'), person('UTIM', 'treasurer'), person('UTOM', 'treasurer')];
  const sees = (r: ListedRequest, who = ana) => fundNeeds([r], who, policy).join();
  it('R18: tells treasurers what waits for them, and people what is theirs', () => {
    expect(sees(listed({}))).toContain('yours: a treasurer decides');
    expect(sees(listed({}), tim)).toContain('for <@UANA>: Swap tests — *approve or deny it*');
    expect(sees(listed({ firstBy: 'UTIM' }), tim)).toBe('');
    expect(sees(listed({ firstBy: 'UTIM' }), tom)).toContain('as the second treasurer');
    expect(sees(listed({}), person('UBEN'))).toBe('');
    expect(sees(listed({ requester: 'UTIM' }), tim)).toContain('yours');
    expect(sees(listed({ state: 'approved' }), tim)).toContain('send it');
    expect(sees(listed({ state: 'approved' }), person('UBEN'))).toBe('');
    expect(sees(listed({ state: 'approved' }))).toContain('a treasurer sends it');
    expect(sees(listed({ state: 'sent' }, 5_000_000n))).toContain('5 USDC to spend or return');
    for (const state of ['sent', 'closed'] as const) {
      const over = listed({ state, sentOver: '2 USDC a request', sentBy: 'UTIM' });
      expect(sees(over, tom)).toContain('agree to what was sent: `/funds show FR-3`*');
      expect(sees(over, tim)).toBe('');
    }
    expect(sees(listed({ state: 'sent' }), tim)).toBe('');
    expect(sees(listed({ state: 'closed' }))).toBe('');
  });
});
