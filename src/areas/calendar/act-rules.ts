import { type Actor, membersOnly, rolesUnread } from '../../base/actor.ts';
import type { Refusal } from '../../base/errors.ts';
import { showId } from '../../base/ids.ts';
import { mention } from '../../base/mrkdwn.ts';
import { isToday, type Today } from '../../base/today.ts';
import { isAway, monthOf } from './month-rules.ts';
import { CALENDAR_PERMISSIONS, type CalendarPermission, type CalendarWho } from './permissions.ts';
import type { Assignment, AssignmentAct, AssignmentDecision, Away } from './types.ts';

export const NOTE_MAX = 500;
/** The most days an absence has: a year. */
const AWAY_MAX = 366;

function refuse(code: string, reason: string, next: string): { refusal: Refusal } {
  return { refusal: { code, reason, next } };
}

/** Who may ask for `permission`: null when this actor may. @param tester whose assignment it is, where it is about one */
export function forbiddenHere(permission: CalendarPermission, actor: Actor, tester?: string): Refusal | null {
  const stranger = membersOnly(actor, 'have no part in the regression calendar');
  if (stranger) return stranger;
  const who: readonly CalendarWho[] = CALENDAR_PERMISSIONS[permission];
  const is: Partial<Record<CalendarWho, boolean>> = { anyone: true, tester: tester === actor.id };
  if (who.some((w) => is[w] ?? actor.roles.has(w as 'admin'))) return null;
  const unread = rolesUnread(actor);
  if (unread) return unread;
  if (permission === 'plan') return { code: 'role', reason: 'only an admin makes the plan', next: 'Ask one of them.' };
  if (permission === 'away_other')
    return {
      code: 'role',
      reason: 'only an admin says of somebody else that they are away',
      next: 'For yourself leave the name out.',
    };
  const whose = tester ? `it is ${mention(tester)}'s test` : 'it is not yours';
  return { code: 'role', reason: whose, next: 'Ask them to swap: `/regression swap`.' };
}

/**
 * What somebody's word does to an assignment. Pure. A result can be corrected while the month lasts; whom a month or a day reaches before the team
 * need not wait (R23). @param today YYYY-MM-DD, the team's @param theirs today where its tester is
 */
export function decideAssignment(
  a: Assignment,
  actor: Actor,
  act: AssignmentAct,
  today: string,
  theirs: Today,
): AssignmentDecision {
  const no = forbiddenHere(act.kind, actor, a.tester);
  if (no) return { refusal: no };
  if (act.note && act.note.length > NOTE_MAX)
    return refuse('too_long', `that note has ${act.note.length} characters`, `Please keep it under ${NOTE_MAX}.`);
  const begun = a.month <= monthOf(today) || a.month <= monthOf(theirs.day) || a.day <= theirs.last;
  if (!begun) return refuse('early', 'its month has not begun', 'Test it when it has.');
  if (a.month < monthOf(today)) return refuse('over', 'its month is over', "It stays as the month's coverage has it.");
  if (act.kind === 'skip') {
    if (a.state === 'skipped') return { already: 'it is skipped' };
    if (a.state === 'passed' || a.state === 'failed')
      return refuse('tested', `it was tested: ${a.state}`, 'What was tested is not skipped.');
    if (!act.note) return refuse('reason', 'skipping needs a reason', 'Say why in a few words.');
    return { state: 'skipped' };
  }
  const state = act.kind === 'pass' ? 'passed' : 'failed';
  return a.state === state && !act.note ? { already: `it is noted as ${state}` } : { state };
}

/** Whether a test that is to be done is late: it was missed, though its day may not be over where its tester is, or its day was before. @param today theirs */
export function isLate({ state, day }: Assignment, today: Today): boolean {
  return state === 'missed' || day < today.first;
}

/**
 * What somebody may mean who names no test of theirs: the one of today, where nothing else is as likely; else all that are to be done.
 * @param mine theirs up to today @param today theirs
 */
export function meant(mine: readonly Assignment[], today: Today): Assignment[] {
  const open = mine.filter((a) => a.state === 'planned' || a.state === 'missed');
  const todays = open.filter((a) => isToday(today, a.day));
  // One of an earlier day that is not noted as missed yet may have been done just now, as well as today's.
  const other = open.some((a) => a.state === 'planned' && !todays.includes(a));
  return todays.length === 1 && !other ? todays : open;
}

/**
 * Whether two assignments can change hands: both are still to be done, of different people, each there on the other's day and without
 * another test at that time. @param others all planned assignments of the two
 */
export function swapRefusal(
  mine: Assignment,
  theirs: Assignment,
  about: { others: readonly Assignment[]; away: readonly Away[]; today: string; perDay: number },
): Refusal | null {
  for (const a of [mine, theirs]) {
    if (a.state !== 'planned' || a.day < about.today) {
      const reason = `${showId('RA', a.id)} is not to be done any more`;
      return { code: 'done', reason, next: '`/regression mine` lists what is.' };
    }
  }
  if (mine.tester === theirs.tester)
    return {
      code: 'same',
      reason: 'both are the same person’s',
      next: "Name one of yours and one of somebody else's.",
    };
  for (const [person, gets] of [
    [mine.tester, theirs],
    [theirs.tester, mine],
  ] as const) {
    const gives = gets === mine ? theirs : mine;
    const next = 'Choose another.';
    if (isAway(about.away, person, gets.day))
      return { code: 'away', reason: `${mention(person)} is away that day`, next };
    const thatDay = about.others.filter((o) => o.tester === person && o.day === gets.day && o.id !== gives.id);
    if (thatDay.some((o) => o.start === gets.start) || thatDay.length >= about.perDay)
      return { code: 'busy', reason: `${mention(person)} has another test then`, next };
  }
  return null;
}

/** Why these days are no absence; null when they are. @param today YYYY-MM-DD */
export function awayRefusal(from: string, to: string, today: string): Refusal | null {
  if (to < from)
    return { code: 'to', reason: 'it ends before it begins', next: 'Name the first and the last day away.' };
  if (to < today) return { code: 'to', reason: 'those days are over', next: 'Name today or later days.' };
  if ((Date.parse(to) - Date.parse(from)) / 86_400_000 >= AWAY_MAX)
    return { code: 'to', reason: 'that is more than a year', next: 'Name at most a year.' };
  return null;
}
