import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { gateNews, act as onRelease } from '../../../src/areas/releases/actions.ts';
import { counted } from '../../../src/areas/releases/facts.ts';
import { loadFacts } from '../../../src/areas/releases/store.ts';
import type { Facts } from '../../../src/areas/releases/types.ts';
import { drawBug } from '../../../src/areas/triage/actions.ts';
import { catchBy } from '../../../src/areas/triage/catch-rate.ts';
import { offerForm, report } from '../../../src/areas/triage/open.ts';
import { SAME_IN_PRODUCTION } from '../../../src/areas/triage/priority.ts';
import { actOnProd, declareProdIssue } from '../../../src/areas/triage/prod-actions.ts';
import { type Report, readReport } from '../../../src/areas/triage/report.ts';
import { loadStats, statsText } from '../../../src/areas/triage/stats.ts';
import { linkedSubjects, openBugs } from '../../../src/areas/triage/store.ts';
import type { Actor } from '../../../src/base/actor.ts';
import { ADA, BEN, CAS, ENG, MAX, NOBODY, T0 } from '../../support/facts.ts';
import {
  act,
  bug,
  candidate,
  cause,
  deps,
  FORM,
  file,
  later,
  lines,
  messages,
  now,
  PRODUCT,
  policy,
  release,
  t,
  triageOnADatabase,
} from './actions-team.ts';

triageOnADatabase();

const jobs = async () =>
  (await t.pool.query<{ key: string }>("select key from graphile_worker.jobs where key like 'gates:%'")).rows.length;

test('R11, R13: a blocking report has its own thread with an owner, stops its releases, and is asked of the one who recreated it', async () => {
  const releaseId = await release('v1.0.0', 'abc1234');
  const id = await file(ADA, { recreatedBy: BEN.id });
  const f = await bug(id);
  expect(f.bug).toMatchObject({ state: 'suspected', owner: MAX.id, releaseId, priority: 'P2', recreatedBy: null });
  expect(f.bug.blockingSeq).toBeGreaterThan(0);
  expect(f.thread.channel).toBe(policy.workspace.channels.releases);
  expect(await jobs()).toBe(1);
  const dms = await messages(sql`role = 'dm'`);
  expect(dms.map((m) => m.target).sort()).toEqual([ADA.id, BEN.id, MAX.id].sort());
  expect(JSON.stringify(dms.find((m) => m.target === BEN.id))).toContain('bug_recreate');
  expect(JSON.stringify(dms)).not.toContain('<!channel>');
  const { rows } = await t.db.execute(sql`select responsible, kind from threads where id = ${f.bug.threadId}`);
  expect(rows).toEqual([{ responsible: MAX.id, kind: 'bug' }]);
  expect((await loadFacts(t.db, releaseId))?.blockers).toMatchObject([{ id, title: FORM.title }]);
  expect(await linkedSubjects(t.db, { prefix: 'BUG', id })).toEqual([`REL-${releaseId}`]);
  expect(await linkedSubjects(t.db, { prefix: 'REL', id: releaseId })).toEqual([`BUG-${id}`]);
});

test('R13: a blocker outlives its release, and stops the next one', async () => {
  const first = await release('v1.0.0', 'abc1234');
  const id = await file(ADA);
  await t.db.execute(sql`update releases set state = 'cancelled', ended_at = ${now.toISOString()} where id = ${first}`);
  const second = await release('v1.1.0', 'bcd2345');
  expect((await loadFacts(t.db, second))?.blockers).toHaveLength(1);
  expect((await bug(id)).open.map((r) => r.id)).toEqual([second]);
});

test('R6, R13: the releases of the product see a blocker come and go, and their threads say so', async () => {
  const releaseId = await release('v1.0.0', 'abc1234');
  const id = await file(ADA);
  await gateNews(deps, PRODUCT);
  const known = async () => (await loadFacts(t.db, releaseId))?.release.knownBlockers;
  expect(await known()).toHaveLength(1);
  await act(ADA, id, { kind: 'ask', what: 'downgrade', reason: 'only with a test flag' });
  await act(BEN, id, { kind: 'agree' });
  await gateNews(deps, PRODUCT);
  expect(await known()).toEqual([]);
});

test.each(['downgrade', 'reject', 'retest'] as const)(
  'R6: a blocker that ends by %s before the queue ran has interrupted its releases first, and their signers are asked',
  async (how) => {
    const releaseId = await release('v1.0.0', 'abc1234');
    for (const kind of ['ready', 'lgtm'] as const)
      for (const who of [ADA, BEN]) await onRelease(deps, cause(who), who, releaseId, { kind, road: 'button' });
    const stands = async () => {
      const f = (await loadFacts(t.db, releaseId)) as Facts;
      return [f.release.state, counted(f, 'candidate').length, f.release.knownBlockers.length];
    };
    expect(await stands()).toEqual(['approved', 2, 0]);
    const id = await file(CAS, { recreatedBy: CAS.id, production: 'no' });
    if (how === 'retest') {
      const [fix] = (await bug(id)).candidates;
      // As if it were in another release, which is none of this one's business.
      await t.db.execute(
        sql`update bugs set state = 'fixing', candidate_id = null, fix_candidate_id = ${fix?.id} where id = ${id}`,
      );
      expect(await act(BEN, id, { kind: 'retest', fixed: true })).toBe('accepted');
    } else {
      await act(ADA, id, { kind: 'ask', what: how, reason: 'only with a test flag' });
      expect(await act(ADA, id, { kind: 'agree' })).toBe('own');
      expect(await act(BEN, id, { kind: 'agree' })).toBe('accepted');
    }
    await gateNews(deps, PRODUCT);
    expect(await stands()).toEqual(['testing', 0, 0]);
    const asked = await messages(sql`role = 'dm' and text like '%was interrupted after your LGTM%'`);
    expect(asked.map((m) => m.target).sort()).toEqual([ADA.id, BEN.id].sort());
  },
);

test('R6, R13: a blocker of the next candidate is no alarm for the release that is done; one that production has too is', async () => {
  const first = await release('v1.0.0', 'abc1234');
  const at = now.toISOString();
  await t.db.execute(sql`update releases set state = 'done', shipped_at = ${at}, done_at = ${at} where id = ${first}`);
  const second = await release('v1.1.0', 'bcd2345');
  const id = await file(ADA);
  await gateNews(deps, PRODUCT);
  const blockers = async (release: number) => (await loadFacts(t.db, release))?.blockers.length;
  expect([await blockers(first), await blockers(second)]).toEqual([0, 1]);
  expect((await lines()).join()).not.toContain('after shipping began');
  await t.pool.query('delete from graphile_worker._private_jobs');
  await act(BEN, id, { kind: 'tried', happens: true });
  expect(await jobs()).toBe(1);
  await gateNews(deps, PRODUCT);
  expect([await blockers(first), await blockers(second)]).toEqual([1, 1]);
  expect((await lines()).filter((text) => text.includes('after shipping began'))).toHaveLength(1);
  await t.db.execute(sql`update releases set state = 'cancelled', ended_at = ${at} where id = ${second}`);
  expect(await blockers(second)).toBe(0);
});

test('R14: recreated, tried, fixed in a later candidate, verified there', async () => {
  const releaseId = await release('v1.0.0', 'abc1234');
  const id = await file(CAS);
  expect(await act(ADA, id, { kind: 'recreate' })).toBe('accepted');
  expect(await act(ENG, id, { kind: 'tried', happens: false })).toBe('accepted');
  expect((await bug(id)).bug.state).toBe('confirmed');
  expect(await act(ENG, id, { kind: 'fix', commit: 'abc1234' })).toBe('not_later');
  const fixed = await candidate(releaseId, 'def5678');
  expect(await act(ENG, id, { kind: 'fix', commit: 'def5678' })).toBe('accepted');
  expect((await bug(id)).fix).toMatchObject({ id: fixed, commit: 'def5678' });
  expect(await act(ENG, id, { kind: 'retest', fixed: true })).toBe('role');
  expect(await act(BEN, id, { kind: 'retest', fixed: true, candidateId: fixed })).toBe('accepted');
  expect((await bug(id)).bug).toMatchObject({ state: 'verified', endedBy: BEN.id });
  expect((await loadFacts(t.db, releaseId))?.blockers).toEqual([]);
  expect((await messages(sql`text like '%Verified%'`))[0]?.broadcast).toBe(true);
  const { rows } = await t.db.execute(sql`select verb from audit_events where subject = ${`BUG-${id}`} order by id`);
  expect(rows.map((r) => r.verb)).toEqual(['report', 'recreate', 'tried', 'fix', 'retest']);
});

test('R12, R14: seen in production too, the bot proposes; two operators make it a prod issue, and triage goes on', async () => {
  await release('v1.0.0', 'abc1234');
  const id = await file(ADA, { money: 'no' });
  await act(BEN, id, { kind: 'tried', happens: true });
  expect(JSON.stringify(await messages(sql`role = 'line'`))).toContain('bug_propose_prod_issue');
  expect(await act(ADA, id, { kind: 'ask', what: 'prod_issue', reason: 'in production too' })).toBe('accepted');
  expect((await bug(id)).prodIssueId).toBeNull();
  expect(await act(BEN, id, { kind: 'agree' })).toBe('accepted');
  const { rows } = await t.db.execute(sql`select bug_id, product, title, why, declared_by from prod_issues`);
  expect(rows).toEqual([{ bug_id: `${id}`, product: PRODUCT, title: FORM.title, why: 'money', declared_by: BEN.id }]);
  expect((await bug(id)).prodIssueId).not.toBeNull();
  const f = await bug(id);
  expect(f.bug).toMatchObject({ blocking: false, blockingSeq: null, askedBy: ADA.id, agreedBy: BEN.id });
  expect(f.thread.channel).toBe('C0TRIAGE');
});

test('a bug that blocks again has a new place in the order of blockers, in its first thread', async () => {
  await release('v1.0.0', 'abc1234');
  const id = await file(ADA);
  const first = (await bug(id)).bug;
  await act(ADA, id, { kind: 'ask', what: 'downgrade', reason: 'rare' });
  await act(BEN, id, { kind: 'agree' });
  await act(BEN, id, { kind: 'block', reason: 'not so rare' });
  const again = (await bug(id)).bug;
  expect(again.blockingSeq).toBeGreaterThan(first.blockingSeq as number);
  expect(again.threadId).toBe(first.threadId);
  const cards = await messages(sql`role = 'card' and subject = ${`BUG-${id}`}`);
  expect(cards.map((m) => m.target)).toEqual([policy.workspace.channels.releases, 'C0TRIAGE']);
});

test('R12: the thread says that a proposal lapsed when a second try in production fails to show it', async () => {
  await release('v1.0.0', 'abc1234');
  const id = await file(CAS, { production: 'yes' });
  await act(ADA, id, { kind: 'ask', what: 'downgrade', reason: SAME_IN_PRODUCTION });
  await act(ENG, id, { kind: 'tried', happens: false });
  expect((await lines()).at(-1)).toMatch(/does \*not\* happen there.*no longer asks to downgrade it/);
  await act(ENG, id, { kind: 'tried', happens: true });
  expect((await lines()).at(-2)).not.toContain('no longer');
  expect((await lines()).at(-1)).toContain('I propose to make it *non-blocking*');
});

test('R12, R24: one that blocks after all is proposed about in its new thread, which its owner answers for', async () => {
  await release('v1.0.0', 'abc1234');
  const id = await file(ADA, { blocking: 'no', production: 'yes' });
  expect((await bug(id)).bug.owner).toBeNull();
  await act(BEN, id, { kind: 'block', reason: 'it is on every page' });
  const { threadId, owner } = (await bug(id)).bug;
  expect(owner).toBe(MAX.id);
  const said = await messages(sql`role = 'line' and thread_id = ${threadId}`);
  expect(JSON.stringify(said)).toContain('bug_propose_downgrade');
  const responsible = async () =>
    (await t.db.execute<{ responsible: string }>(sql`select responsible from threads where id = ${threadId}`)).rows;
  expect(await responsible()).toEqual([{ responsible: MAX.id }]);
  // Handed over while it was in the other thread.
  await act(ADA, id, { kind: 'ask', what: 'downgrade', reason: 'it is not' });
  await act(BEN, id, { kind: 'agree' });
  await act(BEN, id, { kind: 'assign', person: ENG.id });
  await act(BEN, id, { kind: 'block', reason: 'it is' });
  expect((await bug(id)).bug.threadId).toBe(threadId);
  expect(await responsible()).toEqual([{ responsible: ENG.id }]);
});

test('what blocks nothing and turns out to keep users from their money in production is a prod issue', async () => {
  await release('v1.0.0', 'abc1234');
  const harmless = await file(ADA, { blocking: 'no' });
  await act(BEN, harmless, { kind: 'tried', happens: true });
  expect((await bug(harmless)).prodIssueId).toBeNull();
  const id = await file(ADA, { blocking: 'no', money: 'no' });
  await act(BEN, id, { kind: 'tried', happens: false });
  expect((await bug(id)).prodIssueId).toBeNull();
  await act(CAS, id, { kind: 'tried', happens: true });
  const { prodIssueId } = await bug(id);
  expect(prodIssueId).not.toBeNull();
  expect((await lines()).filter((text) => text.includes(`It is *PI-${prodIssueId}* now`))).toHaveLength(1);
  // Known when it is reported; only an operator or engineer may say so.
  const known = { blocking: 'no', money: 'no', production: 'yes' };
  expect((await bug(await file(ADA, known))).prodIssueId).not.toBeNull();
  expect((await bug(await file(NOBODY, known))).prodIssueId).toBeNull();
});

test('R3, R14: a bug was found on the candidate its form was drawn for, whatever was named since; of another release on its newest', async () => {
  const releaseId = await release('v1.0.0', 'aaa1111');
  const drawnFor = (await loadFacts(t.db, releaseId))?.candidates[0]?.id;
  const newer = await candidate(releaseId, 'bbb2222');
  const found = async (more: Partial<Report>) => {
    const read = readReport({ ...FORM, recreatedBy: CAS.id, production: 'no' }, policy);
    if ('faults' in read) throw new Error(JSON.stringify(read.faults));
    const { answer } = await report(deps, cause(CAS), CAS, { ...read.report, ...more });
    return { ...(await bug(answer.bugId as number)), said: answer.text };
  };
  const one = await found({ candidateId: drawnFor });
  expect([one.found?.commit, one.said]).toEqual(['aaa1111', expect.stringContaining('found on `aaa1111`')]);
  expect(await act(ENG, one.bug.id, { kind: 'fix', candidateId: newer })).toBe('accepted');
  expect((await found({})).found?.commit).toBe('bbb2222');
  expect((await found({ candidateId: drawnFor, release: { id: releaseId } })).found?.commit).toBe('aaa1111');
  const inProduction = await found({ candidateId: drawnFor, foundIn: 'production' });
  expect([inProduction.found, inProduction.said]).toEqual([null, expect.not.stringContaining('found on')]);
  await t.db.execute(sql`update releases set kind = 'emergency' where id = ${releaseId}`);
  await release('v2.0.0', 'ccc3333');
  expect((await found({ candidateId: drawnFor, release: { version: 'v2.0.0' } })).found?.commit).toBe('ccc3333');
});

test('R15: a bug of triage stops nothing and is counted on its release', async () => {
  const releaseId = await release('v1.0.0', 'abc1234');
  const id = await file(NOBODY, { blocking: 'no', recreatedBy: NOBODY.id, production: 'yes' });
  expect(await jobs()).toBe(0);
  const f = await bug(id);
  // What only an operator or engineer may say does not count from anybody else.
  expect(f.bug).toMatchObject({ state: 'reported', recreatedBy: null, inProduction: 'not_yet', owner: null });
  expect(f.thread.channel).toBe('C0TRIAGE');
  expect(await loadFacts(t.db, releaseId)).toMatchObject({ otherBugs: 1, blockers: [] });
  await act(ADA, id, { kind: 'recreate' });
  await act(ADA, id, { kind: 'ticket', link: 'https://tickets.example/1' });
  await act(ADA, id, { kind: 'assign', person: ENG.id });
  await act(ADA, id, { kind: 'resolve', note: null });
  expect((await bug(id)).bug).toMatchObject({ state: 'resolved', owner: ENG.id });
  expect(await act(ADA, id, { kind: 'wontfix', reason: 'no' })).toBe('ended');
  expect((await lines()).filter((x) => x.includes('Resolved'))).toHaveLength(1);
  expect((await loadFacts(t.db, releaseId))?.otherBugs).toBe(0);
});

test('a duplicate names an original that is there', async () => {
  await release('v1.0.0', 'abc1234');
  const one = await file(ADA, { blocking: 'no' });
  const two = await file(ADA, { blocking: 'no' });
  expect(await act(BEN, two, { kind: 'duplicate', of: 999_999 })).toBe('no_bug');
  expect(await act(BEN, two, { kind: 'duplicate', of: one })).toBe('accepted');
  expect(await act(BEN, one, { kind: 'duplicate', of: two })).toBe('chain');
  expect(await act(BEN, 999_999, { kind: 'recreate' })).toBe('no_bug');
  expect((await openBugs(t.db, PRODUCT)).map((b) => b.id)).toEqual([one]);
});

test('of two bugs that are closed as duplicates of each other at once, one stays', async () => {
  await release('v1.0.0', 'abc1234');
  for (let i = 0; i < 5; i++) {
    const one = await file(ADA, { blocking: 'no' });
    const two = await file(ADA, { blocking: 'no' });
    const codes = await Promise.all([
      act(BEN, one, { kind: 'duplicate', of: two }),
      act(CAS, two, { kind: 'duplicate', of: one }),
    ]);
    expect(codes.sort()).toEqual(['accepted', 'chain']);
  }
});

test('a report names a release that is there; a repeat reports nothing again', async () => {
  const read = readReport({ ...FORM, release: 'v9.9.9' }, policy);
  if ('faults' in read) throw new Error('unexpected');
  expect((await report(deps, cause(ADA), ADA, read.report)).answer).toMatchObject({
    code: 'release',
    faults: { release: expect.stringContaining('no such release') },
  });
  await expect(file(ADA)).rejects.toThrow('No release of unchained is open');
  const releaseId = await release('v1.0.0', 'abc1234');
  const again = readReport({ ...FORM, release: `REL-${releaseId}` }, policy);
  if ('faults' in again) throw new Error('unexpected');
  const same = cause(ADA);
  const both = await Promise.all([report(deps, same, ADA, again.report), report(deps, same, ADA, again.report)]);
  expect(both.map((b) => b.repeated).sort()).toEqual([false, true]);
  expect(await openBugs(t.db)).toHaveLength(1);
  const guest: Actor = { ...ADA, standing: 'guest' };
  expect((await report(deps, cause(guest), guest, again.report)).answer.code).toBe('standing');
});

test('a form that is sent again, because its answer came late, reports nothing twice; refused it may be', async () => {
  const read = readReport(FORM, policy);
  if ('faults' in read) throw new Error('unexpected');
  const sent = () => report(deps, { ...cause(ADA), form: 'V1' }, ADA, read.report);
  expect((await sent()).answer.code).toBe('release');
  await release('v1.0.0', 'abc1234');
  const both = await Promise.all([sent(), sent()]);
  expect(both.map((b) => b.answer.outcome).sort()).toEqual(['accepted', 'already']);
  expect(await openBugs(t.db)).toHaveLength(1);
});

test('two operators who agree at once end a blocker once', async () => {
  await release('v1.0.0', 'abc1234');
  const id = await file(ADA);
  await act(ADA, id, { kind: 'ask', what: 'reject', reason: 'works as designed' });
  const codes = await Promise.all([BEN, CAS].map((who) => act(who, id, { kind: 'agree' })));
  expect(codes.sort()).toEqual(['accepted', 'ended']);
});

test('the offer of the form goes out once per person and message', async () => {
  const on = { channel: 'C0RELEASES', ts: '1.000001', url: null };
  expect(await offerForm(deps, ADA.id, on)).toEqual({ repeated: false });
  expect(await offerForm(deps, ADA.id, on)).toEqual({ repeated: true });
  expect(await messages(sql`role = 'dm'`)).toHaveLength(1);
});

test('R25: the card of a release that is done and /bug stats count the same', async () => {
  const releaseId = await release('v1.0.0', 'abc1234');
  await file(ADA);
  await file(ADA, { blocking: 'no' });
  later(3_600_000);
  const live = now;
  await t.db.execute(
    sql`update releases set state = 'done', shipped_at = ${live.toISOString()}, done_at = ${live.toISOString()} where id = ${releaseId}`,
  );
  later(3_600_000);
  const escaped = await file(BEN, { foundIn: 'production', blocking: 'no' });
  expect((await bug(escaped)).bug.releaseId).toBe(releaseId);
  later(30 * 3_600_000);
  const late = await file(BEN, { foundIn: 'production', blocking: 'no' });
  expect((await bug(late)).bug.releaseId).toBeNull();
  await file(BEN, { foundIn: 'production', blocking: 'no', release: 'v1.0.0' });
  // Somebody says the late one came with it after all: it counts there only if it was met within the watch.
  const about = { bugId: late, product: PRODUCT, title: 'late', why: 'money' as const };
  const pi = await t.db.transaction((tx) => declareProdIssue(tx, deps, cause(BEN), BEN, about));
  await actOnProd(deps, cause(BEN), BEN, pi, { kind: 'attribute', releaseId });
  expect((await bug(late)).bug.releaseId).toBe(releaseId);
  const { bugs, releases } = await loadStats(t.db, T0);
  const byRelease = catchBy(bugs, releases, (b) => `${b.releaseId}`);
  expect(byRelease.get(`${releaseId}`)).toEqual({ caught: 2, escaped: 1 });
  expect((await loadFacts(t.db, releaseId))?.catchRate).toEqual({ caught: 2, escaped: 1 });
  expect(statsText(bugs, releases, 'Europe/London')).toContain('unchained v1.0.0: 2 of 3 caught, 66 %');
});

test('every card can be drawn, within Slack’s limits', async () => {
  await release('v1.0.0', 'abc1234');
  const id = await file(ADA, {
    title: '&'.repeat(150),
    steps: '<'.repeat(2800),
    wallet: '&'.repeat(200),
    money: 'no',
    users: 'all',
  });
  const drawn = await drawBug(t.db, id, policy);
  for (const block of drawn?.blocks ?? []) {
    const text = (block.text as { text?: string } | undefined)?.text ?? '';
    expect(text.length).toBeLessThanOrEqual(3000);
  }
  expect(await drawBug(t.db, 999_999, policy)).toBeNull();
});
