// When a scheduled release may ship (R9): the slots of the cadence, and the freezes between them.
import type { Cadence, Policy } from './policy.ts';
import { addDays, localDay, momentOf } from './zone.ts';

/** What of the policy decides about slots. Without a cadence there are none, and any time is right. */
export interface SlotRules {
  /** IANA zone. */
  zone: string;
  /** Local days without slots. */
  holidays: readonly string[];
  cadence: Cadence | null;
  /** Slots on record: those that the policy still has are open when it was said that they are, whatever grace or zone it has since. */
  kept?: readonly Slot[];
}

export interface Slot {
  /** What the clock on the wall says when it begins: `2027-03-01T10:00`. */
  local: string;
  /** Open from `at` to `until`, both included. */
  at: Date;
  until: Date;
}

/** A time in which no scheduled release ships: from `startsAt` until before `endsAt`. */
export interface Freeze {
  id: number;
  /** Null: all products. */
  product: string | null;
  startsAt: Date;
  endsAt: Date;
  reason: string;
  setBy: string;
}

/** How far ahead a slot is looked for: whoever freezes for longer has none. */
const HORIZON_DAYS = 400;
const MINUTE = 60_000;

/** What of a policy decides about slots. @param kept those on record */
export function slotRules(policy: Pick<Policy, 'team' | 'cadence'>, kept: readonly Slot[] = []): SlotRules {
  return { kept, zone: policy.team.zone, holidays: policy.team.holidays, cadence: policy.cadence ?? null };
}

/** 1 (Monday) to 7 (Sunday). @param day `2027-03-01` */
export function weekdayOf(day: string): number {
  return new Date(`${day}T00:00Z`).getUTCDay() || 7;
}

/**
 * The slots of a local day, in order; none on holidays. R22 for a time that clocks skip or show twice; of two that fall on one moment
 * by that, the first stays. @param day `2027-03-01`
 */
export function slotsOfDay({ zone, holidays, cadence, kept = [] }: SlotRules, day: string): Slot[] {
  if (!cadence?.days.includes(weekdayOf(day)) || holidays.includes(day)) return [];
  const found: Slot[] = [];
  for (const minute of cadence.slots) {
    const time = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
    const local = `${day}T${time}`;
    const known = kept.find((s) => s.local === local);
    const at = known?.at ?? momentOf(zone, local);
    if (found.some((s) => s.at.getTime() === at.getTime())) continue;
    found.push({ local, at, until: known?.until ?? new Date(at.getTime() + cadence.graceMinutes * MINUTE) });
  }
  // A skipped time moves past one that the clock shows later.
  return found.sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** The slots with from ≤ at < to, in order. */
export function slotsBetween(rules: SlotRules, from: Date, to: Date): Slot[] {
  const found: Slot[] = [];
  // A local day before and after, for the moments of a day depend on the zone's offset.
  const last = addDays(localDay(rules.zone, to), 1);
  for (let day = addDays(localDay(rules.zone, from), -1); day <= last; day = addDays(day, 1))
    found.push(...slotsOfDay(rules, day).filter((s) => s.at >= from && s.at < to));
  return found;
}

/** The slot that is open at `now`; of several the one that began last. */
export function openSlot(rules: SlotRules, now: Date): Slot | null {
  const kept = (rules.kept ?? []).filter((s) => s.until >= now).map((s) => s.at.getTime());
  const since = new Date(Math.min(now.getTime() - (rules.cadence?.graceMinutes ?? 0) * MINUTE, ...kept));
  const begun = slotsBetween(rules, since, new Date(now.getTime() + 1));
  return begun.findLast((s) => s.until >= now) ?? null;
}

/** Whether a freeze of this product, or of all, holds at that moment; the one that lasts longest. */
export function frozenAt(freezes: readonly Freeze[], product: string, at: Date): Freeze | null {
  const holding = freezes.filter(
    (f) => (f.product === null || f.product === product) && f.startsAt <= at && at < f.endsAt,
  );
  return holding.sort((a, b) => b.endsAt.getTime() - a.endsAt.getTime())[0] ?? null;
}

/** The slots that are not over at `after`, in order, of 400 days; each is found when it is asked for. */
export function* slotsAhead(rules: SlotRules, after: Date): Generator<Slot> {
  const today = localDay(rules.zone, after);
  for (let ahead = -1; ahead <= HORIZON_DAYS; ahead++)
    yield* slotsOfDay(rules, addDays(today, ahead)).filter((s) => s.until > after);
}

/**
 * When a slot opens to a product, after `after`: as it begins, or when the freezes end that hold then. Null where they last until it is over, or when it
 * is open already.
 */
export function opensAt(slot: Slot, freezes: readonly Freeze[], product: string, after: Date): Date | null {
  if (slot.at <= after && !frozenAt(freezes, product, after)) return null;
  let at = slot.at > after ? slot.at : after;
  for (let f = frozenAt(freezes, product, at); f && at <= slot.until; f = frozenAt(freezes, product, at)) at = f.endsAt;
  return at <= slot.until ? at : null;
}

/** The slot in which a product may ship next, after `after`, `at` the first moment of it that no freeze holds; null when there is none within 400 days. */
export function nextSlot(rules: SlotRules, freezes: readonly Freeze[], product: string, after: Date): Slot | null {
  for (const slot of slotsAhead(rules, after)) {
    const at = opensAt(slot, freezes, product, after);
    if (at) return { ...slot, at };
  }
  return null;
}

/** Whether a scheduled release of the product may ship now (R9), and if not why and when it may. */
export type Window =
  | { open: true; slot: Slot | null }
  | { open: false; freeze: Freeze; next: Slot | null }
  | { open: false; freeze: null; next: Slot | null };

/** R9: in a slot with its grace, and outside freezes. Without a cadence only freezes count. */
export function shipWindow(rules: SlotRules, freezes: readonly Freeze[], product: string, now: Date): Window {
  const freeze = frozenAt(freezes, product, now);
  const next = () => nextSlot(rules, freezes, product, now);
  if (freeze) return { open: false, freeze, next: next() };
  if (!rules.cadence) return { open: true, slot: null };
  const slot = openSlot(rules, now);
  return slot ? { open: true, slot } : { open: false, freeze: null, next: next() };
}
