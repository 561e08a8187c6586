import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wallClock } from '../../../src/areas/reminders/days.ts';
import { AGAIN_MS, APART_MS, type Humane, messages } from '../../../src/areas/reminders/rules.ts';
import { TABLE } from '../../../src/areas/reminders/table.ts';
import type { Item, Kind, Sent } from '../../../src/areas/reminders/types.ts';
import { KINDS } from '../../../src/areas/reminders/types.ts';
import { isWorkday } from '../../../src/base/zone.ts';
import { noted, RULES } from './board.ts';

describe('properties', () => {
  const ZONES = ['Europe/London', 'America/Denver', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia'];
  const PEOPLE = ['UANA', 'UBEN', 'UCEM', 'UMAX', 'CADMINS'];
  const START = Date.UTC(2026, 2, 26);
  const instant = fc.integer({ min: -3 * 24 * 60, max: 5 * 24 * 60 }).map((m) => new Date(START + m * 60_000));
  const item = fc.record({
    kind: fc.constantFrom(...KINDS),
    subject: fc.constantFrom('REL-1', 'BUG-2', 'NOTE-3'),
    text: fc.constant('waits.'),
    url: fc.constant(null),
    thread: fc.constantFrom(null, { id: 1, channel: 'C1' }, { id: 2, channel: 'C1' }),
    since: instant,
    until: fc.option(instant),
    due: fc.option(instant),
    day: fc.option(fc.constantFrom('2026-03-26', '2026-03-27', '2026-03-30')),
    people: fc.subarray(PEOPLE),
    owner: fc.option(fc.constantFrom(...PEOPLE)),
  }) as fc.Arbitrary<Item>;
  const person = (id: string) =>
    fc.record({
      id: fc.constant(id),
      zone: fc.constantFrom(...ZONES),
      gone: fc.boolean(),
      away: fc.constantFrom([], [{ from: '2026-03-27', to: '2026-03-30' }]),
    });
  const scene = fc.record({
    items: fc.array(item, { maxLength: 12 }),
    people: fc.tuple(...PEOPLE.slice(0, 4).map(person)),
    maxPerDay: fc.integer({ min: 0, max: 4 }),
    start: fc.integer({ min: 300, max: 720 }),
    length: fc.integer({ min: 60, max: 700 }),
    beat: fc.constantFrom(15, 45, 60, 180),
  });

  it('R23: over days of beats in any zones: never twice per key, never over the cap, never outside of hours, never to who is not there', () => {
    fc.assert(
      fc.property(scene, ({ items, people, maxPerDay, start, length, beat }) => {
        const rules: Humane = {
          zone: 'Europe/London',
          hours: { start, end: start + length },
          holidays: ['2026-03-31'],
          maxPerDay,
        };
        const sent: Sent[] = [];
        const known = new Map(people.map((p) => [p.id, p]));
        for (
          let now = new Date(START);
          now.getTime() < START + 5 * 86_400_000;
          now = new Date(now.getTime() + beat * 60_000)
        ) {
          const out = messages({ items, sent, answers: [], people: known }, rules, now);
          for (const m of out)
            for (const d of m.dues) {
              const zone = known.get(d.target)?.zone ?? rules.zone;
              const local = wallClock(zone, now);
              expect(d.day).toBe(local.day);
              expect(isWorkday(local.day, rules.holidays)).toBe(true);
              expect(local.minute >= start && local.minute < start + length).toBe(true);
              expect(known.get(d.target)?.gone ?? false).toBe(false);
              expect(known.get(d.target)?.away.some((a) => a.from <= d.day && d.day <= a.to) ?? false).toBe(false);
              if (TABLE[d.item.kind].outage === 'skip' && d.item.until) expect(now < d.item.until).toBe(true);
              if (d.item.day) expect(d.item.day).toBe(local.day);
              expect(d.escalated ? d.item.owner : d.target).toBe(d.target);
            }
          sent.push(...noted(out, now));
        }
        const keys = sent.map((s) => [s.kind, s.subject, s.target, s.day, s.part].join('|'));
        expect(new Set(keys).size).toBe(keys.length);
        const heard = new Map<string, Set<number>>();
        for (const s of sent) {
          const key = `${s.target} ${s.day}`;
          heard.set(key, (heard.get(key) ?? new Set()).add(s.message));
        }
        for (const set of heard.values()) expect(set.size).toBeLessThanOrEqual(maxPerDay);
        for (const a of sent)
          for (const b of sent) {
            if (a === b || a.target !== b.target || a.at > b.at) continue;
            const gap = b.at.getTime() - a.at.getTime();
            if (a.kind === b.kind && a.subject === b.subject) expect(gap).toBeGreaterThanOrEqual(AGAIN_MS);
            if (a.digest && b.digest && a.message !== b.message) expect(gap).toBeGreaterThanOrEqual(APART_MS);
          }
      }),
      { numRuns: 60 },
    );
  });

  it('R23: the same input gives the same messages, and what was noted is not said again at once', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 12 }), instant, (items, now) => {
        const board = { items, sent: [], answers: [], people: new Map() };
        const rules = { ...RULES, maxPerDay: 99 };
        const out = messages(board, rules, now);
        expect(messages(board, rules, now)).toEqual(out);
        expect(messages({ ...board, sent: noted(out, now) }, rules, now)).toEqual([]);
      }),
    );
  });

  it('every kind has its row, at the same place', () => {
    expect(Object.keys(TABLE)).toEqual([...KINDS] satisfies Kind[]);
  });
});
