// What the form that records a spend is filled in with, "Another one" after it, and the fees that were paid, through the listeners on a real database.
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadFees } from '../../src/areas/funds/fees-store.ts';
import type { View } from '../../src/base/slack.ts';
import { fundsAgain, fundsRequested, fundsSpent } from '../../src/bot/funds-forms.ts';
import { releaseCommand } from '../../src/bot/release-command.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { ADDRESS } from '../support/funds.ts';
import { fundsListeners, hash, initialOf } from '../support/funds-listeners.ts';

let t: TestDb;
let bot: ReturnType<typeof fundsListeners>;
beforeAll(async () => {
  t = await freshDb();
  bot = fundsListeners(t.db);
});
afterAll(() => t.close());

/** A request for 25 USDC that was sent. @returns its id */
async function requestOf(user: string, n: number): Promise<number> {
  await bot.type(user, 'request 25 USDC swaps');
  await bot.submit(fundsRequested, user, { address: ADDRESS });
  const { rows } = await t.pool.query<{ id: number }>('select max(id)::int as id from fund_requests');
  const id = rows[0]?.id ?? 0;
  await bot.press('U0TESS', 'funds_approve', `${id}`);
  expect(await bot.type('U0TESS', `sent FR-${id} ${hash(n)} 0.001`)).toContain('25 USDC are outstanding');
  return id;
}

describe('R19: the form is filled in from context', () => {
  it('with the release one tests, the test case one is on, one’s request, and the last asset', async () => {
    const version = async (product: string, v: string) => {
      await bot.type('U0MIRA', `open ${product} ${v} abc1234`, releaseCommand);
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
    // Their request is spent and closed, so that nothing chooses it; its asset is the last one they used.
    await requestOf('U0AYO', 1);
    await bot.type('U0AYO', 'spend 25 USDC swaps');
    expect((await bot.submit(fundsSpent, 'U0AYO', { hash: hash(2), fee: '0.002', release: '' })).view).toBeDefined();
    await bot.type('U0AYO', 'spend');
    // Two are open, and nothing says which.
    expect(initialOf(bot.opened.at(-1), 'release')).toBeUndefined();
    expect(initialOf(bot.opened.at(-1), 'asset')).toBe('USDC');
    await bot.type('U0AYO', 'request');
    expect(initialOf(bot.opened.at(-1), 'release')).toBeUndefined();
    await t.pool.query(
      `insert into presences (release_id, stage, person, since, renewed_at) values (${release}, 'candidate', 'U0AYO', now(), now())`,
    );
    await bot.type('U0AYO', 'request');
    expect(initialOf(bot.opened.at(-1), 'release')).toBe(`${release}`);
    await bot.type('U0AYO', 'spend 0.1 ETH sending it');
    const view = bot.opened.at(-1) as View;
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
    expect((await bot.submit(fundsSpent, 'U0AYO', { hash: hash(9), release: `${other}` })).errors).toEqual({
      testCase: expect.stringContaining('another release'),
    });
    expect((await bot.submit(fundsSpent, 'U0AYO', { hash: hash(9), fee: '0.001' })).view).toBeDefined();
    const { rows } = await t.pool.query(
      `select release_id::int, test_case, request_id from spends order by tx_id desc limit 1`,
    );
    expect(rows).toEqual([{ release_id: release, test_case: 'send-eth', request_id: null }]);
    await t.pool.query('delete from presences');
    await bot.type('U0AYO', 'spend');
    expect(['release', 'asset'].map((id) => initialOf(bot.opened.at(-1), id))).toEqual([`${release}`, 'ETH']);
    await bot.press('U0BEA', 'funds_spend', `REL-${other}`);
    expect(initialOf(bot.opened.at(-1), 'release')).toBe(`${other}`);
  });
});

describe('R19: fees', () => {
  it('are counted by release, chain and hour of the team’s day, reversed ones left out', async () => {
    const spend = async (at: string, fee: string, n: number) => {
      await bot.type('U0BEA', 'spend');
      const fields = { asset: 'ETH', hash: hash(100 + n), fee, what: 'x', at, release: '' };
      expect((await bot.submit(fundsSpent, 'U0BEA', fields)).errors).toBeUndefined();
    };
    const day = new Date(Date.now() - 5 * 86_400_000).toISOString().slice(0, 10);
    // An hour that is not the present one, in which the fees before these were paid.
    const hour = new Date().getUTCHours() < 6 ? 9 : 3;
    await spend(`${day} 0${hour}:10`, '0.001', 1);
    await spend(`${day} 0${hour}:50`, '0.003', 2);
    await spend(`${day} 0${hour}:20`, '0.002', 3);
    await spend(`${day} 15:00`, '0.009', 4);
    await spend('2020-01-01 10:00', '5', 5);
    await spend(`${day} 15:10`, '4', 6);
    const { rows } = await t.pool.query('select max(id)::int as id from ledger_transactions');
    expect(await bot.type('U0TESS', `reverse TX-${(rows as { id: number }[])[0]?.id} typo`)).toContain('reversed');
    const { zone } = bot.deps.policy.team;
    const fees = await loadFees(t.db, zone, new Date());
    const wei = (n: number) => BigInt(n) * 10n ** 15n;
    expect(fees.hours.find((h) => h.asset === 'ETH' && h.hour === hour)).toEqual({
      chain: 'ethereum',
      asset: 'ETH',
      hour,
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
  const fields = ['release', 'testCase', 'request'];

  it('leaves empty what was emptied', async () => {
    await requestOf('U0JUN', 201);
    const { rows } = await t.pool.query<{ id: number }>('select max(id)::int as id from releases');
    await bot.press('U0JUN', 'funds_spend', `REL-${rows[0]?.id}`);
    expect(initialOf(bot.opened.at(-1), 'release')).toBe(`${rows[0]?.id}`);
    await bot.type('U0JUN', 'spend 1 USDC my own money');
    expect(initialOf(bot.opened.at(-1), 'request')).toBeDefined();
    const own = { release: '', testCase: '', request: '', hash: hash(202), fee: '0.0001' };
    const spent = await bot.submit(fundsSpent, 'U0JUN', own);
    const again = (await bot.submit(fundsAgain, 'U0JUN', {}, spent.view as View)).view;
    expect(fields.map((id) => initialOf(again, id))).toEqual([undefined, undefined, undefined]);
    expect(initialOf(again, 'asset')).toBe('USDC');
    const next = await bot.submit(fundsSpent, 'U0JUN', { amount: '2', hash: hash(203) }, again);
    expect(JSON.stringify(next.view)).toContain('Recorded');
    const last = await t.pool.query('select request_id, release_id from spends order by tx_id desc limit 1');
    expect(last.rows).toEqual([{ request_id: null, release_id: null }]);
  });

  it('leaves empty what is gone, with a word, and takes nothing from another request', async () => {
    const one = await requestOf('U0JUN', 204);
    await bot.press('U0JUN', 'funds_spend', `FR-${one}`);
    expect(initialOf(bot.opened.at(-1), 'request')).toBe(`${one}`);
    const spent = await bot.submit(fundsSpent, 'U0JUN', { amount: '25', hash: hash(205), what: 'All of it' });
    expect(JSON.stringify(spent.view)).toContain('it is closed');
    const again = (await bot.submit(fundsAgain, 'U0JUN', {}, spent.view as View)).view;
    expect(initialOf(again, 'request')).toBeUndefined();
    expect(JSON.stringify(again?.blocks[0])).toContain(`FR-${one} has nothing left, or is not yours`);
    // Nor does the button of a card that was not drawn again yet.
    await bot.press('U0JUN', 'funds_spend', `FR-${one}`);
    expect(initialOf(bot.opened.at(-1), 'request')).toBeUndefined();
    await bot.type('U0JUN', 'spend');
    expect(JSON.stringify(bot.opened.at(-1)?.blocks[0])).not.toContain('nothing left');
  });

  it('says so of a test case that its release does not have any more', async () => {
    const { rows } = await t.pool.query<{ id: number }>('select release_id::int as id from test_runs limit 1');
    const id = rows[0]?.id;
    await bot.press('U0JUN', 'funds_spend', `REL-${id}`);
    const done = { testCase: `${id}:look`, release: `${id}`, hash: hash(206), fee: '0.1', request: '', what: 'Look' };
    const spent = await bot.submit(fundsSpent, 'U0JUN', done);
    await t.pool.query("update run_cases set case_id = 'looked' where case_id = 'look'");
    const again = (await bot.submit(fundsAgain, 'U0JUN', {}, spent.view as View)).view;
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
      await bot.type('U0ZOE', word);
      const field = bot.opened.at(-1)?.blocks.find((b) => b.block_id === 'release') as unknown as
        | { element: { options: { text: { text: string } }[] } }
        | undefined;
      return [initialOf(bot.opened.at(-1), 'release'), field?.element.options.map((o) => o.text.text)];
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
    await bot.type('U0AYO', 'spend');
    expect(initialOf(bot.opened.at(-1), 'release')).toBeUndefined();
    await end(two, 'done', 'done_at', 31);
    expect(await names('spend')).toEqual([undefined, ['unchained v9.1.0 · rolled back']]);
    await end(one, 'testing', 'state_since', 0);
  });
});
