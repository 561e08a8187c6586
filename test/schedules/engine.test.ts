import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, isWorkday } from '../../src/base/zone.ts';
import { parsePolicy } from '../../src/policy.ts';
import { dueTimes, judge, nextTime, type Plan, planOf, type Time, timesBetween } from '../../src/schedules/engine.ts';
import { SCHEDULES } from '../../src/schedules/table.ts';

const ZONES = ['Europe/London', 'America/Denver', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia'];
const POLICY = parsePolicy(readFileSync('shipshape.yml', 'utf8'), 'shipshape.yml');
const MINUTE = 60_000;
const plan = (cron: string[], zone = 'Europe/London', workdays = false): Plan => ({ cron, zone, workdays });
const shown = (times: Time[]) => times.map(({ local, at }) => `${local} = ${at.toISOString().slice(0, 16)}Z`);
const between = (p: Plan, from: string, to: string) => shown(timesBetween(p, [], new Date(from), new Date(to)));

/** The numbers a field of a cron line allows: `*`, steps, ranges, lists. Written anew, so that it can be held against the parser. */
const allowedOnce = new Map<string, number[]>();
function allowed(field: string, min: number, max: number): number[] {
  const key = `${field} ${max}`;
  const known = allowedOnce.get(key) ?? allowedAnew(field, min, max);
  allowedOnce.set(key, known);
  return known;
}
function allowedAnew(field: string, min: number, max: number): number[] {
  const all = Array.from({ length: max - min + 1 }, (_, i) => min + i);
  return all.filter((n) =>
    field.split(',').some((part) => {
      const [range = '', step] = part.split('/');
      const [from, to] = range === '*' ? [min, max] : range.split('-').map(Number);
      const last = to ?? (step ? max : from);
      return n >= (from as number) && n <= (last as number) && (n - (from as number)) % Number(step ?? 1) === 0;
    }),
  );
}

/** The local times that a line means on one day, from the calendar alone. */
function intended(line: string, day: string): string[] {
  const [minute = '', hour = '', date = '', month = '', weekday = ''] = line.split(' ');
  const [, m, d] = day.split('-').map(Number);
  const at = new Date(`${day}T00:00Z`).getUTCDay();
  const last = addDays(day, 1).endsWith('-01');
  const onDate = date === 'L' ? last : allowed(date, 1, 31).includes(d as number);
  const onWeekday = allowed(weekday.replace('7', '0'), 0, 6).includes(at);
  const either = date !== '*' && weekday !== '*' ? onDate || onWeekday : onDate && onWeekday;
  if (!either || !allowed(month, 1, 12).includes(m as number)) return [];
  const two = (n: number) => String(n).padStart(2, '0');
  return allowed(hour, 0, 23).flatMap((h) => allowed(minute, 0, 59).map((min) => `${day}T${two(h)}:${two(min)}`));
}

const walls = new Map<string, Intl.DateTimeFormat>();
/** What the clock on the wall says, by another road than src/base/zone.ts takes. */
function wall(zone: string, at: number): string {
  const format =
    walls.get(zone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  walls.set(zone, format);
  return format.format(at).replace(' ', 'T');
}

/** R22 by trying: the first moment at which the clock says so; for a skipped time as much later as the clock jumps. */
function moment(zone: string, local: string): number {
  const utc = Date.parse(`${local}Z`);
  const quarter = 15 * MINUTE;
  for (let at = utc - 14 * 60 * MINUTE; at <= utc + 12 * 60 * MINUTE; at += quarter) {
    if (wall(zone, at) === local) return at;
  }
  // Nobody's clock ever says so: the first moment that is later on the clock is the jump, whose size is what is missing.
  for (let at = utc - 14 * 60 * MINUTE; ; at += quarter) {
    const [before, after] = [wall(zone, at), wall(zone, at + quarter)];
    if (before < local && after > local) {
      return at + quarter + (utc - Date.parse(`${before}Z`) - quarter);
    }
  }
}

const rare = (line: string) => intended(line, '2024-01-01').length <= 48;
const days = (from: string, to: string): string[] => {
  const all: string[] = [];
  for (let day = from; day < to; day = addDays(day, 1)) all.push(day);
  return all;
};

describe('R22: every default schedule, 2024 to 2034', () => {
  it('has a name of its own, and lines that mean something', () => {
    expect(new Set(SCHEDULES.map(({ name }) => name)).size).toBe(SCHEDULES.length);
    for (const schedule of SCHEDULES) expect(schedule.cron.length, schedule.name).toBeGreaterThan(0);
  });

  it.each(ZONES)('comes round once per intended local time, and at its moment, in %s', { timeout: 60_000 }, (zone) => {
    for (const schedule of SCHEDULES.filter(({ cron }) => cron.every(rare))) {
      const p = planOf(schedule, zone);
      const all = days('2024-01-01', '2035-01-01').filter((day) => !p.workdays || isWorkday(day, POLICY.team.holidays));
      const meant = [...new Set(all.flatMap((day) => schedule.cron.flatMap((line) => intended(line, day))))].sort();
      const from = new Date(moment(p.zone, '2024-01-01T00:00') - 1);
      const to = new Date(moment(p.zone, '2035-01-01T00:00') - 1);
      const got = timesBetween(p, POLICY.team.holidays, from, to);
      expect(got.map(({ local }) => local).sort(), schedule.name).toEqual(meant);
      expect(got.length).toBeGreaterThan(100);
      // The clock on the wall agrees, but for times that it never shows.
      const skipped = got.filter(({ local, at }) => wall(p.zone, at.getTime()) !== local);
      for (const { local, at } of skipped) expect(at.getTime(), local).toBe(moment(p.zone, local));
      for (const { local, at } of got.filter((_, i) => i % 200 === 0)) expect(at.getTime()).toBe(moment(p.zone, local));
    }
  });

  it('and those that come every few minutes do so in UTC, also over the ends of months and on leap days', () => {
    const often = SCHEDULES.filter(({ cron }) => !cron.every(rare));
    expect(often.length).toBeGreaterThan(0);
    for (const schedule of often) {
      expect(schedule.zone, schedule.name).toBe('utc');
      for (const [from, to] of [
        ['2024-02-27', '2024-03-02'],
        ['2027-12-30', '2028-01-02'],
        ['2032-02-28', '2032-03-02'],
      ] as const) {
        const meant = [
          ...new Set(days(from, to).flatMap((day) => schedule.cron.flatMap((c) => intended(c, day)))),
        ].sort();
        const got = timesBetween(
          planOf(schedule, 'Pacific/Apia'),
          [],
          new Date(Date.parse(`${from}T00:00Z`) - 1),
          new Date(Date.parse(`${to}T00:00Z`) - 1),
        );
        expect(got.map(({ local }) => local)).toEqual(meant);
      }
    }
  });
});

describe('R22: when clocks change', () => {
  it('a skipped time moves forward, a repeated one fires on its first', () => {
    expect(between(plan(['30 1 * * *']), '2027-03-27T12:00Z', '2027-03-29T12:00Z')).toEqual([
      '2027-03-28T01:30 = 2027-03-28T01:30Z',
      '2027-03-29T01:30 = 2027-03-29T00:30Z',
    ]);
    expect(between(plan(['30 1 * * *']), '2027-10-30T12:00Z', '2027-11-01T12:00Z')).toEqual([
      '2027-10-31T01:30 = 2027-10-31T00:30Z',
      '2027-11-01T01:30 = 2027-11-01T01:30Z',
    ]);
  });

  it('two times of one moment are two occurrences, and a later one that is due first comes first', () => {
    const p = plan(['0,30 1,2 * * *']);
    const expected = [
      '2027-03-28T01:00 = 2027-03-28T01:00Z',
      '2027-03-28T02:00 = 2027-03-28T01:00Z',
      '2027-03-28T01:30 = 2027-03-28T01:30Z',
      '2027-03-28T02:30 = 2027-03-28T01:30Z',
    ];
    expect(between(p, '2027-03-28T00:00Z', '2027-03-28T12:00Z')).toEqual(expected);
    expect(nextTime(p, [], new Date('2027-03-28T00:00Z'))?.local).toBe('2027-03-28T01:00');
    expect(nextTime(p, [], new Date('2027-03-28T01:00Z'))?.local).toBe('2027-03-28T01:30');
    expect(nextTime(p, [], new Date('2027-03-28T01:30Z'))?.local).toBe('2027-03-29T01:00');
    // Half an hour is skipped: 02:10 is done at 02:40.
    const howe = plan(['10,35 2 * * *'], 'Australia/Lord_Howe');
    expect(nextTime(howe, [], new Date('2027-10-02T12:00Z'))?.local).toBe('2027-10-03T02:35');
    const early = plan(['30 1 * * *', '5 2 * * *']);
    expect(nextTime(early, [], new Date('2027-03-28T00:00Z'))?.local).toBe('2027-03-28T02:05');
  });

  it('in the hour that comes twice, what fired in the first does not fire in the second', () => {
    const p = plan(['15 1 * * *']);
    expect(nextTime(p, [], new Date('2027-10-31T00:16Z'))?.at.toISOString()).toBe('2027-11-01T01:15:00.000Z');
    expect(between(p, '2027-10-31T00:16Z', '2027-10-31T23:00Z')).toEqual([]);
    // Up to the second 01:10, all of the first hour has been.
    expect(between(plan(['15 1 * * *'], 'America/Denver'), '2027-11-07T06:00Z', '2027-11-07T08:10Z')).toEqual([
      '2027-11-07T01:15 = 2027-11-07T07:15Z',
    ]);
  });

  it('whatever the lines, zone and pieces: the pieces are the whole, in order, and the next is the first of the rest', () => {
    const dst = ['2027-03-28', '2027-10-31', '2027-03-14', '2027-11-07', '2027-04-04', '2027-10-03', '2028-02-29'];
    const line = fc
      .tuple(fc.constantFrom('*/7', '0', '30', '15,45', '59'), fc.constantFrom('*', '0-3', '1', '2', '*/2', '23'))
      .map(([minute, hour]) => `${minute} ${hour} * * *`);
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(...ZONES),
        fc.constantFrom(...dst),
        fc.array(fc.integer({ min: -1500, max: 2900 }), { minLength: 3, maxLength: 6 }),
        (cron, zone, day, cuts) => {
          const p = plan(cron, zone);
          const at = [...new Set(cuts)]
            .sort((a, b) => a - b)
            .map((m) => new Date(Date.parse(`${day}T00:00Z`) + m * MINUTE));
          const whole = timesBetween(p, [], at[0] as Date, at.at(-1) as Date);
          const pieces = at.slice(1).flatMap((to, i) => timesBetween(p, [], at[i] as Date, to));
          expect(shown(pieces)).toEqual(shown(whole));
          expect(new Set(whole.map(({ local }) => local)).size).toBe(whole.length);
          expect(whole.every((time, i) => i === 0 || (whole[i - 1] as Time).at <= time.at)).toBe(true);
          const next = nextTime(p, [], at[0] as Date);
          if (whole.length) expect(next).toEqual(whole[0]);
          else expect(next?.at.getTime()).toBeGreaterThan((at.at(-1) as Date).getTime());
        },
      ),
      { numRuns: 80 },
    );
  });
});

describe('when a plan comes round', () => {
  it('on the last day of each month, and on leap days', () => {
    expect(
      timesBetween(plan(['0 9 L * *']), [], new Date('2027-12-01'), new Date('2028-04-01')).map((t) => t.local),
    ).toEqual(['2027-12-31T09:00', '2028-01-31T09:00', '2028-02-29T09:00', '2028-03-31T09:00']);
    const leap = timesBetween(plan(['0 9 29 2 *']), [], new Date('2024-01-01'), new Date('2035-01-01'));
    expect(leap.map((t) => t.local)).toEqual(['2024-02-29T09:00', '2028-02-29T09:00', '2032-02-29T09:00']);
  });

  it('on working days only where it says so, and never where there is none', () => {
    const p = plan(['0 9 * * *', '30 15 * * *'], 'Europe/London', true);
    expect(timesBetween(p, ['2027-03-08'], new Date('2027-03-05'), new Date('2027-03-10')).map((t) => t.local)).toEqual(
      ['2027-03-05T09:00', '2027-03-05T15:30', '2027-03-09T09:00', '2027-03-09T15:30'],
    );
    expect(nextTime(p, ['2027-03-08'], new Date('2027-03-05T20:00Z'))?.local).toBe('2027-03-09T09:00');
    expect(nextTime(plan(['0 9 * * 6'], 'Etc/UTC', true), [], new Date('2027-01-01'))).toBeNull();
    expect(() => nextTime(plan(['0 9 31 2 *']), [], new Date('2027-01-01'))).toThrow();
    expect(() => nextTime(plan(['every day']), [], new Date())).toThrow();
  });
});

describe('R22: after an outage', () => {
  const now = new Date('2027-03-05T12:00Z');
  const due = (...minutes: number[]): Time[] =>
    minutes.map((m) => {
      const at = new Date(now.getTime() - m * MINUTE);
      return { local: at.toISOString().slice(0, 16), at };
    });
  const verdict = (afterOutage: 'once' | 'skip', ...minutes: number[]) => {
    const { fire, skip } = judge(due(...minutes), { afterOutage, graceMinutes: 10 }, now);
    const say = (t: { at: Date; passed: number; late?: boolean }) =>
      `${(now.getTime() - t.at.getTime()) / MINUTE}${t.late ? ' late' : ''}${t.passed ? ` after ${t.passed}` : ''}`;
    return { fire: fire.map(say), skip: skip ? say(skip) : null };
  };

  it('what is in time is done, each of it', () => {
    for (const kind of ['once', 'skip'] as const) {
      expect(verdict(kind, 10, 5, 0)).toEqual({ fire: ['10', '5', '0'], skip: null });
      expect(verdict(kind)).toEqual({ fire: [], skip: null });
    }
  });

  it('once: the newest is made up for, unless a younger one is done anyway', () => {
    expect(verdict('once', 3000, 1500, 60)).toEqual({ fire: ['60 late after 2'], skip: null });
    expect(verdict('once', 60, 20, 5, 1)).toEqual({ fire: ['5 after 2', '1'], skip: null });
  });

  it('skip: what is gone is gone', () => {
    expect(verdict('skip', 3000, 1500, 60)).toEqual({ fire: [], skip: '60 after 2' });
    expect(verdict('skip', 60, 11, 10)).toEqual({ fire: ['10'], skip: '11 after 1' });
  });
});

describe('R22: an outage of months', () => {
  const up = new Date('2027-03-05T15:20Z');
  it('lists of a schedule that came round very often the last times only, the newest of each kind among them', () => {
    const seal = plan(['* * * * *'], 'UTC');
    const first = new Date(up.getTime() - 400 * 1440 * MINUTE);
    const due = dueTimes(seal, [], first, up, 10);
    expect(due.length).toBeLessThan(25_000);
    const { fire, skip } = judge(due, { afterOutage: 'skip', graceMinutes: 10 }, up);
    expect(fire).toHaveLength(11);
    expect(skip?.local).toBe('2027-03-05T15:09');
  });

  it('counts the others all, and those of a short outage too', () => {
    const daily = plan(['0 9 * * *'], 'Europe/London', true);
    const first = new Date('2025-03-03T09:00Z');
    const all = timesBetween(daily, [], new Date(first.getTime() - 1), up);
    expect(dueTimes(daily, [], first, up, 10)).toEqual(all);
    const seal = plan(['* * * * *'], 'UTC');
    const since = new Date(up.getTime() - 3 * 1440 * MINUTE);
    expect(dueTimes(seal, [], since, up, 10)).toHaveLength(3 * 1440 + 1);
    const rare = plan(['0 9 29 2 *']);
    expect(dueTimes(rare, [], new Date('2020-02-29T09:00Z'), up, 10).map((d) => d.local)).toEqual([
      '2020-02-29T09:00',
      '2024-02-29T09:00',
    ]);
  });

  it('what comes every minute of working days goes on after a weekend', () => {
    const often = plan(['* * * * *'], 'UTC', true);
    expect(nextTime(often, [], new Date('2027-03-05T23:59Z'))?.local).toBe('2027-03-08T00:00');
  });
});
