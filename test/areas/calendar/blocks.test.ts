import { describe, expect, test } from 'vitest';
import { assignmentButtons, dayList, mineList, monthList, swapAsked } from '../../../src/areas/calendar/blocks.ts';
import { awayForm, casesForm, skipForm, swapForm } from '../../../src/areas/calendar/forms.ts';
import { heatmap } from '../../../src/areas/calendar/heatmap-lines.ts';
import { regressionNeeds } from '../../../src/areas/calendar/home.ts';
import { coverageText, leftOutLine, madeLine, movedMessage, yoursLine } from '../../../src/areas/calendar/lines.ts';
import { coverage } from '../../../src/areas/calendar/month-rules.ts';
import type { Assignment, MonthView } from '../../../src/areas/calendar/types.ts';
import type { RegressionArea } from '../../../src/base/policy.ts';
import { addDays } from '../../../src/base/zone.ts';
import { renderPng } from '../../../src/gateways/picture.ts';
import { anAssignment } from '../../support/calendar.ts';
import { callsNobody, viewWithinLimits, withinLimits } from '../../support/limits.ts';

const EVIL = '<!channel> <@UEVIL> & `x` "';
const TODAY = '2026-12-10';
const MY_DAY = { day: TODAY, first: TODAY, last: TODAY };
const STATES = ['planned', 'passed', 'failed', 'skipped', 'missed'] as const;

/** A month as large as the policy lets one be: 30 wallets, 50 features. */
const AREAS: RegressionArea[] = Array.from({ length: 1500 }, (_, i) => ({
  wallet: `${EVIL}${i % 30}`.padEnd(40, 'w'),
  feature: `${Math.floor(i / 30)}${EVIL}`.padEnd(40, 'f'),
  key: i % 3 === 0,
  times: 1,
}));
const MANY: Assignment[] = AREAS.map((area, i) =>
  anAssignment({
    ...area,
    id: i + 1,
    day: `2026-12-${String(1 + (i % 28)).padStart(2, '0')}`,
    state: STATES[i % 5],
    note: i % 7 ? null : EVIL.repeat(20),
    at: new Date('2026-12-09T10:00Z'),
  }),
).sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
const month = (over: Partial<MonthView['month']> = {}): MonthView['month'] => ({
  month: '2026-12',
  plannedAt: new Date('2026-11-26T08:30Z'),
  plannedBy: 'shipshape',
  roster: [],
  areas: AREAS,
  leftOut: AREAS.slice(0, 100),
  ...over,
});

describe('everything drawn', () => {
  test("stays within Slack's limits with the largest month, and calls nobody", () => {
    const lists = [
      mineList(MANY, MY_DAY),
      dayList(MANY, 'this week'),
      monthList({ month: month(), assignments: MANY }, TODAY, true),
      monthList({ month: month(), assignments: MANY }, TODAY, false),
      swapAsked(1, MANY[0] as Assignment, MANY[1] as Assignment),
    ];
    for (const list of lists) {
      withinLimits(list.blocks, 50);
      callsNobody(list);
      expect(list.text.length).toBeLessThan(3000);
    }
    const cases = Array.from({ length: 60 }, (_, i) => ({
      id: `c${i}`,
      title: EVIL,
      steps: Array(12).fill(EVIL.repeat(5)),
      expected: EVIL,
    }));
    const a = MANY[0] as Assignment;
    for (const view of [
      skipForm(a),
      swapForm(MANY, MANY, 1),
      swapForm(MANY, MANY),
      awayForm(TODAY),
      casesForm(a, cases),
      casesForm(a, []),
    ]) {
      viewWithinLimits(view as never);
      callsNobody(view);
    }
    const cells = coverage(AREAS, MANY, TODAY);
    const moved = MANY.slice(0, 60).map((before) => ({ before, after: { ...before, tester: 'U0BEN' } }));
    const texts = [
      coverageText('2026-12', cells),
      madeLine(month(), MANY, 3),
      leftOutLine(month(), []),
      yoursLine('2026-12', MANY),
      movedMessage(moved, 'U0ANA', 'x') ?? '',
    ];
    for (const text of texts) {
      expect(text.length).toBeLessThan(3000);
      callsNobody({ type: 'mrkdwn', verbatim: true, text });
    }
    expect(texts[0]?.length).toBeLessThanOrEqual(2900);
  });
});

describe('lists', () => {
  test("one's own: what is to do has buttons, late and today are said, what is done is a line", () => {
    const list = mineList(
      [
        anAssignment({ id: 1, day: '2026-12-09', state: 'missed' }),
        anAssignment({ id: 2, day: TODAY }),
        anAssignment({ id: 3, day: '2026-12-20' }),
        anAssignment({ id: 4, state: 'passed', note: 'fine' }),
      ],
      MY_DAY,
    );
    expect(list.text).toBe('You have 3 regression tests to do, 1 of them late.');
    const shown = JSON.stringify(list.blocks);
    expect(shown).toMatch(/:warning: \*Wed 9 Dec 2026 09:30\*, late/);
    expect(shown).toContain('*today Thu 10 Dec 2026 09:30*');
    expect(shown.match(/regression_pass/g)).toHaveLength(3);
    expect(shown).toContain('passed · fine');
    expect(mineList([], MY_DAY)).toEqual({ text: 'You have no regression tests this month.', blocks: [] });
    expect(mineList([anAssignment({ day: '2026-12-20' })], MY_DAY).text).toBe('You have 1 regression test to do.');
    expect(assignmentButtons({ id: 7 })).toHaveLength(5);
  });

  test('days: a heading each, with who tests', () => {
    expect(dayList([], 'today').text).toBe('No regression tests today.');
    const list = dayList(
      [anAssignment({ id: 1 }), anAssignment({ id: 2, start: 840 }), anAssignment({ id: 3, day: '2026-12-04' })],
      'this week',
    );
    expect(JSON.stringify(list.blocks).match(/\*(Thu 3|Fri 4) Dec 2026\*/g)).toHaveLength(2);
  });

  test('whatever there is, a message stays within the some 13,000 characters that Slack takes', () => {
    const many = Array.from({ length: 900 }, (_, i) =>
      anAssignment({ id: i + 1, state: i % 40 ? 'passed' : 'planned', note: 'x'.repeat(400) }),
    );
    const view = { month: month(), assignments: many };
    for (const { blocks } of [dayList(many, 'today'), mineList(many, MY_DAY), monthList(view, TODAY, true)]) {
      const said = blocks.map((b) => (b as { text?: { text: string } }).text?.text ?? '').join('');
      expect(said.length).toBeLessThan(13_000);
    }
  });

  test('a month that is made, and one that is only looked at', () => {
    const small = month({ areas: AREAS.slice(0, 1), leftOut: [] });
    const made = monthList({ month: small, assignments: [anAssignment()] }, TODAY, true);
    expect(JSON.stringify(made.blocks)).toContain('RA-12');
    const look = monthList({ month: small, assignments: [anAssignment()] }, TODAY, false);
    expect(JSON.stringify(look.blocks)).toContain('would be');
    expect(JSON.stringify(look.blocks)).not.toContain('RA-12');
  });

  test('what a new plan changes is said to those it concerns, and to nobody else', () => {
    const before = anAssignment();
    const said = (after: Assignment | null, was: Assignment | null, who = 'U0ANA') =>
      movedMessage([{ before: was, after }], who, 'Why');
    expect(said({ ...before, day: '2026-12-04' }, before)).toContain('now Fri 4 Dec 2026 09:30');
    expect(said({ ...before, tester: 'U0BEN' }, before)).toContain('now <@U0BEN> does it');
    expect(said({ ...before, tester: 'U0BEN' }, before, 'U0BEN')).toContain('yours, Thu 3 Dec 2026 09:30');
    expect(said(null, before)).toContain('not planned any more');
    expect(said(before, null)).toContain('yours');
    expect(said(before, before, 'U0CEM')).toBeNull();
  });

  test('App Home: what is due or late and not done', () => {
    const all = [
      anAssignment({ id: 1, day: TODAY }),
      anAssignment({ id: 2, state: 'missed' }),
      anAssignment({ id: 3, day: '2026-12-20' }),
      anAssignment({ id: 4, state: 'passed' }),
    ];
    expect(regressionNeeds(all, 'U0ANA', MY_DAY)).toEqual([
      ':white_large_square: *RA-1* Send with native — *test it today*',
      ':warning: *RA-2* Send with native — *test it (was due Thu 3 Dec 2026 09:30)*',
    ]);
    expect(regressionNeeds(all, 'U0BEN', MY_DAY)).toEqual([]);
    const early = regressionNeeds(all.slice(2), 'U0ANA', {
      day: '2026-12-18',
      first: '2026-12-19',
      last: '2026-12-20',
    });
    expect(early, 'R23: told on the working day before').toEqual([
      ':white_large_square: *RA-3* Send with native — *test it today*',
    ]);
  });

  test('R23: what was missed is late, though its day is not over where its tester is', () => {
    const missed = anAssignment({ day: TODAY, state: 'missed' });
    expect(regressionNeeds([missed], 'U0ANA', MY_DAY)[0]).toContain('*test it (was due ');
    const { text, blocks } = mineList([missed], MY_DAY);
    expect(text).toBe('You have 1 regression test to do, 1 of them late.');
    expect(JSON.stringify(blocks)).toContain('*, late');
    // Los Angeles, of a team in Tokyo: that of its own date was the day before's.
    const over = { day: TODAY, first: addDays(TODAY, 1), last: addDays(TODAY, 1) };
    const planned = anAssignment({ day: TODAY });
    expect(regressionNeeds([planned], 'U0ANA', over)[0]).toContain('*test it (was due ');
    expect(mineList([planned], over).text).toContain('1 of them late');
  });
});

describe('coverage', () => {
  const areas: RegressionArea[] = ['s', 'r', 't'].flatMap((feature) =>
    ['native', 'ledger'].map((wallet) => ({ wallet, feature, key: feature === 't', times: feature === 't' ? 2 : 1 })),
  );
  const states = ['passed', 'failed', 'missed', 'skipped', 'planned'] as const;
  const all = states.map((state, i) =>
    anAssignment({ ...areas[i], id: i + 1, state, day: '2026-12-20', at: new Date() }),
  );
  const cells = coverage(areas.slice(0, 5), all, TODAY).concat(coverage(areas.slice(5), [], TODAY));

  test('as text: a table, and by name what is not as it should be', () => {
    expect(coverageText('2026-12', cells)).toBe(
      [
        '*Regression coverage of December 2026*: 2 of 6 areas tested, 1 of them failed, 1 missed, 1 skipped, 1 left out, 1 to come.',
        '```',
        '   native  ledger',
        's  ✓       ✗',
        'r  !       s',
        't  ·       –',
        '```',
        '_✓ passed  ✗ failed  ! missed  s skipped  · to come  – left out_',
        ':x: *failed*: ledger × s',
        ':warning: *missed*: native × r',
        ':fast_forward: *skipped*: ledger × r',
        ':heavy_minus_sign: *left out*: ledger × t',
      ].join('\n'),
    );
  });

  test('as a picture: each state has a colour and a mark of its own, failed and missed a pattern; text cannot break it', () => {
    const { svg } = heatmap('2026-12', cells);
    const colours = ['#009E73', '#D55E00', '#F0E442', '#56B4E9', '#e6e6e6'];
    for (const colour of colours) expect(svg).toContain(colour);
    expect(svg.match(/url\(#stripes\)/g)).toHaveLength(2);
    expect(svg.match(/url\(#dots\)/g)).toHaveLength(2);
    const nasty = heatmap('2026-12', [
      { ...(cells[0] as never as object), wallet: `${EVIL}\u0000\u0007\ud800`, feature: '</svg>' } as never,
    ]);
    expect(nasty.svg).toContain('&lt;/svg&gt;');
    const png = renderPng(nasty);
    expect([...png.slice(1, 4)].map((c) => String.fromCharCode(c)).join('')).toBe('PNG');
  });

  test('the largest month is drawn in a moment, and is no larger than Slack shows', () => {
    const picture = heatmap('2026-12', coverage(AREAS, MANY, TODAY));
    expect(Math.max(picture.width, picture.height)).toBeLessThan(6000);
    expect(renderPng(picture).length).toBeLessThan(5_000_000);
  });
});
