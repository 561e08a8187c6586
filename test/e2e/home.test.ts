import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SUBCOMMANDS } from '../../src/bot/release-words.ts';
import { TEAM } from '../support/bot.ts';
import { until } from '../support/slack.ts';
import { openStage, type Stage } from '../support/stage.ts';

const { ana, ben, cem, mia, zoe } = TEAM;
let s: Stage;
beforeAll(async () => {
  s = await openStage({ faults: true });
});
afterAll(() => s?.close());

const homeOf = async (person: string) => JSON.stringify((await s.slack.home(person))?.blocks ?? []);
const publishes = () => s.proxy().calls.filter((call) => call.method === 'views.publish').length;

describe('help, list and status', () => {
  it('help names every subcommand and its form; no words mean help', async () => {
    const help = await s.command(zoe, 'help');
    for (const [sub, [form]] of Object.entries(SUBCOMMANDS))
      expect(help).toContain(`/release ${`${sub} ${form}`.trim()}`);
    expect(await s.command(zoe, '')).toBe(help);
    expect(await s.command(zoe, '   HELP  ')).toBe(help);
  });

  it('status shows the same card privately, by every way to name it', async () => {
    const r = await s.open(s.product());
    await r.eyes(ana, ben);
    await r.cardShows('*Eyes* 2/2');
    await s.settled();
    const before = await s.everything();
    const card = JSON.stringify((await s.slack.message('C0RELEASES', r.ts)).blocks?.slice(1, 3));
    for (const how of ['', r.product, r.name, `${r.product} 1.0.0`, `REL-${r.id}`, 'v1.0.0'])
      expect(await s.command(zoe, `status ${how}`), how).toContain(card.slice(1, -1));
    await s.settled();
    expect(await s.everything()).toBe(before);
    await r.command(mia, 'cancel');
    expect(await r.command(zoe, 'status')).toContain('*Cancelled*');
  });

  it('list shows the open ones and the last ten', async () => {
    const a = await s.open(s.product());
    const b = await s.open(s.product());
    await a.command(mia, 'cancel', 'no longer needed');
    const list = await s.command(zoe, 'list');
    expect(list.indexOf(b.name)).toBeLessThan(list.indexOf('The last ten'));
    expect(list.lastIndexOf(a.name)).toBeGreaterThan(list.indexOf('The last ten'));
    expect(list).toContain('Waiting for eyes');
    for (let i = 0; i < 12; i++) {
      const r = await s.open(s.product());
      await r.command(mia, 'cancel');
    }
    const later = await s.command(zoe, 'list');
    expect(later.split('The last ten')[1]?.split('— cancelled').length).toBe(11);
    await b.command(mia, 'cancel');
  });
});

describe('the App Home', () => {
  it('shows what needs me, and follows what happens', async () => {
    await s.slack.openHome(ana);
    await s.slack.openHome(mia);
    await until(async () => (await homeOf(ana)).includes('Nothing right now'), 'a home with nothing to do');
    await until(async () => (await homeOf(mia)).includes('release_start'), 'a button that opens a release');
    const r = await s.open(s.product());
    await until(async () => (await homeOf(ana)).includes('your eyes are wanted'), 'eyes wanted');
    expect(await homeOf(ana)).toContain(r.name);
    await r.eyes(ana, ben);
    await r.command(ben, 'lgtm');
    await until(async () => (await homeOf(ana)).includes('test it and sign off'), 'to be tested');
    await r.command(ana, 'lgtm');
    await until(async () => (await homeOf(mia)).includes('approved: ship it'), 'to be shipped');
    await until(async () => (await homeOf(ana)).includes('Nothing right now'), 'nothing more to do');
    await r.command(mia, 'cancel');
    await until(
      async () => (await homeOf(mia)).includes('The last ten') && !(await homeOf(mia)).includes('ship it'),
      'done',
    );
    expect(await homeOf(zoe)).toBe('[]');
  });

  it('is published only when it changes', async () => {
    await s.slack.openHome(cem);
    await until(async () => (await homeOf(cem)).includes('What needs me today'), 'the home');
    await s.settled();
    const before = publishes();
    for (let i = 0; i < 5; i++) await s.slack.openHome(cem);
    await s.settled();
    expect(publishes()).toBe(before);
    // Ten acts within two seconds are one update for each of the three who look.
    const r = await s.open(s.product());
    await r.eyes(ben, cem);
    for (let i = 0; i < 4; i++) {
      await r.command(ben, 'away');
      await r.command(ben, 'ready');
    }
    await until(async () => (await homeOf(cem)).includes('test it and sign off'), 'the home');
    await until(async () => {
      const { rows } = await s.db.execute(`select 1 from graphile_worker.jobs where task_identifier = 'homes'`);
      return rows.length === 0;
    }, 'no home is due');
    expect(publishes() - before).toBeLessThanOrEqual(6);
  });
});
