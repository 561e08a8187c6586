import type { Role } from '../../base/policy.ts';
import type { NoteActKind } from './types.ts';

/** Who an action is open to: a role, who answers for it, who opened it, or any full member of the workspace. */
export type NoteWho = Role | 'responsible' | 'opener' | 'anyone';

/** Who may do what with an issue, meeting or topic. `anyone` is never a bot, guest, deactivated user or person from a shared channel. */
export const NOTE_PERMISSIONS = {
  open: ['anyone'],
  tick: ['anyone'],
  assign: ['anyone'],
  reopen: ['anyone'],
  due: ['responsible', 'opener', 'admin'],
  close: ['responsible', 'opener', 'admin'],
} as const satisfies Record<NoteActKind | 'open', readonly NoteWho[]>;

export type NotePermission = keyof typeof NOTE_PERMISSIONS;
