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
export function inWords(who: readonly Who[]): string {
  const words: Record<Who, string> = {
    operator: 'an operator',
    engineer: 'an engineer',
    product: 'somebody of the product team',
    treasurer: 'a treasurer',
    admin: 'an admin',
    manager: "the release's manager",
    anyone: 'any member of the workspace',
  };
  const list = who.map((w) => words[w]);
  return list.length < 2 ? list.join('') : `${list.slice(0, -1).join(', ')} or ${list.at(-1)}`;
}
