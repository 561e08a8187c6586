import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { keepDecimals, otherDecimals } from '../../src/areas/funds/decimals.ts';
import { csvLine } from '../../src/base/csv.ts';
import { registerLedger } from '../../src/cli/ledger.ts';
import { runCli } from '../support/cli.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { aHash, FUNDS, OLA, TREA, treasuryOn } from '../support/funds.ts';

let db: TestDb;
let dir: string;
beforeAll(async () => {
  db = await freshDb();
  dir = await mkdtemp(join(tmpdir(), 'shipshape-ledger-'));
  vi.stubEnv('DATABASE_URL', db.url);
});
afterEach(() => {
  process.exitCode = undefined;
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true });
  await db.close();
});

const ledger = (...words: string[]) => runCli(registerLedger, 'ledger', ...words);

test('R17: empty books are whole', async () => {
  expect(await ledger('verify')).toBe('The ledger is whole: 0 transactions, 0 postings, 0 accounts, 0 assets.');
  expect(await ledger('balance')).toBe('Every account is at zero.');
});

test('R17: balance, verify and export say what the books hold; formulas stay text', async () => {
  const bank = treasuryOn(db.db);
  const id = await bank.sent(OLA, {}, '');
  await db.pool.query(`insert into people (id, name, bot, deactivated, guest, outsider, refreshed_at)
    values ('UOLA', e'Ola\\u001b[31m', false, false, false, false, now())`);
  const spent = await bank.spend(OLA, { requestId: id, fee: '' });
  await bank.reverse(TREA, spent.txId as number, '=IMPORTXML("https://x", "//a")');
  await bank.transfer(TREA, {
    amount: '3',
    asset: 'ETH',
    to: 'main',
    hash: aHash(),
    note: 'a "quoted", note\nof two lines',
  });
  expect(await ledger('verify')).toBe('The ledger is whole: 4 transactions, 8 postings, 3 accounts, 1 asset.');
  const balance = await ledger('balance');
  expect(balance).toMatch(
    /^custody:main {2}2\.5 ETH\nperson:UOLA \(Ola�\[31m\) {2}0\.5 ETH\noutside {2}-3 ETH\n\nsum of ETH {2}0 ETH$/,
  );
  expect(balance).not.toContain('\u001b');
  const out = join(dir, 'ledger.csv');
  expect(await ledger('export', '--out', out)).toBe(`8 postings written to ${out}.`);
  const rows = parse(await readFile(out, 'utf8'), { columns: true }) as Record<string, string>[];
  expect(rows).toHaveLength(8);
  expect(rows[0]).toMatchObject({
    transaction: 'TX-1',
    kind: 'send',
    account: 'custody:main',
    amount: '-0.5',
    'base units': `-${5n * 10n ** 17n}`,
    chain: 'ethereum',
    request: 'FR-1',
  });
  expect(rows[4]).toMatchObject({
    kind: 'reversal',
    reverses: `TX-${spent.txId}`,
    note: `'=IMPORTXML("https://x", "//a")`,
  });
  expect(rows[6]?.note).toBe('a "quoted", note\nof two lines');
  const sum = rows.reduce((total, row) => total + BigInt(row['base units'] as string), 0n);
  expect(sum).toBe(0n);
  await expect(ledger('export', '--out', out)).rejects.toThrow(/cannot be written \(EEXIST\)/);
});

test('R17: verify exits 1 when something is wrong', async () => {
  await db.pool.query(
    `begin; set local session_replication_role = replica; update postings set amount = amount + 1 where tx_id = 1 and line = 1; commit`,
  );
  expect(await ledger('verify')).toMatch(
    /^TX-1: its postings sum to 1 of ETH, not to zero\.\n.*The ledger is NOT whole/s,
  );
  expect(process.exitCode).toBe(1);
});

test('a CSV cell is no formula, and reads back as it was', () => {
  const cells = [
    '=1+1',
    '+a',
    '-a',
    '@x',
    '\t=1',
    '-5',
    '-0.5',
    'a,b',
    'say "hi"',
    "it's",
    'x\u0000y',
    null,
    7n,
    ' =1',
    '＝1',
  ];
  const [row] = parse(csvLine(cells)) as string[][];
  expect(row).toEqual([
    "'=1+1",
    "'+a",
    "'-a",
    "'@x",
    "'\t=1",
    '-5',
    '-0.5',
    'a,b',
    'say "hi"',
    "it's",
    'xy',
    '',
    '7',
    "' =1",
    "'＝1",
  ]);
});

test('R17: amounts that were recorded with other decimals than the policy has now are not shown', async () => {
  const { assets } = FUNDS;
  const finer = (key: string) => assets.map((a) => (a.key === key ? { key, decimals: a.decimals + 2 } : a));
  expect(await keepDecimals(db.db, assets)).toEqual([]);
  // Of one that nobody used the policy may say something else; one that left it is still known.
  expect(await keepDecimals(db.db, finer('BTC'))).toEqual([]);
  expect(
    await keepDecimals(
      db.db,
      assets.filter((a) => a.key !== 'ETH'),
    ),
  ).toEqual([]);
  await treasuryOn(db.db).ask(OLA, { asset: 'USDC', chain: 'ethereum', amount: '5' });
  for (const key of ['ETH', 'USDC'])
    expect(await keepDecimals(db.db, finer(key))).toEqual([
      { path: 'funds.assets', line: 0, text: expect.stringMatching(new RegExp(`^${key} has .* decimals, and had`)) },
    ]);
  expect(await otherDecimals(db.db, assets)).toEqual([]);
  const policy = join(dir, 'policy.yml');
  await writeFile(
    policy,
    (await readFile('shipshape.yml', 'utf8')).replace('key: ETH, decimals: 18', 'key: ETH, decimals: 16'),
  );
  vi.stubEnv('SHIPSHAPE_CONFIG', policy);
  const fault = /ETH has 16 decimals, and had 18 when its amounts were recorded/;
  await expect(ledger('balance')).rejects.toThrow(fault);
  await expect(ledger('export')).rejects.toThrow(fault);
  vi.stubEnv('SHIPSHAPE_CONFIG', undefined);
  expect(await ledger('balance')).toContain('outside  -3 ETH');
});
