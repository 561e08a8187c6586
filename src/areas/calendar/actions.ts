import type { Actor } from '../../base/actor.ts';
import { type Answer, type Done, tellRefusal } from '../../base/answer.ts';
import { showDay } from '../../base/days.ts';
import type { Refusal } from '../../base/errors.ts';
import { showId } from '../../base/ids.ts';
import { escapeText, mention } from '../../base/mrkdwn.ts';
import { doneOn } from '../../base/today.ts';
import { localDay, workdayAfter } from '../../base/zone.ts';
import { answered, type Cause } from '../../db/act.ts';
import { record } from '../../db/audit.ts';
import type { Tx } from '../../db/client.ts';
import { addJob, post } from '../../db/outbox.ts';
import { todaysOf, zonesOf } from '../../db/people.ts';
import { awayRefusal, decideAssignment, forbiddenHere, swapRefusal } from './act-rules.ts';
import { swapAsked } from './blocks.ts';
import { type Deps, sectionOf, todayOf } from './deps.ts';
import { FACE, madeLine, movedMessage, nameOf, showMonth, whenOf } from './lines.ts';
import { addMonths, makeDay, monthOf, workdays } from './month-rules.ts';
import { awayOn, make, redrawHome, replan, tellOff } from './planning.ts';
import {
  assignmentsBetween,
  assignmentsOf,
  awayBetween,
  endAbsences,
  exchangeTesters,
  insertAbsence,
  insertSwap,
  isPlanned,
  lockAssignments,
  lockMonths,
  lockSwap,
  markMissed,
  plannedSince,
  testersNow,
  unreported,
  voidSwaps,
  writeResult,
  writeSwap,
} from './store.ts';
import type { Assignment, AssignmentAct, Moved } from './types.ts';

async function acting(deps: Deps, cause: Cause, fn: (tx: Tx, now: Date) => Promise<Answer>): Done {
  return answered(deps.db, cause, (tx) => fn(tx, deps.clock()));
}

const GROUP_UNREAD = {
  code: 'roles_unknown',
  reason: 'the user group of the testers could not be read for over an hour',
  next: 'Try again in a few minutes.',
};

/** Makes the plan of a month that has none (R21). An admin asks for it; three working days before a month begins it makes itself (`keepCalendar`). */
export function planAMonth(deps: Deps, cause: Cause, actor: Actor, month: string): Done {
  return acting(deps, cause, async (tx, now) => {
    const no = forbiddenHere('plan', actor);
    if (no) return tellRefusal(no);
    await lockCalendar(tx);
    const shown = showMonth(month);
    if (await isPlanned(tx, month))
      return {
        outcome: 'already',
        text: `The regression calendar for ${shown} is made: \`/regression month ${month}\`.`,
      };
    const today = todayOf(deps, now);
    if (!workdays(month, deps.policy.team.holidays).some((day) => day >= today))
      return tellRefusal({ code: 'over', reason: `${shown} is over`, next: 'Name this month or a later one.' });
    if (month > addMonths(monthOf(today), 12))
      return tellRefusal({ code: 'far', reason: `${shown} is far away`, next: 'Name one of the next twelve months.' });
    const testers = await testersNow(tx, deps.policy, now);
    if (!testers) return tellRefusal(GROUP_UNREAD);
    const made = await make(tx, deps, cause, month, testers);
    return { outcome: 'accepted', text: madeLine(made, await assignmentsOf(tx, month), 0) };
  });
}

/** One at a time makes months: two instances that find one missing do not both make it. */
async function lockCalendar(tx: Tx): Promise<void> {
  await tx.execute("select pg_advisory_xact_lock(hashtext('shipshape regression'))");
}

/**
 * What the calendar does by itself on a working day's morning: notes as missed what nobody did, plans again when testers or areas are
 * others, makes the next month three working days before it begins, and this one's rest when it has no plan, and has last month's coverage
 * posted. Once per occurrence.
 */
export async function keepCalendar(deps: Deps, cause: Cause): Promise<void> {
  if (!deps.policy.regression) return;
  await acting(deps, cause, async (tx, now) => {
    const today = todayOf(deps, now);
    const month = monthOf(today);
    const { holidays } = deps.policy.team;
    await lockCalendar(tx);
    const planned = await lockMonths(tx, month);
    const testers = await testersNow(tx, deps.policy, now);
    // Only when it can be planned once more: a morning on which nobody knows who the testers are leaves it to the next one.
    const missed = testers ? await markMissed(tx, today) : [];
    for (const a of missed)
      await record(
        tx,
        cause,
        { verb: 'missed', subject: showId('RA', a.id), data: { tester: a.tester, day: a.day } },
        now,
      );
    if (testers) {
      for (const one of planned) {
        const gone = missed.some((a) => a.month === one.month);
        await replan(tx, deps, cause, one, testers, gone ? 'a test was missed' : undefined);
      }
      const next = addMonths(month, 1);
      const nextIsDue = today >= makeDay(next, holidays);
      // Whoever was down when this month was to be made is late, and so is a calendar that came with a new policy; but one that comes with the
      // month's last days begins with the next: nobody has the time for all of it.
      const begun = !nextIsDue || (await plannedSince(tx, addMonths(month, -3), month));
      const late = begun && workdays(month, holidays).some((day) => day >= today);
      for (const due of [...(late ? [month] : []), ...(nextIsDue ? [next] : [])])
        if (!(await isPlanned(tx, due))) await make(tx, deps, cause, due, testers);
    }
    // After an outage of weeks it may be more than the last one.
    for (const over of await unreported(tx, addMonths(month, -3), month))
      await addJob(tx, 'coverage', { month: over }, { key: `coverage:${over}` });
    return { outcome: 'accepted', text: '' };
  });
}

/** What somebody says of an assignment: passed, failed or skipped. */
export function actOnAssignment(deps: Deps, cause: Cause, actor: Actor, id: number, act: AssignmentAct): Done {
  return acting(deps, cause, async (tx, now) => {
    const [a] = await lockAssignments(tx, [id]);
    const subject = showId('RA', id);
    if (!a) return tellRefusal({ code: 'none', reason: `there is no ${subject}`, next: 'See `/regression mine`.' });
    const theirs = (await todaysOf(tx, deps.policy, [a.tester], now))(a.tester);
    const decision = decideAssignment(a, actor, act, todayOf(deps, now), theirs);
    if ('refusal' in decision) return tellRefusal(decision.refusal, nameOf(a));
    if ('already' in decision) return { outcome: 'already', text: `${nameOf(a)}: ${decision.already}.` };
    const { state } = decision;
    await writeResult(tx, id, { state, by: actor.id, at: now, note: act.note });
    await tellOff(tx, await voidSwaps(tx, [id]), `${showId('RA', id)} is ${state} by now`, actor.id);
    const data = { was: a.state, state, note: act.note, wallet: a.wallet, feature: a.feature };
    await record(tx, cause, { verb: act.kind, subject, data }, now);
    await redrawHome(tx, a.tester);
    const note = act.note ? `: ${escapeText(act.note)}` : '';
    return { outcome: 'accepted', text: `${FACE[state]} ${nameOf(a)}: ${state}${note}.` };
  });
}

/** Notes that somebody is away on these days, and plans the rest of the months concerned again. @param person whom it is about */
export function away(deps: Deps, cause: Cause, actor: Actor, person: string, from: string, to: string): Done {
  return acting(deps, cause, async (tx, now) => {
    const { team } = deps.policy;
    const zone = (await zonesOf(tx, deps.policy, [person], now))(person);
    const no =
      forbiddenHere(person === actor.id ? 'away' : 'away_other', actor) ?? awayRefusal(from, to, localDay(zone, now));
    if (no) return tellRefusal(no);
    const next = workdayAfter(to, team.holidays);
    const last = doneOn(zone, team, next) <= to ? next : to;
    // A month that is made at this moment sees the absence, or this sees the month.
    await lockCalendar(tx);
    const planned = await lockMonths(tx, monthOf(todayOf(deps, now)));
    const known = (await awayBetween(tx, from, to)).some((a) => a.person === person && a.from <= from && a.to >= to);
    if (known) return { outcome: 'already', text: `${whoseDays(person, actor)} noted as away then.` };
    await insertAbsence(tx, { person, from, to }, actor.id, now);
    await record(tx, cause, { verb: 'away', subject: `person ${person}`, data: { from, to } }, now);
    const moved: Moved[] = [];
    const testers = await testersNow(tx, deps.policy, now);
    for (const one of planned) {
      if (!testers || one.month < monthOf(from) || one.month > monthOf(last)) continue;
      const told = person === actor.id ? person : undefined;
      moved.push(...(await replan(tx, deps, cause, one, testers, `${mention(person)} is away`, told)));
    }
    await redrawHome(tx, person);
    const days = from === to ? `on ${showDay(from)}` : `from ${showDay(from)} to ${showDay(to)}`;
    const said = movedMessage(moved, person, `${whoseDays(person, actor)} away ${days}`);
    const others = moved.length ? '' : ' No regression test had to move.';
    return {
      outcome: 'accepted',
      text: said ?? `:palm_tree: ${whoseDays(person, actor)} noted as away ${days}.${others}`,
    };
  });
}

function whoseDays(person: string, actor: Actor): string {
  return person === actor.id ? 'You are' : `${mention(person)} is`;
}

/** Somebody is back, or will not be away: their absences end, and the rest of the months is planned again. */
export function back(deps: Deps, cause: Cause, actor: Actor, person: string): Done {
  return acting(deps, cause, async (tx, now) => {
    const no = forbiddenHere(person === actor.id ? 'away' : 'away_other', actor);
    if (no) return tellRefusal(no);
    const today = todayOf(deps, now);
    await lockCalendar(tx);
    const planned = await lockMonths(tx, monthOf(today));
    const { day } = (await todaysOf(tx, deps.policy, [person], now))(person);
    const ended = await endAbsences(tx, person, day, now);
    if (!ended) return { outcome: 'already', text: `${whoseDays(person, actor)} not away.` };
    await record(tx, cause, { verb: 'back', subject: `person ${person}`, data: { ended } }, now);
    const testers = await testersNow(tx, deps.policy, now);
    for (const one of testers ? planned : [])
      await replan(tx, deps, cause, one, testers as string[], `${mention(person)} is back`);
    await redrawHome(tx, person);
    return { outcome: 'accepted', text: `:wave: ${whoseDays(person, actor)} noted as back.` };
  });
}

/** Why these two cannot change hands now; null when they can. */
async function swapFault(tx: Tx, deps: Deps, mine: Assignment, theirs: Assignment, now: Date): Promise<Refusal | null> {
  const [from, to] = [mine.day, theirs.day].sort() as [string, string];
  const both = await assignmentsBetween(tx, from, to);
  const others = both.filter((a) => a.state === 'planned' && [mine.tester, theirs.tester].includes(a.tester));
  const perDay = sectionOf(deps.policy).starts.length;
  return swapRefusal(mine, theirs, {
    others,
    away: await awayOn(tx, deps, [from, to], now),
    today: todayOf(deps, now),
    perDay,
  });
}

/** Offers one's own test for somebody else's; they get a DM with buttons. */
export function askSwap(deps: Deps, cause: Cause, actor: Actor, mineId: number, theirsId: number): Done {
  return acting(deps, cause, async (tx, now) => {
    const found = await lockAssignments(tx, [mineId, theirsId]);
    const [mine, theirs] = [mineId, theirsId].map((id) => found.find((a) => a.id === id));
    if (!mine || !theirs) {
      const reason = `there is no ${showId('RA', mine ? theirsId : mineId)}`;
      return tellRefusal({ code: 'none', reason, next: 'See `/regression month`.' });
    }
    const no = forbiddenHere('swap', actor, mine.tester);
    if (no)
      return tellRefusal({ ...no, next: 'Name your own first, then the one you would do instead.' }, nameOf(mine));
    const fault = await swapFault(tx, deps, mine, theirs, now);
    if (fault) return tellRefusal(fault);
    const id = await insertSwap(tx, mine, theirs, now);
    if (id === null) return { outcome: 'already', text: `${mention(theirs.tester)} has that offer already.` };
    await record(
      tx,
      cause,
      { verb: 'swap_ask', subject: showId('RA', mine.id), data: { for: showId('RA', theirs.id) } },
      now,
    );
    await post(tx, { role: 'dm', target: theirs.tester, ...swapAsked(id, mine, theirs) });
    const text = `:arrows_counterclockwise: I asked ${mention(theirs.tester)}: ${nameOf(mine)} (${whenOf(mine)}) for ${nameOf(theirs)} (${whenOf(theirs)}). You hear of the answer.`;
    return { outcome: 'accepted', text };
  });
}

/** Answers an offer to swap. Agreed to, the two change hands; who asked hears of it. */
export function answerSwap(deps: Deps, cause: Cause, actor: Actor, id: number, agreed: boolean): Done {
  return acting(deps, cause, async (tx, now) => {
    const swap = await lockSwap(tx, id);
    if (!swap) return tellRefusal({ code: 'none', reason: 'that offer is gone', next: 'See `/regression mine`.' });
    const no = forbiddenHere('swap', actor, swap.asked);
    if (no)
      return tellRefusal({ ...no, reason: 'it was not you who was asked', next: `${mention(swap.asked)} answers.` });
    const { mine, theirs, state } = swap;
    if (state !== 'open') {
      const said = {
        agreed: 'You agreed to that',
        declined: 'You declined that',
        void: 'That offer is off: the plan changed',
      };
      return { outcome: 'already', text: `${said[state]}.` };
    }
    const fault = agreed ? await swapFault(tx, deps, mine, theirs, now) : null;
    if (fault) return tellRefusal(fault);
    await writeSwap(tx, id, agreed ? 'agreed' : 'declined', now);
    if (agreed) {
      await exchangeTesters(tx, mine, theirs);
      await tellOff(tx, await voidSwaps(tx, [mine.id, theirs.id]), 'one of the two changed hands');
      for (const person of [swap.asker, swap.asked]) await redrawHome(tx, person);
    }
    const verb = agreed ? 'swap_agree' : 'swap_decline';
    await record(tx, cause, { verb, subject: showId('RA', mine.id), data: { for: showId('RA', theirs.id) } }, now);
    const what = agreed
      ? `:white_check_mark: ${mention(swap.asked)} agreed: you do ${nameOf(theirs)} (${whenOf(theirs)}) instead of ${nameOf(mine)}.`
      : `:x: ${mention(swap.asked)} would rather not swap ${nameOf(theirs)} for ${nameOf(mine)}: yours stays.`;
    await post(tx, { role: 'dm', target: swap.asker, text: what });
    const text = agreed ? `:white_check_mark: You do ${nameOf(mine)}, ${whenOf(mine)}.` : 'It stays as it was.';
    return { outcome: 'accepted', text };
  });
}
