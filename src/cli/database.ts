import { ShipshapeError } from '../base/errors.ts';
import { type Db, openDb } from '../db/client.ts';
import { startEmbedded } from '../db/embedded.ts';
import { hasCluster } from '../db/embedded-home.ts';
import { look } from '../db/reach.ts';
import { loadLocalEnv } from '../env.ts';

type Where = { databaseUrl?: string; dataDir: string };

/**
 * Runs `work` with the URL of the bot's database: DATABASE_URL, or the embedded PostgreSQL, which is started for this
 * unless the bot has it running (then it is left running). Needs nothing of Slack.
 * @param env by default the process's @throws EnvError, ShipshapeError when there is no database, and what `work` throws.
 */
export async function withDatabaseUrl<T>(
  work: (url: string, dataDir: string) => Promise<T>,
  env: Where = loadLocalEnv(),
): Promise<T> {
  // Who only looks must not find a new one, which says that all is well.
  if (env.databaseUrl === undefined && !hasCluster(env.dataDir)) throw noDatabase(env.dataDir);
  return withNewDatabaseUrl(work, env);
}

/** Like `withDatabaseUrl`; an embedded PostgreSQL that is not there is made. */
export async function withNewDatabaseUrl<T>(
  work: (url: string, dataDir: string) => Promise<T>,
  env: Where = loadLocalEnv(),
): Promise<T> {
  const { databaseUrl, dataDir } = env;
  if (databaseUrl !== undefined) {
    await look(databaseUrl);
    return work(databaseUrl, dataDir);
  }
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

/** That DATA_DIR has no database, and what may be the matter. */
export function noDatabase(dataDir: string): ShipshapeError {
  const next =
    '`npm start` or `npm run shipshape -- migrate` makes one. If there should be one, DATA_DIR or DATABASE_URL is not what was meant.';
  return new ShipshapeError({ code: 'no_database', message: `There is no database in ${dataDir}.`, next });
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
