import { describe, expect, it } from 'vitest';
import { pick, readAddress } from '../../../src/areas/releases/address.ts';
import { accepted, alreadySo, refused } from '../../../src/areas/releases/answers.ts';
import { stateLine } from '../../../src/areas/releases/blocks.ts';
import { home, list, needs } from '../../../src/areas/releases/home.ts';
import { lineFor, threadLink } from '../../../src/areas/releases/lines.ts';
import { readOpening, readVersion } from '../../../src/areas/releases/opening.ts';
import type { Facts } from '../../../src/areas/releases/types.ts';
import type { Actor } from '../../../src/base/actor.ts';
import { readCommit } from '../../../src/base/commit.ts';
import { clean } from '../../../src/base/mrkdwn.ts';
import {
  ACTS,
  ADA,
  ADMIN,
  aBlocker,
  aHold,
  aPresence,
  aSignOff,
  BEN,
  CAS,
  EVE,
  MAX,
  minutes,
  NOBODY,
  play,
  playTo,
  someFacts,
} from '../../support/facts.ts';
import { TEAM } from '../../support/team.ts';

const now = minutes(5);

describe('addresses', () => {
  const read = (words: string) => readAddress(words.split(' ').filter(Boolean), ['wallet', 'site'], ['beta']);
  it.each([
    ['', { rest: [] }],
    ['rel-12 the fee', { id: 12, rest: ['the', 'fee'] }],
    ['Wallet v1.2.3 the fee', { product: 'wallet', version: 'v1.2.3', rest: ['the', 'fee'] }],
    ['1.2.3', { version: 'v1.2.3', rest: [] }],
    ['site beta', { product: 'site', version: 'beta', rest: [] }],
    ['the fee is wrong', { rest: ['the', 'fee', 'is', 'wrong'] }],
    ['abc1234', { rest: ['abc1234'] }],
    ['wallet abc1234', { product: 'wallet', rest: ['abc1234'] }],
    ['TX-3', { rest: ['TX-3'] }],
  ])('%s', (words, address) => expect(read(words)).toEqual(address));

  const release = (id: number, over: Partial<Facts['release']> = {}) =>
    someFacts({ release: { id, version: `v1.0.${id}`, ...over } });
  it('mean the one release there is, or say how to name it', () => {
    const [a, b] = [release(1), release(2, { product: 'site' })];
    expect(pick({ rest: [] }, [], 'hold', 'hold')).toMatchObject({ code: 'no_release', reason: 'no release is open' });
    expect(pick({ version: 'v9', rest: [] }, [a], 'hold', 'hold')).toMatchObject({ code: 'no_release' });
    expect(pick({ rest: [] }, [a], 'hold', 'hold')).toBe(a);
    expect(pick({ product: 'site', rest: [] }, [a, b], 'hold', 'hold')).toBe(b);
    expect(pick({ id: 1, rest: [] }, [a, b], 'hold', 'hold')).toBe(a);
    expect(pick({ rest: [] }, [a, b], 'hold', 'hold')).toMatchObject({ code: 'ambiguous' });
  });
});

describe('what people fill in', () => {
  const form = {
    product: 'wallet',
    version: '1.2.3',
    commit: 'ABC1234',
    kind: 'scheduled',
    manager: 'U1',
    authors: ['U2', 'U2'],
  } as const;
  const opening = (over: object) =>
    readOpening({ ...form, authors: [...form.authors], ...over }, TEAM) as never as Record<
      string,
      Record<string, unknown>
    >;

  it('is kept in one form', () => {
    expect(readVersion('V1.2')).toBe('v1.2');
    expect(readVersion('2026.11')).toBe('v2026.11');
    expect(readVersion('no spaces')).toBeUndefined();
    expect(readCommit('`ABCDEF1`')).toBe('abcdef1');
    expect(readCommit('abc')).toBeUndefined();
    expect(clean(' a\u0000b ')).toBe('ab');
    expect(clean(undefined)).toBeNull();
    expect(opening({}).opening).toMatchObject({
      version: 'v1.2.3',
      commit: 'abc1234',
      authors: ['U2'],
      opsOwner: null,
    });
    expect(opening({ opsOwner: 'U3', productOwner: 'U4' }).opening).toMatchObject({
      opsOwner: 'U3',
      productOwner: 'U4',
    });
  });

  it.each([
    [{ product: 'walet' }, 'product', 'did you mean `wallet`'],
    [{ product: 'zzzzzzzz' }, 'product', 'the products are `wallet`, `site`'],
    [{ version: '?' }, 'version', 'like `v1.2.3`'],
    [{ commit: 'x' }, 'commit', '7 to 40 hex'],
    [{ environmentUrl: 'staging' }, 'environmentUrl', 'https://'],
    [{ prodIssue: 'nope' }, 'prodIssue', 'https://'],
    [{ changes: 'x'.repeat(2501) }, 'changes', 'under 2500'],
    [{ kind: 'emergency' }, 'reason', 'needs a reason'],
    [{ kind: 'emergency' }, 'prodIssue', 'an emergency needs its prod issue'],
  ])('faults of %j are said at their field', (over, field, said) => {
    expect(opening(over).faults?.[field]).toContain(said);
  });
});

describe('the lines of the thread', () => {
  it('say every state change, and what is critical in the channel too', () => {
    const p = play();
    const lines: string[] = [];
    const run = (who: typeof ADA, act: Parameters<typeof p.do>[1]) => {
      const before = p.facts;
      const d = p.do(who, act);
      const line = lineFor(before, p.facts, d.changes, TEAM.review, p.now);
      if (line) lines.push(`${line.broadcast ? '! ' : ''}${line.text}`);
      return line;
    };
    for (const who of [ADA, BEN]) run(who, ACTS.ready);
    expect(run(ADA, { kind: 'hold', reason: 'fee', road: 'button' })?.text).toContain('On hold by <@UADA>: fee');
    expect(run(MAX, { kind: 'unhold' })?.text).toContain('lifted the hold: fee');
    run(CAS, { kind: 'hold', reason: null, road: 'button' });
    expect(run(CAS, { kind: 'hold', reason: 'why', road: 'button' })?.text).toContain('on their hold: why');
    expect(run(CAS, { kind: 'unhold' })?.text).toContain('lifted their hold');
    for (const who of [ADA, BEN]) run(who, ACTS.lgtm);
    expect(run(ADA, ACTS.retract)?.text).toContain('took back their LGTM');
    expect(run(ADA, ACTS.lgtm)?.text).toContain('*Approved*');
    run(CAS, ACTS.ready);
    run(CAS, ACTS.lgtm);
    expect(run(MAX, ACTS.candidate)?.text).toContain('Stale now, please look again');
    // R3: it was of the commit that they reviewed.
    expect(run(ADA, ACTS.retract)?.text).toContain('took back their LGTM of `abc1234`');
    expect(run(ADA, ACTS.lgtm)?.text).toContain('signed off `def5678`');
    run(BEN, ACTS.lgtm);
    p.reconciled();
    run(MAX, ACTS.ship);
    expect(run(CAS, ACTS.hold)?.broadcast).toBe(true);
    run(CAS, { kind: 'unhold' });
    const failed = run(MAX, { kind: 'failed', reason: 'migration <!channel> timed out' })?.text;
    expect(failed).toContain('the push failed');
    expect(failed).toContain('What happened: migration &lt;!channel&gt; timed out');
    expect(run(ADA, ACTS.lgtm)?.text).toContain('still says LGTM');
    run(BEN, ACTS.lgtm);
    p.reconciled();
    run(MAX, ACTS.ship);
    run(MAX, ACTS.shipped);
    expect(run(CAS, ACTS.retract)).toMatchObject({ broadcast: false, text: expect.stringContaining('`abc1234`') });
    expect(run(ADA, ACTS.retract)?.blocks).toBeDefined();
    for (const who of [CAS, BEN]) run(who, ACTS.ready);
    expect(run(CAS, ACTS.away)?.text).toContain('stepped away');
    run(CAS, ACTS.ready);
    for (const who of [CAS, BEN]) run(who, ACTS.verify);
    expect(lines.join('\n')).toContain('*Done*');
    expect(run(ADMIN, ACTS.rollback)).toMatchObject({ broadcast: true, text: expect.stringContaining('Rolled back') });
    expect(
      lineFor(p.facts, p.facts, [{ kind: 'renewed', stage: 'candidate', person: 'U' }], TEAM.review, now),
    ).toBeNull();
  });

  it('tell of the emergency, of shipping on one and of its review', () => {
    const f = someFacts({ holds: [aHold(ADMIN, { emergencyId: 7 })] });
    const say = (change: Parameters<typeof lineFor>[2][number]) => lineFor(f, f, [change], TEAM.review, now)?.text;
    const held = { kind: 'held', person: 'shipshape', reason: 'x', road: 'command', emergencyId: 7 } as const;
    expect(say({ ...held, late: false })).toContain('by an emergency');
    expect(say({ kind: 'unheld', holdId: 900, person: ADMIN.id })).toMatch(/emergency was cancelled/);
    expect(say({ kind: 'on_one', signer: ADA.id, person: MAX.id, reviewDueAt: now })).toContain("<@UADA>'s");
    expect(say({ kind: 'reviewed', person: BEN.id, note: 'fine', late: true })).toContain('(late): fine');
    expect(say({ kind: 'left', stage: 'candidate', person: ADA.id, expired: true })).toContain('no longer counts');
  });

  it('of what GitHub and bugs bring: carried, disqualified, blocked and ended', () => {
    const f = someFacts();
    const known = someFacts({ release: { authors: [EVE.id, ADA.id] } });
    const say = (change: Parameters<typeof lineFor>[2][number], after = f) =>
      lineFor(f, after, [change], TEAM.review, now);
    expect(say({ kind: 'tree_verified', candidateId: 101, tree: 't' })).toBeNull();
    expect(say({ kind: 'authors', people: [ADA.id] })).toBeNull();
    expect(say({ kind: 'carried', person: ADA.id, signOffId: 1 })?.text).toMatch(/<@UADA>'s LGTM carries over/);
    const blocked = { kind: 'blocked', seqs: [1, 2], titles: ['<!here>', 'b'] } as const;
    expect(say({ ...blocked, seqs: [1], titles: ['<!here>', 'b'], late: false })).toMatchObject({
      text: ':no_entry: Blocked: &lt;!here&gt;; b',
      broadcast: false,
    });
    const back = { id: 1, seq: 1, title: 'a', url: null, back: 'known' } as const;
    const assumed = { ...back, id: 3, seq: 3, back: 'assumed' } as const;
    const open = { id: 2, seq: 2, title: 'b', url: null };
    const news = (seqs: number[]) =>
      say(
        { ...blocked, seqs, titles: ['a', 'b'].slice(0, seqs.length), late: false },
        { ...f, blockers: [back, open, assumed] },
      )?.text;
    expect(news([1])).toBe(':no_entry: Blocked: a (fixed in another commit, not in this one)');
    expect(news([2, 1])).toBe(':no_entry: Blocked: a; b (fixed in another commit, not in this one)');
    expect(news([3])).toMatch(/^:no_entry: Blocked: a \(fixed in another commit; .* assumed to have it\)$/);
    expect(say({ ...blocked, seqs: [1], titles: ['a'], late: true })).toMatchObject({
      text: expect.stringContaining('default answer is to roll back'),
      broadcast: true,
    });
    expect(say({ kind: 'unblocked', seqs: [1] })?.text).toMatch(/has ended, or this candidate is without it\.$/);
    const wrote = { kind: 'disqualified', stage: 'candidate', person: ADA.id } as const;
    expect(say({ ...wrote, late: false })?.text).toMatch(/wrote some of the changes.*does not count$/);
    expect(say({ ...wrote, late: true })).toMatchObject({
      text: expect.stringContaining('shipped already'),
      broadcast: true,
    });
    const left = { kind: 'left', stage: 'candidate', person: ADA.id, expired: false } as const;
    expect(say(left)?.text).toContain('stepped away');
    expect(say(left, known)?.text).toContain('do not count as here');
  });

  it('link to the thread once it is posted', () => {
    const url = 'https://slack.example.com/archives/CREL/p1000001';
    expect(threadLink(someFacts({ thread: { channel: 'CREL', rootTs: '1.000001', url } }))).toContain(
      `<${url}|wallet 1.2.3>`,
    );
    expect(threadLink(someFacts({ thread: { channel: 'CREL', rootTs: null, url: null } }))).toContain('*wallet 1.2.3*');
    expect(refused({ code: 'x', reason: 'no such thing', next: 'Stop.' }).text).toBe(':x: No such thing. Stop.');
  });
});

describe('answers', () => {
  it('R2: say in the words of the card whose eyes are missing', () => {
    const { review } = TEAM;
    for (const [f, says] of [
      [someFacts(), 'two operators say they are here'],
      [someFacts({ presences: [aPresence(ADA)] }), 'one more operator says they are here'],
      [someFacts({ holds: [aHold(CAS)] }), 'two operators say they are here, and it is on hold'],
    ] as const) {
      expect(stateLine(f, TEAM, now)).toContain(`— ${says}`);
      const eyes = `(eyes ${f.presences.length}/2, sign-offs 0/2).`;
      expect(accepted('ready', f, review, now).text).toMatch(
        new RegExp(`: you are here\\. It waits until ${says} .eyes`),
      );
      expect(accepted('ready', f, review, now).text).toContain(eyes);
      expect(alreadySo('so it is', f, review, now).text).toContain(`: so it is. It waits until ${says}.`);
    }
    const held = { ...playTo('testing').facts, holds: [aHold(CAS)] };
    expect(accepted('hold', held, review, now).text).toContain('It is being tested, and on hold (eyes 2/2');
    expect(alreadySo('so it is', held, review, now).text).toContain('It is being tested.');
  });

  it('say once that a release is cancelled, and nothing of its hold', () => {
    const { facts } = playTo('cancelled');
    const text = accepted('cancel', { ...facts, holds: [aHold(CAS)] }, TEAM.review, now).text;
    expect(text).toMatch(/: it is cancelled\.$/);
  });
});

describe('what a release needs of a person', () => {
  const need = (f: Facts, who: typeof ADA) => needs(f, who, TEAM, now);
  it('by state and role', () => {
    expect(need(playTo('waiting').facts, ADA)).toContain('your eyes');
    expect(need(playTo('waiting').facts, NOBODY)).toBeNull();
    expect(need(playTo('waiting').facts, EVE)).toBeNull();
    expect(need(playTo('testing').facts, ADA)).toContain('sign off');
    expect(need(playTo('testing').facts, CAS)).toBeNull();
    expect(need(playTo('approved').facts, MAX)).toContain('ship it');
    expect(need(playTo('approved').facts, ADA)).toBeNull();
    expect(need(playTo('shipping').facts, ADMIN)).toContain('live');
    expect(need(playTo('verifying').facts, CAS)).toContain('in production');
    const holding = someFacts({ holds: [aHold(CAS, { reason: null })] });
    expect(need(holding, CAS)).toContain('no reason');
    expect(need(someFacts({ holds: [aHold(CAS)] }), CAS)).toContain('still set');
    const owed = someFacts({ release: { state: 'done', onOne: ADA.id } });
    expect(need(owed, BEN)).toContain('review');
    expect(need(owed, ADA)).toBeNull();
    const testing = playTo('testing').facts;
    const old = { ...testing, signOffs: [aSignOff(ADA)], release: { ...testing.release, interruptedAct: 5 } };
    expect(need(old, ADA)).toContain('still LGTM');
    const p = playTo('verifying');
    p.do(CAS, ACTS.ready);
    expect(need(p.facts, CAS)).toContain('check production');
    const gone = playTo('testing');
    gone.do(ADA, ACTS.lgtm);
    expect(need(gone.facts, ADA)).toBeNull();
    expect(need({ ...playTo('testing').facts, presences: [] }, CAS)).toContain('your eyes');
    const away = playTo('waiting');
    away.do(ADA, ACTS.ready);
    expect(need(away.facts, ADA)).toBeNull();
  });

  it('says what sign-offs wait for, and asks for none while it is on hold or cannot be read', () => {
    const { facts } = playTo('testing');
    const gating = { ...TEAM, testing: { ...TEAM.testing, ciGates: true } };
    const over = (more: Partial<Facts>) => needs({ ...facts, ...more }, ADA, gating, now);
    expect(over({ blockers: [aBlocker()], unfinished: { candidate: 2, production: 0 } })).toBe(
      'test it and sign off; sign-offs wait for a blocking bug, 2 test cases',
    );
    expect(over({ ci: { passed: 1, failed: 1, waiting: [] } })).toContain('; sign-offs wait for the automated tests');
    expect(over({ holds: [aHold(CAS)] })).toBeNull();
    expect(over({ release: { ...facts.release, lostAt: now } })).toBeNull();
    // An emergency holds what waits to ship, not what is in production already.
    const live = playTo('verifying').facts;
    expect(need({ ...live, holds: [aHold(MAX, { emergencyId: 9 })] }, CAS)).toBe('your eyes are wanted in production');
  });

  it('is drawn on the Home and in the list, also when there is nothing', () => {
    const drawn = (who: Actor, open: readonly Facts[], over: readonly Facts[]) =>
      JSON.stringify(home(who, { open, ended: over, owing: over }, { others: [], today: [] }, TEAM, now));
    expect(drawn(ADA, [], [])).toContain('Nothing right now');
    expect(drawn(MAX, [], [])).toContain('release_start');
    expect(drawn(NOBODY, [], [])).not.toContain('release_start');
    const owed = someFacts({ release: { id: 3, state: 'done', kind: 'emergency', onOne: ADA.id } });
    expect(drawn(BEN, [someFacts()], [owed])).toContain('review');
    expect(drawn(BEN, [someFacts()], [owed])).not.toMatch(/and \d+ more/);
    const { facts } = playTo('waiting');
    // Twenty are shown of each: the others are counted, not lost.
    const many = Array.from({ length: 23 }, (_, i) => ({ ...facts, release: { ...facts.release, id: i + 10 } }));
    expect(drawn(ADA, many, [])).toMatch(/and 3 more releases.*and 3 more/);
    expect(list([], [], TEAM, now).text).toContain('0 open: none');
    expect(list([someFacts()], [owed], TEAM, now).blocks.length).toBe(4);
  });
});
