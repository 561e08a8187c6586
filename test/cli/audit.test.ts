import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { registerAudit } from '../../src/cli/audit.ts';
import { record } from '../../src/db/audit.ts';
import { appendHead } from '../../src/db/heads.ts';
import { headOf } from '../../src/db/seal.ts';
import { sealAll } from '../../src/jobs/seal.ts';
import { freshDb, type TestDb, urlOf } from '../support/db.ts';
import { program } from '../support/program.ts';
import { aCause, teamOn } from '../support/team.ts';

const NOW = new Date();
let db: TestDb;
let dir: string;
let printed: string[] = [];
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shipshape-cli-'));
});
beforeEach(async () => {
  db = await freshDb();
  printed = [];
  vi.stubEnv('DATABASE_URL', db.url);
  vi.stubEnv('DATA_DIR', await mkdtemp(join(dir, 'data-')));
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.exitCode = undefined;
  await db.close();
});
afterAll(() => rm(dir, { recursive: true }));

async function audit(...words: string[]): Promise<string> {
  const program = new Command();
  registerAudit(program);
  await program.parseAsync(['audit', ...words], { from: 'user' });
  return printed.splice(0).join('\n');
}
const note = (subject: string, data: Record<string, unknown> = {}) =>
  db.db.transaction((tx) => record(tx, aCause(), { verb: 'signed', subject, data }, NOW));
const seal = () => sealAll(db.db, () => NOW);
const tamper = (sql: string) =>
  db.pool.query(`alter table audit_chain disable trigger all; alter table audit_events disable trigger all; ${sql};
    alter table audit_chain enable trigger all; alter table audit_events enable trigger all`);

describe('R26: audit verify', () => {
  it('says that the trail is whole, and what it holds', async () => {
    await note('REL-1');
    await note('REL-2');
    await seal();
    await note('REL-3');
    expect(await audit('verify')).toBe(
      'The audit trail is whole: 3 events, 2 sealed, 1 waiting for their seal, 0 published heads.',
    );
    expect(process.exitCode).toBeUndefined();
  });

  it('names what was changed, and fails', async () => {
    await note('REL-1');
    await seal();
    await tamper(`update audit_events set actor = 'UEVIL'`);
    const said = await audit('verify');
    expect(said).toContain(
      'Position 1 (event 1) differs from the text it was recorded with: "signed" on REL-1 by UEVIL.',
    );
    expect(said).toContain('The audit trail is NOT whole');
    expect(process.exitCode).toBe(1);
  });

  it('finds a cut tail by the heads in the file, and by one from the message', async () => {
    await note('REL-1');
    await note('REL-2');
    await seal();
    const head = await headOf(db.db);
    if (!head) throw new Error('no head');
    const shown = `${head.position}:${head.hash}`;
    expect(await audit('verify', '--head', shown)).toMatch(/ 1 published head\./);
    await tamper('delete from audit_chain where position = 2; delete from audit_events where id = 2');
    expect(await audit('verify')).toContain('is whole');
    expect(await audit('verify', '--head', shown)).toContain('the end of the chain was cut off');
    await appendHead(process.env.DATA_DIR ?? '', head, NOW);
    expect(await audit('verify')).toContain('the end of the chain was cut off');
  });

  it('refuses a head that is none', async () => {
    await expect(audit('verify', '--head', '7')).rejects.toThrow('"7" is not the head of an audit chain.');
  });
});

describe('R26: audit show', () => {
  it('prints a line for each event, oldest first, with names where they are known', async () => {
    await db.pool.query(`insert into people values ('UADA', 'Ada', 'UTC', false, false, false, false, now())`);
    await note('REL-1', { candidate: 3 });
    await note('REL-2');
    expect(await audit('show')).toBe(
      [
        '2026-03-02 09:00:00Z  Ada (UADA)  signed  REL-1  {"candidate":3}  [command]',
        '2026-03-02 09:00:00Z  Ada (UADA)  signed  REL-2  {}  [command]',
      ].join('\n'),
    );
    expect(await audit('show', 'rel-2')).toBe('2026-03-02 09:00:00Z  Ada (UADA)  signed  REL-2  {}  [command]');
  });

  it('finds a release by product and version', async () => {
    const id = await teamOn(db.db).open({ product: 'wallet', version: 'v4.0.0' });
    const said = await audit('show', 'wallet', 'v4.0.0');
    expect(said).toContain(`REL-${id}`);
    expect(await audit('show', 'Wallet 4.0.0')).toBe(said);
  });

  it('says so when there is nothing, or no such release', async () => {
    expect(await audit('show')).toBe('Nothing is recorded yet.');
    await expect(audit('show', 'REL-9')).rejects.toThrow('Nothing is recorded about REL-9.');
    await expect(audit('show', 'wallet', '9.9')).rejects.toThrow('There is no release v9.9 of wallet.');
    await expect(audit('show', 'FOO')).rejects.toMatchObject({
      message: '"FOO" is no id and no release.',
      next: expect.stringContaining('BUG-7, PI-3, FR-3'),
    });
  });

  it('prints a long trail in pages, each event once', async () => {
    await db.pool.query(`insert into audit_events (actor, verb, subject, event_time, record_time, source, cause, data, canonical)
      select 'U1', 'v' || i, 'REL-1', now(), now(), 'CLI', 'c', '{}', 'x' from generate_series(1, 1100) i`);
    const verbs = (await audit('show')).split('\n').map((line) => line.split('  ')[2]);
    expect(verbs).toEqual(Array.from({ length: 1100 }, (_, i) => `v${i + 1}`));
  });

  it('keeps what people typed from steering the terminal', async () => {
    await note('REL-1', { reason: '\u009b31m\u202e' });
    expect(await audit('show')).toContain('  REL-1  {"reason":"�31m�"}  ');
  });
});

describe('the command line', () => {
  const shipshape = (...args: string[]) =>
    new Promise<{ code: number; out: string; err: string }>((done) => {
      const [node, ...main] = program('src/cli/main');
      execFile(node, [...main, ...args], (error, out, err) => {
        done({ code: Number(error?.code ?? 0), out, err });
      });
    });

  it('tells what is wrong in one sentence, and what to do, with exit code 1', async () => {
    vi.stubEnv('DATABASE_URL', urlOf('postgres'));
    const { code, out, err } = await shipshape('audit', 'verify');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toBe(
      'The database has no tables of this version. Run `npm run shipshape -- migrate`, or start the bot once.\n',
    );
    expect((await shipshape('audit', 'dance')).code).toBe(1);
  });

  it('migrates, and reads the trail of what it migrated', async () => {
    expect(await shipshape('migrate')).toEqual({ code: 0, out: 'The database is up to date.\n', err: '' });
    expect(await shipshape('audit', 'show')).toEqual({ code: 0, out: 'Nothing is recorded yet.\n', err: '' });
  });
});
