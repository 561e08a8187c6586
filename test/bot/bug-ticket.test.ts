import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { actOnBug, drawBug } from '../../src/areas/triage/actions.ts';
import { report } from '../../src/areas/triage/open.ts';
import { readReport } from '../../src/areas/triage/report.ts';
import { loadBug } from '../../src/areas/triage/store.ts';
import { type GitHub, GitHubError } from '../../src/base/github.ts';
import { makeMetrics } from '../../src/base/metrics.ts';
import { ticketOnGithub } from '../../src/bot/bug-ticket.ts';
import type { BotDeps } from '../../src/bot/deps.ts';
import type { Db } from '../../src/db/client.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { ADA, BEN, NOBODY } from '../support/facts.ts';
import { REPO } from '../support/github.ts';
import { keptLog } from '../support/quiet.ts';
import { aCause, NOW, TEST_POLICY } from '../support/testing.ts';

const [product] = TEST_POLICY.products;
const policy = { ...TEST_POLICY, products: [{ ...product, repo: REPO }] as typeof TEST_POLICY.products };
const URL = `https://github.com/${REPO}/issues/7`;
let t: TestDb;
let made: { title: string; body: string }[];
let fails: GitHubError | undefined;
const github = {
  createIssue: async (_repo: string, issue: { title: string; body: string }) => {
    made.push(issue);
    if (fails) throw fails;
    return { number: 7, url: URL };
  },
} as unknown as GitHub;
const metrics = makeMetrics();
const deps = (over: object = {}) =>
  ({ db: t.db, policy, clock: () => NOW, log: keptLog().log, metrics, github, ...over }) as unknown as BotDeps;
const tap = (id: number, who = ADA, over: object = {}) => ticketOnGithub(deps(over), aCause(who.id), who, id);

beforeAll(async () => {
  t = await freshDb();
});
beforeEach(() => {
  made = [];
  fails = undefined;
});
afterAll(() => t?.close());

/** A non-blocking bug that somebody else recreated. */
async function aRecreatedBug(steps = 'Open it'): Promise<number> {
  const form = { product: 'web', title: 'Typo <b>', steps, foundIn: 'production', blocking: 'no' };
  const read = readReport(form, policy);
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  const { answer } = await report(deps(), aCause(ADA.id), ADA, read.report);
  if (answer.bugId === undefined) throw new Error(answer.text);
  await actOnBug(deps(), aCause(BEN.id), BEN, answer.bugId as number, { kind: 'recreate' });
  return answer.bugId as number;
}

it('makes one issue and adds its link, however many tap', async () => {
  const id = await aRecreatedBug();
  const said = await Promise.all([tap(id), tap(id, BEN)]);
  expect(made).toEqual([{ title: 'Typo <b>', body: expect.stringMatching(/^Open it\n\n---\nFound in production/) }]);
  expect(said.filter((text) => text?.startsWith(':white_check_mark:'))).toHaveLength(1);
  expect((await loadBug(t.db, id))?.bug).toMatchObject({ state: 'ticketed', ticket: URL });
});

it('is tried again after GitHub surely made none, and not when it may have', async () => {
  const id = await aRecreatedBug();
  fails = new GitHubError('auth', `the GitHub token may not make issues in ${REPO}`);
  expect(await tap(id)).toBe(
    `:x: The GitHub token may not make issues in ${REPO}. Add its link with \`/bug ticket BUG-${id} <link>\`.`,
  );
  fails = new GitHubError('doubtful', 'GitHub does not answer');
  expect(await tap(id)).toContain('it may have made the issue');
  fails = undefined;
  expect(await tap(id)).toContain('it may have been made');
  expect(made).toHaveLength(2);
});

it('R15: makes none when its claim was lost and somebody else’s is there by then', async () => {
  const id = await aRecreatedBug();
  let lost = 0;
  const transaction: Db['transaction'] = async (work) => {
    if (lost++ > 0) return t.db.transaction(work);
    // The commit is never done; its answer is that the connection went.
    const undone = new Error('rolled back');
    await t.db
      .transaction(async (tx) => {
        await work(tx);
        throw undone;
      })
      .catch((err: unknown) => {
        if (err !== undone) throw err;
      });
    await tap(id, BEN);
    throw new Error('Failed query: commit', { cause: new Error('Connection terminated unexpectedly') });
  };
  fails = new GitHubError('doubtful', 'GitHub does not answer');
  const db = Object.assign(Object.create(t.db), { transaction });
  expect(await tap(id, ADA, { db })).toContain('Somebody makes the ticket');
  expect(made).toHaveLength(1);
});

it('makes none beside a ticket that was added by hand', async () => {
  const id = await aRecreatedBug();
  await actOnBug(deps(), aCause(BEN.id), BEN, id, { kind: 'ticket', link: 'https://tickets.example/1' });
  expect(await tap(id)).toContain('has a ticket already: <https://tickets.example/1');
  expect(made).toEqual([]);
});

it('tells where the issue is when its link could not be kept', async () => {
  const closed = await aRecreatedBug();
  const close = async () => {
    await actOnBug(deps(), aCause(BEN.id), BEN, closed, { kind: 'wontfix', reason: 'no' });
    return { number: 7, url: URL };
  };
  expect(await tap(closed, ADA, { github: { createIssue: close } })).toMatch(/won't be fixed already.*\/issues\/7/);
  const id = await aRecreatedBug();
  const inc = () => {
    throw new Error('the database went away');
  };
  const said = await tap(id, ADA, { metrics: { commands: { inc } } });
  expect(said).toMatch(/The issue was made: .*\/issues\/7.*could not be kept/);
});

it('calls nobody on GitHub', async () => {
  const id = await aRecreatedBug('Ask @octocat or @team/here, mail a@b.example');
  await tap(id);
  expect(made[0]?.body).not.toMatch(/@[a-z]/);
  expect(made[0]?.body.replaceAll('\u200b', '')).toContain('Ask @octocat or @team/here, mail a@b.example');
});

it('refuses before anything is made: whoever may not, and where GitHub is not set up', async () => {
  const id = await aRecreatedBug();
  expect(await tap(id, NOBODY)).toContain('can do that');
  expect(await tap(id, ADA, { github: undefined })).toContain('GitHub is not set up');
  expect(await tap(id, ADA, { policy: TEST_POLICY })).toContain('GitHub is not set up');
  expect(await tap(999_999)).toContain('GitHub is not set up');
  expect(made).toEqual([]);
});

it('the button is there only with a token and a repository', async () => {
  const id = await aRecreatedBug();
  const shown = async (...args: [typeof policy, boolean]) => JSON.stringify(await drawBug(t.db, id, ...args));
  expect(await shown(policy, true)).toContain('bug_github');
  expect(await shown(policy, false)).not.toContain('bug_github');
  expect(await shown(TEST_POLICY, true)).not.toContain('bug_github');
});
