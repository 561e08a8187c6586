import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { App, Receiver } from '@slack/bolt';
import { eq, type SQL } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { card, checkCard } from '../../src/areas/releases/blocks.ts';
import { makeMetrics } from '../../src/base/metrics.ts';
import type { Person, Slack, View } from '../../src/base/slack.ts';
import { makeApp } from '../../src/bot/app.ts';
import { SUBCOMMANDS } from '../../src/bot/release-words.ts';
import { claims } from '../../src/db/schema/releases.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { ADA, ADMIN, BEN, CAS, MAX, NOBODY, T0 } from '../support/facts.ts';
import { keptLog } from '../support/quiet.ts';
import { type Team, teamOn } from '../support/team.ts';

// Bolt's own parsing, with requests handed to the app as a receiver would; sockets are tested in receiver.test.ts.
let db: TestDb;
let team: Team;
let app: App;
let views: View[] = [];
let n = 0;
const metrics = makeMetrics();
beforeAll(async () => {
  db = await freshDb();
  team = teamOn(db.db);
  const receiver: Receiver = { init: () => {}, start: async () => {}, stop: async () => {} };
  const person = (id: string): Person => ({
    ...{ id, name: id, tz: 'UTC', isBot: id === 'UROB', deleted: id === 'UGONE', guest: id === 'UGUS' },
    ...{ teamId: 'T01SHIP', stranger: false },
  });
  const slack = {
    userInfo: async (id: string) => person(id),
    openView: async (_trigger: string, view: View) => void views.push(view),
    readThread: async () => ({ complete: true, root: { reactions: [] }, messages: [] }),
    permalink: async () => 'https://slack.example/p',
  } as unknown as Slack;
  const deps = { ...team.deps, slack, botUserId: 'UBOT', metrics, log: keptLog().log };
  const me = { userId: 'UBOT', botId: 'BBOT', teamId: 'T01SHIP', team: 'x', url: 'x', scopes: undefined };
  app = makeApp(receiver, deps, me, { token: 'xoxb-none', apiUrl: 'http://127.0.0.1:1/api/' });
});
afterAll(() => db.close());

/** Hands a request to the app. @returns what it was acknowledged with */
async function hand(body: Record<string, unknown>): Promise<Record<string, unknown>> {
  let answer: unknown;
  await app.processEvent({
    body: { team_id: 'T01SHIP', ...body },
    ack: async (given) => {
      answer = given;
    },
  });
  return (answer ?? {}) as Record<string, unknown>;
}
const command = async (user: string, text: string) => {
  const body = {
    command: '/release',
    text,
    user_id: user,
    channel_id: 'CREL',
    trigger_id: `t${++n}`,
    response_url: '',
  };
  return String((await hand(body)).text);
};
const press = (user: string, action_id: string, value: string, response_url = '') =>
  hand({
    type: 'block_actions',
    response_url,
    user: { id: user, team_id: 'T01SHIP' },
    team: { id: 'T01SHIP' },
    trigger_id: `t${++n}`,
    actions: [{ type: 'button', action_id, block_id: 'b', value, action_ts: `${++n}.0` }],
  });
const submit = (user: string, callback_id: string, values: Record<string, object>, meta = '') => {
  const state = { values: Object.fromEntries(Object.entries(values).map(([id, v]) => [id, { [id]: v }])) };
  const view = { id: `V${++n}`, type: 'modal', callback_id, private_metadata: meta, state };
  return hand({ type: 'view_submission', user: { id: user }, team: { id: 'T01SHIP' }, trigger_id: `t${++n}`, view });
};
const event = (about: Record<string, unknown>) =>
  hand({
    type: 'event_callback',
    event_id: `Ev${++n}`,
    event: { event_ts: `${1_800_000_000 + ++n}.000000`, ...about },
  });

describe('/release', () => {
  it('plays a day from opened to done', async () => {
    expect(await command(MAX.id, 'open wallet 1.2.3 abc1234')).toContain('Opened *wallet v1.2.3*');
    const { rows } = await db.pool.query('select max(id) as id from releases');
    const id = Number(rows[0].id);
    await team.posted(id, '70.000001');
    for (const who of [ADA, BEN]) expect(await command(who.id, 'ready')).toContain('you are here');
    for (const who of [ADA, BEN]) expect(await command(who.id, 'lgtm wallet v1.2.3')).toContain('counts');
    expect(await command(MAX.id, 'ship')).toContain('the push may begin');
    expect(await command(MAX.id, 'shipped')).toContain('it is live');
    for (const who of [ADA, BEN]) await command(who.id, 'ready');
    for (const who of [ADA, BEN]) await command(who.id, 'verify');
    expect((await team.facts(id)).release.state).toBe('done');
    expect(await command(ADA.id, 'list')).toContain('0 open');
    expect(await command(ADA.id, 'status wallet v1.2.3')).toContain('done');
  });

  it('lists every subcommand, and answers bad input with the right form', async () => {
    const help = await command(ADA.id, 'help');
    for (const sub of Object.keys(SUBCOMMANDS)) expect(help).toContain(`/release ${sub}`);
    expect(await command(ADA.id, 'lgmt')).toContain('Did you mean `/release lgtm`');
    expect(await command(ADA.id, 'list all')).toContain('The form is `/release list`');
    expect(await command(ADA.id, 'ready')).toMatch(/^:x:/);
    expect(await command(MAX.id, 'open wallet ? nohex')).toContain('7 to 40 hex digits');
    expect(await command(NOBODY.id, 'open wallet v9.0.0 abc1234')).toContain('Only an operator');
  });

  it('is counted by its word, however that is written', async () => {
    const counted = async (subcommand: string) => {
      const { values } = await metrics.commands.get();
      return values.filter((v) => v.labels.subcommand === subcommand).reduce((sum, v) => sum + v.value, 0);
    };
    const before = [await counted('list'), await counted('help'), await counted('other')];
    for (const text of ['LIST', '', 'lisst']) await command(ADA.id, text);
    expect([await counted('list'), await counted('help'), await counted('other')]).toEqual(before.map((n) => n + 1));
  });

  it('opens forms where words are missing, and asks why after a hold', async () => {
    const id = await team.open({ product: 'site', version: 'v5.0.0' });
    views = [];
    expect(await command(MAX.id, 'open wallet 3.0.0')).toContain('Fill in the form');
    await command(MAX.id, 'emergency wallet');
    await command(MAX.id, 'candidate site v5.0.0');
    await command(ADA.id, 'hold site v5.0.0');
    expect(views.map((v) => v.callback_id)).toEqual([
      'release_open',
      'release_open',
      'release_ask_candidate',
      'release_ask_hold',
    ]);
    expect(await command(MAX.id, 'candidate site v5.0.0 nohex')).toContain('is no commit');
    expect(await command(MAX.id, 'candidate site v5.0.0 def5678 nohex')).toContain('is no tree');
    expect(await command(MAX.id, 'candidate site v5.0.0 def5678')).toContain('new candidate is named');
    expect(await command(ADA.id, `cancel site v5.0.0 ${'x'.repeat(501)}`)).toContain('under 500');
    expect(await command(MAX.id, 'cancel site v5.0.0 not needed')).toContain('cancelled');
    expect((await team.facts(id)).release.endReason).toBe('not needed');
  });
});

describe('words behind an act that look like a version', () => {
  it('R6: of a hold they are its reason, where no such release is open: a hold is never kept waiting by a question', async () => {
    const id = await team.open({ product: 'site', version: 'v6.0.0' });
    const other = await team.open({ product: 'wallet', version: 'v6.1.0' });
    const reasons = async () => (await team.facts(id)).holds.filter((h) => !h.liftedAt).map((h) => h.reason);
    const holds = async (words: string, reason: string) => {
      expect(await command(ADA.id, `hold ${words}`)).toContain('your hold is set');
      expect(await reasons()).toEqual([reason]);
      await command(ADA.id, 'unhold site');
    };
    await holds('site 3.14 USD missing', '3.14 USD missing');
    await holds('site v6.1.0 has it too', 'v6.1.0 has it too');
    await holds('site 6.0.0 0.5 BTC shown as 5', '0.5 BTC shown as 5');
    // Which one is meant cannot be told.
    expect(await command(ADA.id, 'hold 0.5 BTC shown as 5')).toContain('Which release');
    // Nothing but an address, and a wrong one, is no reason.
    expect(await command(ADA.id, 'hold site v6.9.0')).toContain('There is no open release `v6.9.0` of `site`');
    // Behind what is no product, a version on its way means that release and no other.
    await holds('siet v6.0.0 money lost', 'siet v6.0.0 money lost');
    await command(BEN.id, 'hold walet v6.1.0 money lost');
    expect([await reasons(), (await team.facts(other)).holds.map((h) => h.reason)]).toEqual([
      [],
      ['walet v6.1.0 money lost'],
    ]);
    await team.do(other, MAX, { kind: 'cancel', reason: null });
    await holds('0.5 BTC shown as 5', '0.5 BTC shown as 5');
    await holds('since v5.9.0 it crashes', 'since v5.9.0 it crashes');
    await team.do(id, MAX, { kind: 'cancel', reason: null });
    expect(await command(ADA.id, 'hold site 6.0.0 broken')).toContain('cancelled');
    expect(await command(ADA.id, 'hold site 3.14 USD missing')).toContain('There is no open release `v3.14` of `site`');
  });

  it('of what ends a release or its push they are refused, and said to have been read as one', async () => {
    const id = await team.open({ product: 'site', version: 'v6.2.0' });
    for (const act of ['cancel', 'failed', 'rollback']) {
      const said = await command(MAX.id, `${act} site 3.14 USD missing`);
      expect(said).toContain('There is no open release `v3.14` of `site`');
      expect(said).toContain(`\`/release ${act} <product> <version> <text>\``);
    }
    expect(await command(MAX.id, 'ready site v6.2.1')).not.toContain('<text>');
    expect((await team.facts(id)).release.state).toBe('waiting');
    expect(await command(MAX.id, 'cancel site 6.2.0 3.14 USD missing')).toContain('cancelled');
    expect((await team.facts(id)).release.endReason).toBe('3.14 USD missing');
  });
});

describe('buttons and forms', () => {
  it('do what the commands do', async () => {
    const id = await team.open();
    for (const who of [ADA, BEN]) await press(who.id, 'release_ready', `${id}`);
    const [c] = (await team.facts(id)).candidates;
    for (const who of [ADA, BEN]) await press(who.id, 'release_lgtm', `${id}:${c?.id}`);
    expect((await team.facts(id)).release.state).toBe('approved');
    views = [];
    await press(CAS.id, 'release_hold', `${id}`);
    const meta = String(views[0]?.private_metadata);
    expect(await submit(CAS.id, 'release_ask_hold', { text: { value: '' } }, meta)).toMatchObject({
      response_action: 'errors',
    });
    await submit(CAS.id, 'release_ask_hold', { text: { value: 'the fee' } }, meta);
    expect((await team.facts(id)).holds).toMatchObject([{ reason: 'the fee' }]);
    await press(NOBODY.id, 'release_cancel', `${id}`);
    expect(views).toHaveLength(1);
    await press(ADMIN.id, 'release_cancel', `${id}`);
    const of = JSON.stringify({ releaseId: id });
    const wrong = await submit(MAX.id, 'release_ask_candidate', { text: { value: 'x' }, tree: { value: '' } }, of);
    expect(wrong).toMatchObject({ errors: { text: expect.stringContaining('7 to 40') } });
    await submit(MAX.id, 'release_ask_candidate', { text: { value: 'def5678' }, tree: { value: 'beef123' } }, of);
    expect((await team.facts(id)).candidates).toHaveLength(2);
    await submit(ADMIN.id, 'release_ask_cancel', { text: { value: '' } }, of);
    expect((await team.facts(id)).release.state).toBe('cancelled');
    const late = await submit(BEN.id, 'release_ask_review', { text: { value: '' } }, of);
    expect(late).toMatchObject({ response_action: 'errors' });
  });

  it('R8: "I\'m here" of the candidate\'s card is nothing for production, that of its check is', async () => {
    const id = await team.open();
    await team.approve(id, ADA, BEN);
    await team.reconciled(id);
    for (const kind of ['ship', 'shipped'] as const) await team.do(id, MAX, { kind });
    const f = await team.facts(id);
    const drawn = (text: string) => /"action_id":"release_ready".*?"value":"([\d:]+)"/.exec(text)?.[1] ?? '';
    const open = { ...f, release: { ...f.release, state: 'testing' as const } };
    const here = async () => (await team.facts(id)).presences.filter((p) => p.stage === 'production').length;
    await press(ADA.id, 'release_ready', drawn(JSON.stringify(card(open, team.deps.policy, T0))));
    expect(await here()).toBe(0);
    await press(ADA.id, 'release_ready', drawn(JSON.stringify(checkCard(f, team.deps.policy, T0))));
    expect(await here()).toBe(1);
  });

  it('R3: about a push do nothing to the next one; those that an older version drew for it still work', async () => {
    const id = await team.open();
    const shipIt = async () => {
      for (const who of [ADA, BEN]) await press(who.id, 'release_ready', `${id}`);
      const c = (await team.facts(id)).candidates.at(-1);
      for (const who of [ADA, BEN]) await press(who.id, 'release_lgtm', `${id}:${c?.id}`);
      await team.reconciled(id);
      await team.do(id, MAX, { kind: 'ship' });
    };
    const drawn = async () => {
      const { candidates, release } = await team.facts(id);
      return `${id}:${candidates.at(-1)?.id}:${release.shippingAt?.getTime()}`;
    };
    const state = async () => (await team.facts(id)).release.state;
    await shipIt();
    const old = await drawn();
    const metas: string[] = [];
    for (const action of ['release_failed', 'release_rollback']) {
      views = [];
      await press(MAX.id, action, old);
      metas.push(String(views[0]?.private_metadata));
    }
    await team.do(id, MAX, { kind: 'failed', reason: null });
    team.now = new Date(team.now.getTime() + 1000);
    await shipIt();
    views = [];
    for (const action of ['release_shipped', 'release_failed', 'release_rollback']) await press(MAX.id, action, old);
    expect(views).toEqual([]);
    for (const [i, what] of ['failed', 'rollback'].entries())
      expect(await submit(MAX.id, `release_ask_${what}`, { text: { value: 'old' } }, metas[i])).toMatchObject({
        errors: { text: expect.stringContaining('that was for an earlier push') },
      });
    expect(await state()).toBe('shipping');
    await press(MAX.id, 'release_failed', `${id}`);
    expect(views).toHaveLength(1);
    await submit(MAX.id, 'release_ask_failed', { text: { value: '' } }, JSON.stringify({ releaseId: id }));
    expect(await state()).toBe('testing');
    team.now = new Date(team.now.getTime() + 1000);
    await shipIt();
    await press(MAX.id, 'release_shipped', await drawn());
    expect(await state()).toBe('verifying');
  });

  it('open a release, with each fault at its field', async () => {
    const values = {
      product: { selected_option: { value: 'wallet' } },
      version: { value: 'v8.0.0' },
      commit: { value: 'nohex' },
      kind: { selected_option: { value: 'scheduled' } },
      manager: { selected_user: MAX.id },
      authors: { selected_users: ['UEVE'] },
    };
    expect(await submit(MAX.id, 'release_open', values)).toMatchObject({ errors: { commit: expect.any(String) } });
    expect(await submit(MAX.id, 'release_open', { ...values, commit: { value: 'abc1234' } })).toEqual({});
    const again = await submit(MAX.id, 'release_open', { ...values, commit: { value: 'abc1234' } });
    expect(again).toMatchObject({ errors: { version: expect.stringContaining('exists already') } });
  });

  it('R24: open no release for a manager who could not act on it; who wrote its changes may be anybody', async () => {
    const values = (manager: string) => ({
      product: { selected_option: { value: 'site' } },
      version: { value: 'v8.0.0' },
      commit: { value: 'abc1234' },
      kind: { selected_option: { value: 'scheduled' } },
      manager: { selected_user: manager },
      authors: { selected_users: ['UROB', 'UGUS'] },
    });
    for (const [manager, said] of [
      ['UROB', 'Bots cannot be release managers'],
      ['UGUS', 'Guests cannot be release managers'],
      ['UGONE', 'Deactivated people cannot be release managers'],
    ] as const) {
      const answer = await submit(MAX.id, 'release_open', values(manager));
      expect(answer).toMatchObject({ errors: { manager: expect.stringContaining(said) } });
    }
    expect(await submit(MAX.id, 'release_open', values(BEN.id))).toEqual({});
  });

  it('whose answer does not arrive have acted all the same: nobody is told that nothing was changed', async () => {
    const id = await team.open();
    const heard: string[] = [];
    const server = createServer((req, res) => {
      req.on('data', (data) => heard.push(String(data)));
      req.on('end', () => (heard.length > 1 ? res.end('ok') : res.destroy()));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    await press(ADA.id, 'release_ready', `${id}`, `http://127.0.0.1:${port}/`);
    await new Promise((done) => server.close(done));
    expect((await team.facts(id)).presences).toHaveLength(1);
    expect(heard.join()).toContain('you are here');
    expect(heard.join()).not.toContain('nothing was changed');
  });

  it('that were never drawn mean nothing', async () => {
    views = [];
    await press(ADA.id, 'release_lgtm', '99999');
    await press(ADA.id, 'release_constructor', '12');
    await press(ADA.id, 'release_more', '');
    await press(ADA.id, 'release_start', 'open');
    await hand({
      type: 'shortcut',
      callback_id: 'open_release',
      user: { id: MAX.id },
      team: { id: 'T01SHIP' },
      trigger_id: 't',
    });
    expect(views.map((v) => v.callback_id)).toEqual(['release_open', 'release_open']);
  });
});

describe('events', () => {
  it('the reaction for bugs offers the form, on whatever message; taken back it does nothing', async () => {
    const bug = { user: CAS.id, reaction: 'bug::skin-tone-3', item: { channel: 'C0ELSE', ts: '9.000001' } };
    await event({ type: 'reaction_removed', ...bug });
    expect(await team.dms(CAS.id)).toEqual([]);
    await event({ type: 'reaction_added', ...bug });
    expect((await team.dms(CAS.id)).join()).toContain('bug');
  });

  it('reactions, words, changes and deletions are claims; others are nothing', async () => {
    const id = await team.open();
    await team.posted(id, '80.000001');
    const on = { item: { channel: 'CREL', ts: '80.000001' }, item_user: 'UBOT' };
    for (const user of [ADA.id, BEN.id]) await event({ type: 'reaction_added', user, reaction: 'eyes', ...on });
    const say = (user: string, text: string, more: object = {}) =>
      event({ type: 'message', channel: 'CREL', user, text, ts: '81.000001', thread_ts: '80.000001', ...more });
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
    await event({ type: 'reaction_added', user: ADA.id, reaction: 'tada', ...on });
    await event({ type: 'reaction_added', user: ADA.id, reaction: 'eyes', item: { channel: 'CREL', ts: '1.1' } });
    await say(ADA.id, 'LGTM', { ts: '84.000001' });
    await say('', '', { subtype: 'message_deleted', deleted_ts: '80.000001' });
    expect((await team.facts(id)).thread.rootTs).toBeNull();
    // What was said in the thread of the deleted card counts on, and can still be taken back there.
    expect(await signed()).toEqual([ADA.id]);
    const word = { ...old, ts: '84.000001' };
    await say('', '', { subtype: 'message_deleted', deleted_ts: '84.000001', previous_message: word });
    expect(await signed()).toEqual([]);
    await event({ type: 'app_home_opened', user: ADA.id, tab: 'home', channel: 'D1' });
    await event({ type: 'app_home_opened', user: BEN.id, tab: 'messages', channel: 'D1' });
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
      hand({
        ...{ type: 'event_callback', event_id: `Ev${++n}`, received_at: new Date((slow + seconds) * 1000) },
        event: { user, event_ts: `${slow + 20 + seconds}.000000`, ...about },
      });
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
      await event({ type: 'message', subtype: 'message_changed', channel: 'CREL', ...change });
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
    await event({
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
      event({ type, user: ADA.id, reaction: '+1', item: { channel: 'CREL', ts: '88.000001' }, item_user: 'UBOT' });
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
    const say = (more: object) => event({ type: 'message', channel: 'CREL', ...said, ...more });
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
    await event({ ...about, ts: '93.000001' }).finally(() => noted.mockRestore());
    expect((await team.facts(id)).thread.rootTs).toBe('92.000001');
    expect((await team.facts(id)).signOffs.map((s) => s.person)).toEqual([ADA.id]);
  });

  it('R7: in the thread of a deleted card an LGTM is asked about once: an edit from one LGTM to another says nothing new', async () => {
    const id = await team.open();
    await team.posted(id, '94.000001');
    for (const who of [ADA, BEN]) await team.do(id, who, { kind: 'ready' });
    const say = (more: object) => event({ type: 'message', channel: 'CREL', user: BEN.id, ...more });
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
