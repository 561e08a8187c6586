import { and, asc, eq, inArray, notInArray, sql } from 'drizzle-orm';
import type { Db, Executor, Tx } from '../../db/client.ts';
import { OPEN, presences } from '../../db/schema/releases.ts';
import { caseResults, runCases, specCounts } from '../../db/schema/testing.ts';
import type { Area, Counts, Given, Run, RunCase, Specs, Stage } from './types.ts';

/** Writes how many required cases each product's spec has: the gate before a run has begun. Products without a spec have none. */
export async function syncSpecs(db: Db, specs: Specs): Promise<void> {
  const rows = [...specs.values()].flatMap(({ product, cases, hash }) =>
    (['candidate', 'production'] as const).map((stage) => {
      const required = cases.filter((c) => c.required && c.environments.includes(stage));
      const flagged = required.filter((c) => c.flag !== undefined).length;
      return { product, stage, required: required.length - flagged, flagged, hash };
    }),
  );
  await db.transaction(async (tx) => {
    const products = [...specs.keys()];
    await tx.delete(specCounts).where(products.length ? notInArray(specCounts.product, products) : undefined);
    if (!rows.length) return;
    const set = { required: sql`excluded.required`, flagged: sql`excluded.flagged`, hash: sql`excluded.hash` };
    await tx
      .insert(specCounts)
      .values(rows)
      .onConflictDoUpdate({ target: [specCounts.product, specCounts.stage], set });
  });
}

/** What of a release decides about its runs, with its newest candidate. */
export interface ReleaseRow {
  id: number;
  product: string;
  version: string;
  state: string;
  manager: string;
  authors: string[];
  /** "Feature flags to test" of the opening form. */
  flags: string | null;
  threadId: number;
  channel: string;
  candidateId: number;
  commit: string;
}

/**
 * A release as its runs see it; undefined when there is none. `share` keeps it as it is until the transaction ends, while others may do the same:
 * results of many people come in at once, and an act on the release waits for them. `alone`: no result comes in meanwhile. Releases are another
 * area's: they are only read.
 */
export async function releaseRow(db: Executor, id: number, lock: 'share' | 'alone'): Promise<ReleaseRow | undefined> {
  // First the lock, then a statement of its own: one that waited for the lock still sees the candidates of before.
  await db.execute(
    sql`select from releases where id = ${id} ${lock === 'share' ? sql`for share` : sql`for no key update`}`,
  );
  const { rows } = await db.execute<Record<string, unknown> & ReleaseRow>(sql`
    select r.id, r.product, r.version, r.state, r.manager, r.authors, r.flags, r.thread_id as "threadId", t.channel, c.id as "candidateId", c.commit
    from releases r join threads t on t.id = r.thread_id
      join lateral (select id, commit from candidates where release_id = r.id order by seq desc limit 1) c on true
    where r.id = ${id}`);
  const [row] = rows;
  return row && { ...row, id: Number(row.id), threadId: Number(row.threadId), candidateId: Number(row.candidateId) };
}

const RUN = sql`select run.id, run.release_id as "releaseId", run.candidate_id as "candidateId", run.stage, run.started_at as "startedAt", c.commit,
    not exists (select from candidates n where n.release_id = r.id and n.seq > c.seq) as current,
    (select b.commit from test_runs s join candidates b on b.id = s.candidate_id where s.id = run.carried_from) as "carriedFrom",
    json_build_object('product', r.product, 'version', r.version, 'state', r.state, 'manager', r.manager, 'authors', r.authors,
      'threadId', r.thread_id, 'channel', t.channel) as release
  from test_runs run join releases r on r.id = run.release_id join candidates c on c.id = run.candidate_id join threads t on t.id = r.thread_id`;

type Ids = 'id' | 'releaseId' | 'candidateId';
type RunRow = Omit<Run, Ids | 'startedAt'> & Record<Ids | 'startedAt', string>;

/** A run by its id; undefined when there is none. `lock`: its release stays as it is until the transaction ends, as `share` in `releaseRow`. */
export async function loadRun(db: Executor, id: number, lock: boolean): Promise<Run | undefined> {
  // As in `releaseRow`: whether the run is the newest candidate's is seen once the lock is held.
  if (lock)
    await db.execute(
      sql`select from releases where id = (select release_id from test_runs where id = ${id}) for share`,
    );
  const { rows } = await db.execute<RunRow & Record<string, unknown>>(sql`${RUN} where run.id = ${id}`);
  return rows[0] && runOf(rows[0]);
}

/** The newest run of a release, production's before the candidate's; undefined when none has begun. */
export async function newestRun(db: Executor, releaseId: number): Promise<Run | undefined> {
  const { rows } = await db.execute<RunRow & Record<string, unknown>>(
    sql`${RUN} where run.release_id = ${releaseId} order by run.id desc limit 1`,
  );
  return rows[0] && runOf(rows[0]);
}

function runOf(row: RunRow): Run {
  const [id, releaseId, candidateId] = [row.id, row.releaseId, row.candidateId].map(Number) as [number, number, number];
  return { ...row, id, releaseId, candidateId, startedAt: new Date(row.startedAt) };
}

/** R2: whether this person's eyes count at a stage now: here, not gone, and renewed within `minutes`. */
export async function isPresent(
  db: Executor,
  about: { releaseId: number; stage: Stage; person: string },
  minutes: number,
  now: Date,
): Promise<boolean> {
  const oldest = new Date(now.getTime() - minutes * 60_000).toISOString();
  const { rowCount } = await db.execute(sql`select from presences where release_id = ${about.releaseId}
    and stage = ${about.stage} and person = ${about.person} and left_at is null and renewed_at > ${oldest}`);
  return Boolean(rowCount);
}

/**
 * R2: any act renews the presence of who acts. Presences belong to releases; this one column is written here, in the result's own transaction, for
 * areas do not call each other's actions. The release's timer finds the later time when it goes off.
 */
export async function renew(tx: Tx, releaseId: number, stage: Stage, person: string, now: Date): Promise<void> {
  await tx
    .update(presences)
    .set({ renewedAt: sql`greatest(${presences.renewedAt}, ${now.toISOString()})` })
    .where(and(eq(presences.releaseId, releaseId), eq(presences.stage, stage), eq(presences.person, person)));
}

/** Cases of a run in the order of the spec, with their results: those of one area, some by id, or all. */
export async function loadCases(
  db: Executor,
  runId: number,
  which: { area?: string; ids?: readonly string[]; offset?: number; limit?: number } = {},
): Promise<RunCase[]> {
  const rows = await db
    .select()
    .from(runCases)
    .where(
      and(
        eq(runCases.runId, runId),
        which.area === undefined ? undefined : eq(runCases.area, which.area),
        which.ids === undefined ? undefined : inArray(runCases.caseId, [...which.ids]),
      ),
    )
    .orderBy(asc(runCases.position))
    .offset(which.offset ?? 0)
    .limit(which.limit ?? 100_000);
  return withResults(db, runId, rows);
}

async function withResults(db: Executor, runId: number, rows: (typeof runCases.$inferSelect)[]): Promise<RunCase[]> {
  if (!rows.length) return [];
  const ids = rows.map((r) => r.caseId);
  const given = await db
    .select()
    .from(caseResults)
    .where(and(eq(caseResults.runId, runId), inArray(caseResults.caseId, ids)))
    .orderBy(asc(caseResults.id));
  const byCase = new Map<string, Given[]>();
  for (const { caseId, person, result, note, at } of given) {
    const list = byCase.get(caseId) ?? [];
    list.push({ person, result, note, at });
    byCase.set(caseId, list);
  }
  return rows.map(({ position, ...row }) => ({ ...row, results: byCase.get(row.caseId) ?? [] }));
}

/** Locks a run until the transaction ends; results of its cases, which refer to it, may still be written meanwhile. */
export async function lockRun(tx: Tx, id: number): Promise<void> {
  await tx.execute(sql`select from test_runs where id = ${id} for no key update`);
}

/** One case, locked until the transaction ends, so that results of one case come one after the other. */
export async function lockCase(tx: Tx, runId: number, caseId: string): Promise<RunCase | undefined> {
  const rows = await tx
    .select()
    .from(runCases)
    .where(and(eq(runCases.runId, runId), eq(runCases.caseId, caseId)))
    .for('update');
  return (await withResults(tx, runId, rows))[0];
}

/** The next open case that nobody is on and this person has said nothing of, required ones first; locked. Undefined when there is none. */
export async function lockNext(tx: Tx, runId: number, person: string, freeBefore: Date): Promise<RunCase | undefined> {
  const rows = await tx
    .select()
    .from(runCases)
    .where(
      and(
        eq(runCases.runId, runId),
        eq(runCases.state, 'open'),
        sql`(${runCases.takenAt} is null or ${runCases.takenAt} <= ${freeBefore.toISOString()})`,
        sql`not exists (select from case_results g where g.run_id = ${runCases.runId} and g.case_id = ${runCases.caseId} and g.person = ${person})`,
      ),
    )
    .orderBy(sql`${runCases.required} desc`, asc(runCases.position))
    .limit(1)
    .for('update', { skipLocked: true });
  return (await withResults(tx, runId, rows))[0];
}

/** Adds a result and the state it leads to; who was on the case and gave it is on it no more. */
export async function writeResult(tx: Tx, c: RunCase, given: Given, state: RunCase['state']): Promise<void> {
  const { runId, caseId } = c;
  await tx.insert(caseResults).values({ runId, caseId, ...given });
  const done = c.takenBy === given.person ? { takenBy: null, takenAt: null } : {};
  await tx
    .update(runCases)
    .set({ state, ...done })
    .where(and(eq(runCases.runId, runId), eq(runCases.caseId, caseId)));
}

/** Notes who is on a case; null: nobody. */
export async function writeTaken(tx: Tx, c: RunCase, person: string | null, now: Date): Promise<void> {
  await tx
    .update(runCases)
    .set({ takenBy: person, takenAt: person === null ? null : now })
    .where(and(eq(runCases.runId, c.runId), eq(runCases.caseId, c.caseId)));
}

/** How far a run is, area by area in the order of the spec. */
export async function loadAreas(db: Executor, runId: number): Promise<Area[]> {
  const { rows } = await db.execute<Record<string, string>>(sql`
    select area as name, ${COUNTS} from run_cases where run_id = ${runId} group by area order by min(position)`);
  return rows.map((row, index) => ({ index, name: row.name as string, ...countsOf(row) }));
}

/** How far a run is. */
export async function loadCounts(db: Executor, runId: number): Promise<Counts> {
  const { rows } = await db.execute<Record<string, string>>(
    sql`select ${COUNTS} from run_cases where run_id = ${runId}`,
  );
  return countsOf(rows[0] ?? {});
}

const COUNTS = sql`count(*) as total, count(*) filter (where state = 'passed') as passed,
  count(*) filter (where state = 'failed') as failed, count(*) filter (where state = 'blocked') as blocked,
  count(*) filter (where state = 'skipped') as skipped, count(*) filter (where state = 'skip_asked') as "skipAsked",
  count(*) filter (where state = 'open') as open, count(*) filter (where required) as required,
  count(*) filter (where required and state not in ('passed', 'skipped')) as left`;

function countsOf(row: Record<string, string>): Counts {
  const n = (name: keyof Counts) => Number(row[name] ?? 0);
  return {
    total: n('total'),
    passed: n('passed'),
    failed: n('failed'),
    blocked: n('blocked'),
    skipped: n('skipped'),
    skipAsked: n('skipAsked'),
    open: n('open'),
    required: n('required'),
    left: n('left'),
  };
}

/** Releases with this version that are open, newest first: what automated results can be for. */
export async function openByVersion(
  db: Executor,
  version: string,
  product: string | undefined,
): Promise<{ id: number; product: string }[]> {
  const { rows } = await db.execute<{ id: string; product: string }>(sql`select id, product from releases
    where version = ${version} and ${product === undefined ? sql`true` : sql`product = ${product}`}
      and state in ${OPEN} order by id desc`);
  return rows.map((r) => ({ id: Number(r.id), product: r.product }));
}
