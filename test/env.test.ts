import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { errorText } from '../src/base/errors.ts';
import { ciCommit, EnvError, loadEnv, withDotEnv } from '../src/env.ts';

const dir = mkdtempSync(join(tmpdir(), 'shipshape-env-'));
afterAll(() => rmSync(dir, { recursive: true }));

const good = { SLACK_BOT_TOKEN: 'xoxb-1-2-abc', SLACK_APP_TOKEN: 'xapp-1-A-2-abc' };

function faultsOf(source: Record<string, string | undefined>): Record<string, string> {
  try {
    loadEnv(source);
  } catch (err) {
    if (err instanceof EnvError) return Object.fromEntries(err.faults.map(({ name, text }) => [name, text]));
    throw err;
  }
  return {};
}

test('two tokens are enough: the rest has defaults, and paths are absolute', () => {
  expect(loadEnv(good)).toEqual({
    connection: { mode: 'socket', appToken: 'xapp-1-A-2-abc' },
    botToken: 'xoxb-1-2-abc',
    slackApiUrl: 'https://slack.com/api/',
    dataDir: resolve('data'),
    configPath: resolve('shipshape.yml'),
    port: 3000,
    logLevel: 'info',
    demoClock: false,
  });
});

test('everything can be set', () => {
  const env = loadEnv({
    ...good,
    SLACK_API_URL: 'http://127.0.0.1:9000/api',
    DATABASE_URL: 'postgres://u:p@h:5432/d',
    DATA_DIR: '/var/lib/x',
    SHIPSHAPE_CONFIG: 'conf/p.yml',
    PORT: '0',
    LOG_LEVEL: 'debug',
    DEMO_CLOCK: '1',
    GITHUB_TOKEN: 'ghp_0123456789',
    GITHUB_API_URL: 'https://github.example.com/api/v3/',
  });
  expect(env).toMatchObject({
    slackApiUrl: 'http://127.0.0.1:9000/api/',
    databaseUrl: 'postgres://u:p@h:5432/d',
    dataDir: '/var/lib/x',
    configPath: resolve('conf/p.yml'),
    port: 0,
    logLevel: 'debug',
    demoClock: true,
    github: { token: 'ghp_0123456789', apiUrl: 'https://github.example.com/api/v3' },
  });
});

test('without an app token it is HTTP; with both, Socket Mode', () => {
  const secret = { SLACK_SIGNING_SECRET: 'abcdef0123456789' };
  expect(loadEnv({ ...good, SLACK_APP_TOKEN: undefined, ...secret }).connection).toEqual({
    mode: 'http',
    signingSecret: 'abcdef0123456789',
  });
  expect(loadEnv({ ...good, ...secret }).connection.mode).toBe('socket');
  expect(loadEnv({ ...good, SLACK_APP_TOKEN: ' ', ...secret }).connection.mode).toBe('http');
});

test('every fault is named at once, with where to get the right value and without the wrong one', () => {
  const source = {
    SLACK_BOT_TOKEN: 'xapp-1-WRONGPLACE',
    SLACK_SIGNING_SECRET: 'short',
    SLACK_API_URL: 'slack.com',
    DATABASE_URL: 'mysql://u:HUNTER2@h/d',
    PORT: '70000',
    LOG_LEVEL: 'loud',
  };
  expect(faultsOf(source)).toEqual({
    SLACK_BOT_TOKEN: expect.stringMatching(/looks like an app-level token.*OAuth & Permissions/),
    SLACK_SIGNING_SECRET: expect.stringContaining('Basic Information'),
    SLACK_API_URL: expect.stringContaining('https://slack.com/api/'),
    DATABASE_URL: expect.stringContaining('postgres://'),
    PORT: expect.stringContaining('0 to 65535'),
    LOG_LEVEL: expect.stringContaining('trace, debug, info'),
  });
  expect(() => loadEnv(source)).toThrow(/^The environment has 6 faults:\n {2}SLACK_BOT_TOKEN: .*\n {2}SLACK_SIGNING/);
  expect(() => loadEnv(source)).not.toThrow(/WRONGPLACE|HUNTER2/);
});

test('an empty environment says what is missing', () => {
  expect(faultsOf({ SLACK_BOT_TOKEN: '' })).toEqual({
    SLACK_BOT_TOKEN: expect.stringMatching(/^is missing: .*xoxb/),
    SLACK_APP_TOKEN: expect.stringMatching(/^is missing: .*connections:write.*SLACK_SIGNING_SECRET/),
  });
  expect(() => loadEnv({ SLACK_APP_TOKEN: 'xapp-1' })).toThrow(/1 fault:/);
});

test('a missing one is asked about when there is one of nearly that name, whose value is not shown', () => {
  const source = { SLACK_BOT_TOKN: 'xoxb-HUNTER2', SLACK_AP_TOKEN: 'xapp-HUNTER2', SLACK_USER_TOKEN: 'xoxp-1' };
  expect(faultsOf(source)).toEqual({
    SLACK_BOT_TOKEN: expect.stringMatching(
      /^is missing \(there is SLACK_BOT_TOKN: did you mean SLACK_BOT_TOKEN\?\): set it/,
    ),
    SLACK_APP_TOKEN: expect.stringMatching(
      /^is missing \(there is SLACK_AP_TOKEN: did you mean SLACK_APP_TOKEN\?\): set it/,
    ),
  });
  expect(() => loadEnv(source)).not.toThrow(/HUNTER2/);
  expect(faultsOf({ SLACK_APP_TOKEN: 'xapp-1', SLACK_USER_TOKEN: 'xoxp-1' }).SLACK_BOT_TOKEN).not.toContain(
    'did you mean',
  );
});

test.each([
  ['xoxb-1-2', 'a bot token'],
  ['xoxp-1-2', 'a user token'],
])('a token in the wrong place is recognised: %s', (value, kind) => {
  expect(faultsOf({ ...good, SLACK_APP_TOKEN: value }).SLACK_APP_TOKEN).toContain(kind);
});

test('a token of no kind is refused without a guess', () => {
  expect(faultsOf({ ...good, SLACK_APP_TOKEN: 'nonsense' }).SLACK_APP_TOKEN).toMatch(
    /^is not a token of that kind: set it/,
  );
});

test.each(['3e3', '-1', '3000 ', 'http', '123456'])('"%s" is no port', (value) =>
  expect(faultsOf({ ...good, PORT: value })).toHaveProperty('PORT'),
);

test('the signing secret is out of every error text once it was read', () => {
  loadEnv({ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: 'a1b2c3d4e5f6a7b8' });
  expect(errorText(new Error('bad a1b2c3d4e5f6a7b8'))).toBe('bad [redacted]');
});

test('.env adds what is not set, and never changes what is', () => {
  const path = join(dir, '.env');
  writeFileSync(path, '# comment\nA=1\nexport B="two words"\nC=3\nD=\n');
  expect(withDotEnv({ A: 'mine', C: '' }, path)).toEqual({ A: 'mine', B: 'two words', C: '', D: '' });
  expect(withDotEnv({ A: 'mine' }, join(dir, 'none'))).toEqual({ A: 'mine' });
});

test('a line of .env without "=" is named, and what it says is not shown', () => {
  const path = join(dir, 'dropped');
  const lines = [
    'SLACK_BOT_TOKEN xoxb-HUNTER2',
    'A="two',
    '',
    'lines" # one',
    '  # remark',
    'export PORT: 1',
    'B=',
    'HUNTER2',
  ];
  writeFileSync(path, `${lines.join('\r\n')}\n\n`);
  const faults = [
    { name: `${path} line 1`, text: expect.stringMatching(/^has no "=": write SLACK_BOT_TOKEN=value, /) },
    { name: `${path} line 6`, text: expect.stringContaining('write PORT=value') },
    { name: `${path} line 8`, text: expect.stringContaining('write NAME=value') },
  ];
  expect(() => withDotEnv({}, path)).toThrow(expect.objectContaining({ faults }));
  expect(() => withDotEnv({}, path)).not.toThrow(/HUNTER2/);
});

test('an .env that cannot be read is said, not skipped', () => {
  expect(() => withDotEnv({}, dir)).toThrow(/cannot be read \(EISDIR\)/);
  const path = join(dir, 'locked');
  writeFileSync(path, 'A=1');
  chmodSync(path, 0o000);
  // Root reads everything.
  if (process.getuid?.() !== 0) expect(() => withDotEnv({}, path)).toThrow(/EACCES/);
});

test('the commit of a CI run is what its system says; an empty variable says nothing', () => {
  expect(ciCommit({ GITHUB_SHA: ' ', CI_COMMIT_SHA: 'abc1234' })).toEqual({ name: 'CI_COMMIT_SHA', value: 'abc1234' });
  expect(ciCommit({ SHA: 'abc1234' })).toBeUndefined();
});

test('.env.example names every variable that is read, and no other', () => {
  const names = readFileSync('.env.example', 'utf8').match(/^[A-Z_]+(?==)/gm);
  const read = readFileSync('src/env.ts', 'utf8').match(/^ {2}[A-Z_]+(?=:)/gm);
  expect(names?.sort()).toEqual([...new Set(read?.map((name) => name.trim().replace(':', '')))].sort());
});

test('a GitHub token is enough to ask GitHub, and is kept out of error texts', () => {
  const secret = 'a-token-of-no-known-shape';
  expect(loadEnv({ ...good, GITHUB_TOKEN: secret }).github).toEqual({
    token: secret,
    apiUrl: 'https://api.github.com',
  });
  expect(errorText(new Error(`it said ${secret}`))).toBe('it said [redacted]');
  expect(faultsOf({ ...good, GITHUB_TOKEN: 'a b' }).GITHUB_TOKEN).toMatch(/^is no token of GitHub/);
});

test('Google Sheets: a spreadsheet by its address or id, and the path of a key file', () => {
  const SHEETS_SPREADSHEET_ID = 'https://docs.google.com/spreadsheets/d/1AbCdEfGh/edit#gid=0';
  const source = { ...good, SHEETS_SPREADSHEET_ID, GOOGLE_APPLICATION_CREDENTIALS: 'key.json' };
  expect(loadEnv(source).sheets).toEqual({ spreadsheet: '1AbCdEfGh', credentials: resolve('key.json') });
  expect(loadEnv({ ...good, SHEETS_API_URL: 'http://127.0.0.1:8080/' }).sheets).toEqual({
    apiUrl: 'http://127.0.0.1:8080/',
  });
  expect(faultsOf({ ...good, SHEETS_SPREADSHEET_ID: 'my sheet' })).toEqual({
    SHEETS_SPREADSHEET_ID: expect.stringContaining('copy its address'),
  });
});
