// R20: brings the tabs of one spreadsheet up to date, while people sort and edit them.
import type { Logger } from '../../base/log.ts';
import { type Change, type Sheets, SheetsError, type TabInfo } from '../../base/sheets.ts';
import { addTab, resizeTab, widenTab, writeHeader, writeTitles } from './layout.ts';
import { type Found, readAll, readMarks } from './reading.ts';
import { belowOf, indexOf, leftovers, planHeader, planRow, whole } from './rules.ts';
import { goneNotice, headerNotice, misnamedNotice } from './tab-notices.ts';
import type { Notice, Row, Tab, TabKey, TabOutcome } from './types.ts';
import { makeWriter, type Place, type Writer } from './writer.ts';

/** A tab and the rows that should be in it, a page at a time: there may be very many. */
export interface Source {
  tab: Tab;
  pages(): AsyncIterable<readonly Row[]>;
}

export interface SyncDeps {
  sheets: Sheets;
  log: Logger;
  /** Waits before the next attempt, longer each time. */
  pause(attempt: number): Promise<void>;
}

export interface Synced {
  tabs: TabOutcome[];
  /** What is not as it should be and stays so, or happened: for the admins. */
  notices: Notice[];
}

/** Everything a round of a sync knows. */
interface Sync {
  sheets: Sheets;
  spreadsheet: string;
  sources: readonly Source[];
  known: Map<TabKey, number>;
  notices: Map<string, Notice>;
  outcomes: Map<TabKey, TabOutcome>;
  /** Tabs whose header was not what it should be in the round before, and where that was looked for. */
  doubted: Map<TabKey, string>;
  /** Nothing is looked at again: what is seen is believed at once. */
  once: boolean;
}

/** People would have to sort between every two requests for this long; a rate limit is over by then too. */
const ROUNDS = 8;
const TRIES_INVALID = 4;

/**
 * Reads, plans, writes, and reads again until nothing is left to be done: a row that people moved in between was then written to the wrong
 * place, which shows by its mark, and is put right. No write is repeated without looking first, so a lost answer doubles nothing.
 * @param known the tabs' ids as they were last time; what is found out is put there
 * @param sweep also finds what people changed in the bot's cells
 * @throws SheetsError when Google cannot be reached or does not let us
 */
export async function syncSpreadsheet(
  deps: SyncDeps,
  spreadsheet: string,
  sources: readonly Source[],
  known: Map<TabKey, number>,
  sweep: boolean,
): Promise<Synced> {
  const outcomes = new Map(sources.map(({ tab }) => [tab.key, emptyOutcome(tab.key)]));
  const sync: Sync = {
    sheets: deps.sheets,
    spreadsheet,
    sources,
    known,
    notices: new Map(),
    outcomes,
    doubted: new Map(),
    once: false,
  };
  let deep = sweep;
  let failed: unknown;
  for (let round = 1; round <= ROUNDS; round++) {
    try {
      // Names of tabs are asked for when they matter or when something was not as expected.
      const unsure = failed !== undefined || sync.doubted.size > 0 || sources.some(({ tab }) => !known.has(tab.key));
      const look = deep || round > 2 || unsure;
      const dirty = await runRound(sync, deep, look);
      failed = undefined;
      if (!dirty) return { tabs: [...outcomes.values()], notices: [...sync.notices.values()] };
      // Something moved meanwhile. A restored cell may have gone to another row, and its mark does not tell.
      deep = sweep && round > 1;
    } catch (err) {
      if (!(err instanceof SheetsError) || err.kind === 'access') throw err;
      // Not once more when looking again did not help.
      if (err.kind === 'invalid' && round >= TRIES_INVALID) throw err;
      failed = err;
      deep = sweep;
      deps.log.warn(
        { err, round, spreadsheet },
        'a request to Google Sheets failed: looking again before anything else',
      );
      if (round < ROUNDS) await deps.pause(round);
    }
  }
  throw failed ?? new SheetsError('doubtful', 0, 'the rows of the spreadsheet never stood still');
}

/** What the first round of a sweep would do, without doing it. Throws SheetsError. */
export async function planSpreadsheet(
  sheets: Sheets,
  spreadsheet: string,
  sources: readonly Source[],
  known: Map<TabKey, number>,
): Promise<Synced> {
  const nothing = async () => {};
  const reading = { ...sheets, write: nothing, append: nothing, change: nothing };
  const outcomes = new Map(sources.map(({ tab }) => [tab.key, emptyOutcome(tab.key)]));
  const sync: Sync = {
    sheets: reading,
    spreadsheet,
    sources,
    known: new Map(known),
    notices: new Map(),
    outcomes,
    doubted: new Map(),
    once: true,
  };
  await runRound(sync, true, true);
  return { tabs: [...outcomes.values()], notices: [...sync.notices.values()] };
}

function emptyOutcome(tab: TabKey): TabOutcome {
  return { tab, updated: 0, appended: 0, restored: [], orphans: [] };
}

/** @returns whether anything was written or must be looked at again */
async function runRound(sync: Sync, deep: boolean, look: boolean): Promise<boolean> {
  const { sheets } = sync;
  const { places, fresh } = look ? await findTabs(sync) : remembered(sync);
  const old = places.filter((place) => !fresh.has(place.tab.key));
  const found = deep
    ? await readAll(sheets, sync.spreadsheet, old)
    : old.length
      ? await readMarks(sheets, sync.spreadsheet, old)
      : [];
  const changes: Change[] = [];
  let dirty = false;
  const ready: { place: Place; found: Found }[] = [];
  for (const place of places) {
    let there = found[old.indexOf(place)] ?? NOTHING;
    // Whose the columns of a header that is not as it should be are is told by the rows below: all of them are read, when it is known how many.
    if (look && !deep && !fresh.has(place.tab.key) && planOf(place, there) !== 'fine')
      there = (await readAll(sheets, sync.spreadsheet, [place]))[0] ?? NOTHING;
    if (!fresh.has(place.tab.key) && !sameName(there.title, place.title)) {
      // Somebody renamed it, and another may have its name: that is asked before anything is written.
      sync.doubted.set(place.tab.key, there.title);
      dirty = true;
      continue;
    }
    const plan = fresh.has(place.tab.key) ? 'fine' : planOf(place, there);
    if (typeof plan === 'object' && 'fault' in plan) {
      // Tabs may have got other names a moment ago: it is believed when it is seen twice in the same place.
      const at = `${place.sheetId} ${place.title}`;
      if (sync.once || sync.doubted.get(place.tab.key) === at)
        note(sync, headerNotice(place.tab, plan.fault, there.header));
      else dirty = true;
      sync.doubted.set(place.tab.key, at);
      continue;
    }
    sync.doubted.delete(place.tab.key);
    if (typeof plan === 'object') {
      changes.push(...resizeTab(place.sheetId, plan.at, plan.resize), ...writeHeader(place.tab, place.sheetId));
      dirty = true;
    } else {
      if (plan === 'write') changes.push(...headerOf(place, there));
      ready.push({ place, found: there });
    }
  }
  if (changes.length) await sheets.change(sync.spreadsheet, changes);
  const writer = makeWriter(sheets, sync.spreadsheet);
  for (const { place, found: there } of ready) await planTab(sync, place, there, writer);
  return (await writer.end()) || dirty || changes.length > 0;
}

/** A whole header for a tab with nothing in it; where it was only edited, the titles, and A1 only when it is empty. */
function headerOf({ tab, sheetId }: Place, there: Found): Change[] {
  const first = String(there.header[0] ?? '') === '' ? 0 : 1;
  return there.there.width === 0 ? writeHeader(tab, sheetId) : [writeTitles(tab, sheetId, first)];
}

const planOf = ({ tab }: Place, { header, there }: Found) => planHeader(tab, header, belowOf(tab, there));

/** Google does not tell Ledger from ledger. */
const sameName = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

const NOTHING: Found = { title: '', header: [], there: { ids: [], marks: [] } };

type Tabs = { places: (Place & { rows: number })[]; fresh: Set<TabKey> };

/** The tabs under the ids they had last time, without asking. */
function remembered(sync: Sync): Tabs {
  const places = sync.sources.map(({ tab }) => ({
    tab,
    sheetId: sync.known.get(tab.key) ?? 0,
    title: tab.title,
    rows: 0,
  }));
  return { places, fresh: new Set() };
}

/** Asks which tabs there are; makes those that are missing. */
async function findTabs(sync: Sync): Promise<Tabs> {
  const { sheets } = sync;
  const infos = await sheets.tabs(sync.spreadsheet);
  const changes: Change[] = [];
  const fresh = new Set<TabKey>();
  const found = await Promise.all(sync.sources.map(({ tab }) => tabOf(sync, tab, infos)));
  const places = sync.sources.map(({ tab }, i) => {
    const info = found[i];
    if (info) {
      const lacks = tab.columns.length - info.columns;
      if (lacks > 0) changes.push(widenTab(info.sheetId, lacks));
      sync.known.set(tab.key, info.sheetId);
      return { tab, sheetId: info.sheetId, title: info.title, rows: info.rows };
    }
    const sheetId = 1 + Math.floor(Math.random() * (2 ** 31 - 2));
    const before = sync.known.get(tab.key);
    const now = infos.find((one) => one.sheetId === before);
    if (before !== undefined) note(sync, goneNotice(tab, now));
    changes.push(...addTab(tab, sheetId));
    fresh.add(tab.key);
    return { tab, sheetId, title: tab.title, rows: 0 };
  });
  if (changes.length) await sheets.change(sync.spreadsheet, changes);
  for (const { tab, sheetId } of places) sync.known.set(tab.key, sheetId);
  return { places, fresh };
}

/** The tab of ours: by its name; and where that name is another's by now, the one it was, as long as its header is ours. */
async function tabOf(sync: Sync, tab: Tab, infos: readonly TabInfo[]): Promise<TabInfo | undefined> {
  const named = infos.find(({ title }) => sameName(title, tab.title));
  const before = infos.find(({ sheetId }) => sheetId === sync.known.get(tab.key));
  sync.notices.delete(`misnamed:${tab.key}`);
  if (!named || !before || named === before) return named;
  // By their ids, for names may change meanwhile.
  const heads = await sync.sheets.heads(sync.spreadsheet, [named.sheetId, before.sheetId]);
  const [now, then] = [named, before].map(({ sheetId }) => {
    // Titles that were edited do not make another tab of it.
    const plan = planHeader(tab, heads.get(sheetId) ?? [], { ours: true, width: tab.columns.length });
    return typeof plan === 'string' || 'resize' in plan;
  });
  if (now || !then) return named;
  note(sync, misnamedNotice(tab, before.title));
  return before;
}

async function planTab(sync: Sync, place: Place, found: Found, writer: Writer): Promise<void> {
  const source = sync.sources.find(({ tab }) => tab === place.tab);
  const outcome = sync.outcomes.get(place.tab.key) ?? emptyOutcome(place.tab.key);
  if (!source) return;
  const index = indexOf(place.tab, found.there);
  for await (const page of source.pages()) {
    for (const row of page) {
      const plan = planRow(index, row);
      if (plan === undefined) continue;
      if (plan === 'append') {
        outcome.appended++;
        await writer.append(place, whole(row));
      } else {
        outcome.updated++;
        if (plan.restore && !outcome.restored.includes(row.id)) outcome.restored.push(row.id);
        await writer.update(place, plan);
      }
    }
  }
  const { updates, orphans } = leftovers(index);
  outcome.orphans = orphans;
  for (const update of updates) await writer.update(place, update);
}

function note(sync: Sync, notice: Notice): void {
  sync.notices.set(notice.key, notice);
}
