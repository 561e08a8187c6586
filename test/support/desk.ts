// What people do about bugs, prod issues, and issues, meetings and topics: the hands of a stage for everything that is no release.
import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import type { PageView } from '../../src/demo/local-slack-page.ts';
import { type Button, CHANNELS, type LocalMessage, until } from './slack.ts';
import { type Stage, shows } from './stage.ts';

export type Desk = ReturnType<typeof deskOf>;
export type Thing = Awaited<ReturnType<Desk['thing']>>;

/** Texts that break things. */
export const STRANGE = [
  '<!channel>',
  '<@U0PIA>',
  '🚀:tada:👨‍👩‍👧',
  'שלום \u202ecod.exe مرحبا',
  '=HYPERLINK("https://evil.example","x")',
  "'; drop table bugs; --",
  '__proto__ constructor',
  `${'9'.repeat(30)}`,
  '\u00a0\u2028\u200b \t v1',
  'x'.repeat(3000),
];

export function deskOf(s: Stage) {
  const typed = (person: string, slash: string, text: string, channel?: string): Promise<string> =>
    s.command(person, text, channel, slash);

  /** Waits for the open form with this title. */
  const form = (title: string): Promise<PageView> =>
    until(async () => {
      const view = await s.slack.currentView();
      return view?.title?.text.includes(title) && view;
    }, `the form "${title}"`);

  /** The thread of a bug, prod issue or note, by its shown id. Waits until its card is posted. */
  const thing = async (subject: string) => {
    const { ts, channel } = await until(async () => {
      const { rows } = await s.db.execute<{ ts: string; channel: string }>(
        sql`select posted_ts as ts, posted_channel as channel from outbox
          where subject = ${subject} and role = 'card' and posted_ts is not null and failed_at is null order by id desc limit 1`,
      );
      return rows[0];
    }, `the card of ${subject}`);
    const card = async () => shows(await s.slack.message(channel, ts));
    const find = (action: string, label = ''): Promise<Button> => {
      const fits = (b: Button) => b.action_id === action && (b.text?.text ?? '').includes(label);
      return until(
        async () => (await s.slack.buttons(channel, ts)).find(fits),
        `${subject}'s button ${action} ${label}`,
      );
    };
    return {
      subject,
      id: Number(subject.split('-')[1]),
      ts,
      channel,
      card,
      /** Waits until the card shows this. */
      shows: (text: string) => until(async () => (await card()).includes(text), `${subject} to show "${text}"`),
      /** Waits for a message of the thread with this text. */
      line: (text: string): Promise<LocalMessage> =>
        until(
          async () => (await s.slack.thread(channel, ts)).findLast((m) => shows(m).includes(text)),
          `a line "${text}" in ${subject}`,
        ),
      buttons: async () => (await s.slack.buttons(channel, ts)).map((b) => b.action_id),
      /** Presses a button. @returns the private answer */
      press: async (person: string, action: string, label = '') =>
        s.pressAs(person, channel, ts, await find(action, label)),
      /** Presses a button that opens a form. */
      tap: async (person: string, action: string, label = '') =>
        s.slack.clickStale(person, channel, ts, await find(action, label)),
    };
  };

  const newest = async (table: 'bugs' | 'prod_issues' | 'notes' | 'fund_requests'): Promise<number> => {
    const { rows } = await s.db.execute<{ id: string }>(sql`select max(id) as id from ${sql.identifier(table)}`);
    return Number(rows[0]?.id);
  };

  /** Types what must be refused, each with one clear sentence to this person only, and nothing changed. @returns the answers by text */
  const refusedAll = async (person: string, slash: string, texts: string[]): Promise<Record<string, string>> => {
    await s.settled();
    const before = await s.everything();
    const answers: Record<string, string> = {};
    for (const text of texts) {
      const answer = await typed(person, slash, text);
      expect(await s.slack.currentView(), text).toBeUndefined();
      expect(answer, text).toMatch(/^:x: \S/);
      expect(answer.length, text).toBeLessThan(600);
      expect(answer, text).not.toMatch(/<!|<@U0PIA>|undefined|\[object|NaN|null,|Error:/);
      answers[text] = answer;
    }
    await s.settled();
    expect(await s.everything(), texts.join()).toBe(before);
    return answers;
  };

  return {
    typed,
    form,
    thing,
    newest,
    /** Reports a bug by the form. @returns it, when its card is posted */
    report: async (person: string, product: string, values: Record<string, unknown> = {}) => {
      await typed(person, '/bug', '');
      await form('Report a bug');
      const { title = `Broken ${product}`, ...rest } = values;
      expect(await s.slack.submitView(person, { product, title, ...rest })).toBeNull();
      return thing(`BUG-${await newest('bugs')}`);
    },
    refusedAll,
    /** The same for one. @returns the answer */
    refused: async (person: string, slash: string, text: string): Promise<string> =>
      (await refusedAll(person, slash, [text]))[text] ?? '',
    /** The lines of `allMarked` that would call everybody, or link to where a person said. */
    loud: (said: string): string[] =>
      said.split('\n').filter((line) => /<!(channel|here|everyone)|<https:\/\/evil/.test(line)),
    /** Everything that Slack would read for mentions, in the channels, and in what only these people see: no plain text. */
    allMarked: async (...people: string[]): Promise<string> => {
      const { messages } = s.slack;
      const channels = await Promise.all(
        Object.values(CHANNELS).map(async (c) => {
          const roots = await messages(c);
          const threads = await Promise.all(roots.map((m) => s.slack.thread(c, m.ts)));
          const answers = await Promise.all(people.map((p) => s.slack.answers(p, c)));
          return [roots, threads.flat(), answers.flat()].flat();
        }),
      );
      const dms = await Promise.all(people.map((p) => s.slack.dms(p)));
      // Of people's own messages nothing is ours to say.
      return [...channels.flat(), ...dms.flat()]
        .filter((m) => m.bot_id || m.subtype === 'ephemeral')
        .map(marked)
        .join('\n');
    },
  };
}

/** A message's text, and every text object of mrkdwn in its blocks. */
function marked(m: LocalMessage): string {
  const found: string[] = [m.text];
  JSON.stringify(m.blocks ?? [], (_key, value) => {
    if (value?.type === 'mrkdwn') found.push(value.text);
    return value;
  });
  return found.join('\n');
}
