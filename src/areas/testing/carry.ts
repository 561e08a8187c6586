import { sql } from 'drizzle-orm';
import type { Tx } from '../../db/client.ts';

/**
 * R3: what was tested on a commit with the same verified tree was tested on this one: takes over the results of the newest earlier run of the release
 * whose candidate has that tree, for each case that is the same there (title, steps, passes it needs) and that nobody has said anything of here. The
 * caller keeps results from coming in meanwhile. Production is never carried: it is looked at anew.
 * @returns that commit and how many cases; null when there is nothing to take over
 */
export async function carryResults(tx: Tx, runId: number): Promise<{ commit: string; cases: number } | null> {
  const { rows } = await tx.execute<{ id: string; commit: string }>(sql`
    select other.id, b.commit from test_runs run join candidates c on c.id = run.candidate_id
      join candidate_facts f on f.candidate_id = c.id
      join candidates b on b.release_id = c.release_id and b.seq < c.seq
      join candidate_facts g on g.candidate_id = b.id and g.tree = f.tree
      join test_runs other on other.candidate_id = b.id and other.stage = 'candidate'
    where run.id = ${runId} and run.stage = 'candidate' order by b.seq desc limit 1`);
  const [from] = rows;
  if (!from) return null;
  // What failed there and is not asked for here any more, its flag taken back meanwhile, goes along: it is retested, or skipped by two (R16).
  await tx.execute(sql`
    insert into run_cases (run_id, case_id, position, title, area, spec, required, passes_required, state)
    select ${runId}, o.case_id, o.position, o.title, o.area, o.spec, o.required, o.passes_required, 'open' from run_cases o
    where o.run_id = ${from.id} and o.state not in ('passed', 'skipped')
      and exists (select from case_results g where g.run_id = o.run_id and g.case_id = o.case_id)
    on conflict do nothing`);
  const moved = await tx.execute(sql`
    with same as (
      select m.case_id, o.state from run_cases m join run_cases o on o.run_id = ${from.id} and o.case_id = m.case_id
        and o.title = m.title and o.spec = m.spec and o.passes_required = m.passes_required
      where m.run_id = ${runId} and not exists (select from case_results g where g.run_id = ${runId} and g.case_id = m.case_id)
        and exists (select from case_results g where g.run_id = ${from.id} and g.case_id = m.case_id)),
    results as (
      insert into case_results (run_id, case_id, person, result, note, at)
      select ${runId}, g.case_id, g.person, g.result, g.note, g.at from case_results g join same using (case_id)
      where g.run_id = ${from.id} order by g.id),
    run as (update test_runs set carried_from = ${from.id} where id = ${runId} and exists (select from same))
    update run_cases m set state = same.state from same where m.run_id = ${runId} and m.case_id = same.case_id`);
  return moved.rowCount ? { commit: from.commit, cases: moved.rowCount } : null;
}
