// The words of /bug, /issue and /thread, and the buttons and forms of their cards, through the listeners on a real database.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeMetrics } from '../../src/base/metrics.ts';
import { bugButton } from '../../src/bot/bug-buttons.ts';
import { bugCommand } from '../../src/bot/bug-command.ts';
import { bugAskSubmitted, reportSubmitted } from '../../src/bot/bug-forms.ts';
import type { BotDeps } from '../../src/bot/deps.ts';
import { noteButton } from '../../src/bot/notes-buttons.ts';
import { noteCommand } from '../../src/bot/notes-command.ts';
import { noteAsked, noteOpened } from '../../src/bot/notes-forms.ts';
import { prodButton } from '../../src/bot/prod-buttons.ts';
import { prodSubmitted } from '../../src/bot/prod-forms.ts';
import { releaseCommand } from '../../src/bot/release-command.ts';
import { loadPolicy } from '../../src/policy.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { keptLog } from '../support/quiet.ts';

let t: TestDb;
let deps: BotDeps;
const opened: { callback_id: string; private_metadata?: string }[] = [];
let serial = 0;

beforeAll(async () => {
  t = await freshDb();
  const slack = {
    openView: async (_trigger: string, view: (typeof opened)[number]) => opened.push(view),
    userInfo: async (id: string) => ({
      id,
      name: id.toLowerCase(),
      tz: 'Europe/London',
      isBot: false,
      deleted: false,
      guest: false,
      teamId: 'T0SHIPSHAPE',
      stranger: false,
    }),
  };
  const policy = loadPolicy('src/demo/policy.yml');
  const base = { db: t.db, policy, slack, log: keptLog().log, clock: () => new Date(), metrics: makeMetrics() };
  deps = { ...base, botUserId: 'U0SHIPBOT', gateNews: async () => {} } as unknown as BotDeps;
});
afterAll(() => t.close());

type Handler = (args: never) => Promise<void>;
const acks: Record<string, (d: BotDeps) => Handler> = {
  '/bug': bugCommand,
  '/issue': (d) => noteCommand(d, '/issue'),
  '/thread': (d) => noteCommand(d, '/thread'),
  '/release': releaseCommand,
};

/** Types a command. @returns the private answer, blocks included */
async function type(user: string, line: string): Promise<string> {
  const [name = '', ...words] = line.split(' ');
  const answers: unknown[] = [];
  const keep = async (answer: unknown) => void answers.push(answer);
  const command = {
    command: name,
    text: words.join(' '),
    user_id: user,
    trigger_id: `T${++serial}`,
    channel_id: 'C0RELEASES',
  };
  await (acks[name] as (d: BotDeps) => Handler)(deps)({ command, ack: keep, respond: keep } as never);
  return JSON.stringify(answers);
}

/** Presses a button. @returns the private answer, or the callback id of the form that opened */
async function press(handler: (d: BotDeps) => Handler, user: string, actionId: string, value: string): Promise<string> {
  const answers: unknown[] = [];
  const before = opened.length;
  const keep = async (answer: unknown) => void answers.push(answer);
  const body = {
    user: { id: user },
    trigger_id: `T${++serial}`,
    response_url: 'https://slack.example/r',
    view: undefined,
  };
  const action = { type: 'button', action_id: actionId, value, action_ts: `${serial}.1`, block_id: 'b' };
  await handler(deps)({ ack: async () => {}, respond: keep, body, action, client: {} } as never);
  return opened[before]?.callback_id ?? JSON.stringify(answers);
}

/** Submits the form that opened last. @returns the errors the form shows, or nothing when it closed */
async function submit(
  handler: (d: BotDeps) => Handler,
  user: string,
  fields: Record<string, unknown>,
): Promise<string> {
  const acked: unknown[] = [];
  const values = Object.fromEntries(Object.entries(fields).map(([id, value]) => [id, { [id]: value }]));
  const view = { ...opened.at(-1), id: `V${++serial}`, state: { values } };
  const body = { user: { id: user }, trigger_id: `T${serial}`, view };
  await handler(deps)({ ack: async (a: unknown) => void acked.push(a), body, view } as never);
  return JSON.stringify(acked.filter((a) => a !== undefined));
}
const text = (value: string) => ({ value });
const chosen = (value: string) => ({ selected_option: { value } });

describe('/issue and /thread', () => {
  test('an issue is opened, shown, dated, handed over, listed and closed', async () => {
    expect(await type('U0AYO', '/issue help')).toContain('/issue close');
    expect(await type('U0AYO', '/issue The wallet loses its focus')).toContain('NOTE-1');
    expect(await type('U0AYO', '/issue show NOTE-1')).toContain('The wallet loses its focus');
    expect(await type('U0AYO', '/issue due NOTE-1 2099-01-01')).toContain(':white_check_mark:');
    expect((await t.pool.query('select due::text from notes where id = 1')).rows).toEqual([{ due: '2099-01-01' }]);
    expect(await type('U0AYO', '/issue due NOTE-1 someday')).toContain(':x:');
    expect(await type('U0AYO', '/issue assign NOTE-1 <@U0BEA>')).toContain(':white_check_mark:');
    expect((await t.pool.query('select responsible from notes where id = 1')).rows).toEqual([{ responsible: 'U0BEA' }]);
    expect(await type('U0AYO', '/issue assign NOTE-1 bea')).toContain(':x:');
    expect(await type('U0AYO', '/issue list')).toContain('NOTE-1');
    expect(await type('U0AYO', '/issue show NOTE-99')).toContain(':x:');
    // More than the form takes.
    const before = opened.length;
    expect(await type('U0BEA', `/issue close NOTE-1 ${'x'.repeat(2500)}`)).toContain('Please keep it under 2000');
    expect(opened).toHaveLength(before);
    // Boxes are open: the form asks why.
    await type('U0BEA', '/issue close NOTE-1 it is fixed');
    expect((await t.pool.query('select state from notes where id = 1')).rows).toEqual([{ state: 'open' }]);
    expect(await press(noteButton, 'U0BEA', 'note_close', '1')).toContain('note_');
    await submit(noteAsked, 'U0BEA', {
      summary: text('Fixed by the new picker'),
      reason: text('Measured by hand'),
      text: text('Fixed'),
    });
    expect((await t.pool.query('select state from notes where id = 1')).rows).toEqual([{ state: 'closed' }]);
    expect(await type('U0BEA', '/issue reopen NOTE-1')).toContain('NOTE-1');
  });

  test('a meeting and a topic are threads too; without a title a form opens', async () => {
    expect(await type('U0PIA', '/thread meeting Weekly')).toContain('NOTE-2');
    expect(await type('U0PIA', '/thread topic Colours')).toContain('NOTE-3');
    expect(await type('U0PIA', '/thread list')).toContain('Weekly');
    expect(await type('U0PIA', '/thread party Friday')).toContain(':x:');
    const before = opened.length;
    await type('U0PIA', '/thread meeting');
    expect(opened.length).toBe(before + 1);
    await submit(noteOpened, 'U0PIA', { title: text(''), kind: chosen('meeting') });
    expect((await t.pool.query('select count(*)::int as n from notes')).rows).toEqual([{ n: 3 }]);
  });
});

describe('/bug', () => {
  test('the form makes a bug, or keeps its faults at their fields', async () => {
    expect(await type('U0AYO', '/bug help')).toContain('/bug recreate');
    expect(await type('U0MIRA', '/release open unchained v7.9.0 abc1234')).toContain('Opened');
    await type('U0AYO', '/bug Send breaks');
    const form = {
      product: chosen('unchained'),
      title: text('Send breaks'),
      foundIn: chosen('candidate'),
      blocking: chosen('yes'),
      production: chosen('not_yet'),
    };
    expect(await submit(reportSubmitted, 'U0AYO', { ...form, title: text('') })).toContain('errors');
    expect(await submit(reportSubmitted, 'U0AYO', form)).toBe('[]');
    expect(await type('U0AYO', '/bug list')).toContain('BUG-1');
    expect(await type('U0AYO', '/bug show BUG-1')).toContain('Send breaks');
  });

  test('a blocker is recreated, tried, downgraded by two, and every word says what was wrong', async () => {
    expect(await type('U0BEA', '/bug recreate BUG-1')).toContain(':white_check_mark:');
    expect(await type('U0BEA', '/bug tried BUG-1 perhaps')).toContain(':x:');
    expect(await type('U0BEA', '/bug tried BUG-1 no')).toContain(':white_check_mark:');
    expect(await type('U0MIRA', '/bug fix BUG-1 main')).toContain(':x:');
    expect(await type('U0MIRA', '/bug fix BUG-1 abc1234')).toContain(':x:');
    expect(await type('U0BEA', '/bug retest BUG-1 fixed')).toContain(':x:');
    expect(await type('U0BEA', '/bug downgrade BUG-1 nobody uses it')).toContain(':white_check_mark:');
    expect(await type('U0BEA', '/bug agree BUG-1')).toContain(':x:');
    expect(await press(bugButton, 'U0BEA', 'bug_agree', '1:999')).toContain(':x:');
    // What is asked may have changed since it was read: the words show it, and only its own button agrees.
    const question = await type('U0AYO', '/bug agree BUG-1');
    expect(question).toContain('<@U0BEA> asks to downgrade it to non-blocking: nobody uses it');
    expect((await t.pool.query('select blocking from bugs where id = 1')).rows).toEqual([{ blocking: true }]);
    const drawn = /"action_id":"bug_agree".*?"value":"(1:\d+)"/.exec(question.replaceAll('\\"', '"'))?.[1] ?? '';
    expect(await press(bugButton, 'U0AYO', 'bug_agree', drawn)).toContain(':white_check_mark:');
    expect(await type('U0AYO', '/bug assign BUG-1 <@U0BEA>')).toContain(':white_check_mark:');
    expect(await type('U0AYO', '/bug priority BUG-1 P1 many ask')).toContain(':white_check_mark:');
    expect((await t.pool.query('select priority from bugs where id = 1')).rows).toEqual([{ priority: 'P1' }]);
    expect(await type('U0AYO', '/bug ticket BUG-1 https://tickets.example/1')).toContain('BUG-1');
    expect(await type('U0AYO', '/bug stats')).toContain('95 %');
    expect(await type('U0AYO', '/bug show BUG-77')).toContain(':x:');
    const bug = (await t.pool.query('select blocking, downgraded_at is not null as downgraded from bugs where id = 1'))
      .rows;
    expect(bug).toEqual([{ blocking: false, downgraded: true }]);
  });

  test('a button that asks opens its form, and the form acts', async () => {
    expect(await press(bugButton, 'U0AYO', 'bug_more', 'block:1')).toContain('bug_');
    await submit(bugAskSubmitted, 'U0AYO', { text: text('it loses money') });
    expect((await t.pool.query('select blocking from bugs where id = 1')).rows).toEqual([{ blocking: true }]);
    expect(await press(bugButton, 'U0AYO', 'bug_nonsense', '1')).toContain(':x:');
  });

  test('a prod issue lives its life by words', async () => {
    expect(await type('U0AYO', '/bug prod help')).toContain('/bug prod mitigated');
    expect(await type('U0AYO', '/bug escalate BUG-1 users lose their history')).toContain('PI-1');
    expect(await type('U0AYO', '/bug prod list')).toContain('PI-1');
    expect(await type('U0AYO', '/bug prod show PI-1')).toContain('Send breaks');
    expect(await type('U0AYO', '/bug prod assign PI-1 owner <@U0AYO>')).toContain('PI-1');
    // Somebody says who is on it while the form is open: the form changes only what its sender changed.
    expect(await press(prodButton, 'U0AYO', 'pi_roles', '1')).toBe('pi_ask_roles');
    expect(await type('U0BEA', '/bug prod assign PI-1 engineer <@U0BEA>')).toContain(':white_check_mark:');
    const roles = { owner: { selected_user: 'U0MIRA' }, engineer: { selected_user: null } };
    expect(await submit(prodSubmitted, 'U0AYO', roles)).toBe('[]');
    const who = await t.pool.query('select owner, engineer from prod_issues where id = 1');
    expect(who.rows).toEqual([{ owner: 'U0MIRA', engineer: 'U0BEA' }]);
    expect(await type('U0AYO', '/bug prod release PI-1 none')).toContain('PI-1');
    expect(await press(prodButton, 'U0AYO', 'pi_review', '1')).toContain(':x:');
    expect(await type('U0AYO', '/bug prod mitigated PI-1 switched off')).toContain(':white_check_mark:');
    expect(await type('U0AYO', '/bug prod resolved PI-1')).toContain(':white_check_mark:');
    expect(await type('U0AYO', '/bug prod show PI-9')).toContain(':x:');
    expect(await press(prodButton, 'U0AYO', 'pi_review', '1')).toContain('pi_');
    const answers = { happened: text('a'), missed: text('b'), change: text('c'), who: text('d') };
    expect(await submit(prodSubmitted, 'U0AYO', answers)).toBe('[]');
    const { rows } = await t.pool.query('select state from prod_issues where id = 1');
    expect(rows).toEqual([{ state: 'reviewed' }]);
  });
});

describe('/release', () => {
  test('a product that is misspelt is not taken as the reason for whichever release is open', async () => {
    const state = async () => (await t.pool.query('select state from releases')).rows.map((r) => r.state);
    const before = await state();
    expect(before).toHaveLength(1);
    for (const word of ['cancel', 'rollback', 'failed', 'review'])
      expect(await type('U0MIRA', `/release ${word} unchaned`)).toContain('the nearest is `unchained`');
    expect(await state()).toEqual(before);
    // A hold only makes things safer.
    expect(await type('U0MIRA', '/release hold unchaned')).toContain('your hold is set');
    expect(await type('U0MIRA', '/release cancel superseded')).toContain('it is cancelled');
    expect(await state()).toEqual(['cancelled']);
  });

  test('open blames the word that is wrong, and opens nothing of a name without a digit, where the only product is left out', async () => {
    const versions = async () =>
      (await t.pool.query('select version from releases order by id')).rows.map((r) => r.version);
    const before = await versions();
    const only = 'there is only `unchained`';
    for (const [words, says] of [
      ['open foo v8.2.0 1282ce5', `There is no product \`foo\`; ${only}. The form is \`/release open`],
      ['open wbe2 1.0.1 1282ce5', `There is no product \`wbe2\`; ${only}`],
      ['open Unchaned 1.0.1 1282ce5', 'There is no product `Unchaned`; did you mean `unchained`?'],
      ['open foo 20270101 1282ce5', 'There is no product `foo`'],
      ['open foo v8.2.0', 'There is no product `foo`'],
      ['open foo/bar 1.0.1 1282ce5', 'There is no product `foo/bar`'],
      [
        'open foo 1282ce5',
        '`foo` does not look like a version: it has no digit. If it is one, name the product before it: `/release open unchained foo',
      ],
      ['open v8.2.0 1282ce5 soon', 'I do not understand `soon`'],
      ['open rc-8 zzz', 'A commit is 7 to 40 hex digits'],
      ['open !! 1282ce5', 'A version is like `v1.2.3`'],
      ['emergency foo v8.2.0 1282ce5 PI-3 money is lost', 'There is no product `foo`'],
      ['emergency foo 1282ce5 PI-3 money is lost', '`foo` does not look like a version'],
    ] as const)
      expect(await type('U0MIRA', `/release ${words}`), words).toContain(says);
    expect(await versions()).toEqual(before);
    for (const [words, version] of [
      ['open rc-8 1282ce5', 'rc-8'],
      ['open unchained nightly 1282ce5', 'nightly'],
    ] as const) {
      expect(await type('U0MIRA', `/release ${words}`), words).toContain('Opened');
      expect((await versions()).at(-1)).toBe(version);
      await type('U0MIRA', '/release cancel unchained done with it');
    }
    const forms = opened.length;
    for (const words of ['open', 'open unchained', 'open v8.2.0', 'emergency v8.2.0 1282ce5'])
      expect(await type('U0MIRA', `/release ${words}`), words).toContain('Fill in the form');
    expect(opened.length).toBe(forms + 4);
  });

  test('freeze says which word is no day before a form asks for the rest', async () => {
    const forms = opened.length;
    for (const words of ['until yesterday', 'until', 'today until'])
      expect(await type('U0MIRA', `/release freeze ${words}`), words).toMatch(/`until` is no day I know\. The form is/);
    expect(opened.length).toBe(forms);
    for (const words of ['', ' all', ' unchained tomorrow', ' today friday'])
      expect(await type('U0MIRA', `/release freeze${words}`), words).toContain('Fill in the form');
    expect(opened.length).toBe(forms + 4);
  });
});
