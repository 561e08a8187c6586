import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accepted, alreadySo, refused } from '../../../src/areas/releases/answers.ts';
import { card, checkCard } from '../../../src/areas/releases/blocks.ts';
import { details } from '../../../src/areas/releases/details.ts';
import { evolve } from '../../../src/areas/releases/evolve.ts';
import { askForm, openForm } from '../../../src/areas/releases/forms.ts';
import { home, list } from '../../../src/areas/releases/home.ts';
import { confirmAsk, lineFor, staleAsks } from '../../../src/areas/releases/lines.ts';
import { decide } from '../../../src/areas/releases/rules.ts';
import type { Facts } from '../../../src/areas/releases/types.ts';
import {
  ACTS,
  ADMIN,
  aBlocker,
  aCandidate,
  aHold,
  aPresence,
  aSignOff,
  EVERYBODY,
  minutes,
  person,
  STATES,
  someFacts,
} from '../../support/facts.ts';
import { callsNobody, viewWithinLimits, withinLimits } from '../../support/limits.ts';
import { TEAM } from '../../support/team.ts';

/** What people may type into each field at most, and the worst of it: everything that must be escaped grows fivefold. */
const typed = (max: number) =>
  fc
    .tuple(
      fc.constantFrom('<!channel> ', '<@UEVIL1> ', '<#CEVIL1> ', '<https://evil.example|x> ', '&', 'x'),
      fc.constantFrom('&', '<', '😀', 'a', '\n', '`', '*'),
      fc.constantFrom(0, 10, max),
    )
    .map(([head, fill, n]) => (head + fill.repeat(max)).slice(0, Math.max(n, head.length)));
const many = Array.from({ length: 40 }, (_, i) => person(`U0SIGNER${String(i).padStart(3, '0')}`, 'operator'));
const LONG = 'a'.repeat(40);

const facts: fc.Arbitrary<Facts> = fc
  .record({
    state: fc.constantFrom(...STATES),
    kind: fc.constantFrom('scheduled' as const, 'emergency' as const),
    reason: typed(500),
    told: typed(2500),
    title: typed(1000),
    url: fc.constantFrom(null, `https://issues.example.com/${'x'.repeat(900)}`),
    signers: fc.constantFrom(0, 1, 2, 40),
    holds: fc.constantFrom(0, 1, 60),
    blockers: fc.constantFrom(0, 1, 60),
    stale: fc.boolean(),
    onOne: fc.boolean(),
  })
  .map((x) => {
    const at = x.stale ? [aCandidate(), aCandidate({ id: 102, seq: 2, commit: LONG })] : [aCandidate({ commit: LONG })];
    const people = many.slice(0, x.signers);
    return someFacts({
      release: {
        state: x.state,
        kind: x.kind,
        version: `v${'1'.repeat(39)}`,
        product: 'p'.repeat(30),
        authors: many.map((p) => p.id),
        opsOwner: 'U0OPS',
        productOwner: 'U0PROD',
        reason: x.reason,
        endReason: x.reason,
        prodIssue: x.url ?? 'none',
        environmentUrl: x.url,
        changes: x.told,
        risks: x.told,
        flags: x.told,
        doneAt: x.state === 'done' ? minutes(0) : null,
        onOne: x.onOne ? 'U0ONE' : null,
        reviewDueAt: minutes(60),
      },
      candidates: at,
      presences: people.flatMap((p) => [aPresence(p), aPresence(p, { stage: 'production' })]),
      signOffs: people.flatMap((p, i) => [
        aSignOff(p, { id: i, lateAt: i % 2 ? minutes(1) : null }),
        aSignOff(p, { id: 100 + i, stage: 'production', candidateId: at.at(-1)?.id as number }),
      ]),
      holds: Array.from({ length: x.holds }, (_, i) => aHold(ADMIN, { id: i, act: 0, reason: x.reason })),
      blockers: Array.from({ length: x.blockers }, (_, i) =>
        aBlocker({ id: i, title: x.title, url: i % 2 ? x.url : null }),
      ),
      deactivated: people.map((p) => p.id),
      unfinished: { candidate: x.holds, production: 0 },
    });
  });

const now = minutes(5);
const POLICY = { ...TEAM, products: [{ ...TEAM.products[0], key: 'p'.repeat(30) }] } as typeof TEAM;
const check = (property: (f: Facts) => void) => fc.assert(fc.property(facts, property), { numRuns: 150 });

describe("whatever the facts: within Slack's limits, and nobody is called by what somebody typed", () => {
  it('cards, checks and details', () => {
    check((f) => {
      for (const drawing of [card(f, POLICY, now), checkCard(f, POLICY, now), details(f, POLICY)]) {
        withinLimits(drawing.blocks, 50);
        callsNobody(drawing);
      }
    });
  });

  it('lines of the thread, questions and answers', () => {
    fc.assert(
      fc.property(facts, fc.constantFrom(...Object.values(ACTS)), typed(500), (f, act, reason) => {
        const asked = 'reason' in act ? { ...act, reason } : 'note' in act ? { ...act, note: reason } : act;
        for (const actor of [...EVERYBODY, ADMIN]) {
          const d = decide(f, actor, asked, TEAM.review, now);
          const after = evolve(evolve(f, d.settled, now), d.changes, now);
          const line = lineFor(f, after, d.changes, TEAM.review, now);
          if (line) {
            // Without blocks of its own it is sent as one section.
            expect(line.text.length).toBeLessThanOrEqual(3000);
            withinLimits(line.blocks ?? [], 50);
            callsNobody(line);
          }
          const answer = d.refusal ? refused(d.refusal, f) : accepted(act.kind, after, TEAM.review, now);
          for (const a of [answer, alreadySo('so it is', f, TEAM.review, now)])
            expect(a.text.length).toBeLessThanOrEqual(4000);
          callsNobody(answer);
        }
        const asks = [...staleAsks(f, 'candidate'), ...staleAsks(f, 'interrupted'), confirmAsk(f, 'U0ADA', 'why?')];
        for (const a of asks) {
          withinLimits(a.blocks, 50);
          callsNobody(a);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('App Home and list, with a hundred releases', () => {
    fc.assert(
      fc.property(fc.array(facts, { minLength: 0, maxLength: 4 }), (some) => {
        const all = Array.from({ length: some.length * 25 }, (_, i) => some[i % some.length] as Facts);
        const seen = all.map((f, i) => ({ ...f, release: { ...f.release, id: i } }));
        const view = home(
          many[0] as never,
          { open: seen, ended: seen, owing: seen },
          { others: [], today: [] },
          POLICY,
          now,
        );
        viewWithinLimits(view);
        callsNobody(view);
        const { blocks, text } = list(seen, seen, POLICY, now);
        withinLimits(blocks as never, 50);
        callsNobody({ blocks, text });
      }),
      { numRuns: 40 },
    );
  });

  it('forms', () => {
    check((f) => {
      for (const what of ['hold', 'rollback', 'cancel', 'failed', 'review', 'candidate'] as const)
        viewWithinLimits(askForm(what, f, 12));
    });
    fc.assert(
      fc.property(typed(3000), fc.constantFrom('scheduled' as const, 'emergency' as const), (text, kind) => {
        const words = { version: text, commit: text, reason: text, prodIssue: text };
        viewWithinLimits(openForm(TEAM, { kind, manager: 'U0ADA', product: text, ...words }));
        const products = Array.from({ length: 150 }, (_, i) => ({
          ...TEAM.products[0],
          key: `p${i}`,
          name: text || 'x',
        })) as typeof TEAM.products;
        viewWithinLimits(openForm({ ...TEAM, products }, { kind, manager: 'U0ADA' }));
      }),
    );
  });
});
