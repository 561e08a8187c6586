// R9: a scheduled release ships in its slot and outside freezes.
import { describe, expect, test } from 'vitest';
import { card, stateLine } from '../../../src/areas/releases/blocks.ts';
import { needs } from '../../../src/areas/releases/home.ts';
import { slotLine } from '../../../src/areas/releases/slot-lines.ts';
import type { Facts, ReviewPolicy } from '../../../src/areas/releases/types.ts';
import type { Cadence } from '../../../src/base/policy.ts';
import type { Freeze } from '../../../src/base/slots.ts';
import { ACTS, ENG, MAX, minutes, POLICY, playTo, someFacts } from '../../support/facts.ts';
import { TEAM } from '../../support/team.ts';

// T0 is Monday 2 March 2026, 09:00 in UTC and in Lisbon.
const CADENCE: Cadence = { slots: [600, 900], days: [1, 2, 3, 4, 5], graceMinutes: 60, proposeMinutesBefore: 90 };
const slots = { zone: 'Europe/Lisbon', holidays: [], cadence: CADENCE };
const policy: ReviewPolicy = { ...POLICY, slots };
const freeze = (over: Partial<Freeze> = {}): Freeze => ({
  id: 3,
  product: null,
  startsAt: minutes(-60),
  endsAt: minutes(300),
  reason: 'the <year> ends',
  setBy: ENG.id,
  ...over,
});

function shipAt(
  minute: number,
  facts: Partial<Facts> = {},
  kind: 'scheduled' | 'emergency' = 'scheduled',
  rules = policy,
) {
  const p = playTo('approved', { ...POLICY, ...(rules.slots && { slots: rules.slots }) });
  p.set({ ...facts, release: { ...p.facts.release, kind } });
  p.wait(minute);
  p.reconciled();
  const d = p.do(MAX, ACTS.ship);
  return d.refusal ?? p.state;
}

describe('R9: shipping', () => {
  test('R9: only in the slot with its grace; else the way to the emergency is told', () => {
    expect(shipAt(59)).toMatchObject({ code: 'slot', next: expect.stringContaining('/release emergency') });
    expect(shipAt(59)).toMatchObject({ next: expect.stringMatching(/next slot, <!date\^1772445600\^/) });
    expect(shipAt(60)).toBe('shipping');
    expect(shipAt(120)).toBe('shipping');
    expect(shipAt(121)).toMatchObject({ code: 'slot' });
    expect(shipAt(121, {}, 'emergency')).toBe('shipping');
    expect(shipAt(121, {}, 'scheduled', POLICY), 'a policy without slots').toBe('shipping');
  });

  test('R9: not in a freeze, with slots or without', () => {
    expect(shipAt(60, { freezes: [freeze()] })).toMatchObject({
      code: 'frozen',
      reason: expect.stringContaining('the &lt;year&gt; ends'),
      next: expect.stringContaining('next slot'),
    });
    expect(shipAt(60, { freezes: [freeze({ product: 'other' })] })).toBe('shipping');
    expect(shipAt(60, { freezes: [freeze()] }, 'emergency')).toBe('shipping');
    expect(shipAt(60, { freezes: [freeze()] }, 'scheduled', POLICY)).toMatchObject({
      code: 'frozen',
      next: expect.stringContaining('Ship it after that'),
    });
    const ever = freeze({ endsAt: minutes(2 * 365 * 24 * 60) });
    expect(shipAt(60, { freezes: [ever] })).toMatchObject({ next: expect.stringContaining('No slot is in sight') });
  });

  test('R9: what keeps it from being signed off is told first', () => {
    const p = playTo('approved', policy);
    p.set({ unfinished: { candidate: 1, production: 0 } });
    expect(p.do(MAX, ACTS.ship).refusal?.code).toBe('unfinished');
  });
});

test('R9: the App Home asks its manager to ship only when it may', () => {
  const f = { ...playTo('approved').facts };
  const at = (minute: number) => needs(f, MAX, { ...TEAM, cadence: CADENCE }, minutes(minute));
  expect(at(0)).toBe('approved: it ships in its next slot');
  expect(at(60)).toBe('approved: ship it');
  const again = { ...f, unfinished: { candidate: 1, production: 0 } };
  expect(needs(again, MAX, TEAM, minutes(60))).toBe('approved: test cases are to be finished before it ships');
});

describe('the card', () => {
  const team = { ...TEAM, cadence: CADENCE };
  const line = (minute: number, over: Parameters<typeof someFacts>[0] = {}, rules = team) =>
    slotLine(someFacts(over), rules, minutes(minute));

  test('R9: says when its slot is, or until when it is open, while it is not shipped', () => {
    expect(line(0)).toMatch(/next slot <!date\^1772445600\^/);
    expect(line(60)).toMatch(/its slot is open until <!date\^1772449200\^/);
    expect(line(0, { release: { state: 'shipping' } })).toBeNull();
    expect(line(0, { release: { kind: 'emergency' } })).toBeNull();
    expect(slotLine(someFacts(), TEAM, minutes(0))).toBeNull();
    const drawn = card(someFacts(), team, minutes(0));
    expect(JSON.stringify(drawn.blocks)).toContain('next slot');
    expect(stateLine(someFacts(), team, minutes(0))).not.toContain('slot');
  });

  test('R9: says that and until when it is frozen', () => {
    expect(line(0, { freezes: [freeze()] })).toMatch(/:snowflake: frozen until .*the &lt;year&gt; ends · next slot/);
    expect(slotLine(someFacts({ freezes: [freeze()] }), TEAM, minutes(0))).toMatch(/ends$/);
    const ever = freeze({ endsAt: minutes(2 * 365 * 24 * 60) });
    expect(line(0, { freezes: [ever] })).toContain('no slot is in sight');
    const never = { ...team, team: { ...team.team, holidays: [] }, cadence: { ...CADENCE, days: [] } };
    expect(line(0, {}, never)).toBe(':calendar: no slot is in sight');
  });
});
