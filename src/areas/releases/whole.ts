// Reads releases with all that belongs to them in one query. It runs several times per event, and drizzle's relational
// queries cost more to put together than PostgreSQL takes to answer them: hence SQL, and JSON read by the columns' own types.
import { desc, eq, getTableColumns, type SQL, sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { Executor } from '../../db/client.ts';
import { threads } from '../../db/schema/core.ts';
import { candidates, holds, presences, releases, signOffs } from '../../db/schema/releases.ts';
import { GATE, type Gate, readGate, withTrees } from './gate.ts';
import type { Facts } from './types.ts';

type Json = Record<string, unknown>;

const json = <T>(text: SQL) => sql<T>`${text}`;

/** A release's row, and as JSON what other tables have of it. */
const WHOLE = {
  release: json<Json>(sql`row_to_json(${releases})`),
  channel: threads.channel,
  rootTs: threads.rootTs,
  url: threads.url,
  gate: json<Gate>(GATE),
  candidates: json<Json[]>(
    sql`(select coalesce(json_agg(c order by seq), '[]') from candidates c where c.release_id = ${releases.id})`,
  ),
  presences: json<Json[]>(
    sql`(select coalesce(json_agg(p), '[]') from presences p where p.release_id = ${releases.id})`,
  ),
  signOffs: json<Json[]>(
    sql`(select coalesce(json_agg(s order by s.id), '[]') from sign_offs s where s.release_id = ${releases.id})`,
  ),
  holds: json<Json[]>(
    sql`(select coalesce(json_agg(h order by h.id), '[]') from holds h where h.release_id = ${releases.id})`,
  ),
};

const select = (db: Executor) =>
  db.select(WHOLE).from(releases).innerJoin(threads, eq(threads.id, releases.threadId)).$dynamic();

/**
 * The facts of one release, or undefined. Prepared under a name, once per connection: PostgreSQL takes longer to plan this
 * query than to answer it. Its columns are JSON and texts, so that a migration beside a running instance does not change their types.
 */
export async function loadOne(db: Executor, id: number): Promise<Facts | undefined> {
  const query = select(db)
    .where(eq(releases.id, sql.placeholder('id')))
    .prepare('release_whole');
  return (await query.execute({ id })).map(toFacts)[0];
}

/**
 * The facts of the releases that fit `where`, newest first; prepared as well.
 * @param name of this `where`: what differs from call to call is a placeholder of it, in `values`
 */
export async function loadAll(
  db: Executor,
  name: string,
  where: SQL,
  { limit, ...values }: { limit?: number } & Record<string, unknown> = {},
): Promise<Facts[]> {
  const all = select(db).where(where).orderBy(desc(releases.id));
  const query = limit === undefined ? all : all.limit(sql.placeholder('limit'));
  return (await query.prepare(name).execute({ ...values, limit })).map(toFacts);
}

function toFacts(row: Awaited<ReturnType<typeof select>>[number]): Facts {
  const release = readRelease(row.release);
  const stage = release.state === 'verifying' || release.state === 'done' ? 'production' : 'candidate';
  return {
    release,
    candidates: withTrees(row.candidates.map(readCandidate), row.gate),
    presences: row.presences.map(readPresence),
    signOffs: row.signOffs.map(readSignOff),
    holds: row.holds.map(readHold),
    thread: { channel: row.channel, rootTs: row.rootTs, url: row.url },
    ...readGate(row.gate, stage),
  };
}

/** Reads a row of `table` that PostgreSQL wrote as JSON: keys and values as a select would give them. */
function reader<T extends PgTable>(table: T): (json: Json) => T['$inferSelect'] {
  const columns = Object.entries(getTableColumns(table));
  return (json) =>
    Object.fromEntries(
      columns.map(([key, column]) => {
        const value = json[column.name];
        return [key, value === null ? null : column.mapFromDriverValue(value)];
      }),
    );
}

const readRelease = reader(releases);
const readCandidate = reader(candidates);
const readPresence = reader(presences);
const readSignOff = reader(signOffs);
const readHold = reader(holds);
