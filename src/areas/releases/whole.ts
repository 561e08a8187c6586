// Reads releases with all that belongs to them in one query. It runs several times per event, and drizzle's relational
// queries cost more to put together than PostgreSQL takes to answer them: hence SQL, and JSON read by the columns' own types.
import { getTableColumns, type SQL, sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { Executor } from '../../db/client.ts';
import { candidates, holds, presences, releases, signOffs } from '../../db/schema/releases.ts';
import { GATE, type Gate, readGate, withTrees } from './gate.ts';
import type { Facts } from './types.ts';

type Json = Record<string, unknown>;

interface Whole extends Record<string, unknown> {
  release: Json;
  candidates: Json[];
  presences: Json[];
  sign_offs: Json[];
  holds: Json[];
  gate: Gate;
  channel: string;
  root_ts: string | null;
  url: string | null;
}

/** The facts of the releases that `rest` (a where, with order and limit) selects. */
export async function loadWhole(db: Executor, rest: SQL): Promise<Facts[]> {
  const { rows } = await db.execute<Whole>(sql`
    select row_to_json(releases) as release, threads.channel, threads.root_ts, threads.url, ${GATE} as gate,
      (select coalesce(json_agg(c order by seq), '[]') from candidates c where c.release_id = releases.id) as candidates,
      (select coalesce(json_agg(p), '[]') from presences p where p.release_id = releases.id) as presences,
      (select coalesce(json_agg(s order by s.id), '[]') from sign_offs s where s.release_id = releases.id) as sign_offs,
      (select coalesce(json_agg(h order by h.id), '[]') from holds h where h.release_id = releases.id) as holds
    from releases join threads on threads.id = releases.thread_id ${rest}`);
  return rows.map((row) => {
    const release = readRelease(row.release);
    const stage = release.state === 'verifying' || release.state === 'done' ? 'production' : 'candidate';
    return {
      release,
      candidates: withTrees(row.candidates.map(readCandidate), row.gate),
      presences: row.presences.map(readPresence),
      signOffs: row.sign_offs.map(readSignOff),
      holds: row.holds.map(readHold),
      thread: { channel: row.channel, rootTs: row.root_ts, url: row.url },
      ...readGate(row.gate, stage),
    };
  });
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
