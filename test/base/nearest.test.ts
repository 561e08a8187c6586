import { expect, test } from 'vitest';
import { nearest } from '../../src/base/nearest.ts';

test('a slip of the keys finds the word that was meant, anything else nothing', () => {
  const known = ['ready', 'retract', 'rollback'];
  expect(nearest('raedy', known)).toBe('ready');
  expect(nearest('retrct', known)).toBe('retract');
  expect(nearest('rolback', known)).toBe('rollback');
  expect(nearest('deploy', known)).toBeUndefined();
  expect(nearest('x', [])).toBeUndefined();
});

test('takes as many other letters as it is told', () => {
  expect(nearest('date', ['state', 'dates'], 1)).toBe('dates');
  expect(nearest('date', ['state'], 1)).toBeUndefined();
});
