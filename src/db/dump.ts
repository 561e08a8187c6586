// A backup: everything in the database as JSON lines, from one snapshot, whatever PostgreSQL it is and was.
import pg from 'pg';

/** The first line of a backup. `migrations` are drizzle's, by the times their journal gives them. */
export interface DumpHead {
  shipshape: 1;
  at: string;
  migrations: string[];
}

/** One line of a backup: its head, a table whose rows follow, a row, a sequence, and last how many rows there were. */
export type DumpLine =
  | DumpHead
  | { table: string; columns: string[] }
  | (string | null)[]
  | { sequence: string; last: string; called: boolean }
  | { end: number };

/** Every table that holds data, and its columns; what the migrators note of themselves is made anew by them. */
export const TABLES = `select format('%I.%I', n.nspname, c.relname) as table,
    array(select quote_ident(a.attname) from pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum) as columns
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and n.nspname in ('public', 'graphile_worker') and c.relname <> 'migrations' order by 1`;
const SEQUENCES = `select format('%I.%I', schemaname, sequencename) as sequence from pg_sequences
  where schemaname in ('public', 'graphile_worker') order by 1`;
const PAGE = 1000;

/** What makes every value's text the same on every server: as pg_dump sets it. */
export const EXACT = `set timezone = 'UTC'; set datestyle = 'ISO'; set intervalstyle = 'postgres'; set bytea_output = 'hex';
  set extra_float_digits = 1`;

/** The migrations that a database has had. */
export async function migrationsOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query('select created_at::text as at from drizzle.__drizzle_migrations order by 1');
  return rows.map((row: { at: string }) => row.at);
}

/** The lines of a backup, read from one snapshot: the bot may go on meanwhile. @throws what the database says */
export async function* dump(url: string): AsyncGenerator<string> {
  const client = new pg.Client({ connectionString: url, application_name: 'shipshape backup' });
  // A lost connection shows in the query that needed it; without a listener it would end the process.
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(EXACT);
    await client.query('begin isolation level repeatable read, read only');
    const head: DumpHead = { shipshape: 1, at: new Date().toISOString(), migrations: await migrationsOf(client) };
    yield JSON.stringify(head);
    let count = 0;
    const { rows: tables } = await client.query<{ table: string; columns: string[] }>(TABLES);
    for (const { table, columns } of tables) {
      yield JSON.stringify({ table, columns });
      for await (const row of rowsOf(client, table, columns)) {
        count += 1;
        yield row;
      }
    }
    const { rows: sequences } = await client.query<{ sequence: string }>(SEQUENCES);
    for (const { sequence } of sequences) {
      const { rows } = await client.query(`select last_value::text as last, is_called as called from ${sequence}`);
      yield JSON.stringify({ sequence, ...rows[0] });
    }
    yield JSON.stringify({ end: count });
  } finally {
    await client.end();
  }
}

async function* rowsOf(client: pg.Client, table: string, columns: readonly string[]): AsyncGenerator<string> {
  const texts = columns.map((column) => `${column}::text`).join(', ');
  await client.query(`declare page cursor for select json_build_array(${texts})::text as row from ${table}`);
  for (;;) {
    const { rows } = await client.query<{ row: string }>(`fetch ${PAGE} from page`);
    for (const { row } of rows) yield row;
    if (rows.length < PAGE) break;
  }
  await client.query('close page');
}
