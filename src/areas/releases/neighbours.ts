// What an act on one release takes of the others of its product.
import { sql } from 'drizzle-orm';
import type { Tx } from '../../db/client.ts';
import { byVersion, loadFacts } from './store.ts';
import type { Facts, LiveAfter } from './types.ts';

/**
 * R9: the emergencies that were opened while this scheduled release was being pushed, so that none of them ever held it, and that still stand. Locked,
 * so that one that is cancelled at this moment is either gone here, or finds the hold that it has to lift.
 */
export async function emergenciesDuringPush(tx: Tx, { release }: Facts): Promise<{ id: number; shown: string }[]> {
  if (release.kind !== 'scheduled') return [];
  const { rows } = await tx.execute<{ id: string; shown: string }>(sql`select r.id, r.version as shown from releases r
    where r.product = ${release.product} and r.kind = 'emergency' and r.id > ${release.id} and r.state not in ('cancelled', 'rolled_back')
      and not exists (select 1 from holds h where h.release_id = ${release.id} and h.emergency_id = r.id) order by r.id for update`);
  return rows.map((r) => ({ id: Number(r.id), shown: r.shown }));
}

/** R8: what of its product went live last after this release, and is live now; null when nothing is. */
export async function liveAfter(tx: Tx, { release }: Facts): Promise<LiveAfter | null> {
  const { rows } = await tx.execute<{
    version: string;
    done_at: string | null;
  }>(sql`select version, done_at from releases
    where product = ${release.product} and state in ('verifying', 'done') and shipped_at > ${release.shippedAt}
    order by shipped_at desc limit 1`);
  const [row] = rows;
  return row ? { version: row.version, doneAt: row.done_at === null ? null : new Date(row.done_at) } : null;
}

/** The release that was opened as the version of this cancelled one after it. */
export async function openedAgain(tx: Tx, { release }: Facts): Promise<Facts | undefined> {
  const [other] = await byVersion(tx, release.version, release.product);
  const again = other && other.id !== release.id ? await loadFacts(tx, other.id) : undefined;
  return again && again.release.state !== 'cancelled' ? again : undefined;
}
