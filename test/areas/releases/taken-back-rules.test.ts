import { describe, expect, it } from 'vitest';
import { sinceTakenBack, type Theirs, tookBackSince } from '../../../src/areas/releases/taken-back-rules.ts';
import type { Act, Facts } from '../../../src/areas/releases/types.ts';
import { ADA, aPresence, aSignOff, BEN, someFacts, T0 } from '../../support/facts.ts';

const at = (seconds: number) => `${T0.getTime() / 1000 + seconds}.000000`;

/** Another emoji of the same person, which went. */
const gone = (seconds: number, over: Partial<Theirs> = {}): Theirs => ({
  ...{ ts: '1.1', person: ADA.id, road: 'shipit', present: false, eventTs: at(seconds) },
  ...{ given: 'lgtm', undoneAt: null, changedAt: new Date(T0.getTime() + seconds * 1000), ...over },
});

describe('taken back since (R7)', () => {
  const by = { channel: 'CREL', ts: '1.1', person: ADA.id, road: 'lgtm', present: true, eventTs: at(0) };
  const back = (seconds: number, over = {}) =>
    someFacts({ signOffs: [aSignOff(ADA, { retractedAt: new Date(T0.getTime() + seconds * 1000), ...over })] });
  const lgtm = { kind: 'lgtm', road: 'reaction' } as const;
  const verify = { kind: 'verify', road: 'reaction' } as const;

  it('is what Slack dates more than a second before the taking back, of the same stage', () => {
    expect(sinceTakenBack(back(1), lgtm, 'card', by, [])).toContain('before you took it back');
    expect(sinceTakenBack(back(0.9), lgtm, 'card', by, [])).toBeNull();
    expect(sinceTakenBack(back(1), verify, 'card', by, [])).toBeNull();
    expect(sinceTakenBack(back(1, { stage: 'production' }), verify, 'card', by, [])).toContain('not counted');
    expect(sinceTakenBack(back(1), { kind: 'ready' }, 'card', by, [])).toBeNull();
    expect(sinceTakenBack(someFacts({ signOffs: [aSignOff(ADA)] }), lgtm, 'card', by, [])).toBeNull();
  });

  it('R2: eyes that Slack dates before their owner left are older than that, of the same stage', () => {
    const eyes = { kind: 'ready', stage: 'candidate' } as const;
    const left = someFacts({ presences: [aPresence(ADA, { leftAt: new Date(T0.getTime() + 1000) })] });
    expect(sinceTakenBack(left, eyes, 'card', by, [])).toContain('stepped away');
    expect(sinceTakenBack(left, { ...eyes, stage: 'production' }, 'card', by, [])).toBeNull();
    expect(sinceTakenBack(left, eyes, 'card', { ...by, person: BEN.id }, [])).toBeNull();
    expect(sinceTakenBack(left, eyes, 'card', { ...by, eventTs: at(1) }, [])).toBeNull();
    const hold = { kind: 'hold', reason: null, road: 'reaction' } as const;
    expect(sinceTakenBack(left, hold, 'card', by, [])).toBeNull();
    expect(sinceTakenBack(back(2), hold, 'card', by, []), 'a hold is no sign-off').toBeNull();
  });

  it('what somebody else took back is not theirs', () => {
    const taken = aSignOff(BEN, { retractedAt: new Date(T0.getTime() + 60_000) });
    expect(sinceTakenBack(someFacts({ signOffs: [taken] }), lgtm, 'card', by, [])).toBeNull();
  });

  it('is not what follows its own withdrawal, which Slack dates too', () => {
    const undoneAt = new Date(T0.getTime() + 1000);
    const before = gone(-1, { undoneAt });
    expect(sinceTakenBack(back(1), lgtm, 'card', by, [before])).toBeNull();
    expect(
      sinceTakenBack(back(1), lgtm, 'card', { ...by, receivedAt: new Date(T0.getTime() - 9000) }, [before]),
    ).toBeNull();
    expect(sinceTakenBack(back(1), lgtm, 'card', by, [{ ...before, undoneAt: null }])).not.toBeNull();
    expect(sinceTakenBack(back(1.001), lgtm, 'card', by, [before]), 'by another road since').not.toBeNull();
    // Of a reaction that is there again it is not known any more when it was away.
    expect(sinceTakenBack(back(1), lgtm, 'card', by, [gone(0, { undoneAt, present: true })])).not.toBeNull();
    expect(sinceTakenBack(back(1), lgtm, 'card', by, [gone(-1), before])).toBeNull();
  });
});

describe('taken back by what went later (R7)', () => {
  const by = { channel: 'CREL', ts: '1.1', person: ADA.id, road: 'lgtm', present: true, eventTs: at(0) };
  const lgtm = { kind: 'lgtm', road: 'reaction' } as const;

  it('though nothing was there to take back when that was heard of: this was on its way', () => {
    const f = someFacts();
    expect(sinceTakenBack(f, lgtm, 'card', by, [gone(1)])).toContain('before you took it back');
    expect(sinceTakenBack(f, lgtm, 'card', by, [gone(0)])).not.toBeNull();
    expect(sinceTakenBack(f, lgtm, 'card', by, [gone(-0.5)])).toBeNull();
    expect(sinceTakenBack(f, lgtm, 'card', by, [gone(1, { present: true })])).toBeNull();
    // Exempt by the one, and taken back by the other.
    const undoneAt = new Date(T0.getTime() + 2000);
    const back = someFacts({ signOffs: [aSignOff(ADA, { retractedAt: undoneAt })] });
    expect(sinceTakenBack(back, lgtm, 'card', by, [gone(-1, { undoneAt }), gone(1)])).not.toBeNull();
    expect(sinceTakenBack(back, lgtm, 'card', by, [gone(-1, { undoneAt })])).toBeNull();
  });

  it('where its going takes back the same, and of the same stage', () => {
    const f = someFacts();
    for (const [given, ts] of [
      ['hold', '1.1'],
      ['ready', '1.1'],
      ['rocket', '1.1'],
      [null, '1.1'],
      ['verify', '2.2'],
    ] as const)
      expect(sinceTakenBack(f, lgtm, 'card', by, [gone(1, { given, ts })]), `${given}`).toBeNull();
    expect(sinceTakenBack(f, lgtm, 'card', by, [gone(1, { ts: '3.3', road: 'word' })])).not.toBeNull();
    const verify = { kind: 'verify', road: 'reaction' } as const;
    const onCheck = { ...by, ts: '2.2' };
    expect(sinceTakenBack(f, verify, 'check', onCheck, [gone(1)])).toBeNull();
    expect(sinceTakenBack(f, verify, 'check', onCheck, [gone(1, { given: 'verify', ts: '2.2' })])).not.toBeNull();
    // A word said since it is live was about production.
    const live = someFacts({ release: { state: 'verifying', shippedAt: new Date(T0.getTime() - 5000) } });
    for (const [seconds, taken] of [
      [-6, false],
      [-4, true],
    ] as const) {
      const word = gone(1, { ts: at(seconds), road: 'word' });
      expect(sinceTakenBack(live, verify, 'check', onCheck, [word]) !== null).toBe(taken);
    }
    const eyes = { kind: 'ready', stage: 'candidate' } as const;
    expect(sinceTakenBack(f, eyes, 'card', by, [gone(1, { given: 'ready' })])).toContain('stepped away');
    const eyesOnCheck = { ...eyes, stage: 'production' } as const;
    expect(sinceTakenBack(f, eyesOnCheck, 'check', onCheck, [gone(1, { given: 'ready' })])).toBeNull();
    expect(sinceTakenBack(f, eyesOnCheck, 'check', onCheck, [gone(1, { given: 'ready', ts: '2.2' })])).not.toBeNull();
    expect(sinceTakenBack(f, eyes, 'card', by, [gone(1)])).toBeNull();
  });

  it('also on a card that was deleted since', () => {
    const old = { ts: '0.9' };
    const eyes = { kind: 'ready', stage: 'candidate' } as const;
    expect(sinceTakenBack(someFacts(), lgtm, 'card', by, [gone(1, old)])).not.toBeNull();
    expect(sinceTakenBack(someFacts(), eyes, 'card', by, [gone(1, { ...old, given: 'ready' })])).not.toBeNull();
    const check = { ...by, ts: '2.2' };
    expect(sinceTakenBack(someFacts(), { ...lgtm, kind: 'verify' }, 'check', check, [gone(1, old)])).toBeNull();
  });

  it('the last taking back is the last in their order: an earlier one may be dated later, by the clock of another host', () => {
    const undoneAt = new Date(T0.getTime() + 60_000);
    const signOffs = [60, 30].map((s) => aSignOff(ADA, { retractedAt: new Date(T0.getTime() + s * 1000) }));
    const f = someFacts({ signOffs });
    expect(sinceTakenBack(f, lgtm, 'card', by, [gone(-1, { undoneAt })])).not.toBeNull();
    expect(sinceTakenBack(f, lgtm, 'card', { ...by, eventTs: at(40) }, [gone(-1, { undoneAt })])).toBeNull();
    // Signed again since: that changes nothing of it.
    const again = someFacts({ signOffs: [...signOffs, aSignOff(ADA)] });
    expect(sinceTakenBack(again, lgtm, 'card', by, [])).not.toBeNull();
  });

  it('of a reaction without a date: whatever was taken back, or went, since it was last seen absent', () => {
    const f = (seconds: number) =>
      someFacts({ signOffs: [aSignOff(ADA, { retractedAt: new Date(T0.getTime() + seconds * 1000) })] });
    const since = (facts: Facts, theirs: Theirs[] = [], given: Act = lgtm) =>
      tookBackSince(facts, given, 'card', by, theirs, T0);
    expect(since(f(-5))).toBe(true);
    expect(since(f(-5.001))).toBe(false);
    expect(since(someFacts({ signOffs: [aSignOff(ADA)] }))).toBe(false);
    expect(since(someFacts(), [gone(-5)])).toBe(true);
    expect(since(someFacts(), [gone(-5.001)])).toBe(false);
    expect(since(someFacts(), [gone(1, { person: BEN.id })])).toBe(false);
    expect(since(someFacts(), [gone(1, { given: 'ready' })])).toBe(false);
    expect(since(f(5), [gone(5, { given: 'hold' })], { kind: 'hold', reason: null, road: 'reaction' })).toBe(false);
  });
});
