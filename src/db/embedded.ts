// A real PostgreSQL without set-up. It is started with pg_ctl, in a session of its own, so that a Ctrl-C meant for us
// never reaches it: the bot can still write while it stops. Every process that uses it holds a shared lock in it, and
// the last one out stops it; a server whose processes were killed is found by the next start.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { readFile, realpath, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { errorText, ShipshapeError } from '../base/errors.ts';
import { CLUSTER_USER, type Home, openHome, readPassword, run } from './embedded-home.ts';

export type Embedded = { url: string; port: number; adopted: boolean; stop(): Promise<void> };

type Running = { pid: number; port: number };

/** Advisory lock in the cluster's `postgres` database: shared by everyone who uses the server. */
const USERS_LOCK = 7_447_001;
const GIVE_UP_MS = 60_000;
/** Long enough for the remains of a killed server to go, and for another process that starts one. */
const NO_START_MS = 15_000;
const UNHEALTHY_MS = 10_000;

/**
 * Start the PostgreSQL whose data is in `dir` (created on first use), or join the one that runs there already.
 * It listens on 127.0.0.1 only, with a random password that is kept in `dir/cluster/password`.
 * @param opts.port wished for; when it is taken another one is used and `log` says so. Absent: any free one.
 * @param opts.fast no durability, each statement planned once per connection, passwords hashed once: for tests.
 * @returns `url` of the database `shipshape`; `adopted` when the server ran before us; `stop()` ends the server unless
 *   another live process uses it.
 * @throws ShipshapeError when it cannot be started, with the end of the server's log.
 */
export async function startEmbedded(opts: {
  dir: string;
  port?: number;
  fast?: boolean;
  log: (msg: string) => void;
}): Promise<Embedded> {
  const home = await openHome(opts.dir, opts.fast ?? false, opts.log);
  const password = await readPassword(home);
  const began = Date.now();
  let adopted = true;
  let sick: number | undefined;
  let last: unknown;
  while (Date.now() - began < GIVE_UP_MS) {
    const running = await findRunning(home);
    try {
      if (!running) {
        await start(home, opts);
        adopted = false;
        continue;
      }
      const lease = await takeLease(home, running.port, password);
      if (adopted) opts.log(`PostgreSQL was running already on port ${running.port}: using it`);
      const url = `postgres://${CLUSTER_USER}:${password}@127.0.0.1:${running.port}/${CLUSTER_USER}`;
      return { url, port: running.port, adopted, stop: stopper(home, lease, password, opts.log) };
    } catch (error) {
      last = error;
      if (!running && Date.now() - began > NO_START_MS) break;
      // 57P03: it is starting, recovering or stopping, and says so. Anything else may be a moment's race, or sickness.
      sick = running && (error as { code?: string }).code !== '57P03' ? (sick ?? Date.now()) : undefined;
      if (sick && Date.now() - sick > UNHEALTHY_MS) {
        opts.log('PostgreSQL runs but does not answer: restarting it');
        await stopServer(home, 'immediate');
        sick = undefined;
      }
      await sleep(50);
    }
  }
  throw new ShipshapeError({
    code: 'embedded_postgres',
    // A command line says nothing that the server's own words do not.
    message: `PostgreSQL in ${home.cluster} does not start. ${(await logTail(home)) || errorText(last)}`,
    next: `Is its data damaged? docs/operate.md says how to put a backup back. All it wrote is in ${join(home.cluster, 'server.log')}.`,
  });
}

/**
 * Delete the cluster of `dir`, wherever it is, and `dir`; a server that nobody uses any more is stopped first.
 * @returns false, and nothing is deleted, when a live process uses it.
 */
export async function removeEmbedded(dir: string): Promise<boolean> {
  if (existsSync(join(dir, 'cluster', 'data'))) {
    const home = await openHome(dir, true, () => {});
    const running = await findRunning(home);
    if (running) {
      const lease = await takeLease(home, running.port, await readPassword(home));
      if (!(await leave(home, lease))) return false;
    }
  }
  const cluster = await realpath(join(dir, 'cluster')).catch(() => undefined);
  if (cluster) await rm(cluster, { recursive: true, force: true });
  await rm(dir, { recursive: true, force: true });
  return true;
}

/** The live postmaster of this cluster, if any. A pid file that PostgreSQL would stumble over is removed. */
async function findRunning(home: Home): Promise<Running | undefined> {
  const file = join(home.data, 'postmaster.pid');
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  if (!pid) return undefined;
  const command = await commandOf(pid);
  if (command.includes('postgres') && command.includes(home.data)) return { pid, port: Number(lines[3]) };
  // PostgreSQL copes with a pid that is free, and takes any other program of its user for itself. In containers such
  // are usual: the same few pids come again after a restart, and a killed server may stay a zombie for ever.
  // Looked at again, and without a pause: the file may be that of a server which has just started.
  if (exists(pid) && existsSync(file) && readFileSync(file, 'utf8').startsWith(`${pid}\n`)) rmSync(file);
  return undefined;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The command line of a process; empty when it has ended. */
async function commandOf(pid: number): Promise<string> {
  if (process.platform !== 'linux') return run('ps', ['-p', `${pid}`, '-o', 'command=']).catch(() => '');
  return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
}

async function start(home: Home, opts: { port?: number; fast?: boolean; log: (msg: string) => void }): Promise<void> {
  const port = await freePort(opts.port, opts.log);
  const log = join(home.cluster, 'server.log');
  await rename(log, `${log}.old`).catch(() => {});
  const speed = opts.fast
    ? ' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c plan_cache_mode=force_generic_plan'
    : '';
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200${speed}`;
  await run(join(home.bin, 'pg_ctl'), ['start', '-w', '-s', '-D', home.data, '-l', log, '-o', settings], home.as);
}

/** Stop the server and wait until it has. @throws Error when it has not within 30 s. */
async function stopServer(home: Home, mode: 'fast' | 'immediate'): Promise<void> {
  const running = await findRunning(home);
  await run(join(home.bin, 'pg_ctl'), ['stop', '-W', '-s', '-D', home.data, '-m', mode], home.as);
  // pg_ctl's own waiting would go on when another process starts the next server at once.
  const until = Date.now() + 30_000;
  while (running && (await findRunning(home))?.pid === running.pid) {
    if (Date.now() > until) throw new Error(`PostgreSQL (process ${running.pid}) does not stop`);
    await sleep(10);
  }
}

/** A connection that holds the users' lock: while it lives, nobody else stops the server. */
async function takeLease(home: Home, port: number, password: string): Promise<pg.Client> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    password,
    user: CLUSTER_USER,
    database: 'postgres',
    application_name: 'shipshape keeper',
    connectionTimeoutMillis: 3_000,
    keepAlive: true,
  });
  // Its end shows when it is used next; without a listener it would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query('show data_directory');
    if (rows[0].data_directory !== home.data) throw new Error(`Another PostgreSQL answers on port ${port}`);
    await client.query('select pg_advisory_lock_shared($1)', [USERS_LOCK]);
    await createDatabase(client);
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

/** Give up the users' lock; the last one stops the server. @returns whether it was stopped. */
async function leave(home: Home, lease: pg.Client): Promise<boolean> {
  await lease.query('select pg_advisory_unlock_shared($1)', [USERS_LOCK]);
  // Whoever starts now waits for this lock, and is told by the ending server to begin again.
  const { rows } = await lease.query('select pg_try_advisory_lock($1) as last', [USERS_LOCK]);
  if (rows[0].last) await stopServer(home, 'fast');
  await lease.end().catch(() => {});
  return rows[0].last;
}

function stopper(home: Home, first: pg.Client, password: string, log: (msg: string) => void): () => Promise<void> {
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    let lease = first;
    if (!(await lease.query('select 1').catch(() => undefined))) {
      const running = await findRunning(home);
      if (!running) return;
      lease = await takeLease(home, running.port, password);
    }
    if (!(await leave(home, lease))) log('PostgreSQL keeps running: another process uses it');
  };
  return () => {
    stopping ??= stop();
    return stopping;
  };
}

async function createDatabase(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [CLUSTER_USER]);
  if (rowCount) return;
  await client.query(`create database ${CLUSTER_USER}`).catch((error) => {
    // Another process was faster: duplicate_database, or the unique index when both ran at the same moment.
    if (!['42P04', '23505'].includes(error.code)) throw error;
  });
}

async function freePort(wish: number | undefined, log: (msg: string) => void): Promise<number> {
  const port = await listenOnce(wish ?? 0).catch(() => undefined);
  if (port) return port;
  const other = await listenOnce(0);
  log(`Port ${wish} is taken: PostgreSQL uses ${other}`);
  return other;
}

async function listenOnce(port: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', done);
  });
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address ? address.port : port;
}

async function logTail(home: Home): Promise<string> {
  const text = await readFile(join(home.cluster, 'server.log'), 'utf8').catch(() => '');
  return text.split('\n').slice(-8).join('\n').trim();
}
