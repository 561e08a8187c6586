// Reactions, messages, what becomes of them, and the Home tab that is opened, as events through Bolt on a real database.
import { eq, type SQL } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { claims } from '../../src/db/schema/releases.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { ADA, BEN, CAS, MAX, T0 } from '../support/facts.ts';
import { releaseListeners } from '../support/release-listeners.ts';
import { type Team, teamOn } from '../support/team.ts';

let db: TestDb;
let team: Team;
let bot: ReturnType<typeof releaseListeners>;
beforeAll(async () => {
  db = await freshDb();
  team = teamOn(db.db);
  bot = releaseListeners(team);
});
afterAll(() => db.close());

describe('events', () => {
  it('the reaction for bugs offers the form, on whatever message; taken back it does nothing', async () => {
    const bug = { user: CAS.id, reaction: 'bug::skin-tone-3', item: { channel: 'C0ELSE', ts: '9.000001' } };
    await bot.event({ type: 'reaction_removed', ...bug });
    expect(await team.dms(CAS.id)).toEqual([]);
    await bot.event({ type: 'reaction_added', ...bug });
    expect((await team.dms(CAS.id)).join()).toContain('bug');
  });

  it('reactions, words, changes and deletions are claims; others are nothing', async () => {
    const id = await team.open();
    await team.posted(id, '80.000001');
    const on = { item: { channel: 'CREL', ts: '80.000001' }, item_user: 'UBOT' };
    for (const user of [ADA.id, BEN.id]) await bot.event({ type: 'reaction_added', user, reaction: 'eyes', ...on });
    const say = (user: string, text: string, more: object = {}) =>
      bot.event({ type: 'message', channel: 'CREL', user, text, ts: '81.000001', thread_ts: '80.000001', ...more });
    // What an app says in somebody's name, and what a picture or another message is sent on with, is no word of theirs that they saw the candidate.
    await say(ADA.id, 'LGTM', { bot_id: 'B0OTHER', ts: '80.500001' });
    await say(ADA.id, 'LGTM', { files: [{}], ts: '80.600001' });
    const told = (await team.dms(ADA.id)).length;
    await say(ADA.id, 'LGTM', { attachments: [{}], ts: '80.700001' });
    expect((await team.dms(ADA.id)).slice(told)).toEqual([expect.stringContaining('you mentioned LGTM')]);
    expect((await team.facts(id)).signOffs).toEqual([]);
    await say(ADA.id, 'LGTM');
    const signed = async () => (await team.facts(id)).signOffs.filter((s) => !s.retractedAt).map((s) => s.person);
    expect(await signed()).toEqual([ADA.id]);
    const old = { ts: '81.000001', thread_ts: '80.000001', user: ADA.id, text: 'LGTM' };
    const changed = { ...old, text: 'not yet' };
    await say('', '', { subtype: 'message_changed', message: changed, previous_message: old });
    expect(await signed()).toEqual([]);
    await say(BEN.id, 'LGTM', { ts: '82.000001' });
    const gone = { ...old, user: BEN.id, ts: '82.000001' };
    await say('', '', { subtype: 'message_deleted', deleted_ts: '82.000001', previous_message: gone });
    expect(await signed()).toEqual([]);
    await say(ADA.id, 'not LGTM yet', { ts: '83.000001' });
    expect((await team.dms(ADA.id)).at(-1)).toContain('you mentioned LGTM');
    await bot.event({ type: 'reaction_added', user: ADA.id, reaction: 'tada', ...on });
    await bot.event({ type: 'reaction_added', user: ADA.id, reaction: 'eyes', item: { channel: 'CREL', ts: '1.1' } });
    await say(ADA.id, 'LGTM', { ts: '84.000001' });
    await say('', '', { subtype: 'message_deleted', deleted_ts: '80.000001' });
    expect((await team.facts(id)).thread.rootTs).toBeNull();
    // What was said in the thread of the deleted card counts on, and can still be taken back there.
    expect(await signed()).toEqual([ADA.id]);
    const word = { ...old, ts: '84.000001' };
    await say('', '', { subtype: 'message_deleted', deleted_ts: '84.000001', previous_message: word });
    expect(await signed()).toEqual([]);
    await bot.event({ type: 'app_home_opened', user: ADA.id, tab: 'home', channel: 'D1' });
    await bot.event({ type: 'app_home_opened', user: BEN.id, tab: 'messages', channel: 'D1' });
    const { rows } = await db.pool.query('select person from homes');
    expect(rows).toEqual([{ person: ADA.id }]);
  });

  it('R3: what came within 5 s after the card changed is asked about by our own clock, however slow that is', async () => {
    const id = await team.open();
    await team.posted(id, '97.000001');
    for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'ready' });
    await team.do(id, MAX, { kind: 'candidate', commit: 'def5678', tree: null });
    const slow = Math.floor(team.now.getTime() / 1000) + 100;
    await db.pool.query('update candidates set shown_at = to_timestamp($1) where release_id = $2', [slow, id]);
    // Slack's clock is 20 s ahead of ours.
    const heard = (user: string, seconds: number, about: object) =>
      bot.event(
        { user, event_ts: `${slow + 20 + seconds}.000000`, ...about },
        { received_at: new Date((slow + seconds) * 1000) },
      );
    const lgtm = {
      ...{ type: 'reaction_added', reaction: 'lgtm', item_user: 'UBOT' },
      item: { channel: 'CREL', ts: '97.000001' },
    };
    const word = { type: 'message', channel: 'CREL', text: 'LGTM', thread_ts: '97.000001' };
    await heard(ADA.id, 4, lgtm);
    await heard(BEN.id, 4, { ...word, ts: '97.500001' });
    expect((await team.facts(id)).signOffs).toEqual([]);
    expect((await team.dms(ADA.id)).at(-1)).toContain('just as the card showed a new candidate');
    await heard(BEN.id, 5, { ...word, ts: '97.600001' });
    expect((await team.facts(id)).signOffs.map((s) => s.person)).toEqual([BEN.id]);
    const { rows } = await db.pool.query(
      `select event_time from audit_events where verb = 'lgtm' order by id desc limit 1`,
    );
    expect(rows, "Slack's time is kept").toEqual([{ event_time: new Date((slow + 25) * 1000) }]);
    await team.do(id, MAX, { kind: 'cancel', reason: null });
  });

  it('R7: a message that becomes a mention is offered the button, once, also where it counted before', async () => {
    const id = await team.open();
    await team.posted(id, '86.000001');
    for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'ready' });
    const said = (text: string) => ({ ts: '87.000001', thread_ts: '86.000001', user: ADA.id, text });
    const edit = async (from: string, to: string) => {
      const before = (await team.dms(ADA.id)).length;
      const change = { message: said(to), previous_message: said(from) };
      await bot.event({ type: 'message', subtype: 'message_changed', channel: 'CREL', ...change });
      return (await team.dms(ADA.id)).slice(before);
    };
    const signed = async () => (await team.facts(id)).signOffs.filter((s) => !s.retractedAt).map((s) => s.person);
    const offered = [expect.stringContaining('you mentioned LGTM in its thread')];
    expect(await edit('LG', 'LGTM, all wallets')).toEqual(offered);
    expect(await edit('LGTM, all wallets', 'LGTM, all three wallets')).toEqual([]);
    expect(await edit('LGTM, all three wallets', 'LGTM')).toEqual([]);
    expect(await signed()).toEqual([ADA.id]);
    expect(await edit('LGTM', 'LGTM, tested all wallets')).toEqual(offered);
    expect(await signed()).toEqual([]);
    // One that counted when words were read otherwise goes with its message.
    expect(await edit('LG', 'LGTM')).toEqual([]);
    expect(await signed()).toEqual([ADA.id]);
    const previous_message = said('LGTM :(');
    await bot.event({
      type: 'message',
      subtype: 'message_deleted',
      channel: 'CREL',
      deleted_ts: '87.000001',
      previous_message,
    });
    expect(await signed()).toEqual([]);
  });

  it('R7: an emoji that has left the policy gives nothing more, and takes back what it gave', async () => {
    const id = await team.open();
    await team.posted(id, '88.000001');
    for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'ready' });
    const react = (type: string) =>
      bot.event({ type, user: ADA.id, reaction: '+1', item: { channel: 'CREL', ts: '88.000001' }, item_user: 'UBOT' });
    await react('reaction_added');
    await react('reaction_removed');
    const known = () => db.db.select().from(claims).where(eq(claims.releaseId, id));
    expect(await known()).toEqual([]);
    await team.do(id, ADA, { kind: 'lgtm', road: 'button' });
    const gave = { person: ADA.id, road: '+1', outcome: 'accepted', given: 'lgtm', present: true } as const;
    const on = { channel: 'CREL', ts: '88.000001', releaseId: id, eventTs: '1.000001', changedAt: T0 };
    await db.db.insert(claims).values({ ...on, ...gave });
    await react('reaction_removed');
    expect(await known()).toMatchObject([{ present: false, outcome: 'withdrawn' }]);
    expect((await team.facts(id)).signOffs.filter((s) => !s.retractedAt)).toEqual([]);
  });

  it('R7: an LGTM said under a card whose place is not noted yet is handled once it is; so is one taken back', async () => {
    const id = await team.open();
    const root = `${Math.floor(Date.now() / 1000)}.000001`;
    const said = { ts: `${Math.floor(Date.now() / 1000) + 1}.000001`, thread_ts: root, user: ADA.id, text: 'LGTM' };
    const say = (more: object) => bot.event({ type: 'message', channel: 'CREL', ...said, ...more });
    const changed = { subtype: 'message_changed', message: { ...said, text: 'no' }, previous_message: said };
    // In a thread that is not ours it is nothing.
    await say({});
    await db.pool.query(`update outbox set attempted_at = now() where role = 'card' and subject = $1`, [`REL-${id}`]);
    for (const more of [{}, changed]) await expect(say(more)).rejects.toThrow('just being posted');
    // An older thread is none that is just being posted, though a card is on its way.
    await say({ thread_ts: '90.000001' });
    await team.posted(id, root);
    for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'ready' });
    await say({});
    const signed = async () => (await team.facts(id)).signOffs.filter((s) => !s.retractedAt).map((s) => s.person);
    expect(await signed()).toEqual([ADA.id]);
    await say(changed);
    expect(await signed()).toEqual([]);
  });

  it('R7: an LGTM heard at the moment its card is noted is a sign-off, and not taken for one in an old thread', async () => {
    const id = await team.open();
    for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'ready' });
    const run = db.db.execute.bind(db.db);
    const noted = vi.spyOn(db.db, 'execute').mockImplementation((async (query: SQL) => {
      const found = await run(query);
      if (JSON.stringify(query.queryChunks?.[0]).includes('t.channel = ')) {
        noted.mockRestore();
        await team.posted(id, '92.000001');
      }
      return found;
    }) as unknown as typeof db.db.execute);
    const about = { type: 'message', channel: 'CREL', user: ADA.id, text: 'LGTM', thread_ts: '92.000001' };
    await bot.event({ ...about, ts: '93.000001' }).finally(() => noted.mockRestore());
    expect((await team.facts(id)).thread.rootTs).toBe('92.000001');
    expect((await team.facts(id)).signOffs.map((s) => s.person)).toEqual([ADA.id]);
  });

  it('R7: in the thread of a deleted card an LGTM is asked about once: an edit from one LGTM to another says nothing new', async () => {
    const id = await team.open();
    await team.posted(id, '94.000001');
    for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'ready' });
    const say = (more: object) => bot.event({ type: 'message', channel: 'CREL', user: BEN.id, ...more });
    await say({ subtype: 'message_deleted', deleted_ts: '94.000001' });
    const said = { ts: '95.000001', thread_ts: '94.000001', user: BEN.id, text: 'LGTM' };
    const edited = (from: string, to: string) => {
      const [message, previous_message] = [to, from].map((text) => ({ ...said, text }));
      return say({ subtype: 'message_changed', message, previous_message });
    };
    const asked = async () => (await team.dms(BEN.id)).filter((dm) => dm.includes('in its old thread')).length;
    await say(said);
    await edited('LGTM', 'lgtm!');
    expect(await asked()).toBe(1);
    await edited('not yet', 'LGTM');
    expect(await asked()).toBe(2);
    expect((await team.facts(id)).signOffs).toEqual([]);
  });
});
