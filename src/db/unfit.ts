// When a database is not to be worked on as it is: it is of a newer version, or a restore into it was cut short.
import { sql } from 'drizzle-orm';
import { ShipshapeError } from '../base/errors.ts';
import type { Executor } from './client.ts';

/** Somebody has to do something about the database first: to start again does not mend it. */
export class UnfitDatabase extends ShipshapeError {}

/** @param unknown how many migrations the database has had that this version does not know */
export function newerDatabase(unknown: number): UnfitDatabase {
  const which = unknown === 1 ? '1 migration' : `${unknown} migrations`;
  return new UnfitDatabase({
    code: 'newer_database',
    message: `The database is of a newer version of Shipshape (it has had ${which} this one does not know).`,
    next: 'Use the version of Shipshape that wrote it, or a newer one; docs/operate.md says how to roll back.',
  });
}

/**
 * Among the causes while a restore is not through: its rows are back, but the bot knows nothing of it and would go on as if nothing were lost.
 * There, since every version's database has that table, and so no migration is needed in the middle of a restore.
 */
const UNFINISHED = 'restore:unfinished';

/** The statement, for what has no drizzle, that notes a restore as begun. $1: when the backup was made, as JSON. */
export const NOTE_UNFINISHED = `insert into causes (key, result) values ('${UNFINISHED}', $1::jsonb)
  on conflict (key) do update set result = excluded.result, at = now()`;

/** Notes a restore as begun, unless one is. @returns when the backup was made of which that one was */
export async function beginRestore(db: Executor, backupOf: Date | null): Promise<Date | null> {
  const { rows } = await db.execute<{ of: string | null }>(sql`insert into causes (key, result)
    values (${UNFINISHED}, ${JSON.stringify(backupOf)}::jsonb)
    on conflict (key) do update set key = excluded.key returning result #>> '{}' as of`);
  return rows[0]?.of ? new Date(rows[0].of) : null;
}

/** Notes a restore as through. */
export async function endRestore(db: Executor): Promise<void> {
  await db.execute(sql`delete from causes where key = ${UNFINISHED}`);
}

/** What is wrong with a database whose restore was cut short; undefined where none was. */
export async function unfinishedRestore(db: Pick<Executor, 'execute'>): Promise<UnfitDatabase | undefined> {
  const { rows } = await db.execute(sql`select from causes where key = ${UNFINISHED}`);
  if (!rows.length) return undefined;
  return new UnfitDatabase({
    code: 'restore_unfinished',
    message: 'A restore into this database was cut short: what was lost since the backup is not looked out for yet.',
    next: 'Run `npm run shipshape -- restore` without a file, which finishes it.',
  });
}
