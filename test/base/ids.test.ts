import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type IdPrefix, parseId, showId } from '../../src/base/ids.ts';

test('a shown id reads back as what it was made from', () => {
  expect(showId('REL', 12)).toBe('REL-12');
  expect(showId('TX', 41n)).toBe('TX-41');
  const prefixes: IdPrefix[] = ['REL', 'BUG', 'FR', 'TX'];
  fc.assert(
    fc.property(fc.constantFrom(...prefixes), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (prefix, id) => {
      expect(parseId(` ${showId(prefix, id).toLowerCase()} `)).toEqual({ prefix, id });
    }),
  );
});

test.each([
  '',
  'REL',
  'REL-',
  'REL-0',
  'REL-01',
  'REL-1x',
  'XYZ-1',
  'REL 1',
  'REL--1',
  'REL-9999999999999999',
  'REL-1.5',
])('"%s" is no id', (text) => expect(parseId(text)).toBeUndefined());
