import pg from 'pg';
import { errorText, ShipshapeError } from '../base/errors.ts';

/**
 * Looks whether the PostgreSQL at `url` lets us in.
 * @param url DATABASE_URL; its password is in no text @throws ShipshapeError that names the setting, where it leads and what to look at
 */
export async function reach(url: string): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'shipshape reach',
    connectionTimeoutMillis: 10_000,
  });
  // A connection lost shows in the query that needed it.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (cause) {
    const { host, pathname } = new URL(url);
    throw new ShipshapeError({
      code: 'database',
      message: `The database of DATABASE_URL (${host}${pathname}) cannot be used: ${errorText(cause)}.`,
      next: 'See that the server runs and that DATABASE_URL has the right host, port, user, password and database.',
      cause,
    });
  } finally {
    await client.end().catch(() => {});
  }
}
