/** What people are reminded of. */
export const KINDS = [
  'eyes',
  'production_check',
  'emergency_review',
  'blocker_owner',
  'blocker_news',
  'sign_off',
  'slot',
  'hold',
  'watch',
  'funds_request',
  'prod_review',
  'regression',
  'regression_missed',
  'triage',
  'note_overdue',
] as const;
export type Kind = (typeof KINDS)[number];

/** A person's Slack id; or a channel's, where nobody in particular is meant. */
export type Target = string;

/** One thing that waits to be done, as the other areas' tables show it now. It is gone from here once it is done. */
export interface Item {
  kind: Kind;
  /** What it is about, by its shown id where it has one: REL-12, BUG-7, FR-3. */
  subject: string;
  /** What is to be done, as mrkdwn that follows the subject: everything typed in it is escaped already. */
  text: string;
  /** Where it is looked at. */
  url: string | null;
  /** Its thread, where it has one. */
  thread: { id: number; channel: string } | null;
  /** Since when it waits. A later one is another wait: what was answered to the first does not count for it. */
  since: Date;
  /** Nobody hears of it from then on: the slot has begun, the watch is over. */
  until: Date | null;
  /** By when it should be done, where somebody said so. */
  due: Date | null;
  /** The only day on which it is of use (YYYY-MM-DD), where who hears of it is: their working hours of it, or of their working day before, where it is over for the team by then. */
  day: string | null;
  /**
   * It is about one slot of the cadence, from its proposal (`since`) until it begins (`until`). Each slot has reminders of its own, and who hardly works
   * between the two hears earlier.
   */
  ofSlot?: true;
  /** Who can do it. */
  people: readonly Target[];
  /** Who hears of it when they do not; null: nobody more than they. */
  owner: Target | null;
  /** Who hears of it where neither any of `people` nor `owner` is there (gone, or away today): the first of these of whom anybody is. */
  instead?: readonly (readonly Target[])[];
  /** Buttons that do it on the spot, as Block Kit has them; then nobody needs to say that it is done. */
  buttons?: readonly object[];
}

/** A reminder that went out. */
export interface Sent {
  kind: Kind;
  subject: string;
  target: Target;
  /** The local day of who got it. */
  day: string;
  part: number;
  since: Date;
  at: Date;
  /** Told apart: several that went out as one message have the same. */
  message: number;
  /** It came in a message to them, not in a thread. */
  digest: boolean;
  escalated: boolean;
}

export type AnswerKind = 'done' | 'not_today';

/** What somebody pressed on a reminder. */
export interface Answered {
  kind: Kind;
  subject: string;
  person: string;
  answer: AnswerKind;
  /** The local day of who pressed. */
  day: string;
  /** The wait it was about. */
  since: Date;
}

/** What is known of somebody who may be reminded. */
export interface Person {
  id: string;
  /** IANA zone; the team's where Slack has none. */
  zone: string;
  /** Deactivated, a bot, a guest or of another workspace: never reminded. */
  gone: boolean;
  /** Local days on which they are away, first and last included. */
  away: readonly { from: string; to: string }[];
}

/** Everything the rules look at. */
export interface Board {
  items: readonly Item[];
  sent: readonly Sent[];
  answers: readonly Answered[];
  people: ReadonlyMap<string, Person>;
}

/** A reminder that is due. */
export interface Due {
  item: Item;
  target: Target;
  day: string;
  part: number;
  /** It goes to who answers for it, for those who can do it did not. */
  escalated: boolean;
}

/** One message: a digest to one person or channel, or a line in the thread of one thing. */
export type Message =
  | { to: 'target'; target: Target; dues: Due[] }
  | { to: 'thread'; thread: { id: number; channel: string }; dues: Due[] };
