import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvLine } from '../../src/base/csv.ts';
import { HOSTILE, hostile } from '../support/hostile.ts';

const FORMULA = /^\s*[=+\-@\t＝＋－＠]/;

/** What a spreadsheet would see. */
function read(line: string): string[] {
  const [row = []] = parse(line, { relax_column_count: true }) as string[][];
  return row;
}

test.each(HOSTILE.map((text) => [text.slice(0, 40), text]))(
  '%j is no formula, and its row keeps its cells',
  (_, text) => {
    const cells = read(csvLine([text, 'after', -5, 7n, null]));
    expect(cells.slice(1)).toEqual(['after', '-5', '7', '']);
    if (!/^-?\d+(\.\d+)?$/.test(cells[0] ?? '')) expect(cells[0]).not.toMatch(FORMULA);
  },
);

test('whatever is typed, no cell is a formula', () => {
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 2, maxLength: 4 }), (texts) => {
      const cells = read(csvLine(texts));
      expect(cells).toHaveLength(texts.length);
      for (const cell of cells) if (!/^-?\d+(\.\d+)?$/.test(cell)) expect(cell).not.toMatch(FORMULA);
    }),
  );
});

test.each(['=1+1', '+1+1', '-1+1', '@SUM(A1)', ' =1', '\t=1', '＝1+1', '＋1', '－1', '＠SUM'])(
  '%j gets an apostrophe',
  (text) => {
    expect(read(csvLine([text]))).toEqual([`'${text}`]);
  },
);

test.each(['-5', '0.1', '-0.25', 'a=b', 'web 1.2.3'])('%j is left as it is', (text) => {
  expect(csvLine([text])).toBe(text);
});
