import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { actOnAssignment, answerSwap, askSwap, away, back, planAMonth } from '../../../src/areas/calendar/actions.ts';
import { preview } from '../../../src/areas/calendar/planning.ts';
import { assignmentsOf, awayBetween, coveredOf, loadMonth, testersNow } from '../../../src/areas/calendar/store.ts';
import type { Assignment } from '../../../src/areas/calendar/types.ts';
import { showDay } from '../../../src/base/days.ts';
import { ANA, BEN, BOSS, CALENDAR_POLICY, CEM, calendarCause } from '../../support/calendar.ts';
import { byTester, c, calendarOnADatabase, DEC, december, morning, planned, t, verbs } from './actions-month.ts';

calendarOnADatabase();

describe('R21: a month is made', () => {
  test('by an admin: a row per test, a line in the channel, a DM to each tester, an audit event; once', async () => {
    const cause = calendarCause(BOSS);
    const first = await planAMonth(c.deps, cause, BOSS, DEC);
    expect(await planAMonth(c.deps, cause, BOSS, DEC)).toEqual({ ...first, repeated: true });
    const all = await december();
    // Four areas once, two key areas twice.
    expect(all).toHaveLength(8);
    expect(['U0ANA', 'U0BEN', 'U0CEM', 'U0DEE'].map((id) => byTester(all, id).length)).toEqual([2, 2, 2, 2]);
    expect(all.every((a) => a.day !== '2026-12-08' && a.day !== '2026-12-25')).toBe(true);
    expect(await c.texts('line', 'C0RELEASES')).toEqual([expect.stringContaining('6 areas, 8 tests by 4 testers')]);
    const [mine] = await c.texts('dm', 'U0ANA');
    expect(mine).toMatch(/December 2026 is made/);
    expect(mine?.match(/RA-\d+/g)).toHaveLength(2);
    expect(await verbs()).toEqual({ verb: 'plan', subject: 'regression 2026-12' });
    const again = await planAMonth(c.deps, calendarCause(BOSS), BOSS, DEC);
    expect(again.answer.outcome).toBe('already');
  });

  test('refused: who is no admin, months that are over or far away, a user group that was not read', async () => {
    const code = async (month: string, who = BOSS) =>
      (await planAMonth(c.deps, calendarCause(who), who, month)).answer.code;
    expect(await code(DEC, ANA)).toBe('role');
    expect(await code('2026-10')).toBe('over');
    expect(await code('2028-01')).toBe('far');
    const operators = { users: [], usergroup: 'S0OPERATORS' };
    c.deps.policy = { ...CALENDAR_POLICY, roles: { ...CALENDAR_POLICY.roles, operators } };
    expect(await code(DEC)).toBe('roles_unknown');
    const now = c.deps.clock();
    await t.db.execute(sql`insert into usergroups values ('S0OPERATORS', ${now.toISOString()})`);
    await t.db.execute(sql`insert into usergroup_members values ('S0OPERATORS', 'U0BEN'), ('S0OPERATORS', 'U0ANA')`);
    expect(await testersNow(t.db, c.deps.policy, now)).toEqual(['U0ANA', 'U0BEN']);
    expect(await code(DEC)).toBeUndefined();
    expect(await december()).toHaveLength(8);
  });

  test('every month can be made, the short ones too', async () => {
    for (const month of ['2026-11', DEC, '2027-01', '2027-02', '2027-04']) {
      const { answer } = await planAMonth(c.deps, calendarCause(BOSS), BOSS, month);
      expect(answer.outcome, `${month}: ${answer.text}`).toBe('accepted');
      expect(await assignmentsOf(t.db, month)).toHaveLength(8);
    }
    const { answer } = await away(c.deps, calendarCause(BEN), BEN, BEN.id, '2026-11-24', '2027-04-30');
    expect(answer.outcome).toBe('accepted');
    const left = await t.db.execute(sql`select from regression_assignments where tester = 'U0BEN'`);
    expect(left.rowCount).toBe(0);
  });

  test('two at the same moment make it once', async () => {
    const two = await Promise.all([BOSS, BOSS].map((who) => planAMonth(c.deps, calendarCause(who), who, DEC)));
    expect(two.map((r) => r.answer.outcome).sort()).toEqual(['accepted', 'already']);
    expect(await december()).toHaveLength(8);
  });

  test('a look at it beforehand writes nothing and is what will be made', async () => {
    const testers = (await testersNow(t.db, CALENDAR_POLICY, c.deps.clock())) as string[];
    const look = await preview(t.db, c.deps, DEC, testers);
    expect(await loadMonth(t.db, DEC)).toBeUndefined();
    const all = await planned();
    const bare = ({ day, start, tester, wallet, feature }: Assignment) => ({ day, start, tester, wallet, feature });
    expect(look.assignments.map(bare)).toEqual(all.map(bare));
  });

  test('areas that nobody has time for are named in the channel, and who answers for the calendar hears of it', async () => {
    const roles = { ...CALENDAR_POLICY.roles, operators: { users: ['U0ANA'] } };
    c.deps.policy = { ...CALENDAR_POLICY, roles };
    await t.db.execute(
      sql`insert into absences (person, from_day, to_day, set_by, set_at) values ('U0ANA', '2026-12-03', '2026-12-31', 'U0ANA', now())`,
    );
    await planAMonth(c.deps, calendarCause(BOSS), BOSS, DEC);
    // Two days of two starts.
    expect(await december()).toHaveLength(4);
    const [line] = await c.texts('line', 'C0RELEASES');
    expect(line).toContain('not enough time of testers for 2 areas');
    expect(line).toContain('Receive &lt;b&gt;');
    expect(await c.texts('dm', 'U0ADA')).toHaveLength(1);
    expect((await loadMonth(t.db, DEC))?.month.leftOut).toHaveLength(2);
  });
});

describe('R21: the rest of a month is planned again', () => {
  test('who is away keeps no test of those days; only theirs move, and those concerned are told', async () => {
    const before = await planned();
    const [mine] = byTester(before, 'U0BEN');
    const { answer } = await away(c.deps, calendarCause(BEN), BEN, BEN.id, mine?.day ?? '', mine?.day ?? '');
    expect(answer.outcome).toBe('accepted');
    expect(answer.text).toContain(`You are away on ${showDay(mine?.day ?? '')}, so`);
    expect(answer.text).toContain(`RA-${mine?.id}`);
    expect(await c.texts('dm', 'U0BEN'), 'the answer says it').toEqual([]);
    const after = await december();
    const moved = after.filter((a) => JSON.stringify(a) !== JSON.stringify(before.find((b) => b.id === a.id)));
    expect(moved.map((a) => a.id)).toEqual(
      before.filter((b) => b.tester === 'U0BEN' && b.day === mine?.day).map((b) => b.id),
    );
    expect(after.some((a) => a.tester === 'U0BEN' && a.day === mine?.day)).toBe(false);
    for (const a of moved.filter((m) => m.tester !== 'U0BEN'))
      expect(await c.texts('dm', a.tester)).toEqual([expect.stringContaining('<@U0BEN> is away')]);
    expect(await verbs()).toEqual({ verb: 'replan', subject: 'regression 2026-12' });
    const again = await away(c.deps, calendarCause(BEN), BEN, BEN.id, mine?.day ?? '', mine?.day ?? '');
    expect(again.answer.outcome).toBe('already');
  });

  test('away all month and back again; absences that run end, those to come are forgotten', async () => {
    await planned();
    await away(c.deps, calendarCause(BEN), BEN, BEN.id, '2026-11-20', '2026-12-31');
    expect(byTester(await december(), 'U0BEN')).toEqual([]);
    expect(await awayBetween(t.db, '2026-11-24', '9999-12-31')).toHaveLength(1);
    await away(c.deps, calendarCause(BEN), BEN, BEN.id, '2027-01-04', '2027-01-05');
    const { answer } = await back(c.deps, calendarCause(BEN), BEN, BEN.id);
    expect(answer.outcome).toBe('accepted');
    expect(await awayBetween(t.db, '2026-11-24', '9999-12-31')).toEqual([]);
    expect(byTester(await december(), 'U0BEN')).toHaveLength(2);
    expect((await back(c.deps, calendarCause(BEN), BEN, BEN.id)).answer.outcome).toBe('already');
  });

  test('refused: days that are over or the wrong way round, and for others but by an admin', async () => {
    const code = async (from: string, to: string, who = BEN, whom = 'U0BEN') =>
      (await away(c.deps, calendarCause(who), who, whom, from, to)).answer.code;
    expect(await code('2026-12-05', '2026-12-01')).toBe('to');
    expect(await code('2026-11-01', '2026-11-02')).toBe('to');
    expect(await code('2026-12-01', '2028-12-01')).toBe('to');
    expect(await code('2026-12-01', '2026-12-01', BEN, 'U0ANA')).toBe('role');
    expect((await back(c.deps, calendarCause(BEN), BEN, 'U0ANA')).answer.code).toBe('role');
    expect(await code('2026-12-01', '2026-12-01', BOSS, 'U0ANA')).toBeUndefined();
  });

  test('one who joins gets a share, one who leaves has none left, on the next morning', async () => {
    await planned();
    const users = ['U0ANA', 'U0BEN', 'U0CEM', 'U0EVA'];
    const policy = { ...CALENDAR_POLICY, roles: { ...CALENDAR_POLICY.roles, operators: { users } } };
    await morning('2026-12-02T08:30Z', policy);
    const after = await december();
    expect(byTester(after, 'U0DEE').filter((a) => a.day >= '2026-12-02' && a.state === 'planned')).toEqual([]);
    expect(byTester(after, 'U0EVA').length).toBeGreaterThan(0);
    expect(await c.texts('dm', 'U0EVA')).toEqual([
      expect.stringContaining('Testers or areas changed and a test was missed, so'),
    ]);
    expect(new Set(after.map((a) => `${a.wallet}${a.feature}`)).size).toBe(6);
    await t.db.execute(sql`insert into people values ('U0CEM', 'cem', null, false, true, false, false, now())`);
    await morning('2026-12-03T08:30Z', policy);
    expect(byTester(await december(), 'U0CEM').filter((a) => a.day >= '2026-12-03')).toEqual([]);
    // R7: a guest may do nothing in the calendar, and so has no test either.
    await t.db.execute(sql`insert into people values ('U0ANA', 'ana', null, false, false, true, false, now())`);
    const events = await c.texts('dm');
    await morning('2026-12-04T08:30Z', policy);
    expect(byTester(await december(), 'U0ANA').filter((a) => a.day >= '2026-12-04')).toEqual([]);
    expect((await c.texts('dm')).length).toBeGreaterThanOrEqual(events.length);
  });
});

describe('what is said of a test', () => {
  test('passed, failed, skipped with a reason; corrected; and who may', async () => {
    const [a] = await planned();
    const id = a?.id as number;
    c.now = '2026-12-01T10:00Z';
    const tester = [ANA, BEN, CEM].find((who) => who.id === a?.tester) ?? ANA;
    const other = tester === ANA ? BEN : ANA;
    const say = async (kind: 'pass' | 'fail' | 'skip', note: string | null, who = tester, about = id) =>
      (await actOnAssignment(c.deps, calendarCause(who), who, about, { kind, note })).answer;
    expect((await say('pass', null, other)).code).toBe('role');
    expect((await say('skip', null)).code).toBe('reason');
    expect((await say('skip', 'no <device>')).text).toContain('no &lt;device&gt;');
    expect((await say('skip', 'again')).outcome).toBe('already');
    expect((await say('fail', null)).outcome).toBe('accepted');
    expect((await say('skip', 'x')).code).toBe('tested');
    expect((await say('pass', null, BOSS)).outcome).toBe('accepted');
    expect((await december())[0]).toMatchObject({ state: 'passed', by: 'U0ADA' });
    expect((await say('pass', null, tester, 9999)).code).toBe('none');
    expect(await coveredOf(t.db, DEC)).toEqual({ areas: 6, covered: 1 });
    expect(await coveredOf(t.db, '2026-10')).toBeNull();
    // An area that the policy does not name any more is none of those to be covered.
    await t.db.execute(sql`update regression_months set areas = areas - 0`);
    await t.db.execute(sql`update regression_assignments set state = 'passed' where month = ${DEC}`);
    expect(await coveredOf(t.db, DEC)).toEqual({ areas: 5, covered: 5 });
    c.now = '2027-01-01T10:00Z';
    expect((await say('fail', null)).code).toBe('over');
  });
});

describe('swaps', () => {
  const pick = (all: Assignment[]) => {
    const mine = byTester(all, 'U0ANA')[0] as Assignment;
    const theirs = byTester(all, 'U0BEN').find((b) => b.day !== mine.day) as Assignment;
    return { mine, theirs };
  };
  const swapId = async () => {
    const { rows } = await t.db.execute<{ id: string }>(sql`select max(id) as id from regression_swaps`);
    return Number(rows[0]?.id);
  };
  /** Who was told that an offer is off, and why. */
  const offs = async () => {
    const { rows } = await t.db.execute<{ target: string; text: string }>(
      sql`select target, text from outbox where text like '%Your offer to swap%' order by id`,
    );
    return rows.map(({ target, text }) => `${target} ${text.replace(/^.* is off/, 'off')}`);
  };

  test('asked, agreed to: the two change hands, both are told, a second answer changes nothing', async () => {
    const { mine, theirs } = pick(await planned());
    const asked = await askSwap(c.deps, calendarCause(ANA), ANA, mine.id, theirs.id);
    expect(asked.answer.text).toContain('I asked <@U0BEN>');
    expect(await c.texts('dm', 'U0BEN')).toEqual([expect.stringContaining(`RA-${mine.id}`)]);
    expect((await askSwap(c.deps, calendarCause(ANA), ANA, mine.id, theirs.id)).answer.outcome).toBe('already');
    const id = await swapId();
    expect((await answerSwap(c.deps, calendarCause(CEM), CEM, id, true)).answer.code).toBe('role');
    expect((await answerSwap(c.deps, calendarCause(BEN), BEN, id, true)).answer.outcome).toBe('accepted');
    const after = await december();
    expect(after.find((a) => a.id === mine.id)?.tester).toBe('U0BEN');
    expect(after.find((a) => a.id === theirs.id)?.tester).toBe('U0ANA');
    expect(await c.texts('dm', 'U0ANA')).toEqual([expect.stringContaining('<@U0BEN> agreed')]);
    expect((await answerSwap(c.deps, calendarCause(BEN), BEN, id, false)).answer.outcome).toBe('already');
    expect((await answerSwap(c.deps, calendarCause(BEN), BEN, 999, false)).answer.code).toBe('none');
  });

  test('declined: it stays; off when the plan changed meanwhile', async () => {
    const { mine, theirs } = pick(await planned());
    await askSwap(c.deps, calendarCause(ANA), ANA, mine.id, theirs.id);
    expect((await answerSwap(c.deps, calendarCause(BEN), BEN, await swapId(), false)).answer.outcome).toBe('accepted');
    expect((await december()).find((a) => a.id === mine.id)?.tester).toBe('U0ANA');
    expect((await askSwap(c.deps, calendarCause(ANA), ANA, mine.id, theirs.id)).answer.outcome).toBe('accepted');
    await away(c.deps, calendarCause(ANA), ANA, ANA.id, mine.day, mine.day);
    expect((await answerSwap(c.deps, calendarCause(BEN), BEN, await swapId(), true)).answer.text).toContain(
      'the plan changed',
    );
    expect(await offs()).toEqual(['U0ANA off: the plan changed.']);
  });

  test('off before it was answered: who asked hears why, but not of their own doing', async () => {
    const all = await planned();
    c.now = '2026-12-01T07:00Z';
    const [own, other] = byTester(all, 'U0ANA') as [Assignment, Assignment];
    const theirs = byTester(all, 'U0BEN').find((b) => b.day !== own.day && b.day !== other.day) as Assignment;
    const third = byTester(all, 'U0CEM').find((x) => x.day !== theirs.day) as Assignment;
    const ask = async (who: typeof ANA, mine: Assignment) =>
      expect((await askSwap(c.deps, calendarCause(who), who, mine.id, theirs.id)).answer.outcome).toBe('accepted');
    const pass = (who: typeof ANA, a: Assignment) =>
      actOnAssignment(c.deps, calendarCause(who), who, a.id, { kind: 'pass', note: null });
    await ask(ANA, own);
    await pass(ANA, own);
    expect(await offs()).toEqual([]);
    // Who agrees to one offer takes it from the others.
    await ask(CEM, third);
    await ask(ANA, other);
    await answerSwap(c.deps, calendarCause(BEN), BEN, await swapId(), true);
    expect(await offs()).toEqual([`U0CEM off: one of the two changed hands.`]);
    // Ana has it now; her test is needed no more, or she did it.
    const again = (await askSwap(c.deps, calendarCause(CEM), CEM, third.id, theirs.id)).answer;
    expect(again.outcome, again.text).toBe('accepted');
    await pass(ANA, theirs);
    expect((await offs()).at(-1)).toBe(`U0CEM off: RA-${theirs.id} is passed by now.`);
    await askSwap(c.deps, calendarCause(CEM), CEM, third.id, other.id);
    const { regression } = CALENDAR_POLICY;
    const areas = regression?.areas.filter((a) => a.wallet !== third.wallet || a.feature !== third.feature);
    await morning('2026-12-01T08:30Z', { ...CALENDAR_POLICY, regression: { ...regression, areas } as never });
    expect((await december()).some((a) => a.id === third.id)).toBe(false);
    expect(await offs()).toHaveLength(3);
  });

  test('refused: what is not one’s own, not there, done, or on a day somebody is away', async () => {
    const { mine, theirs } = pick(await planned());
    const code = async (a: number, b: number, who = ANA) =>
      (await askSwap(c.deps, calendarCause(who), who, a, b)).answer.code;
    expect(await code(theirs.id, mine.id)).toBe('role');
    expect(await code(mine.id, 9999)).toBe('none');
    expect(await code(9999, mine.id)).toBe('none');
    await t.db.execute(
      sql`insert into absences (person, from_day, to_day, set_by, set_at) values ('U0BEN', ${mine.day}, ${mine.day}, 'U0BEN', now())`,
    );
    expect(await code(mine.id, theirs.id)).toBe('away');
  });
});
