/** Something that happens by the clock: one row of src/schedules/table.ts, kept in the table `schedules`. */
export interface Schedule {
  /** Unique. Those made from the policy say what they are of: `slot:10:00`. */
  name: string;
  /** Which function of src/jobs/beats.ts does it; left out: the one of that name. */
  beat?: string;
  /** Cron lines of five fields (minute hour day month weekday); each time that fits any of them is an occurrence. */
  cron: readonly string[];
  /** Whose time the lines mean: the policy's team.zone, UTC, or an IANA zone. Oftener than hourly belongs in utc (R22). */
  zone: string;
  /** Monday to Friday without the policy's holidays; left out: every day the lines say. */
  days?: 'working';
  /** For people: what is done, without a full stop. */
  what: string;
  /**
   * What becomes of times that passed while nothing ran, and are over `graceMinutes` old. once: the newest of them is made
   * up for, unless a younger one is done anyway. skip: none.
   */
  afterOutage: 'once' | 'skip';
  /** How late an occurrence is still on time and done like any other; left out: 10. */
  graceMinutes?: number;
  /** What the beat needs to know, such as the product. */
  payload?: Record<string, string>;
}

/** One time a schedule came round. */
export interface Occurrence {
  name: string;
  /** Unique for ever, the same in every instance: for job keys and causes. `daily@2027-03-01T09:00`. */
  key: string;
  /** What the clock on the wall says in the schedule's zone: `2027-03-01T09:00`. With seconds: somebody asked for it by hand. */
  local: string;
  /** The day of `local`: `2027-03-01`. */
  day: string;
  /** The moment it was due, not the moment it is done. */
  at: Date;
  /** After an outage: over its grace late. */
  late: boolean;
  payload: Record<string, string>;
}

export const GRACE_MINUTES = 10;
