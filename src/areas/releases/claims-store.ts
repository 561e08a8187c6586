import { and, eq } from 'drizzle-orm';
import type { Db, Tx } from '../../db/client.ts';
import { claims } from '../../db/schema/releases.ts';
import type { Sighting } from './sightings.ts';

export type Claim = typeof claims.$inferSelect;

/** What is known of what one person says on one message by one road. */
export async function claimOf(
  db: Db | Tx,
  s: Pick<Sighting, 'channel' | 'ts' | 'person' | 'road'>,
): Promise<Claim | undefined> {
  const [known] = await db
    .select()
    .from(claims)
    .where(
      and(eq(claims.channel, s.channel), eq(claims.ts, s.ts), eq(claims.person, s.person), eq(claims.road, s.road)),
    );
  return known;
}

/** Everything one person says, or said, on one release. */
export async function claimsBy(db: Db | Tx, releaseId: number, person: string): Promise<Claim[]> {
  return db
    .select()
    .from(claims)
    .where(and(eq(claims.releaseId, releaseId), eq(claims.person, person)));
}

/** Notes a sighting and what came of it; `known` is the claim before. */
export async function keepClaim(
  tx: Tx,
  releaseId: number,
  s: Sighting,
  known: Claim | undefined,
  came: Pick<Claim, 'outcome' | 'changedAt'> & { [key in 'given' | 'undoneAt']: Claim[key] | undefined },
): Promise<void> {
  const { channel, ts, person, road, present, eventTs } = s;
  const set = { present, eventTs, ...came, version: (known?.version ?? 0) + 1 };
  await tx
    .insert(claims)
    .values({ channel, ts, person, road, releaseId, ...set })
    .onConflictDoUpdate({ target: [claims.channel, claims.ts, claims.person, claims.road], set });
}
