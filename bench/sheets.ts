// What the sheets cost: a ledger of 100,000 postings synced for the first time, and one changed row of it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openDb } from '../src/db/client.ts';
import { migrateDb } from '../src/db/migrate.ts';
import type { Setting } from './parts.ts';
import { newDatabase } from './stage.ts';

export const POSTINGS = 100_000;

export interface Took {
  calls: number;
  bytes: number;
  seconds: number;
  /** The most that was resident, less what was before. */
  extraMb: number;
}
export interface SheetsCost {
  full: Took;
  one: Took;
}

/** Ours, and the library google-spreadsheet doing the same on the same local server. */
export async function sheetsCost(s: Setting): Promise<{ ours: SheetsCost; theirs: SheetsCost }> {
  const url = await newDatabase(s.server, 'bench_sheets');
  await migrateDb(url, s.say);
  await fill(url);
  return { ours: await costOf('ours', url, s), theirs: await costOf('theirs', url, s) };
}

async function fill(url: string): Promise<void> {
  const { pool, close } = openDb(url, { log: () => {}, max: 1 });
  try {
    await pool.query(`insert into accounts (name, kind, key) values ('custody:custody', 'custody', 'custody'), ('person:U0AAAAAA', 'person', 'U0AAAAAA');
      insert into people (id, name, bot, deactivated, guest, outsider, refreshed_at) values ('U0AAAAAA', 'Ada Lovelace', false, false, false, false, now())`);
    for (let from = 1; from < POSTINGS / 2; from += 10_000)
      await pool.query(`begin;
        insert into chain_transactions (chain, hash) select 'ethereum', '0x' || encode(sha256(i::text::bytea), 'hex') from generate_series(${from}, ${from + 9_999}) i;
        insert into ledger_transactions (kind, chain_tx_id, note, actor, event_time, record_time)
          select 'transfer', id, 'Swap ETH to FOX', 'U0AAAAAA', timestamptz '2026-01-01' + id * interval '7 minutes', timestamptz '2026-01-01' + id * interval '7 minutes'
          from chain_transactions where id >= ${from} order by id;
        insert into postings (tx_id, line, account_id, asset, amount)
          select t.id, l, l, 'ETH', case l when 1 then -1 else 1 end * (1000000000000000 + t.id * 1234567891)
          from ledger_transactions t, generate_series(1, 2) l where t.id >= ${from};
        commit`);
    await pool.query('vacuum analyze');
  } finally {
    await close();
  }
}

async function costOf(who: 'ours' | 'theirs', database: string, s: Setting): Promise<SheetsCost> {
  const start = (name: string, args: string[]) => {
    const script = fileURLToPath(new URL(name, import.meta.url));
    const node = ['--expose-gc', '--import', 'tsx', script, ...args];
    return spawn(process.execPath, node, { stdio: ['pipe', 'pipe', 'inherit'] });
  };
  const firstLine = async (child: ReturnType<typeof start>) => {
    const line = once(createInterface(child.stdout), 'line').then(([text]) => String(text));
    const ended = once(child, 'exit').then(() => {
      throw new Error('it ended before it said anything');
    });
    ended.catch(() => {});
    return Promise.race([line, ended]);
  };
  const server = start('./sheets-server.ts', who === 'theirs' ? ['ledger'] : []);
  try {
    const { url, id, control } = JSON.parse(await firstLine(server)) as { url: string; id: string; control: string };
    const cost = JSON.parse(await firstLine(start('./sheets-run.ts', [who, database, url, id, control]))) as SheetsCost;
    const { full, one } = cost;
    s.say(
      `sheets, ${who}: ${full.calls} calls, ${(full.bytes / 1e6).toFixed(1)} MB, ${full.seconds.toFixed(1)} s; one row ${one.calls} calls`,
    );
    return cost;
  } finally {
    const ended = once(server, 'exit');
    server.stdin.end();
    await ended;
  }
}
