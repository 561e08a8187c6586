// Where the contenders perform: a local Slack of their own, a durable PostgreSQL, a process.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { DEFAULT_APP, type LocalSlack, startLocalSlack } from '../src/demo/local-slack.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** One release per product may be open, so as many open releases take as many products. */
export const CARDS = 100;
export const RELEASES = 'C0RELEASES';
const ADMINS = 'C0ADMINS';
const MANAGER = 'U0MANAGER';
export const OPERATORS = Array.from({ length: 100 }, (_, i) => `U0OP${String(i + 1).padStart(3, '0')}`);

/** What is measured: an idea of how little a bot can do, one that also writes a row, and ours. */
export type Contender = 'floor' | 'row' | 'shipshape';

export interface Process {
  pid: number;
  /** Milliseconds from starting the process to its line `ready`. */
  readyMs: number;
  stop(): Promise<void>;
}

export interface Performance {
  slack: LocalSlack;
  /** The first of the bot's processes, where there are several. */
  process: Process;
  /** The messages people react to: timestamps in the channel RELEASES. */
  cards: string[];
}

/** A local Slack with a hundred operators. */
export function startSlack(): Promise<LocalSlack> {
  const ids = [...OPERATORS, MANAGER];
  const users = ids.map((id) => ({ id, name: id.toLowerCase(), tz: 'Europe/London' }));
  const members = [...ids, DEFAULT_APP.botUserId];
  const channels = [
    { id: RELEASES, name: 'releases', members },
    { id: ADMINS, name: 'admins', members },
  ];
  return startLocalSlack({ users, channels, workspace: { name: 'Bench', domain: 'bench', teamId: 'T0BENCH' } });
}

/** The policy of the bench's team, with `count` products, written into `dir`. @returns its path */
export async function writePolicy(dir: string, count = CARDS): Promise<string> {
  const path = join(dir, `policy-${count}.json`);
  const products = Array.from({ length: count }, (_, i) => ({
    key: `p${i}`,
    name: `Product ${i}`,
    repo: `bench/p${i}`,
    environments: { candidate: 'https://staging.example.com', production: 'https://app.example.com' },
  }));
  const policy = {
    workspace: { team_id: 'T0BENCH', channels: { releases: RELEASES, admins: ADMINS } },
    team: { zone: 'Europe/London', hours: { start: '09:00', end: '18:00' } },
    roles: { operators: { users: OPERATORS }, engineers: { users: [MANAGER] }, admins: { users: [MANAGER] } },
    products,
    review: { separation_of_duties: true, eyes_expire_after: '4h', emergency_ship_on_one: true },
  };
  // JSON is YAML.
  await writeFile(path, JSON.stringify(policy));
  return path;
}

/**
 * Starts a contender against `slack` and waits until it is ready.
 * @param preload a module of ours that is loaded into the process first @throws with its last words when it ends before
 */
export async function startProcess(
  contender: Contender,
  slack: LocalSlack,
  env: { DATABASE_URL: string; DATA_DIR: string; SHIPSHAPE_CONFIG: string; BENCH_STEPS?: string },
  preload?: string,
): Promise<Process> {
  const began = performance.now();
  const script = contender === 'shipshape' ? 'src/main.ts' : 'bench/floor.ts';
  const first = preload ? ['--import', new URL(preload, import.meta.url).href] : [];
  const child = spawn(process.execPath, ['--max-semi-space-size=4', '--import', 'tsx', ...first, script, contender], {
    cwd: ROOT,
    env: {
      ...process.env,
      ...env,
      SLACK_BOT_TOKEN: slack.app.botToken,
      SLACK_APP_TOKEN: slack.app.appToken,
      SLACK_API_URL: slack.apiUrl,
      PORT: '0',
      LOG_LEVEL: 'info',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  await ready(child);
  const readyMs = performance.now() - began;
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };
  return { pid: child.pid as number, readyMs, stop };
}

function ready(child: ChildProcess): Promise<void> {
  const last: string[] = [];
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        last.push(line);
        if (last.length > 20) last.shift();
        if (line.includes('"msg":"ready"')) resolve();
        else if (/"level":"(error|fatal)"/.test(line)) console.error(line);
      });
    }
    child.once('exit', (code, signal) =>
      reject(new Error(`the process ended before it was ready (${signal ?? code})\n${last.join('\n')}`)),
    );
  });
}

/** Opens a release of each of `count` products by the command, and waits for its card. @returns the cards' timestamps */
export async function openReleases(slack: LocalSlack, count = CARDS): Promise<string[]> {
  for (let i = 0; i < count; i++) {
    await slack.command(MANAGER, `open p${i} v1.0.0 ${(0xabcdef0 + i).toString(16)}`, '/release', RELEASES);
  }
  return slack.until(
    async () => {
      const found = (await slack.messages(RELEASES)).filter((m) => m.text.includes('v1.0.0'));
      return found.length === count && found.map((m) => m.ts);
    },
    'a card for every release',
    180_000,
  );
}

/** Posts as many plain messages as the bot, for contenders that know no releases. @returns their timestamps */
export async function postCards(slack: LocalSlack): Promise<string[]> {
  const cards: string[] = [];
  for (let i = 0; i < CARDS; i++) {
    const body = new URLSearchParams({ token: slack.app.botToken, channel: RELEASES, text: `card ${i}` });
    const answer = await fetch(`${slack.apiUrl}chat.postMessage`, { method: 'POST', body });
    cards.push(((await answer.json()) as { ts: string }).ts);
  }
  return cards;
}

/** Empties the database behind `url`: every contender and every repetition begins with a new one. @returns its URL */
export async function newDatabase(url: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`drop database if exists ${name} with (force)`);
    await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
  return url.replace(/[^/]*$/, name);
}
