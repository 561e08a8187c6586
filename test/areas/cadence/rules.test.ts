import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { CADENCE_PERMISSIONS } from '../../../src/areas/cadence/permissions.ts';
import {
  awayAt,
  countKept,
  decideFreeze,
  decideThaw,
  forbiddenCadence,
  goingOut,
  isOff,
  isOwn,
  nearSlots,
  onDuty,
  outcomeOf,
  readSpan,
  slotsDue,
  slotsUnseen,
} from '../../../src/areas/cadence/rules.ts';
import type { FreezeAsk, Outcome, Pushed } from '../../../src/areas/cadence/types.ts';
import type { Cadence, Duty } from '../../../src/base/policy.ts';
import { type Freeze, frozenAt, type SlotRules } from '../../../src/base/slots.ts';
import { addDays } from '../../../src/base/zone.ts';
import { ADA, ADMIN, ENG, NOBODY, person } from '../../support/facts.ts';

// A Monday.
const at = (time: string) => new Date(`2027-03-01T${time}:00Z`);
const NOW = at('09:00');
const CADENCE: Cadence = { slots: [600, 900], days: [1, 2, 3, 4, 5], graceMinutes: 60, proposeMinutesBefore: 90 };
const RULES: SlotRules = { zone: 'UTC', holidays: [], cadence: CADENCE };
const freeze = (over: Partial<Freeze> = {}): Freeze => ({
  id: 1,
  product: null,
  startsAt: at('00:00'),
  endsAt: at('23:00'),
  reason: 'audit',
  setBy: ENG.id,
  ...over,
});

describe('who may', () => {
  it('is the table, for every role', () => {
    for (const [what, roles] of Object.entries(CADENCE_PERMISSIONS))
      for (const role of ['operator', 'engineer', 'product', 'treasurer', 'admin'] as const) {
        const no = forbiddenCadence(what as 'freeze', person('U1', role));
        expect(no === null, `${what} by ${role}`).toBe((roles as readonly string[]).includes(role));
      }
    expect(forbiddenCadence('freeze', NOBODY)?.reason).toContain('an engineer or an admin');
    expect(forbiddenCadence('skip', NOBODY)?.reason).toContain('an operator, an engineer');
    expect(forbiddenCadence('skip', { ...ADA, standing: 'guest' })?.code).toBe('standing');
    expect(forbiddenCadence('thaw', { ...NOBODY, rolesUnknown: 'the group was not read' })?.code).toBe('roles_unknown');
  });
});

describe('a freeze', () => {
  const span = (from: string, to: string, zone = 'UTC') => {
    const s = readSpan(from, to, zone, NOW);
    return 'refusal' in s ? `${s.at}: ${s.refusal.reason}` : [s.startsAt.toISOString(), s.endsAt.toISOString()];
  };

  it('R9: is typed as days, the last of them to its end, or as times', () => {
    expect(span('today', 'friday')).toEqual(['2027-03-01T00:00:00.000Z', '2027-03-06T00:00:00.000Z']);
    expect(span('now', '2027-03-01T15:30')).toEqual(['2027-03-01T09:00:00.000Z', '2027-03-01T15:30:00.000Z']);
    expect(span('2027-03-28', '2027-03-28', 'Europe/London')).toEqual([
      '2027-03-28T00:00:00.000Z',
      '2027-03-28T23:00:00.000Z',
    ]);
    expect(span('TODAYT20:00', 'tomorrow')).toEqual(['2027-03-01T20:00:00.000Z', '2027-03-03T00:00:00.000Z']);
    for (const bad of ['someday', '2027-02-30', '31.12.2027', '2027-03-01T24:00', 'T10:00', '<!here>', '', 'a\nb']) {
      expect(span(bad, 'friday'), bad).toContain('from: ');
      expect(span('today', bad), bad).toContain('to: ');
    }
    expect(span('<!here>', 'friday')).toContain('&lt;!here&gt;');
  });

  it('R9: begins now at the earliest, ends later, within a year, for a reason', () => {
    const ask: FreezeAsk = { product: null, startsAt: at('00:00'), endsAt: at('18:00'), reason: 'audit' };
    const said = (over: Partial<FreezeAsk>, who = ENG) => decideFreeze(who, { ...ask, ...over }, NOW);
    expect(said({})).toEqual({ ...ask, startsAt: NOW });
    expect(said({ startsAt: at('12:00') })).toEqual({ ...ask, startsAt: at('12:00') });
    expect(said({}, ADA)).toMatchObject({ code: 'role' });
    expect(said({ endsAt: NOW })).toMatchObject({ reason: 'that time is over' });
    expect(said({ startsAt: at('19:00') })).toMatchObject({ reason: 'that ends before it begins' });
    expect(said({ endsAt: new Date(NOW.getTime() + 400 * 86_400_000) })).toMatchObject({ code: 'to' });
    expect(said({ reason: '' })).toMatchObject({ code: 'reason' });
    expect(said({ reason: 'x'.repeat(201) })).toMatchObject({ reason: 'that reason has 201 characters' });
  });

  it('R9: is ended by id, by product, or as the only one; nothing is guessed', () => {
    const two = [freeze(), freeze({ id: 2, product: 'web' })];
    const ids = (found: ReturnType<typeof decideThaw>) => ('code' in found ? found.code : found.map((f) => f.id));
    expect(ids(decideThaw(ADMIN, two, { id: 2 }))).toEqual([2]);
    expect(ids(decideThaw(ADMIN, two, { product: null }))).toEqual([1]);
    expect(ids(decideThaw(ADMIN, two, { product: 'web' }))).toEqual([2]);
    expect(ids(decideThaw(ADMIN, [freeze()], undefined))).toEqual([1]);
    expect(ids(decideThaw(ADA, two, undefined))).toBe('role');
    expect(ids(decideThaw(ADMIN, [], undefined))).toBe('no_freeze');
    expect(decideThaw(ADMIN, two, { id: 9 })).toMatchObject({ next: expect.stringContaining('FRZ-2` (web)') });
    expect(decideThaw(ADMIN, two, undefined)).toMatchObject({
      code: 'several',
      next: expect.stringContaining('FRZ-1`'),
    });
    const many = Array.from({ length: 10 }, (_, i) => freeze({ id: i + 1 }));
    expect(decideThaw(ADMIN, many, undefined)).toMatchObject({ next: expect.stringContaining('and more') });
  });
});

describe('slots that are near', () => {
  it('R9: are due from their time to propose until they are over', () => {
    const due = (time: string) => slotsDue(RULES, at(time)).map((s) => s.local.slice(11));
    expect(due('08:29')).toEqual([]);
    expect(due('08:30')).toEqual(['10:00']);
    expect(due('11:00')).toEqual(['10:00']);
    expect(due('11:01')).toEqual([]);
    expect(due('13:30')).toEqual(['15:00']);
    expect(slotsDue({ ...RULES, cadence: null }, at('10:00'))).toEqual([]);
  });

  it('R9: are told with the moment from which missing eyes are said, so that the second can be found', () => {
    const until = freeze({ product: 'web', endsAt: at('12:00') });
    const near = nearSlots(RULES, [until], ['web', 'app'], NOW);
    const told = near.map(
      (n) => `${n.product} ${n.from.toISOString().slice(11, 16)} ${n.at.toISOString().slice(8, 16)}`,
    );
    // As many as a day has, and one more.
    expect(told).toEqual([
      'web 13:30 01T15:00',
      'web 08:30 02T10:00',
      'web 13:30 02T15:00',
      'app 08:30 01T10:00',
      'app 13:30 01T15:00',
      'app 08:30 02T10:00',
    ]);
    const long = freeze({ endsAt: new Date(at('10:00').getTime() + 401 * 86_400_000) });
    expect(nearSlots(RULES, [long], ['web'], NOW)).toEqual([]);
    expect(nearSlots({ ...RULES, cadence: null }, [], ['web'], NOW)).toEqual([]);
  });
});

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
    expect([said([failed('10:20')]), said([failed('11:20')])]).toEqual(['done 7', 'missed 7']);
    const skipped = (r: Pushed) => goingOut(slot, { product: 'web', skippedBy: null }, [r], at('09:30'))?.code;
    expect([skipped(failed('09:00')), skipped(open({ shippingAt: at('09:00') }))]).toEqual(['open', undefined]);
  });

  it('R9: cancelled when somebody said so or it was frozen; a push in it counts all the same', () => {
    expect(said([], undefined, ADA.id)).toBe('cancelled');
    expect(said([open()], undefined, ADA.id), 'opened after all').toBe('missed 7');
    const next = open({ openedAt: at('10:30') });
    expect(said([next], undefined, ADA.id), 'opened for the next one').toBe('cancelled 7');
    expect(said([{ ...next, shippingAt: at('15:05') }], at('16:00'), ADA.id)).toBe('cancelled 7');
    expect(said([{ ...next, shippingAt: at('10:55') }], undefined, ADA.id), 'or not').toBe('done 7');
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

describe('duty', () => {
  const roster: Duty = { roster: ['U1', 'U2', 'U3', 'U4', 'U5'], size: 2, turn: 'week' };

  it('goes round the roster by weeks or working days; for somebody away the next steps in', () => {
    const week = (n: number, away: string[] = []) => onDuty(roster, [], new Set(away), addDays('2027-03-01', n));
    const first = week(0);
    for (let n = 1; n < 7; n++) expect(week(n)).toEqual(first);
    expect(week(7)).not.toEqual(first);
    expect(week(35)).toEqual(first);
    const [one = '', two = ''] = first;
    expect(week(1, [one])[0]).toBe(two);
    expect(week(1, [one]).length).toBe(2);
    const daily: Duty = { ...roster, size: 1, turn: 'day' };
    const days = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => onDuty(daily, [], new Set(), addDays('2027-03-01', n))[0]);
    expect(new Set(days.slice(0, 5)).size).toBe(5);
    expect(days[5]).toBe(days[4]);
    expect(days[6]).toBe(days[4]);
    expect(days[7]).toBe(days[0]);
  });

  it('R23: who is away is so on days where they are', () => {
    // Monday 23:30 in Lisbon, Tuesday in Auckland.
    const at = new Date('2027-03-01T23:30Z');
    const zones = new Map([['U2', 'Pacific/Auckland']]);
    const away = (...days: [from: string, to: string]) => {
      const absences = ['U1', 'U2'].map((person) => ({ person, fromDay: days[0], toDay: days[1] }));
      return [...awayAt(absences, (person) => zones.get(person) ?? 'Europe/Lisbon', at)];
    };
    expect(away('2027-02-20', '2027-02-28')).toEqual([]);
    expect(away('2027-02-20', '2027-03-01')).toEqual(['U1']);
    expect(away('2027-03-01', '2027-03-02')).toEqual(['U1', 'U2']);
    expect(away('2027-03-02', '2027-03-09')).toEqual(['U2']);
    expect(away('2027-03-03', '2027-03-09')).toEqual([]);
  });

  it('is everybody of a user group who is not away; nobody without a policy for it', () => {
    const group: Duty = { roster: [], usergroup: 'S0DUTY', size: 2, turn: 'week' };
    expect(onDuty(group, ['U3', 'U1', 'U2'], new Set(['U2']), '2027-03-01')).toEqual(['U1', 'U3']);
    expect(onDuty(undefined, ['U1'], new Set(), '2027-03-01')).toEqual([]);
  });

  test('over any roster: as many as wanted where so many are there, nobody away, everybody in turn', () => {
    const people = fc.integer({ min: 1, max: 9 }).map((n) => Array.from({ length: n }, (_, i) => `U${i}`));
    const shapes = fc.record({
      roster: people,
      size: fc.integer({ min: 1, max: 4 }),
      turn: fc.constantFrom('day', 'week'),
    });
    const days = fc.integer({ min: -4000, max: 40_000 }).map((n) => addDays('2020-01-01', n));
    const absent = fc.array(fc.nat(8), { maxLength: 6 });
    fc.assert(
      fc.property(shapes, days, absent, (shape, day, gone) => {
        const duty = shape as Duty;
        const away = new Set(gone.map((who) => `U${who}`));
        const on = onDuty(duty, [], away, day);
        const here = duty.roster.filter((p) => !away.has(p));
        expect(new Set(on).size).toBe(Math.min(duty.size, here.length));
        expect(on.every((p) => here.includes(p))).toBe(true);
        const round = duty.turn === 'week' ? 7 : 1;
        const seen = new Set<string>();
        for (let n = 0; n <= duty.roster.length * round * 2; n += round)
          for (const p of onDuty(duty, [], new Set(), addDays(day, n))) seen.add(p);
        expect(seen.size).toBe(duty.roster.length);
      }),
      { numRuns: 500 },
    );
  });
});
