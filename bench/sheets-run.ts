// One sync of the ledger, or one changed row of it, by us or by google-spreadsheet, in a process of its own: prints what it took.
// Arguments: who, database URL, address of the sheets, spreadsheet, address of the server's controls.
import { setTimeout as wait } from 'node:timers/promises';
import { GoogleSpreadsheet } from 'google-spreadsheet';
import { whole } from '../src/areas/sheets/rules.ts';
import { sourcesOf } from '../src/areas/sheets/store.ts';
import { syncSpreadsheet } from '../src/areas/sheets/sync.ts';
import type { TabKey } from '../src/areas/sheets/types.ts';
import { makeLog } from '../src/base/log.ts';
import { DEFAULT_FUNDS } from '../src/base/policy.ts';
import type { Cell } from '../src/base/sheets.ts';
import { openDb } from '../src/db/client.ts';
import { makeSheets } from '../src/gateways/sheets.ts';
import { residentMb } from './measure.ts';
import type { Took } from './sheets.ts';

const [who, database = '', url = '', spreadsheet = '', control = ''] = process.argv.slice(2);
/** Rows in one request of the library's: what makes about 2 MB. */
const CHUNK = 8_000;

const { db, close } = openDb(database, { log: () => {}, max: 2 });
const sources = sourcesOf(db, { funds: DEFAULT_FUNDS, zone: 'Europe/Berlin' }).filter(
  ({ tab }) => tab.key === 'ledger',
);
const counts = async (path: string) =>
  (await (await fetch(`${control}/${path}`)).json()) as { calls: number; bytes: number };

/** Both read the ledger once before anything is measured: a process that has just started has no heap yet, and that is not what a sync costs. */
async function warmUp(): Promise<void> {
  for (const { pages } of sources) for await (const page of pages()) page.map(whole);
}

/** V8 gives back to the system what it has collected a little later: what is given back meanwhile would make the work look cheaper than it is. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) {
    global.gc?.();
    await wait(100);
  }
}

async function measured(path: string, work: () => Promise<void>): Promise<Took> {
  await counts(path);
  await settle();
  const before = residentMb(process.pid);
  let peak = before;
  const watching = setInterval(() => {
    peak = Math.max(peak, residentMb(process.pid));
  }, 10);
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1000;
  clearInterval(watching);
  return { ...(await counts('counts')), seconds, extraMb: peak - before };
}

async function ours(): Promise<{ full: Took; one: Took }> {
  const log = makeLog('silent');
  const sheets = await makeSheets({ log, apiUrl: url });
  await sheets.tabs(spreadsheet);
  await warmUp();
  const known = new Map<TabKey, number>();
  const sync = async () =>
    void (await syncSpreadsheet({ sheets, log, pause: async () => {} }, spreadsheet, sources, known, false));
  return { full: await measured('counts', sync), one: await measured('touch', sync) };
}

async function theirs(): Promise<{ full: Took; one: Took }> {
  const doc = new GoogleSpreadsheet(spreadsheet, { apiKey: 'none' });
  doc.sheetsApi.defaults.baseURL = `${url}v4/spreadsheets/${spreadsheet}`;
  await doc.loadInfo();
  await warmUp();
  const tab = doc.sheetsByTitle.Ledger;
  if (!tab) throw new Error('there is no Ledger');
  const full = await measured('counts', async () => {
    let rows: Cell[][] = [];
    const send = async () => {
      await tab.addRows(rows as string[][], { raw: true, insert: true });
      rows = [];
    };
    for (const { pages } of sources)
      for await (const page of pages()) for (const row of page) if (rows.push(whole(row)) === CHUNK) await send();
    if (rows.length) await send();
  });
  const one = await measured('touch', async () => {
    const rows = await tab.getRows();
    const row = rows.find((r) => r.get('Posting') === 'TX-25000/1');
    row?.set('Note', 'changed');
    await row?.save({ raw: true });
  });
  return { full, one };
}

console.log(JSON.stringify(await (who === 'ours' ? ours() : theirs())));
await close();
