import { and, eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadFacts } from '../../../src/areas/releases/store.ts';
import { actOnCase, askReport, takeNext } from '../../../src/areas/testing/actions.ts';
import { beginRun } from '../../../src/areas/testing/begin.ts';
import { readValue } from '../../../src/areas/testing/blocks.ts';
import { askFlags } from '../../../src/areas/testing/flags.ts';
import { stateOf } from '../../../src/areas/testing/rules.ts';
import {
  loadAreas,
  loadCases,
  loadCounts,
  loadRun,
  newestRun,
  releaseRow,
  syncSpecs,
} from '../../../src/areas/testing/store.ts';
import type { CaseAct, Run } from '../../../src/areas/testing/types.ts';
import { presences, releases } from '../../../src/db/schema/releases.ts';
import { caseResults, runCases, specCounts } from '../../../src/db/schema/testing.ts';
import { freshDb, type TestDb } from '../../support/db.ts';
import { until } from '../../support/slack.ts';
import { aCause, aReleaseIn, aSpec, aSpecCase, NOW, newCandidate, operator, testDeps } from '../../support/testing.ts';

let it: TestDb;
beforeAll(async () => {
  it = await freshDb();
});
afterAll(() => it.close());

let version = 0;
const opened = (state: Parameters<typeof aReleaseIn>[1], over: Parameters<typeof aReleaseIn>[3] = {}) =>
  aReleaseIn(it.db, state, ['A', 'B'], { product: `p${version}`, version: `v1.${version++}.0`, ...over });
const productOf = async (id: number) =>
  (await it.db.select({ product: releases.product }).from(releases).where(eq(releases.id, id)))[0]?.product as string;
const begun = async (
  releaseId: number,
  cases = [aSpecCase('one'), aSpecCase('two', { required: false })],
): Promise<Run> => {
  await beginRun(testDeps(it.db), aSpec(cases, await productOf(releaseId)), releaseId);
  return (await newestRun(it.db, releaseId)) as Run;
};
const act = async (run: Run, who: string, caseId: string, what: CaseAct) =>
  (await actOnCase(testDeps(it.db), aCause(who), operator(who), { runId: run.id, caseId }, what)).answer;
const pass: CaseAct = { kind: 'pass', note: null };
const linesOf = async (run: Run) =>
  (await it.pool.query('select text from outbox where thread_id = $1 order by id', [run.release.threadId])).rows.map(
    (r) => r.text,
  );
const jobs = async (task: string) =>
  (await it.pool.query('select key from graphile_worker.jobs where task_identifier = $1', [task])).rows.map(
    (r) => r.key,
  );

test('R10: specs write how many required cases gate a release before its run; products without one have none', async () => {
  const both = { environments: ['candidate', 'production'] as ('candidate' | 'production')[] };
  const cases = [
    aSpecCase('a', both),
    aSpecCase('b'),
    aSpecCase('c', { flag: 'x' }),
    aSpecCase('d', { required: false }),
  ];
  const product = `p${version}`;
  await syncSpecs(it.db, aSpec(cases, product));
  const rows = await it.db.select().from(specCounts);
  expect(rows.map((r) => [r.stage, r.required, r.flagged]).sort()).toEqual([
    ['candidate', 2, 1],
    ['production', 1, 0],
  ]);
  const plain = await opened('testing');
  expect((await loadFacts(it.db, plain))?.unfinished).toEqual({ candidate: 2, production: 1 });
  await it.db.update(releases).set({ flags: 'perhaps x' }).where(eq(releases.id, plain));
  expect((await loadFacts(it.db, plain))?.unfinished.candidate).toBe(3);
  await syncSpecs(it.db, new Map());
  expect((await loadFacts(it.db, plain))?.unfinished).toEqual({ candidate: 0, production: 0 });
});

test('testing begins one run on the candidate, verifying one in production, a new candidate another', async () => {
  const id = await opened('waiting');
  const cases = [aSpecCase('one', { environments: ['candidate', 'production'] }), aSpecCase('two')];
  const specs = aSpec(cases, await productOf(id));
  const begin = () => beginRun(testDeps(it.db), specs, id);
  const to = (state: 'testing' | 'verifying' | 'cancelled') =>
    it.db.update(releases).set({ state }).where(eq(releases.id, id));
  expect(await begin()).toBeNull();
  await to('testing');
  const all = await Promise.all([begin(), begin(), begin()]);
  expect(all.filter((x) => x !== null)).toHaveLength(1);
  const first = (await newestRun(it.db, id)) as Run;
  expect(await linesOf(first)).toEqual([expect.stringContaining('Test run of `abc1234`: 2 cases, 2 required')]);
  expect(await act(first, 'A', 'one', pass)).toMatchObject({ outcome: 'accepted' });
  await newCandidate(it.db, id, 'def5678');
  expect(await act(first, 'A', 'two', pass)).toMatchObject({ outcome: 'refused', code: 'old_run' });
  await begin();
  const second = (await newestRun(it.db, id)) as Run;
  expect(await loadCounts(it.db, second.id)).toMatchObject({ total: 2, open: 2, left: 2 });
  await to('verifying');
  await begin();
  const check = (await newestRun(it.db, id)) as Run;
  expect([check.stage, (await loadCounts(it.db, check.id)).total]).toEqual(['production', 1]);
  await to('cancelled');
  expect(await begin()).toBeNull();
});

test('R10: a run without cases gates nothing and shows no bar', async () => {
  const id = await opened('testing', { flags: 'something-else' });
  const run = await begun(id, [aSpecCase('dark', { flag: 'dark-mode' })]);
  expect(await loadCounts(it.db, run.id)).toMatchObject({ total: 0 });
  const f = await loadFacts(it.db, id);
  expect([f?.unfinished.candidate, f?.progress]).toEqual([0, null]);
});

test('R16: a result, its state, its audit event and the gate are one transaction', async () => {
  const id = await opened('testing');
  const run = await begun(id, [aSpecCase('one', { passesRequired: 2 }), aSpecCase('two', { required: false })]);
  const gate = async () => (await loadFacts(it.db, id))?.unfinished.candidate;
  expect(await gate()).toBe(1);
  expect((await act(run, 'A', 'one', pass)).text).toContain('1 of 2 passes, on `abc1234`.');
  expect(await act(run, 'A', 'one', pass)).toMatchObject({ outcome: 'already' });
  expect(await gate()).toBe(1);
  expect((await act(run, 'B', 'one', pass)).text).toContain('passed');
  expect(await gate()).toBe(0);
  expect(await linesOf(run)).toEqual([expect.anything(), expect.stringContaining('is complete: 1/2 passed')]);
  expect(await jobs('report')).toContain(`report:${run.id}`);
  expect(await jobs('gates')).toContain(`gates:${run.release.product}`);
  const audited = await it.pool.query('select verb, actor from audit_events where subject = $1 order by id', [
    `REL-${id}`,
  ]);
  expect(audited.rows.map((r) => `${r.verb} ${r.actor}`)).toEqual([
    'begin_run shipshape',
    'test_pass A',
    'test_pass B',
  ]);
  await act(run, 'B', 'one', { kind: 'fail', note: 'broke <!channel>' });
  expect(await gate()).toBe(1);
  expect((await linesOf(run)).at(-1)).toContain('failed: broke &lt;!channel&gt;');
});

test('R16: a skip is asked in the thread and ends with a second operator', async () => {
  const id = await opened('testing');
  const run = await begun(id);
  expect(await act(run, 'A', 'one', { kind: 'skip', note: null })).toMatchObject({ code: 'reason' });
  expect((await act(run, 'A', 'one', { kind: 'skip', note: 'no device' })).outcome).toBe('accepted');
  expect(await act(run, 'A', 'one', { kind: 'agree' })).toMatchObject({ code: 'second' });
  expect((await loadFacts(it.db, id))?.unfinished.candidate).toBe(1);
  const { rows } = await it.pool.query('select blocks from outbox where thread_id = $1 order by id desc limit 1', [
    run.release.threadId,
  ]);
  const drawn = JSON.stringify(rows[0].blocks);
  expect(drawn).toContain('test_agree');
  const { askedAt } = readValue(/\d+:0:0:one:\d+/.exec(drawn)?.[0] ?? '') ?? {};
  expect(askedAt).toBe(NOW.getTime());
  const old = { kind: 'agree' as const, askedAt: NOW.getTime() - 1 };
  expect(await act(run, 'B', 'one', old)).toMatchObject({ code: 'stale' });
  expect((await act(run, 'B', 'one', { kind: 'agree', askedAt })).outcome).toBe('accepted');
  expect((await loadFacts(it.db, id))?.unfinished.candidate).toBe(0);
});

test('R3: what waited for the release while a newer candidate was named sees that one', async () => {
  const id = await opened('testing');
  const run = await begun(id);
  const other = await it.pool.connect();
  try {
    await other.query('begin');
    await other.query('select 1 from releases where id = $1 for update', [id]);
    await other.query(
      "insert into candidates (release_id, seq, commit, named_by, named_at) values ($1, 2, 'def5678', 'U', now())",
      [id],
    );
    const flag = askFlags(testDeps(it.db), new Map(), aCause('A'), operator('A'), id, { add: ['x'], drop: [] });
    const row = it.db.transaction((tx) => releaseRow(tx, id, 'alone'));
    const late = act(run, 'A', 'one', pass);
    const waiting = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
    await until(async () => (await it.pool.query(waiting)).rowCount === 3, 'three who wait');
    await other.query('commit');
    expect((await row)?.commit).toBe('def5678');
    expect((await flag).answer.text).toContain('asks to test with the flag `x`');
    expect(await late).toMatchObject({ code: 'old_run' });
  } finally {
    other.release();
  }
});

test('R2: a result renews presence; without it nothing is taken', async () => {
  const id = await opened('testing');
  const run = await begun(id);
  const later = new Date(NOW.getTime() + 3_600_000);
  const at = { runId: run.id, caseId: 'one' };
  await actOnCase(testDeps(it.db, { clock: () => later }), aCause('A'), operator('A'), at, pass);
  const [p] = await it.db
    .select()
    .from(presences)
    .where(and(eq(presences.releaseId, id), eq(presences.person, 'A'), eq(presences.stage, 'candidate')));
  expect(p?.renewedAt).toEqual(later);
  expect(await act(run, 'C', 'two', pass)).toMatchObject({ outcome: 'refused', code: 'absent' });
  const expired = testDeps(it.db, { clock: () => new Date(NOW.getTime() + 5 * 3_600_000) });
  const late = await actOnCase(expired, aCause('B'), operator('B'), { runId: run.id, caseId: 'two' }, pass);
  expect(late.answer.code).toBe('absent');
  await it.db.update(releases).set({ state: 'waiting' }).where(eq(releases.id, id));
  expect(await act(run, 'A', 'two', pass)).toMatchObject({ code: 'waiting' });
});

test('a repeat is answered like the first time and counted once; what is not there is refused', async () => {
  const run = await begun(await opened('testing'));
  const cause = aCause('A');
  const again = () => actOnCase(testDeps(it.db), cause, operator('A'), { runId: run.id, caseId: 'one' }, pass);
  const [a, b] = [await again(), await again()];
  expect([a.repeated, b.repeated, b.answer]).toEqual([false, true, a.answer]);
  expect(await act(run, 'A', 'three', pass)).toMatchObject({ code: 'no_case' });
  expect(await act({ ...run, id: 999_999 }, 'A', 'one', pass)).toMatchObject({ code: 'no_run' });
  const next = await takeNext(testDeps(it.db), aCause('A'), operator('A'), 999_999);
  expect([next.answer.code, next.caseId]).toEqual(['no_run', null]);
});

test('of two last results at once one tells that the run is complete; optional ones after it tell nothing', async () => {
  for (let i = 0; i < 10; i++) {
    const run = await begun(await opened('testing'), [
      aSpecCase('a1'),
      aSpecCase('b1'),
      aSpecCase('c1', { required: false }),
    ]);
    await Promise.all([act(run, 'A', 'a1', pass), act(run, 'B', 'b1', pass)]);
    await act(run, 'A', 'c1', pass);
    expect((await linesOf(run)).filter((text) => text.includes('complete'))).toHaveLength(1);
  }
});

test('a run of optional cases is complete when all have been looked at', async () => {
  const run = await begun(await opened('testing'), [
    aSpecCase('a1', { required: false }),
    aSpecCase('b1', { required: false }),
  ]);
  await act(run, 'A', 'a1', pass);
  expect((await linesOf(run)).join()).not.toContain('complete');
  await act(run, 'A', 'b1', { kind: 'fail', note: null });
  expect((await linesOf(run)).join()).toContain('complete');
});

test('taking a case: one person at a time, released by a result', async () => {
  const run = await begun(await opened('testing'));
  expect(await act(run, 'A', 'one', { kind: 'take', over: false })).toMatchObject({ outcome: 'accepted' });
  expect(await act(run, 'B', 'one', { kind: 'take', over: false })).toMatchObject({ code: 'taken' });
  const next = await takeNext(testDeps(it.db), aCause('B'), operator('B'), run.id);
  expect(next.caseId).toBe('two');
  expect((await takeNext(testDeps(it.db), aCause('A'), operator('A'), run.id)).caseId).toBeNull();
  expect((await takeNext(testDeps(it.db), aCause('C'), operator('C'), run.id)).answer.code).toBe('absent');
  await act(run, 'A', 'one', pass);
  await act(run, 'B', 'two', { kind: 'drop' });
  const cases = await loadCases(it.db, run.id);
  expect(cases.map((c) => c.takenBy)).toEqual([null, null]);
});

test('the report is asked for by any member, and its job waits once', async () => {
  const run = await begun(await opened('testing'));
  const ask = (over = {}) =>
    askReport(testDeps(it.db), aCause('E'), { ...operator('E'), roles: new Set(), ...over }, run);
  expect((await ask()).text).toContain('the run of `abc1234`');
  expect((await ask()).outcome).toBe('accepted');
  expect((await ask({ standing: 'guest' })).code).toBe('standing');
  expect((await jobs('report')).filter((key) => key === `report:${run.id}`)).toHaveLength(1);
});

test('1,000 cases and 8 operators at once: no result lost, no case doubled', { timeout: 120_000 }, async () => {
  const people = Array.from({ length: 8 }, (_, i) => `OP${i}`);
  const product = 'large';
  const id = await aReleaseIn(it.db, 'testing', people, { product, version: 'v9.9.9' });
  const wallets = Array.from({ length: 25 }, (_, i) => `wallet ${i}`);
  const cases = Array.from({ length: 1000 }, (_, i) =>
    aSpecCase(`case-${i}`, {
      area: { wallet: wallets[i % 25] as string, feature: 'send' },
      passesRequired: i % 10 ? 1 : 2,
    }),
  );
  await beginRun(testDeps(it.db), aSpec(cases, product), id);
  const run = (await newestRun(it.db, id)) as Run;
  const taken: string[] = [];
  const work = async (who: string) => {
    for (;;) {
      const next = await takeNext(testDeps(it.db), aCause(who), operator(who), run.id);
      if (next.caseId === null) return;
      taken.push(next.caseId);
      const answer = await act(run, who, next.caseId, pass);
      if (answer.outcome !== 'accepted') throw new Error(`${next.caseId}: ${answer.text}`);
    }
  };
  const began = Date.now();
  await Promise.all(people.map(work));
  const first = Date.now() - began;
  // Cases that want two people come round again: never to who passed them already.
  const again = await loadCases(it.db, run.id);
  for (const c of again.filter((x) => x.state === 'open')) {
    const other = people.find((p) => !c.results.some((r) => r.person === p)) as string;
    await act(run, other, c.caseId, pass);
  }
  const done = await loadCases(it.db, run.id);
  expect(done.every((c) => c.state === 'passed' && c.state === stateOf(c.results, c.passesRequired))).toBe(true);
  expect(done.every((c) => new Set(c.results.map((r) => r.person)).size === c.results.length)).toBe(true);
  const given = await it.db.select({ n: sql<string>`count(*)` }).from(caseResults).where(eq(caseResults.runId, run.id));
  expect(Number(given[0]?.n)).toBe(1100);
  expect((await loadAreas(it.db, run.id)).map((a) => a.passed)).toEqual(Array(25).fill(40));
  expect((await loadFacts(it.db, id))?.unfinished.candidate).toBe(0);
  expect((await loadRun(it.db, run.id, false))?.current).toBe(true);
  expect((await it.db.select().from(runCases).where(sql`taken_by is not null and run_id = ${run.id}`)).length).toBe(0);
  expect((await linesOf(run)).filter((text) => text.includes('complete'))).toHaveLength(1);
  console.log(`8 operators took and passed ${taken.length} cases in ${first} ms`);
});
