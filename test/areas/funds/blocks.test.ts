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
import type { FundRequest, RequestFacts, RequestState } from '../../../src/areas/funds/types.ts';
import { T0 } from '../../support/facts.ts';
import { callsNobody, withinLimits } from '../../support/limits.ts';
import { aTx, EVIL, FUNDS, facts, HASH, policy } from './blocks-samples.ts';

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
      { ...SENT, sentAmount: 26_000_000n, sentOver: '10 USDC a request' },
      ['funds_agree', 'funds_spend', 'funds_return', 'funds_more'],
      'outstanding; more than approved, so a second treasurer agrees',
    ],
    [
      'sent',
      { ...SENT, sentOver: '10 USDC a request' },
      ['funds_agree', 'funds_spend', 'funds_return', 'funds_more'],
      'outstanding; withdrawn or denied before, so a second treasurer agrees',
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

  it('R18: says loudly that it was sent although it was withdrawn or denied, and what a reversed send leaves open', () => {
    const ended = { state: 'denied', closedBy: 'UTOM', closedAt: T0, closeReason: 'a\nfaucet' } as const;
    expect(shown(facts(SENT, { ended }))).toContain('although <@UTOM> denied it: a faucet.');
    const withdrawn = { ...ended, state: 'withdrawn', closeReason: null } as const;
    expect(shown(facts({ ...SENT, state: 'closed' }, { ended: withdrawn }))).toContain('although <@UTOM> withdrew it.');
    expect(shown(facts({ state: 'withdrawn' }, { ended: withdrawn }))).not.toContain('although');
    const txs = [aTx({ id: 40, kind: 'send', reversedBy: 41 })];
    const undone = shown(facts({ state: 'approved' }, { txs }));
    expect(undone).toContain('TX-40 recorded that it was sent, and was reversed. If it did go out');
    expect(undone).toContain(
      'filed again. A send of it was recorded and reversed: withdraw it only if nothing went out.',
    );
    for (const f of [facts({ state: 'approved' }), facts(SENT, { txs }), facts({ state: 'withdrawn' }, { txs })])
      expect(shown(f)).not.toContain('if nothing went out');
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
