import { createReadStream, createWriteStream } from 'node:fs';
import { access, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { Command } from 'commander';
import { sql } from 'drizzle-orm';
import { act } from '../areas/releases/actions.ts';
import { openHolds } from '../areas/releases/facts.ts';
import { openReleases } from '../areas/releases/store.ts';
import type { Facts } from '../areas/releases/types.ts';
import { SHIPSHAPE } from '../base/actor.ts';
import { systemClock } from '../base/clock.ts';
import { errorText, ShipshapeError } from '../base/errors.ts';
import { showId } from '../base/ids.ts';
import type { Cause } from '../db/act.ts';
import type { Db } from '../db/client.ts';
import { databaseNow } from '../db/clock.ts';
import { dump } from '../db/dump.ts';
import { migrateDb } from '../db/migrate.ts';
import { closeBooks, noteRestore } from '../db/restored.ts';
import { undump } from '../db/undump.ts';
import { beginRestore, endRestore } from '../db/unfit.ts';
import { loadLocalEnv } from '../env.ts';
import { loadPolicy } from '../policy.ts';
import { withDatabase, withDatabaseUrl, withNewDatabaseUrl } from './database.ts';

/** `shipshape backup|restore`: everything in the database, into a file and back. For the embedded PostgreSQL, which has no pg_dump, and any other. */
export function registerBackup(program: Command): void {
  program
    .command('backup')
    .description('write everything in the database to a file; the bot may go on meanwhile')
    .argument('<file>', 'a new one: shipshape-2027-03-01.backup')
    .action(async (file: string) => console.log(await backUp(file)));
  program
    .command('restore')
    .description('put a backup into an empty database, and have the bot be careful about what happened since')
    .argument('[file]', 'what `backup` wrote; left out when pg_restore or a snapshot has put the database back already')
    .option(
      '--nothing-since',
      'the bot was stopped before the backup was made, and has not run since: a move to another database',
    )
    .action(async (file: string | undefined, { nothingSince = false }: { nothingSince?: boolean }) => {
      const policy = loadPolicy(loadLocalEnv().configPath);
      const at = file === undefined ? null : await putBack(file, !nothingSince);
      if (file === undefined) {
        await withDatabase(mustBeStopped);
        await withDatabaseUrl((url) => migrateDb(url, console.error));
        await withDatabase(closeBooks);
      }
      if (nothingSince) {
        await withDatabase(endRestore);
        return console.log('Nothing else was changed: start the bot.');
      }
      const held = await withDatabase((db) => beCareful(db, policy, at));
      console.log(
        `${held.length ? `On hold until somebody has looked: ${held.join(', ')}. ` : ''}Ids go on with a gap. Start the bot; docs/operate.md says what to look at.`,
      );
    });
}

/** The file exists only when it is whole, and only its owner reads it: everything is in it. */
async function backUp(file: string): Promise<string> {
  const there = await access(file).then(
    () => true,
    () => false,
  );
  if (there) throw wrong(`${file} is there already.`, 'Name another file, or move that one away.');
  const part = `${file}.part`;
  let lines = 0;
  async function* counted(source: AsyncIterable<string>) {
    for await (const line of source) {
      lines += line.startsWith('[') ? 1 : 0;
      yield `${line}\n`;
    }
  }
  try {
    await withDatabaseUrl((url) =>
      pipeline(Readable.from(counted(dump(url))), createGzip(), createWriteStream(part, { mode: 0o600 })),
    );
    await rename(part, file);
  } catch (err) {
    await rm(part, { force: true }).catch(() => {});
    const of = err as NodeJS.ErrnoException;
    throw of.path === part ? cannotWrite(file, dirname(part), of.code) : err;
  }
  const { size } = await stat(file);
  const shown = size < 1e6 ? `${Math.ceil(size / 1e3)} kB` : `${(size / 1e6).toFixed(1)} MB`;
  return `${lines} rows written to ${file} (${shown}).`;
}

/** @param code as the file system names why */
function cannotWrite(file: string, folder: string, code = 'unknown error'): ShipshapeError {
  if (code === 'ENOENT')
    return wrong(`${file} cannot be written: there is no folder ${folder}.`, 'Make it, or name a file in another.');
  const why = `${folder} is no folder that you may write to (${code})`;
  return wrong(`${file} cannot be written: ${why}.`, 'Name a file in another.');
}

/** @param since whether anything can have happened since the backup @returns when it was made */
async function putBack(file: string, since: boolean): Promise<Date> {
  await access(file).catch(() => {
    throw wrong(`${file} cannot be read.`, 'Name a file that `npm run shipshape -- backup` wrote.');
  });
  const { at, rows } = await withNewDatabaseUrl((url) => undump(url, linesOf(file), console.error, since));
  console.log(`${rows} rows of ${at.toISOString()} are back.`);
  return at;
}

/** The lines of a backup. @throws ShipshapeError when it was not packed by `backup`, or is cut short */
async function* linesOf(file: string): AsyncGenerator<string> {
  const text = createGunzip().setEncoding('utf8');
  const packed = createReadStream(file).on('error', (err) => text.destroy(err));
  let rest = '';
  try {
    for await (const chunk of packed.pipe(text)) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (err) {
    throw wrong(`${file} is no whole backup (${errorText(err)}).`, 'Nothing was changed. Take another backup.');
  } finally {
    packed.destroy();
  }
}

/**
 * What happened after the backup is unknown: a hold or a new candidate may be among it. So every open release that is not shipped yet is put on hold;
 * who lifts it has looked, and sign-offs of before count again by their owner's word only (R6).
 * Until all of it is done the bot does not start; cut short, it is done again from the beginning.
 * @param made when the backup was made that was put back just now, if any was @returns the releases that are on hold by this
 */
async function beCareful(db: Db, policy: ReturnType<typeof loadPolicy>, made: Date | null): Promise<string[]> {
  await mustBeStopped(db);
  const backupOf = await beginRestore(db, made);
  const now = await databaseNow(db);
  const cause: Cause = { key: `restore:${now.toISOString()}`, source: 'CLI', actor: SHIPSHAPE.id, eventTime: now };
  await noteRestore(db, cause, now, backupOf);
  const deps = { db, policy, clock: systemClock };
  const when = backupOf ? ` of ${backupOf.toISOString().slice(0, 16).replace('T', ' ')} UTC` : '';
  const reason = `The database was put back from a backup${when}: please look at the thread for what came later, do that again, and lift this hold`;
  const held: string[] = [];
  const open = await openReleases(db);
  for (const f of open.sort((a, b) => a.release.id - b.release.id)) {
    if (!['waiting', 'testing', 'approved'].includes(f.release.state)) continue;
    const id = showId('REL', f.release.id);
    const what = { kind: 'hold', reason, road: 'command' } as const;
    const ofIt = { ...cause, key: `${cause.key}:${id}` };
    if (isHeld(f, reason) || (await act(deps, ofIt, SHIPSHAPE, f.release.id, what)).answer.outcome === 'accepted')
      held.push(id);
  }
  await endRestore(db);
  return held;
}

/** Whether this restore has put it on hold before it was cut short: a second hold would have to be lifted too. */
function isHeld(f: Facts, reason: string): boolean {
  return openHolds(f).some((hold) => hold.person === SHIPSHAPE.id && hold.reason === reason);
}

/** @throws ShipshapeError while a bot works on this database: its releases would be put on hold, and its schedules stopped, for nothing */
async function mustBeStopped(db: Db): Promise<void> {
  const { rows } = await db.execute(sql`select from pg_stat_activity where datname = current_database()
    and application_name in ('shipshape bot', 'shipshape worker') limit 1`);
  if (rows.length)
    throw wrong(
      'The bot is running on this database.',
      'Stop all its instances, and run `restore` again. Nothing was changed.',
    );
}

function wrong(message: string, next: string): ShipshapeError {
  return new ShipshapeError({ code: 'backup', message, next });
}
