import { sql } from 'drizzle-orm';
import { SHIPSHAPE } from '../../base/actor.ts';
import { showId } from '../../base/ids.ts';
import { fundsOf } from '../../base/policy.ts';
import { type Cause, once } from '../../db/act.ts';
import { record } from '../../db/audit.ts';
import type { Db, Executor } from '../../db/client.ts';
import { refreshCards, refreshSheets } from '../../db/outbox.ts';
import { plainData } from './actions.ts';
import { bookNew } from './book.ts';
import type { Deps } from './deps.ts';
import { type Before, cameBefore, type Kept } from './import-before.ts';
import type { ReadyRow } from './import-check.ts';
import type { CellFault } from './import-row.ts';
import { OFF_CHAIN } from './ledger.ts';
import { importLine } from './lines.ts';
import { sayAboutCustody } from './spend.ts';

/** Releases as sheets name them: ids by `product version` in lower case. Of a version that was opened again after a cancellation it is the last. */
export async function releaseIds(db: Executor): Promise<Map<string, number>> {
  const { rows } = await db.execute<{ id: string; name: string }>(
    sql`select id, lower(product || ' ' || version) as name from releases order by id`,
  );
  return new Map(rows.map((row) => [row.name, Number(row.id)]));
}

/**
 * Compares rows with the books. A row without id is known by what it books, and else by what it says; one that is neither, and for which no hash speaks,
 * is not booked where it may be one that came in before: money twice is worse than a row that is asked about.
 * @returns those that are new, how many were imported before, which of these by a run that was ended before it said so, and what is wrong with the
 * others
 */
export async function compareRows(
  db: Db,
  ready: readonly ReadyRow[],
): Promise<{ fresh: ReadyRow[]; known: number; untold: ReadyRow[]; faults: CellFault[] }> {
  const [kept, taken] = await Promise.all([keptOf(db, ready), takenOf(db, ready)]);
  const strange = ready.filter((row) => !kept.has(row.key));
  const before = await cameBefore(db, strange, new Set(kept.keys()));
  const [fresh, untold, faults]: [ReadyRow[], ReadyRow[], CellFault[]] = [[], [], []];
  let known = 0;
  // By what they say first: what is left then was imported and is no row of this file.
  const same = new Map(strange.map((row) => [row, before.takeSame(row)]));
  for (const row of ready) {
    const again = same.get(row);
    const was = kept.get(row.key) ?? again?.kept;
    const by = taken.get(`${row.entry.chain ?? OFF_CHAIN} ${row.entry.hash}`);
    const twin = was ? undefined : before.twinOf(row);
    if (was && was.content !== row.content && was.says !== row.says) faults.push(changedFault(row, was));
    else if (!was && by !== undefined) faults.push(takenFaultOf(row, by));
    else if (!was && row.faultsIfNew.length) faults.push(...row.faultsIfNew);
    else if (twin) faults.push(twinFault(row, twin));
    else if (!was) fresh.push(row);
    else {
      known += 1;
      if (was.untold) untold.push({ ...row, key: again?.key ?? row.key });
    }
  }
  return { fresh, known, untold, faults };
}

function twinFault({ row, entry }: ReadyRow, { kept, at }: Before): CellFault {
  const shown = showId('TX', kept.txId);
  const day = (moment: Date) => moment.toISOString().slice(0, 10);
  const text = `This may be ${shown} in other words, which came in from a sheet: the same amount from the same to the same, on ${day(at)}, and here on ${day(entry.eventTime)}. If it is, leave it out (--skip-bad); if it is another one, import it in one file with that row as it was, or record it with /funds.`;
  return { cell: `row ${row}`, text };
}

function changedFault({ cells, id }: ReadyRow, { txId }: Kept): CellFault {
  const shown = showId('TX', txId);
  const text = `${id} was imported as ${shown}, and would be booked as something else now: the row has changed since, or what is made of it (team.zone, the usual wallet, a release that was opened again). Where ${shown} is wrong, correct it with /funds reverse ${shown}, and give the row a new id.`;
  return { cell: cells.id, text };
}

function takenFaultOf({ cells }: ReadyRow, by: number): CellFault {
  return { cell: cells.hash, text: `That transaction is in the books already, as ${showId('TX', by)}.` };
}

async function keptOf(db: Executor, ready: readonly ReadyRow[]): Promise<Map<string, Kept>> {
  const keys = sql.param(ready.map((row) => row.key));
  const { rows } = await db.execute<{ key: string; result: Kept }>(
    sql`select key, result from causes where key = any(${keys}::text[])`,
  );
  return new Map(rows.map((row) => [row.key, row.result]));
}

/** Which of their chain transactions stand in the books, by `chain hash`. */
async function takenOf(db: Executor, ready: readonly ReadyRow[]): Promise<Map<string, number>> {
  const hashes = sql.param(ready.flatMap(({ entry }) => entry.hash ?? []));
  const { rows } = await db.execute<{ place: string; id: string; chain: string | null }>(sql`
    select c.chain || ' ' || c.hash as place, max(l.id) as id
    from chain_transactions c join ledger_transactions l on l.chain_tx_id = c.id and l.reverses is null
    where c.hash = any(${hashes}::text[]) and not exists (select from ledger_transactions r where r.reverses = l.id)
    group by c.id`);
  return new Map(rows.map((row) => [row.place, Number(row.id)]));
}

/**
 * Books one row in a transaction of its own, once for ever by its key (R17), with its audit event. Were the database to forget the last of them in a crash,
 * the file is still there.
 * @returns whether it was written now, or a sentence about what was recorded meanwhile
 */
export async function importRow(deps: Deps, row: ReadyRow, file: string): Promise<'written' | 'known' | CellFault> {
  const now = deps.clock();
  const cause: Cause = { key: row.key, source: 'CLI', actor: SHIPSHAPE.id, eventTime: now, stored: true };
  try {
    const { repeated } = await once(deps.db, cause, async (tx): Promise<Kept> => {
      const booked = await bookNew(tx, row.entry, now, row.spend);
      if ('takenBy' in booked) throw new Taken(booked.takenBy);
      const { txId } = booked;
      const data = plainData({
        file,
        row: row.row,
        id: row.id,
        entry: row.entry,
        ...(row.spend && { spend: row.spend }),
      });
      await record(tx, cause, { verb: 'import', subject: showId('TX', txId), data }, now);
      return { txId, content: row.content, says: row.says, untold: true };
    });
    return repeated ? 'known' : 'written';
  } catch (err) {
    if (err instanceof Taken) return takenFaultOf(row, err.by);
    throw err;
  }
}

/** Undoes the transaction, the row's cause included. */
class Taken extends Error {
  readonly by: number;

  constructor(by: number) {
    super(`taken by ${by}`);
    this.by = by;
  }
}

/**
 * Says in the channel of test funds what came in, once for each row, and has drawn what that changed: the cards of their releases, and the sheets. Its
 * commit waits for the disk, and so for all before it. @param rows of this file that are in the books; those that were told before are left out
 */
export async function finishImport(deps: Deps, rows: readonly ReadyRow[], file: string): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const keys = sql.param(rows.map((row) => row.key));
    // In one order, for two imports of one file at a time.
    const { rows: told } = await tx.execute<{ key: string }>(sql`
      with mine as (select key from causes where key = any(${keys}::text[]) and result ? 'untold' order by key for update)
      update causes set result = result - 'untold' where key in (select key from mine) returning key`);
    const now = new Set(told.map(({ key }) => key));
    const came = rows.filter(({ key }) => now.has(key));
    if (!came.length) return;
    const postings = came.flatMap(({ entry }) => entry.postings);
    const ids = [...new Set(came.flatMap(({ entry }) => entry.releaseId ?? []))].sort((a, b) => a - b);
    for (const id of ids) await refreshCards(tx, showId('REL', id));
    await sayAboutCustody(tx, deps, importLine(file, came.length, postings, fundsOf(deps.policy)));
    await refreshSheets(tx);
  });
}
