import type { Role } from '../../base/policy.ts';

/** Who an action is open to: a role, who has the assignment, or any full member of the workspace. */
export type CalendarWho = Role | 'tester' | 'anyone';

/** Who may do what with the regression calendar. `anyone` is never a bot, guest, deactivated user or person from a shared channel. */
export const CALENDAR_PERMISSIONS = {
  look: ['anyone'],
  plan: ['admin'],
  pass: ['tester', 'admin'],
  fail: ['tester', 'admin'],
  skip: ['tester', 'admin'],
  swap: ['tester'],
  away: ['anyone'],
  away_other: ['admin'],
} as const satisfies Record<string, readonly CalendarWho[]>;

export type CalendarPermission = keyof typeof CALENDAR_PERMISSIONS;
