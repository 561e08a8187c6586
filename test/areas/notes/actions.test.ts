import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { actOnNote, type Deps, drawNote, openNote } from '../../../src/areas/notes/actions.ts';
import { listNotes, loadNote } from '../../../src/areas/notes/store.ts';
import type { NoteAct, Opening } from '../../../src/areas/notes/types.ts';
import type { Actor } from '../../../src/base/actor.ts';
import type { Cause } from '../../../src/db/act.ts';
import { loadPolicy } from '../../../src/policy.ts';
import { freshDb, type TestDb, wipe } from '../../support/db.ts';
import { ADA, BEN, CAS, T0 } from '../../support/facts.ts';

const demo = loadPolicy('src/demo/policy.yml');
const policy = { ...demo, issues: { definitionOfDone: ['Tested', 'Told'] } };
const ISSUE: Opening = { kind: 'issue', title: 'Fees', description: null, responsible: ADA.id, due: null };
const { releases, admins } = policy.workspace.channels;

let t: TestDb;
let deps: Deps;
let n = 0;
const cause = (who: Actor): Cause => ({ key: `test:${++n}`, source: 'command', actor: who.id, eventTime: T0 });

beforeAll(async () => {
  t = await freshDb();
  deps = { db: t.db, policy, clock: () => T0 };
});
afterAll(() => t.close());
beforeEach(async () => {
  await wipe(t, 'notes, note_checks, outbox, threads, causes');
});

async function opened(over: Partial<Opening> = {}, typedIn?: string, who = ADA): Promise<number> {
  const { answer } = await openNote(deps, cause(who), who, { ...ISSUE, ...over }, typedIn);
  expect(answer.outcome, answer.text).toBe('accepted');
  return answer.noteId as number;
}
const doing = async (who: Actor, id: number, act: NoteAct) => (await actOnNote(deps, cause(who), who, id, act)).answer;
async function messages(role: string) {
  const { rows } = await t.db.execute<{ target: string; text: string; subject: string | null }>(
    sql`select target, text, subject from outbox where role = ${role} order by id`,
  );
  return rows;
}

test('an issue gets one thread in #releases with its card, its boxes, one responsible person and an audit event', async () => {
  const id = await opened({ responsible: BEN.id }, admins);
  const f = await loadNote(t.db, id);
  expect(f?.checks.map((c) => c.text)).toEqual(['Tested', 'Told']);
  expect(f?.thread.channel).toBe(releases);
  expect(await messages('card')).toEqual([{ target: releases, text: '', subject: `NOTE-${id}` }]);
  expect(await messages('dm')).toMatchObject([{ target: BEN.id, text: expect.stringContaining(`NOTE-${id}`) }]);
  const { rows } = await t.db.execute(sql`select responsible from threads`);
  expect(rows).toEqual([{ responsible: BEN.id }]);
  const audit = await t.db.execute(sql`select verb from audit_events where subject = ${`NOTE-${id}`}`);
  expect(audit.rows).toEqual([{ verb: 'open' }]);
  expect(JSON.stringify(await drawNote(t.db, id, policy, T0))).toContain('note_check');
  expect(await drawNote(t.db, 999, policy, T0)).toBeNull();
});

test('a repeated command opens nothing twice', async () => {
  const once = cause(ADA);
  const first = await openNote(deps, once, ADA, ISSUE, undefined);
  const second = await openNote(deps, once, ADA, ISSUE, undefined);
  expect(second).toEqual({ ...first, repeated: true });
  expect(await messages('card')).toHaveLength(1);
});

test('a form that is sent again, because its answer came late, opens nothing twice; refused it may be', async () => {
  const sent = (title: string) => openNote(deps, { ...cause(ADA), form: 'V1' }, ADA, { ...ISSUE, title }, undefined);
  expect((await sent('')).answer.code).toBe('title');
  const both = await Promise.all([sent('Twice'), sent('Twice')]);
  expect(both.map((b) => b.answer.outcome).sort()).toEqual(['accepted', 'already']);
  expect(await messages('card')).toHaveLength(1);
});

test('meetings and topics open where they were typed, when the bot knows that channel', async () => {
  const where = async (kind: Opening['kind'], typedIn?: string) =>
    (await loadNote(t.db, await opened({ kind }, typedIn)))?.thread.channel;
  expect(await where('meeting', admins)).toBe(admins);
  expect(await where('topic', 'C0ELSEWHERE')).toBe(releases);
  expect(await where('topic')).toBe(releases);
  const meeting = await loadNote(t.db, await opened({ kind: 'meeting' }));
  expect(meeting?.checks).toEqual([]);
});

test('what cannot be opened is refused with its field, and leaves nothing', async () => {
  const say = async (over: Partial<Opening>, who = ADA) =>
    (await openNote(deps, cause(who), who, { ...ISSUE, ...over }, undefined)).answer.code;
  expect(await say({ title: '' })).toBe('title');
  expect(await say({ title: 'x'.repeat(151) })).toBe('title');
  expect(await say({ description: 'x'.repeat(2001) })).toBe('description');
  expect(await say({ due: '2026-03-01' })).toBe('due');
  expect(await say({}, { ...ADA, standing: 'guest' })).toBe('standing');
  const { rows } = await t.db.execute(sql`select (select count(*) from notes) + (select count(*) from threads) as n`);
  expect(rows).toEqual([{ n: '0' }]);
});

test('boxes: two people tick at once from the same card, both stay; an unticked one forgets who', async () => {
  const id = await opened();
  const tick = (who: Actor, position: number, done = true) =>
    doing(who, id, { kind: 'tick', boxes: [{ position, done }] });
  await Promise.all([tick(BEN, 0), tick(CAS, 1)]);
  expect((await loadNote(t.db, id))?.checks).toMatchObject([
    { done: true, by: BEN.id, at: T0 },
    { done: true, by: CAS.id, at: T0 },
  ]);
  await tick(ADA, 1, false);
  expect((await loadNote(t.db, id))?.checks[1]).toMatchObject({ done: false, by: null, at: null });
  expect((await messages('line')).map((m) => m.text)).toHaveLength(3);
});

test('closed with a summary once the boxes are ticked, reopened, and handed over with a DM', async () => {
  const id = await opened();
  const close: NoteAct = { kind: 'close', summary: 'Fixed in v2', reason: null };
  expect(await doing(ADA, id, close)).toMatchObject({ outcome: 'refused', code: 'open_boxes' });
  expect(await doing(CAS, id, close)).toMatchObject({ code: 'role' });
  await doing(BEN, id, { kind: 'tick', boxes: [0, 1].map((position) => ({ position, done: true })) });
  expect((await doing(ADA, id, close)).outcome).toBe('accepted');
  expect((await doing(ADA, id, close)).outcome).toBe('already');
  expect((await loadNote(t.db, id))?.note).toMatchObject({ state: 'closed', summary: 'Fixed in v2', closedBy: ADA.id });
  await doing(BEN, id, { kind: 'reopen' });
  await doing(BEN, id, { kind: 'assign', person: CAS.id });
  await doing(CAS, id, { kind: 'due', day: '2026-03-06' });
  expect((await loadNote(t.db, id))?.note).toMatchObject({ state: 'open', responsible: CAS.id, due: '2026-03-06' });
  expect(await messages('dm')).toMatchObject([{ target: CAS.id }]);
  const { rows } = await t.db.execute(sql`select responsible from threads`);
  expect(rows).toEqual([{ responsible: CAS.id }]);
  expect(await doing(ADA, 999, { kind: 'reopen' })).toMatchObject({ code: 'no_note' });
});

test('lists: open ones first by due date, then closed ones, of their kinds only', async () => {
  const none = await opened({ title: 'no date' });
  const later = await opened({ title: 'later', due: '2026-03-09' });
  const soon = await opened({ title: 'soon', due: '2026-03-03' });
  const gone = await opened({ title: 'gone' });
  await opened({ kind: 'topic', title: 'a topic' });
  await doing(ADA, gone, { kind: 'close', summary: 'x', reason: 'y' });
  const issues = await listNotes(t.db, ['issue']);
  expect(issues.map((i) => i.id)).toEqual([soon, later, none, gone]);
  expect(issues[0]).toMatchObject({ boxes: 2, ticked: 0, url: null });
  expect(await listNotes(t.db, ['meeting', 'topic'])).toHaveLength(1);
});
