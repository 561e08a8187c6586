import { isAhead } from '../../base/clock.ts';
import { isToday, type Today, todayIn } from '../../base/today.ts';
import { isWorkday } from '../../base/zone.ts';
import { wallClock } from './days.ts';
import { endOfWork, heardFrom, type WorkHours } from './hours-rules.ts';
import { type Row, TABLE } from './table.ts';
import {
  type Answered,
  type Board,
  type Due,
  type Item,
  KINDS,
  type Message,
  type Sent,
  type Target,
} from './types.ts';

/** Two reminders of the same thing to the same person are at least so far apart. */
export const AGAIN_MS = 2 * 3_600_000;
/** Two digests to the same person are at least so far apart: what falls due meanwhile comes together. */
export const APART_MS = 60 * 60_000;

/** What the rules need of the policy. */
export interface Humane extends WorkHours {
  zone: string;
  /** Messages with reminders that one person gets on one of their days at most. */
  maxPerDay: number;
}

type Wall = ReturnType<typeof wallClock> & Today;

/** What every judgement looks at: the board, put in order once, for there may be hundreds of items and thousands of reminders. */
interface View {
  people: Board['people'];
  sent: Map<string, Sent[]>;
  answers: Map<string, Answered[]>;
  /** By zone: what its clock shows now, and what today is there. */
  clocks: Map<string, Wall>;
  rules: Humane;
  now: Date;
}

function viewOf({ people, sent, answers }: Board, rules: Humane, now: Date): View {
  return { people, sent: byThing(sent), answers: byThing(answers), clocks: new Map(), rules, now };
}

function byThing<T extends Pick<Item, 'kind' | 'subject'>>(all: readonly T[]): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const one of all) {
    const same = found.get(about(one));
    if (same) same.push(one);
    else found.set(about(one), [one]);
  }
  return found;
}

function about({ kind, subject }: Pick<Item, 'kind' | 'subject'>): string {
  return `${kind}|${subject}`;
}

/**
 * R23: the messages that go out now. Each thing is said at most once per person, local day and part of the day. Nobody is reminded outside of their own
 * working hours, on days off or while away, in more than `maxPerDay` messages a day, or of what is done.
 */
export function messages(board: Board, rules: Humane, now: Date): Message[] {
  const v = viewOf(board, rules, now);
  const found = distinct(board.items.flatMap((item) => dues(item, v)));
  return capped(grouped(found, board.sent, now), board.sent, rules);
}

/**
 * R23: until when a message is of use, should Slack not take it before: to the end of that day at work of the last who is meant, and of what nobody hears
 * of any more at some time, only until then. What still waits is said again on the next day.
 */
export function ofUseUntil({ dues }: Message, people: Board['people'], rules: Humane): Date {
  const ends = dues.map(({ item, target, day }) => {
    const end = endOfWork(people.get(target)?.zone ?? rules.zone, rules, day);
    return item.until && item.until < end && TABLE[item.kind].outage === 'skip' ? item.until : end;
  });
  return new Date(Math.max(...ends.map((end) => end.getTime())));
}

/** Of several waits for the same (two holds of one release, told to its manager) the first is enough. */
function distinct(found: readonly Due[]): Due[] {
  const said = new Map<string, Due>();
  for (const d of found) {
    const key = `${about(d.item)}|${d.target}`;
    if (!said.has(key)) said.set(key, d);
  }
  return [...said.values()];
}

/**
 * What of one item is due to whom. Who answers for it hears too when those who can do it do not, or when none of them is there today; where they are not
 * there either, those who stand in.
 */
function dues(item: Item, v: View): Due[] {
  const row = TABLE[item.kind];
  if (row.outage === 'skip' && item.until && v.now >= item.until) return [];
  const { owner } = item;
  const able = [...new Set(item.people)].filter((id) => isThere(id, v));
  const found = able.flatMap((target) => due(item, target, false, v));
  if (able.length > 0 && (owner === null || able.includes(owner) || !escalates(item, row, v))) return found;
  const answering = owner !== null && isThere(owner, v) ? [owner] : standIns(item, v);
  return [...found, ...answering.filter((id) => !able.includes(id)).flatMap((target) => due(item, target, true, v))];
}

/** R24: somebody always hears: the first of those who stand in of whom anybody is there today. */
function standIns({ instead = [] }: Item, v: View): readonly Target[] {
  return instead.map((those) => those.filter((id) => isThere(id, v))).find((those) => those.length) ?? [];
}

/** Whether who answers for it hears of it, besides those who can do it. */
function escalates(item: Item, row: Row, v: View): boolean {
  if (row.escalate === null) return false;
  if (row.escalate === 'due') return item.due !== null && v.now >= item.due;
  const days = sentOf(item, v).filter((s) => isOf(s, item) && !s.escalated && s.day < here(s.target, v).day);
  return new Set(days.map((s) => s.day)).size >= row.escalate;
}

function due(item: Item, target: Target, escalated: boolean, v: View): Due[] {
  const row = TABLE[item.kind];
  const local = here(target, v);
  const { day } = local;
  if (!works(local, v.rules) || (item.day !== null && !isToday(local, item.day))) return [];
  if (!waitedEnough(item, row, target, v) || quiet(item, target, day, v)) return [];
  // One slot's is not another's, however near they are.
  const mine = sentOf(item, v).filter((s) => s.target === target && (!item.ofSlot || isOf(s, item)));
  if (row.repeat === 'once' && mine.some((s) => isOf(s, item)) && !putOff(item, target, mine, v)) return [];
  if (mine.some((s) => within(s, AGAIN_MS, v.now))) return [];
  // Who answers for it hears once a day.
  const part = escalated ? 0 : partOf(row, local, v.rules);
  if (mine.some((s) => s.day === day && s.part === part)) return [];
  return [{ item, target, day, part, escalated }];
}

/** What was said of this thing, whenever it waited. */
function sentOf(item: Item, v: View): Sent[] {
  return v.sent.get(about(item)) ?? [];
}

/** Whether it went out less than `ms` ago. What a wrong clock dated in the future did not, or somebody would hear nothing until then. */
function within({ at }: Sent, ms: number, now: Date): boolean {
  return !isAhead(at, now) && now.getTime() - at.getTime() < ms;
}

/** Whether a reminder of this thing, or an answer to one, was of this very wait. */
function isOf(s: Pick<Sent, 'since'>, item: Item): boolean {
  return s.since.getTime() === item.since.getTime();
}

/** What the clock of a person shows; a channel's is the team's. */
function here(target: Target, v: View): Wall {
  const zone = zoneOf(target, v);
  const clock = v.clocks.get(zone) ?? { ...wallClock(zone, v.now), ...todayIn(zone, v.rules, v.now) };
  v.clocks.set(zone, clock);
  return clock;
}

function zoneOf(target: Target, { people, rules }: View): string {
  return people.get(target)?.zone ?? rules.zone;
}

/** Neither gone for good nor away today. */
function isThere(target: Target, v: View): boolean {
  const person = v.people.get(target);
  if (!person) return true;
  const { day } = here(target, v);
  return !person.gone && !person.away.some(({ from, to }) => from <= day && day <= to);
}

function works({ day, minute }: Wall, { hours, holidays }: Humane): boolean {
  return isWorkday(day, holidays) && minute >= hours.start && minute < hours.end;
}

function waitedEnough(item: Item, row: Row, target: Target, v: View): boolean {
  // Its day has come, where they are.
  if (item.day !== null) return true;
  if (item.ofSlot && item.until) {
    const who = v.people.get(target) ?? { zone: v.rules.zone, away: [] };
    return v.now >= heardFrom(who, v.rules, item.since, item.until);
  }
  if (row.after !== 'next_day') return v.now.getTime() - item.since.getTime() >= row.after * 60_000;
  return wallClock(zoneOf(target, v), item.since).day < here(target, v).day;
}

/** The newest part of the working day that has begun: one that was missed is not made up for, the next one says it. */
function partOf(row: Row, { minute }: Wall, { hours }: Humane): number {
  const gone = (minute - hours.start) / (hours.end - hours.start);
  return row.parts.findLastIndex((from) => from <= gone);
}

/** Whether this person said that they did it, or not to be asked today. */
function quiet(item: Item, target: Target, day: string, v: View): boolean {
  const answers = v.answers.get(about(item)) ?? [];
  return answers.some((a) => {
    if (a.person !== target) return false;
    return a.answer === 'not_today' ? a.day === day : a.since >= item.since;
  });
}

/** Whether this person put it off on an earlier day, and did not hear of it since. */
function putOff(item: Item, target: Target, mine: readonly Sent[], v: View): boolean {
  const answers = v.answers.get(about(item)) ?? [];
  return answers.some(
    (a) => a.person === target && a.answer === 'not_today' && isOf(a, item) && mine.every((s) => s.day <= a.day),
  );
}

/** One message per person for what comes by DM, one per thread for what comes there; in the order of the table. */
function grouped(found: readonly Due[], sent: readonly Sent[], now: Date): Message[] {
  const digests = new Map<Target, Due[]>();
  const threads: Message[] = [];
  const order = [...found].sort((a, b) => KINDS.indexOf(a.item.kind) - KINDS.indexOf(b.item.kind));
  for (const d of order) {
    const { thread } = d.item;
    if (TABLE[d.item.kind].where === 'dm' || d.escalated || !thread) {
      digests.set(d.target, [...(digests.get(d.target) ?? []), d]);
      continue;
    }
    const same = threads.find((m) => m.dues[0]?.item === d.item);
    if (same) same.dues.push(d);
    else threads.push({ to: 'thread', thread, dues: [d] });
  }
  const late = (target: Target) => sent.some((s) => s.target === target && s.digest && within(s, APART_MS, now));
  const direct = [...digests].filter(([target]) => !late(target));
  return [...threads, ...direct.map(([target, dues]): Message => ({ to: 'target', target, dues }))];
}

/** Leaves out whoever has heard enough on this day of theirs; a message that is for nobody is none. */
function capped(list: readonly Message[], sent: readonly Sent[], { maxPerDay }: Humane): Message[] {
  const heard = new Map<string, Set<number | Message>>();
  const of = (target: Target, day: string) => {
    const key = `${target} ${day}`;
    const set = heard.get(key) ?? new Set();
    heard.set(key, set);
    return set;
  };
  for (const s of sent) of(s.target, s.day).add(s.message);
  return list.flatMap((m) => {
    const dues = m.dues.filter(({ target, day }) => {
      const set = of(target, day);
      if (set.has(m) || set.size < maxPerDay) set.add(m);
      return set.has(m);
    });
    return dues.length ? [{ ...m, dues }] : [];
  });
}
