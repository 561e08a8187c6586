import { readFileSync } from 'node:fs';
import nock from 'nock';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { act, gateNews } from '../../src/areas/releases/actions.ts';
import { open } from '../../src/areas/releases/open.ts';
import { loadFacts } from '../../src/areas/releases/store.ts';
import type { Act, Facts } from '../../src/areas/releases/types.ts';
import { actOnCase } from '../../src/areas/testing/actions.ts';
import { beginRun } from '../../src/areas/testing/begin.ts';
import { newestRun } from '../../src/areas/testing/store.ts';
import { escapeText } from '../../src/base/mrkdwn.ts';
import type { Block } from '../../src/base/slack.ts';
import { type ChangesDeps, loadChanges } from '../../src/jobs/changes.ts';
import { parsePolicy } from '../../src/policy.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { ADA, BEN, CAS, MAX } from '../support/facts.ts';
import { API, commitAnswer, type FakeCommit, github, REPO, serve, sha } from '../support/github.ts';
import { keptLog } from '../support/quiet.ts';
import { anOpening } from '../support/team.ts';
import { aCause, aSpec, aSpecCase, NOW } from '../support/testing.ts';

const policy = parsePolicy(
  `
workspace: { team_id: T0123ABC, channels: { releases: C0RELEASES, admins: C0ADMINS } }
team: { zone: Europe/Berlin, hours: { start: "09:00", end: "17:30" } }
roles: { operators: { users: [UADA, UBEN, UCAS] }, admins: { users: [UADMIN] } }
products: [{ key: web, name: Web app, repo: ${REPO} }]
github: { people: { Cas-GH: UCAS, eve: UEVE } }
`,
  'p.yml',
);
const HEAD = sha('head');
const NEXT = sha('next');
const TREE = sha('tree');

let base: TestDb;
let n = 0;
beforeAll(async () => {
  nock.disableNetConnect();
  base = await freshDb();
});
beforeEach(async () => {
  nock.cleanAll();
  await base.pool.query("update releases set state = 'cancelled'");
});
afterAll(async () => {
  nock.cleanAll();
  nock.restore();
  await base?.close();
});

const deps = (over: Partial<ChangesDeps> = {}): ChangesDeps => ({
  db: base.db,
  policy,
  clock: () => NOW,
  github: github({ now: () => NOW, timeoutMs: 300 }),
  log: keptLog().log,
  ...over,
});

/** A release just opened on HEAD. */
async function opened(verifiedTree: string | null = null): Promise<number> {
  const opening = anOpening({ product: 'web', version: `v1.${++n}.0`, commit: HEAD.slice(0, 7), authors: [] });
  const { answer } = await open(
    deps(),
    aCause(MAX.id),
    { ...MAX, roles: new Set(['engineer']) },
    opening,
    verifiedTree,
  );
  expect(answer.outcome).toBe('accepted');
  const { rows } = await base.pool.query('select id from releases order by id desc limit 1');
  return Number(rows[0].id);
}
const facts = async (id: number) => (await loadFacts(base.db, id)) as Facts;
const candidateIds = async (id: number) => (await facts(id)).candidates.map((c) => c.id);
const load = async (id: number, over: Partial<ChangesDeps> = {}) =>
  loadChanges(deps(over), (await candidateIds(id)).at(-1) as number);
const does = async (id: number, who: typeof ADA, what: Act) =>
  (await act(deps(), aCause(who.id), who, id, what)).answer;
async function approve(id: number, people: (typeof ADA)[]): Promise<void> {
  for (const who of people) await does(id, who, { kind: 'ready' });
  for (const who of people) await does(id, who, { kind: 'lgtm', road: 'button' });
}
const ENGINEER = { ...MAX, roles: new Set(['engineer'] as const) };
const name = (id: number, commit: string, verifiedTree?: string) =>
  does(id, ENGINEER, {
    kind: 'candidate',
    commit: commit.slice(0, 7),
    tree: null,
    ...(verifiedTree && { verifiedTree }),
  });

/** What the release's thread was told about changes. */
async function told(id: number): Promise<{ text: string; blocks: Block[] }[]> {
  const { rows } = await base.pool.query(
    "select text, blocks from outbox where role = 'line' and thread_id = (select thread_id from releases where id = $1) and blocks::text like '%:inbox_tray:%' or (text like '%changes in %' and thread_id = (select thread_id from releases where id = $1)) order by id",
    [id],
  );
  return rows;
}
const words = (messages: { blocks: Block[] }[]) =>
  messages.flatMap((m) => m.blocks.map((b) => (b.text as { text: string }).text)).join('\n');
const one = (title: string, more: Partial<FakeCommit> = {}): FakeCommit => ({
  sha: sha(title),
  message: title,
  ...more,
});

describe('what GitHub says of a candidate', () => {
  it('is kept and told in the thread once, however often the job runs', async () => {
    const id = await opened();
    await base.pool.query(
      "insert into people (id, name, bot, deactivated, guest, outsider, refreshed_at) values ('UEVE', 'Eve Adams', false, false, false, false, now())",
    );
    const pulls = [{ number: 7, title: 'Faster <swaps>', login: 'eve', labels: ['flag:new-swap'] }];
    const calls = serve(HEAD, TREE, [
      one('wip', { login: 'eve', pulls }),
      one('more', { login: 'eve', pulls }),
      one('Fix typo', { login: 'stranger' }),
      one('Test me', { pulls: [{ number: 8, title: 'Ledger', login: 'Eve', labels: ['Needs-Test'] }] }),
      one('b', { pulls: [{ number: 9, title: 'Bump foo from 1 to 2', login: 'dependabot' }] }),
      one('Merge branch x', { parents: 2 }),
    ]);
    await load(id);
    await load(id);
    expect(calls).toEqual({ commit: 1, compare: 1, graphql: 1 });
    const f = await facts(id);
    expect(f.changes).toEqual({ loaded: true, problem: null, count: 4, developAhead: 3 });
    expect(f.candidates[0]?.verifiedTree).toBe(TREE);
    expect(f.release.authors).toEqual(['UEVE']);
    const said = await told(id);
    expect(said).toHaveLength(1);
    expect(words(said).split('\n')).toEqual([
      `:inbox_tray: *4 changes* between production (\`main\`) and \`${HEAD.slice(0, 7)}\` · <https://github.com/${REPO}/compare/main...x|main…${HEAD.slice(0, 7)}>`,
      ':triangular_flag_on_post: *Ask for a feature flag*',
      `• <https://github.com/${REPO}/pull/7|Faster &lt;swaps&gt; (#7)> · <@UEVE> \`flag:new-swap\``,
      ':test_tube: *Ask for a test of their own*',
      `• <https://github.com/${REPO}/pull/8|Ledger (#8)> · Eve Adams \`Needs-Test\``,
      '*Everything else*',
      `• <https://github.com/${REPO}/commit/${sha('Fix typo')}|Fix typo> · stranger`,
      `:arrow_up: 1 dependency bump: <https://github.com/${REPO}/pull/9|#9>`,
    ]);
  });

  it('R10: labels that ask for a flag bring its test cases into the run', async () => {
    const specs = aSpec([aSpecCase('plain'), aSpecCase('fees', { flag: 'new-fees' })]);
    const id = await opened();
    for (const who of [ADA, BEN]) await does(id, who, { kind: 'ready' });
    await beginRun(deps(), specs, id);
    expect((await facts(id)).progress).toMatchObject({ total: 1 });
    const pulls = [{ number: 7, title: 'Fees', login: 'eve', labels: ['flag:new-fees', 'flag:unheard'] }];
    serve(HEAD, TREE, [one('Fees', { pulls })]);
    await load(id, { specs });
    expect(await facts(id)).toMatchObject({
      progress: { total: 2 },
      flags: ['new-fees', 'unheard'],
      unfinished: { candidate: 2 },
    });
    // Another candidate without the label: its flag is tested no more.
    await name(id, NEXT);
    nock.cleanAll();
    serve(NEXT, sha('other'), [one('One')]);
    await load(id, { specs });
    await beginRun(deps(), specs, id);
    expect(await facts(id)).toMatchObject({ progress: { total: 1 }, flags: [] });
  });

  it('is not asked for where there is no token or no repository', async () => {
    const id = await opened();
    await load(id, { github: undefined });
    const [product] = policy.products;
    await load(id, { policy: { ...policy, products: [{ ...product, repo: undefined } as never] } });
    await loadChanges(deps(), 999_999);
    expect((await facts(id)).changes).toBeNull();
  });

  it('of a later candidate is told as what is new', async () => {
    const id = await opened();
    const old = [one('One', { login: 'a' }), one('Two')];
    serve(HEAD, TREE, old);
    await load(id);
    await name(id, NEXT);
    serve(NEXT, sha('other tree'), [...old, one('Three')]);
    await load(id);
    const said = words((await told(id)).slice(1));
    expect(said).toContain(
      `*1 new change* in \`${NEXT.slice(0, 7)}\` since \`${HEAD.slice(0, 7)}\`; 3 since production`,
    );
    expect(said).toContain('|Three>');
    expect(said).not.toContain('|One>');
  });

  it('shows the 134 changes of a real release within the limits of Slack', async () => {
    const path = new URL('../fixtures/unchained-v6.6.0.json', import.meta.url);
    const real = JSON.parse(readFileSync(path, 'utf8')) as {
      changes: { subject: string; pull_request: number | null }[];
    };
    const id = await opened();
    const list = real.changes.map((c, i) =>
      one(c.subject, {
        sha: sha(`${i}`),
        login: 'some-engineer',
        pulls: c.pull_request
          ? [{ number: c.pull_request, title: c.subject.replace(/ \(#\d+\)$/, ''), login: 'some-engineer' }]
          : [],
      }),
    );
    serve(HEAD, TREE, list);
    await load(id);
    const said = await told(id);
    expect(said.length).toBeLessThanOrEqual(3);
    for (const { blocks } of said) {
      expect(blocks.length).toBeLessThanOrEqual(50);
      expect(JSON.stringify(blocks).length).toBeLessThanOrEqual(13_000);
      for (const b of blocks) expect((b.text as { text: string }).text.length).toBeLessThanOrEqual(3000);
    }
    const all = words(said);
    expect(all).toContain('*134 changes* between production');
    expect(all).not.toContain('more: <');
    expect(all).toContain('|update bounty template> · some-engineer (24 commits)');
    expect(all).toContain('1 dependency bump: <');
    for (const c of real.changes) expect(all).toContain(c.pull_request ? `#${c.pull_request}` : escapeText(c.subject));
  });
});

describe('when GitHub is out of order', () => {
  it('the card says so in words, and the queue tries again until it answers', async () => {
    const id = await opened();
    nock(API)
      .get(/commits/)
      .reply(502);
    await expect(load(id)).rejects.toMatchObject({ kind: 'doubtful' });
    expect((await facts(id)).changes).toMatchObject({ loaded: false, problem: 'GitHub has trouble (502)' });
    nock(API)
      .get(/commits/)
      .delay(2000)
      .reply(200, {});
    await expect(load(id)).rejects.toMatchObject({ message: 'GitHub does not answer' });
    nock.abortPendingRequests();
    expect(await told(id)).toEqual([]);
    serve(HEAD, TREE, [one('One')]);
    await load(id);
    expect((await facts(id)).changes).toMatchObject({ loaded: true, problem: null, count: 1 });
  });

  it('a limit is waited for as long as GitHub asks', async () => {
    const id = await opened();
    nock(API)
      .get(/commits/)
      .reply(429, {}, { 'retry-after': '90' });
    await load(id);
    const [candidateId] = await candidateIds(id);
    const { rows } = await base.pool.query('select run_at from graphile_worker.jobs where key = $1', [
      `changes:${candidateId}`,
    ]);
    expect(rows).toEqual([{ run_at: new Date(NOW.getTime() + 90_000) }]);
  });

  it('a commit or branch that is not there is said so; a release that is over is not asked about again', async () => {
    const id = await opened();
    nock(API)
      .get(/commits/)
      .reply(422, { message: 'No commit found' });
    await expect(load(id)).rejects.toMatchObject({ kind: 'missing' });
    expect((await facts(id)).changes?.problem).toBe(`GitHub has no commit ${HEAD.slice(0, 7)} in ${REPO}`);
    nock(API)
      .get(/commits/)
      .reply(200, commitAnswer(HEAD));
    nock(API)
      .get(/compare/)
      .query(true)
      .reply(404, { message: 'Not Found' });
    await does(id, ENGINEER, { kind: 'cancel', reason: 'enough' });
    await load(id);
    expect((await facts(id)).changes?.problem).toContain('GitHub has no branch `main`');
  });
});

describe('R3: sign-offs carry over to a commit with the same tree', () => {
  it('at once when GitHub answered in time; the release stays approved', async () => {
    const id = await opened(TREE);
    await approve(id, [ADA, BEN]);
    await name(id, NEXT, TREE);
    const f = await facts(id);
    expect(f.release.state).toBe('approved');
    expect(f.candidates.at(-1)).toMatchObject({ commit: NEXT.slice(0, 7), verifiedTree: TREE });
    expect(f.signOffs.filter((s) => s.candidateId === f.candidates.at(-1)?.id)).toHaveLength(2);
  });

  it('later when GitHub was late; nothing re-approves by itself', async () => {
    const id = await opened(TREE);
    await approve(id, [ADA, BEN]);
    await name(id, NEXT);
    expect((await facts(id)).release.state).toBe('testing');
    serve(NEXT, TREE, [one('One')]);
    await load(id);
    const f = await facts(id);
    expect(f.release.state).toBe('testing');
    expect(f.signOffs.filter((s) => s.candidateId === f.candidates.at(-1)?.id).map((s) => s.person)).toEqual([
      'UADA',
      'UBEN',
    ]);
    expect((await does(id, ADA, { kind: 'lgtm', road: 'button' })).outcome).toBe('accepted');
    expect((await facts(id)).release.state).toBe('approved');
  });

  it('also when the word that was late is on the earlier candidate', async () => {
    const id = await opened();
    await approve(id, [ADA]);
    await approve(id, [ADA, BEN]);
    await name(id, NEXT, TREE);
    const [first, second] = await candidateIds(id);
    serve(HEAD, TREE, []);
    await loadChanges(deps(), first as number);
    await loadChanges(deps(), first as number);
    const f = await facts(id);
    expect(f.signOffs.filter((s) => s.candidateId === second)).toHaveLength(2);
    expect(await told(id)).toEqual([]);
  });

  it('with the results of the test run: the approval stands, and nothing is left unfinished by it', async () => {
    const specs = aSpec([aSpecCase('one'), aSpecCase('two', { required: false })]);
    const id = await opened(TREE);
    for (const who of [ADA, BEN]) await does(id, who, { kind: 'ready' });
    await beginRun(deps(), specs, id);
    const run = (await newestRun(base.db, id))?.id as number;
    await actOnCase(deps(), aCause(ADA.id), ADA, { runId: run, caseId: 'one' }, { kind: 'pass', note: null });
    await approve(id, [ADA, BEN]);
    await name(id, NEXT, TREE);
    await beginRun(deps(), specs, id);
    const f = await facts(id);
    expect(f).toMatchObject({ release: { state: 'approved' }, unfinished: { candidate: 0 } });
    expect(f.progress).toMatchObject({ total: 2, passed: 1, carriedFrom: HEAD.slice(0, 7) });
    // What GitHub says later has the run looked at again.
    const due = async () =>
      (await base.pool.query("select 1 from graphile_worker.jobs where task_identifier = 'run'")).rowCount ?? 0;
    await name(id, sha('late'));
    const before = await due();
    serve(sha('late'), TREE, []);
    await load(id);
    expect(await due()).toBeGreaterThan(before);
    await beginRun(deps(), specs, id);
    expect((await facts(id)).progress).toMatchObject({ passed: 1, carriedFrom: NEXT.slice(0, 7) });
  });

  it('R6, R14: the tree of a commit whose release is over has the others look: theirs may be the code that has its blocker', async () => {
    const over = await opened();
    const [found] = await candidateIds(over);
    await does(over, ENGINEER, { kind: 'cancel', reason: 'a blocker' });
    const id = await opened();
    await name(id, sha('fixed'));
    await name(id, NEXT, TREE);
    await approve(id, [ADA, BEN]);
    const [, fix] = await candidateIds(id);
    await base.pool.query(
      `insert into bugs (product, candidate_id, found_in, title, reporter, reported_at, blocking, blocking_seq, state, fix_candidate_id, ended_at)
       values ('web', $1, 'candidate', 'a blocker', 'UADA', now(), true, nextval('blocking_seq'), 'verified', $2, now())`,
      [found, fix],
    );
    await base.pool.query("select graphile_worker.remove_job('gates:web')");
    expect(await facts(id)).toMatchObject({ release: { state: 'approved' }, blockers: [] });
    serve(HEAD, TREE, []);
    await loadChanges(deps(), found as number);
    const due = await base.pool.query("select 1 from graphile_worker.jobs where key = 'gates:web'");
    expect(due.rowCount).toBe(1);
    await gateNews(deps(), 'web');
    expect(await facts(id)).toMatchObject({ release: { state: 'testing' }, blockers: [{ back: 'known' }] });
    await base.pool.query('delete from bugs');
  });

  it('never when the tree differs', async () => {
    const id = await opened(TREE);
    await approve(id, [ADA, BEN]);
    await name(id, NEXT, sha('another tree'));
    const f = await facts(id);
    expect(f.release.state).toBe('testing');
    expect(f.signOffs.filter((s) => s.candidateId === f.candidates.at(-1)?.id)).toEqual([]);
  });
});

it('R4: an approval that rests on an author of the changes is taken back when GitHub names them', async () => {
  const id = await opened();
  await does(id, BEN, { kind: 'ready' });
  await approve(id, [ADA, CAS]);
  expect((await facts(id)).release.state).toBe('approved');
  serve(HEAD, TREE, [one('One', { login: 'someone', coauthors: ['cas-gh'] })]);
  await load(id);
  const f = await facts(id);
  expect(f.release.state).toBe('testing');
  expect(f.release.authors).toEqual(['UCAS']);
  expect((await does(id, CAS, { kind: 'lgtm', road: 'button' })).code).toBe('author');
});
