// The words of /funds, its buttons and forms, and what the forms are filled in with, through the listeners on a real database.
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadFees } from '../../src/areas/funds/fees-store.ts';
import { makeMetrics } from '../../src/base/metrics.ts';
import { DEFAULT_FUNDS } from '../../src/base/policy.ts';
import type { Block, View } from '../../src/base/slack.ts';
import type { BotDeps } from '../../src/bot/deps.ts';
import { fundsButton } from '../../src/bot/funds-buttons.ts';
import { fundsCommand, readFundsAct } from '../../src/bot/funds-command.ts';
import {
  fundsAgain,
  fundsAsked,
  fundsDeposited,
  fundsRequested,
  fundsReversed,
  fundsSpent,
} from '../../src/bot/funds-forms.ts';
import { readWhen, sameAgain, spendInput, transferInput } from '../../src/bot/funds-values.ts';
import { FUNDS_WORDS, readMoneyWords, readRequestId, readTxId } from '../../src/bot/funds-words.ts';
import { releaseCommand } from '../../src/bot/release-command.ts';
import { loadPolicy } from '../../src/policy.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { keptLog } from '../support/quiet.ts';

const ADDRESS = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
const hash = (n: number) => `0x${`${n}`.padStart(64, 'c')}`;
let t: TestDb;
let deps: BotDeps;
const opened: View[] = [];
let serial = 0;

beforeAll(async () => {
  t = await freshDb();
  const slack = {
    openView: async (_trigger: string, view: View) => opened.push(view),
    userInfo: async (id: string) => ({
      id,
      name: id.toLowerCase(),
      tz: 'Europe/London',
      isBot: false,
      deleted: false,
      guest: id === 'U0GUEST',
      teamId: 'T0SHIPSHAPE',
      stranger: false,
    }),
  };
  const policy = loadPolicy('src/demo/policy.yml');
  const base = { db: t.db, policy, slack, log: keptLog().log, clock: () => new Date(), metrics: makeMetrics() };
  deps = { ...base, botUserId: 'U0SHIPBOT' } as unknown as BotDeps;
});
afterAll(() => t.close());

type Handler = (args: never) => Promise<void>;

/** Types a command. @returns the private answer, blocks included */
async function type(
  user: string,
  line: string,
  listener: (d: BotDeps) => Handler = fundsCommand,
  given = deps,
): Promise<string> {
  const answers: unknown[] = [];
  const keep = async (answer: unknown) => void answers.push(answer);
  const command = { text: line, user_id: user, trigger_id: `T${++serial}`, channel_id: 'C0RELEASES' };
  await listener(given)({ command, ack: keep, respond: keep } as never);
  return JSON.stringify(answers);
}

/** Presses a button. @returns the private answer, or the callback id of the form that opened */
async function press(user: string, actionId: string, value: string, given = deps): Promise<string> {
  const answers: unknown[] = [];
  const before = opened.length;
  const body = { user: { id: user }, trigger_id: `T${++serial}`, response_url: 'https://slack.example/r' };
  const menu = actionId === 'funds_more' ? { selected_option: { value } } : { value };
  const action = { type: 'button', action_id: actionId, action_ts: `${serial}.1`, block_id: 'b', ...menu };
  const respond = async (answer: unknown) => void answers.push(answer);
  await fundsButton(given)({ ack: async () => {}, respond, body, action } as never);
  return (opened[before]?.callback_id as string | undefined) ?? JSON.stringify(answers);
}

/** Submits a form, by default the one that opened last; menus keep what they were drawn with. @returns what it was acknowledged with */
async function submit(
  handler: (d: BotDeps) => Handler,
  user: string,
  fields: Record<string, string> = {},
  from = opened.at(-1) as View,
  id = `V${serial + 1}`,
): Promise<{ errors?: Record<string, string>; view?: View }> {
  const acked: Record<string, unknown>[] = [];
  const values = Object.fromEntries(from.blocks.flatMap((b) => stateFor(b, fields)));
  serial += 1;
  const view = { ...from, id, state: { values } };
  const body = { user: { id: user }, trigger_id: `T${serial}`, view };
  await handler(deps)({ ack: async (a?: Record<string, unknown>) => void acked.push(a ?? {}), body, view } as never);
  return acked[0] as { errors?: Record<string, string>; view?: View };
}

function stateFor(block: Block, fields: Record<string, string>): [string, unknown][] {
  const { block_id: id, element } = block as Block & { element?: Record<string, unknown> };
  if (!id || !element) return [];
  if (element.type !== 'static_select') return [[id, { [id]: { value: fields[id] ?? element.initial_value ?? null } }]];
  const chosen = fields[id] === undefined ? element.initial_option : { value: fields[id] };
  return [[id, { [id]: { selected_option: chosen ?? null } }]];
}

const initialOf = (view: View | undefined, id: string) => {
  const block = view?.blocks.find((b) => b.block_id === id) as unknown as
    | { element: { initial_option?: { value: string }; initial_value?: string } }
    | undefined;
  return block?.element.initial_option?.value ?? block?.element.initial_value;
};

describe('words', () => {
  it('name requests and transactions, amounts and assets', () => {
    expect(['FR-3', 'fr-3', '3'].map(readRequestId)).toEqual([3, 3, 3]);
    expect(['TX-3', 'x', undefined].map(readRequestId)).toEqual([undefined, undefined, undefined]);
    expect(['TX-41', '41', 'FR-41'].map(readTxId)).toEqual([41, 41, undefined]);
    const money = (text: string) => readMoneyWords(text.split(' '), DEFAULT_FUNDS.assets);
    expect(money('25 USDC for swaps')).toEqual({ amount: '25', asset: 'USDC', text: 'for swaps' });
    expect(money('1,000.50usd')).toEqual({ amount: '1000.5', asset: 'USD', text: '' });
    expect(money('1e18 ETH')).toEqual({ fault: expect.stringContaining('exponent') });
    expect(money('5')).toEqual({ fault: expect.stringContaining('Which asset?') });
  });

  it('mean an act, a form that asks the rest, or nothing', () => {
    expect(readFundsAct('show', [])).toBe('show');
    expect(readFundsAct('show', ['it'])).toBeNull();
    expect(readFundsAct('approve', [])).toEqual({ kind: 'approve' });
    expect(readFundsAct('approve', ['now'])).toBeNull();
    expect(readFundsAct('edit', ['amount', '5'])).toEqual({ kind: 'edit' });
    expect(readFundsAct('deny', [])).toEqual({ ask: 'deny', typed: {} });
    expect(readFundsAct('settle', ['lost', 'keys'])).toEqual({ kind: 'settle', reason: 'lost keys' });
    expect(readFundsAct('sent', [])).toEqual({ ask: 'sent', typed: {} });
    expect(readFundsAct('sent', ['0x1'])).toEqual({ ask: 'sent', typed: { hash: '0x1' } });
    expect(readFundsAct('sent', ['0x1', '0.1', 'ETH'])).toEqual({ kind: 'sent', hash: '0x1', fee: '0.1 ETH' });
    expect(readFundsAct('return', [])).toEqual({ ask: 'return', typed: {} });
    expect(readFundsAct('return', ['5', 'USDC'])).toEqual({ ask: 'return', typed: { amount: '5 USDC' } });
  });

  it('a time is the team’s, to the minute; a day alone is its noon, today at most now; nonsense is told', () => {
    const now = new Date('2026-07-01T08:15:30Z');
    const when = (text: string, at = now) => readWhen(text, 'Europe/Berlin', at)?.toISOString();
    expect(readWhen(undefined, 'UTC', now)).toBeUndefined();
    // Before noon and after it, and where the team's day is not that of UTC.
    expect(when('2026-07-01')).toBe(now.toISOString());
    expect(when('2026-07-01', new Date('2026-07-01T22:30:00Z'))).toBe('2026-07-01T10:00:00.000Z');
    expect(when('2026-07-02', new Date('2026-07-01T22:30:00Z'))).toBe('2026-07-01T22:30:00.000Z');
    expect(when('2026-06-30')).toBe('2026-06-30T10:00:00.000Z');
    // What is not over stays so: the rules refuse it.
    expect(when('2026-07-01 11:00')).toBe('2026-07-01T09:00:00.000Z');
    expect(when('2026-07-02')).toBe('2026-07-02T10:00:00.000Z');
    expect(when('2026-07-01 14:30')).toBe('2026-07-01T12:30:00.000Z');
    expect(when('2026-01-01')).toBe('2026-01-01T11:00:00.000Z');
    for (const bad of ['yesterday', '2026-02-30 10:00', '2026-02-20 25:00', '1.2.2026', '2026-02-20 10:0'])
      expect(Number.isNaN(readWhen(bad, 'UTC', now)?.getTime()), bad).toBe(true);
    const at = { at: { at: { value: 'soon' } } } as never;
    expect(spendInput(at, 'UTC', now)).toEqual({ faults: { at: expect.stringContaining('2026-11-20 14:30') } });
    expect(transferInput(at, 'UTC', now)).toEqual({ faults: { at: expect.any(String) } });
    // What was left empty is so again, and not filled in anew.
    const none = { releaseId: null, testCase: null, requestId: null };
    expect(sameAgain({ amount: '1', asset: 'ETH', what: 'x' })).toEqual({ asset: 'ETH', what: 'x', ...none });
  });
});

describe('/funds', () => {
  it('a request is filed, approved, sent, spent, reversed, returned, and everything is shown', async () => {
    for (const word of Object.keys(FUNDS_WORDS)) expect(await type('U0AYO', 'help')).toContain(`/funds ${word}`);
    for (const word of ['', 'mine', 'balance', 'ledger', 'fees'])
      expect(await type('U0AYO', word)).not.toContain(':x:');
    await type('U0AYO', 'request 25 USDC swaps');
    const errors = (await submit(fundsRequested, 'U0AYO', { address: 'x' })).errors;
    expect(errors).toEqual({ address: expect.any(String) });
    await submit(fundsRequested, 'U0AYO', { address: ADDRESS });
    expect(await type('U0AYO', 'show FR-1')).toContain('25 USDC');
    expect(await press('U0AYO', 'funds_approve', '1')).toContain('nly a treasurer');
    expect(await press('U0TESS', 'funds_sent', '1')).toContain('not approved yet');
    expect(await press('U0TESS', 'funds_approve', '1')).toContain(':white_check_mark:');
    expect(await type('U0TESS', 'deny FR-1')).toContain('Fill in the form');
    expect((await submit(fundsAsked, 'U0TESS')).errors).toEqual({ reason: expect.any(String) });
    expect(await type('U0TESS', `sent FR-1 ${hash(1)} 0.001`)).toContain('25 USDC are outstanding');
    expect(await press('U0TESS', 'funds_agree', '1:1')).toContain('nothing about what was sent is to be agreed to');
    expect(await press('U0AYO', 'funds_spend', 'FR-1')).toBe('funds_spend');
    const spend = await submit(fundsSpent, 'U0AYO', { amount: '4', hash: hash(2), fee: '0.002', what: 'Swap' });
    expect(JSON.stringify(spend.view)).toContain('Recorded');
    const again = await submit(fundsAgain, 'U0AYO', {}, spend.view as View);
    expect(['what', 'asset', 'request', 'amount'].map((id) => initialOf(again.view, id))).toEqual([
      'Swap',
      'USDC',
      '1',
      undefined,
    ]);
    expect((await submit(fundsSpent, 'U0AYO', { amount: '1', hash: hash(2) }, again.view as View)).errors).toEqual({
      hash: expect.stringContaining('TX-2'),
    });
    expect((await submit(fundsSpent, 'U0AYO', { at: 'soon' }, again.view as View)).errors).toEqual({
      at: expect.any(String),
    });
    expect(await type('U0TESS', 'reverse TX-2')).toContain('Fill in the form');
    expect(await submit(fundsReversed, 'U0TESS', { reason: 'typo' })).toEqual({});
    expect(await type('U0TESS', 'reverse TX-2')).toContain('reversed it');
    expect(await type('U0TESS', 'reverse TX-3 again')).toContain('reversal itself');
    expect(await type('U0TESS', 'reverse TX-3')).toContain('reversal itself');
    expect(await type('U0TESS', 'reverse TX-99')).toContain('There is no TX-99');
    expect(await press('U0AYO', 'funds_return', '1')).toBe('funds_ask_return');
    expect((await submit(fundsAsked, 'U0AYO', { at: 'soon' })).errors).toEqual({ at: expect.any(String) });
    expect(await submit(fundsAsked, 'U0AYO', { amount: '5', hash: hash(3) })).toEqual({});
    expect(await press('U0TESS', 'funds_more', 'settle:1')).toBe('funds_ask_settle');
    expect(await submit(fundsAsked, 'U0TESS', { reason: 'keys lost' })).toEqual({});
    expect(await press('U0TESS', 'funds_more', 'settle:1')).toContain('it is closed');
    expect(await type('U0TESS', 'deposit 7 ETH')).toContain('Fill in the form');
    expect((await submit(fundsDeposited, 'U0TESS', { at: 'soon' })).errors).toEqual({ at: expect.any(String) });
    expect(await submit(fundsDeposited, 'U0TESS', { hash: hash(4), note: 'faucet' })).toEqual({});
    expect(await type('U0AYO', 'mine')).toContain('reversed by TX-3');
    expect(await type('U0AYO', 'ledger')).toContain('faucet');
    expect(await type('U0AYO', 'ledger TX-2')).not.toContain('faucet');
    expect(await type('U0AYO', 'balance')).toContain('Custody');
    expect(await type('U0AYO', 'fees')).toContain('Ethereum');
  });

  it('R18: a form that somebody else was quicker than stays, and says so', async () => {
    await type('U0MAX', 'request 25 USDC swaps');
    await submit(fundsRequested, 'U0MAX', { address: ADDRESS });
    const { rows } = await t.pool.query<{ id: string }>('select max(id) as id from fund_requests');
    const id = rows[0]?.id as string;
    await press('U0TESS', 'funds_approve', id);
    expect(await press('U0TESS', 'funds_sent', id)).toBe('funds_ask_sent');
    expect(await type('U0TESS', `sent FR-${id} ${hash(21)} 0.001`)).toContain('25 USDC are outstanding');
    expect((await submit(fundsAsked, 'U0TESS', { hash: hash(22) })).errors).toEqual({
      amount: expect.stringMatching(/sent already, by another transaction \(TX-\d+\)/),
    });
    expect((await submit(fundsAsked, 'U0TESS', { hash: hash(21) })).errors).toEqual({
      amount: expect.stringContaining('it is sent'),
    });
  });

  it('R17: a form sent twice books once; "Another one" in its place is one of its own', async () => {
    const spends = async () => {
      const { rows } = await t.pool.query<{ n: number }>('select count(*)::int as n from spends');
      return rows[0]?.n ?? 0;
    };
    const before = await spends();
    await type('U0MAX', 'spend 5 USD lunch');
    const form = opened.at(-1) as View;
    const off = { request: '', chain: '' };
    const first = await submit(fundsSpent, 'U0MAX', off, form, 'V-SAME');
    expect(JSON.stringify(first.view)).toContain('Recorded *TX-');
    expect(JSON.stringify((await submit(fundsSpent, 'U0MAX', off, form, 'V-SAME')).view)).toContain('recorded already');
    expect(await spends()).toBe(before + 1);
    const again = await submit(fundsAgain, 'U0MAX', {}, first.view as View, 'V-SAME');
    const second = await submit(fundsSpent, 'U0MAX', { ...off, amount: '5' }, again.view as View, 'V-SAME');
    expect(JSON.stringify(second.view)).toContain('Recorded *TX-');
    expect(await spends()).toBe(before + 2);
  });

  it('refuses what is not understood, not theirs, or not there', async () => {
    for (const line of [
      'nonsense',
      'aprove FR-1',
      'mine all',
      'ledger x',
      'approve',
      'show FR-1 x',
      'reverse x',
      'request 5',
      'deposit 5 ETH now',
      'show FR-9',
    ])
      expect(await type('U0TESS', line), line).toContain(':x:');
    for (const line of ['request 5 ETH', 'spend 5 ETH']) expect(await type('U0GUEST', line)).toContain('Guests cannot');
    expect(await type('U0AYO', 'deposit')).toContain('nly a treasurer');
    expect(await type('U0AYO', 'reverse TX-1')).toContain('nly a treasurer');
    expect(await press('U0GUEST', 'funds_spend', 'FR-1')).toContain('Guests cannot');
    for (const [action, value] of [
      ['funds_spend', 'BUG-1'],
      ['funds_approve', 'x'],
      ['funds_agree', '1'],
      ['funds_agree', '1:x'],
      ['funds_magic', '1'],
      ['funds_more', ''],
    ] as const)
      expect(await press('U0AYO', action, value), action).toContain('do not know that button');
  });

  it('says so when something breaks', async () => {
    const broken = { ...deps, db: { execute: () => Promise.reject(new Error('down')) } } as unknown as BotDeps;
    expect(await type('U0AYO', 'balance', fundsCommand, broken)).toContain('Something went wrong on my side');
    expect(await press('U0AYO', 'funds_spend', 'FR-1', broken)).toContain('Something went wrong on my side');
    const view = opened.at(-1) as View;
    expect((await submit(() => fundsRequested(broken), 'U0AYO', {}, view)).errors).toBeDefined();
  });
});

describe('R19: the form is filled in from context', () => {
  it('with the release one tests, the test case one is on, one’s request, and the last asset', async () => {
    const version = async (product: string, v: string) => {
      await type('U0MIRA', `open ${product} ${v} abc1234`, releaseCommand);
      const { rows } = await t.pool.query('select max(id)::int as id from releases');
      return (rows as { id: number }[])[0]?.id ?? 0;
    };
    const release = await version('unchained', 'v9.1.0');
    await t.pool.query(`update releases set kind = 'emergency' where id = ${release}`);
    const other = await version('unchained', 'v9.2.0');
    const candidate = `(select id from candidates where release_id = ${release})`;
    await t.pool.query(
      `insert into test_runs (release_id, candidate_id, stage, started_at) values (${release}, ${candidate}, 'candidate', now())`,
    );
    await t.pool.query(`insert into run_cases (run_id, case_id, position, title, area, spec, required, state, taken_by, taken_at)
      select max(id), 'send-eth', 1, 'Send', 'a', '{"needsFunds": true}'::jsonb, true, 'open', 'U0AYO', now() from test_runs
      union all select max(id), 'look', 0, 'Look', 'a', '{"needsFunds": false}'::jsonb, true, 'open', null, null from test_runs`);
    await type('U0AYO', 'spend');
    // Two are open, and nothing says which.
    expect(initialOf(opened.at(-1), 'release')).toBeUndefined();
    expect(initialOf(opened.at(-1), 'asset')).toBe('USDC');
    await type('U0AYO', 'request');
    expect(initialOf(opened.at(-1), 'release')).toBeUndefined();
    await t.pool.query(
      `insert into presences (release_id, stage, person, since, renewed_at) values (${release}, 'candidate', 'U0AYO', now(), now())`,
    );
    await type('U0AYO', 'request');
    expect(initialOf(opened.at(-1), 'release')).toBe(`${release}`);
    await type('U0AYO', 'spend 0.1 ETH sending it');
    const view = opened.at(-1) as View;
    expect(['amount', 'asset', 'what', 'release', 'testCase'].map((id) => initialOf(view, id))).toEqual([
      '0.1',
      'ETH',
      'sending it',
      `${release}`,
      `${release}:send-eth`,
    ]);
    const cases = view.blocks.find((b) => b.block_id === 'testCase') as unknown as {
      element: { options: { value: string }[] };
    };
    expect(cases.element.options.map((o) => o.value)).toEqual([`${release}:send-eth`, `${release}:look`]);
    // The case says which release; another one beside it is a fault.
    expect((await submit(fundsSpent, 'U0AYO', { hash: hash(9), release: `${other}` })).errors).toEqual({
      testCase: expect.stringContaining('another release'),
    });
    expect((await submit(fundsSpent, 'U0AYO', { hash: hash(9), fee: '0.001' })).view).toBeDefined();
    const { rows } = await t.pool.query(
      `select release_id::int, test_case, request_id from spends order by tx_id desc limit 1`,
    );
    expect(rows).toEqual([{ release_id: release, test_case: 'send-eth', request_id: null }]);
    await t.pool.query('delete from presences');
    await type('U0AYO', 'spend');
    expect(['release', 'asset'].map((id) => initialOf(opened.at(-1), id))).toEqual([`${release}`, 'ETH']);
    await press('U0BEA', 'funds_spend', `REL-${other}`);
    expect(initialOf(opened.at(-1), 'release')).toBe(`${other}`);
  });
});

describe('R19: fees', () => {
  it('are counted by release, chain and hour of the team’s day, reversed ones left out', async () => {
    const spend = async (at: string, fee: string, n: number) => {
      await type('U0BEA', 'spend');
      const fields = { asset: 'ETH', hash: hash(100 + n), fee, what: 'x', at, release: '' };
      expect((await submit(fundsSpent, 'U0BEA', fields)).errors).toBeUndefined();
    };
    const day = new Date(Date.now() - 5 * 86_400_000).toISOString().slice(0, 10);
    await spend(`${day} 03:10`, '0.001', 1);
    await spend(`${day} 03:50`, '0.003', 2);
    await spend(`${day} 03:20`, '0.002', 3);
    await spend(`${day} 15:00`, '0.009', 4);
    await spend('2020-01-01 10:00', '5', 5);
    await spend(`${day} 15:10`, '4', 6);
    const { rows } = await t.pool.query('select max(id)::int as id from ledger_transactions');
    expect(await type('U0TESS', `reverse TX-${(rows as { id: number }[])[0]?.id} typo`)).toContain('reversed');
    const { zone } = deps.policy.team;
    const fees = await loadFees(t.db, zone, new Date());
    const hours = fees.hours.filter((h) => h.asset === 'ETH' && (h.hour === 3 || h.hour === 15));
    const wei = (n: number) => BigInt(n) * 10n ** 15n;
    expect(hours.find((h) => h.hour === 3)).toEqual({
      chain: 'ethereum',
      asset: 'ETH',
      hour: 3,
      txs: 3,
      median: wei(2),
    });
    expect(fees.chains[0]).toMatchObject({ chain: 'ethereum', asset: 'ETH', least: wei(1), most: wei(9) });
    expect(fees.releases).toEqual([
      { id: expect.any(Number), name: 'unchained v9.1.0', txs: 1, fees: [{ asset: 'ETH', amount: wei(1) }], usd: null },
    ]);
    expect((await t.db.execute(sql`select asset from postings group by asset having sum(amount) <> 0`)).rows).toEqual(
      [],
    );
  });
});

describe('R18, R19: "Another one"', () => {
  const requestOf = async (user: string, n: number) => {
    await type(user, 'request 25 USDC swaps');
    await submit(fundsRequested, user, { address: ADDRESS });
    const { rows } = await t.pool.query<{ id: number }>('select max(id)::int as id from fund_requests');
    const id = rows[0]?.id ?? 0;
    await press('U0TESS', 'funds_approve', `${id}`);
    expect(await type('U0TESS', `sent FR-${id} ${hash(n)} 0.001`)).toContain('25 USDC are outstanding');
    return id;
  };
  const fields = ['release', 'testCase', 'request'];

  it('leaves empty what was emptied', async () => {
    await requestOf('U0JUN', 201);
    const { rows } = await t.pool.query<{ id: number }>('select max(id)::int as id from releases');
    await press('U0JUN', 'funds_spend', `REL-${rows[0]?.id}`);
    expect(initialOf(opened.at(-1), 'release')).toBe(`${rows[0]?.id}`);
    await type('U0JUN', 'spend 1 USDC my own money');
    expect(initialOf(opened.at(-1), 'request')).toBeDefined();
    const own = { release: '', testCase: '', request: '', hash: hash(202), fee: '0.0001' };
    const spent = await submit(fundsSpent, 'U0JUN', own);
    const again = (await submit(fundsAgain, 'U0JUN', {}, spent.view as View)).view;
    expect(fields.map((id) => initialOf(again, id))).toEqual([undefined, undefined, undefined]);
    expect(initialOf(again, 'asset')).toBe('USDC');
    const next = await submit(fundsSpent, 'U0JUN', { amount: '2', hash: hash(203) }, again);
    expect(JSON.stringify(next.view)).toContain('Recorded');
    const last = await t.pool.query('select request_id, release_id from spends order by tx_id desc limit 1');
    expect(last.rows).toEqual([{ request_id: null, release_id: null }]);
  });

  it('leaves empty what is gone, with a word, and takes nothing from another request', async () => {
    const one = await requestOf('U0JUN', 204);
    await press('U0JUN', 'funds_spend', `FR-${one}`);
    expect(initialOf(opened.at(-1), 'request')).toBe(`${one}`);
    const spent = await submit(fundsSpent, 'U0JUN', { amount: '25', hash: hash(205), what: 'All of it' });
    expect(JSON.stringify(spent.view)).toContain('it is closed');
    const again = (await submit(fundsAgain, 'U0JUN', {}, spent.view as View)).view;
    expect(initialOf(again, 'request')).toBeUndefined();
    expect(JSON.stringify(again?.blocks[0])).toContain(`FR-${one} has nothing left, or is not yours`);
    // Nor does the button of a card that was not drawn again yet.
    await press('U0JUN', 'funds_spend', `FR-${one}`);
    expect(initialOf(opened.at(-1), 'request')).toBeUndefined();
    await type('U0JUN', 'spend');
    expect(JSON.stringify(opened.at(-1)?.blocks[0])).not.toContain('nothing left');
  });

  it('says so of a test case that its release does not have any more', async () => {
    const { rows } = await t.pool.query<{ id: number }>('select release_id::int as id from test_runs limit 1');
    const id = rows[0]?.id;
    await press('U0JUN', 'funds_spend', `REL-${id}`);
    const done = { testCase: `${id}:look`, release: `${id}`, hash: hash(206), fee: '0.1', request: '', what: 'Look' };
    const spent = await submit(fundsSpent, 'U0JUN', done);
    await t.pool.query("update run_cases set case_id = 'looked' where case_id = 'look'");
    const again = (await submit(fundsAgain, 'U0JUN', {}, spent.view as View)).view;
    expect(fields.map((one) => initialOf(again, one))).toEqual([`${id}`, undefined, undefined]);
    expect(JSON.stringify(again?.blocks[0])).toContain('`look` is not among the test cases');
    await t.pool.query("update run_cases set case_id = 'look' where case_id = 'looked'");
  });
});

describe('R19: releases that have ended', () => {
  it('are in the form for 30 days, after the open ones, with their state, and never chosen; not in that of a request', async () => {
    const { rows } = await t.pool.query<{ id: number }>('select id::int from releases order by id');
    const [one, two] = rows.map((r) => r.id);
    const names = async (word: string) => {
      await type('U0ZOE', word);
      const field = opened.at(-1)?.blocks.find((b) => b.block_id === 'release') as unknown as
        | { element: { options: { text: { text: string } }[] } }
        | undefined;
      return [initialOf(opened.at(-1), 'release'), field?.element.options.map((o) => o.text.text)];
    };
    const end = (id: number | undefined, state: string, column: string, days: number) =>
      t.pool
        .query(`update releases set state = $1, done_at = null, ended_at = null where id = $2`, [state, id])
        .then(() =>
          t.pool.query(`update releases set ${column} = now() - make_interval(days => $1) where id = $2`, [days, id]),
        );
    await end(two, 'cancelled', 'ended_at', 29);
    expect(await names('spend')).toEqual([`${one}`, ['unchained v9.1.0', 'unchained v9.2.0 · cancelled']]);
    expect(await names('request')).toEqual([`${one}`, ['unchained v9.1.0']]);
    await end(one, 'rolled_back', 'ended_at', 1);
    await end(two, 'done', 'done_at', 2);
    expect(await names('spend')).toEqual([undefined, ['unchained v9.2.0 · done', 'unchained v9.1.0 · rolled back']]);
    expect(await names('request')).toEqual([undefined, undefined]);
    // Not even the last one's own.
    await type('U0AYO', 'spend');
    expect(initialOf(opened.at(-1), 'release')).toBeUndefined();
    await end(two, 'done', 'done_at', 31);
    expect(await names('spend')).toEqual([undefined, ['unchained v9.1.0 · rolled back']]);
    await end(one, 'testing', 'state_since', 0);
  });
});

describe('R18: a fee behind the hash', () => {
  it('that is more than the amount itself was something else; the form takes what really is so', async () => {
    await type('U0JUN', 'request 25 USD lunch');
    await submit(fundsRequested, 'U0JUN', { chain: '', release: '' });
    const { rows } = await t.pool.query<{ id: number }>('select max(id)::int as id from fund_requests');
    const id = rows[0]?.id ?? 0;
    await press('U0TESS', 'funds_approve', `${id}`);
    expect(await type('U0TESS', `sent FR-${id} Revolut 4711`)).toContain(
      'fee of 4711 USD is more than the 25 USD themselves. If it is part of the reference, or really is so, fill in the form: `/funds sent',
    );
    expect(await type('U0AYO', `sent FR-${id} Revolut 4711`)).toContain('nly a treasurer');
    expect(await type('U0TESS', `sent FR-${id} Revolut 25`)).toContain('The fee was 25 USD. 25 USD are outstanding');
    await type(
      'U0TESS',
      `reverse TX-${(await t.pool.query('select max(id)::int as id from ledger_transactions')).rows[0].id} it was free`,
    );
    await type('U0TESS', `sent FR-${id}`);
    expect(await submit(fundsAsked, 'U0TESS', { hash: 'Revolut 1', fee: '4711' })).toEqual({});
    const line = await t.pool.query('select text from outbox order by id desc limit 20');
    expect(JSON.stringify(line.rows)).toContain('4711 USD fee. :warning: That fee is more than what was sent.');
  });
});
