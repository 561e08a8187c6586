import { desc, eq, getTableColumns, inArray, sql } from 'drizzle-orm';
import type { Executor, Tx } from '../../db/client.ts';
import { prodIssues } from '../../db/schema/triage.ts';
import type { Listed, LiveRelease, ProdFacts, ProdIssue, ProdPatch } from './prod-types.ts';

/** Locks a prod issue's row until the transaction ends, so that acts on one come one after the other. */
export async function lockProd(tx: Tx, id: number): Promise<void> {
  await tx.execute(sql`select 1 from prod_issues where id = ${id} for update`);
}

/** Everything about one prod issue, or undefined when there is none of that id. */
export async function loadProd(db: Executor, id: number): Promise<ProdFacts | undefined> {
  const [issue] = await db.select().from(prodIssues).where(eq(prodIssues.id, id));
  if (!issue) return undefined;
  const { rows } = await db.execute<Pick<ProdFacts, 'bug' | 'emergencies' | 'thread'> & Record<string, unknown>>(
    sql`select
    (select json_build_object('id', b.id, 'title', b.title, 'url', t.url) from bugs b left join threads t on t.id = b.thread_id
      where b.id = ${issue.bugId}) as bug,
    (select coalesce(json_agg(json_build_object('name', r.product || ' ' || r.version, 'url', t.url) order by r.id), '[]')
      from releases r join threads t on t.id = r.thread_id where r.prod_issue = ${`PI-${id}`} and r.state <> 'cancelled') as emergencies,
    (select json_build_object('channel', t.channel, 'url', t.url) from threads t where t.id = ${issue.threadId}) as thread`,
  );
  const row = rows[0] as (typeof rows)[number];
  const { bug, emergencies, thread } = row;
  return { issue, bug, emergencies, thread, releases: await liveOnes(db, issue.product, issue.releaseId) };
}

/** The last 25 releases of a product that went live, the newest first; `also` one that is among them if it ever did. */
export async function liveOnes(db: Executor, product: string, also: number | null): Promise<LiveRelease[]> {
  type Row = Omit<LiveRelease, 'shippedAt' | 'doneAt' | 'endedAt'> &
    Record<'shipped' | 'done' | 'ended', number | null>;
  const { rows } = await db.execute<Row & Record<string, unknown>>(sql`
    select r.id, r.product || ' ' || r.version as name, r.state, r.manager, t.url,
      ${ms('r.shipped_at')} as shipped, ${ms('r.done_at')} as done, ${ms('r.ended_at')} as ended
    from releases r join threads t on t.id = r.thread_id
    where r.shipped_at is not null and (r.id = ${also} or r.id in (select id from releases
      where product = ${product} and shipped_at is not null order by shipped_at desc, id desc limit 25))
    order by r.shipped_at desc, r.id desc`);
  const at = (time: number | null) => (time === null ? null : new Date(time));
  return rows.map(({ id, name, state, manager, url, shipped, done, ended }) => ({
    id: Number(id),
    name,
    state,
    manager,
    url,
    shippedAt: at(shipped) as Date,
    doneAt: at(done),
    endedAt: at(ended),
  }));
}

/** A time as a number of ms: drivers give raw timestamps as text. */
const ms = (column: string) => sql`(extract(epoch from ${sql.raw(column)}) * 1000)::float8`;

/** Writes what an act changed. */
export async function writeProd(tx: Tx, id: number, patch: ProdPatch): Promise<void> {
  await tx.update(prodIssues).set(patch).where(eq(prodIssues.id, id));
}

/** The prod issue of a bug that is not reviewed yet, if there is one. */
export async function openProdOf(tx: Tx, bugId: number): Promise<number | null> {
  const { rows } = await tx.execute<{ id: string }>(
    sql`select id from prod_issues where bug_id = ${bugId} and state <> 'reviewed' order by id desc limit 1`,
  );
  return rows[0] ? Number(rows[0].id) : null;
}

/** Prod issues not reviewed yet, the newest first, then the last five that are. At most 55. */
export async function listProd(db: Executor): Promise<Listed[]> {
  const url = sql<string | null>`(select t.url from threads t where t.id = ${prodIssues.threadId})`;
  const columns = { ...getTableColumns(prodIssues), url };
  const some = (states: readonly ProdIssue['state'][], limit: number) =>
    db
      .select(columns)
      .from(prodIssues)
      .where(inArray(prodIssues.state, [...states]))
      .orderBy(desc(prodIssues.id))
      .limit(limit);
  return [...(await some(['declared', 'mitigated', 'resolved'], 50)), ...(await some(['reviewed'], 5))];
}
