import { type Actor, rolesUnread } from '../../base/actor.ts';
import { readDay } from '../../base/days.ts';
import type { Refusal } from '../../base/errors.ts';
import { showId } from '../../base/ids.ts';
import { escapeText } from '../../base/mrkdwn.ts';
import type { Duty } from '../../base/policy.ts';
import {
  type Freeze,
  frozenAt,
  opensAt,
  type Slot,
  type SlotRules,
  slotsAhead,
  slotsBetween,
  slotsOfDay,
  weekdayOf,
} from '../../base/slots.ts';
import { addDays, localDay, momentOf } from '../../base/zone.ts';
import { CADENCE_PERMISSIONS, type CadencePermission } from './permissions.ts';
import type { Absence, FreezeAsk, Kept, Outcome, ProductSlot, Pushed, SlotRow, ThawAsk } from './types.ts';

export const REASON_MAX = 200;
const FREEZE_MAX_DAYS = 366;
const DAY = 86_400_000;
const MINUTE = 60_000;

const refuse = (code: string, reason: string, next: string): Refusal => ({ code, reason, next });

/** Who may ask for `permission`: null when this actor may. */
export function forbiddenCadence(permission: CadencePermission, actor: Actor): Refusal | null {
  if (actor.standing !== 'member')
    return refuse('standing', 'only full members of this workspace can do that', 'Ask one of them to do it.');
  const who = CADENCE_PERMISSIONS[permission];
  if (who.some((role) => actor.roles.has(role))) return null;
  const unread = rolesUnread(actor);
  if (unread) return unread;
  const names = permission === 'skip' ? 'an operator, an engineer or an admin' : 'an engineer or an admin';
  return refuse('role', `only ${names} can do that`, 'Ask one of them; roles are set in the policy file.');
}

/** A word that says a time of the day, and nothing else. */
const TIME = /^(?:T?\d{1,2}:\d\d|T?\d{1,2}(?:[:.]\d\d)?[ap]m|T\d{1,2}(?:\.\d\d)?)$/i;

const SPAN_FORM =
  'A day is written 2027-03-01, today, tomorrow or friday; a time follows with T, such as 2027-03-01T15:00.';

/**
 * Reads from when to when somebody wants a freeze. A day alone means from its beginning, or to its end; `now` is a from too.
 * @param from @param to as they were typed @param after the word that follows them: a time there was meant for the day before it @returns the moments (the end is the first moment after it), or which word is wrong and why
 */
export function readSpan(
  from: string,
  to: string,
  zone: string,
  now: Date,
  after?: string,
): { startsAt: Date; endsAt: Date } | { at: 'from' | 'to'; refusal: Refusal } {
  const startsAt = from.toLowerCase() === 'now' ? now : readMoment(from, zone, now, 0);
  if (!startsAt)
    return { at: 'from', refusal: refuse('from', `\`${escapeText(from.slice(0, 40))}\` is no day I know`, SPAN_FORM) };
  const endsAt = readMoment(to, zone, now, 1);
  if (!endsAt)
    return { at: 'to', refusal: refuse('to', `\`${escapeText(to.slice(0, 40))}\` is no day I know`, SPAN_FORM) };
  if (after !== undefined && TIME.test(after))
    return {
      at: 'to',
      refusal: refuse(
        'to',
        `\`${after}\` is a time without its day`,
        'Write the two as one word, such as todayT15:20.',
      ),
    };
  return { startsAt, endsAt };
}

/** @param later days to add to a day without a time: 1 for its end */
function readMoment(text: string, zone: string, now: Date, later: number): Date | null {
  const [, dayText = '', time] = /^(.*?)(?:T([01]\d:[0-5]\d|2[0-3]:[0-5]\d))?$/i.exec(text) ?? [];
  const day = readDay(dayText, localDay(zone, now));
  if (!day) return null;
  return time ? momentOf(zone, `${day}T${time}`) : momentOf(zone, `${addDays(day, later)}T00:00`);
}

/** R9: a freeze as it will be, or why not. It never begins before now: what was missed until then was missed. */
export function decideFreeze(actor: Actor, ask: FreezeAsk, now: Date): FreezeAsk | Refusal {
  const no = forbiddenCadence('freeze', actor);
  if (no) return no;
  if (ask.endsAt <= now) return refuse('to', 'that time is over', `Name a later end. ${SPAN_FORM}`);
  if (ask.endsAt <= ask.startsAt) return refuse('to', 'that ends before it begins', `Name a later end. ${SPAN_FORM}`);
  if (ask.endsAt.getTime() - ask.startsAt.getTime() > FREEZE_MAX_DAYS * DAY)
    return refuse('to', 'a freeze lasts a year at most', 'Name an earlier end; it can be set again.');
  if (!ask.reason) return refuse('reason', 'a freeze needs a reason', 'Say in a few words why nothing may ship.');
  if (ask.reason.length > REASON_MAX)
    return refuse('reason', `that reason has ${ask.reason.length} characters`, `Please keep it under ${REASON_MAX}.`);
  return { ...ask, startsAt: ask.startsAt > now ? ask.startsAt : now };
}

/** The freezes that somebody ends, or why none. Nothing is guessed: of several they name one. @param freezes those not over */
export function decideThaw(actor: Actor, freezes: readonly Freeze[], ask: ThawAsk): Freeze[] | Refusal {
  const no = forbiddenCadence('thaw', actor);
  if (no) return no;
  if (!freezes.length) return refuse('no_freeze', 'nothing is frozen, now or later', 'Nothing was changed.');
  const meant =
    ask === undefined
      ? [...freezes]
      : freezes.filter((f) => ('id' in ask ? f.id === ask.id : f.product === ask.product));
  if (!meant.length) return refuse('no_freeze', 'there is no such freeze', `There are: ${named(freezes)}.`);
  if (meant.length > 1) return refuse('several', `there are ${meant.length} freezes`, `Name the one: ${named(meant)}.`);
  return meant;
}

function named(freezes: readonly Freeze[]): string {
  const shown = freezes.slice(0, 8).map((f) => `\`/release thaw ${showId('FRZ', f.id)}\` (${f.product ?? 'all'})`);
  return shown.join(', ') + (freezes.length > 8 ? ' and more in `/release list`' : '');
}

/** The slots to be proposed at `now`: their time to propose has come, and they are not over. */
export function slotsDue(rules: SlotRules, now: Date): Slot[] {
  if (!rules.cadence) return [];
  const { graceMinutes, proposeMinutesBefore } = rules.cadence;
  const from = new Date(now.getTime() - graceMinutes * MINUTE);
  const to = new Date(now.getTime() + proposeMinutesBefore * MINUTE + 1);
  return slotsBetween(rules, from, to);
}

/** So far back slots that nobody saw are counted: after a longer outage those before say nothing of how people work. */
const UNSEEN_DAYS = 30;

/** R22: the slots that began and were over between the last look at the cadence and `now`: nobody could propose them. @param seen when it was looked after last */
export function slotsUnseen(rules: SlotRules, seen: Date, now: Date): Slot[] {
  const from = new Date(Math.max(seen.getTime(), now.getTime() - UNSEEN_DAYS * DAY));
  return slotsBetween(rules, from, now).filter((slot) => slot.until < now);
}

/** A slot that a product has ahead: from when on missing eyes are said (it is proposed then), and when it begins, or the freeze in it ends. */
export interface NearSlot {
  product: string;
  from: Date;
  at: Date;
}

/**
 * The next slots of each product, in order: as many as a day has and one more, for who is asked for one may not be at work between the one before and
 * it. Frozen ones are passed over; of one whose freeze ends within it the rest counts.
 */
export function nearSlots(
  rules: SlotRules,
  freezes: readonly Freeze[],
  products: readonly string[],
  now: Date,
): NearSlot[] {
  const before = (rules.cadence?.proposeMinutesBefore ?? 0) * MINUTE;
  const most = (rules.cadence?.slots.length ?? 0) + 1;
  const found = new Map(products.map((product): [string, NearSlot[]] => [product, []]));
  // All products at once: of a long freeze every slot is looked at, and local times are dear.
  for (const slot of slotsAhead(rules, now)) {
    const wanting = [...found].filter(([, mine]) => mine.length < most);
    if (!wanting.length) break;
    for (const [product, mine] of wanting) {
      const at = opensAt(slot, freezes, product, now);
      if (at) mine.push({ product, from: new Date(slot.at.getTime() - before), at });
    }
  }
  return [...found.values()].flat();
}

/** R9: whether a release that is open, or was, counts for a slot: it is not shipped, or it shipped when the slot had begun. What shipped before was another one's. */
export function isOwn(slot: Pick<SlotRow, 'at'>, { shippingAt, out }: Pick<Pushed, 'shippingAt' | 'out'>): boolean {
  return !out || (shippingAt !== null && shippingAt >= slot.at);
}

/**
 * What became of a product's slot (R9). A push that began in it counts whatever else was said, unless it failed: then nothing went out. Pure, and the
 * same whenever it is asked again: once it is over only `planned` and `missed` can still change, and `done` and `late` when their push fails.
 * @param was `off`: the policy does not have it any more @param releases the product's scheduled releases @param freezes as they were: a thawed one ended then
 */
export function outcomeOf(
  slot: Pick<SlotRow, 'at' | 'until' | 'proposedAt'>,
  was: Pick<ProductSlot, 'product' | 'skippedBy'> & { off?: boolean },
  releases: readonly Pushed[],
  freezes: readonly Freeze[],
  now: Date,
): { outcome: Outcome; releaseId: number | null } {
  const { at, until, proposedAt } = slot;
  const pushed = releases.find((r) => r.out && r.shippingAt !== null && r.shippingAt >= at && r.shippingAt <= until);
  if (pushed) return { outcome: 'done', releaseId: pushed.id };
  const end = now < until ? now : until;
  const planned = releases.findLast(
    (r) => r.openedAt <= end && isOwn(slot, r) && (!r.cancelledAt || r.cancelledAt > end),
  );
  const releaseId = planned?.id ?? null;
  // Not before: a policy that was wrong for an hour is put right again.
  if (now <= until) return { outcome: 'planned', releaseId };
  if (was.off) return { outcome: 'cancelled', releaseId };
  if (frozenAt(freezes, was.product, at) || frozenAt(freezes, was.product, until))
    return { outcome: 'cancelled', releaseId };
  // Nothing was to go out, and what was opened while it was open already is for the next one.
  if (was.skippedBy && !(planned && planned.openedAt <= at)) return { outcome: 'cancelled', releaseId };
  if (planned) return { outcome: planned.out ? 'late' : 'missed', releaseId };
  const dropped = releases.findLast((r) => r.openedAt <= until && r.cancelledAt && r.cancelledAt >= proposedAt);
  return dropped ? { outcome: 'cancelled', releaseId: dropped.id } : { outcome: 'missed', releaseId };
}

/**
 * R9: why it is not so that nothing goes out in a slot that is not over: a release went out in it, or is open for it. One that was opened when it had
 * begun already is for the next one. Null when it may be said. @param releases the product's scheduled ones
 */
export function goingOut(
  slot: Pick<SlotRow, 'at' | 'until' | 'proposedAt'>,
  was: Pick<ProductSlot, 'product' | 'skippedBy'>,
  releases: readonly Pushed[],
  now: Date,
): Refusal | null {
  const its = releases.filter((r) => r.openedAt <= slot.at || r.shippingAt !== null);
  const { outcome, releaseId } = outcomeOf(slot, was, its, [], now);
  if (releaseId === null) return null;
  const shown = showId('REL', releaseId);
  if (outcome === 'done') return refuse('went_out', `${shown} went out in that slot`, 'Nothing was changed.');
  return refuse('open', `${shown} is open for that slot`, 'Ship it in the slot, or cancel it: `/release cancel`.');
}

/**
 * Whether today's policy still has a slot that is on record, for this product: a holiday, other times or another list of products may have come
 * since it was proposed.
 */
export function isOff(
  rules: SlotRules,
  products: readonly string[],
  slot: Pick<SlotRow, 'local'>,
  product: string,
): boolean {
  return !products.includes(product) || !slotsOfDay(rules, slot.local.slice(0, 10)).some((s) => s.local === slot.local);
}

/** How many slots came to which end. */
export function countKept(outcomes: readonly Outcome[]): Kept {
  const kept: Kept = { done: 0, late: 0, missed: 0, cancelled: 0 };
  for (const outcome of outcomes) if (outcome !== 'planned') kept[outcome] += 1;
  return kept;
}

/** The turn of a day: counts weeks, or working days (a weekend belongs to its Friday). */
function turnOf(turn: Duty['turn'], day: string): number {
  const weeks = Math.floor((Date.parse(`${day}T00:00Z`) - Date.parse('1970-01-05T00:00Z')) / (7 * DAY));
  return turn === 'week' ? weeks : weeks * 5 + Math.min(weekdayOf(day), 5) - 1;
}

/** R23: who is away at that moment, by the day it is where each of them is. @param zoneOf a person's zone (IANA) */
export function awayAt(absences: readonly Absence[], zoneOf: (person: string) => string, at: Date): Set<string> {
  const gone = absences.filter(({ person, fromDay, toDay }) => {
    const day = localDay(zoneOf(person), at);
    return fromDay <= day && day <= toDay;
  });
  return new Set(gone.map((a) => a.person));
}

/**
 * Who is on duty on a local day of the team. A roster takes turns in its order; for somebody away the next of it steps in. Of a user group everybody
 * is on who is not away. @param members of the user group @returns people's ids
 */
export function onDuty(
  duty: Duty | undefined,
  members: readonly string[],
  away: ReadonlySet<string>,
  day: string,
): string[] {
  if (!duty) return [];
  const here = (person: string) => !away.has(person);
  if (duty.usergroup !== undefined) return members.filter(here).sort();
  const { roster, size } = duty;
  const start = (((turnOf(duty.turn, day) * size) % roster.length) + roster.length) % roster.length;
  const order = [...roster.slice(start), ...roster.slice(0, start)];
  return order.filter(here).slice(0, size);
}
