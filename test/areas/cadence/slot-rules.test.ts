import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  countKept,
  goingOut,
  isOff,
  isOwn,
  outcomeOf,
  slotsDue,
  slotsUnseen,
} from '../../../src/areas/cadence/rules.ts';
import type { Outcome, Pushed } from '../../../src/areas/cadence/types.ts';
import { type Freeze, frozenAt } from '../../../src/base/slots.ts';
import { ADA } from '../../support/facts.ts';
import { at, freeze, NOW, RULES } from './slot-facts.ts';

describe('what became of a slot', () => {
  const slot = { at: at('10:00'), until: at('11:00'), proposedAt: at('08:30') };
  const open = (over: Partial<Pushed> = {}): Pushed => ({
    id: 7,
    openedAt: at('08:00'),
    shippingAt: null,
    out: Boolean(over.shippingAt),
    cancelledAt: null,
    ...over,
  });
  const said = (releases: Pushed[], now = at('12:00'), skippedBy: string | null = null, freezes: Freeze[] = []) => {
    const { outcome, releaseId } = outcomeOf(slot, { product: 'web', skippedBy }, releases, freezes, now);
    return releaseId === null ? outcome : `${outcome} ${releaseId}`;
  };

  it('R9: planned while it is open, then done, late, missed or cancelled', () => {
    expect(said([], at('10:30'))).toBe('planned');
    expect(said([open()], at('10:30'))).toBe('planned 7');
    expect(said([open({ shippingAt: at('10:05') })], at('10:30'))).toBe('done 7');
    expect(said([open({ shippingAt: at('11:00') })])).toBe('done 7');
    expect(said([open()])).toBe('missed 7');
    expect(said([])).toBe('missed');
    expect(said([open({ shippingAt: at('15:10') })], at('16:00'))).toBe('late 7');
    expect(said([open({ openedAt: at('11:30') })]), 'opened for the next one').toBe('missed');
    expect(said([open({ cancelledAt: at('09:30') })])).toBe('cancelled 7');
    expect(said([open({ cancelledAt: at('08:10') })]), 'cancelled before it was proposed').toBe('missed');
    expect(said([open({ cancelledAt: at('11:30') })]), 'given up when it was over').toBe('missed 7');
    expect(said([open({ shippingAt: at('09:00') })]), 'shipped before it').toBe('missed');
  });

  it('R9: a slot’s own is what is not shipped, also after a push that failed, or shipped when it had begun', () => {
    const own = (over: Partial<Pushed>) => isOwn(slot, open(over));
    expect([own({}), own({ shippingAt: at('10:00') }), own({ shippingAt: at('15:00') })]).toEqual([true, true, true]);
    expect(own({ shippingAt: at('09:59') }), 'being verified').toBe(false);
    expect(own({ shippingAt: at('09:59'), out: false }), 'failed').toBe(true);
    const failed = (time: string) => open({ shippingAt: at(time), out: false });
    expect([said([failed('09:00')], at('10:30')), said([failed('09:00')])]).toEqual(['planned 7', 'missed 7']);
    // A push that failed did not go out.
    expect([said([failed('10:20')]), said([failed('11:20')])]).toEqual(['missed 7', 'missed 7']);
    expect(said([failed('10:20')], at('10:30'))).toBe('planned 7');
    expect(said([{ ...failed('10:20'), cancelledAt: at('10:40') }])).toBe('cancelled 7');
    const skipped = (r: Pushed) => goingOut(slot, { product: 'web', skippedBy: null }, [r], at('09:30'))?.code;
    expect([skipped(failed('09:00')), skipped(open({ shippingAt: at('09:00') }))]).toEqual(['open', undefined]);
  });

  it('R9: cancelled when somebody said so or it was frozen; a push in it counts all the same', () => {
    expect(said([], undefined, ADA.id)).toBe('cancelled');
    expect(said([open()], undefined, ADA.id), 'opened after all').toBe('missed 7');
    const next = open({ openedAt: at('10:30') });
    expect(said([next], undefined, ADA.id), 'opened for the next one').toBe('cancelled 7');
    expect(said([{ ...next, shippingAt: at('15:05'), out: true }], at('16:00'), ADA.id)).toBe('cancelled 7');
    expect(said([{ ...next, shippingAt: at('10:55'), out: true }], undefined, ADA.id), 'or not').toBe('done 7');
    expect(said([open()], undefined, null, [freeze()])).toBe('cancelled 7');
    expect(said([], undefined, null, [freeze({ startsAt: at('10:30') })])).toBe('cancelled');
    expect(said([open({ shippingAt: at('10:20') })], undefined, null, [freeze({ startsAt: at('10:30') })])).toBe(
      'done 7',
    );
    expect(said([open()], undefined, null, [freeze({ product: 'app' })])).toBe('missed 7');
  });

  it('R9: cancelled when the policy has it no more as it ends, unless a push began in it', () => {
    const off = (releases: Pushed[], now = at('09:00')) =>
      outcomeOf(slot, { product: 'web', skippedBy: null, off: true }, releases, [], now).outcome;
    expect([off([]), off([open()]), off([], at('11:00'))], 'it may be put right').toEqual(Array(3).fill('planned'));
    expect([off([], at('11:01')), off([open()], at('11:01'))]).toEqual(['cancelled', 'cancelled']);
    expect(off([open({ shippingAt: at('10:20') })], at('10:30'))).toBe('done');
    const is = (product: string, local: string, rules = RULES) => isOff(rules, ['web'], { local }, product);
    const [first] = slotsDue(RULES, NOW);
    const local = first?.local ?? '';
    expect([is('web', local), is('app', local), is('web', `${local.slice(0, 11)}03:33`)]).toEqual([false, true, true]);
    expect(is('web', local, { ...RULES, holidays: [local.slice(0, 10)] })).toBe(true);
    expect(is('web', local, { ...RULES, cadence: null })).toBe(true);
  });

  it('R9: nothing goes out may be said unless a release was open as the slot began, or went out in it; what was opened since is for the next one', () => {
    const why = (releases: Pushed[], now = at('10:15')) =>
      goingOut(slot, { product: 'web', skippedBy: null }, releases, now)?.code;
    expect([why([]), why([open()]), why([open()], at('09:30'))]).toEqual([undefined, 'open', 'open']);
    expect(why([open({ openedAt: at('10:00') })])).toBe('open');
    expect(why([open({ openedAt: at('10:10') })])).toBeUndefined();
    expect(why([open({ openedAt: at('10:10'), shippingAt: at('10:12') })])).toBe('went_out');
    expect(why([open({ cancelledAt: at('10:05') }), open({ id: 8, openedAt: at('10:10') })])).toBeUndefined();
  });

  it('R22: slots nobody saw: those that began since the last look and are over; of a long outage the last 30 days', () => {
    const unseen = (seen: Date, now: Date) => slotsUnseen(RULES, seen, now).map((s) => s.local);
    expect(unseen(at('09:00'), at('10:30'))).toEqual([]);
    expect(unseen(at('09:00'), at('11:01'))).toHaveLength(1);
    expect(unseen(at('10:01'), at('11:01')), 'seen').toEqual([]);
    expect(slotsUnseen({ ...RULES, cadence: null }, at('09:00'), at('23:00'))).toEqual([]);
    const [year, month] = [365, 30].map((days) =>
      unseen(new Date(at('09:00').getTime() - days * 86_400_000), at('09:00')),
    );
    expect(year).toEqual(month);
  });

  test('R9: over any history it is done exactly when a push began in it, late only after it, and stays what it was', () => {
    const minute = fc.integer({ min: 0, max: 1439 }).map((m) => new Date(at('00:00').getTime() + m * 60_000));
    const history = fc.array(
      fc.record({ openedAt: minute, shipping: fc.option(fc.nat(600)), cancelled: fc.option(fc.nat(600)) }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(
        history,
        minute,
        minute,
        fc.boolean(),
        fc.array(fc.tuple(minute, fc.nat(300))),
        (all, a, b, skipped, spans) => {
          const later = (from: Date, m: number | null) => (m === null ? null : new Date(from.getTime() + m * 60_000));
          const full = all.map((r, id) => {
            const shippingAt = later(r.openedAt, r.shipping);
            return open({
              id,
              openedAt: r.openedAt,
              shippingAt,
              cancelledAt: shippingAt ? null : later(r.openedAt, r.cancelled),
            });
          });
          // What is known at a moment: the rest has not happened yet.
          const known = (now: Date) =>
            full
              .filter((r) => r.openedAt <= now)
              .map((r) => ({
                ...r,
                shippingAt: r.shippingAt && r.shippingAt <= now ? r.shippingAt : null,
                out: r.shippingAt !== null && r.shippingAt <= now,
                cancelledAt: r.cancelledAt && r.cancelledAt <= now ? r.cancelledAt : null,
              }));
          const freezes = spans.map(([from, m]) =>
            freeze({ startsAt: from, endsAt: new Date(from.getTime() + m * 60_000) }),
          );
          const was = { product: 'web', skippedBy: skipped ? ADA.id : null };
          const of = (now: Date) => outcomeOf(slot, was, known(now), freezes, now);
          const [early, end] = a < b ? [a, b] : [b, a];
          const [x, y] = [of(early), of(end)];
          const inIt = known(end).some((r) => r.shippingAt && r.shippingAt >= slot.at && r.shippingAt <= slot.until);
          expect(y.outcome === 'done').toBe(inIt);
          expect(y.outcome === 'planned').toBe(end <= slot.until && !inIt);
          if (y.outcome === 'late')
            expect(full[y.releaseId as number]?.shippingAt?.getTime()).toBeGreaterThan(slot.until.getTime());
          if (
            y.outcome === 'cancelled' &&
            !skipped &&
            !frozenAt(freezes, 'web', slot.at) &&
            !frozenAt(freezes, 'web', slot.until)
          )
            expect(full[y.releaseId as number]?.cancelledAt).not.toBeNull();
          const may: Record<Outcome, Outcome[]> = {
            planned: ['planned', 'done', 'late', 'missed', 'cancelled'],
            missed: ['missed', 'late'],
            done: ['done'],
            late: ['late'],
            cancelled: ['cancelled'],
          };
          expect(may[x.outcome]).toContain(y.outcome);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('is counted, without what is still planned', () => {
    expect(countKept(['done', 'planned', 'missed', 'done', 'late', 'cancelled'])).toEqual({
      done: 2,
      late: 1,
      missed: 1,
      cancelled: 1,
    });
  });
});
