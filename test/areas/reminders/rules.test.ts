import { describe, expect, it } from 'vitest';
import { messages, ofUseUntil } from '../../../src/areas/reminders/rules.ts';
import type { Answered, Item, Person, Sent } from '../../../src/areas/reminders/types.ts';
import { aBoard, anItem, at, due, noted, RULES, to, wasSent } from './board.ts';

function aPerson(id: string, over: Partial<Person> = {}): Person {
  return { id, zone: 'Europe/Lisbon', gone: false, away: [], ...over };
}

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

  it('R23, R24: where who answers for it is not there either, the first of those who stand in who are', () => {
    const item = anItem({ people: ['UMAX'], instead: [['UOPS'], ['UANA', 'UBEN'], ['CADMINS']] });
    const gone = (...ids: string[]) => ids.map((id) => aPerson(id, { gone: true }));
    expect(due(item, at('09:00'))).toEqual(['UMAX']);
    expect(due(item, at('09:00'), { people: gone('UMAX') })).toEqual(['!UOPS']);
    expect(due({ ...item, owner: null }, at('09:00'), { people: gone('UMAX') })).toEqual(['!UOPS']);
    expect(due(item, at('09:00'), { people: gone('UMAX', 'UOPS', 'UBEN') })).toEqual(['!UANA']);
    expect(due(item, at('09:00'), { people: gone('UMAX', 'UOPS', 'UANA', 'UBEN') })).toEqual(['!CADMINS']);
    expect(due({ ...item, instead: [['UOPS']] }, at('09:00'), { people: gone('UMAX', 'UOPS') })).toEqual([]);
    // Within their hours, once a day, and after who can do it was reminded in vain.
    expect(due(item, at('08:59'), { people: gone('UMAX') })).toEqual([]);
    const other = { ...item, people: ['UBEN', 'UOPS'] };
    const sent = [wasSent(other, 'UBEN', at('09:00', '2026-02-27'))];
    const long = { ...other, since: at('08:00', '2026-02-27') };
    const said = sent.map((s) => ({ ...s, since: long.since }));
    expect(due(long, at('09:00'), { sent: said, people: gone('UMAX') })).toEqual(['UBEN', 'UOPS']);
    const alone = { ...long, people: ['UBEN'] };
    expect(due(alone, at('09:00'), { sent: said, people: gone('UMAX') })).toEqual(['UBEN', '!UOPS']);
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

  it('R23: are of use to the end of that day at work of the last who is meant, and no longer than what they are about', () => {
    const until = (items: Item[], people: Person[] = []) =>
      messages(aBoard(items, { people }), RULES, at('16:00')).map((m) =>
        ofUseUntil(m, new Map(people.map((p) => [p.id, p])), RULES)
          .toISOString()
          .slice(0, 16),
      );
    expect(until([hold])).toEqual(['2026-03-02T18:00']);
    const denver = [aPerson('UBEN', { zone: 'America/Denver' })];
    expect(until([news], denver), 'nine in the morning there').toEqual(['2026-03-03T01:00']);
    expect(until([{ ...hold, until: at('17:00') }]), 'a hold goes on').toEqual(['2026-03-02T18:00']);
    const watch = anItem({ kind: 'watch', until: at('17:00'), since: at('08:00', '2026-02-27') });
    expect(until([watch])).toEqual(['2026-03-02T17:00']);
    expect(until([{ ...watch, until: at('18:30') }])).toEqual(['2026-03-02T18:00']);
    expect(until([watch, hold])).toEqual(['2026-03-02T18:00']);
  });

  it('R23: what went out while a clock was fast mutes nobody once it is right', () => {
    const said = (item: Item, when: Date, over: Partial<Sent> = {}) =>
      messages(aBoard([hold], { sent: [{ ...wasSent(item, 'UANA', when), ...over }] }), RULES, at('09:00')).length;
    const ahead = at('09:00', '2026-03-10');
    expect(said(anItem(), ahead)).toBe(1);
    expect(said(hold, ahead, { digest: false, part: 9 })).toBe(1);
    // Another host's clock.
    const seconds = new Date(at('09:00').getTime() + 4_000);
    expect(said(anItem(), seconds)).toBe(0);
    expect(said(hold, seconds, { digest: false, part: 9 })).toBe(0);
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
