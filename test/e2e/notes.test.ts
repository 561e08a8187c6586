// Issues, meetings and topics (R24), through the real process and a local Slack.
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOTE_WORDS } from '../../src/bot/notes-words.ts';
import { POLICY, TEAM } from '../support/bot.ts';
import { type Desk, deskOf, STRANGE, type Thing } from '../support/desk.ts';
import { CHANNELS, until } from '../support/slack.ts';
import { openStage, type Stage } from '../support/stage.ts';

const { ana, ben, cem, mia, zoe, gus, ada } = TEAM;
let s: Stage;
let d: Desk;
beforeAll(async () => {
  s = await openStage({
    policy: `${POLICY}issues: { definition_of_done: [Tested by somebody else, "Who asked for it knows"] }\n`,
  });
  d = deskOf(s);
});
afterAll(() => s?.close());

async function opened(person: string, slash: string, text: string, channel?: string): Promise<Thing> {
  expect(await d.typed(person, slash, text, channel)).toContain('Opened');
  return d.thing(`NOTE-${await d.newest('notes')}`);
}

/** Ticks boxes as a client does whose card was drawn with `drawn`. */
async function tick(person: string, note: Thing, drawn: string, selected: string[]): Promise<void> {
  const box = { type: 'checkboxes', action_id: 'note_check', block_id: `note_check:${note.id}:${drawn}` };
  const selected_options = selected.map((value) => ({ value }));
  await s.slack.clickStale(person, note.channel, note.ts, { ...box, selected_options } as never);
}

const homeOf = async (person: string) => JSON.stringify((await s.slack.home(person))?.blocks ?? []);

describe('an issue', () => {
  it('has boxes that two people tick at once, is closed with a summary, is listed, and is opened again', async () => {
    await s.slack.openHome(zoe);
    await until(async () => (await homeOf(zoe)).includes('Nothing right now'), 'the home');
    const note = await opened(zoe, '/issue', 'Fees are &lt;wrong&gt;');
    expect(note.channel).toBe(CHANNELS.releases);
    await note.shows('Definition of done* 0/2');
    await until(async () => (await homeOf(zoe)).includes('Fees are &lt;wrong&gt; — *yours*'), 'the home to show it');
    expect(await d.typed(zoe, '/issue', `due ${note.subject} tomorrow`)).toContain('done');
    await tick(ben, note, '00', ['0']);
    await note.shows(`Tested by somebody else — <@${ben}>`);
    // Boxes are open: a form asks why.
    await d.typed(zoe, '/issue', `close ${note.subject} all fine`);
    await d.form('Close');
    expect(await s.slack.submitView(zoe, { summary: 'all fine', reason: '' })).toEqual({
      reason: expect.stringContaining('is open'),
    });
    await s.slack.closeView(zoe);
    // From a card drawn before the first box was ticked: that one stays.
    await tick(cem, note, '00', ['1']);
    await note.shows('Definition of done* 2/2');
    await tick(cem, note, '11', ['1']);
    await note.line('unticked');
    await note.shows(`note_check:${note.id}:01`);
    await tick(cem, note, '01', ['0', '1']);
    await note.shows(`note_check:${note.id}:11`);
    expect(await d.typed(zoe, '/issue', 'list')).toContain('2/2 done');
    expect(await d.refused(cem, '/issue', `close ${note.subject} mine`)).toContain('only who answers for it');
    await d.typed(zoe, '/issue', `close ${note.subject} it was the <!channel> cache`);
    await note.line('*Closed*');
    await note.shows(':white_check_mark: closed');
    await note.shows('it was the @channel cache');
    await until(async () => (await homeOf(zoe)).includes('Nothing right now'), 'nothing more to do');
    expect(await d.typed(ana, '/issue', `show ${note.subject}`)).toContain('it was the @channel cache');
    await note.press(ben, 'note_reopen');
    await note.line('*Reopened*');
    await d.typed(ben, '/issue', `assign ${note.subject}`);
    await note.shows(`*Responsible*\\n<@${ben}>`);
    await d.typed(ben, '/issue', `assign ${note.subject} <@${cem}>`);
    await s.dm(cem, note.subject, 'made you answer');
    const { rows } = await s.db.execute(
      sql`select t.responsible from threads t join notes n on n.thread_id = t.id where n.id = ${note.id}`,
    );
    expect(rows).toEqual([{ responsible: cem }]);
    await s.db.execute(sql`update notes set due = '2020-01-01' where id = ${note.id}`);
    expect(await d.typed(ana, '/issue', 'list')).toContain('1 issues open, 1 overdue');
    await s.slack.openHome(cem);
    await until(async () => (await homeOf(cem)).includes('overdue since Wed 1 Jan 2020'), 'the home to show it');
  });
});

describe('a meeting and a topic', () => {
  it('are opened where they are asked for when the bot hears there, by words or by the form', async () => {
    const topic = await opened(mia, '/thread', 'topic Naming', CHANNELS.other);
    expect(topic.channel).toBe(CHANNELS.releases);
    await d.typed(mia, '/thread', 'meeting', CHANNELS.admins);
    await d.form('Open: meeting');
    const before = await s.everything();
    expect(await s.slack.submitView(mia, { title: 'Retro', due: '2020-01-01' })).toEqual({
      due: expect.stringMatching(/that day is over/i),
    });
    expect(await s.everything()).toBe(before);
    expect(await s.slack.submitView(mia, { title: 'Retro', responsible: ben })).toBeNull();
    const note = await d.thing(`NOTE-${await d.newest('notes')}`);
    expect(note.channel).toBe(CHANNELS.admins);
    await note.shows('Meeting · Retro');
    await s.dm(ben, note.subject, 'made you answer');
    const list = await d.typed(zoe, '/thread', 'list');
    for (const title of ['Naming', 'Retro']) expect(list).toContain(title);
    await note.tap(ben, 'note_close');
    await d.form('Close');
    expect(await s.slack.submitView(ben, { summary: 'We go on' })).toBeNull();
    await note.line('We go on');
  });
});

describe('bad input is answered with one clear sentence and the right form, and changes nothing', () => {
  const WORDS = Object.keys(NOTE_WORDS).filter((w) => w !== 'list' && w !== 'help');
  let note: Thing;
  beforeAll(async () => {
    note = await opened(ana, '/issue', 'For bad input');
  });

  it.each(WORDS.flatMap((w) => [`/issue ${w}`, `/thread ${w}`]))(
    '%s without an id, with one that is not there, and with strange words',
    async (words) => {
      const [slash = '', word = ''] = words.split(' ');
      const texts = ['', 'BUG-1', 'NOTE-', 'NOTE-0', ...STRANGE].map((text) => `${word} ${text}`);
      for (const [text, answer] of Object.entries(await d.refusedAll(ana, slash, texts)))
        expect(answer, text).toContain(`The form is \`${words} `);
      expect(await d.refused(ana, slash, `${word} NOTE-99999`)).toContain(
        `There is no NOTE-99999. See \`${slash} list\``,
      );
    },
  );

  it('help names every subcommand and its form', async () => {
    for (const slash of ['/issue', '/thread']) {
      const help = await d.typed(zoe, slash, 'help');
      for (const [word, [form]] of Object.entries(NOTE_WORDS))
        expect(help).toContain(`${slash} ${`${word} ${form}`.trim()}`);
    }
  });

  it('words that do not fit, titles that are too long, days that are none, and people who may not', async () => {
    const bad = {
      show: ['and more'],
      reopen: ['it'],
      assign: ['ben', '@ben', '<@U0BEN> <@U0CEM>', '<!channel>'],
      due: ['someday', '2026-02-30', '31.12.2026', 'tomorrow evening', '<!here>'],
    };
    for (const [word, texts] of Object.entries(bad)) {
      const typed = texts.map((text) => `${word} ${note.subject} ${text}`);
      for (const [text, answer] of Object.entries(await d.refusedAll(ana, '/issue', typed)))
        expect(answer, text).toContain(`The form is \`/issue ${word} `);
    }
    expect(await d.refused(ana, '/issue', `due ${note.subject} 2020-01-01`)).toContain('that day is over');
    // Boxes are open, but the form would not take it.
    expect(await d.refused(ana, '/issue', `close ${note.subject} ${'x'.repeat(2100)}`)).toContain('under 2000');
    expect(await d.refused(ana, '/issue', 'list them all')).toContain('`/issue list`');
    expect(await d.refused(ana, '/issue', 'x'.repeat(151))).toContain('That title has 151 characters');
    for (const text of ['party Retro', ...STRANGE.map((t) => t.trim()).filter(Boolean)])
      expect(await d.refused(ana, '/thread', text)).toContain('The form is `/thread meeting|topic <title>`');
    for (const word of ['close', 'due'])
      expect(
        await d.refused(cem, '/issue', `${word} ${note.subject} ${word === 'due' ? 'tomorrow' : 'done'}`),
      ).toContain('only who answers for it, who opened it or an admin');
    expect(await d.refused(gus, '/issue', 'I was here')).toContain('Guests cannot act on threads');
    expect(await d.typed(ada, '/issue', `due ${note.subject} tomorrow`)).toContain('done');
  });

  it('what was typed mentions nobody', async () => {
    const nasty = '&lt;!channel&gt; <!here> &lt;@U0ANA&gt; &lt;https://evil.example|safe&gt;';
    const mine = await opened(zoe, '/thread', `topic ${nasty}`);
    await d.typed(zoe, '/thread', `close ${mine.subject} ${nasty}`);
    await mine.line('*Closed*');
    for (const text of ['list', `show ${mine.subject}`]) await d.typed(zoe, '/thread', text);
    const said = await d.allMarked(ana, ben, cem, zoe);
    expect(d.loud(said)).toEqual([]);
    expect(said.includes('&lt;!channel&gt;')).toBe(true);
  });
});
