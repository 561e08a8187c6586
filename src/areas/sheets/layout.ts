// How the tabs look, as changes for Google's batchUpdate.
import type { Cell, Change } from '../../base/sheets.ts';
import type { Column, Look, Tab } from './types.ts';

/** Room for people's own columns in a tab that is made. */
const SPARE_COLUMNS = 8;
const GREY = { red: 0.9, green: 0.92, blue: 0.95 };

const FORMATS: Record<Look, { type: string; pattern?: string }> = {
  text: { type: 'TEXT' },
  number: { type: 'NUMBER', pattern: '0' },
  amount: { type: 'NUMBER', pattern: '#,##0.##################' },
  usd: { type: 'NUMBER', pattern: '#,##0.00' },
  percent: { type: 'PERCENT', pattern: '0%' },
  time: { type: 'DATE_TIME', pattern: 'yyyy-mm-dd hh:mm' },
  day: { type: 'DATE', pattern: 'yyyy-mm-dd' },
};

/** The format of a column in a workbook (Excel's patterns); undefined for plain text. */
export function patternOf(column: Column): string | undefined {
  return FORMATS[column.look].pattern;
}

/** Makes a tab under an id of ours, with its header. */
export function addTab(tab: Tab, sheetId: number): Change[] {
  const gridProperties = { rowCount: 1000, columnCount: tab.columns.length + SPARE_COLUMNS, frozenRowCount: 1 };
  return [{ addSheet: { properties: { sheetId, title: tab.title, gridProperties } } }, ...writeHeader(tab, sheetId)];
}

/** Writes the titles of the bot's columns into row 1, from column `first` on. */
export function writeTitles(tab: Tab, sheetId: number, first: number): Change {
  const values = tab.columns.slice(first).map((column) => ({ userEnteredValue: { stringValue: column.title } }));
  const start = { sheetId, rowIndex: 0, columnIndex: first };
  return { updateCells: { start, rows: [{ values }], fields: 'userEnteredValue' } };
}

/** Writes the header over whatever stands in the bot's part of row 1, freezes it, and gives the columns their formats. */
export function writeHeader(tab: Tab, sheetId: number): Change[] {
  const width = tab.columns.length;
  const range = { sheetId, startRowIndex: 0, endRowIndex: 1, startColumnIndex: 0, endColumnIndex: width };
  const userEnteredFormat = { textFormat: { bold: true }, backgroundColor: GREY, wrapStrategy: 'WRAP' };
  const properties = { sheetId, gridProperties: { frozenRowCount: 1 } };
  return [
    writeTitles(tab, sheetId, 0),
    ...formatBody(tab, sheetId),
    {
      repeatCell: {
        range,
        cell: { userEnteredFormat },
        fields: 'userEnteredFormat(textFormat,backgroundColor,wrapStrategy)',
      },
    },
    { updateSheetProperties: { properties, fields: 'gridProperties.frozenRowCount' } },
  ];
}

/** The formats of the bot's columns below the header: a row put in below it would look like it. */
export function formatBody(tab: Tab, sheetId: number): Change[] {
  return tab.columns.map((column, i) => ({
    repeatCell: {
      range: { sheetId, startRowIndex: 1, startColumnIndex: i, endColumnIndex: i + 1 },
      cell: { userEnteredFormat: { numberFormat: FORMATS[column.look], textFormat: { bold: false } } },
      fields: 'userEnteredFormat(numberFormat,textFormat,backgroundColor)',
    },
  }));
}

/** Puts columns in before column `at` of the bot's, or takes some of the bot's out there. */
export function resizeTab(sheetId: number, at: number, by: number): Change[] {
  const range = (from: number, to: number) => ({ sheetId, dimension: 'COLUMNS', startIndex: from, endIndex: to });
  return by > 0
    ? [{ insertDimension: { range: range(at, at + by), inheritFromBefore: true } }]
    : [{ deleteDimension: { range: range(at + by, at) } }];
}

/** Makes a grid that is too narrow as wide as the bot's columns. */
export function widenTab(sheetId: number, by: number): Change {
  return { appendDimension: { sheetId, dimension: 'COLUMNS', length: by } };
}

/** Puts rows below everything that is in the tab, wherever that ends at the moment it is done. Text stays text. */
export function appendRows(tab: Tab, sheetId: number, rows: readonly Cell[][]): Change {
  const cell = (value: Cell, i: number) => {
    const format = FORMATS[tab.columns[i]?.look ?? 'text'];
    const userEnteredFormat = { numberFormat: format };
    if (typeof value === 'number') return { userEnteredValue: { numberValue: value }, userEnteredFormat };
    return value === null || value === '' ? {} : { userEnteredValue: { stringValue: value }, userEnteredFormat };
  };
  const fields = 'userEnteredValue,userEnteredFormat.numberFormat';
  return { appendCells: { sheetId, rows: rows.map((row) => ({ values: row.map(cell) })), fields } };
}
