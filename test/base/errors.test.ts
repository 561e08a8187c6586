import { DrizzleQueryError } from 'drizzle-orm/errors';
import { expect, test } from 'vitest';
import { errorText, ShipshapeError } from '../../src/base/errors.ts';

test('an error of ours says what happened and what to do, in one line', () => {
  const err = new ShipshapeError({ code: 'port_taken', message: 'port 3000\nis taken', next: 'Set PORT.', cause: 'x' });
  expect(err).toMatchObject({ name: 'ShipshapeError', code: 'port_taken', next: 'Set PORT.', cause: 'x' });
  expect(errorText(err)).toBe('port 3000 is taken: x Set PORT.');
});

test('a database error keeps its cause and loses its parameters', () => {
  const err = new DrizzleQueryError('select $1', ['the secret plan'], new Error('relation "x" does not exist'));
  expect(errorText(err)).toBe('Failed query: select $1: relation "x" does not exist');
});

test('secrets are masked in messages, causes and next steps', () => {
  const cause = new Error('connect postgres://bot:hunter2@db/x');
  const text = errorText(
    new ShipshapeError({ code: 'c', message: 'xoxb-1-2', next: 'Change ghp_abcdefghijkl.', cause }),
  );
  expect(text).not.toMatch(/hunter2|xoxb-1|ghp_a/);
  expect(text).toContain('postgres://bot:[redacted]@db/x');
});

test('anything thrown gives a line', () => {
  expect(errorText('plain words')).toBe('plain words');
  expect(errorText(undefined)).toBe('unknown error');
  expect(errorText({ a: 1 })).toBe('thrown object');
  expect(errorText(new TypeError(''))).toBe('TypeError');
  expect(errorText(Object.assign(new Error(''), { code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED');
  expect(errorText(new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')], ''))).toBe(
    '::1 refused, 127.0.0.1 refused',
  );
});

test('a long or circular error stays a short line', () => {
  const err = new Error('x'.repeat(2000));
  err.cause = err;
  expect(errorText(err)).toHaveLength(500);
  expect(errorText(new Error(`${'x'.repeat(498)}\u{1F389}\u{1F389}`))).toBe(`${'x'.repeat(498)}…`);
});
