import type { Bug, Priority } from './types.ts';

/** What the form asks that a priority follows from; an answer not given counts as not known. */
export type Answers = Readonly<Record<string, string | undefined>>;

/** How many users meet it: `users` of the answers. */
export const USERS = {
  all: 'Everybody',
  many: 'Many',
  some: 'Some',
  one: 'One, as far as we know',
  unknown: 'Not known',
} as const;

/** Whether users can still move their money: `money` of the answers. */
export const MONEY = { yes: 'Yes', no: 'No, they cannot', unknown: 'Not known' } as const;

/** What helps against it: `workaround` of the answers. */
export const WORKAROUND = {
  refresh: 'A refresh',
  cache: 'Clearing the cache',
  private: 'A private window',
  none: 'Nothing of these',
  untried: 'Not tried yet',
} as const;

/** Whether it keeps users from their money. */
export function hitsMoney(a: Answers): boolean {
  return a.money === 'no';
}

/**
 * The priority of a bug by its answers:
 * money cannot be moved → P0, for a single user P1; everybody or many, or a key feature → P1, with a workaround P2;
 * one user → P3; the rest → P2, with a workaround P3.
 */
export function computedPriority(a: Answers): Priority {
  if (hitsMoney(a)) return a.users === 'one' ? 'P1' : 'P0';
  const helped = a.workaround === 'refresh' || a.workaround === 'cache' || a.workaround === 'private';
  if (a.users === 'all' || a.users === 'many' || a.feature) return helped ? 'P2' : 'P1';
  if (a.users === 'one') return 'P3';
  return helped ? 'P3' : 'P2';
}

/** R12: why somebody asks who accepts the bot's proposal. It is how that question is known: it lapses when production turns out not to have it. */
export const SAME_IN_PRODUCTION = 'it happens in production too, so it is no regression of this release (R12)';

/** R12: what the bot proposes for a blocker that happens in production too; null when nothing. */
export function proposal(bug: Bug, hits: boolean): 'downgrade' | 'prod_issue' | null {
  if (!bug.blocking || bug.endedAt || bug.inProduction !== 'yes') return null;
  return hits ? 'prod_issue' : 'downgrade';
}
