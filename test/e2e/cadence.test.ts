// The cadence (R9) through the real process and a local Slack: slots that are near, freezes, and the way round them.
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { POLICY, TEAM } from '../support/bot.ts';
import { type Desk, deskOf, STRANGE, type Thing } from '../support/desk.ts';
import { CHANNELS, until } from '../support/slack.ts';
import { openStage, type Stage, shows } from '../support/stage.ts';

const { ana, ben, mia, noa, zoe, ada } = TEAM;
const { releases } = CHANNELS;

/** The policy with one slot a day, so many minutes from now; the zone is UTC, and every day a working day. */
function policyWithSlot(minutes: number, grace: string): string {
  const time = new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16);
  return `${POLICY.replace('Europe/Lisbon', 'Etc/UTC')}
cadence: { slots: ["${time}"], days: [mon, tue, wed, thu, fri, sat, sun], grace: ${grace}, propose_before: 3h }
duty: { roster: [${ana}, ${ben}], size: 2 }
`;
}

/** What the releases' channel was told in messages of its own. */
const channel = async (s: Stage, text: string) =>
  (await s.slack.messages(releases)).filter((m) => shows(m).includes(text));
/** Waits until the channel was told once. */
const told = (s: Stage, text: string) =>
  until(async () => (await channel(s, text)).length === 1, `one message "${text}"`);
/** The next minute's beat, at once. */
const beat = (s: Stage) => s.db.execute(sql`select graphile_worker.add_job('slots', json_build_object('at', now()))`);
const homeOf = async (s: Stage, person: string) => JSON.stringify((await s.slack.home(person))?.blocks ?? []);

describe('outside its slot', () => {
  let s: Stage;
  let d: Desk;
  let slot: Thing;
  beforeAll(async () => {
    s = await openStage({ policy: policyWithSlot(90, '30m') });
    d = deskOf(s);
    await beat(s);
    await beat(s);
    slot = await d.thing('SLOT-1');
  });
  afterAll(() => s?.close());

  it('R9: the slot is proposed once, with who is on duty; its button opens the form with the product filled in', async () => {
    await slot.shows(`*On duty:* <@${ana}>, <@${ben}>`);
    await slot.shows('no release is open for it');
    expect(await channel(s, 'SLOT-1')).toHaveLength(1);
    await slot.tap(mia, 'cadence_open');
    await d.form('Open a release');
    expect(await s.slack.submitView(mia, { version: 'v3.0.0', commit: 'ccccccc3' })).toBeNull();
    await slot.shows('*Product 1* — planned');
    await slot.shows('p1 v3.0.0');
    const { rows } = await s.db.execute(sql`select product, manager from releases where version = 'v3.0.0'`);
    expect(rows).toEqual([{ product: 'p1', manager: mia }]);
    expect(await slot.press(zoe, 'cadence_open')).toContain('nly an operator, an engineer or an admin');
  });

  it('R9: somebody who may says that nothing goes out of a product', async () => {
    expect(await slot.press(zoe, 'cadence_skip')).toContain('nly an operator, an engineer or an admin');
    expect(await slot.press(ana, 'cadence_skip')).toContain('Nothing goes out of p2');
    await slot.shows(`nothing goes out, says <@${ana}>`);
    const stale = { action_id: 'cadence_skip', value: '99:p2' };
    expect(await s.pressAs(ana, slot.channel, slot.ts, stale)).toContain('There is no such slot');
    expect(await s.pressAs(ana, slot.channel, slot.ts, { ...stale, value: '<!here>' })).toContain(
      'I do not know that button',
    );
    expect(await s.pressAs(mia, slot.channel, slot.ts, { action_id: 'cadence_open', value: 'gone' })).toContain(
      'I do not know that product',
    );
  });

  it('R9: shipping is refused with the way to the emergency, and the emergency ships', async () => {
    s.product();
    s.product();
    const r = await s.open(s.product());
    await r.cardShows('next slot');
    await r.approve(ana, ben);
    const before = await s.everything();
    const said = await r.command(mia, 'ship');
    expect(said).toContain('no slot is open. Ship it in its next slot');
    expect(said).toContain('`/release emergency <product>');
    expect(await r.press(mia, 'ship')).toContain('no slot is open');
    expect(await s.everything()).toBe(before);
    const opened = await s.command(
      mia,
      `emergency ${r.product} v9.0.0 eeeeeee9 https://issues.example.com/7 nobody can log in`,
    );
    const e = await s.release(Number(/REL-(\d+)/.exec(opened)?.[1]));
    await e.approve(ana, ben);
    expect(await e.command(mia, 'ship')).toContain('the push may begin');
  });

  it('R9: the list and the App Home say the next slot, the duty and the freezes', async () => {
    const list = await s.command(zoe, 'list');
    expect(list).toMatch(/Cadence\* · next slot .* · last 7 days: 0 of 0 slots kept/);
    await s.slack.openHome(ana);
    await until(async () => (await homeOf(s, ana)).includes('*you are on duty*'), 'the home to say who is on duty');
    expect(await homeOf(s, ana)).toContain('Next slot');
    expect(await s.command(mia, 'freeze p1 today tomorrow stock taking')).toContain('FRZ-');
    expect(await s.command(zoe, 'list')).toContain('releases of p1');
    expect(await s.command(mia, 'thaw p1')).toContain('Thawed: releases of p1');
  });
});

describe('in its slot', () => {
  let s: Stage;
  let d: Desk;
  beforeAll(async () => {
    s = await openStage({ policy: policyWithSlot(-5, '3h') });
    d = deskOf(s);
    await beat(s);
  });
  afterAll(() => s?.close());

  it('R9: it ships, but not in a freeze; thawed it ships', async () => {
    const r = await s.open(s.product());
    await r.cardShows('its slot is open until');
    await r.approve(ana, ben);
    expect(await s.command(noa, 'freeze all now tomorrow the <!channel> fair')).toContain('all releases');
    await told(s, '*Frozen*: all releases');
    await r.cardShows(':snowflake: frozen until');
    const said = await r.command(mia, 'ship');
    expect(said).toContain('releases are frozen until');
    expect(said).toContain('(the @channel fair)');
    const opened = await s.command(
      mia,
      `emergency ${s.product()} v9.0.0 eeeeeee9 https://issues.example.com/8 money is lost`,
    );
    const e = await s.release(Number(/REL-(\d+)/.exec(opened)?.[1]));
    await e.approve(ana, ben);
    expect(await e.command(mia, 'ship')).toContain('the push may begin');
    expect(await s.command(ana, 'thaw')).toContain('nly an engineer or an admin');
    expect(await s.command(ada, 'thaw')).toContain('Thawed: all releases');
    await told(s, '*Thawed*');
    await r.cardShows('its slot is open until');
    expect(await r.command(mia, 'ship')).toContain('the push may begin');
    const slot = await d.thing('SLOT-1');
    await slot.shows(r.name);
    // The beat of the next minute settles it.
    await beat(s);
    await slot.shows('*Product 1* — :checkered_flag: went out in its slot');
    expect(await s.command(zoe, 'list')).toContain('1 of 1 slot kept');
  });

  it('R9: a form asks for what is missing, and says what is wrong where it is', async () => {
    expect(await s.command(zoe, 'freeze')).toContain('nly an engineer or an admin');
    expect(await s.command(mia, 'freeze p2')).toContain('Fill in the form');
    await d.form('Freeze releases');
    const before = await s.everything();
    expect(await s.slack.submitView(mia, { to: '2020-01-01', reason: 'no' })).toEqual({
      to: expect.stringContaining('is over'),
    });
    expect(await s.everything()).toBe(before);
    expect(await s.slack.submitView(mia, { to: '2099-01-01', reason: 'no' })).toEqual({
      to: expect.stringContaining('a year'),
    });
    const later = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
    expect(await s.slack.submitView(mia, { to: later, reason: 'the fair' })).toBeNull();
    await told(s, '*Frozen*: releases of p2');
    const said = await s.command(mia, 'freeze p3 tomorrow friday the fair');
    expect(said).toContain('FRZ-');
    expect(await s.command(mia, 'thaw')).toContain('here are 2 freezes. Name the one: `/release thaw FRZ-');
    for (const p of ['p2', 'p3']) expect(await s.command(mia, `thaw ${p}`)).toContain('Thawed');
  });

  it('R9: bad input is answered with the right form, and changes nothing', async () => {
    const before = await s.everything();
    for (const text of STRANGE.filter((x) => x.length < 100)) {
      expect(await s.command(mia, `freeze ${text} friday because`), text).toMatch(/is no day I know|Fill in the form/);
      expect(await s.command(mia, `freeze today ${text} because`), text).toMatch(/is no day I know|Fill in the form/);
      expect(await s.command(mia, `thaw ${text}`), text).toContain('The form is `/release thaw [product|all|FRZ-3]`');
    }
    expect(await s.command(mia, 'freeze 2026-02-30 friday because')).toContain('The form is `/release freeze');
    expect(await s.command(mia, `freeze today friday ${'x'.repeat(300)}`)).toContain('300 characters');
    expect(await s.command(mia, 'thaw REL-1')).toContain('I do not understand');
    expect(await s.command(mia, 'thaw FRZ-999')).toContain('othing is frozen');
    expect(await s.everything()).toBe(before);
    const help = await s.command(zoe, 'help');
    for (const form of ['/release freeze [product|all] <from> <to> <reason>', '/release thaw [product|all|FRZ-3]'])
      expect(help.replaceAll('&lt;', '<').replaceAll('&gt;', '>')).toContain(form);
  });
});
