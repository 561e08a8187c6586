import { createHash } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import writeXlsxFile, { type SheetData } from 'write-excel-file/node';
import type { Cell, WorkbookTab } from '../base/sheets.ts';

const GREY = '#e6ebf2';
/** Widths in characters. */
const [NARROW, WIDE] = [14, 24];

/**
 * Writes a workbook (xlsx) whole: into a file beside it, which then takes its name. Who has it open keeps the old one, and nobody ever
 * finds half of it. Text stays text, whatever it begins with. Throws what the file system throws; the old file is then untouched.
 */
export async function writeWorkbook(path: string, tabs: readonly WorkbookTab[]): Promise<void> {
  const sheets = tabs.map(({ title, columns, rows }) => ({
    sheet: title,
    stickyRowsCount: 1,
    columns: columns.map(({ format }) => ({ width: format === undefined ? WIDE : NARROW })),
    data: sheetData(columns, rows),
  }));
  // Beside it, for a name can be taken over within one file system only.
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const bytes = await writeXlsxFile(sheets).toBuffer();
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (err) {
    await rm(temporary, { force: true });
    throw err;
  }
}

/**
 * Writes a workbook as `writeWorkbook` does, but not again while it is as it was written last and the file is still that one: who has it open, and
 * what keeps copies of changed files, is left in peace.
 */
export function workbookWriter(path: string): (tabs: readonly WorkbookTab[]) => Promise<void> {
  let last: { print: string; file: string } | undefined;
  return async (tabs) => {
    const hash = createHash('sha256');
    for (const { rows, ...head } of tabs) {
      hash.update(JSON.stringify(head));
      for (const row of rows) hash.update(JSON.stringify(row));
    }
    const print = hash.digest('hex');
    if (last?.print === print && last.file === (await fileAt(path))) return;
    await writeWorkbook(path, tabs);
    last = { print, file: await fileAt(path) };
  };
}

/** Which file is there, and since when it is as it is; empty when there is none. */
async function fileAt(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found ? `${found.ino} ${found.mtimeNs} ${found.size}` : '';
}

function sheetData(columns: WorkbookTab['columns'], rows: readonly Cell[][]): SheetData {
  const header = columns.map(({ title }) => ({ value: title, fontWeight: 'bold' as const, backgroundColor: GREY }));
  const cell = (value: Cell, format: string | undefined) => {
    if (value === null || value === '') return null;
    return typeof value === 'number'
      ? { value, type: Number, ...(format === undefined ? {} : { format }) }
      : { value, type: String };
  };
  return [header, ...rows.map((row) => row.map((value, i) => cell(value, columns[i]?.format)))];
}
