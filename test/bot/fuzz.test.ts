// Hostile words, fields, buttons, events and bodies, by every road: whatever comes, an answer is given and nothing of ours breaks.
import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { verifyLedger } from '../../src/areas/funds/verify.ts';
import type { View } from '../../src/base/slack.ts';
import { BUG_WORDS } from '../../src/bot/bug-words.ts';
import { FUNDS_WORDS } from '../../src/bot/funds-words.ts';
import { NOTE_WORDS } from '../../src/bot/notes-words.ts';
import { PROD_WORDS } from '../../src/bot/prod-words.ts';
import { REGRESSION_WORDS } from '../../src/bot/regression-words.ts';
import { SUBCOMMANDS } from '../../src/bot/release-words.ts';
import { verifyAudit } from '../../src/db/verify.ts';
import { sealAll } from '../../src/jobs/seal.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import type { Came } from '../support/doors.ts';
import { HOSTILE, hostile, hostileField } from '../support/hostile.ts';
import { viewWithinLimits, withinLimits } from '../support/limits.ts';
import { runs } from '../support/seed.ts';
import { ADDRESS, HASH, makeWorld, P, type Who, type World } from '../support/world.ts';

let t: TestDb;
let w: World;
const unhandled: unknown[] = [];
const note = (err: unknown) => void unhandled.push(err);
beforeAll(async () => {
  process.on('unhandledRejection', note);
  t = await freshDb();
  w = await makeWorld(t.db);
});
afterEach(() => expect(unhandled).toEqual([]));
afterAll(async () => {
  process.off('unhandledRejection', note);
  await w?.d.close();
  await t.close();
});

/** What the log says of requests that no person can make; nothing but its secrets is looked at. */
const unlikely: unknown[] = [];
function aside(): () => void {
  const before = w.lines.length;
  return () => void unlikely.push(...w.lines.splice(before));
}

const people = fc.constantFrom(...(Object.keys(P) as Who[]));
const pick = <T>(...all: T[]) => fc.constantFrom(...all);

/** mrkdwn that would call somebody, or give somebody's words the address of somebody else's. */
const LOUD = /<!(?!date\^)|<[@#][UCS]EVIL|<(https|mailto):[^>]*evil[^>]*\|(click|a)>/;

function callsNobody(what: unknown): void {
  JSON.stringify(what, (key, value) => {
    // Plain text is shown as it is; whatever else is a text may be mrkdwn.
    if (value?.type === 'plain_text') return undefined;
    if (key === 'text' && typeof value === 'string') expect(value).not.toMatch(LOUD);
    return value;
  });
}

/** What is always true of an answer. `typed`: it was words of a person, for which nothing of ours may fail. */
function sane(came: Came, typed: boolean): void {
  for (const answer of came.answers) {
    if (answer.blocks) withinLimits(answer.blocks as never, 50);
    expect(String(answer.text ?? '').length).toBeLessThanOrEqual(4000);
    if (answer.response_type) expect(answer.response_type).toBe('ephemeral');
    callsNobody(answer);
  }
  for (const fault of Object.values(came.errors ?? {})) {
    expect(fault.length).toBeGreaterThan(0);
    expect(fault.length).toBeLessThan(1500);
  }
  if (came.view) {
    viewWithinLimits(came.view as never);
    callsNobody(came.view);
  }
  if (typed) expect(came.said).not.toMatch(TYPED_NOTHING_OF);
  if (typed) expect(came.said).not.toContain('went wrong on my side');
}

const TYPED_NOTHING_OF = /undefined|\[object |NaN/;
/** Hostile words that would be taken for something of ours that failed. */
const words = hostile.filter((text) => !TYPED_NOTHING_OF.test(text));

const prod = Object.keys(PROD_WORDS).map((word) => `/bug prod ${word}`);
const LINES = [
  ...Object.entries({
    ...{ '/release': SUBCOMMANDS, '/bug': BUG_WORDS, '/issue': NOTE_WORDS, '/thread': NOTE_WORDS },
    ...{ '/funds': FUNDS_WORDS, '/regression': REGRESSION_WORDS },
  }).flatMap(([slash, of]) => ['', ...Object.keys(of)].map((word) => `${slash} ${word}`)),
  ...prod,
];
/** What the words may be about. Those that end things are about what the other tests need no more. */
const ABOUT = [
  ...['test v1.0.0', 'runs v1.0.0', 'runs v1.0.0 c1', 'oth v1.0.0', 'REL-1', 'free v2.0.0 abc1234', 'free', ''],
  ...[
    'BUG-1',
    'BUG-5',
    'PI-1',
    'NOTE-1',
    'FR-1',
    'FR-3',
    'TX-1',
    'RA-1',
    'RA-1 RA-2',
    '2027-02-01 2027-02-02',
    '1 ETH',
  ],
  `FR-2 ${HASH(9)}`,
];

describe('hostile input', () => {
  test('in the words of every command', async () => {
    const line = fc.tuple(pick(...LINES), pick(...ABOUT), fc.option(words, { nil: '' }));
    await fc.assert(
      fc.asyncProperty(people, line, async (who, parts) => {
        const came = await w.d.command(P[who], parts.join(' '));
        expect(came.answers.length, 'an answer').toBeGreaterThan(0);
        sane(came, true);
      }),
      { numRuns: runs(200) },
    );
  }, 600_000);

  test('each hostile text once after every word', async () => {
    const few = [...HOSTILE].filter((text) => !TYPED_NOTHING_OF.test(text));
    for (const [i, line] of LINES.entries()) {
      // Not each with each: they take turns.
      for (const text of runs(1) > 1 ? few : few.filter((_, n) => n % LINES.length === i % few.length)) {
        const came = await w.d.command(P.nobody, `${line} ${text}`);
        expect(came.answers.length, line).toBeGreaterThan(0);
        sane(came, true);
      }
    }
  }, 600_000);

  const ETH = { option: 'ETH' };
  const OPEN = { product: { option: 'free' }, kind: { option: 'emergency' }, manager: { person: P.mgr } };
  const MORE = { environmentUrl: 'https://x.example', changes: 'a', risks: 'b', flags: 'c', reason: 'd' };
  const BUG = {
    ...{ title: 'x', steps: 'y', product: { option: 'bugs' }, release: '', foundIn: { option: 'candidate' } },
    ...{ blocking: { option: 'no' }, recreatedBy: { person: P.abe }, production: { option: 'yes' }, wallet: 'a' },
    ...{ browser: 'b', device: 'c', users: { option: 'all' }, money: { option: 'no' }, workaround: { option: 'yes' } },
    ...{ feature: { option: 'Send' }, link: 'https://x.example/1' },
  };
  const MOVED = { amount: '0.01', hash: '', fee: '0.0001', at: '2027-01-14 10:00', from: { option: 'main' } };
  type Form = [id: string, fields: Record<string, unknown>, meta: (world: World) => unknown];
  const text = { text: 'why' };
  const FORMS: Form[] = [
    [
      'release_open',
      { ...OPEN, ...MORE, version: 'v9', commit: 'abc1234', authors: { people: [] }, prodIssue: 'PI-1' },
      () => ({}),
    ],
    ...['hold', 'failed', 'rollback', 'cancel', 'review', 'candidate'].map(
      (what): Form => [
        `release_ask_${what}`,
        { ...text, tree: '' },
        (x) => ({ releaseId: x.rel.oth.id, holdId: x.holds.held }),
      ],
    ),
    ['test_note', { note: 'a' }, (x) => ({ result: 'fail', at: `${x.run}:0:0:c1` })],
    ['test_flags', { flags: 'a b' }, (x) => ({ releaseId: x.rel.runs.id, shown: [] })],
    ['cadence_freeze', { product: { option: 'ALL' }, from: '2027-03-01', to: '2027-03-02', reason: 'x' }, () => ({})],
    ['bug_report', BUG, () => ({})],
    ...['fix', 'downgrade', 'reject', 'block', 'ticket', 'wontfix', 'duplicate', 'priority'].map(
      (what): Form => [`bug_ask_${what}`, { ...text, priority: { option: 'P1' } }, (x) => ({ bugId: x.bugs.reported })],
    ),
    ['pi_ask_roles', { owner: { person: P.abe }, engineer: {}, communication: {} }, (x) => ({ prodId: x.pi.declared })],
    ['pi_ask_release', { release: { option: 'none' } }, (x) => ({ prodId: x.pi.declared })],
    ['pi_ask_review', { happened: 'a', missed: 'b', change: 'c', who: 'd' }, (x) => ({ prodId: x.pi.resolved })],
    ['pi_ask_reopen', { reason: 'x' }, (x) => ({ prodId: x.pi.resolved })],
    [
      'note_open',
      {
        ...{ title: 'x', kind: { option: 'topic' }, description: 'y', responsible: { person: P.abe } },
        due: { day: '2027-02-01' },
      },
      () => ({ channel: 'C0RELEASES' }),
    ],
    ['note_ask_close', { summary: 'x', reason: 'y' }, (x) => ({ noteId: x.notes.open })],
    ['note_ask_assign', { person: { person: P.abe } }, (x) => ({ noteId: x.notes.open })],
    ['note_ask_due', { due: { day: '2027-02-01' } }, (x) => ({ noteId: x.notes.open })],
    [
      'funds_request',
      {
        ...{ amount: '0.1', asset: ETH, chain: {}, address: ADDRESS, reason: 'x', link: 'https://x.example' },
        ...{ neededBy: { day: '2027-02-01' }, release: { option: '1' } },
      },
      () => ({}),
    ],
    ['funds_spend', { ...MOVED, asset: ETH, gasPrice: '12', usd: '3', what: 'x', request: {} }, () => ({})],
    ['funds_again', {}, () => ({ nth: 2, asset: 'ETH' })],
    ['funds_deposit', { ...MOVED, asset: ETH, to: { option: 'spare' }, note: 'x' }, () => ({})],
    ['funds_reverse', { reason: 'x' }, (x) => ({ txId: x.tx })],
    ...['sent', 'return', 'deny', 'settle'].map(
      (what): Form => [
        `funds_ask_${what}`,
        { ...MOVED, to: { option: 'main' }, reason: 'x' },
        (x) => ({ requestId: what === 'sent' ? x.fr.approved : x.fr.sent }),
      ],
    ),
    ['regression_skip_form', { reason: 'x' }, (x) => ({ id: x.ra.mine })],
    ['regression_swap_form', { mine: { option: '1' }, theirs: { option: '2' } }, () => ({})],
    ['regression_away_form', { from: { day: '2027-02-01' }, to: { day: '2027-02-02' } }, () => ({})],
  ];

  /** Only what a person types into a text, and texts as Slack sends them: for these nothing may fail. */
  const filled = fc.constantFrom(...FORMS).chain(([id, fields, meta]) => {
    const texts = Object.keys(fields).filter((name) => typeof fields[name] === 'string');
    const poison = fc.subarray(texts, { minLength: Math.min(1, texts.length), maxLength: Math.min(3, texts.length) });
    return fc.tuple(poison, fc.array(words, { minLength: 3, maxLength: 3 })).map(([names, said]) => ({
      ...{ id, meta },
      fields: { ...fields, ...Object.fromEntries(names.map((name, i) => [name, said[i]])) },
    }));
  });

  test('in the texts of every form', async () => {
    await fc.assert(
      fc.asyncProperty(people, filled, async (who, { id, fields, meta }) => {
        const came = await w.d.submit(P[who], id, fields, meta(w));
        sane(came, true);
      }),
      { numRuns: runs(200) },
    );
  }, 600_000);

  test('in fields, metadata and shapes that Slack never sends', async () => {
    const restore = aside();
    const garbage = fc.oneof(
      pick<unknown>(
        '',
        '{',
        'null',
        '[]',
        '0',
        '"x"',
        '{"releaseId":"x"}',
        '{"releaseId":1e400,"bugId":-1,"noteId":{}}',
      ),
      fc.record({ releaseId: fc.integer(), bugId: fc.integer(), noteId: fc.integer(), requestId: fc.integer() }),
    );
    const one = fc.constantFrom(...FORMS).chain(([id, fields, meta]) =>
      fc
        .tuple(
          fc.subarray(Object.keys(fields), { maxLength: Math.min(4, Object.keys(fields).length) }),
          fc.array(hostileField, { minLength: 4, maxLength: 4 }),
          fc.option(garbage),
          pick('', '', '', '_x', '__proto__'),
        )
        .map(([names, said, other, tail]) => ({
          ...{ id: `${id}${tail}`, other, meta },
          fields: { ...fields, ...Object.fromEntries(names.map((name, i) => [name, said[i]])) },
        })),
    );
    try {
      await fc.assert(
        fc.asyncProperty(people, one, async (who, { id, fields, meta, other }) => {
          sane(await w.d.submit(P[who], id, fields, other ?? meta(w)), false);
        }),
        { numRuns: runs(150) },
      );
    } finally {
      restore();
    }
  }, 600_000);

  const NAMES = ['release', 'test', 'bug', 'pi', 'note', 'cadence', 'funds', 'regression', 'remind'];
  const ACTS = [
    ...['more', 'ready', 'lgtm', 'hold', 'ship', 'start', 'flags', 'pass', 'fail', 'note', 'skip', 'agree', 'area'],
    ...['open', 'report', 'offer', 'github', 'resolve', 'mine', 'roles', 'check', 'close', 'spend', 'sent', 'swap_yes'],
    ...['cases', 'done', 'not_today', 'x', '__proto__', 'constructor', 'toString', ''],
  ];
  test('in the value of every button', async () => {
    const value = fc.oneof(
      hostile,
      fc.tuple(fc.integer(), pick(':', '|', ''), fc.oneof(fc.integer().map(String), hostile)).map((p) => p.join('')),
      pick('1', '1:1', '1:0:0:c1', 'away:1', 'REL-1', 'FR-1', '9'.repeat(15), '-1', '1e3', '0'),
    );
    const more = pick<Parameters<World['d']['press']>[3]>(
      {},
      { menu: true },
      { view: { id: 'V1', type: 'modal' } },
      { view: { id: 'V1', type: 'home' } },
      { boxes: ['0', 'x', '__proto__'] },
    );
    const button = fc.tuple(pick(...NAMES), pick(...ACTS)).map((p) => p.join('_'));
    await fc.assert(
      fc.asyncProperty(people, button, value, more, async (who, id, v, how) => {
        const came = await w.d.press(P[who], id, v, how);
        sane(came, true);
        if (how?.view?.type !== 'home' && !how?.boxes)
          expect(came.answers.length + (came.view ? 1 : 0)).toBeGreaterThan(0);
      }),
      { numRuns: runs(200), examples: [['op', 'bug_report', 'x'.repeat(10_000), {}]] },
    );
  }, 600_000);

  test('in events and messages', async () => {
    const at = fc.constantFrom('card', 'check', 'wait', 'none');
    const ts = (name: string) => ({ card: w.rel.test.card, check: w.check, wait: w.rel.wait.card })[name] ?? '1.000001';
    await fc.assert(
      fc.asyncProperty(
        people,
        at,
        hostile,
        pick('LGTM', 'lgtm?', ''),
        fc.boolean(),
        async (who, place, h, lgtm, on) => {
          sane(await w.d.say(P[who], `${lgtm}${h}`, ts(place)), true);
          sane(await w.d.react(P[who], on ? 'eyes' : h, ts(place), on), true);
          sane(await w.d.messageShortcut(P[who], 'report_bug', { ts: ts(place), text: h, thread_ts: ts(place) }), true);
          const before = { type: 'message', user: P[who], text: 'LGTM', ts: '5.1', thread_ts: ts(place) };
          const changed = { subtype: 'message_changed', message: { ...before, text: h }, previous_message: before };
          await w.d.event({ type: 'message', channel: 'C0RELEASES', ...changed });
          const deleted = { subtype: 'message_deleted', deleted_ts: '5.1', previous_message: before };
          await w.d.event({ type: 'message', channel: 'C0RELEASES', ...deleted });
          await w.d.event({ type: 'app_home_opened', user: P[who], tab: on ? 'home' : h });
        },
      ),
      { numRuns: runs(40) },
    );
  }, 600_000);

  test('in events of any shape', async () => {
    const restore = aside();
    const any = fc.oneof(
      hostile,
      fc.integer(),
      fc.constant(null),
      fc.jsonValue({ maxDepth: 2 }),
      pick('C0RELEASES', P.op),
    );
    const keys = [
      'type',
      'subtype',
      'user',
      'text',
      'ts',
      'thread_ts',
      'channel',
      'item',
      'message',
      'reaction',
      'tab',
    ];
    const kind = pick('message', 'reaction_added', 'reaction_removed', 'app_home_opened', 'team_join');
    const shape = fc.tuple(kind, fc.dictionary(fc.constantFrom(...keys, 'previous_message', 'event_ts', 'files'), any));
    try {
      await fc.assert(
        fc.asyncProperty(shape, async ([type, fields]) => {
          await w.d.event({ channel: 'C0RELEASES', ...fields, type });
          const item = { type: 'message', channel: 'C0RELEASES', ts: w.rel.test.card };
          await w.d.event({ item, user: P.op, reaction: 'eyes', ...fields, type });
          const thread = { user: P.op, text: 'LGTM', thread_ts: w.rel.test.card, ts: '7.1', channel: 'C0RELEASES' };
          await w.d.event({ ...thread, ...fields, type });
        }),
        { numRuns: runs(100) },
      );
    } finally {
      restore();
    }
  }, 600_000);
});

describe('afterwards', () => {
  test('everything that goes out is within Slack’s limits and calls nobody', async () => {
    const { rows } = await t.db.execute<{ lane: string }>(
      sql`select distinct lane from outbox where posted_ts is null`,
    );
    for (const { lane } of rows) for (let n = 0; n < 200; n++) if (!(await flushed(lane))) break;
    const cards = await t.db.execute<{ id: string }>(
      sql`select id from outbox where subject is not null and posted_ts is not null`,
    );
    await t.db.execute(sql`update outbox set shown_hash = null`);
    for (const { id } of cards.rows) await w.tasks.card({ outboxId: Number(id) }, { last: false });
    await w.tasks.homes({}, { last: false });
    expect(w.d.posted.length).toBeGreaterThan(100);
    for (const message of w.d.posted) {
      expect(message.text.length).toBeGreaterThan(0);
      expect(message.text.length).toBeLessThanOrEqual(4000);
      withinLimits(message.blocks as never, 50);
      callsNobody(message);
    }
    for (const view of w.d.views as View[]) viewWithinLimits(view as never);
    const waiting = await t.db.execute(
      sql`select id, lane, text from outbox where posted_ts is null and failed_at is null`,
    );
    expect(waiting.rows).toEqual([]);
  }, 600_000);

  /** @returns whether more of the lane may be waiting */
  async function flushed(lane: string): Promise<boolean> {
    const before = w.d.posted.length;
    await w.tasks.flush({ lane }, { last: false });
    return w.d.posted.length > before;
  }

  test('the audit chain verifies, and the books balance', async () => {
    await sealAll(t.db, () => new Date());
    expect((await verifyAudit(t.db, [])).faults).toEqual([]);
    expect((await verifyLedger(t.db)).faults).toEqual([]);
  });

  test('no secret is in any line of the log, and nothing of ours failed', () => {
    const said = [...w.lines, ...unlikely].map((line) => JSON.stringify(line));
    expect(said.filter((line) => /xoxb-1|secret99|hostile"/.test(line))).toEqual([]);
    const failed = w.lines.filter((line) => line.level === 'error' || line.level === 'fatal');
    expect(failed.map((line) => JSON.stringify(line.err ?? line.msg).slice(0, 600))).toEqual([]);
  });
});
