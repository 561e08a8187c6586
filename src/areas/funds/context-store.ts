import { sql } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import { OPEN } from '../../db/schema/releases.ts';

/** What people mean when they say "this release": those in work, and those still watched. Other areas' tables are only read. */
const CURRENT = sql`r.state in ${OPEN}
  or (r.state = 'done' and r.done_at > now() - interval '24 hours')`;

/** R19: what was tested may be written up when its release has ended: so long ago at most. */
const ENDED_DAYS = 30;
/** Leaves room for the state behind it. */
const NAME_MAX = 60;

/** A release to choose from; the name of one that has ended says how. `here`: this person tests it now. */
export interface ReleaseChoice {
  id: number;
  name: string;
  open: boolean;
  here: boolean;
}

/**
 * Releases that a test transaction can be for: the open ones, then those that ended within 30 days, the newest first, at most 50.
 * @param also one that is listed whatever its state
 */
export async function releaseChoices(db: Executor, person: string, also: number | undefined): Promise<ReleaseChoice[]> {
  const { rows } = await db.execute<{ id: string; name: string; state: string; open: boolean; here: boolean }>(sql`
    select r.id, r.product || ' ' || r.version as name, replace(r.state, '_', ' ') as state, (${CURRENT}) as open,
      exists (select from presences p where p.release_id = r.id and p.person = ${person} and p.left_at is null) as here
    from releases r where ${CURRENT} or coalesce(r.ended_at, r.done_at) > now() - make_interval(days => ${ENDED_DAYS}) or r.id = ${also ?? null}
    order by 4 desc, (r.id = ${also ?? null}) is true desc, r.id desc limit 50`);
  return rows.map(({ state, ...row }) => {
    const name = row.open ? row.name : `${row.name.slice(0, NAME_MAX)} · ${state}`;
    return { ...row, name, id: Number(row.id) };
  });
}

/** A test case of a release's newest run. `mine`: this person said that they are on it. */
export interface CaseChoice {
  releaseId: number;
  caseId: string;
  name: string;
  mine: boolean;
}

/** Test cases of these releases, in their order, those that need funds first, at most 100. @param first the release whose cases come before the others' */
export async function caseChoices(
  db: Executor,
  person: string,
  releases: readonly number[],
  first: number | undefined,
): Promise<CaseChoice[]> {
  if (!releases.length) return [];
  const { rows } = await db.execute<{ releaseId: string; caseId: string; name: string; mine: boolean }>(sql`
    select r.id as "releaseId", c.case_id as "caseId", r.version || ' · ' || c.case_id || ' · ' || c.title as name,
      coalesce(c.taken_by = ${person} and c.state = 'open', false) as mine
    from releases r
      join lateral (select id from test_runs where release_id = r.id order by id desc limit 1) run on true
      join run_cases c on c.run_id = run.id
    where r.id in ${[...releases]}
    order by (r.id = ${first ?? 0}) desc, array_position(${sql.param([...releases])}::bigint[], r.id), (c.spec->>'needsFunds')::boolean desc, c.position limit 100`);
  return rows.map((row) => ({ ...row, releaseId: Number(row.releaseId) }));
}

/** The newest test transactions of a person, by id. */
export async function spendIds(db: Executor, person: string, limit: number): Promise<number[]> {
  const { rows } = await db.execute<{ id: string }>(
    sql`select tx_id as id from spends where tester = ${person} order by tx_id desc limit ${limit}`,
  );
  return rows.map((row) => Number(row.id));
}

/** What a person's last test transaction was made with; undefined before their first. */
export async function lastSpend(
  db: Executor,
  person: string,
): Promise<{ asset: string; chain: string | null; releaseId: number | null } | undefined> {
  const { rows } = await db.execute<{ asset: string; chain: string | null; releaseId: string | null }>(
    sql`select asset, chain, release_id as "releaseId" from spends where tester = ${person} order by tx_id desc limit 1`,
  );
  const [row] = rows;
  return row && { ...row, releaseId: row.releaseId === null ? null : Number(row.releaseId) };
}
