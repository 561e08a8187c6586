// R26: checks the audit trail against its seal, in batches, so that its length costs time and not memory.
import { asc, eq, gt, isNull, sql } from 'drizzle-orm';
import { type AuditFields, canonical } from './audit.ts';
import type { Db, Tx } from './client.ts';
import { auditChain, auditEvents, auditUnsealed } from './schema/audit.ts';
import { GENESIS, type Head, linkHash } from './seal.ts';

const BATCH = 2_000;
/** A trail that is broken in a thousand places is not read line by line. */
const FAULTS_SHOWN = 100;

export interface AuditReport {
  ok: boolean;
  /** How many events there are; `sealed` of them are in the chain, `unsealed` wait for it. */
  events: number;
  sealed: number;
  unsealed: number;
  /** Sentences, each naming position and event. */
  faults: string[];
}

/**
 * Finds an edited event, a gap, a broken or reordered chain, an event that escaped its seal or waits for it too long, and
 * by `heads` (posted outside of the database) a tail that was cut off or a chain that was computed anew.
 */
export async function verifyAudit(db: Db, heads: Head[]): Promise<AuditReport> {
  const faults: string[] = [];
  let hidden = 0;
  const say = (fault: string) => {
    if (faults.length < FAULTS_SHOWN) faults.push(fault);
    else hidden += 1;
  };
  // One snapshot: a sealer at work meanwhile is no fault.
  const counts = await db.transaction(
    async (tx) => {
      const sealed = await checkChain(tx, say);
      const { events, unsealed } = await checkEvents(tx, say);
      await checkWaiting(tx, say);
      for (const head of heads) await checkHead(tx, head, say);
      return { events, sealed, unsealed };
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
  if (hidden > 0) faults.push(`And ${hidden} more.`);
  return { ok: faults.length === 0, ...counts, faults };
}

async function checkChain(tx: Tx, say: (fault: string) => void): Promise<number> {
  let last = { position: 0, hash: GENESIS };
  let count = 0;
  for (;;) {
    const rows = await tx
      .select({ link: auditChain, event: auditEvents })
      .from(auditChain)
      .leftJoin(auditEvents, eq(auditEvents.id, auditChain.eventId))
      .where(gt(auditChain.position, last.position))
      .orderBy(asc(auditChain.position))
      .limit(BATCH);
    for (const { link, event } of rows) {
      const { position, eventId } = link;
      const at = `Position ${position} (event ${eventId})`;
      if (position !== last.position + 1) say(`${at} follows position ${last.position}: what was between is missing.`);
      else if (link.previous !== last.hash)
        say(`${at} does not continue position ${last.position}: the chain is broken.`);
      if (!event) say(`${at} seals an event that is not there any more.`);
      else {
        if (link.hash !== linkHash(link.previous, position, eventId, event.canonical))
          say(`${at} does not match its seal: ${about(event)} was changed, or put in another's place.`);
        checkColumns(event, at, say);
      }
      last = { position, hash: link.hash };
    }
    count += rows.length;
    if (rows.length < BATCH) return count;
  }
}

/** Events outside of the chain; those inside are checked with it. */
async function checkEvents(tx: Tx, say: (fault: string) => void): Promise<{ events: number; unsealed: number }> {
  let after = 0;
  let unsealed = 0;
  const late = sql<boolean>`${auditEvents.recordTime} < now() - interval '10 minutes'`;
  for (;;) {
    const rows = await tx
      .select({ event: auditEvents, waits: sql<boolean>`${auditUnsealed.eventId} is not null`, late })
      .from(auditEvents)
      .leftJoin(auditChain, eq(auditChain.eventId, auditEvents.id))
      .leftJoin(auditUnsealed, eq(auditUnsealed.eventId, auditEvents.id))
      .where(sql`${isNull(auditChain.position)} and ${auditEvents.id} > ${after}`)
      .orderBy(asc(auditEvents.id))
      .limit(BATCH);
    for (const { event, waits, late } of rows) {
      const at = `Event ${event.id} (no position)`;
      if (!waits) say(`${at} is neither sealed nor waiting for its seal: ${about(event)}.`);
      else {
        unsealed += 1;
        if (late) say(`${at} has waited for its seal for over 10 minutes: is the bot running?`);
      }
      checkColumns(event, at, say);
      after = event.id;
    }
    if (rows.length < BATCH) break;
  }
  const [count] = await tx.select({ events: sql<string>`count(*)` }).from(auditEvents);
  return { events: Number(count?.events ?? 0), unsealed };
}

async function checkWaiting(tx: Tx, say: (fault: string) => void): Promise<void> {
  const gone = await tx
    .select({ id: auditUnsealed.eventId })
    .from(auditUnsealed)
    .leftJoin(auditEvents, eq(auditEvents.id, auditUnsealed.eventId))
    .where(isNull(auditEvents.id))
    .orderBy(asc(auditUnsealed.eventId))
    .limit(BATCH);
  for (const { id } of gone) say(`Event ${id} (no position) was to be sealed and is not there any more.`);
  const both = await tx
    .select({ id: auditUnsealed.eventId, position: auditChain.position })
    .from(auditUnsealed)
    .innerJoin(auditChain, eq(auditChain.eventId, auditUnsealed.eventId))
    .limit(BATCH);
  for (const { id, position } of both) say(`Event ${id} is sealed at position ${position} and waits for a seal too.`);
}

async function checkHead(tx: Tx, head: Head, say: (fault: string) => void): Promise<void> {
  const [link] = await tx
    .select({ hash: auditChain.hash, eventId: auditChain.eventId })
    .from(auditChain)
    .where(eq(auditChain.position, head.position));
  if (!link)
    say(`Position ${head.position} was published and is not there any more: the end of the chain was cut off.`);
  else if (link.hash !== head.hash)
    say(
      `Position ${head.position} (event ${link.eventId}) has another hash than was published: the chain was rewritten.`,
    );
}

function checkColumns(
  event: AuditFields & { id: number; canonical: string },
  at: string,
  say: (fault: string) => void,
) {
  if (canonical(event) !== event.canonical) say(`${at} differs from the text it was recorded with: ${about(event)}.`);
}

function about(event: AuditFields): string {
  return `"${event.verb}" on ${event.subject} by ${event.actor}`;
}
