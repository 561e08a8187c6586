import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { offer, saidInOldThread, sight } from '../../../src/areas/releases/claims.ts';
import type { Place, Sighting } from '../../../src/areas/releases/sightings.ts';
import type { Actor } from '../../../src/base/actor.ts';
import { claims, releases } from '../../../src/db/schema/releases.ts';
import { freshDb, type TestDb } from '../../support/db.ts';
import { ADA, ADMIN, BEN, CAS, EVE, MAX, NOBODY, T0 } from '../../support/facts.ts';
import { aCause, type Team, teamOn } from '../../support/team.ts';

let db: TestDb;
let team: Team;
let roots = 100;
beforeAll(async () => {
  db = await freshDb();
  team = teamOn(db.db);
});
afterAll(() => db.close());

const OUTSIDER: Actor = { id: 'UOUT', roles: new Set(), standing: 'outsider' };
const BOT: Actor = { id: 'UBOT', roles: new Set(), standing: 'bot' };
/** Slack's time, `seconds` after noon of the tests. */
const at = (seconds: number) => `${T0.getTime() / 1000 + seconds}.000000`;

/** A release whose card is posted, with two people testing unless told otherwise. */
async function tested(here: Actor[] = [ADA, BEN]) {
  team.now = T0;
  const id = await team.open();
  const root = `${++roots}.000001`;
  await team.posted(id, root);
  for (const who of here) await team.do(id, who, { kind: 'ready' });
  const see = (who: Actor, road: string, present: boolean, eventTs: string, place: Place = 'card', ts = root) => {
    const s: Sighting = { channel: 'CREL', ts, person: who.id, road, present, eventTs };
    return sight(team.deps, aCause({ actor: who.id, source: 'reaction' }), who, id, place, s);
  };
  const signed = async () => (await team.facts(id)).signOffs.filter((s) => !s.retractedAt).map((s) => s.person);
  return { id, root, see, signed };
}
const claimsOf = async (id: number) => (await db.db.select().from(claims)).filter((c) => c.releaseId === id);

function permutations<T>(list: T[]): T[][] {
  return list.length < 2
    ? [list]
    : list.flatMap((x, i) => permutations([...list.slice(0, i), ...list.slice(i + 1)]).map((rest) => [x, ...rest]));
}

describe('R7: what was taken back lives again only by a new act', () => {
  /** Signed by the button, and taken back by the command a minute later. */
  const takenBack = async () => {
    const r = await tested();
    await team.do(r.id, ADA, { kind: 'lgtm', road: 'button' });
    team.now = new Date(T0.getTime() + 60_000);
    await team.do(r.id, ADA, { kind: 'retract' });
    return r;
  };

  it('a word or reaction from before, whose event comes late, is asked about and not counted', async () => {
    const r = await takenBack();
    expect(await r.see(ADA, 'word', true, at(30), 'word', `${++roots}.000001`)).toBe('stale');
    expect(await r.see(ADA, 'lgtm', true, at(31))).toBe('stale');
    expect(await r.signed()).toEqual([]);
    expect((await team.dms(ADA.id)).join()).toContain('came before you took it back');
  });

  it('one from after counts', async () => {
    const r = await takenBack();
    expect(await r.see(ADA, 'lgtm', true, at(90))).toBe('accepted');
    expect(await r.signed()).toEqual([ADA.id]);
  });

  it('one that follows its own withdrawal counts, however late the two are heard', async () => {
    const r = await tested();
    await r.see(ADA, 'lgtm', true, at(10));
    team.now = new Date(T0.getTime() + 60_000);
    await r.see(ADA, 'lgtm', false, at(11));
    expect(await r.see(ADA, 'lgtm', true, at(12))).toBe('accepted');
    expect(await r.signed()).toEqual([ADA.id]);
  });
});

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

/** Up to the production check. */
async function live() {
  const r = await tested();
  await r.see(ADA, 'lgtm', true, at(60));
  await r.see(BEN, 'lgtm', true, at(61));
  await team.reconciled(r.id);
  await team.do(r.id, MAX, { kind: 'ship' });
  await team.do(r.id, MAX, { kind: 'shipped' });
  const check = `${++roots}.000001`;
  await team.posted(r.id, check, 'check');
  return { ...r, check };
}

describe('R8: production', () => {
  it('is checked on its own message; :eyes: on the card count for nothing now', async () => {
    const r = await live();
    expect(await r.see(CAS, 'eyes', true, at(70))).toBe('refused');
    for (const who of [ADA, CAS]) expect(await r.see(who, 'eyes', true, at(70), 'check', r.check)).toBe('accepted');
    for (const who of [ADA, CAS]) expect(await r.see(who, 'lgtm', true, at(71), 'check', r.check)).toBe('accepted');
    expect((await team.facts(r.id)).release.state).toBe('done');
    // The candidate's reactions stay what they were.
    expect((await team.facts(r.id)).signOffs.filter((s) => s.stage === 'candidate')).toHaveLength(2);
  });

  it('an LGTM by word is asked which it is', async () => {
    const r = await live();
    expect(await r.see(ADA, 'word', true, at(70), 'word', '7.7')).toBe('stale');
    expect((await team.dms(ADA.id)).at(-1)).toContain('it is production that is checked now');
  });

  it('an LGTM by word is asked about production though it is in doubt too: the candidate takes none any more', async () => {
    const r = await live();
    for (const who of [ADA, CAS]) await r.see(who, 'eyes', true, at(70), 'check', r.check);
    team.now = new Date(T0.getTime() + 80_000);
    await team.do(r.id, BEN, { kind: 'hold', reason: 'wait', road: 'command' });
    await team.do(r.id, BEN, { kind: 'unhold' });
    expect(await r.see(ADA, 'word', true, at(71), 'word', at(71))).toBe('stale');
    const { rows } = await db.pool.query("select blocks from outbox where role = 'dm' order by id desc limit 1");
    expect(JSON.stringify(rows[0].blocks)).toContain('"action_id":"release_verify"');
  });

  it('an LGTM by word that is taken back takes back what was given for production, and is no alarm', async () => {
    const r = await live();
    for (const who of [ADA, CAS]) await r.see(who, 'eyes', true, at(70), 'check', r.check);
    await r.see(ADA, 'word', true, at(71), 'word', at(71));
    await team.do(r.id, ADA, { kind: 'verify', road: 'button' });
    await r.see(ADA, 'word', false, at(72), 'word', at(71));
    const mine = (await team.facts(r.id)).signOffs.filter((s) => s.person === ADA.id);
    expect(mine.map((s) => [s.stage, s.retractedAt !== null, s.lateAt !== null])).toEqual([
      ['candidate', false, false],
      ['production', true, false],
    ]);
  });

  it('a late reaction from before a hold is asked, also when the hold is lifted', async () => {
    const r = await live();
    for (const who of [ADA, CAS]) await r.see(who, 'eyes', true, at(70), 'check', r.check);
    team.now = new Date(T0.getTime() + 80_000);
    await team.do(r.id, BEN, { kind: 'hold', reason: 'wait', road: 'command' });
    await team.do(r.id, BEN, { kind: 'unhold' });
    expect(await r.see(ADA, 'lgtm', true, at(71), 'check', r.check)).toBe('stale');
    expect((await team.dms(ADA.id)).at(-1)).toContain('before a hold');
    expect(await r.see(CAS, 'lgtm', true, at(82), 'check', r.check)).toBe('accepted');
  });

  it('a candidate LGTM taken back now alerts, with a button to roll back', async () => {
    const r = await live();
    await r.see(ADA, 'lgtm', false, at(70));
    const { rows } = await db.pool.query(
      "select text, broadcast, blocks from outbox where role = 'line' order by id desc limit 1",
    );
    expect(rows[0]).toMatchObject({ broadcast: true, text: expect.stringContaining('after shipping began') });
    expect(JSON.stringify(rows[0].blocks)).toContain('release_rollback');
  });
});

describe(':rocket:', () => {
  it('offers the manager or an admin the next button, and nobody else; it moves nothing by itself', async () => {
    const r = await tested();
    expect(await r.see(MAX, 'rocket', true, at(59))).toBe('noted');
    const none = (await team.dms(MAX.id)).length;
    await r.see(ADA, 'lgtm', true, at(60));
    await r.see(BEN, 'lgtm', true, at(61));
    expect(await r.see(MAX, 'rocket', false, at(62))).toBe('withdrawn');
    expect(await r.see(MAX, 'rocket', true, at(63))).toBe('noted');
    expect((await team.dms(MAX.id)).slice(none)).toMatchObject([expect.stringContaining('Begin the push?')]);
    const { rows } = await db.pool.query("select blocks from outbox where role = 'dm' order by id desc limit 1");
    const [candidate] = (await team.facts(r.id)).candidates;
    // R3: pressed after a new candidate was approved, it must not ship that one.
    expect(JSON.stringify(rows[0].blocks)).toContain(`"value":"${r.id}:${candidate?.id}"`);
    await team.reconciled(r.id);
    await team.do(r.id, MAX, { kind: 'ship' });
    await r.see(ADMIN, 'rocket', true, at(64));
    expect((await team.dms(ADMIN.id)).at(-1)).toContain('Is it live?');
    const before = await team.dms(CAS.id);
    await r.see(CAS, 'rocket', true, at(64));
    expect(await team.dms(CAS.id)).toEqual(before);
    expect((await team.facts(r.id)).release.state).toBe('shipping');
  });

  it('says what an approved release waits for where shipping would be refused, without a button', async () => {
    const r = await tested();
    for (const who of [ADA, BEN]) await team.do(r.id, who, { kind: 'lgtm', road: 'button' });
    await db.pool.query('update releases set lost_at = now() where id = $1', [r.id]);
    await r.see(MAX, 'rocket', true, at(60));
    expect((await team.dms(MAX.id)).at(-1)).toMatch(/is approved, and waits for its channel .* before it ships\.$/);
    const { rows } = await db.pool.query("select blocks from outbox where role = 'dm' order by id desc limit 1");
    expect(JSON.stringify(rows[0].blocks)).not.toContain('release_ship');
  });
});

describe('offer: a message that merely contains LGTM', () => {
  it('is offered a button when the sign-off would be accepted, once', async () => {
    const r = await tested();
    const cause = aCause();
    expect(await offer(team.deps, cause, ADA, r.id)).toBe(true);
    expect(await offer(team.deps, cause, ADA, r.id)).toBe(true);
    expect((await team.dms(ADA.id)).filter((t) => t.includes('you mentioned LGTM'))).toHaveLength(1);
    expect(await r.signed()).toEqual([]);
  });

  it('is left alone when it would be refused, counts already, or there is no such release', async () => {
    const r = await tested();
    expect(await offer(team.deps, aCause(), EVE, r.id)).toBe(false);
    await team.do(r.id, ADA, { kind: 'lgtm', road: 'button' });
    expect(await offer(team.deps, aCause(), ADA, r.id)).toBe(false);
    expect(await offer(team.deps, aCause(), ADA, 99_999)).toBe(false);
  });
});

describe('R7: an LGTM in the thread of a card that was deleted since', () => {
  const say = (id: number, who: Actor) => saidInOldThread(team.deps, aCause({ actor: who.id }), who, id);

  it('is asked about, once, and counts nothing by itself', async () => {
    const r = await tested();
    const cause = aCause({ actor: ADA.id });
    const asked = (await team.dms(ADA.id)).length;
    for (let i = 0; i < 2; i++) expect(await saidInOldThread(team.deps, cause, ADA, r.id)).toBe('asked');
    expect((await team.dms(ADA.id)).slice(asked)).toEqual([expect.stringContaining('you said LGTM in its old thread')]);
    expect(await r.signed()).toEqual([]);
  });

  it('is refused with the reason where it would be, and left alone where it counts already', async () => {
    const r = await tested();
    expect(await say(r.id, CAS)).toBe('refused');
    expect((await team.dms(CAS.id)).at(-1)).toContain('you have not said that you are here');
    await team.do(r.id, ADA, { kind: 'lgtm', road: 'button' });
    const before = (await team.dms(ADA.id)).length;
    await say(r.id, ADA);
    expect(await team.dms(ADA.id)).toHaveLength(before);
    expect(await say(99_999, ADA)).toBe('old');
  });
});

describe('R5: a question whose button does not show', () => {
  it('names the command that does the same, with the release', async () => {
    const r = await tested();
    const { release } = await team.facts(r.id);
    const last = async (who: Actor) => (await team.dms(who.id)).at(-1);
    const command = (word: string) => `The command is \`/release ${word} ${release.product} ${release.version}\`.`;
    await offer(team.deps, aCause(), ADA, r.id);
    expect(await last(ADA)).toContain(command('lgtm'));
    await r.see(CAS, 'octagonal_sign', true, at(60));
    expect(await last(CAS)).toContain(command('hold'));
    await r.see(CAS, 'octagonal_sign', false, at(61));
    await r.see(ADA, 'lgtm', true, at(62));
    await team.do(r.id, ADA, { kind: 'away' });
    await r.see(ADA, 'eyes', true, at(-60));
    expect(await last(ADA)).toContain(command('ready'));
    const { rows } = await db.pool.query("select blocks from outbox where role = 'dm' order by id desc limit 1");
    expect(JSON.stringify(rows[0].blocks)).not.toContain('The command is');
    await r.see(CAS, 'eyes', true, at(63));
    for (const who of [BEN, CAS]) await r.see(who, 'lgtm', true, at(64));
    await r.see(MAX, 'rocket', true, at(65));
    expect(await last(MAX)).toContain(command('ship'));
    await team.do(r.id, CAS, { kind: 'hold', reason: 'wait', road: 'command' });
    await team.do(r.id, CAS, { kind: 'unhold' });
    expect(await last(BEN)).toContain(command('lgtm'));
  });
});

describe('what the reconcile hands on', () => {
  it('is dropped when the claim changed meanwhile, and asked when in doubt', async () => {
    const r = await tested();
    const s = { channel: 'CREL', ts: r.root, person: ADA.id, road: 'lgtm', present: true, eventTs: at(60) };
    const found = (version: number, doubt: string | null) =>
      sight(team.deps, aCause({ source: 'reconcile' }), ADA, r.id, 'card', s, { version, doubt });
    expect(await found(3, null)).toBe('old');
    expect(await claimsOf(r.id)).toEqual([]);
    expect(await found(0, 'I missed it.')).toBe('asked');
    expect(await r.signed()).toEqual([]);
    expect((await team.dms(ADA.id)).at(-1)).toContain('I missed it.');
    const eyes = { ...s, road: 'eyes', person: CAS.id };
    await sight(team.deps, aCause(), CAS, r.id, 'card', eyes, { version: 0, doubt: 'I missed it.' });
    expect((await team.dms(CAS.id)).at(-1)).toContain('If you mean it, say so.');
  });

  it('counts when its event comes after all, and only then', async () => {
    const r = await tested();
    const s = { channel: 'CREL', ts: r.root, person: ADA.id, road: 'lgtm', present: true, eventTs: at(60) };
    await sight(team.deps, aCause({ source: 'reconcile' }), ADA, r.id, 'card', s, {
      version: 0,
      doubt: 'I missed it.',
    });
    expect(await sight(team.deps, aCause(), ADA, r.id, 'card', { ...s, eventTs: at(59) })).toBe('old');
    expect(await r.signed()).toEqual([]);
    expect(await sight(team.deps, aCause(), ADA, r.id, 'card', { ...s, eventTs: at(61) })).toBe('accepted');
    expect(await r.signed()).toEqual([ADA.id]);
  });
});
