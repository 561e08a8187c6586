import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEAM } from '../support/bot.ts';
import { CHANNELS, until } from '../support/slack.ts';
import { openStage, type Play, type Stage, shows } from '../support/stage.ts';

const { ana, ben, cem, mia, noa, ada, zoe } = TEAM;
const { releases } = CHANNELS;
let s: Stage;
beforeAll(async () => {
  s = await openStage();
});
afterAll(() => s?.close());

async function emergency(product: string, words = 'https://issues.example.com/7 nobody can log in'): Promise<Play> {
  const said = await s.command(mia, `emergency ${product} v9.0.0 eeeeeee9 ${words}`);
  const id = Number(/REL-(\d+)/.exec(said)?.[1]);
  if (!id) throw new Error(said);
  return s.release(id);
}

async function shipped(r: Play): Promise<Play> {
  await r.approve(ana, ben);
  await r.command(mia, 'ship');
  expect(await r.command(mia, 'shipped')).toContain('it is live');
  return r;
}

describe('an emergency (R9)', () => {
  it('needs a reason and a link to its prod issue', async () => {
    const p = s.product();
    const before = await s.everything();
    expect(await s.command(mia, `emergency ${p} v9.0.0 eeeeeee9 not-a-link it is broken`)).toContain(
      'A prod issue is given as `PI-3`, or as a link that starts with https://',
    );
    // With fewer words a form asks for them, and insists.
    expect(await s.command(mia, `emergency ${p} v9.0.0 eeeeeee9 https://issues.example.com/7`)).toContain(
      'Fill in the form',
    );
    await until(async () => (await s.slack.currentView())?.title?.text === 'Open an emergency', 'the form');
    expect(await s.slack.submitView(mia, {})).toEqual({ reason: expect.stringContaining('needs a reason') });
    expect(await s.everything()).toBe(before);
    expect(await s.slack.submitView(mia, { reason: 'nobody can <!here> log in' })).toBeNull();
    const r = await s.release(
      (await s.db.execute<{ id: number }>(sql`select id from releases where product = ${p}`)).rows[0]?.id ?? 0,
    );
    const card = await r.card();
    expect(card).toContain('emergency release v9.0.0');
    expect(card).toContain('nobody can &lt;!here&gt; log in');
    expect(card).toContain('https://issues.example.com/7');
  });

  it('holds the scheduled release until that has a new candidate', async () => {
    const r = await s.open(s.product());
    await r.approve(ana, ben);
    const e = await emergency(r.product);
    await r.line('On hold by an emergency: emergency v9.0.0 goes first\n*Testing*: the approval is taken back.');
    expect(await r.command(mia, 'unhold')).toContain('A new candidate with the emergency fix, or an admin, lifts it');
    expect(await r.command(ana, 'lgtm')).toContain('it is on hold: emergency v9.0.0 goes first');
    // One of a kind at a time; which one is meant must be said.
    expect(await s.command(mia, `open ${r.product} v1.1.0 bbbbbbb2`)).toContain('v1.0.0 is still open');
    expect(await s.command(noa, `emergency ${r.product} v9.0.1 fffffff9 https://issues.example.com/8 again`)).toContain(
      'v9.0.0 is still open',
    );
    expect(await s.command(ana, `status ${r.product}`)).toContain('Which release: ');
    await shipped(e);
    expect((await r.holds()).length).toBe(1);
    await r.command(mia, 'candidate', 'bbbbbbb2');
    await r.line('lifted the hold: emergency v9.0.0 goes first');
    expect(await r.holds()).toEqual([]);
    expect(await r.command(ana, 'lgtm')).toContain('your sign-off counts');
  });

  it('holds a scheduled release that is opened after it; a cancelled one holds nothing', async () => {
    const p = s.product();
    const e = await emergency(p);
    const r = await s.open(p);
    await r.line('On hold by an emergency: emergency v9.0.0 goes first');
    expect(await e.command(mia, 'cancel', 'false alarm')).toContain('it is cancelled');
    await r.line('The emergency was cancelled: its hold is lifted');
    expect(await r.holds()).toEqual([]);
    await e.cardShows('*Cancelled*');
  });

  it('keeps the two-person rule', async () => {
    const e = await emergency(s.product());
    expect(await e.command(ana, 'lgtm')).toContain('it is waiting for two sets of eyes');
    await e.eyes(ana, ben);
    await e.command(ana, 'lgtm');
    expect(await e.command(mia, 'ship')).toContain('Two operators present sign off the candidate first');
    expect(await e.state()).toBe('testing');
  });
});

describe('ship on one (R9)', () => {
  it('begins the push on one sign-off, from testing, and owes a named review by a second operator', async () => {
    const e = await emergency(s.product());
    await e.eyes(ana, ben);
    expect(await e.command(mia, 'ship', 'on one')).toContain('nobody has signed off this candidate');
    await e.command(ana, 'lgtm');
    await e.cardShows('release_ship_on_one');
    expect(await e.command(ana, 'ship', 'on one')).toContain("only this release's manager or an admin can do that");
    expect(await e.press(mia, 'ship_on_one')).toContain('a review is owed within 24 h');
    await e.line(`ships on one sign-off, <@${ana}>'s. A second operator owes a review within 24 h.`);
    expect(await e.count('*Approved*')).toBe(0);
    await e.cardShows('a second operator owes the review by');
    expect(await e.command(ana, 'review')).toContain("you signed it off; the review is a second person's");
    expect(await e.command(zoe, 'review')).toContain('only an operator can do that');
    expect(await e.command(mia, 'review')).toContain('only an operator can do that');
    await s.tap(ben, releases, e.ts, 'review');
    await until(() => s.slack.currentView(), 'the form');
    expect(await s.slack.submitView(ben, { text: 'read the diff' })).toBeNull();
    await e.line(`<@${ben}> reviewed what was shipped on one: read the diff`);
    await e.cardShows('reviewed by');
    expect(await e.command(cem, 'review')).toContain('it owes no review');
  });

  it('by command with words around the address; never for a scheduled release', async () => {
    const e = await emergency(s.product());
    await e.eyes(ana, ben);
    await e.command(ben, 'lgtm');
    expect(await s.command(mia, `ship on one ${e.name}`)).toContain('the push may begin on one sign-off');
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    await r.command(ana, 'lgtm');
    expect(await r.command(mia, 'ship', 'on one')).toContain('only an emergency may ship on one sign-off');
    expect(await r.state()).toBe('testing');
  });

  it('still owes the review after it is done', async () => {
    const e = await emergency(s.product());
    await e.eyes(ana, ben);
    await e.command(ana, 'lgtm');
    await e.command(mia, 'ship', 'on one');
    await e.command(mia, 'shipped');
    await e.eyes(ana, ben);
    await e.command(ana, 'verify');
    expect(await e.command(ben, 'verify')).toContain('It is done');
    expect(await e.command(ben, 'review', 'all fine')).toContain('your review is noted');
  });
});

describe('a push that fails (R1, R6)', () => {
  it('goes back to testing; earlier sign-offs count again only after a "still LGTM"', async () => {
    const r = await s.open(s.product());
    await r.approve(ana, ben);
    await r.command(mia, 'ship');
    expect(await r.command(ana, 'failed')).toContain("only this release's manager or an admin can do that");
    expect(await r.command(mia, 'failed', 'the build <!channel> broke')).toContain('the failed push is noted');
    await r.line('the push failed; nothing is live. Earlier sign-offs need a "still LGTM".');
    expect(await r.state()).toBe('testing');
    expect(await r.command(mia, 'ship')).toContain(':x:');
    for (const person of [ana, ben])
      await s.pressDm(person, await s.dm(person, r.name, 'only if you still stand by it'), 'lgtm');
    expect(await r.state()).toBe('approved');
    expect(await r.command(mia, 'ship')).toContain('the push may begin');
  });
});

describe('a roll-back (R1, R8)', () => {
  it('from shipping and from verifying, by an operator', async () => {
    const r = await s.open(s.product());
    await r.approve();
    await r.command(mia, 'ship');
    expect(await r.command(noa, 'rollback')).toContain("only this release's manager, an admin or an operator");
    expect(await r.command(ana, 'rollback', 'sending fails')).toContain('the roll-back is recorded');
    await r.line('*Rolled back* from shipping: sending fails');
    const q = await shipped(await s.open(s.product()));
    const check = await q.check();
    await s.tap(cem, releases, check.ts, 'rollback');
    await until(() => s.slack.currentView(), 'the form');
    expect(await s.slack.submitView(cem, {})).toBeNull();
    await q.line('*Rolled back* from verifying');
    await until(
      async () => shows(await s.slack.message(releases, check.ts)).includes('was rolled back'),
      'the check to say so',
    );
  });

  it('inside the watch, and not after it', async () => {
    const done = async () => {
      const r = await shipped(await s.open(s.product()));
      await r.eyes(ana, ben);
      await r.command(ana, 'verify');
      expect(await r.command(ben, 'verify')).toContain('It is done');
      return r;
    };
    const r = await done();
    await r.cardShows('release_rollback');
    expect(await r.command(ada, 'rollback', 'funds are stuck')).toContain('the roll-back is recorded');
    await r.line('*Rolled back* from done: funds are stuck');
    const old = await done();
    await s.db.execute(sql`update releases set done_at = now() - interval '25 hours' where id = ${old.id}`);
    expect(await old.command(ada, 'rollback')).toContain('it is done, and its 24 h of watch are over');
    expect(await old.state()).toBe('done');
  });

  it('is no way out before shipping: that is a cancel, by its manager or an admin', async () => {
    const r = await s.open(s.product());
    expect(await r.command(ana, 'rollback')).toContain('it is waiting for two sets of eyes');
    expect(await r.command(ana, 'cancel')).toContain("only this release's manager or an admin can do that");
    expect(await r.command(mia, 'cancel', 'wrong commit')).toContain('it is cancelled');
    await r.line('*Cancelled*: wrong commit');
    expect(await r.command(ana, 'ready')).toContain('it is cancelled. Open the next one');
    // Its version is free again.
    expect(await s.command(mia, `open ${r.name} bbbbbbb2`)).toContain('Opened');
  });
});
