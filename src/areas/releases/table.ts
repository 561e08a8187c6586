import type { ActKind, State } from './types.ts';

/**
 * R1: the one table of what may happen in which state. The value is the state the act leads to when its conditions hold, or
 * `stay`. An act that is missing for a state is refused there. Conditions are in rules.ts; nothing else moves a release.
 */
export const TABLE: Record<State, Partial<Record<ActKind, State | 'stay'>>> = {
  waiting: {
    ready: 'testing',
    away: 'stay',
    retract: 'stay',
    hold: 'stay',
    reason: 'stay',
    unhold: 'stay',
    candidate: 'stay',
    cancel: 'cancelled',
    emergency_opened: 'stay',
    emergency_cancelled: 'stay',
    tree_verified: 'stay',
    authors_known: 'stay',
    tick: 'testing',
  },
  testing: {
    ready: 'stay',
    away: 'waiting',
    lgtm: 'approved',
    retract: 'stay',
    hold: 'stay',
    reason: 'stay',
    unhold: 'stay',
    candidate: 'stay',
    ship_on_one: 'shipping',
    cancel: 'cancelled',
    emergency_opened: 'stay',
    emergency_cancelled: 'stay',
    tree_verified: 'stay',
    authors_known: 'stay',
    tick: 'waiting',
  },
  approved: {
    ready: 'stay',
    away: 'stay',
    lgtm: 'stay',
    retract: 'testing',
    hold: 'testing',
    reason: 'stay',
    unhold: 'stay',
    candidate: 'testing',
    ship: 'shipping',
    cancel: 'cancelled',
    emergency_opened: 'testing',
    emergency_cancelled: 'stay',
    tree_verified: 'stay',
    authors_known: 'testing',
    tick: 'testing',
  },
  shipping: {
    away: 'stay',
    retract: 'stay',
    hold: 'stay',
    reason: 'stay',
    unhold: 'stay',
    shipped: 'verifying',
    failed: 'testing',
    rollback: 'rolled_back',
    review: 'stay',
    emergency_cancelled: 'stay',
    tree_verified: 'stay',
    authors_known: 'stay',
    tick: 'stay',
  },
  verifying: {
    ready: 'stay',
    away: 'stay',
    verify: 'done',
    retract: 'stay',
    hold: 'stay',
    reason: 'stay',
    unhold: 'stay',
    rollback: 'rolled_back',
    review: 'stay',
    emergency_cancelled: 'stay',
    tree_verified: 'stay',
    authors_known: 'stay',
    tick: 'stay',
  },
  done: {
    authors_known: 'stay',
    retract: 'stay',
    hold: 'stay',
    reason: 'stay',
    unhold: 'stay',
    rollback: 'rolled_back',
    review: 'stay',
    tick: 'stay',
  },
  cancelled: { tick: 'stay' },
  rolled_back: { review: 'stay', tick: 'stay' },
};

/** The state in words, as in "release v1.2.3 is …". */
export const STATE_SAYS: Record<State, string> = {
  waiting: 'waiting for two sets of eyes',
  testing: 'being tested',
  approved: 'approved and waiting to ship',
  shipping: 'being pushed to production',
  verifying: 'live and being checked in production',
  done: 'done',
  cancelled: 'cancelled',
  rolled_back: 'rolled back',
};

const HERE = 'Two operators say they are here first: the "I\'m here" button, :eyes: on the card, or `/release ready`.';
const SIGN = 'Two operators present sign off the candidate first: the LGTM button, or `/release lgtm`.';
const LIVE = 'Say it is live with `/release shipped`, or `/release failed`, or `/release rollback`.';
const CHECK =
  'Use the Production check message in the thread, `/release ready` and `/release verify`, or `/release rollback`.';
const OVER = 'Open the next one with `/release open`.';

/** What to do instead, when an act is refused for the state alone. The act's own line wins over the state's. */
export const NEXT: Record<State, Partial<Record<ActKind, string>> & { else: string }> = {
  waiting: { else: HERE },
  testing: { else: SIGN, verify: `That is for production. ${SIGN}` },
  approved: { else: 'Its manager or an admin ships it with `/release ship`.' },
  shipping: { else: LIVE, ready: 'The production check opens once it is live; say you are here then.' },
  verifying: { else: CHECK, candidate: 'Roll back first (`/release rollback`), then open a new release.' },
  done: { else: 'Nothing is left to do here. Within 24 h it can still be rolled back with `/release rollback`.' },
  cancelled: { else: OVER },
  rolled_back: { else: OVER },
};
