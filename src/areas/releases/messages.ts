// Where a release is in Slack: its messages, its thread, and what of them still waits.

import { sql } from 'drizzle-orm';
import { showId } from '../../base/ids.ts';
import type { Executor } from '../../db/client.ts';
import { OPEN } from '../../db/schema/releases.ts';

/** Which release a message of ours belongs to, and what the message is: its card, its production check, or neither (in its thread). */
export async function releaseOfMessage(
  db: Executor,
  channel: string,
  ts: string,
): Promise<{ releaseId: number; role: 'card' | 'check' } | undefined> {
  const { rows } = await db.execute<{ subject: string; role: 'card' | 'check' }>(
    sql`select subject, role from outbox where posted_channel = ${channel} and posted_ts = ${ts} and role in ('card', 'check') and subject like 'REL-%'`,
  );
  const [row] = rows;
  return row && { releaseId: Number(row.subject.slice('REL-'.length)), role: row.role };
}

/** The release whose thread this is, by the thread's root. */
export async function releaseOfThread(db: Executor, channel: string, rootTs: string): Promise<number | undefined> {
  const { rows } = await db.execute<{ id: string }>(
    sql`select r.id from threads t join releases r on r.thread_id = t.id where t.channel = ${channel} and t.root_ts = ${rootTs}`,
  );
  return rows[0] && Number(rows[0].id);
}

/** The ts of a release's production check message, once posted and while it is there (one deleted in Slack is posted again). */
export async function liveCheckTs(db: Executor, releaseId: number): Promise<string | undefined> {
  const { rows } = await db.execute<{ posted_ts: string }>(
    sql`select posted_ts from outbox where subject = ${showId('REL', releaseId)} and role = 'check' and posted_ts is not null and failed_at is null order by id desc limit 1`,
  );
  return rows[0]?.posted_ts;
}

/** How far Slack's clock, which dates messages, may be from PostgreSQL's. */
const SKEW_S = 300;

/** Whether the message `ts` may be a release's card or check on its way to this channel: sent, and its place not noted yet. What is older than the row is not it. */
export async function postsInFlight(db: Executor, channel: string, ts: string): Promise<boolean> {
  const { rowCount } = await db.execute(
    sql`select 1 from outbox where target = ${channel} and role in ('card', 'check') and subject like 'REL-%' and attempted_at is not null
      and posted_ts is null and failed_at is null and created_at < to_timestamp(${(Number(ts) || 0) + SKEW_S}::double precision) limit 1`,
  );
  return Boolean(rowCount);
}

/** The release that a thread of ours is about, with the thread's root. */
export async function releaseOfThreadId(
  db: Executor,
  threadId: number,
): Promise<{ id: number; rootTs: string } | undefined> {
  const { rows } = await db.execute<{ id: string; root_ts: string }>(
    sql`select r.id, t.root_ts from releases r join threads t on t.id = r.thread_id where t.id = ${threadId} and t.root_ts is not null`,
  );
  return rows[0] && { id: Number(rows[0].id), rootTs: rows[0].root_ts };
}

/** Notes that a channel cannot be read or written: its open releases are not approved or shipped until a later complete read. */
export async function markLost(db: Executor, channel: string): Promise<void> {
  await db.execute(sql`update releases r set lost_at = clock_timestamp() from threads t
    where t.id = r.thread_id and t.channel = ${channel} and r.state in ${OPEN}`);
}

/**
 * Whether stored events of this thread, or of its production check, wait to be handled now: what is read in Slack must not be compared with claims that are behind. Events that
 * failed and are tried again later do not count.
 */
export async function eventsDue(db: Executor, rootTs: string, checkTs?: string): Promise<boolean> {
  const { rowCount } = await db.execute(sql`select 1 from slack_events e where handled_at is null
    and event_id = any (array(select j.payload->>'id' from graphile_worker._private_jobs j
      join graphile_worker._private_tasks t on t.id = j.task_id
      where t.identifier = 'event' and j.run_at <= now() and (j.attempts < j.max_attempts or j.locked_at is not null)))
    and (position(${`"${rootTs}"`} in e.body::text) > 0 or position(${`"${checkTs ?? rootTs}"`} in e.body::text) > 0) limit 1`);
  return Boolean(rowCount);
}
