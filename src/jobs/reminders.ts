// Sends the reminders that are due, and the daily and weekly lines (R23): gathers what waits in every area, and leaves the rest to the rules.
import { isOff, type NearSlot, nearSlots } from '../areas/cadence/rules.ts';
import { slotRulesNow } from '../areas/cadence/slot-store.ts';
import { dutyAt, freezesAhead, keptBetween, loadSlot, slotsOpen } from '../areas/cadence/store.ts';
import type { SlotRow } from '../areas/cadence/types.ts';
import { assignmentButtons } from '../areas/calendar/blocks.ts';
import { coveredOf } from '../areas/calendar/store.ts';
import { threadLink } from '../areas/releases/lines.ts';
import { liveReleases, owingReview } from '../areas/releases/store.ts';
import type { Facts } from '../areas/releases/types.ts';
import { type Deps, humane, remind } from '../areas/reminders/actions.ts';
import { postDaily, postWeekly } from '../areas/reminders/daily.ts';
import { heldPeople, sendHeld } from '../areas/reminders/held.ts';
import { worksBetween } from '../areas/reminders/hours-rules.ts';
import {
  channelsOf,
  heardBy,
  loadPeople,
  overdueNotes,
  regressionItems,
  treasurersOf,
  triageLeft,
  unknownPeople,
  waitingFunds,
} from '../areas/reminders/store.ts';
import type { Item } from '../areas/reminders/types.ts';
import { catchBy } from '../areas/triage/catch-rate.ts';
import { listProd } from '../areas/triage/prod-store.ts';
import { loadStats, weekOf } from '../areas/triage/stats.ts';
import { openBlockers } from '../areas/triage/store.ts';
import type { Actor } from '../base/actor.ts';
import type { Catch } from '../base/catch-rate.ts';
import { parseId } from '../base/ids.ts';
import type { Policy } from '../base/policy.ts';
import { type Freeze, frozenAt, slotRules } from '../base/slots.ts';
import { localDay, momentOf } from '../base/zone.ts';
import type { Executor } from '../db/client.ts';
import { type Around, blockerItem, type DutySlot, prodItem, releaseItems, slotItem } from './reminder-items.ts';
import { ownOf, scheduledOf } from './slot-card.ts';
import { settleAll } from './slots.ts';

export interface ReminderDeps extends Deps {
  /** Who somebody is; it also asks Slack for their zone, and keeps it. */
  who(id: string): Promise<Actor>;
}

/** Sends what is due. @param on the schedule's occurrence: each is worked on once @returns how many messages go out */
export async function sendReminders(deps: ReminderDeps, on: { key: string; at: string }): Promise<number> {
  const now = notBefore(deps, on.at);
  const ids = (await waiting(deps.db, deps.policy, now)).flatMap(heardBy);
  // Not in the transaction: it asks Slack.
  await askOf(deps, ids, now);
  await sendHeldNow(deps, on.at);
  return remind(deps, { key: on.key, now }, (tx) => waiting(tx, deps.policy, now));
}

/** R23: sends what is held for those who are at work now. @param at the schedule's occurrence (ISO), where it is one's */
export async function sendHeldNow(deps: ReminderDeps, at?: string): Promise<void> {
  const now = at === undefined ? deps.clock() : notBefore(deps, at);
  await askOf(deps, await heldPeople(deps.db), now);
  await sendHeld(deps, now);
}

/** Asks Slack about people it was not asked about for a day: of their zone. Whom it does not tell of is taken to be where the team is. */
async function askOf(deps: ReminderDeps, ids: readonly string[], now: Date): Promise<void> {
  for (const id of await unknownPeople(deps.db, ids, now)) await deps.who(id).catch(() => undefined);
}

/** Now, though nothing is done before its time: clocks of machines differ. A job that waited long is late, and what is due is judged by that. */
function notBefore(deps: Deps, at: string): Date {
  return new Date(Math.max(Date.parse(at), deps.clock().getTime()));
}

/** Everything that waits, in all areas. */
async function waiting(db: Executor, policy: Policy, now: Date): Promise<Item[]> {
  const today = localDay(policy.team.zone, now);
  const products = policy.products.map((p) => p.key);
  const freezes = await freezesAhead(db, now);
  const around: Around = {
    policy,
    now,
    duty: await dutyAt(db, policy, now, now),
    slots: await withDuty(db, policy, nearSlots(await slotRulesNow(db, policy), freezes, products, now), now),
  };
  const [live, owing] = [await liveReleases(db, now), await owingReview(db)];
  const releases = [...live, ...owing.filter((o) => !live.some((l) => l.release.id === o.release.id))];
  const found = await openBlockers(db);
  const channels = await channelsOf(
    db,
    found.flatMap((b) => b.bug.threadId ?? []),
  );
  const blockers = found.map((b) => {
    const managers = live
      .filter((f) => f.release.product === b.bug.product && f.release.state !== 'done')
      .map((f) => f.release.manager);
    return blockerItem(b, channels.get(b.bug.threadId ?? 0) ?? null, managers.reverse(), policy);
  });
  const prod = (await listProd(db)).map((i) => prodItem(i, policy)).filter((i) => i !== undefined);
  const { triage, releases: main, admins } = policy.workspace.channels;
  const { regression } = policy;
  return [
    ...releases.flatMap((f) => releaseItems(f, around)),
    ...(await emptySlots(db, policy, freezes, live, now)),
    ...blockers,
    ...prod,
    ...(await triageLeft(db, around.duty.length ? around.duty : [triage ?? main], now)),
    ...(await waitingFunds(db, await treasurersOf(db, policy, now), admins)),
    ...(regression
      ? (await regressionItems(db, { owner: regression.owner, admins }, today, policy.team)).map(withButtons)
      : []),
    ...(await overdueNotes(db, today, admins)),
  ];
}

/** Who is on duty on the day of each, which may be another day than today. */
async function withDuty(db: Executor, policy: Policy, slots: readonly NearSlot[], now: Date): Promise<DutySlot[]> {
  const found: DutySlot[] = [];
  for (const slot of slots) {
    const same = found.find((s) => s.at.getTime() === slot.at.getTime());
    found.push({ ...slot, duty: same?.duty ?? (await dutyAt(db, policy, slot.at, now)) });
  }
  return found;
}

/**
 * Slots that are proposed and not over, and that the policy still has, for which a product has no release open, is not frozen, and nobody said that
 * nothing goes out.
 */
async function emptySlots(
  db: Executor,
  policy: Policy,
  freezes: readonly Freeze[],
  live: readonly Facts[],
  now: Date,
): Promise<Item[]> {
  const keys = policy.products.map((p) => p.key);
  const found: Item[] = [];
  for (const slot of policy.cadence ? await slotsOpen(db, now) : []) {
    const rows = (await loadSlot(db, slot.id))?.products ?? [];
    const empty = policy.products.filter(
      ({ key }) =>
        rows.some((p) => p.product === key && p.outcome === 'planned' && p.skippedBy === null) &&
        !ownOf(slot, key, live) &&
        !isOff(slotRules(policy), keys, slot, key) &&
        // Frozen as it began it is cancelled, whatever a thaw brings; frozen since, nothing goes out any more.
        ![slot.at, now > slot.at ? now : slot.at].some((at) => frozenAt(freezes, key, at)),
    );
    if (!empty.length) continue;
    const products = empty.map(({ key, name }) => ({ key, name, before: beforeOf(key, live) }));
    found.push(slotItem(slot, products, await answering(db, policy, slot, now), policy.team.zone));
  }
  return found;
}

/** A link to the release of a product that went out before and is not done: until then no other is opened. */
function beforeOf(product: string, live: readonly Facts[]): string | null {
  const found = scheduledOf(product, live);
  return found ? threadLink(found) : null;
}

/** Who is asked about a slot (R23): who is on duty and at work before it is over; where none of them is, the channel. */
async function answering(db: Executor, policy: Policy, slot: SlotRow, now: Date): Promise<string[]> {
  const duty = await dutyAt(db, policy, slot.at, now);
  const people = await loadPeople(db, duty, policy.team.zone, now);
  const there = duty.filter((id) => {
    const who = people.get(id);
    return who && !who.gone && worksBetween(who, humane(policy), slot.proposedAt, slot.until);
  });
  return there.length ? there : [policy.workspace.channels.releases];
}

/** A test of today can be passed, failed or skipped on the reminder itself. */
function withButtons(item: Item): Item {
  const about = parseId(item.subject);
  return item.kind === 'regression' && about ? { ...item, buttons: assignmentButtons(about) } : item;
}

/** The daily line, of the day it was due on. */
export async function sayDaily(deps: Deps, { at }: { at: string }): Promise<void> {
  await settleAll(deps);
  await postDaily(deps, new Date(at), coveredOf);
}

/** The line of the week before. */
export async function sayWeekly(deps: Deps, { at }: { at: string }): Promise<void> {
  await settleAll(deps);
  await postWeekly(deps, new Date(at), async (tx, { monday, next }) => {
    const { cadence, team } = deps.policy;
    const begins = (day: string) => momentOf(team.zone, `${day}T00:00`);
    return {
      caught: await caughtIn(tx, monday, team.zone),
      cadence: cadence ? await keptBetween(tx, begins(monday), begins(next)) : null,
    };
  });
}

/** R25: what was caught and escaped of the bugs reported in the week of `monday`. */
async function caughtIn(db: Executor, monday: string, zone: string): Promise<Catch> {
  const since = new Date(`${monday}T00:00:00Z`);
  // The zone's Monday may begin a day earlier than UTC's.
  since.setUTCDate(since.getUTCDate() - 1);
  const { bugs, releases } = await loadStats(db, since);
  const weeks = catchBy(bugs, releases, (b) => weekOf(b.reportedAt, zone));
  return weeks.get(monday) ?? { caught: 0, escaped: 0 };
}
