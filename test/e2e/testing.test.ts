// A test run in a real conversation: the real process, a local Slack, modals and words.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshDb, type TestDb } from '../support/db.ts';
import { CHANNELS, type LocalMessage, type LocalSlack, PEOPLE, startSlack, until } from '../support/slack.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { releases } = CHANNELS;
const { ana, ben, cem, dee } = PEOPLE;
const POLICY = `
workspace: { team_id: T01SHIP, channels: { releases: ${releases}, admins: ${CHANNELS.admins} } }
team: { zone: Europe/Berlin, hours: { start: "09:00", end: "17:30" } }
roles: { operators: { users: [${ana}, ${ben}] }, engineers: { users: [${cem}] }, admins: { users: [${dee}] } }
products: [{ key: unchained, name: Unchained }]
testing: { ci_gates: true }
`;

let base: TestDb;
let slack: LocalSlack;
let dir: string;
let stop: () => Promise<void>;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  [base, slack, dir] = await Promise.all([freshDb(), startSlack(), mkdtemp(join(tmpdir(), 'testing-'))]);
  await writeFile(join(dir, 'policy.yml'), POLICY);
  await cp(join(ROOT, 'specs'), join(dir, 'specs'), { recursive: true });
  env = {
    ...process.env,
    SLACK_BOT_TOKEN: slack.app.botToken,
    SLACK_APP_TOKEN: slack.app.appToken,
    SLACK_API_URL: slack.apiUrl,
    DATABASE_URL: base.url,
    DATA_DIR: dir,
    SHIPSHAPE_CONFIG: join(dir, 'policy.yml'),
    PORT: '0',
  };
  const bot = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(bot, 'exit');
  stop = async () => {
    bot.kill('SIGTERM');
    await ended;
  };
  const lines = createInterface({ input: bot.stdout });
  await new Promise<void>((ready) => lines.on('line', (line) => line.includes('"msg":"ready"') && ready()));
}, 60_000);
afterAll(async () => {
  await stop?.();
  await slack?.stop();
  await base?.close();
  await rm(dir, { recursive: true, force: true });
});

const answer = (who: string, has: string) =>
  until(async () => (await slack.answers(who)).find((m) => m.text.includes(has)), `the answer to ${who}: ${has}`);
const card = () => until(async () => (await slack.messages(releases))[0], 'the card') as Promise<LocalMessage>;
const shows = (has: string) => until(async () => JSON.stringify(await card()).includes(has), `the card: ${has}`);
const line = (has: string) =>
  until(
    async () => (await slack.thread(releases, (await card()).ts)).find((m) => m.text.includes(has)),
    `the line: ${has}`,
  );
/** Presses a button of the open modal, as the page does: with no message. */
const press = async (who: string, actionId: string, has = '') => {
  const found = await until(async () => {
    const all = ((await slack.currentView())?.blocks ?? []).flatMap((b) =>
      [...(b.elements ?? []), b.accessory].filter(Boolean),
    );
    return all.find((e) => e.action_id === actionId && e.value.includes(has));
  }, `the button ${actionId} ${has}`);
  await slack.clickStale(who, releases, 'modal', { ...found, block_id: 'b' });
};
const modal = (has: string) =>
  until(async () => JSON.stringify(await slack.currentView()).includes(has), `the modal: ${has}`);

it('R10, R16: a run is tested by button and by word, gates the LGTM, and is reported in the thread', {
  timeout: 60_000,
}, async () => {
  await slack.command(cem, 'open unchained v1.0.0 abc1234');
  await shows('4 required test cases to go');
  await slack.command(ana, 'test send-eth pass');
  await answer(ana, 'no test run yet');
  for (const who of [ana, ben]) await slack.command(who, 'ready');
  await line('Test run of `abc1234`: 5 cases, 4 required');
  await shows('0/5 passed');
  await slack.command(ana, 'lgtm');
  await answer(ana, '4 required test cases are unfinished');

  await slack.click(ana, releases, (await card()).ts, 'test_open');
  await modal('native × history');
  await press(ana, 'test_area', ':1:');
  await modal('Transaction history of an EVM chain');
  await press(ana, 'test_pass', 'history-evm');
  await modal('1/1 passed');
  await shows('1/5 passed');
  await press(ana, 'test_areas');
  await modal('metamask × trade');
  await press(ana, 'test_area', ':3:');
  await press(ana, 'test_skip', 'trade-eth-usdc');
  await modal('Why can it be left out?');
  expect(await slack.submitView(ana, { note: 'no funds today' })).toBeNull();
  const asked = await line('asks to skip');
  await slack.click(ana, releases, asked.ts, 'test_agree');
  await answer(ana, 'you asked for this skip yourself');
  await slack.click(ben, releases, asked.ts, 'test_agree');
  await line('agrees to skip');

  await slack.click(ben, releases, (await card()).ts, 'test_open');
  await press(ben, 'test_area', ':4:');
  await press(ben, 'test_fail', 'portfolio-loads');
  await modal('Report a bug');
  await modal('The portfolio loads (test portfolio-loads)');
  await slack.closeView(ben);
  await shows('1 failed');

  await slack.command(ben, 'test next');
  await answer(ben, 'you are on it');
  await slack.command(ben, 'test send-eth fail The fee is wrong');
  await line('failed: The fee is wrong');
  await slack.command(ana, 'test send-eth pass');
  await slack.command(ana, 'test receive-btc pas');
  await answer(ana, 'did you mean `pass`');
  await slack.command(ana, 'test receive-btc pass');
  await line('The test run of `abc1234` is complete');
  const files = async () =>
    (await slack.thread(releases, (await card()).ts)).flatMap((m) => (m as { files?: { name: string }[] }).files ?? []);
  await until(async () => (await files()).length === 2, 'the report');

  const junit = (name: string) => join(ROOT, `test/fixtures/junit/${name}.xml`);
  const cli = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', 'ci-report', ...args], {
      cwd: ROOT,
      env,
    });
  expect((await cli('--release', '1.0.0', '--suite', 'unit', junit('vitest'))).stdout).toContain(
    'They hold the release up',
  );
  await shows('automated tests: 2 passed, 1 failed');
  await slack.command(ben, 'lgtm');
  await answer(ben, '1 automated test fails');
  await writeFile(join(dir, 'bad.xml'), '<!DOCTYPE x [<!ENTITY a "b">]><testsuites/>');
  await expect(cli('--release', 'v1.0.0', join(dir, 'bad.xml'))).rejects.toThrow('declares a document type');
  await expect(cli('--release', 'v9.0.0', junit('vitest'))).rejects.toThrow('no open release v9.0.0');
  await writeFile(
    join(dir, 'good.xml'),
    '<testsuites><testsuite name="s"><testcase name="a"/></testsuite></testsuites>',
  );
  await cli('--release', 'v1.0.0', '--suite', 'unit', join(dir, 'good.xml'));
  for (const who of [ana, ben]) await slack.command(who, 'lgtm');
  await line('*Approved*');
});
