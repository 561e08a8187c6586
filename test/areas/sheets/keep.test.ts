import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { readSheet } from 'read-excel-file/node';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { loadFees } from '../../../src/areas/funds/fees-store.ts';
import { balances } from '../../../src/areas/funds/store.ts';
import { keepSheets, type SheetsDeps } from '../../../src/areas/sheets/keep.ts';
import { MARK_TITLE, ORPHAN } from '../../../src/areas/sheets/rules.ts';
import { FUNDS_TAB, LEDGER_TAB, releasesTab } from '../../../src/areas/sheets/tabs.ts';
import { formatAmount } from '../../../src/base/money.ts';
import type { Policy } from '../../../src/base/policy.ts';
import { SheetsError } from '../../../src/base/sheets.ts';
import { makeSheets } from '../../../src/gateways/sheets.ts';
import { writeWorkbook } from '../../../src/gateways/workbook.ts';
import { freshDb, type TestDb } from '../../support/db.ts';
import { BEN } from '../../support/facts.ts';
import { FUNDS, FUNDS_TEAM, OLA, TREA, treasuryOn } from '../../support/funds.ts';
import { keptLog } from '../../support/quiet.ts';
import {
  deleteRow,
  type FakeSheets,
  fakeSheets,
  insertColumns,
  put,
  sortTab,
  type Value,
} from '../../support/sheets.ts';
import { teamOn } from '../../support/team.ts';

const pause = async () => {};

let on: TestDb;
let fake: FakeSheets;
let dir: string;
let deps: SheetsDeps;
let treasury: ReturnType<typeof treasuryOn>;

beforeAll(async () => {
  on = await freshDb();
  dir = await mkdtemp(join(tmpdir(), 'shipshape-sheets-'));
  treasury = treasuryOn(on.db);
  const team = teamOn(on.db);
  await on.db.execute(`insert into people (id, name, bot, deactivated, guest, outsider, refreshed_at)
    values ('${OLA.id}', '=Ola', false, false, false, false, now())`);
  const release = await team.open({ version: 'v9.9.9' });
  const faucet = { note: 'From the faucet', to: 'main', chain: 'ethereum' };
  await treasury.transfer(TREA, { ...faucet, amount: '1000000000', asset: 'FOX', hash: `0x${'ef'.repeat(32)}` });
  await treasury.transfer(TREA, { ...faucet, amount: '5', asset: 'ETH', hash: `0x${'ab'.repeat(32)}` });
  await treasury.ask(OLA, { reason: '=IMPORTXML("http://x.example","//a") 🚀 abc', releaseId: release });
  await treasury.act(1, TREA, { kind: 'approve' });
  await treasury.act(1, TREA, { kind: 'sent', hash: `0x${'cd'.repeat(32)}`, fee: '0.0021' });
  await treasury.spend(OLA, {
    amount: '0.000000000000000001',
    asset: 'ETH',
    requestId: 1,
    releaseId: release,
    usd: '0.10',
  });
});
afterAll(async () => {
  await on.close();
  await rm(dir, { recursive: true });
});
beforeEach(async () => {
  fake = await fakeSheets();
  const { log } = keptLog();
  const sheets = await makeSheets({ log, apiUrl: fake.url, firstPauseMs: 1, timeoutMs: 5_000 });
  const google = { sheets, spreadsheet: fake.id };
  deps = {
    db: on.db,
    policy: FUNDS_TEAM,
    log,
    google,
    pause,
    writeWorkbook: (tabs) => writeWorkbook(join(dir, 'book.xlsx'), tabs),
  };
  await on.db.execute("delete from sheet_tabs; delete from sheet_notices; delete from outbox where target = 'CADMINS'");
  return () => fake.stop();
});

const cell = (tab: 'funds' | 'ledger' | 'releases', id: string, title: string): Value | undefined => {
  const { title: name, columns } = { funds: FUNDS_TAB, ledger: LEDGER_TAB, releases: releasesTab(FUNDS) }[tab];
  return fake.tab(name).grid.find((row) => row[0] === id)?.[columns.findIndex((c) => c.title === title)];
};

async function told(): Promise<string[]> {
  const { rows } = await on.db.execute<{ text: string }>(
    "select text from outbox where target = 'CADMINS' order by id",
  );
  return rows.map((row) => row.text);
}

test('R20: an empty spreadsheet gets the three tabs, and what is in them is what the database has', async () => {
  await keepSheets(deps, false);
  expect(fake.tabs.map((t) => t.title)).toEqual(['Sheet1', 'Release Stats and Fees', 'Test Funds', 'Ledger']);
  expect(fake.tab('Ledger')).toMatchObject({ frozen: 1 });
  expect(cell('funds', 'FR-1', 'Reason')).toBe('=IMPORTXML("http://x.example","//a") 🚀 abc');
  expect(cell('funds', 'FR-1', 'Who')).toBe('=Ola');
  expect(cell('funds', 'FR-1', 'State')).toBe('sent');
  expect(cell('funds', 'FR-1', 'Amount')).toBe(0.5);
  expect(cell('funds', 'FR-1', 'Amount (base units)')).toBe('500000000000000000');
  expect(cell('funds', 'FR-1', 'Spent (base units)')).toBe('1000000000000001');
  expect(cell('funds', 'FR-1', 'Outstanding (base units)')).toBe('498999999999999999');
  expect(cell('funds', 'custody:main FOX', 'Amount (base units)')).toBe(`1${'0'.repeat(27)}`);
  expect(cell('funds', 'custody:main FOX', 'Amount')).toBe(1e9);
  expect(cell('releases', 'REL-1', 'Transactions')).toBe(1);
  expect(cell('releases', 'REL-1', 'Fees ETH (base units)')).toBe('1000000000000000');
  expect(cell('releases', 'REL-1', 'USD (as typed)')).toBe(0.1);
  for (const { account, asset, amount } of await balances(on.db))
    expect(cell('funds', `${account} ${asset}`, 'Amount (base units)')).toBe(amount.toString());
  const { grid } = fake.tab('Ledger');
  const units = LEDGER_TAB.columns.findIndex((c) => c.title === 'Amount (base units)');
  const sum = grid
    .slice(1)
    .filter((row) => row[5] === 'ETH')
    .reduce((total, row) => total + BigInt(String(row[units])), 0n);
  expect(sum).toBe(0n);
  expect(grid.length).toBeGreaterThan(8);
  expect(await told()).toEqual([]);
});

test('R19: what testing a release cost is the same in the sheet and in /funds fees, and with the rest it is all fees there were', async () => {
  await keepSheets(deps, false);
  const fees = await loadFees(on.db, 'UTC', treasury.now);
  expect(fees.releases).toEqual([
    {
      id: 1,
      name: expect.stringMatching(/ v9\.9\.9$/),
      txs: 1,
      fees: [{ asset: 'ETH', amount: 10n ** 15n }],
      usd: 10n,
    },
  ]);
  expect(cell('releases', 'REL-1', 'Transactions')).toBe(fees.releases[0]?.txs);
  expect(cell('releases', 'REL-1', 'Fees ETH (base units)')).toBe(`${fees.releases[0]?.fees[0]?.amount}`);
  expect(cell('releases', 'REL-1', 'USD (as typed)')).toBe(Number(fees.releases[0]?.usd) / 100);
  // What sending cost is the treasury's.
  expect(fees.others).toEqual([{ kind: 'moves', asset: 'ETH', amount: 21n * 10n ** 14n, txs: 1 }]);
  const [all] = await balances(on.db, { account: 'fees:ethereum' });
  expect(all?.amount).toBe(31n * 10n ** 14n);
});

test('R20: a spreadsheet that Google has trouble with does not hold up the others', async () => {
  const { google } = deps;
  if (!google) throw new Error('no Google');
  const { sheets } = google;
  const tabs = async (id: string) => {
    if (id === 'broken-spreadsheet') throw new SheetsError('doubtful', 500, 'Google Sheets says 500');
    return sheets.tabs(id);
  };
  const policy: Policy = { ...FUNDS_TEAM, sheets: { releases: 'broken-spreadsheet' } };
  await expect(
    keepSheets({ ...deps, policy, google: { ...google, sheets: { ...sheets, tabs } } }, true),
  ).rejects.toThrow('Google Sheets says 500');
  expect(cell('funds', 'FR-1', 'State')).toBe('sent');
  expect(cell('ledger', 'TX-1/1', 'Kind')).toBe('transfer');
});

test('R20: what did not change does not travel; one changed row takes three calls', async () => {
  await keepSheets(deps, false);
  fake.calls.length = 0;
  await keepSheets(deps, false);
  expect(fake.calls.map((call) => call.what)).toEqual(['read']);
  put(fake.tab('Test Funds'), 1, 30 + 1, 'x');
  fake.calls.length = 0;
  await keepSheets(deps, false);
  expect(fake.calls.map((call) => call.what)).toEqual(['read', 'write', 'read']);
  expect(fake.calls[1]?.bytes).toBeLessThan(1_000);
  await treasury.ask(BEN);
  fake.calls.length = 0;
  await keepSheets(deps, false);
  expect(fake.calls.map((call) => call.what)).toEqual(['read', 'change', 'read']);
});

test('R20: a sweep restores cells that people changed, and says so once; their own columns, rows and notes stay', async () => {
  await keepSheets(deps, false);
  const tab = fake.tab('Test Funds');
  const width = FUNDS_TAB.columns.length;
  insertColumns(tab, width, 1);
  put(tab, 0, width, 'Checked by');
  put(tab, 1, width, `me, ${tab.grid[1]?.[0]}`);
  put(tab, 1, 5, 999);
  put(tab, tab.grid.length + 1, 0, 'Total');
  sortTab(tab, 0, true);
  await keepSheets(deps, false);
  expect(await told()).toEqual([]);
  await keepSheets(deps, true);
  await keepSheets(deps, true);
  expect(cell('funds', 'FR-1', 'Amount')).toBe(0.5);
  for (const row of tab.grid.slice(1)) if (row[width]) expect(row[width]).toBe(`me, ${row[0]}`);
  expect(tab.grid.some((row) => row[0] === 'Total')).toBe(true);
  const said = await told();
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/changed cells that I keep in the sheet \*Test Funds\*, in FR-1\. I put them back/);
});

test('R20: a row of something that is not in the database is marked and told once; a deleted row comes back', async () => {
  await keepSheets(deps, false);
  const tab = fake.tab('Ledger');
  deleteRow(tab, 1);
  put(tab, tab.grid.length, 0, 'TX-999/1');
  await keepSheets(deps, false);
  await keepSheets(deps, false);
  expect(tab.grid.filter((row) => row[0] === 'TX-1/1')).toHaveLength(1);
  expect(cell('ledger', 'TX-999/1', MARK_TITLE)).toBe(ORPHAN);
  expect(await told()).toEqual([expect.stringMatching(/not mine any more, or twice: TX-999\/1\./)]);
});

test('R20: a tab that is renamed, or deleted, is told with what to do, and made anew', async () => {
  await keepSheets(deps, false);
  fake.tab('Ledger').title = 'Old ledger';
  await keepSheets(deps, false);
  expect(cell('ledger', 'TX-1/1', 'Asset')).toBe('FOX');
  fake.tabs = fake.tabs.filter((t) => t.title !== 'Test Funds');
  await keepSheets(deps, true);
  expect(cell('funds', 'FR-1', 'Amount')).toBe(0.5);
  expect(await told()).toEqual([
    expect.stringMatching(/\*Ledger\* has another name now\. I made a new one/),
    expect.stringMatching(/\*Test Funds\* was deleted\. I made it anew/),
  ]);
});

test('R20: two tabs that got each other’s names are known by their ids and headers, told once, and nothing goes astray', async () => {
  await keepSheets(deps, false);
  const [funds, ledger] = [fake.tab('Test Funds'), fake.tab('Ledger')];
  const swap = () => {
    [funds.title, ledger.title] = [ledger.title, funds.title];
  };
  const strange = () => [
    funds.grid.slice(1).filter((row) => !FUNDS_TAB.ids.test(String(row[0]))),
    ledger.grid.slice(1).filter((row) => !LEDGER_TAB.ids.test(String(row[0]))),
  ];
  const before = ledger.grid.length;
  // In the middle of a sync, and then for good, with and without a sweep.
  put(funds, 1, FUNDS_TAB.columns.length - 1, '?');
  fake.before = (call) => {
    if (call.what === 'write' && funds.title === 'Test Funds') swap();
    return undefined;
  };
  await keepSheets(deps, false);
  fake.before = () => undefined;
  for (const sweep of [false, true, false]) {
    await treasury.ask(BEN);
    await keepSheets(deps, sweep);
    expect(strange()).toEqual([[], []]);
  }
  const { rows } = await on.db.execute<{ n: string }>('select max(id) as n from fund_requests');
  expect(funds.grid.some((row) => row[0] === `FR-${rows[0]?.n}`)).toBe(true);
  expect(ledger.grid).toHaveLength(before);
  swap();
  await keepSheets(deps, false);
  expect(fake.tabs).toHaveLength(4);
  expect(await told()).toEqual([
    expect.stringMatching(/\*Test Funds\* is named \*Ledger\* now, .* give it its name back/),
    expect.stringMatching(/\*Ledger\* is named \*Test Funds\* now/),
    expect.stringMatching(/up to date again/),
    expect.stringMatching(/up to date again/),
  ]);
});

test('R20: of a tab that was duplicated the one with its name is kept from then on, and the other left as it is', async () => {
  await keepSheets(deps, false);
  const old = fake.tab('Ledger');
  const copy = { ...structuredClone(old), sheetId: 4711 };
  old.title = 'Ledger of last year';
  fake.tabs.push(copy);
  // Rows stand elsewhere in the copy: what is read there must not be written here.
  sortTab(copy, 0, true);
  expect(copy.grid[1]).not.toEqual(old.grid[1]);
  put(copy, 1, LEDGER_TAB.columns.length - 1, '?');
  const before = structuredClone(old.grid);
  await keepSheets(deps, false);
  expect(old.grid).toEqual(before);
  const ids = copy.grid.slice(1).map((row) => row[0]);
  expect(new Set(ids).size).toBe(ids.length);
  expect(copy.grid.find((row) => row.includes('?'))).toBeUndefined();
});

test('R20: a tab whose columns were mixed up is left alone, told once, and goes on when it is put right', async () => {
  await keepSheets(deps, false);
  const tab = fake.tab('Ledger');
  insertColumns(tab, 2, 1);
  put(tab, 0, 2, 'Mine');
  const before = structuredClone(tab.grid);
  await keepSheets(deps, true);
  await keepSheets(deps, true);
  expect(tab.grid).toEqual(before);
  for (const row of tab.grid) row.splice(2, 1);
  await keepSheets(deps, true);
  expect(await told()).toEqual([
    expect.stringMatching(/a column was put among mine/),
    expect.stringMatching(/up to date again/),
  ]);
});

test('R20: where a column of the bot was deleted, what people have in its place stays, until they put an empty one in', async () => {
  await keepSheets(deps, false);
  const tab = fake.tab('Ledger');
  const last = LEDGER_TAB.columns.length - 1;
  put(tab, 0, last + 1, 'Invoice no.');
  for (const [i, row] of tab.grid.entries()) if (i) put(tab, i, last + 1, `INV of ${row[0]}`);
  for (const row of tab.grid) row.splice(last, 1);
  const before = structuredClone(tab.grid);
  await keepSheets(deps, false);
  await keepSheets(deps, true);
  expect(tab.grid).toEqual(before);
  // As the message says.
  insertColumns(tab, last, 1);
  put(tab, 0, last, MARK_TITLE);
  await keepSheets(deps, false);
  expect(cell('ledger', 'TX-1/1', MARK_TITLE)).toMatch(/^[0-9a-z]{8}$/);
  for (const row of tab.grid.slice(1)) expect(row[last + 1]).toBe(`INV of ${row[0]}`);
  expect(await told()).toEqual([
    expect.stringMatching(/or one of mine is missing .*Not there: "Row check"\. .*put an empty one with that title/),
    expect.stringMatching(/up to date again/),
  ]);
});

test('R20: a title that was edited is put back; so are the last columns, where nothing stands in their place', async () => {
  await keepSheets(deps, false);
  const tab = fake.tab('Ledger');
  const titles = LEDGER_TAB.columns.map((column) => column.title);
  for (const sweep of [false, true]) {
    put(tab, 0, 3, 'Sort');
    put(tab, 0, titles.length - 1, 'Check');
    await keepSheets(deps, sweep);
    expect(tab.grid[0]).toEqual(titles);
    for (const row of tab.grid) row.splice(titles.length - 2, 2);
    await keepSheets(deps, sweep);
    expect(tab.grid[0]).toEqual(titles);
    expect(cell('ledger', 'TX-1/1', MARK_TITLE)).toMatch(/^[0-9a-z]{8}$/);
  }
  expect(await told()).toEqual([]);
});

test('R20: a column "Fees USD" that people put in among the fees is left alone, and told', async () => {
  await keepSheets(deps, false);
  const tab = fake.tab('Release Stats and Fees');
  const at = releasesTab(FUNDS).columns.findIndex((c) => c.title === 'Fees ETH (base units)') + 1;
  insertColumns(tab, at, 1);
  put(tab, 0, at, 'Fees USD');
  put(tab, 1, at, '1234.56');
  const before = structuredClone(tab.grid);
  await keepSheets(deps, true);
  expect(tab.grid).toEqual(before);
  expect(await told()).toEqual([expect.stringMatching(/a column was put among mine/)]);
});

test('R20: a tab of people with the name of one of the bot’s is left alone, also with a margin for column A', async () => {
  const grid = [
    ['', 'Day', 'Who', 'Amount'],
    ['', '2026-10-01', 'Ola', 0.5],
  ];
  fake.tabs.push({ sheetId: 77, title: 'Ledger', rows: 1000, columns: 26, frozen: 0, grid: structuredClone(grid) });
  // Nothing in its first row does not make it empty.
  const funds = [[], ...structuredClone(grid)];
  fake.tabs.push({
    sheetId: 78,
    title: 'Test Funds',
    rows: 1000,
    columns: 26,
    frozen: 0,
    grid: structuredClone(funds),
  });
  for (const sweep of [false, true]) await keepSheets(deps, sweep);
  expect(fake.tab('Ledger').grid).toEqual(grid);
  expect(fake.tab('Test Funds').grid).toEqual(funds);
  expect(await told()).toEqual([
    expect.stringMatching(/\*Test Funds\* alone: its first row must be my header/),
    expect.stringMatching(/\*Ledger\* alone: its first row must be my header/),
  ]);
});

test('R20: no access is one clear message, however often it is tried, and one when it is back', async () => {
  for (const status of [403, 403, 404, 401]) {
    fake.before = () => status;
    await keepSheets(deps, status === 403);
    await keepSheets(deps, false);
  }
  fake.before = () => undefined;
  await keepSheets(deps, false);
  await keepSheets(deps, false);
  const said = await told();
  expect(said.map((text) => text.slice(0, 30))).toHaveLength(4);
  expect(said[0]).toMatch(/I cannot get at .*Share it with my service account as an editor/);
  expect(said[1]).toMatch(/check its id/);
  expect(said[2]).toMatch(/GOOGLE_APPLICATION_CREDENTIALS/);
  expect(said[3]).toMatch(/up to date again/);
});

test('R20: cells that Google does not let us write (protected) are told once', async () => {
  await keepSheets(deps, false);
  put(fake.tab('Ledger'), 1, LEDGER_TAB.columns.length - 1, '?');
  fake.before = (call) => (call.what === 'write' ? 400 : undefined);
  await keepSheets(deps, false);
  await keepSheets(deps, false);
  expect(await told()).toEqual([expect.stringMatching(/Google refuses my changes/)]);
});

test('R20: while Google has trouble, reading is tried five times, and then the queue tries again', async () => {
  fake.before = () => 'error';
  await expect(keepSheets(deps, false)).rejects.toThrow('Google Sheets says 500');
  expect(await told()).toEqual([]);
});

test('two syncs never run at once: the second is put off', async () => {
  const [first, second] = await Promise.all([keepSheets(deps, true), keepSheets(deps, true)]);
  expect([first, second].filter((done) => done === undefined)).toHaveLength(1);
  const { rows } = await on.db.execute("select from graphile_worker.jobs where key = 'sheets:sweep'");
  expect(rows).toHaveLength(1);
});

test('R20: a sync whose lock went with its connection writes nothing more: another may be at work', async () => {
  let gone = false;
  fake.before = () => (gone ? undefined : 'error');
  const pause = async () => {
    // Of this database alone: other files' processes hold such locks at the same time.
    await on.db.execute(sql`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted
      and database = (select oid from pg_database where datname = current_database())`);
    gone = true;
  };
  await expect(keepSheets({ ...deps, pause }, false)).rejects.toThrow();
  expect(gone).toBe(true);
  expect(fake.tabs.map((t) => t.title)).toEqual(['Sheet1']);
});

test('R20: without Google the same tabs are a workbook, written whole; tabs may have spreadsheets of their own', async () => {
  const policy: Policy = { ...FUNDS_TEAM, sheets: { ledger: fake.id } };
  await keepSheets({ ...deps, policy, google: deps.google && { ...deps.google, spreadsheet: undefined } }, false);
  expect(fake.tabs.map((t) => t.title)).toEqual(['Sheet1', 'Ledger']);
  expect(await readdir(dir)).toEqual(['book.xlsx']);
  const book = await readFile(join(dir, 'book.xlsx'));
  const funds = (await readSheet(book, 'Test Funds')) as unknown as Value[][];
  const units = FUNDS_TAB.columns.findIndex((c) => c.title === 'Amount (base units)');
  for (const { account, asset, amount } of await balances(on.db)) {
    const row = funds.find((cells) => cells[0] === `${account} ${asset}`);
    expect(row?.[units]).toBe(amount.toString());
    const decimals = FUNDS.assets.find((a) => a.key === asset)?.decimals ?? 0;
    expect(row?.[units - 1]).toBe(Number(formatAmount(amount, decimals)));
  }
  const ledger = (await readSheet(book, 'Ledger')) as unknown as Value[][];
  expect(ledger[0]?.at(-1)).toBe('By');
  expect(ledger.length).toBe(fake.tab('Ledger').grid.length);
  const reason = FUNDS_TAB.columns.findIndex((c) => c.title === 'Reason');
  expect(funds.find((row) => row[0] === 'FR-1')?.[reason]).toBe('=IMPORTXML("http://x.example","//a") 🚀 abc');
});

test('R20: a big workbook is written by sweeps alone, and elsewhere', async () => {
  const copies = (table: string, changed: string) => `
    insert into ${table} overriding system value select (jsonb_populate_record(one, ${changed})).*
    from ${table} one, generate_series(1, 5000) n where one.id = (select min(id) from ${table})`;
  await on.db.execute(copies('threads', "jsonb_build_object('id', one.id + 100000 + n, 'root_ts', null)"));
  await on.db.execute(
    copies(
      'releases',
      "jsonb_build_object('id', one.id + 100000 + n, 'state', 'cancelled', 'version', 'v0.0.' || n, 'thread_id', one.thread_id + 100000 + n)",
    ),
  );
  const done: string[] = [];
  const here = {
    ...deps,
    google: undefined,
    writeWorkbook: async () => void done.push('here'),
    elsewhere: async () => void done.push('elsewhere'),
  };
  await keepSheets(here, false);
  expect(done).toEqual([]);
  await keepSheets(here, true);
  expect(done).toEqual(['elsewhere']);
  await keepSheets({ ...here, elsewhere: undefined }, false);
  expect(done).toEqual(['elsewhere', 'here']);
});
