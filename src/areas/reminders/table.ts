import type { Kind } from './types.ts';

/** How one kind of thing is reminded of (R23). */
export interface Row {
  what: string;
  /** Who is reminded, in words: the store finds them. */
  to: string;
  /** What ends it, in words: then the store finds nothing to remind of. */
  ends: string;
  /** Who hears of it when they do not do it, in words. */
  owner: string;
  /** How long it may wait before the first word: minutes, or until the next local day of who is reminded. */
  after: number | 'next_day';
  /** When in the working day of who is reminded, as parts of it: 0 is its beginning, 0.5 its middle. Each is said once at most. */
  parts: readonly number[];
  /** once: one word for as long as it waits. daily: on every working day, in its parts. */
  repeat: 'once' | 'daily';
  /** When its owner is told: after so many days on which somebody was reminded in vain, or once it is due; null: never. */
  escalate: number | 'due' | null;
  /** dm: to each person alone, several together as one digest. thread: where it is worked on. */
  where: 'dm' | 'thread';
  /** once: what still waits after an outage is said once. skip: what had its time meanwhile (a slot, a day, the watch) is not said any more. */
  outage: 'once' | 'skip';
}

const DAY = [0];
const TWICE = [0, 0.5];

/** Every reminder there is, the most urgent first: when somebody has heard enough for a day, it is the last ones that wait. */
export const TABLE: Record<Kind, Row> = {
  eyes: {
    what: 'eyes missing before a slot',
    to: "who is on duty and the release's manager",
    ends: 'two sets of eyes, a hold, or the slot begins',
    owner: 'nobody more',
    after: 0,
    parts: TWICE,
    repeat: 'daily',
    escalate: null,
    where: 'thread',
    outage: 'skip',
  },
  production_check: {
    what: 'production to be checked after shipping',
    to: 'who is looking at production and has not signed; while eyes are missing, who signed the candidate',
    ends: 'two sign-offs for production, or a roll-back',
    owner: "the release's manager",
    after: 20,
    parts: TWICE,
    repeat: 'daily',
    escalate: 1,
    where: 'thread',
    outage: 'once',
  },
  emergency_review: {
    what: 'the review that an emergency owes',
    to: 'who is on duty, but not who signed; else its operations owner or manager',
    ends: 'the review',
    owner: 'the admins',
    after: 120,
    parts: TWICE,
    repeat: 'daily',
    escalate: 'due',
    where: 'thread',
    outage: 'once',
  },
  blocker_owner: {
    what: 'a blocker without an owner',
    to: "the managers of the product's open releases; without one, the admins",
    ends: 'an owner, or its end',
    owner: 'the admins',
    after: 30,
    parts: TWICE,
    repeat: 'daily',
    escalate: 1,
    where: 'thread',
    outage: 'once',
  },
  blocker_news: {
    what: 'a blocker without news',
    to: 'its owner',
    ends: 'anything done about it',
    owner: "the manager of the product's oldest open release",
    after: 240,
    parts: TWICE,
    repeat: 'daily',
    escalate: 1,
    where: 'thread',
    outage: 'once',
  },
  sign_off: {
    what: 'a sign-off pending',
    to: 'who is here and testing, and has not signed the candidate',
    ends: 'the sign-off, a hold or blocker, or stepping away',
    owner: "the release's manager",
    after: 60,
    parts: TWICE,
    repeat: 'daily',
    escalate: 1,
    where: 'dm',
    outage: 'once',
  },
  slot: {
    what: 'a slot for which no release is open',
    to: 'who is on duty and at work before it is over; without one, the channel of releases',
    ends: 'a release, or the word that nothing goes out; or the slot is over',
    owner: 'nobody more',
    after: 0,
    parts: DAY,
    repeat: 'once',
    escalate: null,
    where: 'dm',
    outage: 'skip',
  },
  hold: {
    what: 'a hold that outlives its day',
    to: 'who set it',
    ends: 'the hold is lifted',
    owner: "the release's manager",
    after: 'next_day',
    parts: DAY,
    repeat: 'daily',
    escalate: 1,
    where: 'dm',
    outage: 'once',
  },
  watch: {
    what: 'a release that is live and watched',
    to: "the release's manager",
    ends: 'the 24 h are over',
    owner: 'nobody more',
    after: 240,
    parts: DAY,
    repeat: 'once',
    escalate: null,
    where: 'dm',
    outage: 'skip',
  },
  funds_request: {
    what: 'a request for funds waiting',
    to: 'the treasurers, but not who asked, nor who approved it first or recorded that more was sent',
    ends: 'sent, denied or withdrawn; or, where more was sent, agreed to or reversed',
    owner: 'the admins',
    after: 240,
    parts: DAY,
    repeat: 'daily',
    escalate: 1,
    where: 'dm',
    outage: 'once',
  },
  prod_review: {
    what: 'the review of a prod issue',
    to: 'its owner',
    ends: 'the review, or it is back',
    owner: 'the admins',
    after: 'next_day',
    parts: DAY,
    repeat: 'daily',
    escalate: 2,
    where: 'dm',
    outage: 'once',
  },
  regression: {
    what: 'regression of today',
    to: 'its tester',
    ends: 'passed, failed or skipped, or the day is over',
    owner: 'nobody more that day',
    after: 0,
    parts: TWICE,
    repeat: 'daily',
    escalate: null,
    where: 'dm',
    outage: 'skip',
  },
  regression_missed: {
    what: 'regression of yesterday, not done',
    to: 'who answers for the calendar',
    ends: 'passed, failed or skipped, or the month is over',
    owner: 'the admins, while they are away',
    after: 'next_day',
    parts: DAY,
    repeat: 'once',
    escalate: null,
    where: 'dm',
    outage: 'once',
  },
  triage: {
    what: 'triage left alone',
    to: 'who is on duty; else the channel of triage',
    ends: 'something is done about each',
    owner: 'nobody more',
    after: 0,
    parts: DAY,
    repeat: 'daily',
    escalate: null,
    where: 'dm',
    outage: 'once',
  },
  note_overdue: {
    what: 'an issue, meeting or topic overdue',
    to: 'who answers for it',
    ends: 'closed, or another due date',
    owner: 'who opened it',
    after: 0,
    parts: DAY,
    repeat: 'daily',
    escalate: 2,
    where: 'dm',
    outage: 'once',
  },
};
