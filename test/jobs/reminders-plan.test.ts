// What the calendar and the cadence plan, and the DMs of the plan; what waits otherwise is in reminders.test.ts.
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { propose, settleSlots, skip } from '../../src/areas/cadence/actions.ts';
import { addFreeze, dutyAt, writeLook } from '../../src/areas/cadence/store.ts';
import { postInHours } from '../../src/db/outbox.ts';
import { sayDaily, sayWeekly, sendHeldNow } from '../../src/jobs/reminders.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { ADA, BEN, CAS, MAX } from '../support/facts.ts';
import { at, beat, lives, onMonday, POLICY, said } from '../support/reminders.ts';
import { aCause, type Team, teamOn } from '../support/team.ts';

const cadence = { slots: [600, 900], days: [1, 2, 3, 4, 5], graceMinutes: 60, proposeMinutesBefore: 90 };

let t: TestDb;
let team: Team;
beforeAll(async () => {
  t = await freshDb();
});
afterAll(() => t.close());
beforeEach(async () => {
  team = await onMonday(t);
});

/** A calendar whose one area each of these has on 3 March. */
async function calendar(...testers: string[]): Promise<void> {
  const areas = [{ wallet: 'Ledger', feature: 'Send', key: true, times: 1 }];
  const regression = { product: 'wallet', areas, testers: [], starts: [600], owner: MAX.id };
  team = teamOn(t.db, { ...POLICY, regression });
  await t.db.execute(sql`with m as (insert into regression_months (month, planned_at, planned_by, roster, areas, left_out)
      values ('2026-03', now(), 'shipshape', '[]', ${JSON.stringify(areas)}::jsonb, '[]') returning month)
    insert into regression_assignments (month, wallet, feature, day, start, tester)
    select month, 'Ledger', 'Send', '2026-03-03', 605, id from m, unnest(${sql.param(testers)}::text[]) id`);
}

describe('R23: what waits in the calendar and for the cadence', () => {
  it('R21, R23: regression of today in the morning and the afternoon to its tester, next day once to who answers for the calendar', async () => {
    await calendar(ADA.id);
    expect(await beat(team, at(2, '10:00'))).toEqual([]);
    expect(await beat(team, at(3, '09:00'))).toEqual([`regression RA-# ${ADA.id}`]);
    expect(await said(team)).toContain('regression of Tue 3 Mar 2026, 10:05: *Send with Ledger* is yours');
    expect(await said(team)).not.toContain('Waiting since');
    expect(await said(team)).toContain('regression_pass');
    expect(await beat(team, at(3, '13:30'))).toEqual([`regression RA-# ${ADA.id}`]);
    expect(await beat(team, at(4, '09:00'))).toEqual([`regression_missed RA-# ${MAX.id}`]);
    expect(await beat(team, at(5, '09:00'))).toEqual([]);
    await t.db.execute(
      sql`insert into regression_assignments (month, wallet, feature, day, start, tester) values ('2026-03', 'Ledger', 'Swap', '2026-03-31', 605, ${ADA.id})`,
    );
    expect(await beat(team, new Date('2026-04-01T09:00:00Z')), 'the month is over: its coverage says it').toEqual([]);
    await t.db.execute(sql`update regression_assignments set state = 'passed'`);
    await sayDaily(team.deps, { at: at(5, '09:00').toISOString() });
    expect(await said(team)).toContain('Regression this month: 1 of 1 areas covered (100 %)');
  });

  it('R21, R23: a test of a day is told on that day of its tester, where it begins before the team’s', async () => {
    await calendar(ADA.id, BEN.id);
    await lives(team, 'Pacific/Auckland', ADA.id);
    expect(await beat(team, at(2, '19:45'))).toEqual([]);
    expect(await beat(team, at(2, '20:00'))).toEqual([`regression RA-# ${ADA.id}`]);
    expect(await beat(team, at(3, '00:30'))).toEqual([`regression RA-# ${ADA.id}`]);
    expect(await beat(team, at(3, '09:00'))).toEqual([`regression RA-# ${BEN.id}`]);
  });

  it('R21, R23: who answers for the calendar is away: the admins hear of what was missed', async () => {
    await calendar(ADA.id);
    await t.db.execute(
      sql`insert into absences (person, from_day, to_day, set_by, set_at) values (${MAX.id}, '2026-03-04', '2026-03-04', ${MAX.id}, now())`,
    );
    expect(await beat(team, at(4, '09:00'))).toEqual(['!regression_missed RA-# CADMINS']);
  });

  it('R9, R22: the lines count what passed while nothing ran, whoever comes first', async () => {
    team = teamOn(t.db, { ...POLICY, cadence });
    await writeLook(t.db, at(5, '08:00'));
    team.now = at(9, '09:30');
    await sayDaily(team.deps, { at: at(9, '09:00').toISOString() });
    await sayWeekly(team.deps, { at: at(9, '09:05').toISOString() });
    expect(await said(team)).toContain('0 of 4 slots kept, 4 missed (site Fri 10:00, wallet Fri 10:00, site Fri 15:00');
    expect(await said(team)).toContain('Cadence: 0 of 8 slots kept, 0 late, 8 missed, 0 cancelled');
  });

  it('R9, R23: eyes missing before a slot: who is on duty and not away, from when it is proposed until it begins, never for one long gone', async () => {
    const duty = { roster: [ADA.id, BEN.id], size: 2, turn: 'week' as const };
    team = teamOn(t.db, { ...POLICY, cadence, duty });
    await t.db.execute(
      sql`insert into absences (person, from_day, to_day, set_by, set_at) values (${BEN.id}, '2026-03-02', '2026-03-02', ${BEN.id}, now())`,
    );
    team.now = at(2, '10:30');
    const id = await team.open({ product: 'wallet' });
    expect(await beat(team, at(2, '13:15'))).toEqual([]);
    expect(await beat(team, at(2, '13:30'))).toEqual([`eyes REL-# ${ADA.id}`, `eyes REL-# ${MAX.id}`]);
    expect((await team.lines(id)).at(-1)).toContain('two sets of eyes are missing, and its slot begins');
    expect(await beat(team, at(2, '15:00'))).toEqual([]);
    team.now = at(3, '08:50');
    await team.do(id, ADA, { kind: 'ready' });
    expect(await beat(team, at(3, '09:00'))).toEqual([`eyes REL-# ${BEN.id}`, `eyes REL-# ${MAX.id}`]);
    await sayWeekly(team.deps, { at: at(9, '09:05').toISOString() });
    expect(await said(team)).toContain('Cadence: no slot was to be kept, 0 cancelled');
  });

  it('R9, R23: each slot has its own word of eyes missing, and one at the day’s beginning says it the evening before', async () => {
    const cadence = { slots: [540, 660, 720], days: [1, 2, 3, 4, 5], graceMinutes: 30, proposeMinutesBefore: 90 };
    team = teamOn(t.db, { ...POLICY, cadence });
    await lives(team, 'America/Los_Angeles', MAX.id);
    const moved = { ...POLICY, cadence, duty: { roster: [ADA.id], size: 1, turn: 'week' as const } };
    team = teamOn(t.db, moved);
    team.now = at(2, '16:00');
    await team.open({ product: 'wallet' });
    const said = async (now: Date) => (await beat(team, now)).filter((line) => line.startsWith('eyes'));
    expect(await said(at(2, '16:45'))).toEqual([]);
    expect(await said(at(2, '17:00')), 'tomorrow 09:00').toEqual([`eyes REL-# ${ADA.id}`]);
    expect(await said(at(3, '01:15')), 'in California the slot is in the night').toEqual([`eyes REL-# ${MAX.id}`]);
    expect(await said(at(3, '09:00')), 'the slot begins').toEqual([]);
    expect(await said(at(3, '09:30')), '11:00').toEqual([`eyes REL-# ${ADA.id}`]);
    expect(await said(at(3, '10:45'))).toEqual([]);
    expect(await said(at(3, '11:00')), '12:00').toEqual([`eyes REL-# ${ADA.id}`]);
    expect(await said(at(3, '11:30'))).toEqual([]);
  });

  it('R9, R23: a slot without a release: who is on duty, in time, once; not when one is open, nothing goes out, or it is frozen', async () => {
    const duty = { roster: [ADA.id, BEN.id], size: 1, turn: 'day' as const };
    const [wallet] = POLICY.products;
    team = teamOn(t.db, { ...POLICY, cadence, duty, products: wallet ? [wallet] : [] });
    const of = async (now: Date) => {
      team.now = now;
      await propose(team.deps);
      await settleSlots(team.deps);
      return (await beat(team, now)).filter((line) => line.includes('SLOT'));
    };
    const [on] = await dutyAt(t.db, team.deps.policy, at(2, '09:15'), at(2, '09:15'));
    expect(await of(at(2, '08:30'))).toEqual([]);
    expect(await of(at(2, '08:45'))).toEqual([]);
    expect(await of(at(2, '09:00'))).toEqual([`slot SLOT-# ${on}`]);
    expect(await said(team)).toContain('no release of *Wallet* is open for the slot');
    expect(await said(team)).toContain('cadence_skip');
    expect(await of(at(2, '10:30'))).toEqual([]);
    await of(at(2, '13:45'));
    const { rows } = await t.db.execute<{ id: string }>(sql`select max(id) as id from slots`);
    await skip(team.deps, aCause(), ADA, Number(rows[0]?.id), 'wallet');
    expect(await of(at(2, '14:15'))).toEqual([]);
    team.now = at(3, '08:00');
    const freeze = {
      product: null,
      startsAt: at(3, '08:00'),
      endsAt: at(3, '12:00'),
      reason: 'x',
      setBy: 'UENG',
      setAt: at(3, '08:00'),
    };
    await t.db.transaction((tx) => addFreeze(tx, freeze));
    expect(await of(at(3, '09:15'))).toEqual([]);
    team.now = at(3, '13:00');
    const id = await team.open({ product: 'wallet' });
    expect(await of(at(3, '14:15'))).toEqual([]);
    // What became of the day before's is in the daily line.
    await sayDaily(team.deps, { at: at(3, '09:00').toISOString() });
    expect(await said(team)).toContain('1 missed (wallet 10:00), 1 cancelled');
    // It goes out on the morning of the next day, and is verified when the afternoon's is proposed.
    expect(await of(at(4, '09:15'))).toEqual([]);
    await t.db.execute(
      sql`update releases set state = 'verifying', shipping_at = ${at(4, '10:30').toISOString()} where id = ${id}`,
    );
    expect(await of(at(4, '13:45'))).toEqual([]);
    expect(await of(at(4, '14:15'))).toEqual([expect.stringMatching(/^slot SLOT-# /)]);
    expect(await said(team)).toMatch(/Not done yet, to be finished first: \*wallet v1\.0\.\d/);
  });

  it('R9, R23: of a slot nobody on duty works in, the channel is asked; of one the policy has no more, or frozen since, nobody', async () => {
    const [wallet] = POLICY.products;
    const duty = { roster: [ADA.id, CAS.id], size: 2, turn: 'week' as const };
    const mine = { ...POLICY, cadence, duty, products: wallet ? [wallet] : [] };
    const of = async (now: Date, p = mine) => {
      team = teamOn(t.db, p);
      team.now = now;
      await propose({ ...team.deps, policy: mine });
      return (await beat(team, now)).filter((line) => line.includes('SLOT'));
    };
    // It is after their day's end, and before its beginning.
    await lives(team, 'Pacific/Auckland', ADA.id);
    await lives(team, 'America/Los_Angeles', CAS.id);
    await of(at(2, '08:30'));
    expect(await of(at(2, '09:00'))).toEqual(['slot SLOT-# CREL']);
    expect(await of(at(2, '10:00'))).toEqual([]);
    // In Bangkok the day ends at 11:00 of Lisbon, in New York it begins at 14:00.
    await lives(team, 'Asia/Bangkok', ADA.id);
    await lives(team, 'America/New_York', CAS.id);
    await of(at(2, '13:30'));
    expect(await of(at(2, '14:00'))).toEqual([`slot SLOT-# ${CAS.id}`]);
    expect(await of(at(2, '15:30'))).toEqual([]);
    await of(at(3, '08:30'));
    const other = { ...mine, cadence: { ...cadence, slots: [900] } };
    expect(await of(at(3, '09:15'), other), 'the policy has it no more').toEqual([]);
    const freeze = {
      product: null,
      startsAt: at(3, '10:30'),
      endsAt: at(3, '18:00'),
      reason: 'x',
      setBy: 'UENG',
      setAt: at(3, '09:00'),
    };
    await t.db.transaction((tx) => addFreeze(tx, freeze));
    expect(await of(at(3, '10:45')), 'frozen in its grace').toEqual([]);
    await t.db.execute(sql`update freezes set thawed_at = now()`);
    expect(await of(at(3, '10:50'))).toEqual([`slot SLOT-# ${ADA.id}`]);
  });

  it('R9, R23: who would not be at work for a slot hears of it in time, also where another slot comes before', async () => {
    const duty = { roster: [ADA.id, CAS.id], size: 1, turn: 'day' as const };
    team = teamOn(t.db, { ...POLICY, cadence: { ...cadence, slots: [600, 1320] }, duty });
    const [on, next] = [2, 3].map((day) => dutyAt(t.db, team.deps.policy, at(day, '09:00'), at(day, '09:00')));
    const [[today], [tomorrow]] = [await on, await next] as [string[], string[]];
    await lives(team, 'America/Sao_Paulo', tomorrow as string);
    await lives(team, 'Asia/Tokyo', today as string);
    team.now = at(2, '06:30');
    const id = await team.open({ product: 'wallet' });
    const eyes = async (now: Date) => (await beat(team, now)).filter((line) => line.startsWith('eyes'));
    // Tokyo's day ends at 09:00 of Lisbon: it hears of both slots at once.
    expect(await eyes(at(2, '08:30'))).toEqual([`eyes REL-# ${today}`]);
    expect((await team.lines(id)).at(-1)).toMatch(/its slot begins .*10:00.* \(the next: .*22:00/s);
    expect(await eyes(at(2, '09:00'))).toEqual([`eyes REL-# ${MAX.id}`]);
    // In São Paulo, 21:00 of Lisbon is the end of Monday, and 12:00 the beginning of Tuesday.
    expect(await eyes(at(2, '19:45'))).not.toContain(`eyes REL-# ${tomorrow}`);
    expect(await eyes(at(2, '20:00'))).toEqual([`eyes REL-# ${tomorrow}`]);
    expect((await team.lines(id)).at(-1)).toMatch(/one of its slots begins .*3.*10:00/s);
    expect(await eyes(at(2, '20:30'))).toEqual([]);
  });

  it('R23: DMs of the plan wait for their reader’s hours, and come as one; who is away gets them when back', async () => {
    const post = (target: string, text: string) => t.db.transaction((tx) => postInHours(tx, target, text));
    const dms = async () =>
      (await t.db.execute<{ lane: string; text: string }>(sql`select lane, text from outbox order by id`)).rows.map(
        (r) => `${r.lane} ${r.text.length > 50 ? r.text.length : r.text}`,
      );
    const go = (now: Date) => {
      team.now = now;
      return sendHeldNow({ ...team.deps, who: async () => Promise.reject(new Error('no')) });
    };
    await t.db.execute(sql`insert into people (id, name, zone, bot, deactivated, guest, outsider, refreshed_at)
      values (${CAS.id}, 'Cas', 'Asia/Tokyo', false, false, false, false, now()), ('UGONE', 'x', 'UTC', false, true, false, false, now())`);
    await t.db.execute(
      sql`insert into absences (person, from_day, to_day, set_by, set_at) values (${BEN.id}, '2026-03-03', '2026-03-03', ${BEN.id}, now())`,
    );
    await post('CADMINS', 'for a channel');
    await post('UGONE', 'gone');
    for (const who of [ADA, BEN, CAS]) await post(who.id, 'one');
    await post(ADA.id, 'two');
    await post(ADA.id, 'x'.repeat(2895));
    await go(at(2, '22:00'));
    expect((await dms()).sort()).toEqual([
      'channel:CADMINS for a channel',
      'dm:UGONE gone',
      `held:${ADA.id} 2895`,
      `held:${ADA.id} one`,
      `held:${ADA.id} two`,
      `held:${BEN.id} one`,
      `held:${CAS.id} one`,
    ]);
    await go(at(3, '00:00'));
    expect(await dms()).toContain(`dm:${CAS.id} one`);
    await Promise.all([1, 2, 3].map(() => go(at(3, '09:00'))));
    expect((await dms()).filter((line) => line.includes(ADA.id))).toEqual([
      `dm:${ADA.id} one\n\ntwo`,
      `dm:${ADA.id} 2895`,
    ]);
    expect(await dms()).toContain(`held:${BEN.id} one`);
    await beat(team, at(4, '09:00'));
    expect((await dms()).filter((line) => line.includes(BEN.id))).toEqual([`dm:${BEN.id} one`]);
  });
});
