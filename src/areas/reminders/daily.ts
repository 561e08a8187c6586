import { mondayOf } from '../../base/days.ts';
import { addDays, localDay, momentOf } from '../../base/zone.ts';
import { once } from '../../db/act.ts';
import { record } from '../../db/audit.ts';
import type { Tx } from '../../db/client.ts';
import { post } from '../../db/outbox.ts';
import { byClock, type Deps } from './actions.ts';
import type { Drawing } from './blocks.ts';
import { dailyLine, weeklyLine } from './daily-lines.ts';
import { dayFacts, weekFacts } from './daily-store.ts';
import type { DayFacts, WeekFacts } from './daily-types.ts';

/**
 * Posts the daily line in #releases, once a day, however often and by however many it is asked for.
 * @param covered how much of a month's (YYYY-MM) regression calendar is covered; null without one @returns whether it did
 */
export async function postDaily(
  deps: Deps,
  at: Date,
  covered: (tx: Tx, month: string) => Promise<DayFacts['coverage']>,
): Promise<boolean> {
  const { zone, holidays } = deps.policy.team;
  const day = localDay(zone, at);
  const until = momentOf(zone, `${addDays(day, 1)}T00:00`);
  return say(deps, `daily:${day}`, until, async (tx) => {
    const coverage = await covered(tx, day.slice(0, 7));
    return dailyLine({ ...(await dayFacts(tx, day, zone, holidays)), coverage });
  });
}

/**
 * Posts the line of the week before in #releases, once a week: asked for on each working day, it comes on the first.
 * @param more what other areas say of the week from `monday` to before `next` (YYYY-MM-DD) @returns whether it did
 */
export async function postWeekly(
  deps: Deps,
  at: Date,
  more: (tx: Tx, week: { monday: string; next: string }) => Promise<Pick<WeekFacts, 'caught' | 'cadence'>>,
): Promise<boolean> {
  const { zone } = deps.policy.team;
  const next = mondayOf(localDay(zone, at));
  const monday = addDays(next, -7);
  const until = momentOf(zone, `${addDays(next, 7)}T00:00`);
  return say(deps, `weekly:${next}`, until, async (tx) => {
    const week = { monday, next };
    return weeklyLine({ ...(await weekFacts(tx, week, zone)), ...(await more(tx, week)) });
  });
}

/** @param until when it is of use: what is said of a day on that day, of a week in the week after it */
async function say(deps: Deps, key: string, until: Date, draw: (tx: Tx) => Promise<Drawing>): Promise<boolean> {
  const now = deps.clock();
  const cause = byClock(key, now);
  const { repeated } = await once(deps.db, cause, async (tx) => {
    const drawn = await draw(tx);
    const target = deps.policy.workspace.channels.releases;
    const outboxId = await post(tx, { role: 'line', target, until, ...drawn });
    await record(tx, cause, { verb: 'tell', subject: key, data: { outboxId, text: drawn.text } }, now);
    return { outboxId };
  });
  return !repeated;
}
