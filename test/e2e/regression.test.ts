// The regression calendar (R21), through the real process and a local Slack.
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REGRESSION_WORDS } from '../../src/bot/regression-words.ts';
import { addJob } from '../../src/db/outbox.ts';
import { POLICY, TEAM } from '../support/bot.ts';
import { type Desk, deskOf, STRANGE } from '../support/desk.ts';
import { CHANNELS, type LocalMessage, until } from '../support/slack.ts';
import { openStage, type Stage, shows } from '../support/stage.ts';

const { ana, ben, cem, dee, zoe, gus, ada } = TEAM;
const REGRESSION = `regression:
  wallets: [native, ledger]
  features: [Send, { name: Trade, key: true }]
  owner: ${ada}
`;
let s: Stage;
let d: Desk;
/** The month after this one, and today, as the bot's team has them. */
let next = '';
let today = '';
beforeAll(async () => {
  s = await openStage({ policy: `${POLICY}${REGRESSION}` });
  d = deskOf(s);
  today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Lisbon' }).format(new Date());
  const [year = 0, month = 0] = today.split('-').map(Number);
  next = new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 7);
});
afterAll(() => s?.close());

type Row = { id: string; tester: string; day: string; state: string; feature: string; wallet: string };
const rows = async (): Promise<Row[]> =>
  (
    await s.db.execute<Row>(
      sql`select id, tester, day::text, state, feature, wallet from regression_assignments order by id`,
    )
  ).rows;
const of = async (person: string) => (await rows()).filter((r) => r.tester === person);
const say = (person: string, text: string) => d.typed(person, '/regression', text);
const homeOf = async (person: string) => JSON.stringify((await s.slack.home(person))?.blocks ?? []);

/** R23: as if it were the Tuesday after next, when Lisbon is at work, and then Los Angeles too, where Dee lives: what is held goes out. */
async function inTheirHours(): Promise<void> {
  const tuesday = new Date();
  tuesday.setUTCDate(tuesday.getUTCDate() + 7 + ((9 - tuesday.getUTCDay()) % 7));
  for (const [hours, minutes] of [
    [10, 0],
    [17, 30],
  ] as const) {
    tuesday.setUTCHours(hours, minutes, 0, 0);
    await addJob(s.db, 'held', { at: tuesday.toISOString() });
  }
}

/** Has one of a person's tests be of today: people pass and fail in the month that is. */
async function dueToday(person: string): Promise<Row> {
  const [mine] = (await of(person)).filter((r) => r.state === 'planned' && r.day > today);
  await s.db.execute(sql`insert into regression_months (month, planned_at, planned_by, roster, areas, left_out)
    select ${today.slice(0, 7)}, now(), 'shipshape', '[]', areas, '[]' from regression_months where month = ${next} on conflict do nothing`);
  await s.db.execute(
    sql`update regression_assignments set month = ${today.slice(0, 7)}, day = ${today} where id = ${mine?.id ?? 0}`,
  );
  return mine as Row;
}

/** Waits for the newest private answer whose text has this, to press its buttons. */
async function answer(person: string, text: string): Promise<LocalMessage> {
  return until(
    async () => (await s.slack.answers(person, CHANNELS.other)).findLast((m) => shows(m).includes(text)),
    `an answer "${text}"`,
  );
}

describe('the calendar', () => {
  it('is shown beforehand, made by an admin, announced, and told to its testers', async () => {
    expect(await say(zoe, `month ${next}`)).toContain('is not planned yet');
    expect(await say(zoe, 'plan next')).toContain('would be*: 6 tests');
    expect(await rows()).toEqual([]);
    expect(await say(ada, 'plan next')).toContain('0 of 4 areas tested, 4 to come');
    expect(await rows()).toHaveLength(6);
    await until(
      async () =>
        (await s.slack.messages(CHANNELS.releases)).find((m) => m.text.includes('4 areas, 6 tests by 4 testers')),
      'the line in the channel',
    );
    await inTheirHours();
    for (const person of [ana, ben, cem, dee]) await s.dm(person, 'Yours:', 'RA-');
    expect(await say(ada, 'plan next')).toContain('4 to come');
    expect(await say(zoe, `month ${next}`)).toContain(`<@${ana}>`);
    expect(await rows()).toHaveLength(6);
  });

  it('R21: who is away by words or by the form has their tests moved, and who gets them is told; back again', async () => {
    const [mine] = await of(ana);
    const said = await say(ana, `away ${mine?.day} to ${mine?.day}`);
    expect(said).toContain(`RA-${mine?.id}`);
    const moved = (await rows()).find((r) => r.id === mine?.id);
    expect([moved?.tester, moved?.day]).not.toEqual([ana, mine?.day]);
    await inTheirHours();
    if (moved && moved.tester !== ana) await s.dm(moved.tester, `<@${ana}> is away`, `RA-${mine?.id}`);
    await say(ben, 'away');
    await d.form('Away');
    expect(await s.slack.submitView(ben, { from: `${next}-09`, to: `${next}-02` })).toEqual({
      to: expect.stringMatching(/ends before it begins/i),
    });
    expect(await s.slack.submitView(ben, { from: `${next}-01`, to: `${next}-28` })).toBeNull();
    expect((await of(ben)).filter((r) => r.day <= `${next}-28`)).toEqual([]);
    expect(await say(ben, 'back')).toContain('noted as back');
    expect(await say(ada, `back <@${ana}>`)).toContain('noted as back');
  });

  it('two swap: offered by words, agreed to by a button', async () => {
    const [mine] = await of(cem);
    const theirs = (await of(dee)).find((r) => r.day !== mine?.day);
    expect(await say(cem, `swap RA-${mine?.id} RA-${theirs?.id}`)).toContain(`I asked <@${dee}>`);
    const offer = await s.dm(dee, `<@${cem}> would do your`);
    const channel = (await s.slack.channelOfDm(dee)) ?? '';
    const yes = (await s.slack.buttons(channel, offer.ts)).find((b) => b.action_id === 'regression_swap_yes');
    expect(await s.pressAs(dee, channel, offer.ts, yes ?? {})).toContain('You do');
    await s.dm(cem, `<@${dee}> agreed`);
    expect((await rows()).find((r) => r.id === mine?.id)?.tester).toBe(dee);
  });

  it('is passed, failed with the bug form filled in, and skipped with a reason; App Home shows what is due', async () => {
    const mine = await dueToday(ana);
    await s.slack.openHome(ana);
    await until(async () => (await homeOf(ana)).includes(`RA-${mine.id}`), 'the home to show it');
    expect(await say(zoe, 'today')).toContain(`RA-${mine.id}`);
    expect(await say(zoe, 'week')).toContain(`RA-${mine.id}`);
    expect(await say(ana, 'mine')).toContain('You have');
    const list = await answer(ana, 'You have');
    expect(JSON.stringify(list.blocks)).toContain('regression_fail');
    expect(await say(ana, 'fail the fee is NaN')).toContain('failed: the fee is NaN');
    const form = await d.form('Report a bug');
    const shown = JSON.stringify(form);
    expect(shown).toContain(`${mine.feature} with ${mine.wallet} (regression RA-${mine.id})`);
    expect(shown).toContain('Instead: the fee is NaN');
    await s.slack.closeView(ana);
    expect(await say(ana, `pass RA-${mine.id} retested`)).toContain('passed: retested');
    expect((await rows()).find((r) => r.id === mine.id)?.state).toBe('passed');
    await until(async () => !(await homeOf(ana)).includes(`RA-${mine.id}`), 'the home to forget it');
    // The buttons of the list do the same, and show the cases.
    const press = (action: string, value = mine.id, who: string = ana) =>
      s.slack.clickStale(who, CHANNELS.other, list.ts, { type: 'button', action_id: action, value, block_id: 'x' });
    await press('regression_cases');
    expect(JSON.stringify(await d.form('Test cases'))).toContain('no case for this area');
    await s.slack.closeView(ana);
    await press('regression_fail');
    await d.form('Report a bug');
    expect((await rows()).find((r) => r.id === mine.id)?.state).toBe('failed');
    await s.slack.closeView(ana);
    const [free] = (await rows()).filter((r) => r.state === 'planned' && r.day > today);
    await press('regression_swap', free?.id, free?.tester);
    await d.form('Swap tests');
    await s.slack.closeView(free?.tester ?? '');
    await s.pressAs(ana, CHANNELS.other, list.ts, { action_id: 'regression_pass', value: mine.id });
    expect(await s.pressAs(ana, CHANNELS.other, list.ts, { action_id: 'regression_dance', value: '1' })).toContain(
      'do not know',
    );
    const other = await dueToday(ben);
    await say(ben, 'skip');
    await d.form('Skip');
    expect(await s.slack.submitView(ben, { reason: 'No device here' })).toBeNull();
    expect((await rows()).find((r) => r.id === other.id)?.state).toBe('skipped');
  });

  it('posts its coverage as a picture and as text, once', async () => {
    for (let i = 0; i < 2; i++) {
      await s.db.execute(sql`select graphile_worker.add_job('coverage', json_build_object('month', ${next}::text))`);
      await s.settled();
    }
    const posted = (await s.slack.messages(CHANNELS.releases)).filter((m) =>
      shows(m).includes('Regression coverage of'),
    );
    expect(posted).toHaveLength(1);
    expect(JSON.stringify(posted[0])).toContain(`regression-${next}.png`);
    expect(posted[0]?.text).toMatch(/areas? tested/);
  });
});

describe('bad input is answered with one clear sentence and the right form, and changes nothing', () => {
  it('help names every subcommand and its form', async () => {
    const help = await say(zoe, 'help');
    for (const [word, [form]] of Object.entries(REGRESSION_WORDS))
      expect(help).toContain(`/regression ${`${word} ${form}`.trim().replaceAll('&', '&amp;')}`);
  });

  it('words that are none, ids that are none or not one’s own, days and months that are none, and people who may not', async () => {
    for (const [text, said] of Object.entries(
      await d.refusedAll(ana, '/regression', ['party', ...STRANGE.map((t) => t.trim()).filter(Boolean)]),
    ))
      expect(said, text).toContain('/regression help');
    const bad = {
      today: ['please'],
      week: ['2'],
      mine: ['all'],
      month: ['2026-13', 'smarch', ...STRANGE.slice(0, 3)],
      plan: ['2026-13', 'someday'],
      pass: ['RA-0', 'BUG-1', '99999999999999999999'],
      swap: ['RA-1', 'RA-1 RA-2 RA-3', 'you me'],
      away: ['someday', '2026-02-30', `${next}-01 ${next}-02 ${next}-03`, '<@U0BEN> <@U0CEM>'],
      back: ['tomorrow', '@ben'],
    };
    for (const [word, texts] of Object.entries(bad)) {
      for (const [text, said] of Object.entries(
        await d.refusedAll(
          ana,
          '/regression',
          texts.map((t) => `${word} ${t}`),
        ),
      ))
        expect(said, text).toContain(`The form is \`/regression ${word}`);
    }
    expect(await d.refused(ana, '/regression', 'pass RA-99999')).toContain('There is no RA-99999');
    const [theirs] = (await of(dee)).filter((r) => r.state === 'planned');
    for (const word of ['pass', 'fail', 'skip'])
      expect(await d.refused(ana, '/regression', `${word} RA-${theirs?.id} because`)).toContain(`<@${dee}>'s test`);
    expect(await d.refused(ana, '/regression', `away ${next}-01 <@${dee}>`)).toContain('Only an admin');
    expect(await d.refused(dee, '/regression', `pass RA-${theirs?.id}`)).toContain('its month has not begun');
    expect(await d.refused(gus, '/regression', 'today')).toContain('Guests have no part');
    expect(await d.refused(ada, '/regression', 'plan 2020-01')).toContain('January 2020 is over');
  });
});
