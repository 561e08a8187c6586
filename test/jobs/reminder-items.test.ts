import { describe, expect, it } from 'vitest';
import type { Listed } from '../../src/areas/triage/prod-types.ts';
import { type Around, blockerItem, prodItem, releaseItems, slotItem } from '../../src/jobs/reminder-items.ts';
import { aBug } from '../support/bugs.ts';
import { ADA, aHold, aPresence, aSignOff, BEN, MAX, minutes, someFacts, T0 } from '../support/facts.ts';
import { TEAM } from '../support/team.ts';

const cadence = { slots: [600], days: [1, 2, 3, 4, 5], graceMinutes: 60, proposeMinutesBefore: 90 };
const around = (over: Partial<Around> = {}): Around => ({
  policy: TEAM,
  now: minutes(90),
  duty: [],
  slots: [],
  ...over,
});
const slot = { product: 'wallet', from: minutes(60), at: minutes(120), duty: [ADA.id] };
const kinds = (f: Parameters<typeof releaseItems>[0], over: Partial<Around> = {}) =>
  releaseItems(f, around(over)).map((i) => `${i.kind} ${i.people.join(' ')}`);

describe('what a release has waiting', () => {
  it('R9, R23: eyes: a scheduled release with a cadence only before its slot, an emergency at any time', () => {
    const policy = { ...TEAM, cadence };
    const scheduled = someFacts({ release: { stateSince: T0 } });
    const emergency = someFacts({ release: { stateSince: T0, kind: 'emergency' } });
    expect(kinds(scheduled, { policy })).toEqual([]);
    // On duty is who is so on the slot's day, not today.
    expect(kinds(scheduled, { policy, slots: [slot], duty: [BEN.id] })).toEqual([`eyes ${ADA.id} ${MAX.id}`]);
    expect(kinds(scheduled, { policy, slots: [{ ...slot, product: 'site' }] })).toEqual([]);
    expect(kinds(emergency, { policy, slots: [slot] })).toEqual([`eyes ${MAX.id}`]);
    expect(kinds(emergency, { policy, now: minutes(59) })).toEqual([]);
  });

  it('R9, R23: eyes: who is asked for a slot reads when the next of the day are; a later one asks only who is not asked for a nearer one', () => {
    const policy = { ...TEAM, cadence: { ...cadence, slots: [600, 660, 720] } };
    const at = (m: number, ...duty: string[]) => ({ product: 'wallet', from: minutes(m - 30), at: minutes(m), duty });
    const slots = [at(120, ADA.id), at(180, ADA.id), at(240, BEN.id), at(1560, ADA.id)];
    const items = releaseItems(someFacts({ release: { stateSince: T0 } }), around({ policy, slots }));
    expect(items.map((i) => i.people)).toEqual([[ADA.id, MAX.id], [BEN.id]]);
    const times = items.map((i) => i.text.match(/\d\d:\d\d(?= \()/g)?.join(' '));
    expect(times).toEqual(['11:00 12:00 13:00', '13:00']);
    expect(items[1]?.text).toMatch(/missing, and one of its slots begins [^()]* \([^()]*\)>\. Who can look\?$/);
  });

  it('R9: a slot without a release: its two buttons where it is of one product, else where they are', () => {
    const row = { id: 7, local: '2026-03-02T10:00', at: minutes(60), until: minutes(120), proposedAt: minutes(-30) };
    const of = (...keys: string[]) =>
      slotItem(
        row,
        keys.map((key) => ({ key, name: `<${key}>`, before: key === 'busy' ? '*v1*' : null })),
        [ADA.id],
        'Etc/UTC',
      );
    expect(of('wallet')).toMatchObject({ subject: 'SLOT-7', since: minutes(0), until: minutes(120), ofSlot: true });
    expect(JSON.stringify(of('wallet').buttons)).toContain('"value":"7:wallet"');
    expect(of('wallet').text).toMatch(/^no release of \*&lt;wallet&gt;\* is open .*nothing goes out\.$/);
    expect(of('wallet', 'site').buttons).toBeUndefined();
    expect(of('wallet', 'site').text).toContain('*&lt;wallet&gt;*, *&lt;site&gt;* is open');
    expect(of('wallet', 'site').text).toContain("the slot's message in the channel has the buttons");
    // One release of a product is open at a time.
    expect(of('busy').text).toContain('. Not done yet, to be finished first: *v1*. Open one, or say');
    expect(of('busy', 'busy', 'busy', 'busy').text).toContain('first: *v1*, *v1*, *v1* and 1 more. Open one');
    expect(of('busy').buttons).toMatchObject([{ value: '7:busy' }]);
  });

  it('R23: a hold without words; what an emergency holds is nobody’s to lift', () => {
    const held = someFacts({
      holds: [aHold(ADA, { reason: null }), aHold(BEN, { id: 2, emergencyId: 9 })],
      release: { state: 'testing', stateSince: T0 },
    });
    expect(kinds(held)).toEqual([`hold ${ADA.id}`]);
    expect(releaseItems(held, around())[0]?.text).toContain(`<@${ADA.id}>'s hold is still set`);
    expect(kinds({ ...held, release: { ...held.release, state: 'cancelled' } })).toEqual([]);
  });

  it('R23, R24: when neither who is to do it nor who answers for it is there: its operations owner, who is on duty, the admins; a hold is the admins’', () => {
    const waits = someFacts({ release: { stateSince: T0, kind: 'emergency', opsOwner: 'UOPS' } });
    const [eyes] = releaseItems(waits, around({ duty: [BEN.id] }));
    expect(eyes?.instead).toEqual([['UOPS'], [BEN.id], ['CADMINS']]);
    const held = someFacts({ holds: [aHold(MAX)], release: { stateSince: T0, opsOwner: 'UOPS' } });
    const [hold] = releaseItems(held, around({ duty: [BEN.id] }));
    expect([hold?.people, hold?.owner, hold?.instead]).toEqual([[MAX.id], MAX.id, [['CADMINS']]]);
    expect(blockerItem({ bug: aBug({}), url: null, fix: null, news: T0 }, null, [MAX.id], TEAM).instead).toEqual([
      ['CADMINS'],
    ]);
  });

  it('R24: nobody who is looking already stands in for the eyes that are missing', () => {
    const release = { stateSince: T0, kind: 'emergency' as const, opsOwner: ADA.id };
    const waits = someFacts({ release, presences: [aPresence(ADA)] });
    const [eyes] = releaseItems(waits, around({ duty: [ADA.id, BEN.id] }));
    expect([eyes?.text, eyes?.instead]).toEqual([expect.stringContaining('one set'), [[BEN.id], ['CADMINS']]]);
    expect(releaseItems(waits, around({ duty: [ADA.id] }))[0]?.instead).toEqual([['CADMINS']]);
  });

  it('R23: a sign-off pending names whose it is, for its manager reads it too', () => {
    const tests = someFacts({ release: { state: 'testing', stateSince: T0 }, presences: [aPresence(ADA)] });
    const [signOff] = releaseItems(tests, around());
    expect([signOff?.kind, signOff?.owner]).toEqual(['sign_off', MAX.id]);
    expect(signOff?.text).toContain(`waits for <@${ADA.id}>'s sign-off. `);
  });

  it('R23: nobody is asked for eyes on a release on hold', () => {
    const held = someFacts({ holds: [aHold(ADA)], release: { stateSince: T0 } });
    expect(kinds(held, { policy: { ...TEAM, cadence }, slots: [slot] })).toEqual([`hold ${ADA.id}`]);
    expect(kinds({ ...held, release: { ...held.release, kind: 'emergency' } })).toEqual([`hold ${ADA.id}`]);
  });

  it('R8, R23: the production check falls to who signed the candidate, else to its manager; one sign-off may be missing', () => {
    const f = someFacts({ release: { state: 'verifying', stateSince: T0, shippedAt: T0 }, signOffs: [] });
    expect(kinds(f)).toEqual([`production_check ${MAX.id}`]);
    const signed = [ADA, BEN].map((who, i) => aSignOff(who, { id: i + 1, act: 99 }));
    expect(kinds({ ...f, signOffs: signed })).toEqual([`production_check ${ADA.id} ${BEN.id}`]);
    const verified = [...signed, aSignOff(ADA, { id: 3, act: 100, stage: 'production' })];
    expect(kinds({ ...f, signOffs: verified })).toEqual([`production_check ${BEN.id}`]);
    expect(releaseItems({ ...f, signOffs: verified }, around())[0]?.text).toContain('lacks one sign-off');
  });

  it('R9, R23: the review an emergency owes is for who is on duty, but not who signed', () => {
    const owes = { state: 'done' as const, onOne: ADA.id, reviewDueAt: minutes(999), shippedAt: T0, stateSince: T0 };
    const f = someFacts({ release: owes });
    expect(kinds(f, { duty: [ADA.id, BEN.id] })).toEqual([`emergency_review ${BEN.id}`]);
    expect(kinds(f, { duty: [ADA.id] })).toEqual([`emergency_review ${MAX.id}`]);
    expect(kinds(someFacts({ release: { ...owes, opsOwner: 'UOPS' } }))).toEqual(['emergency_review UOPS']);
  });
});

describe('what bugs and prod issues have waiting', () => {
  const blocker = (over: Parameters<typeof aBug>[0], channel: string | null = 'CREL', managers: string[] = []) =>
    blockerItem({ bug: aBug(over), url: null, fix: null, news: T0 }, channel, managers, TEAM);

  it('R23: a blocker whose thread is not known is told by DM; without a release, the admins hear', () => {
    expect(blocker({}).thread).toEqual({ id: 3, channel: 'CREL' });
    expect(blocker({ threadId: null }).thread).toBeNull();
    expect(blocker({}, null).thread).toBeNull();
    expect(blocker({}).owner).toBe('CADMINS');
    expect(blocker({}, 'CREL', ['UMAX']).owner).toBe('UMAX');
    expect(blocker({ owner: null }, 'CREL', ['UMAX']).people).toEqual(['UMAX']);
  });

  it('R23: the review of a prod issue is its owner’s, else who declared it', () => {
    const issue = {
      id: 1,
      state: 'resolved',
      resolvedAt: T0,
      title: 'Down',
      owner: null,
      declaredBy: 'UADA',
      url: null,
    };
    expect(prodItem(issue as Listed, TEAM)?.people).toEqual(['UADA']);
    expect(prodItem({ ...issue, owner: 'UENG' } as Listed, TEAM)?.people).toEqual(['UENG']);
    expect(prodItem({ ...issue, state: 'reviewed' } as Listed, TEAM)).toBeUndefined();
  });
});
