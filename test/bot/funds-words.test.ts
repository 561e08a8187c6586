// What is read in the words of /funds and in the fields of its forms.
import { describe, expect, it } from 'vitest';
import { DEFAULT_FUNDS } from '../../src/base/policy.ts';
import { readFundsAct } from '../../src/bot/funds-command.ts';
import { readWhen, sameAgain, spendInput, transferInput } from '../../src/bot/funds-values.ts';
import { readMoneyWords, readRequestId, readTxId } from '../../src/bot/funds-words.ts';

describe('words', () => {
  it('name requests and transactions, amounts and assets', () => {
    expect(['FR-3', 'fr-3', '3'].map(readRequestId)).toEqual([3, 3, 3]);
    expect(['TX-3', 'x', undefined].map(readRequestId)).toEqual([undefined, undefined, undefined]);
    expect(['TX-41', '41', 'FR-41'].map(readTxId)).toEqual([41, 41, undefined]);
    const money = (text: string) => readMoneyWords(text.split(' '), DEFAULT_FUNDS.assets);
    expect(money('25 USDC for swaps')).toEqual({ amount: '25', asset: 'USDC', text: 'for swaps' });
    expect(money('1,000.50usd')).toEqual({ amount: '1000.5', asset: 'USD', text: '' });
    expect(money('1e18 ETH')).toEqual({ fault: expect.stringContaining('exponent') });
    expect(money('5')).toEqual({ fault: expect.stringContaining('Which asset?') });
  });

  it('mean an act, a form that asks the rest, or nothing', () => {
    expect(readFundsAct('show', [])).toBe('show');
    expect(readFundsAct('show', ['it'])).toBeNull();
    expect(readFundsAct('approve', [])).toEqual({ kind: 'approve' });
    expect(readFundsAct('approve', ['now'])).toBeNull();
    expect(readFundsAct('edit', ['amount', '5'])).toEqual({ kind: 'edit' });
    expect(readFundsAct('deny', [])).toEqual({ ask: 'deny', typed: {} });
    expect(readFundsAct('settle', ['lost', 'keys'])).toEqual({ kind: 'settle', reason: 'lost keys' });
    expect(readFundsAct('sent', [])).toEqual({ ask: 'sent', typed: {} });
    expect(readFundsAct('sent', ['0x1'])).toEqual({ ask: 'sent', typed: { hash: '0x1' } });
    expect(readFundsAct('sent', ['0x1', '0.1', 'ETH'])).toEqual({ kind: 'sent', hash: '0x1', fee: '0.1 ETH' });
    expect(readFundsAct('return', [])).toEqual({ ask: 'return', typed: {} });
    expect(readFundsAct('return', ['5', 'USDC'])).toEqual({ ask: 'return', typed: { amount: '5 USDC' } });
  });

  it('a time is the team’s, to the minute; a day alone is its noon, today at most now; nonsense is told', () => {
    const now = new Date('2026-07-01T08:15:30Z');
    const when = (text: string, at = now) => readWhen(text, 'Europe/Berlin', at)?.toISOString();
    expect(readWhen(undefined, 'UTC', now)).toBeUndefined();
    // Before noon and after it, and where the team's day is not that of UTC.
    expect(when('2026-07-01')).toBe(now.toISOString());
    expect(when('2026-07-01', new Date('2026-07-01T22:30:00Z'))).toBe('2026-07-01T10:00:00.000Z');
    expect(when('2026-07-02', new Date('2026-07-01T22:30:00Z'))).toBe('2026-07-01T22:30:00.000Z');
    expect(when('2026-06-30')).toBe('2026-06-30T10:00:00.000Z');
    // What is not over stays so: the rules refuse it.
    expect(when('2026-07-01 11:00')).toBe('2026-07-01T09:00:00.000Z');
    expect(when('2026-07-02')).toBe('2026-07-02T10:00:00.000Z');
    expect(when('2026-07-01 14:30')).toBe('2026-07-01T12:30:00.000Z');
    expect(when('2026-01-01')).toBe('2026-01-01T11:00:00.000Z');
    for (const bad of ['yesterday', '2026-02-30 10:00', '2026-02-20 25:00', '1.2.2026', '2026-02-20 10:0'])
      expect(Number.isNaN(readWhen(bad, 'UTC', now)?.getTime()), bad).toBe(true);
    const at = { at: { at: { value: 'soon' } } } as never;
    expect(spendInput(at, 'UTC', now)).toEqual({ faults: { at: expect.stringContaining('2026-11-20 14:30') } });
    expect(transferInput(at, 'UTC', now)).toEqual({ faults: { at: expect.any(String) } });
    // What was left empty is so again, and not filled in anew.
    const none = { releaseId: null, testCase: null, requestId: null };
    expect(sameAgain({ amount: '1', asset: 'ETH', what: 'x' })).toEqual({ asset: 'ETH', what: 'x', ...none });
  });
});
