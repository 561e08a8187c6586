import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { propose, settleSlots, skip } from '../../src/areas/cadence/actions.ts';
import { addFreeze, dutyAt, writeLook } from '../../src/areas/cadence/store.ts';
import { openNote } from '../../src/areas/notes/actions.ts';
import type { Deps } from '../../src/areas/triage/deps.ts';
import { report } from '../../src/areas/triage/open.ts';
import { readReport } from '../../src/areas/triage/report.ts';
import { postInHours } from '../../src/db/outbox.ts';
import { type ReminderDeps, sayDaily, sayWeekly, sendHeldNow, sendReminders } from '../../src/jobs/reminders.ts';
import { freshDb, type TestDb, wipe } from '../support/db.ts';
import { ADA, BEN, CAS, ENG, MAX } from '../support/facts.ts';
import { aCause, TEAM, type Team, teamOn } from '../support/team.ts';

/** A Monday; Lisbon is at UTC then. */
const MONDAY = new Date('2026-03-02T09:00:00Z');
const cadence = { slots: [600, 900], days: [1, 2, 3, 4, 5], graceMinutes: 60, proposeMinutesBefore: 90 };
const policy = {
  ...TEAM,
  workspace: { ...TEAM.workspace, channels: { ...TEAM.workspace.channels, triage: 'CTRIAGE' } },
};

let t: TestDb;
let team: Team;
let n = 0;
let asked: string[] = [];
beforeAll(async () => {
  t = await freshDb();
});
afterAll(() => t.close());
beforeEach(async () => {
  await wipe(
    t,
    'usergroups, reminders, reminder_answers, outbox, threads, releases, candidates, bugs, prod_issues, notes, causes, people, absences, regression_months, freezes, slots, slot_looks, slot_products',
  );
  team = teamOn(t.db, policy);
  team.now = MONDAY;
  asked = [];
});

const at = (day: number, clock: string) => new Date(`2026-03-${String(day).padStart(2, '0')}T${clock}:00Z`);
async function beat(now: Date): Promise<string[]> {
  team.now = now;
  const before = await lastId();
  const who: ReminderDeps['who'] = async (id) => {
    asked.push(id);
    if (id === BEN.id) throw new Error('Slack does not answer');
    return { id, roles: new Set(), standing: 'member' };
  };
  await sendReminders({ ...team.deps, who }, { key: `beat:${++n}`, at: new Date(now.getTime() - 1000).toISOString() });
  const { rows } = await t.db.execute<{ kind: string; subject: string; target: string; escalated: boolean }>(
    sql`select r.kind, regexp_replace(r.subject, '[0-9]+', '#') as subject, r.target, r.escalated from reminders r where r.outbox_id > ${before} order by r.kind, r.target`,
  );
  return rows.map((r) => `${r.escalated ? '!' : ''}${r.kind} ${r.subject} ${r.target}`).sort();
}
async function lastId(): Promise<number> {
  const { rows } = await t.db.execute<{ id: string }>(sql`select coalesce(max(id), 0) as id from outbox`);
  return Number(rows[0]?.id);
}
async function said(): Promise<string> {
  const { rows } = await t.db.execute<{ text: string }>(
    sql`select coalesce(blocks::text, text) as text from outbox order by id`,
  );
  return rows.map((r) => r.text).join('\n');
}
/** A calendar whose one area each of these has on 3 March. */
async function calendar(...testers: string[]): Promise<void> {
  const areas = [{ wallet: 'Ledger', feature: 'Send', key: true, times: 1 }];
  const regression = { product: 'wallet', areas, testers: [], starts: [600], owner: MAX.id };
  team = teamOn(t.db, { ...policy, regression });
  await t.db.execute(sql`with m as (insert into regression_months (month, planned_at, planned_by, roster, areas, left_out)
      values ('2026-03', now(), 'shipshape', '[]', ${JSON.stringify(areas)}::jsonb, '[]') returning month)
    insert into regression_assignments (month, wallet, feature, day, start, tester)
    select month, 'Ledger', 'Send', '2026-03-03', 605, id from m, unnest(${sql.param(testers)}::text[]) id`);
}
/** Where somebody lives, as Slack says. */
const lives = (zone: string, id: string) =>
  t.db.execute(sql`insert into people (id, name, zone, bot, deactivated, guest, outsider, refreshed_at)
    values (${id}, 'x', ${zone}, false, false, false, false, now()) on conflict (id) do update set zone = ${zone}`);
async function aBug(blocking: 'yes' | 'no', product = 'wallet', foundIn = 'production'): Promise<number> {
  const read = readReport({ product, title: 'The <!channel> balance', foundIn, blocking }, policy);
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  const { answer } = await report(team.deps as Deps, aCause(), ADA, read.report);
  return answer.bugId as number;
}

describe('R23: what waits in releases', () => {
  it('R23: eyes missing, an hour after a release began to wait: its manager is told in its thread', async () => {
    const id = await team.open();
    expect(await beat(at(2, '09:59'))).toEqual([]);
    expect(await beat(at(2, '10:00'))).toEqual([`eyes REL-# ${MAX.id}`]);
    expect(await beat(at(2, '11:30'))).toEqual([]);
    expect((await team.lines(id)).at(-1)).toContain('two sets of eyes are missing. Who can look?');
    for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'ready' });
    expect(await beat(at(2, '14:00'))).not.toContain(`eyes REL-# ${MAX.id}`);
  });

  it('R23: a sign-off pending, an hour after they came; a signer, one who left, a hold or a blocker end it', async () => {
    const id = await team.open({ product: 'wallet' });
    for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'ready' });
    team.now = at(2, '09:30');
    await team.do(id, CAS, { kind: 'ready' });
    await team.do(id, ADA, { kind: 'lgtm', road: 'button' });
    expect(await beat(at(2, '10:10'))).toEqual([`sign_off REL-# ${BEN.id}`]);
    expect(asked).toContain(CAS.id);
    team.now = at(2, '10:20');
    await team.do(id, CAS, { kind: 'away' });
    expect(await beat(at(2, '10:45'))).toEqual([]);
    await team.do(id, CAS, { kind: 'ready' });
    await team.do(id, BEN, { kind: 'hold', reason: 'a <!channel> doubt', road: 'button' });
    expect(await beat(at(2, '12:00'))).toEqual([]);
    // The next day it is the hold that waits; in vain, it is its manager's.
    expect(await beat(at(3, '09:00'))).toEqual([`hold REL-# ${BEN.id}`]);
    expect(await beat(at(4, '09:00'))).toEqual([`!hold REL-# ${MAX.id}`, `hold REL-# ${BEN.id}`]);
    expect(await said()).not.toContain('<!channel>');
  });

  it('R23: after shipping, the production check in its thread; then the watch, once, and not when it is over', async () => {
    const id = await team.open();
    await team.approve(id, ADA, BEN);
    await team.reconciled(id);
    await team.do(id, MAX, { kind: 'ship' });
    await team.do(id, MAX, { kind: 'shipped' });
    expect(await beat(at(2, '09:15'))).toEqual([]);
    expect(await beat(at(2, '09:20'))).toEqual([
      `production_check REL-# ${ADA.id}`,
      `production_check REL-# ${BEN.id}`,
    ]);
    await team.do(id, ADA, { kind: 'ready', stage: 'production' });
    await team.do(id, BEN, { kind: 'ready', stage: 'production' });
    await team.do(id, ADA, { kind: 'verify', road: 'button' });
    expect(await beat(at(2, '13:40'))).toEqual([`production_check REL-# ${BEN.id}`]);
    for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'ready', stage: 'production' });
    await team.do(id, BEN, { kind: 'verify', road: 'button' });
    expect((await team.facts(id)).release.state).toBe('done');
    expect(await beat(at(2, '17:30'))).toEqual([]);
    expect(await beat(at(3, '09:00'))).toEqual([`watch REL-# ${MAX.id}`]);
    expect(await beat(at(3, '13:00'))).toEqual([]);
    expect(await beat(at(3, '14:00'))).toEqual([]);
  });

  it('R9, R23: the review that an emergency owes; the admins once it is due', async () => {
    const id = await team.open({ kind: 'emergency', reason: 'down', prodIssue: 'https://x.example/1' });
    for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'ready' });
    await team.do(id, ADA, { kind: 'lgtm', road: 'button' });
    await team.reconciled(id);
    await team.do(id, MAX, { kind: 'ship_on_one' });
    await team.do(id, MAX, { kind: 'shipped' });
    const kinds = async (now: Date) => (await beat(now)).filter((line) => line.includes('emergency_review'));
    expect(await kinds(at(2, '10:30'))).toEqual([]);
    expect(await kinds(at(2, '11:00'))).toEqual([`emergency_review REL-# ${MAX.id}`]);
    expect(await kinds(at(3, '09:00'))).toEqual([
      `!emergency_review REL-# CADMINS`,
      `emergency_review REL-# ${MAX.id}`,
    ]);
    await team.do(id, BEN, { kind: 'review', note: null });
    expect(await kinds(at(3, '14:00'))).toEqual([]);
  });
});

describe('R23: what waits in bugs, prod issues, and notes', () => {
  it('R23: a blocker without an owner, then without news; anything done about it is news', async () => {
    const alone = await aBug('yes', 'site');
    expect(await beat(at(2, '09:30'))).toEqual(['blocker_owner BUG-# CADMINS']);
    const id = await team.open({ product: 'site' });
    expect((await beat(at(2, '13:45'))).filter((l) => l.includes('BUG'))).toEqual([`blocker_owner BUG-# ${MAX.id}`]);
    await t.db.execute(sql`update bugs set owner = ${ENG.id} where id = ${alone}`);
    const news = async (now: Date) => (await beat(now)).filter((l) => l.includes('BUG'));
    expect(await news(at(3, '09:00'))).toEqual([`blocker_news BUG-# ${ENG.id}`]);
    expect(await news(at(4, '09:00'))).toEqual([`!blocker_news BUG-# ${MAX.id}`, `blocker_news BUG-# ${ENG.id}`]);
    await t.db.execute(sql`insert into audit_events (actor, verb, subject, event_time, record_time, source, cause, data, canonical)
      values ('UENG', 'recreate', ${`BUG-${alone}`}, ${at(4, '10:00').toISOString()}, ${at(4, '10:00').toISOString()}, 'button', 'x', '{}', 'x')`);
    expect(await news(at(4, '13:45'))).toEqual([]);
    expect((await team.facts(id)).blockers).toHaveLength(1);
  });

  it('R23: triage left alone for two days, by product, in its channel; the review of a prod issue on the next day', async () => {
    const bug = await aBug('no');
    await aBug('no');
    await aBug('no', 'site');
    expect(await beat(at(3, '10:00'))).toEqual([]);
    expect(await beat(at(4, '09:00'))).toEqual(['triage triage:site CTRIAGE', 'triage triage:wallet CTRIAGE']);
    expect(await said()).toContain(
      `*Triage of wallet* BUG-${bug} (The &lt;!channel&gt; balance) and 1 more in triage wait`,
    );
    expect(await said()).toContain('balance) in triage waits for somebody');
    await t.db.execute(sql`with th as (insert into threads (kind, title, responsible, channel) values ('prod_issue', 'x', 'UMAX', 'CREL') returning id)
      insert into prod_issues (product, title, state, why, declared_by, declared_at, resolved_at, owner, thread_id)
      select 'wallet', 'Down', state, 'money', 'UMAX', ${at(2, '09:00').toISOString()}, ${at(3, '16:00').toISOString()}, 'UENG', th.id
      from th, unnest(array['resolved', 'declared']) as state`);
    const reviews = async (now: Date) => (await beat(now)).filter((l) => l.includes('prod_review'));
    expect(await reviews(at(3, '17:00'))).toEqual([]);
    expect(await reviews(at(4, '10:30'))).toEqual([`prod_review PI-# ${ENG.id}`]);
    expect(await reviews(at(5, '09:00'))).toEqual([`prod_review PI-# ${ENG.id}`]);
    expect(await reviews(at(6, '09:00'))).toEqual([`!prod_review PI-# CADMINS`, `prod_review PI-# ${ENG.id}`]);
  });

  it('R23: an issue overdue: who answers for it, later who opened it; closed, it is silent', async () => {
    const issue = { kind: 'issue' as const, title: 'Fees', description: null, responsible: BEN.id, due: '2026-03-02' };
    await openNote(team.deps, aCause(), ADA, issue, undefined);
    expect(await beat(at(2, '17:00'))).toEqual([]);
    expect(await beat(at(3, '09:00'))).toEqual([`note_overdue NOTE-# ${BEN.id}`]);
    expect(await beat(at(4, '09:00'))).toEqual([`note_overdue NOTE-# ${BEN.id}`]);
    expect(await beat(at(5, '09:00'))).toEqual([`!note_overdue NOTE-# ${ADA.id}`, `note_overdue NOTE-# ${BEN.id}`]);
    await t.db.execute(
      sql`insert into people select id, 'x', null, false, true, false, false, now() from unnest(array[${ADA.id}, ${BEN.id}]) id`,
    );
    expect(await beat(at(6, '09:00'))).toEqual(['!note_overdue NOTE-# CADMINS']);
    await t.db.execute(sql`update notes set state = 'closed'`);
    expect(await beat(at(9, '09:00'))).toEqual([]);
  });
});

describe('R23: what waits in funds, in the calendar, and for the cadence', () => {
  it('R18, R23: a request for funds: the treasurers, not who asked nor who approved first; the admins in the end', async () => {
    const treasurers = { users: ['UTES', 'UTIM', 'UTOM'], usergroup: 'S0TREASURERS' };
    team = teamOn(t.db, { ...policy, roles: { ...policy.roles, treasurers } });
    // Two hours ago she was one of them; nobody knows whether she is.
    await t.db.execute(sql`insert into usergroups values ('S0TREASURERS', ${at(2, '12:00').toISOString()})`);
    await t.db.execute(sql`insert into usergroup_members values ('S0TREASURERS', 'UOLD')`);
    await t.db.execute(sql`with th as (insert into threads (kind, title, responsible, channel, url) values ('fund_request', 'x', 'UTES', 'CREL', 'https://x.example/fr') returning id)
      insert into fund_requests (requester, asset, amount, reason, state, requested_at, first_by, first_at, thread_id)
      select 'UTES', 'ETH', 1, 'gas for <!channel>', 'requested', ${at(2, '09:00').toISOString()}, f, ${at(2, '10:00').toISOString()}, th.id
      from th, unnest(array['UTIM']) as f`);
    expect(await beat(at(2, '13:45'))).toEqual([]);
    expect(await beat(at(2, '14:00'))).toEqual(['funds_request FR-# UTOM']);
    expect(await said()).toContain("<@UTES>'s request for ETH waits for an answer: gas for &lt;!channel&gt;");
    expect(await beat(at(3, '09:00'))).toEqual(['!funds_request FR-# CADMINS', 'funds_request FR-# UTOM']);
    await t.db.execute(
      sql`update fund_requests set state = 'approved', approved_by = 'UTOM', approved_at = ${at(3, '10:00').toISOString()}`,
    );
    expect(await beat(at(4, '09:00'))).toEqual(['funds_request FR-# UTIM', 'funds_request FR-# UTOM']);
    await t.db.execute(sql`update fund_requests set state = 'sent', sent_by = 'UTIM'`);
    expect(await beat(at(5, '09:00'))).toEqual([]);
    await t.db.execute(
      sql`update fund_requests set sent_over = '1 ETH a request', sent_at = ${at(5, '10:00').toISOString()}`,
    );
    expect(await beat(at(6, '09:00'))).toEqual(['funds_request FR-# UTOM']);
    expect(await said()).toMatch(
      /a second treasurer agrees to it on its card, which `\/funds show FR-\d+` shows too: gas/,
    );
    expect(await said()).toContain('was sent, with more than was approved: a second');
    // As much as was approved, when it had been withdrawn or denied.
    await t.db.execute(sql`update fund_requests set sent_amount = amount`);
    await beat(at(9, '09:00'));
    expect(await said()).toContain('was sent, although it was withdrawn or denied: a second');
    await t.db.execute(sql`update fund_requests set agreed_by = 'UTOM'`);
  });

  it('R21, R23: regression of today in the morning and the afternoon to its tester, next day once to who answers for the calendar', async () => {
    await calendar(ADA.id);
    expect(await beat(at(2, '10:00'))).toEqual([]);
    expect(await beat(at(3, '09:00'))).toEqual([`regression RA-# ${ADA.id}`]);
    expect(await said()).toContain('regression of Tue 3 Mar 2026, 10:05: *Send with Ledger* is yours');
    expect(await said()).not.toContain('Waiting since');
    expect(await said()).toContain('regression_pass');
    expect(await beat(at(3, '13:30'))).toEqual([`regression RA-# ${ADA.id}`]);
    expect(await beat(at(4, '09:00'))).toEqual([`regression_missed RA-# ${MAX.id}`]);
    expect(await beat(at(5, '09:00'))).toEqual([]);
    await t.db.execute(
      sql`insert into regression_assignments (month, wallet, feature, day, start, tester) values ('2026-03', 'Ledger', 'Swap', '2026-03-31', 605, ${ADA.id})`,
    );
    expect(await beat(new Date('2026-04-01T09:00:00Z')), 'the month is over: its coverage says it').toEqual([]);
    await t.db.execute(sql`update regression_assignments set state = 'passed'`);
    await sayDaily(team.deps, { at: at(5, '09:00').toISOString() });
    expect(await said()).toContain('Regression this month: 1 of 1 areas covered (100 %)');
  });

  it('R21, R23: a test of a day is told on that day of its tester, where it begins before the team’s', async () => {
    await calendar(ADA.id, BEN.id);
    await lives('Pacific/Auckland', ADA.id);
    expect(await beat(at(2, '19:45'))).toEqual([]);
    expect(await beat(at(2, '20:00'))).toEqual([`regression RA-# ${ADA.id}`]);
    expect(await beat(at(3, '00:30'))).toEqual([`regression RA-# ${ADA.id}`]);
    expect(await beat(at(3, '09:00'))).toEqual([`regression RA-# ${BEN.id}`]);
  });

  it('R21, R23: who answers for the calendar is away: the admins hear of what was missed', async () => {
    await calendar(ADA.id);
    await t.db.execute(
      sql`insert into absences (person, from_day, to_day, set_by, set_at) values (${MAX.id}, '2026-03-04', '2026-03-04', ${MAX.id}, now())`,
    );
    expect(await beat(at(4, '09:00'))).toEqual(['!regression_missed RA-# CADMINS']);
  });

  it('R9, R22: the lines count what passed while nothing ran, whoever comes first', async () => {
    team = teamOn(t.db, { ...policy, cadence });
    await writeLook(t.db, at(5, '08:00'));
    team.now = at(9, '09:30');
    await sayDaily(team.deps, { at: at(9, '09:00').toISOString() });
    await sayWeekly(team.deps, { at: at(9, '09:05').toISOString() });
    expect(await said()).toContain('0 of 4 slots kept, 4 missed (site Fri 10:00, wallet Fri 10:00, site Fri 15:00');
    expect(await said()).toContain('Cadence: 0 of 8 slots kept, 0 late, 8 missed, 0 cancelled');
  });

  it('R9, R23: eyes missing before a slot: who is on duty and not away, from when it is proposed until it begins, never for one long gone', async () => {
    const duty = { roster: [ADA.id, BEN.id], size: 2, turn: 'week' as const };
    team = teamOn(t.db, { ...policy, cadence, duty });
    await t.db.execute(
      sql`insert into absences (person, from_day, to_day, set_by, set_at) values (${BEN.id}, '2026-03-02', '2026-03-02', ${BEN.id}, now())`,
    );
    team.now = at(2, '10:30');
    const id = await team.open({ product: 'wallet' });
    expect(await beat(at(2, '13:15'))).toEqual([]);
    expect(await beat(at(2, '13:30'))).toEqual([`eyes REL-# ${ADA.id}`, `eyes REL-# ${MAX.id}`]);
    expect((await team.lines(id)).at(-1)).toContain('two sets of eyes are missing, and its slot begins');
    expect(await beat(at(2, '15:00'))).toEqual([]);
    team.now = at(3, '08:50');
    await team.do(id, ADA, { kind: 'ready' });
    expect(await beat(at(3, '09:00'))).toEqual([`eyes REL-# ${BEN.id}`, `eyes REL-# ${MAX.id}`]);
    await sayWeekly(team.deps, { at: at(9, '09:05').toISOString() });
    expect(await said()).toContain('Cadence: no slot was to be kept, 0 cancelled');
  });

  it('R9, R23: each slot has its own word of eyes missing, and one at the day’s beginning says it the evening before', async () => {
    const cadence = { slots: [540, 660, 720], days: [1, 2, 3, 4, 5], graceMinutes: 30, proposeMinutesBefore: 90 };
    team = teamOn(t.db, { ...policy, cadence });
    await lives('America/Los_Angeles', MAX.id);
    const moved = { ...policy, cadence, duty: { roster: [ADA.id], size: 1, turn: 'week' as const } };
    team = teamOn(t.db, moved);
    team.now = at(2, '16:00');
    await team.open({ product: 'wallet' });
    const said = async (now: Date) => (await beat(now)).filter((line) => line.startsWith('eyes'));
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
    const [wallet] = policy.products;
    team = teamOn(t.db, { ...policy, cadence, duty, products: wallet ? [wallet] : [] });
    const of = async (now: Date) => {
      team.now = now;
      await propose(team.deps);
      await settleSlots(team.deps);
      return (await beat(now)).filter((line) => line.includes('SLOT'));
    };
    const [on] = await dutyAt(t.db, team.deps.policy, at(2, '09:15'), at(2, '09:15'));
    expect(await of(at(2, '08:30'))).toEqual([]);
    expect(await of(at(2, '08:45'))).toEqual([]);
    expect(await of(at(2, '09:00'))).toEqual([`slot SLOT-# ${on}`]);
    expect(await said()).toContain('no release of *Wallet* is open for the slot');
    expect(await said()).toContain('cadence_skip');
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
    expect(await said()).toContain('1 missed (wallet 10:00), 1 cancelled');
    // It goes out on the morning of the next day, and is verified when the afternoon's is proposed.
    expect(await of(at(4, '09:15'))).toEqual([]);
    await t.db.execute(
      sql`update releases set state = 'verifying', shipping_at = ${at(4, '10:30').toISOString()} where id = ${id}`,
    );
    expect(await of(at(4, '13:45'))).toEqual([]);
    expect(await of(at(4, '14:15'))).toEqual([expect.stringMatching(/^slot SLOT-# /)]);
    expect(await said()).toMatch(/Not done yet, to be finished first: \*wallet v1\.0\.\d/);
  });

  it('R9, R23: of a slot nobody on duty works in, the channel is asked; of one the policy has no more, or frozen since, nobody', async () => {
    const [wallet] = policy.products;
    const duty = { roster: [ADA.id, CAS.id], size: 2, turn: 'week' as const };
    const mine = { ...policy, cadence, duty, products: wallet ? [wallet] : [] };
    const of = async (now: Date, p = mine) => {
      team = teamOn(t.db, p);
      team.now = now;
      await propose({ ...team.deps, policy: mine });
      return (await beat(now)).filter((line) => line.includes('SLOT'));
    };
    // It is after their day's end, and before its beginning.
    await lives('Pacific/Auckland', ADA.id);
    await lives('America/Los_Angeles', CAS.id);
    await of(at(2, '08:30'));
    expect(await of(at(2, '09:00'))).toEqual(['slot SLOT-# CREL']);
    expect(await of(at(2, '10:00'))).toEqual([]);
    // In Bangkok the day ends at 11:00 of Lisbon, in New York it begins at 14:00.
    await lives('Asia/Bangkok', ADA.id);
    await lives('America/New_York', CAS.id);
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
    team = teamOn(t.db, { ...policy, cadence: { ...cadence, slots: [600, 1320] }, duty });
    const [on, next] = [2, 3].map((day) => dutyAt(t.db, team.deps.policy, at(day, '09:00'), at(day, '09:00')));
    const [[today], [tomorrow]] = [await on, await next] as [string[], string[]];
    await lives('America/Sao_Paulo', tomorrow as string);
    await lives('Asia/Tokyo', today as string);
    team.now = at(2, '06:30');
    const id = await team.open({ product: 'wallet' });
    const eyes = async (now: Date) => (await beat(now)).filter((line) => line.startsWith('eyes'));
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
    await beat(at(4, '09:00'));
    expect((await dms()).filter((line) => line.includes(BEN.id))).toEqual([`dm:${BEN.id} one`]);
  });
});

describe('the daily and the weekly line', () => {
  it('say what the days before brought, in words of the team', async () => {
    await t.db.execute(sql`insert into people (id, name, zone, bot, deactivated, guest, outsider, refreshed_at)
      values (${BEN.id}, 'Ben', 'UTC', false, false, false, false, now())`);
    team.now = new Date('2026-02-26T15:00:00Z');
    const id = await team.open({ product: 'wallet', version: 'v1.0.0' });
    await team.approve(id, ADA, BEN);
    await team.reconciled(id);
    team.now = new Date('2026-02-27T15:00:00Z');
    for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'ready' });
    await team.reconciled(id);
    for (const kind of ['ship', 'shipped'] as const) await team.do(id, MAX, { kind });
    await team.open({ product: 'site', version: 'v2.0.0' });
    await aBug('yes', 'site', 'candidate');
    await aBug('no', 'wallet', 'candidate');
    const issue = { kind: 'issue' as const, title: 'Fees', description: null, responsible: BEN.id, due: null };
    await openNote(team.deps, aCause(), ADA, issue, undefined);
    await sayDaily(team.deps, { at: at(2, '09:00').toISOString() });
    await sayDaily(team.deps, { at: at(2, '09:00').toISOString() });
    const { rows } = await t.db.execute<{ text: string }>(
      sql`select blocks::text as text from outbox where lane = 'channel:CREL' order by id`,
    );
    expect(rows).toHaveLength(1);
    for (const text of [
      'Since Fri 27 Feb 2026',
      '*wallet v1.0.0* :rocket: live',
      '*site v2.0.0* waiting',
      'Open blockers: 1',
      'In triage: 1 reported',
      'Fees — Ben',
    ])
      expect(rows[0]?.text).toContain(text);
    await sayWeekly(team.deps, { at: at(2, '09:05').toISOString() });
    expect(await said()).toContain('1 went live');
    expect(await said()).toContain('Mon 23 Feb 2026 to Sun 1 Mar 2026');
    // What was caught counts in the week it was reported in.
    expect(await said()).toContain('of 2 caught, 100 %');
  });
});
