import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { actOnAssignment, askSwap, away, back, keepCalendar, planAMonth } from '../../../src/areas/calendar/actions.ts';
import { monthList } from '../../../src/areas/calendar/blocks.ts';
import { assignmentsOf, awayBetween, loadMonth } from '../../../src/areas/calendar/store.ts';
import { SHIPSHAPE } from '../../../src/base/actor.ts';
import type { Policy, Regression, RegressionArea } from '../../../src/base/policy.ts';
import { ANA, BEN, BOSS, CALENDAR_POLICY, calendarCause } from '../../support/calendar.ts';
import { byTester, c, calendarOnADatabase, DEC, december, morning, planned, t, verbs } from './actions-month.ts';

calendarOnADatabase();

/** November is planned already. */
const november = () =>
  t.db.execute(sql`insert into regression_months (month, planned_at, planned_by, roster, areas, left_out)
    values ('2026-11', now(), 'shipshape', '[]', '[]', '[]')`);

describe('R21: at the end of what there is', () => {
  const by = (users: string[], more: RegressionArea[] = []) => {
    const { regression, roles } = CALENDAR_POLICY as Policy & { regression: Regression };
    const areas = [...regression.areas, ...more];
    return { ...CALENDAR_POLICY, regression: { ...regression, areas }, roles: { ...roles, operators: { users } } };
  };
  const left = async () => (await loadMonth(t.db, DEC))?.month.leftOut.length;

  test('nobody is left: what is to come is taken out and named to who answers for it, and planned again for who comes', async () => {
    const [first, ...rest] = await planned();
    await t.db.execute(sql`update regression_assignments set state = 'passed' where id = ${first?.id}`);
    await morning('2026-11-30T08:30Z', by([]));
    expect((await december()).map((a) => a.id)).toEqual([first?.id]);
    expect(await left()).toBe(5);
    for (const tester of new Set(rest.map((a) => a.tester)))
      expect((await c.texts('dm', tester)).join()).toContain('not planned any more');
    expect((await c.texts('dm', 'U0ADA')).join()).toContain('not enough time of testers for 5 areas');
    await morning('2026-12-01T08:30Z', by(['U0EVA']));
    expect(await left()).toBe(0);
    expect(byTester(await december(), 'U0EVA').length).toBeGreaterThanOrEqual(5);
  });

  test('on the last working day: an area that is new, who is away for the rest, all of them, and who is back', async () => {
    const all = await planned();
    const [open, ...done] = all;
    for (const a of done)
      await t.db.execute(sql`update regression_assignments set state = 'passed' where id = ${a.id}`);
    await t.db.execute(sql`update regression_assignments set day = '2026-12-31' where id = ${open?.id}`);
    const policy = by(['U0ANA', 'U0BEN', 'U0CEM', 'U0DEE'], [{ wallet: 'new', feature: 'Area', key: true, times: 2 }]);
    await morning('2026-12-31T08:30Z', policy);
    const today = async () => (await december()).filter((a) => a.day === '2026-12-31' && a.state === 'planned');
    // A day has room for one test of an area.
    expect((await today()).map((a) => a.wallet).sort()).toEqual([open?.wallet, 'new'].sort());
    c.now = '2026-12-31T09:00Z';
    for (const person of ['U0ANA', 'U0BEN', 'U0CEM', 'U0DEE']) {
      expect(await today(), person).toHaveLength(2);
      await away({ ...c.deps, policy }, calendarCause(BOSS), BOSS, person, '2026-12-30', '2027-01-08');
      expect((await today()).some((a) => a.tester === person)).toBe(false);
    }
    expect(await today()).toEqual([]);
    expect((await c.texts('dm', 'U0ADA')).join()).toContain('for 2 areas in December 2026');
    await back({ ...c.deps, policy }, calendarCause(BEN), BEN, BEN.id);
    expect((await today()).map((a) => a.tester)).toEqual(['U0BEN', 'U0BEN']);
    expect(await left()).toBe(0);
  });
});

describe('the calendar’s own morning', () => {
  test('makes the next month three working days before it begins, once however many ask', async () => {
    await november();
    await morning('2026-11-25T08:30Z');
    expect(await loadMonth(t.db, DEC)).toBeUndefined();
    // Thursday, Friday, Monday are the three before Tuesday the 1st.
    await Promise.all([morning('2026-11-26T08:30Z'), morning('2026-11-26T08:30Z')]);
    const cause = calendarCause(SHIPSHAPE, { key: 'schedule:another', source: 'schedule' });
    await keepCalendar(c.deps, cause);
    expect((await loadMonth(t.db, DEC))?.month.plannedBy).toBe('shipshape');
    expect(await december()).toHaveLength(8);
    expect(await c.texts('line', 'C0RELEASES')).toHaveLength(1);
    await keepCalendar(
      { ...c.deps, policy: { ...CALENDAR_POLICY, regression: undefined } as never },
      calendarCause(SHIPSHAPE),
    );
  });

  test('notes what was missed, and plans an area once more that was only missed', async () => {
    const all = await planned();
    const [first] = all.filter((a) => a.feature !== 'Trade');
    const day = first?.day ?? '';
    const next = `${day.slice(0, 8)}${String(Number(day.slice(8)) + 1).padStart(2, '0')}`;
    await t.db.execute(
      sql`update regression_assignments set state = 'passed', at = now() where id <> ${first?.id ?? 0}`,
    );
    await morning(`${next}T08:30Z`);
    const after = await december();
    expect(after.find((a) => a.id === first?.id)?.state).toBe('missed');
    const again = after.filter((a) => a.state === 'planned');
    expect(again).toMatchObject([{ wallet: first?.wallet, feature: first?.feature }]);
    expect(again[0]?.day && again[0].day > next).toBe(true);
    expect(again[0]?.tester).not.toBe(first?.tester);
  });

  test('R21: changes nothing on a morning on which testers and areas are who and what they were', async () => {
    const before = await planned();
    await morning('2026-12-01T08:30Z');
    await morning('2026-12-01T09:00Z');
    expect(await december()).toEqual(before);
    expect(await c.texts('dm')).toEqual([]);
    expect(await verbs()).toEqual({ verb: 'plan', subject: 'regression 2026-12' });
  });

  test('R21: moves what is on a day that became a holiday, or whose tester is away, and nothing else', async () => {
    const before = await planned();
    const [last] = before.slice(-1);
    const { holidays, ...team } = CALENDAR_POLICY.team;
    const policy = { ...CALENDAR_POLICY, team: { ...team, holidays: [...holidays, last?.day ?? ''] } };
    await morning('2026-11-25T08:30Z', policy);
    const after = await december();
    expect(after.some((a) => a.day === last?.day)).toBe(false);
    expect(after.filter((a) => before.some((b) => b.id === a.id && b.day === a.day)).length).toBe(
      before.filter((b) => b.day !== last?.day).length,
    );
    const [first] = after;
    await t.db.execute(sql`insert into absences (person, from_day, to_day, set_by, set_at)
      values (${first?.tester ?? ''}, ${first?.day ?? ''}, ${first?.day ?? ''}, 'U0ADA', now())`);
    await morning('2026-11-26T08:30Z', policy);
    const then = await december();
    expect(then.some((a) => a.tester === first?.tester && a.day === first?.day)).toBe(false);
    await morning('2026-11-27T08:30Z', policy);
    expect(await december()).toEqual(then);
  });

  test('R21: what was missed is planned once more when the testers are known again, not forgotten', async () => {
    const operators = { users: [], usergroup: 'S0OPERATORS' };
    const policy = { ...CALENDAR_POLICY, roles: { ...CALENDAR_POLICY.roles, operators } };
    c.deps.policy = policy;
    await t.db.execute(sql`insert into usergroups values ('S0OPERATORS', ${c.deps.clock().toISOString()})`);
    await t.db.execute(
      sql`insert into usergroup_members select 'S0OPERATORS', unnest(array['U0ANA', 'U0BEN', 'U0CEM', 'U0DEE'])`,
    );
    const [first] = (await planned()).filter((a) => a.feature !== 'Trade');
    await t.db.execute(
      sql`update regression_assignments set state = 'passed', at = now() where id <> ${first?.id ?? 0}`,
    );
    const after = (days: number) =>
      new Date(Date.parse(`${first?.day}T08:30Z`) + days * 86_400_000).toISOString().slice(0, 16);
    await t.db.execute(sql`update usergroups set refreshed_at = ${`${after(1)}Z`}::timestamptz - interval '2 hours'`);
    await morning(`${after(1)}Z`, policy);
    await t.db.execute(sql`update usergroups set refreshed_at = ${`${after(2)}Z`}`);
    await morning(`${after(2)}Z`, policy);
    const open = (await december()).filter((a) => a.state === 'planned');
    expect(open).toMatchObject([{ wallet: first?.wallet, feature: first?.feature }]);
  });

  test('R21: says of a missed area nobody has time to test again that it was missed, not that it is left out', async () => {
    const roles = { ...CALENDAR_POLICY.roles, operators: { users: ['U0ANA'] } };
    c.deps.policy = { ...CALENDAR_POLICY, roles };
    await t.db.execute(
      sql`insert into absences (person, from_day, to_day, set_by, set_at) values ('U0ANA', '2026-12-03', '2026-12-31', 'U0ANA', now())`,
    );
    await planned();
    await morning('2026-12-03T08:30Z', c.deps.policy);
    const [told] = await c.texts('dm', 'U0ADA');
    expect(told).toContain('no time left in December 2026 to make up for 4 missed areas');
    expect(told).not.toContain('left out');
    const view = await loadMonth(t.db, DEC);
    const list = JSON.stringify(view && monthList(view, '2026-12-03', true));
    expect(list).toContain('4 missed, 2 left out');
    expect(list).toContain('not enough time of testers for 2 areas');
  });

  test('has last month’s coverage posted on the first working day', async () => {
    await planned();
    await morning('2026-12-31T08:30Z');
    expect(await c.jobs('coverage')).toEqual([]);
    await morning('2027-01-01T08:30Z');
    expect(await c.jobs('coverage')).toEqual([expect.objectContaining({ month: DEC })]);
    await t.db.execute(sql`delete from graphile_worker._private_jobs`);
    // Down for all of January: neither December's coverage nor January's is forgotten.
    await morning('2027-02-01T08:30Z');
    expect(await c.jobs('coverage')).toMatchObject([{ month: DEC }, { month: '2027-01' }]);
  });

  test('R21: a month without a plan (down when it was to be made, or a policy that came new) gets one of its rest by itself, once', async () => {
    await Promise.all(['2026-12-09T08:30Z', '2026-12-09T08:30:01Z'].map((at) => morning(at)));
    const made = await december();
    expect(made).toHaveLength(8);
    expect(made.every((a) => a.day > '2026-12-09')).toBe(true);
    await planAMonth(c.deps, calendarCause(BOSS), BOSS, DEC);
    await morning('2026-12-10T08:30Z');
    expect(await december()).toEqual(made);
    expect(await c.texts('line', 'C0RELEASES')).toHaveLength(1);
  });

  test('R21: a calendar that comes new in a month’s last days begins with the next; one that was down then makes up for it', async () => {
    const { holidays, ...team } = CALENDAR_POLICY.team;
    const off = { ...CALENDAR_POLICY, team: { ...team, holidays: [...holidays, '2026-12-31'] } };
    await morning('2026-12-30T08:30Z');
    expect(await december()).toEqual([]);
    expect(await loadMonth(t.db, '2027-01')).toBeDefined();
    await november();
    await morning('2026-12-31T08:30Z', off);
    expect(await december(), 'no working day is left').toEqual([]);
    await morning('2026-12-31T09:30Z');
    expect((await december()).every((a) => a.day === '2026-12-31')).toBe(true);
  });
});

describe('the day of who lives far from the team', () => {
  const lives = (zone: string) =>
    t.db.execute(sql`insert into people (id, name, zone, bot, deactivated, guest, outsider, refreshed_at)
      values ('U0ANA', 'ana', ${zone}, false, false, false, false, now())`);
  const hers = async (day: string) => {
    const [first] = await planned();
    await t.db.execute(sql`update regression_assignments set tester = 'U0ANA', day = ${day} where id = ${first?.id}`);
    return first?.id ?? 0;
  };
  const pass = async (id: number, who = ANA, over: Partial<typeof CALENDAR_POLICY.team> = {}) => {
    const deps = { ...c.deps, policy: { ...CALENDAR_POLICY, team: { ...CALENDAR_POLICY.team, ...over } } };
    const { answer } = await actOnAssignment(deps, calendarCause(who), who, id, { kind: 'pass', note: null });
    return answer.code ?? answer.outcome;
  };

  test('R23: on the first of a month in Auckland a test of that day can be done, though the month of the team in Lisbon has not begun', async () => {
    const id = await hers('2026-12-01');
    const [, later] = await december();
    await t.db.execute(
      sql`update regression_assignments set tester = 'U0ANA', day = '2026-12-31' where id = ${later?.id}`,
    );
    // Tuesday 1 December 09:00 in Auckland.
    c.now = '2026-11-30T20:00Z';
    expect(await pass(id), 'where the team is').toBe('early');
    await lives('Pacific/Auckland');
    expect(await pass(id, BOSS)).toBe('accepted');
    expect(await pass(id)).toBe('already');
    expect(await pass(later?.id ?? 0), 'her month has begun').toBe('accepted');
  });

  test('R23: away and back are by the day of who is away', async () => {
    await lives('America/Los_Angeles');
    const far = { ...c.deps, policy: { ...CALENDAR_POLICY, team: { ...CALENDAR_POLICY.team, zone: 'Asia/Tokyo' } } };
    // Monday 30 November 17:00 in Los Angeles.
    c.now = '2026-12-01T01:00Z';
    const gone = async (from: string, to: string) =>
      (await away(far, calendarCause(ANA), ANA, ANA.id, from, to)).answer.outcome;
    expect(await gone('2026-11-29', '2026-11-29')).toBe('refused');
    expect(await gone('2026-11-30', '2026-11-30')).toBe('accepted');
    expect((await back(far, calendarCause(ANA), ANA, ANA.id)).answer.outcome).toBe('accepted');
    expect(await awayBetween(t.db, '2026-11-30', '2026-12-31')).toEqual([]);
  });

  test('R21: who does Friday’s test on their Thursday and is away then keeps it not, nor gets one; the test of their Friday stays', async () => {
    const team = { ...CALENDAR_POLICY.team, zone: 'Asia/Tokyo' };
    const far = { ...c.deps, policy: { ...CALENDAR_POLICY, team } };
    const [friday, december3] = [await hers('2026-12-04'), (await december())[1]?.id ?? 0];
    await t.db.execute(
      sql`update regression_assignments set tester = 'U0ANA', day = '2026-12-07' where id = ${december3}`,
    );
    await lives('America/Los_Angeles');
    // Wednesday 2 December 17:00 in Los Angeles.
    c.now = '2026-12-03T01:00Z';
    const gone = async (day: string) => (await away(far, calendarCause(ANA), ANA, ANA.id, day, day)).answer.text;
    const days = async () => byTester(await december(), ANA.id).map((a) => a.day);
    expect(await gone('2026-12-03')).toContain(`RA-${friday}`);
    expect(await days()).not.toContain('2026-12-04');
    expect(await days()).toContain('2026-12-07');
    // A swap would bring her back to it.
    const [mine] = byTester(await december(), ANA.id).filter((a) => a.day > '2026-12-04');
    const [theirs] = (await december()).filter((a) => a.tester !== ANA.id && a.day > '2026-12-08');
    await t.db.execute(sql`update regression_assignments set day = '2026-12-04' where id = ${theirs?.id}`);
    const swap = await askSwap(far, calendarCause(ANA), ANA, mine?.id ?? 0, theirs?.id ?? 0);
    expect(swap.answer.code).toBe('away');
  });

  test('R21: the last of a month away is the first of the next one away for who does its tests the day before', async () => {
    const far = { ...c.deps, policy: { ...CALENDAR_POLICY, team: { ...CALENDAR_POLICY.team, zone: 'Asia/Tokyo' } } };
    await planned();
    await planAMonth(c.deps, calendarCause(BOSS), BOSS, '2027-01');
    const january = () => assignmentsOf(t.db, '2027-01');
    const [first] = await january();
    await t.db.execute(
      sql`update regression_assignments set tester = 'U0ANA', day = '2027-01-01' where id = ${first?.id}`,
    );
    const gone = () => away(far, calendarCause(ANA), ANA, ANA.id, '2026-12-31', '2026-12-31');
    await gone();
    expect(
      (await january()).find((a) => a.id === first?.id),
      'where the team is',
    ).toMatchObject({ tester: ANA.id });
    await back(far, calendarCause(ANA), ANA, ANA.id);
    await lives('America/Los_Angeles');
    await t.db.execute(
      sql`update regression_assignments set tester = 'U0ANA', day = '2027-01-01' where id = ${first?.id}`,
    );
    expect((await gone()).answer.text).toContain(`RA-${first?.id}`);
    expect(byTester(await january(), ANA.id).map((a) => a.day)).not.toContain('2027-01-01');
  });

  test('R23: what Los Angeles is told of on its working day before, of a team in Tokyo, can be done then; nothing else of that month', async () => {
    const id = await hers('2026-12-01');
    const [, later] = await december();
    await t.db.execute(
      sql`update regression_assignments set tester = 'U0ANA', day = '2026-12-02' where id = ${later?.id}`,
    );
    await lives('America/Los_Angeles');
    // Monday 30 November 06:59 and 07:00 in Los Angeles: Tokyo's month begins.
    c.now = '2026-11-30T14:59Z';
    expect(await pass(later?.id ?? 0, ANA, { zone: 'Asia/Tokyo' })).toBe('early');
    expect(await pass(id, ANA, { zone: 'Asia/Tokyo' })).toBe('accepted');
  });
});
