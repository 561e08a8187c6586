import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeMetrics } from '../../src/base/metrics.ts';
import type { Slack, SlackErrorKind } from '../../src/base/slack.ts';
import { makeSlack } from '../../src/gateways/slack.ts';
import { type SlackProxy, startProxy } from '../support/proxy.ts';
import { keptLog } from '../support/quiet.ts';
import { CHANNELS, DEFAULT_APP, type LocalSlack, PEOPLE, startSlack } from '../support/slack.ts';

const { releases } = CHANNELS;
const metrics = makeMetrics();
let local: LocalSlack;
let proxy: SlackProxy;
let slack: Slack;
beforeAll(async () => {
  local = await startSlack();
  proxy = await startProxy(local.url);
  const { log } = keptLog();
  slack = makeSlack({ token: DEFAULT_APP.botToken, apiUrl: proxy.apiUrl, metrics, log, timeoutMs: 500 });
});
afterEach(() => {
  proxy.clear();
  proxy.calls.length = 0;
});
afterAll(async () => {
  await proxy.stop();
  await local.stop();
});

const since = (): Date => new Date(Date.now() - 5_000);
const method = (name: string) => proxy.calls.filter((call) => call.method === name);

describe('posting', () => {
  it('may show in Slack until a while after it was waited for; also by a proxy on this machine, behind which is Slack', () => {
    const settles = (apiUrl: string, timeoutMs?: number) =>
      makeSlack({ token: 'xoxb', apiUrl, metrics, log: keptLog().log, ...(timeoutMs && { timeoutMs }) }).settleMs;
    expect(settles('https://slack.com/api/')).toBe(12_000);
    expect(settles('https://slack.com/api/', 500)).toBe(2_500);
    expect(settles('http://127.0.0.1:4000/api/')).toBe(12_000);
  });

  it('marks a message with its outbox id, in metadata and in the first block', async () => {
    const blocks = [
      { type: 'header', text: { type: 'plain_text', text: 'v1' } },
      { type: 'divider', block_id: 'own' },
    ];
    const { ts } = await slack.postMessage({ channel: releases, text: 'v1', blocks, outboxId: 7 });
    const [call] = method('chat.postMessage');
    expect(JSON.parse(call?.args.metadata ?? '')).toEqual({
      event_type: 'shipshape_outbox',
      event_payload: { outbox_id: '7' },
    });
    expect(call?.args).toMatchObject({ unfurl_links: 'false', unfurl_media: 'false' });
    expect(await local.message(releases, ts)).toMatchObject({
      text: 'v1',
      blocks: [{ block_id: 'ob-7' }, { block_id: 'own' }],
    });
    expect(blocks[0]).not.toHaveProperty('block_id');
  });

  it('makes a block of a bare text, and sends a line to the channel too when asked', async () => {
    const root = await slack.postMessage({ channel: releases, text: 'root', outboxId: 8 });
    const line = { channel: releases, threadTs: root.ts, text: 'line', outboxId: 9, broadcast: true };
    const { ts } = await slack.postMessage(line);
    expect(await local.thread(releases, root.ts)).toMatchObject([
      { ts, blocks: [{ type: 'section', block_id: 'ob-9', text: { text: 'line', verbatim: true } }] },
    ]);
    expect(method('chat.postMessage')[1]?.args.reply_broadcast).toBe('true');
  });

  it('sends a long line whole, in sections that Slack takes', async () => {
    const said = `<@U1>: ${'&amp;'.repeat(1200)}`;
    const { ts } = await slack.postMessage({ channel: releases, text: said, outboxId: 10 });
    const [call] = method('chat.postMessage');
    expect(String(call?.args.text).length).toBeLessThanOrEqual(4000);
    const { blocks = [] } = await local.message(releases, ts);
    const texts = blocks.map((block) => String((block.text as { text: string }).text));
    expect(texts.join('')).toBe(said);
    expect(texts.length).toBe(3);
    for (const one of texts) expect(one.length).toBeLessThanOrEqual(3000);
  });

  it('keeps the marks through an update', async () => {
    const { ts } = await slack.postMessage({ channel: releases, text: 'old', outboxId: 10 });
    await slack.update({ channel: releases, ts, text: 'new', outboxId: 10 });
    expect(await local.message(releases, ts)).toMatchObject({ text: 'new', blocks: [{ block_id: 'ob-10' }] });
    expect(await slack.findPosted({ channel: releases, outboxId: 10, since: since() })).toBe(ts);
  });
});

describe('findPosted', () => {
  it('finds a post whose answer was lost, in the channel and in a thread', async () => {
    proxy.on('chat.postMessage', (_, nth) => (nth < 3 ? { drop: 'after' } : {}));
    const post = slack.postMessage({ channel: releases, text: 'lost', outboxId: 20 });
    await expect(post).rejects.toMatchObject({ name: 'SlackError', kind: 'doubtful' });
    const root = await slack.findPosted({ channel: releases, outboxId: 20, since: since() });
    expect((await local.messages(releases)).filter((one) => one.text === 'lost')).toMatchObject([{ ts: root }]);

    const threadTs = root ?? '';
    await expect(slack.postMessage({ channel: releases, threadTs, text: 'l', outboxId: 21 })).rejects.toThrow();
    const [reply] = await local.thread(releases, threadTs);
    expect(await slack.findPosted({ channel: releases, threadTs, outboxId: 21, since: since() })).toBe(reply?.ts);
    expect(await slack.findPosted({ channel: releases, threadTs, outboxId: 22, since: since() })).toBeNull();
    expect(await slack.findPosted({ channel: releases, outboxId: 2, since: since() })).toBeNull();
  });

  it('reads every page, from a minute before, and knows the metadata alone', async () => {
    const mark = { metadata: { event_type: 'shipshape_outbox', event_payload: { outbox_id: '30' } } };
    proxy.on('conversations.history', (args) => ({
      answer: {
        body: args.cursor
          ? { ok: true, messages: [{ ts: '5.5', ...mark }], has_more: false }
          : { ok: true, messages: [{ ts: '6.6' }], has_more: true, response_metadata: { next_cursor: 'p2' } },
      },
    }));
    expect(await slack.findPosted({ channel: releases, outboxId: 30, since: new Date(100_000) })).toBe('5.5');
    expect(method('conversations.history').map((call) => call.args)).toMatchObject([
      { oldest: '40.000000', include_all_metadata: 'true' },
      { cursor: 'p2' },
    ]);
  });
});

describe('hasFiles', () => {
  const page = (...files: string[]) => ({ ok: true, messages: [{ ts: '5.5', files: files.map((id) => ({ id })) }] });

  it('looks through the channel, or a thread, from a minute before and no further back', async () => {
    for (const name of ['conversations.history', 'conversations.replies'])
      proxy.on(name, () => ({ answer: { body: page('F1', 'F2') } }));
    const since = new Date(100_000);
    expect(await slack.hasFiles({ channel: releases, files: ['F2'], since })).toBe(true);
    expect(await slack.hasFiles({ channel: releases, threadTs: '5.5', files: ['F3'], since })).toBe(false);
    expect(method('conversations.history').map((call) => call.args)).toMatchObject([{ oldest: '40.000000' }]);
    expect(method('conversations.replies').map((call) => call.args)).toMatchObject([
      { ts: '5.5', oldest: '40.000000' },
    ]);
    // Files noted before their time was.
    await slack.hasFiles({ channel: releases, files: ['F2'], since: new Date(0) });
    expect(method('conversations.history')[1]?.args).toMatchObject({ oldest: '0.000000' });
  });
});

describe('readThread', () => {
  it('gives the root’s reactions and the replies, without ephemerals', async () => {
    const { ts } = await slack.postMessage({ channel: releases, text: 'card', outboxId: 40 });
    await local.react(PEOPLE.ana, releases, ts, 'eyes');
    await local.react(PEOPLE.ben, releases, ts, 'eyes');
    const said = await local.say(PEOPLE.ben, releases, 'LGTM', ts);
    await local.edit(PEOPLE.ben, releases, said.ts, 'not LGTM');
    const check = await slack.postMessage({ channel: releases, threadTs: ts, text: 'check', outboxId: 41 });
    await local.react(PEOPLE.ana, releases, check.ts, 'lgtm');
    expect(await slack.readThread({ channel: releases, ts })).toEqual({
      complete: true,
      root: { reactions: [{ name: 'eyes', users: [PEOPLE.ana, PEOPLE.ben] }] },
      messages: [
        { ts: said.ts, user: PEOPLE.ben, text: 'not LGTM', edited: expect.any(String) },
        {
          ts: check.ts,
          user: DEFAULT_APP.botUserId,
          botId: expect.any(String),
          text: 'check',
          reactions: [{ name: 'lgtm', users: [PEOPLE.ana] }],
        },
      ],
    });
  });

  it('says when the root is deleted: gone, a tombstone, or the thread unknown', async () => {
    const { ts } = await slack.postMessage({ channel: releases, text: 'card', outboxId: 42 });
    await local.say(PEOPLE.ben, releases, 'hm', ts);
    await local.remove(DEFAULT_APP.botUserId, releases, ts);
    expect(await slack.readThread({ channel: releases, ts })).toMatchObject({
      root: 'deleted',
      messages: [{ text: 'hm' }],
    });

    const tomb = { ok: true, messages: [{ ts, subtype: 'tombstone', thread_ts: ts }] };
    proxy.on('conversations.replies', { answer: { body: tomb } });
    expect(await slack.readThread({ channel: releases, ts })).toMatchObject({ root: 'deleted', messages: [] });
    proxy.on('conversations.replies', { answer: { body: { ok: false, error: 'thread_not_found' } } });
    expect(await slack.readThread({ channel: releases, ts })).toMatchObject({ root: 'deleted', messages: [] });
  });

  const page = (messages: unknown[], next?: string) => ({
    answer: {
      body: { ok: true, messages, has_more: next !== undefined, response_metadata: { next_cursor: next ?? '' } },
    },
  });
  const root = { ts: '1.1', thread_ts: '1.1', user: 'UBOT', bot_id: 'B1' };

  it('reads all pages, with the root once', async () => {
    const reply = (ts: string) => ({
      ts,
      thread_ts: '1.1',
      user: 'U1',
      text: ts,
      files: [{}, {}],
      attachments: [{ is_share: true, text: 'new logo?' }],
      subtype: 'file_share',
    });
    proxy.on('conversations.replies', ({ cursor }) =>
      cursor ? page([root, reply('1.4')]) : page([root, reply('1.3'), reply('1.2')], 'p2'),
    );
    const thread = await slack.readThread({ channel: releases, ts: '1.1' });
    expect(thread.messages.map((one) => one.ts)).toEqual(['1.2', '1.3', '1.4']);
    expect(thread.messages[0]).toMatchObject({ files: 2, attachments: 1, subtype: 'file_share' });
  });

  it('throws when a later page fails or has no address: a part is not the whole', async () => {
    proxy.on('conversations.replies', (_, nth) => (nth === 1 ? page([root], 'p2') : { answer: { status: 500 } }));
    await expect(slack.readThread({ channel: releases, ts: '1.1' })).rejects.toMatchObject({ kind: 'doubtful' });
    proxy.on('conversations.replies', { answer: { body: { ok: true, messages: [root], has_more: true } } });
    await expect(slack.readThread({ channel: releases, ts: '1.1' })).rejects.toMatchObject({
      code: 'page_without_cursor',
    });
    proxy.on('conversations.replies', { answer: { body: { ok: true } } });
    await expect(slack.readThread({ channel: releases, ts: '1.1' })).rejects.toMatchObject({ code: 'no_messages' });
  });

  it('asks for everyone when a reaction’s users are cut short, and throws when that fails', async () => {
    const cut = { ...root, reactions: [{ name: 'lgtm', users: ['U1'], count: 2 }] };
    proxy.on('conversations.replies', page([cut]));
    const full = [{ name: 'lgtm', users: ['U1', 'U2'], count: 2 }];
    proxy.on('reactions.get', { answer: { body: { ok: true, message: { reactions: full } } } });
    const { root: found } = await slack.readThread({ channel: releases, ts: '1.1' });
    expect(found).toEqual({ reactions: [{ name: 'lgtm', users: ['U1', 'U2'] }] });
    expect(method('reactions.get')[0]?.args).toMatchObject({ channel: releases, timestamp: '1.1', full: 'true' });

    proxy.on('reactions.get', { answer: { body: { ok: true, message: { reactions: cut.reactions } } } });
    await expect(slack.readThread({ channel: releases, ts: '1.1' })).rejects.toMatchObject({ code: 'users_cut_short' });
    proxy.on('reactions.get', { answer: { status: 503 } });
    await expect(slack.readThread({ channel: releases, ts: '1.1' })).rejects.toMatchObject({ kind: 'doubtful' });
  });
});

describe('reading people and places', () => {
  it('knows a person, a channel, itself and its scopes', async () => {
    expect(await slack.userInfo(PEOPLE.ana)).toEqual({
      id: PEOPLE.ana,
      name: 'ana',
      tz: 'Europe/Lisbon',
      isBot: false,
      deleted: false,
      guest: false,
      teamId: 'T01SHIP',
      stranger: false,
    });
    expect(await slack.channelInfo(releases)).toMatchObject({ name: 'releases', isMember: true, isArchived: false });
    proxy.on('auth.test', { headers: { 'x-oauth-scopes': 'chat:write, commands' } });
    expect(await slack.authTest()).toMatchObject({
      userId: DEFAULT_APP.botUserId,
      teamId: 'T01SHIP',
      scopes: ['chat:write', 'commands'],
    });
    expect(await slack.emojiNames()).toEqual([]);
  });

  it.each([
    [{ deleted: true }, { deleted: true }],
    [{ is_restricted: true }, { guest: true }],
    [{ is_ultra_restricted: true }, { guest: true }],
    [
      { is_stranger: true, team_id: 'T9' },
      { stranger: true, teamId: 'T9' },
    ],
    [
      { is_bot: true, tz: '' },
      { isBot: true, tz: 'UTC', name: 'U9' },
    ],
  ])('tells who does not count: %o', async (fields, expected) => {
    proxy.on('users.info', { answer: { body: { ok: true, user: { id: 'U9', ...fields } } } });
    expect(await slack.userInfo('U9')).toMatchObject(expected);
  });

  it('takes Slackbot for a bot, which calls itself a person', async () => {
    proxy.on('users.info', { answer: { body: { ok: true, user: { id: 'USLACKBOT', is_bot: false } } } });
    expect(await slack.userInfo('USLACKBOT')).toMatchObject({ isBot: true });
  });

  it('reads a user group, opens a DM, publishes a Home, links a message', async () => {
    proxy.on('usergroups.users.list', (args) => ({ answer: { body: { ok: true, users: [args.usergroup, 'U1'] } } }));
    expect(await slack.usergroupMembers('S1')).toEqual(['S1', 'U1']);
    const dm = await slack.openDm(PEOPLE.ana);
    const { ts } = await slack.postMessage({ channel: dm, text: 'psst', outboxId: 50 });
    expect(await local.dms(PEOPLE.ana)).toMatchObject([{ text: 'psst', channel: dm }]);
    expect(await slack.permalink(dm, ts)).toContain(`/archives/${dm}/p`);
    await slack.publishHome(PEOPLE.ana, { type: 'home', blocks: [{ type: 'divider' }] });
    expect(await local.home(PEOPLE.ana)).toMatchObject({ blocks: [{ type: 'divider' }] });
  });
});

describe('failures', () => {
  const kinds: [string, SlackErrorKind][] = [
    ['message_not_found', 'gone'],
    ['thread_not_found', 'gone'],
    ['channel_not_found', 'channel'],
    ['is_archived', 'channel'],
    ['not_in_channel', 'channel'],
    ['invalid_auth', 'auth'],
    ['missing_scope', 'auth'],
    ['invalid_blocks', 'invalid'],
    ['msg_too_long', 'invalid'],
    ['internal_error', 'doubtful'],
    ['ratelimited', 'rate_limited'],
  ];
  it.each(kinds)('%s is %s, and is not tried again', async (error, kind) => {
    proxy.on('chat.update', { answer: { body: { ok: false, error } } });
    const update = slack.update({ channel: releases, ts: '1.1', text: 'x', outboxId: 60 });
    await expect(update).rejects.toMatchObject({ name: 'SlackError', kind, code: error, method: 'chat.update' });
    expect(method('chat.update')).toHaveLength(1);
  });

  it('says why Slack finds blocks invalid', async () => {
    const messages = ['[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]'];
    const body = { ok: false, error: 'invalid_blocks', response_metadata: { messages } };
    proxy.on('chat.update', { answer: { body } });
    const update = slack.update({ channel: releases, ts: '1.1', text: 'x', outboxId: 60 });
    await expect(update).rejects.toThrow('json-pointer:/blocks/0/text/text');
  });

  const get = () => slack.channelInfo(releases);
  const code = { kind: 'rate_limited', code: 'ratelimited' };
  it('knows how long to wait after a 429, and waits 30 s when it is not told', async () => {
    proxy.on('conversations.info', { answer: { status: 429, headers: { 'retry-after': '7' } } });
    await expect(get()).rejects.toMatchObject({ ...code, retryAfterMs: 7000 });
    proxy.on('conversations.info', { answer: { status: 429 } });
    await expect(get()).rejects.toMatchObject({ ...code, retryAfterMs: 30_000 });
    expect(method('conversations.info')).toHaveLength(2);
    const { values } = await metrics.slackRateLimited.get();
    expect(values).toContainEqual({ labels: { method: 'conversations.info' }, value: 2 });
  });

  it.each([
    ['a 5xx', { answer: { status: 502, body: 'bad gateway' } }],
    ['a page of HTML', { answer: { body: '<html>Captive portal</html>' } }],
    ['an answer without its fields', { answer: { body: { ok: true } } }],
    ['no answer in time', { delayMs: 700 }],
    ['a cut connection', { drop: 'before' as const }],
  ])('is in doubt after %s', async (_, rule) => {
    proxy.on('conversations.info', rule);
    await expect(get()).rejects.toMatchObject({ name: 'SlackError', kind: 'doubtful' });
    expect(method('conversations.info')).toHaveLength(1);
  });

  it('is in doubt when Slack cannot be reached at all', async () => {
    nock('https://slack.test').post('/api/auth.test').replyWithError('getaddrinfo ENOTFOUND slack.test');
    const { log, lines } = keptLog();
    const away = makeSlack({ token: 'xoxb-very-secret', apiUrl: 'https://slack.test/api/', metrics, log });
    await expect(away.authTest()).rejects.toMatchObject({ kind: 'doubtful', code: 'no_answer' });
    expect(JSON.stringify(lines)).not.toContain('very-secret');
    nock.restore();
  });

  it('times every call', async () => {
    await slack.authTest();
    const { values } = await metrics.slackCallDuration.get();
    expect(values.some((one) => one.labels.method === 'auth.test')).toBe(true);
  });
});
