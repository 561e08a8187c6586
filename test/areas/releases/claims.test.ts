import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { sight, stands } from '../../../src/areas/releases/claims.ts';
import type { Actor } from '../../../src/base/actor.ts';
import { claims, releases } from '../../../src/db/schema/releases.ts';
import { ADA, BEN, CAS, EVE, MAX, NOBODY, T0 } from '../../support/facts.ts';
import { aCause } from '../../support/team.ts';
import { at, claimsOf, db, team, teamOnADatabase, tested } from './claims-team.ts';

teamOnADatabase();

const OUTSIDER: Actor = { id: 'UOUT', roles: new Set(), standing: 'outsider' };
const BOT: Actor = { id: 'UBOT', roles: new Set(), standing: 'bot' };

function permutations<T>(list: T[]): T[][] {
  return list.length < 2
    ? [list]
    : list.flatMap((x, i) => permutations([...list.slice(0, i), ...list.slice(i + 1)]).map((rest) => [x, ...rest]));
}

describe('R5: said while a blocker was open, heard when it has ended', () => {
  it('does not count, also before the release has looked at its gate', async () => {
    const r = await tested();
    await db.db
      .update(releases)
      .set({ knownBlockers: [7] })
      .where(eq(releases.id, r.id));
    team.now = new Date(T0.getTime() + 60_000);
    expect(await r.see(ADA, 'lgtm', true, at(30))).toBe('stale');
    expect(await r.signed()).toEqual([]);
    expect((await team.dms(ADA.id)).at(-1)).toContain('a blocker');
    expect(await r.see(BEN, 'lgtm', true, at(60))).toBe('accepted');
  });
});

describe('R7: out of order, doubled, simultaneous', () => {
  const events = [
    { present: true, ts: at(60) },
    { present: false, ts: at(61) },
    { present: true, ts: at(62) },
  ];
  for (const order of permutations([0, 1, 2])) {
    it(`added, removed, added, heard as ${order.map((i) => i + 1).join(' ')}: the sign-off stands`, async () => {
      const r = await tested();
      for (const i of order) await r.see(ADA, 'lgtm', events[i]?.present as boolean, events[i]?.ts as string);
      expect(await r.signed()).toEqual([ADA.id]);
      expect(await claimsOf(r.id)).toMatchObject([{ present: true, eventTs: at(62) }]);
    });
  }

  for (const order of permutations([0, 1, 2, 3])) {
    it(`and removed at last, heard as ${order.map((i) => i + 1).join(' ')}: it does not`, async () => {
      const r = await tested();
      const four = [...events, { present: false, ts: at(63) }];
      for (const i of order) await r.see(ADA, 'lgtm', four[i]?.present as boolean, four[i]?.ts as string);
      expect(await r.signed()).toEqual([]);
      expect(await claimsOf(r.id)).toMatchObject([{ present: false, outcome: 'withdrawn' }]);
    });
  }

  it.each([[[true, false]], [[false, true]]])('at the same microsecond the withdrawal wins: %s', async (order) => {
    const r = await tested();
    for (const present of order) await r.see(ADA, 'lgtm', present, at(60));
    expect(await r.signed()).toEqual([]);
  });

  it('three times the same, or ten at once, is one sign-off and one line', async () => {
    const r = await tested();
    await Promise.all(Array.from({ length: 10 }, () => r.see(ADA, 'lgtm', true, at(60))));
    expect(await r.signed()).toEqual([ADA.id]);
    expect((await team.lines(r.id)).filter((line) => line.includes('signed off'))).toHaveLength(1);
  });

  it('the same event handed over twice has the first outcome', async () => {
    const r = await tested();
    const cause = aCause();
    const s = { channel: 'CREL', ts: r.root, person: ADA.id, road: 'lgtm', present: true, eventTs: at(60) };
    expect(await sight(team.deps, cause, ADA, r.id, 'card', s)).toBe('accepted');
    expect(await sight(team.deps, cause, ADA, r.id, 'card', s)).toBe('accepted');
    expect(await claimsOf(r.id)).toMatchObject([{ version: 1 }]);
  });
});

describe('R7: undoing', () => {
  it('a reaction taken back takes the sign-off back, and with it the approval', async () => {
    const r = await tested();
    await r.see(ADA, 'lgtm', true, at(60));
    await r.see(BEN, 'lgtm', true, at(61));
    expect((await team.facts(r.id)).release.state).toBe('approved');
    await r.see(ADA, 'lgtm', false, at(62));
    expect((await team.facts(r.id)).release.state).toBe('testing');
  });

  it('takes back what the button gave', async () => {
    const r = await tested();
    await r.see(ADA, 'lgtm', true, at(60));
    await team.do(r.id, ADA, { kind: 'retract' });
    await team.do(r.id, ADA, { kind: 'lgtm', road: 'button' });
    await r.see(ADA, 'lgtm', false, at(62));
    expect(await r.signed()).toEqual([]);
  });

  it('what a reaction gave goes with it, though the policy gives it no meaning, or another one, by then', async () => {
    const was = team.deps.policy;
    const meaning = (over: Partial<typeof was.reactions>) =>
      Object.assign(team.deps, { policy: { ...was, reactions: { ...was.reactions, ...over } } });
    try {
      for (const after of [{}, { eyes: ['eyes', '+1', 'x'] }]) {
        const r = await tested();
        meaning({ lgtm: ['lgtm', '+1'], hold: ['octagonal_sign', 'x'] });
        expect(await r.see(ADA, '+1', true, at(60))).toBe('accepted');
        expect(await r.see(CAS, 'x', true, at(60))).toBe('accepted');
        meaning(after);
        expect(await r.see(CAS, 'x', false, at(61))).toBe('withdrawn');
        expect((await team.facts(r.id)).holds.map((h) => h.liftedBy)).toEqual([CAS.id]);
        expect(await r.see(ADA, '+1', false, at(61))).toBe('withdrawn');
        expect(await r.signed()).toEqual([]);
        expect((await team.facts(r.id)).presences.find((p) => p.person === ADA.id)?.leftAt).toBeNull();
      }
    } finally {
      team.deps.policy = was;
    }
  });

  it('a claim from before its meaning was kept is taken back as an LGTM where it has none any more', async () => {
    const r = await tested();
    await team.do(r.id, ADA, { kind: 'lgtm', road: 'button' });
    const old = { channel: 'CREL', ts: r.root, releaseId: r.id, present: true, eventTs: at(1), changedAt: T0 };
    await db.db.insert(claims).values([
      { ...old, person: ADA.id, road: '+1', outcome: 'accepted' },
      { ...old, person: ADA.id, road: 'shipit', outcome: 'noted' },
    ]);
    // Of one that had no effect nothing is taken back.
    expect(await r.see(ADA, 'shipit', false, at(60))).toBe('withdrawn');
    expect(await r.signed()).toEqual([ADA.id]);
    expect(await stands(db.db, { channel: 'CREL', ts: r.root, person: ADA.id, road: '+1' })).toBe(true);
    expect(await stands(db.db, { channel: 'CREL', ts: r.root, person: BEN.id, road: '+1' })).toBe(false);
    expect(await r.see(ADA, '+1', false, at(60))).toBe('withdrawn');
    expect(await r.signed()).toEqual([]);
  });

  it('eyes come and go', async () => {
    const r = await tested([]);
    await r.see(ADA, 'eyes', true, at(60));
    await r.see(BEN, 'eyes', true, at(60));
    expect((await team.facts(r.id)).release.state).toBe('testing');
    await r.see(BEN, 'eyes', false, at(61));
    expect((await team.facts(r.id)).release.state).toBe('waiting');
  });

  it('a hold by reaction is set at once, its reason asked, and lifted with the reaction; others stay', async () => {
    const r = await tested();
    await r.see(CAS, 'octagonal_sign', true, at(60));
    expect((await team.facts(r.id)).holds).toMatchObject([{ person: CAS.id, reason: null, liftedAt: null }]);
    expect((await team.dms(CAS.id)).at(-1)).toContain('is on hold, by your reaction. Why?');
    await team.do(r.id, BEN, { kind: 'hold', reason: 'wait', road: 'command' });
    await r.see(CAS, 'octagonal_sign', false, at(61));
    const { holds } = await team.facts(r.id);
    expect(holds.filter((h) => !h.liftedAt).map((h) => h.person)).toEqual([BEN.id]);
    // Nothing of theirs is left to lift.
    await r.see(BEN, 'octagonal_sign', true, at(62));
    await r.see(BEN, 'octagonal_sign', false, at(63));
    expect((await team.facts(r.id)).holds.filter((h) => !h.liftedAt)).toHaveLength(1);
  });
});

describe('R5: refusals', () => {
  it('are told by DM, at once, and only there', async () => {
    const r = await tested();
    expect(await r.see(EVE, 'lgtm', true, at(60))).toBe('refused');
    expect((await team.dms(EVE.id)).at(-1)).toContain('wrote some of its changes');
  });

  it('a refused reaction that stands never signs by itself later', async () => {
    const r = await tested([ADA]);
    expect(await r.see(ADA, 'lgtm', true, at(60))).toBe('refused');
    for (const who of [BEN, CAS]) await team.do(r.id, who, { kind: 'ready' });
    expect((await team.facts(r.id)).release.state).toBe('testing');
    // Seen again, and heard of again later: it was there all the time.
    expect(await r.see(ADA, 'lgtm', true, at(60))).toBe('old');
    expect(await r.see(ADA, 'lgtm', true, at(90))).toBe('refused');
    expect(await r.signed()).toEqual([]);
    // A new act of theirs does.
    await r.see(ADA, 'lgtm', false, at(95));
    expect(await r.see(ADA, 'lgtm', true, at(96))).toBe('accepted');
    expect(await r.signed()).toEqual([ADA.id]);
  });

  it('onlookers with eyes, and bots, are not answered; guests of other workspaces are', async () => {
    const r = await tested([]);
    for (const who of [NOBODY, OUTSIDER, BOT]) expect(await r.see(who, 'eyes', true, at(60))).toBe('refused');
    for (const who of [OUTSIDER, BOT]) expect(await r.see(who, 'lgtm', true, at(61))).toBe('refused');
    expect(await team.dms(NOBODY.id)).toEqual([]);
    expect(await team.dms(BOT.id)).toEqual([]);
    expect(await team.dms(OUTSIDER.id)).toHaveLength(1);
  });

  it('what the policy gives no meaning is nothing', async () => {
    const r = await tested();
    expect(await r.see(ADA, 'tada', true, at(60))).toBe('old');
    expect(await r.see(ADA, 'rocket', true, at(60), 'check', '5.5')).toBe('old');
    expect(await r.see(ADA, 'tada', false, at(61))).toBe('old');
    expect(await claimsOf(r.id)).toEqual([]);
  });
});

describe('R3, R6: what it was meant for', () => {
  it('a reaction from before the card showed the new candidate, or within 5 s after, is asked to confirm', async () => {
    const r = await tested();
    await team.do(r.id, MAX, { kind: 'candidate', commit: 'def5678', tree: null });
    // Named, and the card not drawn yet.
    expect(await r.see(ADA, 'lgtm', true, at(60))).toBe('stale');
    team.now = new Date(T0.getTime() + 70_000);
    await team.posted(r.id, r.root);
    expect(await r.see(BEN, 'lgtm', true, at(74))).toBe('stale');
    expect(await r.signed()).toEqual([]);
    expect((await team.dms(BEN.id)).at(-1)).toContain('showed a new candidate');
    expect(await r.see(CAS, 'lgtm', true, at(76))).toBe('refused');
    await r.see(BEN, 'lgtm', false, at(77));
    expect(await r.see(BEN, 'lgtm', true, at(78))).toBe('accepted');
  });

  it('a late reaction from before a hold is asked, also when the hold is lifted', async () => {
    const r = await tested();
    team.now = new Date(T0.getTime() + 60_000);
    await team.do(r.id, CAS, { kind: 'hold', reason: 'wait', road: 'command' });
    await team.do(r.id, CAS, { kind: 'unhold' });
    expect(await r.see(ADA, 'lgtm', true, at(50))).toBe('stale');
    expect((await team.dms(ADA.id)).at(-1)).toContain('came before a hold');
    expect(await r.see(BEN, 'lgtm', true, at(61))).toBe('accepted');
  });

  it('R5: a late reaction from the time of a hold, which would have been refused then, is asked once it is lifted', async () => {
    const r = await tested();
    await team.do(r.id, CAS, { kind: 'hold', reason: 'wait', road: 'command' });
    team.now = new Date(T0.getTime() + 60_000);
    await team.do(r.id, CAS, { kind: 'unhold' });
    expect(await r.see(ADA, 'lgtm', true, at(30))).toBe('stale');
    expect(await r.signed()).toEqual([]);
    expect((await team.dms(ADA.id)).at(-1)).toContain('was over');
  });

  it('R6: a late reaction from before a failed push is asked', async () => {
    const r = await tested([ADA, BEN, CAS]);
    for (const who of [ADA, BEN]) await team.do(r.id, who, { kind: 'lgtm', road: 'button' });
    await team.reconciled(r.id);
    await team.do(r.id, MAX, { kind: 'ship' });
    team.now = new Date(T0.getTime() + 60_000);
    await team.do(r.id, MAX, { kind: 'failed', reason: 'no disk' });
    expect(await r.see(CAS, 'lgtm', true, at(-5))).toBe('stale');
    expect((await team.facts(r.id)).signOffs.map((s) => s.person)).toEqual([ADA.id, BEN.id]);
    expect(await r.see(ADA, 'lgtm', true, at(62))).toBe('accepted');
  });

  it('R2: late :eyes: of somebody who stepped away since are asked about, and begin nothing', async () => {
    const r = await tested([ADA]);
    await team.do(r.id, BEN, { kind: 'ready' });
    team.now = new Date(T0.getTime() + 60_000);
    await team.do(r.id, BEN, { kind: 'away' });
    expect(await r.see(BEN, 'eyes', true, at(30))).toBe('stale');
    expect((await team.facts(r.id)).release.state).toBe('waiting');
    expect((await team.dms(BEN.id)).at(-1)).toContain('before you stepped away');
    expect(await r.see(BEN, 'eyes', false, at(31))).toBe('withdrawn');
    expect(await r.see(BEN, 'eyes', true, at(70))).toBe('accepted');
    expect((await team.facts(r.id)).release.state).toBe('testing');
  });

  it('R5: a doubted LGTM of a guest is refused, and they are told', async () => {
    const r = await tested();
    const guest: Actor = { id: 'UGUEST', roles: new Set(['operator']), standing: 'guest' };
    await team.do(r.id, MAX, { kind: 'candidate', commit: 'def5678', tree: null });
    expect(await r.see(guest, 'lgtm', true, at(1))).toBe('refused');
    expect(await r.see(guest, 'eyes', true, at(1))).toBe('refused');
    expect(await team.dms(guest.id)).toEqual([expect.stringContaining('guests cannot act on releases')]);
  });

  it('a doubted reaction of somebody who does not count is refused without a question', async () => {
    const r = await tested();
    await team.do(r.id, MAX, { kind: 'candidate', commit: 'def5678', tree: null });
    expect(await r.see(OUTSIDER, 'lgtm', true, at(60))).toBe('refused');
  });

  it('who became a guest takes their sign-off and eyes back by their reactions, and gives none', async () => {
    const r = await tested();
    const guest: Actor = { ...ADA, standing: 'guest' };
    await r.see(ADA, 'lgtm', true, at(60));
    await r.see(guest, 'lgtm', false, at(61));
    expect(await r.signed()).toEqual([]);
    expect(await r.see(guest, 'lgtm', true, at(62))).toBe('refused');
    await r.see(guest, 'eyes', true, at(63));
    await r.see(guest, 'eyes', false, at(64));
    expect((await team.facts(r.id)).presences.find((p) => p.person === ADA.id)?.leftAt).toEqual(team.now);
  });
});
