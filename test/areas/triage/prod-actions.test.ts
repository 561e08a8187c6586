import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { gateNews } from '../../../src/areas/releases/actions.ts';
import { card } from '../../../src/areas/releases/blocks.ts';
import { open } from '../../../src/areas/releases/open.ts';
import { readOpening } from '../../../src/areas/releases/opening.ts';
import { loadFacts } from '../../../src/areas/releases/store.ts';
import type { Facts } from '../../../src/areas/releases/types.ts';
import { actOnBug, drawBug } from '../../../src/areas/triage/actions.ts';
import { catchBy } from '../../../src/areas/triage/catch-rate.ts';
import type { Deps } from '../../../src/areas/triage/deps.ts';
import { report } from '../../../src/areas/triage/open.ts';
import { actOnProd, declareProdIssue, drawProd, escalate } from '../../../src/areas/triage/prod-actions.ts';
import { listProd, loadProd } from '../../../src/areas/triage/prod-store.ts';
import { type ProdAct, QUESTIONS } from '../../../src/areas/triage/prod-types.ts';
import { readReport } from '../../../src/areas/triage/report.ts';
import { loadStats } from '../../../src/areas/triage/stats.ts';
import { loadBug } from '../../../src/areas/triage/store.ts';
import type { Actor } from '../../../src/base/actor.ts';
import type { Cause } from '../../../src/db/act.ts';
import { loadPolicy } from '../../../src/policy.ts';
import { freshDb, type TestDb, wipe } from '../../support/db.ts';
import { ADA, BEN, ENG, HOURS, MAX, minutes, NOBODY, T0 } from '../../support/facts.ts';
import { until } from '../../support/slack.ts';

const demo = loadPolicy('src/demo/policy.yml');
const channels = { ...demo.workspace.channels, prodIssues: 'C0PROD' };
const policy = { ...demo, workspace: { ...demo.workspace, channels } };
const PRODUCT = 'unchained';

let t: TestDb;
let deps: Deps;
let n = 0;
const cause = (who: Actor): Cause => ({ key: `test:${++n}`, source: 'command', actor: who.id, eventTime: T0 });

beforeAll(async () => {
  t = await freshDb();
  deps = { db: t.db, policy, clock: () => T0, gateNews: (product) => gateNews(deps, product) };
});
afterAll(() => t.close());
beforeEach(async () => {
  await wipe(t, 'bugs, prod_issues, outbox, threads, releases, candidates, causes');
});

/** A release that went live and is done; hours before now. */
async function wentLive(version: string, shipped: number, done: number | null, ended: number | null = null) {
  const at = (h: number | null) => (h === null ? null : minutes(-h * HOURS).toISOString());
  const state = ended !== null ? 'rolled_back' : done === null ? 'verifying' : 'done';
  const { rows } = await t.db.execute<{ id: string }>(sql`
    with t as (insert into threads (kind, title, responsible, channel) values ('release', ${version}, 'UMAX', 'C0RELEASES') returning id),
    r as (insert into releases (product, version, kind, state, thread_id, opened_by, opened_at, manager, state_since, shipped_at, done_at, ended_at)
      select ${PRODUCT}, ${version}, 'scheduled', ${state}, id, 'UMAX', ${at(99)}, 'UMAX', ${at(shipped)}, ${at(shipped)}, ${at(done)}, ${at(ended)} from t returning id),
    c as (insert into candidates (release_id, seq, commit, named_by, named_at) select id, 1, 'abc1234', 'UMAX', ${at(99)} from r)
    select id from r`);
  return Number(rows[0]?.id);
}

async function aBugIn(found: 'candidate' | 'production', answers: Record<string, string> = {}): Promise<number> {
  const form = { product: PRODUCT, title: 'Nobody can send', foundIn: found, blocking: 'no', ...answers };
  const read = readReport(form, policy);
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  const { answer } = await report(deps, cause(ADA), ADA, read.report);
  expect(answer.outcome, answer.text).toBe('accepted');
  return answer.bugId as number;
}
const doing = async (who: Actor, id: number, act: ProdAct) => (await actOnProd(deps, cause(who), who, id, act)).answer;
const escalated = async (bugId: number, who: Actor = ADA, why: string | null = 'many calls') =>
  (await escalate(deps, cause(who), who, bugId, why)).answer;
async function messages(role: string) {
  const { rows } = await t.db.execute<{ target: string; text: string; subject: string | null; blocks: unknown }>(
    sql`select target, text, subject, blocks from outbox where role = ${role} order by id`,
  );
  return rows;
}
const onlyIssue = async () => {
  const all = await listProd(t.db);
  expect(all).toHaveLength(1);
  return (await loadProd(t.db, all[0]?.id as number)) as NonNullable<Awaited<ReturnType<typeof loadProd>>>;
};

test('escalated: attributed to the right one of three releases, whose thread and manager hear of it', async () => {
  await wentLive('v1.0.0', 60, 59);
  const right = await wentLive('v1.1.0', 3, 2);
  await wentLive('v1.2.0', 1, null, 0.5);
  const bugId = await aBugIn('production');
  expect((await escalated(bugId)).outcome).toBe('accepted');
  const f = await onlyIssue();
  expect(f.issue).toMatchObject({
    bugId,
    releaseId: right,
    attributedBy: null,
    state: 'declared',
    why: 'escalated',
    owner: MAX.id,
  });
  expect(f.thread.channel).toBe('C0PROD');
  expect((await messages('card')).map((m) => [m.target, m.subject])).toContainEqual(['C0PROD', `PI-${f.issue.id}`]);
  const lines = await messages('line');
  expect(lines.find((m) => m.target === 'C0PROD')?.text).toContain('<@UADA> escalated it: many calls');
  expect(JSON.stringify(lines.find((m) => m.target === 'C0RELEASES')?.blocks)).toContain(
    `"value": "${right}"`.replace(': ', ':'),
  );
  expect((await messages('dm')).filter((m) => m.target === MAX.id)).toHaveLength(1);
  const { rows } = await t.db.execute(sql`select responsible from threads where kind = 'prod_issue'`);
  expect(rows).toEqual([{ responsible: MAX.id }]);
  expect(JSON.stringify(await drawProd(t.db, f.issue.id, policy, T0))).toContain('release_rollback');
  expect(await drawProd(t.db, 999, policy, T0)).toBeNull();
});

test('escalated later: attributed to the release that was live when users met it, or that their report named', async () => {
  const old = await wentLive('v1.0.0', 3, 2);
  const bugId = await aBugIn('production');
  await t.db.execute(sql`update bugs set reported_at = ${minutes(-2 * HOURS).toISOString()} where id = ${bugId}`);
  const newer = await wentLive('v1.1.0', 1, null);
  await escalated(bugId);
  expect((await onlyIssue()).issue).toMatchObject({ releaseId: old, attributedBy: null });
  const attributions = async () => (await listProd(t.db)).map((i) => [i.releaseId, i.attributedBy]);
  await aBugIn('production', { money: 'no' });
  expect((await attributions())[0]).toEqual([newer, null]);
  await aBugIn('production', { money: 'no', release: `REL-${old}` });
  expect((await attributions())[0]).toEqual([old, ADA.id]);
});

test('a release that was rolled back before the report is believed to have brought what names it; nobody is told to roll back another', async () => {
  const before = await wentLive('v1.0.0', 3, 2);
  const back = await wentLive('v1.1.0', 1, 0.5, 0.25);
  const bugId = await aBugIn('production', { money: 'no', release: `REL-${back}` });
  const f = await onlyIssue();
  expect(f.issue).toMatchObject({ releaseId: back, attributedBy: ADA.id });
  expect((await loadBug(t.db, bugId))?.bug.releaseId).toBe(back);
  expect(JSON.stringify(await drawProd(t.db, f.issue.id, policy, T0))).toContain('says <@UADA>');
  const told = await t.db.execute<{ release: string; blocks: unknown }>(
    sql`select r.id as release, o.blocks from outbox o join releases r on r.thread_id = o.thread_id`,
  );
  expect(told.rows.map((row) => Number(row.release))).toEqual([back]);
  expect(JSON.stringify(told.rows)).not.toContain('release_rollback');
  // R25: it escaped that release, and no other.
  const { bugs, releases } = await loadStats(t.db, minutes(-99 * HOURS));
  expect([...catchBy(bugs, releases, (b) => `${b.releaseId}`)]).toEqual([[`${back}`, { caught: 0, escaped: 1 }]]);
  expect((await loadFacts(t.db, back))?.catchRate).toEqual({ caught: 0, escaped: 1 });
  expect((await loadFacts(t.db, before))?.catchRate).toEqual({ caught: 0, escaped: 0 });
  // Without a name it is of those that are watched, and the card says no more than that.
  await aBugIn('production', { money: 'no' });
  const [newest] = await listProd(t.db);
  expect(newest).toMatchObject({ releaseId: before, attributedBy: null });
  expect(JSON.stringify(await drawProd(t.db, newest?.id as number, policy, T0))).toContain(
    'of those watched when users met it, it went live last',
  );
});

test('a release from before the last 25 that went live is believed too; one that never was live is not', async () => {
  const old = await wentLive('v0.1.0', 200, 199);
  for (let i = 0; i < 25; i++) await wentLive(`v1.${i}.0`, 100 - i, 99 - i);
  const never = await wentLive('v9.0.0', 1, null);
  await t.db.execute(sql`update releases set state = 'shipping', shipped_at = null where id = ${never}`);
  await aBugIn('production', { money: 'no', release: `REL-${old}` });
  expect((await listProd(t.db))[0]).toMatchObject({ releaseId: old, attributedBy: ADA.id });
  await aBugIn('production', { money: 'no', release: `REL-${never}` });
  expect((await listProd(t.db))[0]).toMatchObject({ releaseId: null, attributedBy: null });
});

test('R25: a release that is being pushed, or whose push was rolled back, is believed: nobody is told to roll back the one before it', async () => {
  const before = await wentLive('v1.0.0', 3, 2);
  const pushed = await wentLive('v2.0.0', 1, null);
  for (const [state, shipped] of [
    ['shipping', null],
    ['rolled_back', null],
    // Escalated when it had gone live meanwhile.
    ['verifying', minutes(30).toISOString()],
  ] as const) {
    await t.db.execute(sql`update releases set state = 'shipping', shipped_at = null where id = ${pushed}`);
    const late = state === 'verifying';
    const bugId = late ? await aBugIn('production', { release: `REL-${pushed}` }) : 0;
    await t.db.execute(sql`update releases set state = ${state}, shipped_at = ${shipped} where id = ${pushed}`);
    if (late) await escalated(bugId);
    const bug = late ? bugId : await aBugIn('production', { money: 'no', release: `REL-${pushed}` });
    const [issue] = await listProd(t.db);
    expect([state, issue?.bugId, issue?.releaseId, issue?.attributedBy]).toEqual([state, bug, null, null]);
    expect([state, (await loadBug(t.db, bug))?.bug.releaseId]).toEqual([state, pushed]);
    const drawn = JSON.stringify(await drawProd(t.db, issue?.id as number, policy, T0));
    expect(drawn).toContain('no release was being watched, or its report names one that was being pushed');
    expect(drawn).not.toContain('release_rollback');
  }
  const told = await t.db.execute(
    sql`select 1 from outbox o join releases r on r.thread_id = o.thread_id where r.id = ${before}`,
  );
  expect(told.rows).toEqual([]);
  const { bugs, releases } = await loadStats(t.db, minutes(-99 * HOURS));
  expect([...catchBy(bugs, releases, (b) => `${b.releaseId}`)]).toEqual([]);
});

test('R25: found in production, a release that never was live is named: it counts for the one being watched, and the card says so', async () => {
  const watched = await wentLive('v1.0.0', 3, 2);
  const open_ = await wentLive('v2.0.0', 1, null);
  for (const [state, at] of [
    ['waiting', watched],
    ['testing', watched],
    ['approved', watched],
    ['cancelled', watched],
    // Being pushed, or pushed and taken back: it may be there.
    ['shipping', open_],
    ['rolled_back', open_],
  ] as const) {
    await t.db.execute(sql`update releases set state = ${state}, shipped_at = null where id = ${open_}`);
    const bugId = await aBugIn('production', { release: `REL-${open_}` });
    expect([state, (await loadBug(t.db, bugId))?.bug.releaseId]).toEqual([state, at]);
    const card = JSON.stringify(await drawBug(t.db, bugId, policy));
    expect(card.includes('the report names: unchained v2.0.0, which was not live')).toBe(at === watched);
  }
  // Nothing was watched either.
  await t.db.execute(
    sql`update releases set shipped_at = null, state = case when id = ${open_} then 'testing' else state end`,
  );
  const bugId = await aBugIn('production', { release: `REL-${open_}` });
  expect((await loadBug(t.db, bugId))?.bug.releaseId).toBeNull();
});

test('refused: no reason, no such bug, not their role; and a bug has one open prod issue', async () => {
  const bugId = await aBugIn('candidate', { release: `REL-${await wentLive('v1.0.0', 3, 2)}` });
  expect(await escalated(bugId, ADA, null)).toMatchObject({ code: 'reason' });
  expect(await escalated(bugId, ADA, 'x'.repeat(501))).toMatchObject({ code: 'too_long' });
  expect(await escalated(999)).toMatchObject({ code: 'no_bug' });
  expect(await escalated(bugId, NOBODY)).toMatchObject({ code: 'role' });
  const both = await Promise.all([escalated(bugId), escalated(bugId, BEN)]);
  expect(both.map((a) => a.outcome).sort()).toEqual(['accepted', 'already']);
  const { issue } = await onlyIssue();
  const about = { bugId, product: PRODUCT, title: 'x', why: 'money' as const };
  const again = await t.db.transaction((tx) => declareProdIssue(tx, deps, cause(ADA), ADA, about));
  expect(again).toBe(issue.id);
  await onlyIssue();
});

test('a bug found in production that hits money or a key feature is one at once; others are not', async () => {
  await aBugIn('production');
  expect(await listProd(t.db)).toEqual([]);
  await aBugIn('production', { money: 'no' });
  const f = await onlyIssue();
  expect(f.issue).toMatchObject({ why: 'money', releaseId: null, owner: ADA.id });
  expect((await messages('dm')).at(-1)?.text).toContain(`PI-${f.issue.id}`);
  await aBugIn('production', { feature: policy.products[0]?.keyFeatures[0] as string });
  expect((await listProd(t.db))[0]?.why).toBe('key_feature');
});

test('a bug’s act that makes one redraws the release before the bug, as acts on releases do: none waits for the other for ever', async () => {
  const release = await wentLive('v1.0.0', 3, 2);
  const bugId = await aBugIn('candidate', { release: `REL-${release}`, money: 'no' });
  await t.db.execute(
    sql`insert into outbox (lane, role, target, subject) values ('thread:0', 'card', 'C0RELEASES', ${`REL-${release}`})`,
  );
  await t.db.execute(sql`update outbox set posted_ts = id, posted_channel = target where role = 'card'`);
  const other = await t.pool.connect();
  const locked = (subject: string) => other.query(`select from outbox where subject = $1 for update nowait`, [subject]);
  try {
    await other.query('begin');
    await locked(`REL-${release}`);
    const tried = actOnBug(deps, cause(BEN), BEN, bugId, { kind: 'tried', happens: true });
    const waiting = "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
    await until(async () => (await t.pool.query(waiting)).rowCount === 1, 'the act to wait for the release');
    await locked(`BUG-${bugId}`);
    await other.query('commit');
    expect((await tried).answer.outcome).toBe('accepted');
  } finally {
    other.release(true);
  }
  expect((await onlyIssue()).issue).toMatchObject({ bugId, why: 'money' });
});

test('its life: roles with DMs, mitigated, resolved, reviewed with four answers; each act once and audited', async () => {
  await wentLive('v1.0.0', 3, 2);
  await escalated(await aBugIn('production'));
  const { issue } = await onlyIssue();
  const roles = { owner: BEN.id, engineer: ENG.id };
  expect((await doing(ADA, issue.id, { kind: 'assign', roles })).outcome).toBe('accepted');
  expect((await messages('dm')).filter((m) => [BEN.id, ENG.id].includes(m.target))).toHaveLength(2);
  const { rows } = await t.db.execute(sql`select responsible from threads where kind = 'prod_issue'`);
  expect(rows).toEqual([{ responsible: BEN.id }]);
  const once = cause(ENG);
  const first = await actOnProd(deps, once, ENG, issue.id, { kind: 'mitigate', note: 'switched off' });
  expect(await actOnProd(deps, once, ENG, issue.id, { kind: 'mitigate', note: 'switched off' })).toEqual({
    ...first,
    repeated: true,
  });
  const answers = Object.fromEntries(Object.keys(QUESTIONS).map((key) => [key, 'because']));
  expect(await doing(ADA, issue.id, { kind: 'review', answers })).toMatchObject({ code: 'not_resolved' });
  await doing(ADA, issue.id, { kind: 'resolve', note: null });
  await doing(ADA, issue.id, { kind: 'review', answers });
  expect((await loadProd(t.db, issue.id))?.issue).toMatchObject({
    state: 'reviewed',
    review: answers,
    reviewedBy: ADA.id,
  });
  expect((await doing(ADA, issue.id, { kind: 'attribute', releaseId: null })).outcome).toBe('accepted');
  expect(await doing(ADA, 999, { kind: 'resolve', note: null })).toMatchObject({ code: 'no_prod_issue' });
  const audit = await t.db.execute<{ verb: string }>(
    sql`select verb from audit_events where subject = ${`PI-${issue.id}`} order by id`,
  );
  expect(audit.rows.map((r) => r.verb)).toEqual(['declare', 'assign', 'mitigate', 'resolve', 'review', 'attribute']);
  // The next trouble with the same bug is a prod issue of its own.
  expect((await escalated(issue.bugId as number)).outcome).toBe('accepted');
});

test('another release is told when somebody says it brought the issue', async () => {
  await wentLive('v1.0.0', 30, 29);
  const other = (await loadProdChoices())[0] as number;
  await escalated(await aBugIn('production'));
  const { issue } = await onlyIssue();
  expect(issue.releaseId).toBeNull();
  const cards = sql`insert into outbox (lane, role, target, thread_id, subject, posted_ts, posted_channel)
    select 'thread:' || thread_id, 'card', 'C0RELEASES', thread_id, 'REL-' || id, '1.1', 'C0RELEASES' from releases where id = ${other} returning id`;
  const [card] = (await t.db.execute<{ id: string }>(cards)).rows;
  await doing(ADA, issue.id, { kind: 'attribute', releaseId: other });
  const told = async () => (await messages('line')).filter((m) => m.target === 'C0RELEASES' && m.text.includes('PI-'));
  expect((await told()).at(-1)?.text).toContain(`PI-${issue.id}`);
  // Its card counts the bug now (R25).
  const jobs = await t.pool.query('select key from graphile_worker.jobs where key = $1', [`card:${card?.id}`]);
  expect(jobs.rows).toHaveLength(1);
  const before = (await told()).length;
  await doing(BEN, issue.id, { kind: 'attribute', releaseId: other });
  expect(await told()).toHaveLength(before);
});

async function loadProdChoices(): Promise<number[]> {
  const { rows } = await t.db.execute<{ id: string }>(sql`select id from releases where shipped_at is not null`);
  return rows.map((r) => Number(r.id));
}

test('R9: an emergency takes PI-3 in place of a link, when it exists; both cards show the other', async () => {
  const form = {
    product: PRODUCT,
    version: 'v2.0.0',
    commit: 'abc1234',
    kind: 'emergency' as const,
    manager: MAX.id,
    authors: [],
  };
  const opening = (prodIssue: string) => {
    const read = readOpening({ ...form, reason: 'nobody can send', prodIssue }, policy);
    return 'opening' in read ? read.opening : read.faults;
  };
  expect(opening('see slack')).toMatchObject({ prodIssue: expect.stringContaining('PI-3') });
  expect(opening('BUG-3')).toMatchObject({ prodIssue: expect.stringContaining('PI-3') });
  expect(opening('https://status.example/1')).toMatchObject({ prodIssue: 'https://status.example/1' });
  await escalated(await aBugIn('production'));
  const { issue } = await onlyIssue();
  const unknown = opening('PI-999') as Parameters<typeof open>[3];
  expect((await open(deps, cause(MAX), MAX, unknown)).answer).toMatchObject({ code: 'no_prod_issue' });
  const right = opening(`pi-${issue.id}`) as Parameters<typeof open>[3];
  const { answer } = await open(deps, cause(MAX), MAX, right);
  expect(answer.outcome, answer.text).toBe('accepted');
  await t.db.execute(sql`update threads set url = 'https://slack.example/pi' where kind = 'prod_issue'`);
  const f = (await loadFacts(t.db, answer.releaseId as number)) as Facts;
  expect(JSON.stringify(card(f, policy, T0))).toContain(`<https://slack.example/pi|PI-${issue.id}>`);
  expect(JSON.stringify(await drawProd(t.db, issue.id, policy, T0))).toContain('unchained v2.0.0');
});
