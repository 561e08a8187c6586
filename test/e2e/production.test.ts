import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEAM } from '../support/bot.ts';
import { CHANNELS, until } from '../support/slack.ts';
import { openStage, type Play, type Stage, shows } from '../support/stage.ts';

const { ana, ben, cem, mia, ada, zoe } = TEAM;
const { releases } = CHANNELS;
let s: Stage;
beforeAll(async () => {
  s = await openStage({ faults: true });
});
afterAll(() => s?.close());

async function live(): Promise<Play> {
  const r = await s.open(s.product());
  await r.approve(ana, ben);
  await r.command(mia, 'ship');
  await r.command(mia, 'shipped');
  return r;
}

describe('shipping (R8)', () => {
  it('refuses a Ship button drawn for an earlier candidate, and one pressed while it is not approved', async () => {
    const r = await s.open(s.product());
    await r.approve(ana, ben);
    await r.cardShows('release_ship');
    const old = (await s.slack.buttons(releases, r.ts)).find((b) => b.action_id === 'release_ship');
    await r.command(mia, 'candidate', 'bbbbbbb2');
    expect(await s.pressAs(mia, releases, r.ts, old ?? {})).toContain(':x:');
    await r.command(ana, 'lgtm');
    await r.command(ben, 'lgtm');
    expect(await r.state()).toBe('approved');
    expect(await s.pressAs(mia, releases, r.ts, old ?? {})).toContain(
      'that was for `aaaaaaa`; the candidate is now `bbbbbbb`',
    );
    expect(await r.state()).toBe('approved');
    expect(await s.pressAs(ada, releases, r.ts, { ...old, value: String(r.id) })).toContain('the push may begin');
  });

  it('does not begin while the thread cannot be read, or only a part of it', async () => {
    const r = await s.open(s.product());
    await r.approve(ana, ben);
    await s.settled();
    const part = { edit: (body: Record<string, unknown>) => ({ ...body, has_more: true }) };
    for (const fault of [{ answer: { status: 500 } }, { drop: 'after' } as const, part]) {
      const undo = s.proxy().on('conversations.replies', fault);
      expect(await r.command(mia, 'ship')).toContain('could not be read completely in the last 30 s');
      undo();
    }
    expect(await r.state()).toBe('approved');
    expect(await r.command(mia, 'ship')).toContain('the push may begin');
  });

  it('tells each step once and in order, though Slack asks to wait and answers are lost', async () => {
    const r = await s.open(s.product());
    const undo = s.proxy().on('chat.postMessage', (_args, nth) => {
      if (nth === 1)
        return { answer: { status: 429, headers: { 'retry-after': '1' }, body: { ok: false, error: 'ratelimited' } } };
      return nth === 2 ? { drop: 'after' } : undefined;
    });
    await r.approve(ana, ben);
    await r.command(mia, 'ship');
    await until(async () => {
      // A line of which nothing was heard is looked for only when it can no longer be under way; here that time passes at once.
      await s.db.execute(
        sql`update outbox set attempted_at = attempted_at - interval '1 minute' where posted_ts is null`,
      );
      return r.count('*Shipping*');
    }, 'the line that it ships');
    undo();
    const lines = (await r.thread()).map((m) => m.text.slice(0, 20));
    expect(lines.length).toBe(6);
    expect(new Set((await r.thread()).map((m) => m.blocks?.[0]?.block_id)).size).toBe(6);
    const said = ['Details', 'here and testing (1', '(2/2)', '(1/2)', '*Approved*', '*Shipping*'];
    for (const [i, text] of said.entries()) expect((await r.thread())[i]?.text).toContain(text);
  });

  it('a hold after it began alerts, and offers the roll-back; the push goes on', async () => {
    const r = await live();
    expect(await r.command(zoe, 'hold', 'errors in the log')).toContain('your hold is set');
    const alarm = await r.line('Hold by <@U0ZOE> after shipping began: errors in the log');
    expect(shows(alarm)).toContain('release_rollback');
    expect(await r.state()).toBe('verifying');
    await r.eyes(ana, ben);
    expect(await r.command(ana, 'verify')).toContain('it is on hold: errors in the log');
  });
});

describe('the production check (R8)', () => {
  it('takes production only there: on the card, by command or by word nothing of the candidate changes', async () => {
    const r = await live();
    const check = await r.check();
    const lgtm = await s.dmAfter(ana, () => r.react(ana, 'lgtm'));
    expect(shows(lgtm)).toContain('it is live and being checked in production');
    const eyes = await s.dmAfter(ana, () => r.react(ana, 'eyes'));
    expect(shows(eyes)).toContain('Use the Production check message');
    expect(await r.command(ana, 'lgtm')).toContain('it is live and being checked in production');
    expect(await r.here('production')).toEqual([]);
    await s.press(ana, releases, check.ts, 'ready');
    await s.press(ben, releases, check.ts, 'ready');
    // A word cannot say which of the two it means.
    const asked = await s.dmAfter(ana, () => r.say(ana, 'LGTM'));
    expect(shows(asked)).toContain('it is production that is checked now');
    expect(await s.pressDm(ana, asked, 'verify')).toContain('your production sign-off counts');
    expect(await r.signOffs('production')).toEqual(['ana@aaaaaaa']);
    await r.react(ben, 'lgtm', true, check.ts);
    await r.line('*Done*');
    expect(await r.signOffs()).toEqual(['ana@aaaaaaa', 'ben@aaaaaaa']);
  });

  it('waits for two sets of eyes, and for operators who are not its manager or authors', async () => {
    const r = await live();
    const check = await r.check();
    expect(await s.press(ana, releases, check.ts, 'verify')).toContain('waits for two sets of eyes (0/2)');
    await s.press(ana, releases, check.ts, 'ready');
    expect(await r.command(ana, 'verify')).toContain('waits for two sets of eyes (1/2)');
    await r.command(cem, 'ready');
    expect(await r.command(ben, 'verify')).toContain('you have not said that you are here and testing');
    expect(await r.command(mia, 'verify')).toContain('only an operator can do that');
    expect(await r.command(cem, 'verify')).toContain('your production sign-off counts');
    // Taken back there, by the reaction's road too.
    expect(await r.command(cem, 'retract')).toContain('your sign-off is taken back');
    await r.line(`<@${cem}> took back their LGTM of production`);
    await r.react(cem, 'lgtm', true, check.ts);
    await r.line(`<@${cem}> signed off production`, 2);
    await r.react(cem, 'lgtm', false, check.ts);
    await r.line(`<@${cem}> took back their LGTM of production`, 2);
    expect(await r.state()).toBe('verifying');
  });
});

describe('who counts at all (R7)', () => {
  it.each(['deactivated', 'outsider', 'guest'])('not a person who is %s', async (standing) => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    await s.settled();
    await s.db.execute(sql.raw(`update people set ${standing} = true, refreshed_at = now() where id = '${ben}'`));
    try {
      expect(await r.command(ben, 'lgtm')).toContain('cannot act on releases');
      await r.react(ben, 'lgtm');
      await r.say(ben, 'LGTM');
      await s.settled();
      expect(await r.signOffs()).toEqual([]);
    } finally {
      await s.db.execute(sql.raw(`update people set ${standing} = false where id = '${ben}'`));
    }
  });

  it('takes the answer of somebody it cannot look up as nobody: nothing is changed, and it says so', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    const before = await s.everything();
    expect(await s.command('U0NOONE', `lgtm ${r.name}`)).toContain('people from other workspaces cannot act');
    expect(await s.everything()).toBe(before);
  });
});
