import { createHash } from 'node:crypto';
import { and, eq, gt, sql } from 'drizzle-orm';
import { homeLines } from '../areas/cadence/lines.ts';
import { slotRulesNow } from '../areas/cadence/slot-store.ts';
import { dutyAt, freezesAhead } from '../areas/cadence/store.ts';
import { regressionNeeds } from '../areas/calendar/home.ts';
import { assignmentsBetween } from '../areas/calendar/store.ts';
import { fundNeeds } from '../areas/funds/home.ts';
import { listRequests } from '../areas/funds/store.ts';
import { noteNeeds } from '../areas/notes/home.ts';
import { openNotesOf } from '../areas/notes/store.ts';
import { home, homeOfStranger } from '../areas/releases/home.ts';
import { endedReleases, openReleases, owingReview } from '../areas/releases/store.ts';
import { bugNeeds } from '../areas/triage/home.ts';
import { prodNeeds } from '../areas/triage/prod-home.ts';
import { listProd } from '../areas/triage/prod-store.ts';
import { openBlockers } from '../areas/triage/store.ts';
import { type Actor, forbiddenToRead } from '../base/actor.ts';
import type { Clock } from '../base/clock.ts';
import type { Policy } from '../base/policy.ts';
import type { Slack, View } from '../base/slack.ts';
import { localDay } from '../base/zone.ts';
import type { Db } from '../db/client.ts';
import { addJob } from '../db/outbox.ts';
import { todaysOf } from '../db/people.ts';
import { homes } from '../db/schema/people.ts';

/** Whoever has not looked for a week gets theirs drawn when they open it again. */
const LOOKED_MS = 7 * 24 * 3_600_000;

/**
 * Publishes the App Home of `person`, or of everybody who looked at theirs lately, where it differs from what was published last.
 * @throws SlackError of the first that failed, after all were tried: the queue tries again, and skips those that are right already
 */
export async function publishHomes(
  deps: { db: Db; slack: Slack; policy: Policy; clock: Clock; who: (id: string) => Promise<Actor> },
  person?: string,
): Promise<void> {
  const { db, policy } = deps;
  const now = deps.clock();
  const lately = gt(homes.openedAt, new Date(now.getTime() - LOOKED_MS));
  const readers = await db
    .select()
    .from(homes)
    .where(and(lately, person === undefined ? undefined : eq(homes.person, person)));
  if (!readers.length) return;
  const [open, ended, owing] = [await openReleases(db), await endedReleases(db, 10), await owingReview(db)];
  const others = await othersNeed(
    db,
    readers.map((reader) => reader.person),
    policy,
    now,
  );
  const today = await todaySays(db, policy, now);
  let failed: unknown;
  for (const reader of readers) {
    try {
      const actor = await deps.who(reader.person);
      const stranger = forbiddenToRead(actor);
      const view = stranger
        ? homeOfStranger(stranger)
        : home(actor, { open, ended, owing }, { others: others(actor), today: today(actor) }, policy, now);
      const hash = createHash('sha256').update(JSON.stringify(view)).digest('hex');
      if (hash === reader.shownHash) continue;
      await publish(deps, reader, view, hash);
    } catch (err) {
      failed ??= err;
    }
  }
  if (failed) throw failed;
}

/** Publishes one. Where somebody else did so since `reader` was read it is drawn anew: nobody knows whose came last, and this one may be the older. */
async function publish(
  { db, slack }: { db: Db; slack: Slack },
  { person, shownHash: before }: typeof homes.$inferSelect,
  view: View,
  hash: string,
): Promise<void> {
  const note = async (was: string | null, shownHash: string | null) => {
    const same = sql`${homes.shownHash} is not distinct from ${was}`;
    const { rowCount } = await db
      .update(homes)
      .set({ shownHash })
      .where(and(eq(homes.person, person), same));
    return rowCount === 1;
  };
  // Without an answer nobody knows what is shown; what was before it may be what it shall look like again.
  if (before === null || (await note(before, null))) {
    await slack.publishHome(person, view);
    if (await note(null, hash)) return;
    await db.update(homes).set({ shownHash: null }).where(eq(homes.person, person));
  }
  await addJob(db, 'homes', { person }, { key: `home:${person}` });
}

/** What holds today: who is on duty, slots and freezes, a line of mrkdwn each. */
async function todaySays(db: Db, policy: Policy, now: Date): Promise<(actor: Actor) => string[]> {
  const duty = policy.duty ? await dutyAt(db, policy, now, now) : null;
  const freezes = await freezesAhead(db, now);
  const products = policy.products.map((p) => p.key);
  const rules = await slotRulesNow(db, policy);
  return (actor) => homeLines(rules, freezes, products, duty, actor.id, now);
}

/** What prod issues, blockers, requests for test funds, and issues, meetings and topics need of each of these people, a line of mrkdwn each; users who are hit come first. */
async function othersNeed(
  db: Db,
  people: readonly string[],
  policy: Policy,
  now: Date,
): Promise<(actor: Actor) => string[]> {
  const { zone } = policy.team;
  const today = localDay(zone, now);
  const [issues, blockers, notes] = [await listProd(db), await openBlockers(db), await openNotesOf(db, people)];
  const requests = await listRequests(db, { open: true });
  const todays = await todaysOf(db, policy, people, now);
  const last = people.map((id) => todays(id).last).reduce((a, b) => (a > b ? a : b), today);
  const tests = policy.regression ? await assignmentsBetween(db, `${today.slice(0, 7)}-01`, last) : [];
  return (actor) => [
    ...prodNeeds(issues, actor),
    ...bugNeeds(blockers, actor, now, zone),
    ...regressionNeeds(tests, actor.id, todays(actor.id)),
    ...fundNeeds(requests, actor, policy),
    ...noteNeeds(notes, actor.id, today),
  ];
}
