import { sql } from 'drizzle-orm';

/**
 * R25: how many bugs `b` of a release `r` were caught, and how many escaped, as columns of a query that joins the two. Of one bug `countsAs` of
 * triage decides the same; a test compares them.
 */
export const CAUGHT = sql`count(*) filter (where b.state not in ('rejected', 'duplicate') and b.found_in = 'candidate' and b.in_production <> 'yes')`;
export const ESCAPED = sql`count(*) filter (where b.state not in ('rejected', 'duplicate') and b.found_in = 'production'
  and b.reported_at >= r.shipped_at and b.reported_at < coalesce(r.ended_at, r.done_at, 'infinity') + interval '24 hours')`;
