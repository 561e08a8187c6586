import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deadEvents, handleStored, keep, storeEvent } from '../../src/bot/inbox.ts';
import { freshDb, type TestDb } from '../support/db.ts';

const EARS = { channels: new Set(['C1']), bug: ['bug', 'raised_hand'] };

function body(event: Record<string, unknown>, id = 'Ev1') {
  return {
    type: 'event_callback',
    token: 'verification-token',
    team_id: 'T1',
    api_app_id: 'A1',
    event_id: id,
    event_time: 1,
    authorizations: [{ team_id: 'T1', user_id: 'UBOT', is_bot: true }, { team_id: 'T2' }],
    event,
  };
}

const reaction = {
  type: 'reaction_added',
  user: 'U1',
  reaction: 'lgtm',
  item: { type: 'message', channel: 'C1', ts: '1.1' },
  item_user: 'UBOT',
  event_ts: '2.2',
};
const elsewhere = { ...reaction, reaction: 'bug', item: { ...reaction.item, channel: 'C2' } };
const reply = {
  type: 'message',
  channel: 'C1',
  user: 'U1',
  text: 'LGTM',
  ts: '3.3',
  thread_ts: '1.1',
  event_ts: '3.3',
};
const kept = (event: Record<string, unknown>) => keep(body(event), EARS)?.body.event;

describe('keep', () => {
  it('stores a reaction with the fields that are needed, and neither token nor other authorizations', () => {
    const found = keep(body({ ...reaction, extra: 'x' }), EARS);
    expect(found?.id).toBe('Ev1');
    expect(found?.type).toBe('reaction_added');
    expect(found?.body).toEqual({
      type: 'event_callback',
      team_id: 'T1',
      api_app_id: 'A1',
      event_id: 'Ev1',
      event_time: 1,
      authorizations: [{ team_id: 'T1', user_id: 'UBOT', is_bot: true }],
      event: reaction,
    });
  });

  it('hears a reaction whose name is in another script', () => {
    expect(kept({ ...reaction, reaction: '承認' })).toMatchObject({ reaction: '承認' });
    expect(kept({ ...reaction, reaction: 'two words' })).toBeUndefined();
  });

  it.each([
    ['reaction removed', { ...reaction, type: 'reaction_removed' }],
    ['reply', reply],
    ['reply shown in the channel', { ...reply, subtype: 'thread_broadcast' }],
    ['reply with a file', { ...reply, subtype: 'file_share', files: [{ id: 'F1', name: 'secret.png' }] }],
    ['home', { type: 'app_home_opened', user: 'U1', channel: 'D1', tab: 'home', event_ts: '1' }],
  ])('stores: %s', (_, event) => {
    expect(kept(event)).toMatchObject({ type: event.type });
  });

  it.each([
    ['reaction in another channel', { ...reaction, item: { ...reaction.item, channel: 'C2' } }],
    ['reaction that reports a bug, taken away in another channel', { ...elsewhere, type: 'reaction_removed' }],
    ['reaction that reports a bug, on a file', { ...elsewhere, item: { type: 'file', file: 'F1' } }],
    ['reaction that reports a bug, of the bot itself', { ...elsewhere, user: 'UBOT' }],
    ['reaction without a name in another channel', { ...elsewhere, reaction: undefined }],
    ['reaction on a file', { ...reaction, item: { type: 'file', file: 'F1' } }],
    ['reaction of the bot', { ...reaction, user: 'UBOT' }],
    ['message outside of threads', { ...reply, thread_ts: undefined }],
    ['a root that names itself as its thread', { ...reply, thread_ts: '3.3' }],
    ['reply in another channel', { ...reply, channel: 'C2' }],
    ['reply in a DM', { ...reply, channel: 'D1', channel_type: 'im' }],
    ['reply of the bot', { ...reply, user: 'UBOT' }],
    ['reply of another bot', { ...reply, bot_id: 'B2' }],
    ['join message', { ...reply, subtype: 'channel_join' }],
    ['messages tab', { type: 'app_home_opened', user: 'U1', tab: 'messages' }],
    ['user change', { type: 'user_change', user: { id: 'U1' } }],
    ['no type', {}],
  ])('ignores: %s', (_, event) => {
    expect(keep(body(event), EARS)).toBeNull();
  });

  it('stores of a channel that is none of ours who reports a bug by a reaction on which message, and nothing else', () => {
    const found = keep(body({ ...elsewhere, text: 'said there' }), EARS);
    expect(found?.body.event).toEqual(elsewhere);
    for (const channel of ['D1', 'G1'])
      expect(kept({ ...elsewhere, item: { ...elsewhere.item, channel } })).toBeTruthy();
    expect(kept({ ...elsewhere, reaction: 'raised_hand::skin-tone-3' })).toBeTruthy();
    expect(kept({ ...elsewhere, reaction: 'bugs' })).toBeUndefined();
  });

  it.each([
    ['a reaction without a name', { ...reaction, reaction: null }],
    ['a reaction of nobody', { ...reaction, user: { id: 'U1' } }],
    ['a reaction at no time', { ...reaction, event_ts: 'now' }],
    ['a reaction on a message of no time', { ...reaction, item: { ...reaction.item, ts: 7 } }],
    ['a reply at no time', { ...reply, ts: ['3.3'] }],
    ['a reply that was dated by nobody', { ...reply, event_ts: undefined }],
    ['a change of a message of no time', { ...reply, subtype: 'message_changed', message: { ...reply, ts: '-' } }],
    ['a deletion of nothing', { ...reply, subtype: 'message_deleted', deleted_ts: {}, event_ts: 5 }],
    ['a home of nobody', { type: 'app_home_opened', tab: 'home', user: 'x'.repeat(4000) }],
  ])('does not store what its listener could only fail at: %s', (_, event) => {
    expect(kept(event)).toBeUndefined();
  });

  it('leaves out of a message what is no text, and what is no id', () => {
    const odd = { ...reply, user: 'no\nid', text: 7, bot_id: undefined, edited: { user: 'U1', ts: null } };
    expect(kept(odd)).toEqual({
      ...{ type: 'message', channel: 'C1', ts: '3.3', thread_ts: '1.1', event_ts: '3.3' },
      edited: { user: 'U1' },
    });
  });

  it('ignores a body without an event id or event', () => {
    expect(keep({ ...body(reaction), event_id: 'x'.repeat(400) }, EARS)).toBeNull();
    expect(keep({ type: 'event_callback', event: reaction }, EARS)).toBeNull();
    expect(keep({ type: 'event_callback', event_id: 'Ev1' }, EARS)).toBeNull();
  });

  const changed = { type: 'message', subtype: 'message_changed', channel: 'C1', ts: '9.9', event_ts: '9.9' };

  it('stores a change of a person’s words in a thread, with what they were', () => {
    const message = { ...reply, text: 'not LGTM', edited: { user: 'U1', ts: '9' } };
    expect(kept({ ...changed, message, previous_message: reply })).toMatchObject({
      message: { text: 'not LGTM', ts: '3.3', thread_ts: '1.1', edited: { ts: '9' } },
      previous_message: { text: 'LGTM' },
    });
    expect(kept({ ...changed, message })).toBeTruthy();
  });

  it('R7: keeps that something was forwarded with a message, and not what', () => {
    const forwarded = { ...reply, attachments: [{ is_share: true, text: 'new logo?', from_url: 'https://x' }] };
    expect(kept(forwarded)).toMatchObject({ text: 'LGTM', attachments: [{}] });
    expect(kept({ ...reply, attachments: [] })).not.toHaveProperty('attachments');
  });

  it.each([
    ['only a link was unfurled', { message: { ...reply, attachments: [1] }, previous_message: reply }],
    ['the bot’s card was updated', { message: { ...reply, bot_id: 'B1', text: 'b' }, previous_message: reply }],
    ['not in a thread', { message: { ...reply, thread_ts: undefined, text: 'b' }, previous_message: reply }],
    ['no message', {}],
  ])('ignores a change when %s', (_, fields) => {
    expect(kept({ ...changed, ...fields })).toBeUndefined();
  });

  it('stores the deletion of a root with replies, which Slack reports as a tombstone', () => {
    const message = {
      subtype: 'tombstone',
      user: 'USLACKBOT',
      ts: '1.1',
      thread_ts: '1.1',
      text: 'This message was deleted.',
    };
    expect(kept({ ...changed, message, previous_message: { bot_id: 'B1', ts: '1.1' } })).toMatchObject({
      message: { subtype: 'tombstone', ts: '1.1' },
    });
  });

  const deleted = {
    type: 'message',
    subtype: 'message_deleted',
    channel: 'C1',
    deleted_ts: '3.3',
    ts: '9.9',
    event_ts: '9.9',
  };

  it('stores the deletion of a reply, of a message of the bot, and of one unknown', () => {
    expect(kept({ ...deleted, previous_message: reply })).toMatchObject({ deleted_ts: '3.3' });
    expect(kept({ ...deleted, previous_message: { bot_id: 'B1', ts: '3.3' } })).toBeTruthy();
    expect(kept({ ...deleted, previous_message: { user: 'UBOT', ts: '3.3' } })).toBeTruthy();
    expect(kept(deleted)).toBeTruthy();
    expect(kept({ ...deleted, previous_message: { user: 'U1', ts: '3.3' } })).toBeUndefined();
  });

  it('keeps 4000 characters of a text, whole ones, and none that jsonb refuses', () => {
    const long = kept({ ...reply, text: `${'x'.repeat(3999)}😀` }) as { text: string };
    expect(long.text).toBe('x'.repeat(3999));
    const odd = kept({ ...reply, text: 'a\0b\ud800c\\u0000' }) as { text: string };
    expect(odd.text).toBe('ab\ufffdc\\u0000');
  });
});

describe('the stored event', () => {
  let test: TestDb;
  beforeAll(async () => {
    test = await freshDb();
  });
  afterAll(() => test.close());

  const must = (event: Record<string, unknown>, id: string) => {
    const found = keep(body(event, id), EARS);
    if (found === null) throw new Error('not kept');
    return found;
  };
  const jobs = async (id: string) => {
    const { rows } = await test.pool.query(
      `select t.identifier, j.payload, j.max_attempts from graphile_worker._private_jobs j
       join graphile_worker._private_tasks t on t.id = j.task_id where j.payload->>'id' = $1`,
      [id],
    );
    return rows;
  };
  const row = async (id: string) => {
    const { rows } = await test.pool.query('select * from slack_events where event_id = $1', [id]);
    return rows[0];
  };

  it('is stored once with one job, however often it is sent, even at once', async () => {
    const event = must({ ...reply, text: 'a\0b\ud800 \\u0000' }, 'EvA');
    const results = await Promise.all(Array.from({ length: 8 }, () => storeEvent(test.pool, event)));
    expect(results.sort()).toEqual([...Array(7).fill('duplicate'), 'stored']);
    expect(await jobs('EvA')).toEqual([{ identifier: 'event', payload: { id: 'EvA', req: 'EvA' }, max_attempts: 8 }]);
    expect((await row('EvA')).body.event.text).toBe('ab\ufffd \\u0000');
  });

  it('is handed on and marked handled, and not handed on again', async () => {
    await storeEvent(test.pool, must(reaction, 'EvB'));
    const seen: unknown[] = [];
    const process = async (given: unknown) => void seen.push(given);
    expect(await handleStored(test.db, 'EvB', process, false)).toBe('handled');
    expect(await handleStored(test.db, 'EvB', process, false)).toBe('already');
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ event_id: 'EvB', event: reaction });
    expect((await row('EvB')).handled_at).toBeInstanceOf(Date);
    expect(seen[0], 'when it came, however late it is handled').toMatchObject({
      received_at: (await row('EvB')).received_at.toISOString(),
    });
    expect(await handleStored(test.db, 'gone', process, false)).toBe('missing');
  });

  it('throws for the queue to try again, and is marked failed only on the last attempt', async () => {
    await storeEvent(test.pool, must(reaction, 'EvC'));
    const broken = async () => {
      throw new Error('no luck with xoxb-1-secret');
    };
    await expect(handleStored(test.db, 'EvC', broken, false)).rejects.toThrow('no luck');
    expect(await row('EvC')).toMatchObject({ failed_at: null, handled_at: null, error: 'no luck with [redacted]' });
    await expect(handleStored(test.db, 'EvC', broken, true)).rejects.toThrow('no luck');
    expect((await row('EvC')).failed_at).toBeInstanceOf(Date);
    expect(await deadEvents(test.db)).toBe(1);
    expect(await handleStored(test.db, 'EvC', async () => {}, true)).toBe('handled');
    expect(await row('EvC')).toMatchObject({ failed_at: null, error: null });
    expect(await deadEvents(test.db)).toBe(0);
  });

  it('waits for nothing but what was said before it in the same thread, and hands that on first', async () => {
    const said = (id: string, ts: string, at: string) => ({
      ...reaction,
      item: { ...reaction.item, ts },
      event_ts: at,
      user: id,
    });
    for (const [id, ts, at] of [
      ['EvLast', '7.000001', '9.000003'],
      ['EvFirst', '7.000001', '9.000001'],
      ['EvOther', '8.000001', '9.000000'],
      ['EvFailed', '7.000001', '9.000002'],
    ] as const)
      await storeEvent(test.pool, must(said(`U${id}`, ts, at), id));
    await test.pool.query("update slack_events set error = 'no luck' where event_id = 'EvFailed'");
    const seen: unknown[] = [];
    const process = async (given: unknown) => void seen.push((given as { event_id: string }).event_id);
    expect(await handleStored(test.db, 'EvLast', process, false)).toBe('handled');
    expect(seen).toEqual(['EvFirst', 'EvLast']);
    expect(await handleStored(test.db, 'EvFirst', process, false)).toBe('already');
  });
});
