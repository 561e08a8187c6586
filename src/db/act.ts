import { eq, sql } from 'drizzle-orm';
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
 * @param fn must return plain JSON data and do nothing outside the transaction: after a deadlock it is run again. An exception undoes everything,
 *   the cause included, so that it can be tried again.
 * @throws what `fn` throws, and a lock time-out after 2 s: people are waiting for an answer.
 */
export async function once<T>(
  db: Db,
  cause: Cause,
  fn: (tx: Tx) => Promise<T>,
): Promise<{ result: T; repeated: boolean }> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptOnce(db, cause, fn);
    } catch (err) {
      // Two actions waited for each other; PostgreSQL undid this one whole, so it may simply be done again.
      if (attempt === ATTEMPTS || !isDeadlock(err)) throw err;
    }
  }
}

const ATTEMPTS = 3;

function isDeadlock(err: unknown): boolean {
  for (let at = err; at instanceof Error; at = at.cause) if ('code' in at && at.code === '40P01') return true;
  return false;
}

async function attemptOnce<T>(
  db: Db,
  cause: Cause,
  fn: (tx: Tx) => Promise<T>,
): Promise<{ result: T; repeated: boolean }> {
  return db.transaction(async (tx) => {
    const claimed = await tx.execute(
      sql`with waits as (select set_config('lock_timeout', '2s', true),
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
  });
}
