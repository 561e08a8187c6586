// What a database that was put back from a backup must forget: Slack and the sheets are ahead of it.
import { sql } from 'drizzle-orm';
import { type Cause, once } from './act.ts';
import { record } from './audit.ts';
import type { Db, Tx } from './client.ts';
import { refreshCards } from './outbox.ts';
import { NO_XACT } from './undump.ts';

/**
 * How far ids go on from the last one known: this many, and as many again for each ten minutes since. More than people make, so that whatever a life of
 * the database gave out stays behind where a later restore goes on, of the same backup (which knows nothing of that life), an older or a younger one. In
 * proportion to the time, and neither rounded nor capped: two restores of an old backup must differ by what can be made between them. Short, since
 * people read them (REL-12); transactions come by the thousand too, from an import that is done again; of the others nobody sees any.
 */
const GAP = 1_000_000;
const SHOWN_GAP = 1_000;
const GAPS = {
  releases: SHOWN_GAP,
  bugs: SHOWN_GAP,
  prod_issues: SHOWN_GAP,
  notes: SHOWN_GAP,
  fund_requests: SHOWN_GAP,
  ledger_transactions: 10 * SHOWN_GAP,
  regression_assignments: SHOWN_GAP,
  freezes: SHOWN_GAP,
  slots: SHOWN_GAP,
};
const GAP_SECONDS = 600;
/** Cards older than this are looked at by nobody. */
const CARDS = sql`interval '60 days'`;

/**
 * After a restore nothing is posted twice, signed by mistake or taken for something else: ids that were given out after the backup are not given
 * again (a button in Slack, or a row of a sheet, still has them); what waits to be posted is looked for first; the cards are drawn again; a reaction
 * found in a thread is asked about, whatever the last complete read saw; what came by the clock meanwhile is not done again.
 * Once per cause, with its audit event.
 * @param now by the database's clock, which says too when the last was done that it knows
 */
export async function noteRestore(db: Db, cause: Cause, now: Date, backupOf: Date | null): Promise<void> {
  await once(db, cause, async (tx) => {
    await skipIds(tx, now);
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

async function skipIds(tx: Tx, now: Date): Promise<void> {
  const at = now.toISOString();
  // What a clock that was fast dated into the future says nothing: the event before it does, and the gap is the larger for it.
  const times = sql`1 + coalesce((select extract(epoch from ${at}::timestamptz - max(record_time))
    from audit_events where record_time <= ${at}::timestamptz), 0) / ${GAP_SECONDS}::numeric`;
  await tx.execute(sql`
    select setval(s.oid::regclass, coalesce(pg_sequence_last_value(s.oid), 0)
      + ceil(times * coalesce((${JSON.stringify(GAPS)}::jsonb ->> t.relname)::numeric, ${GAP}::numeric))::bigint)
    from (select ${times} as times) since, pg_class s
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
