import { describe, expect, it } from 'vitest';
import { heardFrom, isAtWork } from '../../../src/areas/reminders/hours-rules.ts';
import type { Item, Person } from '../../../src/areas/reminders/types.ts';
import { anItem, at, due, RULES, wasSent } from './board.ts';

describe('R9, R23: what a slot lacks is heard of early enough', () => {
  const who = (zone: string, away: Person['away'] = []) => ({ zone, away });
  const heard = (zone: string, proposed: string, begins: string, away?: Person['away']) =>
    heardFrom(who(zone, away), RULES, new Date(`2026-${proposed}:00Z`), new Date(`2026-${begins}:00Z`))
      .toISOString()
      .slice(5, 16);

  it('from its proposal on by who works half an hour before it begins, else in the last hour of work before', () => {
    expect(heard('Europe/Lisbon', '03-03T08:30', '03-03T10:00')).toBe('03-03T08:30');
    expect(heard('Europe/Lisbon', '03-03T08:00', '03-03T09:30')).toBe('03-03T08:00');
    expect(heard('Europe/Lisbon', '03-03T07:59', '03-03T09:29')).toBe('03-02T17:00');
    expect(heard('Europe/Lisbon', '03-03T09:50', '03-03T10:00'), 'proposed late').toBe('03-03T09:00');
    expect(heard('Europe/Lisbon', '03-03T10:30', '03-03T10:40')).toBe('03-03T09:30');
  });

  it('not on a weekend, a holiday or a day away, and in their own zone, on days of a change of clocks too', () => {
    expect(heard('Europe/Lisbon', '03-02T07:30', '03-02T09:00'), 'a Monday').toBe('02-27T17:00');
    expect(heard('Europe/Lisbon', '03-06T07:30', '03-06T09:00'), 'after a holiday').toBe('03-04T17:00');
    const away = [{ from: '2026-03-03', to: '2026-03-04' }];
    expect(heard('Europe/Lisbon', '03-06T07:30', '03-06T09:00', away)).toBe('03-02T17:00');
    expect(heard('Asia/Tokyo', '03-03T13:30', '03-03T15:00'), 'their night').toBe('03-03T08:00');
    expect(heard('America/Los_Angeles', '03-09T07:30', '03-09T09:00'), 'clocks went forward').toBe('03-07T01:00');
    expect(heard('America/Los_Angeles', '03-10T07:30', '03-10T09:00')).toBe('03-10T00:00');
  });

  it('who never works hears as it is proposed, and is not at work', () => {
    const away = [{ from: '2020-01-01', to: '2030-01-01' }];
    expect(heard('Europe/Lisbon', '03-03T08:30', '03-03T09:00', away)).toBe('03-03T08:30');
    expect(isAtWork(who('Europe/Lisbon', away), RULES, at('10:00'))).toBe(false);
  });

  it('R23: at work is from the first minute until before the last, on working days', () => {
    const works = (clock: string, day?: string) => isAtWork(who('Europe/Lisbon'), RULES, at(clock, day));
    expect([works('08:59'), works('09:00'), works('17:59'), works('18:00')]).toEqual([false, true, true, false]);
    expect([works('10:00', '2026-03-05'), works('10:00', '2026-03-07')]).toEqual([false, false]);
  });

  it('each slot has its own, in one half of a day and within two hours', () => {
    const slot = (clock: string): Partial<Item> => ({
      kind: 'eyes',
      since: at(clock),
      until: at('18:00'),
      ofSlot: true,
    });
    const [first, second] = [anItem(slot('09:00')), anItem(slot('10:00'))];
    const sent = [wasSent(first, 'UANA', at('09:00'))];
    expect(due(first, at('10:00'), { sent })).toEqual([]);
    expect(due(second, at('10:00'), { sent })).toEqual(['UANA']);
    expect(due({ ...second, ofSlot: undefined } as never, at('10:00'), { sent }), 'as without slots').toEqual([]);
  });
});
