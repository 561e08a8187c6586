// A test run in a real conversation: the real process, a local Slack, modals and words.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { POLICY, TEAM } from '../support/bot.ts';
import { type Desk, deskOf } from '../support/desk.ts';
import { program, ROOT } from '../support/program.ts';
import { CHANNELS, type LocalMessage, until } from '../support/slack.ts';
import { openStage, type Play, type Stage } from '../support/stage.ts';

const { releases } = CHANNELS;
const { ana, ben, cem, mia, zoe } = TEAM;
/** One case that is tested on the candidate and in production, and one in production alone. */
const SMALL = `
cases:
  - { id: log-in, title: Log in, area: { wallet: any, feature: log in }, steps: [Log in], expected: In., environments: [candidate, production] }
  - { id: live-send, title: Send live, area: { wallet: any, feature: send }, steps: [Send], expected: Sent., environments: [production] }
`;

let s: Stage;
let d: Desk;
let dir: string;
let p1: string;
let p2: string;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'testing-'));
  await cp(join(ROOT, 'src/demo/specs/unchained'), join(dir, 'specs/p1'), { recursive: true });
  await mkdir(join(dir, 'specs/p2'));
  await writeFile(join(dir, 'specs/p2/small.yml'), SMALL);
  const policy = `${POLICY}testing: { specs: ${join(dir, 'specs')}, ci_gates: true }\n`;
  await writeFile(join(dir, 'policy.yml'), policy);
  s = await openStage({ policy });
  d = deskOf(s);
  [p1, p2] = [s.product(), s.product()];
  env = { ...process.env, DATABASE_URL: s.databaseUrl, SHIPSHAPE_CONFIG: join(dir, 'policy.yml') };
}, 60_000);
afterAll(async () => {
  await s?.close();
  await rm(dir, { recursive: true, force: true });
});

/** Presses a button of the open modal, as the page does: with no message. */
const press = async (who: string, actionId: string, has = '') => {
  const found = await until(async () => {
    const all = ((await s.slack.currentView())?.blocks ?? []).flatMap((b) =>
      [...(b.elements ?? []), b.accessory].filter(Boolean),
    );
    return all.find((e) => e.action_id === actionId && e.value.includes(has));
  }, `the button ${actionId} ${has}`);
  await s.slack.clickStale(who, releases, 'modal', { ...found, block_id: 'b' });
};
const modal = (has: string) =>
  until(async () => JSON.stringify(await s.slack.currentView()).includes(has), `the modal: ${has}`);
/** Opens the tests by the card's button. */
const openTests = async (who: string, r: Play) => {
  const offered = async () => (await s.slack.buttons(releases, r.ts)).some((b) => b.action_id === 'test_open');
  await until(offered, 'the button that opens the tests');
  await s.slack.click(who, releases, r.ts, 'test_open');
};

it('R10, R16: a run is tested by button and by word, gates the LGTM, and is reported in the thread', {
  timeout: 60_000,
}, async () => {
  const r = await s.open(p1, { commit: 'abc1234' });
  await r.cardShows('4 required test cases to go');
  expect(await r.command(ana, 'test', 'send-eth pass')).toContain('no test run yet');
  await r.eyes(ana, ben);
  await r.line('Test run of `abc1234`: 5 cases, 4 required');
  await r.cardShows('0/5 passed');
  expect(await r.command(ana, 'lgtm')).toContain('4 required test cases are unfinished');

  await openTests(ana, r);
  await modal('native × history');
  await press(ana, 'test_area', ':1:');
  await modal('Transaction history of an EVM chain');
  await press(ana, 'test_pass', 'history-evm');
  await modal('1/1 passed');
  await r.cardShows('1/5 passed');
  await press(ana, 'test_areas');
  await modal('metamask × trade');
  await press(ana, 'test_area', ':3:');
  await press(ana, 'test_skip', 'trade-eth-usdc');
  await modal('Why can it be left out?');
  expect(await s.slack.submitView(ana, { note: 'no <!channel> funds today' })).toBeNull();
  const asked = await r.line('asks to skip');
  expect(asked.text).not.toContain('<!channel>');
  const [agree] = await s.slack.buttons(releases, asked.ts);
  expect(await s.pressAs(ana, releases, asked.ts, agree ?? {})).toContain('you asked for this skip yourself');
  await s.slack.click(ben, releases, asked.ts, 'test_agree');
  await r.line('agrees to skip');

  await openTests(ben, r);
  await press(ben, 'test_area', ':4:');
  await press(ben, 'test_fail', 'portfolio-loads');
  await modal('Report a bug');
  await modal('The portfolio loads (test portfolio-loads)');
  await modal(`REL-${r.id}`);
  // The last of the ways to report: a failed case, filled in.
  expect(await s.slack.submitView(ben, { users: 'one' })).toBeNull();
  const bug = await d.thing(`BUG-${await d.newest('bugs')}`);
  await bug.shows('The portfolio loads (test portfolio-loads)');
  await r.cardShows('1 failed');
  await r.cardShows('1 non-blocking bug');
  await s.slack.closeView(ben);
  await s.slack.closeView(ben).catch(() => {});

  expect(await r.command(ben, 'test', 'next')).toContain('you are on it');
  await r.command(ben, 'test', 'send-eth fail The fee is wrong');
  await r.line('failed: The fee is wrong');
  // By word too the form opens, filled in.
  await modal('Instead: The fee is wrong');
  await s.slack.closeView(ben);
  await r.command(ana, 'test', 'send-eth pass');
  const bad = {
    'receive-btc pas': 'did you mean `pass`',
    nosuch: 'There is no case `nosuch`',
    '<!channel>': 'There is no case `@channel`',
    'receive-btc take it': 'takes no note',
    [`receive-btc fail ${'x'.repeat(1001)}`]: 'Please keep it under 1000',
    'next one': 'There is no case `next`',
  };
  for (const [words, wanted] of Object.entries(bad))
    expect(await d.refused(ana, '/release', `test ${r.name} ${words}`), words).toContain(wanted);
  expect(await d.refused(ana, '/release', `report ${r.name} now`)).toContain('I do not understand `now`');
  await r.command(ana, 'test', 'receive-btc pass');
  await r.line('The test run of `abc1234` is complete');
  const files = async () => (await r.thread()).flatMap((m) => (m as { files?: { name: string }[] }).files ?? []);
  await until(async () => (await files()).length === 2, 'the report');

  const junit = (name: string) => join(ROOT, `test/fixtures/junit/${name}.xml`);
  const [node, ...main] = program('src/cli/main');
  const cli = (args: string[], commit = 'abc1234') =>
    promisify(execFile)(node, [...main, 'ci-report', ...args], {
      cwd: ROOT,
      env: { ...env, GITHUB_SHA: commit },
    });
  expect((await cli(['--release', '1.0.0', '--suite', 'unit', junit('vitest')])).stdout).toContain(
    'They hold the release up',
  );
  await r.cardShows('automated tests: 2 passed, 1 failed');
  expect(await r.command(ben, 'lgtm')).toContain('1 automated test fails');
  await writeFile(join(dir, 'bad.xml'), '<!DOCTYPE x [<!ENTITY a "b">]><testsuites/>');
  await Promise.all([
    expect(cli(['--release', 'v1.0.0', join(dir, 'bad.xml')])).rejects.toThrow('declares a document type'),
    expect(cli(['--release', 'v9.0.0', junit('vitest')])).rejects.toThrow('no open release v9.0.0'),
  ]);
  await writeFile(
    join(dir, 'good.xml'),
    '<testsuites><testsuite name="s"><testcase name="a"/></testsuite></testsuites>',
  );
  await cli(['--release', 'v1.0.0', '--suite', 'unit', '--commit', 'ABC1234', join(dir, 'good.xml')], 'fffffff');
  expect(await d.refused(ana, '/release', `waive ${r.name} unit it moved`)).toContain('no suite of automated tests');
  for (const who of [ana, ben]) await r.command(who, 'lgtm');
  await r.line('*Approved*');

  // R10: a flag that is asked for after the approval has its cases tested before anything ships.
  expect(await d.refused(zoe, '/release', `flag ${r.name} avalanche-history`)).toContain("only this release's manager");
  for (const text of ['flag <!channel>', 'unflag']) {
    const [sub = '', ...rest] = text.split(' ');
    expect(await d.refused(mia, '/release', `${sub} ${r.name} ${rest.join(' ')}`)).toMatch(
      /name of a flag|names no flag/,
    );
  }
  expect(await r.command(mia, 'flag', 'Avalanche-History')).toContain('1 test case more');
  await r.line(`<@${mia}> asks to test with the flag \`avalanche-history\``);
  await r.cardShows('tested with `avalanche-history`');
  await r.cardShows('waits for 1 test case');
  expect(await r.command(mia, 'ship')).toContain('1 required test case is unfinished');
  // Undone by the form behind the menu.
  const menu = (await s.slack.message(releases, r.ts)).blocks
    ?.flatMap((b) => b.elements ?? [])
    .find((e) => e.type === 'overflow');
  const item = menu?.options.find((o: { value: string }) => o.value === `flags:${r.id}`);
  await s.slack.clickStale(mia, releases, r.ts, { ...menu, selected_option: item });
  await modal('avalanche-history');
  expect(await s.slack.submitView(mia, { flags: 'no such !' })).toEqual({
    flags: expect.stringContaining('no name of a flag'),
  });
  expect(await s.slack.submitView(mia, { flags: '' })).toBeNull();
  await r.line('no longer asks for the flag `avalanche-history`');
  await until(async () => !(await r.card()).includes('avalanche-history'), 'the card without the flag');
  expect(await r.card()).not.toContain('waits for 1 test case');
});

it('R8, R16: the production run gates the production sign-off', {
  timeout: 30_000,
}, async () => {
  const r = await s.open(p2, { version: 'v2.0.0' });
  await r.eyes(ana, ben);
  await r.line('Test run of `aaaaaaa`: 1 case, 1 required');
  await r.command(ana, 'test', 'log-in pass');
  for (const who of [ana, ben]) await r.command(who, 'lgtm');
  await r.command(mia, 'ship');
  await r.command(mia, 'shipped');
  await r.line('Test run of production: 2 cases, 2 required');
  await r.eyes(ana, ben);
  // What was passed on the candidate was not passed in production.
  expect(await r.command(ana, 'verify')).toContain('2 required test cases are unfinished');
  await r.command(ana, 'test', 'log-in pass');
  await r.command(ben, 'test', 'live-send fail stuck');
  await r.line('failed: stuck');
  await s.slack.closeView(ben);
  expect(await r.command(ana, 'verify')).toContain('1 required test case is unfinished');
  await r.command(ben, 'test', 'live-send skip nothing to send');
  expect(await r.command(ana, 'verify')).toContain('1 required test case is unfinished');
  await r.command(cem, 'ready');
  // Words agree to nothing by themselves: they are answered with the question, and a button that is bound to it.
  expect(await r.command(cem, 'test', 'live-send agree')).toContain('asks to skip `live-send`');
  expect(await r.count('agrees to skip')).toBe(0);
  const question = (await s.slack.answers(cem, CHANNELS.other)).at(-1) as LocalMessage;
  const agree = question.blocks?.flatMap((b) => b.elements ?? []).find((e) => e.action_id === 'test_agree');
  expect(await s.pressAs(cem, CHANNELS.other, question.ts, agree)).toContain('skipped');
  await r.line('agrees to skip');
  await r.command(ana, 'verify');
  expect(await r.command(ben, 'verify')).toContain('It is done');
});
