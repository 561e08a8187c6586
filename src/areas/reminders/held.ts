// DMs that nobody waits for, such as a new plan: each goes out when its reader is at work (R23).
import { sql } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import { HELD, post } from '../../db/outbox.ts';
import { type Deps, humane } from './actions.ts';
import { isAtWork } from './hours-rules.ts';
import { loadPeople } from './store.ts';

/** For whom something is held. */
export async function heldPeople(db: Executor): Promise<string[]> {
  const { rows } = await db.execute<{ target: string }>(
    sql`select distinct target from outbox where lane like ${`${HELD}%`} and posted_ts is null and failed_at is null order by target`,
  );
  return rows.map((r) => r.target);
}

/** Slack shows 3000 characters of a text at once. */
const ROOM = 2900;

/**
 * Sends what is held for those who are at work now; what one person has waiting comes as one message, as far as it fits. Whoever is gone for good gets
 * it at once: there are no hours to wait for. Safe to run again and beside itself.
 * @returns how many messages go out
 */
export async function sendHeld(deps: Deps, now: Date): Promise<number> {
  const { zone } = deps.policy.team;
  return deps.db.transaction(async (tx) => {
    // Whoever is at them first sends what may go; who waits for them finds the rest.
    const { rows } = await tx.execute<{ id: string; target: string; text: string }>(sql`
      select id, target, text from outbox where lane like ${`${HELD}%`} and posted_ts is null and failed_at is null
      order by target, id for update`);
    const people = await loadPeople(tx, [...new Set(rows.map((r) => r.target))], zone, now);
    let out = 0;
    for (const [target, who] of people) {
      if (!who.gone && !isAtWork(who, humane(deps.policy), now)) continue;
      const mine = rows.filter((r) => r.target === target);
      await tx.execute(sql`delete from outbox where id = any(${sql.param(mine.map((r) => r.id))}::bigint[])`);
      for (const text of together(mine.map((r) => r.text))) {
        await post(tx, { role: 'dm', target, text });
        out++;
      }
    }
    return out;
  });
}

/** Texts one after the other, in as few as there is room for. */
function together(texts: readonly string[]): string[] {
  const said: string[] = [];
  for (const text of texts) {
    const joined = said.length ? `${said.at(-1)}\n\n${text}` : text;
    if (!said.length || joined.length > ROOM) said.push(text);
    else said[said.length - 1] = joined;
  }
  return said;
}
