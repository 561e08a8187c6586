import { inWords } from '../../base/actor.ts';
import type { Role } from '../../base/policy.ts';
import type { ActKind } from './types.ts';

/** Who an action is open to: a role, this release's manager, or any member of the workspace. */
export type Who = Role | 'manager' | 'anyone';

/**
 * Who may do what on a release. `anyone` is any full member of the workspace (never a bot, guest, deactivated user or
 * person from a shared channel). What `anyone` may do is further limited to their own: their eyes, sign-off, hold.
 */
export const PERMISSIONS = {
  open: ['operator', 'engineer', 'admin'],
  candidate: ['manager', 'engineer', 'admin'],
  ready: ['operator'],
  away: ['anyone'],
  lgtm: ['operator'],
  verify: ['operator'],
  retract: ['anyone'],
  hold: ['anyone'],
  reason: ['anyone'],
  unhold: ['anyone'],
  ship: ['manager', 'admin'],
  ship_on_one: ['manager', 'admin'],
  shipped: ['manager', 'admin'],
  failed: ['manager', 'admin'],
  rollback: ['manager', 'admin', 'operator'],
  cancel: ['manager', 'admin'],
  review: ['operator'],
} as const satisfies Record<string, readonly Who[]>;

export type Permission = keyof typeof PERMISSIONS;

/** Acts the bot itself does, by a rule; no person can ask for them. */
export const SYSTEM_ACTS = [
  'tick',
  'emergency_opened',
  'emergency_cancelled',
  'tree_verified',
  'authors_known',
] as const satisfies readonly ActKind[];

/** The roles of `who` in words: "this release's manager or an admin". */
export const whoMay = (who: readonly Who[]) =>
  inWords(who, { manager: "this release's manager", anyone: 'any member of the workspace' });
