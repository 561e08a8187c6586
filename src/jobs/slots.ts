// What the clock does to the cadence (R9): slots are proposed and settled, and what shows them is drawn again.
import { countUnseen, type Deps, followPolicy, propose, settleSlots } from '../areas/cadence/actions.ts';
import { slotRulesNow } from '../areas/cadence/slot-store.ts';
import { freezesSince, loadSlot, lookedUntil, slotsOpen, writeLook, writeProductSlot } from '../areas/cadence/store.ts';
import { openReleases } from '../areas/releases/store.ts';
import { type GitHub, GitHubError } from '../base/github.ts';
import { showId } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import { slotsBetween } from '../base/slots.ts';
import { localDay } from '../base/zone.ts';
import type { Db } from '../db/client.ts';
import { addJob, refreshCards } from '../db/outbox.ts';

export interface SlotsDeps extends Deps {
  /** Absent: GitHub is not set up. */
  github?: GitHub;
  log: Logger;
}

/** A beat comes every minute, and may be a little late. */
const TURNED_MS = 150_000;

/**
 * One beat of the cadence. Safe to run again and beside itself: what is due is done once, however late.
 * @param payload.at the schedule's occurrence (ISO)
 */
export async function runSlots(deps: SlotsDeps, payload: { at: string }): Promise<void> {
  // Nothing is done before its time: clocks of machines differ. A job that waited long is late, and judged by that.
  const now = new Date(Math.max(Date.parse(payload.at), deps.clock().getTime()));
  const then: SlotsDeps = { ...deps, clock: () => now };
  const seen = (await lookedUntil(deps.db)) ?? now;
  await countUnseen(then, seen);
  const moved = await followPolicy(then);
  const proposed = await propose(then);
  await settleSlots(then);
  for (const id of proposed) await lookAhead(then, id);
  for (const { id } of await slotsOpen(deps.db, now)) await refreshCards(deps.db, showId('SLOT', id));
  if (moved || (await turned(then, seen, now))) await refreshDue(deps.db);
  // Last: what is cut off is done again.
  await writeLook(deps.db, now);
}

/** Counts and settles the slots that are over: what tells how the cadence was kept does not wait for the next beat. */
export async function settleAll(deps: Deps): Promise<void> {
  await countUnseen(deps, (await lookedUntil(deps.db)) ?? deps.clock());
  await settleSlots(deps);
}

/** Has drawn again what says when releases may ship, and who is on duty: their cards, and the App Homes. */
export async function refreshDue(db: Db): Promise<void> {
  for (const f of await openReleases(db)) await refreshCards(db, showId('REL', f.release.id));
  await addJob(db, 'homes', {}, { key: 'homes' });
}

/** Whether a slot, a freeze or a day began or ended just now, or since it was looked last. */
async function turned({ db, policy }: SlotsDeps, seen: Date, now: Date): Promise<boolean> {
  const since = new Date(Math.min(seen.getTime(), now.getTime() - TURNED_MS));
  const { zone } = policy.team;
  if (localDay(zone, since) !== localDay(zone, now)) return true;
  const just = (at: Date) => at > since && at <= now;
  const grace = (policy.cadence?.graceMinutes ?? 0) * 60_000;
  const slots = slotsBetween(
    await slotRulesNow(db, policy),
    new Date(since.getTime() - grace),
    new Date(now.getTime() + 1),
  );
  const freezes = await freezesSince(db, since);
  return [...slots.flatMap((s) => [s.at, s.until]), ...freezes.flatMap((f) => [f.startsAt, f.endsAt])].some(just);
}

/** Asks GitHub how far develop is ahead of production. What GitHub does not say is left out of the message. */
async function lookAhead({ db, policy, github, log }: SlotsDeps, slotId: number): Promise<void> {
  const found = github && (await loadSlot(db, slotId));
  if (!github || !found) return;
  for (const { product } of found.products) {
    const { repo, branches } = policy.products.find((p) => p.key === product) ?? {};
    if (!repo || !branches || branches.develop === branches.production) continue;
    try {
      const developAhead = await github.ahead(repo, branches.production, branches.develop);
      if (developAhead !== null) await writeProductSlot(db, slotId, product, { developAhead });
    } catch (err) {
      if (!(err instanceof GitHubError)) throw err;
      log.warn({ err, product }, 'GitHub did not say how far develop is ahead');
    }
  }
}
