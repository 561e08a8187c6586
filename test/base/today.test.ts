import { expect, it } from 'vitest';
import { doneOn, isToday, livesIn, todayIn } from '../../src/base/today.ts';

const team = (zone: string, holidays: string[] = []) => ({ zone, hours: { start: 540 }, holidays });
const said = (zone: string, of: ReturnType<typeof team>, at: string) => {
  const { day, first, last } = todayIn(zone, of, new Date(at));
  return first === day && last === day ? day : `${day}: ${first} – ${last}`;
};

it('R23: today is somebody’s own date, before the team’s in the east and after it in the west', () => {
  const lisbon = team('Europe/Lisbon');
  expect(said('Pacific/Auckland', lisbon, '2026-11-30T20:00Z')).toBe('2026-12-01');
  expect(said('Europe/Lisbon', lisbon, '2026-11-30T20:00Z')).toBe('2026-11-30');
  expect(said('America/Los_Angeles', lisbon, '2026-12-01T03:00Z')).toBe('2026-11-30');
});

it('R23: who begins to work on the next working day when the team’s is over has that today, over a weekend and holidays too', () => {
  const tokyo = team('Asia/Tokyo');
  expect(said('America/Los_Angeles', tokyo, '2026-02-27T17:00Z')).toBe('2026-02-27: 2026-02-28 – 2026-03-02');
  expect(said('America/Los_Angeles', tokyo, '2026-03-01T17:00Z')).toBe('2026-03-01: 2026-03-02 – 2026-03-02');
  expect(said('America/Los_Angeles', team('Asia/Tokyo', ['2026-03-02']), '2026-02-27T17:00Z')).toBe(
    '2026-02-27: 2026-02-28 – 2026-03-03',
  );
  // In Denver, at UTC-7, work begins at 16:00 UTC, an hour after Tokyo's day; in Lisbon long before.
  expect(said('America/Denver', tokyo, '2026-02-25T17:00Z')).toBe('2026-02-25: 2026-02-26 – 2026-02-26');
  expect(said('Europe/Lisbon', tokyo, '2026-02-27T09:00Z')).toBe('2026-02-27');
});

it('R21: what is planned for a day is done on it, or on the working day before by who begins to work when the team’s is over', () => {
  const tokyo = team('Asia/Tokyo', ['2026-03-03']);
  const done = (zone: string, planned: string) => doneOn(zone, tokyo, planned);
  expect(done('Asia/Tokyo', '2026-03-02')).toBe('2026-03-02');
  expect(done('Europe/Lisbon', '2026-03-02')).toBe('2026-03-02');
  expect(done('America/Los_Angeles', '2026-03-02')).toBe('2026-02-27');
  expect(done('America/Los_Angeles', '2026-03-04')).toBe('2026-03-02');
  // In Chicago work begins at Tokyo's midnight in winter, and an hour before it in summer.
  expect(done('America/Chicago', '2026-03-02')).toBe('2026-02-27');
  expect(done('America/Chicago', '2026-07-02')).toBe('2026-07-02');
});

it('is from the first to the last of these days', () => {
  const today = { day: '2026-02-26', first: '2026-02-27', last: '2026-03-02' };
  const days = ['2026-02-26', '2026-02-27', '2026-03-02', '2026-03-03'];
  expect(days.map((day) => isToday(today, day))).toEqual([false, true, true, false]);
});

it('somebody lives where Slack says, and where it says nothing, or what nobody knows, where the team does', () => {
  const now = new Date(0);
  expect(['Asia/Tokyo', 'UTC', null, 'Mars/Base'].map((zone) => livesIn(zone, 'Europe/Lisbon', now))).toEqual([
    'Asia/Tokyo',
    'Europe/Lisbon',
    'Europe/Lisbon',
    'Europe/Lisbon',
  ]);
});
