import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { POLICY, TEAM } from '../support/bot.ts';
import { CHANNELS, until } from '../support/slack.ts';
import { openStage, type Stage, shows } from '../support/stage.ts';

const { ana, ben, cem, zoe } = TEAM;
const { releases } = CHANNELS;
let s: Stage;
beforeAll(async () => {
  s = await openStage();
});
afterAll(() => s?.close());

describe('R7: what counts as saying LGTM', () => {
  it('counts a person once, whatever roads they take', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    await r.react(ana, 'lgtm');
    await r.line(`<@${ana}> signed off`);
    expect(await r.press(ana, 'lgtm')).toContain('your sign-off already counts');
    expect(await r.command(ana, 'lgtm')).toContain('your sign-off already counts');
    await r.say(ana, 'LGTM');
    await r.say(ana, 'lgtm');
    await s.settled();
    expect(await r.signOffs()).toEqual(['ana@aaaaaaa']);
    expect(await r.count('signed off')).toBe(1);
    expect(await r.state()).toBe('testing');
    const { rows } = await s.db.execute(sql`select 1 from audit_events
      where subject = ${`REL-${r.id}`} and data::text like '%"signed"%'`);
    expect(rows.length).toBe(1);
  });

  it('signs by a message that says it and nothing else', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    let times = 0;
    for (const text of ['LGTM', 'lgtm', 'LGTM!!', ':tada: lgtm :+1:', '*LGTM*', '  Lgtm.  ', 'LGTM 🎉']) {
      await r.say(ben, text);
      times += 1;
      await r.line(`<@${ben}> signed off`, times);
      await r.command(ben, 'retract');
    }
  });

  it('does not sign by a message that merely contains it; that is offered a button by DM, which works', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    const texts = ['not LGTM yet', 'LGTM?', '&gt; LGTM', '~LGTM~', '"LGTM"', 'LGTM :thinking_face:', 'LGTM, but slow'];
    for (const text of texts) {
      const asked = await s.dmAfter(ana, () => r.say(ana, text));
      expect(shows(asked), text).toContain('it was not counted as a sign-off');
      expect(await r.signOffs(), text).toEqual([]);
      expect(await s.pressDm(ana, asked, 'lgtm'), text).toContain('your sign-off counts');
      expect(await s.pressDm(ana, asked, 'lgtm'), text).toContain('already counts');
      expect(await r.signOffs()).toEqual(['ana@aaaaaaa']);
      await r.command(ana, 'retract');
    }
  });

  it('offers nothing to who could not sign off anyway, nor for other words, other threads and the channel', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    const before = (await s.slack.dms(cem)).length;
    await r.say(cem, 'not LGTM yet');
    await r.say(cem, 'algtmo is no word');
    await s.slack.say(cem, releases, 'LGTM');
    const other = await s.slack.say(ana, releases, 'lunch?');
    await s.slack.say(ana, releases, 'LGTM', other.ts);
    await s.slack.react(ana, releases, other.ts, 'lgtm');
    await s.settled();
    expect((await s.slack.dms(cem)).slice(before).map(shows)).toEqual([]);
    expect(await r.signOffs()).toEqual([]);
  });

  it('other emoji mean nothing', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    await s.settled();
    const before = await s.everything();
    for (const emoji of ['+1', 'white_check_mark', 'lgtm2', 'tada']) await r.react(ana, emoji);
    await s.settled();
    expect(await s.everything()).toBe(before);
  });
});

describe('after the policy was changed', () => {
  it('R3, R7: reactions from before they had a meaning are asked about; open releases are heard in the channel they are in', async () => {
    const r = await s.open(s.product());
    for (const person of [ana, ben]) for (const name of ['raised_hands', '+1']) await r.react(person, name);
    await s.db.execute(sql`select graphile_worker.add_job('reconcile', json_build_object('releaseId', ${r.id}::int))`);
    const read = sql`select 1 from releases where id = ${r.id} and reconciled_at is not null`;
    await until(async () => (await s.db.execute(read)).rowCount, 'a complete reading of the thread');
    await s.bot().stop();
    const elsewhere = POLICY.replace(`releases: ${releases}`, `releases: ${CHANNELS.funds}`);
    await s.restart(`${elsewhere}reactions: { lgtm: [lgtm, "+1"], eyes: [eyes, raised_hands] }\n`);
    for (const person of [ana, ben]) {
      const asked = await s.dm(person, r.name, 'has changed since I last looked here');
      expect(shows(asked)).toContain('it was not counted');
    }
    await s.settled();
    expect([await r.state(), await r.here(), await r.signOffs()]).toEqual(['waiting', [], []]);
    await r.react(zoe, 'octagonal_sign');
    await r.line(`On hold by <@${zoe}>`);
  });
});
