// The tests' PostgreSQL, in a process of its own that outlives nobody: it ends, and deletes everything, when its
// standard input closes. That happens however the test run ends, by Ctrl-C and kill -9 too.
import { chmod, mkdtemp, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { removeEmbedded, startEmbedded } from '../../src/db/embedded.ts';
import { migrateDb } from '../../src/db/migrate.ts';

const log = (msg: string) => console.error(`test database: ${msg}`);
const gone = new Promise((done) => process.stdin.on('end', done).on('error', done).resume());
const dir = await mkdtemp(join(await fastest(), 'shipshape-test-'));
await chmod(dir, 0o711);
const server = await startEmbedded({ dir, fast: true, log });
try {
  await migrateDb(server.url, log);
  const admin = new pg.Client({ connectionString: server.url.replace(/\/[^/]*$/, '/postgres') });
  await admin.connect();
  // Nobody can be in it by accident, so every test file can copy it at any time.
  await admin.query('alter database shipshape with is_template true allow_connections false');
  await admin.end();
  console.log(server.url);
  await gone;
} finally {
  await server.stop();
  await removeEmbedded(dir);
}

/** In memory where there is room for it: each file of tests has a database of its own, of a thousand files, and a busy disk takes ten times as long. */
async function fastest(): Promise<string> {
  const memory = '/dev/shm';
  const { bavail, bsize } = await statfs(memory).catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize > 2 * 2 ** 30 ? memory : tmpdir();
}
