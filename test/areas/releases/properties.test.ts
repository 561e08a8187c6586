import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evolve } from '../../../src/areas/releases/evolve.ts';
import { counted, present } from '../../../src/areas/releases/facts.ts';
import { decide } from '../../../src/areas/releases/rules.ts';
import { TABLE } from '../../../src/areas/releases/table.ts';
import type { Act, Facts, ReviewPolicy, State } from '../../../src/areas/releases/types.ts';
import type { Actor } from '../../../src/base/actor.ts';
import { ADMIN, aBlocker, ENG, MAX, someFacts, T0 } from '../../support/facts.ts';
import { MOVES } from '../../support/verdicts.ts';
import { day, PEOPLE, type Step, TREES } from './properties-days.ts';
import { count, MINUTE, Oracle, reached } from './properties-oracle.ts';

/** Frozen all the way down: the rules must not write to what they are given. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}

/** What identifies each row, so that none is ever lost. */
function rows(f: Facts): string[] {
  return [
    ...f.candidates.map((c) => `candidate ${c.id} ${c.commit}`),
    ...f.presences.map((p) => `presence ${p.stage} ${p.person}`),
    ...f.signOffs.map((s) => `sign-off ${s.id} ${s.candidateId} ${s.stage} ${s.person}`),
    ...f.holds.map((h) => `hold ${h.id} ${h.person}`),
  ];
}

/** R9: a slot of 90 minutes every three hours of every day; all is frozen for two hours, six hours after the start. */
const SLOTS: ReviewPolicy['slots'] = {
  zone: 'UTC',
  holidays: [],
  cadence: {
    slots: [0, 180, 360, 540, 720, 900, 1080, 1260],
    days: [1, 2, 3, 4, 5, 6, 7],
    graceMinutes: 90,
    proposeMinutesBefore: 30,
  },
};
const FROZEN = { from: T0.getTime() + 360 * MINUTE, to: T0.getTime() + 480 * MINUTE };

/** R9, read anew: the moments in which a scheduled release may ship. */
function mayShipAt(now: number): boolean {
  return (now / MINUTE) % 180 <= 90 && !(now >= FROZEN.from && now < FROZEN.to);
}

interface World {
  f: Facts;
  oracle: Oracle;
  /** How many were ever filed. */
  blockers: number;
  policy: ReviewPolicy;
}

function takeStep(w: World, step: Step) {
  const { f, oracle } = w;
  if (step.do === 'wait') oracle.now += step.minutes * MINUTE;
  if (step.do === 'reconciled') w.f = { ...f, release: { ...f.release, reconciledAt: new Date(oracle.now) } };
  if (step.do === 'cases' || step.do === 'cases_done') {
    oracle.unfinished = step.do === 'cases' ? 1 : 0;
    w.f = { ...f, unfinished: { candidate: oracle.unfinished, production: 0 } };
  }
  if (step.do === 'fixed') {
    oracle.blockers = 0;
    w.f = { ...f, blockers: [] };
  }
  if (step.do === 'blocker') {
    // What triage writes is the bug alone; the release sees it at its next look.
    const late = ['shipping', 'verifying', 'done', 'rolled_back'].includes(f.release.state);
    oracle.blockers++;
    if (!late) oracle.interrupt();
    w.blockers++;
    w.f = { ...f, blockers: [...f.blockers, aBlocker({ id: w.blockers })] };
  }
  const named = step.do === 'verified' ? f.candidates.find((c) => c.id === step.candidate) : undefined;
  const tree = named && TREES[named.commit];
  if (named && tree) return takeAct(w, ADMIN, { kind: 'tree_verified', candidateId: named.id, tree });
  takeAct(w, step.do === 'act' ? PEOPLE[step.who] : ADMIN, step.do === 'act' ? step.act : { kind: 'tick' });
}

function takeAct(w: World, actor: Actor, act: Act) {
  const { f, oracle, policy } = w;
  const now = new Date(oracle.now);
  frozen(f);
  const d = decide(f, actor, act, policy, now);
  const settled = evolve(f, d.settled, now);
  const after = evolve(frozen(settled), d.changes, now);
  const was = settled.release.state;

  expect(decide(structuredClone(f), actor, act, policy, now), 'the same again').toEqual(d);
  expect(decide(f, ADMIN, { kind: 'tick' }, policy, now), 'time is the same for all').toEqual({
    settled: d.settled,
    changes: [],
  });
  if (d.refusal) {
    expect(d.changes).toEqual([]);
    expect(d.refusal.reason && d.refusal.next && d.refusal.code).toBeTruthy();
    count(`refused ${d.refusal.code}`);
    if (d.refusal.code === 'slot' || d.refusal.code === 'frozen') {
      expect(act.kind === 'ship' && f.release.kind === 'scheduled', 'only a scheduled one waits for its slot').toBe(
        true,
      );
      expect(mayShipAt(oracle.now)).toBe(false);
    }
  }
  const kept = new Set(rows(after));
  expect(rows(f).filter((row) => !kept.has(row))).toEqual([]);
  checkMoves(w, actor, act, d);
  if (act.kind === 'lgtm') expect(!d.refusal, 'LGTM accepted').toBe(oracle.mayLgtm(actor, act, was));
  if (act.kind === 'verify') expect(!d.refusal, 'verify accepted').toBe(oracle.mayVerify(actor, act, was));
  if (!d.refusal) oracle.accepted(actor, act, was, after);
  w.f = after;
  if (act.kind === 'lgtm' && !d.refusal) {
    expect(after.release.state).toBe(oracle.valid('candidate').length >= 2 ? 'approved' : 'testing');
  }
  if (act.kind === 'candidate' && !d.refusal && settled.candidates.at(-1)?.verifiedTree === act.verifiedTree) {
    expect(act.verifiedTree && after.release.state, 'the same tree changes no state').toBe(act.verifiedTree && was);
    count('same tree');
  }
  if (act.kind === 'verify' && !d.refusal) {
    expect(after.release.state).toBe(oracle.valid('production').length >= 2 ? 'done' : 'verifying');
  }
  checkState(w);
}

/** Every move is one the rules know, made by the act that may make it. */
function checkMoves(w: World, actor: Actor, act: Act, d: ReturnType<typeof decide>) {
  let at = w.f.release.state;
  for (const [by, changes] of [['clock', d.settled] as const, ['act', d.changes] as const]) {
    for (const c of changes) {
      if (c.kind !== 'state') continue;
      expect(c.from).toBe(at);
      expect(MOVES).toContain(`${c.from} → ${c.to}`);
      count(`${c.from} → ${c.to}`);
      at = c.to;
      // The table says the same: where the act leads, and where time alone leads from there.
      const leads = by === 'clock' ? [TABLE[c.from].tick] : [TABLE[c.from][act.kind], TABLE[c.from].tick];
      expect(leads).toContain(c.to);
      if (c.to === 'approved') expect(act.kind).toBe('lgtm');
      if (c.to === 'done') expect(act.kind).toBe('verify');
      if (c.to === 'shipping') checkShipping(w, actor, act, c.from);
    }
  }
}

function checkShipping({ f, oracle, policy }: World, actor: Actor, act: Act, from: State) {
  expect(act.kind).toBe(from === 'approved' ? 'ship' : 'ship_on_one');
  expect(actor.id === MAX.id || actor.roles.has('admin')).toBe(true);
  expect(oracle.open()).toBe(false);
  expect(oracle.now - (f.release.reconciledAt?.getTime() ?? 0)).toBeLessThanOrEqual(30_000);
  if (policy.slots && f.release.kind === 'scheduled') expect(mayShipAt(oracle.now), 'in its slot').toBe(true);
  if (from === 'approved') expect(oracle.valid('candidate').length).toBeGreaterThanOrEqual(2);
  else {
    expect(f.release.kind === 'emergency' && policy.emergencyShipOnOne).toBe(true);
    expect(oracle.valid('candidate').length).toBeGreaterThanOrEqual(1);
  }
}

/** What holds after every act, by the oracle. */
function checkState({ f, oracle, policy }: World) {
  const { state } = f.release;
  const now = new Date(oracle.now);
  const signed = oracle.valid('candidate');
  if (state === 'approved') {
    expect(signed.length, 'approved by two').toBeGreaterThanOrEqual(2);
    expect(oracle.holds.length + oracle.blockers, 'nothing open').toBe(0);
  }
  if (state === 'testing') expect(oracle.here('candidate').length).toBeGreaterThanOrEqual(2);
  if (state === 'waiting') expect(oracle.here('candidate').length).toBeLessThan(2);
  if (['waiting', 'testing', 'approved'].includes(state)) {
    expect(
      counted(f, 'candidate')
        .map((s) => s.person)
        .sort(),
    ).toEqual(signed.toSorted());
    expect(present(f, 'candidate', policy, now).sort()).toEqual(oracle.here('candidate').sort());
  }
  if (state === 'verifying' || state === 'done') {
    expect(present(f, 'production', policy, now).sort()).toEqual(oracle.here('production').sort());
  }
  if (state === 'verifying') {
    expect(
      counted(f, 'production')
        .map((s) => s.person)
        .sort(),
    ).toEqual(oracle.valid('production').sort());
  }
  expect(f.holds.filter((h) => !h.liftedAt).map((h) => h.id)).toEqual(oracle.holds.map((h) => h.id));
}

describe('R1-R9 over any sequence of acts', () => {
  // 800 sequences: seconds on a quiet machine, and no shorter on a busy one.
  test('an independent reading of the rules agrees at every step', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(
        day,
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom('scheduled', 'emergency'),
        fc.boolean(),
        (steps, sod, onOne, kind, cadence) => {
          const frozen = {
            id: 1,
            product: null,
            startsAt: new Date(FROZEN.from),
            endsAt: new Date(FROZEN.to),
            reason: 'audit',
            setBy: ENG.id,
          };
          const w: World = {
            f: someFacts({ release: { kind }, freezes: cadence ? [frozen] : [] }),
            oracle: new Oracle(sod),
            blockers: 0,
            policy: {
              separationOfDuties: sod,
              eyesExpireAfterMinutes: 240,
              emergencyShipOnOne: onOne,
              ...(cadence && { slots: SLOTS }),
            },
          };
          for (const step of steps) takeStep(w, step);
        },
      ),
      { numRuns: 800 },
    );
  });

  test('and the sequences went everywhere', () => {
    const unreached = [...MOVES].filter((move) => !reached[move]);
    expect(unreached).toEqual([]);
    for (const code of [
      'absent',
      'held',
      'blocked',
      'unfinished',
      'stale_button',
      'manager',
      'author',
      'role',
      'standing',
      'slot',
      'frozen',
    ])
      expect(reached[`refused ${code}`], code).toBeGreaterThan(0);
    for (const what of ['carried', 'same tree']) expect(reached[what], what).toBeGreaterThan(0);
  });
});
