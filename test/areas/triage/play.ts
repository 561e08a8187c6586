// Acts on a bug, for the tests of its rules.
import { decide } from '../../../src/areas/triage/rules.ts';
import type { Act, BugFacts, State } from '../../../src/areas/triage/types.ts';
import type { Actor } from '../../../src/base/actor.ts';
import { patched } from '../../support/bugs.ts';
import { ADA, BEN, minutes } from '../../support/facts.ts';

export const NOW = minutes(90);
export const NOT_BLOCKING = { blocking: false, state: 'reported' as State };

/** Plays acts one after the other; throws when one is not taken. */
export function play(f: BugFacts, ...steps: [Actor, Act][]): BugFacts {
  return steps.reduce((at, [who, act]) => {
    const d = decide(at, who, act, NOW);
    if (!('patch' in d)) throw new Error(`${act.kind}: ${JSON.stringify(d)}`);
    return patched(at, d.patch);
  }, f);
}

export function code(f: BugFacts, who: Actor, act: Act): string | undefined {
  const d = decide(f, who, act, NOW);
  return 'refusal' in d ? d.refusal.code : 'already' in d ? 'already' : undefined;
}

export const CONFIRM: [Actor, Act][] = [
  [ADA, { kind: 'recreate' }],
  [BEN, { kind: 'tried', happens: false }],
];
export const ASK: Extract<Act, { kind: 'ask' }> = { kind: 'ask', what: 'downgrade', reason: 'only in a test build' };
