// `npm run demo`: an embedded PostgreSQL, a local Slack and the bot; plays a day of two releases and leaves the workspace open. `-- --once` plays it and exits;
// `-- --month` plays a month of the calendar instead, with a moved clock.
import { spawn } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { removeEmbedded } from '../db/embedded.ts';
import { closeBooks } from './books.ts';
import { playDay } from './day.ts';
import type { Teller } from './day-hands.ts';
import { startGithub } from './github.ts';
import type { LocalSlack } from './local-slack.ts';
import { playMonth, startMonth } from './month.ts';
import { demoCommand } from './options.ts';
import { type Bot, CHANNELS, PEOPLE, startBot, startWorkspace } from './world.ts';

const WISHED_PORT = 8787;
const { once = false, month = false } = demoCommand().parse().opts<{ once?: boolean; month?: boolean }>();
const began = Date.now();

const teller: Teller = {
  chapter: (title) => print(`\n— ${title}`),
  does: (who, what) => print(`${clock()}  ${who.padEnd(5)} ${what}`),
  saw: (what) => print(`    ${plain(what)}`),
};

/** The play goes on while what it plays on is stopped: nobody wants to read of that. */
function print(line: string): void {
  if (!ending) console.log(line);
}

function clock(): string {
  return `${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s`;
}

/** Slack's ids as names, for the terminal. */
function plain(text: string): string {
  const names = new Map<string, string>(Object.values(PEOPLE).map((p) => [p.id, p.name]));
  const channels = new Map(Object.entries(CHANNELS).map(([name, id]) => [id, name]));
  return text
    .replace(/<@(\w+)>/g, (_all, id: string) => `@${names.get(id) ?? id}`)
    .replace(/<#(\w+)>/g, (_all, id: string) => `#${channels.get(id) ?? id}`)
    .replace(/<[^|>]+\|([^>]+)>/g, '$1');
}

let slack: LocalSlack | undefined;
let bot: Bot | undefined;
let github: Awaited<ReturnType<typeof startGithub>> | undefined;
// Its own folder for each demo, so that two at once do not meet.
const FOLDER = `shipshape-demo-${userInfo().uid}-`;
const dataDir = join(tmpdir(), `${FOLDER}${process.pid}`);

/** Clears what demos left that were killed. */
async function clearDead(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = name.startsWith(FOLDER) ? Number(name.slice(FOLDER.length)) : 0;
    if (pid > 0 && !alive(pid)) await clear(join(tmpdir(), name));
  }
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function clear(dir: string): Promise<void> {
  await removeEmbedded(dir).catch(() => {});
  await rm(dir, { recursive: true, force: true });
}

let ending: Promise<never> | undefined;
function end(code: number): Promise<never> {
  ending ??= (async () => {
    await bot?.stop();
    await slack?.stop();
    await github?.stop();
    await clear(dataDir);
    process.exit(code);
  })();
  return ending;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // npm passes on a signal that the terminal has sent already.
    if (!ending) console.log('\nStopping…');
    void end(0);
  });
}

function openBrowser(url: string): void {
  if (!process.stdout.isTTY || process.env.CI) return;
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  spawn(opener, [url], { stdio: 'ignore', detached: true }).on('error', () => {});
}

try {
  print('Starting a local Slack, a small GitHub, a PostgreSQL and Shipshape…');
  await clearDead();
  await mkdir(dataDir, { recursive: true });
  slack = await startWorkspace(WISHED_PORT);
  if (slack.port !== WISHED_PORT) print(`Port ${WISHED_PORT} is taken; using ${slack.port}.`);
  const ready = () => print(`Ready after ${clock().trim()}. The workspace: ${slack?.url}`);
  if (month) {
    const started = await startMonth(slack, dataDir);
    bot = started.bot;
    ready();
    await playMonth(slack, started.clock, teller);
  } else {
    github = await startGithub();
    const say = (msg: string) => {
      if (/embedded|postgres|port/i.test(msg)) print(`    ${msg}`);
    };
    bot = await startBot(slack, dataDir, say, { env: { GITHUB_TOKEN: 'ghp_demo', GITHUB_API_URL: github.url } });
    ready();
    await playDay(slack, teller);
    github.ship('v7.2.0');
    await closeBooks(dataDir, teller);
  }
  print(`\nThe ${month ? 'month' : 'day'} is done, ${clock().trim()} after the start.`);
  if (once) await end(0);
  for (const channel of Object.values(CHANNELS)) await slack.forgetAnswers(channel);
  print(
    `Try it yourself: ${slack.url} — choose who you are (top right), go to #releases, type /release open unchained v8.1.0 1282ce5 or /release help. Ctrl-C ends it.`,
  );
  openBrowser(slack.url);
} catch (err) {
  // What is stopped answers no more: that is no news.
  if (ending) await ending;
  console.error(err instanceof Error ? err.message : err);
  const log = (await slack?.log().catch(() => [])) ?? [];
  if (log.length) console.error('What Slack and the bot said last:');
  for (const { direction, summary } of log.slice(-15)) console.error(`    ${direction}: ${summary}`);
  await end(1);
}
