import { and, asc, desc, eq, gt, gte, inArray, isNotNull, isNull, lt, lte, or, sql } from 'drizzle-orm';
import { APART_MS } from '../../base/clock.ts';
import type { Policy } from '../../base/policy.ts';
import type { Freeze, Slot } from '../../base/slots.ts';
import { addDays, localDay } from '../../base/zone.ts';
import type { Executor, Tx } from '../../db/client.ts';
import { goneOf, membersOf, zonesOf } from '../../db/people.ts';
import { absences, freezes, slotLooks, slotProducts, slots } from '../../db/schema/cadence.ts';
import { awayAt, countKept, onDuty } from './rules.ts';
import type { Absence, FreezeAsk, Kept, Outcome, ProductSlot, Pushed, SlotRow } from './types.ts';

/** A release that missed its slot may still turn it into a late one so long. */
const LATE_DAYS = 30;
const DAY_MS = 24 * 3_600_000;

const FREEZE = {
  id: freezes.id,
  product: freezes.product,
  startsAt: freezes.startsAt,
  endsAt: freezes.endsAt,
  reason: freezes.reason,
  setBy: freezes.setBy,
};

/** Freezes that hold or will hold, the earliest first. */
export async function freezesAhead(db: Executor, now: Date): Promise<Freeze[]> {
  return db
    .select(FREEZE)
    .from(freezes)
    .where(and(isNull(freezes.thawedAt), gt(freezes.endsAt, now)))
    .orderBy(asc(freezes.startsAt), asc(freezes.id));
}

/** The same, locked: whoever ends them sees them as they are. */
export async function lockFreezes(tx: Tx, now: Date): Promise<Freeze[]> {
  await tx.execute(sql`select 1 from freezes where thawed_at is null and ends_at > ${now.toISOString()} for update`);
  return freezesAhead(tx, now);
}

/** All freezes that held after `since`; thawed ones end when they were thawed. */
export async function freezesSince(db: Executor, since: Date): Promise<Freeze[]> {
  const endsAt = sql<Date>`least(${freezes.endsAt}, ${freezes.thawedAt})`.mapWith(freezes.endsAt);
  return db
    .select({ ...FREEZE, endsAt })
    .from(freezes)
    .where(gt(endsAt, since));
}

/** @returns its id */
export async function addFreeze(tx: Tx, freeze: FreezeAsk & { setBy: string; setAt: Date }): Promise<number> {
  const [made] = await tx.insert(freezes).values(freeze).returning({ id: freezes.id });
  return (made as { id: number }).id;
}

export async function endFreezes(tx: Tx, ids: readonly number[], thawedBy: string, thawedAt: Date): Promise<void> {
  await tx
    .update(freezes)
    .set({ thawedAt, thawedBy })
    .where(inArray(freezes.id, [...ids]));
}

/** Shown ids of what a freeze of the product (null: all) shows on: open scheduled releases, and slots that are not over. */
export async function frozenSubjects(db: Executor, product: string | null, now: Date): Promise<string[]> {
  const { rows } = await db.execute<{ subject: string }>(sql`
    select 'REL-' || id as subject from releases where kind = 'scheduled' and state in ('waiting', 'testing', 'approved')
      and (${product}::text is null or product = ${product})
    union all select 'SLOT-' || id from slots where until >= ${now.toISOString()} order by subject`);
  return rows.map((row) => row.subject);
}

/** Up to when the cadence was looked after; null before the first time. */
export async function lookedUntil(db: Executor): Promise<Date | null> {
  const [row] = await db.select({ until: slotLooks.until }).from(slotLooks);
  return row?.until ?? null;
}

/** Notes that it was looked after until `now`; never back, but from a time that a fast clock noted. */
export async function writeLook(db: Executor, now: Date): Promise<void> {
  const ahead = sql`${slotLooks.until} > excluded.until + make_interval(secs => ${APART_MS / 1000})`;
  const until = sql`case when ${ahead} then excluded.until else greatest(${slotLooks.until}, excluded.until) end`;
  await db.insert(slotLooks).values({ until: now }).onConflictDoUpdate({ target: slotLooks.id, set: { until } });
}

/** Puts a slot on record for these products. @returns its id; undefined when it is there already */
export async function insertSlot(
  tx: Tx,
  slot: Slot,
  products: readonly string[],
  proposedAt: Date,
): Promise<number | undefined> {
  // Looked for first: an insert that finds it there uses up an id, every minute.
  const [there] = await tx.select({ id: slots.id }).from(slots).where(eq(slots.local, slot.local));
  if (there) return undefined;
  const [made] = await tx
    .insert(slots)
    .values({ ...slot, proposedAt })
    .onConflictDoNothing()
    .returning({ id: slots.id });
  if (made) await tx.insert(slotProducts).values(products.map((product) => ({ slotId: made.id, product })));
  return made?.id;
}

/** Locks a slot on record that has no message: everything was frozen when it was to be announced. @returns its id; undefined: it has one, or there is none */
export async function lockSilentSlot(tx: Tx, local: string): Promise<number | undefined> {
  const has = sql`exists (select from outbox o where o.role = 'card' and o.subject = 'SLOT-' || s.id)`;
  // Almost always it has one, and then nobody waits. Who gets the lock looks again: another instance may have been quicker.
  const look = await tx.execute<{ id: string }>(sql`select s.id from slots s where s.local = ${local} and not ${has}`);
  if (!look.rows[0]) return undefined;
  await tx.execute(sql`select from slots where local = ${local} for update`);
  const { rows } = await tx.execute<{ id: string }>(
    sql`select s.id from slots s where s.local = ${local} and not ${has}`,
  );
  return rows[0] && Number(rows[0].id);
}

/** Notes that a message was deleted in Slack. @returns whether that was not known yet */
export async function giveUp(tx: Tx, outboxId: number): Promise<boolean> {
  const { rowCount } = await tx.execute(
    sql`update outbox set failed_at = now(), error = 'message deleted in Slack' where id = ${outboxId} and failed_at is null`,
  );
  return Boolean(rowCount);
}

/** A slot with what became of it, product by product; undefined when there is none of that id. */
export async function loadSlot(
  db: Executor,
  id: number,
): Promise<{ slot: SlotRow; products: ProductSlot[] } | undefined> {
  const [slot] = await db.select().from(slots).where(eq(slots.id, id));
  if (!slot) return undefined;
  const { slotId: _slot, settledAt: _settled, ...columns } = COLUMNS;
  const products = await db.select(columns).from(slotProducts).where(eq(slotProducts.slotId, id));
  return { slot, products };
}

const COLUMNS = {
  slotId: slotProducts.slotId,
  product: slotProducts.product,
  outcome: slotProducts.outcome,
  releaseId: slotProducts.releaseId,
  skippedBy: slotProducts.skippedBy,
  developAhead: slotProducts.developAhead,
  settledAt: slotProducts.settledAt,
};

/**
 * Slots whose outcome can still change: planned ones, missed ones whose release may still go out, and those done or late by a push that failed since. And
 * all that are not over: what a fast clock said of them is not so. Oldest first.
 */
export async function unsettled(db: Executor, now: Date): Promise<{ slot: SlotRow; was: ProductSlot }[]> {
  const { slotId: _slot, settledAt: _settled, ...columns } = COLUMNS;
  const since = new Date(now.getTime() - LATE_DAYS * DAY_MS);
  const failed = sql`${slotProducts.outcome} in ('done', 'late') and exists (select from releases r where r.id = ${slotProducts.releaseId}
    and (r.state in ('waiting', 'testing', 'approved', 'cancelled') or (${slotProducts.outcome} = 'done' and r.shipping_at > ${slots.until})))`;
  return db
    .select({ slot: slots, was: columns })
    .from(slotProducts)
    .innerJoin(slots, eq(slots.id, slotProducts.slotId))
    .where(
      and(
        // However long the bot was down, what was planned then gets its end.
        or(
          eq(slotProducts.outcome, 'planned'),
          gte(slots.until, now),
          and(eq(slotProducts.outcome, 'missed'), isNotNull(slotProducts.releaseId), gt(slots.until, since)),
          and(gt(slots.until, since), failed),
        ),
      ),
    )
    .orderBy(asc(slots.at), asc(slotProducts.product));
}

/** Locks a product's slot, so that skipping and settling come one after the other. @returns it as it is then; undefined: there is none */
export async function lockProductSlot(
  tx: Tx,
  slotId: number,
  product: string,
): Promise<{ slot: SlotRow; was: ProductSlot } | undefined> {
  await tx.execute(sql`select 1 from slot_products where slot_id = ${slotId} and product = ${product} for update`);
  const found = await loadSlot(tx, slotId);
  const was = found?.products.find((p) => p.product === product);
  return found && was && { slot: found.slot, was };
}

export async function writeProductSlot(
  tx: Executor,
  slotId: number,
  product: string,
  set: Partial<{
    outcome: Outcome;
    releaseId: number | null;
    skippedBy: string;
    developAhead: number;
    settledAt: Date;
  }>,
): Promise<void> {
  await tx
    .update(slotProducts)
    .set(set)
    .where(and(eq(slotProducts.slotId, slotId), eq(slotProducts.product, product)));
}

/** The scheduled releases of a product that were open and not shipped at any time since then, the oldest first. */
export async function pushedSince(db: Executor, product: string, since: Date): Promise<Pushed[]> {
  const { rows } = await db.execute<{
    id: string;
    opened: string;
    shipping: string | null;
    out: boolean;
    cancelled: string | null;
  }>(sql`
    select id, opened_at as opened, shipping_at as shipping, out, case when state = 'cancelled' then ended_at end as cancelled
    from releases, lateral (select state in ('shipping', 'verifying', 'done', 'rolled_back') as out) s
    where product = ${product} and kind = 'scheduled'
      and (not out or shipping_at >= ${since.toISOString()}) and (ended_at is null or ended_at >= ${since.toISOString()}) order by id`);
  const when = (text: string | null) => (text === null ? null : new Date(text));
  return rows.map((r) => ({
    id: Number(r.id),
    openedAt: new Date(r.opened),
    shippingAt: when(r.shipping),
    out: r.out,
    cancelledAt: when(r.cancelled),
  }));
}

/** What became of the slots that began from `from` until before `to`: the cadence kept. */
export async function keptBetween(db: Executor, from: Date, to: Date): Promise<Kept> {
  const rows = await db
    .select({ outcome: slotProducts.outcome })
    .from(slotProducts)
    .innerJoin(slots, eq(slots.id, slotProducts.slotId))
    .where(and(gte(slots.at, from), lt(slots.at, to)));
  return countKept(rows.map((row) => row.outcome));
}

/** Slots that began and are not over, or begin and were proposed. */
export async function slotsOpen(db: Executor, now: Date): Promise<SlotRow[]> {
  return db.select().from(slots).where(gte(slots.until, now)).orderBy(desc(slots.at));
}

/** The shown ids of the slots that are proposed and not over, by the database's clock. */
export async function openSlotSubjects(db: Executor): Promise<string[]> {
  const { rows } = await db.execute<{ subject: string }>(
    sql`select 'SLOT-' || id as subject from slots where until >= now()`,
  );
  return rows.map((row) => row.subject);
}

/** Who is away on any of these days. @param from @param to local days, both included */
async function absencesIn(db: Executor, from: string, to: string): Promise<Absence[]> {
  return db
    .select({ person: absences.person, fromDay: absences.fromDay, toDay: absences.toDay })
    .from(absences)
    .where(and(isNull(absences.endedAt), lte(absences.fromDay, to), gte(absences.toDay, from)))
    .orderBy(asc(absences.id));
}

/**
 * Who is on duty at `at`, by the policy, absences (by the day it is then where each person is, R23) and (for a user group read within the hour before
 * `now`) its members, without those who can do nothing here (R7).
 * Empty where the policy has no duty, or nobody is left.
 */
export async function dutyAt(db: Executor, policy: Policy, at: Date, now: Date): Promise<string[]> {
  const { duty } = policy;
  if (!duty) return [];
  const day = localDay(policy.team.zone, at);
  const group = duty.usergroup;
  const members = group === undefined ? [] : ((await membersOf(db, group, now)) ?? []);
  // Zones are up to 26 hours apart: two dates.
  const absent = await absencesIn(db, addDays(day, -2), addDays(day, 2));
  const zoneOf = await zonesOf(
    db,
    policy,
    absent.map((a) => a.person),
    now,
  );
  const away = awayAt(absent, zoneOf, at);
  for (const id of await goneOf(db, [...duty.roster, ...members])) away.add(id);
  return onDuty(duty, members, away, day);
}
