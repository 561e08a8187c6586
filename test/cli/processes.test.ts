// The bot and the command line as somebody starts them, where something is not as it should be.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeEmbedded, startEmbedded } from '../../src/db/embedded.ts';
import { migrateDb } from '../../src/db/migrate.ts';
import { NOTE_UNFINISHED } from '../../src/db/unfit.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { TREA, treasuryOn } from '../support/funds.ts';
import { program, ROOT } from '../support/program.ts';

const NOWHERE = 'postgres://me:secret-word@127.0.0.1:1/none';
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shipshape-processes-'));
});
afterAll(() => rm(dir, { recursive: true }));

interface Ended {
  code: number | null;
  out: string;
  err: string;
}
/** Runs it to its end. @param unheard close its output at once, as `| head` does when it has enough */
async function run(
  entry: Parameters<typeof program>[0],
  words: string[],
  vars: Record<string, string>,
  unheard = false,
): Promise<Ended> {
  const [node, ...args] = program(entry);
  const env = { ...process.env, SLACK_BOT_TOKEN: 'xoxb-1-x', SLACK_APP_TOKEN: 'xapp-1-x', DATABASE_URL: '', ...vars };
  const child = spawn(node, [...args, ...words], { cwd: ROOT, env });
  const ended: Ended = { code: null, out: '', err: '' };
  if (unheard) child.stdout.destroy();
  else child.stdout.on('data', (chunk) => (ended.out += chunk));
  child.stderr.on('data', (chunk) => (ended.err += chunk));
  [ended.code] = await once(child, 'close');
  return ended;
}

/** The example's policy, in a folder of its own. @returns its path */
async function policyBeside(name: string, change: (text: string) => string): Promise<string> {
  await mkdir(join(dir, name));
  const path = join(dir, name, 'shipshape.yml');
  await writeFile(path, change(await readFile(join(ROOT, 'shipshape.yml'), 'utf8')));
  return path;
}

describe('npm start', () => {
  it('R16: says as an error that a folder of test cases is not there which the policy names', async () => {
    const SHIPSHAPE_CONFIG = await policyBeside('named', (text) => text);
    const { out } = await run('src/main', [], { SHIPSHAPE_CONFIG, DATABASE_URL: NOWHERE });
    expect(out).toMatch(
      /"level":"error".*there are none in .*named\/specs, which testing\.specs in the policy names and which is not there/,
    );
  });

  it('R16: says that there are no test cases where the policy names no folder; and names DATABASE_URL when it leads nowhere, never its password', async () => {
    const SHIPSHAPE_CONFIG = await policyBeside('unnamed', (text) => text.replace(/^ {2}specs: .*\n/m, ''));
    const { code, out, err } = await run('src/main', [], { SHIPSHAPE_CONFIG, DATABASE_URL: NOWHERE });
    expect(out).toMatch(/"level":"warn".*there are none in .*specs, which is not there: no release has test cases/);
    expect(err).toMatch(/^The database of DATABASE_URL \(127\.0\.0\.1:1\/none\) cannot be used: .*ECONNREFUSED/);
    expect(err).toContain('right host, port, user, password and database');
    expect(out + err).not.toContain('secret-word');
    expect(code).toBe(1);
  });
});

it('npm start waits for a Slack that does not answer, and says in one line which address that is', async () => {
  const db = await freshDb();
  const [node, ...args] = program('src/main');
  const vars = { SLACK_BOT_TOKEN: 'xoxb-1-x', SLACK_APP_TOKEN: 'xapp-1-x', SLACK_API_URL: 'http://127.0.0.1:2/api/' };
  const env = { ...process.env, ...vars, DATABASE_URL: db.url, PORT: '0' };
  const child = spawn(node, args, { cwd: ROOT, env });
  try {
    const lines: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      lines.push(line);
      if (line.includes('Slack')) child.kill('SIGTERM');
    }
    const said = lines.find((line) => line.includes('Slack')) ?? '';
    expect(JSON.parse(said)).toMatchObject({
      level: 'warn',
      msg: expect.stringMatching(/^Slack cannot be reached yet at http:\/\/127\.0\.0\.1:2\/api\/, .*ECONNREFUSED/),
    });
    expect(said).not.toContain('stack');
    // R17: it noted then how many decimals assets have.
    await treasuryOn(db.db).transfer(TREA, { amount: '5', asset: 'USD', to: 'main', note: 'Card' });
    const SHIPSHAPE_CONFIG = await policyBeside('finer', (text) =>
      text.replace('key: USD, decimals: 2', 'key: USD, decimals: 4'),
    );
    const { code, err } = await run('src/main', [], { ...vars, DATABASE_URL: db.url, SHIPSHAPE_CONFIG });
    expect(err).toMatch(
      /finer\/shipshape\.yml has 1 fault:\n {2}USD has 4 decimals, and had 2 when .* Give it 2 again/,
    );
    expect(code).toBe(78);
  } finally {
    child.kill('SIGKILL');
    await db.close();
  }
});

it('npm start ends with 78, and says what to do, on a database of a newer version and on one whose restore was cut short', async () => {
  const [newer, cut] = [await freshDb(), await freshDb()];
  try {
    await newer.pool.query('insert into drizzle.__drizzle_migrations (hash, created_at) values ($1, $2)', ['x', 9e12]);
    await cut.pool.query(NOTE_UNFINISHED, ['null']);
    const SHIPSHAPE_CONFIG = await policyBeside('unfit', (text) => text);
    const start = (db: TestDb) => run('src/main', [], { SHIPSHAPE_CONFIG, DATABASE_URL: db.url, PORT: '0' });
    const migrate = await run('src/cli/main', ['migrate'], { DATABASE_URL: newer.url });
    const [onNewer, onCut] = [await start(newer), await start(cut)];
    for (const { err } of [migrate, onNewer]) {
      expect(err).toMatch(/^The database is of a newer version of Shipshape \(it has had 1 migration this/);
      expect(err).toContain('Use the version of Shipshape that wrote it, or a newer one');
    }
    expect(onCut.err).toMatch(
      /^A restore into this database was cut short.*\nRun `npm run shipshape -- restore` without/,
    );
    expect([migrate.code, onNewer.code, onCut.code]).toEqual([1, 78, 78]);
  } finally {
    await newer.close();
    await cut.close();
  }
});

describe('npm run shipshape', () => {
  it('says its version, which is that of the package', async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    expect((await run('src/cli/main', ['--version'], {})).out).toBe(`${version}\n`);
  });

  it('names DATABASE_URL when it leads nowhere, never its password', async () => {
    const all = [['audit', 'verify'], ['migrate']];
    for (const { code, out, err } of await Promise.all(
      all.map((words) => run('src/cli/main', words, { DATABASE_URL: NOWHERE })),
    )) {
      expect(err).toMatch(/^The database of DATABASE_URL \(127\.0\.0\.1:1\/none\) cannot be used: /);
      expect(out + err).not.toContain('secret-word');
      expect(code).toBe(1);
    }
  });

  it('makes no database where it only looks', async () => {
    const DATA_DIR = join(dir, 'empty');
    await mkdir(DATA_DIR);
    const all = [['audit', 'verify'], ['backup', join(dir, 'x.backup')], ['restore']];
    for (const { code, err } of await Promise.all(all.map((words) => run('src/cli/main', words, { DATA_DIR })))) {
      expect(err).toContain(`There is no database in ${DATA_DIR}. \`npm start\` or`);
      expect(code).toBe(1);
    }
    expect(await readdir(DATA_DIR)).toEqual([]);
  });

  it('whose output nobody reads any more goes on to its end, and stops the PostgreSQL that it started', async () => {
    const DATA_DIR = join(dir, 'data');
    const server = await startEmbedded({ dir: DATA_DIR, fast: true, log: () => {} });
    try {
      await migrateDb(server.url, () => {});
      await server.stop();
      expect(await run('src/cli/main', ['audit', 'show'], { DATA_DIR }, true)).toEqual({ code: 0, out: '', err: '' });
      expect(existsSync(join(DATA_DIR, 'cluster', 'data', 'postmaster.pid'))).toBe(false);
    } finally {
      await server.stop();
      await removeEmbedded(DATA_DIR);
    }
  });
});
