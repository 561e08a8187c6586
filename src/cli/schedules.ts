import type { Command } from 'commander';
import { sql } from 'drizzle-orm';
import { ShipshapeError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { localTime } from '../base/zone.ts';
import { record } from '../db/audit.ts';
import type { Db } from '../db/client.ts';
import { databaseNow } from '../db/clock.ts';
import { withDatabase } from './database.ts';

interface Row extends Record<string, unknown> {
  name: string;
  what: string;
  cron: string[];
  zone: string;
  workdays: boolean;
  after_outage: 'once' | 'skip';
  next_local: string | null;
  overdue: boolean;
  last: string | null;
  last_state: string | null;
}

/** `shipshape schedules list|next|run`: what comes by the clock (R22). */
export function registerSchedules(program: Command): void {
  const schedules = program.command('schedules').description('what comes by the clock: when, and when last');
  schedules
    .command('list')
    .description('every schedule, with its last time and its next')
    .action(() => withDatabase(async (db) => console.log(showList(await read(db)))));
  schedules
    .command('next')
    .description('what comes next, soonest first')
    .action(() => withDatabase(async (db) => console.log(showNext(await read(db)))));
  schedules
    .command('run')
    .description('have the bot do one now, besides its usual times')
    .argument('<name>', 'as `schedules list` shows it')
    .action((name: string) => withDatabase(async (db) => console.log(await runNow(db, name))));
}

async function read(db: Db): Promise<Row[]> {
  const { rows } = await db.execute<Row>(sql`
    select s.name, what, cron, zone, workdays, after_outage, next_local, coalesce(next_at <= now(), false) as overdue,
      l.local as last, l.state as last_state
    from schedules s left join lateral (select local, state from schedule_runs r where r.name = s.name
      order by occurrence desc, local desc limit 1) l on true
    order by next_at nulls last, s.name`);
  return rows;
}

function showList(rows: Row[]): string {
  if (!rows.length) return 'There are no schedules yet: the bot writes them when it starts.';
  return rows
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((row) => {
      const when = `${row.cron.join(' and ')} ${row.zone}${row.workdays ? ', working days' : ''}`;
      const last = row.last ? `last ${shown(row.last)}${row.last_state === 'skipped' ? ' (given up)' : ''}` : 'not yet';
      const outage = row.after_outage === 'once' ? 'made up for once' : 'given up';
      return `${row.name}: ${row.what}\n  ${when}; after an outage ${outage}\n  ${last}, next ${next(row)}`;
    })
    .join('\n');
}

function showNext(rows: Row[]): string {
  if (!rows.length) return 'There are no schedules yet: the bot writes them when it starts.';
  return rows.map((row) => `${next(row, row.zone)}  ${row.name}: ${row.what}`).join('\n');
}

/** @param zone where it is not said beside it */
function next({ next_local: local, overdue }: Row, zone = ''): string {
  if (local === null) return 'never';
  return `${shown(local)}${zone && ` ${zone}`}${overdue ? ' (due now)' : ''}`;
}

/** A local time to the minute: that of a `run` has seconds. */
function shown(local: string): string {
  return local.slice(0, 16).replace('T', ' ');
}

/**
 * Makes a schedule due now. Its time has seconds, so it is none of its usual ones: they stay as they are.
 * @throws ShipshapeError when there is no such schedule, or it is due already.
 */
async function runNow(db: Db, name: string): Promise<string> {
  const now = await databaseNow(db);
  return db.transaction(async (tx) => {
    const { rows } = await tx.execute<{ zone: string; overdue: boolean }>(
      sql`select zone, coalesce(next_at <= ${now.toISOString()}::timestamptz, false) as overdue from schedules where name = ${name} for update`,
    );
    const [found] = rows;
    if (!found) throw await unknown(db, name);
    if (found.overdue) {
      const next = 'If it stays so, look at the log: no bot is running, or it fails.';
      throw new ShipshapeError({
        code: 'schedule',
        message: `${name} is due already; the bot does it within 10 s.`,
        next,
      });
    }
    const local = `${localTime(found.zone, now)}:${now.toISOString().slice(17, 19)}`;
    await tx.execute(
      sql`update schedules set next_at = ${now.toISOString()}::timestamptz, next_local = ${local} where name = ${name}`,
    );
    const cause = { key: `cli:schedule:${name}@${local}`, source: 'CLI', actor: 'shipshape', eventTime: now } as const;
    await record(tx, cause, { verb: 'schedule_asked', subject: name, data: { local } }, now);
    return `${name} is due now: the running bot does it within 10 s, or the next one when it starts.`;
  });
}

async function unknown(db: Db, name: string): Promise<ShipshapeError> {
  const { rows } = await db.execute<{ name: string }>(sql`select name from schedules order by name`);
  const names = rows.map((row) => row.name);
  const meant = nearest(name, names);
  const next = meant ? `Did you mean ${meant}?` : 'See `schedules list`.';
  return new ShipshapeError({ code: 'schedule', message: `There is no schedule "${name}".`, next });
}
