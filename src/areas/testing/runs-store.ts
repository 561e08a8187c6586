import { and, eq } from 'drizzle-orm';
import type { Executor, Tx } from '../../db/client.ts';
import { runCases, testRuns } from '../../db/schema/testing.ts';
import type { SpecCase, Stage } from './types.ts';

/** Begins a run, without cases. @returns its id, or null when the candidate has one for this stage */
export async function insertRun(
  tx: Tx,
  about: { releaseId: number; candidateId: number; stage: Stage },
  now: Date,
): Promise<number | null> {
  const [run] = await tx
    .insert(testRuns)
    .values({ ...about, startedAt: now })
    .onConflictDoNothing()
    .returning({ id: testRuns.id });
  return run?.id ?? null;
}

/** The run of a candidate for a stage; undefined while none has begun. */
export async function runOfCandidate(db: Executor, candidateId: number, stage: Stage): Promise<number | undefined> {
  const [run] = await db
    .select({ id: testRuns.id })
    .from(testRuns)
    .where(and(eq(testRuns.candidateId, candidateId), eq(testRuns.stage, stage)));
  return run?.id;
}

/** Adds open cases to a run. @param spec all cases of the product, for their order; a case that is in the run stays as it is */
export async function insertCases(
  tx: Tx,
  runId: number,
  cases: readonly SpecCase[],
  spec: readonly SpecCase[],
): Promise<void> {
  const order = new Map(spec.map((c, position) => [c.id, position]));
  const rows = cases.map((c) => ({
    runId,
    caseId: c.id,
    position: order.get(c.id) ?? spec.length,
    title: c.title,
    area: areaName(c),
    spec: { steps: c.steps, expected: c.expected, needsFunds: c.needsFunds, ...(c.flag && { flag: c.flag }) },
    required: c.required,
    passesRequired: c.passesRequired,
    state: 'open' as const,
  }));
  // PostgreSQL takes 65,535 parameters at a time.
  for (let i = 0; i < rows.length; i += 500)
    await tx
      .insert(runCases)
      .values(rows.slice(i, i + 500))
      .onConflictDoNothing();
}

/** A regression area by name: wallet × feature. */
function areaName(c: SpecCase): string {
  return `${c.area.wallet} × ${c.area.feature}`;
}
