// What the reader of workbooks takes for an empty cell: a formula that failed, and one whose value was never calculated.
import { posix } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { SaxesParser } from 'saxes';

/** Row and column count from 0. `says`: what stands there in place of a value, such as `#REF!`; empty where nothing was calculated. */
export interface FailedFormula {
  row: number;
  column: number;
  says: string;
}

/** Finds them in one sheet of an .xlsx file. @param sheet its name; undefined: the first @throws Error when the file is none, or has no such sheet */
export function failedFormulas(workbook: Buffer, sheet: string | undefined): FailedFormula[] {
  const files = unzip(workbook);
  const path = pathOf(files, sheet);
  const found: FailedFormula[] = [];
  let cell = { at: '', type: '', formula: false, value: undefined as string | undefined };
  read(files(path), {
    open: (name, attributes) => {
      if (name === 'c') cell = { at: attributes.r ?? '', type: attributes.t ?? 'n', formula: false, value: undefined };
      if (name === 'f') cell.formula = true;
      if (name === 'v') cell.value = '';
    },
    text: (name, text) => {
      if (name === 'v') cell.value = text;
    },
    close: (name) => {
      if (name !== 'c') return;
      // A formula may well come to an empty text; then it has a value, and that is nothing.
      const empty = cell.value === undefined || (cell.value === '' && cell.type !== 'str');
      if (cell.type !== 'e' && !(cell.formula && empty)) return;
      const [, letters = '', row = ''] = /^([A-Z]+)(\d+)$/.exec(cell.at) ?? [];
      found.push({ row: Number(row) - 1, column: columnAt(letters), says: cell.value ?? '' });
    },
  });
  return found;
}

/** The place of a column from 0: A, Z, AA. */
function columnAt(letters: string): number {
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

type Files = (path: string) => string;

/** Where a sheet is in the file: the workbook names its sheets, and its relationships say where they are. */
function pathOf(files: Files, sheet: string | undefined): string {
  const sheets: { name: string; id: string }[] = [];
  const targets = new Map<string, string>();
  read(files('xl/workbook.xml'), {
    open: (name, a) => name === 'sheet' && sheets.push({ name: a.name ?? '', id: a['r:id'] ?? a.id ?? '' }),
  });
  read(files('xl/_rels/workbook.xml.rels'), {
    open: (name, a) => name === 'Relationship' && targets.set(a.Id ?? '', a.Target ?? ''),
  });
  const meant = sheet === undefined ? sheets[0] : sheets.find((s) => s.name === sheet);
  const target = meant && targets.get(meant.id);
  if (!target) throw new Error(`there is no sheet ${sheet ?? 1} in it`);
  return posix.resolve('/xl', target).slice(1);
}

/** Elements of a document, by their names without prefix. */
interface Reader {
  open(name: string, attributes: Record<string, string>): unknown;
  text?(name: string, text: string): void;
  close?(name: string): void;
}

function read(xml: string, { open, text, close }: Reader): void {
  const parser = new SaxesParser();
  const path: string[] = [];
  const bare = (name: string) => name.slice(name.indexOf(':') + 1);
  parser.on('opentag', ({ name, attributes }) => {
    path.push(bare(name));
    open(bare(name), attributes as Record<string, string>);
  });
  parser.on('text', (said) => text?.(path.at(-1) ?? '', said));
  parser.on('closetag', ({ name }) => {
    path.pop();
    close?.(bare(name));
  });
  parser.on('error', (err) => {
    throw err;
  });
  parser.write(xml).close();
}

/** The files of a zip, by their paths, from its directory at the end. */
function unzip(zip: Buffer): Files {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end < 0) throw new Error('it is no .xlsx file');
  const at = new Map<string, number>();
  let entry = zip.readUInt32LE(end + 16);
  for (let n = zip.readUInt16LE(end + 10); n > 0; n--) {
    const [name, extra, comment] = [28, 30, 32].map((field) => zip.readUInt16LE(entry + field)) as [
      number,
      number,
      number,
    ];
    at.set(zip.toString('utf8', entry + 46, entry + 46 + name), entry);
    entry += 46 + name + extra + comment;
  }
  return (path) => {
    const found = at.get(path);
    if (found === undefined) throw new Error(`it has no ${path}`);
    const local = zip.readUInt32LE(found + 42);
    const begin = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const bytes = zip.subarray(begin, begin + zip.readUInt32LE(found + 20));
    const packed = zip.readUInt16LE(found + 10) !== 0;
    return (packed ? inflateRawSync(bytes) : bytes).toString('utf8');
  };
}
