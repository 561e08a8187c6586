// The words of /funds, its buttons and forms, through the listeners on a real database.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { View } from '../../src/base/slack.ts';
import type { BotDeps } from '../../src/bot/deps.ts';
import { fundsCommand } from '../../src/bot/funds-command.ts';
import {
  fundsAgain,
  fundsAsked,
  fundsDeposited,
  fundsRequested,
  fundsReversed,
  fundsSpent,
} from '../../src/bot/funds-forms.ts';
import { FUNDS_WORDS } from '../../src/bot/funds-words.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { ADDRESS } from '../support/funds.ts';
import { fundsListeners, hash, initialOf } from '../support/funds-listeners.ts';

let t: TestDb;
let bot: ReturnType<typeof fundsListeners>;
beforeAll(async () => {
  t = await freshDb();
  bot = fundsListeners(t.db);
});
afterAll(() => t.close());

describe('/funds', () => {
  it('a request is filed, approved, sent, spent, reversed, returned, and everything is shown', async () => {
    for (const word of Object.keys(FUNDS_WORDS)) expect(await bot.type('U0AYO', 'help')).toContain(`/funds ${word}`);
    for (const word of ['', 'mine', 'balance', 'ledger', 'fees'])
      expect(await bot.type('U0AYO', word)).not.toContain(':x:');
    await bot.type('U0AYO', 'request 25 USDC swaps');
    const errors = (await bot.submit(fundsRequested, 'U0AYO', { address: 'x' })).errors;
    expect(errors).toEqual({ address: expect.any(String) });
    await bot.submit(fundsRequested, 'U0AYO', { address: ADDRESS });
    expect(await bot.type('U0AYO', 'show FR-1')).toContain('25 USDC');
    expect(await bot.press('U0AYO', 'funds_approve', '1')).toContain('nly a treasurer');
    expect(await bot.press('U0TESS', 'funds_sent', '1')).toContain('not approved yet');
    expect(await bot.press('U0TESS', 'funds_approve', '1')).toContain(':white_check_mark:');
    expect(await bot.type('U0TESS', 'deny FR-1')).toContain('Fill in the form');
    expect((await bot.submit(fundsAsked, 'U0TESS')).errors).toEqual({ reason: expect.any(String) });
    expect(await bot.type('U0TESS', `sent FR-1 ${hash(1)} 0.001`)).toContain('25 USDC are outstanding');
    expect(await bot.press('U0TESS', 'funds_agree', '1:1')).toContain('nothing about what was sent is to be agreed to');
    expect(await bot.press('U0AYO', 'funds_spend', 'FR-1')).toBe('funds_spend');
    const spend = await bot.submit(fundsSpent, 'U0AYO', { amount: '4', hash: hash(2), fee: '0.002', what: 'Swap' });
    expect(JSON.stringify(spend.view)).toContain('Recorded');
    const again = await bot.submit(fundsAgain, 'U0AYO', {}, spend.view as View);
    expect(['what', 'asset', 'request', 'amount'].map((id) => initialOf(again.view, id))).toEqual([
      'Swap',
      'USDC',
      '1',
      undefined,
    ]);
    expect((await bot.submit(fundsSpent, 'U0AYO', { amount: '1', hash: hash(2) }, again.view as View)).errors).toEqual({
      hash: expect.stringContaining('TX-2'),
    });
    expect((await bot.submit(fundsSpent, 'U0AYO', { at: 'soon' }, again.view as View)).errors).toEqual({
      at: expect.any(String),
    });
    expect(await bot.type('U0TESS', 'reverse TX-2')).toContain('Fill in the form');
    expect(await bot.submit(fundsReversed, 'U0TESS', { reason: 'typo' })).toEqual({});
    expect(await bot.type('U0TESS', 'reverse TX-2')).toContain('reversed it');
    expect(await bot.type('U0TESS', 'reverse TX-3 again')).toContain('reversal itself');
    expect(await bot.type('U0TESS', 'reverse TX-3')).toContain('reversal itself');
    expect(await bot.type('U0TESS', 'reverse TX-99')).toContain('There is no TX-99');
    expect(await bot.press('U0AYO', 'funds_return', '1')).toBe('funds_ask_return');
    expect((await bot.submit(fundsAsked, 'U0AYO', { at: 'soon' })).errors).toEqual({ at: expect.any(String) });
    expect(await bot.submit(fundsAsked, 'U0AYO', { amount: '5', hash: hash(3) })).toEqual({});
    expect(await bot.press('U0TESS', 'funds_more', 'settle:1')).toBe('funds_ask_settle');
    expect(await bot.submit(fundsAsked, 'U0TESS', { reason: 'keys lost' })).toEqual({});
    expect(await bot.press('U0TESS', 'funds_more', 'settle:1')).toContain('it is closed');
    expect(await bot.type('U0TESS', 'deposit 7 ETH')).toContain('Fill in the form');
    expect((await bot.submit(fundsDeposited, 'U0TESS', { at: 'soon' })).errors).toEqual({ at: expect.any(String) });
    expect(await bot.submit(fundsDeposited, 'U0TESS', { hash: hash(4), note: 'faucet' })).toEqual({});
    expect(await bot.type('U0AYO', 'mine')).toContain('reversed by TX-3');
    expect(await bot.type('U0AYO', 'ledger')).toContain('faucet');
    expect(await bot.type('U0AYO', 'ledger TX-2')).not.toContain('faucet');
    expect(await bot.type('U0AYO', 'balance')).toContain('Custody');
    expect(await bot.type('U0AYO', 'fees')).toContain('Ethereum');
  });

  it('R18: a form that somebody else was quicker than stays, and says so', async () => {
    await bot.type('U0MAX', 'request 25 USDC swaps');
    await bot.submit(fundsRequested, 'U0MAX', { address: ADDRESS });
    const { rows } = await t.pool.query<{ id: string }>('select max(id) as id from fund_requests');
    const id = rows[0]?.id as string;
    await bot.press('U0TESS', 'funds_approve', id);
    expect(await bot.press('U0TESS', 'funds_sent', id)).toBe('funds_ask_sent');
    expect(await bot.type('U0TESS', `sent FR-${id} ${hash(21)} 0.001`)).toContain('25 USDC are outstanding');
    expect((await bot.submit(fundsAsked, 'U0TESS', { hash: hash(22) })).errors).toEqual({
      amount: expect.stringMatching(/sent already, by another transaction \(TX-\d+\)/),
    });
    expect((await bot.submit(fundsAsked, 'U0TESS', { hash: hash(21) })).errors).toEqual({
      amount: expect.stringContaining('it is sent'),
    });
  });

  it('R17: a form sent twice books once; "Another one" in its place is one of its own', async () => {
    const spends = async () => {
      const { rows } = await t.pool.query<{ n: number }>('select count(*)::int as n from spends');
      return rows[0]?.n ?? 0;
    };
    const before = await spends();
    await bot.type('U0MAX', 'spend 5 USD lunch');
    const form = bot.opened.at(-1) as View;
    const off = { request: '', chain: '' };
    const first = await bot.submit(fundsSpent, 'U0MAX', off, form, 'V-SAME');
    expect(JSON.stringify(first.view)).toContain('Recorded *TX-');
    expect(JSON.stringify((await bot.submit(fundsSpent, 'U0MAX', off, form, 'V-SAME')).view)).toContain(
      'recorded already',
    );
    expect(await spends()).toBe(before + 1);
    const again = await bot.submit(fundsAgain, 'U0MAX', {}, first.view as View, 'V-SAME');
    const second = await bot.submit(fundsSpent, 'U0MAX', { ...off, amount: '5' }, again.view as View, 'V-SAME');
    expect(JSON.stringify(second.view)).toContain('Recorded *TX-');
    expect(await spends()).toBe(before + 2);
  });

  it('refuses what is not understood, not theirs, or not there', async () => {
    for (const line of [
      'nonsense',
      'aprove FR-1',
      'mine all',
      'ledger x',
      'approve',
      'show FR-1 x',
      'reverse x',
      'request 5',
      'deposit 5 ETH now',
      'show FR-9',
    ])
      expect(await bot.type('U0TESS', line), line).toContain(':x:');
    for (const line of ['request 5 ETH', 'spend 5 ETH'])
      expect(await bot.type('U0GUEST', line)).toContain('Guests cannot');
    expect(await bot.type('U0AYO', 'deposit')).toContain('nly a treasurer');
    expect(await bot.type('U0AYO', 'reverse TX-1')).toContain('nly a treasurer');
    expect(await bot.press('U0GUEST', 'funds_spend', 'FR-1')).toContain('Guests cannot');
    for (const [action, value] of [
      ['funds_spend', 'BUG-1'],
      ['funds_approve', 'x'],
      ['funds_agree', '1'],
      ['funds_agree', '1:x'],
      ['funds_magic', '1'],
      ['funds_more', ''],
    ] as const)
      expect(await bot.press('U0AYO', action, value), action).toContain('do not know that button');
  });

  it('says so when something breaks', async () => {
    const broken = { ...bot.deps, db: { execute: () => Promise.reject(new Error('down')) } } as unknown as BotDeps;
    expect(await bot.type('U0AYO', 'balance', fundsCommand, broken)).toContain('Something went wrong on my side');
    expect(await bot.press('U0AYO', 'funds_spend', 'FR-1', broken)).toContain('Something went wrong on my side');
    const view = bot.opened.at(-1) as View;
    expect((await bot.submit(() => fundsRequested(broken), 'U0AYO', {}, view)).errors).toBeDefined();
  });
});

describe('R18: a fee behind the hash', () => {
  it('that is more than the amount itself was something else; the form takes what really is so', async () => {
    await bot.type('U0JUN', 'request 25 USD lunch');
    await bot.submit(fundsRequested, 'U0JUN', { chain: '', release: '' });
    const { rows } = await t.pool.query<{ id: number }>('select max(id)::int as id from fund_requests');
    const id = rows[0]?.id ?? 0;
    await bot.press('U0TESS', 'funds_approve', `${id}`);
    expect(await bot.type('U0TESS', `sent FR-${id} Revolut 4711`)).toContain(
      'fee of 4711 USD is more than the 25 USD themselves. If it is part of the reference, or really is so, fill in the form: `/funds sent',
    );
    expect(await bot.type('U0AYO', `sent FR-${id} Revolut 4711`)).toContain('nly a treasurer');
    expect(await bot.type('U0TESS', `sent FR-${id} Revolut 25`)).toContain(
      'The fee was 25 USD. 25 USD are outstanding',
    );
    await bot.type(
      'U0TESS',
      `reverse TX-${(await t.pool.query('select max(id)::int as id from ledger_transactions')).rows[0].id} it was free`,
    );
    await bot.type('U0TESS', `sent FR-${id}`);
    expect(await bot.submit(fundsAsked, 'U0TESS', { hash: 'Revolut 1', fee: '4711' })).toEqual({});
    const line = await t.pool.query('select text from outbox order by id desc limit 20');
    expect(JSON.stringify(line.rows)).toContain('4711 USD fee. :warning: That fee is more than what was sent.');
  });
});
