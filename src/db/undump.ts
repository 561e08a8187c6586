// The way back from a backup, into a database of the same migrations.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { ShipshapeError } from '../base/errors.ts';
import { type DumpHead, type DumpLine, EXACT, migrationsOf, TABLES } from './dump.ts';
import { MIGRATIONS, migrateDb } from './migrate.ts';
import { NOTE_UNFINISHED } from './unfit.ts';

const PAGE = 500;

/**
 * Puts a backup into an empty database, and brings that up to date. All of it or nothing: a line that cannot be read, or a backup that is cut
 * short, changes nothing. Triggers and foreign keys rest meanwhile: the rows come from one snapshot, in which they held.
 * @param lines of the backup
 * @param since whether anything can have happened since the backup: then the restore counts as unfinished until `endRestore`
 * @returns when it was made, and how many rows it has
 * @throws ShipshapeError when the database is in use or not empty, or the backup is none, is cut short, or is of a newer version
 */
export async function undump(
  url: string,
  lines: AsyncIterable<string>,
  log: (msg: string) => void,
  since: boolean,
): Promise<{ at: Date; rows: number }> {
  const all = lines[Symbol.asyncIterator]();
  const head = await headOf(all);
  await migrateTo(url, head, log);
  const client = new pg.Client({ connectionString: url, application_name: 'shipshape restore' });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(EXACT);
    await mustBeFree(client, head);
    await client.query('begin');
    const rows = await load(client, all);
    if (since) await client.query(NOTE_UNFINISHED, [JSON.stringify(head.at)]);
    await client.query('commit');
    await migrateDb(url, log);
    return { at: new Date(head.at), rows };
  } finally {
    await client.end();
  }
}

async function headOf(lines: AsyncIterator<string>): Promise<DumpHead> {
  const first = await lines.next();
  const line = first.done ? undefined : parsed(first.value);
  if (line && 'shipshape' in line && line.shipshape === 1) return line;
  throw fault('That is no backup of Shipshape.', 'Name a file that `npm run shipshape -- backup` wrote.');
}

function parsed(line: string): DumpLine | undefined {
  try {
    return JSON.parse(line) as DumpLine;
  } catch {
    return undefined;
  }
}

/** Makes the tables as they were when the backup was made: a folder of migrations up to there. */
async function migrateTo(url: string, head: DumpHead, log: (msg: string) => void): Promise<void> {
  const path = join('meta', '_journal.json');
  const journal = JSON.parse(await readFile(join(MIGRATIONS, path), 'utf8')) as { entries: { when: number }[] };
  const entries = journal.entries.filter((entry) => head.migrations.includes(String(entry.when)));
  if (entries.length < head.migrations.length)
    throw fault(
      'The backup was made by a newer version of Shipshape.',
      'Restore it with that version, or a later one.',
    );
  const folder = await mkdtemp(join(tmpdir(), 'shipshape-migrations-'));
  try {
    await cp(MIGRATIONS, folder, { recursive: true });
    await writeFile(join(folder, path), JSON.stringify({ ...journal, entries }));
    await migrateDb(url, log, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @throws ShipshapeError when something is in the database already, or somebody is at work in it */
async function mustBeFree(client: pg.Client, head: DumpHead): Promise<void> {
  const next = 'Stop the bot, make an empty database (or name another DATA_DIR), and restore into that.';
  const { rows } = await client.query(`select
    exists (select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and application_name like 'shipshape%') as used,
    exists (select from audit_events) as full`);
  if (rows[0].used) throw fault('The bot is running on this database.', next);
  if (rows[0].full)
    throw fault(
      'This database is not empty.',
      `${next} Was a restore into it cut short? Then run \`restore\` without a file.`,
    );
  if ((await migrationsOf(client)).join() !== head.migrations.join())
    throw fault('This database has tables of another version than the backup.', next);
}

/** @returns how many rows there are now */
async function load(client: pg.Client, lines: AsyncIterator<string>): Promise<number> {
  await client.query('set local session_replication_role = replica').catch(notAllowed);
  const { rows: tables } = await client.query<{ table: string }>(TABLES);
  await client.query(`truncate ${tables.map((t) => t.table).join(', ')}`);
  let insert = '';
  let page: string[] = [];
  let count = 0;
  const flush = async () => {
    if (page.length) await client.query(insert, [`[${page.join(',')}]`]);
    page = [];
  };
  for (;;) {
    const { value, done } = await lines.next();
    if (done) throw fault('The backup is cut short.', ANOTHER);
    const line = parsed(value);
    if (Array.isArray(line)) {
      count += 1;
      page.push(value);
      if (page.length === PAGE) await flush();
      continue;
    }
    await flush();
    if (line && 'table' in line) insert = await insertInto(client, line.table, line.columns);
    else if (line && 'sequence' in line)
      await client.query('select setval($1, $2, $3)', [line.sequence, line.last, line.called]);
    else if (line && 'end' in line && line.end === count) return count;
    else throw fault('The backup is damaged.', ANOTHER);
  }
}

const ANOTHER = 'Nothing was changed. Take another backup.';

/** Another cluster counts its transactions anew: one of its own would come to bear the number that is stored here, and could add to old books. */
export const NO_XACT = `'0'::xid8`;

/** The statement that inserts a page of rows, given as a JSON array of arrays of texts. */
async function insertInto(client: pg.Client, table: string, columns: readonly string[]): Promise<string> {
  const { rows } = await client.query<{ type: string }>(
    `select format_type(a.atttypid, a.atttypmod) as type from unnest($2::text[]) with ordinality as c (name, nth)
     join pg_attribute a on a.attrelid = $1::regclass and quote_ident(a.attname) = c.name order by nth`,
    [table, columns],
  );
  const values = rows.map(({ type }, i) => (type === 'xid8' ? NO_XACT : `(v->>${i})::${type}`)).join(', ');
  return `insert into ${table} (${columns.join(', ')}) overriding system value select ${values} from json_array_elements($1::json) v`;
}

function notAllowed(err: Error & { code?: string }): never {
  if (err.code !== '42501') throw err;
  throw fault(
    'The user of DATABASE_URL may not restore.',
    'Restore as a superuser, or first let it: grant set on parameter session_replication_role to that user.',
  );
}

function fault(message: string, next: string): ShipshapeError {
  return new ShipshapeError({ code: 'backup', message, next });
}
