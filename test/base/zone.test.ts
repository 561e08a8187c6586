import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  addDays,
  isWorkday,
  isZone,
  localDay,
  localTime,
  minuteOfDay,
  momentOf,
  offsetAt,
  skipOf,
  workdayAfter,
  workdayBefore,
} from '../../src/base/zone.ts';

const ZONES = ['Europe/London', 'America/Denver', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia', 'Etc/UTC'];
const iso = (zone: string, local: string) => momentOf(zone, local).toISOString().slice(0, 16);

it('R22: a local time is one moment; a skipped one is as much later as the clocks jump, a repeated one is its first', () => {
  expect(iso('Europe/London', '2027-01-10T09:00')).toBe('2027-01-10T09:00');
  expect(iso('Europe/London', '2027-07-10T09:00')).toBe('2027-07-10T08:00');
  // 28 March 2027: 01:00 GMT is 02:00 BST.
  expect(iso('Europe/London', '2027-03-28T00:59')).toBe('2027-03-28T00:59');
  expect(iso('Europe/London', '2027-03-28T01:30')).toBe('2027-03-28T01:30');
  expect(localTime('Europe/London', momentOf('Europe/London', '2027-03-28T01:30'))).toBe('2027-03-28T02:30');
  expect(iso('Europe/London', '2027-03-28T02:00')).toBe('2027-03-28T01:00');
  // 31 October 2027: 02:00 BST is 01:00 GMT.
  expect(iso('Europe/London', '2027-10-31T01:30')).toBe('2027-10-31T00:30');
  expect(iso('Europe/London', '2027-10-31T02:00')).toBe('2027-10-31T02:00');
  // Lord Howe jumps by half an hour: 3 October 2027 from 02:00 to 02:30, 4 April back from 02:00 to 01:30.
  expect(localTime('Australia/Lord_Howe', momentOf('Australia/Lord_Howe', '2027-10-03T02:10'))).toBe(
    '2027-10-03T02:40',
  );
  expect(iso('Australia/Lord_Howe', '2027-04-04T01:45')).toBe('2027-04-03T14:45');
  expect(iso('America/Denver', '2027-03-14T02:30')).toBe('2027-03-14T09:30');
  expect(iso('Asia/Kolkata', '2027-03-14T02:30')).toBe('2027-03-13T21:00');
});

it('R22: a time that is skipped is known by the jump of the clocks, all others are not', () => {
  const london = { from: '2027-03-28T01:00', to: '2027-03-28T02:00' };
  for (const time of ['01:00', '01:30', '01:59:59'])
    expect(skipOf('Europe/London', `2027-03-28T${time}`)).toEqual(london);
  for (const day of ['2027-03-28T00:59', '2027-03-28T02:00', '2027-10-31T01:30', '2027-06-01T12:00'])
    expect(skipOf('Europe/London', day)).toBeUndefined();
  expect(skipOf('Australia/Lord_Howe', '2027-10-03T02:10')).toEqual({
    from: '2027-10-03T02:00',
    to: '2027-10-03T02:30',
  });
  expect(skipOf('Etc/UTC', '2027-03-28T01:30')).toBeUndefined();
});

it('R22: every moment has a local time, and going there and back gives the moment or the first of two', () => {
  const times = fc.date({ min: new Date('2024-01-01'), max: new Date('2035-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), times, (zone, at) => {
      const minute = new Date(Math.floor(at.getTime() / 60_000) * 60_000);
      const local = localTime(zone, minute);
      const back = momentOf(zone, local);
      expect(localTime(zone, back)).toBe(local);
      expect(skipOf(zone, local)).toBeUndefined();
      const later = minute.getTime() - back.getTime();
      expect([0, 30 * 60_000, 60 * 60_000]).toContain(later);
      if (later) expect(offsetAt(zone, back)).toBe(offsetAt(zone, minute) + later);
    }),
    { numRuns: 2_000 },
  );
});

it('days: the local one, some later, those one works on', () => {
  expect(localDay('Pacific/Apia', new Date('2027-03-01T12:00Z'))).toBe('2027-03-02');
  expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
  expect(addDays('2027-01-01', -1)).toBe('2026-12-31');
  expect(['2027-03-05', '2027-03-06', '2027-03-07', '2027-03-08'].map((day) => isWorkday(day, ['2027-03-08']))).toEqual(
    [true, false, false, false],
  );
  expect([minuteOfDay('2027-03-01T09:30'), minuteOfDay('00:00')]).toEqual([570, 0]);
  expect(() => offsetAt('Mars/Olympus', new Date())).toThrow(RangeError);
});

it('R23: the working day before and after a day, and where nobody ever works the day itself beside it', () => {
  const holidays = ['2026-03-02', '2026-02-27'];
  expect(workdayBefore('2026-03-02', [])).toBe('2026-02-27');
  expect(workdayBefore('2026-03-03', holidays)).toBe('2026-02-26');
  const always = Array.from({ length: 400 }, (_, i) => addDays('2026-03-02', -i));
  expect(workdayBefore('2026-03-02', always)).toBe('2026-03-01');
  expect([workdayAfter('2026-02-27', []), workdayAfter('2026-02-27', ['2026-03-02'])]).toEqual([
    '2026-03-02',
    '2026-03-03',
  ]);
  expect(workdayAfter('2026-03-02', always)).toBe('2026-03-03');
});

it('a zone is one that is known', () => {
  expect([isZone('Europe/Lisbon', new Date(0)), isZone('Mars/Base', new Date(0))]).toEqual([true, false]);
});
