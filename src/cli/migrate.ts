import type { Command } from 'commander';
import { migrateDb } from '../db/migrate.ts';
import { withNewDatabaseUrl } from './database.ts';

/** `shipshape migrate`: brings the database up to date, as each start of the bot does. */
export function registerMigrate(program: Command): void {
  program
    .command('migrate')
    .description('bring the database up to date (the bot does so by itself when it starts)')
    .action(async () => {
      await withNewDatabaseUrl((url) => migrateDb(url, console.error));
      console.log('The database is up to date.');
    });
}
