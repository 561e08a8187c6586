import { asc, eq, sql } from 'drizzle-orm';
import type { Executor, Tx } from '../../db/client.ts';
import { candidateChanges, candidateFacts } from '../../db/schema/changes.ts';
import type { ReleaseChange } from './changes.ts';
import type { State } from './types.ts';

/** A candidate that GitHub is asked about. */
export interface Asked {
  releaseId: number;
  product: string;
  state: State;
  threadId: number;
  channel: string;
  commit: string;
  /** Whether it is still the release's candidate. */
  current: boolean;
  /** The verified tree, when it is known already. */
  tree: string | null;
  loaded: boolean;
}

/** The candidate and what is known of it; undefined when there is none. */
export async function askedAbout(db: Executor, candidateId: number): Promise<Asked | undefined> {
  const { rows } = await db.execute<Record<string, unknown>>(sql`
    select r.id, r.product, r.state, r.thread_id, t.channel, c.commit, f.tree, f.loaded_at is not null as loaded,
      not exists (select 1 from candidates n where n.release_id = r.id and n.seq > c.seq) as current
    from candidates c join releases r on r.id = c.release_id join threads t on t.id = r.thread_id
      left join candidate_facts f on f.candidate_id = c.id
    where c.id = ${candidateId}`);
  const [row] = rows;
  return (
    row && {
      releaseId: Number(row.id),
      product: row.product as string,
      state: row.state as State,
      threadId: Number(row.thread_id),
      channel: row.channel as string,
      commit: row.commit as string,
      current: row.current as boolean,
      tree: row.tree as string | null,
      loaded: row.loaded as boolean,
    }
  );
}

/** Notes that GitHub is asked: from now on the card says that the changes are not loaded. @returns whether it was not noted before */
export async function noteAsked(db: Executor, candidateId: number): Promise<boolean> {
  const made = await db.insert(candidateFacts).values({ candidateId }).onConflictDoNothing().returning();
  return made.length > 0;
}

/** Why GitHub's answer is not there, in words for people. @returns whether that is news */
export async function noteProblem(db: Executor, candidateId: number, problem: string): Promise<boolean> {
  const { rowCount } = await db.execute(sql`
    insert into candidate_facts (candidate_id, problem) values (${candidateId}, ${problem})
    on conflict (candidate_id) do update set problem = excluded.problem
    where candidate_facts.loaded_at is null and candidate_facts.problem is distinct from excluded.problem`);
  return Boolean(rowCount);
}

/** R3: keeps the commit that GitHub has, in full, and its tree. */
export async function saveCommit(tx: Tx, candidateId: number, commit: { sha: string; tree: string }): Promise<void> {
  await tx
    .insert(candidateFacts)
    .values({ candidateId, ...commit })
    .onConflictDoUpdate({ target: candidateFacts.candidateId, set: commit });
}

/** Keeps a candidate's changes, once: those of an earlier load are replaced. */
export async function saveChanges(
  tx: Tx,
  candidateId: number,
  changes: readonly ReleaseChange[],
  developAhead: number | null,
  now: Date,
): Promise<void> {
  await tx
    .update(candidateFacts)
    .set({ developAhead, loadedAt: now, problem: null })
    .where(eq(candidateFacts.candidateId, candidateId));
  await tx.delete(candidateChanges).where(eq(candidateChanges.candidateId, candidateId));
  const rows = changes.map((c, position) => ({ candidateId, position, ...c }));
  if (rows.length) await tx.insert(candidateChanges).values(rows);
}

/** The changes of the newest earlier candidate of the release whose changes are loaded, oldest first; null when there is none. */
export async function changesBefore(
  db: Executor,
  candidateId: number,
): Promise<{ commit: string; changes: ReleaseChange[] } | null> {
  const { rows } = await db.execute<{ id: string; commit: string }>(sql`
    select b.id, b.commit from candidates c join candidates b on b.release_id = c.release_id and b.seq < c.seq
      join candidate_facts f on f.candidate_id = b.id and f.loaded_at is not null
    where c.id = ${candidateId} order by b.seq desc limit 1`);
  const [before] = rows;
  if (!before) return null;
  const changes = await db
    .select()
    .from(candidateChanges)
    .where(eq(candidateChanges.candidateId, Number(before.id)))
    .orderBy(asc(candidateChanges.position));
  return { commit: before.commit, changes };
}
