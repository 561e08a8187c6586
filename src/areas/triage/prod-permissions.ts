import { inWords } from '../../base/actor.ts';
import type { Role } from '../../base/policy.ts';
import type { ProdActKind } from './prod-types.ts';

/** Who an action is open to: a role of the team, or whoever has a role in this prod issue. */
export type ProdWho = Role | 'involved';

/** Who may do what with a prod issue. */
export const PROD_PERMISSIONS = {
  escalate: ['operator', 'engineer', 'product', 'admin'],
  mitigate: ['involved', 'operator', 'engineer', 'admin'],
  resolve: ['involved', 'operator', 'engineer', 'admin'],
  reopen: ['involved', 'operator', 'engineer', 'product', 'admin'],
  assign: ['involved', 'operator', 'engineer', 'product', 'admin'],
  attribute: ['involved', 'operator', 'engineer', 'admin'],
  review: ['involved', 'operator', 'engineer', 'product', 'admin'],
} as const satisfies Record<ProdActKind | 'escalate', readonly ProdWho[]>;

export type ProdPermission = keyof typeof PROD_PERMISSIONS;

/** The roles of `who` in words: "an operator or an admin". */
export const whoMayProd = (who: readonly ProdWho[]) => inWords(who, { involved: 'who has a role in it' });
