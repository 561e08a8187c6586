// What every area knows of a release.

/** R1: the states in which it is on its way to production. */
export const OPEN_STATES = ['waiting', 'testing', 'approved', 'shipping', 'verifying'] as const;

/** R8: how long it is watched after it was done. */
export const WATCH_MS = 24 * 3_600_000;
