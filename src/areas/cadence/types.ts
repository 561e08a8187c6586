import type { Freeze } from '../../base/slots.ts';

/**
 * What became of a slot for one product. done: its push began in it. late: the release that was to go out in it went out later.
 * missed: nothing went out, and nobody had said that nothing should. cancelled: skipped, frozen, or its release was cancelled.
 */
export type Outcome = 'planned' | 'done' | 'late' | 'missed' | 'cancelled';

/** Outcomes counted; those still planned are left out. */
export type Kept = Record<Exclude<Outcome, 'planned'>, number>;

/** A slot that was proposed. */
export interface SlotRow {
  id: number;
  /** `2027-03-01T10:00` by the team's clock. */
  local: string;
  at: Date;
  until: Date;
  proposedAt: Date;
}

/** A slot of one product, as the database has it. */
export interface ProductSlot {
  product: string;
  outcome: Outcome;
  releaseId: number | null;
  skippedBy: string | null;
  developAhead: number | null;
}

/** What of a scheduled release decides the outcome of a slot. */
export interface Pushed {
  id: number;
  openedAt: Date;
  /** When its last push began; null before. */
  shippingAt: Date | null;
  /** Whether that push took it out of testing: not after it failed. */
  out: boolean;
  /** When it was cancelled; null otherwise. */
  cancelledAt: Date | null;
}

/** A person's days off, both included. */
export interface Absence {
  person: string;
  fromDay: string;
  toDay: string;
}

/** A freeze as it is asked for. */
export type FreezeAsk = Pick<Freeze, 'product' | 'startsAt' | 'endsAt' | 'reason'>;

/** Which freezes somebody wants to end: one by id, or those of a product (null: those of all products); undefined: the only one. */
export type ThawAsk = { id: number } | { product: string | null } | undefined;

/** What the message of a slot says of one product. */
export interface ProposedProduct extends Omit<ProductSlot, 'releaseId'> {
  name: string;
  /** The release that is open, or that went out in it: a link, and what it waits for, both mrkdwn; `since`: it was opened when the slot had begun. */
  release: { shown: string; waits: string; since: boolean } | null;
  /** The one that went out before and is not done: a link, and what it waits for. Until then no other can be opened. */
  before: { shown: string; waits: string } | null;
  blockers: { id: number; title: string; url: string | null }[];
  freeze: Freeze | null;
}

export interface SlotFacts {
  slot: SlotRow;
  products: ProposedProduct[];
  /** Who is on duty on its day. */
  duty: string[];
}
