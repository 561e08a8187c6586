import type { Refusal } from '../../base/errors.ts';
import { date, escapeText, truncate } from '../../base/mrkdwn.ts';
import type { Policy } from '../../base/policy.ts';
import { type SlotRules, shipWindow, slotRules, type Window } from '../../base/slots.ts';
import type { Facts } from './types.ts';

const EMERGENCY =
  'if it cannot wait, an emergency ships at any time: `/release emergency <product> <version> <commit> <PI-3 or link> <reason>`';

/** R9: whether it may ship now. The times of a slot on record hold, whatever grace or zone the policy has since. */
function windowOf(f: Facts, rules: SlotRules, now: Date): Window {
  return shipWindow({ ...rules, kept: f.slots }, f.freezes, f.release.product, now);
}

/** R9: why this release may not ship now: outside its slot and grace, or in a freeze; null when it may. An emergency always may. */
export function outOfSlot(f: Facts, rules: SlotRules, now: Date): Refusal | null {
  if (f.release.kind === 'emergency') return null;
  const window = windowOf(f, rules, now);
  if (window.open) return null;
  const { freeze, next } = window;
  const wait = next
    ? `Ship it in its next slot, ${date(next.at, rules.zone)}`
    : freeze && !rules.cadence
      ? 'Ship it after that'
      : 'No slot is in sight';
  if (!freeze) return { code: 'slot', reason: 'no slot is open', next: `${wait}; ${EMERGENCY}.` };
  const why = escapeText(truncate(freeze.reason, 200));
  const reason = `releases are frozen until ${date(freeze.endsAt, rules.zone)} (${why})`;
  return { code: 'frozen', reason, next: `${wait}; ${EMERGENCY}.` };
}

/** R9: what a scheduled release that may not ship now waits for, in the words of the card's first line; null when it may. */
export function slotWaits(f: Facts, rules: SlotRules, now: Date): string | null {
  if (f.release.kind === 'emergency') return null;
  const window = windowOf(f, rules, now);
  if (window.open) return null;
  const { freeze, next } = window;
  if (next) return `its slot on ${date(next.at, rules.zone)}`;
  return freeze && !rules.cadence
    ? `the end of the freeze on ${date(freeze.endsAt, rules.zone)}`
    : 'a slot, and none is in sight';
}

/** What card and list say of a scheduled release's slot while it is not shipped; null where any time is right. */
export function slotLine(f: Facts, policy: Policy, now: Date): string | null {
  const { kind, state } = f.release;
  if (kind === 'emergency' || !['waiting', 'testing', 'approved'].includes(state)) return null;
  const rules = slotRules(policy);
  const window = windowOf(f, rules, now);
  if (window.open) return window.slot && `:calendar: its slot is open until ${date(window.slot.until, rules.zone)}`;
  const { freeze, next } = window;
  // The card's first line says for which slot it waits.
  if (!freeze && state === 'approved') return null;
  const then = next ? `next slot ${date(next.at, rules.zone)}` : rules.cadence ? 'no slot is in sight' : null;
  if (!freeze) return `:calendar: ${then}`;
  const why = escapeText(truncate(freeze.reason, 200));
  return `:snowflake: frozen until ${date(freeze.endsAt, rules.zone)}: ${why}${then ? ` · ${then}` : ''}`;
}
