import { type SQL, sql } from 'drizzle-orm';
import type { Freeze } from '../../base/slots.ts';
import { CAUGHT, ESCAPED } from '../../db/catch-rate.ts';
import type { Executor } from '../../db/client.ts';
import { KEPT_SLOTS } from '../../db/kept-slots.ts';
import { releases } from '../../db/schema/releases.ts';
import type { Blocker, Candidate, Facts, Progress, Stage } from './types.ts';

/** What other areas' tables say of a release, as one JSON value of the query that loads it. Reads only. */
export interface Gate {
  /** R13: the product's while the release is open; of one that is done only those that production has, none of one that ended otherwise. */
  blockers: (Omit<Blocker, 'back'> & { back: Blocker['back'] | null })[];
  otherBugs: number;
  /** Per stage: cases of the current candidate's run by state, and required ones unfinished. */
  runs: { stage: Stage; states: Record<string, number>; unfinished: number; carriedFrom: string | null }[];
  /** Required cases of the product's spec, where no run has begun; of those behind a flag all when the release asks for any, else what is owed (R10). */
  specs: { stage: Stage; required: number }[];
  /** Flags asked for, beside what the opening form says in words. */
  flags: string[];
  ci: Facts['ci'];
  changes: Facts['changes'];
  /** R9: all that were not over when it was opened. Times as PostgreSQL writes them in JSON. */
  freezes: (Omit<Freeze, 'startsAt' | 'endsAt'> & { startsAt: string; endsAt: string })[];
  slots: { local: string; at: string; until: string }[];
  prodIssueUrl: string | null;
  trees: { candidateId: number; tree: string }[];
  deactivated: string[];
  catchRate: Facts['catchRate'];
}

const newest = sql`(select c.id from candidates c where c.release_id = ${releases.id} order by c.seq desc limit 1)`;

/** R3: the release's candidates with the verified tree of the newest. */
const SAME_TREE = sql`select b.candidate_id from candidate_facts n join candidate_facts b on b.tree = n.tree
  join candidates c on c.id = b.candidate_id and c.release_id = ${releases.id} where n.candidate_id = ${newest}`;

/** Candidates of the product, of whichever release, that are the newest one's code: its commit, or its verified tree. */
const SAME_CODE = sql`select x.id, x.named_at, x.release_id, r.kind, r.shipped_at from releases r join candidates x on x.release_id = r.id
  where r.product = ${releases.product} and x.id in (
    select o.id from candidates n join candidates o on left(o.commit, 7) = left(n.commit, 7)
      and (starts_with(o.commit, n.commit) or starts_with(n.commit, o.commit)) where n.id = ${newest}
    union select o.candidate_id from candidate_facts n join candidate_facts o on o.tree = n.tree where n.candidate_id = ${newest})`;

/** Whether a retest of the bug `v` failed on the candidate `x`. The bug keeps the newest failure; the earlier ones are in the audit trail. */
const FAILED = sql`(v.failed_candidate_id = x.id or ((x.id > v.candidate_id or v.candidate_id is null) and exists (
  select from audit_events e where e.subject = 'BUG-' || v.id and e.verb = 'retest' and (e.data -> 'patch' ->> 'failedCandidateId')::bigint = x.id)))`;

/**
 * Whether the candidate `x`, named before the newest failed retest of the bug `v`, is assumed to have it: it was named after the finding, by a release of
 * the kind whose retest failed. Not what had been named before the finding already: a step back to it says nothing of it. What is said to have brought
 * the bug into production is no such way back, and where nobody knows what did, nothing is.
 */
const BETWEEN = sql`((x.id > v.candidate_id or (v.candidate_id is null and x.named_at > v.reported_at))
  and x.kind = (select r.kind from candidates c join releases r on r.id = c.release_id where c.id = v.failed_candidate_id)
  and not exists (select from same s where s.id < v.candidate_id
    or (v.candidate_id is null and s.named_at <= v.reported_at and s.release_id <> v.release_id)))`;

/**
 * R14: bugs verified as fixed in a later commit, while the newest candidate is again, or still, code that is known to have them (they were found there, a
 * retest failed there, or it shipped in the release that is said to have brought them into production), or assumed to. Never the code that was verified: an operator's retest there is the newest word on it.
 */
const BACK = sql`(with same as materialized (${SAME_CODE}), had as (
    select v.id, true as known from same x join bugs v on v.candidate_id = x.id where v.blocking and v.state = 'verified'
    union all select v.id, true from same x join bugs v on v.release_id = x.release_id where v.found_in = 'production' and v.blocking and v.state = 'verified'
      and x.shipped_at is not null and not exists (select from candidates l where l.release_id = x.release_id and l.id > x.id)
    union all select v.id, f.known from same x join bugs v on v.failed_candidate_id >= x.id cross join lateral (select ${FAILED} as known) f
      where v.product = ${releases.product} and v.blocking and v.state = 'verified' and (f.known or ${BETWEEN}))
  select b.*, case when h.known then 'known' else 'assumed' end as back from (select id, bool_or(known) as known from had group by id) h
    join bugs b on b.id = h.id
  where ${releases.state} in ('waiting', 'testing', 'approved') and b.fix_candidate_id not in (select id from same))`;

/** R10: the flags that were asked for, and not taken back. */
const FLAGS = sql`select flag from release_flags where release_id = ${releases.id} and asked`;

/**
 * R10, R16: how many required cases behind a flag failed in a run of the stage `p` and were neither passed nor skipped there or later: the candidate's own
 * run, which is only about to begin, will have them (owedCases of testing).
 */
const OWED = sql`select count(distinct c.case_id) from test_runs o join run_cases c on c.run_id = o.id
  where o.release_id = ${releases.id} and o.stage = p.stage and c.required and c.spec ? 'flag' and c.state not in ('passed', 'skipped')
    and exists (select from case_results g where g.run_id = o.id and g.case_id = c.case_id and g.result in ('fail', 'blocked'))
    and not exists (select from test_runs l join run_cases m on m.run_id = l.id where l.release_id = o.release_id and l.stage = o.stage
      and l.id > o.id and m.case_id = c.case_id and m.state in ('passed', 'skipped'))
    and not exists (select from test_runs own where own.candidate_id = ${newest} and own.stage = p.stage)`;

export const GATE: SQL = sql`(select json_build_object(
  'blockers', (select coalesce(json_agg(json_build_object('id', b.id, 'seq', b.blocking_seq, 'title', b.title, 'url', t.url, 'back', back) order by b.blocking_seq), '[]')
    from (select b.*, null as back from bugs b where b.product = ${releases.product} and b.blocking and b.ended_at is null
        and (${releases.state} not in ('done', 'cancelled', 'rolled_back') or (${releases.state} = 'done'
          and (b.release_id = ${releases.id} or b.found_in = 'production' or b.in_production = 'yes')))
      union all ${BACK}) b left join threads t on t.id = b.thread_id),
  'otherBugs', (select count(*) from bugs b where b.release_id = ${releases.id} and not b.blocking and b.ended_at is null),
  'runs', (select coalesce(json_agg(r), '[]') from (
    select run.stage, coalesce(json_object_agg(s.state, s.n) filter (where s.state is not null), '{}') as states, coalesce(sum(s.left_over), 0) as unfinished,
        (select c.commit from test_runs o join candidates c on c.id = o.candidate_id where o.id = run.carried_from) as "carriedFrom" from test_runs run
      left join lateral (select state, count(*) as n, count(*) filter (where required and state not in ('passed', 'skipped')) as left_over
        from run_cases where run_id = run.id group by state) s on true
      where run.candidate_id = ${newest} group by run.id) r),
  'specs', (select coalesce(json_agg(json_build_object('stage', p.stage, 'required', p.required + case when p.flagged = 0 then 0
      when ${releases.flags} is not null or exists (${FLAGS}) then p.flagged else least(p.flagged, (${OWED})) end)), '[]')
    from spec_counts p where p.product = ${releases.product}),
  'flags', (select coalesce(json_agg(flag order by flag), '[]') from (${FLAGS}) asked),
  'ci', (select json_build_object('passed', coalesce(sum(passed) filter (where here), 0), 'failed', coalesce(sum(failed) filter (where here), 0),
      'waiting', coalesce(json_agg(suite order by suite) filter (where not here), '[]')) from (
    select distinct on (suite) suite, passed, failed, here, waived_at from (
      select x.suite, x.passed, x.failed, x.at, x.waived_at, c.id = ${newest} as own, c.id = ${newest} or c.id in (${SAME_TREE}) as here from candidates c
        join ci_reports x on x.candidate_id = c.id where c.release_id = ${releases.id}) x order by suite, own desc, here desc, at desc) suites
      where here or waived_at is null having count(*) > 0),
  'changes', (select json_build_object('loaded', f.loaded_at is not null, 'problem', f.problem, 'developAhead', f.develop_ahead,
      'count', (select count(*) from candidate_changes x where x.candidate_id = f.candidate_id)) from candidate_facts f where f.candidate_id = ${newest}),
  'freezes', (select coalesce(json_agg(f), '[]') from (
    select id, product, starts_at as "startsAt", ends_at as "endsAt", reason, set_by as "setBy" from freezes
    where thawed_at is null and ends_at > ${releases.openedAt} and (product is null or product = ${releases.product}) order by ends_at, id) f),
  'slots', (select coalesce(json_agg(s), '[]') from ${KEPT_SLOTS} s
    where ${releases.kind} = 'scheduled' and ${releases.state} in ('waiting', 'testing', 'approved')),
  'prodIssueUrl', (select t.url from prod_issues p join threads t on t.id = p.thread_id
    where p.id = substring(${releases.prodIssue} from '^PI-([0-9]{1,15})$')::bigint),
  'trees', (select coalesce(json_agg(json_build_object('candidateId', f.candidate_id, 'tree', f.tree)), '[]') from candidate_facts f
    join candidates c on c.id = f.candidate_id where c.release_id = ${releases.id} and f.tree is not null),
  'deactivated', (select coalesce(json_agg(distinct p.id), '[]') from sign_offs s join people p on p.id = s.person where s.release_id = ${releases.id} and p.deactivated),
  'catchRate', (select json_build_object('caught', ${CAUGHT}, 'escaped', ${ESCAPED}) from bugs b join releases r on r.id = b.release_id
    where r.id = ${releases.id} having ${releases.doneAt} is not null)))`;

/** Required cases unfinished at a stage: of its run, or of the whole spec while no run has begun. */
function unfinished(g: Gate, stage: Stage): number {
  return g.runs.find((r) => r.stage === stage)?.unfinished ?? g.specs.find((s) => s.stage === stage)?.required ?? 0;
}

/** The gate in the words of Facts. `stage` is the one the release is in. */
export function readGate(
  g: Gate,
  stage: Stage,
): Omit<Facts, 'release' | 'candidates' | 'presences' | 'signOffs' | 'holds' | 'thread'> {
  const run = g.runs.find((r) => r.stage === stage);
  return {
    blockers: g.blockers.map(({ back, ...b }) => (back ? { ...b, back } : b)),
    otherBugs: g.otherBugs,
    unfinished: { candidate: unfinished(g, 'candidate'), production: unfinished(g, 'production') },
    progress: run ? progressOf(run.states, run.carriedFrom) : null,
    flags: g.flags,
    ci: g.ci,
    changes: g.changes,
    freezes: g.freezes.map((f) => ({ ...f, startsAt: new Date(f.startsAt), endsAt: new Date(f.endsAt) })),
    slots: g.slots.map(({ local, at, until }) => ({ local, at: new Date(at), until: new Date(until) })),
    prodIssueUrl: g.prodIssueUrl,
    deactivated: g.deactivated,
    catchRate: g.catchRate,
  };
}

/** Null for a run without cases: the release asks for none of the flags that the stage's cases are behind. */
function progressOf(states: Record<string, number>, carriedFrom: string | null): Progress | null {
  const n = (state: string) => states[state] ?? 0;
  const total = Object.values(states).reduce((a, b) => a + b, 0);
  if (!total) return null;
  return { total, passed: n('passed'), failed: n('failed'), blocked: n('blocked'), skipped: n('skipped'), carriedFrom };
}

/** The candidates with their verified trees. */
export function withTrees(candidates: readonly Omit<Candidate, 'verifiedTree'>[], g: Gate): Candidate[] {
  return candidates.map((c) => ({ ...c, verifiedTree: g.trees.find((t) => t.candidateId === c.id)?.tree ?? null }));
}

/** The product of a prod issue; undefined when there is none of that id. */
export async function prodIssueOf(db: Executor, id: number): Promise<string | undefined> {
  const { rows } = await db.execute<{ product: string }>(sql`select product from prod_issues where id = ${id}`);
  return rows[0]?.product;
}

/** The shown ids of prod issues a release is said to have brought. */
export async function prodIssuesOf(db: Executor, releaseId: number): Promise<string[]> {
  const { rows } = await db.execute<{ shown: string }>(
    sql`select 'PI-' || id as shown from prod_issues where release_id = ${releaseId}`,
  );
  return rows.map((row) => row.shown);
}
