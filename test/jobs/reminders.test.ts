import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openNote } from '../../src/areas/notes/actions.ts';
import type { Deps } from '../../src/areas/triage/deps.ts';
import { report } from '../../src/areas/triage/open.ts';
import { readReport } from '../../src/areas/triage/report.ts';
import { sayDaily, sayWeekly } from '../../src/jobs/reminders.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { ADA, BEN, CAS, ENG, MAX } from '../support/facts.ts';
import { at, beat, onMonday, POLICY, said } from '../support/reminders.ts';
import { aCause, type Team, teamOn } from '../support/team.ts';

let t: TestDb;
let team: Team;
beforeAll(async () => {
  t = await freshDb();
});
afterAll(() => t.close());
beforeEach(async () => {
  team = await onMonday(t);
});

async function aBug(blocking: 'yes' | 'no', product = 'wallet', foundIn = 'production'): Promise<number> {
  const read = readReport({ product, title: 'The <!channel> balance', foundIn, blocking }, POLICY);
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  const { answer } = await report(team.deps as Deps, aCause(), ADA, read.report);
  return answer.bugId as number;
}

describe('R23: what waits in releases', () => {
  it('R23: eyes missing, an hour after a release began to wait: its manager is told in its thread', async () => {
    const id = await team.open();
    expect(await beat(team, at(2, '09:59'))).toEqual([]);
    expect(await beat(team, at(2, '10:00'))).toEqual([`eyes REL-# ${MAX.id}`]);
    expect(await beat(team, at(2, '11:30'))).toEqual([]);
    expect((await team.lines(id)).at(-1)).toContain('two sets of eyes are missing. Who can look?');
    for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'ready' });
    expect(await beat(team, at(2, '14:00'))).not.toContain(`eyes REL-# ${MAX.id}`);
  });

  it('R23: a sign-off pending, an hour after they came; a signer, one who left, a hold or a blocker end it', async () => {
    const asked: string[] = [];
    const id = await team.open({ product: 'wallet' });
    for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'ready' });
    team.now = at(2, '09:30');
    await team.do(id, CAS, { kind: 'ready' });
    await team.do(id, ADA, { kind: 'lgtm', road: 'button' });
    expect(await beat(team, at(2, '10:10'), asked)).toEqual([`sign_off REL-# ${BEN.id}`]);
    expect(asked).toContain(CAS.id);
    team.now = at(2, '10:20');
    await team.do(id, CAS, { kind: 'away' });
    expect(await beat(team, at(2, '10:45'))).toEqual([]);
    await team.do(id, CAS, { kind: 'ready' });
    await team.do(id, BEN, { kind: 'hold', reason: 'a <!channel> doubt', road: 'button' });
    expect(await beat(team, at(2, '12:00'))).toEqual([]);
    // The next day it is the hold that waits; in vain, it is its manager's.
    expect(await beat(team, at(3, '09:00'))).toEqual([`hold REL-# ${BEN.id}`]);
    expect(await beat(team, at(4, '09:00'))).toEqual([`!hold REL-# ${MAX.id}`, `hold REL-# ${BEN.id}`]);
    expect(await said(team)).not.toContain('<!channel>');
  });

  it('R23: after shipping, the production check in its thread; then the watch, once, and not when it is over', async () => {
    const id = await team.open();
    await team.approve(id, ADA, BEN);
    await team.reconciled(id);
    await team.do(id, MAX, { kind: 'ship' });
    await team.do(id, MAX, { kind: 'shipped' });
    expect(await beat(team, at(2, '09:15'))).toEqual([]);
    expect(await beat(team, at(2, '09:20'))).toEqual([
      `production_check REL-# ${ADA.id}`,
      `production_check REL-# ${BEN.id}`,
    ]);
    await team.do(id, ADA, { kind: 'ready', stage: 'production' });
    await team.do(id, BEN, { kind: 'ready', stage: 'production' });
    await team.do(id, ADA, { kind: 'verify', road: 'button' });
    expect(await beat(team, at(2, '13:40'))).toEqual([`production_check REL-# ${BEN.id}`]);
    for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'ready', stage: 'production' });
    await team.do(id, BEN, { kind: 'verify', road: 'button' });
    expect((await team.facts(id)).release.state).toBe('done');
    expect(await beat(team, at(2, '17:30'))).toEqual([]);
    expect(await beat(team, at(3, '09:00'))).toEqual([`watch REL-# ${MAX.id}`]);
    expect(await beat(team, at(3, '13:00'))).toEqual([]);
    expect(await beat(team, at(3, '14:00'))).toEqual([]);
  });

  it('R9, R23: the review that an emergency owes; the admins once it is due', async () => {
    const id = await team.open({ kind: 'emergency', reason: 'down', prodIssue: 'https://x.example/1' });
    for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'ready' });
    await team.do(id, ADA, { kind: 'lgtm', road: 'button' });
    await team.reconciled(id);
    await team.do(id, MAX, { kind: 'ship_on_one' });
    await team.do(id, MAX, { kind: 'shipped' });
    const kinds = async (now: Date) => (await beat(team, now)).filter((line) => line.includes('emergency_review'));
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
    expect(await beat(team, at(2, '09:30'))).toEqual(['blocker_owner BUG-# CADMINS']);
    const id = await team.open({ product: 'site' });
    expect((await beat(team, at(2, '13:45'))).filter((l) => l.includes('BUG'))).toEqual([
      `blocker_owner BUG-# ${MAX.id}`,
    ]);
    await t.db.execute(sql`update bugs set owner = ${ENG.id} where id = ${alone}`);
    const news = async (now: Date) => (await beat(team, now)).filter((l) => l.includes('BUG'));
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
    expect(await beat(team, at(3, '10:00'))).toEqual([]);
    expect(await beat(team, at(4, '09:00'))).toEqual(['triage triage:site CTRIAGE', 'triage triage:wallet CTRIAGE']);
    expect(await said(team)).toContain(
      `*Triage of wallet* BUG-${bug} (The &lt;!channel&gt; balance) and 1 more in triage wait`,
    );
    expect(await said(team)).toContain('balance) in triage waits for somebody');
    await t.db.execute(sql`with th as (insert into threads (kind, title, responsible, channel) values ('prod_issue', 'x', 'UMAX', 'CREL') returning id)
      insert into prod_issues (product, title, state, why, declared_by, declared_at, resolved_at, owner, thread_id)
      select 'wallet', 'Down', state, 'money', 'UMAX', ${at(2, '09:00').toISOString()}, ${at(3, '16:00').toISOString()}, 'UENG', th.id
      from th, unnest(array['resolved', 'declared']) as state`);
    const reviews = async (now: Date) => (await beat(team, now)).filter((l) => l.includes('prod_review'));
    expect(await reviews(at(3, '17:00'))).toEqual([]);
    expect(await reviews(at(4, '10:30'))).toEqual([`prod_review PI-# ${ENG.id}`]);
    expect(await reviews(at(5, '09:00'))).toEqual([`prod_review PI-# ${ENG.id}`]);
    expect(await reviews(at(6, '09:00'))).toEqual([`!prod_review PI-# CADMINS`, `prod_review PI-# ${ENG.id}`]);
  });

  it('R23: an issue overdue: who answers for it, later who opened it; closed, it is silent', async () => {
    const issue = { kind: 'issue' as const, title: 'Fees', description: null, responsible: BEN.id, due: '2026-03-02' };
    await openNote(team.deps, aCause(), ADA, issue, undefined);
    expect(await beat(team, at(2, '17:00'))).toEqual([]);
    expect(await beat(team, at(3, '09:00'))).toEqual([`note_overdue NOTE-# ${BEN.id}`]);
    expect(await beat(team, at(4, '09:00'))).toEqual([`note_overdue NOTE-# ${BEN.id}`]);
    expect(await beat(team, at(5, '09:00'))).toEqual([
      `!note_overdue NOTE-# ${ADA.id}`,
      `note_overdue NOTE-# ${BEN.id}`,
    ]);
    await t.db.execute(
      sql`insert into people select id, 'x', null, false, true, false, false, now() from unnest(array[${ADA.id}, ${BEN.id}]) id`,
    );
    expect(await beat(team, at(6, '09:00'))).toEqual(['!note_overdue NOTE-# CADMINS']);
    await t.db.execute(sql`update notes set state = 'closed'`);
    expect(await beat(team, at(9, '09:00'))).toEqual([]);
  });
});

describe('R23: what waits in funds', () => {
  it('R18, R23: a request for funds: the treasurers, not who asked nor who approved first; the admins in the end', async () => {
    const treasurers = { users: ['UTES', 'UTIM', 'UTOM'], usergroup: 'S0TREASURERS' };
    team = teamOn(t.db, { ...POLICY, roles: { ...POLICY.roles, treasurers } });
    // Two hours ago she was one of them; nobody knows whether she is.
    await t.db.execute(sql`insert into usergroups values ('S0TREASURERS', ${at(2, '12:00').toISOString()})`);
    await t.db.execute(sql`insert into usergroup_members values ('S0TREASURERS', 'UOLD')`);
    await t.db.execute(sql`with th as (insert into threads (kind, title, responsible, channel, url) values ('fund_request', 'x', 'UTES', 'CREL', 'https://x.example/fr') returning id)
      insert into fund_requests (requester, asset, amount, reason, state, requested_at, first_by, first_at, thread_id)
      select 'UTES', 'ETH', 1, 'gas for <!channel>', 'requested', ${at(2, '09:00').toISOString()}, f, ${at(2, '10:00').toISOString()}, th.id
      from th, unnest(array['UTIM']) as f`);
    expect(await beat(team, at(2, '13:45'))).toEqual([]);
    expect(await beat(team, at(2, '14:00'))).toEqual(['funds_request FR-# UTOM']);
    expect(await said(team)).toContain("<@UTES>'s request for ETH waits for an answer: gas for &lt;!channel&gt;");
    expect(await beat(team, at(3, '09:00'))).toEqual(['!funds_request FR-# CADMINS', 'funds_request FR-# UTOM']);
    await t.db.execute(
      sql`update fund_requests set state = 'approved', approved_by = 'UTOM', approved_at = ${at(3, '10:00').toISOString()}`,
    );
    expect(await beat(team, at(4, '09:00'))).toEqual(['funds_request FR-# UTIM', 'funds_request FR-# UTOM']);
    await t.db.execute(sql`update fund_requests set state = 'sent', sent_by = 'UTIM'`);
    expect(await beat(team, at(5, '09:00'))).toEqual([]);
    await t.db.execute(
      sql`update fund_requests set sent_over = '1 ETH a request', sent_at = ${at(5, '10:00').toISOString()}`,
    );
    expect(await beat(team, at(6, '09:00'))).toEqual(['funds_request FR-# UTOM']);
    expect(await said(team)).toMatch(
      /a second treasurer agrees to it on its card, which `\/funds show FR-\d+` shows too: gas/,
    );
    expect(await said(team)).toContain('was sent, with more than was approved: a second');
    // As much as was approved, when it had been withdrawn or denied.
    await t.db.execute(sql`update fund_requests set sent_amount = amount`);
    await beat(team, at(9, '09:00'));
    expect(await said(team)).toContain('was sent, although it was withdrawn or denied: a second');
    await t.db.execute(sql`update fund_requests set agreed_by = 'UTOM'`);
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
    expect(await said(team)).toContain('1 went live');
    expect(await said(team)).toContain('Mon 23 Feb 2026 to Sun 1 Mar 2026');
    // What was caught counts in the week it was reported in.
    expect(await said(team)).toContain('of 2 caught, 100 %');
  });
});
