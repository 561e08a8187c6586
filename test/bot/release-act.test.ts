import { afterAll, beforeAll, expect, it } from 'vitest';
import { readOpening } from '../../src/areas/releases/opening.ts';
import { loadFacts } from '../../src/areas/releases/store.ts';
import type { GitHub } from '../../src/base/github.ts';
import type { BotDeps } from '../../src/bot/deps.ts';
import { actOn, openRelease } from '../../src/bot/release-act.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { ENG, NOBODY } from '../support/facts.ts';
import { REPO, sha } from '../support/github.ts';
import { keptLog } from '../support/quiet.ts';
import { aCause, NOW, TEST_POLICY } from '../support/testing.ts';

const [product] = TEST_POLICY.products;
const policy = { ...TEST_POLICY, products: [{ ...product, repo: REPO }] as typeof TEST_POLICY.products };
let t: TestDb;
let asked: string[] = [];
const github = {
  commit: async (_: string, hex: string) => {
    asked.push(hex);
    return hex.startsWith('bad') ? null : { sha: sha(hex), tree: sha('tree') };
  },
} as unknown as GitHub;
const deps = () => ({ db: t.db, policy, clock: () => NOW, log: keptLog().log, github }) as unknown as BotDeps;
const opening = (commit: string) => {
  const form = { product: 'web', version: '1.0.0', commit, kind: 'scheduled' as const, manager: ENG.id, authors: [] };
  const read = readOpening(form, policy);
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  return read.opening;
};
const candidate = (commit: string) => ({ kind: 'candidate', commit, tree: null }) as const;

beforeAll(async () => {
  t = await freshDb();
});
afterAll(() => t?.close());

it('a release opens and takes candidates on commits that are there, with their trees (R3)', async () => {
  const refused = await openRelease(deps(), aCause(ENG.id), ENG, opening('bad1234'));
  expect(refused.answer).toMatchObject({ outcome: 'refused', code: 'no_such_commit' });
  const opened = await openRelease(deps(), aCause(ENG.id), ENG, opening('abc1234'));
  expect(opened.answer.outcome).toBe('accepted');
  const id = opened.answer.releaseId as number;

  const missing = await actOn(deps(), aCause(ENG.id), ENG, id, candidate('bad5678'));
  expect(missing.answer).toMatchObject({ code: 'no_such_commit', releaseId: id });
  expect(missing.answer.text).toContain('GitHub has no commit `bad5678`');
  expect((await actOn(deps(), aCause(ENG.id), ENG, id, candidate('def5678'))).answer.outcome).toBe('accepted');
  const f = await loadFacts(t.db, id);
  expect(f?.candidates.map((c) => [c.commit, c.verifiedTree])).toEqual([
    ['abc1234', sha('tree')],
    ['def5678', sha('tree')],
  ]);
  expect(f?.changes).toMatchObject({ loaded: false, problem: null });

  asked = [];
  expect((await actOn(deps(), aCause(NOBODY.id), NOBODY, id, candidate('bad9999'))).answer.code).toBe('role');
  expect(asked).toEqual([]);
});
