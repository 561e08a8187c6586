import type { Role } from '../../base/policy.ts';
import type { RequestActKind } from './types.ts';

/** Who an action is open to: a role, who filed the request, or any full member of the workspace. */
export type FundsWho = Role | 'requester' | 'anyone';

/** Who may do what with test funds. `anyone` is never a bot, guest, deactivated user or person from a shared channel. */
export const FUNDS_PERMISSIONS = {
  request: ['anyone'],
  approve: ['treasurer'],
  deny: ['treasurer'],
  sent: ['treasurer'],
  agree: ['treasurer'],
  return: ['requester', 'treasurer'],
  settle: ['treasurer'],
  withdraw: ['requester'],
  edit: ['requester'],
  spend: ['anyone'],
  transfer: ['treasurer'],
  reverse: ['treasurer'],
} as const satisfies Record<RequestActKind | 'request' | 'spend' | 'transfer' | 'reverse', readonly FundsWho[]>;

export type FundsPermission = keyof typeof FUNDS_PERMISSIONS;
