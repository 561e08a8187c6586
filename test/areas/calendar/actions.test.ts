import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  actOnAssignment,
  answerSwap,
  askSwap,
  away,
  back,
  keepCalendar,
  planAMonth,
} from '../../../src/areas/calendar/actions.ts';
import { monthList } from '../../../src/areas/calendar/blocks.ts';
import { preview } from '../../../src/areas/calendar/planning.ts';
import { assignmentsOf, awayBetween, coveredOf, loadMonth, testersNow } from '../../../src/areas/calendar/store.ts';
import type { Assignment } from '../../../src/areas/calendar/types.ts';
import { SHIPSHAPE } from '../../../src/base/actor.ts';
import { showDay } from '../../../src/base/days.ts';
import type { Policy, Regression, RegressionArea } from '../../../src/base/policy.ts';
import { ANA, BEN, BOSS, CALENDAR_POLICY, CEM, calendarCause, calendarOn } from '../../support/calendar.ts';
import { freshDb, type TestDb, wipe } from '../../support/db.ts';

const DEC = '2026-12';
let t: TestDb;
let c: ReturnType<typeof calendarOn>;

beforeAll(async () => {
  t = await freshDb();
});
afterAll(() => t.close());
beforeEach(async () => {
  await wipe(
    t,
    'regression_months, regression_assignments, regression_swaps, absences, outbox, causes, people, usergroups, graphile_worker._private_jobs',
  );
  c = calendarOn(t.db);
});

const december = () => assignmentsOf(t.db, DEC);
async function planned(): Promise<Assignment[]> {
  const { answer } = await planAMonth(c.deps, calendarCause(BOSS), BOSS, DEC);
  expect(answer.outcome, answer.text).toBe('accepted');
  await t.db.execute(sql`delete from outbox`);
  return december();
}
const byTester = (all: readonly Assignment[], id: string) => all.filter((a) => a.tester === id);
const morning = (at: string, policy: Policy = CALENDAR_POLICY) => {
  c.now = at;
  const cause = calendarCause(SHIPSHAPE, { key: `schedule:regression@${at}`, source: 'schedule' });
  return keepCalendar({ ...c.deps, policy }, cause);
};
/** November is planned already. */
const november = () =>
  t.db.execute(sql`insert into regression_months (month, planned_at, planned_by, roster, areas, left_out)
    values ('2026-11', now(), 'shipshape', '[]', '[]', '[]')`);
const verbs = async () => {
  const { rows } = await t.db.execute<{ verb: string; subject: string }>(
    sql`select verb, subject from audit_events order by id desc limit 1`,
  );
  return rows[0];
};

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
    await t.db.execute(sql`insert into usergroups values ('S0OPERATORS', now())`);
    await t.db.execute(sql`insert into usergroup_members values ('S0OPERATORS', 'U0BEN'), ('S0OPERATORS', 'U0ANA')`);
    expect(await testersNow(t.db, c.deps.policy)).toEqual(['U0ANA', 'U0BEN']);
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
    const testers = (await testersNow(t.db, CALENDAR_POLICY)) as string[];
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
    const events = await c.texts('dm');
    await morning('2026-12-04T08:30Z', policy);
    expect((await c.texts('dm')).length).toBeGreaterThanOrEqual(events.length);
  });
});

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
    c.now = '2026-12-31T15:00Z';
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
    await t.db.execute(sql`insert into usergroups values ('S0OPERATORS', now())`);
    await t.db.execute(
      sql`insert into usergroup_members select 'S0OPERATORS', unnest(array['U0ANA', 'U0BEN', 'U0CEM', 'U0DEE'])`,
    );
    const [first] = (await planned()).filter((a) => a.feature !== 'Trade');
    await t.db.execute(
      sql`update regression_assignments set state = 'passed', at = now() where id <> ${first?.id ?? 0}`,
    );
    const after = (days: number) =>
      new Date(Date.parse(`${first?.day}T08:30Z`) + days * 86_400_000).toISOString().slice(0, 16);
    await t.db.execute(sql`update usergroups set refreshed_at = now() - interval '2 hours'`);
    await morning(`${after(1)}Z`, policy);
    await t.db.execute(sql`update usergroups set refreshed_at = now()`);
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
