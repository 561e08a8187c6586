import { sql } from 'drizzle-orm';
import { currentRequest } from '../base/log.ts';
import type { Block } from '../base/slack.ts';
import type { Db, Executor, Tx } from './client.ts';

/** The worker's tasks and what each is told. `req` (the request id) is added to every payload. */
export interface Jobs {
  /** Hands a stored Slack event to its listener. */
  event: { id: string };
  /** Posts what waits in one lane, in order. */
  flush: { lane: string };
  /** Draws one card again and updates it in Slack when it differs. */
  card: { outboxId: number };
  /** Has one card shown again, whatever is noted of it. */
  anew: { outboxId: number };
  /** Publishes the App Homes that changed: one person's, or everybody's who looks at theirs. */
  homes: { person?: string };
  /** Applies what time alone does to a release (expired eyes). */
  tick: { releaseId: number };
  /** Compares a release's thread with the claims. `waited` counts how often it stood back for events that came before. */
  reconcile: { releaseId: number; waited?: number };
  /** Judges what a reconcile at `at` (ISO) found and did not know of, unless its events came in meanwhile. */
  found: { releaseId: number; at: string; found: unknown[]; waited?: number };
  /** Lets the releases of a product see what changed in their gate facts (bugs, test results). */
  gates: { product: string };
  /** Begins the test run of a release's candidate or production check, when there is a spec and none has begun. */
  run: { releaseId: number };
  /** Posts a run's report to its release's thread, when what it says is not there yet. */
  report: { runId: number };
  /** Asks GitHub about a candidate. */
  changes: { candidateId: number };
  /** Sends the reminders that are due. `key` and `at` (ISO) are the schedule's occurrence. */
  reminders: { key: string; at: string };
  /** Sends the DMs that are held for those who are at work by now, or at `at` (ISO) where that is later. */
  held: { at?: string };
  /** Posts the daily line, or that of the week before, of the day of `at` (ISO). */
  daily: { at: string };
  weekly: { at: string };
  /** Brings the sheets up to date with the database. */
  sheets: { sweep?: boolean };
  /** Proposes the slots of the cadence that are near, and settles those that are over. `at`: the schedule's occurrence (ISO). */
  slots: { at: string };
  /** The regression calendar's morning: what was missed, the next month, last month's coverage. `key` is the occurrence's. */
  regression: { key: string; at: string };
  /** Posts a month's regression coverage, once. */
  coverage: { month: string };
  /** Seals audit events into the chain. */
  seal: Record<string, never>;
  /** Asks Slack who is in the user groups. */
  people: Record<string, never>;
  /** Notes a published head of the audit chain in a file. `at`: ISO. */
  head: { position: number; hash: string; at: string };
}

export interface JobOptions {
  /** One job per key waits at a time; a running one does not count. */
  key?: string;
  at?: Date;
  /** keep: a waiting job's time stays (folding). replace: it moves to `at` (a timer). Default keep. */
  mode?: 'keep' | 'replace';
}

/**
 * Enqueues a job inside the caller's transaction: it exists only if the transaction commits. The queue's own serial queues
 * are not used: to find a job it locks every one of them that is free, and two workers that look at once miss jobs.
 */
export async function addJob<K extends keyof Jobs>(
  tx: Executor,
  task: K,
  payload: Jobs[K],
  options: JobOptions = {},
): Promise<void> {
  const json = JSON.stringify({ ...payload, req: currentRequest() });
  for (;;) {
    const { rows } = await tx.execute<{ job: string | null }>(
      sql`select (graphile_worker.add_job(${task}, ${json}::json, run_at := ${options.at?.toISOString() ?? null}::timestamptz, job_key := ${options.key ?? null},
        job_key_mode := ${options.mode === 'replace' ? 'replace' : 'preserve_run_at'})).id as job`,
    );
    // Nothing was added: one under its key was taken just between the two statements by which the queue (graphile-worker 0.17) looks and adds. That one
    // knows nothing of what is new; once more, and the queue sees that it runs.
    if (rows[0]?.job) return;
  }
}

export interface Message {
  role: 'card' | 'check' | 'line' | 'dm';
  /** Where: a channel id, or for a DM the person's id. */
  target: string;
  threadId?: number;
  /** Cards only: what they show, by its shown id (REL-12). They are drawn when they are sent. */
  subject?: string;
  text?: string;
  blocks?: Block[];
  /** Also shown in the channel, for what is critical. */
  broadcast?: boolean;
  /** Until when it is of use, where it is not for ever: what could not be posted by then is left out (R23). Only what reminds, and what is of one time. */
  until?: Date;
}

/** The lane of a message: one thread, one person's DM, or what stands alone in one channel. Messages of a lane arrive in the order they were put here. */
export function laneOf(m: Pick<Message, 'threadId' | 'target' | 'role'>): string {
  return m.threadId === undefined ? `${m.role === 'dm' ? 'dm' : 'channel'}:${m.target}` : `thread:${m.threadId}`;
}

/** Puts a message in the outbox, in the caller's transaction, and wakes the job that posts its lane. @returns its outbox id */
export async function post(tx: Tx, m: Message): Promise<number> {
  const lane = laneOf(m);
  const blocks = m.blocks ? JSON.stringify(m.blocks) : null;
  const job = JSON.stringify({ lane, req: currentRequest() });
  const { rows } = await tx.execute<{ id: string; job: string | null }>(sql`
    with put as (
      insert into outbox (lane, role, target, thread_id, subject, text, blocks, broadcast, until)
      values (${lane}, ${m.role}, ${m.target}, ${m.threadId ?? null}, ${m.subject ?? null}, ${m.text ?? ''}, ${blocks}::jsonb, ${m.broadcast ?? false},
        ${m.until?.toISOString() ?? null}::timestamptz)
      returning id)
    select id, (graphile_worker.add_job('flush', ${job}::json, job_key := ${`flush:${lane}`}, job_key_mode := 'preserve_run_at')).id as job from put`);
  // See addJob: it was not added.
  if (!rows[0]?.job) await addJob(tx, 'flush', { lane }, { key: `flush:${lane}` });
  return Number(rows[0]?.id);
}

/** The lane of a DM that waits for its reader's hours: nothing flushes it, the job `held` sends it in time. */
export const HELD = 'held:';

/**
 * Puts a DM in the outbox that nobody waits for: it goes out when its reader is at work (R23), at once where they are. What is for a channel
 * is not held.
 */
export async function postInHours(tx: Tx, target: string, text: string): Promise<void> {
  if (!/^[UW]/.test(target)) {
    await post(tx, { role: 'line', target, text });
    return;
  }
  await tx.execute(
    sql`insert into outbox (lane, role, target, text) values (${`${HELD}${target}`}, 'dm', ${target}, ${text})`,
  );
  await addJob(tx, 'held', {}, { key: 'held' });
}

/**
 * Asks for a subject's cards to be drawn again, in the caller's transaction. The first change shows at once, later ones within a second
 * together: each card may go out at max(now, last time + 1 s), and one waiting job serves all changes until then. A last time that a wrong clock noted in
 * the future counts as just now.
 */
export async function refreshCards(tx: Executor, subject: string): Promise<void> {
  const req = currentRequest() ?? null;
  const { rows } = await tx.execute<{ id: string; at: string; job: string | null }>(sql`
    with due as (
      update outbox set due_at = case when due_at > clock_timestamp() then least(due_at, clock_timestamp() + interval '1 second')
                                      else greatest(clock_timestamp(), due_at + interval '1 second') end
      where subject = ${subject} and role in ('card', 'check') and posted_ts is not null and failed_at is null
      returning id, due_at)
    select id, due_at as at, (graphile_worker.add_job('card', json_build_object('outboxId', id, 'req', ${req}::text),
      run_at := due_at, job_key := 'card:' || id, job_key_mode := 'preserve_run_at', priority := -1)).id as job from due`);
  // See addJob: it was not added.
  for (const { id, at } of rows.filter((row) => !row.job))
    await addJob(tx, 'card', { outboxId: Number(id) }, { key: `card:${id}`, at: new Date(at) });
}

/** Changes within this time go into the sheets together. */
const SHEETS_AFTER_MS = 10_000;

/** Has the sheets brought up to date soon, with what else changes until then. */
export async function refreshSheets(tx: Executor): Promise<void> {
  await addJob(tx, 'sheets', {}, { key: 'sheets', at: new Date(Date.now() + SHEETS_AFTER_MS) });
}

/** What a thread's card shows, by its shown id; null for a thread without a card. */
export async function subjectOfThread(db: Executor, threadId: number): Promise<string | null> {
  const { rows } = await db.execute<{ subject: string }>(
    sql`select subject from outbox where thread_id = ${threadId} and role = 'card' and subject is not null order by id desc limit 1`,
  );
  return rows[0]?.subject ?? null;
}

/** Puts what still waits for a thread behind what another was given already; a reminder is then known by its new message. @param from @param to thread ids */
export async function moveWaiting(tx: Tx, from: number, to: number): Promise<void> {
  await tx.execute(sql`
    with old as (
      update outbox set failed_at = now(), error = 'moved to the new thread'
      where lane = ${`thread:${from}`} and posted_ts is null and failed_at is null returning *),
    made as (
      insert into outbox (lane, role, thread_id, target, subject, text, blocks, broadcast, until)
      select ${`thread:${to}`}, role, ${to}, target, subject, text, blocks, broadcast, until from old order by id returning id)
    update reminders r set outbox_id = m.id from (select id, row_number() over (order by id) as n from old) o
      join (select id, row_number() over (order by id) as n from made) m using (n) where r.outbox_id = o.id`);
}

/**
 * Begins a thread again whose root was deleted in Slack: its card is posted anew, the old thread linked, and what still waits follows there.
 * Does nothing when its card is on the way already.
 */
export async function repost(db: Db, threadId: number, subject: string): Promise<void> {
  await db.transaction(async (tx) => {
    const { rows } = await tx.execute<{ channel: string; url: string | null; root_ts: string | null }>(
      sql`select channel, url, root_ts from threads where id = ${threadId} for update`,
    );
    const [old] = rows;
    if (!old || old.root_ts === null) return;
    await tx.execute(sql`update outbox set failed_at = now(), error = 'message deleted in Slack'
      where thread_id = ${threadId} and role = 'card' and failed_at is null`);
    await tx.execute(sql`update threads set root_ts = null, url = null where id = ${threadId}`);
    await post(tx, { role: 'card', target: old.channel, threadId, subject });
    const where = old.url ? ` <${old.url}|The old thread>` : '';
    const text = `:warning: The first message was deleted in Slack; this is the new one.${where}`;
    await post(tx, { role: 'line', target: old.channel, threadId, text });
  });
}
