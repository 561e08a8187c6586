import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SheetsError, spreadsheetId } from '../../src/base/sheets.ts';
import { makeSheets, pauseMs, sheetsError } from '../../src/gateways/sheets.ts';
import { keptLog } from '../support/quiet.ts';
import { type FakeSheets, type Fault, fakeSheets, put } from '../support/sheets.ts';

interface Filtered {
  valueRange: object;
  dataFilters: { gridRange: object }[];
}

let fake: FakeSheets;
beforeEach(async () => {
  fake = await fakeSheets();
  return () => fake.stop();
});

const make = (over: { timeoutMs?: number } = {}) =>
  makeSheets({ log: keptLog().log, apiUrl: fake.url, firstPauseMs: 1, timeoutMs: 2_000, ...over });

function failing(times: number, fault: Fault): void {
  fake.before = (call) => (call.n <= times ? fault : undefined);
}

test.each(['limit', 'error', 'cut', 'late', 'lost'] as const)('reading is tried again after %s', async (fault) => {
  const sheets = await make();
  put(fake.tab('Sheet1'), 1, 0, '=1+1');
  put(fake.tab('Sheet1'), 1, 1, 1e-18);
  failing(4, fault);
  const one = { sheetId: 0, startRowIndex: 1, endRowIndex: 2, startColumnIndex: 0, endColumnIndex: 2 };
  fake.tab('Sheet1').title = "Ola's";
  expect(await sheets.read(fake.id, [one, { sheetId: 0, startRowIndex: 0, endRowIndex: 1 }])).toEqual([
    { title: "Ola's", columns: [['=1+1'], [1e-18]] },
    { title: "Ola's", columns: [] },
  ]);
  expect(fake.calls).toHaveLength(5);
});

test('R20: an area that is missing in the answer is no other one: it is asked for again, and then given up', async () => {
  const sheets = await make();
  put(fake.tab('Sheet1'), 0, 0, 'head');
  put(fake.tab('Sheet1'), 1, 0, 'body');
  const rows = [0, 1].map((row) => ({ sheetId: 0, startRowIndex: row, endRowIndex: row + 1 }));
  const read = async () => (await sheets.read(fake.id, rows)).map(({ columns }) => columns);
  // Its answers come the other way round.
  fake.answers = ({ valueRanges: [second, first] }) => ({
    valueRanges: fake.calls.length > 1 ? [second, first] : [second],
  });
  expect(await read()).toEqual([[['head']], [['body']]]);
  expect(fake.calls).toHaveLength(2);
  // Without a word of what they were asked for by, they are in the order of the question.
  fake.answers = ({ valueRanges: [second, first] }) => ({
    valueRanges: [first, second].map(({ valueRange }) => ({ valueRange })),
  });
  expect(await read()).toEqual([[['head']], [['body']]]);
  fake.answers = () => ({});
  await expect(read()).rejects.toMatchObject({ kind: 'doubtful' });
});

test('R20: an area is known by the bounds it was asked for by, though the answer fills in those that were left open', async () => {
  const sheets = await make();
  for (const [row, at] of [
    [0, 0],
    [1, 0],
    [1, 2],
  ] as const)
    put(fake.tab('Sheet1'), row, at, `${row} ${at}`);
  const column = (at: number) => ({ sheetId: 0, startRowIndex: 1, startColumnIndex: at, endColumnIndex: at + 1 });
  const asked = [{ sheetId: 0, startRowIndex: 0, endRowIndex: 1 }, column(0), column(2)];
  const read = async () => (await sheets.read(fake.id, asked)).map(({ columns }) => columns);
  const whole = { sheetId: 0, startRowIndex: 0, endRowIndex: 1000, startColumnIndex: 0, endColumnIndex: 26 };
  const filled = ({ valueRange, dataFilters: [f] }: Filtered) => ({
    valueRange,
    dataFilters: [{ gridRange: { ...whole, ...f?.gridRange } }],
  });
  fake.answers = ({ valueRanges }) => ({ valueRanges: valueRanges.map(filled) });
  expect(await read()).toEqual([[['0 0']], [['1 0']], [['1 2']]]);
  expect(fake.calls).toHaveLength(1);
  // What is missing is no other one all the same: they come the other way round, so the header is the last.
  fake.answers = ({ valueRanges }) => ({ valueRanges: valueRanges.slice(0, 2).map(filled) });
  await expect(read()).rejects.toMatchObject({ kind: 'doubtful' });
});

test('reading is given up after five times', async () => {
  const sheets = await make();
  failing(99, 'limit');
  await expect(sheets.tabs(fake.id)).rejects.toMatchObject({ kind: 'limited', status: 429 });
  expect(fake.calls).toHaveLength(5);
});

test.each([400, 401, 403, 404])('nothing is tried again after %i', async (status) => {
  const sheets = await make();
  failing(99, status);
  await expect(sheets.tabs(fake.id)).rejects.toMatchObject({ status, kind: status === 400 ? 'invalid' : 'access' });
  expect(fake.calls).toHaveLength(1);
});

test.each(['limit', 'error', 'cut', 'late', 'lost'] as const)(
  'writing is never repeated without looking: after %s',
  async (fault) => {
    const sheets = await make();
    failing(99, fault);
    const kind = fault === 'limit' ? 'limited' : 'doubtful';
    await expect(sheets.write(fake.id, [{ sheetId: 0, row: 1, column: 0, rows: [['x']] }])).rejects.toMatchObject({
      kind,
    });
    await expect(sheets.append(fake.id, 'Sheet1', Buffer.from('[["x"]]'))).rejects.toMatchObject({ kind });
    await expect(sheets.change(fake.id, [])).rejects.toMatchObject({ kind });
    expect(fake.calls).toHaveLength(3);
  },
);

test('text stays text, and null leaves a cell as it is', async () => {
  const sheets = await make();
  put(fake.tab('Sheet1'), 1, 1, 'kept');
  await sheets.write(fake.id, [{ sheetId: 0, row: 1, column: 0, rows: [['=A1', null, 5]] }]);
  await sheets.append(fake.id, 'Sheet1', Buffer.from('[["+1","",0.5]]'));
  expect(fake.tab('Sheet1').grid.slice(1)).toEqual([
    ['=A1', 'kept', 5],
    ['+1', '', 0.5],
  ]);
});

test('an answer that takes too long is doubtful', async () => {
  const sheets = await makeSheets({ log: keptLog().log, apiUrl: 'http://127.0.0.1:9/', firstPauseMs: 1 });
  await expect(sheets.write('x', [])).rejects.toMatchObject({ kind: 'doubtful', status: 0 });
});

test('while the bot stops nothing is waited for: neither an answer nor a pause', async () => {
  const stopping = new AbortController();
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const apiUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
  const never = await makeSheets({ log: keptLog().log, apiUrl, stopping: stopping.signal });
  const paused = await makeSheets({
    ...{ log: keptLog().log, apiUrl: 'http://127.0.0.1:9/', firstPauseMs: 60_000, stopping: stopping.signal },
  });
  const asked = once(silent, 'request');
  const both = Promise.allSettled([never.tabs('x'), paused.tabs('x')]);
  await asked;
  stopping.abort();
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  silent.closeAllConnections();
  silent.close();
});

test('the bot may stop at any moment of a read: before it is sent, while it is sent, while its answer comes', async () => {
  const area = { sheetId: 0, startRowIndex: 0, endRowIndex: 1 };
  const turns = [...Array(12).keys()];
  // An error that nobody hears would end the process, and does end this test.
  const ends = await Promise.all(
    turns.map(async (turn) => {
      const stopping = new AbortController();
      const sheets = await makeSheets({ log: keptLog().log, apiUrl: fake.url, stopping: stopping.signal });
      const read = sheets.read(fake.id, [area]).catch((err: unknown) => err);
      for (let i = 0; i < turn; i++) await new Promise(setImmediate);
      stopping.abort();
      return read;
    }),
  );
  expect(ends[0]).toBeInstanceOf(SheetsError);
  expect(await (await make()).read(fake.id, [area])).toHaveLength(1);
});

test('pauses double up to 32 s, half of it by chance', () => {
  for (const [attempt, full] of [
    [1, 1_000],
    [2, 2_000],
    [6, 32_000],
    [20, 32_000],
  ] as const) {
    const ms = pauseMs(attempt);
    expect(ms).toBeGreaterThanOrEqual(full / 2);
    expect(ms).toBeLessThanOrEqual(full);
  }
});

let dir: string | undefined;
afterEach(async () => {
  if (dir) await rm(dir, { recursive: true });
  dir = undefined;
});

test('a key file that is not there, or is none, is a matter of access, told without what is in it', async () => {
  dir = await mkdtemp(join(tmpdir(), 'shipshape-key-'));
  const broken = join(dir, 'broken.json');
  await writeFile(
    broken,
    JSON.stringify({ type: 'service_account', client_email: 'bot@x.example', private_key: 'no-key-at-all' }),
  );
  for (const credentials of [join(dir, 'none.json'), broken]) {
    // An address that is not this machine asks for a login before anything is sent.
    const sheets = await makeSheets({
      log: keptLog().log,
      apiUrl: 'http://sheets.invalid/',
      credentials,
      firstPauseMs: 1,
    });
    const err = await sheets.tabs('x').catch((e: unknown) => e);
    expect(err).toBeInstanceOf(SheetsError);
    expect(err).toMatchObject({ kind: 'access' });
    expect(String(err)).not.toContain('no-key-at-all');
    expect(await sheets.account()).toBe(credentials === broken ? 'bot@x.example' : undefined);
  }
  expect(sheetsError({ response: { status: 400, data: { error: 'invalid_grant' } } })).toMatchObject({
    kind: 'access',
  });
});

test('a spreadsheet is named by its id or its address', () => {
  expect(spreadsheetId('https://docs.google.com/spreadsheets/d/1AbC-d_e/edit#gid=0')).toBe('1AbC-d_e');
  expect(spreadsheetId(' 1AbC-d_e9 ')).toBe('1AbC-d_e9');
  expect(spreadsheetId('short')).toBeUndefined();
  expect(spreadsheetId('https://example.com/x')).toBeUndefined();
});
