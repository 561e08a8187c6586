import { and, asc, desc, eq, gt, inArray, or, sql } from 'drizzle-orm';
import { OPEN_STATES, WATCH_MS } from '../../base/release.ts';
import { type Executor, type Tx, together } from '../../db/client.ts';

import { candidateFacts } from '../../db/schema/changes.ts';
import { candidates, claims, holds, OPEN, presences, releases, signOffs } from '../../db/schema/releases.ts';

import { stateChange } from './evolve.ts';
import type { Candidate, Change, Facts, Release } from './types.ts';
import { loadAll, loadOne } from './whole.ts';

/** Locks a release's row until the transaction ends, so that acts on one release come one after the other. */
export async function lockRelease(tx: Tx, id: number): Promise<void> {
  await tx.execute(sql`select 1 from releases where id = ${id} for update`);
}

/** All a release's facts in one query, or undefined when there is no such release. */
export async function loadFacts(db: Executor, id: number): Promise<Facts | undefined> {
  return loadOne(db, id);
}

/** Releases on their way to production, newest first. */
export async function openReleases(db: Executor): Promise<Facts[]> {
  return loadAll(db, 'releases_open', sql`${releases.state} in ${OPEN}`);
}

/** Open ones, and those done and still watched, newest first (R8). */
export async function liveReleases(db: Executor, now: Date): Promise<Facts[]> {
  const since = new Date(now.getTime() - WATCH_MS).toISOString();
  const watched = sql`${releases.state} = 'done' and ${releases.doneAt} > ${sql.placeholder('since')}`;
  return loadAll(db, 'releases_live', sql`${releases.state} in ${OPEN} or ${watched}`, { since });
}

/** The last `limit` releases that ended, newest first. */
export async function endedReleases(db: Executor, limit: number): Promise<Facts[]> {
  return loadAll(db, 'releases_ended', sql`${releases.state} in ('done', 'cancelled', 'rolled_back')`, { limit });
}

/** Releases that shipped on one sign-off and still owe the review (R9). */
export async function owingReview(db: Executor): Promise<Facts[]> {
  return loadAll(db, 'releases_owing', sql`${releases.onOne} is not null and ${releases.reviewedBy} is null`);
}

/** Releases by version, the newest first, cancelled ones last. */
export async function byVersion(
  db: Executor,
  version: string,
  product?: string,
): Promise<{ id: number; product: string }[]> {
  return db
    .select({ id: releases.id, product: releases.product })
    .from(releases)
    .where(and(eq(releases.version, version), product ? eq(releases.product, product) : undefined))
    .orderBy(sql`${releases.state} = 'cancelled'`, desc(releases.id))
    .limit(20);
}

/** The release for which a person's message was heard as an LGTM, whichever thread it stands in. */
export async function releaseOfWord(
  db: Executor,
  channel: string,
  ts: string,
  person: string,
): Promise<number | undefined> {
  const [row] = await db
    .select({ id: claims.releaseId })
    .from(claims)
    .where(and(eq(claims.channel, channel), eq(claims.ts, ts), eq(claims.person, person), eq(claims.road, 'word')));
  return row?.id;
}

/**
 * Writes what a decision changed, all of one act: the same as evolve() does in memory.
 * @param f the facts the decision was made on
 */
export async function writeChanges(tx: Tx, f: Facts, changes: readonly Change[], now: Date): Promise<void> {
  if (!changes.length) return;
  const act = f.release.acts + 1;
  const set: Partial<typeof releases.$inferInsert> = { acts: act };
  for (const c of changes) setFor(c, { act, now, set, known: f.release.knownBlockers });
  const one = async () => {
    for (const c of changes) await writeOne(tx, f.release, c, { act, now });
  };
  await together([one(), tx.update(releases).set(set).where(eq(releases.id, f.release.id))]);
}

/** What a change sets in the release's own row. */
function setFor(
  c: Change,
  w: { act: number; now: Date; set: Partial<typeof releases.$inferInsert>; known: number[] },
): void {
  const { act, now, set } = w;
  const known = (set.knownBlockers as number[] | undefined) ?? w.known;
  switch (c.kind) {
    case 'state':
      Object.assign(set, stateChange(c.to, c.reason ?? null, now));
      return;
    case 'held':
      Object.assign(set, { gateAct: act, gateAt: now, ...(!c.late && { interruptedAct: act }) });
      return;
    case 'unheld':
    case 'candidate':
      Object.assign(set, { gateAct: act, gateAt: now });
      return;
    case 'blocked':
      Object.assign(set, { gateAct: act, gateAt: now, ...(!c.late && { interruptedAct: act }) });
      set.knownBlockers = [...known, ...c.seqs];
      return;
    case 'unblocked':
      set.knownBlockers = known.filter((seq) => !c.seqs.includes(seq));
      Object.assign(set, { gateAct: act, gateAt: now });
      return;
    case 'on_one':
      Object.assign(set, { onOne: c.signer, reviewDueAt: c.reviewDueAt });
      return;
    case 'push_failed':
      Object.assign(set, { interruptedAct: act, gateAct: act, gateAt: now });
      Object.assign(set, { onOne: null, reviewDueAt: null, reviewedBy: null, reviewedAt: null });
      return;
    case 'reviewed':
      Object.assign(set, { reviewedBy: c.person, reviewedAt: now });
  }
}

/** What a change writes into other tables. */
async function writeOne(tx: Tx, release: Release, c: Change, { act, now }: { act: number; now: Date }): Promise<void> {
  const { id: releaseId, state } = release;
  switch (c.kind) {
    case 'arrived':
      await writeArrival(tx, releaseId, c, now);
      return;
    case 'renewed':
    case 'left':
      await tx
        .update(presences)
        .set(c.kind === 'left' ? { leftAt: now } : { renewedAt: now })
        .where(and(eq(presences.releaseId, releaseId), eq(presences.stage, c.stage), eq(presences.person, c.person)));
      return;
    case 'signed':
      await writeSignOff(tx, releaseId, c, { act, now });
      return;
    case 'retracted':
    case 'disqualified':
      await tx
        .update(signOffs)
        .set(c.late ? { lateAt: now } : { retractedAt: now })
        .where(
          and(
            eq(signOffs.releaseId, releaseId),
            eq(signOffs.stage, c.stage),
            eq(signOffs.person, c.person),
            sql`retracted_at is null`,
          ),
        );
      return;
    case 'held': {
      const { person, reason, road, emergencyId } = c;
      await tx.insert(holds).values({ releaseId, person, reason, road, emergencyId, setAt: now, act });
      return;
    }
    case 'hold_reason':
      await tx.update(holds).set({ reason: c.reason }).where(eq(holds.id, c.holdId));
      return;
    case 'unheld':
      await tx.update(holds).set({ liftedAt: now, liftedBy: c.person }).where(eq(holds.id, c.holdId));
      return;
    case 'candidate':
      await addCandidate(tx, { ...c, releaseId, namedBy: c.person, namedAt: now });
      return;
    case 'tree_verified':
      // Written by whoever asked GitHub, together with the rest of its answer.
      return;
    case 'carried':
      await tx.execute(sql`insert into sign_offs (release_id, candidate_id, stage, person, road, given_at, act, late_at)
        select s.release_id, (select id from candidates where release_id = ${releaseId} order by seq desc limit 1), s.stage, s.person, s.road, s.given_at, s.act, s.late_at
        from sign_offs s where s.id = ${c.signOffId}`);
      return;
    case 'authors':
      await tx.execute(
        sql`update releases set authors = authors || ${sql.param(c.people)}::text[] where id = ${releaseId}`,
      );
      return;
    case 'blocked':
      if (state === 'verifying')
        await tx.execute(sql`update sign_offs set act = 0 where release_id = ${releaseId} and stage = 'production'`);
      return;
    case 'push_failed':
      await tx
        .update(signOffs)
        .set({ retractedAt: sql`late_at` })
        .where(and(eq(signOffs.releaseId, releaseId), sql`late_at is not null and retracted_at is null`));
  }
}

async function writeArrival(
  tx: Tx,
  releaseId: number,
  { stage, person }: Extract<Change, { kind: 'arrived' }>,
  now: Date,
): Promise<void> {
  const row = { since: now, renewedAt: now, leftAt: null };
  await tx
    .insert(presences)
    .values({ releaseId, stage, person, ...row })
    .onConflictDoUpdate({ target: [presences.releaseId, presences.stage, presences.person], set: row });
}

async function writeSignOff(
  tx: Tx,
  releaseId: number,
  c: Extract<Change, { kind: 'signed' }>,
  { act, now }: { act: number; now: Date },
): Promise<void> {
  const row = { road: c.road, givenAt: now, act, lateAt: null };
  await tx
    .insert(signOffs)
    .values({ releaseId, candidateId: c.candidateId, stage: c.stage, person: c.person, ...row })
    .onConflictDoUpdate({
      target: [signOffs.candidateId, signOffs.stage, signOffs.person],
      targetWhere: sql`retracted_at is null`,
      set: row,
    });
}

/** Adds a release's next candidate, with its tree when GitHub confirmed that in time (R3). */
export async function addCandidate(
  tx: Tx,
  c: { releaseId: number } & Pick<Candidate, 'commit' | 'tree' | 'verifiedTree' | 'namedBy' | 'namedAt'>,
): Promise<void> {
  const { releaseId, commit, tree, verifiedTree, namedBy, namedAt } = c;
  const seq = sql`(select coalesce(max(seq), 0) + 1 from candidates where release_id = ${releaseId})`;
  const [made] = await tx
    .insert(candidates)
    .values({ releaseId, seq, commit, tree, namedBy, namedAt })
    .returning({ id: candidates.id });
  if (verifiedTree !== null)
    await tx.insert(candidateFacts).values({ candidateId: (made as { id: number }).id, tree: verifiedTree });
}

/** Notes when the card first showed a candidate (R3). @param at as Slack dates it; left out: now, by the clock that dates the events received too */
export async function markShown(db: Executor, candidateId: number, at?: Date): Promise<void> {
  await db
    .update(candidates)
    .set({ shownAt: at ?? sql`clock_timestamp()` })
    .where(and(eq(candidates.id, candidateId), sql`shown_at is null`));
}

/** Releases that hold because of this emergency (R9). */
export async function emergencyHolds(tx: Tx, emergencyId: number): Promise<number[]> {
  const rows = await tx
    .selectDistinct({ id: holds.releaseId })
    .from(holds)
    .where(and(eq(holds.emergencyId, emergencyId), sql`lifted_at is null`));
  return rows.map((r) => r.id);
}

/**
 * Ids of the releases whose threads are read: the open ones, and for a day those that ended, until they were read ten minutes later. What was said just
 * then may have been lost, and whoever said it is to hear that it is over.
 */
export async function idsToRead(db: Executor): Promise<number[]> {
  // Times noted by a clock that was fast for a while are none.
  const { rows } = await db.execute<{ id: string }>(sql`
    select id from releases where state in ${OPEN} or (state_since between now() - interval '1 day' and now() + interval '1 minute' and
      (reconciled_at is null or reconciled_at < state_since + interval '10 minutes' or reconciled_at > now() + interval '1 minute')) order by id`);
  return rows.map((r) => Number(r.id));
}

/** How many releases are open, by state. */
export async function countByState(db: Executor): Promise<Record<string, number>> {
  const rows = await db
    .select({ state: releases.state, n: sql<string>`count(*)` })
    .from(releases)
    .where(inArray(releases.state, [...OPEN_STATES]))
    .groupBy(releases.state);
  const none = Object.fromEntries(OPEN_STATES.map((state) => [state, 0]));
  return { ...none, ...Object.fromEntries(rows.map((r) => [r.state, Number(r.n)])) };
}

/** The releases of a product that can still change: open, or done and watched. Oldest first, so that locks are taken in one order. */
export async function gatedIds(db: Executor, product: string, now: Date): Promise<number[]> {
  const since = new Date(now.getTime() - WATCH_MS);
  const rows = await db
    .select({ id: releases.id })
    .from(releases)
    .where(
      and(
        eq(releases.product, product),
        or(inArray(releases.state, [...OPEN_STATES]), and(eq(releases.state, 'done'), gt(releases.doneAt, since))),
      ),
    )
    .orderBy(asc(releases.id));
  return rows.map((r) => r.id);
}
