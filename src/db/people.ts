import { and, eq, gte, inArray, sql } from 'drizzle-orm';
import type { Actor } from '../base/actor.ts';
import type { Members, Policy, Role } from '../base/policy.ts';
import { type Slack, SlackError } from '../base/slack.ts';
import { livesIn, type Today, todayIn } from '../base/today.ts';
import type { Db, Executor } from './client.ts';
import { people, usergroupMembers, usergroups } from './schema/people.ts';
import { OPEN } from './schema/releases.ts';

/** How long what Slack said of a person or a user group may be relied on. */
const FRESH_MS = 3_600_000;

/** What users.info says of people of other workspaces that this one cannot see. */
const UNSEEN = new Set(['user_not_found', 'user_not_visible']);

const ROLE_OF: Record<keyof Policy['roles'], Role> = {
  operators: 'operator',
  engineers: 'engineer',
  product: 'product',
  treasurers: 'treasurer',
  admins: 'admin',
};

/**
 * Who `id` is now: standing from Slack's users.info (cached for an hour), roles from the policy's lists and the cached user groups.
 * A group not read for over an hour grants nothing, and `rolesUnknown` says so.
 * @throws SlackError when the person is not known freshly and Slack does not answer; nobody acts on a guess.
 */
export async function actorOf(db: Db, slack: Slack, policy: Policy, id: string, now: Date): Promise<Actor> {
  const [known] = await db
    .execute<{
      bot: boolean;
      deactivated: boolean;
      guest: boolean;
      outsider: boolean;
      refreshed_at: string;
      groups: { id: string; at: string }[] | null;
      all_groups: { id: string; at: string }[] | null;
    }>(sql`
    select p.bot, p.deactivated, p.guest, p.outsider, p.refreshed_at,
      (select json_agg(json_build_object('id', g.id, 'at', g.refreshed_at)) from usergroup_members m join usergroups g on g.id = m.usergroup where m.person = ${id}) as groups,
      (select json_agg(json_build_object('id', g.id, 'at', g.refreshed_at)) from usergroups g) as all_groups
    from (select 1) one left join people p on p.id = ${id}`)
    .then((r) => r.rows);
  const fresh = known?.refreshed_at && now.getTime() - new Date(known.refreshed_at).getTime() < FRESH_MS;
  const person = fresh ? known : await refreshPerson(db, slack, policy, id, now);
  const readable = (g: { at: string }) => now.getTime() - new Date(g.at).getTime() <= FRESH_MS;
  const mine = new Set((known?.groups ?? []).filter(readable).map((g) => g.id));
  const read = new Set((known?.all_groups ?? []).filter(readable).map((g) => g.id));
  const roles = new Set<Role>();
  const unread: string[] = [];
  for (const [key, members] of Object.entries(policy.roles) as [keyof Policy['roles'], Members][]) {
    if (members.users.includes(id) || (members.usergroup && mine.has(members.usergroup))) roles.add(ROLE_OF[key]);
    else if (members.usergroup && !read.has(members.usergroup)) unread.push(key);
  }
  const standing = person.bot
    ? 'bot'
    : person.deactivated
      ? 'deactivated'
      : person.outsider
        ? 'outsider'
        : person.guest
          ? 'guest'
          : 'member';
  const rolesUnknown = unread.length
    ? `the user group of the ${unread.join(' and ')} could not be read for over an hour`
    : undefined;
  return { id, roles, standing, ...(rolesUnknown && { rolesUnknown }) };
}

/** Asks Slack who a person is and keeps the answer. @throws SlackError */
async function refreshPerson(
  db: Db,
  slack: Slack,
  policy: Policy,
  id: string,
  now: Date,
): Promise<Omit<typeof people.$inferSelect, 'refreshedAt'>> {
  const p = await slack.userInfo(id).catch((err: unknown) => {
    // Slack does not show everybody of a shared channel. Whom it does not show is nobody of this workspace; an error here would
    // keep a thread they reacted in from ever being read, and its release from shipping. Not kept: it is asked again each time.
    if (err instanceof SlackError && UNSEEN.has(err.code)) return null;
    throw err;
  });
  if (!p) return { id, name: id, zone: null, bot: false, deactivated: false, guest: false, outsider: true };
  const row = {
    id,
    name: p.name,
    zone: p.tz,
    bot: p.isBot,
    deactivated: p.deleted,
    guest: p.guest,
    outsider: p.stranger || p.teamId !== policy.workspace.teamId,
    refreshedAt: now,
  };
  await db.insert(people).values(row).onConflictDoUpdate({ target: people.id, set: row });
  return row;
}

/** The user groups the policy names. */
function groupsOf(policy: Policy): string[] {
  const roles = Object.values(policy.roles).flatMap((r) => r.usergroup ?? []);
  return [...new Set([...roles, ...(policy.duty?.usergroup === undefined ? [] : [policy.duty.usergroup])])];
}

/** Who is in a user group, by their ids; null where it was not read within the hour before `now`: nobody acts, or is passed over, on a guess. */
export async function membersOf(db: Executor, usergroup: string, now: Date): Promise<string[] | null> {
  const [group] = await db
    .select({ id: usergroups.id })
    .from(usergroups)
    .where(and(eq(usergroups.id, usergroup), gte(usergroups.refreshedAt, new Date(now.getTime() - FRESH_MS))));
  if (!group) return null;
  const { person } = usergroupMembers;
  const rows = await db
    .select({ person })
    .from(usergroupMembers)
    .where(eq(usergroupMembers.usergroup, usergroup))
    .orderBy(person);
  return rows.map((row) => row.person);
}

/**
 * Reads every user group of the policy again and forgets groups it no longer names. One that cannot be read keeps its old members until
 * they are an hour old. @returns the groups that failed, with the reason.
 */
export async function refreshGroups(
  db: Db,
  slack: Slack,
  policy: Policy,
  now: Date,
): Promise<{ id: string; error: unknown }[]> {
  const failed: { id: string; error: unknown }[] = [];
  const wanted = groupsOf(policy);
  const known = await db.select({ id: usergroups.id }).from(usergroups);
  const gone = known.map((g) => g.id).filter((g) => !wanted.includes(g));
  if (gone.length) await db.delete(usergroups).where(inArray(usergroups.id, gone));
  for (const id of wanted) {
    try {
      const members = await slack.usergroupMembers(id);
      await db.transaction(async (tx) => {
        await tx
          .insert(usergroups)
          .values({ id, refreshedAt: now })
          .onConflictDoUpdate({ target: usergroups.id, set: { refreshedAt: now } });
        await tx.delete(usergroupMembers).where(eq(usergroupMembers.usergroup, id));
        if (members.length)
          await tx.insert(usergroupMembers).values(members.map((person) => ({ usergroup: id, person })));
      });
    } catch (error) {
      failed.push({ id, error });
    }
  }
  return failed;
}

/**
 * Asks Slack again about people whose record is older than an hour and who are signed on releases still open, or who asked for test funds that are not sent
 * yet, so that a deactivation is noticed.
 * At most 50 at a time; one that cannot be read is left for the next time.
 */
export async function refreshSigners(db: Db, slack: Slack, policy: Policy, now: Date): Promise<void> {
  const old = new Date(now.getTime() - FRESH_MS).toISOString();
  const { rows } = await db.execute<{ id: string }>(sql`
    select p.id from people p where p.refreshed_at < ${old} and p.id in (
      select s.person from sign_offs s join releases r on r.id = s.release_id
        where r.state in ${OPEN}
      union select f.requester from fund_requests f where f.state in ('requested', 'approved')) limit 50`);
  for (const { id } of rows) await refreshPerson(db, slack, policy, id, now).catch(() => undefined);
}

/** R7: whether a row `p` of people is of nobody who can do anything here: deactivated, a bot, a guest or of another workspace. */
export const GONE = sql`(p.bot or p.deactivated or p.guest or p.outsider)`;

/** Those of these people who can do nothing here (R7): they have no turn and no duty, and are not reminded. Who is not known yet is none of them. */
export async function goneOf(db: Executor, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await db.execute<{ id: string }>(
    sql`select id from people p where ${GONE} and id = any(${sql.param([...ids])}::text[])`,
  );
  return new Set(rows.map((row) => row.id));
}

/** The names of people by id, as Slack last said; those never asked about are left out. */
export async function namesOf(db: Executor, ids: readonly string[]): Promise<Map<string, string>> {
  if (!ids.length) return new Map();
  const rows = await db
    .select({ id: people.id, name: people.name })
    .from(people)
    .where(inArray(people.id, [...ids]));
  return new Map(rows.map((row) => [row.id, row.name]));
}

/** The zones of these people, as Slack told them; everybody else's is the team's. */
export async function zonesOf(
  db: Executor,
  { team }: Pick<Policy, 'team'>,
  ids: readonly string[],
  now: Date,
): Promise<(person: string) => string> {
  const rows = await db
    .select({ id: people.id, zone: people.zone })
    .from(people)
    .where(inArray(people.id, [...ids]));
  const zones = new Map(rows.map((row) => [row.id, livesIn(row.zone, team.zone, now)]));
  return (person) => zones.get(person) ?? team.zone;
}

/** R23: what today is to each of these people, where they are. */
export async function todaysOf(
  db: Executor,
  policy: Pick<Policy, 'team'>,
  ids: readonly string[],
  now: Date,
): Promise<(person: string) => Today> {
  const zoneOf = await zonesOf(db, policy, ids, now);
  return (person) => todayIn(zoneOf(person), policy.team, now);
}
