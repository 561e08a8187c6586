import { describe, expect, it } from 'vitest';
import { wallClock } from '../../../src/areas/reminders/days.ts';
import { mondayOf } from '../../../src/base/days.ts';

describe('days', () => {
  it('a moment as a wall clock shows it, in zones of all kinds, at changes of summer time and across midnight', () => {
    const at = (iso: string, zone: string) => {
      const { day, minute } = wallClock(zone, new Date(iso));
      return `${day} ${minute}`;
    };
    expect(at('2026-03-29T00:59:00Z', 'Europe/London')).toBe('2026-03-29 59');
    expect(at('2026-03-29T01:00:00Z', 'Europe/London')).toBe('2026-03-29 120');
    expect(at('2026-03-29T18:30:00Z', 'Asia/Kolkata')).toBe('2026-03-30 0');
    expect(at('2026-01-01T00:00:00Z', 'Australia/Lord_Howe')).toBe('2026-01-01 660');
    expect(at('2026-01-01T10:00:00Z', 'Pacific/Apia')).toBe('2026-01-01 1380');
    expect(at('2028-02-29T12:00:00Z', 'America/Denver')).toBe('2028-02-29 300');
  });

  it('the Monday of a week', () => {
    expect(mondayOf('2026-03-01')).toBe('2026-02-23');
    expect(mondayOf('2026-03-02')).toBe('2026-03-02');
  });
});
