// GitHub beside a real conversation: the real process, a local Slack, and a GitHub on the loopback.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { POLICY, TEAM } from '../support/bot.ts';
import { type Desk, deskOf } from '../support/desk.ts';
import { REPO, sha, startGithub, TOKEN } from '../support/github.ts';
import { until } from '../support/slack.ts';
import { openStage, type Stage, shows } from '../support/stage.ts';

const { ana, ben, mia, noa, zoe } = TEAM;
const HEAD = sha('head');
const CHANGE = { sha: HEAD, message: 'Swap faster', login: 'octocat' };
const PULL = { number: 12, title: 'Swap <faster>', login: 'octocat', labels: ['flag:new-swap'] };

let github: Awaited<ReturnType<typeof startGithub>>;
let s: Stage;
let d: Desk;
beforeAll(async () => {
  github = await startGithub(HEAD, sha('tree'), [{ ...CHANGE, pulls: [PULL] }]);
  const policy = POLICY.replace('{ key: p1,', `{ key: p1, repo: ${REPO},`);
  s = await openStage({
    policy: `${policy}github: { people: { octocat: ${ben} } }\n`,
    github: { url: github.url, token: TOKEN },
  });
  d = deskOf(s);
});
afterAll(async () => {
  await s?.close();
  await github?.stop();
});

it('R3, R4, R10: the candidate is looked up, its changes are listed, and who wrote them may not sign off', async () => {
  const p = s.product();
  expect(await s.command(mia, `open ${p} v1.0.0 fffffff`)).toContain('GitHub has no commit `fffffff`');
  const r = await s.open(p, { commit: HEAD.slice(0, 7) });
  const told = shows(await r.line('Ask for a feature flag'));
  for (const text of ['Swap &lt;faster&gt; (#12)', '`flag:new-swap`', `<@${ben}>`]) expect(told).toContain(text);
  await r.cardShows('1 change since production, develop is 3 commits ahead');
  expect(await r.command(ben, 'ready')).toContain('wrote some of its changes');
  expect(await r.command(mia, 'candidate', 'fffffff')).toContain('GitHub has no commit');

  // One tap makes the ticket of a bug, once, and everybody finds it by the card.
  const bug = await d.report(zoe, p, { title: 'A typo', steps: 'Ask @octocat', release: 'v1.0.0' });
  expect(await bug.buttons()).not.toContain('bug_github');
  await bug.press(noa, 'bug_recreate');
  const said = await Promise.all([bug.press(ana, 'bug_github'), bug.press(noa, 'bug_github')]);
  expect(github.issues).toEqual([{ title: 'A typo', body: expect.stringContaining('Ask @\u200boctocat') }]);
  expect(github.issues[0]?.body).toContain(`[${bug.subject} in Slack](http`);
  expect(said.filter((text) => text.includes('ticketed'))).toHaveLength(1);
  expect(said.filter((text) => text.startsWith(':x:'))).toHaveLength(1);
  await bug.shows(`https://github.com/${REPO}/issues/1`);
  await bug.line('ticketed it');
  await until(async () => !(await bug.buttons()).includes('bug_github'), 'no button any more');
  // A second tap, from a card that was not drawn again, makes none.
  expect(await s.pressAs(ana, bug.channel, bug.ts, { action_id: 'bug_github', value: `${bug.id}` })).toContain(
    'has a ticket already',
  );
  expect(github.issues).toHaveLength(1);
});

it('who may not makes no ticket, and of another product the button is not there', async () => {
  const other = s.product();
  const bug = await d.report(zoe, other, { foundIn: 'production' });
  await bug.press(noa, 'bug_recreate');
  await bug.shows('*Recreated*');
  expect(await bug.buttons()).toContain('bug_ticket');
  expect(await bug.buttons()).not.toContain('bug_github');
  const press = { action_id: 'bug_github', value: `${bug.id}` };
  expect(await s.pressAs(ana, bug.channel, bug.ts, press)).toContain('GitHub is not set up');
  expect(github.issues).toHaveLength(1);
});
