import fc from 'fast-check';
import { expect, test } from 'vitest';
import { storable, storableJson } from '../../src/base/storable.ts';

test.each([
  ['plain', 'plain'],
  ['a\0b', 'ab'],
  ['\0', ''],
  ['x\ud800', 'x\ufffd'],
  ['\udfff\ud800', '\ufffd\ufffd'],
  ['🚀 \u202e', '🚀 \u202e'],
  ['\\u0000 \\ud800', '\\u0000 \\ud800'],
])('%j is kept as %j', (text, kept) => {
  expect(storable(text)).toBe(kept);
  expect(storableJson({ a: [text, 1, null] })).toEqual({ a: [kept, 1, null] });
});

test('data with nothing to change is the same object', () => {
  const data = { text: 'Grüße 🚀', list: [1, true, null] };
  expect(storableJson(data)).toBe(data);
});

test('whatever comes, no text is left that cannot be kept', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units))), (texts) => {
      const kept = JSON.stringify(storableJson({ texts }).texts);
      expect(kept).not.toMatch(/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/);
    }),
  );
});
