import { DrizzleQueryError } from 'drizzle-orm/errors';
import { expect, test } from 'vitest';
import { currentRequest, type LogLevel, makeLog, withRequest } from '../../src/base/log.ts';

function logged(level: LogLevel = 'info') {
  const lines: string[] = [];
  const log = makeLog(level, { write: (line: string) => lines.push(line) });
  const last = (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? '{}');
  return { log, lines, last };
}

test('a line is JSON with level, ISO time and msg', () => {
  const { log, last, lines } = logged();
  log.info({ port: 3000, big: 12n, at: new Date(0), list: [1, null] }, 'ready');
  expect(last()).toMatchObject({ level: 'info', msg: 'ready', port: 3000, big: '12', at: '1970-01-01T00:00:00.000Z' });
  expect(last().time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(lines[0]).toMatch(/\n$/);
  log.debug('not at this level');
  expect(lines).toHaveLength(1);
});

test('the request id follows through every await, and requests do not mix', async () => {
  const { log, lines } = logged();
  const one = async (id: string) => {
    await Promise.resolve();
    log.info(id);
    await new Promise((done) => setImmediate(done));
    expect(currentRequest()).toBe(id);
    log.info(id);
  };
  await Promise.all([withRequest('a', () => one('a')), withRequest('b', () => one('b'))]);
  log.info('outside');
  const seen = lines.map((line) => JSON.parse(line)).map((line) => [line.msg, line.req]);
  expect(seen.filter(([msg]) => msg !== 'outside').every(([msg, req]) => msg === req)).toBe(true);
  expect(seen.at(-1)).toEqual(['outside', undefined]);
  expect(currentRequest()).toBeUndefined();
});

test('secrets are masked in messages, fields, children, nested objects and what toJSON gives', () => {
  const { log, lines } = logged();
  const token = 'xoxb-11-22-SECRETSECRET';
  log.info(`token ${token}`);
  log.info('token %s', token);
  log.info({ deep: [{ note: `uses ${token}` }] }, 'x');
  log.info({ wrapped: { toJSON: () => token } }, 'x');
  log.child({ token, url: 'postgres://u:SECRETSECRET@db/x' }).info('x');
  log.info({ headers: { Authorization: 'SECRETSECRET', 'x-slack-signature': 'v0=SECRETSECRET' } }, 'x');
  log.info({ body: JSON.stringify({ authorization: 'Bearer SECRETSECRET' }) }, 'x');
  log.error(new Error(`bad ${token}`), 'x');
  log.error(new Error(`bad ${token}`));
  expect(lines).toHaveLength(9);
  for (const line of lines) {
    expect(line).not.toContain('SECRETSECRET');
    expect(line).toContain('[redacted]');
    JSON.parse(line);
  }
});

test('a database error is logged with its cause and frames, and without parameters or row values', () => {
  const { log, lines, last } = logged();
  const cause = Object.assign(new Error('duplicate key'), {
    code: '23505',
    constraint: 'one',
    detail: 'Key (x)=(PRIVATE)',
  });
  const err = new DrizzleQueryError('insert $1', ['PRIVATE "quoted"\n    at PRIVATE (x.js:1)'], cause);
  log.error(err);
  log.error({ err, where: { error: err } }, 'failed');
  log.error({ text: `${err.message} PRIVATE` }, err.message);
  for (const line of lines) expect(line).not.toContain('PRIVATE');
  log.error({ err }, 'failed');
  expect(last()).toMatchObject({
    msg: 'failed',
    err: { message: 'Failed query: insert $1', cause: { message: 'duplicate key', code: '23505', constraint: 'one' } },
  });
  expect((last().err as { stack: string }).stack).toContain('log.test.ts');
});

test('aggregates, causes that are no errors, and circles are logged', () => {
  const { log, last } = logged();
  log.error({ err: new AggregateError([new Error('one'), 'two'], 'both') }, 'x');
  expect(last()).toMatchObject({ err: { message: 'both', errors: [{ message: 'one' }, 'two'] } });
  const circle: Record<string, unknown> = { err: new Error('x', { cause: 'because' }) };
  circle.self = circle;
  log.error(circle, 'round');
  expect(last()).toMatchObject({ msg: 'round', err: { cause: 'because' } });
});
