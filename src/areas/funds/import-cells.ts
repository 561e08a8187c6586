// What stands in the cells of a tracking sheet, read exactly: nothing is rounded and nothing is guessed.
import { formatAmount } from '../../base/money.ts';
import { localDay, momentOf, skipOf } from '../../base/zone.ts';
import type { ImportMap } from './import-map.ts';
import { clean } from './typed.ts';

/**
 * A cell of a file. A number is given as the file has it; a date is the wall clock's, as if it were UTC; of a formula that failed what it says instead
 * (`#REF!`), empty where it was never calculated.
 */
export type Cell = string | boolean | Date | { number: string } | { failed: string } | null;

type Text = { text: string } | { fault: string };

/** Of a column by its place from 0: `A`, `Z`, `AA`. */
export function columnLetters(at: number): string {
  const before = Math.floor(at / 26) - 1;
  return `${before >= 0 ? columnLetters(before) : ''}${String.fromCharCode(65 + (at % 26))}`;
}

/** What a cell says, without what cannot be seen; empty when it says nothing. */
export function readCell(cell: Cell): Text {
  if (cell === null) return { text: '' };
  if (cell instanceof Date)
    return { fault: 'There is a date in this cell: format the cell as text and type it again.' };
  if (typeof cell === 'boolean') return { text: cell ? 'TRUE' : 'FALSE' };
  const failed = failedIn(cell);
  if (failed) return failed;
  return typeof cell === 'string' ? { text: clean(cell) } : plainNumber('number' in cell ? cell.number : '');
}

/** What is wrong with a cell whose formula came to nothing; undefined for all others. A CSV file has only the text of it. */
export function failedIn(cell: Cell): { fault: string } | undefined {
  const isFailed = cell !== null && typeof cell === 'object' && 'failed' in cell;
  const says = isFailed ? cell.failed : typeof cell === 'string' ? clean(cell) : '';
  if (isFailed && !says)
    return {
      fault:
        'The formula in this cell was never calculated: open the file in a spreadsheet and save it, or put the value there.',
    };
  return isFailed || FAILED.test(says)
    ? { fault: `The formula in this cell failed (${says}): put the value there.` }
    : undefined;
}

/** What spreadsheets show for formulas that failed. */
const FAILED =
  /^#(NULL!|DIV\/0!|VALUE!|REF!|NAME\?|NUM!|N\/A|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|UNKNOWN!|BUSY!|PYTHON!|GETTING_DATA|ERROR!)$/;

/**
 * A spreadsheet keeps numbers as doubles and shows 15 digits of them at most. One that needs more was calculated or cut, so what was meant is not known.
 */
function plainNumber(raw: string): Text {
  const kept = Number(raw);
  const shown = Number(kept.toPrecision(15));
  if (!Number.isFinite(kept) || shown !== kept)
    return {
      fault: `The spreadsheet keeps this number as ${raw}, which is not what it shows: format the cell as text and type the exact number.`,
    };
  const [mantissa = '0', power = '0'] = kept.toExponential().split('e');
  const [, decimals = ''] = mantissa.split('.');
  const places = decimals.length - Number(power);
  const digits = BigInt(mantissa.replace('.', ''));
  return { text: places > 0 ? formatAmount(digits, places) : `${digits * 10n ** BigInt(-places)}` };
}

/** A number that is written with a decimal comma, as `parseAmount` reads it. @param text `1.000,5` @returns `1000.5` */
export function fromComma(text: string): Text {
  if (!/^\d{1,3}(\.\d{3})+(,\d+)?$|^\d+(,\d+)?$/.test(text) && text !== '')
    return { fault: 'That is no amount with a decimal comma, such as 1.000,5.' };
  return { text: text.replaceAll('.', '').replace(',', '.') };
}

const FORMS = {
  iso: '2026-11-20 or 2026-11-20 14:30',
  dmy: '20.11.2026 or 20.11.2026 14:30',
  mdy: '11/20/2026 or 11/20/2026 14:30',
};

/** `never`: there was no such time on the zone's clocks, which jumped over it; it is counted on from before the jump (R22). */
type When = { at: Date; never?: string };

/** When something happened. A local time is the zone's; a day without a time counts from its midnight, or from when it begins. */
export function readWhen(cell: Cell, { dates }: Pick<ImportMap, 'dates'>, zone: string): When | { fault: string } {
  // A spreadsheet's time is a fraction of a day, which is off by less than a second.
  if (cell instanceof Date && !Number.isNaN(cell.getTime()))
    return atLocal(zone, new Date(Math.round(cell.getTime() / 1000) * 1000).toISOString().slice(0, 19));
  if (cell !== null && typeof cell === 'object' && !('failed' in cell))
    return { fault: 'This is a number, not a date: format the cell as a date.' };
  const read = readCell(cell);
  if ('fault' in read) return read;
  if (!read.text) return { fault: `The date is missing: write it as ${FORMS[dates]}.` };
  return whenOf(read.text, dates, zone) ?? { fault: `That is no date: write it as ${FORMS[dates]}.` };
}

function whenOf(text: string, dates: ImportMap['dates'], zone: string): When | undefined {
  const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:\.\d+)?\s?(Z|[+-]\d\d:\d\d)?)?$/i.exec(text);
  if (iso) {
    const [, day = '', time = '00:00', seconds = ':00', offset] = iso;
    if (!real(day, time + seconds)) return undefined;
    const local = `${day}T${time}${seconds}`;
    return offset ? { at: new Date(`${local}${offset.toUpperCase()}`) } : atLocal(zone, local);
  }
  const parts = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:,?\s+(\d{1,2}):(\d\d)(:\d\d)?)?$/.exec(text);
  if (!parts || dates === 'iso') return undefined;
  const [, first = '', second = '', year = '', hour = '0', minute = '00', seconds = ':00'] = parts;
  const [day, month] = dates === 'dmy' ? [first, second] : [second, first];
  const local = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const time = `${hour.padStart(2, '0')}:${minute}${seconds}`;
  return real(local, time) ? atLocal(zone, `${local}T${time}`) : undefined;
}

/** @param local with its seconds */
function atLocal(zone: string, local: string): When {
  const at = momentOf(zone, local);
  const skip = skipOf(zone, local);
  const [day = '', time = ''] = local.split('T');
  // A day that begins an hour late is one all the same; a workbook and a text cannot say it without its midnight.
  if (!skip || (time === '00:00:00' && localDay(zone, at) === day)) return { at };
  const isOneDay = skip.from.slice(0, 10) === skip.to.slice(0, 10);
  const [from, to] = [skip.from, skip.to].map((t) => (isOneDay ? t.slice(11) : t.replace('T', ' ')));
  const shown = time.replace(/:00$/, '');
  return {
    at,
    never: `There was no ${shown} on ${day} in ${zone}: the clocks went from ${from} to ${to}. Correct the time; or if it is of another zone, say which in the map (zone).`,
  };
}

/** Whether there is such a day and such a time: no 31 February. */
function real(day: string, time: string): boolean {
  const at = new Date(`${day}T${time}Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(`${day}T${time}`);
}
