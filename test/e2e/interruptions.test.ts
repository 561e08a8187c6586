import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEAM } from '../support/bot.ts';
import { CHANNELS, until } from '../support/slack.ts';
import { openStage, type Stage, shows } from '../support/stage.ts';

const { ana, ben, cem, mia, ada, zoe } = TEAM;
const { releases } = CHANNELS;
let s: Stage;
beforeAll(async () => {
  s = await openStage();
});
afterAll(() => s?.close());

describe('a hold (R5, R6)', () => {
  it('takes an approval back; earlier sign-offs count again only after a "still LGTM"', async () => {
    const r = await s.open(s.product());
    await r.approve(ana, ben);
    expect(await r.command(zoe, 'hold', 'fees look wrong')).toContain('your hold is set');
    await r.line('On hold by <@U0ZOE>: fees look wrong\n*Testing*: the approval is taken back.');
    await r.cardShows('from before the interruption: still LGTM?');
    expect(await r.command(ana, 'lgtm')).toContain('it is on hold: fees look wrong');
    expect(await r.command(mia, 'ship')).toContain(':x:');
    // Not by another operator; by who set it, the manager or an admin.
    expect(await r.command(cem, 'unhold')).toContain('<@U0ZOE>, its manager or an admin lifts it');
    expect(await r.command(zoe, 'unhold')).toContain('the hold is lifted');
    const asked = await Promise.all([ana, ben].map((p) => s.dm(p, r.name, 'only if you still stand by it')));
    expect(await r.state()).toBe('testing');
    expect(await s.pressDm(ana, asked[0] as never, 'lgtm')).toContain('eyes 2/2, sign-offs 1/2');
    await r.line(`<@${ana}> still says LGTM to \`aaaaaaa\` (1/2)`);
    expect(await s.pressDm(ben, asked[1] as never, 'lgtm')).toContain('approved and waiting to ship');
    await r.line('*Approved*', 2);
  });

  it('by :octagonal_sign: holds at once and asks why by DM; taking the reaction away lifts it', async () => {
    const r = await s.open(s.product());
    await r.approve(ana, ben);
    await r.react(zoe, 'octagonal_sign');
    await r.line('On hold by <@U0ZOE>');
    expect(await r.state()).toBe('testing');
    const why = await s.dm(zoe, r.name, 'is on hold, by your reaction. Why?');
    await s.tap(zoe, (await s.slack.channelOfDm(zoe)) ?? '', why.ts, 'reason');
    await until(() => s.slack.currentView(), 'the form that asks why');
    expect(await s.slack.submitView(zoe, { text: 'the fees' })).toBeNull();
    await r.line('<@U0ZOE> on their hold: the fees');
    await r.react(zoe, 'octagonal_sign', false);
    await r.line('<@U0ZOE> lifted their hold');
    expect(await r.holds()).toEqual([]);
    // Nothing re-approves by itself.
    expect(await r.state()).toBe('testing');
  });

  it('by button asks why in a form, and stands while the form is open', async () => {
    const r = await s.open(s.product());
    expect(await r.press(ana, 'hold')).toContain('your hold is set');
    await until(() => s.slack.currentView(), 'the form that asks why');
    expect((await r.holds()).length).toBe(1);
    expect(await s.slack.submitView(ana, { text: '' })).toMatchObject({ text: expect.stringContaining('reason') });
    expect(await s.slack.submitView(ana, { text: 'login <!channel> fails' })).toBeNull();
    await r.cardShows('login &lt;!channel&gt; fails');
    expect(await r.press(mia, 'unhold')).toContain('the hold is lifted');
    expect(await r.command(ana, 'unhold')).toContain('it is not on hold');
  });

  it('several coexist: sign-offs wait for the last, an admin lifts them all', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    await r.command(ana, 'hold', 'one');
    await r.command(ben, 'hold', 'two');
    await r.command(ana, 'unhold');
    expect(await r.command(ana, 'lgtm')).toContain('it is on hold: two');
    expect(await r.command(ada, 'unhold')).toContain('the hold is lifted');
    expect(await r.command(ana, 'lgtm')).toContain('your sign-off counts');
  });
});

describe('a new candidate (R3)', () => {
  it('makes an LGTM stale: the card shows it, its owner is asked to look again, and it never counts', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    await r.command(ana, 'lgtm');
    expect(await r.command(mia, 'candidate', 'bbbbbbb2')).toContain('the new candidate is named');
    await r.line(`named a new candidate \`bbbbbbb\` (was \`aaaaaaa\`). Stale now, please look again: <@${ana}>.`);
    await r.cardShows('stale: reviewed `aaaaaaa`, now `bbbbbbb`');
    const asked = await s.dm(ana, r.name, 'your LGTM was for `aaaaaaa`', 'Please test it and sign off again');
    expect(JSON.stringify(asked.blocks)).not.toContain('release_lgtm');
    await r.command(ben, 'lgtm');
    expect(await r.state()).toBe('testing');
    expect(await r.signOffs()).toEqual(['ana@aaaaaaa', 'ben@bbbbbbb']);
    await r.press(ana, 'lgtm', 'bbbbbbb');
    expect(await r.state()).toBe('approved');
  });

  it('takes an approval back', async () => {
    const r = await s.open(s.product());
    await r.approve();
    await r.command(mia, 'candidate', 'bbbbbbb2');
    expect(await r.state()).toBe('testing');
    await r.cardShows('*Sign-offs* 0/2');
  });

  it('with the same tree, typed, only offers each signer a one-tap "Still LGTM"', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    await r.command(mia, 'candidate', 'bbbbbbb2 eeeeeee');
    await r.command(ana, 'lgtm');
    await r.command(mia, 'candidate', 'ccccccc3 eeeeeee');
    const asked = await s.dm(ana, r.name, 'The tree is said to be the same');
    expect(await r.count('(1/2)')).toBe(2);
    expect(await s.pressDm(ana, asked, 'lgtm')).toContain('sign-offs 1/2');
    expect(await r.signOffs()).toEqual(['ana@bbbbbbb', 'ana@ccccccc']);
    // That button was for ccccccc alone.
    await r.command(mia, 'candidate', 'ddddddd4');
    expect(await s.pressDm(ana, asked, 'lgtm')).toContain('that was for `ccccccc`; the candidate is now `ddddddd`');
  });

  it('by the menu asks for commit and tree in a form', async () => {
    const r = await s.open(s.product());
    const message = await s.slack.message(releases, r.ts);
    const menu = (message.blocks ?? []).flatMap((b) => b.elements ?? []).find((e) => e.type === 'overflow');
    const option = menu.options.find((o: { value: string }) => o.value.startsWith('candidate:'));
    const action = { type: 'overflow', action_id: 'release_more', block_id: 'x', selected_option: option };
    await s.slack.clickStale(mia, releases, r.ts, action);
    await until(() => s.slack.currentView(), 'the form');
    expect(await s.slack.submitView(mia, { text: 'nonsense' })).toMatchObject({
      text: expect.stringContaining('7 to 40 hex digits'),
    });
    expect(await s.slack.submitView(mia, { text: 'bbbbbbb2', tree: 'nope' })).toMatchObject({
      tree: expect.stringContaining('7 to 40 hex digits'),
    });
    expect(await s.slack.submitView(mia, { text: 'AAAAAAA' })).toMatchObject({
      text: expect.stringContaining('already its candidate'),
    });
    expect(await s.slack.submitView(mia, { text: 'BBBBBBB2' })).toBeNull();
    await r.line('named a new candidate `bbbbbbb`');
    // Somebody who may not is told so, without a form.
    expect(await s.pressAs(zoe, releases, r.ts, action as never)).toContain('only');
  });

  it('a reaction or word within 5 s of its showing is asked to confirm; later ones count', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    await r.command(mia, 'candidate', 'bbbbbbb2');
    await r.cardShows('bbbbbbb');
    await r.react(ana, 'lgtm');
    const asked = await s.dm(ana, r.name, 'before or just as the card showed a new candidate');
    await r.say(ben, 'LGTM');
    await s.dm(ben, r.name, 'before or just as the card showed a new candidate');
    expect(await r.signOffs()).toEqual([]);
    expect(await s.pressDm(ana, asked, 'lgtm')).toContain('your sign-off counts');
    await r.shownLongAgo();
    await r.say(ben, 'LGTM');
    await r.line('*Approved*');
    expect(await r.signOffs()).toEqual(['ana@bbbbbbb', 'ben@bbbbbbb']);
  });
});

describe('presence (R2)', () => {
  it('below two sends testing back to waiting, by every road; sign-offs given stay', async () => {
    const r = await s.open(s.product());
    await r.react(ana, 'eyes');
    await r.line('(1/2)');
    await r.press(ben, 'ready');
    await r.command(ben, 'lgtm');
    await r.react(ana, 'eyes', false);
    await r.line(`<@${ana}> stepped away\n*Waiting for eyes*`);
    expect(await r.command(ben, 'lgtm')).toContain('it is waiting for two sets of eyes');
    await r.react(ana, 'eyes');
    await r.line('two sets of eyes are here', 2);
    expect(await r.menu(ben, 'away')).toContain('you stepped away');
    await r.command(ben, 'ready');
    await r.command(ana, 'away');
    expect(await r.state()).toBe('waiting');
    expect(await r.signOffs()).toEqual(['ben@aaaaaaa']);
    await r.command(cem, 'ready');
    await r.command(cem, 'lgtm');
    expect(await r.state()).toBe('approved');
    // In approved a departure changes nothing.
    await r.command(cem, 'away');
    expect(await r.state()).toBe('approved');
  });

  it('expires four hours after the last act', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    await s.db.execute(sql`update presences set renewed_at = now() - interval '241 minutes'
      where release_id = ${r.id} and person = ${ana}`);
    await s.db.execute(sql`select graphile_worker.add_job('tick', json_build_object('releaseId', ${r.id}::int))`);
    await r.line(`<@${ana}> has not acted for a while and no longer counts as here\n*Waiting for eyes*`);
    expect(await r.here()).toEqual(['ben']);
    expect(shows({ text: await r.command(ana, 'lgtm') } as never)).toContain('it is waiting for two sets of eyes');
  });

  it('expires at the very act too, and any act renews it', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    await s.db.execute(
      sql`update presences set renewed_at = now() - interval '239 minutes' where release_id = ${r.id}`,
    );
    expect(await r.command(ana, 'lgtm')).toContain('your sign-off counts');
    await s.db.execute(
      sql`update presences set renewed_at = renewed_at - interval '2 minutes' where release_id = ${r.id}`,
    );
    expect(await r.command(ana, 'ready')).toContain(
      'you are already counted as here. It waits until one more operator says they are here',
    );
    expect(await r.here()).toEqual(['ana']);
  });
});
