// Prod issues from the declaration to the review, through the real process and a local Slack.
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROD_WORDS } from '../../src/bot/prod-words.ts';
import { POLICY, TEAM } from '../support/bot.ts';
import { type Desk, deskOf, STRANGE, type Thing } from '../support/desk.ts';
import { CHANNELS, until } from '../support/slack.ts';
import { openStage, type Play, type Stage, shows } from '../support/stage.ts';

const { ana, ben, mia, noa, pia, zoe, ada } = TEAM;
let s: Stage;
let d: Desk;
beforeAll(async () => {
  const policy = POLICY.replace(
    `admins: ${CHANNELS.admins} }`,
    `admins: ${CHANNELS.admins}, prod_issues: ${CHANNELS.other} }`,
  );
  s = await openStage({ policy });
  d = deskOf(s);
});
afterAll(() => s?.close());

/** Opens a release and takes it all the way to done. */
async function done(p: string, version: string, commit: string): Promise<Play> {
  const r = await s.open(p, { version, commit });
  await r.approve();
  await r.command(mia, 'ship');
  await r.command(mia, 'shipped');
  await r.eyes();
  await r.command(ana, 'verify');
  expect(await r.command(ben, 'verify')).toContain('It is done');
  return r;
}

/** Users cannot move their money: a prod issue at once. @returns the bug and the issue */
async function hit(p: string, more: Record<string, unknown> = {}): Promise<{ bug: Thing; issue: Thing }> {
  const bug = await d.report(zoe, p, { foundIn: 'production', money: 'no', ...more });
  return { bug, issue: await d.thing(`PI-${await d.newest('prod_issues')}`) };
}

const columns = async (issue: Thing) =>
  (await s.db.execute<Record<string, unknown>>(sql`select * from prod_issues where id = ${issue.id}`)).rows[0] ?? {};

describe('a prod issue', () => {
  it('is attributed to the right one of three releases, told in its thread, and rolled back from its card', async () => {
    const p = s.product();
    const first = await done(p, 'v1.0.0', 'aaaaaaa1');
    const second = await done(p, 'v2.0.0', 'bbbbbbb2');
    const third = await s.open(p, { version: 'v3.0.0', commit: 'ccccccc3' });
    await third.approve();
    // The first is watched still, the third approved and not live: the second went live last.
    const { bug, issue } = await hit(p, { title: 'Nobody can send' });
    expect(issue.channel).toBe(CHANNELS.other);
    expect(await columns(issue)).toMatchObject({
      release_id: String(second.id),
      why: 'money',
      owner: mia,
      state: 'declared',
    });
    expect(await issue.card()).toContain(second.name);
    expect(await issue.card()).toContain('went live last');
    const told = await second.line(`Prod issue *${issue.subject}*`);
    expect((await s.slack.buttons(CHANNELS.releases, told.ts)).map((b) => b.action_id)).toEqual(['release_rollback']);
    for (const r of [first, third]) expect(await r.count('Prod issue')).toBe(0);
    // It holds nothing up: it is in production, and no regression of the third.
    expect(await third.state()).toBe('approved');
    await s.dm(mia, issue.subject, 'is yours');
    await bug.shows(issue.subject);

    // By the card of the issue, and only by those who may by the release's.
    await issue.tap(zoe, 'release_rollback');
    await until(
      async () =>
        (await s.slack.answers(zoe, CHANNELS.other)).some((m) => shows(m).includes('an admin or an operator')),
      'the refusal',
    );
    await issue.tap(ana, 'release_rollback');
    await until(() => s.slack.currentView(), 'the form');
    expect(await s.slack.submitView(ana, { text: 'sending fails' })).toBeNull();
    await second.line('*Rolled back* from done: sending fails');
    expect(await second.state()).toBe('rolled_back');
    await until(async () => !(await issue.buttons()).includes('release_rollback'), 'no roll-back any more');
    // Somebody says otherwise.
    await issue.tap(noa, 'pi_release');
    await d.form('Which release');
    expect(await s.slack.submitView(noa, { release: String(first.id) })).toBeNull();
    await issue.shows(`says <@${noa}>`);
    await first.line(`Prod issue *${issue.subject}*`);
    expect(await d.refused(noa, '/bug', `prod release ${issue.subject} REL-${third.id}`)).toContain(
      'no release of its product that went live',
    );
    await d.typed(noa, '/bug', `prod release ${issue.subject} none`);
    await issue.shows('no release');

    // When the watch is over nobody is accused.
    await s.db.execute(sql`update releases set done_at = now() - interval '25 hours' where id = ${first.id}`);
    const { issue: later } = await hit(p, { title: 'Later' });
    expect(await columns(later)).toMatchObject({ release_id: null, owner: zoe });
    expect(await later.card()).toContain('no release was being watched');
  });

  it('has roles and times; its review comes once it is resolved, with four answers', async () => {
    const { issue } = await hit(s.product());
    await issue.press(noa, 'pi_mine');
    await issue.shows(`<@${noa}> is on it`);
    await issue.tap(ana, 'pi_roles');
    await d.form('Who does what');
    expect(await s.slack.submitView(ana, { owner: ben, communication: pia })).toBeNull();
    for (const person of [ben, pia]) await s.dm(person, issue.subject, 'needs you');
    const { rows } = await s.db.execute(
      sql`select responsible from threads t join prod_issues p on p.thread_id = t.id where p.id = ${issue.id}`,
    );
    expect(rows).toEqual([{ responsible: ben }]);
    expect(await d.refused(ana, '/bug', `prod review ${issue.subject}`)).toContain(
      'The review comes once it is resolved',
    );
    await issue.press(noa, 'pi_mitigate');
    await issue.line('*Mitigated*');
    expect(await d.refused(ana, '/bug', `prod review ${issue.subject}`)).toContain(
      'The review comes once it is resolved',
    );
    await d.typed(ben, '/bug', `prod reopen ${issue.subject} still failing for some`);
    await issue.line('*It is back*');
    expect(await columns(issue)).toMatchObject({ state: 'declared', mitigated_at: null });
    await d.typed(ben, '/bug', `prod mitigated ${issue.subject} switched it off`);
    await issue.line('switched it off');
    expect(await d.refused(zoe, '/bug', `prod assign ${issue.subject} owner <@U0PIA>`)).toContain(
      'who has a role in it',
    );
    await d.typed(noa, '/bug', `prod resolved ${issue.subject}`);
    await issue.line('*Resolved*');
    await issue.tap(ben, 'pi_review');
    await d.form('Review');
    const before = await s.everything();
    expect(await s.slack.submitView(ben, { happened: 'It broke' })).toEqual({
      happened: expect.stringContaining('has no answer to'),
    });
    expect(await s.everything()).toBe(before);
    const answers = { happened: 'It broke', missed: 'No <!channel> case', change: 'A case', who: 'Bea, Friday' };
    expect(await s.slack.submitView(ben, answers)).toBeNull();
    await issue.shows('Bea, Friday');
    await issue.line('*Reviewed*');
    const row = await columns(issue);
    expect(row).toMatchObject({ state: 'reviewed', reviewed_by: ben });
    const times = ['declared_at', 'mitigated_at', 'resolved_at', 'reviewed_at'].map((c) =>
      new Date(row[c] as string).getTime(),
    );
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(await d.refused(ben, '/bug', `prod reopen ${issue.subject} again`)).toContain('declare it anew');
    expect(await d.typed(zoe, '/bug', 'prod list')).toContain(issue.subject);
  });

  it('R12, R14: takes the place of a blocker that production has too: the bot proposes it, one operator asks, another agrees', async () => {
    const p = s.product();
    const live = await done(p, 'v1.0.0', 'aaaaaaa1');
    const next = await s.open(p, { version: 'v1.1.0', commit: 'bbbbbbb2' });
    await next.eyes();
    const bug = await d.report(zoe, p, { blocking: 'yes', money: 'no', title: 'Nobody can send' });
    expect(await next.command(ana, 'lgtm')).toContain('blocking bug');
    await bug.press(noa, 'bug_tried_yes');
    const proposal = await bug.line('I propose a *prod issue*');
    const [ask] = await s.slack.buttons(bug.channel, proposal.ts);
    expect(await s.pressAs(noa, bug.channel, proposal.ts, ask ?? {})).toContain('only an operator');
    await s.pressAs(ana, bug.channel, proposal.ts, ask ?? {});
    await bug.line('asks to make it a prod issue');
    const issues = async () =>
      (await s.db.execute<{ id: string }>(sql`select id from prod_issues where bug_id = ${bug.id}`)).rows;
    expect(await bug.press(ana, 'bug_agree')).toContain('a second operator agrees');
    expect(await issues()).toEqual([]);
    expect(await next.command(ana, 'lgtm')).toContain('blocking bug');
    await bug.press(ben, 'bug_agree');
    const [made] = await issues();
    const issue = await d.thing(`PI-${made?.id}`);
    expect(issue.channel).toBe(CHANNELS.other);
    expect(await columns(issue)).toMatchObject({ release_id: String(live.id), why: 'money', declared_by: ben });
    expect(shows(await bug.line('*Downgraded*'))).toContain(`It is *${issue.subject}* now`);
    await live.line(`Prod issue *${issue.subject}*`);
    // Triage goes on with it, and it holds nothing up any more.
    await (await d.thing(bug.subject)).shows(issue.subject);
    await until(async () => !(await next.card()).includes('*Blocking*'), 'no blocker on the card');
    for (const person of [ana, ben]) await next.command(person, 'lgtm');
    expect(await next.state()).toBe('approved');
  });

  it('is made of any bug by an escalation, once, and is what an emergency is for', async () => {
    const p = s.product();
    const bug = await d.report(zoe, p, { foundIn: 'production', title: 'It is slow' });
    expect(await d.refused(zoe, '/bug', `escalate ${bug.subject} the whole company`)).toContain('can do that');
    expect(await d.refused(pia, '/bug', `escalate ${bug.subject}`)).toContain('escalating needs a reason');
    expect(await d.typed(pia, '/bug', `escalate ${bug.subject} the <!channel> waits`)).toContain('Declared');
    const issue = await d.thing(`PI-${await d.newest('prod_issues')}`);
    await issue.line('escalated it: the @channel waits');
    expect(await d.typed(pia, '/bug', `escalate ${bug.subject} again`)).toContain(`It is *${issue.subject}* already`);
    const other = s.product();
    for (const wrong of ['PI-9999', issue.subject]) {
      expect(await d.refused(mia, '/release', `emergency ${other} v9.0.0 eeeeeee9 ${wrong} it burns`)).toContain(
        'There is no prod issue PI-',
      );
    }
    expect(await s.command(mia, `emergency ${p} v9.0.0 eeeeeee9 ${issue.subject} it burns`)).toContain('Opened');
    await issue.shows(`${p} v9.0.0`);
    const { rows } = await s.db.execute<{ id: number }>(sql`select id from releases where product = ${p}`);
    const e = await s.release(Number(rows[0]?.id));
    await e.cardShows(issue.subject);
  });
});

describe('bad input is answered with one clear sentence and the right form, and changes nothing', () => {
  const WORDS = Object.keys(PROD_WORDS).filter((w) => w !== 'list' && w !== 'help') as (keyof typeof PROD_WORDS)[];
  let issue: Thing;
  beforeAll(async () => {
    issue = (await hit(s.product())).issue;
  });

  it.each(WORDS)('/bug prod %s without an issue, with one that is not there, and with strange words', async (word) => {
    const texts = ['', 'BUG-1', 'PI-', 'PI-0', ...STRANGE].map((text) => `prod ${word} ${text}`);
    for (const [text, answer] of Object.entries(await d.refusedAll(ana, '/bug', texts)))
      expect(answer, text).toContain(`The form is \`/bug prod ${word} `);
    expect(await d.refused(ana, '/bug', `prod ${word} PI-99999`)).toContain(
      'There is no PI-99999. See `/bug prod list`',
    );
  });

  it('help names every word and its form', async () => {
    const help = await d.typed(zoe, '/bug', 'prod help');
    for (const [word, [form]] of Object.entries(PROD_WORDS))
      expect(help).toContain(`/bug prod ${`${word} ${form}`.trim()}`);
  });

  it('words that do not fit, texts that are too long, and people who may not', async () => {
    const bad = {
      show: ['and more'],
      assign: ['owner', 'boss <@U0BEN>', 'owner ben', '<@U0BEN>', 'owner <@U0BEN> now'],
      release: ['v1.0.0', 'BUG-1', 'REL-1 REL-2', '<!channel>'],
      review: ['all fine'],
    };
    for (const [word, texts] of Object.entries(bad)) {
      const typed = texts.map((text) => `prod ${word} ${issue.subject} ${text}`);
      for (const [text, answer] of Object.entries(await d.refusedAll(ana, '/bug', typed)))
        expect(answer, text).toContain(`The form is \`/bug prod ${word} `);
    }
    const strange = STRANGE.filter((text) => text.trim().length < 500).map((text) => `prod x${text}`);
    for (const answer of Object.values(await d.refusedAll(ana, '/bug', [...strange, 'prod list them all'])))
      expect(answer).toMatch(/`\/bug prod (help|list)`/);
    expect(await d.refused(ana, '/bug', `prod release ${issue.subject} REL-99999`)).toContain(
      'no release of its product',
    );
    expect(await d.refused(ana, '/bug', `prod mitigated ${issue.subject} ${'x'.repeat(2500)}`)).toContain(
      'Please keep it under',
    );
    // Who has no role in it; zoe declared it and owns it.
    for (const word of ['mitigated', 'resolved', 'release'])
      expect(
        await d.refused(pia, '/bug', `prod ${word} ${issue.subject}${word === 'release' ? ' none' : ''}`),
      ).toContain('can do that');
    for (const text of ['', 'nonsense x', 'BUG-99999 because'])
      expect(await d.refused(ada, '/bug', `escalate ${text}`)).toMatch(/The form is|There is no BUG/);
  });

  it('what was typed mentions nobody', async () => {
    const said = await d.allMarked(ana, ben, mia, noa, pia, zoe);
    expect(said.length).toBeGreaterThan(1000);
    expect(d.loud(said)).toEqual([]);
    expect(said.includes('&lt;!channel&gt; case')).toBe(true);
  });
});
