import type { Refusal } from './errors.ts';
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

const STRANGERS: Record<Exclude<Actor['standing'], 'member'>, string> = {
  bot: 'bots',
  deactivated: 'deactivated people',
  guest: 'guests',
  outsider: 'people from other workspaces',
};

/** Only full members of the workspace do anything here, and only they are shown anything. @param cannot what is refused: `cannot act on threads` @returns the refusal, or null for members */
export function membersOnly(actor: Actor, cannot: string): Refusal | null {
  if (actor.standing === 'member') return null;
  const reason = `${STRANGERS[actor.standing]} ${cannot}`;
  return { code: 'standing', reason, next: 'Ask a member of this workspace to do it.' };
}

/** Who may read what the bot knows: releases, bugs, issues, test funds. @returns the refusal, or null */
export function forbiddenToRead(actor: Actor): Refusal | null {
  const stranger = membersOnly(actor, 'are not shown what Shipshape keeps');
  return stranger && { ...stranger, next: 'Ask a member of this workspace about it.' };
}

const ROLE_SAYS: Record<Role, string> = {
  operator: 'an operator',
  engineer: 'an engineer',
  product: 'somebody of the product team',
  treasurer: 'a treasurer',
  admin: 'an admin',
};

/** Who may, in words: "an operator, an engineer or an admin". @param says those that are no role of the team, such as a release's manager */
export function inWords<W extends string>(who: readonly (Role | W)[], says: Record<W, string>): string {
  const words: Record<string, string> = { ...ROLE_SAYS, ...says };
  const list = who.map((w) => words[w]);
  return list.length < 2 ? list.join('') : `${list.slice(0, -1).join(', ')} or ${list.at(-1)}`;
}

/** Whoever lacks a role while roles could not be read is not refused for good. @returns the refusal, or null when roles are known */
export function rolesUnread({ rolesUnknown }: Actor): Refusal | null {
  const next = 'Try again in a few minutes, or tell an admin.';
  return rolesUnknown === undefined ? null : { code: 'roles_unknown', reason: rolesUnknown, next };
}
