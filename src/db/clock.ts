import { sql } from 'drizzle-orm';
import type { Clock } from '../base/clock.ts';
import type { Db } from './client.ts';

/** The database's time, which all instances agree on (R22). */
export async function databaseNow(db: Db): Promise<Date> {
  const { rows } = await db.execute<{ now: string }>(sql`select extract(epoch from clock_timestamp()) * 1000 as now`);
  return new Date(Number(rows[0]?.now));
}

/**
 * A clock that goes as the database's does. For the demo, which moves that one to play a month in a minute.
 * @returns `refresh` asks the database again: until then a move is not known.
 */
export async function followDatabase(db: Db): Promise<{ clock: Clock; refresh(): Promise<void> }> {
  let ahead = 0;
  const refresh = async () => {
    ahead = (await databaseNow(db)).getTime() - Date.now();
  };
  await refresh();
  return { clock: () => new Date(Date.now() + ahead), refresh };
}
