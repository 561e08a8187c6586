import { describe, expect, it } from 'vitest';
import {
  compareTs,
  doubt,
  heard,
  isNews,
  justAfter,
  latest,
  meaning,
  timeOf,
  undoing,
} from '../../../src/areas/releases/sightings.ts';
import { ADA, aCandidate, aHold, BEN, someFacts, T0 } from '../../support/facts.ts';
import { TEAM } from '../../support/team.ts';

const at = (seconds: number) => `${T0.getTime() / 1000 + seconds}.000000`;
const seen = (present: boolean, eventTs: string) => ({
  channel: 'C',
  ts: '1.1',
  person: 'U',
  road: 'lgtm',
  present,
  eventTs,
});

describe("Slack's times", () => {
  it('are compared to the microsecond, which a float is not', () => {
    expect(compareTs('1700000000.000001', '1700000000.000002')).toBeLessThan(0);
    expect(compareTs('1700000000.1', '1700000000.100000')).toBe(0);
    expect(compareTs('1700000001', '1700000000.999999')).toBeGreaterThan(0);
    expect(timeOf('1700000000.500000').getTime()).toBe(1_700_000_000_500);
  });

  it('have a latest, and a next', () => {
    expect(compareTs('1700000000', '1700000000.000000')).toBe(0);
    expect(latest('1.000002', '1.000001')).toBe('1.000002');
    expect(latest('1.000001', '1.000002')).toBe('1.000002');
    expect(justAfter('1.000009')).toBe('1.000010');
    expect(justAfter('1.5')).toBe('1.500001');
    expect(justAfter('1')).toBe('1.000001');
    expect(justAfter('1.999998')).toBe('1.999999');
    expect(justAfter('1.999999')).toBe('2.000000');
  });

  it('are no later than we received what they are of', () => {
    const received = (ms: number) =>
      heard({ eventTs: '1700000000.500000', receivedAt: new Date(1_700_000_000_000 + ms) });
    expect(received(499)).toBe('1700000000.499000');
    expect(received(500)).toBe('1700000000.500000');
    expect(received(9_000)).toBe('1700000000.500000');
    expect(heard({ eventTs: '1700000000.500001' })).toBe('1700000000.500001');
  });

  it('newest wins, ties go to withdrawal (R7)', () => {
    expect(isNews({ eventTs: '1.0', present: false }, seen(true, '2.0'))).toBe(true);
    expect(isNews({ eventTs: '1.0', present: true }, seen(true, '2.0'))).toBe(true);
    expect(isNews(undefined, seen(true, '1.0'))).toBe(true);
    expect(isNews({ eventTs: '2.0', present: true }, seen(false, '1.0'))).toBe(false);
    expect(isNews({ eventTs: '2.0', present: true }, seen(false, '2.0'))).toBe(true);
    expect(isNews({ eventTs: '2.0', present: false }, seen(true, '2.0'))).toBe(false);
  });
});

describe('meaning', () => {
  it.each([
    ['eyes', 'card', { kind: 'ready', stage: 'candidate' }],
    ['eyes', 'check', { kind: 'ready', stage: 'production' }],
    ['lgtm', 'card', { kind: 'lgtm', road: 'reaction' }],
    ['lgtm', 'check', { kind: 'verify', road: 'reaction' }],
    ['octagonal_sign', 'check', { kind: 'hold', reason: null, road: 'reaction' }],
    ['rocket', 'card', 'rocket'],
    ['rocket', 'check', null],
    ['bug', 'card', null],
    ['word', 'word', { kind: 'lgtm', road: 'word' }],
    ['lgtm', 'word', null],
  ] as const)('%s on the %s', (road, place, act) => {
    expect(meaning(road, place, TEAM)).toEqual(act);
  });

  it('is the same in every skin tone', () => {
    const policy = { ...TEAM, reactions: { ...TEAM.reactions, lgtm: ['+1'] } };
    for (const road of ['+1', '+1::skin-tone-2', '+1::skin-tone-6'])
      expect(meaning(road, 'card', policy)).toEqual({ kind: 'lgtm', road: 'reaction' });
    expect(meaning('-1::skin-tone-2', 'card', policy)).toBeNull();
  });
});

describe('undoing', () => {
  const by = ({ id }: { id: string }, seconds = 0) => ({ person: id, ts: at(seconds) });

  it('takes back what it gave, at its own stage; a hold only by reaction, one at a time', () => {
    const f = someFacts({ holds: [aHold(ADA), aHold(ADA, { id: 901, road: 'reaction' })] });
    expect(undoing({ kind: 'ready' }, 'check', f, by(ADA))).toEqual({ kind: 'away', stage: 'production' });
    expect(undoing({ kind: 'lgtm', road: 'word' }, 'word', f, by(ADA))).toEqual({
      kind: 'retract',
      stage: 'candidate',
    });
    expect(undoing({ kind: 'verify', road: 'word' }, 'check', f, by(ADA))).toMatchObject({ stage: 'production' });
    const hold = { kind: 'hold', reason: null, road: 'reaction' } as const;
    expect(undoing(hold, 'card', f, by(ADA))).toEqual({ kind: 'unhold', holdId: 901 });
    expect(undoing(hold, 'card', f, by(BEN))).toBeNull();
  });

  it('a word said since it is live was about production', () => {
    const f = someFacts({ release: { state: 'verifying', shippedAt: T0 } });
    const word = { kind: 'lgtm', road: 'word' } as const;
    expect(undoing(word, 'word', f, by(ADA, 1))).toEqual({ kind: 'retract', stage: 'production' });
    expect(undoing(word, 'word', f, by(ADA, -1))).toEqual({ kind: 'retract', stage: 'candidate' });
    expect(undoing({ ...word, road: 'reaction' }, 'card', f, by(ADA, 1))).toMatchObject({ stage: 'candidate' });
  });
});

describe('doubt (R3, R6)', () => {
  const lgtm = { kind: 'lgtm', road: 'reaction' } as const;
  const verify = { kind: 'verify', road: 'reaction' } as const;
  const second = (shownAt: Date | null) =>
    someFacts({ candidates: [aCandidate(), aCandidate({ id: 102, seq: 2, shownAt })] });

  it('is none on the first candidate, or well after the card showed a later one', () => {
    expect(doubt(someFacts({ candidates: [aCandidate({ shownAt: null })] }), lgtm, at(0), T0)).toBeNull();
    expect(doubt(second(T0), lgtm, at(5), T0)).toBeNull();
  });

  it('is there before the card showed it, and for 5 s after', () => {
    expect(doubt(second(null), lgtm, at(60), T0)).toContain('new candidate');
    expect(doubt(second(T0), lgtm, at(4), T0)).toContain('new candidate');
  });

  it('is there for what came before the last hold, blocker or failed push was over', () => {
    const f = someFacts({ release: { gateAt: T0 } });
    expect(doubt(f, lgtm, at(-2), T0)).toContain('before a hold');
    expect(doubt(f, lgtm, at(1), T0)).toBeNull();
    expect(doubt(f, verify, at(-2), T0)).toContain('before a hold');
    expect(doubt(f, { kind: 'ready' }, at(-2), T0)).toBeNull();
    expect(doubt(someFacts(), lgtm, at(-2), T0)).toBeNull();
  });

  it('R5: is there for what came before a blocker ended that the release has not looked at yet', () => {
    const f = someFacts({ release: { knownBlockers: [3] } });
    expect(doubt(f, lgtm, at(-2), T0)).toContain('before a hold');
    expect(doubt(f, verify, at(-2), T0)).toContain('before a hold');
    expect(doubt(f, lgtm, at(0), T0)).toBeNull();
    const open = { ...f, blockers: [4, 3].map((seq) => ({ id: seq, seq, title: 'x', url: null })) };
    expect(doubt(open, lgtm, at(-2), T0)).toBeNull();
    const another = { ...f, blockers: open.blockers.slice(0, 1) };
    expect(doubt(another, lgtm, at(-2), T0)).toContain('before a hold');
  });

  it('is none about the candidate when it is production that is signed', () => {
    expect(doubt(second(T0), verify, at(4), T0)).toBeNull();
  });
});

describe('the moments that decide', () => {
  const word = { person: ADA.id, ts: at(0) };

  it('R7, R8: a word of the very moment it went live is about production', () => {
    const f = someFacts({ release: { shippedAt: T0 } });
    const given = { kind: 'lgtm', road: 'word' } as const;
    expect(undoing(given, 'word', f, word)).toEqual({ kind: 'retract', stage: 'production' });
    expect(undoing(given, 'word', f, { ...word, ts: at(-1) })).toEqual({ kind: 'retract', stage: 'candidate' });
  });

  it('R6, R7: a reaction taken away lifts the hold that a reaction set, and no other', () => {
    const holds = [aHold(ADA, { id: 1, road: 'reaction' }), aHold(ADA, { id: 2, road: 'command' })];
    const given = { kind: 'hold', reason: null, road: 'reaction' } as const;
    expect(undoing(given, 'card', someFacts({ holds }), word)).toEqual({ kind: 'unhold', holdId: 1 });
    expect(undoing(given, 'card', someFacts({ holds: holds.slice(1) }), word)).toBeNull();
  });

  it('R6: a second before a hold, to the millisecond, is in doubt', () => {
    const hold = (ms: number) => someFacts({ release: { gateAt: new Date(T0.getTime() + ms) } });
    const given = { kind: 'lgtm', road: 'reaction' } as const;
    expect(doubt(hold(1000), given, at(0), T0)).toMatch(/before a hold/);
    expect(doubt(hold(999), given, at(0), T0)).toBeNull();
  });
});
