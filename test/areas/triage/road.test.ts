// Bugs by every road a person has, through the real bot process and a local Slack.
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalMessage, type LocalSlack, until } from '../../../src/demo/local-slack.ts';
import { type Bot, CHANNELS, PEOPLE, startBot, startWorkspace } from '../../../src/demo/world.ts';

const { ayo, bea, chen, mira, noah } = PEOPLE;
const { releases } = CHANNELS;
let slack: LocalSlack;
let bot: Bot;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shipshape-bugs-'));
  slack = await startWorkspace(0);
  // The demo's policy without its test specs, which would want cases finished before an LGTM.
  const config = join(dir, 'policy.yml');
  await copyFile('src/demo/policy.yml', config);
  bot = await startBot(slack, dir, () => {}, config);
}, 60_000);
afterAll(async () => {
  await bot?.stop();
  await slack?.stop();
  await rm(dir, { recursive: true, force: true });
});

const all = (m: LocalMessage) => `${m.text} ${JSON.stringify(m.blocks ?? [])}`;
const rootWith = (text: string) =>
  until(
    async () => (await slack.messages(releases)).find((m) => !m.thread_ts && all(m).includes(text)),
    `a card with ${text}`,
  );
const shows = (ts: string, text: string) =>
  until(async () => all(await slack.message(releases, ts)).includes(text), `the card to show ${text}`);
const answer = (person: string, text: string) =>
  until(
    async () => (await slack.answers(person, releases)).find((m) => all(m).includes(text)),
    `an answer with ${text}`,
  );
const line = (ts: string, text: string) =>
  until(async () => (await slack.thread(releases, ts)).find((m) => all(m).includes(text)), `a line with ${text}`);
const form = (title: string) =>
  until(async () => {
    const view = await slack.currentView();
    return view && JSON.stringify(view.title).includes(title) ? view : undefined;
  }, `the form ${title}`);
async function press(person: string, ts: string, action: string): Promise<void> {
  await until(
    async () => (await slack.buttons(releases, ts)).some((b) => b.action_id === action),
    `the button ${action}`,
  );
  await slack.click(person, releases, ts, action);
}

test('a blocker from the form: it stops an LGTM at once, is fixed in a later candidate, retested and verified', async () => {
  await slack.command(mira.id, 'open unchained v1.0.0 abc1234', '/release', releases);
  const card = await rootWith('v1.0.0');
  for (const who of [ayo, bea]) await slack.command(who.id, 'ready', '/release', releases);
  await shows(card.ts, '*Testing*');

  await slack.command(chen.id, 'Balance is wrong', '/bug', releases);
  const view = await form('Report a bug');
  expect(JSON.stringify(view)).toContain('Balance is wrong');
  expect(await slack.submitView(chen.id, { blocking: 'yes', release: 'v7.7.7' })).toMatchObject({
    release: expect.stringContaining('no such release'),
  });
  expect(await slack.submitView(chen.id, { blocking: 'yes' })).toBeNull();
  const bug = await rootWith('BUG-1 · Balance is wrong');
  await shows(bug.ts, 'Holds up');
  await until(async () => {
    const text = all(await slack.message(releases, card.ts));
    return text.includes('*Blocking* BUG-1: <http') && text.includes('Balance is wrong');
  }, 'the release to link the blocker');

  await slack.command(ayo.id, 'lgtm', '/release', releases);
  await answer(ayo.id, 'blocking bug');
  // One operator alone cannot get rid of it.
  await slack.command(ayo.id, 'downgrade BUG-1 only on my machine', '/bug', releases);
  await line(bug.ts, 'asks to downgrade it');
  await press(ayo.id, bug.ts, 'bug_agree');
  await answer(ayo.id, 'a second operator agrees');
  await press(bea.id, bug.ts, 'bug_decline');
  await line(bug.ts, 'declined to downgrade');

  await press(bea.id, bug.ts, 'bug_recreate');
  await press(ayo.id, bug.ts, 'bug_tried_no');
  await line(bug.ts, 'Confirmed as blocking');
  await press(noah.id, bug.ts, 'bug_fix');
  await answer(noah.id, 'no later candidate');
  await slack.command(mira.id, 'candidate def5678', '/release', releases);
  await shows(bug.ts, 'waits for its fix to be named');
  await press(noah.id, bug.ts, 'bug_fix');
  await form('Name the fix');
  expect(await slack.submitView(noah.id)).toBeNull();
  await press(bea.id, bug.ts, 'bug_fixed');
  await line(bug.ts, '*Verified*');
  await until(
    async () => !all(await slack.message(releases, card.ts)).includes('*Blocking*'),
    'no blocker on the card',
  );
  await slack.command(ayo.id, 'lgtm', '/release', releases);
  await shows(card.ts, '*Sign-offs* 1/2');
  // An approval is taken back by a blocker that comes after it.
  await slack.command(bea.id, 'lgtm', '/release', releases);
  await shows(card.ts, '*Approved*');
  await press(chen.id, card.ts, 'bug_report');
  expect(JSON.stringify(await form('Report a bug'))).toContain('REL-1');
  expect(await slack.submitView(chen.id, { title: 'Late one', blocking: 'yes' })).toBeNull();
  await shows(card.ts, '*Testing*');
}, 60_000);

test('a :bug: on any message offers the form, filled in with what it says', async () => {
  const said = await slack.say(chen.id, releases, 'The list flickers & jumps', undefined);
  await slack.react(bea.id, releases, said.ts, 'bug');
  const dm = await until(async () => (await slack.dms(bea.id)).find((m) => all(m).includes('bug_offer')), 'the offer');
  await slack.click(bea.id, dm.channel, dm.ts, 'bug_offer');
  const view = JSON.stringify(await form('Report a bug'));
  expect(view).toContain('The list flickers & jumps');
  expect(view).toContain('http');
  expect(await slack.submitView(bea.id, { users: 'one' })).toBeNull();
  const bug = await rootWith('BUG-3 · The list flickers');
  await shows(bug.ts, '*Reported*');
  await shows(bug.ts, 'P3');
  await press(bea.id, bug.ts, 'bug_recreate');
  await answer(bea.id, 'you reported it');
  await press(noah.id, bug.ts, 'bug_recreate');
  await shows(bug.ts, '*Recreated*');
}, 60_000);

test('every subcommand answers bad input with the right form', async () => {
  const asks: [string, string][] = [
    ['help', 'catch rate'],
    ['list', 'bugs are open'],
    ['list nothing', 'There is no product'],
    ['stats', 'Per release'],
    ['prod list', 'prod issue'],
    ['escalate', '/bug escalate BUG-7'],
    ['show BUG-1', 'Verified'],
    ['show', 'names no bug'],
    ['show BUG-999', 'There is no BUG-999'],
    ['tried BUG-3 maybe', '/bug tried BUG-7 yes|no'],
    ['fix BUG-3 zzz', '/bug fix BUG-7'],
    ['priority BUG-3 P9', '/bug priority BUG-7'],
    ['duplicate BUG-3 x', '/bug duplicate BUG-7'],
    ['recreate BUG-1', 'verified as fixed already'],
  ];
  for (const [text, wanted] of asks) {
    await slack.command(ayo.id, text, '/bug', releases);
    await answer(ayo.id, wanted);
  }
}, 60_000);
