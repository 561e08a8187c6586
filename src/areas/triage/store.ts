import { and, desc, eq, getTableColumns, isNull, sql } from 'drizzle-orm';
import { WATCH_MS } from '../../base/release.ts';
import type { Executor, Tx } from '../../db/client.ts';
import { outbox } from '../../db/schema/outbox.ts';
import { OPEN } from '../../db/schema/releases.ts';
import { bugs } from '../../db/schema/triage.ts';
import type { HomeBug } from './home.ts';
import type { Bug, BugFacts, Candidate, OpenRelease, Patch } from './types.ts';

/** Locks a bug's row until the transaction ends, so that acts on one bug come one after the other. */
export async function lockBug(tx: Tx, id: number): Promise<void> {
  await tx.execute(sql`select 1 from bugs where id = ${id} for update`);
}

/** What the database's JSON makes of a candidate: its time is text. */
type CandidateRow = Omit<Candidate, 'namedAt'> & { namedAt: string };

const candidate = sql`json_build_object('id', c.id, 'releaseId', r.id, 'release', r.product || ' ' || r.version, 'kind', r.kind,
  'state', r.state, 'commit', c.commit, 'namedAt', c.named_at)`;
const release = sql`json_build_object('id', r.id, 'name', r.product || ' ' || r.version, 'kind', r.kind, 'state', r.state,
  'manager', r.manager, 'url', t.url)`;

/**
 * Everything about one bug in two indexed queries, or undefined when there is no such bug.
 * @param originalId the bug it may be called a duplicate of; without it the one it is
 */
export async function loadBug(db: Executor, id: number, originalId?: number): Promise<BugFacts | undefined> {
  const [bug] = await db.select().from(bugs).where(eq(bugs.id, id));
  if (!bug) return undefined;
  const { rows } = await db.execute<{
    found: CandidateRow | null;
    fix: CandidateRow | null;
    failed: CandidateRow | null;
    release: OpenRelease | null;
    candidates: CandidateRow[];
    open: OpenRelease[];
    original: BugFacts['original'];
    prod_issue: string | null;
    thread: { channel: string; url: string | null } | null;
  }>(sql`select
    (select ${candidate} from candidates c join releases r on r.id = c.release_id where c.id = ${bug.candidateId}) as found,
    (select ${candidate} from candidates c join releases r on r.id = c.release_id where c.id = ${bug.fixCandidateId}) as fix,
    (select ${candidate} from candidates c join releases r on r.id = c.release_id where c.id = ${bug.failedCandidateId}) as failed,
    (select ${release} from releases r join threads t on t.id = r.thread_id where r.id = ${bug.releaseId}) as release,
    (select coalesce(json_agg(${candidate} order by c.id), '[]') from candidates c join releases r on r.id = c.release_id
      where r.product = ${bug.product} and r.state in ${OPEN}) as candidates,
    (select coalesce(json_agg(${release} order by r.id), '[]') from releases r join threads t on t.id = r.thread_id
      where r.product = ${bug.product} and r.state in ${OPEN}) as open,
    (select json_build_object('id', b.id, 'product', b.product, 'state', b.state) from bugs b where b.id = ${originalId ?? bug.duplicateOf}) as original,
    (select p.id from prod_issues p where p.bug_id = ${bug.id} order by p.id desc limit 1) as prod_issue,
    (select json_build_object('channel', t.channel, 'url', t.url) from threads t where t.id = ${bug.threadId}) as thread`);
  const row = rows[0] as (typeof rows)[number];
  return {
    bug,
    found: row.found && dated(row.found),
    fix: row.fix && dated(row.fix),
    failed: row.failed && dated(row.failed),
    release: row.release,
    candidates: row.candidates.map(dated),
    open: row.open,
    original: row.original,
    prodIssueId: row.prod_issue === null ? null : Number(row.prod_issue),
    thread: row.thread ?? { channel: '', url: null },
  };
}

function dated(c: CandidateRow): Candidate {
  return { ...c, namedAt: new Date(c.namedAt) };
}

/** Writes what an act changed. Becoming blocking takes the next number of the order of blockers. */
export async function writeBug(tx: Tx, id: number, patch: Patch): Promise<void> {
  const seq =
    patch.blocking === undefined
      ? {}
      : { blockingSeq: patch.blocking ? (sql`nextval('blocking_seq')` as never) : null };
  await tx
    .update(bugs)
    .set({ ...patch, ...seq })
    .where(eq(bugs.id, id));
}

/** The bugs not ended, blocking ones first, then by priority and age. At most 200. */
export async function openBugs(db: Executor, product?: string): Promise<(Bug & { url: string | null })[]> {
  return db
    .select({
      ...getTableColumns(bugs),
      url: sql<string | null>`(select t.url from threads t where t.id = ${bugs.threadId})`,
    })
    .from(bugs)
    .where(and(isNull(bugs.endedAt), product ? eq(bugs.product, product) : undefined))
    .orderBy(desc(bugs.blocking), sql`coalesce(${bugs.priority}, 'P9')`, bugs.id)
    .limit(200);
}

/** The open blockers with what the App Home says of them, oldest first. At most 200. */
export async function openBlockers(db: Executor): Promise<HomeBug[]> {
  const fix = sql<string | null>`(select c.commit from candidates c where c.id = ${bugs.fixCandidateId})`;
  const url = sql<string | null>`(select t.url from threads t where t.id = ${bugs.threadId})`;
  // By name: drizzle leaves the table out where there is one only, and `id` would be the event's.
  const news = sql<Date | null>`(select a.record_time from audit_events a where a.subject = 'BUG-' || bugs.id order by a.id desc limit 1)`;
  const rows = await db
    .select({ bug: getTableColumns(bugs), fix, url, news: news.mapWith(bugs.reportedAt) })
    .from(bugs)
    .where(and(bugs.blocking, isNull(bugs.endedAt)))
    .orderBy(bugs.id)
    .limit(200);
  return rows.map((row) => ({ ...row, news: row.news ?? row.bug.reportedAt }));
}

/** The thread this bug has in a channel already, if its first message still stands there. */
export async function threadIn(tx: Tx, subject: string, channel: string): Promise<number | null> {
  const [row] = await tx
    .select({ threadId: outbox.threadId })
    .from(outbox)
    .where(
      and(eq(outbox.subject, subject), eq(outbox.role, 'card'), eq(outbox.target, channel), isNull(outbox.failedAt)),
    )
    .orderBy(desc(outbox.id))
    .limit(1);
  return row?.threadId ?? null;
}

export interface ReleaseRef {
  id: number;
  product: string;
  version: string;
  state: string;
  manager: string;
  /** The candidate that was asked for, where it is one of its; else its newest. */
  candidateId: number;
}

const ref = (candidateId = 0) => sql`r.id, r.product, r.version, r.state, r.manager,
  (select c.id from candidates c where c.release_id = r.id order by c.id = ${candidateId}::bigint desc, c.seq desc limit 1) as "candidateId"`;

/** The releases a report may be about: of a product, by id or version, else all that are open. Newest first. @param by `candidateId`: the one its form was drawn for */
export async function releasesFor(
  db: Executor,
  by: { product: string; id?: number; version?: string; candidateId?: number },
): Promise<ReleaseRef[]> {
  const which =
    by.id !== undefined
      ? sql`r.id = ${by.id}`
      : by.version !== undefined
        ? sql`r.version = ${by.version} and r.state <> 'cancelled'`
        : sql`r.state in ${OPEN}`;
  const { rows } = await db.execute<ReleaseRef & Record<string, unknown>>(
    sql`select ${ref(by.candidateId)} from releases r where r.product = ${by.product} and ${which} order by r.id desc limit 20`,
  );
  return rows.map((r) => ({ ...r, id: Number(r.id), candidateId: Number(r.candidateId) }));
}

/** R25: the release a bug in production most likely came with: the newest that was live and watched at `at`; null when none was. */
export async function watchedAt(db: Executor, product: string, at: Date): Promise<ReleaseRef | null> {
  const time = at.toISOString();
  const { rows } = await db.execute<ReleaseRef & Record<string, unknown>>(sql`select ${ref()} from releases r
    where r.product = ${product} and r.shipped_at <= ${time}::timestamptz and (r.ended_at is null or r.ended_at > ${time}::timestamptz)
      and (r.done_at is null or r.done_at + ${WATCH_MS} * interval '1 millisecond' > ${time}::timestamptz)
    order by r.shipped_at desc, r.id desc limit 1`);
  const [row] = rows;
  return row ? { ...row, id: Number(row.id), candidateId: Number(row.candidateId) } : null;
}

/** What cards link to the card of `subject`: open releases of an open blocker's product, and open blockers of an open release's. */
export async function linkedSubjects(tx: Executor, about: { prefix: string; id: number }): Promise<string[]> {
  const query =
    about.prefix === 'BUG'
      ? sql`select 'REL-' || r.id as subject from bugs b join releases r on r.product = b.product and r.state in ${OPEN}
          where b.id = ${about.id} and b.blocking and b.ended_at is null`
      : sql`select 'BUG-' || b.id as subject from releases r join bugs b on b.product = r.product and b.blocking and b.ended_at is null
          where r.id = ${about.id}`;
  const { rows } = await tx.execute<{ subject: string }>(query);
  return rows.map((r) => r.subject);
}

/** R25: a bug that escaped counts for the release its prod issue is attributed to; one found on a candidate was found there whatever is said later. */
export async function attributeBug(tx: Tx, id: number, releaseId: number | null): Promise<void> {
  await tx
    .update(bugs)
    .set({ releaseId })
    .where(and(eq(bugs.id, id), eq(bugs.foundIn, 'production')));
}
