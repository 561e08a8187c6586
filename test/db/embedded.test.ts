import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeEmbedded, startEmbedded } from '../../src/db/embedded.ts';
import { program } from '../support/program.ts';

type Told = { port: number; adopted: boolean; url: string; logged: string[] };

let dir: string;
let children: ChildProcess[];
let logged: string[];
const log = (msg: string) => logged.push(msg);

beforeEach(async () => {
  children = [];
  logged = [];
  dir = await mkdtemp(join(tmpdir(), 'shipshape-embedded-'));
  await chmod(dir, 0o711);
});

afterEach(async () => {
  for (const child of children.filter((one) => one.exitCode === null && one.signalCode === null)) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await removeWhenUnused(dir);
});

/** A killed process's connection ends a moment after the process. */
async function removeWhenUnused(folder: string): Promise<void> {
  await expect.poll(() => removeEmbedded(folder), { timeout: 10_000 }).toBe(true);
}

/** Another process that uses the server of `dir`. */
async function keeper(port?: number): Promise<{ child: ChildProcess; told: Told }> {
  const [node, ...args] = program('test/db/keeper');
  const child = spawn(node, [...args, dir, ...(port ? [`${port}`] : [])], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const line = once(createInterface(child.stdout), 'line');
  const early = once(child, 'exit').then(([code]) => Promise.reject(new Error(`keeper ended: ${code}`)));
  early.catch(() => {});
  const [text] = await Promise.race([line, early]);
  return { child, told: JSON.parse(text) };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

async function postmaster(): Promise<number> {
  const text = await readFile(join(dir, 'cluster/data/postmaster.pid'), 'utf8').catch(() => '');
  return Number(text.split('\n')[0]);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  if (process.platform !== 'linux') return true;
  try {
    // What has ended but was not yet collected by the system's first process has no command line any more.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
}

/** The pid file goes first, the process a moment later, and on a busy machine later. */
async function expectStopped(pid: number): Promise<void> {
  await expect.poll(() => pid > 0 && alive(pid), { timeout: 10_000 }).toBe(false);
}

async function ask(url: string, query: string): Promise<Record<string, unknown> | undefined> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(query)).rows[0];
  } finally {
    await client.end();
  }
}

test('starts, keeps its data over a restart, and leaves no process behind', async () => {
  const first = await startEmbedded({ dir, log });
  expect(first.adopted).toBe(false);
  await ask(first.url, 'create table kept as select 7 as seven');
  const pid = await postmaster();
  await first.stop();
  await expectStopped(pid);

  const second = await startEmbedded({ dir, log });
  expect(await ask(second.url, 'select seven from kept')).toEqual({ seven: 7 });
  await second.stop();
  await expectStopped(await postmaster());
});

test('is durable, local and behind a password that only its owner can read', async () => {
  const server = await startEmbedded({ dir, log });
  const settings = `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
    current_setting('listen_addresses') as listen, current_setting('unix_socket_directories') as sockets,
    current_setting('max_connections') as max, lower('ÄÉ') as lower`;
  expect(await ask(server.url, settings)).toEqual({
    fsync: 'on',
    commit: 'on',
    listen: '127.0.0.1',
    sockets: '',
    max: '200',
    lower: 'äé',
  });
  await expect(ask(server.url.replace(/:[^:@]*@/, ':wrong@'), 'select 1')).rejects.toThrow(/password/);
  expect((await stat(join(dir, 'cluster/password'))).mode & 0o777).toBe(0o600);
  await server.stop();
});

test('takes another port when the wished one is taken, and says so', async () => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const { port } = blocker.address() as AddressInfo;
  const server = await startEmbedded({ dir, port, fast: true, log });
  expect(server.port).not.toBe(port);
  expect(logged.join()).toContain(`Port ${port} is taken: PostgreSQL uses ${server.port}`);
  await server.stop();
  blocker.close();
});

test('a server whose bot was killed is adopted by the next, which also stops it', async () => {
  const { child, told } = await keeper();
  const pid = await postmaster();
  await end(child, 'SIGKILL');
  expect(alive(pid)).toBe(true);

  const next = await startEmbedded({ dir, fast: true, log });
  expect(next).toMatchObject({ adopted: true, port: told.port });
  expect(await postmaster()).toBe(pid);
  // The server may need a moment to see that the killed bot's connection is gone.
  await expect.poll(() => ask(next.url, KEEPERS)).toEqual({ count: 1 });
  await next.stop();
  await expectStopped(pid);
});

const KEEPERS = `select count(*)::int from pg_stat_activity where application_name = 'shipshape keeper'`;

test('two starts at once share one server; the last one out stops it', async () => {
  const [one, two] = await Promise.all([keeper(), keeper()]);
  expect(one.told.url).toBe(two.told.url);
  expect([one.told.adopted, two.told.adopted].sort()).toEqual([false, true]);
  const pid = await postmaster();
  expect(await readdir(dir)).toEqual(['cluster']);

  await end(one.child, 'SIGTERM');
  expect(alive(pid)).toBe(true);
  expect(await ask(two.told.url, 'select 1 as one')).toEqual({ one: 1 });
  await end(two.child, 'SIGTERM');
  await expectStopped(pid);
});

test('a start while the last user stops gets a server that stays', async () => {
  for (let round = 0; round < 5; round++) {
    const leaving = await startEmbedded({ dir, fast: true, log });
    const [coming] = await Promise.all([startEmbedded({ dir, fast: true, log }), leaving.stop()]);
    expect(await ask(coming.url, 'select 1 as one')).toEqual({ one: 1 });
    await coming.stop();
    await expectStopped(await postmaster());
  }
});

test('a pid file that names a dead process, or one that is not PostgreSQL, is no obstacle', async () => {
  const file = join(dir, 'cluster/data/postmaster.pid');
  const gone = await startEmbedded({ dir, fast: true, log });
  const left = await readFile(file, 'utf8');
  await gone.stop();
  // Only then is it a file of the dead: a server that still ends holds its shared memory.
  await expectStopped(Number(left.split('\n')[0]));
  for (const pid of [process.pid, 999_999_999]) {
    await writeFile(file, left.replace(/^\d+/, `${pid}`));
    const server = await startEmbedded({ dir, fast: true, log });
    expect(server.adopted).toBe(false);
    await server.stop();
  }
});

test('a server killed with -9 is started again and stop() copes with one that is gone', async () => {
  const first = await startEmbedded({ dir, fast: true, log });
  const pid = await postmaster();
  process.kill(pid, 'SIGKILL');
  const second = await startEmbedded({ dir, fast: true, log });
  expect(await postmaster()).not.toBe(pid);
  await first.stop();
  await second.stop();
  await expectStopped(await postmaster());
});

test('removeEmbedded refuses while a process uses the server', async () => {
  const server = await startEmbedded({ dir, fast: true, log });
  expect(await removeEmbedded(dir)).toBe(false);
  await server.stop();
  expect(await removeEmbedded(dir)).toBe(true);
  expect(existsSync(dir)).toBe(false);
});

test('a cluster of another PostgreSQL version is refused, not touched', async () => {
  await (await startEmbedded({ dir, fast: true, log })).stop();
  const file = join(dir, 'cluster/data/PG_VERSION');
  const version = await readFile(file, 'utf8');
  await writeFile(file, '12\n');
  await expect(startEmbedded({ dir, fast: true, log })).rejects.toThrow(/made by PostgreSQL 12/);
  await writeFile(file, version);
});

test('a link to data that is gone is refused, so that nobody begins with an empty database unnoticed', async () => {
  await symlink(join(dir, 'elsewhere'), join(dir, 'cluster'));
  await expect(startEmbedded({ dir, fast: true, log })).rejects.toThrow(/elsewhere, which is gone/);
});

test.skipIf(process.getuid?.() !== 0)(
  'as root, in a folder that only root may enter, the data goes elsewhere',
  async () => {
    await chmod(dir, 0o700);
    const inner = join(dir, 'data');
    await mkdir(inner);
    const server = await startEmbedded({ dir: inner, fast: true, log });
    expect((await lstat(join(inner, 'cluster'))).isSymbolicLink()).toBe(true);
    const cluster = await readlink(join(inner, 'cluster'));
    expect(cluster).toMatch(/^\/var\/lib\/shipshape\/cluster-/);
    expect(logged.join()).toContain(cluster);
    expect(await ask(server.url, 'show data_directory')).toEqual({
      data_directory: join(await realpath(cluster), 'data'),
    });
    await server.stop();
    await removeWhenUnused(inner);
    expect(existsSync(cluster)).toBe(false);
    await rm(dir, { recursive: true });
  },
);
