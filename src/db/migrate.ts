// Bring a database up to date: our own tables, then the queue's.
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { Logger, runMigrations } from 'graphile-worker';
import pg from 'pg';

const MIGRATIONS = fileURLToPath(new URL('../../drizzle', import.meta.url));

/** Advisory lock: drizzle's migrator takes none of its own, so two processes would run the same statement twice. */
const MIGRATION_LOCK = 7_447_002;

/**
 * Run every migration that `url`'s database has not had yet. A second process waits until the first is through.
 * @param folder of drizzle's generated SQL and journal.
 * @throws whatever the database says; a failed migration is rolled back and is tried again at the next start.
 */
export async function migrateDb(url: string, log: (msg: string) => void, folder = MIGRATIONS): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'shipshape migrate' });
  // A lost connection shows in the query that needed it; without a listener it would end the process.
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query('select pg_try_advisory_lock($1) as mine', [MIGRATION_LOCK]);
    if (!rows[0].mine) {
      log('another process migrates this database: waiting for it');
      await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    }
    await migrate(drizzle(client), { migrationsFolder: folder });
    const logger = new Logger(() => (level, message) => {
      if (level === 'error' || level === 'warning') log(message);
    });
    await runMigrations({ connectionString: url, logger });
  } finally {
    await client.end();
  }
}
