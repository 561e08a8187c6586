import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SUBCOMMANDS } from '../../src/bot/release-words.ts';
import { TEAM } from '../support/bot.ts';
import { CHANNELS, until } from '../support/slack.ts';
import { openStage, type Play, type Stage, shows } from '../support/stage.ts';

const { ana, ben, mia, ada, pia } = TEAM;
let s: Stage;
let r: Play;
let other: Play;
beforeAll(async () => {
  s = await openStage();
  r = await s.open(s.product());
  other = await s.open(s.product(), { version: 'v2.0.0' });
  await r.eyes(ana, ben);
});
afterAll(() => s?.close());

/** Types a command that must be refused. @returns the answer */
async function refused(text: string, person: string = mia): Promise<string> {
  await s.settled();
  const before = await s.everything();
  const dms = await Promise.all([ana, mia, ada].map((p) => s.slack.dms(p)));
  const channel = (await s.slack.messages(CHANNELS.releases)).length;
  const answer = await s.command(person, text);
  await s.settled();
  expect(await s.everything(), text).toBe(before);
  expect(await Promise.all([ana, mia, ada].map((p) => s.slack.dms(p)))).toEqual(dms);
  expect((await s.slack.messages(CHANNELS.releases)).length).toBe(channel);
  expect(answer, text).toMatch(/^:x: \S/);
  expect(answer.length, text).toBeLessThan(600);
  // What was typed mentions nobody, and nothing of ours shows through.
  expect(answer, text).not.toMatch(/<!|<@U0ANA>|undefined|\[object|NaN|null,|Error:/);
  return answer;
}

const SUBS = Object.keys(SUBCOMMANDS);
/** Those that are about one release that is open already; freezes are in cadence.test.ts. */
const ADDRESSED = SUBS.filter((sub) => !['open', 'emergency', 'freeze', 'thaw', 'list', 'help'].includes(sub));
/** Those of them that take no words after the release. */
const BARE = ['ready', 'away', 'lgtm', 'retract', 'unhold', 'ship', 'shipped', 'verify', 'status'];
/** Texts that break things. */
const STRANGE = {
  'a channel mention': '<!channel>',
  'a person': '<@U0ANA>',
  emoji: '🚀:tada:👨‍👩‍👧',
  'right to left': 'שלום \u202ecod.exe مرحبا',
  'a formula': '=HYPERLINK("https://evil.example","x")',
  markup: '*_~`&lt;b&gt; &amp;',
  SQL: "'; drop table releases; --",
  'a prototype': '__proto__ constructor toString',
  '3,000 characters': 'x'.repeat(3000),
  '3,000 emoji': '🚀'.repeat(1500),
  'odd spaces': '\u00a0\u2028\u200b \t v1',
};

describe('bad input is answered with one clear sentence and the right form, and changes nothing', () => {
  it.each(ADDRESSED)('/release %s without saying which of several', async (sub) => {
    const answer = await refused(sub, ada);
    expect(answer).toMatch(/Which release: |no release is open|No release is open/);
    if (answer.includes('Which release')) {
      expect(answer).toContain(`\`${other.name}\` (\`aaaaaaa\`)`);
      expect(answer).toContain(`Name it: \`/release ${sub} <product> <version>\``);
    }
  });

  it.each(ADDRESSED)('/release %s of a product, a version or a release that is not there', async (sub) => {
    for (const address of ['p55', 'p55 v1.0.0', 'nosuch v1.0.0', 'nosuch v7.7.7', `${r.product} v7.7.7`, 'REL-4711'])
      expect(await refused(`${sub} ${address}`, ada), address).toContain('See `/release list`');
  });

  it.each(BARE)('/release %s with too many words', async (sub) => {
    const answer = await refused(`${sub} ${r.name} please now`);
    expect(answer).toContain('I do not understand `please now`');
    expect(answer).toContain(`The form is \`/release ${sub} `);
  });

  it.each(Object.entries(STRANGE))(
    '%s, after every subcommand',
    async (_name, text) => {
      for (const sub of [...ADDRESSED.filter((x) => BARE.includes(x)), 'candidate', 'list']) {
        await refused(`${sub} ${text}`, ada);
        if (sub !== 'list') await refused(`${sub} ${r.name} ${text}`, ada);
      }
      await refused(text, ada);
      for (const words of [
        `${text} v1.0.0 aaaaaaa`,
        `p50 ${text.split(' ')[0]} aaaaaaa`,
        `p50 v1.0.0 ${text.split(' ')[0]}`,
      ]) {
        await refused(`open ${words}`);
        await refused(`emergency ${words} https://issues.example.com/7 because`);
      }
      await refused(`emergency p50 v1.0.0 aaaaaaa ${text} ${text}`);
    },
    40_000,
  );

  it('/release open', async () => {
    expect(await refused('open nosuch v1.0.0 aaaaaaa')).toContain('There is no product `nosuch`');
    expect(await refused('open P1x v1.0.0 aaaaaaa')).toContain('did you mean `p1`');
    expect(await refused('open p50 !! aaaaaaa')).toContain('A version is like `v1.2.3`');
    expect(await refused('open p50 v1.0.0 zzz')).toContain('A commit is 7 to 40 hex digits, like `3f9c2ab`');
    expect(await refused('open p50 v1.0.0 aaaaaa')).toContain('A commit is 7 to 40 hex digits');
    expect(await refused('open p50 v1.0.0 aaaaaaa1 and more')).toContain('I do not understand `and more`');
    expect(await refused(`open ${r.product} v1.0.0 aaaaaaa1`)).toContain('exists already (REL-');
    expect(await refused(`open ${r.product} v1.1.0 aaaaaaa1`)).toContain('v1.0.0 is still open');
    expect(await refused('open p50 v1.0.0 aaaaaaa1', pia)).toContain(
      'Only an operator, an engineer or an admin can do that',
    );
    expect(await refused('emergency p50 v1.0.0 aaaaaaa1', pia)).toContain('Only an operator, an engineer or an admin');
  });

  it('/release candidate', async () => {
    expect(await refused(`candidate ${r.name} nope`)).toContain('`nope` is no commit. A commit is 7 to 40 hex digits');
    expect(await refused(`candidate ${r.name} AAAAAAA`)).toContain('`aaaaaaa` is already its candidate');
    expect(await refused(`candidate ${r.name} bbbbbbb nope`)).toContain('`nope` is no tree');
    expect(await refused(`candidate ${r.name} bbbbbbb ccccccc ddddddd`)).toContain('I do not understand');
    expect(await refused(`candidate ${r.name} bbbbbbb`, ana)).toContain('only this release');
    expect(await refused(`candidate ${r.name}`, ana)).toContain('only this release');
  });

  it('a reason that is too long', async () => {
    for (const sub of ['hold', 'failed', 'rollback', 'cancel', 'review'])
      expect(await refused(`${sub} ${r.name} ${'x'.repeat(501)}`)).toContain('Please keep it under 500 characters');
    expect(await refused(`emergency p50 v1.0.0 aaaaaaa https://issues.example.com/7 ${'x'.repeat(501)}`)).toContain(
      'under 500 characters',
    );
  });

  it('what the release is not ready for', async () => {
    for (const [sub, person] of [
      ['ship', mia],
      ['shipped', mia],
      ['failed', mia],
      ['rollback', mia],
      ['verify', ana],
      ['review', ana],
      ['unhold', ana],
      ['retract', ana],
    ] as const)
      expect(await refused(`${sub} ${r.name}`, person)).toContain(r.product);
  });

  it('an unknown subcommand, with the nearest one', async () => {
    expect(await refused('lgtn')).toContain('Did you mean `/release lgtm`?');
    expect(await refused('frobnicate the thing')).toContain('`/release help` lists what there is');
    expect(await refused('constructor')).toContain('There is no `/release constructor`');
    expect(await refused('list all of them')).toContain('I do not understand `all of them`');
  });

  it('a form with bad input stays open, each fault at its field', async () => {
    await s.command(mia, 'open p50');
    await until(() => s.slack.currentView(), 'the form');
    const before = await s.everything();
    for (const text of Object.values(STRANGE)) {
      const faults = await s.slack.submitView(mia, { version: text.slice(0, 40), commit: text.slice(0, 40) });
      expect(Object.keys(faults ?? {}).sort(), text.slice(0, 40)).toContain('commit');
    }
    expect(await s.slack.submitView(mia, { version: 'v1', commit: 'aaaaaaa', changes: 'x'.repeat(2600) })).toEqual({
      changes: expect.stringContaining('under 2500 characters'),
    });
    expect(await s.everything()).toBe(before);
    await s.slack.closeView(mia);
  });
});

describe('what people typed mentions nobody, and stays what it is', () => {
  it('in a reason, in changes, risks and flags, in the card, the lines, the lists', async () => {
    const nasty = '<!channel> <!here> <@U0ANA> <https://evil.example|safe> =1+1 *bold* \u202eabc 🚀';
    const p = s.product();
    await s.command(mia, `open ${p}`);
    await until(() => s.slack.currentView(), 'the form');
    const form = { version: 'v3.0.0', commit: 'abcdef0', changes: nasty, risks: nasty, flags: nasty };
    expect(await s.slack.submitView(mia, form)).toBeNull();
    const { rows } = await s.db.execute<{ id: number }>(`select id from releases where product = '${p}'`);
    const play = await s.release(Number(rows[0]?.id));
    expect(await play.command(ana, 'hold', '<!channel> &lt;!here&gt; look')).toContain('your hold is set');
    const line = await play.line('On hold');
    expect(line.text).toContain('@channel &lt;!here&gt; look');
    await play.cardShows('@channel &lt;!here&gt; look');
    await play.command(ana, 'unhold');
    await play.command(mia, 'cancel', '&lt;!everyone&gt; &lt;@U0ANA&gt;');
    await play.line('*Cancelled*: &lt;!everyone&gt; &lt;@U0ANA&gt;');
    const said = [...(await play.thread()), await s.slack.message(CHANNELS.releases, play.ts)].map(shows).join('\n');
    const list = await s.command(ben, 'list');
    // An address becomes a link under its own name only.
    for (const text of [said, list]) expect(text).not.toMatch(/<!(channel|here|everyone)|<https:\/\/evil[^>]*\|/);
    expect(said).toContain('&lt;<https://evil.example>|safe&gt;');
  });
});
