import { setTimeout as wait } from 'node:timers/promises';
import { eq, sql } from 'drizzle-orm';
import type { Answer, Done } from '../base/answer.ts';
import { timed } from '../base/steps.ts';
import type { Db, Tx } from './client.ts';
import { causes } from './schema/core.ts';

/** By which road an action came. */
export type Source =
  | 'command'
  | 'button'
  | 'modal'
  | 'shortcut'
  | 'reaction'
  | 'message'
  | 'schedule'
  | 'reconcile'
  | 'CLI';

/** What set an action off. `key` is unique per happening in Slack (event, trigger, view or click), so that a repeat is known. */
export interface Cause {
  key: string;
  source: Source;
  /** Slack id of who acts, or `shipshape` for the bot itself. */
  actor: string;
  /** When it happened, by Slack's time where Slack gives one. */
  eventTime: Date;
  /**
   * Its event is stored and handled again until this is done. The commit then need not wait for the disk: should PostgreSQL
   * crash and forget it, everything later is forgotten too, also that the event was handled.
   */
  stored?: true;
  /** The form it was sent by. Slack lets people send one again when its answer came late, and each time is a happening of its own. */
  form?: string;
}

/** Whether this form made something before: a form that makes a thing makes one. Otherwise it counts from now on as having done so. */
export async function madeBefore(tx: Tx, { form }: Cause): Promise<boolean> {
  if (form === undefined) return false;
  const { rowCount } = await tx.execute(
    sql`insert into causes (key) values (${`made:${form}`}) on conflict do nothing returning key`,
  );
  return rowCount === 0;
}

/**
 * The one place where an action meets the database: one transaction, in which the cause is claimed, `fn` works and the result
 * is kept. A repeat (Slack sent it again, or another instance got it too) waits for the first and gets its result.
 * @param fn must return plain JSON data and do nothing outside the transaction: after a deadlock, or a lost connection, it is run again. An exception undoes everything,
 *   the cause included, so that it can be tried again.
 * @throws what `fn` throws, a lock time-out after 2 s, for people are waiting for an answer, and Unsure
 */
export async function once<T>(
  db: Db,
  cause: Cause,
  fn: (tx: Tx) => Promise<T>,
): Promise<{ result: T; repeated: boolean }> {
  let unsure = false;
  for (let attempt = 1; ; attempt++) {
    // Whether the last thing under way was the commit: only then it is not known what a lost connection left behind.
    let committing = false;
    const work = async (tx: Tx) => {
      const done = await attemptOnce(tx, cause, (claimed) => {
        // It is not there, so that commit failed.
        unsure = false;
        return fn(claimed);
      });
      committing = true;
      return done;
    };
    try {
      const done = await timed('transaction', undefined, () => db.transaction(work));
      // What was there already is our own, of the attempt whose answer was lost.
      return unsure ? { ...done, repeated: false } : done;
    } catch (err) {
      const lost = isLost(err);
      unsure ||= lost && committing;
      // Two actions waited for each other, and PostgreSQL undid this one whole; or the cause tells what became of a commit. Either way it may
      // simply be done again.
      const again = attempt < ATTEMPTS && (lost || isDeadlock(err));
      if (!again) throw unsure ? new Unsure(err) : err;
      if (lost) await wait(AGAIN_MS * attempt);
    }
  }
}

/** The database went away during a commit and did not come back in time: whether it was done is not known. */
export class Unsure extends Error {
  constructor(cause: unknown) {
    super('the database was lost during a commit', { cause });
    this.name = 'Unsure';
  }
}

const ATTEMPTS = 3;
const AGAIN_MS = 250;

function isDeadlock(err: unknown): boolean {
  return someCause(err, (at) => 'code' in at && at.code === '40P01');
}

/** A connection that broke, or cannot be had: codes of PostgreSQL that is ending or starting, and of the network; pg gives its own none. */
function isLost(err: unknown): boolean {
  return someCause(
    err,
    (at) =>
      ('code' in at && /^(57P0[123]|08\w{3}|ECONNRE\w+|EPIPE)$/.test(String(at.code))) ||
      /^Connection terminated|connection error and is not queryable/.test(at.message),
  );
}

function someCause(err: unknown, is: (at: Error) => boolean): boolean {
  for (let at = err; at instanceof Error; at = at.cause) if (is(at)) return true;
  return false;
}

async function attemptOnce<T>(
  tx: Tx,
  cause: Cause,
  fn: (tx: Tx) => Promise<T>,
): Promise<{ result: T; repeated: boolean }> {
  // An act's statements look things up by their ids, so that one plan fits all; planning the large ones anew took longer than doing them.
  const claimed = await tx.execute(
    sql`with waits as (select set_config('lock_timeout', '2s', true),
            set_config('plan_cache_mode', 'force_generic_plan', true),
            set_config('synchronous_commit', case when ${cause.stored ?? false} then 'off' else current_setting('synchronous_commit') end, true))
          insert into causes (key) select ${cause.key} from waits on conflict do nothing returning key`,
  );
  if (!claimed.rowCount) {
    const [first] = await tx.select({ result: causes.result }).from(causes).where(eq(causes.key, cause.key));
    return { result: first?.result as T, repeated: true };
  }
  const result = await fn(tx);
  await tx.update(causes).set({ result }).where(eq(causes.key, cause.key));
  return { result, repeated: false };
}

/** An action that answers who asked, once per cause: see `once`. */
export async function answered<A extends Answer>(db: Db, cause: Cause, work: (tx: Tx) => Promise<A>): Done<A> {
  const { result, repeated } = await once(db, cause, work);
  return { answer: result, repeated };
}
