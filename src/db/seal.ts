// R26: the sealer. It alone chains events, after they are committed, so that writers never wait on each other.
import { createHash } from 'node:crypto';
import { asc, desc, eq, inArray, sql } from 'drizzle-orm';
import type { Db } from './client.ts';
import { auditChain, auditEvents, auditUnsealed } from './schema/audit.ts';

/** Advisory lock: one sealer at a time, whoever runs it. */
const SEAL_LOCK = 7_447_003;
const BATCH = 500;

/** What the first position has for a previous hash. */
export const GENESIS = '0'.repeat(64);

/** The newest position of the chain, to be kept where the database cannot reach. */
export interface Head {
  position: number;
  hash: string;
}

/** The hash of one position: sha256 in hex over the previous hash, the position, the event's id and its canonical text. */
export function linkHash(previous: string, position: number, eventId: number, canonical: string): string {
  return createHash('sha256').update(`${previous}\n${position}\n${eventId}\n${canonical}`).digest('hex');
}

/** The newest sealed position, or undefined before the first. */
export async function headOf(db: Pick<Db, 'select'>): Promise<Head | undefined> {
  const { position, hash } = auditChain;
  const [head] = await db.select({ position, hash }).from(auditChain).orderBy(desc(position)).limit(1);
  return head;
}

/**
 * Seals up to 500 waiting events, oldest first.
 * @returns how many; 0 when none wait, or when another sealer is at work.
 */
export async function seal(db: Db, now: Date): Promise<number> {
  return db.transaction(async (tx) => {
    const lock = await tx.execute<{ mine: boolean }>(sql`select pg_try_advisory_xact_lock(${SEAL_LOCK}) as mine`);
    if (!lock.rows[0]?.mine) return 0;
    const waiting = await tx
      .select({ id: auditEvents.id, canonical: auditEvents.canonical })
      .from(auditUnsealed)
      .innerJoin(auditEvents, eq(auditEvents.id, auditUnsealed.eventId))
      .orderBy(asc(auditUnsealed.eventId))
      .limit(BATCH);
    if (waiting.length === 0) return 0;
    let { position, hash } = (await headOf(tx)) ?? { position: 0, hash: GENESIS };
    const links = waiting.map(({ id, canonical }) => {
      const previous = hash;
      position += 1;
      hash = linkHash(previous, position, id, canonical);
      return { position, eventId: id, previous, hash, sealedAt: now };
    });
    await tx.insert(auditChain).values(links);
    const sealed = waiting.map((event) => event.id);
    await tx.delete(auditUnsealed).where(inArray(auditUnsealed.eventId, sealed));
    return links.length;
  });
}
