import { ShipshapeError } from '../base/errors.ts';
import { type Db, openDb } from '../db/client.ts';
import { startEmbedded } from '../db/embedded.ts';
import { loadLocalEnv } from '../env.ts';

/**
 * Runs `work` with the URL of the bot's database: DATABASE_URL, or the embedded PostgreSQL, which is started for this
 * unless the bot has it running (then it is left running). Needs nothing of Slack.
 * @param env by default the process's @throws EnvError, and what `work` throws.
 */
export async function withDatabaseUrl<T>(
  work: (url: string, dataDir: string) => Promise<T>,
  env: { databaseUrl?: string; dataDir: string } = loadLocalEnv(),
): Promise<T> {
  const { databaseUrl, dataDir } = env;
  if (databaseUrl !== undefined) return work(databaseUrl, dataDir);
  const embedded = await startEmbedded({ dir: dataDir, log: () => {} });
  try {
    return await work(embedded.url, dataDir);
  } finally {
    await embedded.stop();
  }
}

/** Like `withDatabaseUrl`, connected. @throws ShipshapeError when the database has no tables yet. */
export function withDatabase<T>(work: (db: Db, dataDir: string) => Promise<T>): Promise<T> {
  return withDatabaseUrl(async (url, dataDir) => {
    const { db, close } = openDb(url, { log: () => {}, max: 2, appName: 'shipshape cli' });
    try {
      return await work(db, dataDir);
    } catch (err) {
      throw hasNoTables(err) ? notMigrated(err) : err;
    } finally {
      await close();
    }
  });
}

/** PostgreSQL's undefined_table, also underneath drizzle's own error. */
function hasNoTables(err: unknown): boolean {
  for (let at = err; at instanceof Error; at = at.cause) if ('code' in at && at.code === '42P01') return true;
  return false;
}

function notMigrated(cause: unknown): ShipshapeError {
  const next = 'Run `npm run shipshape -- migrate`, or start the bot once.';
  return new ShipshapeError({
    code: 'not_migrated',
    message: 'The database has no tables of this version.',
    next,
    cause,
  });
}
