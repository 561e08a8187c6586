import { describe, expect, it } from 'vitest';
import { offer, saidInOldThread, sight } from '../../../src/areas/releases/claims.ts';
import type { Actor } from '../../../src/base/actor.ts';
import { ADA, ADMIN, BEN, CAS, ENG, EVE, MAX, T0 } from '../../support/facts.ts';
import { aCause } from '../../support/team.ts';
import { at, claimsOf, db, live, team, teamOnADatabase, tested } from './claims-team.ts';

teamOnADatabase();

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

  it('an LGTM by word of somebody who may not sign is refused at once, not asked about first', async () => {
    const r = await live();
    for (const [who, why] of [
      [MAX, 'you are its release manager'],
      [EVE, 'you wrote some of its changes'],
      [ENG, 'only an operator'],
    ] as const) {
      expect(await r.see(who, 'word', true, at(70), 'word', '7.7')).toBe('refused');
      expect((await team.dms(who.id)).at(-1)?.toLowerCase()).toContain(why);
    }
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

  it('R8: is offered the sign-off of production while that is checked; so is what is said in the old thread', async () => {
    const r = await live();
    expect(await offer(team.deps, aCause(), ADA, r.id)).toBe(false);
    for (const who of [ADA, CAS]) await r.see(who, 'eyes', true, at(70), 'check', r.check);
    expect(await offer(team.deps, aCause(), ADA, r.id)).toBe(true);
    const last = async () => {
      const { rows } = await db.pool.query(
        "select text, blocks from outbox where role = 'dm' order by id desc limit 1",
      );
      return `${rows[0].text} ${JSON.stringify(rows[0].blocks)}`;
    };
    expect(await last()).toMatch(/you mentioned LGTM in its thread.*"action_id":"release_verify"/);
    expect(await saidInOldThread(team.deps, aCause(), CAS, r.id)).toBe('asked');
    expect(await last()).toMatch(/you said LGTM in its old thread.*"action_id":"release_verify"/);
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

it('an LGTM in the thread of a cancelled release names the thread of the one that was opened again as the same version', async () => {
  const r = await tested();
  await team.do(r.id, MAX, { kind: 'cancel', reason: null });
  const said = async () => (await team.dms(ADA.id)).at(-1);
  expect(await r.see(ADA, 'word', true, at(70), 'word', '8.1')).toBe('refused');
  expect(await said()).toContain('Open the next one with `/release open`');
  const { product, version } = (await team.facts(r.id)).release;
  const again = await team.open({ product, version });
  await team.posted(again, '8800.000001');
  expect(await r.see(ADA, 'word', true, at(71), 'word', '8.2')).toBe('refused');
  expect(await said()).toContain(
    `It was opened again: <https://slack.example.com/archives/CREL/p8800000001|${product} ${version}>`,
  );
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

  it('is refused, and not asked about, where the release has ended meanwhile', async () => {
    const r = await tested();
    await team.do(r.id, MAX, { kind: 'cancel', reason: null });
    const s = { channel: 'CREL', ts: '9.1', person: ADA.id, road: 'word', present: true, eventTs: at(60) };
    const found = { version: 0, doubt: 'I missed it.' };
    expect(await sight(team.deps, aCause({ source: 'reconcile' }), ADA, r.id, 'word', s, found)).toBe('refused');
    expect((await team.dms(ADA.id)).at(-1)).toContain('cancelled');
    expect((await team.dms(ADA.id)).at(-1)).not.toContain('I missed it.');
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
