import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { gateNews } from '../../../src/areas/releases/actions.ts';
import { loadFacts } from '../../../src/areas/releases/store.ts';
import { fixable } from '../../../src/areas/triage/later.ts';
import { ADA, BEN, CAS, ENG } from '../../support/facts.ts';
import {
  act,
  bug,
  candidate,
  deps,
  file,
  later,
  lines,
  now,
  PRODUCT,
  release,
  t,
  triageOnADatabase,
} from './actions-team.ts';

triageOnADatabase();

const setState = (releaseId: number, state: string) =>
  t.db.execute(sql`update releases set state = ${state} where id = ${releaseId}`);
/** What GitHub says of a candidate's tree. */
const setTree = (candidateId: number, tree: string) =>
  t.db.execute(sql`insert into candidate_facts (candidate_id, tree) values (${candidateId}, ${tree})`);
/** Which bugs block the release, and how its candidate comes to have them again. */
const blocking = async (releaseId: number) => (await loadFacts(t.db, releaseId))?.blockers.map((b) => [b.id, b.back]);

/** A blocker that was recreated and does not happen in production. */
async function confirmed(): Promise<number> {
  const id = await file(CAS);
  await act(ADA, id, { kind: 'recreate' });
  await act(ENG, id, { kind: 'tried', happens: false });
  return id;
}

/** An emergency beside an open scheduled release: opened as one more of those, while there is none. */
async function emergencyBeside(scheduled: number, version: string, commit: string): Promise<number> {
  await setState(scheduled, 'cancelled');
  const emergency = await release(version, commit);
  await t.db.execute(sql`update releases set kind = 'emergency' where id = ${emergency}`);
  await setState(scheduled, 'testing');
  return emergency;
}

/** A blocker found in production in the release that shipped the second commit, which was rolled back then. */
async function foundLive(version: string, commits: readonly [string, string]) {
  const live = await release(version, commits[0]);
  await candidate(live, commits[1]);
  const at = now.toISOString();
  await t.db.execute(sql`update releases set state = 'verifying', shipped_at = ${at} where id = ${live}`);
  later(60_000);
  const id = await file(CAS, { foundIn: 'production' });
  expect((await bug(id)).bug).toMatchObject({ releaseId: live, candidateId: null });
  await act(ADA, id, { kind: 'recreate' });
  await t.db.execute(sql`update releases set state = 'rolled_back', ended_at = ${at} where id = ${live}`);
  return { id, live, at };
}

/**
 * Names the commits on a release, one after the other; of the bug each is named as the fix and retested. The last one has it fixed.
 * @returns the candidates' ids
 */
async function retested(id: number, releaseId: number, commits: readonly string[]): Promise<number[]> {
  const tried: number[] = [];
  for (const [i, commit] of commits.entries()) {
    const candidateId = await candidate(releaseId, commit);
    tried.push(candidateId);
    expect(await act(ENG, id, { kind: 'fix', candidateId })).toBe('accepted');
    const fixed = i === commits.length - 1;
    expect(await act(BEN, id, { kind: 'retest', fixed, candidateId })).toBe('accepted');
  }
  return tried;
}

/** Names the commits on a release, one after the other, some with their tree: whether the bug is back in each, and how we know. */
async function named(
  id: number,
  releaseId: number,
  commits: readonly (readonly [commit: string, back: 'known' | 'assumed' | null, tree?: string])[],
): Promise<void> {
  for (const [commit, back, tree] of commits) {
    const candidateId = await candidate(releaseId, commit);
    if (tree) await setTree(candidateId, tree);
    expect([commit, await blocking(releaseId)]).toEqual([commit, back ? [[id, back]] : []]);
  }
}

test('R14: verified on another commit, it goes on blocking a release whose candidate is, or is again, the one it was found on', async () => {
  const first = await release('v1.0.0', 'abc1234');
  const id = await confirmed();
  // A fix that is in another open release does not make this candidate good.
  await t.db.execute(sql`update releases set kind = 'emergency' where id = ${first}`);
  const second = await release('v1.1.0', 'aaa1111');
  const fix = await candidate(second, 'def5678');
  expect(await act(ENG, id, { kind: 'fix', candidateId: fix })).toBe('other_kind');
  await act(ENG, id, { kind: 'tried', happens: true });
  await act(ENG, id, { kind: 'fix', candidateId: fix });
  expect(await act(BEN, id, { kind: 'retest', fixed: true, candidateId: fix })).toBe('accepted');
  expect(await blocking(second)).toEqual([]);
  expect(await blocking(first)).toEqual([[id, 'known']]);
  await candidate(first, 'def5678');
  expect(await blocking(first)).toEqual([]);
  // Back to the commit that has it, however long it is written.
  await candidate(first, 'abc1234def');
  expect(await blocking(first)).toEqual([[id, 'known']]);
  await setState(first, 'cancelled');
  expect(await blocking(first)).toEqual([]);
});

test('R14: an emergency, which never had it, ends no blocker of the scheduled release while that is open and production is without it', async () => {
  const scheduled = await release('v2.0.0', 'aaa1111');
  const id = await confirmed();
  await emergencyBeside(scheduled, 'v1.9.1', 'eee9999');
  const hotfix = (await bug(id)).candidates.at(-1)?.id as number;
  expect(await act(ENG, id, { kind: 'fix', candidateId: hotfix })).toBe('other_kind');
  expect(fixable(await bug(id))).toEqual([]);
  const fix = await candidate(scheduled, 'bbb2222');
  expect(fixable(await bug(id)).map((c) => c.id)).toEqual([fix]);
  expect(await act(ENG, id, { kind: 'fix', candidateId: fix })).toBe('accepted');
  // With none of its kind open it could never end otherwise.
  await setState(scheduled, 'cancelled');
  expect(await act(BEN, id, { kind: 'retest', fixed: true })).toBe('fix_gone');
  expect(await act(ENG, id, { kind: 'fix', candidateId: hotfix })).toBe('accepted');
  expect(await act(BEN, id, { kind: 'retest', fixed: true })).toBe('accepted');
});

/** A blocker found on `abc7777` of v7.0.0, which is cancelled; retests on c2 and c3 of v7.1.0 failed, and it is verified on c4. */
async function longStory() {
  const first = await release('v7.0.0', 'abc7777');
  const id = await confirmed();
  await t.db.execute(sql`update releases set state = 'cancelled', ended_at = ${now.toISOString()} where id = ${first}`);
  const second = await release('v7.1.0', 'abc7777');
  const unsaid = await candidate(second, 'ccc1111');
  const tried = await retested(id, second, ['def7772', 'def7773', 'def7774']);
  return { id, first, second, unsaid, tried };
}

test('R14: a commit that was found to have it, or failed its retest, blocks whichever release names it again, until it ships', async () => {
  const { id, second } = await longStory();
  expect(await blocking(second)).toEqual([]);
  await gateNews(deps, PRODUCT);
  await named(id, second, [
    ['abc7777', 'known'],
    ['def7772', 'known'],
    ['def7773', 'known'],
    ['ccc1111', 'assumed'],
  ]);
  await gateNews(deps, PRODUCT);
  expect((await lines()).at(-1)).toContain('Blocked: Balance');
  await named(id, second, [['def7774', null]]);
  await gateNews(deps, PRODUCT);
  expect((await lines()).at(-1)).toContain('this candidate is without it');
  // One before it was found, named again, is a way back; so is one after.
  await named(id, second, [['eee9999', null]]);
  await setState(second, 'done');
  const third = await release('v7.2.0', 'def7773abc');
  expect(await blocking(third)).toEqual([[id, 'known']]);
  await t.db.execute(sql`update releases set product = 'another' where id = ${third}`);
  expect(await blocking(third)).toEqual([]);
});

test('R14: an emergency named between the finding and the failed retest is not known to have it', async () => {
  const scheduled = await release('v7.0.0', 'abc7777');
  const id = await confirmed();
  const emergency = await emergencyBeside(scheduled, 'v7.0.1', 'bbb1111');
  await retested(id, scheduled, ['def7772', 'def7773']);
  expect(await blocking(emergency)).toEqual([]);
});

test('R14: a revert whose verified tree is that of a commit that has it is as bad as that commit', async () => {
  const { id, second, tried } = await longStory();
  const [c2, , c4] = tried as [number, number, number];
  const { found } = await bug(id);
  await setTree(found?.id as number, 'treeA');
  await setTree(c2, 'treeB');
  await setTree(c4, 'treeC');
  await named(id, second, [
    ['aaa0001', 'known', 'treeA'],
    ['aaa0002', 'known', 'treeB'],
    ['aaa0003', null, 'treeC'],
    ['aaa0004', null, 'treeD'],
  ]);
});

test('R14: the code that it was verified on is not held up by what was only assumed of it', async () => {
  const { id, second, unsaid, tried } = await longStory();
  await setTree(unsaid, 'treeC');
  await setTree(tried[2] as number, 'treeC');
  expect(await blocking(second)).toEqual([]);
  await named(id, second, [['ccc1111', null, 'treeC']]);
});

test('R14: a blocker does not hold up the code it was verified on: a rebuild, a merge or a setting may have been its fix', async () => {
  const { id, first, second, tried } = await longStory();
  const [c2, c3, c4] = tried as [number, number, number];
  for (const one of [(await bug(id)).found?.id as number, c2, c4]) await setTree(one, 'treeA');
  await setTree(c3, 'treeB');
  // Still its candidate; one of that tree; and the ones it was found on and failed on, by commit and by tree.
  expect(await blocking(second)).toEqual([]);
  await named(id, second, [
    ['aaa0001', null, 'treeA'],
    ['abc7777', null, 'treeA'],
    ['def7772', null, 'treeA'],
    ['aaa0002', 'known', 'treeB'],
    ['def7774', null, 'treeA'],
    // What GitHub has not said is not known: by its commit alone it is the one it was found on.
    ['abc7777', 'known'],
  ]);
  // A retest that fails there later is of a new report, and that one blocks this tree.
  await setTree(await candidate(second, 'aaa0003'), 'treeA');
  const anew = await confirmed();
  for (const [commit, as, fixed] of [
    ['bbb0001', 'treeA', false],
    ['bbb0002', 'treeC', true],
  ] as const) {
    const candidateId = await candidate(second, commit);
    await setTree(candidateId, as);
    await act(ENG, anew, { kind: 'fix', candidateId });
    expect(await act(BEN, anew, { kind: 'retest', fixed, candidateId })).toBe('accepted');
  }
  expect(await blocking(second)).toEqual([]);
  await named(anew, second, [['def7774', 'known', 'treeA']]);
  expect(await blocking(first)).toEqual([]);
});

test('R14: a step back, between the finding and a failed retest, to what was named before it was found, is not held against that; a retest that failed there is', async () => {
  const releaseId = await release('v7.0.0', 'aaa9999');
  await candidate(releaseId, 'aaa8888');
  await candidate(releaseId, 'abc7777');
  const id = await confirmed();
  await candidate(releaseId, 'aaa9999');
  await candidate(releaseId, 'ccc1111');
  // This one had it before it was found; only the newest failure is kept with the bug.
  await retested(id, releaseId, ['aaa8888', 'def7772', 'def7773']);
  await named(id, releaseId, [
    ['aaa9999', null],
    ['aaa8888', 'known'],
    ['ccc1111', 'assumed'],
    ['abc7777', 'known'],
    ['def7772', 'known'],
  ]);
  for (const commit of ['aaa9999', 'ccc1111']) {
    await candidate(releaseId, commit);
    await gateNews(deps, PRODUCT);
  }
  expect((await lines()).at(-1)).toContain('assumed to have it');
});

test('R14: a step back to what was named before a bug was found in production; not to the release that is said to have brought it', async () => {
  const old = await release('v6.0.0', 'aaa9999');
  await setState(old, 'cancelled');
  const { id } = await foundLive('v6.1.0', ['abc6666', 'abc7777']);
  later(60_000);
  const releaseId = await release('v7.0.0', 'aaa9999');
  await candidate(releaseId, 'abc6666');
  await candidate(releaseId, 'abc7777');
  await retested(id, releaseId, ['def7772', 'def7773']);
  await named(id, releaseId, [
    ['aaa9999', null],
    ['abc6666', 'assumed'],
    ['abc7777', 'known'],
  ]);
});

test('R14: what shipped in the release that a bug in production is attributed to is known to have it, but for the code it was verified on', async () => {
  const { id, live, at } = await foundLive('v1.0.0', ['aaa0000', 'abc7777']);
  const hotfix = await release('v1.0.1', 'eee9999');
  later(60_000);
  await retested(id, hotfix, ['eee9998']);
  const fix = (await bug(id)).fix?.id as number;
  await setState(hotfix, 'cancelled');
  const again = await release('v1.0.2', 'abc7777aa');
  expect(await blocking(again)).toEqual([[id, 'known']]);
  // It never shipped; and of another release, or of none, nothing is known.
  await candidate(again, 'aaa0000');
  expect(await blocking(again)).toEqual([]);
  await candidate(again, 'abc7777');
  for (const [column, but] of [
    ['found_in', sql`update bugs set found_in = 'candidate'`],
    ['blocking', sql`update bugs set blocking = false`],
    ['shipped_at', sql`update releases set shipped_at = null`],
  ] as const) {
    await t.db.transaction(async (tx) => {
      await tx.execute(but);
      expect([column, (await loadFacts(tx, again))?.blockers]).toEqual([column, []]);
      await tx.execute(sql`update bugs set found_in = 'production', blocking = true`);
      await tx.execute(sql`update releases set shipped_at = ${at} where id = ${live}`);
    });
  }
  expect(await blocking(again)).toEqual([[id, 'known']]);
  // A setting or a rebuild was the fix: the retest is the newest word on this code.
  await t.db.execute(sql`insert into candidate_facts (candidate_id, tree)
    select id, 'treeA' from candidates where id = ${fix} or (release_id = ${again} and seq = 3)`);
  expect(await blocking(again)).toEqual([]);
});

test('R14: found in production, what was named since the report and before the failed retest has it; what was live has not for all we know', async () => {
  const first = await release('v7.0.0', 'abc7777');
  await setState(first, 'rolled_back');
  later(60_000);
  const id = await file(CAS, { foundIn: 'production' });
  await act(ADA, id, { kind: 'recreate' });
  const second = await release('v7.1.0', 'abc7777');
  await retested(id, second, ['def7772', 'def7773', 'def7774']);
  await named(id, second, [['def7772', 'known']]);
});
