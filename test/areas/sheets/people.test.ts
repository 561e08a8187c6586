// R20 against people: whatever they do to the tabs between any two calls, and whatever Google answers, the bot's columns end as
// the database is, theirs stay beside their ids, and nothing is there twice.
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { MARK_TITLE, ORPHAN, printOf, TWIN } from '../../../src/areas/sheets/rules.ts';
import { type Source, syncSpreadsheet } from '../../../src/areas/sheets/sync.ts';
import type { Row, Tab, TabKey } from '../../../src/areas/sheets/types.ts';
import type { Cell, Sheets } from '../../../src/base/sheets.ts';
import { makeSheets } from '../../../src/gateways/sheets.ts';
import { keptLog } from '../../support/quiet.ts';
import {
  deleteRow,
  type FakeSheets,
  type FakeTab,
  type Fault,
  fakeSheets,
  insertColumns,
  put,
  sortTab,
} from '../../support/sheets.ts';

/** 10 rounds each: `FC_RUNS=100` is the thousand of them. */
const RUNS = Number(process.env.FC_RUNS ?? 15);
const ROUNDS = 10;
const FAULTS: Fault[] = ['limit', 'error', 'lost', 'cut', 'late'];

const tabOf = (key: TabKey, title: string, prefix: string): Tab => ({
  key,
  title,
  ids: new RegExp(`^${prefix}-\\d+$`),
  columns: [`${prefix} id`, 'Name', 'Amount', 'Exact', MARK_TITLE].map((t) => ({
    title: t,
    look: t === 'Amount' ? 'amount' : 'text',
  })),
});
const TABS = [tabOf('funds', 'Test Funds', 'FR'), tabOf('ledger', 'Ledger', 'TX')];
const WIDTH = 5;
const TEXTS = ['=IMPORTXML("http://x","//a")', '+1', "'quoted", '🚀 شكرا', '', 'plain', '007', 'a\nb', 'TRUE', '1e5'];

const fakes: FakeSheets[] = [];
afterAll(() => Promise.all(fakes.map((fake) => fake.stop())));

type World = {
  fake: FakeSheets;
  sheets: Sheets;
  rows: Map<TabKey, Map<string, Cell[]>>;
  known: Map<TabKey, number>;
  next: number;
};
type Draw = (max: number) => number;

async function world(): Promise<World> {
  const fake = await fakeSheets();
  fakes.push(fake);
  const sheets = await makeSheets({ log: keptLog().log, apiUrl: fake.url, firstPauseMs: 1, timeoutMs: 5_000 });
  return { fake, sheets, rows: new Map(TABS.map((t) => [t.key, new Map()])), known: new Map(), next: 1 };
}

function sourcesOf(w: World): Source[] {
  return TABS.map((tab) => ({
    tab,
    pages: async function* () {
      yield [...(w.rows.get(tab.key) ?? [])].map(([id, cells]): Row => ({ id, cells }));
    },
  }));
}

const sync = (w: World, sweep: boolean) =>
  syncSpreadsheet(
    { sheets: w.sheets, log: keptLog().log, pause: async () => {} },
    w.fake.id,
    sourcesOf(w),
    w.known,
    sweep,
  );

/** The database changes: a row is added, changed, or, rarely, not there any more. */
function databaseChanges(w: World, draw: Draw): void {
  for (const tab of TABS) {
    const rows = w.rows.get(tab.key) as Map<string, Cell[]>;
    const cells = (): Cell[] => [
      TEXTS[draw(TEXTS.length)] || null,
      draw(3) ? draw(1000) / 7 : null,
      `${draw(1e9)}${draw(1e9)}`,
    ];
    for (let n = draw(4); n > 0; n--) rows.set(`${tab.key === 'funds' ? 'FR' : 'TX'}-${w.next++}`, cells());
    const ids = [...rows.keys()];
    for (let n = draw(3); n > 0 && ids.length; n--) rows.set(ids[draw(ids.length)] as string, cells());
    if (draw(15) === 0 && ids.length) rows.delete(ids[draw(ids.length)] as string);
  }
}

/** What one person does to one tab. @returns true for what only a sweep finds */
function personActs(tab: FakeTab, draw: Draw): boolean {
  const last = tab.grid.length - 1;
  const row = 1 + draw(Math.max(1, last));
  const cells = tab.grid[row];
  const id = String(cells?.[0] ?? '');
  switch (draw(10)) {
    case 0:
    case 1:
    case 2:
      sortTab(tab, draw(WIDTH + 2), draw(2) === 0);
      return false;
    case 3:
      insertColumns(tab, WIDTH + draw(2), 1);
      return false;
    case 4:
      if (cells && id !== '') put(tab, row, WIDTH + draw(2), `of ${id}`);
      return false;
    case 5:
      if (last > 1) deleteRow(tab, row);
      return false;
    case 6:
      if (cells) put(tab, row, 1 + draw(WIDTH - 1), ['oops', 5, '', '=A1'][draw(4)] as string);
      return true;
    case 7:
      // A row of their own, with a blank one before it.
      put(tab, tab.grid.length + 1, 0, 'Total');
      put(tab, tab.grid.length - 1, WIDTH, 'of Total');
      return false;
    case 8:
      // A copy of a row, with all that stands in it.
      if (cells && id !== '') tab.grid.push([...cells]);
      tab.rows = Math.max(tab.rows, tab.grid.length);
      return false;
    default:
      // The id is erased or overwritten, so what stood beside it belongs to nothing any more.
      if (cells && id !== '' && id !== 'Total')
        tab.grid[row] = [['', 'FR-999999', 'mine'][draw(3)] as string, ...cells.slice(1, WIDTH)];
      return false;
  }
}

/** The tab that is kept for one of ours, whatever it is named. */
function tabNow(w: World, tab: Tab): FakeTab {
  const found = w.fake.tabs.find((t) => t.sheetId === w.known.get(tab.key));
  if (!found) throw new Error(`no tab ${tab.title}`);
  return found;
}

/** Tabs get each other's names, or one gets another. */
function renamed(w: World, draw: Draw): void {
  const [a, b] = TABS.map((tab) => tabNow(w, tab)) as [FakeTab, FakeTab];
  if (draw(3)) [a.title, b.title] = [b.title, a.title];
  else a.title = `Old ${w.next++}`;
}

function check(w: World): void {
  for (const tab of TABS) {
    const { grid } = tabNow(w, tab);
    const should = w.rows.get(tab.key) as Map<string, Cell[]>;
    expect(grid[0]?.slice(0, WIDTH)).toEqual(tab.columns.map((column) => column.title));
    const seen = new Set<string>();
    grid.slice(1).forEach((cells) => {
      const id = String(cells[0] ?? '');
      for (const note of cells.slice(WIDTH)) if (note !== '' && note !== undefined) expect(note).toBe(`of ${id}`);
      const mark = String(cells[WIDTH - 1] ?? '');
      if (mark === ORPHAN || mark === TWIN) return;
      const own = should.get(id);
      if (!own) {
        // Nothing of the bot's is left over without a mark.
        expect([id, mark]).toEqual([id, mark === printOf(id, []) ? '' : mark]);
        expect(tab.ids.test(id) || /^[0-9a-z]{8}$/.test(mark), `${id} ${mark}`).toBe(false);
        return;
      }
      expect(seen.has(id), `${id} is there twice`).toBe(false);
      seen.add(id);
      const there = Array.from({ length: WIDTH }, (_, i) => cells[i] ?? '');
      expect(there).toEqual([id, ...own.map((cell) => cell ?? ''), printOf(id, own)]);
    });
    expect([...seen].sort()).toEqual([...should.keys()].sort());
  }
}

test(
  'R20: the sheets end as the database is, whatever people and Google do between any two calls',
  async () => {
    const property = fc.asyncProperty(fc.infiniteStream(fc.nat()), async (stream) => {
      const draw: Draw = (max) => (stream.next().value as number) % max;
      const w = await world();
      await sync(w, false);
      check(w);
      for (let round = 0; round < ROUNDS; round++) {
        databaseChanges(w, draw);
        let busy = draw(8);
        let edited = false;
        w.fake.before = () => {
          if (busy-- <= 0) return undefined;
          if (draw(12) === 0) renamed(w, draw);
          for (let n = draw(3); n > 0; n--) {
            const tab = tabNow(w, TABS[draw(2)] as Tab);
            edited = personActs(tab, draw) || edited;
          }
          return draw(4) === 0 ? FAULTS[draw(FAULTS.length)] : undefined;
        };
        await sync(w, draw(3) === 0);
        w.fake.before = () => undefined;
        // Cells that people changed are found by the sweep that comes every 15 minutes.
        if (edited) await sync(w, true);
        check(w);
      }
      await w.fake.stop();
    });
    await fc.assert(property, { numRuns: RUNS });
  },
  RUNS * 10_000,
);
