import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { loadFacts } from '../../../src/areas/releases/store.ts';
import { recordCi, waiveCi } from '../../../src/areas/testing/ci.ts';
import { waive } from '../../../src/areas/testing/waive-rules.ts';
import { ciReports } from '../../../src/db/schema/testing.ts';
import { freshDb, type TestDb } from '../../support/db.ts';
import { ADA, EVE, MAX, NOBODY } from '../../support/facts.ts';
import { aCause, aReleaseIn, NOW, newCandidate, operator, TEST_POLICY, testDeps } from '../../support/testing.ts';

let base: TestDb;
beforeAll(async () => {
  base = await freshDb();
});
afterAll(() => base.close());

let n = 0;
let later = 0;
const opened = () => aReleaseIn(base.db, 'testing', ['A', 'B'], { product: `p${n}`, version: `v1.${n++}.0` });
const gating = () =>
  testDeps(base.db, {
    policy: { ...TEST_POLICY, testing: { specs: '', ciGates: true } },
    clock: () => new Date(NOW.getTime() + later++),
  });
const good = { passed: 3, failed: 0, skipped: 0, failures: [] as string[] };
const bad = { passed: 3, failed: 1, skipped: 0, failures: ['a › <b>'] };
const report = (releaseId: number, suite: string, commit = 'abc1234', totals = good) =>
  recordCi(gating(), { releaseId, suite, commit }, totals);
const ci = async (id: number) => (await loadFacts(base.db, id))?.ci;
const waives = async (id: number, who: string, typed: string) =>
  (await waiveCi(gating(), aCause(who), operator(who), id, typed)).answer;
const lastLine = async (id: number) =>
  (
    await base.pool.query(
      'select text from outbox where thread_id = (select thread_id from releases where id = $1) order by id desc limit 1',
      [id],
    )
  ).rows[0].text as string;

test('automated results: the newest of a suite counts, bound to the candidate they were made of, gating by policy', async () => {
  const id = await opened();
  expect(await report(id, 'unit', 'abc1234', bad)).toEqual({
    commit: 'abc1234',
    newest: 'abc1234',
    counts: true,
    gates: true,
  });
  await report(id, 'e2e', `abc1234${'0'.repeat(33)}`);
  expect(await ci(id)).toEqual({ passed: 6, failed: 1, waiting: [] });
  await report(id, 'unit');
  expect(await ci(id)).toMatchObject({ failed: 0 });
  await newCandidate(base.db, id, 'def5678');
  expect(await ci(id)).toEqual({ passed: 0, failed: 0, waiting: ['e2e', 'unit'] });
  // R3: of a commit with the same verified tree they hold, until its own come in.
  const tree = (commit: string) =>
    base.db.execute(
      sql`insert into candidate_facts (candidate_id, tree) select id, 'tree' from candidates where release_id = ${id} and commit = ${commit}`,
    );
  await Promise.all(['abc1234', 'def5678'].map(tree));
  expect(await ci(id)).toEqual({ passed: 6, failed: 0, waiting: [] });
  expect(await report(id, 'unit', 'abc1234', bad)).toMatchObject({ newest: 'def5678', counts: true });
  expect(await ci(id)).toEqual({ passed: 6, failed: 1, waiting: [] });
  expect(await lastLine(id)).toContain('which count for the candidate of now (`def5678`, same tree)');
  await report(id, 'unit', 'def5678', bad);
  // Its own count from then on, whatever comes late for the earlier one.
  expect(await report(id, 'unit', 'abc1234')).toMatchObject({ counts: false });
  expect(await lastLine(id)).toContain('not the candidate of now');
  expect(await ci(id)).toEqual({ passed: 6, failed: 1, waiting: [] });
  expect(await ci(await opened())).toBeNull();
  expect(await base.db.select().from(ciReports).where(eq(ciReports.releaseId, id))).toHaveLength(3);
  await expect(report(999_999, 'x')).rejects.toThrow('no release');
});

test('R3: a late report of an earlier candidate does not count for the newest; of no candidate it is refused', async () => {
  const id = await opened();
  await report(id, 'unit', 'abc1234', bad);
  await newCandidate(base.db, id, 'def5678');
  expect(await report(id, 'unit', 'abc1234')).toMatchObject({
    newest: 'def5678',
    counts: false,
  });
  expect(await ci(id)).toEqual({ passed: 0, failed: 0, waiting: ['unit'] });
  expect(await lastLine(id)).toContain('of `abc1234`, not the candidate of now (`def5678`)');
  await expect(report(id, 'unit', '9999999')).rejects.toMatchObject({
    message: expect.stringMatching(/^9999999 is no candidate of p\d+ v1\.\d+\.0: its candidate is def5678\.$/),
    next: expect.stringContaining('--commit'),
  });
  expect(await ci(id)).toMatchObject({ waiting: ['unit'] });
});

test('R5: a suite that never reports again is waited for until an operator waives it, and again once it reports', async () => {
  const id = await opened();
  for (const suite of ['unit', 'unit tests', 'e2e']) await report(id, suite);
  await newCandidate(base.db, id, 'def5678');
  await report(id, 'e2e', 'def5678', bad);
  expect(await waives(id, 'A', 'e2e it fails')).toMatchObject({ outcome: 'refused', code: 'no_suite' });
  expect(await waives(id, 'UMAX', 'unit moved')).toMatchObject({ code: 'duties' });
  expect(await waives(99_999, 'A', 'unit moved')).toMatchObject({ code: 'no_release' });
  expect(await ci(id)).toEqual({ passed: 3, failed: 1, waiting: ['unit', 'unit tests'] });
  expect(await waives(id, 'A', 'Unit  Tests moved to <e2e>')).toMatchObject({ outcome: 'accepted' });
  expect(await lastLine(id)).toContain('A says that the automated tests (unit tests) need not be waited for: moved to');
  expect(await ci(id)).toEqual({ passed: 3, failed: 1, waiting: ['unit'] });
  const { rows } = await base.pool.query(
    "select actor, data from audit_events where verb = 'waive_suite' and subject = $1",
    [`REL-${id}`],
  );
  expect(rows).toEqual([{ actor: 'A', data: { suite: 'unit tests', reason: 'moved to <e2e>' } }]);
  // A newer candidate does not bring it back; a report does, and be it a late one.
  await newCandidate(base.db, id, 'aaa1111');
  expect(await ci(id)).toEqual({ passed: 0, failed: 0, waiting: ['e2e', 'unit'] });
  await report(id, 'unit tests', 'abc1234');
  expect(await ci(id)).toMatchObject({ waiting: ['e2e', 'unit', 'unit tests'] });
  for (const suite of ['e2e', 'unit tests', 'unit']) await waives(id, 'B', `${suite} all of it is gone`);
  expect(await ci(id)).toBeNull();
});

test('R5: with the policy having nothing waited for, a waiver is refused: it would count once that is turned on', async () => {
  const id = await opened();
  await report(id, 'unit');
  await newCandidate(base.db, id, 'def5678');
  const { answer } = await waiveCi(testDeps(base.db), aCause('A'), operator('A'), id, 'unit it moved');
  expect(answer).toMatchObject({ outcome: 'refused', code: 'no_gate' });
  expect(await ci(id)).toMatchObject({ waiting: ['unit'] });
});

describe('R5: who waives what', () => {
  const at = {
    state: 'testing',
    manager: MAX.id,
    authors: [EVE.id],
    waited: ['unit', 'unit tests', 'a <b>'],
    ciGates: true,
  };
  const says = (over: Partial<typeof at>, who: Parameters<typeof waive>[1], typed: string, duties = true) => {
    const said = waive({ ...at, ...over }, who, typed, duties);
    return 'refusal' in said ? said.refusal : said;
  };
  it('takes the longest name that fits, whatever its case', () => {
    expect(says({}, ADA, 'unit it moved')).toEqual({ suite: 'unit', reason: 'it moved' });
    expect(says({}, ADA, ' UNIT  tests  it moved ')).toEqual({ suite: 'unit tests', reason: 'it moved' });
    expect(says({}, ADA, 'unitary it moved')).toMatchObject({ code: 'no_suite' });
    expect(says({}, ADA, '')).toMatchObject({ next: expect.stringContaining('unit tests, a &lt;b&gt;') });
  });
  it('asks for a reason that is not too long', () => {
    expect(says({}, ADA, 'unit tests')).toMatchObject({ code: 'reason' });
    expect(says({}, ADA, `unit ${'x'.repeat(501)}`)).toMatchObject({ code: 'too_long' });
  });
  it('only operators, and with separation of duties none who manages it or wrote its changes', () => {
    expect(says({}, NOBODY, 'unit it moved')).toMatchObject({ code: 'role' });
    for (const who of [operator(MAX.id), operator(EVE.id)]) {
      expect(says({}, who, 'unit it moved')).toMatchObject({ code: 'duties' });
      expect(says({}, who, 'unit it moved', false)).toMatchObject({ suite: 'unit' });
    }
  });
  it('only what is waited for, before it ships', () => {
    expect(says({ ciGates: false }, ADA, 'unit it moved')).toMatchObject({
      code: 'no_gate',
      next: expect.stringContaining('only with `ci_gates: true`'),
    });
    expect(says({ waited: [] }, ADA, 'unit it moved')).toMatchObject({ code: 'none_waited' });
    expect(says({ state: 'rolled_back' }, ADA, 'unit it moved')).toMatchObject({ reason: 'it is rolled back' });
  });
});
