/** Tells the time. Passed as an argument so that rules and tests decide what now is. */
export type Clock = () => Date;

/** The machine's own clock. What must agree between instances asks the database for its time instead. */
export const systemClock: Clock = () => new Date();
