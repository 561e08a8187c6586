import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { readSheet } from 'read-excel-file/node';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { alone } from '../../src/areas/sheets/memory.ts';
import { FUNDS_TAB } from '../../src/areas/sheets/tabs.ts';
import { registerSheets } from '../../src/cli/sheets.ts';
import { POLICY } from '../support/bot.ts';
import { freshDb, type TestDb, wipe } from '../support/db.ts';
import { OLA, treasuryOn } from '../support/funds.ts';
import { type FakeSheets, fakeSheets, put } from '../support/sheets.ts';

let db: TestDb;
let dir: string;
let google: FakeSheets;
const printed: string[] = [];
beforeAll(async () => {
  db = await freshDb();
  dir = await mkdtemp(join(tmpdir(), 'shipshape-sheets-cli-'));
  await writeFile(join(dir, 'policy.yml'), POLICY);
  vi.stubEnv('DATABASE_URL', db.url);
  vi.stubEnv('DATA_DIR', join(dir, 'data'));
  vi.stubEnv('SHIPSHAPE_CONFIG', join(dir, 'policy.yml'));
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
  await treasuryOn(db.db).sent(OLA);
});
afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true });
  await db.close();
});
beforeEach(async () => {
  google = await fakeSheets();
  await wipe(db, 'sheet_tabs, sheet_notices');
  vi.stubEnv('SHEETS_API_URL', google.url);
  vi.stubEnv('SHEETS_SPREADSHEET_ID', google.id);
  return () => google.stop();
});

async function sheets(...words: string[]): Promise<string> {
  const program = new Command().exitOverride();
  registerSheets(program);
  try {
    await program.parseAsync(['sheets', ...words], { from: 'user' });
  } finally {
    lines = printed.splice(0).join('\n');
  }
  return lines;
}
let lines = '';
const fundsTab = () => google.tab(FUNDS_TAB.title);

test('R20: plan says what a sync would do, and writes nothing', async () => {
  const said = await sheets('plan');
  expect(said).toContain(`Spreadsheet ${google.id}:`);
  expect(said).toContain('  releases: 0 rows added, 0 changed');
  expect(said).toMatch(/ {2}funds: 4 rows added, 0 changed\n {2}ledger: 4 rows added, 0 changed/);
  expect(google.tabs.map((t) => t.title)).toEqual(['Sheet1']);
  expect(google.calls.every((call) => call.method === 'GET')).toBe(true);
  const { rows } = await db.pool.query('select from sheet_tabs');
  expect(rows).toHaveLength(0);
});

test('R20: sync does it; after an edit by hand plan says so and sync puts it back', async () => {
  expect(await sheets('sync')).toMatch(/funds: 4 rows added, 0 changed\n {2}ledger: 4 rows added, 0 changed$/);
  expect(fundsTab().grid.map((row) => row[0])).toContain('FR-1');
  const at = fundsTab().grid.findIndex((row) => row[0] === 'FR-1');
  const state = FUNDS_TAB.columns.findIndex((c) => c.title === 'State');
  put(fundsTab(), at, state, 'denied');
  fundsTab().grid.push(['FR-77', 'request']);
  const edited = JSON.stringify(google.tabs);
  const planned = 'funds: 0 rows added, 1 changed, 1 of them restored after edits by hand, 1 marked as not mine';
  expect(await sheets('plan')).toContain(planned);
  expect(JSON.stringify(google.tabs)).toBe(edited);
  expect(await sheets('sync')).toContain(planned);
  expect(fundsTab().grid[at]?.[state]).toBe('sent');
  expect(await sheets('sync')).toContain('funds: 0 rows added, 0 changed, 1 marked as not mine');
});

test('R20: without Google both speak of the workbook, and sync writes it', async () => {
  vi.stubEnv('SHEETS_SPREADSHEET_ID', '');
  expect(await sheets('plan')).toBe('The workbook would be written whole.');
  await expect(readdir(join(dir, 'data'))).rejects.toThrow('ENOENT');
  expect(await sheets('sync')).toBe('The workbook, shipshape.xlsx in DATA_DIR, is written.');
  expect(await readdir(join(dir, 'data'))).toEqual(['shipshape.xlsx']);
  const rows = await readSheet(await readFile(join(dir, 'data', 'shipshape.xlsx')), FUNDS_TAB.title);
  expect(rows[1]?.[0]).toBe('FR-1');
  expect(google.calls).toEqual([]);
});

test('R20: without access, and while the bot syncs, it is said plainly', async () => {
  google.before = () => 403;
  await expect(sheets('plan')).rejects.toThrow('Google Sheets says 403');
  await expect(sheets('sync')).rejects.toThrow('Not all tabs could be brought up to date.');
  expect(lines).toBe('');
  const { rows } = await db.pool.query<{ text: string }>(
    "select text from outbox where text like '%cannot get at%' order by id",
  );
  expect(rows.map((row) => row.text)).toEqual([expect.stringContaining('Share it with')]);
  await alone(db.db, async () => {
    await expect(sheets('sync')).rejects.toThrow('The bot is syncing just now.');
  });
});
