import type { Role } from '../../base/policy.ts';

/** Who may do what with slots and freezes (R9). */
export const CADENCE_PERMISSIONS = {
  freeze: ['engineer', 'admin'],
  thaw: ['engineer', 'admin'],
  skip: ['operator', 'engineer', 'admin'],
} as const satisfies Record<string, readonly Role[]>;

export type CadencePermission = keyof typeof CADENCE_PERMISSIONS;
