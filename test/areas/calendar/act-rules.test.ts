import { describe, expect, test } from 'vitest';
import {
  awayRefusal,
  decideAssignment,
  forbiddenHere,
  meant,
  NOTE_MAX,
  swapRefusal,
} from '../../../src/areas/calendar/act-rules.ts';
import { isAway, plannedAway } from '../../../src/areas/calendar/month-rules.ts';
import type { Assignment, AssignmentAct } from '../../../src/areas/calendar/types.ts';
import type { Actor } from '../../../src/base/actor.ts';
import type { Today } from '../../../src/base/today.ts';
import { ANA, anAssignment, BEN, BOSS } from '../../support/calendar.ts';

describe('what a person may say of an assignment', () => {
  const act = (kind: AssignmentAct['kind'], note: string | null = null): AssignmentAct => ({ kind, note });
  const code = (a: Partial<Assignment>, who: Actor, what: AssignmentAct, today = '2026-12-15') => {
    const d = decideAssignment(anAssignment(a), who, what, today, { day: today, first: today, last: today });
    return 'refusal' in d ? d.refusal.code : 'already' in d ? 'already' : d.state;
  };

  test('its tester and admins; in its month; every state and act', () => {
    const states = ['planned', 'missed', 'passed', 'failed', 'skipped'] as const;
    const table = states.map((state) =>
      (['pass', 'fail', 'skip'] as const).map((kind) =>
        code({ state }, ANA, act(kind, kind === 'skip' ? 'why' : null)),
      ),
    );
    expect(table).toEqual([
      ['passed', 'failed', 'skipped'],
      ['passed', 'failed', 'skipped'],
      ['already', 'failed', 'tested'],
      ['passed', 'already', 'tested'],
      ['passed', 'failed', 'already'],
    ]);
    expect(code({ state: 'failed' }, ANA, act('fail', 'and more'))).toBe('failed');
    expect(code({ state: 'failed' }, ANA, act('skip', 'x'))).toBe('tested');
    expect(code({}, BOSS, act('pass'))).toBe('passed');
    expect(code({}, BEN, act('pass'))).toBe('role');
    expect(code({}, ANA, act('skip'))).toBe('reason');
    expect(code({}, ANA, act('pass', 'x'.repeat(NOTE_MAX + 1)))).toBe('too_long');
    expect(code({}, ANA, act('pass'), '2026-11-30')).toBe('early');
    expect(code({}, ANA, act('pass'), '2027-01-01')).toBe('over');
  });

  test('R23: what reaches its tester before it does the team is not early', () => {
    const on = (day: string, theirs: Today) => {
      const d = decideAssignment(anAssignment({ day }), ANA, act('pass'), '2026-11-30', theirs);
      return 'refusal' in d ? d.refusal.code : 'state' in d && d.state;
    };
    const auckland = { day: '2026-12-01', first: '2026-12-01', last: '2026-12-01' };
    expect([on('2026-12-01', auckland), on('2026-12-31', auckland)]).toEqual(['passed', 'passed']);
    const losAngeles = { day: '2026-11-30', first: '2026-12-01', last: '2026-12-01' };
    expect([on('2026-12-01', losAngeles), on('2026-12-02', losAngeles)]).toEqual(['passed', 'early']);
  });

  test('R23: who names no test means the one of their today; where another may be meant they are asked', () => {
    const today = { day: '2026-12-15', first: '2026-12-15', last: '2026-12-15' };
    const ids = (...mine: Partial<Assignment>[]) =>
      meant(
        mine.map((a, i) => anAssignment({ id: i + 1, day: '2026-12-15', ...a })),
        today,
      ).map((a) => a.id);
    expect(ids()).toEqual([]);
    expect(ids({ state: 'passed' }, {})).toEqual([2]);
    expect(ids({ day: '2026-12-10', state: 'missed' }, {}), 'missed is not as likely').toEqual([2]);
    expect(ids({ day: '2026-12-14' }, {}), 'its day is not over where the team is').toEqual([1, 2]);
    expect(ids({ day: '2026-12-14' })).toEqual([1]);
    expect(ids({ day: '2026-12-14' }, { day: '2026-12-10', state: 'missed' })).toEqual([1, 2]);
    expect(ids({}, {})).toEqual([1, 2]);
  });

  test('permissions: nobody who is no full member; unread groups are said', () => {
    for (const standing of ['bot', 'deactivated', 'guest', 'outsider'] as const)
      expect(forbiddenHere('look', { ...ANA, standing })?.code).toBe('standing');
    expect(forbiddenHere('plan', ANA)?.code).toBe('role');
    expect(forbiddenHere('plan', { ...ANA, rolesUnknown: 'a group could not be read' })?.code).toBe('roles_unknown');
    expect(forbiddenHere('away_other', ANA)?.next).toContain('leave the name out');
    expect(forbiddenHere('swap', ANA)?.reason).toBe('it is not yours');
    expect(forbiddenHere('look', ANA)).toBeNull();
  });

  test('swaps: both to be done, of two people, who are there and have nothing else then', () => {
    const mine = anAssignment({ id: 1 });
    const theirs = anAssignment({ id: 2, tester: 'U0BEN', day: '2026-12-04', start: 840 });
    const about = { others: [mine, theirs], away: [], today: '2026-12-01', perDay: 2 };
    const code_ = (over: Partial<typeof about> = {}, a = mine, b = theirs) =>
      swapRefusal(a, b, { ...about, ...over })?.code ?? null;
    expect(code_()).toBeNull();
    expect(code_({}, { ...mine, state: 'passed' })).toBe('done');
    expect(code_({ today: '2026-12-04' })).toBe('done');
    expect(code_({}, mine, { ...theirs, tester: 'U0ANA' })).toBe('same');
    expect(code_({ away: [{ person: 'U0BEN', from: '2026-12-03', to: '2026-12-03' }] as never })).toBe('away');
    expect(code_({ others: [mine, theirs, anAssignment({ id: 3, day: '2026-12-04', start: 840 })] })).toBe('busy');
    expect(code_({ others: [mine, theirs, anAssignment({ id: 3, day: '2026-12-04', start: 570 })], perDay: 1 })).toBe(
      'busy',
    );
    expect(code_({ others: [mine, theirs, anAssignment({ id: 3, day: '2026-12-04', start: 570 })] })).toBeNull();
  });

  test('absences: in order, not over, at most a year', () => {
    const code_ = (from: string, to: string) => awayRefusal(from, to, '2026-12-15')?.code ?? null;
    expect([code_('2026-12-15', '2026-12-15'), code_('2026-12-01', '2026-12-15')]).toEqual([null, null]);
    expect([
      code_('2026-12-20', '2026-12-19'),
      code_('2026-12-01', '2026-12-14'),
      code_('2026-12-15', '2027-12-20'),
    ]).toEqual(['to', 'to', 'to']);
    expect(isAway([{ person: 'U1', from: '2026-12-01', to: '2026-12-02' }], 'U1', '2026-12-02')).toBe(true);
  });

  test('R21: who does a day’s tests on their working day before is away from those of the days after', () => {
    const spans = (from: string, to: string, person = 'UWEST') => {
      const days = ['2026-12-03', '2026-12-04', '2026-12-07', '2026-12-09'];
      const doneOn = (who: string, day: string) =>
        who === 'UWEST' ? (['2026-12-02', ...days][days.indexOf(day)] ?? '') : day;
      return plannedAway([{ person, from, to }], days, doneOn).map((a) => `${a.from} ${a.to}`);
    };
    expect(spans('2026-12-03', '2026-12-04')).toEqual(['2026-12-04 2026-12-04', '2026-12-07 2026-12-07']);
    expect(spans('2026-12-02', '2026-12-02')).toEqual(['2026-12-03 2026-12-03']);
    expect(spans('2026-12-05', '2026-12-06'), 'a weekend').toEqual([]);
    expect(spans('2026-12-03', '2026-12-04', 'UHERE')).toEqual(['2026-12-03 2026-12-04']);
  });
});
