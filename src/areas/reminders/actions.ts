import { sql } from 'drizzle-orm';
import { type Actor, SHIPSHAPE } from '../../base/actor.ts';
import { type Answer, type Done, tellRefusal } from '../../base/answer.ts';
import type { Clock } from '../../base/clock.ts';
import { DEFAULT_REMINDERS, type Policy } from '../../base/policy.ts';
import { livesIn } from '../../base/today.ts';
import { localDay } from '../../base/zone.ts';
import { answered, type Cause, once } from '../../db/act.ts';
import { record } from '../../db/audit.ts';
import type { Db, Tx } from '../../db/client.ts';
import { post } from '../../db/outbox.ts';
import { reminderAnswers, reminders } from '../../db/schema/reminders.ts';
import { type Drawing, drawMessage, type Pressed } from './blocks.ts';
import { answeredSays } from './lines.ts';
import { type Humane, messages, ofUseUntil } from './rules.ts';
import { loadBoard, remindedOf } from './store.ts';
import type { Item, Message } from './types.ts';

/** What every action of this area needs. No network in here: Slack is told through the outbox. */
export interface Deps {
  db: Db;
  policy: Policy;
  clock: Clock;
}

/** What of the policy decides how humane reminders are. */
export function humane(policy: Policy): Humane {
  const { zone, hours, holidays } = policy.team;
  return { zone, hours, holidays, maxPerDay: (policy.reminders ?? DEFAULT_REMINDERS).maxPerDay };
}

/** The cause of what a schedule does at an occurrence. */
export function byClock(key: string, now: Date): Cause {
  return { key, source: 'schedule', actor: SHIPSHAPE.id, eventTime: now };
}

/**
 * R23: sends what is due now: finds out, notes and posts in one transaction, one at a time in all instances, so that nothing is said twice and nobody
 * hears more than the policy says.
 * @param occurrence its key, of which a repeat does nothing, and when it is @param waiting everything that waits, read in the transaction
 * @returns how many messages go out
 */
export async function remind(
  deps: Deps,
  occurrence: { key: string; now: Date },
  waiting: (tx: Tx) => Promise<Item[]>,
): Promise<number> {
  const { key, now } = occurrence;
  const cause = byClock(key, now);
  const { result, repeated } = await once(deps.db, cause, async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('shipshape reminders'))`);
    const board = await loadBoard(tx, await waiting(tx), deps.policy.team.zone, now);
    const rules = humane(deps.policy);
    const out = messages(board, rules, now);
    for (const m of inOrder(out)) {
      const drawn = { ...drawMessage(m, rules.zone), until: ofUseUntil(m, board.people, rules) };
      await send(tx, cause, m, drawn, now);
    }
    return out.length;
  });
  return repeated ? 0 : result;
}

/** Always in the order of lanes: two transactions that post to the same people would otherwise wait for each other. */
function inOrder(out: readonly Message[]): Message[] {
  const lane = (m: Message) => (m.to === 'thread' ? `thread:${m.thread.id}` : m.target);
  return [...out].sort((a, b) => (lane(a) < lane(b) ? -1 : 1));
}

const isChannel = (target: string) => /^[CG]/.test(target);

async function send(tx: Tx, cause: Cause, m: Message, drawn: Drawing & { until: Date }, now: Date): Promise<void> {
  const outboxId =
    m.to === 'thread'
      ? await post(tx, { role: 'line', target: m.thread.channel, threadId: m.thread.id, ...drawn })
      : await post(tx, { role: isChannel(m.target) ? 'line' : 'dm', target: m.target, ...drawn });
  await tx.insert(reminders).values(
    m.dues.map(({ item, target, day, part, escalated }) => ({
      kind: item.kind,
      subject: item.subject,
      target,
      day,
      part,
      since: item.since,
      sentAt: now,
      outboxId,
      digest: m.to === 'target',
      escalated,
    })),
  );
  // Not under the subjects themselves: what the bot says of a blocker is no news of it.
  const data = { outboxId, of: m.dues.map((d) => ({ kind: d.item.kind, subject: d.item.subject, to: d.target })) };
  await record(tx, cause, { verb: 'remind', subject: 'reminders', data }, now);
}

/**
 * Done, or not today, said to a reminder by whom it was for. It changes nothing about the thing itself: that ends as its kind says.
 * @param channel where the button was: what was said to a channel may be answered by anybody there
 */
export async function answerReminder(
  deps: Deps,
  cause: Cause,
  actor: Actor,
  pressed: Pressed,
  channel: string | undefined,
): Done {
  return answered(deps.db, cause, (tx) => answer(tx, deps, cause, actor, pressed, channel));
}

async function answer(
  tx: Tx,
  deps: Deps,
  cause: Cause,
  actor: Actor,
  pressed: Pressed,
  channel: string | undefined,
): Promise<Answer> {
  const { kind, subject, since } = pressed;
  if (actor.standing !== 'member')
    return tellRefusal({
      code: 'standing',
      reason: 'only members of this workspace answer reminders',
      next: 'Ask whom it is for.',
    });
  const mine = await remindedOf(tx, pressed, [actor.id, ...(channel ? [channel] : [])]);
  if (!mine) {
    const next = 'It asks whom it is for again; what is done about the thing itself ends it for everybody.';
    return tellRefusal({ code: 'not_yours', reason: 'that reminder was for somebody else', next });
  }
  const now = deps.clock();
  const row = {
    answer: pressed.answer,
    day: localDay(livesIn(mine.zone, deps.policy.team.zone, now), now),
    since,
    answeredAt: now,
  };
  const known = mine.answer;
  if (known?.answer === row.answer && known.since.getTime() === since.getTime() && known.day === row.day)
    return { outcome: 'already', text: answeredSays(row.answer, kind, subject) };
  const values = { kind, subject, person: mine.target, ...row };
  await tx
    .insert(reminderAnswers)
    .values(values)
    .onConflictDoUpdate({ target: [reminderAnswers.kind, reminderAnswers.subject, reminderAnswers.person], set: row });
  await record(tx, cause, { verb: pressed.answer, subject: 'reminders', data: values }, now);
  return { outcome: 'accepted', text: answeredSays(row.answer, kind, subject) };
}
