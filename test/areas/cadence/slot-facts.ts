// Slots and freezes, for the tests of their rules.
import type { Cadence } from '../../../src/base/policy.ts';
import type { Freeze, SlotRules } from '../../../src/base/slots.ts';
import { ENG } from '../../support/facts.ts';

// A Monday.
export const at = (time: string) => new Date(`2027-03-01T${time}:00Z`);
export const NOW = at('09:00');
const CADENCE: Cadence = { slots: [600, 900], days: [1, 2, 3, 4, 5], graceMinutes: 60, proposeMinutesBefore: 90 };
export const RULES: SlotRules = { zone: 'UTC', holidays: [], cadence: CADENCE };
export const freeze = (over: Partial<Freeze> = {}): Freeze => ({
  id: 1,
  product: null,
  startsAt: at('00:00'),
  endsAt: at('23:00'),
  reason: 'audit',
  setBy: ENG.id,
  ...over,
});
