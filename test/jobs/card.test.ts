import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { makeMetrics } from '../../src/base/metrics.ts';
import type { Block } from '../../src/base/slack.ts';
import { databaseNow } from '../../src/db/clock.ts';
import { makeSlack } from '../../src/gateways/slack.ts';
import { showAnew, updateCard } from '../../src/jobs/card.ts';
import { closedPlaces, type Drawn, type OutboxRow } from '../../src/jobs/delivery.ts';
import { freshDb, type TestDb, wipe } from '../support/db.ts';
import { type SlackProxy, startProxy } from '../support/proxy.ts';
import { keptLog } from '../support/quiet.ts';
import { CHANNELS, DEFAULT_APP, type LocalSlack, startSlack, until } from '../support/slack.ts';
import { TEAM } from '../support/team.ts';

const { releases: RELEASES, admins: ADMINS } = CHANNELS;
const NOW = new Date('2026-03-02T09:00:00Z');
let local: LocalSlack;
let proxy: SlackProxy;
let db: TestDb;
let id: number;
let ts: string;
let drawn: Drawn | null;
/** What another process does while this one draws. */
let meanwhile: (() => Promise<unknown>) | undefined;
let gone: OutboxRow[] = [];
let shown: [number, Date | undefined][] = [];
const log = keptLog();
const metrics = makeMetrics();
beforeAll(async () => {
  local = await startSlack();
  proxy = await startProxy(local.url);
  db = await freshDb();
});
beforeEach(async () => {
  await wipe(db, 'outbox, blocked_channels, graphile_worker._private_jobs');
  await local.reset();
  const api = slack();
  const { ts: posted } = await api.postMessage({ channel: RELEASES, text: 'old', outboxId: 1 });
  const { rows } = await db.pool.query(
    `insert into outbox (lane, role, target, subject, posted_ts, posted_channel, shown_hash) values ('thread:1', 'card', $1, 'REL-7', $2, $1, 'old')
     returning id::int`,
    [RELEASES, posted],
  );
  [id, ts, gone, shown, drawn] = [rows[0].id, posted, [], [], draw('new')];
  proxy.calls.length = 0;
  metrics.cardUpdates.reset();
});
afterEach(() => proxy.clear());
afterAll(async () => {
  await proxy.stop();
  await local.stop();
  await db.close();
});

const slack = () => makeSlack({ token: DEFAULT_APP.botToken, apiUrl: proxy.apiUrl, metrics, log: log.log });
function draw(text: string): Drawn {
  const blocks: Block[] = [{ type: 'section', text: { type: 'mrkdwn', text } }];
  return { text, blocks, candidateId: 3 };
}
const update = () =>
  updateCard(
    {
      db: db.db,
      slack: slack(),
      policy: { ...TEAM, workspace: { ...TEAM.workspace, channels: { releases: RELEASES, admins: ADMINS } } },
      log: log.log,
      now: () => NOW,
      metrics,
      draw: async () => {
        await meanwhile?.();
        return drawn;
      },
      markShown: async (_tx, candidateId, at) => void shown.push([candidateId, at]),
      onGone: async (row) => void gone.push(row),
    },
    id,
  );
const calls = () => proxy.calls.filter((call) => call.method === 'chat.update').length;
const updates = async () => (await metrics.cardUpdates.get()).values[0]?.value ?? 0;
async function job(): Promise<{ key: string; seconds: number } | undefined> {
  const { rows } = await db.pool.query(
    `select key, extract(epoch from run_at - now())::float as seconds from graphile_worker.jobs where task_identifier = 'card'`,
  );
  return rows[0];
}

it('is updated when it differs from what is shown, and only then', async () => {
  await update();
  expect((await local.message(RELEASES, ts)).text).toBe('new');
  await update();
  expect(calls()).toBe(1);
  expect(await updates()).toBe(1);
  expect(shown).toEqual([[3, undefined]]);
  drawn = draw('newer');
  await update();
  expect((await local.message(RELEASES, ts)).text).toBe('newer');
});

it('that is not posted, given up, or without a drawing is left alone', async () => {
  drawn = null;
  await update();
  drawn = draw('new');
  await db.pool.query('update outbox set failed_at = now()');
  await update();
  await db.pool.query('update outbox set failed_at = null, posted_ts = null');
  await update();
  await db.pool.query(`update outbox set posted_ts = $1, role = 'line'`, [ts]);
  await update();
  expect(calls()).toBe(0);
});

it('waits as long as Slack asks for, without asking again', async () => {
  const undo = proxy.on('chat.update', { answer: { status: 429, headers: { 'retry-after': '9' } } });
  await update();
  const due = await job();
  expect(due?.key).toBe(`card:${id}`);
  expect(due?.seconds).toBeCloseTo(9, 0);
  undo();
  await update();
  expect(calls()).toBe(1);
  await db.pool.query(`update blocked_channels set until = now() - interval '1 second'`);
  await update();
  expect((await local.message(RELEASES, ts)).text).toBe('new');
  expect((await db.pool.query('select * from blocked_channels')).rows).toEqual([]);
});

it('what waits for Slack’s limits is no fault of the channel; what waits for a person is', async () => {
  const reasons = ['ratelimited', 'rate_limited', 'message_limit_exceeded', 'is_archived', 'token_revoked'];
  for (const [i, reason] of reasons.entries())
    await db.pool.query(`insert into blocked_channels values ($1, now() + interval '1 minute', $2)`, [`C${i}`, reason]);
  await db.pool.query(`insert into blocked_channels values ('C9', now() - interval '1 minute', 'is_archived')`);
  expect(await closedPlaces(db.db)).toEqual([
    { channel: 'C3', reason: 'is_archived' },
    { channel: 'C4', reason: 'token_revoked' },
  ]);
});

it('whose update may have been applied is updated again by the queue', async () => {
  proxy.on('chat.update', (_args, nth) => (nth === 1 ? { drop: 'after' } : undefined));
  await expect(update()).rejects.toMatchObject({ kind: 'doubtful' });
  expect(shown).toEqual([]);
  await update();
  expect(calls()).toBe(2);
  expect(shown).toHaveLength(1);
});

it('whose update nobody heard of is shown once more when that can no longer come after it: Slack may apply it late', async () => {
  proxy.on('chat.update', (_args, nth) => (nth === 1 ? { drop: 'after' } : undefined));
  await expect(update()).rejects.toMatchObject({ kind: 'doubtful' });
  drawn = draw('newer');
  // By the clock that the queue goes by: this machine's may be another.
  const before = await databaseNow(db.db);
  await update();
  const { rows } = await db.pool.query(`select run_at from graphile_worker.jobs where task_identifier = 'anew'`);
  const [from, to] = [before, await databaseNow(db.db)].map((time) => time.getTime() + slack().settleMs);
  expect(rows[0].run_at.getTime()).toBeGreaterThanOrEqual(Number(from) - 1);
  expect(rows[0].run_at.getTime()).toBeLessThanOrEqual(Number(to) + 1);
  const again = async () =>
    (await db.pool.query(`select key from graphile_worker.jobs where task_identifier = 'anew'`)).rows;
  expect(await again()).toEqual([{ key: `anew:${id}` }]);
  // The one from before arrives over it.
  await slack().update({ channel: RELEASES, ts, outboxId: id, text: 'new' });
  await update();
  expect((await local.message(RELEASES, ts)).text).toBe('new');
  await wipe(db, 'graphile_worker._private_jobs');
  await showAnew(db.db, id);
  expect((await job())?.key).toBe(`card:${id}`);
  // Not forgotten where Slack has no time for it just then.
  const busy = proxy.on('chat.update', { answer: { status: 429, headers: { 'retry-after': '1' } } });
  await update();
  busy();
  await wipe(db, 'blocked_channels');
  await update();
  expect((await local.message(RELEASES, ts)).text).toBe('newer');
  expect(await again(), 'that is enough').toEqual([]);
  const done = calls();
  await update();
  expect(calls()).toBe(done);
});

it('that is to be shown once more while an update is under way is shown after it, and again where nobody heard of that', async () => {
  const anew = async () =>
    (await db.pool.query(`select key from graphile_worker.jobs where task_identifier = 'anew'`)).rows.length;
  // Heard of: what was late may have come over it all the same.
  proxy.on('chat.update', (_args, nth) => (nth === 1 ? { delayMs: 500 } : undefined));
  const under = update();
  await until(() => calls() === 1, 'an update');
  await showAnew(db.db, id);
  await under;
  await update();
  expect([calls(), await anew()]).toEqual([2, 1]);
  await wipe(db, 'graphile_worker._private_jobs');
  // Not heard of: that one can be late in its turn.
  drawn = draw('newer');
  const cut = proxy.on('chat.update', () => ({ drop: 'after', delayMs: 500 }));
  const lost = expect(update()).rejects.toMatchObject({ kind: 'doubtful' });
  await until(() => calls() === 3, 'an update');
  await showAnew(db.db, id);
  await showAnew(db.db, id);
  await lost;
  cut();
  await update();
  expect([calls(), await anew()]).toEqual([4, 1]);
  await wipe(db, 'graphile_worker._private_jobs');
  await update();
  expect([calls(), await anew()]).toEqual([4, 0]);
});

it('whose update arrived without an answer is updated when it shall look as before it, and when the process died in it', async () => {
  await update();
  drawn = draw('signed');
  proxy.on('chat.update', { drop: 'after' });
  await expect(update()).rejects.toMatchObject({ kind: 'doubtful' });
  expect((await local.message(RELEASES, ts)).text).toBe('signed');
  proxy.clear();
  drawn = draw('new');
  await update();
  expect((await local.message(RELEASES, ts)).text).toBe('new');
  // Before Slack is called the database knows that it does not know.
  drawn = draw('signed');
  const held = proxy.on('chat.update', () => ({ delayMs: 300 }));
  const under = update();
  await until(
    async () => (await db.pool.query('select shown_hash from outbox where id = $1', [id])).rows[0].shown_hash === null,
    'the note',
  );
  expect((await local.message(RELEASES, ts)).text).toBe('new');
  await under;
  held();
});

it('that was deleted in Slack is handed over', async () => {
  await local.remove(DEFAULT_APP.botUserId, RELEASES, ts);
  await update();
  expect(gone.map((row) => row.postedTs)).toEqual([ts]);
  expect(await updates()).toBe(0);
});

it('in a channel that cannot be written to waits, and the admins are told', async () => {
  proxy.on('chat.update', { answer: { body: { ok: false, error: 'is_archived' } } });
  await update();
  expect((await job())?.seconds).toBeGreaterThan(290);
  const { rows } = await db.pool.query(`select text from outbox where target = $1`, [ADMINS]);
  expect(rows).toEqual([{ text: expect.stringContaining('is_archived') }]);
});

it('that Slack does not take is shown as plain text, kept up to date as such, and mended as soon as Slack takes it', async () => {
  const error = async () => (await db.pool.query('select error from outbox where id = $1', [id])).rows[0].error;
  const told = async () =>
    (await db.pool.query(`select text from outbox where target = $1`, [ADMINS])).rows.map((row) => row.text);
  const bad = (text: string) =>
    proxy.on('chat.update', (args) =>
      args.text === text ? { answer: { body: { ok: false, error: 'invalid_blocks' } } } : undefined,
    );
  const undo = bad('new');
  await update();
  const plain = '\n_I can show this only as plain text. `/release help` lists the commands._';
  expect((await local.message(RELEASES, ts)).text).toBe(`new${plain}`);
  expect(shown).toEqual([[3, undefined]]);
  expect(await error()).toContain('invalid_blocks');
  // The same again is tried in full, and not written twice.
  await update();
  expect(calls()).toBe(3);
  expect(await told()).toEqual([expect.stringContaining('The message of REL-7 for')]);
  drawn = draw('newer');
  bad('newer');
  await update();
  expect((await local.message(RELEASES, ts)).text).toBe(`newer${plain}`);
  undo();
  drawn = draw('new');
  await update();
  expect((await local.message(RELEASES, ts)).text).toBe('new');
  expect(await error()).toBeNull();
  expect(await told()).toHaveLength(1);
  expect(await job()).toBeUndefined();
});

it('that Slack does not take as plain text either is logged, and tried again with the next change only', async () => {
  proxy.on('chat.update', { answer: { body: { ok: false, error: 'msg_too_long' } } });
  await update();
  expect(JSON.stringify(log.lines)).toContain('msg_too_long');
  expect(await job()).toBeUndefined();
  proxy.clear();
  await update();
  expect((await local.message(RELEASES, ts)).text).toBe('new');
});

it('refused for another reason than how it is drawn is not written as plain text; the admins are told once that it may be out of date', async () => {
  proxy.on('chat.update', { answer: { body: { ok: false, error: 'cant_update_message' } } });
  log.lines.length = 0;
  await update();
  expect(calls()).toBe(1);
  expect(JSON.stringify(log.lines)).toContain('Slack refuses a message');
  await update();
  expect((await db.pool.query(`select text from outbox where target = $1`, [ADMINS])).rows).toEqual([
    {
      text: expect.stringMatching(
        /was refused by Slack \(`cant_update_message`\)\. It stays as it is there, and so may be out of date/,
      ),
    },
  ]);
});

it('drawn by two at once, for the lock on it was lost, is drawn once more: nobody knows whose came last', async () => {
  const hash = async () =>
    (await db.pool.query('select shown_hash from outbox where id = $1', [id])).rows[0].shown_hash;
  const theirs = () => db.pool.query(`update outbox set shown_hash = 'theirs' where id = $1`, [id]);
  meanwhile = theirs;
  await update();
  expect(calls()).toBe(0);
  expect((await job())?.key).toBe(`card:${id}`);
  meanwhile = undefined;
  await db.pool.query('delete from graphile_worker._private_jobs');
  proxy.on('chat.update', () => ({ delayMs: 200 }));
  const under = update();
  await until(async () => (await hash()) === null, 'the call');
  await theirs();
  await under;
  expect(await hash()).toBeNull();
  expect((await job())?.key).toBe(`card:${id}`);
  proxy.clear();
  await update();
  expect(calls()).toBe(2);
  expect(await hash()).not.toBeNull();
});
