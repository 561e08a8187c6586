import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { verifyLedger } from '../../src/areas/funds/verify.ts';
import { compare } from '../../src/areas/releases/reconcile.ts';
import { registerBackup } from '../../src/cli/backup.ts';
import { openDb } from '../../src/db/client.ts';
import { dump } from '../../src/db/dump.ts';
import { MIGRATIONS, migrateDb } from '../../src/db/migrate.ts';
import { undump } from '../../src/db/undump.ts';
import { NOTE_UNFINISHED, unfinishedRestore } from '../../src/db/unfit.ts';
import { verifyAudit } from '../../src/db/verify.ts';
import { sealAll } from '../../src/jobs/seal.ts';
import { runCli } from '../support/cli.ts';
import { asAdmin, freshDb, type TestDb, urlOf } from '../support/db.ts';
import { ADA, BEN, CAS } from '../support/facts.ts';
import { OLA, treasuryOn } from '../support/funds.ts';
import { teamOn } from '../support/team.ts';

let source: TestDb;
let dir: string;
let file: string;
let backedUp: string;
let release: number;
let waiting: number;
const made: string[] = [];

beforeAll(async () => {
  source = await freshDb();
  dir = await mkdtemp(join(tmpdir(), 'shipshape-backup-'));
  file = join(dir, 'one.backup');
  vi.stubEnv('SHIPSHAPE_CONFIG', join(import.meta.dirname, '../../shipshape.yml'));
  const team = teamOn(source.db);
  team.now = new Date();
  release = await team.open({ changes: 'A "quote", a \\ and a line\nmore; 🚀 and 1e400' });
  await team.posted(release, '1.000001');
  await team.approve(release, ADA, BEN);
  await team.reconciled(release);
  waiting = await team.open();
  const bank = treasuryOn(source.db);
  await bank.spend(OLA, { requestId: await bank.sent(OLA, {}, ''), fee: '' });
  await source.pool.query(`insert into schedules (name, cron, zone, workdays, what, after_outage, grace_minutes, next_at, next_local)
    values ('daily', '{"0 9 * * *","0 10 * * *"}', 'UTC', true, 'x', 'once', 10, now() - interval '1 hour', '2026-03-02T09:00')`);
  await sealAll(source.db, () => new Date());
  backedUp = await run(source.url, 'backup', file);
});
afterEach(() => {
  process.exitCode = undefined;
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true });
  await source.close();
  await asAdmin(async (admin) => {
    for (const name of made) await admin.query(`drop database ${name}`);
  });
});

async function emptyDb(): Promise<string> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await asAdmin((admin) => admin.query(`create database ${name} template template0`));
  made.push(name);
  return urlOf(name);
}

async function run(url: string, ...words: string[]): Promise<string> {
  vi.stubEnv('DATABASE_URL', url);
  return runCli(registerBackup, ...words);
}

/** Everything, but for the numbers of the database transactions that made the books: those are of one cluster only. */
async function linesOf(url: string): Promise<string[]> {
  const lines: string[] = [];
  let xact = -1;
  for await (const line of dump(url)) {
    const read = JSON.parse(line);
    if (read.columns) xact = read.columns.indexOf('xact');
    lines.push(Array.isArray(read) && xact >= 0 ? JSON.stringify(read.with(xact, '')) : line);
  }
  return lines.slice(1);
}

const XACTS = 'select distinct xact::text from ledger_transactions';

async function on<T>(url: string, work: (db: ReturnType<typeof openDb>) => Promise<T>): Promise<T> {
  const db = openDb(url, { log: () => {}, max: 2 });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

describe('a backup', () => {
  it('is a file of its own, whole, and only its owner reads it', async () => {
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(backedUp).toMatch(/^\d+ rows written to .*one\.backup \([1-9]\d* kB\)\.$/);
    expect(await readdir(dir)).toEqual(['one.backup']);
    await expect(run(source.url, 'backup', file)).rejects.toThrow('there already');
    await expect(run(urlOf('no_such_database'), 'backup', join(dir, 'two'))).rejects.toThrow();
    const [lost, under] = [join(dir, 'nowhere', 'two'), join(file, 'two')];
    await expect(run(source.url, 'backup', lost)).rejects.toMatchObject({
      message: `${lost} cannot be written: there is no folder ${join(dir, 'nowhere')}.`,
      next: expect.stringContaining('Make it'),
    });
    await expect(run(source.url, 'backup', under)).rejects.toMatchObject({
      message: `${under} cannot be written: ${file} is no folder that you may write to (ENOTDIR).`,
      next: 'Name a file in another.',
    });
    expect(await readdir(dir)).toEqual(['one.backup']);
  });

  it('put back gives the same database: every row and sequence, triggers that refuse, books and trail that verify', async () => {
    const url = await emptyDb();
    expect(await run(url, 'restore', file, '--nothing-since')).toMatch(/^\d+ rows of .* are back\.\nNothing else/);
    expect(await linesOf(url)).toEqual(await linesOf(source.url));
    await on(url, async ({ db, pool }) => {
      expect((await verifyAudit(db, [])).faults).toEqual([]);
      expect(await verifyLedger(db)).toMatchObject({ faults: [], transactions: 2 });
      // R17: in a new cluster one of its own transactions would come to bear such a number, and could add postings.
      expect((await pool.query(XACTS)).rows).toEqual([{ xact: '0' }]);
      await expect(pool.query('delete from audit_events')).rejects.toThrow();
      await expect(pool.query('update postings set amount = 1')).rejects.toThrow();
    });
    await expect(run(url, 'restore', file)).rejects.toThrow('not empty');
  });

  it('that is damaged, cut short, of a newer version or none at all changes nothing', async () => {
    const url = await emptyDb();
    const lines = gunzipSync(await readFile(file))
      .toString()
      .trimEnd()
      .split('\n');
    const head = JSON.parse(lines[0] as string);
    const newer = JSON.stringify({ ...head, migrations: [...head.migrations, '9999999999999'] });
    const bad = async (text: string | Buffer) => {
      const path = join(dir, 'bad');
      await writeFile(path, typeof text === 'string' ? gzipSync(text) : text);
      return run(url, 'restore', path);
    };
    await expect(bad('hello\n')).rejects.toThrow('no backup of Shipshape');
    await expect(bad(Buffer.from('hello'))).rejects.toThrow();
    await expect(bad([newer, ...lines.slice(1)].join('\n'))).rejects.toThrow('newer version');
    await expect(bad(lines.slice(0, -1).join('\n'))).rejects.toThrow('cut short');
    await expect(bad((await readFile(file)).subarray(0, 2000))).rejects.toThrow();
    await expect(bad(lines.filter((_, i) => i !== lines.length - 30).join('\n'))).rejects.toThrow();
    await expect(bad(lines.map((line) => line.replace('abc1234', 'abc1234\u0000"')).join('\n'))).rejects.toThrow(
      'damaged',
    );
    await expect(run(url, 'restore', join(dir, 'none'))).rejects.toThrow('cannot be read');
    await on(url, async ({ pool }) => {
      expect((await pool.query('select from releases')).rowCount).toBe(0);
    });
    await rm(join(dir, 'bad'));
    expect(await run(url, 'restore', file, '--nothing-since')).toContain('are back');
  });
});

describe('what happened after the backup is unknown', () => {
  let url: string;
  beforeAll(async () => {
    url = await emptyDb();
    expect(await run(url, 'restore', file)).toContain(
      `On hold until somebody has looked: REL-${release}, REL-${waiting}`,
    );
  });

  it('R6: nothing stays approved: the open releases are on hold, and say why', () =>
    on(url, async ({ db }) => {
      const team = teamOn(db);
      const f = await team.facts(release);
      expect(f.release.state).toBe('testing');
      expect(f.holds).toMatchObject([{ person: 'shipshape', liftedAt: null }]);
      expect((await team.lines(release)).at(-1)).toContain('put back from a backup');
      expect((await team.do(release, CAS, { kind: 'ship' })).outcome).toBe('refused');
    }));

  it('R7: a reaction that is found then is asked about, never counted', () =>
    on(url, async ({ db }) => {
      const f = await teamOn(db).facts(release);
      expect(f.release.reconciledAt).toBeNull();
      const read = { complete: true, root: { reactions: [{ name: 'lgtm', users: [CAS.id] }] }, messages: [] } as const;
      const r = { at: new Date(), channel: 'CREL', rootTs: '1.000001', checkTs: undefined, botUserId: 'UBOT' };
      const found = compare(read as never, r, f, [], { policy: teamOn(db).deps.policy });
      expect(found).toMatchObject([{ doubt: expect.stringContaining('cannot tell') }]);
    }));

  it('ids that were given out since are not given again, and what waits is looked for before it is posted', () =>
    on(url, async ({ db, pool }) => {
      const next = await teamOn(db).open({ product: 'later' });
      expect(next).toBeGreaterThan(waiting + 1000);
      expect(next).toBeLessThan(waiting + 2000);
      const { rows } =
        await pool.query(`select count(*) filter (where attempted_at is null and created_at < now() - interval '0 s') as unsure
        from outbox where posted_ts is null and id < 1000000`);
      expect(rows[0].unsure).toBe('0');
      expect((await pool.query(`select from graphile_worker.jobs where task_identifier = 'card'`)).rowCount).toBe(1);
    }));

  it('put back a second time, the same backup gives out none of the ids again', () =>
    on(url, async ({ pool }) => {
      const given = await pool.query(`select max(id)::int as last from releases`);
      const again = await emptyDb();
      await run(again, 'restore', file);
      await on(again, async ({ db }) => {
        expect(await teamOn(db).open({ product: 'later' })).toBeGreaterThan(given.rows[0].last);
      });
    }));

  it('R22: what came by the clock meanwhile is not done again', () =>
    on(url, async ({ pool }) => {
      const { rows } = await pool.query('select next_at, next_local from schedules');
      expect(rows).toEqual([{ next_at: null, next_local: null }]);
    }));

  it('R26: it is in the trail', () =>
    on(url, async ({ db, pool }) => {
      const { rows } = await pool.query(`select source, data from audit_events where verb = 'restore'`);
      expect(rows).toEqual([{ source: 'CLI', data: { backupOf: expect.stringContaining('T') } }]);
      await sealAll(db, () => new Date());
      expect((await verifyAudit(db, [])).faults).toEqual([]);
    }));
});

describe('a restore that is cut short', () => {
  const text = async () => gunzipSync(await readFile(file)).toString();
  async function* lines() {
    yield* (await text()).split('\n');
  }
  const unfinished = (url: string) => on(url, ({ db }) => unfinishedRestore(db));
  const holds = (url: string) =>
    on(url, async ({ db }) => (await teamOn(db).facts(release)).holds.map((hold) => hold.reason));

  it('is known to be, and `restore` without a file finishes it: with what the backup was, and one hold for each release', async () => {
    const url = await emptyDb();
    const { at } = await undump(url, lines(), () => {}, true);
    expect(await unfinished(url)).toMatchObject({ next: expect.stringContaining('without a file') });
    await expect(run(url, 'restore', file)).rejects.toMatchObject({
      message: expect.stringContaining('not empty'),
      next: expect.stringContaining('run `restore` without a file'),
    });
    expect(await unfinished(url)).toBeDefined();
    expect(await run(url, 'restore')).toContain(`On hold until somebody has looked: REL-${release}, REL-${waiting}`);
    expect(await unfinished(url)).toBeUndefined();
    const why = [expect.stringContaining(`a backup of ${at.toISOString().slice(0, 16).replace('T', ' ')} UTC:`)];
    expect(await holds(url)).toEqual(why);
    // Cut short only after the first of the holds.
    await on(url, ({ pool }) => pool.query(NOTE_UNFINISHED, [JSON.stringify(at)]));
    expect(await run(url, 'restore')).toContain(`REL-${release}, REL-${waiting}`);
    expect(await holds(url)).toEqual(why);
    expect(await unfinished(url)).toBeUndefined();
  });

  it('asks for nothing more where nothing can have happened since', async () => {
    const url = await emptyDb();
    await undump(url, lines(), () => {}, false);
    expect(await unfinished(url)).toBeUndefined();
  });
});

it('a backup of an older version is put back, and brought up to date', async () => {
  const journal = join('meta', '_journal.json');
  const folder = join(dir, 'older');
  await cp(MIGRATIONS, folder, { recursive: true });
  const { entries, ...rest } = JSON.parse(await readFile(join(folder, journal), 'utf8')) as { entries: unknown[] };
  await writeFile(join(folder, journal), JSON.stringify({ ...rest, entries: entries.slice(0, 4) }));
  const [older, url] = [await emptyDb(), await emptyDb()];
  await migrateDb(older, () => {}, folder);
  await run(older, 'backup', join(dir, 'older.backup'));
  await run(url, 'restore', join(dir, 'older.backup'), '--nothing-since');
  await on(url, async ({ pool }) => {
    expect((await pool.query('select from drizzle.__drizzle_migrations')).rowCount).toBe(entries.length);
  });
});

it('a database that pg_restore put back is treated alike', async () => {
  const url = await emptyDb();
  await run(url, 'restore', file, '--nothing-since');
  await on(url, async ({ pool }) => {
    await pool.query(`insert into homes (person, opened_at, shown_hash) values ('U1', now(), 'x');
      insert into slot_looks (id, until) values (1, now() - interval '2 days') on conflict (id) do update set until = excluded.until`);
    const bot = openDb(url, { log: () => {}, max: 1, appName: 'shipshape bot' });
    await bot.pool.query('select 1');
    await expect(run(url, 'restore')).rejects.toThrow('The bot is running on this database.');
    await bot.close();
    expect((await pool.query(`select from audit_events where verb = 'restore'`)).rowCount).toBe(0);
    // As pg_restore leaves them in a cluster that has not counted so far.
    await pool.query(
      `begin; set local session_replication_role = replica; update ledger_transactions set xact = '999999999'; commit`,
    );
  });
  expect(await run(url, 'restore')).toContain('On hold until somebody has looked');
  await on(url, async ({ db, pool }) => {
    const { rows } = await pool.query(
      `select (select shown_hash from homes where person = 'U1') as shown, until > now() - interval '1 minute' as now from slot_looks`,
    );
    expect((await pool.query(XACTS)).rows).toEqual([{ xact: '0' }]);
    await expect(pool.query(`update ledger_transactions set xact = '1'`)).rejects.toThrow('append-only');
    // An App Home shows what it did; slots of the lost time are not counted.
    expect(rows).toEqual([{ shown: null, now: true }]);
    const f = await teamOn(db).facts(release);
    expect(f.release.state).toBe('testing');
  });
});
