// What a blocking bug stops, and how it ends, through the real process and a local Slack.
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEAM } from '../support/bot.ts';
import { type Desk, deskOf } from '../support/desk.ts';
import { CHANNELS, type LocalMessage, until } from '../support/slack.ts';
import { openStage, type Play, type Stage, shows } from '../support/stage.ts';

const { ana, ben, cem, dee, mia, noa, zoe } = TEAM;
const { releases } = CHANNELS;
let s: Stage;
let d: Desk;
beforeAll(async () => {
  s = await openStage();
  d = deskOf(s);
});
afterAll(() => s?.close());

async function testing(): Promise<Play> {
  const r = await s.open(s.product());
  await r.eyes(ana, ben);
  return r;
}

/** The card's LGTM button, also while the card does not show it. */
async function lgtmButton(r: Play) {
  const { rows } = await s.db.execute(sql`select max(id) as id from candidates where release_id = ${r.id}`);
  return { action_id: 'release_lgtm', value: `${r.id}:${rows[0]?.id}` };
}

describe('a blocking bug (R5, R6, R11-R14)', () => {
  it('R5: stops an LGTM at once, by every road; at its end sign-offs from before need a "still LGTM"', async () => {
    const r = await testing();
    await r.shownLongAgo();
    await r.command(ana, 'lgtm');
    const bug = await d.report(zoe, r.product, { blocking: 'yes' });
    // At once: nobody confirmed anything, and no card needs to have been drawn.
    const why = 'blocking bug';
    expect(await r.command(ben, 'lgtm')).toContain(why);
    expect(await s.pressAs(ben, releases, r.ts, await lgtmButton(r))).toContain(why);
    expect(shows(await s.dmAfter(ben, () => r.react(ben, 'lgtm')))).toContain(why);
    expect(shows(await s.dmAfter(ben, () => r.say(ben, 'LGTM')))).toContain(why);
    expect(await r.signOffs()).toEqual(['ana@aaaaaaa']);
    await r.cardShows(`*Blocking* ${bug.subject}`);
    await bug.shows('Holds up');
    // Two operators say that it is none.
    await d.typed(ana, '/bug', `reject ${bug.subject} my own mistake`);
    // Words agree to nothing by themselves: they are answered with the question, and a button that is bound to it.
    const question = await d.typed(ben, '/bug', `agree ${bug.subject}`);
    expect(question).toContain(`<@${ana}> asks to reject it: my own mistake`);
    expect(await r.count('A blocking bug has ended')).toBe(0);
    const answer = (await s.slack.answers(ben, CHANNELS.other)).at(-1) as LocalMessage;
    const agree = answer.blocks?.flatMap((b) => b.elements ?? []).find((e) => e.action_id === 'bug_agree');
    expect(await s.pressAs(ben, CHANNELS.other, answer.ts, agree)).toContain('rejected');
    await r.line('A blocking bug has ended');
    expect(await r.state()).toBe('testing');
    await r.cardShows('still LGTM?');
    await r.command(ben, 'lgtm');
    expect(await r.state()).toBe('testing');
    await s.pressDm(ana, await s.dm(ana, r.name, 'only if you still stand by it'), 'lgtm');
    expect(await r.state()).toBe('approved');
  });

  it('R6, R13: takes an approval back, on every open release; a cancelled release leaves it to the next one', async () => {
    const p = s.product();
    const said = await s.command(mia, `emergency ${p} v9.0.0 eeeeeee9 https://issues.example.com/7 nobody can log in`);
    const e = await s.release(Number(/REL-(\d+)/.exec(said)?.[1]));
    const r = await s.open(p);
    await e.approve(ana, ben);
    expect(await e.state()).toBe('approved');
    const bug = await d.report(zoe, p, { release: 'v9.0.0', blocking: 'yes', title: 'Late one' });
    await e.line('*Testing*: the approval is taken back');
    for (const one of [e, r]) {
      await one.line('Blocked: ');
      await one.cardShows(`*Blocking* ${bug.subject}`);
    }
    for (const one of [e, r]) await bug.shows(one.name);
    await e.command(mia, 'cancel');
    await r.command(mia, 'cancel');
    // From its first moment, and without anybody who attaches it.
    const next = await s.open(p, { version: 'v1.1.0', commit: 'bbbbbbb1' });
    const { rows } = await s.db.execute<{ interrupted: string }>(
      sql`select interrupted_act as interrupted from releases where id = ${next.id}`,
    );
    expect(Number(rows[0]?.interrupted)).toBeGreaterThan(0);
    expect(await next.card()).toContain(`*Blocking* ${bug.subject}`);
    await next.eyes(ana, ben);
    expect(await next.command(ana, 'lgtm')).toContain('blocking bug');
    await bug.shows(next.name);
    // Never of another product.
    const other = await testing();
    expect(await other.command(ana, 'lgtm')).toContain('your sign-off counts');
  });

  it('R14: nobody downgrades or rejects it alone', async () => {
    const r = await testing();
    const bug = await d.report(noa, r.product, { blocking: 'yes' });
    for (const what of ['downgrade', 'reject'] as const) {
      for (const person of [noa, mia, zoe])
        expect(await d.refused(person, '/bug', `${what} ${bug.subject} because`)).toContain('only an operator');
      await d.typed(ana, '/bug', `${what} ${bug.subject}`);
      await d.form(what === 'reject' ? 'Reject' : 'Downgrade');
      expect(await s.slack.submitView(ana, { text: '   ' })).toEqual({ text: expect.stringContaining('a reason') });
      expect(await s.slack.submitView(ana, { text: `no ${what}` })).toBeNull();
      await bug.line('asks to');
      await bug.shows(`no ${what}`);
      expect(await bug.press(ana, 'bug_agree')).toContain('a second operator agrees');
      expect(await d.refused(ana, '/bug', `agree ${bug.subject}`)).toContain('a second operator agrees');
      expect(await bug.press(noa, 'bug_agree')).toContain('only an operator');
      expect(await d.refused(cem, '/bug', `downgrade ${bug.subject} me too`)).toContain('asked something already');
      await d.typed(cem, '/bug', `decline ${bug.subject}`);
      await bug.line(`<@${cem}> declined`);
      expect(await d.refused(ben, '/bug', `agree ${bug.subject}`)).toContain('nobody asks');
    }
    expect(await r.command(ana, 'lgtm')).toContain('blocking bug');
    await d.typed(ana, '/bug', `downgrade ${bug.subject} only in a test build`);
    await bug.shows('only in a test build');
    const { rows } = await s.db.execute<{ asked_at: string }>(sql`select asked_at from bugs where id = ${bug.id}`);
    // The button of the settled question is for that one only.
    const stale = { action_id: 'bug_agree', value: `${bug.id}:${new Date(rows[0]?.asked_at ?? 0).getTime() - 1}` };
    expect(await s.pressAs(dee, bug.channel, bug.ts, stale)).toContain('that question is settled');
    await bug.press(ben, 'bug_agree');
    const line = await bug.line('*Downgraded*');
    for (const text of [`asked by <@${ana}>`, `agreed by <@${ben}>`, 'only in a test build'])
      expect(shows(line)).toContain(text);
    await bug.shows(`downgraded: asked by <@${ana}>, agreed by <@${ben}>`);
    expect(await r.command(ana, 'lgtm')).toContain('your sign-off counts');
  });

  it('R14: is verified only on a later candidate, by an operator; the same commit is never later', async () => {
    const r = await testing();
    const bug = await d.report(ana, r.product, { blocking: 'yes' });
    expect(await d.refused(noa, '/bug', `fix ${bug.subject} bbbbbbb2`)).toContain('not confirmed');
    await bug.press(ben, 'bug_recreate');
    await bug.press(noa, 'bug_tried_no');
    await bug.line('*Confirmed as blocking.*');
    expect(await d.refused(noa, '/bug', `fix ${bug.subject} aaaaaaa1`)).toContain('not later');
    expect(await d.refused(noa, '/bug', `fix ${bug.subject} bbbbbbb2`)).toContain('no candidate of an open release');
    expect(await d.refused(ana, '/bug', `retest ${bug.subject} fixed`)).toContain('no fix is named');
    expect(await bug.press(noa, 'bug_fix')).toContain('`aaaaaaa` is not later than the candidate that has the bug');
    await r.command(mia, 'candidate', 'bbbbbbb2');
    await bug.shows('waits for its fix to be named');
    expect(await r.command(ana, 'lgtm')).toContain('blocking bug');
    await bug.tap(noa, 'bug_fix');
    await d.form('Name the fix');
    expect(await s.slack.submitView(noa)).toBeNull();
    expect(await bug.press(noa, 'bug_fixed')).toContain('only an operator');
    const old = (await s.slack.buttons(bug.channel, bug.ts)).find((b) => b.action_id === 'bug_fixed');
    await bug.press(ana, 'bug_still');
    await bug.line('*still there*');
    expect(await d.refused(noa, '/bug', `fix ${bug.subject} bbbbbbb2`)).toContain(
      'a retest on `bbbbbbb` found it still there',
    );
    await r.command(mia, 'candidate', 'ccccccc3');
    await d.typed(mia, '/bug', `fix ${bug.subject} ccccccc3`);
    await bug.shows('an operator retests it on `ccccccc`');
    expect(await s.pressAs(ana, bug.channel, bug.ts, old ?? {})).toContain('that button was for an earlier fix');
    expect(await r.command(ana, 'lgtm')).toContain('blocking bug');
    // What the card shows is noted, and so is when: nothing else may change now.
    await r.cardShows('ccccccc');
    // Words that name no commit are answered with the fix of now, and those that name another are refused.
    expect(await d.refused(ana, '/bug', `retest ${bug.subject} fixed bbbbbbb2`)).toContain('its fix is in `ccccccc`');
    expect(await d.typed(ana, '/bug', `retest ${bug.subject} fixed`)).toContain('its fix is in `ccccccc`');
    const question = (await s.slack.answers(ana, CHANNELS.other)).at(-1) as LocalMessage;
    const fixed = question.blocks?.flatMap((b) => b.elements ?? []).find((e) => e.action_id === 'bug_fixed');
    expect(await bug.card()).toContain('an operator retests it on `ccccccc`');
    expect(await s.pressAs(ana, CHANNELS.other, question.ts, fixed ?? {})).toContain('It is verified as fixed');
    await bug.line('*Verified*');
    await until(async () => !(await r.card()).includes('*Blocking*'), 'no blocker on the card');
    expect(await d.refused(ana, '/bug', `reject ${bug.subject} late`)).toContain('verified as fixed already');
    for (const person of [ana, ben]) await r.command(person, 'lgtm');
    expect(await r.state()).toBe('approved');
  });

  it('R12: what happens in production too is proposed as no blocker; two operators agree to that as well', async () => {
    const r = await testing();
    const bug = await d.report(ana, r.product, { blocking: 'yes' });
    await bug.press(ben, 'bug_tried_yes');
    const proposal = await bug.line('I propose to make it *non-blocking*');
    const ask = (await s.slack.buttons(bug.channel, proposal.ts))[0] ?? {};
    await s.pressAs(ana, bug.channel, proposal.ts, ask);
    expect(await bug.press(ana, 'bug_agree')).toContain('a second operator agrees');
    expect(await r.command(ben, 'lgtm')).toContain('blocking bug');
    await bug.press(cem, 'bug_agree');
    expect(await r.command(ben, 'lgtm')).toContain('your sign-off counts');
  });
});
