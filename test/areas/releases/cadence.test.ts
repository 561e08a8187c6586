// R9: a scheduled release ships in its slot and outside freezes.
import { describe, expect, test } from 'vitest';
import { card, stateLine } from '../../../src/areas/releases/blocks.ts';
import { needs } from '../../../src/areas/releases/home.ts';
import { lineFor } from '../../../src/areas/releases/lines.ts';
import { slotLine } from '../../../src/areas/releases/slot-lines.ts';
import type { Facts, ReviewPolicy } from '../../../src/areas/releases/types.ts';
import type { Cadence, Policy } from '../../../src/base/policy.ts';
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
    // What was said of the slot holds, also when the policy is another by now.
    const slots = [{ local: '2026-03-02T10:00', at: minutes(60), until: minutes(90) }];
    expect([shipAt(90, { slots }), shipAt(91, { slots })]).toEqual([
      'shipping',
      expect.objectContaining({ code: 'slot' }),
    ]);
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
  const team = { ...TEAM, cadence: CADENCE };
  const at = (minute: number) => needs(f, MAX, team, minutes(minute));
  expect(at(0)).toMatch(/^approved: it waits for its slot on <!date\^1772445600\^.*, then ship it$/);
  expect(at(60)).toBe('approved: ship it');
  const again = { ...f, unfinished: { candidate: 1, production: 0 } };
  expect(needs(again, MAX, TEAM, minutes(60))).toBe('approved: it waits for 1 test case, then ship it');
});

test('R9: an approved release says what keeps it from shipping now, in the facts that shipping is refused with', () => {
  const f = playTo('approved').facts;
  const team = { ...TEAM, cadence: CADENCE };
  const gating = { ...team, testing: { ...TEAM.testing, ciGates: true } };
  const state = (minute: number, over: Partial<Facts> = {}, rules: Policy = team) =>
    stateLine({ ...f, ...over }, rules, minutes(minute));
  expect(state(0)).toMatch(/waits for its slot on <!date\^1772445600\^.*, then <@UMAX> or an admin ships it$/);
  expect(state(60)).toMatch(/— <@UMAX> or an admin ships it$/);
  expect(state(0, { release: { ...f.release, kind: 'emergency' } })).toMatch(/— <@UMAX> or an admin ships it$/);
  expect(state(60, { freezes: [freeze()] })).toMatch(/waits for its slot on <!date\^1772463600\^/);
  expect(state(60, { freezes: [freeze()] }, TEAM)).toMatch(/waits for the end of the freeze on <!date\^1772460000\^/);
  const ever = freeze({ endsAt: minutes(2 * 365 * 24 * 60) });
  expect(state(60, { freezes: [ever] })).toContain('waits for a slot, and none is in sight, then');
  for (const ci of [
    { passed: 3, failed: 1, waiting: [] },
    { passed: 3, failed: 0, waiting: ['unit'] },
  ]) {
    expect(state(60, { ci }, gating)).toContain('waits for the automated tests, then <@UMAX>');
    expect(needs({ ...f, ci }, MAX, gating, minutes(60))).toBe(
      'approved: it waits for the automated tests, then ship it',
    );
    expect(state(60, { ci })).toMatch(/— <@UMAX> or an admin ships it$/);
  }
  const lost = { release: { ...f.release, lostAt: minutes(0) } };
  expect(state(60, lost)).toContain('waits for its channel to be readable again, then');
});

test('R9: the line of the approval says which slot it waits for', () => {
  const p = playTo('approved');
  const change = { kind: 'state', from: 'testing', to: 'approved' } as const;
  const said = (minute: number, over: Partial<Facts> = {}) =>
    lineFor(p.facts, { ...p.facts, ...over }, [change], policy, minutes(minute))?.text;
  expect(said(0)).toMatch(/<@UMAX> or an admin can ship it; it waits for its slot on <!date\^1772445600\^[^.]*\.$/);
  expect(said(60)).toMatch(/<@UMAX> or an admin can ship it\.$/);
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
    // Once approved the first line says it, and it is not said twice.
    expect(line(0, { release: { state: 'approved' } })).toBeNull();
    expect(line(0, { release: { state: 'approved' }, freezes: [freeze()] })).toContain('frozen until');
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
