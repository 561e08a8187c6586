import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import nock from 'nock';
import type { GitHub } from '../../src/base/github.ts';
import { makeGithub } from '../../src/gateways/github.ts';
import { keptLog } from './quiet.ts';

export const API = 'https://github.test';
export const REPO = 'example/web';
export const TOKEN = 'ghp_test0123456789';

export const sha = (text: string) => createHash('sha1').update(text).digest('hex');

export interface FakeCommit {
  sha: string;
  message: string;
  login?: string;
  coauthors?: string[];
  parents?: number;
  pulls?: FakePull[];
}
export interface FakePull {
  number: number;
  title: string;
  login?: string;
  labels?: string[];
  merged?: boolean;
  base?: string;
}

export function github(over: { timeoutMs?: number; now?: () => Date } = {}): GitHub {
  const clock = over.now ?? (() => new Date());
  return makeGithub({ token: TOKEN, apiUrl: `${API}/`, log: keptLog().log, clock, timeoutMs: over.timeoutMs ?? 2000 });
}

/** GitHub's answer to one commit. */
export function commitAnswer(hash: string, tree = sha(`tree of ${hash}`)) {
  return { sha: hash, commit: { tree: { sha: tree }, message: 'a change' } };
}

/** A page of a comparison, as GitHub cuts it. */
export function comparePage(commits: readonly FakeCommit[], page: number, perPage: number) {
  return {
    html_url: `https://github.com/${REPO}/compare/main...x`,
    ahead_by: commits.length,
    total_commits: commits.length,
    base_commit: { sha: sha('production') },
    commits: commits.slice((page - 1) * perPage, page * perPage).map((c) => ({
      sha: c.sha,
      html_url: `https://github.com/${REPO}/commit/${c.sha}`,
      commit: { message: c.message },
      parents: Array.from({ length: c.parents ?? 1 }, (_, i) => ({ sha: sha(`parent ${i}`) })),
      author: c.login ? { login: c.login } : null,
    })),
  };
}

/** GitHub's answer to a GraphQL query for the commits it names. */
export function pullsAnswer(query: string, commits: readonly FakeCommit[]) {
  const asked = [...query.matchAll(/(c\d+): object\(oid: "([0-9a-f]+)"\)/g)];
  const entries = asked.map(([, alias, oid]) => {
    const c = commits.find((x) => x.sha === oid);
    const people = [c?.login, ...(c?.coauthors ?? [])].map((login) => ({ user: login ? { login } : null }));
    const pulls = (c?.pulls ?? []).map((p) => ({
      number: p.number,
      title: p.title,
      url: `https://github.com/${REPO}/pull/${p.number}`,
      merged: p.merged ?? true,
      baseRefName: p.base ?? 'develop',
      author: p.login ? { login: p.login } : null,
      labels: { nodes: (p.labels ?? []).map((name) => ({ name })) },
    }));
    return [alias, c ? { authors: { nodes: people }, associatedPullRequests: { nodes: pulls } } : null];
  });
  return { data: { repository: Object.fromEntries(entries) } };
}

/** A GitHub whose production lacks `commits`; every request it gets is counted by kind. */
export function serve(head: string, tree: string, commits: readonly FakeCommit[], develop = 3) {
  const calls = { commit: 0, compare: 0, graphql: 0 };
  const scope = nock(API, { reqheaders: { authorization: `token ${TOKEN}` } }).persist();
  scope.get(`/repos/${REPO}/commits/${head.slice(0, 7)}`).reply(() => {
    calls.commit++;
    return [200, commitAnswer(head, tree)];
  });
  scope
    .get(new RegExp(`/repos/${REPO}/compare/(main|${sha('production')})\\.\\.\\.${head}`))
    .query(true)
    .reply((uri) => {
      calls.compare++;
      const query = new URL(uri, API).searchParams;
      return [200, comparePage(commits, Number(query.get('page')), Number(query.get('per_page')))];
    });
  scope.get(`/repos/${REPO}/compare/main...develop`).query(true).reply(200, { ahead_by: develop });
  scope.post('/graphql').reply((_uri, body) => {
    calls.graphql++;
    return [200, pullsAnswer((body as { query: string }).query, commits)];
  });
  return calls;
}

/** The same GitHub for a bot in a process of its own: a server on the loopback. `issues` are those it was asked to make. */
export async function startGithub(head: string, tree: string, commits: readonly FakeCommit[]) {
  const issues: { title: string; body: string }[] = [];
  const answer = (asked: string, query: URLSearchParams, body: string): unknown => {
    const path = asked.replace(`/repos/${REPO}`, '');
    if (path === 'GET ') return { id: 1 };
    if (path === 'POST /graphql') return pullsAnswer(JSON.parse(body).query, commits);
    if (path === 'POST /issues') {
      const n = issues.push(JSON.parse(body));
      return { number: n, html_url: `https://github.com/${REPO}/issues/${n}` };
    }
    if (path === `GET /commits/${head.slice(0, 7)}`) return commitAnswer(head, tree);
    if (path === 'GET /compare/main...develop') return { ahead_by: 3 };
    if (!path.startsWith('GET /compare/')) return undefined;
    return comparePage(commits, Number(query.get('page') ?? 1), Number(query.get('per_page') ?? 30));
  };
  const server = createServer(async (req, res) => {
    const url = new URL(req.url ?? '/', 'http://github');
    let body = '';
    for await (const chunk of req) body += chunk;
    const may = req.headers.authorization === `token ${TOKEN}`;
    const said = may ? answer(`${req.method} ${decodeURIComponent(url.pathname)}`, url.searchParams, body) : undefined;
    res.writeHead(said ? 200 : may ? 404 : 401, { 'content-type': 'application/json' });
    res.end(JSON.stringify(said ?? { message: 'no' }));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    issues,
    stop: () =>
      new Promise<void>((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}
