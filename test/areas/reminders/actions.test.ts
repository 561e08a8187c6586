import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { answerReminder, type Deps, remind } from '../../../src/areas/reminders/actions.ts';
import type { Pressed } from '../../../src/areas/reminders/blocks.ts';
import { postDaily, postWeekly } from '../../../src/areas/reminders/daily.ts';
import { unknownPeople } from '../../../src/areas/reminders/store.ts';
import type { Item } from '../../../src/areas/reminders/types.ts';
import type { Actor } from '../../../src/base/actor.ts';
import type { Cause } from '../../../src/db/act.ts';
import { threads } from '../../../src/db/schema/core.ts';
import { freshDb, type TestDb, wipe } from '../../support/db.ts';
import { ADA, BEN, CAS } from '../../support/facts.ts';
import { TEAM } from '../../support/team.ts';

/** A Monday morning; Lisbon is at UTC then. */
const MONDAY = new Date('2026-03-02T09:00:00Z');
const hours = (n: number) => new Date(MONDAY.getTime() + n * 3_600_000);

let t: TestDb;
let now: Date;
let deps: Deps;
let threadId: number;
let n = 0;
const cause = (who: Actor): Cause => ({ key: `test:${++n}`, source: 'button', actor: who.id, eventTime: now });

beforeAll(async () => {
  t = await freshDb();
  deps = { db: t.db, policy: TEAM, clock: () => now };
});
afterAll(() => t.close());
beforeEach(async () => {
  now = MONDAY;
  await wipe(t, 'reminders, reminder_answers, outbox, threads, causes, people');
  const [row] = await t.db
    .insert(threads)
    .values({ kind: 'bug', title: 'x', responsible: ADA.id, channel: 'CREL' })
    .returning();
  threadId = row?.id as number;
});

function anItem(over: Partial<Item> = {}): Item {
  return {
    kind: 'sign_off',
    subject: 'REL-1',
    text: 'waits.',
    url: null,
    thread: { id: threadId, channel: 'CREL' },
    since: hours(-3),
    until: null,
    due: null,
    day: null,
    people: [ADA.id],
    owner: BEN.id,
    ...over,
  };
}

const beat = (items: Item[], key = `beat:${++n}`) => remind(deps, { key, now }, async () => items);
async function outbox() {
  const { rows } = await t.db.execute<{ role: string; target: string; text: string; thread_id: string | null }>(
    sql`select role, target, text, thread_id from outbox order by id`,
  );
  return rows;
}
const answered = async (who: Actor, pressed: Partial<Pressed> = {}, channel?: string) =>
  (
    await answerReminder(
      deps,
      cause(who),
      who,
      { answer: 'done', kind: 'sign_off', subject: 'REL-1', since: hours(-3), ...pressed },
      channel,
    )
  ).answer;

describe('R23: what goes out', () => {
  test('a digest by DM, a line in its thread, an escalation to a channel; each noted and in the audit trail', async () => {
    const news = anItem({ kind: 'blocker_news', subject: 'BUG-2', people: [ADA.id, CAS.id], since: hours(-9) });
    const review = anItem({ kind: 'emergency_review', subject: 'REL-3', people: [], owner: 'CADMINS' });
    expect(await beat([anItem(), anItem({ subject: 'REL-2' }), news, review])).toBe(3);
    expect((await outbox()).sort((a, b) => (a.target < b.target ? -1 : 1))).toMatchObject([
      { role: 'line', target: 'CADMINS', thread_id: null },
      { role: 'line', target: 'CREL', thread_id: `${threadId}`, text: expect.stringContaining('<@UADA> <@UCAS>') },
      { role: 'dm', target: ADA.id, text: '2 things wait for you: REL-1, REL-2' },
    ]);
    const { rows } = await t.db.execute(
      sql`select count(*)::int as n, count(distinct outbox_id)::int as m from reminders`,
    );
    expect(rows).toEqual([{ n: 5, m: 3 }]);
    const audit = await t.db.execute(
      sql`select count(*)::int as n from audit_events where verb = 'remind' and actor = 'shipshape'`,
    );
    expect(audit.rows[0]).toMatchObject({ n: 3 });
  });

  test('R23: says until when it is of use: to the end of that day at work of who gets it, or until nobody hears of it any more', async () => {
    await t.db.execute(sql`insert into people (id, name, zone, bot, deactivated, guest, outsider, refreshed_at) values
      ('UDEN', 'den', 'America/Denver', false, false, false, false, ${MONDAY.toISOString()})`);
    const news = anItem({ kind: 'blocker_news', subject: 'BUG-2', people: [ADA.id, 'UDEN'], since: hours(-9) });
    const slot = anItem({ kind: 'slot', subject: 'SLOT-1', people: ['CREL'], owner: null, until: hours(9) });
    const long = anItem({ kind: 'hold', subject: 'REL-4', people: [CAS.id], until: hours(8), since: hours(-30) });
    now = hours(7.5);
    await beat([anItem(), anItem({ subject: 'REL-2', people: ['UDEN'] }), news, slot, long]);
    const { rows } = await t.db.execute<{ target: string; until: string }>(sql`select target, until from outbox`);
    const until = Object.fromEntries(rows.map((r) => [r.target, new Date(r.until)]));
    // In Denver it is seven hours earlier; in the thread both are meant.
    const [here, denver] = [hours(9), hours(16)];
    expect(until).toEqual({ [ADA.id]: here, UDEN: denver, CREL: expect.any(Date), [CAS.id]: here });
    expect(rows.filter((r) => r.target === 'CREL').map((r) => new Date(r.until))).toEqual([here, denver]);
    now = hours(24);
    await wipe(t, 'reminders, outbox');
    await beat([{ ...slot, since: hours(21), until: hours(26) }]);
    expect(
      (await t.db.execute<{ until: string }>(sql`select until from outbox`)).rows.map((r) => new Date(r.until)),
    ).toEqual([hours(26)]);
  });

  test('an occurrence is worked on once, and four instances at once say everything once', async () => {
    expect(await beat([anItem()], 'same')).toBe(1);
    expect(await beat([anItem({ subject: 'REL-2' })], 'same')).toBe(0);
    now = hours(3);
    const items = Array.from({ length: 8 }, (_, i) => anItem({ subject: `REL-${10 + i}`, people: [`U${i % 3}AB`] }));
    const many = await Promise.all(Array.from({ length: 4 }, () => beat(items)));
    expect(many.reduce((a, b) => a + b)).toBe(3);
    expect((await outbox()).filter((m) => m.role === 'dm')).toHaveLength(4);
  });

  test('at most so many messages a day; the zone of the person counts; who is gone hears nothing', async () => {
    for (let i = 0; i < 9; i++) {
      now = hours(i);
      await beat([anItem({ subject: `REL-${i}`, since: hours(-20), owner: null })]);
    }
    expect(await outbox()).toHaveLength(5);
    await t.db.execute(sql`insert into people (id, name, zone, bot, deactivated, guest, outsider, refreshed_at) values
      ('UDEN', 'den', 'America/Denver', false, false, false, false, ${MONDAY.toISOString()}),
      ('UUTC', 'utc', 'UTC', false, false, false, false, ${hours(-30).toISOString()}),
      ('UODD', 'odd', 'Mars/Base', false, false, false, false, ${MONDAY.toISOString()}),
      ('UOUT', 'out', 'UTC', false, true, false, false, ${MONDAY.toISOString()})`);
    now = hours(0.5);
    const people = ['UDEN', 'UUTC', 'UODD', 'UOUT'];
    await beat(people.map((id) => anItem({ subject: `REL-${id}`, people: [id], owner: null })));
    expect(
      (await outbox())
        .slice(5)
        .map((m) => m.target)
        .sort(),
    ).toEqual(['UODD', 'UUTC']);
    expect(await unknownPeople(t.db, [...people, 'UNEW', 'CADMINS', 'UNEW'], MONDAY)).toEqual(['UUTC', 'UNEW']);
    expect(await unknownPeople(t.db, ['CADMINS'], MONDAY)).toEqual([]);
  });

  test('a day off: nothing; maxPerDay 0: nothing', async () => {
    now = hours(-24);
    expect(await beat([anItem({ since: hours(-40) })])).toBe(0);
    now = MONDAY;
    expect(
      await remind({ ...deps, policy: { ...TEAM, reminders: { maxPerDay: 0 } } }, { key: 'none', now }, async () => [
        anItem(),
      ]),
    ).toBe(0);
  });
});

describe('R23: answers', () => {
  test('done: not again for this wait, and the next one is another; a repeat is answered the same', async () => {
    await beat([anItem()]);
    const first = await answered(ADA);
    expect(first).toMatchObject({
      outcome: 'accepted',
      text: expect.stringContaining('I do not remind you of it again'),
    });
    expect(await answered(ADA)).toMatchObject({ outcome: 'already', text: first.text });
    now = hours(24);
    expect(await beat([anItem({ owner: null })])).toBe(0);
    expect(await beat([anItem({ owner: null, since: hours(1) })])).toBe(1);
    const { rows } = await t.db.execute(sql`select actor, verb from audit_events where verb = 'done'`);
    expect(rows).toEqual([{ actor: ADA.id, verb: 'done' }]);
  });

  test('not today: silent until the next day, and a later answer takes its place', async () => {
    await beat([anItem()]);
    expect((await answered(ADA, { answer: 'not_today' })).text).toContain('next working day');
    now = hours(5);
    expect(await beat([anItem()])).toBe(0);
    now = hours(24);
    expect(await beat([anItem({ owner: null })])).toBe(1);
    expect((await answered(ADA, { answer: 'not_today' })).outcome).toBe('accepted');
    expect((await answered(ADA)).outcome).toBe('accepted');
  });

  test('only by whom it was for, members all; what went to a channel by anybody there', async () => {
    await beat([anItem(), anItem({ kind: 'emergency_review', subject: 'REL-3', people: [], owner: 'CADMINS' })]);
    expect(await answered(BEN)).toMatchObject({
      outcome: 'refused',
      text: expect.stringContaining('for somebody else'),
    });
    expect(await answered(ADA, { since: hours(-4) })).toMatchObject({ outcome: 'refused' });
    expect(await answered({ ...ADA, standing: 'guest' })).toMatchObject({ outcome: 'refused' });
    const review = { kind: 'emergency_review', subject: 'REL-3' } as const;
    expect(await answered(CAS, review, 'COTHER')).toMatchObject({ outcome: 'refused' });
    expect(await answered(CAS, review, 'CADMINS')).toMatchObject({ outcome: 'accepted' });
    const { rows } = await t.db.execute(sql`select kind, person, answer from reminder_answers`);
    expect(rows).toEqual([{ kind: 'emergency_review', person: 'CADMINS', answer: 'done' }]);
  });
});

describe('the daily and the weekly line', () => {
  const lines = async () => (await outbox()).map((m) => [m.target, m.text]);
  const untils = async () =>
    (await t.db.execute<{ until: string }>(sql`select until from outbox order by id`)).rows.map(
      (r) => new Date(r.until),
    );
  const none = async () => ({ caught: { caught: 3, escaped: 1 }, cadence: null });

  test('once a working day, in #releases, whoever asks', async () => {
    const all = await Promise.all(Array.from({ length: 3 }, () => postDaily(deps, MONDAY, async () => null)));
    expect(all.filter(Boolean)).toHaveLength(1);
    expect(await lines()).toEqual([
      ['CREL', expect.stringContaining('Mon 2 Mar 2026: 0 releases ended since Fri 27 Feb 2026')],
    ]);
    expect(await postDaily(deps, hours(24), async () => null)).toBe(true);
    expect(await untils(), 'the day').toEqual([hours(15), hours(39)]);
  });

  test('the week before, once a week: on the first day that asks', async () => {
    expect(await postWeekly(deps, MONDAY, none)).toBe(true);
    expect(await postWeekly(deps, MONDAY, none)).toBe(false);
    expect(await postWeekly(deps, hours(24), none)).toBe(false);
    expect(await lines()).toEqual([
      ['CREL', expect.stringContaining('Mon 23 Feb 2026 to Sun 1 Mar 2026: 0 went live, bugs: 3 of 4 caught')],
    ]);
    expect(await postWeekly(deps, hours(8 * 24), none)).toBe(true);
    expect(await untils(), 'the week').toEqual([hours(7 * 24 - 9), hours(14 * 24 - 9)]);
  });
});
