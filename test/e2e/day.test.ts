import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEAM } from '../support/bot.ts';
import { CHANNELS, until } from '../support/slack.ts';
import { openStage, type Stage } from '../support/stage.ts';

const { ana, ben, cem, mia, ada, pia } = TEAM;
const { releases } = CHANNELS;
let s: Stage;
beforeAll(async () => {
  s = await openStage({ shipped: true });
});
afterAll(() => s?.close());

describe('a release from opened to done', () => {
  it('by commands: every step answers privately and adds its one line', async () => {
    const r = await s.open(s.product());
    expect(await r.command(ana, 'ready')).toContain('you are here');
    expect(await r.command(ben, 'ready')).toContain('being tested (eyes 2/2, sign-offs 0/2)');
    expect(await r.command(ana, 'lgtm')).toContain('your sign-off counts');
    expect(await r.command(ben, 'lgtm')).toContain('approved and waiting to ship');
    expect(await r.command(mia, 'ship')).toContain('the push may begin');
    expect(await r.command(mia, 'shipped')).toContain('it is live');
    expect(await r.command(ana, 'ready')).toContain('eyes 1/2');
    expect(await r.command(cem, 'ready')).toContain('eyes 2/2');
    expect(await r.command(cem, 'verify')).toContain('your production sign-off counts');
    expect(await r.command(ana, 'verify')).toContain('It is done');
    await r.line('*Done*');
    expect((await r.thread()).map((m) => m.text)).toEqual([
      `Details of release ${r.name}`,
      `:eyes: <@${ana}> is here and testing (1/2)`,
      `:eyes: <@${ben}> is here and testing (2/2)\n*Testing*: two sets of eyes are here.`,
      `:+1: <@${ana}> signed off \`aaaaaaa\` (1/2)`,
      `:+1: <@${ben}> signed off \`aaaaaaa\` (2/2)\n:white_check_mark: *Approved*: \`aaaaaaa\` signed off by <@${ana}> and <@${ben}>. <@${mia}> or an admin can ship it.`,
      ':rocket: *Shipping* `aaaaaaa` to production.',
      ':satellite: *Live*: v1.0.0 is in production and being checked.',
      expect.stringContaining(`Production check of ${r.name}: `),
      `:eyes: <@${ana}> is here for the production check (1/2)`,
      `:eyes: <@${cem}> is here for the production check (2/2)`,
      `:+1: <@${cem}> signed off production (1/2)`,
      `:+1: <@${ana}> signed off production (2/2)\n:checkered_flag: *Done*: production signed off by <@${cem}> and <@${ana}>. Watched for 24 h.`,
    ]);
    await r.cardShows('*Done*');
    expect(await r.audit()).toEqual([
      ...['open', 'ready', 'ready', 'lgtm', 'lgtm', 'ship', 'shipped', 'ready', 'ready', 'verify', 'verify'],
    ]);
    // R8: what was signed for the candidate is frozen, and stays what it was.
    expect(await r.signOffs()).toEqual(['ana@aaaaaaa', 'ben@aaaaaaa']);
    expect(await r.signOffs('production')).toEqual(['ana@aaaaaaa', 'cem@aaaaaaa']);
  });

  it('by form, buttons and reactions', async () => {
    const product = s.product();
    expect(await s.command(mia, `open ${product}`)).toContain('Fill in the form');
    const form = await until(() => s.slack.currentView(), 'the form');
    expect(form.title?.text).toBe('Open a release');
    // Every fault at its field, and the form stays open.
    const faults = await s.slack.submitView(mia, { version: 'what?', commit: 'xyz', environmentUrl: 'staging' });
    expect(Object.keys(faults ?? {}).sort()).toEqual(['commit', 'environmentUrl', 'version']);
    expect(faults?.commit).toContain('a commit is 7 to 40 hex digits');
    const given = {
      ...{ version: '2.1.0', commit: 'BBBBBBB2', opsOwner: ana, productOwner: pia, authors: [cem] },
      ...{ changes: 'Sending is quicker.', risks: 'Fees <!channel> & more', flags: 'fast-send' },
    };
    expect(await s.slack.submitView(mia, given)).toBeNull();
    const card = await until(
      async () => (await s.slack.messages(releases)).find((m) => m.text.includes(`${product} v2.1.0`)),
      'the card',
    );
    const { rows } = await s.db.execute<{ id: string }>(`select id from releases where product = '${product}'`);
    const r = await s.release(Number(rows[0]?.id));
    expect(r.ts).toBe(card.ts);
    const details = JSON.stringify(await r.line('Details of release'));
    for (const told of [`operations <@${ana}>`, `product <@${pia}>`, `<@${cem}>`, 'Sending is quicker.', 'fast-send'])
      expect(details).toContain(told);
    expect(details).toContain('Fees &lt;!channel&gt; &amp; more');

    expect(await r.press(ana, 'ready')).toContain('you are here');
    await r.react(ben, 'eyes');
    await r.line('two sets of eyes');
    expect(await r.press(ana, 'lgtm')).toContain('your sign-off counts');
    await r.react(ben, 'lgtm');
    await r.line('*Approved*');
    await r.react(mia, 'rocket');
    const offer = await s.dm(mia, r.name, 'Begin the push?');
    expect(await s.pressDm(mia, offer, 'ship')).toContain('the push may begin');
    await r.line('*Shipping*');
    expect(await r.press(ada, 'shipped')).toContain('it is live');
    const check = await r.check();
    await r.react(ana, 'eyes', true, check.ts);
    // A reaction is an event and takes its time; a press is answered at once.
    await r.line('is here for the production check (1/2)');
    expect(await s.press(cem, releases, check.ts, 'ready')).toContain('do not count (separation of duties)');
    expect(await s.press(ben, releases, check.ts, 'ready')).toContain('eyes 2/2');
    await r.react(ana, 'lgtm', true, check.ts);
    await r.line('signed off production (1/2)');
    expect(await s.press(ben, releases, check.ts, 'verify')).toContain('It is done');
    await r.cardShows('*Done*');
  });
});
