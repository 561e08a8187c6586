import { describe, expect, it } from 'vitest';
import { sight } from '../../../src/areas/releases/claims.ts';
import { ADA, BEN, CAS, T0 } from '../../support/facts.ts';
import { aCause } from '../../support/team.ts';
import { at, team, teamOnADatabase, tested } from './claims-team.ts';

teamOnADatabase();
/** Of words; far from those of the cards. */
let roots = 10_000;

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

  it('also where a second withdrawal, of one nobody heard of, came in between and was handled slowly', async () => {
    const r = await tested();
    await r.see(ADA, 'lgtm', true, at(10));
    team.now = new Date(T0.getTime() + 60_000);
    await r.see(ADA, 'lgtm', false, at(11));
    team.now = new Date(T0.getTime() + 65_000);
    await r.see(ADA, 'lgtm', false, at(13));
    expect(await r.see(ADA, 'lgtm', true, at(14))).toBe('accepted');
    expect(await r.signed()).toEqual([ADA.id]);
  });

  it('also where it was another emoji of the same meaning whose going took it back', async () => {
    const r = await tested();
    await r.see(ADA, 'lgtm', true, at(10));
    team.now = new Date(T0.getTime() + 60_000);
    await r.see(ADA, 'lgtm::skin-tone-2', true, at(11));
    await r.see(ADA, 'lgtm', false, at(12));
    await r.see(ADA, 'lgtm::skin-tone-2', false, at(13));
    expect(await r.see(ADA, 'lgtm::skin-tone-2', true, at(14))).toBe('accepted');
    expect(await r.signed()).toEqual([ADA.id]);
  });

  it('not where a word said after it took it back, in the same second', async () => {
    const r = await tested();
    await r.see(ADA, 'lgtm', true, at(10));
    team.now = new Date(T0.getTime() + 60_000);
    await r.see(ADA, 'lgtm', false, at(11));
    team.now = new Date(T0.getTime() + 60_100);
    const word = `${++roots}.000001`;
    await r.see(ADA, 'word', true, at(20), 'word', word);
    team.now = new Date(T0.getTime() + 60_200);
    await r.see(ADA, 'word', false, at(30), 'word', word);
    expect(await r.see(ADA, 'lgtm', true, at(15))).toBe('stale');
    expect(await r.signed()).toEqual([]);
  });

  it('also where it was given in between while its owner was away, refused, and taken away', async () => {
    const r = await tested([ADA, BEN, CAS]);
    await r.see(CAS, 'eyes', true, at(1));
    await r.see(CAS, 'lgtm', true, at(10));
    team.now = new Date(T0.getTime() + 60_000);
    await r.see(CAS, 'lgtm', false, at(11));
    await r.see(CAS, 'eyes', false, at(12));
    expect(await r.see(CAS, 'lgtm', true, at(13))).toBe('refused');
    await r.see(CAS, 'eyes', true, at(14));
    team.now = new Date(T0.getTime() + 65_000);
    await r.see(CAS, 'lgtm', false, at(15));
    expect(await r.see(CAS, 'lgtm', true, at(16))).toBe('accepted');
    expect(await r.signed()).toEqual([CAS.id]);
  });

  it('not where another one went after it, when there was nothing to take back yet: it was on its way', async () => {
    const r = await tested();
    await r.see(ADA, 'lgtm', true, at(10));
    await r.see(ADA, 'lgtm::skin-tone-2', true, at(10.5));
    team.now = new Date(T0.getTime() + 15_000);
    await r.see(ADA, 'lgtm', false, at(11));
    await r.see(ADA, 'lgtm::skin-tone-2', false, at(13));
    team.now = new Date(T0.getTime() + 60_000);
    expect(await r.see(ADA, 'word', true, at(12), 'word', `${++roots}.000001`)).toBe('stale');
    // Nor where nothing of it ever counted.
    await r.see(BEN, 'lgtm', false, at(13));
    expect(await r.see(BEN, 'word', true, at(12), 'word', `${++roots}.000001`)).toBe('stale');
    expect(await r.see(BEN, 'word', true, at(14), 'word', `${++roots}.000001`)).toBe('accepted');
    expect(await r.signed()).toEqual([BEN.id]);
  });

  it('a withdrawal that a read found is dated by the bot only: what may be from before it is asked about', async () => {
    const r = await tested();
    await team.do(r.id, ADA, { kind: 'lgtm', road: 'button' });
    await r.see(ADA, 'lgtm', true, at(10));
    team.now = new Date(T0.getTime() + 60_500);
    const gone = { channel: 'CREL', ts: r.root, person: ADA.id, road: 'lgtm', present: false, eventTs: at(58) };
    const found = { version: 1, doubt: null };
    await sight(team.deps, aCause({ source: 'reconcile' }), ADA, r.id, 'card', gone, found);
    expect(await r.signed()).toEqual([]);
    expect(await r.see(ADA, 'word', true, at(59), 'word', `${++roots}.000001`)).toBe('stale');
    expect(await r.see(ADA, 'lgtm', true, at(60))).toBe('accepted');
  });

  it('the last taking back is the last that was done, whatever the clocks of two hosts say', async () => {
    const r = await tested();
    await r.see(ADA, 'lgtm', true, at(0));
    team.now = new Date(T0.getTime() + 60_000);
    await r.see(ADA, 'lgtm', false, at(1));
    team.now = new Date(T0.getTime() + 30_000);
    await team.do(r.id, ADA, { kind: 'lgtm', road: 'button' });
    await team.do(r.id, ADA, { kind: 'retract' });
    expect(await r.see(ADA, 'word', true, at(25), 'word', `${++roots}.000001`)).toBe('stale');
  });

  it('who signed again since counts, and is not asked what nobody needs to know', async () => {
    const r = await tested();
    await r.see(ADA, 'lgtm', false, at(13));
    await team.do(r.id, ADA, { kind: 'lgtm', road: 'button' });
    const told = (await team.dms(ADA.id)).length;
    expect(await r.see(ADA, 'word', true, at(12), 'word', `${++roots}.000001`)).toBe('accepted');
    expect(await r.signed()).toEqual([ADA.id]);
    expect(await team.dms(ADA.id)).toHaveLength(told);
  });
});
