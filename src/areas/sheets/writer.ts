// Collects what a sync writes into few requests, none of them over 2 MB.
import type { Block, Cell, Sheets } from '../../base/sheets.ts';
import { appendRows, formatBody } from './layout.ts';
import type { Tab, Update } from './types.ts';

/** What Google advises for one request. */
const MAX_BYTES = 2 * 1024 * 1024;
/** Up to here rows are added to all tabs by one request; that request says seven times as much about each cell. */
const FEW_BYTES = 250_000;

/** What a row costs besides its cells when it is not followed by the next one. */
const BLOCK_BYTES = 200;

/** A tab with its id and its title in this spreadsheet. */
export interface Place {
  tab: Tab;
  sheetId: number;
  title: string;
}

export interface Writer {
  update(place: Place, update: Update): Promise<void>;
  append(place: Place, row: Cell[]): Promise<void>;
  /** Sends the rest. @returns whether anything was sent since the writer was made */
  end(): Promise<boolean>;
}

/**
 * Changes of rows go out together, and rows to be added after them: two requests where it is not much. Column A is written
 * only in rows that are added, at the end, wherever that is when Google does it. Throws SheetsError.
 */
export function makeWriter(sheets: Sheets, spreadsheet: string): Writer {
  let blocks: Block[] = [];
  let blockBytes = 0;
  /** Rows to be added, while they are few. */
  const few = new Map<Place, Cell[][]>();
  let fewBytes = 0;
  /** Rows of one tab as they will travel, once they are many. */
  let packed: { place: Place; bytes: Buffer; used: number } | undefined;
  let sent = false;
  /** Tabs that got many rows: those look like the row above them, be it the header. */
  const many = new Set<Place>();

  const sendBlocks = async () => {
    if (!blocks.length) return;
    const ready = blocks;
    [blocks, blockBytes, sent] = [[], 0, true];
    await sheets.write(spreadsheet, ready);
  };
  const sendPacked = async () => {
    if (!packed?.used) return;
    const { place, bytes, used } = packed;
    packed.used = 0;
    sent = true;
    many.add(place);
    bytes.write(']', used);
    await sheets.append(spreadsheet, place.title, bytes.subarray(0, used + 1));
  };
  /** One buffer serves all tabs and requests: 100,000 rows as objects would be 100 MB. */
  const pack = async (place: Place, row: Cell[]) => {
    const text = JSON.stringify(row);
    const size = Buffer.byteLength(text) + 2;
    if (packed && (packed.place !== place || packed.used + size > MAX_BYTES)) await sendPacked();
    const bytes =
      packed && packed.bytes.length > size ? packed.bytes : Buffer.allocUnsafe(Math.max(MAX_BYTES, size) + 1);
    packed = { place, bytes, used: packed?.used ?? 0 };
    packed.used += bytes.write(`${packed.used ? ',' : '['}${text}`, packed.used);
  };
  const packFew = async () => {
    for (const [place, rows] of few) for (const row of rows) await pack(place, row);
    few.clear();
  };
  return {
    update: async (place, { row, from, cells }) => {
      const bytes = sizeOf(cells) + BLOCK_BYTES;
      if (blockBytes + bytes > MAX_BYTES) await sendBlocks();
      blockBytes += bytes;
      const before = blocks.at(-1);
      const goesOn =
        before?.sheetId === place.sheetId && before.column === from && before.row + before.rows.length === row - 1;
      if (goesOn && before.rows[0]?.length === cells.length) before.rows.push(cells);
      else blocks.push({ sheetId: place.sheetId, row: row - 1, column: from, rows: [cells] });
    },
    append: async (place, row) => {
      if (fewBytes > FEW_BYTES) return pack(place, row);
      fewBytes += sizeOf(row);
      const rows = few.get(place);
      if (rows) rows.push(row);
      else few.set(place, [row]);
      if (fewBytes > FEW_BYTES) await packFew();
    },
    end: async () => {
      await sendBlocks();
      await sendPacked();
      if (few.size) {
        const changes = [...few].map(([{ tab, sheetId }, rows]) => appendRows(tab, sheetId, rows));
        few.clear();
        sent = true;
        await sheets.change(spreadsheet, changes);
      }
      if (many.size)
        await sheets.change(
          spreadsheet,
          [...many].flatMap(({ tab, sheetId }) => formatBody(tab, sheetId)),
        );
      return sent;
    },
  };
}

function sizeOf(cells: readonly Cell[]): number {
  return Buffer.byteLength(JSON.stringify(cells)) + 1;
}
