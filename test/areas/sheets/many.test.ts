import { afterEach, beforeEach, expect, test } from 'vitest';
import { MARK_TITLE } from '../../../src/areas/sheets/rules.ts';
import { type Source, syncSpreadsheet } from '../../../src/areas/sheets/sync.ts';
import type { Row, Tab, TabKey } from '../../../src/areas/sheets/types.ts';
import { makeSheets } from '../../../src/gateways/sheets.ts';
import { keptLog } from '../../support/quiet.ts';
import { type FakeSheets, type Fault, fakeSheets, put, sortTab } from '../../support/sheets.ts';

const TAB: Tab = {
  key: 'ledger',
  title: "Ledger's",
  ids: /^TX-\d+$/,
  columns: ['Id', 'Text', MARK_TITLE].map((title) => ({ title, look: 'text' })),
};
const COUNT = 25_000;
const text = (i: number, what: string) => `${what} ${i} 🚀 `.padEnd(300, 'x');

let fake: FakeSheets;
const known = new Map<TabKey, number>();
beforeEach(async () => {
  fake = await fakeSheets();
  known.clear();
});
afterEach(() => fake.stop());

async function sync(what: string, sweep: boolean) {
  const source: Source = {
    tab: TAB,
    pages: async function* () {
      for (let from = 0; from < COUNT; from += 1_000)
        yield Array.from({ length: 1_000 }, (_, i): Row => ({ id: `TX-${from + i}`, cells: [text(from + i, what)] }));
    },
  };
  const sheets = await makeSheets({ log: keptLog().log, apiUrl: fake.url, firstPauseMs: 1 });
  return syncSpreadsheet({ sheets, log: keptLog().log, pause: async () => {} }, fake.id, [source], known, sweep);
}

function check(what: string): void {
  const { grid } = fake.tab(TAB.title);
  const ids = new Set<unknown>();
  for (const [id, cell] of grid.slice(1)) {
    ids.add(id);
    if (cell !== text(Number(String(id).slice(3)), what)) throw new Error(`${id}: ${cell}`);
  }
  expect([grid.length, ids.size]).toEqual([COUNT + 1, COUNT]);
}

test('R20: many rows go out 2 MB at a time; an answer that is lost in between doubles none, a person who sorts mixes none up', async () => {
  const faults: (Fault | undefined)[] = [undefined, 'lost', undefined, 'late', 'cut'];
  fake.before = (call) => {
    if (call.what === 'read') sortTab(fake.tab(TAB.title), 0, call.n % 2 === 0);
    return call.what === 'append' ? faults.shift() : undefined;
  };
  await sync('new', false);
  check('new');
  for (const call of fake.calls) expect(call.bytes).toBeLessThan(2.1e6);
  expect(fake.calls.filter((call) => call.what === 'append').length).toBeGreaterThan(3);
});

test('R20: so do many changed rows; a sweep reads them 20,000 at a time, and finds the one that was edited', async () => {
  await sync('new', false);
  fake.calls.length = 0;
  let sorted = false;
  fake.before = (call) => {
    if (call.what === 'write' && !sorted) sortTab(fake.tab(TAB.title), 0, true);
    sorted ||= call.what === 'write';
    return undefined;
  };
  await sync('changed', false);
  check('changed');
  for (const call of fake.calls) expect(call.bytes).toBeLessThan(2.1e6);
  put(fake.tab(TAB.title), 24_000, 1, 'edited');
  const id = String(fake.tab(TAB.title).grid[24_000]?.[0]);
  fake.calls.length = 0;
  const { tabs } = await sync('changed', true);
  expect(tabs[0]?.restored).toEqual([id]);
  expect(fake.calls.map((call) => call.what)).toEqual(['get', 'read', 'read', 'write', 'read']);
  check('changed');
});
