import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Counted, catchBy, countsAs, type Live } from '../../../src/areas/triage/catch-rate.ts';
import { decide, ENDS } from '../../../src/areas/triage/rules.ts';
import type { Act, Bug, BugFacts } from '../../../src/areas/triage/types.ts';
import { rate, rateSays } from '../../../src/base/catch-rate.ts';
import { WATCH_MS } from '../../../src/base/release.ts';
import { BUG_ACTS, bugFacts, FOUND, HOTFIX, LATER, LATEST, patched } from '../../support/bugs.ts';
import { ADA, BEN, CAS, ENG, MAX, minutes, NOBODY } from '../../support/facts.ts';

const WHO = [ADA, BEN, CAS, ENG, MAX, NOBODY];
const more: Act[] = [
  { kind: 'tried', happens: true },
  { kind: 'retest', fixed: false },
  { kind: 'fix', candidateId: FOUND.id },
  { kind: 'fix', candidateId: LATEST.id },
  { kind: 'fix', candidateId: HOTFIX.id },
  { kind: 'ask', what: 'reject', reason: 'no bug' },
  { kind: 'ask', what: 'prod_issue', reason: 'money' },
];
const steps = fc.array(fc.tuple(fc.constantFrom(...WHO), fc.constantFrom(...BUG_ACTS, ...more)), { maxLength: 40 });
const starts = fc.constantFrom<Partial<Bug>>({}, { blocking: false, state: 'reported' });

/** Plays random acts. @returns the bug after each act that was taken, with what was done */
function history(start: Partial<Bug>, acts: [(typeof WHO)[number], Act][]) {
  const candidates = [FOUND, LATER, LATEST, HOTFIX];
  let f: BugFacts = bugFacts({ bug: start, candidates, original: { id: 3, product: 'wallet', state: 'reported' } });
  const seen: { who: string; act: Act; before: Bug; after: Bug }[] = [];
  acts.forEach(([who, act], i) => {
    const d = decide(f, who, act, minutes(100 + i));
    if (!('patch' in d)) return;
    const before = f.bug;
    f = patched(f, d.patch);
    seen.push({ who: who.id, act, before, after: f.bug });
  });
  return seen;
}

test('a bug is never in two end states: what ended changes no more', () => {
  fc.assert(
    fc.property(starts, steps, (start, acts) => {
      const seen = history(start, acts);
      const ended = seen.findIndex((s) => ENDS.includes(s.after.state));
      expect(seen.length - 1 - ended).toBe(ended < 0 ? seen.length : 0);
      for (const s of seen) expect(s.after.endedAt !== null).toBe(ENDS.includes(s.after.state));
    }),
    { numRuns: 500 },
  );
});

test('R14: no sequence ends a blocker but a retest on a later candidate, or two operators who agree', () => {
  const operators = new Set([ADA, BEN, CAS, MAX].map((p) => p.id));
  fc.assert(
    fc.property(starts, steps, (start, acts) => {
      for (const { who, act, before, after } of history(start, acts)) {
        const stops = before.blocking && (!after.blocking || after.endedAt !== null);
        if (!stops) continue;
        expect(operators.has(who)).toBe(true);
        if (act.kind === 'retest') {
          // A release of the other kind says something of it only where production has it too.
          const may = [LATER.id, LATEST.id, ...(before.inProduction === 'yes' ? [HOTFIX.id] : [])];
          expect(act.fixed && may.includes(after.fixCandidateId ?? 0)).toBe(true);
          expect(before.recreatedBy !== null && before.inProduction !== 'not_yet').toBe(true);
          expect(after.fixCandidateId ?? 0).toBeGreaterThan(before.failedCandidateId ?? 0);
        } else {
          expect(act.kind).toBe('agree');
          expect(before.askedReason).toBeTruthy();
          expect(before.askedBy !== who && operators.has(before.askedBy ?? '')).toBe(true);
        }
      }
    }),
    { numRuns: 500 },
  );
});

const HOUR = 3_600_000;
const time = fc.integer({ min: 0, max: 100 }).map((h) => new Date(h * HOUR));
const live: fc.Arbitrary<Live> = fc.record({
  id: fc.integer({ min: 1, max: 4 }),
  shippedAt: fc.option(time),
  doneAt: fc.option(time),
  endedAt: fc.option(time),
});
const counted: fc.Arbitrary<Counted> = fc.record({
  state: fc.constantFrom('suspected', 'verified', 'rejected', 'duplicate', 'ticketed', 'wont_fix'),
  foundIn: fc.constantFrom('candidate', 'production'),
  inProduction: fc.constantFrom('yes', 'no', 'not_yet'),
  reportedAt: time,
  releaseId: fc.option(fc.integer({ min: 1, max: 5 })),
});

test('R25: the catch rate equals a naive recount', () => {
  fc.assert(
    fc.property(fc.array(counted, { maxLength: 60 }), fc.array(live, { maxLength: 4 }), (bugs, list) => {
      const releases = new Map(list.map((r) => [r.id, r]));
      const groups = catchBy(bugs, releases, (b) => `${b.releaseId}`);
      for (const [id, r] of releases) {
        const mine = bugs.filter((b) => b.releaseId === id && b.state !== 'rejected' && b.state !== 'duplicate');
        const caught = mine.filter((b) => b.foundIn === 'candidate' && b.inProduction !== 'yes').length;
        const escaped = mine.filter((b) => {
          const at = b.reportedAt.getTime();
          const from = r.shippedAt?.getTime() ?? Number.POSITIVE_INFINITY;
          const over = r.endedAt ?? r.doneAt;
          const until = (over?.getTime() ?? Number.POSITIVE_INFINITY) + WATCH_MS;
          return b.foundIn === 'production' && at >= from && at < until;
        }).length;
        expect(groups.get(`${id}`) ?? { caught: 0, escaped: 0 }).toEqual({ caught, escaped });
      }
      const all = [...groups.values()].reduce((n, g) => n + g.caught + g.escaped, 0);
      const one = bugs.filter((b) => countsAs(b, releases.get(b.releaseId ?? 0))).length;
      expect(all).toBe(one);
    }),
    { numRuns: 300 },
  );
});

test('R25: the share is against the goal, and rounded down to it', () => {
  expect(rate({ caught: 0, escaped: 0 })).toBeNull();
  expect(rateSays({ caught: 0, escaped: 0 })).toBe('nothing to catch');
  expect(rateSays({ caught: 19, escaped: 1 })).toBe('19 of 20 caught, 95 % :white_check_mark:');
  expect(rateSays({ caught: 949, escaped: 51 })).toBe('949 of 1000 caught, 94 % :small_red_triangle_down:');
});
