import { basename } from 'node:path';
// @ts-expect-error It comes without types: see Bar.
import progress from 'cli-progress';
import type { Command } from 'commander';
import type { Deps } from '../areas/funds/deps.ts';
import { compareRows, finishImport, importRow, releaseIds } from '../areas/funds/import.ts';
import { type Checked, checkRows, type ReadyRow } from '../areas/funds/import-check.ts';
import { type ImportMap, parseMap } from '../areas/funds/import-map.ts';
import type { CellFault } from '../areas/funds/import-row.ts';
import { balancesOf } from '../areas/funds/ledger.ts';
import { balances } from '../areas/funds/store.ts';
import type { Posting } from '../areas/funds/types.ts';
import { ShipshapeError } from '../base/errors.ts';
import { showMoney } from '../base/money.ts';
import { fundsOf, type Policy } from '../base/policy.ts';
import { showFaults } from '../base/yaml.ts';
import type { Db } from '../db/client.ts';
import { databaseNow } from '../db/clock.ts';
import { loadLocalEnv } from '../env.ts';
import { loadPolicy } from '../policy.ts';
import { withDatabase } from './database.ts';
import { sameDecimals } from './decimals.ts';
import { bytesOf, readTable } from './import-file.ts';
import { many } from './many.ts';
import { printable } from './printable.ts';

interface Options {
  map: string;
  dryRun?: true;
  skipBad?: true;
}

/** `shipshape import funds FILE --map map.yml`: a tracking sheet that was kept by hand goes into the books (R17). */
export function registerImport(program: Command): void {
  program
    .command('import')
    .description('bring in what was kept elsewhere')
    .command('funds')
    .description('a tracking sheet of test funds into the ledger; a row that was imported before is left as it is')
    .argument('<file>', 'an .xlsx or CSV file')
    .requiredOption('--map <file>', 'which column is what: see docs/import-funds.md')
    .option('--dry-run', 'check everything and say what would be written; write nothing')
    .option('--skip-bad', 'write the rows that are right, though others are not')
    .action((file: string, options: Options) => importFunds(file, options));
}

async function importFunds(file: string, options: Options): Promise<void> {
  const policy = loadPolicy(loadLocalEnv().configPath);
  const map = loadMap(options.map);
  const table = await readTable(file, map);
  await withDatabase(async (db) => {
    await sameDecimals(db, policy, { write: !options.dryRun });
    const now = await databaseNow(db);
    const facts = { funds: fundsOf(policy), zone: policy.team.zone, now, releases: await releaseIds(db) };
    const checked = checkRows(table, map, facts);
    const { fresh, known, untold, faults: against } = await compareRows(db, checked.ready);
    const faults = [...checked.faults, ...against].sort(bySheet);
    for (const fault of faults) console.log(shown(fault));
    const count = summary(checked, fresh.length, known, faults);
    const refused = faults.length > 0 && !options.skipBad;
    if (faults.length) process.exitCode = 1;
    const deps = { db, policy, clock: () => now };
    // A run that was ended between its last row and this: what it wrote is there, whatever becomes of the rest.
    if (untold.length && !options.dryRun) await finishImport(deps, untold, basename(file));
    if (options.dryRun || refused || !fresh.length) {
      console.log(`${count} Nothing was written.${options.dryRun || !refused ? '' : way(checked, faults)}`);
      // What the run would do that is not dry: where it writes nothing it has nothing to say of wallets either.
      if (!refused && fresh.length) for (const line of await overdrawn(db, policy, fresh)) console.log(line);
      return;
    }
    console.log(count);
    await write(deps, fresh, basename(file), options.skipBad === true);
    for (const line of await overdrawn(db, policy)) console.log(line);
  });
}

function loadMap(file: string): ImportMap {
  const read = parseMap(bytesOf(file).toString('utf8'));
  if ('map' in read) return read.map;
  const message = `${file} is no map of a tracking sheet:\n${showFaults(read.faults)}\n`;
  throw new ShipshapeError({ code: 'map', message, next: 'docs/import-funds.md explains each key.' });
}

/** Writes row after row. Without `skipBad` the first that cannot be written ends it; those before it stay, and are known the next time. */
async function write(deps: Deps, rows: readonly ReadyRow[], file: string, skipBad: boolean): Promise<void> {
  const bar = process.stderr.isTTY ? makeBar(rows.length) : undefined;
  const faults: CellFault[] = [];
  const written: ReadyRow[] = [];
  try {
    for (const row of rows) {
      const done = await importRow(deps, row, file);
      if (done === 'written') written.push(row);
      if (typeof done === 'object') faults.push(done);
      if (faults.length && !skipBad) break;
      bar?.increment();
    }
  } finally {
    bar?.stop();
    if (written.length) await finishImport(deps, written, file);
  }
  for (const fault of faults) console.log(shown(fault));
  if (faults.length) process.exitCode = 1;
  const stopped =
    faults.length && !skipBad ? ' It stopped there: run it again when that is settled, it goes on where it ended.' : '';
  console.log(`${many(written.length, 'transaction')} written.${stopped}`);
}

/** What is used of cli-progress. */
interface Bar {
  start(total: number, at: number): void;
  increment(): void;
  stop(): void;
}

function makeBar(total: number): Bar {
  const bar: Bar = new progress.SingleBar(
    { stream: process.stderr, format: '{bar} {value}/{total} rows, {eta_formatted} to go', clearOnComplete: true },
    progress.Presets.shades_classic,
  );
  bar.start(total, 0);
  return bar;
}

function summary({ rows, leftOut }: Checked, fresh: number, known: number, faults: readonly CellFault[]): string {
  const parts = [`${fresh} to write`];
  if (known) parts.push(`${known} imported before`);
  if (leftOut) parts.push(`${leftOut} left out by the map`);
  if (faults.length) parts.push(many(faults.length, 'fault'));
  return `${many(rows, 'row')}: ${parts.join(', ')}.`;
}

/** What to do about faults; where the header is wrong there are no rows that could be left out. */
function way({ rows }: Checked, faults: readonly CellFault[]): string {
  if (!rows) return '';
  return faults.length === 1
    ? ' Correct it, or leave that row out with --skip-bad.'
    : ' Correct them, or leave those rows out with --skip-bad.';
}

/** A sentence may quote a cell. */
const shown = ({ cell, text }: CellFault) => printable(`${cell}: ${text}`);

/** Row by row, and in each from left to right. */
function bySheet(a: CellFault, b: CellFault): number {
  const parts = ({ cell }: CellFault) => /^([A-Z]*)(?:row )?(\d+)$/.exec(cell) ?? ['', '', '0'];
  const [[, la = '', ra], [, lb = '', rb]] = [parts(a), parts(b)];
  return Number(ra) - Number(rb) || la.length - lb.length || (la < lb ? -1 : la > lb ? 1 : 0);
}

/** R17: wallets that are below zero in the books, a sentence each. @param planned rows that a dry run leaves unwritten: as if they were */
async function overdrawn(db: Db, policy: Policy, planned?: readonly ReadyRow[]): Promise<string[]> {
  const { assets } = fundsOf(policy);
  const written = await balances(db);
  const all = planned ? balancesOf([...written, ...planned.flatMap(({ entry }) => entry.postings)]) : written;
  const nameOf = (b: Posting) => `${b.account} ${b.asset}`;
  return all
    .filter((b) => b.account.startsWith('custody:') && b.amount < 0n)
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    .map((b) => {
      const is = planned ? 'would be' : 'is';
      return `${b.account} ${is} at ${showMoney(b.amount, b.asset, assets)} in the books: /funds deposit records what went in.`;
    });
}
