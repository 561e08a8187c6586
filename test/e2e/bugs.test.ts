// Bugs from the report to their end, but for what a blocking one stops (blocking-bugs.test.ts), through the real process and a local Slack.
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUG_WORDS } from '../../src/bot/bug-words.ts';
import { TEAM } from '../support/bot.ts';
import { type Desk, deskOf, STRANGE, type Thing } from '../support/desk.ts';
import { type Relay, request, startRelay } from '../support/relay.ts';
import { CHANNELS, type LocalMessage, until } from '../support/slack.ts';
import { openStage, type Play, type Stage, shows } from '../support/stage.ts';

const { ana, ben, mia, noa, zoe, gus, rob } = TEAM;
const { releases } = CHANNELS;
let s: Stage;
let d: Desk;
let relay: Relay;
beforeAll(async () => {
  // Over HTTP, for only there can a message shortcut be sent: the local Slack has none.
  relay = await startRelay(() => s.bot().port);
  s = await openStage({ requestUrl: relay.url });
  d = deskOf(s);
});
afterAll(async () => {
  await s?.close();
  await relay?.stop();
});

async function testing(): Promise<Play> {
  const r = await s.open(s.product());
  await r.eyes(ana, ben);
  return r;
}

/** The message shortcut "Report as a bug", as Slack sends it. */
async function shortcut(person: string, m: LocalMessage): Promise<void> {
  await s.command(person, 'help');
  const sent = (await s.slack.log()).findLast((e) => e.kind === 'slash_commands' && e.direction === 'to_bot');
  const trigger = new URLSearchParams(String(sent?.detail)).get('trigger_id') ?? '';
  const payload = {
    ...{ type: 'message_action', callback_id: 'report_bug', trigger_id: trigger, token: 'x', action_ts: '1' },
    ...{ team: { id: 'T01SHIP', domain: 'ship' }, user: { id: person, username: 'x', team_id: 'T01SHIP' } },
    ...{ channel: { id: releases, name: 'releases' }, message_ts: m.ts, response_url: 'http://127.0.0.1:9/none' },
    message: { type: 'message', ts: m.ts, text: m.text, user: m.user, ...(m.thread_ts && { thread_ts: m.thread_ts }) },
  };
  expect((await relay.send(request({ payload: JSON.stringify(payload) }))).status).toBe(200);
}

const columns = async (bug: Thing) =>
  (await s.db.execute<Record<string, unknown>>(sql`select * from bugs where id = ${bug.id}`)).rows[0];

describe('each way to report', () => {
  it('/bug opens the form; /bug <title> fills it in; every fault shows at its field', async () => {
    const r = await testing();
    expect(await d.typed(zoe, '/bug', '')).toContain('Fill in the form');
    expect(JSON.stringify(await d.form('Report a bug'))).not.toContain('"initial_value"');
    await s.slack.closeView(zoe);
    await d.typed(zoe, '/bug', 'Balance &amp; fee are &lt;wrong&gt;');
    expect(JSON.stringify(await d.form('Report a bug'))).toContain('Balance & fee are <wrong>');
    const before = await s.everything();
    const bad = { product: r.product, release: 'v7.7.7' };
    expect(await s.slack.submitView(zoe, bad)).toEqual({ release: expect.stringContaining('no such release') });
    expect(await s.slack.submitView(zoe, { ...bad, release: '!! ??', link: 'nowhere' })).toEqual({
      release: expect.stringContaining('like v1.2.3'),
      link: expect.stringContaining('https://'),
    });
    expect(await s.everything()).toBe(before);
    expect(await s.slack.submitView(zoe, { product: r.product, users: 'one' })).toBeNull();
    const bug = await d.thing(`BUG-${await d.newest('bugs')}`);
    expect(shows(await s.dm(zoe, 'Reported', bug.subject))).toContain('It holds no release up');
    expect(await bug.card()).toContain('P3');
    expect(await columns(bug)).toMatchObject({ release_id: String(r.id), blocking: false, state: 'reported' });
    await r.cardShows('1 non-blocking bug in triage');
    expect(await r.command(ana, 'lgtm')).toContain('your sign-off counts');
  });

  it('the message shortcut fills in text, link, product and release', async () => {
    const r = await testing();
    const said = await r.say(mia, 'The list flickers &amp; jumps\nsince today');
    await shortcut(noa, said);
    const view = JSON.stringify(await d.form('Report a bug'));
    for (const text of ['The list flickers & jumps', 'since today', `REL-${r.id}`, '"http', `"value":"${r.product}"`])
      expect(view).toContain(text);
    expect(await s.slack.submitView(noa, { blocking: 'yes' })).toBeNull();
    await r.cardShows('The list flickers');
    const bug = await d.thing(`BUG-${await d.newest('bugs')}`);
    expect(await columns(bug)).toMatchObject({ title: 'The list flickers & jumps', reporter: noa, blocking: true });
    expect(await bug.card()).toContain('from this message');
    const { rows } = await s.db.execute(sql`select source from audit_events where subject = ${bug.subject}`);
    expect(rows).toEqual([{ source: 'modal' }]);
  });

  it(':bug: asks in a DM, once per person and message, with a button that opens the form; taking it away changes nothing', async () => {
    // In a channel that the policy does not name: the bot is in it, and that is enough.
    const { other } = CHANNELS;
    const said = await s.slack.say(mia, other, 'Swap shows *NaN*');
    await s.slack.react(ben, other, said.ts, 'bug');
    const dm = await s.dm(ben, 'this message');
    await s.slack.react(ben, other, said.ts, 'bug', false);
    await s.slack.react(ben, other, said.ts, 'bug');
    await s.slack.react(ben, other, said.ts, 'lgtm');
    for (const person of [gus, rob]) await s.slack.react(person, other, said.ts, 'bug');
    await s.settled();
    expect((await s.slack.dms(ben)).filter((m) => shows(m).includes('this message'))).toHaveLength(1);
    for (const person of [gus, rob]) expect(await s.slack.dms(person)).toEqual([]);
    const { rows: kept } = await s.db.execute<{ body: unknown }>(
      sql`select body->'event' as body from slack_events where body#>>'{event,item,channel}' = ${other}`,
    );
    expect(kept.length).toBeGreaterThan(0);
    for (const { body } of kept) expect(body).toMatchObject({ type: 'reaction_added', reaction: 'bug' });
    await s.slack.click(ben, (await s.slack.channelOfDm(ben)) ?? '', dm.ts, 'bug_offer');
    const view = JSON.stringify(await d.form('Report a bug'));
    expect(view).toContain('Swap shows *NaN*');
    expect(view).toContain('"http');
    const p = s.product();
    expect(await s.slack.submitView(ben, { product: p, foundIn: 'production' })).toBeNull();
    const bug = await d.thing(`BUG-${await d.newest('bugs')}`);
    expect(await bug.press(ben, 'bug_recreate')).toContain('somebody else recreates it');
    await bug.press(noa, 'bug_recreate');
    await bug.shows('*Recreated*');
  });

  it("the card's button knows product and release; who is said to have recreated it is asked", async () => {
    const r = await testing();
    const offers = async () => (await s.slack.buttons(releases, r.ts)).some((b) => b.action_id === 'bug_report');
    await until(offers, 'the button that reports a bug');
    await s.slack.click(zoe, releases, r.ts, 'bug_report');
    expect(JSON.stringify(await d.form('Report a bug'))).toContain(`REL-${r.id}`);
    // R3: another candidate, named while it is filled in, is not the one it was found on.
    await r.command(mia, 'candidate', 'bbbbbbb2');
    expect(await s.slack.submitView(zoe, { title: 'Blank page', blocking: 'yes', recreatedBy: ben })).toBeNull();
    const bug = await d.thing(`BUG-${await d.newest('bugs')}`);
    expect(shows(await s.dm(zoe, 'Reported', bug.subject))).toContain('found on `aaaaaaa`');
    expect(await columns(bug)).toMatchObject({ recreated_by: null, state: 'suspected', owner: mia });
    const dm = await s.dm(ben, 'says you recreated', bug.subject);
    await s.slack.click(ben, (await s.slack.channelOfDm(ben)) ?? '', dm.ts, 'bug_recreate');
    await bug.shows(`<@${ben}>`);
    await bug.line('recreated it');
    await s.dm(mia, bug.subject, 'is yours');
  });
});

describe('triage (R15)', () => {
  it('goes from reported to its end, and stops nothing on its way', async () => {
    const r = await testing();
    const first = await d.report(ana, r.product, { title: 'Original' });
    const bug = await d.report(ana, r.product, { title: 'A typo' });
    expect(await d.refused(ana, '/bug', `ticket ${bug.subject} https://tickets.example.com/1`)).toContain(
      'nobody else has recreated it',
    );
    await bug.press(noa, 'bug_recreate');
    expect(await d.typed(noa, '/bug', `ticket ${bug.subject} <https://tickets.example.com/1>`)).toContain('done');
    await bug.shows('https://tickets.example.com/1');
    await d.typed(noa, '/bug', `assign ${bug.subject} <@${ben}|ben>`);
    await s.dm(ben, bug.subject, 'is yours now');
    await d.typed(noa, '/bug', `priority ${bug.subject} p0 it is on the front page`);
    await bug.shows('P0');
    expect(await d.typed(noa, '/bug', `list ${r.product}`)).toContain('A typo');
    await d.typed(noa, '/bug', `duplicate ${bug.subject} ${first.subject}`);
    await bug.shows(first.subject);
    expect(await d.refused(noa, '/bug', `duplicate ${first.subject} ${bug.subject}`)).toContain('a duplicate too');
    await d.typed(noa, '/bug', `block ${first.subject} it eats money`);
    expect(await r.command(ana, 'lgtm')).toContain('blocking bug');
    expect(await d.typed(zoe, '/bug', 'stats')).toContain('Catch rate');
    expect(await d.typed(zoe, '/bug', `show ${first.subject}`)).toContain('Original');
  });
});

describe('bad input is answered with one clear sentence and the right form, and changes nothing', () => {
  const WORDS = Object.keys(BUG_WORDS) as (keyof typeof BUG_WORDS)[];
  const ON_ONE = WORDS.filter((w) => !['list', 'prod', 'stats', 'help', 'escalate'].includes(w));
  let bug: Thing;
  beforeAll(async () => {
    bug = await d.report(zoe, (await testing()).product, { blocking: 'yes' });
  });

  it.each(ON_ONE)('/bug %s without a bug, with one that is not there, and with strange words', async (word) => {
    const texts = ['', 'nonsense', 'REL-1', 'BUG-', 'BUG-0', 'BUG--1', ...STRANGE].map((text) => `${word} ${text}`);
    for (const [text, answer] of Object.entries(await d.refusedAll(ana, '/bug', texts)))
      expect(answer, text).toContain(`The form is \`/bug ${word} `);
    expect(await d.refused(ana, '/bug', `${word} BUG-999999`)).toContain('There is no BUG-999999. See `/bug list`');
  });

  it('help names every subcommand and its form', async () => {
    const help = await d.typed(zoe, '/bug', 'help');
    for (const word of WORDS) expect(help).toContain(`/bug ${`${word} ${BUG_WORDS[word][0]}`.trim()}`);
  });

  it('words that do not fit the subcommand', async () => {
    const bad: Record<string, string[]> = {
      show: ['and more'],
      recreate: ['now'],
      tried: ['', 'maybe', 'yes no'],
      fix: ['zzz', 'aaaaaa', 'aaaaaaa1 bbbbbbb1'],
      retest: ['', 'done', 'fixed still', 'fixed bbbbbbb2 ccccccc3'],
      agree: ['with them'],
      decline: ['it'],
      duplicate: ['x', 'REL-3', 'BUG-1 BUG-2'],
      assign: ['ben', '@ben', '<@U0BEN> now', '<!channel>'],
      priority: ['P9 because', 'high', '<!here>'],
      ticket: ['https://a.example https://b.example'],
      list: ['nothing', 'p1 p2', '<!channel>'],
      stats: ['all'],
    };
    for (const [word, texts] of Object.entries(bad)) {
      const about = word === 'list' || word === 'stats' ? '' : `${bug.subject} `;
      const typed = texts.map((text) => `${word} ${about}${text}`);
      for (const [text, answer] of Object.entries(await d.refusedAll(ana, '/bug', typed)))
        expect(answer, text).toContain(`The form is \`/bug ${word}`);
    }
    expect(await d.refused(ana, '/bug', `priority ${bug.subject} P1`)).toContain('a reason is needed');
    expect(await d.refused(ana, '/bug', `downgrade ${bug.subject} ${'x'.repeat(501)}`)).toContain('under 500');
    expect(await d.refused(ana, '/bug', `ticket ${bug.subject} javascript:alert(1)`)).toContain('it is blocking');
    for (const word of ['resolve', 'wontfix', 'block'])
      expect(await d.refused(ana, '/bug', `${word} ${bug.subject} because`)).toMatch(/blocking/);
  });

  it('who may not: a guest reports nothing', async () => {
    await s.slack.command(gus, 'x', '/bug', CHANNELS.other);
    await d.form('Report a bug');
    const before = await s.everything();
    const p = s.product();
    const faults = await s.slack.submitView(gus, { product: p, title: 'x', foundIn: 'production' });
    expect(Object.values(faults ?? {}).join()).toContain('Guests cannot act on bugs');
    expect(await s.everything()).toBe(before);
    await s.slack.closeView(gus);
  });
});

describe('what people typed mentions nobody', () => {
  it('in a report, a reason, a ticket, the lists and the cards', async () => {
    const nasty = '<!channel> <@U0ANA> <https://evil.example|safe> *b* \u202eabc';
    const r = await testing();
    const bug = await d.report(zoe, r.product, {
      ...{ title: nasty, steps: nasty, wallet: nasty, browser: nasty, device: nasty, blocking: 'yes' },
    });
    await d.typed(ana, '/bug', `downgrade ${bug.subject} &lt;!channel&gt; <!here> &lt;@U0ANA&gt;`);
    await bug.line('asks to');
    await bug.press(ben, 'bug_agree');
    await bug.line('*Downgraded*');
    await r.line('Blocked: ');
    await d.typed(ana, '/bug', `priority ${bug.subject} P1 <!everyone> &lt;!everyone&gt;`);
    await s.settled();
    for (const text of ['list', `show ${bug.subject}`]) await d.typed(zoe, '/bug', text);
    const said = await d.allMarked(ana, ben, mia, zoe);
    expect(said.length).toBeGreaterThan(1000);
    expect(d.loud(said)).toEqual([]);
    expect(said.includes('&lt;!channel&gt;')).toBe(true);
  });
});
