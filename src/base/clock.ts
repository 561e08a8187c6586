/** Tells the time. Passed as an argument so that rules and tests decide what now is. */
export type Clock = () => Date;

/** The machine's own clock. What must agree between instances asks the database for its time instead. */
export const systemClock: Clock = () => new Date();

/** Clocks of two hosts may differ by so much. */
export const APART_MS = 5_000;

/** Whether `at` was noted while a clock was fast, for it lies further ahead of `now` than two hosts' clocks may differ: it says nothing of when. */
export function isAhead(at: Date, now: Date): boolean {
  return at.getTime() - now.getTime() > APART_MS;
}
