// What a database that was put back from a backup must forget: Slack and the sheets are ahead of it.
import { sql } from 'drizzle-orm';
import { type Cause, once } from './act.ts';
import { record } from './audit.ts';
import type { Db, Tx } from './client.ts';
import { refreshCards } from './outbox.ts';
import { NO_XACT } from './undump.ts';

/** Ids that people read (REL-12) go on this far from the last one known; all others further. */
const SHOWN_GAP = 1_000;
const GAP = 1_000_000;
const SHOWN = [
  'releases',
  'bugs',
  'prod_issues',
  'notes',
  'fund_requests',
  'ledger_transactions',
  'regression_assignments',
  'freezes',
  'slots',
];
/** Cards older than this are looked at by nobody. */
const CARDS = sql`interval '60 days'`;

/**
 * After a restore nothing is posted twice, signed by mistake or taken for something else: ids that were given out after the backup are not given
 * again (a button in Slack, or a row of a sheet, still has them); what waits to be posted is looked for first; the cards are drawn again; a reaction
 * found in a thread is asked about, whatever the last complete read saw; what came by the clock meanwhile is not done again.
 * Once per cause, with its audit event.
 */
export async function noteRestore(db: Db, cause: Cause, now: Date, backupOf: Date | null): Promise<void> {
  await once(db, cause, async (tx) => {
    await skipIds(tx);
    await tx.execute(sql`update outbox set attempted_at = now() - interval '1 minute'
      where posted_ts is null and failed_at is null and attempted_at is null`);
    const { rows } = await tx.execute<{ subject: string }>(sql`update outbox set shown_hash = null
      where role in ('card', 'check') and posted_at > now() - ${CARDS} and failed_at is null and subject is not null returning subject`);
    for (const subject of new Set(rows.map((row) => row.subject))) await refreshCards(tx, subject);
    await tx.execute(sql`update homes set shown_hash = null`);
    await tx.execute(sql`update releases set reconciled_at = null`);
    // What became of the slots of that time is not known, so they are not counted as missed.
    await tx.execute(sql`update slot_looks set until = greatest(until, now())`);
    await tx.execute(
      sql`update slot_products p set outcome = 'cancelled' from slots s where s.id = p.slot_id and p.outcome = 'planned' and s.until < now()`,
    );
    await tx.execute(sql`update schedules set next_at = null, next_local = null where next_at <= now()`);
    await record(tx, cause, { verb: 'restore', subject: 'database', data: { backupOf } }, now);
    return null;
  });
}

async function skipIds(tx: Tx): Promise<void> {
  await tx.execute(sql`
    select setval(s.oid::regclass,
      coalesce(pg_sequence_last_value(s.oid), 0) + case when t.relname = any(${sql.param(SHOWN)}::text[]) then ${SHOWN_GAP}::bigint else ${GAP}::bigint end)
    from pg_class s
    join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = s.oid and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
    join pg_class t on t.oid = d.refobjid
    where s.relkind = 'S' and s.relnamespace = 'public'::regnamespace`);
}

/**
 * Postings are taken only from the database transaction that made theirs (R17), known by its number. A cluster that pg_restore filled has not counted
 * that far, so that one of its own would come to bear the number of an old one, and could add to old books: those numbers are taken away. The owner of
 * the table may lift its trigger for this; nothing else of the rows changes.
 */
export async function closeBooks(db: Db): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`alter table ledger_transactions disable trigger ledger_transactions_keep_rows`);
    await tx.execute(sql`update ledger_transactions set xact = ${sql.raw(NO_XACT)} where xact >= pg_current_xact_id()`);
    await tx.execute(sql`alter table ledger_transactions enable trigger ledger_transactions_keep_rows`);
  });
}
