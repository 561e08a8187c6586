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
export function inProdWords(who: readonly ProdWho[]): string {
  const words: Record<ProdWho, string> = {
    operator: 'an operator',
    engineer: 'an engineer',
    product: 'somebody of the product team',
    treasurer: 'a treasurer',
    admin: 'an admin',
    involved: 'who has a role in it',
  };
  const list = who.map((w) => words[w]);
  return list.length < 2 ? list.join('') : `${list.slice(0, -1).join(', ')} or ${list.at(-1)}`;
}
