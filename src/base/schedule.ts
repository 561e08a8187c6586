/** Something that happens by the clock: one row of src/schedules/table.ts, kept in the table `schedules`. */
export interface Schedule {
  /** Unique; the function of that name in src/jobs/beats.ts does it. */
  name: string;
  /** Cron lines of five fields (minute hour day month weekday); each time that fits any of them is an occurrence. */
  cron: readonly string[];
  /** Whose time the lines mean: the policy's team.zone, or UTC. Oftener than hourly belongs in utc (R22). */
  zone: 'team' | 'utc';
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
}

/** One time a schedule came round. */
export interface Occurrence {
  /**
   * Unique for ever, the same in every instance: for job keys and causes. `daily@2027-03-01T09:00`, by the clock on the wall in the schedule's zone;
   * with seconds: somebody asked for it by hand.
   */
  key: string;
  /** The moment it was due, not the moment it is done. */
  at: Date;
}

export const GRACE_MINUTES = 10;
