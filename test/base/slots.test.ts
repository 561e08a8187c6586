import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cadence } from '../../src/base/policy.ts';
import {
  type Freeze,
  frozenAt,
  nextSlot,
  openSlot,
  type Slot,
  type SlotRules,
  shipWindow,
  slotsBetween,
  slotsOfDay,
  weekdayOf,
} from '../../src/base/slots.ts';
import { addDays, localTime } from '../../src/base/zone.ts';

const ZONES = ['Europe/London', 'America/Denver', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia'];
const CADENCE: Cadence = { slots: [600, 900], days: [1, 2, 3, 4, 5], graceMinutes: 60, proposeMinutesBefore: 90 };
const rules = (over: Partial<SlotRules> = {}): SlotRules => ({
  zone: 'Europe/London',
  holidays: [],
  cadence: CADENCE,
  ...over,
});
const freeze = (from: string, to: string, over: Partial<Freeze> = {}): Freeze => ({
  id: 1,
  product: null,
  startsAt: new Date(from),
  endsAt: new Date(to),
  reason: 'audit',
  setBy: 'U1',
  ...over,
});
const at = (text: string) => new Date(text);
const locals = (found: readonly Slot[]) => found.map((s) => s.local);

describe('slots of a day', () => {
  it('R9: two a day from Monday to Friday, none on holidays and weekends', () => {
    const r = rules({ holidays: ['2027-03-02'] });
    expect(locals(slotsOfDay(r, '2027-03-01'))).toEqual(['2027-03-01T10:00', '2027-03-01T15:00']);
    expect(slotsOfDay(r, '2027-03-02')).toEqual([]);
    expect(slotsOfDay(r, '2027-03-06')).toEqual([]);
    expect(slotsOfDay(rules({ cadence: null }), '2027-03-01')).toEqual([]);
    expect(weekdayOf('2027-03-07')).toBe(7);
  });

  it('R22: a slot that clocks skip moves forward, one that comes twice is its first; two on one moment are one', () => {
    const night = rules({ cadence: { ...CADENCE, slots: [90, 150], days: [7] } });
    const spring = slotsOfDay(rules({ ...night, zone: 'Europe/London' }), '2027-03-28');
    // 01:30 is skipped and means 02:30, where the second slot is already.
    expect(spring.map((s) => [s.local, s.at.toISOString()])).toEqual([
      ['2027-03-28T01:30', '2027-03-28T01:30:00.000Z'],
    ]);
    const crossed = slotsOfDay(rules({ cadence: { ...CADENCE, slots: [90, 130], days: [7] } }), '2027-03-28');
    expect(locals(crossed)).toEqual(['2027-03-28T02:10', '2027-03-28T01:30']);
    const autumn = slotsOfDay(night, '2027-10-31');
    expect(autumn[0]?.at.toISOString()).toBe('2027-10-31T00:30:00.000Z');
  });

  it('R9, R22: over any zone, day and hours: in order, at their local time, all of a working day', () => {
    const days = fc.integer({ min: 0, max: 4017 }).map((n) => addDays('2024-01-01', n));
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 1439 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), days, times, fc.boolean(), (zone, day, minutes, off) => {
        const slots = minutes.sort((a, b) => a - b);
        const r: SlotRules = { zone, holidays: off ? [day] : [], cadence: { ...CADENCE, slots } };
        const found = slotsOfDay(r, day);
        if (off || weekdayOf(day) > 5) {
          expect(found).toEqual([]);
          return;
        }
        // No zone of these changes its clocks on a working day: every slot is there, and is when its name says.
        expect(found.map((s) => localTime(zone, s.at))).toEqual(locals(found));
        expect(found.length).toBe(slots.length);
        expect(found.every((s, i) => i === 0 || s.at > (found[i - 1] as Slot).at)).toBe(true);
        for (const s of found) expect(s.until.getTime() - s.at.getTime()).toBe(3_600_000);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the window', () => {
  const monday = (time: string) => at(`2027-03-01T${time}:00Z`);

  it('R9: is open from the slot until its grace is over, both included', () => {
    expect(openSlot(rules(), monday('09:59'))).toBeNull();
    expect(openSlot(rules(), monday('10:00'))?.local).toBe('2027-03-01T10:00');
    expect(openSlot(rules(), monday('11:00'))?.local).toBe('2027-03-01T10:00');
    expect(openSlot(rules(), at('2027-03-01T11:00:00.001Z'))).toBeNull();
    expect(openSlot(rules({ cadence: null }), monday('10:00'))).toBeNull();
  });

  it('R9: a slot late in the evening is open after midnight too', () => {
    const late = rules({ cadence: { ...CADENCE, slots: [1410], days: [5] } });
    expect(openSlot(late, at('2027-03-06T00:15:00Z'))?.local).toBe('2027-03-05T23:30');
  });

  it('R9: says when the next slot is; freezes of this product, or of all, pass slots over', () => {
    expect(nextSlot(rules(), [], 'web', monday('10:00'))?.local).toBe('2027-03-01T15:00');
    const all = freeze('2027-03-01T12:00Z', '2027-03-03T12:00Z');
    const app = freeze('2027-03-01T12:00Z', '2027-03-05T12:00Z', { product: 'app', id: 2 });
    expect(nextSlot(rules(), [all, app], 'web', monday('10:00'))?.local).toBe('2027-03-03T15:00');
    expect(nextSlot(rules(), [all, app], 'app', monday('10:00'))?.local).toBe('2027-03-05T15:00');
    const ever = freeze('2027-01-01T00:00Z', '2029-01-01T00:00Z');
    expect(nextSlot(rules(), [ever], 'web', monday('10:00'))).toBeNull();
    expect(frozenAt([all, app], 'app', monday('13:00'))?.id).toBe(2);
    // One that ends within the grace leaves the rest of it.
    const short = freeze('2027-03-01T09:00Z', '2027-03-01T10:20Z');
    for (const now of ['09:30', '10:10'])
      expect(nextSlot(rules(), [short], 'web', monday(now))).toMatchObject({
        local: '2027-03-01T10:00',
        at: monday('10:20'),
      });
    expect(nextSlot(rules(), [short], 'web', monday('10:20'))?.local).toBe('2027-03-01T15:00');
    const more = freeze('2027-03-01T10:20Z', '2027-03-01T11:00:01Z');
    expect(nextSlot(rules(), [short, more], 'web', monday('10:10'))?.local).toBe('2027-03-01T15:00');
    expect(frozenAt([all], 'web', at('2027-03-03T12:00:00Z')), 'its end is not frozen').toBeNull();
  });

  it('R9: a slot on record is open when it was said to be, whatever the policy says by now', () => {
    const kept = [{ local: '2027-03-01T10:00', at: monday('10:00'), until: monday('11:00') }];
    const now = (minutes: number, time: string, over: Partial<SlotRules> = {}) =>
      shipWindow(rules({ kept, cadence: { ...CADENCE, graceMinutes: minutes }, ...over }), [], 'web', monday(time))
        .open;
    expect([now(120, '10:50'), now(120, '11:30'), now(120, '16:30')]).toEqual([true, false, true]);
    expect([now(20, '10:50'), now(20, '11:01')]).toEqual([true, false]);
    expect([now(60, '10:30', { zone: 'Asia/Tokyo' }), now(60, '01:30', { zone: 'Asia/Tokyo' })]).toEqual([true, false]);
    // One that the policy has no more is none.
    expect(now(60, '10:30', { holidays: ['2027-03-01'] })).toBe(false);
  });

  it('R9: a freeze closes it; without slots only a freeze does', () => {
    const now = monday('10:30');
    const f = freeze('2027-03-01T10:30Z', '2027-03-02T00:00Z');
    expect(shipWindow(rules(), [], 'web', now)).toMatchObject({ open: true, slot: { local: '2027-03-01T10:00' } });
    expect(shipWindow(rules(), [f], 'web', now)).toMatchObject({ open: false, freeze: f });
    expect(shipWindow(rules(), [], 'web', monday('12:00'))).toMatchObject({ open: false, freeze: null });
    expect(shipWindow(rules({ cadence: null }), [], 'web', now)).toEqual({ open: true, slot: null });
    expect(shipWindow(rules({ cadence: null }), [f], 'web', now)).toEqual({ open: false, freeze: f, next: null });
  });

  it('R9: agrees with looking at every slot of the weeks around, whatever the cadence, freezes and hour', () => {
    const start = Date.parse('2027-03-15T00:00Z');
    const moment = fc.integer({ min: 0, max: 28 * 1440 }).map((m) => new Date(start + m * 60_000));
    const cadences = fc.record({
      slots: fc.uniqueArray(fc.integer({ min: 0, max: 1439 }), { minLength: 1, maxLength: 4 }),
      days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      graceMinutes: fc.integer({ min: 1, max: 720 }),
      proposeMinutesBefore: fc.constant(60),
    });
    const spans = fc.array(fc.tuple(moment, fc.integer({ min: 1, max: 9000 }), fc.constantFrom(null, 'web', 'app')), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), cadences, spans, moment, (zone, cadence, frozen, now) => {
        cadence.slots.sort((a, b) => a - b);
        const r: SlotRules = { zone, holidays: ['2027-03-29'], cadence };
        const freezes = frozen.map(([from, minutes, product], id) => ({
          ...freeze(from.toISOString(), new Date(from.getTime() + minutes * 60_000).toISOString()),
          id,
          product,
        }));
        const all: Slot[] = [];
        for (let n = -3; n < 45; n++) all.push(...slotsOfDay(r, addDays('2027-03-15', n)));
        const held = (t: Date) => freezes.some((f) => f.product !== 'app' && f.startsAt <= t && t < f.endsAt);
        const window = shipWindow(r, freezes, 'web', now);
        expect(window.open).toBe(!held(now) && all.some((s) => s.at <= now && now <= s.until));
        // The first moment at which it may ship again: a slot begins, or a freeze ends in one.
        const moments = [...all.map((s) => s.at), ...freezes.map((f) => f.endsAt)].filter((t) => t > now && !held(t));
        const inOne = (t: Date) => all.some((s) => s.at <= t && t <= s.until && (s.at > now || held(now)));
        const next = moments.filter(inOne).sort((a, b) => +a - +b)[0];
        const found = nextSlot(r, freezes, 'web', now);
        if (next && next < (all.at(-1) as Slot).at) expect(found?.at).toEqual(next);
        expect(found && locals(all).includes(found.local) ? shipWindow(r, freezes, 'web', found.at).open : true).toBe(
          true,
        );
        const to = new Date(now.getTime() + 3 * 86_400_000);
        expect(locals(slotsBetween(r, now, to))).toEqual(locals(all.filter((s) => s.at >= now && s.at < to)));
      }),
      { numRuns: 500 },
    );
  });
});
