// What the schedules do, by name. Each is in the transaction that records its occurrence: both happen, or neither.
import { sql } from 'drizzle-orm';
import type { Occurrence } from '../base/schedule.ts';
import type { Executor, Tx } from '../db/client.ts';
import { addJob, HELD, post } from '../db/outbox.ts';
import { headOf } from '../db/seal.ts';

export interface BeatsDeps {
  /** Channel of the admins, who keep the audit chain's heads. */
  admins: string;
  /** @returns the ids of the releases whose threads are read. */
  toRead(db: Executor): Promise<number[]>;
}

/** One function per schedule, or kind of schedule, of src/schedules/table.ts. Each throws what the database throws, and is then tried again. */
export function makeBeats(deps: BeatsDeps) {
  return {
    seal: (tx: Tx) => addJob(tx, 'seal', {}, { key: 'seal' }),
    reconcile: (tx: Tx) => readThreads(tx, deps.toRead),
    people: (tx: Tx) => addJob(tx, 'people', {}, { key: 'people' }),
    lanes: wakeLanes,
    purge,
    slots: (tx: Tx, on: Occurrence) => addJob(tx, 'slots', { at: on.at.toISOString() }, { key: 'slots' }),
    regression: (tx: Tx, on: Occurrence) =>
      addJob(tx, 'regression', { key: on.key, at: on.at.toISOString() }, { key: on.key }),
    reminders: (tx: Tx, on: Occurrence) =>
      addJob(tx, 'reminders', { key: on.key, at: on.at.toISOString() }, { key: 'reminders' }),
    sheets: (tx: Tx) => addJob(tx, 'sheets', { sweep: true }, { key: 'sheets:sweep' }),
    daily: (tx: Tx, on: Occurrence) => addJob(tx, 'daily', { at: on.at.toISOString() }, { key: on.key }),
    weekly: (tx: Tx, on: Occurrence) => addJob(tx, 'weekly', { at: on.at.toISOString() }, { key: on.key }),
    head: (tx: Tx, on: Occurrence) => publishHead(tx, deps.admins, on),
  };
}

/** Has the threads of these releases read. */
export async function readThreads(tx: Executor, ids: BeatsDeps['toRead']): Promise<void> {
  for (const releaseId of await ids(tx))
    await addJob(tx, 'reconcile', { releaseId }, { key: `reconcile:${releaseId}` });
}

/**
 * Has every lane flushed in which a message waits for more than a minute, whose job was lost: an operator who cleared the queue, a database that was
 * put back. Others have a job already, which stays as it is.
 */
async function wakeLanes(tx: Tx): Promise<void> {
  await tx.execute(sql`
    select graphile_worker.add_job('flush', json_build_object('lane', lane), job_key := 'flush:' || lane, job_key_mode := 'preserve_run_at')
    from (select distinct o.lane from outbox o left join threads t on t.id = o.thread_id
      where o.posted_ts is null and o.failed_at is null and o.created_at < now() - interval '1 minute' and o.lane not like ${`${HELD}%`}
        -- Lines of a thread that has no root wait for one.
        and (o.thread_id is null or o.role = 'card' or t.root_ts is not null)) waiting
    where not exists (select from graphile_worker._private_jobs j
      where j.key = 'flush:' || lane and (j.attempts < j.max_attempts or j.locked_at is not null))`);
}

/** Slack sends an event again within minutes, a person clicks again within days; a file may be imported again after years. */
async function purge(tx: Tx): Promise<void> {
  await tx.execute(sql`delete from slack_events where received_at < now() - interval '7 days'`);
  await tx.execute(
    sql`delete from causes where at < now() - interval '30 days' and key not like 'import:%' and key not like 'github-issue:%'`,
  );
  await tx.execute(sql`delete from schedule_runs where occurrence < now() - interval '30 days'`);
  await tx.execute(sql`delete from graphile_worker._private_jobs
    where attempts >= max_attempts and locked_at is null and updated_at < now() - interval '30 days'`);
}

/** R26: the head goes where the database cannot change it: to Slack, and, by a job of its own, into a file. */
async function publishHead(tx: Tx, admins: string, on: Occurrence): Promise<void> {
  const head = await headOf(tx);
  if (!head) return;
  const shown = `${head.position}:${head.hash}`;
  const text = `The audit trail is sealed up to \`${shown}\`. To check it against this message: \`npm run shipshape -- audit verify --head ${shown}\``;
  await post(tx, { role: 'line', target: admins, text });
  await addJob(tx, 'head', { ...head, at: on.at.toISOString() }, { key: on.key });
}
