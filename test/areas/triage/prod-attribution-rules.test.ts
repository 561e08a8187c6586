import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attribute } from '../../../src/areas/triage/prod-rules.ts';
import { ADA, HOURS, minutes, T0 } from '../../support/facts.ts';
import { code, decide, facts, live } from './prod-facts.ts';

describe('attribution: the release that most likely brought it', () => {
  test('the right one of three: the newest that was live and watched when it was declared', () => {
    const old = live({ id: 1, shippedAt: minutes(-40 * HOURS), doneAt: minutes(-39 * HOURS) });
    const right = live({ id: 2, shippedAt: minutes(-2 * HOURS), doneAt: minutes(-1 * HOURS) });
    const later = live({ id: 3, shippedAt: minutes(5), doneAt: null, state: 'verifying' });
    expect(attribute([later, old, right], T0)?.id).toBe(2);
    expect(attribute([old, later], T0)).toBeNull();
    expect(attribute([], T0)).toBeNull();
  });

  test('the watch ends 24 h after done, to the millisecond; a rolled back one is live no more', () => {
    const done = live({ doneAt: minutes(-24 * HOURS), shippedAt: minutes(-25 * HOURS) });
    expect(attribute([done], T0)).toBeNull();
    expect(attribute([done], new Date(T0.getTime() - 1))?.id).toBe(12);
    expect(attribute([live({ shippedAt: T0, doneAt: null })], T0)?.id).toBe(12);
    expect(attribute([live({ state: 'rolled_back', endedAt: T0 })], T0)).toBeNull();
    expect(attribute([live({ state: 'rolled_back', endedAt: minutes(1) })], T0)?.id).toBe(12);
  });

  test('property: it picks the newest within the window, and only null when the window is empty', () => {
    const hour = fc.integer({ min: -80, max: 10 });
    const some = fc.record({
      shipped: hour,
      done: fc.option(fc.nat(20), { nil: null }),
      ended: fc.option(fc.nat(60), { nil: null }),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 12 }), (rows) => {
        const releases = rows.map((r, id) =>
          live({
            id,
            shippedAt: minutes(r.shipped * HOURS),
            doneAt: r.done === null ? null : minutes((r.shipped + r.done) * HOURS),
            endedAt: r.ended === null ? null : minutes((r.shipped + r.ended) * HOURS),
          }),
        );
        // Naively, hour by hour.
        let best: number | null = null;
        rows.forEach((r, id) => {
          const inWatch = r.done === null || r.shipped + r.done + 24 > 0;
          const stands = r.ended === null || r.shipped + r.ended > 0;
          if (r.shipped <= 0 && inWatch && stands && (best === null || r.shipped >= (rows[best]?.shipped ?? 0)))
            best = id;
        });
        expect(attribute(releases, T0)?.id ?? null).toBe(best);
      }),
      { numRuns: 500 },
    );
  });

  test('unless somebody says otherwise: another one that was live before, or none', () => {
    expect(decide(facts(), { kind: 'attribute', releaseId: 12 })).toEqual({
      patch: { releaseId: 12, attributedBy: ADA.id },
    });
    expect(code(facts({ attributedBy: 'UX' }), { kind: 'attribute', releaseId: 12 })).toBe('already');
    expect(decide(facts(), { kind: 'attribute', releaseId: null })).toMatchObject({ patch: { releaseId: null } });
    expect(code(facts(), { kind: 'attribute', releaseId: 13 })).toBe('later');
    expect(code(facts(), { kind: 'attribute', releaseId: 99 })).toBe('no_release');
  });
});
