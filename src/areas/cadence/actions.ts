import { type Actor, SHIPSHAPE } from '../../base/actor.ts';
import { type Done, tellRefusal } from '../../base/answer.ts';
import type { Clock } from '../../base/clock.ts';
import { showId } from '../../base/ids.ts';
import { date, escapeText } from '../../base/mrkdwn.ts';
import type { Policy } from '../../base/policy.ts';
import { frozenAt, slotRules, slotsOfDay } from '../../base/slots.ts';
import { answered, type Cause } from '../../db/act.ts';
import { record } from '../../db/audit.ts';
import type { Db, Tx } from '../../db/client.ts';
import { post, refreshCards } from '../../db/outbox.ts';
import { freezeLine, frozenSays, frozenWhat, thawedSays } from './lines.ts';
import {
  decideFreeze,
  decideThaw,
  forbiddenCadence,
  goingOut,
  isOff,
  outcomeOf,
  slotsDue,
  slotsUnseen,
} from './rules.ts';
import { addProducts, moveSlot } from './slot-store.ts';
import {
  addFreeze,
  endFreezes,
  freezesAhead,
  freezesSince,
  frozenSubjects,
  giveUp,
  insertSlot,
  loadSlot,
  lockFreezes,
  lockProductSlot,
  lockSilentSlot,
  pushedSince,
  slotsOpen,
  unsettled,
  writeProductSlot,
} from './store.ts';
import type { FreezeAsk, ThawAsk } from './types.ts';

/** What every action of this area needs. No network in here: Slack is told through the outbox. */
export interface Deps {
  db: Db;
  policy: Policy;
  clock: Clock;
}

/** R9: from when to when no scheduled release ships; said in the releases' channel, shown on the cards it stops. Once per cause. */
export async function freeze(deps: Deps, cause: Cause, actor: Actor, ask: FreezeAsk): Done {
  return answered(deps.db, cause, async (tx) => {
    const now = deps.clock();
    const decided = decideFreeze(actor, ask, now);
    if ('code' in decided) return tellRefusal(decided);
    const id = await addFreeze(tx, { ...decided, setBy: actor.id, setAt: now });
    const { zone } = deps.policy.team;
    const made = { ...decided, id, setBy: actor.id };
    await record(tx, cause, { verb: 'freeze', subject: showId('FRZ', id), data: { ...decided } }, now);
    await post(tx, {
      role: 'line',
      target: deps.policy.workspace.channels.releases,
      text: frozenSays(made, zone, now),
    });
    await redraw(tx, decided.product, now);
    return { outcome: 'accepted', text: `:white_check_mark: ${freezeLine(made, zone)}` };
  });
}

/** R9: ends a freeze before its time, or before it began. Once per cause. */
export async function thaw(deps: Deps, cause: Cause, actor: Actor, ask: ThawAsk): Done {
  return answered(deps.db, cause, async (tx) => {
    const now = deps.clock();
    const decided = decideThaw(actor, await lockFreezes(tx, now), ask);
    if ('code' in decided) return tellRefusal(decided);
    await endFreezes(
      tx,
      decided.map((f) => f.id),
      actor.id,
      now,
    );
    for (const f of decided) {
      await record(tx, cause, { verb: 'thaw', subject: showId('FRZ', f.id), data: { ...f } }, now);
      await post(tx, { role: 'line', target: deps.policy.workspace.channels.releases, text: thawedSays(f, actor.id) });
      await redraw(tx, f.product, now);
    }
    const what = decided.map((f) => frozenWhat(f.product)).join(', ');
    return { outcome: 'accepted', text: `:white_check_mark: Thawed: ${what}.` };
  });
}

async function redraw(tx: Tx, product: string | null, now: Date): Promise<void> {
  for (const subject of await frozenSubjects(tx, product, now)) await refreshCards(tx, subject);
}

/**
 * Somebody says that nothing of a product goes out in a slot: it counts as cancelled, unless a release is opened before it begins, or goes out in it.
 * Refused while a release is open for it. Once per cause.
 */
export async function skip(deps: Deps, cause: Cause, actor: Actor, slotId: number, product: string): Done {
  return answered(deps.db, cause, async (tx) => {
    const no = forbiddenCadence('skip', actor);
    if (no) return tellRefusal(no);
    const found = await lockProductSlot(tx, slotId, product);
    if (!found) return tellRefusal({ code: 'no_slot', reason: 'there is no such slot', next: 'See `/release list`.' });
    const now = deps.clock();
    const { slot, was } = found;
    if (now > slot.until)
      return tellRefusal({ code: 'over', reason: 'that slot is over', next: 'Nothing was changed.' });
    const going = goingOut(slot, was, await pushedSince(tx, product, slot.proposedAt), now);
    if (going) return tellRefusal(going);
    const when = `${escapeText(product)} in the slot ${date(slot.at, deps.policy.team.zone)}`;
    if (was.skippedBy) return { outcome: 'already', text: `It is said already that nothing goes out of ${when}.` };
    await writeProductSlot(tx, slotId, product, { skippedBy: actor.id });
    const subject = showId('SLOT', slotId);
    await record(tx, cause, { verb: 'skip', subject, data: { product, local: slot.local } }, now);
    await refreshCards(tx, subject);
    const but =
      now < slot.at
        ? 'Opening a release before it begins undoes that.'
        : 'It has begun: it counts as cancelled unless a release ships in it all the same.';
    return { outcome: 'accepted', text: `:white_check_mark: Nothing goes out of ${when}. ${but}` };
  });
}

/**
 * Proposes the slots whose time has come (R9), each once however often and by however many this is called: its row, and the message in
 * the releases' channel, which waits while all is frozen then. One that is over is not proposed any more. @returns ids of those announced now
 */
export async function propose(deps: Deps): Promise<number[]> {
  const now = deps.clock();
  const products = deps.policy.products.map((p) => p.key);
  const made: number[] = [];
  const freezes = await freezesAhead(deps.db, now);
  for (const slot of slotsDue(slotRules(deps.policy), now)) {
    const cause: Cause = { key: `slot:${slot.local}`, source: 'schedule', actor: SHIPSHAPE.id, eventTime: now };
    await deps.db.transaction(async (tx) => {
      const id = await insertSlot(tx, slot, products, now);
      if (id !== undefined)
        await record(tx, cause, { verb: 'propose', subject: showId('SLOT', id), data: { ...slot, products } }, now);
      // Where nothing may ship nobody needs to be told twice a day; what became of it is kept all the same.
      if (products.every((product) => frozenAt(freezes, product, slot.at))) return;
      const silent = id ?? (await lockSilentSlot(tx, slot.local));
      if (silent === undefined) return;
      const subject = showId('SLOT', silent);
      const { until } = slot;
      await post(tx, { role: 'card', target: deps.policy.workspace.channels.releases, subject, until });
      made.push(silent);
    });
  }
  return made;
}

/**
 * R9: what is on record follows the policy as far as people can still plan by it: a slot that has not begun has the policy's times, and one that is not
 * over has products that came since. One that has begun keeps its times, and so does one that would be over already. @returns whether anything was changed
 */
export async function followPolicy(deps: Deps): Promise<boolean> {
  const now = deps.clock();
  const rules = slotRules(deps.policy);
  const products = deps.policy.products.map((p) => p.key);
  let changed = false;
  for (const { id, local } of await slotsOpen(deps.db, now)) {
    const slot = slotsOfDay(rules, local.slice(0, 10)).find((s) => s.local === local);
    if (!slot) continue;
    await deps.db.transaction(async (tx) => {
      const subject = showId('SLOT', id);
      const moved = slot.until >= now && (await moveSlot(tx, id, slot, now));
      const added = await addProducts(tx, id, products);
      const cause: Cause = { key: `slot:${local}`, source: 'schedule', actor: SHIPSHAPE.id, eventTime: now };
      if (moved) await record(tx, cause, { verb: 'move', subject, data: { ...slot } }, now);
      if (added.length) await record(tx, cause, { verb: 'add', subject, data: { products: added } }, now);
      if (!moved && !added.length) return;
      await refreshCards(tx, subject);
      changed = true;
    });
  }
  return changed;
}

/** A slot's message that was deleted in Slack is posted again while the slot is not over. @param row of the outbox: nothing is done about one that is given up */
export async function slotCardGone(deps: Deps, slotId: number, row: { id: number; target: string }): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const found = (await giveUp(tx, row.id)) && (await loadSlot(tx, slotId));
    const until = found ? found.slot.until : null;
    if (until && deps.clock() <= until)
      await post(tx, { role: 'card', target: row.target, subject: showId('SLOT', slotId), until });
  });
}

/**
 * Puts those slots on record that passed while nothing ran (R9, R22), so that they count in how the cadence was kept; each once, however many
 * instances come back. The channel hears nothing of them: they are long gone. @param seen when the cadence was looked after last
 */
export async function countUnseen(deps: Deps, seen: Date): Promise<void> {
  const now = deps.clock();
  const rules = slotRules(deps.policy);
  const products = deps.policy.products.map((p) => p.key);
  const before = (rules.cadence?.proposeMinutesBefore ?? 0) * 60_000;
  for (const slot of slotsUnseen(rules, seen, now)) {
    const cause: Cause = { key: `slot:${slot.local}`, source: 'schedule', actor: SHIPSHAPE.id, eventTime: now };
    await deps.db.transaction(async (tx) => {
      // As if it had been proposed in time: what became of it is judged by what was open then.
      const id = await insertSlot(tx, slot, products, new Date(slot.at.getTime() - before));
      if (id !== undefined)
        await record(tx, cause, { verb: 'count', subject: showId('SLOT', id), data: { ...slot, products } }, now);
    });
  }
}

/** Writes down what became of the slots that are over, or whose late release went out. Safe to run again and beside itself. */
export async function settleSlots(deps: Deps): Promise<void> {
  const now = deps.clock();
  const rules = slotRules(deps.policy);
  const products = deps.policy.products.map((p) => p.key);
  for (const { slot, was } of await unsettled(deps.db, now)) {
    const releases = await pushedSince(deps.db, was.product, slot.proposedAt);
    const freezes = await freezesSince(deps.db, slot.at);
    // What was missed while the policy had it was missed.
    const off = was.outcome === 'planned' && isOff(rules, products, slot, was.product);
    const { outcome, releaseId } = outcomeOf(slot, { ...was, off }, releases, freezes, now);
    if (outcome === was.outcome && releaseId === was.releaseId) continue;
    await deps.db.transaction(async (tx) => {
      const found = await lockProductSlot(tx, slot.id, was.product);
      // Another instance was quicker, or somebody skipped it meanwhile: the next run sees that.
      if (!found || found.was.outcome !== was.outcome || found.was.skippedBy !== was.skippedBy) return;
      await writeProductSlot(tx, slot.id, was.product, { outcome, releaseId, settledAt: now });
      const subject = showId('SLOT', slot.id);
      if (outcome !== was.outcome) {
        const key = `slot:${slot.local}:${was.product}:${outcome}`;
        const cause: Cause = { key, source: 'schedule', actor: SHIPSHAPE.id, eventTime: now };
        await record(tx, cause, { verb: 'settle', subject, data: { product: was.product, outcome, releaseId } }, now);
      }
      await refreshCards(tx, subject);
    });
  }
}
