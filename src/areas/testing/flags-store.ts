import { and, eq, inArray, notInArray, sql } from 'drizzle-orm';
import type { Executor, Tx } from '../../db/client.ts';
import { releaseFlags, runCases } from '../../db/schema/testing.ts';
import type { Said } from './flag-rules.ts';
import type { Stage } from './types.ts';

/** What was said of a release's flags since it was opened, by name. */
export async function flagsSaid(db: Executor, releaseId: number): Promise<Said[]> {
  return db
    .select({ flag: releaseFlags.flag, asked: releaseFlags.asked, person: releaseFlags.person })
    .from(releaseFlags)
    .where(eq(releaseFlags.releaseId, releaseId))
    .orderBy(releaseFlags.flag);
}

/** Keeps what somebody says of flags, in place of what was said before. */
export async function sayFlags(
  tx: Tx,
  releaseId: number,
  flags: readonly string[],
  said: { asked: boolean; person: string; at: Date },
): Promise<void> {
  if (!flags.length) return;
  await tx
    .insert(releaseFlags)
    .values(flags.map((flag) => ({ releaseId, flag, ...said })))
    .onConflictDoUpdate({ target: [releaseFlags.releaseId, releaseFlags.flag], set: said });
}

/** Keeps flags that the release itself asks for, where nobody has said otherwise since. */
export async function noteFlags(
  tx: Tx,
  releaseId: number,
  flags: readonly string[],
  by: { person: string; at: Date },
): Promise<void> {
  if (!flags.length) return;
  await tx
    .insert(releaseFlags)
    .values(flags.map((flag) => ({ releaseId, flag, asked: true, ...by })))
    .onConflictDoNothing();
}

/** Forgets flags that a label asked for and none does any more. */
export async function forgetLabels(
  tx: Tx,
  releaseId: number,
  labels: readonly string[],
  person: string,
): Promise<void> {
  await tx
    .delete(releaseFlags)
    .where(
      and(
        eq(releaseFlags.releaseId, releaseId),
        eq(releaseFlags.person, person),
        labels.length ? notInArray(releaseFlags.flag, [...labels]) : undefined,
      ),
    );
}

/** The flagged cases of a run: which flag each is behind, and whether anybody has said anything of it. */
export async function flaggedCases(
  db: Executor,
  runId: number,
): Promise<{ caseId: string; flag: string; tried: boolean }[]> {
  const { rows } = await db.execute<{ caseId: string; flag: string; tried: boolean }>(sql`
    select c.case_id as "caseId", c.spec->>'flag' as flag,
      exists (select from case_results g where g.run_id = c.run_id and g.case_id = c.case_id) as tried
    from run_cases c where c.run_id = ${runId} and c.spec ? 'flag'`);
  return rows;
}

/**
 * R10, R16: flagged cases that failed or were blocked in a run of this stage of the release, and were neither passed nor skipped there or in a later one:
 * taking the flag back does not make that go away, on whichever candidate.
 */
export async function owedCases(db: Executor, releaseId: number, stage: Stage): Promise<Set<string>> {
  const { rows } = await db.execute<{ caseId: string }>(sql`
    select distinct c.case_id as "caseId" from test_runs run join run_cases c on c.run_id = run.id
    where run.release_id = ${releaseId} and run.stage = ${stage} and c.spec ? 'flag' and c.state not in ('passed', 'skipped')
      and exists (select from case_results g where g.run_id = c.run_id and g.case_id = c.case_id and g.result in ('fail', 'blocked'))
      and not exists (select from test_runs later join run_cases l on l.run_id = later.id where later.release_id = ${releaseId}
        and later.stage = ${stage} and later.id > run.id and l.case_id = c.case_id and l.state in ('passed', 'skipped'))`);
  return new Set(rows.map((r) => r.caseId));
}

/** Takes cases out of a run. */
export async function removeCases(tx: Tx, runId: number, ids: readonly string[]): Promise<void> {
  if (!ids.length) return;
  await tx.delete(runCases).where(and(eq(runCases.runId, runId), inArray(runCases.caseId, [...ids])));
}
