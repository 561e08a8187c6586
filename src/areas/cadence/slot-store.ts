// Slots on record beside the policy, which may be another since they were proposed (R9).
import { and, eq, gt, ne, or, sql } from 'drizzle-orm';
import type { Policy } from '../../base/policy.ts';
import { type Slot, type SlotRules, slotRules } from '../../base/slots.ts';
import type { Executor, Tx } from '../../db/client.ts';
import { KEPT_SLOTS } from '../../db/kept-slots.ts';
import { slotProducts, slots } from '../../db/schema/cadence.ts';

/** What decides about slots now: the policy, and what was said of the slots on record. */
export async function slotRulesNow(db: Executor, policy: Policy): Promise<SlotRules> {
  const { rows } = await db.execute<{ local: string; at: string; until: string }>(sql`select * from ${KEPT_SLOTS} s`);
  return slotRules(
    policy,
    rows.map(({ local, at, until }) => ({ local, at: new Date(at), until: new Date(until) })),
  );
}

/** The slot whose message that is in Slack, with its row of the outbox; undefined when it is none's. */
export async function slotOfMessage(
  db: Executor,
  channel: string,
  ts: string,
): Promise<{ slotId: number; row: { id: number; target: string } } | undefined> {
  const { rows } = await db.execute<{ id: string; target: string; slot: string }>(
    sql`select id, target, substring(subject from 6) as slot from outbox
      where posted_channel = ${channel} and posted_ts = ${ts} and role = 'card' and subject like 'SLOT-%'`,
  );
  return rows[0] && { slotId: Number(rows[0].slot), row: { id: Number(rows[0].id), target: rows[0].target } };
}

/** Gives a slot that has not begun by `now` its times. @returns whether it had others */
export async function moveSlot(
  tx: Tx,
  id: number,
  { at, until }: Pick<Slot, 'at' | 'until'>,
  now: Date,
): Promise<boolean> {
  const moved = await tx
    .update(slots)
    .set({ at, until })
    .where(and(eq(slots.id, id), gt(slots.at, now), or(ne(slots.at, at), ne(slots.until, until))))
    .returning({ id: slots.id });
  return moved.length > 0;
}

/** Adds products to a slot on record. @returns those it did not have */
export async function addProducts(tx: Tx, slotId: number, products: readonly string[]): Promise<string[]> {
  const added = await tx
    .insert(slotProducts)
    .values(products.map((product) => ({ slotId, product })))
    .onConflictDoNothing()
    .returning({ product: slotProducts.product });
  return added.map((row) => row.product);
}
