import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cardGone } from '../../../src/areas/releases/cards.ts';
import { sight } from '../../../src/areas/releases/claims.ts';
import { OTHERWISE, readAs } from '../../../src/areas/releases/meanings.ts';
import { compare, type Difference, type Reading, reconcile } from '../../../src/areas/releases/reconcile.ts';
import { isNews, type Sighting } from '../../../src/areas/releases/sightings.ts';
import type { Actor } from '../../../src/base/actor.ts';
import { type Slack, SlackError, type ThreadMessage, type ThreadRead } from '../../../src/base/slack.ts';
import { claims } from '../../../src/db/schema/releases.ts';
import { freshDb, type TestDb, wipe } from '../../support/db.ts';
import { ADA, BEN, CAS, EVERYBODY, MAX, minutes, person, someFacts, T0 } from '../../support/facts.ts';
import { aCause, TEAM, type Team, teamOn } from '../../support/team.ts';

type Claim = typeof claims.$inferSelect;
const ROOT = '1.000001';
const READING: Reading = { at: minutes(10), channel: 'CREL', rootTs: ROOT, checkTs: '2.000001', botUserId: 'UBOT' };

function aRead(over: { root?: Record<string, string[]> | 'deleted'; messages?: Partial<ThreadMessage>[] }): ThreadRead {
  const reactions = (r: Record<string, string[]>) => Object.entries(r).map(([name, users]) => ({ name, users }));
  return {
    complete: true,
    root: over.root === 'deleted' ? 'deleted' : { reactions: reactions(over.root ?? {}) },
    messages: (over.messages ?? []).map((m) => ({ ts: '3.000001', user: ADA.id, text: '', ...m })),
  };
}
function aClaim(over: Partial<Claim> = {}): Claim {
  return {
    channel: 'CREL',
    ts: ROOT,
    person: ADA.id,
    road: 'lgtm',
    releaseId: 12,
    present: true,
    eventTs: '5.000000',
    version: 4,
    outcome: 'accepted',
    given: 'lgtm',
    changedAt: minutes(1),
    undoneAt: null,
    ...over,
  };
}
const OTHER = { reactions: { ...TEAM.reactions, lgtm: ['lgtm', '+1'] } };
const at = (seconds: number) => `${T0.getTime() / 1000 + seconds}.000000`;
/** Facts after a complete read at minute 5, with nothing that gates changed since. */
const LAST = { reconciledAt: minutes(5), reconciledGate: 1, reconciledAs: readAs(TEAM) };
const readBefore = () => someFacts({ release: { ...LAST, gateAct: 1 } });
const says = (read: ThreadRead, known: Claim[] = [], f = readBefore()) =>
  compare(read, READING, f, known, { policy: TEAM }).map(({ place, sighting: s, version, doubt }) => ({
    what: `${s.present ? '+' : '-'}${s.road} ${s.person} on ${place}`,
    version,
    doubt: doubt !== null,
  }));

describe('compare: a complete read against the claims', () => {
  it('has nothing to say when they agree', () => {
    expect(says(aRead({ root: { lgtm: [ADA.id] } }), [aClaim()])).toEqual([]);
    expect(says(aRead({}), [aClaim({ present: false })])).toEqual([]);
  });

  it('counts what appeared since the last complete read, if nothing that gates changed', () => {
    expect(says(aRead({ root: { lgtm: [ADA.id] } }))).toEqual([
      { what: '+lgtm UADA on card', version: 0, doubt: false },
    ]);
  });

  it.each([
    ['there was no read before', { reconciledAt: null, reconciledGate: null }],
    ['the candidate, a hold or a blocker changed since', { ...LAST, gateAct: 2 }],
    ['the policy gave reactions other meanings to that read', { ...LAST, reconciledAs: readAs(OTHER) }],
    ['it is not known what they meant to that read', { ...LAST, reconciledAs: null }],
  ])('asks when %s', (_why, release) => {
    const f = someFacts({ release: { gateAct: 1, ...release } });
    expect(says(aRead({ root: { lgtm: [ADA.id] } }), [], f)).toEqual([
      { what: '+lgtm UADA on card', version: 0, doubt: true },
    ]);
  });

  it('R7: what stands keeps the meaning it was taken with: a reaction that means nothing any more, a word that is read otherwise', () => {
    const messages = [{ ts: '3.000001', user: BEN.id, text: 'LGTM :(' }];
    const word = aClaim({ road: 'word', ts: '3.000001', person: BEN.id, eventTs: '3.000001' });
    const known = [aClaim({ road: '+1' }), word];
    const root = { '+1': [ADA.id] };
    expect(says(aRead({ root, messages }), known)).toEqual([]);
    // Changed since: what it says now is what counts. Slack dates that to the second.
    const edited = (at: string) => messages.map((m) => ({ ...m, edited: at }));
    expect(says(aRead({ root, messages: edited('2.000000') }), known)).toEqual([]);
    for (const at of ['3.000000', '4.000000'])
      expect(says(aRead({ root, messages: edited(at) }), known).map((d) => d.what)).toEqual(['-word UBEN on word']);
    expect(says(aRead({ messages }), known).map((d) => d.what)).toEqual(['-+1 UADA on card']);
  });

  it('asks when the claim was withdrawn only after the last read: that one may have seen it', () => {
    const late = aClaim({ present: false, changedAt: minutes(6) });
    const early = aClaim({ present: false, changedAt: minutes(4) });
    expect(says(aRead({ root: { lgtm: [ADA.id] } }), [late])[0]).toMatchObject({ version: 4, doubt: true });
    expect(says(aRead({ root: { lgtm: [ADA.id] } }), [early])[0]).toMatchObject({ version: 4, doubt: false });
  });

  it('takes back what is gone', () => {
    const word = aClaim({ road: 'word', ts: '3.000001', person: BEN.id });
    const check = aClaim({ ts: '2.000001', person: CAS.id });
    const messages = [{ ts: '2.000001', user: 'UBOT', botId: 'B1', reactions: [] }];
    expect(says(aRead({ messages }), [aClaim(), word, check])).toEqual([
      { what: '-lgtm UADA on card', version: 4, doubt: false },
      { what: '-word UBEN on word', version: 4, doubt: false },
      { what: '-lgtm UCAS on check', version: 4, doubt: false },
    ]);
  });

  it('concludes nothing about a card or check that is not the one read, or was deleted', () => {
    expect(says(aRead({}), [aClaim({ ts: '2.000001' })])).toEqual([]);
    expect(says(aRead({}), [aClaim({ ts: '0.000001' }), aClaim({ channel: 'COLD' })])).toEqual([]);
    expect(says(aRead({ root: 'deleted' }), [aClaim()])).toEqual([]);
  });

  it('concludes nothing about words of the old thread, when the card was deleted and a new thread begun', () => {
    expect(says(aRead({}), [aClaim({ road: 'word', ts: '0.900000' })])).toEqual([]);
  });

  it('reads the check and the words of the thread, and nothing else', () => {
    const messages = [
      { ts: '2.000001', user: 'UBOT', botId: 'B1', reactions: [{ name: 'lgtm', users: [ADA.id] }] },
      { ts: '3.000001', text: 'LGTM!' },
      { ts: '3.000002', text: 'LGTM', subtype: 'thread_broadcast', user: BEN.id },
      { ts: '3.000003', text: 'LGTM', botId: 'B2' },
      { ts: '3.000004', text: 'LGTM', files: 1 },
      { ts: '3.000008', text: 'LGTM', attachments: 1 },
      { ts: '3.000005', text: 'LGTM', subtype: 'channel_join' },
      { ts: '3.000006', text: 'not LGTM yet' },
      { ts: '3.000007', text: 'LGTM', user: undefined },
      { ts: '2.000009', user: 'UBOT', botId: 'B1', reactions: [{ name: 'lgtm', users: [CAS.id] }] },
    ];
    expect(says(aRead({ messages })).map((d) => d.what)).toEqual([
      '+lgtm UADA on check',
      '+word UADA on word',
      '+word UBEN on word',
    ]);
  });

  it("leaves out the bot's own, :rocket:, and reactions without a meaning", () => {
    expect(says(aRead({ root: { lgtm: ['UBOT'], rocket: [ADA.id], tada: [ADA.id] } }))).toEqual([]);
  });

  it('dates what it finds before the read, so that an event on its way is newer', () => {
    const [d] = compare(aRead({ root: { lgtm: [ADA.id] } }), READING, readBefore(), [], { policy: TEAM });
    expect(Number(d?.sighting.eventTs)).toBe(READING.at.getTime() / 1000 - 2);
  });

  it('R7: a found word is dated by Slack: by a clock that is fast it would outrank the edit that takes it back', () => {
    const reading = { ...READING, at: new Date(minutes(5).getTime() + 10_000) };
    const [word] = compare(aRead({ messages: [{ ts: at(290), text: 'LGTM' }] }), reading, readBefore(), [], {
      policy: TEAM,
    });
    expect(word?.sighting.eventTs).toBe(at(290));
    const claim = aClaim({ ts: at(290), road: 'word', eventTs: at(290) });
    const edited = { ts: at(290), text: 'no, broken', edited: at(300) };
    expect(isNews(claim, { ...claim, present: false, eventTs: at(300) })).toBe(true);
    expect(says(aRead({ messages: [edited] }), [claim])).toMatchObject([{ what: `-word ${ADA.id} on word` }]);
    // Edited to an LGTM, it was said then.
    const later = { ts: at(290), text: 'LGTM', edited: at(299) };
    const [again] = compare(aRead({ messages: [later] }), reading, readBefore(), [], { policy: TEAM });
    expect(again?.sighting.eventTs).toBe(at(299));
  });

  it('outranks the claim it corrects, however fresh that is', () => {
    const seconds = READING.at.getTime() / 1000 - 1;
    const fresh = (present: boolean) => aClaim({ present, eventTs: `${seconds}.999999` });
    const dated = (read: ThreadRead, known: Claim) =>
      compare(read, READING, readBefore(), [known], { policy: TEAM })[0]?.sighting.eventTs;
    expect(dated(aRead({}), fresh(true))).toBe(`${seconds}.999999`);
    expect(dated(aRead({ root: { lgtm: [ADA.id] } }), fresh(false))).toBe(`${seconds + 1}.000000`);
  });
});

describe('reconcile', () => {
  let db: TestDb;
  let team: Team;
  let roots = 500;
  beforeAll(async () => {
    db = await freshDb();
    team = teamOn(db.db);
  });
  afterAll(() => db.close());

  /** A release under test whose thread reads as `read` says. */
  async function release(read: () => ThreadRead | Promise<ThreadRead>) {
    team.now = T0;
    const id = await team.open();
    const root = `${++roots}.000001`;
    await team.posted(id, root);
    for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'ready' });
    const gone: string[] = [];
    const slack = { readThread: async () => read() } as unknown as Slack;
    const who = async (user: string): Promise<Actor> => EVERYBODY.find((p) => p.id === user) ?? person(user);
    const onGone = async (_id: number, ts: string) => {
      gone.push(ts);
      await cardGone(team.deps, id, 'card', ts, 'reconcile');
    };
    const run = (minute: number, later?: (found: Difference[]) => Promise<void>) => {
      team.now = minutes(minute);
      return reconcile({ ...team.deps, slack, botUserId: 'UBOT', who, onGone, ...(later && { later }) }, id);
    };
    const signed = async () => (await team.facts(id)).signOffs.filter((s) => !s.retractedAt).map((s) => s.person);
    return { id, root, run, gone, signed };
  }
  const claimsOf = async (id: number) => (await db.db.select().from(claims)).filter((c) => c.releaseId === id);

  it('counts a reaction whose event was lost, once the read before saw it absent', async () => {
    let root: Record<string, string[]> = {};
    const r = await release(() => aRead({ root }));
    expect(await r.run(1)).toBe(true);
    root = { lgtm: [ADA.id] };
    expect(await r.run(2)).toBe(true);
    expect(await r.signed()).toEqual([ADA.id]);
    expect((await team.facts(r.id)).release).toMatchObject({ reconciledAt: minutes(2) });
    // Read again and again, it stays one sign-off.
    await r.run(3);
    expect(await claimsOf(r.id)).toMatchObject([{ version: 1 }]);
    root = {};
    await r.run(4);
    expect(await r.signed()).toEqual([]);
  });

  it('R7: asks about a reaction whose event was lost, where its owner took their LGTM back since it was seen absent', async () => {
    let root: Record<string, string[]> = {};
    const r = await release(() => aRead({ root }));
    await r.run(1);
    root = { lgtm: [ADA.id, BEN.id] };
    await team.do(r.id, ADA, { kind: 'lgtm', road: 'button' });
    await team.do(r.id, ADA, { kind: 'retract' });
    await r.run(2);
    expect(await r.signed()).toEqual([BEN.id]);
    expect((await team.dms(ADA.id)).at(-1)).toContain('I missed it');
  });

  it('takes found eyes before a found LGTM, whichever Slack lists first', async () => {
    let root: Record<string, string[]> = {};
    const r = await release(() => aRead({ root }));
    await r.run(1);
    root = { lgtm: [CAS.id], eyes: [CAS.id] };
    await r.run(2);
    expect(await r.signed()).toEqual([CAS.id]);
  });

  it('leaves what nobody had heard of to be judged later, but not what only makes things safer', async () => {
    const r = await release(() => aRead({ root: { lgtm: [ADA.id], octagonal_sign: [BEN.id] } }));
    const later: string[] = [];
    await r.run(1, async (found) => void later.push(...found.map((d) => d.sighting.road)));
    expect(later).toEqual(['lgtm']);
    expect((await claimsOf(r.id)).map((c) => c.road)).toEqual(['octagonal_sign']);
    expect((await team.facts(r.id)).holds).toHaveLength(1);
  });

  it('asks about what the very first read finds', async () => {
    const r = await release(() => aRead({ root: { lgtm: [ADA.id] } }));
    await r.run(1);
    expect(await r.signed()).toEqual([]);
    expect((await team.dms(ADA.id)).at(-1)).toContain('I missed it');
    expect(await claimsOf(r.id)).toMatchObject([{ outcome: 'asked', present: true }]);
    const asked = (await team.dms(ADA.id)).length;
    await r.run(2);
    expect(await team.dms(ADA.id)).toHaveLength(asked);
  });

  it('tells who said LGTM unheard as the release ended that it is over, once', async () => {
    const r = await release(() => aRead({ messages: [{ ts: '99.000001', user: ADA.id, text: 'LGTM' }] }));
    await team.do(r.id, MAX, { kind: 'cancel', reason: null });
    const before = (await team.dms(ADA.id)).length;
    await r.run(1);
    await r.run(2);
    const told = (await team.dms(ADA.id)).slice(before);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('cancelled');
    expect(await claimsOf(r.id)).toMatchObject([{ outcome: 'refused', present: true }]);
  });

  it('of a release that has ended, a channel that is gone is no fault: nothing waits for its thread', async () => {
    const r = await release(() => {
      throw new SlackError('channel', { method: 'conversations.replies', code: 'is_archived' });
    });
    await team.do(r.id, MAX, { kind: 'cancel', reason: null });
    expect(await r.run(1)).toBe(false);
    expect((await team.facts(r.id)).release.lostAt).toBeNull();
  });

  it('R3, R7: asks when reactions were given a meaning since the last read: they may be older than it', async () => {
    const root = { '+1': [ADA.id, BEN.id, MAX.id, 'UNOBODY'], raised_hands: [CAS.id] };
    const r = await release(() => aRead({ root }));
    await r.run(1);
    expect(await claimsOf(r.id)).toEqual([]);
    const was = team.deps.policy;
    const reactions = { ...was.reactions, lgtm: ['lgtm', '+1'], eyes: ['eyes', 'raised_hands'] };
    try {
      team.deps.policy = { ...was, reactions };
      // An event from before the restart that is handled after it, and before the first reading.
      const s = { channel: 'CREL', ts: r.root, person: BEN.id, road: '+1', present: true, eventTs: '9.9' };
      expect(await sight(team.deps, aCause(), BEN, r.id, 'card', s)).toBe('stale');
      await r.run(2);
      expect(await r.signed()).toEqual([]);
      expect((await team.facts(r.id)).presences.map((p) => p.person)).toEqual([ADA.id, BEN.id]);
      for (const who of [ADA, BEN, CAS]) expect((await team.dms(who.id)).at(-1)).toContain(OTHERWISE);
      // Whose LGTM would not count is not told so for a thank-you.
      expect([await team.dms(MAX.id), await team.dms('UNOBODY')]).toEqual([[], []]);
      // Nor does one count that was stored before the restart, and is handled only after that reading.
      const late = { ...s, person: CAS.id, eventTs: at(110) };
      expect(await sight(team.deps, aCause(), CAS, r.id, 'card', late)).toBe('stale');
      // That it is heard of after all tells no more; a new act counts.
      expect(await sight(team.deps, aCause(), ADA, r.id, 'card', { ...s, person: ADA.id, eventTs: at(119) })).toBe(
        'stale',
      );
      await sight(team.deps, aCause(), ADA, r.id, 'card', { ...s, person: ADA.id, present: false, eventTs: at(200) });
      await sight(team.deps, aCause(), ADA, r.id, 'card', { ...s, person: ADA.id, eventTs: at(201) });
      expect(await r.signed()).toEqual([ADA.id]);
    } finally {
      team.deps.policy = was;
    }
  });

  it('asks when a hold came between the two reads, though it is lifted', async () => {
    let root: Record<string, string[]> = {};
    const r = await release(() => aRead({ root }));
    await r.run(1);
    await team.do(r.id, CAS, { kind: 'hold', reason: 'wait', road: 'command' });
    await team.do(r.id, CAS, { kind: 'unhold' });
    root = { lgtm: [ADA.id] };
    await r.run(2);
    expect(await r.signed()).toEqual([]);
    expect(await claimsOf(r.id)).toMatchObject([{ outcome: 'asked' }]);
  });

  it('concludes nothing from a read that fails, and does not note it', async () => {
    const r = await release(() => {
      throw new SlackError('doubtful', { method: 'conversations.replies', code: 'page_without_cursor' });
    });
    const s: Sighting = { channel: 'CREL', ts: r.root, person: ADA.id, road: 'lgtm', present: true, eventTs: '9.9' };
    await sight(team.deps, aCause(), ADA, r.id, 'card', s);
    await expect(r.run(1)).rejects.toThrow('page_without_cursor');
    expect(await r.signed()).toEqual([ADA.id]);
    expect((await team.facts(r.id)).release.reconciledAt).toBeNull();
  });

  it('a channel that cannot be read is noted, and that it can be again is shown', async () => {
    let closed = true;
    const r = await release(() => {
      if (closed) throw new SlackError('channel', { method: 'conversations.replies', code: 'is_archived' });
      return aRead({});
    });
    const redraws = async () =>
      (await db.pool.query(`select from graphile_worker.jobs where task_identifier = 'card'`)).rowCount;
    await expect(r.run(1)).rejects.toThrow('is_archived');
    await db.pool.query(`update releases set lost_at = $1 where id = $2 and lost_at is not null`, [minutes(1), r.id]);
    expect((await team.facts(r.id)).release.lostAt).toEqual(minutes(1));
    await wipe(db, 'graphile_worker._private_jobs');
    closed = false;
    expect(await r.run(2)).toBe(true);
    expect((await team.facts(r.id)).release.lostAt).toBeNull();
    expect(await redraws()).toBe(1);
    await wipe(db, 'graphile_worker._private_jobs');
    await r.run(3);
    expect(await redraws()).toBe(0);
  });

  it('R8: what was noted while a clock was fast is no read of before, and a complete read ends it', async () => {
    let root: Record<string, string[]> = {};
    const r = await release(() => aRead({ root }));
    const noted = async () => {
      const { reconciledAt, lostAt } = (await team.facts(r.id)).release;
      return [reconciledAt, lostAt];
    };
    await r.run(600);
    await db.pool.query(`update releases set lost_at = clock_timestamp() + interval '1 hour' where id = $1`, [r.id]);
    root = { lgtm: [ADA.id] };
    await r.run(2);
    expect(await noted()).toEqual([minutes(2), null]);
    expect(await r.signed(), 'nobody saw it absent').toEqual([]);
    // Seconds ahead is another host's clock, which saw more.
    await r.run(2 - 0.05);
    expect(await noted()).toEqual([minutes(2), null]);
  });

  it('a channel lost since a read began stays lost', async () => {
    const r = await release(async () => {
      await db.pool.query(`update releases set lost_at = $1 where id = $2`, [minutes(3), r.id]);
      return aRead({});
    });
    await r.run(2);
    expect((await team.facts(r.id)).release.lostAt).toEqual(minutes(3));
  });

  it('leaves alone what changed while it read', async () => {
    const r = await release(async () => {
      // The event arrives while the read, begun before it, is on its way.
      const eventTs = `${minutes(1).getTime() / 1000 - 30}.000000`;
      const s: Sighting = { channel: 'CREL', ts: r.root, person: ADA.id, road: 'lgtm', present: true, eventTs };
      await sight(team.deps, aCause(), ADA, r.id, 'card', s);
      return aRead({ root: { lgtm: [ADA.id], eyes: [CAS.id] } });
    });
    await r.run(1);
    expect(await r.signed()).toEqual([ADA.id]);
    const own = (await claimsOf(r.id)).find((c) => c.road === 'lgtm');
    expect(own).toMatchObject({ version: 1, outcome: 'accepted' });
  });

  it('posts a new card when the old one was deleted, and keeps every sign-off', async () => {
    const r = await release(() => aRead({ root: 'deleted' }));
    await team.do(r.id, ADA, { kind: 'lgtm', road: 'button' });
    expect(await r.run(1)).toBe(false);
    expect(r.gone).toEqual([r.root]);
    expect(await r.signed()).toEqual([ADA.id]);
    const f = await team.facts(r.id);
    expect(f.thread.rootTs).toBeNull();
    // Until that one is posted there is nothing to read.
    expect(await r.run(2)).toBe(false);
    expect(f.release.reconciledAt).toBeNull();
    const fresh = `${++roots}.000001`;
    await team.posted(r.id, fresh);
    expect((await team.lines(r.id))[0]).toContain('The card was deleted in Slack');
    expect(await r.run(3)).toBe(false);
  });

  it('keeps what was said by word in the thread of a card deleted since', async () => {
    let root: 'deleted' | Record<string, string[]> = 'deleted';
    const r = await release(() => aRead({ root }));
    const ts = `${roots}.000009`;
    const s: Sighting = { channel: 'CREL', ts, person: ADA.id, road: 'word', present: true, eventTs: ts };
    await sight(team.deps, aCause(), ADA, r.id, 'word', s);
    expect(await r.signed()).toEqual([ADA.id]);
    await r.run(1);
    root = {};
    await team.posted(r.id, `${++roots}.000001`);
    expect(await r.run(2)).toBe(true);
    expect(await r.signed()).toEqual([ADA.id]);
  });

  it('has nothing to do for a release that is not there', async () => {
    const none = { readThread: async () => aRead({}) } as unknown as Slack;
    const deps = { ...team.deps, slack: none, botUserId: 'UBOT', who: async () => MAX, onGone: async () => {} };
    expect(await reconcile(deps, 99_999)).toBe(false);
  });
});
