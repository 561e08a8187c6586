import { inWords } from '../../base/actor.ts';
import type { Role } from '../../base/policy.ts';
import type { ActKind } from './types.ts';

/** Who an action is open to: a role, the manager of an open release of the product, or any full member of the workspace. */
export type Who = Role | 'manager' | 'anyone';

/** Who may do what with a bug. `anyone` is never a bot, guest, deactivated user or person from a shared channel. */
export const PERMISSIONS = {
  report: ['anyone'],
  recreate: ['operator', 'engineer'],
  tried: ['operator', 'engineer'],
  fix: ['engineer', 'manager', 'operator'],
  retest: ['operator'],
  ask: ['operator'],
  agree: ['operator'],
  decline: ['operator'],
  block: ['operator', 'engineer', 'product', 'admin'],
  ticket: ['operator', 'engineer', 'product', 'admin'],
  resolve: ['operator', 'engineer', 'product', 'admin'],
  wontfix: ['operator', 'engineer', 'product', 'admin'],
  duplicate: ['operator', 'engineer', 'product', 'admin'],
  assign: ['operator', 'engineer', 'product', 'admin'],
  priority: ['operator', 'engineer', 'product', 'admin'],
} as const satisfies Record<ActKind | 'report', readonly Who[]>;

export type Permission = keyof typeof PERMISSIONS;

/** The roles of `who` in words: "an operator or an engineer". */
export const whoMay = (who: readonly Who[]) =>
  inWords(who, { manager: "the release's manager", anyone: 'any member of the workspace' });
