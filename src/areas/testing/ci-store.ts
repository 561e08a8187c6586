import { and, eq, sql } from 'drizzle-orm';
import type { Tx } from '../../db/client.ts';
import { ciReports } from '../../db/schema/testing.ts';
import type { CiTotals } from './junit.ts';

/** The newest candidate of a release that is this commit, of which either may be written shorter; undefined when none is. */
export async function candidateOf(
  tx: Tx,
  releaseId: number,
  commit: string,
): Promise<{ id: number; commit: string } | undefined> {
  const { rows } = await tx.execute<{ id: string; commit: string }>(sql`select id, commit from candidates
    where release_id = ${releaseId} and (starts_with(commit, ${commit}) or starts_with(${commit}, commit)) order by seq desc limit 1`);
  const [row] = rows;
  return row && { id: Number(row.id), commit: row.commit };
}

/** Keeps a report in place of an older one of the same suite and candidate. */
export async function writeCi(
  tx: Tx,
  about: { releaseId: number; candidateId: number; suite: string },
  report: CiTotals & { gates: boolean; at: Date },
): Promise<void> {
  const set = { ...report, waivedAt: null };
  await tx
    .insert(ciReports)
    .values({ ...about, ...set })
    .onConflictDoUpdate({ target: [ciReports.candidateId, ciReports.suite], set });
}

/** R3: whether a suite's report of a candidate that came just now counts for the release's newest: its own does, and one with its verified tree while it has none. */
export async function countsNow(tx: Tx, newest: number, of: { candidateId: number; suite: string }): Promise<boolean> {
  if (of.candidateId === newest) return true;
  const { rowCount } = await tx.execute(sql`select from candidate_facts n join candidate_facts b on b.tree = n.tree
    where n.candidate_id = ${newest} and b.candidate_id = ${of.candidateId}
      and not exists (select from ci_reports x where x.candidate_id = ${newest} and x.suite = ${of.suite})`);
  return Boolean(rowCount);
}

/** R5: the suites that reported for a candidate of the release, not for its newest or one with the same verified tree, and were not waived since. */
export async function waitedSuites(
  tx: Tx,
  { id, candidateId }: { id: number; candidateId: number },
): Promise<string[]> {
  const { rows } = await tx.execute<{ suite: string }>(sql`
    select suite from ci_reports x where x.release_id = ${id} group by suite
    having not bool_and(x.waived_at is not null) and not bool_or(x.candidate_id = ${candidateId} or x.candidate_id in (
      select b.candidate_id from candidate_facts n join candidate_facts b on b.tree = n.tree where n.candidate_id = ${candidateId}))
    order by suite`);
  return rows.map((r) => r.suite);
}

/** Has a suite waited for no more, until it reports again. */
export async function waiveSuite(tx: Tx, releaseId: number, suite: string, at: Date): Promise<void> {
  await tx
    .update(ciReports)
    .set({ waivedAt: at })
    .where(and(eq(ciReports.releaseId, releaseId), eq(ciReports.suite, suite)));
}
