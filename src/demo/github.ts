import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Change {
  sha: string;
  subject: string;
  pull?: number;
}
interface Facts {
  releases: { version: string; changes: Change[] }[];
}

export const REPO = 'shapeshift/unchained';
/** What the demo gives the facts, which leave people out: one author, and labels that ask for something. */
const AUTHOR = 'noah-dev';
const LABELS: Record<number, string[]> = { 457: ['needs-test'], 463: ['flag:bitcoincash'] };

const { releases } = JSON.parse(readFileSync(new URL('unchained.json', import.meta.url), 'utf8')) as Facts;
const all = releases.flatMap((r) => r.changes);

/** The facts know eight digits of a commit; the rest of its hash, and its tree's, are made from them. */
const full = (sha: string) => sha + createHash('sha1').update(sha).digest('hex').slice(sha.length);
const treeOf = (sha: string) => createHash('sha1').update(`tree of ${sha}`).digest('hex');

/**
 * A GitHub on the loopback with what changed in three releases of shapeshift/unchained: commits, comparisons, pull requests, and
 * issues that can be made. Production is v7.0.0, and later whatever `ship` names.
 */
export async function startGithub(): Promise<{ url: string; ship(version: string): void; stop(): Promise<void> }> {
  const state = { live: 0, issues: 463 };
  const server = createServer((req, res) => void answer(req, res, state));
  await new Promise<void>((ready, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', ready);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ship: (version) => {
      const at = releases.findIndex((r) => r.version === version);
      state.live = releases.slice(0, at + 1).flatMap((r) => r.changes).length;
    },
    stop: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

async function answer(req: IncomingMessage, res: ServerResponse, state: { live: number; issues: number }) {
  const url = new URL(req.url ?? '/', 'http://github');
  let text = '';
  for await (const chunk of req) text += chunk;
  const body = text ? JSON.parse(text) : {};
  const said = reply(`${req.method} ${decodeURIComponent(url.pathname)}`, url.searchParams, body, state);
  res.writeHead(said ? 200 : 404, { 'content-type': 'application/json' });
  res.end(JSON.stringify(said ?? { message: 'Not Found' }));
}

function reply(
  asked: string,
  query: URLSearchParams,
  body: { query?: string },
  state: { live: number; issues: number },
): unknown {
  const path = asked.replace(`/repos/${REPO}`, '/repo');
  if (path === 'GET /user') return { login: 'shipshape-demo' };
  if (path === 'GET /repo') return { id: 1 };
  if (path.startsWith('GET /repo/branches/')) return { name: path.split('/').at(-1) };
  if (path === 'POST /graphql') return pulls(body.query ?? '');
  if (path === 'POST /repo/issues') {
    const number = ++state.issues;
    return { number, html_url: `https://github.com/${REPO}/issues/${number}` };
  }
  const commit = /^GET \/repo\/commits\/([0-9a-f]+)$/.exec(path)?.[1];
  if (commit) {
    const found = all.find((c) => full(c.sha).startsWith(commit));
    return found && { sha: full(found.sha), commit: { tree: { sha: treeOf(found.sha) } } };
  }
  const [, head] = /^GET \/repo\/compare\/[^/]+\.\.\.([^/]+)$/.exec(path) ?? [];
  return head === undefined ? null : comparison(head, query, state.live);
}

/** What `head`, a commit or develop, has and production does not. */
function comparison(head: string, query: URLSearchParams, live: number) {
  const at = head === 'develop' ? all.length - 1 : all.findIndex((c) => full(c.sha).startsWith(head));
  if (at < 0) return null;
  const changes = all.slice(live, at + 1);
  const per = Number(query.get('per_page') ?? 30);
  const from = (Number(query.get('page') ?? 1) - 1) * per;
  return {
    html_url: `https://github.com/${REPO}/compare/main...${head.slice(0, 12)}`,
    ahead_by: changes.length,
    total_commits: changes.length,
    base_commit: { sha: full('7000000') },
    commits: changes.slice(from, from + per).map((c) => ({
      sha: full(c.sha),
      html_url: `https://github.com/${REPO}/commit/${c.sha}`,
      commit: { message: c.subject },
      parents: [{}],
      author: { login: AUTHOR },
    })),
  };
}

/** The pull request of each commit a GraphQL query names. */
function pulls(query: string) {
  const entries = [...query.matchAll(/(c\d+): object\(oid: "([0-9a-f]+)"\)/g)].map(([, alias, oid]) => {
    const c = all.find((x) => full(x.sha) === oid);
    const nodes = c?.pull ? [pullRequest(c, c.pull)] : [];
    return [alias, { authors: { nodes: [{ user: { login: AUTHOR } }] }, associatedPullRequests: { nodes } }];
  });
  return { data: { repository: Object.fromEntries(entries) } };
}

function pullRequest(c: Change, number: number) {
  return {
    number,
    title: c.subject.replace(` (#${number})`, ''),
    url: `https://github.com/${REPO}/pull/${number}`,
    merged: true,
    baseRefName: 'develop',
    author: { login: AUTHOR },
    labels: { nodes: (LABELS[number] ?? []).map((name) => ({ name })) },
  };
}
