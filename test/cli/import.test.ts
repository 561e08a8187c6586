import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import writeXlsxFile, { type SheetData } from 'write-excel-file/node';
import { verifyLedger } from '../../src/areas/funds/verify.ts';
import { registerImport } from '../../src/cli/import.ts';
import { runCli } from '../support/cli.ts';
import { freshDb, type TestDb, wipe } from '../support/db.ts';
import { aHash, TREA, treasuryOn } from '../support/funds.ts';

const MAP = `
name: tracker
columns: { id: Ref, date: Date, kind: Type, person: Who, asset: Coin, amount: Amount, hash: Tx, fee: Fee, what: Notes }
values:
  kind: { Sent: send, Test: spend, Top-up: deposit, Total: skip }
  person: { Ola: UOLA }
`;
const HEAD = 'Ref,Date,Type,Who,Coin,Amount,Tx,Fee,Notes';
const COUNTS = `select (select count(*) from ledger_transactions)::int as txs, (select count(*) from audit_events)::int as events,
  (select count(*) from causes)::int as causes, (select count(*) from chain_transactions)::int as hashes`;

let db: TestDb;
let dir: string;
beforeAll(async () => {
  db = await freshDb();
  dir = await mkdtemp(join(tmpdir(), 'shipshape-import-'));
  vi.stubEnv('DATABASE_URL', db.url);
  await writeFile(join(dir, 'map.yml'), MAP);
});
beforeEach(async () => {
  await wipe(db, 'accounts, chain_transactions, ledger_transactions, postings, spends, causes, audit_events');
});
afterEach(() => {
  process.exitCode = undefined;
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true });
  await db.close();
});

const run = (file: string, ...words: string[]) =>
  runCli(registerImport, 'import', 'funds', join(dir, file), '--map', join(dir, 'map.yml'), ...words);
async function csv(name: string, lines: string[], head = HEAD): Promise<string> {
  await writeFile(join(dir, name), [head, ...lines].join('\n'));
  return name;
}
async function counts(): Promise<Record<string, number>> {
  return (await db.pool.query(COUNTS)).rows[0];
}
const NOTHING = { txs: 0, events: 0, causes: 0, hashes: 0 };
let refs = 0;
const line = (over: Partial<Record<'ref' | 'type' | 'amount' | 'hash' | 'notes', string>> = {}) =>
  [
    over.ref ?? `R-${++refs}`,
    '2026-01-05 10:00',
    over.type ?? 'Sent',
    'Ola',
    'ETH',
    over.amount ?? '0.1',
    over.hash ?? aHash(),
    '0.001',
    over.notes ?? 'Swaps',
  ].join(',');

test('R17: a dry run checks and writes nothing; the run writes; the next one writes nothing', async () => {
  const file = await csv('a.csv', [
    line(),
    line({ type: 'Test', notes: '"=1+1 🚀 ""x"",\nnext"' }),
    '',
    line({ type: 'Total' }),
  ]);
  expect(await run(file, '--dry-run')).toBe(
    '3 rows: 2 to write, 1 left out by the map. Nothing was written.\ncustody:custody would be at -0.101 ETH in the books: /funds deposit records what went in.',
  );
  expect(await counts()).toEqual(NOTHING);
  expect(await run(file)).toBe(
    '3 rows: 2 to write, 1 left out by the map.\n2 transactions written.\ncustody:custody is at -0.101 ETH in the books: /funds deposit records what went in.',
  );
  const said = await db.pool.query("select text from outbox where role = 'line' order by id desc limit 1");
  expect(said.rows[0].text).toBe(
    ':bank: 2 transactions of a.csv came into the ledger. What they change in custody: Custody -0.101 ETH.',
  );
  const after = await counts();
  expect(after).toEqual({ txs: 2, events: 2, causes: 2, hashes: 2 });
  expect((await db.pool.query('select what from spends')).rows).toEqual([{ what: '=1+1 🚀 "x",\nnext' }]);
  const { rows } = await db.pool.query(
    'select verb, source, actor, subject, data from audit_events order by id limit 1',
  );
  expect(rows[0]).toMatchObject({ verb: 'import', source: 'CLI', actor: 'shipshape', data: { file: 'a.csv', row: 2 } });
  expect((await verifyLedger(db.db)).faults).toEqual([]);
  expect(await run(file)).toBe('3 rows: 0 to write, 2 imported before, 1 left out by the map. Nothing was written.');
  expect(await counts()).toEqual(after);
  expect(process.exitCode).toBeUndefined();
});

test('R17: one fault and nothing is written; with --skip-bad the others are', async () => {
  const file = await csv('b.csv', [
    line(),
    line({ amount: '1e18' }),
    line({ ref: 'D' }),
    line({ ref: 'D' }),
    line({ notes: '\u202eevil', type: 'Se\u001b[31m\u200bnt' }),
  ]);
  const said = await run(file);
  expect(said).toMatch(
    /^F3: Numbers with an exponent.*\nA5: Row 4 has the same id.*\nC6: "se\[31mnt" is no kind.*\n5 rows: 2 to write, 3 faults\. Nothing was written\. Correct them/,
  );
  for (const odd of ['\u001b', '\u200b', '\u202e']) expect(said).not.toContain(odd);
  expect(await counts()).toEqual(NOTHING);
  expect(process.exitCode).toBe(1);
  // Without --skip-bad nothing would be written, so nothing is said of wallets.
  expect(await run(file, '--dry-run')).toMatch(/2 to write, 3 faults\. Nothing was written\.$/);
  expect(await run(file, '--skip-bad', '--dry-run')).toMatch(
    /2 to write, 3 faults\. Nothing was written\.\ncustody:custody would be at -0\.202 ETH in the books: .*$/,
  );
  expect(await counts()).toEqual(NOTHING);
  expect(await run(file, '--skip-bad')).toContain('2 transactions written.');
  expect(await counts()).toMatchObject({ txs: 2 });
});

test('R17: a row that changed since, and a transaction that is in the books, are told by their cells', async () => {
  const hash = aHash();
  await treasuryOn(db.db).transfer(TREA, { amount: '5', asset: 'ETH', to: 'main', hash, note: 'Top-up' });
  const kept = aHash();
  await run(await csv('c.csv', [line({ ref: 'A-17', hash: kept })]));
  const file = await csv('c.csv', [line({ ref: 'A-17', hash: kept, amount: '0.2' }), line({ hash })]);
  expect(await run(file)).toMatch(
    /^A2: A-17 was imported as TX-\d+, and would be booked as something else now: the row has changed since, .* correct it with \/funds reverse TX-\d+, and give the row a new id\.\nG3: That transaction is in the books already, as TX-\d+\.\n2 rows: 0 to write, 2 faults\./,
  );
});

test('R17: a formula of a workbook that failed, or was never calculated, is a fault by its cell', async () => {
  // Saved by LibreOffice. A row that is left out, a column that is not asked for and a formula that came to an empty text are none.
  await copyFile(new URL('formulas.xlsx', import.meta.url), join(dir, 'formulas.xlsx'));
  expect(await run('formulas.xlsx', '--dry-run')).toBe(
    [
      'H2: The formula in this cell failed (#DIV/0!): put the value there.',
      'F3: The formula in this cell failed (#N/A): put the value there.',
      'I6: The formula in this cell failed (#NAME?): put the value there.',
      '5 rows: 1 to write, 1 left out by the map, 3 faults. Nothing was written.',
    ].join('\n'),
  );
  const cells = line({ notes: 'Swaps' })
    .split(',')
    .map((value) => ({ value }));
  const sheet = [
    HEAD.split(',').map((value) => ({ value })),
    cells.with(7, { value: '=A1', type: 'Formula' } as never),
  ];
  await writeFile(join(dir, 'e.xlsx'), await writeXlsxFile(sheet as unknown as SheetData).toBuffer());
  expect(await run('e.xlsx', '--dry-run')).toMatch(/^H2: The formula in this cell was never calculated: open the file/);
});

test('R17: a workbook with dates, numbers, formulas and gaps', async () => {
  const text = (value: string) => ({ value, type: String });
  const head = HEAD.split(',').map((value) => ({ value }));
  const row = (ref: string, amount: object) => [
    text(ref),
    { value: new Date('2026-01-05T10:00:00Z'), format: 'yyyy-mm-dd hh:mm' },
    text('Sent'),
    text('Ola'),
    text('ETH'),
    amount,
    text(aHash()),
    { value: 1e-18 },
    text('=IMPORTXML("https://x")'),
  ];
  const sheet = [
    [text('Our test funds 💸')],
    [null],
    head,
    row('1', { value: 0.1 }),
    [null],
    row('2', { value: 0.1 + 0.2 }),
    row('3', text('1000000000.000000000000000001')),
  ];
  await writeFile(join(dir, 'd.xlsx'), await writeXlsxFile(sheet as unknown as SheetData).toBuffer());
  await writeFile(join(dir, 'map.yml'), `${MAP}header: 3\n`);
  try {
    expect(await run('d.xlsx', '--skip-bad')).toMatch(
      /^F6: The spreadsheet keeps this number as 0\.30000000000000004.*\n3 rows: 2 to write, 1 fault\.\n2 trans/,
    );
    const { rows } = await db.pool.query(
      `select l.event_time, p.amount from postings p join ledger_transactions l on l.id = p.tx_id join accounts a on a.id = p.account_id
       where a.name = 'person:UOLA' order by l.id`,
    );
    expect(rows.map((r) => r.amount)).toEqual([`${10n ** 17n}`, `${10n ** 27n + 1n}`]);
    expect(rows[0].event_time.toISOString()).toBe('2026-01-05T09:00:00.000Z');
    await expect(run('d.xlsx', '--map', join(dir, 'none.yml'))).rejects.toThrow(/none.yml cannot be read \(ENOENT\)/);
    await writeFile(join(dir, 'map.yml'), `${MAP}sheet: Nope\n`);
    await expect(run('d.xlsx')).rejects.toThrow(/Sheet not found: Nope/);
  } finally {
    await writeFile(join(dir, 'map.yml'), MAP);
  }
});

test('a terminal gets a progress bar on stderr, and nothing else does', async () => {
  const file = await csv('bar.csv', [line(), line()]);
  const drawn: string[] = [];
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => drawn.push(String(text)) > 0);
  const tty = process.stderr.isTTY;
  try {
    process.stderr.isTTY = false;
    await run(file, '--dry-run');
    await run(await csv('bar1.csv', [line()]));
    expect(drawn).toEqual([]);
    process.stderr.isTTY = true;
    expect(await run(file)).toContain('2 transactions written.');
    expect(drawn.join('')).toMatch(/░.*0\/2 rows/s);
  } finally {
    process.stderr.isTTY = tty;
    write.mockRestore();
  }
});

test('R17: a dry run names the wallets that the run names, by what is in the books and what would come', async () => {
  const at = (said: string) => said.split('\n').filter((l) => l.startsWith('custody:'));
  await run(await csv('top-up.csv', [line({ type: 'Top-up', amount: '5' })]));
  const enough = await csv('enough.csv', [line({ amount: '4.999' })]);
  expect(await run(enough, '--dry-run')).toBe('1 row: 1 to write. Nothing was written.');
  const file = await csv('over.csv', [line({ ref: 'O-1', amount: '100000' }), line()]);
  const before = await counts();
  const dry = await run(file, '--dry-run');
  expect(await counts()).toEqual(before);
  expect(at(dry)).toEqual([
    'custody:custody would be at -99995.102 ETH in the books: /funds deposit records what went in.',
  ]);
  expect(at(await run(file))).toEqual(at(dry).map((said) => said.replace('would be', 'is')));
  expect(await run(file, '--dry-run'), 'nothing would be written').toBe(
    '2 rows: 0 to write, 2 imported before. Nothing was written.',
  );
});

test('R17: a time that the clocks jumped over is refused by its cell, unless its row was imported before', async () => {
  const [before, after] = ['2025-03-30 02:30', '2025-03-30 03:30'];
  const row = (ref: string, when: string, hash: string) => line({ ref, hash }).replace('2026-01-05 10:00', when);
  const hash = aHash();
  // As a version that counted on from before the jump booked it.
  await run(await csv('jump.csv', [row('J-1', after, hash)]));
  await csv('jump.csv', [row('J-1', before, hash), row('J-2', before, aHash())]);
  expect(await run('jump.csv')).toBe(
    [
      'B3: There was no 02:30 on 2025-03-30 in Europe/Berlin: the clocks went from 02:00 to 03:00. Correct the time; or if it is of another zone, say which in the map (zone).',
      '2 rows: 0 to write, 1 imported before, 1 fault. Nothing was written. Correct it, or leave that row out with --skip-bad.',
    ].join('\n'),
  );
  expect(await counts()).toMatchObject({ txs: 1 });
  process.exitCode = undefined;
  // Twice there: the first.
  await run(await csv('twice.csv', [row('J-3', '2025-10-26 02:30', aHash())]));
  const { rows } = await db.pool.query('select event_time from ledger_transactions order by id desc limit 1');
  expect(rows[0].event_time.toISOString()).toBe('2025-10-26T00:30:00.000Z');
});

test('R17: another separator, an empty file and a wrong sheet are told once', async () => {
  const semicolons = [HEAD, line()].map((l) => l.replaceAll(',', ';'));
  const count = '0 rows: 0 to write, 1 fault. Nothing was written.';
  await writeFile(join(dir, 's.csv'), semicolons.join('\n'));
  expect(await run('s.csv')).toBe(
    `row 1: The separator looks to be ";": put separator: ";" into the map. It is read with ","; in a workbook each name needs a cell of its own.\n${count}`,
  );
  await writeFile(join(dir, 's.csv'), semicolons.join('\n').replace(/[^;\n]+/g, '"$&"'));
  await expect(run('s.csv')).rejects.toMatchObject({
    message: expect.stringMatching(/s\.csv is no CSV: Invalid Closing Quote: got ";".*[^.]\.$/),
    next: 'The separator looks to be ";": put separator: ";" into the map.',
  });
  await writeFile(join(dir, 'map.yml'), `${MAP}separator: ";"\n`);
  try {
    expect(await run('s.csv', '--dry-run')).toContain('1 row: 1 to write.');
  } finally {
    await writeFile(join(dir, 'map.yml'), MAP);
  }
  await writeFile(join(dir, 's.csv'), '');
  expect(await run('s.csv')).toBe(
    `row 1: This row is empty: it should have the names of the columns (see header in the map).\n${count}`,
  );
  const said = await run(await csv('s.csv', ['Kiel,Open,5'], 'City,State,Sum'));
  expect(said.split('Row 1 has "City", "State", "Sum".')).toHaveLength(2);
  expect(said).toMatch(/\n0 rows: 0 to write, 9 faults\. Nothing was written\.$/);
});

test('files that are none, and columns that are not there', async () => {
  await writeFile(join(dir, 'x.xlsx'), 'a,b');
  await expect(run('x.xlsx')).rejects.toThrow(/x\.xlsx cannot be read: Doesn't look like/);
  await writeFile(join(dir, 'x.csv'), Buffer.from([0xff, 0xfe, 0x41]));
  await expect(run('x.csv')).rejects.toThrow(/not in UTF-8/);
  await writeFile(join(dir, 'x.csv'), 'a,"b\n');
  await expect(run('x.csv')).rejects.toThrow(/is no CSV/);
  await writeFile(join(dir, 'x.pdf'), '');
  await expect(run('x.pdf')).rejects.toThrow(/neither/);
  expect(await run(await csv('y.csv', [line()], HEAD.replace('Amount', 'Sum')), '--skip-bad')).toMatch(
    /^row 1: There is no column "Amount".*\n0 rows: 0 to write, 1 fault\. Nothing was written\.$/,
  );
  await writeFile(join(dir, 'bad.yml'), 'columns: []');
  await expect(run('y.csv', '--map', join(dir, 'bad.yml'))).rejects.toThrow(
    /bad\.yml is no map of a tracking sheet:\n {2}line 1/,
  );
});

test('R17: 1,000 rows come in once, though the first run is ended half-way and two go at a time', async () => {
  const lines = Array.from({ length: 1000 }, () => line());
  await run(await csv('part.csv', lines.slice(0, 200)));
  const file = await csv('big.csv', lines);
  expect(await run(file, '--dry-run')).toMatch(
    /^1000 rows: 800 to write, 200 imported before\. Nothing was written\.\n/,
  );
  await Promise.all([run(file), run(file)]);
  expect(await counts()).toEqual({ txs: 1000, events: 1000, causes: 1000, hashes: 1000 });
  const { faults, postings } = await verifyLedger(db.db);
  expect({ faults, postings }).toEqual({ faults: [], postings: 4000 });
  expect(await run(file)).toBe('1000 rows: 0 to write, 1000 imported before. Nothing was written.');
}, 60_000);

test('R17: what was imported before is left as it is, though its wallet is another chain’s by now; what is new is not booked from there', async () => {
  const policy = await readFile('shipshape.yml', 'utf8');
  const wallet = (chain: string) =>
    policy.replace('- { key: custody, name: Custody }', `$&\n    - { key: spare, name: Spare${chain} }`);
  vi.stubEnv('SHIPSHAPE_CONFIG', join(dir, 'policy.yml'));
  const named = (ref: string) => `${line({ ref })},spare`;
  const rows = [named('W-1'), named('W-2')];
  const head = `${HEAD},From`;
  const map = (columns: string) => writeFile(join(dir, 'map.yml'), columns.replace('what: Notes', '$&, wallet: From'));
  try {
    for (const [prefix, columns] of [
      ['id', MAP],
      ['none', MAP.replace('id: Ref, ', '').replace('tracker', 'without')],
    ] as const) {
      await wipe(db, 'accounts, chain_transactions, ledger_transactions, postings, spends, causes, audit_events');
      await map(columns);
      await writeFile(join(dir, 'policy.yml'), wallet(''));
      const file = await csv(`${prefix}.csv`, rows, head);
      expect(await run(file)).toContain('2 transactions written.');
      await writeFile(join(dir, 'policy.yml'), wallet(', chain: bitcoin'));
      expect(await run(file)).toBe('2 rows: 0 to write, 2 imported before. Nothing was written.');
      expect(process.exitCode).toBeUndefined();
      const fault = 'J4: The wallet spare is for bitcoin: for ethereum the policy has custody.';
      await csv(file, [...rows, named('W-3'), line({ ref: 'W-4' })], head);
      expect(await run(file)).toBe(
        `${fault}\n4 rows: 1 to write, 2 imported before, 1 fault. Nothing was written. Correct it, or leave that row out with --skip-bad.`,
      );
      process.exitCode = undefined;
      expect(await run(file, '--skip-bad')).toContain('1 transaction written.');
      process.exitCode = undefined;
    }
  } finally {
    vi.stubEnv('SHIPSHAPE_CONFIG', undefined);
    await writeFile(join(dir, 'map.yml'), MAP);
  }
});

test('R17: what a run had written that was ended before it said so is told by the next one, and once', async () => {
  const file = await csv('cut.csv', [line(), line()]);
  const told = async () =>
    (await db.pool.query("select text from outbox where text like '%of cut.csv came into the ledger%'")).rows;
  await run(file);
  expect(await told()).toHaveLength(1);
  // As rows are when their own transactions are done and the last one is not.
  await db.pool.query(`delete from outbox; update causes set result = result || '{"untold": true}'`);
  await run(file, '--dry-run');
  expect(await told()).toEqual([]);
  expect(await run(file)).toBe('2 rows: 0 to write, 2 imported before. Nothing was written.');
  await run(file);
  expect(await told()).toEqual([{ text: expect.stringContaining(':bank: 2 transactions of cut.csv') }]);
  // Those of a run that goes on after another one that was ended.
  await db.pool.query(`delete from outbox; update causes set result = result || '{"untold": true}'`);
  await csv('cut.csv', [...(await readFile(join(dir, file), 'utf8')).split('\n').slice(1), line()]);
  await Promise.all([run(file), run(file)]);
  const counted = (await told()).map(({ text }) => Number(/(\d+) transaction/.exec(text)?.[1]));
  expect(counted.reduce((sum, n) => sum + n, 0)).toBe(3);
});

/** A sheet without ids and hashes: rows are known by what they say. */
const PLAIN = `
name: plain
columns: { date: Date, kind: Type, person: Who, asset: Coin, amount: Amount, what: Notes, release: Release }
`;
const PLAIN_HEAD = 'Date,Type,Who,Coin,Amount,Notes,Release';

async function withPlain(
  work: (zone: (name: string, wallets?: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const policy = await readFile('shipshape.yml', 'utf8');
  await writeFile(join(dir, 'map.yml'), PLAIN);
  vi.stubEnv('SHIPSHAPE_CONFIG', join(dir, 'policy.yml'));
  const zone = (name: string, wallets = '') =>
    writeFile(
      join(dir, 'policy.yml'),
      policy.replace(/zone: \S+/, `zone: ${name}`).replace('- { key: custody, name: Custody }', `${wallets}$&`),
    );
  await zone('Europe/Berlin');
  try {
    await work(zone);
  } finally {
    vi.stubEnv('SHIPSHAPE_CONFIG', undefined);
    await writeFile(join(dir, 'map.yml'), MAP);
  }
}
/** As older versions kept what they imported. */
const forget = () => db.pool.query("update causes set result = result - 'says'");
const AGAIN = '2 rows: 0 to write, 2 imported before. Nothing was written.';

test('R17: a row that says what it said is not booked again when the zone is another one; one of an older version is asked about', () =>
  withPlain(async (zone) => {
    const rows = ['2026-01-05,deposit,,USD,1000,bank,', '2026-01-06,send,U0AYO,USD,25.50,card,'];
    const file = await csv('zone.csv', rows, PLAIN_HEAD);
    expect(await run(file)).toContain('2 transactions written.');
    await zone('Pacific/Kiritimati');
    expect(await run(file)).toBe(AGAIN);
    await forget();
    expect(await run(file)).toMatch(
      /^row 2: This may be TX-\d+ in other words, .*on 2026-01-04, and here on 2026-01-04\..*\nrow 3: .*\n2 rows: 0 to write, 2 faults\./,
    );
    await run(file, '--skip-bad');
    expect(await counts()).toMatchObject({ txs: 2 });
    // The same with another usual wallet.
    await zone('Europe/Berlin', '- { key: other, name: Other }\n    ');
    expect(await run(file)).toMatch(/^row 2: This may be TX-\d+ .*\nrow 3: This may be TX-\d+ .*\n2 rows: 0 to write/);
    // As it was it is known, and another one of that day is new beside it.
    await zone('Europe/Berlin');
    await csv('zone.csv', [...rows, '2026-01-06,send,U0AYO,USD,25.5,again,'], PLAIN_HEAD);
    expect(await run(file)).toContain('3 rows: 1 to write, 2 imported before.\n1 transaction written.');
    process.exitCode = undefined;
    // What was reversed stands for nothing; without the row that came in before, another one like it is asked about.
    const last = '2026-01-06,send,U0AYO,USD,25.5,once more,';
    await csv('zone.csv', [rows[0] ?? '', last], PLAIN_HEAD);
    expect(await run(file)).toMatch(/^row 3: This may be TX-\d+ in other words/);
    const { rows: sends } = await db.pool.query("select id from ledger_transactions where kind = 'send'");
    for (const { id } of sends) await treasuryOn(db.db).reverse(TREA, Number(id), 'Wrong');
    expect(await run(file)).toContain('1 transaction written.');
  }));

test('R17: a row of a release that was opened again is the one that came in before, with an id and without', () =>
  withPlain(async () => {
    const open = async (): Promise<number> => {
      const { rows } = await db.pool.query(`
        with t as (insert into threads (kind, title, responsible, channel, opened_at) values ('release', 'web', 'UMAX', 'C1', now()) returning id)
        insert into releases (thread_id, product, version, kind, state, state_since, manager, opened_by, opened_at)
        select id, 'web', '1.4.0', 'scheduled', 'testing', now(), 'UMAX', 'UMAX', now() from t returning id`);
      return Number(rows[0].id);
    };
    const first = await open();
    const file = await csv('rel.csv', ['2026-02-05,spend,U0BEA,USD,12.34,card,web 1.4.0'], PLAIN_HEAD);
    const named = await csv('ids.csv', ['2026-02-06,spend,U0BEA,USD,7,card,web 1.4.0,R-1'], `${PLAIN_HEAD},Ref`);
    const runNamed = async () => {
      await writeFile(join(dir, 'map.yml'), PLAIN.replace('columns: {', '$& id: Ref,'));
      const said = await run(named);
      await writeFile(join(dir, 'map.yml'), PLAIN);
      return said;
    };
    expect(await run(file)).toContain('1 transaction written.');
    expect(await runNamed()).toContain('1 transaction written.');
    await db.pool.query(`update releases set state = 'cancelled' where id = $1`, [first]);
    await open();
    expect(await run(file)).toBe('1 row: 0 to write, 1 imported before. Nothing was written.');
    expect(await runNamed()).toBe('1 row: 0 to write, 1 imported before. Nothing was written.');
    await forget();
    expect(await run(file)).toMatch(/^row 2: This may be TX-\d+ in other words/);
    expect(await runNamed()).toMatch(/^H2: R-1 was imported as TX-\d+, and would be .*a release that was opened again/);
    expect((await db.pool.query('select distinct release_id::int as id from spends')).rows).toEqual([{ id: first }]);
  }));

test('R17: the same sheet as a workbook and as text, which shows no seconds, comes in once', () =>
  withPlain(async () => {
    const row = (at: string, amount: number, what: string) => [
      { value: new Date(at), format: 'yyyy-mm-dd hh:mm' },
      ...['send', 'U0AYO', 'USD'].map((value) => ({ value })),
      { value: amount },
      { value: what },
    ];
    const head = PLAIN_HEAD.split(',').map((value) => ({ value }));
    const sheet = [head, row('2026-01-05T10:30:27Z', 25.5, 'card'), row('2026-01-05T10:30:59Z', 25.5, 'card')];
    await writeFile(join(dir, 'plain.xlsx'), await writeXlsxFile(sheet as unknown as SheetData).toBuffer());
    expect(await run('plain.xlsx')).toContain('2 transactions written.');
    const line = '2026-01-05 10:30,send,U0AYO,USD,25.50,card,';
    const file = await csv('plain.csv', [line, line], PLAIN_HEAD);
    expect(await run(file)).toBe(AGAIN);
    // A third one is another one.
    await csv('plain.csv', [line, line, line], PLAIN_HEAD);
    expect(await run(file)).toContain('3 rows: 1 to write, 2 imported before.\n1 transaction written.');
    expect(await run('plain.xlsx')).toBe(AGAIN);
  }));

test('the example map of docs/import-funds.md is one', async () => {
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(await readFile('docs/import-funds.md', 'utf8')) ?? [];
  await writeFile(join(dir, 'example.yml'), yaml);
  const [, sheet = ''] = /```csv\n([\s\S]*?)```/.exec(await readFile('docs/import-funds.md', 'utf8')) ?? [];
  await writeFile(join(dir, 'example.csv'), sheet);
  expect(await run('example.csv', '--map', join(dir, 'example.yml'), '--dry-run')).toBe(
    '4 rows: 3 to write, 1 left out by the map. Nothing was written.',
  );
});
