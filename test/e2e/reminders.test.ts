// Reminders, and the daily and weekly lines (R23), through the real process and a local Slack. Time is moved in rows and in the occurrence, never waited for.
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addJob } from '../../src/db/outbox.ts';
import { TEAM } from '../support/bot.ts';
import { type Desk, deskOf } from '../support/desk.ts';
import { CHANNELS, type LocalMessage, until } from '../support/slack.ts';
import { nameOf, openStage, type Stage, shows } from '../support/stage.ts';

const { ana, ben, cem, mia } = TEAM;
const HOUR = 3_600_000;
/** The Monday after next, in the morning of Lisbon. */
const MONDAY = new Date(Math.ceil(Date.now() / (24 * HOUR)) * 24 * HOUR + 10 * HOUR);
MONDAY.setUTCDate(MONDAY.getUTCDate() + 7 + ((8 - MONDAY.getUTCDay()) % 7));
const after = (hours: number) => new Date(MONDAY.getTime() + hours * HOUR);

let s: Stage;
let d: Desk;
beforeAll(async () => {
  s = await openStage();
  d = deskOf(s);
});
afterAll(() => s?.close());

let n = 0;
/** The schedule comes round at this moment; waits until everything that follows is in Slack. */
async function beat(at: Date, key = `reminders@${++n}`): Promise<void> {
  await addJob(s.db, 'reminders', { key, at: at.toISOString() });
  await s.settled();
}
const buttonOf = (m: LocalMessage, action: string, about: string) =>
  (m.blocks ?? [])
    .flatMap((b) => b.elements ?? [])
    .find((e) => e.action_id === action && String(e.value).includes(`|${about}|`));
const digests = async (person: string) =>
  (await s.slack.dms(person)).filter((m) => / waits? for you/.test(m.text)).map((m) => m.text);
async function pressIn(person: string, m: LocalMessage, channel: string, action: string, about: string) {
  return s.pressAs(person, channel, m.ts, buttonOf(m, action, about));
}

describe('R23: reminders', () => {
  it('R23: several things that fall together are one digest by DM, each said once however many ask; its buttons silence it', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    await r.command(ana, 'lgtm');
    await d.typed(ben, '/issue', 'Fees are &lt;wrong&gt;');
    const note = await d.thing(`NOTE-${await d.newest('notes')}`);
    const said = (await digests(ben)).length;
    // As if it were Monday: they came an hour ago, and the issue was due on Friday.
    await s.db.execute(sql`update people set zone = 'Europe/Lisbon'`);
    await s.db.execute(
      sql`update presences set since = ${after(-1).toISOString()}, renewed_at = ${after(2).toISOString()} where release_id = ${r.id}`,
    );
    await s.db.execute(sql`update notes set due = ${after(-72).toISOString()}::date where id = ${note.id}`);
    await Promise.all([1, 2, 3].map(() => beat(MONDAY)));
    await beat(after(0.25));
    expect((await digests(ben)).slice(said)).toEqual([`2 things wait for you: REL-${r.id}, NOTE-${note.id}`]);
    expect(await digests(ana)).toEqual([]);
    const digest = await s.dm(ben, '2 things wait for you');
    expect(shows(digest)).toContain('Fees are &lt;wrong&gt;: the issue is overdue');
    const dms = (await s.slack.channelOfDm(ben)) as string;
    expect(await pressIn(ben, digest, dms, 'remind_done', `NOTE-${note.id}`)).toContain(
      'I do not remind you of it again',
    );
    expect(await pressIn(ben, digest, dms, 'remind_done', `NOTE-${note.id}`)).toContain(
      'I do not remind you of it again',
    );
    // In the afternoon the sign-off is asked for again, the issue is not; signed, nothing is.
    await beat(after(4));
    expect((await digests(ben)).slice(said + 1)).toEqual([`Something waits for you: REL-${r.id}`]);
    await r.command(ben, 'lgtm');
    await beat(after(8));
    await beat(after(24));
    expect((await digests(ben)).slice(said + 2)).toEqual([]);
    const { rows } = await s.db.execute<{ verb: string; actor: string }>(
      sql`select verb, actor from audit_events where subject = 'reminders' order by id`,
    );
    expect(rows.map((row) => `${row.verb} ${nameOf(row.actor)}`)).toEqual([
      'remind shipshape',
      'done ben',
      'remind shipshape',
    ]);
    await r.command(mia, 'cancel', 'not needed');
  });

  it('R23: what belongs to a thread is said there, once, to those it waits for; "not today" is silent for the day', async () => {
    const r = await s.open(s.product());
    await beat(after(48));
    await beat(after(48.25));
    const line = await r.line('two sets of eyes are missing');
    expect(shows(line)).toContain(`<@${mia}>`);
    expect(await r.count('two sets of eyes are missing')).toBe(1);
    const not = await pressIn(cem, line, CHANNELS.releases, 'remind_not_today', `REL-${r.id}`);
    expect(not).toContain('That reminder was for somebody else');
    const yes = await pressIn(mia, line, CHANNELS.releases, 'remind_not_today', `REL-${r.id}`);
    expect(yes).toContain('next working day');
    await r.command(mia, 'cancel', 'not needed');
    await beat(after(72));
    expect(await r.count('two sets of eyes are missing')).toBe(1);
  });

  it('R23: nobody hears anything at night, on a weekend, or twice for one occurrence', async () => {
    const r = await s.open(s.product());
    for (const hours of [-48, 12, 120]) await beat(after(hours));
    expect(await r.count('eyes are missing')).toBe(0);
    await beat(after(96), 'same');
    await s.db.execute(sql`delete from reminders`);
    await beat(after(96), 'same');
    expect(await r.count('eyes are missing')).toBe(1);
    await r.command(mia, 'cancel', 'not needed');
  });

  it('a press on a button that was never drawn is answered, and changes nothing', async () => {
    const before = await s.everything();
    const button = { action_id: 'remind_done', value: 'party|REL-1|1' };
    const root = (await s.slack.messages(CHANNELS.releases))[0] as LocalMessage;
    expect(await s.pressAs(ana, CHANNELS.releases, root.ts, button)).toContain('I do not know that button');
    expect(await s.everything()).toBe(before);
  });
});

describe('the daily and the weekly line', () => {
  it('come once each, in #releases, however many ask', async () => {
    const r = await s.open(s.product());
    const at = MONDAY.toISOString();
    for (let i = 0; i < 3; i++) {
      await addJob(s.db, 'daily', { at });
      await addJob(s.db, 'weekly', { at });
    }
    await s.settled();
    const lines = async (text: string) =>
      (await s.slack.messages(CHANNELS.releases)).filter((m) => shows(m).includes(text) && !m.thread_ts);
    await until(async () => (await lines('Last week')).length > 0, 'the weekly line');
    expect(await lines('Last week')).toHaveLength(1);
    const [daily, ...more] = await lines(':sunrise:');
    expect(more).toEqual([]);
    expect(shows(daily as LocalMessage)).toContain(`${r.name}> waiting`);
    expect(shows(daily as LocalMessage)).not.toContain('<@');
  });
});
