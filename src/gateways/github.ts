import { Octokit } from '@octokit/core';
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import { type Commit, type CommitChange, type Comparison, type GitHub, GitHubError } from '../base/github.ts';
import type { Logger } from '../base/log.ts';
import { githubError } from './github-errors.ts';

const TIMEOUT_MS = 10_000;
/** GitHub's largest page of a comparison. */
const PAGE = 100;
/** 2,000 commits: more are counted, not listed. */
const MAX_PAGES = 20;
/** Commits whose pull requests one GraphQL query asks for. */
const BATCH = 50;
/** What one query takes of a commit's authors, its pull requests and their labels (GraphQL's largest page). */
const MOST = { authors: 50, pulls: 10, labels: 100 };

const hash = z.string().regex(/^[0-9a-f]{40,64}$/);
const oneCommit = z.object({ sha: hash, commit: z.object({ tree: z.object({ sha: hash }) }) });
const comparison = z.object({
  html_url: z.string(),
  ahead_by: z.number(),
  total_commits: z.number(),
  base_commit: z.object({ sha: hash }),
  commits: z.array(
    z.object({
      sha: hash,
      html_url: z.string(),
      commit: z.object({ message: z.string() }),
      parents: z.array(z.unknown()),
      author: z.object({ login: z.string().optional() }).nullish(),
    }),
  ),
});
const author = z.object({ login: z.string() }).nullish();
const nodes = <T extends z.ZodType>(item: T) => z.object({ nodes: z.array(item) });
const pulls = z.object({
  authors: nodes(z.object({ user: author })),
  associatedPullRequests: nodes(
    z.object({
      number: z.number(),
      title: z.string(),
      url: z.string(),
      merged: z.boolean(),
      baseRefName: z.string(),
      author,
      labels: nodes(z.object({ name: z.string() })).nullish(),
    }),
  ),
});
const pullsAnswer = z.object({ repository: z.record(z.string(), pulls.nullish()) });
type Pulls = z.output<typeof pulls>;

interface Setup {
  token: string;
  apiUrl: string;
  log: Logger;
  clock: Clock;
  timeoutMs?: number;
}

/** Asks GitHub once; what fails is a GitHubError. @param what the thing asked for, in words */
type Ask = <T extends z.ZodType>(what: string, shape: T, call: Call, withinMs?: number) => Promise<z.output<T>>;
type Call = (octokit: Octokit, request: { signal: AbortSignal }) => Promise<unknown>;

/**
 * GitHub, by its REST and GraphQL interfaces. Nothing is tried again in here: whoever asks decides, the queue with its
 * back-off or a person. Answers that are not of the documented shape are failures, never fewer changes.
 */
export function makeGithub(setup: Setup): GitHub {
  const say = (msg: string) => setup.log.debug(msg);
  const octokit = new Octokit({
    auth: setup.token,
    baseUrl: setup.apiUrl.replace(/\/+$/, ''),
    userAgent: 'shipshape',
    log: { debug: say, info: say, warn: say, error: say },
  });
  const ask: Ask = async (what, shape, call, withinMs = setup.timeoutMs ?? TIMEOUT_MS) => {
    try {
      return fit(shape, await call(octokit, { signal: AbortSignal.timeout(withinMs) }));
    } catch (err) {
      throw githubError(what, err, setup.clock());
    }
  };
  return {
    commit: (repo, hex, withinMs) => commit(ask, repo, hex, withinMs),
    compare: (repo, base, head) => compare(ask, repo, base, head),
    ahead: (repo, base, head) => ahead(ask, repo, base, head),
    createIssue: (repo, issue) => createIssue(ask, repo, issue),
    identity: () => identity(ask),
    lacks: (repo, branches) => lacks(ask, repo, branches),
  };
}

const repository = z.object({ data: z.object({ id: z.number() }) });

async function commit(ask: Ask, repo: string, hex: string, withinMs?: number): Promise<Commit | null> {
  const until = Date.now() + (withinMs ?? TIMEOUT_MS);
  const path = `GET /repos/${repo}/commits/{hex}`;
  try {
    const call: Call = (octokit, request) => octokit.request(path, { hex, request });
    const { data } = await ask(`commit ${hex} in ${repo}`, z.object({ data: oneCommit }), call, withinMs);
    // A branch or tag whose name looks like a commit is none.
    return data.sha.startsWith(hex) ? { sha: data.sha, tree: data.commit.tree.sha } : null;
  } catch (err) {
    if (!(err instanceof GitHubError) || (err.kind !== 'missing' && err.kind !== 'invalid')) throw err;
    if (err.kind === 'invalid') return null;
  }
  // A repository that the token does not see has "no" commit either; that is no fault of whoever typed it.
  const look: Call = (octokit, request) => octokit.request(`GET /repos/${repo}`, { request });
  await ask(`repository ${repo}`, repository, look, Math.max(1, until - Date.now()));
  return null;
}

async function compare(ask: Ask, repo: string, base: string, head: string): Promise<Comparison> {
  const what = `branch \`${base}\` or commit ${head.slice(0, 7)} in ${repo}`;
  const page = async (from: string, n: number) => {
    const at = { basehead: `${from}...${head}`, per_page: PAGE, page: n };
    const call: Call = (octokit, request) =>
      octokit.request(`GET /repos/${repo}/compare/{basehead}`, { ...at, request });
    return (await ask(what, z.object({ data: comparison }), call)).data;
  };
  const first = await page(base, 1);
  const found = [...first.commits];
  for (let n = 2; found.length < first.total_commits && n <= MAX_PAGES; n++) {
    // By hash: production may move while we read.
    const next = await page(first.base_commit.sha, n);
    if (!next.commits.length) throw new GitHubError('doubtful', 'GitHub sent only a part of the changes');
    found.push(...next.commits);
  }
  const pulls = new Map<string, Pulls>();
  for (let from = 0; from < found.length; from += BATCH) {
    const batch = found.slice(from, from + BATCH).map((c) => c.sha);
    for (const [sha, known] of await pullsOf(ask, repo, batch)) pulls.set(sha, known);
  }
  const commits = found.map((c) => change(c, pulls.get(c.sha)));
  const whole = found.length >= first.total_commits && found.every((c) => isWhole(pulls.get(c.sha)));
  return { commits, total: first.total_commits, whole, url: first.html_url };
}

/** Whether GitHub knew the commit, and named all of its pull requests and their labels. A full page counts as cut. */
function isWhole(known: Pulls | undefined): boolean {
  const found = known?.associatedPullRequests.nodes;
  if (!found || found.length >= MOST.pulls) return false;
  return found.every((p) => (p.labels?.nodes.length ?? 0) < MOST.labels);
}

/** The pull requests and authors of at most 50 commits. */
async function pullsOf(ask: Ask, repo: string, shas: string[]): Promise<Map<string, Pulls>> {
  const [owner, name] = repo.split('/');
  const objects = shas.map((sha, i) => `c${i}: object(oid: "${sha}") { ...change }`).join('\n');
  const query = `query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) {\n${objects}\n} }\n${CHANGE}`;
  const call: Call = (octokit, request) => octokit.graphql(query, { owner, name, request });
  const { repository } = await ask(`pull requests in ${repo}`, pullsAnswer, call);
  return new Map(
    shas.flatMap((sha, i) => {
      const known = repository[`c${i}`];
      return known ? [[sha, known] as const] : [];
    }),
  );
}

function change(c: z.output<typeof comparison>['commits'][number], known: Pulls | undefined): CommitChange {
  const logins = [c.author?.login, ...(known?.authors.nodes.map((a) => a.user?.login) ?? [])];
  const merged = known?.associatedPullRequests.nodes.filter((p) => p.merged) ?? [];
  return {
    sha: c.sha,
    subject: c.commit.message.split('\n', 1)[0] ?? '',
    url: c.html_url,
    logins: [...new Set(logins.filter((l) => l !== undefined))],
    merge: c.parents.length > 1,
    pulls: merged.map(({ number, title, url, author, labels, baseRefName }) => ({
      number,
      title,
      url,
      login: author?.login ?? null,
      labels: labels?.nodes.map((l) => l.name) ?? [],
      base: baseRefName,
    })),
  };
}

async function ahead(ask: Ask, repo: string, base: string, head: string): Promise<number | null> {
  const call: Call = (octokit, request) =>
    octokit.request(`GET /repos/${repo}/compare/{basehead}`, { basehead: `${base}...${head}`, per_page: 1, request });
  try {
    const shape = z.object({ data: comparison.pick({ ahead_by: true }) });
    return (await ask(`branch \`${head}\` in ${repo}`, shape, call)).data.ahead_by;
  } catch (err) {
    if (err instanceof GitHubError && err.kind === 'missing') return null;
    throw err;
  }
}

async function createIssue(ask: Ask, repo: string, issue: { title: string; body: string }) {
  const call: Call = (octokit, request) => octokit.request(`POST /repos/${repo}/issues`, { ...issue, request });
  const shape = z.object({ data: z.object({ number: z.number(), html_url: z.string() }) });
  try {
    const { data } = await ask(`the issue for ${repo}`, shape, call);
    return { number: data.number, url: data.html_url };
  } catch (err) {
    // A token without the right to write gets 403, or 404 where it may not even read; 410 where issues are off.
    if (!(err instanceof GitHubError) || (err.kind !== 'auth' && err.kind !== 'missing')) throw err;
    throw new GitHubError('auth', `the GitHub token may not make issues in ${repo}, or issues are off there`, 0, err);
  }
}

async function identity(ask: Ask): Promise<{ login: string | null; scopes: string[] | undefined }> {
  const shape = z.object({
    data: z.object({ login: z.string() }),
    headers: z.object({ 'x-oauth-scopes': z.string().optional() }),
  });
  const answer = await ask('its own account', shape, (octokit, request) =>
    octokit.request('GET /user', { request }),
  ).catch((err: GitHubError) => {
    // "Resource not accessible by integration"; a token that is not good is answered 401.
    if (err.kind === 'auth' && (err.cause as { status?: number }).status === 403) return null;
    throw err;
  });
  if (!answer) return { login: null, scopes: undefined };
  const { data, headers } = answer;
  return { login: data.login, scopes: headers['x-oauth-scopes']?.split(/,\s*/).filter(Boolean) };
}

async function lacks(ask: Ask, repo: string, branches: readonly string[]): Promise<string[]> {
  await ask(`repository ${repo}`, repository, (octokit, request) => octokit.request(`GET /repos/${repo}`, { request }));
  const missing: string[] = [];
  for (const branch of new Set(branches)) {
    const call: Call = (octokit, request) =>
      octokit.request(`GET /repos/${repo}/branches/{branch}`, { branch, request });
    await ask(`branch ${branch}`, z.object({ status: z.literal(200) }), call).catch((err: GitHubError) => {
      if (err.kind !== 'missing') throw err;
      missing.push(branch);
    });
  }
  return missing;
}

const CHANGE = `fragment change on Commit {
  authors(first: ${MOST.authors}) { nodes { user { login } } }
  associatedPullRequests(first: ${MOST.pulls}) {
    nodes { number title url merged baseRefName author { login } labels(first: ${MOST.labels}) { nodes { name } } }
  }
}`;

function fit<T extends z.ZodType>(shape: T, data: unknown): z.output<T> {
  const read = shape.safeParse(data);
  if (read.success) return read.data;
  throw new GitHubError('doubtful', "GitHub's answer makes no sense", 0, read.error);
}
