// The file of an import as a table of cells.
import { readFileSync } from 'node:fs';
import { CsvError, parse } from 'csv-parse/sync';
import { readSheet } from 'read-excel-file/node';
import type { Cell } from '../areas/funds/import-cells.ts';
import { type ImportMap, SEPARATORS, separatorHint } from '../areas/funds/import-map.ts';
import { errorText, ShipshapeError } from '../base/errors.ts';
import { type FailedFormula, failedFormulas } from './failed-formulas.ts';

/** A file's bytes. @throws ShipshapeError when it cannot be read */
export function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (err) {
    const code = (err as NodeJS.ErrnoException).code;
    throw unreadable(`${file} cannot be read (${code}).`, 'Name the file as it is called, with its folder.');
  }
}

/**
 * Reads an .xlsx or CSV file. Rows and cells are where the spreadsheet has them, empty ones too.
 * @throws ShipshapeError with what is wrong with the file as a whole
 */
export async function readTable(file: string, map: Pick<ImportMap, 'sheet' | 'separator'>): Promise<Cell[][]> {
  const bytes = bytesOf(file);
  if (/\.xlsx$/i.test(file)) return workbook(file, bytes, map.sheet);
  if (/\.(csv|tsv|txt)$/i.test(file)) return csv(file, bytes, map.separator);
  throw unreadable(`${file} is neither .xlsx nor .csv.`, 'Save the sheet as one of the two.');
}

async function workbook(file: string, bytes: Buffer, sheet: string | undefined): Promise<Cell[][]> {
  try {
    // Numbers as the file has them: what a double makes of them would not be exact.
    const rows = await readSheet(bytes, sheet ?? 1, { parseNumber: (number) => ({ number }), trim: false });
    // The package's types have the constructor of Date where it gives dates.
    return withFailed(rows as unknown as Cell[][], failedFormulas(bytes, sheet));
  } catch (err) {
    const next = sheet === undefined ? 'Save it as .xlsx again, or as CSV.' : 'See sheet in the map.';
    throw unreadable(`${file} cannot be read: ${errorText(err)}.`, next);
  }
}

/** Puts formulas that failed where the reader saw nothing. */
function withFailed(rows: Cell[][], failed: readonly FailedFormula[]): Cell[][] {
  for (const { row, column, says } of failed) {
    while (rows.length <= row) rows.push([]);
    const cells = rows[row] ?? [];
    while (cells.length <= column) cells.push(null);
    cells[column] = { failed: says };
  }
  return rows;
}

function csv(file: string, bytes: Buffer, separator: string): Cell[][] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unreadable(`${file} is not in UTF-8.`, 'Save it as "CSV UTF-8".');
  }
  try {
    return parse(text, { delimiter: separator, relax_column_count: true, skip_empty_lines: false });
  } catch (err) {
    if (!(err instanceof CsvError)) throw err;
    // The parser takes a quote for the end of a cell only before the separator it was told.
    const other = SEPARATORS.find(
      (sep) => sep !== separator && err.message.startsWith(`Invalid Closing Quote: got "${sep}"`),
    );
    const next = other === undefined ? 'Correct it there, or save it as .xlsx.' : separatorHint(other);
    throw unreadable(`${file} is no CSV: ${err.message.replace(/\.+$/, '')}.`, next);
  }
}

function unreadable(message: string, next: string): ShipshapeError {
  return new ShipshapeError({ code: 'file', message, next });
}
