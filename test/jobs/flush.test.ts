import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeMetrics } from '../../src/base/metrics.ts';
import type { Block } from '../../src/base/slack.ts';
import { post } from '../../src/db/outbox.ts';
import { makeSlack } from '../../src/gateways/slack.ts';
import type { Delivery, OutboxRow } from '../../src/jobs/delivery.ts';
import { flush } from '../../src/jobs/flush.ts';
import { freshDb, type TestDb, wipe } from '../support/db.ts';
import { type SlackProxy, startProxy } from '../support/proxy.ts';
import { keptLog } from '../support/quiet.ts';
import { CHANNELS, DEFAULT_APP, type LocalSlack, PEOPLE, startSlack } from '../support/slack.ts';
import { TEAM } from '../support/team.ts';

const { releases: RELEASES, admins: ADMINS } = CHANNELS;
let local: LocalSlack;
let proxy: SlackProxy;
let db: TestDb;
let gone: OutboxRow[] = [];
let shown: { candidateId: number; at: Date | undefined }[] = [];
let card: { text: string; blocks: Block[]; candidateId: number } | null;
let log = keptLog();
beforeAll(async () => {
  local = await startSlack();
  proxy = await startProxy(local.url);
  db = await freshDb();
});
beforeEach(async () => {
  await wipe(db, 'outbox, threads, blocked_channels, graphile_worker._private_jobs');
  await local.reset();
  [gone, shown, log] = [[], [], keptLog()];
  card = {
    text: 'the card',
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'the card' } }],
    candidateId: 5,
  };
});
afterEach(() => proxy.clear());
afterAll(async () => {
  await proxy.stop();
  await local.stop();
  await db.close();
});

function delivery(): Delivery {
  return {
    db: db.db,
    slack: makeSlack({ token: DEFAULT_APP.botToken, apiUrl: proxy.apiUrl, metrics: makeMetrics(), log: log.log }),
    policy: { ...TEAM, workspace: { ...TEAM.workspace, channels: { releases: RELEASES, admins: ADMINS } } },
    log: log.log,
    now: () => new Date(),
    draw: async () => card,
    markShown: async (_tx, candidateId, at) => void shown.push({ candidateId, at }),
    onGone: async (row) => void gone.push(row),
  };
}
const run = (lane: string) => flush(delivery(), lane);

async function aThread(kind = 'release'): Promise<number> {
  const { rows } = await db.pool.query(
    `insert into threads (kind, title, responsible, channel) values ($2, 't', 'U1', $1) returning id::int`,
    [RELEASES, kind],
  );
  return rows[0].id;
}
const put = (m: Parameters<typeof post>[1]) => db.db.transaction((tx) => post(tx, m));
const line = (threadId: number, text: string) => put({ role: 'line', target: RELEASES, threadId, text });
const root = (threadId: number) => put({ role: 'card', target: RELEASES, threadId, subject: `REL-${threadId}` });
async function waiting(): Promise<{ text: string; attempted: boolean; failed: boolean; error: string | null }[]> {
  const { rows } = await db.pool.query(
    `select text, attempted_at is not null as attempted, failed_at is not null as failed, error
     from outbox where posted_ts is null order by id`,
  );
  return rows;
}
/** The waiting flush jobs, and in how many seconds they are due. */
async function jobs(): Promise<{ key: string; seconds: number }[]> {
  const { rows } = await db.pool.query(
    `select key, extract(epoch from run_at - now())::float as seconds from graphile_worker.jobs
     where task_identifier = 'flush' order by id`,
  );
  return rows;
}
/** As if so much time had gone by since everything that happened so far. */
async function pass(seconds: number): Promise<void> {
  await db.pool.query(`update outbox set attempted_at = attempted_at - make_interval(secs => $1)`, [seconds]);
  await db.pool.query(`update blocked_channels set until = until - make_interval(secs => $1)`, [seconds]);
}
const texts = async (channel: string) => (await local.messages(channel)).map((m) => m.text);
const refused = (error: string) => ({ answer: { body: { ok: false, error } } });

describe('a lane', () => {
  it('50 lines in 3 threads arrive in order, exactly once, although every third post times out after it was applied', async () => {
    proxy.on('chat.postMessage', (_args, nth) => (nth % 3 === 0 ? { drop: 'after' } : undefined));
    const threads = [await aThread(), await aThread(), await aThread()];
    for (const id of threads) await root(id);
    for (let i = 0; i < 50; i++) await line(threads[i % 3] as number, `line ${i}`);
    for (let tries = 0; (await waiting()).length > 0 && tries < 60; tries++) {
      await Promise.all(threads.map((id) => run(`thread:${id}`)));
      await pass(13);
    }
    expect(await waiting()).toEqual([]);
    const { rows } = await db.pool.query('select id::int, root_ts from threads order by id');
    for (const [n, { root_ts }] of rows.entries()) {
      const said = (await local.thread(RELEASES, root_ts)).map((m) => m.text);
      const due = Array.from({ length: 50 }, (_, i) => i).filter((i) => i % 3 === n);
      expect(said.filter((text) => text !== 'the card')).toEqual(due.map((i) => `line ${i}`));
    }
    expect((await texts(RELEASES)).filter((text) => text === 'the card')).toHaveLength(3);
  }, 60_000);

  it('posts twenty at a time and leaves the rest to its next job', async () => {
    for (let i = 0; i < 23; i++) await put({ role: 'line', target: ADMINS, text: `note ${i}` });
    await run(`channel:${ADMINS}`);
    expect(await waiting()).toHaveLength(3);
    expect(await jobs()).toMatchObject([{ key: `flush:channel:${ADMINS}` }]);
    await run(`channel:${ADMINS}`);
    expect(await texts(ADMINS)).toEqual(Array.from({ length: 23 }, (_, i) => `note ${i}`));
  });

  it("puts a thread's root first, whatever its id, and nothing without it", async () => {
    const id = await aThread();
    await line(id, 'early');
    await run(`thread:${id}`);
    expect(await waiting()).toHaveLength(1);
    expect(JSON.stringify(log.lines)).toContain('no root message');
    await root(id);
    await run(`thread:${id}`);
    const [first] = await local.messages(RELEASES);
    expect(first?.text).toBe('the card');
    expect((await local.thread(RELEASES, first?.ts ?? '')).map((m) => m.text)).toContain('early');
  });

  it('writes to a person in their DM', async () => {
    await put({ role: 'dm', target: PEOPLE.ana, text: 'for you' });
    await run(`dm:${PEOPLE.ana}`);
    expect((await local.dms(PEOPLE.ana)).map((m) => m.text)).toEqual(['for you']);
    const { rows } = await db.pool.query('select posted_channel from outbox');
    expect(rows[0].posted_channel).toBe(await local.channelOfDm(PEOPLE.ana));
  });
});

describe('R23: what waited out its use', () => {
  const over = new Date(Date.now() - 1000);
  const later = new Date(Date.now() + 3_600_000);
  const toReleases = (text: string, until?: Date) =>
    put({ role: 'line', target: RELEASES, text, ...(until && { until }) });

  it('is left out, and known not to have been said; all else goes out in order', async () => {
    await put({ role: 'card', target: RELEASES, subject: 'SLOT-1', until: over });
    await toReleases('an act');
    const reminder = await toReleases('eyes are missing', over);
    await toReleases('of today', later);
    await toReleases('another act');
    const said = (outboxId: number, subject: string) =>
      db.pool.query(
        `insert into reminders (kind, subject, target, day, part, since, sent_at, outbox_id, digest, escalated)
         values ('eyes', $2, 'U1', '2026-03-02', 0, now(), now(), $1, false, false)`,
        [outboxId, subject],
      );
    await said(reminder, 'REL-1');
    await said(reminder + 1, 'REL-2');
    await run(`channel:${RELEASES}`);
    expect(await texts(RELEASES)).toEqual(['an act', 'of today', 'another act']);
    const out = { attempted: false, failed: true, error: 'waited out its use' };
    expect(await waiting()).toEqual([
      { ...out, text: '' },
      { ...out, text: 'eyes are missing' },
    ]);
    expect((await db.pool.query('select subject from reminders')).rows).toEqual([{ subject: 'REL-2' }]);
    expect(log.lines.filter((line) => line.level === 'error' || Number(line.level) >= 50)).toEqual([]);
    await db.pool.query('delete from reminders');
  });

  it('is looked for first where it may have arrived', async () => {
    proxy.on('chat.postMessage', (_args, nth) => ({ drop: nth === 1 ? 'after' : 'before' }));
    await toReleases('arrived', later);
    await run(`channel:${RELEASES}`);
    await put({ role: 'dm', target: PEOPLE.ana, text: 'did not', until: later });
    await run(`dm:${PEOPLE.ana}`);
    await db.pool.query('update outbox set until = $1', [over]);
    await pass(13);
    proxy.clear();
    await run(`channel:${RELEASES}`);
    await run(`dm:${PEOPLE.ana}`);
    expect(await texts(RELEASES)).toEqual(['arrived']);
    expect(await waiting()).toMatchObject([{ text: 'did not', failed: true }]);
    expect(await local.dms(PEOPLE.ana)).toEqual([]);
  });
});

describe('a card', () => {
  it('is drawn when it is posted: its thread begins, it counts as shown, and what changed meanwhile follows', async () => {
    const id = await aThread();
    await root(id);
    await run(`thread:${id}`);
    const [message] = await local.messages(RELEASES);
    const { rows } = await db.pool.query(
      `select t.root_ts, o.posted_ts, o.shown_hash, (select count(*)::int from graphile_worker.jobs where key = 'card:' || o.id) as again
       from threads t join outbox o on o.thread_id = t.id`,
    );
    expect(rows).toEqual([
      { root_ts: message?.ts, posted_ts: message?.ts, shown_hash: expect.stringMatching(/^[0-9a-f]{64}$/), again: 1 },
    ]);
    expect(shown).toEqual([{ candidateId: 5, at: new Date(Number(message?.ts) * 1000) }]);
  });

  it('found after a doubtful post is not taken for shown, for it may have been drawn otherwise', async () => {
    proxy.on('chat.postMessage', (_args, nth) => (nth === 1 ? { drop: 'after' } : undefined));
    const id = await aThread();
    await root(id);
    await run(`thread:${id}`);
    await pass(13);
    await run(`thread:${id}`);
    const { rows } = await db.pool.query('select posted_ts is not null as posted, shown_hash from outbox');
    expect(rows).toEqual([{ posted: true, shown_hash: null }]);
    expect(shown).toEqual([]);
    expect(await texts(RELEASES)).toEqual(['the card']);
  });

  it('with nothing to show is given up', async () => {
    card = null;
    const id = await aThread();
    await root(id);
    await run(`thread:${id}`);
    expect(await waiting()).toMatchObject([{ failed: true, error: 'there is nothing to show' }]);
  });
});

describe('when Slack does not answer well', () => {
  it('a post that may be on its way is not repeated at once, not even by a process that knows nothing of it', async () => {
    await put({ role: 'line', target: ADMINS, text: 'once' });
    await db.pool.query(`update outbox set attempted_at = clock_timestamp(), attempts = 1`);
    await run(`channel:${ADMINS}`);
    expect(await texts(ADMINS)).toEqual([]);
    const [job] = await jobs();
    expect(job?.seconds).toBeGreaterThan(10);
    expect(job?.seconds).toBeLessThan(12.1);
    await pass(13);
    await run(`channel:${ADMINS}`);
    expect(await texts(ADMINS)).toEqual(['once']);
  });

  it('two at one lane, for the lock on it was lost: only one posts, the other looks again later', async () => {
    await put({ role: 'dm', target: PEOPLE.ana, text: 'once' });
    // Both have read the row before either goes on.
    let open = () => {};
    let here = 0;
    const both = new Promise<void>((done) => {
      open = done;
    });
    const posted: unknown[] = [];
    const gated = (deps: Delivery): Delivery => ({
      ...deps,
      slack: {
        ...deps.slack,
        openDm: async (user) => {
          here += 1;
          if (here === 2) open();
          await both;
          return deps.slack.openDm(user);
        },
        postMessage: async (message) => {
          posted.push(message.text);
          return deps.slack.postMessage(message);
        },
      },
    });
    await Promise.all([1, 2].map(() => flush(gated(delivery()), `dm:${PEOPLE.ana}`)));
    expect(posted).toEqual(['once']);
    expect(await waiting()).toEqual([]);
    expect(await jobs()).toMatchObject([{ key: `flush:dm:${PEOPLE.ana}` }]);
  });

  it('a post that takes as long as it is waited for is not made again meanwhile, though its process lost the lane', async () => {
    const patient = (over: Partial<Delivery['slack']> = {}): Delivery => ({
      ...delivery(),
      slack: { ...delivery().slack, ...over },
    });
    const posts: string[] = [];
    let landed = () => {};
    const slow = new Promise<void>((done) => {
      landed = done;
    });
    let begun = () => {};
    const under = new Promise<void>((done) => {
      begun = done;
    });
    const { postMessage } = delivery().slack;
    await put({ role: 'line', target: ADMINS, text: 'once' });
    const first = flush(
      patient({
        postMessage: async (message) => {
          posts.push(message.text);
          begun();
          await slow;
          return postMessage(message);
        },
      }),
      `channel:${ADMINS}`,
    );
    await under;
    await pass(9);
    await flush(patient(), `channel:${ADMINS}`);
    expect(await texts(ADMINS)).toEqual([]);
    const [job] = await jobs();
    expect(job?.seconds).toBeGreaterThan(2);
    landed();
    await first;
    await pass(12);
    await flush(patient(), `channel:${ADMINS}`);
    expect(await texts(ADMINS)).toEqual(['once']);
  });

  it('whoever lost the lane during its post and is then refused leaves the mark of who began after it', async () => {
    await put({ role: 'line', target: ADMINS, text: 'once' });
    const deps = delivery();
    const postMessage: Delivery['slack']['postMessage'] = async (message) => {
      // Another process has looked, found nothing, and is in its own post by now.
      await db.pool.query('update outbox set attempts = attempts + 1, attempted_at = clock_timestamp()');
      return deps.slack.postMessage(message);
    };
    proxy.on('chat.postMessage', { answer: { status: 429, headers: { 'retry-after': '30' } } });
    await flush({ ...deps, slack: { ...deps.slack, postMessage } }, `channel:${ADMINS}`);
    expect(await waiting()).toMatchObject([{ attempted: true, failed: false }]);
  });

  it('whoever was held up before the call leaves it, for others may be looking by now', async () => {
    await put({ role: 'line', target: ADMINS, text: 'once' });
    let clock = 0;
    const held = vi.spyOn(performance, 'now').mockImplementation(() => {
      clock += 2_000;
      return clock;
    });
    await run(`channel:${ADMINS}`).finally(() => held.mockRestore());
    expect(await texts(ADMINS)).toEqual([]);
    expect(await waiting()).toMatchObject([{ attempted: true }]);
    await pass(13);
    await run(`channel:${ADMINS}`);
    expect(await texts(ADMINS)).toEqual(['once']);
  });

  it('a line that goes to a new thread meanwhile is not posted in the old one too', async () => {
    const id = await aThread();
    await root(id);
    await run(`thread:${id}`);
    const lineId = await line(id, 'moved');
    await db.pool.query("update outbox set attempted_at = now() - interval '1 minute' where id = $1", [lineId]);
    const deps = delivery();
    let looked = 0;
    const findPosted: Delivery['slack']['findPosted'] = async () => {
      looked += 1;
      await db.pool.query('update outbox set failed_at = now() where id = $1', [lineId]);
      return null;
    };
    await flush({ ...deps, slack: { ...deps.slack, findPosted } }, `thread:${id}`);
    expect(looked).toBe(1);
    const { rows } = await db.pool.query('select root_ts from threads where id = $1', [id]);
    expect((await local.thread(RELEASES, rows[0].root_ts)).map((m) => m.text)).toEqual([]);
  });

  it('a look-up that fails is tried again later each time, and nothing is posted', async () => {
    await put({ role: 'line', target: ADMINS, text: 'once' });
    await db.pool.query(`update outbox set attempted_at = now() - interval '1 minute', attempts = 1`);
    proxy.on('conversations.history', { answer: { status: 503 } });
    const pauses: number[] = [];
    for (let i = 0; i < 3; i++) {
      await run(`channel:${ADMINS}`);
      pauses.push(Math.round((await jobs())[0]?.seconds ?? 0));
    }
    expect(pauses).toEqual([4, 8, 16]);
    expect(await texts(ADMINS)).toEqual([]);
    expect(await waiting()).toMatchObject([{ attempted: true }]);
  });

  it('a rate limit blocks the channel for as long as Slack says, and was certainly not applied', async () => {
    const undo = proxy.on('chat.postMessage', { answer: { status: 429, headers: { 'retry-after': '7' } } });
    await put({ role: 'line', target: ADMINS, text: 'patient' });
    await run(`channel:${ADMINS}`);
    expect(await waiting()).toMatchObject([{ attempted: false, failed: false }]);
    expect((await jobs())[0]?.seconds).toBeCloseTo(7, 0);
    undo();
    await run(`channel:${ADMINS}`);
    expect(await texts(ADMINS)).toEqual([]);
    await pass(8);
    await run(`channel:${ADMINS}`);
    expect(await texts(ADMINS)).toEqual(['patient']);
    expect((await db.pool.query('select * from blocked_channels')).rows).toEqual([]);
  });

  it('a look-up that is limited leaves the post in doubt', async () => {
    await put({ role: 'line', target: ADMINS, text: 'doubtful' });
    await db.pool.query(`update outbox set attempted_at = now() - interval '1 minute'`);
    proxy.on('conversations.history', { answer: { status: 429, headers: { 'retry-after': '2' } } });
    await run(`channel:${ADMINS}`);
    expect(await waiting()).toMatchObject([{ attempted: true }]);
  });

  it('a channel that cannot be written to keeps its lines; the admins are told once per outage', async () => {
    const closed = (args: Record<string, string>) => (args.channel === RELEASES ? refused('is_archived') : undefined);
    for (let outage = 1; outage <= 2; outage++) {
      const undo = proxy.on('chat.postMessage', closed);
      const id = await aThread();
      await root(id);
      for (let i = 0; i < 2; i++) {
        await run(`thread:${id}`);
        await pass(301);
      }
      await run(`channel:${ADMINS}`);
      expect((await texts(ADMINS)).filter((text) => text.includes('is_archived'))).toHaveLength(outage);
      expect(await waiting()).toMatchObject([{ attempted: false, failed: false }]);
      undo();
      await run(`thread:${id}`);
      expect(await waiting()).toEqual([]);
    }
  });

  it("the admins' own channel being closed is only logged", async () => {
    proxy.on('chat.postMessage', refused('not_in_channel'));
    await put({ role: 'line', target: ADMINS, text: 'x' });
    await run(`channel:${ADMINS}`);
    expect(await waiting()).toHaveLength(1);
    expect(JSON.stringify(log.lines)).toContain('not_in_channel');
  });

  it('a refused token stops every lane for a minute', async () => {
    const undo = proxy.on('chat.postMessage', refused('token_revoked'));
    await put({ role: 'line', target: ADMINS, text: 'a' });
    await put({ role: 'line', target: CHANNELS.other, text: 'b' });
    await run(`channel:${ADMINS}`);
    undo();
    await run(`channel:${CHANNELS.other}`);
    expect(await waiting()).toHaveLength(2);
    for (const job of await jobs()) expect(job.seconds).toBeGreaterThan(55);
    await pass(61);
    await run(`channel:${CHANNELS.other}`);
    expect(await waiting()).toHaveLength(1);
  });

  it('one bad line does not stop its thread', async () => {
    proxy.on('chat.postMessage', (args) => (args.text === 'bad' ? refused('invalid_blocks') : undefined));
    for (const text of ['good', 'bad', 'better']) await put({ role: 'line', target: ADMINS, text });
    await run(`channel:${ADMINS}`);
    expect(await texts(ADMINS)).toEqual(['good', 'better']);
    expect(await waiting()).toMatchObject([
      { text: 'bad', failed: true, error: expect.stringContaining('invalid_blocks') },
    ]);
  });

  it('a card that Slack calls invalid is posted as plain text: its thread goes on, and the admins are told once', async () => {
    const plain = /^the card\n_I can show this only as plain text. `\/release help` lists the commands._$/;
    proxy.on('chat.postMessage', (args) => (args.text === 'the card' ? refused('invalid_blocks') : undefined));
    const id = await aThread();
    await root(id);
    await line(id, 'one');
    await line(id, 'two');
    await run(`thread:${id}`);
    const [first] = await local.messages(RELEASES);
    expect(first?.text).toMatch(plain);
    expect((await local.thread(RELEASES, first?.ts ?? '')).map((m) => m.text)).toEqual(['one', 'two']);
    const { rows } = await db.pool.query(
      `select o.shown_hash, t.root_ts, (select count(*)::int from graphile_worker.jobs where key = 'card:' || o.id) as again
       from outbox o join threads t on t.id = o.thread_id where role = 'card'`,
    );
    expect(rows).toEqual([{ shown_hash: null, root_ts: first?.ts, again: 1 }]);
    await run(`channel:${ADMINS}`);
    const told = await texts(ADMINS);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(`The message of REL-${id} for`);
    expect(told[0]).toContain('`invalid_blocks`');
    expect(told[0]).toContain('as it should be once Slack takes that again');
  });

  it.each([
    ['as plain text too', 'invalid_blocks', 2, 'as plain text without buttons'],
    ['for another reason than how it is drawn', 'something_new', 1, 'I try again'],
  ])('a card refused %s is never given up: it waits, and its lines with it', async (_why, code, tries, says) => {
    proxy.calls.length = 0;
    const undo = proxy.on('chat.postMessage', (args) => (args.channel === RELEASES ? refused(code) : undefined));
    const id = await aThread();
    await root(id);
    await line(id, 'early');
    for (let i = 0; i < 2; i++) await run(`thread:${id}`);
    expect(proxy.calls.filter(({ method }) => method === 'chat.postMessage')).toHaveLength(2 * tries);
    expect(await waiting()).toMatchObject([
      { attempted: false, failed: false, error: expect.stringContaining(code) },
      { text: 'early', failed: false },
      { text: expect.stringMatching(`was refused by Slack .*${says}`) },
    ]);
    expect((await jobs()).find((job) => job.key === `flush:thread:${id}`)?.seconds).toBeGreaterThan(3);
    undo();
    await run(`thread:${id}`);
    expect(await texts(RELEASES)).toEqual(['the card']);
    // Shown in full, it has no fault any more: the admins are to hear of the next one.
    const { rows } = await db.pool.query(`select error from outbox where role = 'card'`);
    expect(rows).toEqual([{ error: null }]);
    await run(`channel:${ADMINS}`);
    expect(await texts(ADMINS)).toHaveLength(1);
  });

  it("a line whose blocks are invalid says the same as plain text, and whose commands help on: its thread's", async () => {
    const blocks: Block[] = [{ type: 'section', text: { type: 'mrkdwn', text: 'still LGTM?' } }];
    proxy.on('chat.postMessage', (args) => (args.text === 'still LGTM?' ? refused('invalid_blocks') : undefined));
    await put({ role: 'dm', target: PEOPLE.ana, text: 'still LGTM?', blocks });
    await run(`dm:${PEOPLE.ana}`);
    const plain = 'still LGTM?\n_I can show this only as plain text.';
    expect((await local.dms(PEOPLE.ana)).map((m) => m.text)).toEqual([`${plain}_`]);
    await run(`channel:${ADMINS}`);
    expect(await texts(ADMINS)).toEqual([
      expect.stringMatching(/^A message for somebody was refused .* if Slack takes that\. Please report/),
    ]);
  });

  it.each([
    ['BUG-3', 'bug', '/bug'],
    ['PI-3', 'prod_issue', '/bug prod'],
    ['FR-3', 'funds', '/funds'],
    ['NOTE-3', 'issue', '/issue'],
    ['NOTE-3', 'meeting', '/thread'],
    ['NOTE-3', 'topic', '/thread'],
  ])(
    'a card and a line that go out plain name the command that helps on: %s, %s: %s',
    async (subject, kind, command) => {
      proxy.on('chat.postMessage', (args) =>
        /^(the card|a line)$/.test(String(args.text)) ? refused('invalid_blocks') : undefined,
      );
      const id = await aThread(kind);
      await put({ role: 'card', target: RELEASES, threadId: id, subject });
      await put({ role: 'line', target: RELEASES, threadId: id, text: 'a line', blocks: card?.blocks ?? [] });
      await run(`thread:${id}`);
      const [first] = await local.messages(RELEASES);
      const plain = `\n_I can show this only as plain text. \`${command} help\` lists the commands._`;
      expect(first?.text).toBe(`the card${plain}`);
      expect((await local.thread(RELEASES, first?.ts ?? '')).map((m) => m.text)).toEqual([`a line${plain}`]);
    },
  );

  it("what is refused in the admins' own channel is only logged", async () => {
    const blocks: Block[] = [{ type: 'section', text: { type: 'mrkdwn', text: 'head' } }];
    proxy.on('chat.postMessage', (args) => (args.text === 'head' ? refused('invalid_blocks') : undefined));
    await put({ role: 'line', target: ADMINS, text: 'head', blocks });
    await run(`channel:${ADMINS}`);
    expect(await texts(ADMINS)).toEqual(['head\n_I can show this only as plain text._']);
  });

  it('a line refused for another reason than how it is drawn is not sent again without blocks, and the admins are told', async () => {
    const blocks: Block[] = [{ type: 'section', text: { type: 'mrkdwn', text: 'head' } }];
    proxy.on('chat.postMessage', (args) => (args.text === 'head' ? refused('metadata_too_large') : undefined));
    await put({ role: 'line', target: RELEASES, text: 'head', blocks });
    await run(`channel:${RELEASES}`);
    await run(`channel:${ADMINS}`);
    expect(await waiting()).toMatchObject([{ failed: true, error: expect.stringContaining('metadata_too_large') }]);
    expect(await texts(RELEASES)).toEqual([]);
    expect(await texts(ADMINS)).toEqual([
      expect.stringMatching(/^A message for .* was refused by Slack \(`metadata_too_large`\)\. I give it up;/),
    ]);
  });

  it('a person who cannot be written to fails alone, and nobody is alarmed', async () => {
    proxy.on('conversations.open', refused('channel_not_found'));
    await put({ role: 'dm', target: PEOPLE.ben, text: 'x' });
    await run(`dm:${PEOPLE.ben}`);
    expect(await waiting()).toMatchObject([{ failed: true }]);
    expect((await db.pool.query('select * from blocked_channels')).rows).toEqual([]);
  });

  it('a thread whose root is gone is handed over, and its line waits for the new one', async () => {
    const id = await aThread();
    await root(id);
    await run(`thread:${id}`);
    proxy.on('chat.postMessage', refused('thread_not_found'));
    const lineId = await line(id, 'homeless');
    await run(`thread:${id}`);
    expect(gone.map((row) => row.id)).toEqual([lineId]);
    expect(await waiting()).toMatchObject([{ text: 'homeless', attempted: false, failed: false }]);
    expect((await jobs())[0]?.seconds).toBeGreaterThan(1);
  });
});
