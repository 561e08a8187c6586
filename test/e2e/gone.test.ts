import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEAM } from '../support/bot.ts';
import { CHANNELS, DEFAULT_APP, until } from '../support/slack.ts';
import { openStage, type Stage, shows } from '../support/stage.ts';

const { ana, ben, cem, mia } = TEAM;
const { releases } = CHANNELS;
let s: Stage;
beforeAll(async () => {
  s = await openStage();
});
afterAll(() => s?.close());

const cards = async (name: string) =>
  (await s.slack.messages(releases)).filter((m) => m.text.startsWith(`release ${name} `));

describe('what is deleted in Slack', () => {
  it('a card: a new one is posted, the old thread linked, sign-offs stay, and the day goes on', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    await r.react(ana, 'lgtm');
    await r.line('signed off');
    await s.slack.remove(DEFAULT_APP.botUserId, releases, r.ts);
    const card = await until(async () => {
      const [found] = await cards(r.name);
      return found && found.ts !== r.ts && found;
    }, 'the new card');
    const fresh = await s.release(r.id);
    expect(fresh.ts).toBe(card.ts);
    const told = await fresh.line('The card was deleted in Slack');
    expect(told.text).toContain(`/archives/${releases}/p${r.ts.replace('.', '')}|`);
    await fresh.line('Details of release');
    expect(await fresh.signOffs()).toEqual(['ana@aaaaaaa']);
    expect(shows(card)).toContain(`<@${ana}>`);
    // Who still writes in the old thread is not left thinking that it counted.
    await r.say(ben, 'LGTM');
    const asked = await s.dm(ben, r.name, 'you said LGTM in its old thread');
    expect(await fresh.signOffs()).toEqual(['ana@aaaaaaa']);
    expect(await s.pressDm(ben, asked, 'lgtm')).toContain('approved and waiting to ship');
    await fresh.line('*Approved*');
    expect(await fresh.command(mia, 'ship')).toContain('the push may begin');
    expect((await cards(r.name)).length).toBe(1);
    expect(await fresh.state()).toBe('shipping');
  });

  it('a card, while the bot was away', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    await r.command(ana, 'lgtm');
    await s.settled();
    await s.bot().kill();
    await s.slack.remove(DEFAULT_APP.botUserId, releases, r.ts);
    await s.restart();
    await until(async () => (await cards(r.name)).some((m) => m.ts !== r.ts), 'the new card');
    const fresh = await s.release(r.id);
    await fresh.line('The card was deleted in Slack');
    await s.settled();
    expect((await cards(r.name)).length).toBe(1);
    expect(await fresh.signOffs()).toEqual(['ana@aaaaaaa']);
  });

  it('a production check: it is posted again, and counts', async () => {
    const r = await s.open(s.product());
    await r.approve();
    await r.command(mia, 'ship');
    await r.command(mia, 'shipped');
    const check = await r.check();
    await r.react(ana, 'eyes', true, check.ts);
    await r.line('for the production check (1/2)');
    await s.slack.remove(DEFAULT_APP.botUserId, releases, check.ts);
    const again = await until(async () => {
      const found = await r.check();
      return found.ts !== check.ts && found;
    }, 'the new check');
    await s.settled();
    expect(await r.here('production')).toEqual(['ana']);
    // And with the card: all there is to press is in the new thread then; what was said in the old one stands.
    await s.press(ben, releases, again.ts, 'ready');
    await s.slack.remove(DEFAULT_APP.botUserId, releases, r.ts);
    await until(async () => (await cards(r.name)).some((m) => m.ts !== r.ts), 'the new card');
    const fresh = await s.release(r.id);
    const moved = await fresh.check();
    await s.press(ben, releases, moved.ts, 'verify');
    await fresh.react(ana, 'lgtm', true, moved.ts);
    await fresh.line('*Done*');
    expect(await fresh.state()).toBe('done');
  });

  it('a reply of the bot: nothing happens', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana);
    const line = await r.line('is here and testing (1/2)');
    await s.settled();
    const before = await s.everything();
    await s.slack.remove(DEFAULT_APP.botUserId, releases, line.ts);
    await s.settled();
    expect(await s.everything()).toBe(before);
  });
});

describe('reactions and words while the bot was away', () => {
  it('are asked about, not counted; what was taken back is taken back', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben, cem);
    await r.react(ana, 'lgtm');
    await r.command(ben, 'lgtm');
    await r.line('*Approved*');
    await s.settled();
    expect(await s.bot().stop()).toBe(0);
    await r.react(ana, 'lgtm', false);
    await r.say(cem, 'LGTM');
    // The gate changes as well, as far as anybody can tell: nobody knows which candidate the word was for.
    await s.db.execute(sql`update releases set gate_act = gate_act + 1 where id = ${r.id}`);
    await s.restart();
    await r.line(`<@${ana}> took back`);
    const asked = await s.dm(cem, r.name, 'I missed it when you said so');
    await s.settled();
    expect(await r.signOffs()).toEqual(['ben@aaaaaaa']);
    expect(await r.state()).toBe('testing');
    expect(await s.pressDm(cem, asked, 'lgtm')).toContain('approved and waiting to ship');
  });
});
