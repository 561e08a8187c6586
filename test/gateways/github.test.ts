import nock from 'nock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GitHubError } from '../../src/base/github.ts';
import {
  API,
  commitAnswer,
  comparePage,
  type FakeCommit,
  github,
  pullsAnswer,
  REPO,
  serve,
  sha,
} from '../support/github.ts';

const HEAD = sha('head');
const COMMIT = `/repos/${REPO}/commits/${HEAD.slice(0, 7)}`;
const commits = (n: number): FakeCommit[] =>
  Array.from({ length: n }, (_, i) => ({ sha: sha(`c${i}`), message: `Change ${i}\n\nmore words`, login: 'octo' }));

beforeAll(() => {
  nock.disableNetConnect();
});
beforeEach(() => {
  nock.cleanAll();
});
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
});
afterAll(() => {
  nock.cleanAll();
  nock.restore();
});

/** What a call fails with; it must fail. */
const failure = (call: Promise<unknown>): Promise<GitHubError> =>
  call.then(
    (value) => expect.unreachable(`it answered ${JSON.stringify(value)}`),
    (err) => err,
  );
const here = () => nock(API).get(`/repos/${REPO}`).reply(200, { id: 1 });
const gone = () => nock(API).get(`/repos/${REPO}`).reply(404, { message: 'Not Found' });

describe('a commit', () => {
  it('is found by its first digits, with its tree', async () => {
    nock(API)
      .get(COMMIT)
      .reply(200, commitAnswer(HEAD, sha('tree')));
    expect(await github().commit(REPO, HEAD.slice(0, 7))).toEqual({ sha: HEAD, tree: sha('tree') });
  });

  it('is not there when GitHub says so of a repository it shows', async () => {
    nock(API).get(COMMIT).reply(422, { message: 'No commit found for SHA' });
    expect(await github().commit(REPO, HEAD.slice(0, 7))).toBeNull();
    nock(API).get(COMMIT).reply(404, { message: 'Not Found' });
    here();
    expect(await github().commit(REPO, HEAD.slice(0, 7))).toBeNull();
  });

  it('is unknown, not missing, when the token does not see the repository', async () => {
    nock(API).get(COMMIT).reply(404, { message: 'Not Found' });
    gone();
    const err = await failure(github().commit(REPO, HEAD.slice(0, 7)));
    expect(err).toMatchObject({
      kind: 'missing',
      message: `GitHub has no repository ${REPO}, or the token cannot see it`,
    });
  });

  it('is no branch that is called like one', async () => {
    nock(API).get(`/repos/${REPO}/commits/deadbee`).reply(200, commitAnswer(HEAD));
    expect(await github().commit(REPO, 'deadbee')).toBeNull();
  });

  it('is waited for as long as asked, the look at the repository included', async () => {
    nock(API).get(COMMIT).delay(2000).reply(200, commitAnswer(HEAD));
    const begun = Date.now();
    const err = await failure(github().commit(REPO, HEAD.slice(0, 7), 100));
    expect(err).toMatchObject({ kind: 'doubtful', message: 'GitHub does not answer' });
    expect(Date.now() - begun).toBeLessThan(1000);
    nock.abortPendingRequests();
  });
});

describe('failures', () => {
  const now = () => new Date('2026-03-02T09:00:00Z');
  const ask = () => failure(github({ now }).commit(REPO, HEAD.slice(0, 7)));
  const epoch = (iso: string) => String(Date.parse(iso) / 1000);

  it.each<[string, number, Record<string, string>, unknown, Partial<GitHubError>]>([
    [
      '429 with Retry-After',
      429,
      { 'retry-after': '7' },
      { message: 'slow down' },
      { kind: 'rate_limited', retryAfterMs: 7000 },
    ],
    [
      'the hourly limit',
      403,
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': epoch('2026-03-02T09:10:00Z') },
      { message: 'API rate limit exceeded' },
      { kind: 'rate_limited', retryAfterMs: 600_000 },
    ],
    [
      'a secondary limit that names no time',
      403,
      {},
      { message: 'You have exceeded a secondary rate limit' },
      { kind: 'rate_limited', retryAfterMs: 60_000 },
    ],
    [
      'a limit that was over already',
      403,
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': epoch('2026-03-02T08:00:00Z') },
      {},
      { kind: 'rate_limited', retryAfterMs: 1000 },
    ],
    [
      'a wrong token',
      401,
      {},
      { message: 'Bad credentials' },
      { kind: 'auth', message: 'GitHub does not accept the token' },
    ],
    [
      'a right that lacks',
      403,
      { 'x-ratelimit-remaining': '10' },
      { message: 'Resource not accessible' },
      { kind: 'auth' },
    ],
    ['GitHub in trouble', 502, {}, '<html>', { kind: 'doubtful', message: 'GitHub has trouble (502)' }],
    [
      'a page of HTML',
      200,
      { 'content-type': 'text/html' },
      '<html>hello</html>',
      { kind: 'doubtful', message: "GitHub's answer makes no sense" },
    ],
    ['half an answer', 200, {}, { sha: HEAD }, { kind: 'doubtful' }],
    ['broken JSON', 200, { 'content-type': 'application/json' }, '{"sha": "', { kind: 'doubtful' }],
  ])('%s', async (_, status, headers, body, expected) => {
    nock(API)
      .get(COMMIT)
      .reply(status, body as never, headers);
    expect(await ask()).toMatchObject({ name: 'GitHubError', ...expected });
  });

  it('no network', async () => {
    nock(API).get(COMMIT).replyWithError('getaddrinfo ENOTFOUND github.test');
    expect(await ask()).toMatchObject({ kind: 'doubtful', message: 'GitHub does not answer' });
  });

  it('a GraphQL answer of errors', async () => {
    for (const [type, kind] of [
      ['RATE_LIMITED', 'rate_limited'],
      ['FORBIDDEN', 'auth'],
      ['NOT_FOUND', 'missing'],
      ['SOMETHING', 'doubtful'],
    ]) {
      nock(API)
        .get(/compare/)
        .query(true)
        .reply(200, comparePage(commits(1), 1, 100));
      nock(API)
        .post('/graphql')
        .reply(200, { data: null, errors: [{ type, message: 'no' }] });
      expect(await failure(github().compare(REPO, 'main', HEAD)), type).toMatchObject({ kind });
    }
  });
});

describe('the changes', () => {
  it('come complete over all pages, their pull requests 50 to a query', async () => {
    const list = commits(257).map((c, i) => ({
      ...c,
      pulls: [{ number: i + 1, title: `PR ${i + 1}`, login: 'octo' }],
    }));
    const calls = serve(HEAD, sha('tree'), list);
    const { commits: found, total, whole } = await github().compare(REPO, 'main', HEAD);
    nock.cleanAll();
    expect(found.map((c) => c.sha)).toEqual(list.map((c) => c.sha));
    expect([total, whole]).toEqual([257, true]);
    expect(found[256]).toMatchObject({
      subject: 'Change 256',
      logins: ['octo'],
      pulls: [{ number: 257, title: 'PR 257' }],
    });
    expect(calls).toEqual({ commit: 0, compare: 3, graphql: 6 });
  });

  it('say whether they are whole: a full page of pull requests or labels, or an unknown commit, may hide a label', async () => {
    const pull = { number: 1, title: 'One' };
    const many = (n: number) => Array.from({ length: n }, (_, i) => ({ ...pull, number: i + 1 }));
    const labels = (n: number) => Array.from({ length: n }, (_, i) => `l${i}`);
    for (const [pulls, whole] of [
      [many(9), true],
      [many(10), false],
      [[{ ...pull, labels: labels(99) }], true],
      [[{ ...pull, labels: labels(100) }], false],
    ] as const) {
      serve(HEAD, sha('tree'), [...commits(1).map((c) => ({ ...c, pulls: [...pulls] }))]);
      expect((await github().compare(REPO, 'main', HEAD)).whole).toBe(whole);
      nock.cleanAll();
    }
    nock(API)
      .get(/compare/)
      .query(true)
      .reply(200, comparePage(commits(1), 1, 100));
    nock(API)
      .post('/graphql')
      .reply((_, body) => [200, pullsAnswer((body as { query: string }).query, [])]);
    expect((await github().compare(REPO, 'main', HEAD)).whole).toBe(false);
  });

  it('are never fewer: a page that is missing is a failure', async () => {
    nock(API)
      .get(/compare/)
      .query({ per_page: 100, page: 1 })
      .reply(200, comparePage(commits(150), 1, 100));
    nock(API)
      .get(/compare/)
      .query({ per_page: 100, page: 2 })
      .reply(200, comparePage(commits(150), 3, 100));
    expect(await failure(github().compare(REPO, 'main', HEAD))).toMatchObject({
      kind: 'doubtful',
      message: 'GitHub sent only a part of the changes',
    });
  });

  it('are read page by page from the production of the first page', async () => {
    const asked: string[] = [];
    nock(API)
      .get(/compare/)
      .query(true)
      .times(2)
      .reply((uri) => {
        asked.push(uri);
        return [200, comparePage(commits(150), asked.length, 100)];
      });
    nock(API)
      .post('/graphql')
      .times(3)
      .reply((_, body) => [200, pullsAnswer((body as { query: string }).query, commits(150))]);
    await github().compare(REPO, 'release/1', HEAD);
    expect(asked[0]).toContain('/compare/release%2F1...');
    expect(asked[1]).toContain(`/compare/${sha('production')}...`);
  });

  it('name co-authors, and only pull requests that were merged', async () => {
    const pulls = [
      { number: 1, title: 'open', merged: false },
      { number: 2, title: 'merged' },
    ];
    serve(HEAD, sha('tree'), [
      { sha: sha('c'), message: 'x', coauthors: ['pair', 'octo'], login: 'octo', parents: 2, pulls },
    ]);
    const found = await github().compare(REPO, 'main', HEAD);
    nock.cleanAll();
    expect(found.commits[0]).toMatchObject({
      logins: ['octo', 'pair'],
      merge: true,
      pulls: [{ number: 2, login: null }],
    });
  });

  it('and how far develop is: null without such a branch', async () => {
    nock(API).get(`/repos/${REPO}/compare/main...develop`).query(true).reply(200, { ahead_by: 12 });
    expect(await github().ahead(REPO, 'main', 'develop')).toBe(12);
    nock(API).get(`/repos/${REPO}/compare/main...develop`).query(true).reply(404, { message: 'Not Found' });
    expect(await github().ahead(REPO, 'main', 'develop')).toBeNull();
    nock(API).get(`/repos/${REPO}/compare/main...develop`).query(true).reply(500);
    expect(await failure(github().ahead(REPO, 'main', 'develop'))).toMatchObject({ kind: 'doubtful' });
  });
});

describe('an issue', () => {
  const issue = { title: 'It breaks', body: 'steps' };

  it('is made, once', async () => {
    const url = `https://github.com/${REPO}/issues/7`;
    nock(API).post(`/repos/${REPO}/issues`, issue).reply(201, { number: 7, html_url: url });
    expect(await github().createIssue(REPO, issue)).toEqual({ number: 7, url });
  });

  it('is not made with a token that may only read, and not tried again by itself', async () => {
    for (const status of [403, 404, 410]) {
      nock(API).post(`/repos/${REPO}/issues`).reply(status, { message: 'no' });
      expect(await failure(github().createIssue(REPO, issue))).toMatchObject({ kind: 'auth' });
    }
    nock(API).post(`/repos/${REPO}/issues`).reply(502);
    expect(await failure(github().createIssue(REPO, issue))).toMatchObject({ kind: 'doubtful' });
  });
});

it('tells whose token it is and which branches a repository lacks', async () => {
  nock(API).get('/user').reply(200, { login: 'bot' }, { 'x-oauth-scopes': 'repo, read:org' });
  expect(await github().identity()).toEqual({ login: 'bot', scopes: ['repo', 'read:org'] });
  nock(API).get('/user').reply(200, { login: 'bot' });
  expect(await github().identity()).toEqual({ login: 'bot', scopes: undefined });
  nock(API).get('/user').reply(403, { message: 'Resource not accessible by integration' });
  expect(await github().identity()).toEqual({ login: null, scopes: undefined });
  nock(API).get('/user').reply(401, { message: 'Bad credentials' });
  expect(await failure(github().identity())).toMatchObject({ kind: 'auth' });
  nock(API).get('/user').reply(403, { message: 'API rate limit exceeded' });
  expect(await failure(github().identity())).toMatchObject({ kind: 'rate_limited' });
  here();
  nock(API).get(`/repos/${REPO}/branches/main`).reply(200, { name: 'main' });
  nock(API).get(`/repos/${REPO}/branches/develop`).reply(404, { message: 'Branch not found' });
  expect(await github().lacks(REPO, ['develop', 'main', 'main'])).toEqual(['develop']);
});
