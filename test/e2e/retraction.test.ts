import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEAM } from '../support/bot.ts';
import { CHANNELS, until } from '../support/slack.ts';
import { openStage, type Play, type Stage, shows } from '../support/stage.ts';

const { ana, ben, cem } = TEAM;
const { releases } = CHANNELS;
let s: Stage;
beforeAll(async () => {
  s = await openStage();
});
afterAll(() => s?.close());

/** The ways to give a sign-off. Each returns when it was heard, whether or not it counted already. */
const GIVE = {
  button: async (r: Play) => {
    const { rows } = await s.db.execute(sql`select max(id) as id from candidates where release_id = ${r.id}`);
    await s.pressAs(ana, releases, r.ts, { action_id: 'release_lgtm', value: `${r.id}:${rows[0]?.id}` });
  },
  command: (r: Play) => r.command(ana, 'lgtm'),
  reaction: async (r: Play) => {
    await r.react(ana, 'lgtm', false);
    await r.react(ana, 'lgtm');
    await s.settled();
  },
  word: async (r: Play) => {
    const { ts } = await r.say(ana, 'LGTM');
    await s.settled();
    return ts;
  },
};

/** The ways to take one back. A reaction or word that is undone was first given beside whatever road gave the sign-off. */
const UNDO = {
  'the reaction removed': async (r: Play) => {
    await r.react(ana, 'lgtm');
    await s.settled();
    await r.react(ana, 'lgtm', false);
  },
  'the message deleted': async (r: Play) => r.remove(ana, String(await GIVE.word(r))),
  'the message edited': async (r: Play) => r.edit(ana, String(await GIVE.word(r)), 'LGTM once the fees are fixed'),
  '/release retract': (r: Play) => r.command(ana, 'retract'),
  'the menu': async (r: Play) => {
    await r.cardShows('*Approved*');
    expect(await r.menu(ana, 'retract')).toContain('your sign-off is taken back');
  },
};

describe.each(Object.keys(GIVE) as (keyof typeof GIVE)[])('R7: an LGTM given by %s, after approval', (road) => {
  it('is taken back by every road, and revives only by a new act', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    await r.command(ben, 'lgtm');
    let times = 0;
    for (const [name, undo] of Object.entries(UNDO)) {
      times += 1;
      await GIVE[road](r);
      expect(await r.state(), `given by ${road}, before ${name}`).toBe('approved');
      await undo(r);
      await r.line(`<@${ana}> took back their LGTM of \`aaaaaaa\`\n*Testing*: the approval is taken back.`, times);
      expect(await r.state(), name).toBe('testing');
      expect(await r.signOffs(), name).toEqual(['ben@aaaaaaa']);
    }
    // Whatever still stands in Slack stays unsaid: at a reconcile too.
    await s.db.execute(sql`select graphile_worker.add_job('reconcile', json_build_object('releaseId', ${r.id}::int))`);
    await s.settled();
    expect(await r.state()).toBe('testing');
    expect(await r.count('*Approved*')).toBe(times);
  });
});

describe('what is and is not an undoing', () => {
  it('R7: of two ways to have said it, either one undone takes it back', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    await GIVE.reaction(r);
    const word = await GIVE.word(r);
    await r.remove(ana, String(word));
    await r.line('took back');
    expect(await r.signOffs()).toEqual([]);
    // The reaction that still stands counts no more; taking it away changes nothing.
    await r.react(ana, 'lgtm', false);
    await s.settled();
    expect(await r.count('took back')).toBe(1);
  });

  it("R7: another person's message or reaction takes nothing back", async () => {
    const r = await s.open(s.product());
    await r.approve(ana, ben);
    const { ts } = await r.say(cem, 'LGTM');
    await r.react(cem, 'lgtm');
    await s.settled();
    await r.remove(cem, ts);
    await r.react(cem, 'lgtm', false);
    await s.settled();
    expect(await r.state()).toBe('approved');
    expect(await r.signOffs()).toEqual(['ana@aaaaaaa', 'ben@aaaaaaa']);
  });

  it('R7: an edit that still says LGTM changes nothing; one that becomes LGTM signs', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    const { ts } = await r.say(ana, 'looking');
    await r.edit(ana, ts, 'LGTM');
    await r.line(`<@${ana}> signed off`);
    await r.edit(ana, ts, 'lgtm! :tada:');
    await s.settled();
    expect(await r.signOffs()).toEqual(['ana@aaaaaaa']);
    expect(await r.count('took back')).toBe(0);
  });

  it('R2, R7: stepping away keeps the sign-off; retracting without one says so', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    await r.command(ana, 'lgtm');
    await r.command(ana, 'away');
    expect(await r.state()).toBe('waiting');
    expect(await r.signOffs()).toEqual(['ana@aaaaaaa']);
    expect(await r.command(ben, 'retract')).toContain('you have no sign-off here to take back. Nothing was changed.');
  });

  it('R6: after shipping began it alerts in the channel, is recorded, and offers the roll-back', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    await GIVE.reaction(r);
    await r.command(ben, 'lgtm');
    await r.command(TEAM.mia, 'ship');
    await r.react(ana, 'lgtm', false);
    const alarm = await r.line('takes back their LGTM of `aaaaaaa` after shipping began');
    expect(shows(alarm)).toContain('release_rollback');
    expect(await r.state()).toBe('shipping');
    await s.tap(ben, releases, alarm.ts, 'rollback');
    await until(() => s.slack.currentView(), 'the form that asks what is broken');
    expect(await s.slack.submitView(ben, { text: 'fees are wrong' })).toBeNull();
    await r.line('*Rolled back* from shipping: fees are wrong');
  });
});
