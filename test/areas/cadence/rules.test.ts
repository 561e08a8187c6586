import { describe, expect, it } from 'vitest';
import { CADENCE_PERMISSIONS } from '../../../src/areas/cadence/permissions.ts';
import {
  decideFreeze,
  decideThaw,
  forbiddenCadence,
  nearSlots,
  readSpan,
  slotsDue,
} from '../../../src/areas/cadence/rules.ts';
import type { FreezeAsk } from '../../../src/areas/cadence/types.ts';
import { ADA, ADMIN, ENG, NOBODY, person } from '../../support/facts.ts';
import { at, freeze, NOW, RULES } from './slot-facts.ts';

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
    for (const time of ['T15:20', 't9:00', '15:20', 'T15.20', '3pm']) {
      const read = readSpan('now', 'today', 'UTC', NOW, time);
      expect('refusal' in read && read.refusal.next, time).toContain(`such as todayT15:20`);
    }
    for (const word of ['the', '2', '2.10', 'T', 'T-shirt', '15:20:00Z-incident', undefined])
      expect(readSpan('now', 'today', 'UTC', NOW, word), word).toHaveProperty('endsAt');
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
    const within = freeze({ endsAt: at('10:20') });
    expect(nearSlots(RULES, [within], ['web'], at('10:10'))[0]).toEqual({
      product: 'web',
      from: at('08:30'),
      at: at('10:20'),
    });
    const long = freeze({ endsAt: new Date(at('10:00').getTime() + 401 * 86_400_000) });
    expect(nearSlots(RULES, [long], ['web'], NOW)).toEqual([]);
    expect(nearSlots({ ...RULES, cadence: null }, [], ['web'], NOW)).toEqual([]);
  });
});
