import { sql } from 'drizzle-orm';
import type pg from 'pg';
import type { Db } from '../../db/client.ts';
import type { TabKey } from './types.ts';

/** Google's ids of the tabs, as they were last time. */
export async function loadTabs(db: Db, spreadsheet: string): Promise<Map<TabKey, number>> {
  const { rows } = await db.execute<{ tab: TabKey; sheet_id: string }>(
    sql`select tab, sheet_id from sheet_tabs where spreadsheet = ${spreadsheet}`,
  );
  return new Map(rows.map((row) => [row.tab, Number(row.sheet_id)]));
}

export async function saveTabs(db: Db, spreadsheet: string, tabs: ReadonlyMap<TabKey, number>): Promise<void> {
  for (const [tab, id] of tabs)
    await db.execute(sql`insert into sheet_tabs (spreadsheet, tab, sheet_id) values (${spreadsheet}, ${tab}, ${id})
      on conflict (spreadsheet, tab) do update set sheet_id = excluded.sheet_id where sheet_tabs.sheet_id <> excluded.sheet_id`);
}

/**
 * Runs `work` unless a sync is under way anywhere: two at a time would both add the rows that are missing. @returns false when one is.
 * Throws what `work` throws.
 * @param work is given what it asks before it writes: whether it still is the only one. That throws when the lock went with its connection
 */
export async function alone(db: Db, work: (still: () => Promise<void>) => Promise<void>): Promise<boolean> {
  // On a connection of its own: a transaction would stay open while Google is waited for.
  const client = await (db as Db & { $client: pg.Pool }).$client.connect();
  let broken = true;
  try {
    const { rows } = await client.query<{ mine: boolean }>(
      "select pg_try_advisory_lock(hashtextextended('sheets', 2)) as mine",
    );
    if (!rows[0]?.mine) {
      broken = false;
      return false;
    }
    try {
      await work(async () => {
        await client.query('select 1');
      });
    } finally {
      await client.query("select pg_advisory_unlock(hashtextextended('sheets', 2))");
      broken = false;
    }
    return true;
  } finally {
    // A connection that may still hold the lock is not given to anybody else.
    client.release(broken);
  }
}
