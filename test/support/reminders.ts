// The reminders of a team at work, one beat at a time.
import { sql } from 'drizzle-orm';
import { type ReminderDeps, sendReminders } from '../../src/jobs/reminders.ts';
import { type TestDb, wipe } from './db.ts';
import { BEN } from './facts.ts';
import { TEAM, type Team, teamOn } from './team.ts';

export const POLICY = {
  ...TEAM,
  workspace: { ...TEAM.workspace, channels: { ...TEAM.workspace.channels, triage: 'CTRIAGE' } },
};

let n = 0;

/** A moment of March 2026, whose second is a Monday; Lisbon is at UTC then. @param clock `HH:MM` */
export const at = (day: number, clock: string) => new Date(`2026-03-${String(day).padStart(2, '0')}T${clock}:00Z`);

/** Empties the database. @returns a team that begins its Monday, at 09:00 */
export async function onMonday(t: TestDb): Promise<Team> {
  await wipe(
    t,
    'usergroups, reminders, reminder_answers, outbox, threads, releases, candidates, bugs, prod_issues, notes, causes, people, absences, regression_months, freezes, slots, slot_looks, slot_products',
  );
  const team = teamOn(t.db, POLICY);
  team.now = at(2, '09:00');
  return team;
}

/**
 * Sends the reminders due at a moment; of Ben, Slack says nothing. @param asked gets whom Slack was asked about
 * @returns what was said, each as `kind subject target`, `!` before what goes to those who hear of it when it waits in vain
 */
export async function beat(team: Team, now: Date, asked: string[] = []): Promise<string[]> {
  team.now = now;
  const { db } = team.deps;
  const before = await db.execute<{ id: string }>(sql`select coalesce(max(id), 0) as id from outbox`);
  const who: ReminderDeps['who'] = async (id) => {
    asked.push(id);
    if (id === BEN.id) throw new Error('Slack does not answer');
    return { id, roles: new Set(), standing: 'member' };
  };
  await sendReminders({ ...team.deps, who }, { key: `beat:${++n}`, at: new Date(now.getTime() - 1000).toISOString() });
  const { rows } = await db.execute<{ kind: string; subject: string; target: string; escalated: boolean }>(
    sql`select r.kind, regexp_replace(r.subject, '[0-9]+', '#') as subject, r.target, r.escalated from reminders r where r.outbox_id > ${Number(before.rows[0]?.id)} order by r.kind, r.target`,
  );
  return rows.map((r) => `${r.escalated ? '!' : ''}${r.kind} ${r.subject} ${r.target}`).sort();
}

/** All that was posted so far, in order. */
export async function said(team: Team): Promise<string> {
  const { rows } = await team.deps.db.execute<{ text: string }>(
    sql`select coalesce(blocks::text, text) as text from outbox order by id`,
  );
  return rows.map((r) => r.text).join('\n');
}

/** Where somebody lives, as Slack says. */
export const lives = (team: Team, zone: string, id: string) =>
  team.deps.db.execute(sql`insert into people (id, name, zone, bot, deactivated, guest, outsider, refreshed_at)
    values (${id}, 'x', ${zone}, false, false, false, false, now()) on conflict (id) do update set zone = ${zone}`);
