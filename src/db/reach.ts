import pg from 'pg';
import { errorText, ShipshapeError } from '../base/errors.ts';

/**
 * Runs `work` with one connection of its own, which is ended in the end.
 * @param url DATABASE_URL; its password is in no text @param appName as the server's pg_stat_activity shows it
 * @throws ShipshapeError that names the setting, where it leads and what to look at, when PostgreSQL does not let us in; and what `work` throws
 */
export async function reach<T>(url: string, appName: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: appName, connectionTimeoutMillis: 10_000 });
  // A connection lost shows in the query that needed it.
  client.on('error', () => {});
  try {
    await client.connect().catch((cause) => {
      throw unreachable(url, cause);
    });
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Looks whether the PostgreSQL at `url` lets us in. @throws as `reach` does */
export function look(url: string): Promise<void> {
  return reach(url, 'shipshape look', async () => {});
}

function unreachable(url: string, cause: unknown): ShipshapeError {
  const { host, pathname } = new URL(url);
  return new ShipshapeError({
    code: 'database',
    message: `The database of DATABASE_URL (${host}${pathname}) cannot be used: ${errorText(cause)}.`,
    next: 'See that the server runs and that DATABASE_URL has the right host, port, user, password and database.',
    cause,
  });
}
