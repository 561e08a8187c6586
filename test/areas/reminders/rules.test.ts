import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wallClock } from '../../../src/areas/reminders/days.ts';
import { heardFrom, isAtWork } from '../../../src/areas/reminders/hours-rules.ts';
import { AGAIN_MS, APART_MS, type Humane, messages } from '../../../src/areas/reminders/rules.ts';
import { TABLE } from '../../../src/areas/reminders/table.ts';
import type { Answered, Board, Due, Item, Kind, Message, Person, Sent } from '../../../src/areas/reminders/types.ts';
import { KINDS } from '../../../src/areas/reminders/types.ts';
import { isWorkday } from '../../../src/base/zone.ts';

/** A Monday; Lisbon is at UTC then. */
const at = (clock: string, day = '2026-03-02') => new Date(`${day}T${clock}:00Z`);
const RULES: Humane = {
  zone: 'Europe/Lisbon',
  hours: { start: 540, end: 1080 },
  holidays: ['2026-03-05'],
  maxPerDay: 5,
};

function anItem(over: Partial<Item> = {}): Item {
  return {
    kind: 'sign_off',
    subject: 'REL-1',
    text: 'waits.',
    url: null,
    thread: { id: 7, channel: 'CREL' },
    since: at('08:00'),
    until: null,
    due: null,
    day: null,
    people: ['UANA'],
    owner: 'UMAX',
    ...over,
  };
}

function aPerson(id: string, over: Partial<Person> = {}): Person {
  return { id, zone: 'Europe/Lisbon', gone: false, away: [], ...over };
}

function aBoard(items: Item[], over: { people?: Person[]; sent?: Sent[]; answers?: Answered[] } = {}): Board {
  const { people = [], sent = [], answers = [] } = over;
  return { items, sent, answers, people: new Map(people.map((p) => [p.id, p])) };
}

let number = 0;
/** What is noted when messages went out. */
function noted(out: readonly Message[], now: Date): Sent[] {
  return out.flatMap((m) => {
    number++;
    return m.dues.map(({ item, target, day, part, escalated }) => {
      const { kind, subject, since } = item;
      return {
        kind,
        subject,
        since,
        target,
        day,
        part,
        escalated,
        at: now,
        message: number,
        digest: m.to === 'target',
      };
    });
  });
}

const to = (found: readonly Due[]) => found.map((d) => `${d.escalated ? '!' : ''}${d.target}`);
const due = (item: Item, now: Date, over: Parameters<typeof aBoard>[1] = {}, rules = RULES) =>
  to(messages(aBoard([item], over), rules, now).flatMap((m) => m.dues));
const wasSent = (item: Item, target: string, when: Date, over: Partial<Sent> = {}): Sent => ({
  kind: item.kind,
  subject: item.subject,
  target,
  day: when.toISOString().slice(0, 10),
  part: 0,
  since: item.since,
  at: when,
  message: ++number,
  digest: true,
  escalated: false,
  ...over,
});

describe('R23: when', () => {
  it('R23: only after it has waited as long as its kind says', () => {
    const item = anItem({ since: at('09:30') });
    expect(due(item, at('10:29'))).toEqual([]);
    expect(due(item, at('10:30'))).toEqual(['UANA']);
  });

  it('R23: what waits for the next day does so in the day of whom it is for', () => {
    const item = anItem({ kind: 'hold', since: at('23:30', '2026-03-03') });
    expect(due(item, at('10:00', '2026-03-03'))).toEqual([]);
    expect(due(item, at('10:00', '2026-03-04'))).toEqual(['UANA']);
    // In Kolkata that hold was set on the day itself.
    const kolkata = [aPerson('UANA', { zone: 'Asia/Kolkata' })];
    expect(due(item, at('04:00', '2026-03-04'), { people: kolkata })).toEqual([]);
  });

  it('R23: within working hours of the person, not on their days off, holidays, or while they are away', () => {
    const item = anItem({ since: at('00:00'), owner: null });
    expect(due(item, at('08:59'))).toEqual([]);
    expect(due(item, at('17:59'))).toEqual(['UANA']);
    expect(due(item, at('18:00'))).toEqual([]);
    expect(due(item, at('10:00', '2026-03-05'))).toEqual([]);
    expect(due(item, at('10:00', '2026-03-07'))).toEqual([]);
    const denver = [aPerson('UANA', { zone: 'America/Denver' })];
    expect(due(item, at('10:00'), { people: denver })).toEqual([]);
    expect(due(item, at('16:00'), { people: denver })).toEqual(['UANA']);
    const away = [aPerson('UANA', { away: [{ from: '2026-03-02', to: '2026-03-03' }] })];
    expect(due(item, at('10:00', '2026-03-03'), { people: away })).toEqual([]);
    expect(due(item, at('10:00', '2026-03-04'), { people: away })).toEqual(['UANA']);
  });

  it('R23: once in each part of a day, the two not close to each other', () => {
    const item = anItem();
    const first = wasSent(item, 'UANA', at('12:30'));
    expect(due(item, at('13:00'), { sent: [first] })).toEqual([]);
    expect(due(item, at('13:31'), { sent: [first] })).toEqual([]);
    expect(due(item, at('14:30'), { sent: [first] })).toEqual(['UANA']);
    const second = wasSent(item, 'UANA', at('14:30'), { part: 1 });
    expect(due(item, at('17:30'), { sent: [first, second] })).toEqual([]);
    expect(due(item, at('09:00', '2026-03-03'), { sent: [first, second] })).toContain('UANA');
  });

  it('R23: a part that was missed is not made up for: the next one says it', () => {
    const item = anItem();
    expect(messages(aBoard([item]), RULES, at('15:00')).map((m) => m.dues[0]?.part)).toEqual([1]);
  });

  it('R23: what is said once is not said again for the same wait, but for the next', () => {
    const item = anItem({ kind: 'regression_missed', since: at('08:00', '2026-02-27'), people: ['UMAX'], owner: null });
    expect(due(item, at('10:00'))).toEqual(['UMAX']);
    const sent = [wasSent(item, 'UMAX', at('10:00'))];
    expect(due(item, at('10:00', '2026-03-03'), { sent })).toEqual([]);
    expect(due({ ...item, since: at('08:00') }, at('10:00', '2026-03-03'), { sent })).toEqual(['UMAX']);
  });

  it('R23: what is for one day is not said on another, and a slot long gone is not said at all', () => {
    const today = anItem({ kind: 'regression', day: '2026-03-02', owner: null });
    expect(due(today, at('09:00'))).toEqual(['UANA']);
    expect(due(today, at('09:00', '2026-03-03'))).toEqual([]);
    const slot = anItem({ kind: 'eyes', since: at('08:30'), until: at('10:00'), owner: null });
    expect(due(slot, at('09:59'))).toEqual(['UANA']);
    expect(due(slot, at('10:00'))).toEqual([]);
  });
});

describe('R23: to whom', () => {
  it('R23: who answers for it hears when somebody was reminded in vain, once a day, and only then', () => {
    const item = anItem({ since: at('08:00') });
    const sent = [wasSent(item, 'UANA', at('09:00'))];
    expect(due(item, at('14:00'), { sent })).toEqual(['UANA']);
    const next = at('09:00', '2026-03-03');
    expect(due(item, next, { sent })).toEqual(['UANA', '!UMAX']);
    const told = [...sent, wasSent(item, 'UMAX', next, { escalated: true })];
    expect(due(item, at('15:00', '2026-03-03'), { sent: told })).toEqual(['UANA']);
    expect(due(item, at('09:00', '2026-03-04'), { sent: told })).toEqual(['UANA', '!UMAX']);
    // Another wait begins at the beginning.
    expect(due({ ...item, since: at('07:00', '2026-03-03') }, next, { sent })).toEqual(['UANA']);
  });

  it('R23: or once it was due, where a time was set', () => {
    const item = anItem({
      kind: 'emergency_review',
      due: at('11:00'),
      owner: 'CADMINS',
      since: at('08:00', '2026-03-01'),
    });
    expect(due(item, at('10:59'))).toEqual(['UANA']);
    expect(due(item, at('11:00'))).toEqual(['UANA', '!CADMINS']);
    expect(due({ ...item, due: null }, at('11:00'))).toEqual(['UANA']);
  });

  it('R23: at once when nobody who can do it is there', () => {
    const item = anItem();
    const gone = aPerson('UANA', { gone: true });
    const away = aPerson('UANA', { away: [{ from: '2026-03-01', to: '2026-03-09' }] });
    expect(due(item, at('09:00'), { people: [gone] })).toEqual(['!UMAX']);
    expect(due(item, at('09:00'), { people: [away] })).toEqual(['!UMAX']);
    expect(due({ ...item, people: [] }, at('09:00'))).toEqual(['!UMAX']);
    expect(due(item, at('09:00'), { people: [gone, aPerson('UMAX', { gone: true })] })).toEqual([]);
    expect(due({ ...item, owner: null }, at('09:00'), { people: [gone] })).toEqual([]);
  });

  it('R23: nobody twice for one thing: who is to do it and answers for it is one', () => {
    const item = anItem({ people: ['UMAX', 'UANA', 'UMAX'] });
    const sent = [wasSent(item, 'UANA', at('09:00', '2026-02-27'))];
    expect(due({ ...item, since: at('08:00', '2026-02-27') }, at('09:00'), { sent })).toEqual(['UMAX', 'UANA']);
    const two = [anItem({ people: [] }), anItem({ people: [], since: at('07:00') })];
    expect(messages(aBoard(two), RULES, at('09:00')).map((m) => to(m.dues))).toEqual([['!UMAX']]);
  });

  it('R23: kinds whose owner never hears more', () => {
    const item = anItem({ kind: 'watch', since: at('00:00', '2026-03-01'), until: at('18:00') });
    expect(due(item, at('09:00'), { sent: [wasSent(item, 'UBEN', at('09:00', '2026-03-01'))] })).toEqual(['UANA']);
  });
});

describe('R23: silent', () => {
  it('R23: once somebody said that it is done, until it waits anew', () => {
    const item = anItem();
    const answers: Answered[] = [
      { kind: 'sign_off', subject: 'REL-1', person: 'UANA', answer: 'done', day: '2026-03-02', since: item.since },
    ];
    expect(due(item, at('10:00', '2026-03-03'), { answers })).toEqual([]);
    expect(due({ ...item, since: at('11:00') }, at('10:00', '2026-03-03'), { answers })).toEqual(['UANA']);
    for (const other of [{ kind: 'hold' }, { subject: 'REL-2' }, { people: ['UBEN'] }] as Partial<Item>[])
      expect(due({ ...item, ...other }, at('10:00', '2026-03-03'), { answers })).toHaveLength(1);
  });

  it('R23: what is said once is said again to who put it off, on their next day, once', () => {
    const item = anItem({ kind: 'regression_missed', owner: null, since: at('00:00', '2026-03-01') });
    const sent = [wasSent(item, 'UANA', at('09:00'))];
    const answer = { kind: item.kind, subject: item.subject, person: 'UANA', since: item.since, day: '2026-03-02' };
    const answers: Answered[] = [{ ...answer, answer: 'not_today' }];
    const next = at('09:00', '2026-03-03');
    expect(due(item, next, { sent })).toEqual([]);
    expect(due(item, at('14:00'), { sent, answers })).toEqual([]);
    expect(due(item, next, { sent, answers })).toEqual(['UANA']);
    expect(due(item, next, { sent, answers: [{ ...answer, answer: 'done' }] })).toEqual([]);
    expect(due(item, next, { sent, answers: [{ ...answers[0], person: 'UBEN' } as Answered] })).toEqual([]);
    expect(due(item, next, { sent, answers: [{ ...answers[0], since: at('01:00') } as Answered] })).toEqual([]);
    const again = [...sent, wasSent(item, 'UANA', next)];
    expect(due(item, at('09:00', '2026-03-04'), { sent: again, answers })).toEqual([]);
  });

  it('R23: for the day of a "not today"', () => {
    const item = anItem();
    const answers: Answered[] = [
      { kind: 'sign_off', subject: 'REL-1', person: 'UANA', answer: 'not_today', day: '2026-03-02', since: item.since },
    ];
    expect(due(item, at('15:00'), { answers })).toEqual([]);
    expect(due(item, at('09:00', '2026-03-03'), { answers })).toEqual(['UANA']);
  });
});

it('R22, R23: after three days of outage what still waits is said once, and nothing of what had its time meanwhile', () => {
  const wait = { since: at('09:30'), owner: null };
  const items = [
    anItem({ ...wait, kind: 'hold', subject: 'REL-1' }),
    anItem({ ...wait, kind: 'note_overdue', subject: 'NOTE-2' }),
    anItem({ ...wait, kind: 'eyes', subject: 'REL-3', until: at('15:00', '2026-03-03') }),
    anItem({ ...wait, kind: 'watch', subject: 'REL-4', until: at('12:00', '2026-03-03') }),
    anItem({ ...wait, kind: 'regression', subject: 'RA-5', day: '2026-03-03' }),
    anItem({ ...wait, kind: 'regression_missed', subject: 'RA-5', people: ['UMAX'] }),
  ];
  const sent: Sent[] = [];
  for (let now = at('14:00', '2026-03-06'); now < at('18:00', '2026-03-06'); now = new Date(now.getTime() + 900_000))
    sent.push(...noted(messages(aBoard(items, { sent }), RULES, now), now));
  expect(sent.map((x) => `${x.kind} ${x.subject} ${x.target}`)).toEqual([
    'hold REL-1 UANA',
    'note_overdue NOTE-2 UANA',
    'regression_missed RA-5 UMAX',
  ]);
});

describe('R23: messages', () => {
  const hold = anItem({ kind: 'hold', subject: 'REL-2', since: at('08:00', '2026-02-27') });
  const news = anItem({ kind: 'blocker_news', subject: 'BUG-1', people: ['UANA', 'UBEN'], since: at('00:00') });

  it('R23: what falls together for one person is one digest, what belongs to a thread goes there, once for all', () => {
    const out = messages(aBoard([hold, anItem(), news]), RULES, at('09:00'));
    expect(out.map((m) => [m.to, m.dues.map((d) => `${d.item.kind} ${d.target}`)])).toEqual([
      ['thread', ['blocker_news UANA', 'blocker_news UBEN']],
      ['target', ['sign_off UANA', 'hold UANA']],
    ]);
    const bare = messages(aBoard([{ ...news, thread: null, people: ['UANA'] }]), RULES, at('09:00'));
    expect(bare.map((m) => m.to)).toEqual(['target']);
  });

  it('R23: two digests are an hour apart; what falls due meanwhile comes together', () => {
    const sent = [wasSent(anItem(), 'UANA', at('09:00'))];
    const late = (clock: string, over: Partial<Sent> = {}) =>
      messages(aBoard([hold], { sent: sent.map((s) => ({ ...s, ...over })) }), RULES, at(clock)).length;
    expect(late('09:59')).toBe(0);
    expect(late('10:00')).toBe(1);
    expect(late('09:59', { digest: false })).toBe(1);
    expect(late('09:59', { target: 'UBEN' })).toBe(1);
  });

  it('R23: who has heard enough today hears no more; of a thread the others still do', () => {
    const earlier = (n: number, day = '2026-03-02') =>
      Array.from({ length: n }, (_, i) => wasSent(anItem({ subject: `REL-${50 + i}` }), 'UANA', at('06:00', day)));
    const said = (sent: Sent[], rules = RULES) =>
      messages(aBoard([hold, news], { sent }), rules, at('09:00')).map((m) => to(m.dues));
    expect(said([])).toEqual([['UANA', 'UBEN'], ['UANA']]);
    expect(said(earlier(4))).toEqual([['UANA', 'UBEN']]);
    expect(said(earlier(5))).toEqual([['UBEN']]);
    expect(said(earlier(5, '2026-03-01'))).toEqual([['UANA', 'UBEN'], ['UANA']]);
    expect(said([], { ...RULES, maxPerDay: 0 })).toEqual([]);
  });
});

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

  it('every kind has its row', () => {
    expect(Object.keys(TABLE)).toEqual([...KINDS] satisfies Kind[]);
  });
});

describe('R9, R23: what a slot lacks is heard of early enough', () => {
  const who = (zone: string, away: Person['away'] = []) => ({ zone, away });
  const heard = (zone: string, proposed: string, begins: string, away?: Person['away']) =>
    heardFrom(who(zone, away), RULES, new Date(`2026-${proposed}:00Z`), new Date(`2026-${begins}:00Z`))
      .toISOString()
      .slice(5, 16);

  it('from its proposal on by who works half an hour before it begins, else in the last hour of work before', () => {
    expect(heard('Europe/Lisbon', '03-03T08:30', '03-03T10:00')).toBe('03-03T08:30');
    expect(heard('Europe/Lisbon', '03-03T08:00', '03-03T09:30')).toBe('03-03T08:00');
    expect(heard('Europe/Lisbon', '03-03T07:59', '03-03T09:29')).toBe('03-02T17:00');
    expect(heard('Europe/Lisbon', '03-03T09:50', '03-03T10:00'), 'proposed late').toBe('03-03T09:00');
    expect(heard('Europe/Lisbon', '03-03T10:30', '03-03T10:40')).toBe('03-03T09:30');
  });

  it('not on a weekend, a holiday or a day away, and in their own zone, on days of a change of clocks too', () => {
    expect(heard('Europe/Lisbon', '03-02T07:30', '03-02T09:00'), 'a Monday').toBe('02-27T17:00');
    expect(heard('Europe/Lisbon', '03-06T07:30', '03-06T09:00'), 'after a holiday').toBe('03-04T17:00');
    const away = [{ from: '2026-03-03', to: '2026-03-04' }];
    expect(heard('Europe/Lisbon', '03-06T07:30', '03-06T09:00', away)).toBe('03-02T17:00');
    expect(heard('Asia/Tokyo', '03-03T13:30', '03-03T15:00'), 'their night').toBe('03-03T08:00');
    expect(heard('America/Los_Angeles', '03-09T07:30', '03-09T09:00'), 'clocks went forward').toBe('03-07T01:00');
    expect(heard('America/Los_Angeles', '03-10T07:30', '03-10T09:00')).toBe('03-10T00:00');
  });

  it('who never works hears as it is proposed, and is not at work', () => {
    const away = [{ from: '2020-01-01', to: '2030-01-01' }];
    expect(heard('Europe/Lisbon', '03-03T08:30', '03-03T09:00', away)).toBe('03-03T08:30');
    expect(isAtWork(who('Europe/Lisbon', away), RULES, at('10:00'))).toBe(false);
  });

  it('R23: at work is from the first minute until before the last, on working days', () => {
    const works = (clock: string, day?: string) => isAtWork(who('Europe/Lisbon'), RULES, at(clock, day));
    expect([works('08:59'), works('09:00'), works('17:59'), works('18:00')]).toEqual([false, true, true, false]);
    expect([works('10:00', '2026-03-05'), works('10:00', '2026-03-07')]).toEqual([false, false]);
  });

  it('each slot has its own, in one half of a day and within two hours', () => {
    const slot = (clock: string): Partial<Item> => ({
      kind: 'eyes',
      since: at(clock),
      until: at('18:00'),
      ofSlot: true,
    });
    const [first, second] = [anItem(slot('09:00')), anItem(slot('10:00'))];
    const sent = [wasSent(first, 'UANA', at('09:00'))];
    expect(due(first, at('10:00'), { sent })).toEqual([]);
    expect(due(second, at('10:00'), { sent })).toEqual(['UANA']);
    expect(due({ ...second, ofSlot: undefined } as never, at('10:00'), { sent }), 'as without slots').toEqual([]);
  });
});

it('R23: what is of one day of the team is said to everybody once it is, wherever they live, and a day early only to who works too late for it', () => {
  const tokyo = { ...RULES, zone: 'Asia/Tokyo', holidays: [] };
  const item = anItem({ kind: 'regression', owner: null, people: ['UANA'], day: '2026-03-03', since: at('15:00') });
  const said = (zone: string, now: Date) =>
    messages(aBoard([item], { people: [aPerson('UANA', { zone })] }), tokyo, now).length;
  // The third of March is from the 2nd, 15:00 to the 3rd, 15:00 in UTC: in Los Angeles, nobody begins to work on the third until it is over.
  expect(said('America/Los_Angeles', at('18:00'))).toBe(1);
  expect(said('America/Los_Angeles', at('14:59', '2026-03-03'))).toBe(0);
  // Of a Monday they hear on their Friday.
  const monday = { ...item, day: '2026-03-09' };
  const of = (now: Date) =>
    messages(aBoard([monday], { people: [aPerson('UANA', { zone: 'America/Los_Angeles' })] }), tokyo, now).length;
  expect(of(at('18:00', '2026-03-06'))).toBe(1);
  expect([of(at('18:00', '2026-03-05')), of(at('18:00', '2026-03-08'))]).toEqual([0, 0]);
  const early = (zone: string, now: Date) =>
    messages(aBoard([item], { people: [aPerson('UANA', { zone })] }), { ...tokyo, zone: 'America/Los_Angeles' }, now);
  // Of a team in Los Angeles, where the third begins at 08:00 in UTC, Sydney's work of the third is from the 2nd, 22:00 to the 3rd, 07:00.
  expect(early('Australia/Sydney', at('21:45'))).toHaveLength(0);
  expect(early('Australia/Sydney', at('22:00'))).toHaveLength(1);
  expect(early('Pacific/Kiritimati', at('19:00'))).toHaveLength(1);
  expect(early('Australia/Sydney', at('22:00', '2026-03-03')), 'the fourth').toHaveLength(0);
  expect(early('America/Los_Angeles', at('23:00')), 'the second').toHaveLength(0);
  expect(early('America/Los_Angeles', at('17:00', '2026-03-03'))).toHaveLength(1);
  // In Lisbon they do, and are left alone the day before.
  expect(said('Europe/Lisbon', at('16:00'))).toBe(0);
  expect(said('Europe/Lisbon', at('09:30', '2026-03-03'))).toBe(1);
  expect(said('Europe/Lisbon', at('09:30', '2026-03-04'))).toBe(0);
});
