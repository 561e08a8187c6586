// Local days as people type and read them.
import { addDays } from './zone.ts';

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/**
 * A day as people type it: 2026-12-01, today, tomorrow, or a weekday (also mon, next friday), which is the next one after today.
 * @param today YYYY-MM-DD in the team's zone @returns YYYY-MM-DD; undefined when it is none
 */
export function readDay(text: string, today: string): string | undefined {
  const word = text.trim().toLowerCase();
  if (/^\d{4}-\d\d-\d\d$/.test(word)) {
    const at = new Date(`${word}T00:00:00Z`);
    return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(word) ? word : undefined;
  }
  if (word === 'today') return today;
  if (word === 'tomorrow') return addDays(today, 1);
  const name = word.replace(/^next\s+/, '');
  const wanted = WEEKDAYS.findIndex((day) => day === name || (name.length >= 3 && name === day.slice(0, name.length)));
  if (wanted < 0) return undefined;
  const ahead = (wanted - new Date(`${today}T00:00:00Z`).getUTCDay() + 7) % 7;
  return addDays(today, ahead || 7);
}

/** The Monday of the day's week. @param day YYYY-MM-DD */
export function mondayOf(day: string): string {
  return addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7));
}

/** A day for people: `Fri 4 Dec 2026`. @param day YYYY-MM-DD */
export function showDay(day: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'UTC',
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  });
  return format.format(new Date(`${day}T00:00:00Z`)).replace(',', '');
}
