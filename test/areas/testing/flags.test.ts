import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadFacts } from '../../../src/areas/releases/store.ts';
import { actOnCase } from '../../../src/areas/testing/actions.ts';
import { beginRun } from '../../../src/areas/testing/begin.ts';
import { askByLabels, askFlags } from '../../../src/areas/testing/flags.ts';
import { loadCases, newestRun, syncSpecs } from '../../../src/areas/testing/store.ts';
import type { CaseAct, Run, SpecCase, Specs } from '../../../src/areas/testing/types.ts';
import { freshDb, type TestDb } from '../../support/db.ts';
import { aCause, aReleaseIn, aSpec, aSpecCase, NOW, newCandidate, operator, testDeps } from '../../support/testing.ts';

let it: TestDb;
beforeAll(async () => {
  it = await freshDb();
});
afterAll(() => it.close());

let n = 0;
/** A release that is being tested by A and B, and its product's spec: one plain case, two behind `fees`, one of production behind `dark`. */
async function scene(over: Parameters<typeof aReleaseIn>[3] = {}, own?: SpecCase[]) {
  n += 1;
  const product = `p${n}`;
  const cases = own ?? [
    aSpecCase('fee-a', { flag: 'fees' }),
    aSpecCase('plain'),
    aSpecCase('fee-b', { flag: 'fees', required: false }),
    aSpecCase('dark', { flag: 'dark', environments: ['production'] }),
  ];
  const specs = aSpec(cases, product);
  const id = await aReleaseIn(it.db, 'testing', ['A', 'B'], { product, version: `v1.${n}.0`, ...over });
  await it.db.execute(
    sql`insert into candidate_facts (candidate_id, tree) select id, 'tree-1' from candidates where release_id = ${id}`,
  );
  return { id, specs };
}
const begin = (id: number, specs: Specs) => beginRun(testDeps(it.db), specs, id);
const runOf = async (id: number) => (await newestRun(it.db, id)) as Run;
const casesOf = async (id: number) =>
  (await loadCases(it.db, (await runOf(id)).id)).map((c) => `${c.caseId} ${c.state}`);
const ask = async (id: number, specs: Specs, who: string, add: string[], drop: string[] = []) =>
  (await askFlags(testDeps(it.db), specs, aCause(who), operator(who), id, { add, drop })).answer;
const give = async (id: number, who: string, caseId: string, what: CaseAct) =>
  (await actOnCase(testDeps(it.db), aCause(who), operator(who), { runId: (await runOf(id)).id, caseId }, what)).answer;
const pass: CaseAct = { kind: 'pass', note: null };
const fail: CaseAct = { kind: 'fail', note: 'no' };
const lines = async (id: number) =>
  (
    await it.pool.query(
      'select text from outbox where thread_id = (select thread_id from releases where id = $1) order by id',
      [id],
    )
  ).rows.map((r) => r.text as string);
const facts = async (id: number) => (await loadFacts(it.db, id)) as NonNullable<Awaited<ReturnType<typeof loadFacts>>>;
/** A newer candidate; its tree as GitHub confirmed it. */
async function named(id: number, commit: string, tree: string | null): Promise<void> {
  await newCandidate(it.db, id, commit);
  if (tree) await treeOf(id, commit, tree);
}
const treeOf = (id: number, commit: string, tree: string) =>
  it.db.execute(sql`insert into candidate_facts (candidate_id, tree) select id, ${tree} from candidates
    where release_id = ${id} and commit = ${commit}`);

test('R10: a flag that is asked for after opening brings its cases into the run at once, in the order of the spec, and gates', async () => {
  const { id, specs } = await scene();
  await begin(id, specs);
  expect(await casesOf(id)).toEqual(['plain open']);
  await give(id, 'A', 'plain', pass);
  expect((await facts(id)).unfinished.candidate).toBe(0);
  expect(await ask(id, specs, 'B', ['fees', 'unheard'])).toMatchObject({ outcome: 'accepted' });
  expect(await casesOf(id)).toEqual(['fee-a open', 'plain passed', 'fee-b open']);
  expect(await facts(id)).toMatchObject({ unfinished: { candidate: 1 }, flags: ['fees', 'unheard'] });
  expect((await lines(id)).at(-1)).toContain(
    'B asks to test with the flags `fees`, `unheard`. 2 test cases more. No test case is behind `unheard`',
  );
  expect(await ask(id, specs, 'A', ['fees'])).toMatchObject({ outcome: 'already' });
});

test('R10: taken back, what nobody has tried leaves the run; what failed stays and gates', async () => {
  const { id, specs } = await scene();
  await ask(id, specs, 'A', ['fees']);
  expect((await lines(id)).at(-1)).toContain('Its test cases come with the test run');
  await begin(id, specs);
  await give(id, 'A', 'plain', pass);
  expect(await casesOf(id)).toEqual(['fee-a open', 'plain passed', 'fee-b open']);
  await give(id, 'A', 'fee-a', fail);
  expect(await ask(id, specs, 'B', [], ['fees'])).toMatchObject({ outcome: 'accepted' });
  expect(await casesOf(id)).toEqual(['fee-a failed', 'plain passed']);
  expect(await facts(id)).toMatchObject({ unfinished: { candidate: 1 }, flags: [] });
  await ask(id, specs, 'B', ['fees']);
  expect(await casesOf(id)).toEqual(['fee-a failed', 'plain passed', 'fee-b open']);
});

test('R10: a run that rests gets the cases too, so that they gate when testing goes on', async () => {
  const { id, specs } = await scene();
  await begin(id, specs);
  for (const state of ['waiting', 'shipping']) {
    await it.db.execute(sql`update releases set state = ${state} where id = ${id}`);
    await ask(id, specs, 'A', state === 'waiting' ? ['fees'] : [], state === 'waiting' ? [] : ['fees']);
    expect(await casesOf(id)).toHaveLength(state === 'waiting' ? 3 : 1);
  }
  // In production another run, with its own cases.
  await it.db.execute(sql`update releases set state = 'verifying' where id = ${id}`);
  await begin(id, specs);
  expect(await casesOf(id)).toEqual([]);
  await ask(id, specs, 'A', ['dark']);
  expect(await casesOf(id)).toEqual(['dark open']);
});

test('R10: taken back, a run may be complete by it, and says so', async () => {
  const { id, specs } = await scene({ flags: 'fees' });
  await begin(id, specs);
  expect((await facts(id)).flags).toEqual(['fees']);
  await give(id, 'A', 'plain', pass);
  await ask(id, specs, 'A', [], ['fees']);
  expect(await casesOf(id)).toEqual(['plain passed']);
  expect((await lines(id)).filter((text) => text.includes('is complete'))).toHaveLength(1);
});

test('R10: labels ask too, until they are taken away; what somebody said of the flag stays', async () => {
  const { id, specs } = await scene();
  await begin(id, specs);
  const labels = (...flags: string[]) =>
    it.db.transaction((tx) => askByLabels(tx, specs, aCause('shipshape'), id, { flags, whole: true }, NOW));
  await labels('fees', 'dark');
  expect(await casesOf(id)).toEqual(['fee-a open', 'plain open', 'fee-b open']);
  expect((await lines(id)).at(-1)).toContain(
    'A label of the changes asks to test with the flags `dark`, `fees`. 2 test cases more.',
  );
  await labels('fees', 'dark');
  // What a list that was cut short does not have may be there all the same.
  const cut = { flags: [], whole: false };
  await it.db.transaction((tx) => askByLabels(tx, specs, aCause('shipshape'), id, cut, NOW));
  expect((await facts(id)).flags).toEqual(['dark', 'fees']);
  await labels('dark');
  expect(await casesOf(id)).toEqual(['plain open']);
  await labels('fees', 'dark');
  await ask(id, specs, 'A', [], ['fees']);
  await labels('fees', 'dark');
  expect(await facts(id)).toMatchObject({ flags: ['dark'] });
  expect((await lines(id)).filter((text) => text.includes('flag'))).toHaveLength(4);
  await it.db.execute(sql`update releases set state = 'cancelled' where id = ${id}`);
  await labels();
  expect((await facts(id)).flags).toEqual(['dark']);
  expect(await ask(id, specs, 'A', ['fees'])).toMatchObject({ outcome: 'refused', code: 'over' });
  expect(await ask(99_999, specs, 'A', ['fees'])).toMatchObject({ outcome: 'refused', code: 'no_release' });
});

test('R10: a flag that a label asked for first, and then a person, outlives the label', async () => {
  const { id, specs } = await scene();
  await begin(id, specs);
  const labels = (...flags: string[]) =>
    it.db.transaction((tx) => askByLabels(tx, specs, aCause('shipshape'), id, { flags, whole: true }, NOW));
  await labels('fees');
  expect(await ask(id, specs, 'A', ['fees'])).toMatchObject({ outcome: 'accepted' });
  expect(await ask(id, specs, 'B', ['fees'])).toMatchObject({ outcome: 'already' });
  await labels();
  expect(await casesOf(id)).toEqual(['fee-a open', 'plain open', 'fee-b open']);
  expect((await facts(id)).flags).toEqual(['fees']);
});

test('R10: before the run has begun, flagged cases gate as soon as any flag is asked for', async () => {
  const { id, specs } = await scene();
  await syncSpecs(it.db, specs);
  expect((await facts(id)).unfinished.candidate).toBe(1);
  await ask(id, specs, 'A', ['fees']);
  expect((await facts(id)).unfinished.candidate).toBe(2);
});

test('R10, R16: before the run has begun, what failed on an earlier candidate gates though its flag was taken back', async () => {
  const { id, specs } = await scene({}, [aSpecCase('fee', { flag: 'fees' }), aSpecCase('tip', { flag: 'tips' })]);
  await syncSpecs(it.db, specs);
  await ask(id, specs, 'A', ['fees', 'tips']);
  await begin(id, specs);
  await give(id, 'A', 'fee', fail);
  await give(id, 'A', 'tip', pass);
  await ask(id, specs, 'A', [], ['fees', 'tips']);
  const unfinished = async () => (await facts(id)).unfinished.candidate;
  await named(id, 'def5678', null);
  expect(await unfinished()).toBe(1);
  await begin(id, specs);
  expect(await unfinished()).toBe(1);
  await give(id, 'B', 'fee', pass);
  await named(id, 'aaa1111', null);
  expect(await unfinished()).toBe(0);
  await begin(id, specs);
  expect(await casesOf(id)).toEqual([]);
});

test('R3: the run of a candidate with the same verified tree takes over what was said, and nothing else is let through', async () => {
  const { id, specs } = await scene({ flags: 'fees' });
  await begin(id, specs);
  await give(id, 'A', 'plain', pass);
  await give(id, 'B', 'fee-b', fail);
  await named(id, 'def5678', 'tree-1');
  await begin(id, specs);
  expect(await casesOf(id)).toEqual(['fee-a open', 'plain passed', 'fee-b failed']);
  expect((await loadCases(it.db, (await runOf(id)).id)).flatMap((c) => c.results)).toMatchObject([
    { person: 'A', result: 'pass' },
    { person: 'B', result: 'fail', note: 'no' },
  ]);
  expect(await facts(id)).toMatchObject({ unfinished: { candidate: 1 }, progress: { carriedFrom: 'abc1234' } });
  expect((await lines(id)).at(-1)).toContain(
    'it has the tree of `abc1234`, so what was said of 2 cases there counts here too',
  );
  expect((await runOf(id)).carriedFrom).toBe('abc1234');
  // Nobody makes a failure vanish by taking its flag back and naming the same tree again.
  await ask(id, specs, 'A', [], ['fees']);
  await named(id, 'aaa1111', 'tree-1');
  await begin(id, specs);
  expect((await casesOf(id)).sort()).toEqual(['fee-b failed', 'plain passed']);
  await ask(id, specs, 'A', ['fees']);
  await named(id, '9999999', 'tree-2');
  await begin(id, specs);
  expect(await casesOf(id)).toEqual(['fee-a open', 'plain open', 'fee-b open']);
  // Back to the first tree, past one that differs.
  await named(id, 'eeeeeee', 'tree-1');
  await begin(id, specs);
  expect(await casesOf(id)).toEqual(['fee-a open', 'plain passed', 'fee-b failed']);
});

test('R10, R16: what failed behind a flag and was not passed since outlives the flag on a candidate of another tree', async () => {
  const { id, specs } = await scene({ flags: 'fees' });
  await begin(id, specs);
  await give(id, 'B', 'fee-a', fail);
  await give(id, 'B', 'fee-b', { kind: 'blocked', note: 'no' });
  // Taken back on the new candidate, before anybody tried it there.
  await named(id, 'def5678', 'tree-2');
  await begin(id, specs);
  expect(await casesOf(id)).toEqual(['fee-a open', 'plain open', 'fee-b open']);
  await give(id, 'A', 'fee-b', pass);
  expect(await ask(id, specs, 'A', [], ['fees'])).toMatchObject({ outcome: 'accepted' });
  expect(await casesOf(id)).toEqual(['fee-a open', 'plain open', 'fee-b passed']);
  expect((await lines(id)).at(-1)).toContain('2 cases with results already stay');
  // Taken back before the new candidate: it comes along, until it is passed or skipped by two.
  await named(id, 'aaa1111', 'tree-3');
  await begin(id, specs);
  expect(await casesOf(id)).toEqual(['fee-a open', 'plain open']);
  expect(await facts(id)).toMatchObject({ unfinished: { candidate: 2 }, flags: [] });
  await give(id, 'A', 'fee-a', { kind: 'skip', note: 'it stays off' });
  await give(id, 'B', 'fee-a', { kind: 'agree' });
  await named(id, 'bbb2222', 'tree-4');
  await begin(id, specs);
  expect(await casesOf(id)).toEqual(['plain open']);
});

test('R3: a tree that is confirmed after the run began carries the cases nobody has said anything of, once; a changed case is tested anew', async () => {
  const { id, specs } = await scene({ flags: 'fees' });
  await begin(id, specs);
  for (const one of ['plain', 'fee-a', 'fee-b']) await give(id, 'A', one, pass);
  await named(id, 'def5678', null);
  const [product, spec] = [...specs][0] as [string, NonNullable<ReturnType<Specs['get']>>];
  const edited = aSpec(
    spec.cases.map((c) => (c.id === 'fee-a' ? { ...c, steps: ['Do something else'] } : c)),
    product,
  );
  await begin(id, edited);
  await give(id, 'B', 'fee-b', fail);
  expect(await casesOf(id)).toEqual(['fee-a open', 'plain open', 'fee-b failed']);
  await treeOf(id, 'def5678', 'tree-1');
  for (let i = 0; i < 2; i++) expect(await begin(id, edited)).toBeNull();
  expect(await casesOf(id)).toEqual(['fee-a open', 'plain passed', 'fee-b failed']);
  expect((await lines(id)).filter((text) => text.includes('confirms of `def5678`'))).toHaveLength(1);
});

test('R3: a run that is whole by what it took over is complete at once; production is never carried', async () => {
  const { id, specs } = await scene();
  await begin(id, specs);
  await give(id, 'A', 'plain', pass);
  await named(id, 'def5678', 'tree-1');
  await begin(id, specs);
  expect((await lines(id)).filter((text) => text.includes('is complete'))).toHaveLength(2);
  await it.db.execute(sql`update releases set state = 'verifying' where id = ${id}`);
  const both = aSpec([aSpecCase('plain', { environments: ['candidate', 'production'] })], `p${n}`);
  await begin(id, both);
  await begin(id, both);
  expect(await casesOf(id)).toEqual(['plain open']);
});
