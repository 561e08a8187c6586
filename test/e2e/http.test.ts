import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEAM } from '../support/bot.ts';
import { type Relay, request, type SlackRequest, startRelay } from '../support/relay.ts';
import { CHANNELS, until } from '../support/slack.ts';
import { openStage, type Play, type Stage } from '../support/stage.ts';

const { ana, ben, mia } = TEAM;
let s: Stage;
let relay: Relay;
beforeAll(async () => {
  relay = await startRelay(() => s.bot().port);
  s = await openStage({ requestUrl: relay.url });
});
afterAll(async () => {
  await s?.close();
  await relay?.stop();
});

const commandOf = (text: string, user: string = mia) => ({
  ...{
    command: '/release',
    text,
    user_id: user,
    user_name: 'mia',
    channel_id: CHANNELS.releases,
    channel_name: 'releases',
  },
  ...{ team_id: 'T01SHIP', team_domain: 'ship', api_app_id: 'A01SHIP', is_enterprise_install: 'false' },
  ...{ trigger_id: `${Math.random()}.${Date.now()}`, response_url: `${s.slack.url}/_hooks/response/none`, token: 'x' },
});

/** All orders of a list. */
function orders<T>(list: T[]): T[][] {
  if (list.length < 2) return [list];
  return list.flatMap((one, i) => orders([...list.slice(0, i), ...list.slice(i + 1)]).map((rest) => [one, ...rest]));
}

describe('over HTTP', () => {
  it('plays a release as over the socket', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    await r.react(ana, 'lgtm');
    await r.line(`<@${ana}> signed off`);
    await r.press(ben, 'lgtm');
    expect(await r.state()).toBe('approved');
    expect(await r.command(mia, 'ship')).toContain('the push may begin');
    await s.command(mia, 'emergency');
    await until(() => s.slack.currentView(), 'the form');
    expect(await s.slack.submitView(mia, { version: 'v1' })).toHaveProperty('commit');
    await s.slack.closeView(mia);
  });

  it('takes a signed command, and neither a forged nor an old nor an unsigned one', async () => {
    const p = s.product();
    await s.settled();
    const before = await s.everything();
    const now = Math.floor(Date.now() / 1000);
    const open = commandOf(`open ${p} v1.0.0 aaaaaaa1`);
    const good = request(open);
    const bad: Record<string, SlackRequest> = {
      'another secret': request(open, 'not-the-secret'),
      'six minutes old': request(open, undefined, now - 360),
      'another body': { ...good, body: good.body.replace(p, 'p59') },
      'another time': { ...good, headers: { ...good.headers, 'x-slack-request-timestamp': String(now - 60) } },
      unsigned: { ...good, headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    };
    for (const [name, one] of Object.entries(bad)) expect((await relay.send(one)).status, name).toBe(401);
    await s.settled();
    expect(await s.everything()).toBe(before);
    const answer = await relay.send(good);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({
      response_type: 'ephemeral',
      text: expect.stringContaining('Opened'),
    });
    // Sent again, as it is: the same answer, and nothing more happens.
    expect(await relay.send(good)).toEqual(answer);
    const { rows } = await s.db.execute(sql`select count(*)::int as n from releases where product = ${p}`);
    expect(rows[0]?.n).toBe(1);
  });

  it('opens the form by the global shortcut', async () => {
    await s.command(mia, 'help');
    const log = await s.slack.log();
    // Local Slack has no shortcuts; any trigger of its own opens a form.
    const sent = log.findLast((e) => e.kind === 'slash_commands' && e.direction === 'to_bot');
    const trigger = new URLSearchParams(String(sent?.detail)).get('trigger_id') ?? '';
    const payload = {
      ...{ type: 'shortcut', callback_id: 'open_release', trigger_id: trigger, token: 'x', action_ts: '1' },
      ...{ team: { id: 'T01SHIP', domain: 'ship' }, user: { id: mia, username: 'mia', team_id: 'T01SHIP' } },
    };
    const before = await s.slack.currentView();
    expect(before).toBeUndefined();
    expect((await relay.send(request({ payload: JSON.stringify(payload) }))).status).toBe(200);
    const form = await until(() => s.slack.currentView(), 'the form');
    expect(form).toMatchObject({ callback_id: 'release_open', title: { text: 'Open a release' } });
    const p = s.product();
    expect(await s.slack.submitView(mia, { product: p, version: '1.0.0', commit: 'aaaaaaa1' })).toBeNull();
    const { rows } = await s.db.execute<{ manager: string }>(sql`select manager from releases where product = ${p}`);
    expect(rows[0]?.manager).toBe(mia);
  });
});

describe('what Slack shows and no event told', () => {
  it('R8: a retraction is found before the push begins', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    await r.react(ana, 'lgtm');
    await r.command(ben, 'lgtm');
    await r.line('*Approved*');
    await s.settled();
    await relay.keep(() => r.react(ana, 'lgtm', false));
    expect(await r.command(mia, 'ship')).toContain('Two operators present sign off the candidate first');
    await r.line(`<@${ana}> took back`);
    expect(await r.state()).toBe('testing');
    expect(await r.count('*Shipping*')).toBe(0);
  });
});

describe('never doubled, never out of order', () => {
  let r: Play;
  beforeAll(async () => {
    r = await s.open(s.product());
    await r.eyes(ana, ben);
    await s.settled();
  });

  /** Sends requests one after the other, each answered. */
  const sendAll = async (requests: SlackRequest[]) => {
    for (const one of requests) expect((await relay.send(one)).status).toBe(200);
    await s.settled();
  };
  const metrics = async () => (await fetch(`http://127.0.0.1:${s.bot().port}/metrics`)).text();
  const claim = async (ts = r.ts, road = 'lgtm') => {
    const { rows } = await s.db.execute<{ present: boolean }>(
      sql`select present from claims where ts = ${ts} and road = ${road} and person = ${ana}`,
    );
    return rows[0]?.present;
  };

  it('the same event three times counts once', async () => {
    const [event] = await relay.keep(() => r.react(ana, 'lgtm'));
    await Promise.all([1, 2, 3].map(() => relay.send(event as SlackRequest)));
    await r.line(`<@${ana}> signed off`);
    await s.settled();
    await relay.send(event as SlackRequest);
    await s.settled();
    expect(await r.count('signed off')).toBe(1);
    expect(await r.signOffs()).toEqual(['ana@aaaaaaa']);
    await r.react(ana, 'lgtm', false);
    await r.line('took back');
    // The first event again, long after: it is known.
    await sendAll([event as SlackRequest]);
    expect(await r.signOffs()).toEqual([]);
  });

  it('the same click and the same form three times act once', async () => {
    const [click] = await relay.keep(() => s.slack.click(ben, CHANNELS.releases, r.ts, 'release_hold'));
    const answers = (await s.slack.answers(ben)).length;
    await Promise.all([1, 2, 3].map(() => relay.send(click as SlackRequest)));
    const heard = /shipshape_commands_total\{command="button",subcommand="hold",outcome="accepted"\} 3/;
    await until(async () => heard.test(await metrics()), 'three clicks to be heard');
    await s.settled();
    expect((await r.holds()).length).toBe(1);
    expect(await r.count('On hold')).toBe(1);
    expect((await s.slack.answers(ben)).length).toBe(answers + 1);
    // The hold is set; the form asks why, and is sent three times.
    const [form] = await relay.keep(() => s.slack.submitView(ben, { text: 'slow' }));
    const taken = await Promise.all([1, 2, 3].map(() => relay.send(form as SlackRequest)));
    expect(taken.map((answer) => answer.status)).toEqual([200, 200, 200]);
    await s.settled();
    expect(await r.count('on their hold: slow')).toBe(1);
    await r.command(ben, 'unhold');
  });

  it('a reaction added, removed and added, in any order of arrival, ends as Slack shows it: standing', async () => {
    for (const order of orders([0, 1, 2])) {
      const events = await relay.keep(async () => {
        await r.react(ana, 'lgtm');
        await r.react(ana, 'lgtm', false);
        await r.react(ana, 'lgtm');
      });
      await sendAll(order.map((i) => events[i] as SlackRequest));
      expect(await claim(), String(order)).toBe(true);
      expect(await r.signOffs(), String(order)).toEqual(['ana@aaaaaaa']);
      await r.react(ana, 'lgtm', false);
      await s.settled();
      expect(await r.signOffs()).toEqual([]);
    }
  });

  it('a reaction added and removed twice, in any order of arrival, ends as Slack shows it: gone', async () => {
    for (const order of orders([0, 1, 2, 3])) {
      const events = await relay.keep(async () => {
        for (const present of [true, false, true, false]) await r.react(ana, 'lgtm', present);
      });
      await sendAll(order.map((i) => events[i] as SlackRequest));
      expect(await claim(), String(order)).toBe(false);
      expect(await r.signOffs(), String(order)).toEqual([]);
    }
  });

  it('a word said, changed and deleted, in any order of arrival, signs nothing in the end', async () => {
    for (const order of orders([0, 1, 2])) {
      let ts = '';
      const events = await relay.keep(async () => {
        ts = (await r.say(ana, 'LGTM')).ts;
        await r.edit(ana, ts, 'LGTM :+1:');
        await r.remove(ana, ts);
      });
      await sendAll(order.map((i) => events[i] as SlackRequest));
      expect(await claim(ts, 'word'), String(order)).toBe(false);
      expect(await r.signOffs(), String(order)).toEqual([]);
    }
  });
});
