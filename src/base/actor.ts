import type { Role } from './policy.ts';

/** Who acts: roles and standing as they are now; judged at the act and recorded with it. */
export interface Actor {
  /** Slack user id, or `shipshape` for the bot itself. */
  id: string;
  roles: ReadonlySet<Role>;
  standing: 'member' | 'bot' | 'deactivated' | 'guest' | 'outsider';
  /** Why roles could not be read (a user group not refreshed for an hour), when that is so. */
  rolesUnknown?: string;
}

/** The bot itself, for what rules and time do. */
export const SHIPSHAPE: Actor = { id: 'shipshape', roles: new Set(), standing: 'member' };
