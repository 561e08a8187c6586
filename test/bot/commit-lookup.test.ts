import nock from 'nock';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { lookUp } from '../../src/bot/commit-lookup.ts';
import type { BotDeps } from '../../src/bot/deps.ts';
import { API, commitAnswer, github, REPO, sha } from '../support/github.ts';
import { keptLog } from '../support/quiet.ts';
import { TEST_POLICY } from '../support/testing.ts';

const HEAD = sha('head');
const [product] = TEST_POLICY.products;
const policy = { ...TEST_POLICY, products: [{ ...product, repo: REPO }] };
const deps = (over: object = {}) => ({ policy, github: github(), log: keptLog().log, ...over }) as unknown as BotDeps;
const path = `/repos/${REPO}/commits/${HEAD.slice(0, 7)}`;
const ask = (over: object = {}) => lookUp(deps(over), 'web', HEAD.slice(0, 7));

beforeAll(() => nock.disableNetConnect());
beforeEach(() => nock.cleanAll());
afterAll(() => {
  nock.cleanAll();
  nock.restore();
});

it('gives the verified tree of a commit that is there (R3)', async () => {
  nock(API)
    .get(path)
    .reply(200, commitAnswer(HEAD, sha('tree')));
  expect(await ask()).toEqual({ verifiedTree: sha('tree') });
});

it('refuses a commit that is not there, and says what to do', async () => {
  nock(API).get(path).reply(422, { message: 'No commit found' });
  expect(await ask()).toEqual({
    code: 'no_such_commit',
    reason: `GitHub has no commit \`${HEAD.slice(0, 7)}\` in ${REPO}`,
    next: 'Push it first, or check the hash (more of its digits help when several commits begin like that).',
  });
});

it.each([
  ['limited', () => nock(API).get(path).reply(429, {}, { 'retry-after': '60' })],
  ['in trouble', () => nock(API).get(path).reply(503)],
  ['not to be reached', () => nock(API).get(path).replyWithError('ECONNREFUSED')],
  ['refusing the token', () => nock(API).get(path).reply(401)],
  [
    'not showing the repository',
    () => {
      nock(API).get(path).reply(404);
      nock(API).get(`/repos/${REPO}`).reply(404);
    },
  ],
])('delays nothing when GitHub is %s', async (_, given) => {
  given();
  expect(await ask()).toEqual({});
});

it('delays nothing when GitHub is slow: 1.5 s at most', async () => {
  nock(API).get(path).delay(5000).reply(200, commitAnswer(HEAD));
  const begun = performance.now();
  expect(await ask()).toEqual({});
  expect(performance.now() - begun).toBeLessThan(2000);
  nock.abortPendingRequests();
});

it('asks nothing without a token or a repository', async () => {
  expect(await ask({ github: undefined })).toEqual({});
  expect(await ask({ policy: TEST_POLICY })).toEqual({});
});
