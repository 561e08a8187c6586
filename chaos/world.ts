// Everything that is there for one seed: PostgreSQL, a local Slack behind the office, Google Sheets, two bots; and a hand on each.
import { spawn } from 'node:child_process';
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { removeEmbedded, startEmbedded } from '../src/db/embedded.ts';
import { migrateDb } from '../src/db/migrate.ts';
import { type LocalSlack, startLocalSlack } from '../src/demo/local-slack.ts';
import { moveClock } from '../src/demo/moved-clock.ts';
import { type BotProcess, startBot } from '../test/support/bot.ts';
import { type FakeSheets, fakeSheets } from '../test/support/sheets.ts';
import { CHANNELS, DEFAULT_APP } from '../test/support/slack.ts';
import { openOffice } from './office.ts';
import { randomOf } from './random.ts';
import { GUEST, PEOPLE, policyOf, specOf, TESTED } from './team.ts';

/** Where databases come from. */
export interface Cluster {
  /** @returns the URL of a new database with the bot's tables in it */
  fresh(name: string): Promise<string>;
  /** Ends the server as a crash does, and starts it again. Undefined: it is not ours to do that to. */
  restart?(): Promise<void>;
  stop(): Promise<void>;
}

/** Ends a cluster and deletes it when our end of its standard input closes, however we end; a moment later, for it may be starting just then. */
const GUARD = `
  cat >/dev/null
  [ -d "$1" ] || exit 0
  sleep 2
  kill -QUIT "$(head -n 1 "$1/data/postmaster.pid")" 2>/dev/null
  sleep 1
  rm -rf "$1"`;

/** A PostgreSQL of our own in `dir`, which keeps what it says it keeps when it is killed. */
export async function startCluster(dir: string, log: (text: string) => void): Promise<Cluster> {
  let server = await startEmbedded({ dir, log });
  const cluster = await realpath(join(dir, 'cluster'));
  const guard = spawn('/bin/sh', ['-c', GUARD, 'sh', cluster], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  await migrateDb(server.url, log);
  const asAdmin = async (query: string) => {
    const client = new pg.Client({ connectionString: server.url.replace(/[^/]*$/, 'postgres') });
    await client.connect();
    await client.query(query).finally(() => client.end());
  };
  // It is the process that crashes here, not the machine: what was handed to the kernel is there afterwards, and recovery takes no time.
  await asAdmin('alter system set fsync = off');
  await asAdmin('select pg_reload_conf()');
  await asAdmin('alter database shipshape with is_template true allow_connections false');
  return {
    fresh: async (name) => {
      await asAdmin(`create database ${name} template shipshape`);
      return server.url.replace(/[^/]*$/, name);
    },
    restart: async () => {
      const pidFile = join(dir, 'cluster', 'data', 'postmaster.pid');
      const pid = Number((await readFile(pidFile, 'utf8')).split('\n')[0]);
      // What PostgreSQL calls an immediate shutdown: everything is dropped, and the next start recovers from its log.
      process.kill(pid, 'SIGQUIT');
      await gone(pid);
      server = await startEmbedded({ dir, port: server.port, log });
    },
    stop: async () => {
      await server.stop();
      await removeEmbedded(dir);
      guard.stdin.end();
    },
  };
}

/** Waits until a process is no more. @throws when it is still there after 30 s */
export async function gone(pid: number): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end; await wait(20)) if (!alive(pid)) return;
  throw new Error(`process ${pid} does not end`);
}

/** Whether a process runs. One that has ended and is only waited for by its parent does not. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** One of the two places a bot runs in, with a supervisor that starts it again whatever it ended of. */
export interface Berth {
  name: string;
  bot?: BotProcess;
  /** Everything that ever ran here. */
  pids: number[];
  logs: string[][];
  /** How it ended when it was asked to: exit code, and how long it took. */
  stops: { code: number | null; ms: number }[];
}

export type World = Awaited<ReturnType<typeof openWorld>>;

/** @param dir for logs and the test cases @param url of an empty database with tables */
export async function openWorld(seed: number, dir: string, url: string) {
  const specs = join(dir, 'specs');
  for (const product of TESTED) {
    await mkdir(join(specs, product), { recursive: true });
    await writeFile(join(specs, product, 'smoke.yml'), specOf());
  }
  const policy = join(dir, 'policy.yml');
  await writeFile(policy, policyOf(specs));
  const slack = await startTeam();
  const google = await fakeSheets();
  // With a clock that can be stepped the bot goes by the database's, as the demo does: not on every day.
  const clock = seed % 3 === 0;
  if (clock) await (await moveClock(url, new Date())).stop();
  const office = await openOffice(slack, seed, [GUEST]);
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  // PostgreSQL is ended on purpose now and then.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const berths: Berth[] = ['one', 'two'].map((name) => ({ name, pids: [], logs: [], stops: [] }));

  const board = async (berth: Berth): Promise<void> => {
    const options = {
      slack,
      databaseUrl: url,
      policy: policyOf(specs),
      apiUrl: office.apiUrl,
      demoClock: clock,
    };
    for (let attempt = 1; ; attempt++) {
      try {
        const bot = await startBot({ ...options, sheets: { url: google.url, id: google.id } });
        berth.bot = bot;
        berth.pids.push(bot.pid);
        berth.logs.push(bot.lines);
        return;
      } catch (err) {
        berth.logs.push([String(err)]);
        // PostgreSQL may be away just now: supervisors try again too.
        if (attempt === 20) throw err;
        await wait(500);
      }
    }
  };
  sheetFaults(google, seed, () => office.state.faulty);
  return {
    seed,
    dir,
    url,
    /** Path of the policy file. */
    policy,
    /** Whether the clock can be stepped. */
    clock,
    slack,
    google,
    office,
    pool,
    berths,
    board,
    /** Writes what the bots said into `dir`. */
    keepLogs: async (): Promise<void> => {
      for (const { name, logs } of berths)
        await writeFile(
          join(dir, `bot-${name}.log`),
          logs.map((lines) => lines.join('\n')).join('\n--- started again\n'),
        );
    },
    close: async (): Promise<void> => {
      for (const { bot } of berths) await bot?.kill();
      await pool.end();
      await office.stop();
      await google.stop();
      await slack.stop();
    },
  };
}

function startTeam(): Promise<LocalSlack> {
  const users = PEOPLE.map((id) => ({ id, name: id.toLowerCase(), real_name: id, tz: 'Europe/Lisbon' }));
  const members = [...PEOPLE, DEFAULT_APP.botUserId];
  const channels = Object.entries(CHANNELS).map(([name, id]) => ({ id, name, members }));
  return startLocalSlack({ users, channels });
}

/** Google too answers 429 and 500, loses answers, and does what it says it did not. */
function sheetFaults(google: FakeSheets, seed: number, faulty: () => boolean): void {
  google.before = ({ n }) => {
    const random = randomOf(seed, 'sheets', n);
    if (!faulty() || !random.chance(0.15)) return undefined;
    return random.pick(['limit', 'error', 'lost', 'cut', 'late'] as const);
  };
}
