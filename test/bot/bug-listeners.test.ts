import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bugForm } from '../../src/areas/triage/forms.ts';
import { readAct } from '../../src/bot/bug-command.ts';
import { prefillFrom, reportShortcut } from '../../src/bot/bug-events.ts';
import { type BugWord, readBugId } from '../../src/bot/bug-words.ts';
import type { BotDeps } from '../../src/bot/deps.ts';
import { loadPolicy } from '../../src/policy.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { keptLog } from '../support/quiet.ts';

let t: TestDb;
const opened: unknown[] = [];
let deps: BotDeps;

beforeAll(async () => {
  t = await freshDb();
  const slack = {
    openView: async (trigger: string, view: unknown) => opened.push([trigger, view]),
    permalink: async () => 'https://slack.example/p1',
    message: async () => {
      throw new Error('slow or gone');
    },
  };
  deps = { db: t.db, policy: loadPolicy('src/demo/policy.yml'), slack, log: keptLog().log } as unknown as BotDeps;
});
afterAll(() => t.close());

test('the message shortcut opens the form with the message’s text and link', async () => {
  const shortcut = {
    trigger_id: 'T1',
    channel: { id: 'C0RELEASES' },
    message: { ts: '1.000001', text: 'It &lt;breaks&gt;\nwhen I send', thread_ts: '0.000001' },
  };
  const acks: unknown[] = [];
  await reportShortcut(deps)({ ack: async () => acks.push(1), shortcut } as never);
  expect(acks).toHaveLength(1);
  const [[trigger, view]] = opened as [[string, unknown]];
  expect(trigger).toBe('T1');
  expect(JSON.stringify(view)).toContain('"initial_value":"It <breaks>"');
  expect(JSON.stringify(view)).toContain('It <breaks>\\nwhen I send');
  expect(JSON.stringify(view)).toContain('https://slack.example/p1');
});

test('a message that cannot be read still gives a form with its link', async () => {
  const prefill = await prefillFrom(deps, { channel: 'C0RELEASES', ts: '1.000001' });
  expect(prefill).toEqual({ link: 'https://slack.example/p1' });
  expect(await prefillFrom(deps, { releaseId: 999 })).toEqual({});
});

test('what is reported of a release that is live, or was, was found in production', async () => {
  const { rows } = await t.db.execute<{ id: string }>(sql`
    with t as (insert into threads (kind, title, responsible, channel) values ('release', 'v1.0.0', 'UMAX', 'C0RELEASES') returning id),
    r as (insert into releases (product, version, kind, state, thread_id, opened_by, opened_at, manager, state_since)
      select 'unchained', 'v1.0.0', 'scheduled', 'testing', id, 'UMAX', now(), 'UMAX', now() from t returning id),
    c as (insert into candidates (release_id, seq, commit, named_by, named_at) select id, 1, 'abc1234', 'UMAX', now() from r)
    select id from r`);
  const releaseId = Number(rows[0]?.id);
  for (const [state, foundIn] of [
    ['testing', 'candidate'],
    ['verifying', 'production'],
    ['done', 'production'],
    ['rolled_back', 'production'],
  ] as const) {
    await t.db.execute(sql`update releases set state = ${state} where id = ${releaseId}`);
    expect(await prefillFrom(deps, { releaseId })).toMatchObject({ product: 'unchained', releaseId, foundIn });
  }
  // R3: the candidate of now travels with the form; the card's button brings the one it was drawn for.
  const { candidateId = 0 } = await prefillFrom(deps, { releaseId });
  expect(candidateId).toBeGreaterThan(0);
  await t.db.execute(
    sql`insert into candidates (release_id, seq, commit, named_by, named_at) values (${releaseId}, 2, 'def5678', 'UMAX', now())`,
  );
  expect((await prefillFrom(deps, { releaseId })).candidateId).toBeGreaterThan(candidateId);
  expect((await prefillFrom(deps, { releaseId, candidateId })).candidateId).toBe(candidateId);
  expect(bugForm(deps.policy, { candidateId }).private_metadata).toBe(JSON.stringify({ candidateId }));
});

test('bugs are named by their id, with or without the prefix', () => {
  expect(['BUG-7', 'bug-7', '7'].map(readBugId)).toEqual([7, 7, 7]);
  expect(['REL-7', '0', 'x', undefined].map(readBugId)).toEqual([undefined, undefined, undefined, undefined]);
});

const command = { user_id: 'U0AYO', trigger_id: 'T1' };
const act = (word: BugWord, ...raw: string[]) => readAct({ word, raw, rest: raw, command });

test('the words of a command mean an act, a form that asks the rest, or nothing', () => {
  expect(act('recreate')).toEqual({ kind: 'recreate' });
  expect(act('recreate', 'now')).toBeNull();
  expect(act('agree')).toEqual({ kind: 'agree' });
  expect(act('decline')).toEqual({ kind: 'decline' });
  expect(act('tried', 'NO')).toEqual({ kind: 'tried', happens: false });
  expect(act('tried')).toBeNull();
  expect(act('retest', 'fixed')).toEqual({ kind: 'retest', fixed: true });
  expect(act('retest', 'STILL', '`DEF5678`')).toEqual({ kind: 'retest', fixed: false, commit: 'def5678' });
  expect(act('retest', 'fixed', 'really')).toBeNull();
  expect(act('retest', 'fixed', 'def5678', 'now')).toBeNull();
  expect(act('retest', 'def5678', 'fixed')).toBeNull();
  expect(act('fix')).toBe('fix');
  expect(act('fix', '`DEF5678`')).toEqual({ kind: 'fix', commit: 'def5678' });
  expect(act('fix', 'main')).toBeNull();
  for (const word of ['downgrade', 'reject', 'block', 'wontfix', 'duplicate', 'priority', 'ticket'] as const)
    expect(act(word)).toBe(word);
  expect(act('downgrade', 'too', 'rare')).toEqual({ kind: 'ask', what: 'downgrade', reason: 'too rare' });
  expect(act('block', 'money')).toEqual({ kind: 'block', reason: 'money' });
  expect(act('resolve')).toEqual({ kind: 'resolve', note: null });
  expect(act('ticket', '<https://t.example/1?a=1&amp;b=2|label>')).toEqual({
    kind: 'ticket',
    link: 'https://t.example/1?a=1&b=2',
  });
  expect(act('ticket', 'https://t.example/1')).toEqual({ kind: 'ticket', link: 'https://t.example/1' });
  expect(act('ticket', 'a', 'b')).toBeNull();
  expect(act('duplicate', 'BUG-3')).toEqual({ kind: 'duplicate', of: 3 });
  expect(act('duplicate', 'x')).toBeNull();
  expect(act('assign')).toEqual({ kind: 'assign', person: 'U0AYO' });
  expect(act('assign', '<@U0BEA|bea>')).toEqual({ kind: 'assign', person: 'U0BEA' });
  expect(act('assign', 'bea')).toBeNull();
  expect(act('priority', 'p1', 'many', 'calls')).toEqual({ kind: 'priority', priority: 'P1', reason: 'many calls' });
  expect(act('priority', 'P9')).toBeNull();
  expect(act('list')).toBeNull();
});
