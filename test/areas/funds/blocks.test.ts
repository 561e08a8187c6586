import { describe, expect, it } from 'vitest';
import {
  accountName,
  feeOf,
  hashLink,
  moneyOn,
  moved,
  requestCard,
  requestLine,
  requestLink,
  txLine,
  typedAmount,
} from '../../../src/areas/funds/blocks.ts';
import {
  balancesTable,
  LEDGER_PAGE,
  type ListedRequest,
  ledgerList,
  mineView,
} from '../../../src/areas/funds/book-blocks.ts';
import { feesTable } from '../../../src/areas/funds/fees-blocks.ts';
import type { FeesReport } from '../../../src/areas/funds/fees-types.ts';
import { askFundsForm, FUNDS_ASKS, faultsAt, requestForm, reverseForm } from '../../../src/areas/funds/forms.ts';
import { fundNeeds } from '../../../src/areas/funds/home.ts';
import { depositForm, recordedView, spendForm } from '../../../src/areas/funds/spend-forms.ts';
import type { FundRequest, LedgerTx, Posting, RequestFacts, RequestState } from '../../../src/areas/funds/types.ts';
import { DEFAULT_FUNDS, type Funds, type Policy } from '../../../src/base/policy.ts';
import { loadPolicy } from '../../../src/policy.ts';
import { minutes, person, T0 } from '../../support/facts.ts';
import { aFundRequest, aLedgerTx, factsOf } from '../../support/funds.ts';
import { callsNobody, viewWithinLimits, withinLimits } from '../../support/limits.ts';

const FUNDS: Funds = {
  ...DEFAULT_FUNDS,
  chains: [
    {
      key: 'ethereum',
      name: 'Ethereum',
      kind: 'evm',
      feeAsset: 'ETH',
      assets: ['ETH', 'USDC'],
      explorer: 'https://scan.example/tx/{hash}',
    },
    { key: 'arbitrum', name: 'Arbitrum', kind: 'evm', feeAsset: 'ETH', assets: ['ETH'] },
    { key: 'bitcoin', name: 'Bitcoin', kind: 'bitcoin', feeAsset: 'BTC', assets: ['BTC'] },
  ],
  accounts: [
    { key: 'main', name: 'Main wallet' },
    { key: 'cold', name: 'Cold <wallet>' },
  ],
};
const policy: Policy = { ...loadPolicy('src/demo/policy.yml'), funds: FUNDS };
const HASH = `0x${'ab'.repeat(32)}`;
const EVIL = '<!channel> <@UEVIL> <https://evil.example|safe> =1+1 \u202e';

/** Ana's request for 25 USDC, and her test transaction. */
const ASKED = {
  requester: 'UANA',
  asset: 'USDC',
  amount: 25_000_000n,
  address: '0x52908400098527886E0F7030069857D2E4169EE7',
  reason: 'Swap tests',
  releaseId: null,
};
const aRequest = (over: Partial<FundRequest> = {}) => aFundRequest({ ...ASKED, ...over });
const facts = (over: Partial<FundRequest> = {}, more: Partial<RequestFacts> = {}) =>
  factsOf({ ...ASKED, ...over }, { outstanding: 0n, ...more });
function aTx(over: Partial<LedgerTx> = {}): LedgerTx {
  const postings: Posting[] = [
    { account: 'person:UANA', asset: 'USDC', amount: -12_000_000n },
    { account: 'outside', asset: 'USDC', amount: 12_000_000n },
    { account: 'person:UANA', asset: 'ETH', amount: -(10n ** 14n) },
    { account: 'fees:ethereum', asset: 'ETH', amount: 10n ** 14n },
  ];
  return aLedgerTx({
    kind: 'spend',
    releaseId: 1,
    hash: HASH,
    actor: 'UANA',
    recordTime: minutes(5),
    postings,
    ...over,
  });
}

const SENT = {
  state: 'sent',
  approvedBy: 'UTIM',
  sentBy: 'UTIM',
  sentAt: T0,
  sentTx: 40,
  sentAmount: 25_000_000n,
} as const;
const shown = (f: RequestFacts) => JSON.stringify(requestCard(f, policy));
const actionsOf = (f: RequestFacts) => [...shown(f).matchAll(/"action_id":"(funds_\w+)"/g)].map((m) => m[1]);

describe('the card of a request', () => {
  it.each<[RequestState, Partial<FundRequest>, string[], string]>([
    ['requested', {}, ['funds_approve', 'funds_deny', 'funds_withdraw'], 'a treasurer decides'],
    [
      'requested',
      { firstBy: 'UTIM', overLimit: '10 USDC a request' },
      ['funds_approve', 'funds_deny', 'funds_withdraw'],
      'a second treasurer decides',
    ],
    ['approved', { approvedBy: 'UTIM' }, ['funds_sent', 'funds_deny', 'funds_withdraw'], 'a treasurer sends it'],
    ['sent', SENT, ['funds_spend', 'funds_return', 'funds_more'], '25 USDC outstanding'],
    [
      'sent',
      { ...SENT, sentOver: '10 USDC a request' },
      ['funds_agree', 'funds_spend', 'funds_return', 'funds_more'],
      'outstanding; more than approved, so a second treasurer agrees',
    ],
    [
      'closed',
      { ...SENT, sentOver: '10 USDC a request' },
      ['funds_agree'],
      'A treasurer other than <@UTIM> and <@UANA> agrees to it. If it was recorded wrongly: `/funds reverse TX-40`.',
    ],
    ['closed', { ...SENT, sentOver: '10 USDC a request', agreedBy: 'UTOM' }, [], '<@UTOM> agreed to it'],
    ['closed', { ...SENT, closedBy: 'UTIM' }, [], 'all of it was spent or returned'],
    ['closed', { ...SENT, closedBy: 'UTIM', closeReason: 'lost' }, [], 'settled by <@UTIM>: lost'],
    ['denied', { closedBy: 'UTIM', closeReason: 'too much' }, [], 'by <@UTIM>: too much'],
    ['withdrawn', { closedBy: 'UANA' }, [], 'Withdrawn'],
  ])('R18: %s: says whom it waits for, and has the buttons that make sense', (state, over, wanted, text) => {
    const f = facts({ ...over, state }, { outstanding: state === 'sent' ? 25_000_000n : 0n });
    expect(shown(f)).toContain(text);
    expect(actionsOf(f)).toEqual(wanted);
    withinLimits(requestCard(f, policy).blocks, 50);
  });

  it('shows two approvals, and who else must agree', () => {
    expect(shown(facts({ state: 'approved', firstBy: 'UTIM', approvedBy: 'UTOM' }))).toContain('<@UTIM> and <@UTOM>');
    expect(shown(facts({ overLimit: '10 USDC a request' }))).toContain('Over the limit of 10 USDC a request');
    // What the database never has: still drawn.
    const nobody = { sentAmount: null, sentBy: null, sentTx: null };
    expect(shown(facts({ ...SENT, ...nobody, sentOver: 'x' }))).toContain('0 USDC');
    expect(shown(facts({ ...SENT, sentBy: null, sentOver: 'x' }))).toContain('other than ');
    expect(shown(facts({ state: 'denied', closeReason: null }))).toContain('*Denied* by : ');
    expect(shown(facts({ state: 'closed', closeReason: 'x' }))).toContain('settled by ');
  });

  it('shows what was sent, spent and returned, to the last base unit, and how much is accounted for', () => {
    const f = facts(SENT, { outstanding: 12_999_999n, returned: 1n, spent: 12_000_000n, txs: [aTx()] });
    const card = shown(f);
    expect(card).toContain('returned 0.000001 USDC · spent 12 USDC · *outstanding 12.999999 USDC*');
    expect(card).toContain('█████░░░░░░░');
    expect(card).toContain(`<https://scan.example/tx/${HASH}|0xababab…ababab>`);
    expect(card).toContain('fee 0.0001 ETH');
    expect(shown(facts(SENT, { settled: 5_000_000n }))).toContain('settled 5 USDC');
    // More came back than went out, and nothing went out at all: no bar breaks.
    expect(shown(facts(SENT, { outstanding: -1n }))).toContain('████████████');
    expect(shown(facts(SENT, { outstanding: 26_000_000n }))).toContain('░░░░░░░░░░░░');
    expect(shown(facts({ ...SENT, sentAmount: 0n }))).toContain('████████████');
  });

  it('shows all that was asked, and the newest transactions only', () => {
    const f = facts(
      { link: 'https://t.example/1', neededBy: '2026-12-01', releaseId: 4 },
      { txs: Array.from({ length: 20 }, (_, i) => aTx({ id: i + 1 })) },
    );
    const card = shown(f);
    for (const text of ['https://t.example/1', '2026-12-01', 'REL-4', '0x5290', 'and 12 before', 'TX-20'])
      expect(card).toContain(text);
    expect(card).not.toContain('`TX-12`');
    withinLimits(requestCard(f, policy).blocks, 50);
    expect(shown(facts({ asset: 'USD', chain: null, address: null }))).not.toContain('*To*');
  });

  it('keeps what people typed as text, and within limits', () => {
    const long = `${EVIL} ${'x'.repeat(3000)}`;
    for (const state of ['requested', 'closed', 'denied'] as const) {
      const f = facts(
        { state, reason: long, closeReason: long, closedBy: 'UTIM', address: EVIL },
        { txs: [aTx({ note: long, hash: EVIL })] },
      );
      const card = requestCard(f, policy);
      withinLimits(card.blocks, 50);
      callsNobody(card);
    }
  });
});

describe('the pieces', () => {
  it('names accounts, chains and amounts, also those that have left the policy', () => {
    const names = [
      'custody:cold',
      'custody:gone',
      'person:UANA',
      'fees:ethereum',
      'fees:off-chain',
      'fees:doge',
      'outside',
    ] as const;
    expect(names.map((n) => accountName(n, FUNDS))).toEqual([
      'Cold &lt;wallet&gt;',
      'gone',
      '<@UANA>',
      'fees on Ethereum',
      'fees off chain',
      'fees on doge',
      'outside',
    ]);
    expect(accountName('custody:' as never, FUNDS)).toBe('');
    expect(accountName('person' as never, FUNDS)).toBe('');
    expect(moneyOn({ amount: 1n, asset: 'ETH', chain: 'ethereum' }, FUNDS)).toBe(
      '0.000000000000000001 ETH on Ethereum',
    );
    expect(moneyOn({ amount: 1n, asset: 'USD', chain: null }, FUNDS)).toBe('0.01 USD');
    expect(typedAmount(10n ** 27n, 'ETH', FUNDS)).toBe('1000000000');
    expect(typedAmount(5n, 'GONE', FUNDS)).toBe('');
  });

  it('a transaction says what moved, its fee, and when it was reversed', () => {
    expect(moved(aTx(), FUNDS)).toBe('12 USDC');
    expect(feeOf(aTx(), FUNDS)).toBe('0.0001 ETH');
    expect(moved(aTx({ postings: [...aTx().postings, ...aTx().postings] }), FUNDS)).toBe('24 USDC');
    const feeOnly = aTx({ postings: aTx().postings.slice(2), hash: null, note: 'a\nnote' });
    expect(txLine(feeOnly, FUNDS)).toBe('`TX-41` spent · fee 0.0001 ETH — a note');
    expect(txLine(aTx({ reversedBy: 42 }), FUNDS)).toMatch(/~spent 12 USDC .*~ _\(reversed by TX-42\)_/);
    expect(txLine(aTx({ id: 42, kind: 'reversal', reverses: 41, note: 'wrong' }), FUNDS)).toBe(
      '`TX-42` reversed TX-41 — wrong',
    );
    expect(hashLink('short', 'bitcoin', FUNDS)).toBe('`short`');
    expect(requestLine(facts(), FUNDS)).toContain('Requested');
    expect(requestLink(3, 'https://slack.example/p1')).toBe('<https://slack.example/p1|FR-3>');
    expect(requestLink(3, null)).toBe('*FR-3*');
  });
});

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

describe('forms', () => {
  const releases = Array.from({ length: 120 }, (_, i) => ({ id: i + 1, name: `web v${i}.0.0 ${'x'.repeat(200)}` }));
  const cases = Array.from({ length: 150 }, (_, i) => ({ releaseId: 1, caseId: `c${i}`, name: `Case ${i} ${EVIL}` }));
  it('offer the wallets of the chain, the usual one first', () => {
    const asked = (...chains: (string | undefined)[]) => {
      const accounts = chains.map((chain, i) => ({ key: `w${i}`, name: `W${i}`, ...(chain && { chain }) }));
      const view = JSON.stringify(askFundsForm('sent', facts({ chain: 'ethereum' }), { ...FUNDS, accounts }));
      return [...view.matchAll(/"value":"(w\d)"/g)].map((m) => m[1]);
    };
    // What is chosen already comes after the options.
    expect(asked('bitcoin', undefined, 'ethereum')).toEqual(['w2', 'w1', 'w2']);
    expect(asked('bitcoin', 'ethereum')).toEqual([]);
    expect(asked('bitcoin', 'arbitrum')).toEqual(['w0', 'w1', 'w0']);
  });

  it('R18: of a return, the wallet it was sent from is chosen where it fits', () => {
    const accounts = ['a', 'b', 'c'].map((key) => ({ key, name: key, ...(key === 'c' && { chain: 'bitcoin' }) }));
    const chosen = (from: string) => {
      const postings = [{ account: `custody:${from}` as const, asset: 'USDC', amount: -25_000_000n }];
      const sent = facts({ state: 'sent', sentTx: 41, chain: 'ethereum' }, { txs: [aLedgerTx({ id: 41, postings })] });
      const view = JSON.stringify(askFundsForm('return', sent, { ...FUNDS, accounts }));
      return /"initial_option":\{[^}]*\},"value":"(\w)"/.exec(view)?.[1];
    };
    expect([chosen('a'), chosen('b'), chosen('c'), chosen('gone')]).toEqual(['a', 'b', 'a', 'a']);
  });

  it('are within limits, prefilled or not, with everything there is', () => {
    const initial = {
      amount: '9'.repeat(3000),
      asset: 'USDC',
      chain: 'ethereum',
      releaseId: 1,
      testCase: 'c3',
      requestId: 3,
      what: 'x'.repeat(3000),
    };
    const views = [
      requestForm(FUNDS, { releases, initial: { ...initial, reason: 'x'.repeat(3000) } }),
      requestForm(FUNDS, { releases: [], initial: {} }),
      spendForm(FUNDS, { releases, cases, requests: [{ id: 3, name: 'FR-3 · 5 USDC left' }], initial }),
      spendForm({ ...FUNDS, chains: [] }, { releases: [], cases: [], requests: [], initial: { asset: 'GONE' } }),
      depositForm(FUNDS, initial),
      depositForm({ ...FUNDS, accounts: [] }, {}),
      recordedView(EVIL, initial),
      recordedView('Recorded', {}),
      reverseForm(41, EVIL),
      ...FUNDS_ASKS.flatMap((what) => [
        askFundsForm(what, facts({ reason: 'x'.repeat(900) }), FUNDS, {
          amount: '5',
          hash: HASH,
          fee: '1',
          reason: EVIL,
        }),
        askFundsForm(what, facts({ asset: 'USD', chain: null }), { ...FUNDS, accounts: FUNDS.accounts.slice(0, 1) }),
      ]),
    ];
    for (const view of views) viewWithinLimits(view as never);
  });

  it('the test transaction knows release, test case, request, asset and chain from where it was opened', () => {
    const initial = { asset: 'USDC', chain: 'ethereum', releaseId: 2, testCase: 'c3', requestId: 3 };
    const view = spendForm(FUNDS, {
      releases: [{ id: 2, name: 'web v2' }],
      cases: [{ releaseId: 2, caseId: 'c3', name: 'Send' }],
      requests: [{ id: 3, name: 'FR-3' }],
      initial,
    });
    const first = (id: string) => {
      const block = view.blocks.find((b) => b.block_id === id) as unknown as {
        element: { initial_option?: { value: string } };
      };
      return block.element.initial_option?.value;
    };
    expect(['asset', 'chain', 'release', 'testCase', 'request'].map(first)).toEqual([
      'USDC',
      'ethereum',
      '2',
      '2:c3',
      '3',
    ]);
  });

  it('faults are shown at their field, or at the first one', () => {
    const { blocks } = requestForm(FUNDS, { releases: [], initial: {} });
    expect(faultsAt(blocks, { amount: 'a', reason: 'r' }, 'whole')).toEqual({ amount: 'a', reason: 'r' });
    expect(faultsAt(blocks, { hash: 'h', from: 'f' }, 'whole')).toEqual({ amount: 'h f' });
    expect(faultsAt(blocks, undefined, 'whole')).toEqual({ amount: 'whole' });
    expect(faultsAt([], {}, 'whole')).toEqual({ amount: 'whole' });
    const asked = askFundsForm('deny', facts(), FUNDS).blocks;
    expect(faultsAt(asked, { hash: 'h' }, 'whole')).toEqual({ reason: 'h' });
  });
});
