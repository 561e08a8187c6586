import { eq, sql } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import type { Sharing } from '../../db/schema/outbox.ts';
import { testRuns } from '../../db/schema/testing.ts';

/** What is known of a run's report: the hash of what is in the thread, and one under way. */
export async function reportState(
  db: Executor,
  runId: number,
): Promise<{ reported: string | null; reporting: Sharing | null; rootTs: string | null } | undefined> {
  const { rows } = await db.execute<{
    reported: string | null;
    reporting: Sharing | null;
    root_ts: string | null;
  }>(sql`select run.reported, run.reporting, t.root_ts from test_runs run join releases r on r.id = run.release_id
    join threads t on t.id = r.thread_id where run.id = ${runId}`);
  const [row] = rows;
  return row && { reported: row.reported, reporting: row.reporting, rootTs: row.root_ts };
}

/** Notes how far a run's report is. */
export async function writeReport(
  db: Executor,
  runId: number,
  set: { reported?: string; reporting?: Sharing | null },
): Promise<void> {
  await db.update(testRuns).set(set).where(eq(testRuns.id, runId));
}
