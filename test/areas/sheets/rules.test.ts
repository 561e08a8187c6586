import { describe, expect, it } from 'vitest';
import { serial } from '../../../src/areas/sheets/rows.ts';
import {
  belowOf,
  indexOf,
  leftovers,
  MARK_TITLE,
  ORPHAN,
  planHeader,
  planRow,
  printOf,
  TWIN,
  whole,
} from '../../../src/areas/sheets/rules.ts';
import type { Row, Tab } from '../../../src/areas/sheets/types.ts';
import type { Cell } from '../../../src/base/sheets.ts';
import { offsetAt } from '../../../src/base/zone.ts';

const TAB: Tab = {
  key: 'ledger',
  title: 'Ledger',
  ids: /^TX-\d+$/,
  columns: ['Id', 'Name', 'Fees ETH', 'Exact', MARK_TITLE].map((title) => ({ title, look: 'text' })),
};
const row = (id: string, ...cells: Cell[]): Row => ({ id, cells });
const A = row('TX-1', 'a', 1, '10');
const print = (r: Row) => printOf(r.id, r.cells);
const at = (ids: Cell[], marks: Cell[], prints?: string[]) =>
  indexOf(TAB, { ids, marks, ...(prints ? { prints } : {}) });

describe('R20: a moment in a sheet', () => {
  it('is the local time of its zone, whatever was asked before, on days when clocks change too', () => {
    const days = ['2026-03-28', '2026-03-29', '2026-10-24', '2026-10-25', '2026-04-04', '2026-10-03', '2026-07-01'];
    const moments = days.flatMap((day) =>
      Array.from({ length: 48 * 3 }, (_, i) => new Date(Date.parse(`${day}T00:00Z`) + i * 599_000)),
    );
    for (const zone of ['Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'America/St_Johns'])
      for (const at of [...moments, ...moments.map((_, i) => moments[(i * 37) % moments.length] as Date)]) {
        const days = (at.getTime() + offsetAt(zone, at)) / 86_400_000 + 25_569;
        expect(serial(at, zone)).toBe(Number(days.toFixed(5)));
      }
  });
});

describe('R20: the print of a row', () => {
  it('is 8 characters, and differs by id, value, place and type', () => {
    const prints = [A, row('TX-2', 'a', 1, '10'), row('TX-1', 'a', '1', '10'), row('TX-1', 1, 'a', '10')].map(print);
    expect(new Set(prints).size).toBe(4);
    for (const one of prints) expect(one).toMatch(/^[0-9a-z]{8}$/);
    expect(printOf('x', [null, 'a'])).toBe(printOf('x', ['', 'a']));
  });

  it('hardly ever is the same for different rows', () => {
    const many = new Set(Array.from({ length: 50_000 }, (_, i) => printOf(`TX-${i}`, ['same', i % 7, null])));
    expect(many.size).toBe(50_000);
  });
});

describe('R20: what becomes of a row', () => {
  it('is added when its id is nowhere, whole, with nothing where there is nothing', () => {
    expect(planRow(at([], []), A)).toBe('append');
    expect(whole(row('TX-1', null, 2))).toEqual(['TX-1', '', 2, printOf('TX-1', [null, 2])]);
  });

  it('stays as it is when its mark fits, wherever it stands', () => {
    expect(planRow(at(['TX-9', '', ' TX-1 '], ['?', '', print(A)]), A)).toBeUndefined();
    expect(planRow(at(['TX-1'], [print(A)], [print(A)]), A)).toBeUndefined();
  });

  it('is written anew, but for its id, when its mark does not fit: it changed, or something was written to the wrong row', () => {
    const plan = { row: 3, from: 1, cells: ['a', 1, '10', print(A)], restore: false };
    expect(planRow(at(['TX-2', 'TX-1'], ['x', print(row('TX-2'))]), A)).toEqual(plan);
    expect(planRow(at(['TX-2', 'TX-1'], []), A)).toEqual(plan);
  });

  it('is restored when its mark fits and its cells do not: somebody changed them by hand', () => {
    expect(planRow(at(['TX-1'], [print(A)], ['other']), A)).toMatchObject({ row: 2, restore: true });
    expect(planRow(at(['TX-1'], ['old'], ['other']), A)).toMatchObject({ row: 2, restore: false });
  });
});

describe('R20: what is left over', () => {
  it('is marked once and never deleted; rows of people are left alone', () => {
    const index = at(['TX-1', 'TX-7', 'Total', 'TX-8', 'renamed', 5], [print(A), '', 'mine', ORPHAN, 'abcd1234', null]);
    expect(planRow(index, A)).toBeUndefined();
    expect(leftovers(index)).toEqual({
      updates: [
        { row: 3, from: 4, cells: [ORPHAN] },
        { row: 6, from: 4, cells: [ORPHAN] },
      ],
      orphans: ['TX-7', 'TX-8', 'renamed'],
    });
  });

  it('of rows with one id, the first that is not marked is kept', () => {
    const index = at(['TX-1', 'TX-1', 'TX-1', 'Sum', 'Sum'], [TWIN, print(A), print(A), '', '']);
    expect(planRow(index, A)).toBeUndefined();
    expect(leftovers(index)).toEqual({ updates: [{ row: 4, from: 4, cells: [TWIN] }], orphans: ['TX-1', 'TX-1'] });
    expect(planRow(at(['TX-1', 'TX-1'], [TWIN, TWIN]), A)).toMatchObject({ row: 2 });
  });

  it('a row whose id was erased is emptied, for it is added anew', () => {
    const index = at(['', null, ''], [print(A), 'note', '']);
    expect(planRow(index, A)).toBe('append');
    expect(leftovers(index).updates).toEqual([{ row: 2, from: 1, cells: ['', '', '', ''] }]);
  });
});

describe('R20: the header', () => {
  const titles = ['Id', 'Name', 'Fees ETH', 'Fees ETH (base units)', 'Exact', MARK_TITLE];
  const tab: Tab = { ...TAB, columns: titles.map((title) => ({ title, look: 'text' })) };
  const EMPTY = { ours: false, width: 0 };
  const plan = (header: Cell[], below = { ours: true, width: titles.length }) => planHeader(tab, header, below);

  it('is fine with columns of people to its right, and written when there is nothing at all', () => {
    expect(plan([...titles, 'Checked by'], { ours: false, width: titles.length })).toBe('fine');
    expect(plan([], EMPTY)).toBe('write');
    expect(plan([null, 'x'], EMPTY)).toEqual({ fault: 'header' });
    expect(plan([], { ours: false, width: 2 })).toEqual({ fault: 'header' });
    expect(plan([])).toEqual({ fault: 'header' });
  });

  it('is restored when titles were edited and the rows below fit their marks', () => {
    expect(plan(['', ...titles.slice(1)])).toBe('write');
    expect(plan(titles.with(1, 'Nom'))).toBe('write');
    expect(plan(titles.with(5, 'mine'))).toBe('write');
  });

  it('is left alone when the rows below do not fit: a column was deleted, and there is people’s in its place', () => {
    const below = { ours: false, width: titles.length };
    expect(plan(titles.with(5, 'Invoice no.'), below)).toEqual({ fault: 'columns' });
    expect(plan(titles.with(5, 'Invoice no.'), EMPTY)).toEqual({ fault: 'columns' });
    expect(plan([...titles.slice(0, 3), 'Mine', 'Other'], below)).toEqual({ fault: 'columns' });
    expect(plan(titles.slice(0, -1), below)).toEqual({ fault: 'columns' });
    expect(plan(titles.with(1, 'Nom'), below)).toEqual({ fault: 'columns' });
  });

  it('is completed where its last columns were deleted and nothing stands there', () => {
    expect(plan(titles.slice(0, -1), { ours: false, width: 5 })).toBe('write');
    expect(plan(titles.slice(0, 2), { ours: false, width: 2 })).toBe('write');
  });

  it('is left alone when it is not in row 1, or columns were put in between', () => {
    expect(plan(['', 'x'])).toEqual({ fault: 'header' });
    expect(plan(['TX-1', 'Name'])).toEqual({ fault: 'header' });
    expect(plan(['Id', 'Name', 'My own', ...titles.slice(2)])).toEqual({ fault: 'columns' });
    expect(plan(['Id', 'x', null, 'y'])).toEqual({ fault: 'columns' });
    // Theirs, with the title of one of ours: nothing is taken out for it.
    expect(plan(['Id', 'Exact', ...titles.slice(1)])).toEqual({ fault: 'columns' });
    expect(plan([...titles.slice(0, 4), ...titles.slice(2)])).toEqual({ fault: 'columns' });
  });

  it('is left alone when people put in fees of their own: the bot’s come in pairs', () => {
    for (const own of ['Fees USD', 'Fees EUR', 'Fees TOTAL', 'Fees BTC (base units)'])
      for (const at of [2, 3, 4]) expect(plan(titles.toSpliced(at, 0, own))).toEqual({ fault: 'columns' });
    expect(plan(titles.toSpliced(3, 1))).toEqual({ fault: 'columns' });
  });

  it('gets columns, or loses them, when assets come and go', () => {
    expect(plan(['Id', 'Name', 'Exact', MARK_TITLE, 'theirs'])).toEqual({ at: 3, resize: 2 });
    expect(plan(titles.toSpliced(2, 0, 'Fees BTC', 'Fees BTC (base units)'))).toEqual({ at: 7, resize: -2 });
  });

  it('has rows of ours below it when each that has an id of ours has the mark of its cells', () => {
    const below = (ids: Cell[], marks: Cell[], prints: string[]) => belowOf(TAB, { ids, marks, prints, width: 5 });
    expect(below(['TX-1', 'Total', 'TX-2', 'TX-3'], ['a', 'x', TWIN, ORPHAN], ['a', 'b', 'c', 'd'])).toEqual({
      ours: true,
      width: 5,
    });
    expect(below(['TX-1', 'TX-2'], ['a', 'INV-2'], ['a', 'b']).ours).toBe(false);
    expect(below(['TX-1', 'TX-2'], ['a'], ['a', 'b']).ours).toBe(false);
    expect(below(['Total'], ['a'], ['a']).ours).toBe(false);
    for (const some of [{}, { prints: ['a'] }])
      expect(belowOf(TAB, { ids: ['TX-1'], marks: ['a'], ...some })).toEqual({ ours: false, width: 5 });
  });
});
