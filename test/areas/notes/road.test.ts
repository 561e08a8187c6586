// Issues, meetings and prod issues through the real bot process and a local Slack.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalMessage, type LocalSlack, until } from '../../../src/demo/local-slack.ts';
import { type Bot, CHANNELS, PEOPLE, startBot, startWorkspace } from '../../../src/demo/world.ts';

const { ayo, bea, chen, mira } = PEOPLE;
const { releases, admins } = CHANNELS;
let slack: LocalSlack;
let bot: Bot;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shipshape-notes-'));
  slack = await startWorkspace(0);
  bot = await startBot(slack, dir, () => {});
}, 60_000);
afterAll(async () => {
  await bot?.stop();
  await slack?.stop();
  await rm(dir, { recursive: true, force: true });
});

const all = (m: LocalMessage) => `${m.text} ${JSON.stringify(m.blocks ?? [])}`;
const rootWith = (text: string, channel: string = releases) =>
  until(async () => (await slack.messages(channel)).find((m) => all(m).includes(text)), `a card with ${text}`);
const shows = (ts: string, text: string) =>
  until(async () => all(await slack.message(releases, ts)).includes(text), `the card to show ${text}`);
const answer = (person: string, text: string) =>
  until(
    async () => (await slack.answers(person, releases)).find((m) => all(m).includes(text)),
    `an answer with ${text}`,
  );
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
async function tick(person: string, ts: string, drawn: string, selected: string[]): Promise<void> {
  const box = { type: 'checkboxes', action_id: 'note_check', block_id: `note_check:1:${drawn}` };
  const selected_options = selected.map((value) => ({ value }));
  await slack.clickStale(person, releases, ts, { ...box, selected_options } as never);
}

test('an issue: opened by its title, its boxes ticked by two people at once, closed with a summary', async () => {
  await slack.command(ayo.id, 'Fees are wrong', '/issue', releases);
  const card = await rootWith('Issue · Fees are wrong');
  await shows(card.ts, 'Definition of done* 0/2');
  await slack.command(ayo.id, 'due NOTE-1 tomorrow', '/issue', releases);
  await answer(ayo.id, 'NOTE-1>: done');

  await tick(bea.id, card.ts, '00', ['0']);
  await shows(card.ts, `Tested by somebody else — <@${bea.id}>`);
  await slack.command(ayo.id, 'close NOTE-1 all fine', '/issue', releases);
  await form('Close');
  expect(await slack.submitView(ayo.id, { summary: 'all fine', reason: '' })).not.toBeNull();
  await slack.closeView(ayo.id);

  // From a card drawn before the first box was ticked: that one stays.
  await tick(chen.id, card.ts, '00', ['1']);
  await shows(card.ts, 'Definition of done* 2/2');
  await slack.command(ayo.id, 'close NOTE-1 all fine', '/issue', releases);
  await shows(card.ts, ':white_check_mark: closed');
  await shows(card.ts, 'all fine');
  await press(bea.id, card.ts, 'note_reopen');
  await shows(card.ts, 'note_close');
  await slack.command(ayo.id, 'list', '/issue', releases);
  await answer(ayo.id, '1 issues open, 0 overdue');
});

test('a meeting from the form, in the channel where it was asked for; what is wrong gets one sentence', async () => {
  await slack.command(mira.id, 'meeting', '/thread', admins);
  await form('Open: meeting');
  expect(await slack.submitView(mira.id, { title: 'Retro', responsible: bea.id })).toBeNull();
  const card = await rootWith('Meeting · Retro', admins);
  expect(all(card)).toContain(`<@${bea.id}>`);
  await slack.command(mira.id, 'party Retro', '/thread', releases);
  await answer(mira.id, 'The form is `/thread meeting|topic <title>`');
  await slack.command(mira.id, 'show NOTE-99', '/thread', releases);
  await answer(mira.id, 'There is no NOTE-99');
  await slack.command(mira.id, 'help', '/thread', releases);
  await answer(mira.id, 'Meetings and topics');
});

test('a prod issue: escalated from a bug, mitigated, resolved, reviewed with four answers; all by its card', async () => {
  await slack.command(ayo.id, 'Nobody can send', '/bug', releases);
  await form('Report a bug');
  expect(await slack.submitView(ayo.id, { foundIn: 'production' })).toBeNull();
  await rootWith('BUG-1 · Nobody can send');
  await slack.command(ayo.id, 'escalate BUG-1 the whole company', '/bug', releases);
  const card = await rootWith('PI-1 · Nobody can send');
  await press(mira.id, card.ts, 'pi_mine');
  await shows(card.ts, `<@${mira.id}> is on it`);
  await press(ayo.id, card.ts, 'pi_release');
  await form('Which release');
  expect(await slack.submitView(ayo.id, { release: 'none' })).toBeNull();
  await shows(card.ts, `no release\\n_says <@${ayo.id}>_`);
  await press(mira.id, card.ts, 'pi_mitigate');
  await shows(card.ts, 'Mitigated');
  await press(mira.id, card.ts, 'pi_resolve');
  await press(ayo.id, card.ts, 'pi_review');
  await form('Review');
  const answers = { happened: 'It broke', missed: 'No case', change: 'A case', who: 'Bea, Friday' };
  expect(await slack.submitView(ayo.id, answers)).toBeNull();
  await shows(card.ts, 'Bea, Friday');
  const lines = await slack.thread(releases, card.ts);
  expect(lines.filter((m) => all(m).includes('Reviewed'))).toHaveLength(1);
  await slack.command(ayo.id, 'prod list', '/bug', releases);
  await answer(ayo.id, '0 prod issues are open');
});
