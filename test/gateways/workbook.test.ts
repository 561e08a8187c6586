import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSheet } from 'read-excel-file/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WorkbookTab } from '../../src/base/sheets.ts';
import { workbookWriter, writeWorkbook } from '../../src/gateways/workbook.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shipshape-book-'));
});
afterAll(() => rm(dir, { recursive: true }));

const columns = [
  { title: 'Id', format: undefined },
  { title: 'Amount', format: '#,##0.##################' },
];
const tab = (rows: WorkbookTab['rows']): WorkbookTab => ({ title: 'Ledger', columns, rows });

test('what is written is what is read: text with its first character, numbers with all their digits', async () => {
  const path = join(dir, 'a.xlsx');
  const rows: WorkbookTab['rows'] = [
    ['=1+1', 1e-18],
    ['<b>&"\n🚀 شكرا', 123456789.012345],
    ['007', null],
    [null, -0.5],
  ];
  await writeWorkbook(path, [tab(rows), { ...tab([]), title: 'Empty' }]);
  expect(await readSheet(await readFile(path), 'Ledger')).toEqual([['Id', 'Amount'], ...rows]);
});

test('the old one stays whole when the new one cannot be written, and nothing is left beside it', async () => {
  const path = join(dir, 'b.xlsx');
  await writeWorkbook(path, [tab([['kept', 1]])]);
  const before = await readFile(path);
  await expect(writeWorkbook(path, [{ ...tab([['lost', 2]]), title: 'no/name' }])).rejects.toThrow();
  expect((await readFile(path)).equals(before)).toBe(true);
  await expect(writeWorkbook(join(dir, 'none', 'c.xlsx'), [tab([])])).rejects.toThrow('ENOENT');
  expect((await readdir(dir)).sort()).toEqual(['a.xlsx', 'b.xlsx']);
});

test('R20: it is not written again while nothing changed, and is when somebody changed or deleted the file', async () => {
  const path = join(dir, 'd.xlsx');
  const write = workbookWriter(path);
  const written = async () => (await stat(path, { bigint: true })).mtimeNs;
  await write([tab([['a', 1]])]);
  const first = await written();
  await write([tab([['a', 1]])]);
  expect(await written()).toBe(first);
  await write([tab([['a', '1']])]);
  expect(await written()).not.toBe(first);
  await writeFile(path, 'theirs');
  await write([tab([['a', '1']])]);
  expect(await readSheet(await readFile(path), 'Ledger')).toEqual([
    ['Id', 'Amount'],
    ['a', '1'],
  ]);
  await rm(path);
  await write([tab([['a', '1']])]);
  expect(await written()).toBeGreaterThan(first);
});
