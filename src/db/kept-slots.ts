import { sql } from 'drizzle-orm';

/**
 * The slots on record that may say more than the policy (R9): those that are open or were so lately, and those proposed, a day or more of them ahead. Lately is before
 * now, or before the newest where that is over already. No more than twelve a day, proposed up to 24 h ahead, are in a policy. Columns: local, at, until.
 */
export const KEPT_SLOTS = sql`(select local, at, until from slots
  where until >= least(now(), (select max(until) from slots)) - interval '2 days' order by until limit 60)`;
