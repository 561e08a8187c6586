import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Command } from 'commander';
import { sql } from 'drizzle-orm';
import { balances } from '../areas/funds/store.ts';
import type { Posting } from '../areas/funds/types.ts';
import { verifyLedger } from '../areas/funds/verify.ts';
import { csvLine } from '../base/csv.ts';
import { ShipshapeError } from '../base/errors.ts';
import { formatAmount, showMoney } from '../base/money.ts';
import { type Asset, fundsOf } from '../base/policy.ts';
import type { Db, Executor } from '../db/client.ts';
import { loadLocalEnv } from '../env.ts';
import { loadPolicy } from '../policy.ts';
import { withDatabase } from './database.ts';
import { sameDecimals } from './decimals.ts';
import { many } from './many.ts';
import { printable } from './printable.ts';

const PAGE = 2000;

/** `shipshape ledger verify|balance|export`: the books of the test funds, checked and read (R17). */
export function registerLedger(program: Command): void {
  const ledger = program.command('ledger').description('the books of the test funds');
  ledger
    .command('verify')
    .description('check every transaction, reversal and request from the ground; exits 1 when something is wrong')
    .action(async () => {
      const { faults, transactions, postings, accounts, assets } = await withDatabase(verifyLedger);
      const counts = `${many(transactions, 'transaction')}, ${many(postings, 'posting')}, ${many(accounts, 'account')}, ${many(assets, 'asset')}.`;
      const said = faults.length ? `The ledger is NOT whole: ${counts}` : `The ledger is whole: ${counts}`;
      console.log([...faults, said].join('\n'));
      if (faults.length) process.exitCode = 1;
    });
  ledger
    .command('balance')
    .description('what each account holds, and the sum of each asset')
    .action(async () => {
      const policy = thePolicy();
      console.log(
        await withDatabase(async (db) => {
          await sameDecimals(db, policy, { write: false });
          return showBalances(await balances(db), await names(db), fundsOf(policy).assets);
        }),
      );
    });
  ledger
    .command('export')
    .description('print every posting as CSV, the oldest first')
    .option('--out <file>', 'write it there')
    .action(async ({ out }: { out?: string }) => {
      const policy = thePolicy();
      const lines = await withDatabase(async (db) => {
        await sameDecimals(db, policy, { write: false });
        return exportTo(db, fundsOf(policy).assets, out);
      });
      if (out !== undefined) console.log(`${lines} postings written to ${out}.`);
    });
}

const thePolicy = () => loadPolicy(loadLocalEnv().configPath);

/** People's names as last seen, by Slack id. */
async function names(db: Executor): Promise<Map<string, string>> {
  const { rows } = await db.execute<{ id: string; name: string }>(sql`select id, name from people`);
  return new Map(rows.map((row) => [row.id, row.name]));
}

function showBalances(all: readonly Posting[], people: ReadonlyMap<string, string>, assets: readonly Asset[]): string {
  if (!all.length) return 'Every account is at zero.';
  const lines = all.map(({ account, asset, amount }) => {
    const name = people.get(account.replace(/^person:/, ''));
    return `${account}${name ? ` (${printable(name)})` : ''}  ${showMoney(amount, asset, assets)}`;
  });
  const kinds = [...new Set(all.map((b) => b.asset))].sort();
  const sums = kinds.map((asset) => {
    const sum = all.reduce((total, b) => (b.asset === asset ? total + b.amount : total), 0n);
    return `sum of ${asset}  ${showMoney(sum, asset, assets)}`;
  });
  return [...lines, '', ...sums].join('\n');
}

const COLUMNS = [
  'transaction',
  'kind',
  'event time',
  'record time',
  'account',
  'asset',
  'amount',
  'base units',
  'chain',
  'hash',
  'request',
  'release',
  'reverses',
  'note',
  'recorded by',
];

/** Writes the books as they are at one moment. @returns how many postings */
async function exportTo(db: Db, assets: readonly Asset[], out: string | undefined): Promise<number> {
  const decimals = new Map(assets.map((a) => [a.key, a.decimals]));
  const file = out === undefined ? undefined : createWriteStream(out, { flags: 'wx' });
  const done = file && finished(file);
  // A failure shows when the file is closed; until then nobody waits for it.
  done?.catch(() => {});
  const to: Writable = file ?? process.stdout;
  to.write(`${csvLine(COLUMNS)}\n`);
  const count = await db.transaction(
    async (tx) => {
      let written = 0;
      for (let after = { tx: 0, line: 0 }; ; ) {
        const rows = await page(tx, after);
        for (const row of rows) to.write(`${csvLine(cellsOf(row, decimals))}\n`);
        written += rows.length;
        const last = rows.at(-1);
        if (!last || rows.length < PAGE) return written;
        after = { tx: Number(last.tx_id), line: last.line };
      }
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
  file?.end();
  await done?.catch((err: NodeJS.ErrnoException) => {
    const message = `${out} cannot be written (${err.code}).`;
    throw new ShipshapeError({ code: 'file', message, next: 'Name a file that does not exist yet.' });
  });
  return count;
}

type Row = Record<'tx_id' | 'kind' | 'event_time' | 'record_time' | 'account' | 'asset' | 'amount' | 'actor', string> &
  Record<'chain' | 'hash' | 'request_id' | 'release' | 'reverses' | 'note', string | null> & { line: number };

async function page(tx: Executor, after: { tx: number; line: number }): Promise<Row[]> {
  const { rows } = await tx.execute<Row>(sql`
    select p.tx_id, p.line, l.kind, l.event_time::text, l.record_time::text, a.name as account, p.asset, p.amount::text, c.chain, c.hash, l.request_id,
      r.product || ' ' || r.version as release, l.reverses, l.note, l.actor
    from postings p join ledger_transactions l on l.id = p.tx_id join accounts a on a.id = p.account_id
      left join chain_transactions c on c.id = l.chain_tx_id left join releases r on r.id = l.release_id
    where (p.tx_id, p.line) > (${after.tx}, ${after.line}) order by p.tx_id, p.line limit ${PAGE}`);
  return rows;
}

function cellsOf(row: Row, decimals: ReadonlyMap<string, number>): (string | null)[] {
  const places = decimals.get(row.asset);
  const iso = (text: string) => new Date(text).toISOString();
  return [
    `TX-${row.tx_id}`,
    row.kind,
    iso(row.event_time),
    iso(row.record_time),
    row.account,
    row.asset,
    places === undefined ? '' : formatAmount(BigInt(row.amount), places),
    row.amount,
    row.chain,
    row.hash,
    row.request_id && `FR-${row.request_id}`,
    row.release,
    row.reverses && `TX-${row.reverses}`,
    row.note,
    row.actor,
  ];
}
