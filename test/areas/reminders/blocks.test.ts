import { describe, expect, it } from 'vitest';
import { buttonValue, type Drawing, drawMessage, readPress } from '../../../src/areas/reminders/blocks.ts';
import { dailyLine, weeklyLine } from '../../../src/areas/reminders/daily-lines.ts';
import type { DayFacts, WeekFacts } from '../../../src/areas/reminders/daily-types.ts';
import { answeredSays } from '../../../src/areas/reminders/lines.ts';
import { type Due, type Item, KINDS } from '../../../src/areas/reminders/types.ts';
import { button } from '../../../src/base/elements.ts';
import { withinLimits } from '../../support/limits.ts';

const ITEM: Item = {
  kind: 'sign_off',
  subject: 'REL-1',
  text: '*wallet v1* waits for your sign-off.',
  url: 'https://slack.example/p1',
  thread: { id: 7, channel: 'CREL' },
  since: new Date('2026-03-02T09:00:00Z'),
  until: null,
  due: null,
  day: null,
  people: ['UANA'],
  owner: null,
};
const aDue = (over: Partial<Due> = {}, item: Partial<Item> = {}): Due => ({
  item: { ...ITEM, ...item },
  target: 'UANA',
  day: '2026-03-02',
  part: 0,
  escalated: false,
  ...over,
});
const drawn = (dues: Due[]) => drawMessage({ to: 'target', target: 'UANA', dues }, 'Europe/Lisbon');
const within = (d: Drawing) => {
  withinLimits(d.blocks, 50);
  expect(d.text.length).toBeLessThan(3000);
};
const json = (what: unknown) => JSON.stringify(what);

describe('what reminders look like', () => {
  it('one thing: what to do, since when, and the two buttons', () => {
    const one = drawn([aDue()]);
    within(one);
    expect(one.text).toBe('Something waits for you: REL-1');
    for (const kind of ['regression', 'regression_missed'] as const)
      expect(json(drawn([aDue({}, { kind })])), 'its text says when').not.toContain('Waiting since');
    expect(json(one)).toContain('<https://slack.example/p1|REL-1> *wallet v1* waits for your sign-off. _Waiting since');
    const buttons = one.blocks.flatMap((b) => (b.elements as { action_id: string; value: string }[]) ?? []);
    expect(buttons.map((b) => b.action_id)).toEqual(['remind_done', 'remind_not_today']);
    expect(buttons[0]?.value).toBe(`sign_off|REL-1|${ITEM.since.getTime()}`);
  });

  it('several in one digest; what is beyond Slack’s room is named; who answers for it is told why', () => {
    const many = Array.from({ length: 40 }, (_, i) =>
      aDue({ escalated: i === 1 }, { subject: `BUG-${i}`, url: i ? null : ITEM.url, text: `${'x'.repeat(2000)}` }),
    );
    const digest = drawn(many);
    within(digest);
    expect(digest.text).toContain('40 things wait for you: BUG-0');
    expect(json(digest)).toContain('and 25 more: *BUG-15* a sign-off pending');
    expect(json(drawn([aDue(), aDue({ escalated: true }, { owner: 'UANA' })]))).toContain('You answer for it');
  });

  it('R24: who stands in is not told that they answer for it', () => {
    for (const owner of [null, 'UMAX']) {
      const text = json(drawn([aDue({ escalated: true }, { owner })]));
      expect(text).toContain('who answers for it is away');
      expect(text).not.toContain('You answer for it');
    }
  });

  it('buttons that do it on the spot stand in the place of Done', () => {
    const press = [
      button('regression_pass', 'Passed', '4', { style: 'primary' }),
      button('regression_skip', 'Skip', '4'),
    ];
    const shown = drawn([aDue({}, { buttons: press })]);
    within(shown);
    expect(json(shown)).toMatch(/regression_pass.*primary.*regression_skip.*remind_not_today/);
    expect(json(shown)).not.toContain('remind_done');
  });

  it('in a thread: whom it waits for, named once', () => {
    const line = drawMessage(
      { to: 'thread', thread: { id: 7, channel: 'CREL' }, dues: [aDue(), aDue({ target: 'UBEN' })] },
      'Europe/Lisbon',
    );
    within(line);
    expect(line.text).toContain(':bell: <@UANA> <@UBEN> *wallet v1* waits');
  });

  it('a press is read as it was drawn; what was never drawn is nothing', () => {
    const value = buttonValue(ITEM);
    expect(readPress('remind_done', value)).toEqual({
      answer: 'done',
      kind: 'sign_off',
      subject: 'REL-1',
      since: ITEM.since,
    });
    expect(readPress('remind_not_today', value)?.answer).toBe('not_today');
    for (const kind of KINDS) expect(readPress('remind_done', buttonValue({ ...ITEM, kind }))?.kind).toBe(kind);
    expect(readPress('remind_done', buttonValue({ ...ITEM, subject: 'triage:web-app' }))?.subject).toBe(
      'triage:web-app',
    );
    for (const bad of [
      '',
      'sign_off|REL-1',
      'party|REL-1|1',
      'sign_off|<!channel>|1',
      'sign_off|REL-1|x',
      '__proto__|REL-1|1',
    ])
      expect(readPress('remind_done', bad), bad).toBeUndefined();
    expect(readPress('remind_other', value)).toBeUndefined();
  });

  it('an answer says what the press did, and what ends the thing itself', () => {
    expect(answeredSays('done', 'hold', 'REL-1')).toContain('the hold is lifted');
    expect(answeredSays('not_today', 'hold', 'REL-1')).toContain('next working day');
  });
});

describe('the daily and the weekly line', () => {
  const EMPTY: DayFacts = {
    today: '2026-03-02',
    since: '2026-02-27',
    ended: [],
    slots: [],
    open: [],
    blockers: [],
    triage: { reported: 0, recreated: 0, ticketed: 0 },
    coverage: null,
    issues: [],
  };
  const listed = (n: number, name: string) =>
    Array.from({ length: n }, (_, i) => ({
      name: `${name}-${i}`,
      url: i ? null : 'https://slack.example/p',
      title: `${'<!channel> '.repeat(40)}`,
    }));

  it('says that there is nothing, in words', () => {
    const line = dailyLine(EMPTY);
    within(line);
    for (const text of [
      '*Since Fri 27 Feb 2026*: nothing was released',
      '*On the way*: nothing',
      'No open blockers',
      'Triage is empty',
      'No issue is open',
    ])
      expect(json(line)).toContain(text);
    expect(json(line)).not.toContain('Regression');
    expect(json(line)).not.toContain('Cadence');
    expect(json(dailyLine({ ...EMPTY, coverage: { covered: 0, areas: 0 } }))).not.toContain('Regression');
  });

  it('counts one as one', () => {
    const [one] = listed(1, 'x') as [ReturnType<typeof listed>[number]];
    const { text } = dailyLine({
      ...EMPTY,
      ended: [{ ...one, how: 'live', emergency: false }],
      blockers: [{ ...one, owner: null }],
      issues: [{ ...one, responsible: 'ben', due: null }],
    });
    expect(text).toMatch(/: 1 release ended since .*, 1 blocker and 1 issue open$/);
    expect(dailyLine(EMPTY).text).toMatch(/: 0 releases ended since .*, 0 blockers and 0 issues open$/);
  });

  it('R9: says how the slots ended, and names what was missed', () => {
    const ended = (outcome: DayFacts['slots'][number]['outcome'], n: number) =>
      Array.from({ length: n }, (_, i) => ({ product: `p${i}`, when: '10:00', outcome }));
    const said = (...slots: DayFacts['slots'][]) => json(dailyLine({ ...EMPTY, slots: slots.flat() }));
    expect(said(ended('done', 1))).toContain('*Cadence*: 1 of 1 slot kept"');
    expect(said(ended('done', 2), ended('late', 1), ended('missed', 1), ended('cancelled', 3))).toContain(
      '2 of 4 slots kept, 1 late, 1 missed (p0 10:00), 3 cancelled',
    );
    expect(said(ended('missed', 10))).toContain('p7 10:00, and 2 more)');
    expect(said(ended('cancelled', 2))).toContain('*Cadence*: no slot was to be kept, 2 cancelled"');
  });

  it('says all of it within Slack’s limits, calling nobody', () => {
    const how = ['live', 'rolled_back', 'cancelled'] as const;
    const line = dailyLine({
      ...EMPTY,
      ended: listed(20, 'wallet v1').map((r, i) => ({ ...r, how: how[i % 3] ?? 'live', emergency: i === 1 })),
      open: listed(1, 'site v2').map((r) => ({ ...r, state: 'testing' })),
      blockers: listed(12, 'BUG').map((b, i) => ({ ...b, owner: i ? 'ana' : null })),
      triage: { reported: 1, recreated: 2, ticketed: 3 },
      coverage: { covered: 2, areas: 3 },
      issues: listed(9, 'NOTE').map((n, i) => ({
        ...n,
        responsible: 'ben',
        due: [null, '2026-03-01', '2026-03-02', '2026-03-03'][i % 4] ?? null,
      })),
    });
    within(line);
    const said = json(line);
    for (const text of [
      'rolled back',
      'cancelled',
      ':rocket: live',
      ':rotating_light:',
      'Open blockers: 12',
      '*no owner*',
      '_and 4 more_',
    ])
      expect(said).toContain(text);
    for (const text of [
      '1 reported, 2 recreated, 3 ticketed',
      '2 of 3 areas covered (66 %)',
      'overdue since Sun 1 Mar 2026',
      'due today',
      'due Tue 3 Mar 2026',
    ])
      expect(said).toContain(text);
    expect(said).not.toContain('<!channel>');
    expect(said).not.toContain('<@');
  });

  it('R25: the week: slots kept, what went live, the catch rate with its definition', () => {
    const week: WeekFacts = {
      monday: '2026-02-23',
      next: '2026-03-02',
      cadence: { done: 7, late: 1, missed: 1, cancelled: 1 },
      live: 8,
      emergencies: 1,
      rolledBack: 1,
      caught: { caught: 19, escaped: 1 },
      prodIssues: 1,
    };
    const line = weeklyLine(week);
    within(line);
    for (const text of [
      'Mon 23 Feb 2026 to Sun 1 Mar 2026',
      '7 of 9 slots kept, 1 late',
      '8 went live, 1 of them emergencies; 1 rolled back',
      '95 %',
      '1 prod issue declared',
      'Catch rate =',
    ])
      expect(json(line)).toContain(text);
    const quiet = json(
      weeklyLine({
        ...week,
        cadence: null,
        emergencies: 0,
        rolledBack: 0,
        prodIssues: 0,
        caught: { caught: 0, escaped: 0 },
      }),
    );
    expect(quiet).toContain('nothing to catch');
    expect(quiet).not.toMatch(/Cadence|emergencies|rolled back|prod issue/);
    expect(json(weeklyLine({ ...week, prodIssues: 2 }))).toContain('2 prod issues declared');
  });
});
