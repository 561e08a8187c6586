// Reads what waits in the other areas' tables, one query per kind, and what was said and answered so far.
import { desc, eq, gt, inArray, sql } from 'drizzle-orm';
import { showDay } from '../../base/days.ts';
import { escapeText, mention, truncate } from '../../base/mrkdwn.ts';
import type { Policy } from '../../base/policy.ts';
import { livesIn } from '../../base/today.ts';
import { addDays, localDay, momentOf, workdayAfter } from '../../base/zone.ts';
import type { Executor, Tx } from '../../db/client.ts';
import { GONE, membersOf } from '../../db/people.ts';
import { threads } from '../../db/schema/core.ts';
import { reminderAnswers, reminders } from '../../db/schema/reminders.ts';
import type { Pressed } from './blocks.ts';
import type { Answered, Board, Item, Person, Sent } from './types.ts';

/** How long back what was said matters: no kind counts more days of reminders than that. */
const BACK_MS = 21 * 24 * 3_600_000;
const DAY_MS = 24 * 3_600_000;

const time = (epoch: number) => new Date(epoch);
const ms = (column: string) => sql`(extract(epoch from ${sql.raw(column)}) * 1000)::float8`;

/** Everything the rules look at. @param zone the team's, for people of whom Slack knows none */
export async function loadBoard(tx: Tx, items: Item[], zone: string, now: Date): Promise<Board> {
  const back = new Date(now.getTime() - BACK_MS);
  const rows = await tx.select().from(reminders).where(gt(reminders.sentAt, back));
  const sent = rows.map(
    ({ outboxId, sentAt, kind, ...r }): Sent => ({ ...r, kind: kind as Sent['kind'], at: sentAt, message: outboxId }),
  );
  const said = await tx.select().from(reminderAnswers).where(gt(reminderAnswers.answeredAt, back));
  const answers = said.map((a): Answered => ({ ...a, kind: a.kind as Answered['kind'] }));
  const ids = [...new Set(items.flatMap(heardBy))];
  return { items, sent, answers, people: await loadPeople(tx, ids, zone, now) };
}

/** A message of reminders did not go out: nobody was reminded by it. */
export async function unsaid(tx: Tx, outboxId: number): Promise<void> {
  await tx.delete(reminders).where(eq(reminders.outboxId, outboxId));
}

/** Everybody who may hear of a thing. */
export function heardBy({ people, owner, instead = [] }: Item): string[] {
  return [...people, ...(owner === null ? [] : [owner]), ...instead.flat()];
}

/** What is known of these people. @param zone the team's */
export async function loadPeople(
  db: Executor,
  ids: readonly string[],
  zone: string,
  now: Date,
): Promise<Map<string, Person>> {
  if (!ids.length) return new Map();
  const list = sql.join(
    ids.map((id) => sql`${id}`),
    sql`, `,
  );
  const { rows } = await db.execute<{ id: string; zone: string | null; gone: boolean; away: Person['away'] }>(sql`
    select i.id, p.zone, coalesce(${GONE}, false) as gone,
      (select coalesce(json_agg(json_build_object('from', a.from_day, 'to', a.to_day)), '[]') from absences a
        where a.person = i.id and a.ended_at is null and a.to_day >= ${addDays(localDay('UTC', now), -1)}::date) as away
    from unnest(array[${list}]::text[]) as i (id) left join people p on p.id = i.id`);
  return new Map(rows.map((r) => [r.id, { ...r, zone: livesIn(r.zone, zone, now) }]));
}

/** Where threads are, by their id. */
export async function channelsOf(db: Executor, ids: readonly number[]): Promise<Map<number, string>> {
  if (!ids.length) return new Map();
  const rows = await db
    .select({ id: threads.id, channel: threads.channel })
    .from(threads)
    .where(inArray(threads.id, [...ids]));
  return new Map(rows.map((r) => [r.id, r.channel]));
}

/** Of these, people Slack was not asked about for a day. Channels are not people. At most 50. */
export async function unknownPeople(db: Executor, ids: readonly string[], now: Date): Promise<string[]> {
  const people = [...new Set(ids)].filter((id) => /^[UW]/.test(id));
  if (!people.length) return [];
  const known = await db.execute<{ id: string }>(
    sql`select id from people where refreshed_at > ${new Date(now.getTime() - DAY_MS).toISOString()}::timestamptz`,
  );
  const fresh = new Set(known.rows.map((r) => r.id));
  return people.filter((id) => !fresh.has(id)).slice(0, 50);
}

/** To which of these a reminder of this wait went, with their zone and what was answered last; undefined when to none. */
export async function remindedOf(
  tx: Tx,
  { kind, subject, since }: Pressed,
  targets: readonly string[],
): Promise<
  { target: string; zone: string | null; answer: { answer: string; since: Date; day: string } | undefined } | undefined
> {
  const [row] = await tx
    .select({
      target: reminders.target,
      zone: sql<string | null>`(select p.zone from people p where p.id = ${reminders.target})`,
    })
    .from(reminders)
    .where(
      sql`${reminders.kind} = ${kind} and ${reminders.subject} = ${subject} and ${reminders.since} = ${since.toISOString()}::timestamptz
        and ${reminders.target} in ${targets}`,
    )
    .orderBy(desc(reminders.sentAt))
    .limit(1);
  if (!row) return undefined;
  const [answer] = await tx
    .select()
    .from(reminderAnswers)
    .where(
      sql`${reminderAnswers.kind} = ${kind} and ${reminderAnswers.subject} = ${subject} and ${reminderAnswers.person} = ${row.target}`,
    );
  return { ...row, answer };
}

/** The treasurers: the users of the policy, and the members of its user group where that was read within the hour before `now`. */
export async function treasurersOf(db: Executor, policy: Policy, now: Date): Promise<string[]> {
  const { users, usergroup } = policy.roles.treasurers;
  const members = usergroup === undefined ? [] : ((await membersOf(db, usergroup, now)) ?? []);
  return [...new Set([...users, ...members])];
}

/** Issues, meetings and topics whose day is over. @param today YYYY-MM-DD in the team's zone @param admins their channel */
export async function overdueNotes(db: Executor, today: string, admins: string): Promise<Item[]> {
  const { rows } = await db.execute<{
    id: string;
    kind: string;
    title: string;
    due: string;
    responsible: string;
    opened_by: string;
    url: string | null;
    since: number;
  }>(sql`select n.id, n.kind, n.title, n.due::text, n.responsible, n.opened_by, t.url, ${ms("n.due::timestamp at time zone 'UTC'")} as since
    from notes n join threads t on t.id = n.thread_id where n.state = 'open' and n.due < ${today}::date order by n.due, n.id limit 500`);
  return rows.map((n) => ({
    kind: 'note_overdue',
    subject: `NOTE-${n.id}`,
    text: `${escapeText(truncate(n.title, 150))}: the ${n.kind} is overdue. Close it, or give it another due date.`,
    url: n.url,
    thread: null,
    since: time(n.since),
    until: null,
    due: null,
    day: null,
    people: [n.responsible],
    owner: n.opened_by,
    instead: [[admins]],
  }));
}

/** How long a bug in triage may lie without anything being done about it. */
const LEFT_MS = 48 * 3_600_000;

/** One item per product with bugs in triage nobody did anything about for two days. @param people who is to look; @param url of nothing: a list is typed */
export async function triageLeft(db: Executor, people: readonly string[], now: Date): Promise<Item[]> {
  const before = new Date(now.getTime() - LEFT_MS).toISOString();
  const { rows } = await db.execute<{ product: string; n: number; oldest: string; title: string; since: number }>(sql`
    with left_alone as (
      select b.id, b.product, b.title, greatest(b.reported_at, (select max(a.event_time) from audit_events a where a.subject = 'BUG-' || b.id)) as news
      from bugs b where not b.blocking and b.ended_at is null and b.state in ('reported', 'recreated'))
    select product, count(*)::int as n, (array_agg(id order by news, id))[1] as oldest, (array_agg(title order by news, id))[1] as title, ${ms('min(news)')} as since
    from left_alone where news <= ${before}::timestamptz group by product order by product limit 100`);
  return rows.map((r) => {
    const more = r.n > 1 ? ` and ${r.n - 1} more in triage wait` : ' in triage waits';
    return {
      kind: 'triage',
      subject: `triage:${r.product}`,
      text: `BUG-${r.oldest} (${escapeText(truncate(r.title, 100))})${more} for somebody to recreate or ticket ${r.n > 1 ? 'them' : 'it'}: \`/bug list ${r.product}\`.`,
      url: null,
      thread: null,
      since: time(r.since),
      until: null,
      due: null,
      day: null,
      people,
      owner: null,
    };
  });
}

const WAITS: Record<string, string> = { requested: 'waits for an answer', approved: 'is approved and not sent' };

/** Requests for funds that wait for a treasurer: to be approved, or sent, or, where more was sent than that or it was withdrawn or denied, agreed to. @param treasurers who can do it @param admins their channel */
export async function waitingFunds(db: Executor, treasurers: readonly string[], admins: string): Promise<Item[]> {
  const { rows } = await db.execute<{
    id: string;
    requester: string;
    asset: string;
    reason: string;
    state: string;
    first_by: string | null;
    sent_by: string | null;
    more: boolean | null;
    url: string | null;
    since: number;
  }>(sql`select f.id, f.requester, f.asset, f.reason, f.state, f.first_by, f.sent_by, f.sent_amount > f.amount as more, t.url,
      ${ms('coalesce(f.sent_at, f.approved_at, f.first_at, f.requested_at)')} as since
    from fund_requests f join threads t on t.id = f.thread_id where f.state in ('requested', 'approved')
      or (f.sent_over is not null and f.agreed_by is null) order by f.id limit 200`);
  return rows.map((f) => {
    // R18: nobody approves their own, nor twice; what is approved anybody of them sends.
    const not = [f.requester, f.state === 'requested' ? f.first_by : f.sent_by];
    const what =
      WAITS[f.state] ??
      `was sent, ${f.more === false ? 'although it was withdrawn or denied' : 'with more than was approved'}: a second treasurer agrees to it on its card, which \`/funds show FR-${f.id}\` shows too`;
    return {
      kind: 'funds_request',
      subject: `FR-${f.id}`,
      text: `${mention(f.requester)}'s request for ${escapeText(f.asset)} ${what}: ${escapeText(truncate(f.reason, 150))}.`,
      url: f.url,
      thread: null,
      since: time(f.since),
      until: null,
      due: null,
      day: null,
      people: treasurers.filter((id) => !not.includes(id)),
      owner: admins,
    };
  });
}

/** How long the owner of the calendar can still be told of a test that was not done. */
const MISSED_DAYS = 10;

/**
 * The regression tests of today that are not done, and of the next working day, which has begun for some already (R23); and those of the last days of
 * this month that were not: what a month over lacks its coverage says. @param today YYYY-MM-DD in the team's zone
 */
export async function regressionItems(
  db: Executor,
  { owner, admins }: { owner: string; admins: string },
  today: string,
  { zone, holidays }: Pick<Policy['team'], 'zone' | 'holidays'>,
): Promise<Item[]> {
  const { rows } = await db.execute<{
    id: string;
    wallet: string;
    feature: string;
    day: string;
    start: number;
    tester: string;
  }>(sql`select id, wallet, feature, day::text, start, tester from regression_assignments
    where (state = 'planned' and day between ${today}::date and ${workdayAfter(today, holidays)}::date)
      or (state in ('planned', 'missed') and month = ${today.slice(0, 7)} and day < ${today}::date and day >= ${addDays(today, -MISSED_DAYS)}::date)
    order by day, start, id limit 500`);
  return rows.map((r) => {
    const area = `*${escapeText(r.feature)} with ${escapeText(r.wallet)}*`;
    const clock = `${`${Math.floor(r.start / 60)}`.padStart(2, '0')}:${`${r.start % 60}`.padStart(2, '0')}`;
    const common = {
      subject: `RA-${r.id}`,
      url: null,
      thread: null,
      since: momentOf(zone, `${r.day}T00:00`),
      until: null,
      due: null,
      owner: null,
    };
    if (r.day >= today) {
      const text = `regression of ${showDay(r.day)}, ${clock}: ${area} is yours. \`/regression mine\` lists all of yours.`;
      return { ...common, kind: 'regression', text, day: r.day, people: [r.tester] };
    }
    const text = `regression of ${showDay(r.day)}: ${area} was not done. It was ${mention(r.tester)}'s; \`/regression week\` shows what is left.`;
    return { ...common, kind: 'regression_missed', text, day: null, people: [owner], owner: admins };
  });
}
