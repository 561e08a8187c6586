import { type Actor, rolesUnread, SHIPSHAPE } from '../../base/actor.ts';
import type { Refusal } from '../../base/errors.ts';
import { OPEN_STATES } from '../../base/release.ts';

/** A feature flag's name, as test specs and labels write it. */
export const FLAG = /^[a-z0-9_-]{1,60}(?:\.[a-z0-9_-]{1,60}){0,5}$/;

/** What was last said of one flag since the release was opened. */
export interface Said {
  flag: string;
  asked: boolean;
  /** `shipshape` where a label of a change asked. */
  person: string;
}

/** What of a release decides about its flags. */
export interface FlagFacts {
  state: string;
  manager: string;
  /** "Feature flags to test" of the opening form: free text. */
  form: string | null;
  said: Said[];
}

/** Flags to be tested from now on, and flags not to be. */
export interface FlagsAsk {
  add: readonly string[];
  drop: readonly string[];
}

/** A flag as it is kept: lower case, without backticks; undefined for what cannot be one. */
export function readFlag(text: string): string | undefined {
  const flag = text.trim().replace(/^`|`$/g, '').toLowerCase();
  return FLAG.test(flag) ? flag : undefined;
}

/** R10: the flags to test: those the opening form's words name, and those asked for since, without those that somebody said are not to be. */
export function askedFlags({ form, said }: Pick<FlagFacts, 'form' | 'said'>): Set<string> {
  const asked = new Set<string>(form?.toLowerCase().match(/[a-z0-9_-]+(?:\.[a-z0-9_-]+)*/g));
  for (const s of said) {
    if (s.asked) asked.add(s.flag);
    else asked.delete(s.flag);
  }
  return asked;
}

/** Whether flags can still be asked for: the release is on its way. */
export function takesFlags(state: string): boolean {
  return (OPEN_STATES as readonly string[]).includes(state);
}

/** R10: who asks for flags: the release's manager, operators and engineers. @returns why this person may not, now */
export function flagsBarred(f: Pick<FlagFacts, 'state' | 'manager'>, actor: Actor): Refusal | null {
  if (actor.standing !== 'member')
    return {
      code: 'standing',
      reason: 'only members of this workspace ask for flags',
      next: 'Ask its release manager.',
    };
  const may = actor.id === f.manager || actor.roles.has('operator') || actor.roles.has('engineer');
  if (!may) {
    const unread = rolesUnread(actor);
    if (unread) return unread;
    const reason = "only this release's manager, an operator or an engineer can do that";
    return { code: 'role', reason, next: 'Ask one of them; roles are set in the policy file.' };
  }
  if (takesFlags(f.state)) return null;
  const next = 'Flags of the next release are named when it is opened, or with `/release flag`.';
  return { code: 'over', reason: `it is ${f.state.replace('_', ' ')}`, next };
}

/**
 * R10: what an ask changes; a flag that is asked for already, or was not, is left as it is. One that only a label asks for is asked for anew: what a
 * person said outlives the label.
 */
export function flagChanges({ form, said }: Pick<FlagFacts, 'form' | 'said'>, ask: FlagsAsk): FlagsAsk {
  const asked = askedFlags({ form, said });
  const byPeople = askedFlags({ form, said: said.filter((s) => s.person !== SHIPSHAPE.id) });
  const once = (flags: readonly string[]) => [...new Set(flags)];
  return { add: once(ask.add).filter((x) => !byPeople.has(x)), drop: once(ask.drop).filter((x) => asked.has(x)) };
}

/** R10: the flags that labels ask for, by what the labels begin with. */
export function labelFlags(labels: readonly string[], prefix: string): string[] {
  const named = labels.filter((l) => l.toLowerCase().startsWith(prefix)).map((l) => readFlag(l.slice(prefix.length)));
  return [...new Set(named.filter((x) => x !== undefined))];
}
