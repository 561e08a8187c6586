// Keeps the sheets, or the workbook in their place, as the database is (R20).
import { sql } from 'drizzle-orm';
import type { Logger } from '../../base/log.ts';
import { fundsOf, type Policy } from '../../base/policy.ts';
import { type Cell, type Sheets, SheetsError, type WorkbookTab } from '../../base/sheets.ts';
import type { Db } from '../../db/client.ts';
import { addJob } from '../../db/outbox.ts';
import { patternOf } from './layout.ts';
import { alone, loadTabs, saveTabs } from './memory.ts';
import { accessNotice, noticesOf, tell } from './notices.ts';
import { sourcesOf } from './store.ts';
import { type Source, syncSpreadsheet } from './sync.ts';
import type { TabOutcome } from './types.ts';

export interface SheetsDeps {
  db: Db;
  policy: Policy;
  log: Logger;
  /** Google Sheets, and the spreadsheet of tabs that the policy gives none of their own. Undefined: no Google. */
  google: { sheets: Sheets; spreadsheet: string | undefined } | undefined;
  /** Waits before an attempt after the first, longer each time. */
  pause(attempt: number): Promise<void>;
  /** Writes the workbook whole, while a tab has no spreadsheet; not again when nothing changed. */
  writeWorkbook(tabs: WorkbookTab[]): Promise<void>;
  /** Has another process sync, for a workbook of which writing would keep this one from its users. Undefined: it is written here. */
  elsewhere?(): Promise<void>;
}

/** Rows that are written in a moment. */
const BOOK_ROWS = 5_000;

const AGAIN_MS = 5_000;

/**
 * Syncs all tabs. A spreadsheet that cannot be got at is told to the admins, once, and left for the next sweep.
 * @param sweep also finds and undoes what people changed in the bot's cells @returns what became of each tab, or undefined while another
 * sync is under way, after which it is done again
 * @throws SheetsError while Google has trouble: the queue tries again
 */
export async function keepSheets(deps: SheetsDeps, sweep: boolean): Promise<TabOutcome[] | undefined> {
  const outcomes: TabOutcome[] = [];
  const { groups, rest } = placesOf(deps);
  const big = rest && deps.elsewhere !== undefined && (await isBig(deps.db));
  const done = await alone(deps.db, async (still) => {
    const failed: unknown[] = [];
    for (const [spreadsheet, sources] of groups)
      await keepOne(deps, spreadsheet, sources, sweep, still).then(
        (tabs) => outcomes.push(...tabs),
        (err) => failed.push(err),
      );
    if (rest && !big) await writeBook(deps);
    // One spreadsheet that Google has trouble with does not hold up the others.
    if (failed.length) throw failed[0];
  });
  // Minutes of work are done by sweeps alone, not after every change.
  if (done && big && sweep) await deps.elsewhere?.();
  if (done) return outcomes;
  const at = new Date(Date.now() + AGAIN_MS);
  await addJob(deps.db, 'sheets', { sweep }, { key: sweep ? 'sheets:sweep' : 'sheets', at });
  return undefined;
}

async function isBig(db: Db): Promise<boolean> {
  const { rows } = await db.execute<{ n: string }>(sql`
    select (select count(*) from (select 1 from releases limit ${BOOK_ROWS}) r)
      + (select count(*) from (select 1 from postings limit ${BOOK_ROWS}) p) as n`);
  return Number(rows[0]?.n) >= BOOK_ROWS;
}

/** The tabs by the spreadsheet they are in; `rest` says that some are in none. */
export function placesOf(deps: Pick<SheetsDeps, 'db' | 'policy' | 'google'>): {
  groups: Map<string, Source[]>;
  rest: boolean;
} {
  const { policy, google } = deps;
  const groups = new Map<string, Source[]>();
  let rest = false;
  for (const source of sourcesOf(deps.db, { funds: fundsOf(policy), zone: policy.team.zone })) {
    const own = policy.sheets?.[source.tab.key];
    const spreadsheet = google && (own ?? google.spreadsheet);
    if (spreadsheet === undefined) rest = true;
    else groups.set(spreadsheet, [...(groups.get(spreadsheet) ?? []), source]);
  }
  return { groups, rest };
}

/** The same that writes only while `still` does not throw: after a crash of PostgreSQL another sync may have begun. */
function onlyWhile(still: () => Promise<void>, sheets: Sheets): Sheets {
  return {
    ...sheets,
    write: async (...given) => {
      await still();
      await sheets.write(...given);
    },
    append: async (...given) => {
      await still();
      await sheets.append(...given);
    },
    change: async (...given) => {
      await still();
      await sheets.change(...given);
    },
  };
}

async function keepOne(
  deps: SheetsDeps,
  spreadsheet: string,
  sources: Source[],
  sweep: boolean,
  still: () => Promise<void>,
): Promise<TabOutcome[]> {
  const { db, log, policy, google, pause } = deps;
  const { admins } = policy.workspace.channels;
  const known = await loadTabs(db, spreadsheet);
  if (!google) return [];
  const sheets = onlyWhile(still, google.sheets);
  try {
    const synced = await syncSpreadsheet({ sheets, log, pause }, spreadsheet, sources, known, sweep);
    await tell(
      db,
      admins,
      spreadsheet,
      noticesOf(
        synced,
        sources.map(({ tab }) => tab),
      ),
    );
    return synced.tabs;
  } catch (err) {
    if (!(err instanceof SheetsError) || (err.kind !== 'access' && err.kind !== 'invalid')) throw err;
    log.error({ err, spreadsheet }, 'the spreadsheet cannot be kept up to date');
    await tell(db, admins, spreadsheet, [accessNotice(err, spreadsheet, await sheets.account())]);
    return [];
  } finally {
    await saveTabs(db, spreadsheet, known);
  }
}

/** All three tabs into the workbook. */
async function writeBook({ db, policy, writeWorkbook }: SheetsDeps): Promise<void> {
  const tabs = [];
  for (const { tab, pages } of sourcesOf(db, { funds: fundsOf(policy), zone: policy.team.zone })) {
    const rows: Cell[][] = [];
    for await (const page of pages()) for (const { id, cells } of page) rows.push([id, ...cells]);
    // The mark is for finding rows that people move; nobody looks for rows in a file that is written whole.
    const columns = tab.columns.slice(0, -1).map((column) => ({ title: column.title, format: patternOf(column) }));
    tabs.push({ title: tab.title, columns, rows });
  }
  await writeWorkbook(tabs);
}
