// R17: what the database itself refuses, asked by SQL around the code.
import type pg from 'pg';
import { describe, expect, test } from 'vitest';
import { verifyLedger } from '../../../src/areas/funds/verify.ts';
import { booksOnADatabase, request, send, spent, t } from './guards-books.ts';

booksOnADatabase();

/** Runs statements in one transaction. @returns PostgreSQL's message, or nothing when all was taken (it is undone then) */
async function refused(...statements: string[]): Promise<string | undefined> {
  const client = await t.pool.connect();
  try {
    await client.query('begin');
    for (const statement of statements) await client.query(statement);
    // Deferred checks are those of the commit.
    await client.query('set constraints all immediate');
    return undefined;
  } catch (err) {
    return (err as pg.DatabaseError).message;
  } finally {
    await client.query('rollback');
    client.release();
  }
}

const TABLES = ['accounts', 'chain_transactions', 'ledger_transactions', 'postings', 'spends', 'fund_requests'];

describe('R17: nothing of the books is changed or taken away', () => {
  test.each(TABLES)('%s: no delete, no truncate', async (table) => {
    expect(await refused(`delete from ${table}`)).toBe(`${table} is append-only`);
    expect(await refused(`truncate ${table} cascade`)).toMatch(/is append-only/);
  });

  test.each([
    ['accounts', "name = 'outside2'"],
    ['chain_transactions', "hash = 'x'"],
    ['ledger_transactions', "note = 'nothing to see here'"],
    ['ledger_transactions', 'xact = pg_current_xact_id()'],
    ['postings', 'amount = amount * 2'],
    ['spends', 'usd = 1'],
  ])('%s: no update of %s', async (table, set) => {
    expect(await refused(`update ${table} set ${set}`)).toBe(`${table} is append-only`);
  });

  test.each([
    'amount = 1',
    "address = 'mine'",
    "requester = 'UEVIL'",
    "reason = 'x'",
    'link = null, asset = null',
    "chain = 'x'",
    "needed_by = '2030-01-01'",
  ])('R18: what a request asks for stays: no update of %s', async (set) => {
    expect(await refused(`update fund_requests set ${set}`)).toMatch(/cannot be changed/);
  });

  test('R18: nobody approves their own, and nobody twice', async () => {
    expect(await refused('update fund_requests set approved_by = requester')).toMatch(/fund_requests_own/);
    expect(await refused('update fund_requests set first_by = requester')).toMatch(/fund_requests_own/);
    expect(await refused("update fund_requests set first_by = 'U1', approved_by = 'U1'")).toMatch(/fund_requests_own/);
  });

  test('R18: nobody agrees to what was sent to them or what they recorded, nor where nothing is asked', async () => {
    const over = "update fund_requests set sent_over = 'x', sent_by = 'U1'";
    for (const by of ["'U1'", 'requester'])
      expect(await refused(`${over}, agreed_by = ${by}`)).toMatch(/fund_requests_agreed/);
    expect(await refused("update fund_requests set sent_over = null, agreed_by = 'U2'")).toMatch(
      /fund_requests_agreed/,
    );
  });
});

const NEW = `insert into ledger_transactions (kind, actor, event_time, record_time) values ('transfer', 'U1', now(), now())`;
type Leg = [line: number, account: string, asset: string, amount: number | string];
const LAST = "currval('ledger_transactions_id_seq')";
/** One statement with these legs, of the last transaction unless another is named. */
const legs = (all: Leg[], tx = LAST) =>
  `insert into postings (tx_id, line, account_id, asset, amount) ${all
    .map(
      ([line, account, asset, n]) =>
        `select ${tx}, ${line}, id, '${asset}', ${n}::numeric from accounts where name = '${account}'`,
    )
    .join(' union all ')}`;
const OUT: Leg = [1, 'custody:main', 'ETH', -5];
const IN: Leg = [2, 'outside', 'ETH', 5];
const WHOLE = legs([OUT, IN]);
const tail = ([, account, asset, n]: Leg): [string, string, number | string] => [account, asset, n];

describe('R17: what goes in', () => {
  test('is taken when it balances, in one statement or several', async () => {
    expect(await refused(NEW, WHOLE)).toBeUndefined();
    const fox: Leg[] = [
      [3, 'custody:main', 'FOX', 7],
      [4, 'outside', 'FOX', -7],
    ];
    expect(await refused(NEW, legs([OUT, IN, ...fox]))).toBeUndefined();
    expect(await refused(NEW, WHOLE, legs(fox))).toBeUndefined();
  });

  test('needs two legs, and zero for each asset', async () => {
    const off: Leg[][] = [
      [OUT],
      [OUT, [2, 'outside', 'ETH', 4]],
      [OUT, [2, 'outside', 'FOX', 5]],
      [OUT, IN, [3, 'outside', 'FOX', 1]],
    ];
    for (const one of off) expect(await refused(NEW, legs(one))).toMatch(/does not balance/);
    expect(await refused(NEW)).toMatch(/does not balance/);
    expect(await refused(NEW, legs([OUT]), legs([IN]))).toMatch(/postings come in one statement/);
    const nothing = ['0', "'NaN'"].map((n): Leg[] => [
      [1, 'custody:main', 'ETH', n],
      [2, 'outside', 'ETH', n],
    ]);
    for (const one of nothing) expect(await refused(NEW, legs(one))).toBeDefined();
    expect(
      await refused(
        NEW,
        legs([
          [1, 'custody:main', '', -5],
          [2, 'outside', '', 5],
        ]),
      ),
    ).toMatch(/postings_amount/);
  });

  test('goes to accounts and transactions that there are', async () => {
    expect(await refused(NEW, WHOLE.replaceAll(', id, ', ', 9999, '))).toBe('there is no account 9999');
    expect(await refused(legs([OUT, IN], '9999'))).toMatch(/transaction 9999 is complete/);
  });

  test('has no more than 78 digits, and is no infinity', async () => {
    for (const big of ['9'.repeat(79), "'Infinity'"]) {
      const both: Leg[] = [
        [1, 'custody:main', 'ETH', `- ${big}`],
        [2, 'outside', 'ETH', big],
      ];
      expect(await refused(NEW, legs(both).replaceAll("- 'I", "'-I"))).toMatch(/overflow|infinite/);
    }
  });

  test('is not added to later, balanced or not', async () => {
    expect(
      await refused(
        legs(
          [
            [11, ...tail(OUT)],
            [12, ...tail(IN)],
          ],
          `${spent}`,
        ),
      ),
    ).toMatch(/is complete: nothing is added/);
    // Nor does it help to claim another database transaction's number: it is overwritten.
    const forged = `insert into ledger_transactions (kind, actor, event_time, record_time, xact) values ('transfer', 'U1', now(), now(), '5'::xid8)`;
    expect(await refused(forged, WHOLE)).toBeUndefined();
    const spend = `insert into spends (tx_id, tester, asset, amount, fee, what) values (${send}, 'U1', 'ETH', 1, 0, 'x')`;
    expect(await refused(spend)).toMatch(/is no spend that is being recorded/);
  });

  test('stays whole when the checks of the commit were made early', async () => {
    for (const more of [[], ['set constraints all deferred']])
      expect(
        await refused(NEW, WHOLE, 'set constraints all immediate', ...more, legs([[3, 'outside', 'ETH', 5]])),
      ).toMatch(/does not balance/);
  });

  test('says what a spend was', async () => {
    expect(await refused(NEW.replace('transfer', 'spend'), WHOLE)).toMatch(/does not say what it was/);
  });
});

describe('R17: a chain transaction exists once', () => {
  const HASH = `insert into chain_transactions (chain, hash) values ('ethereum', '0xabc')`;
  const OF = (more = '', values = '') =>
    `insert into ledger_transactions (kind, actor, event_time, record_time, chain_tx_id${more}) select 'transfer', 'U1', now(), now(), max(id)${values} from chain_transactions`;

  test('so no second of one hash, and no second ledger transaction of one', async () => {
    expect(await refused(HASH, HASH)).toMatch(/chain_transactions_hash/);
    expect(await refused(HASH, OF(), WHOLE, OF(), WHOLE)).toMatch(/ledger_transactions_original/);
    expect(await refused(`insert into chain_transactions (chain, hash) values ('ethereum', '')`)).toMatch(/filled/);
  });

  test('and a replacement stands only for what was reversed', async () => {
    expect(
      await refused(HASH, OF(), WHOLE, OF(', replaces', ", currval('ledger_transactions_id_seq')"), WHOLE),
    ).toMatch(/is not reversed/);
    expect(await refused(HASH, OF(', replaces', `, ${spent}`))).toMatch(/is not reversed/);
  });
});

describe('R17: a reversal', () => {
  const REV = (of: number | string) =>
    `insert into ledger_transactions (kind, actor, event_time, record_time, reverses, chain_tx_id)
     select 'reversal', 'U1', now(), now(), ${of}, (select chain_tx_id from ledger_transactions where id = ${of})`;
  const OPPOSITE = (of: number) =>
    `insert into postings (tx_id, line, account_id, asset, amount) select currval('ledger_transactions_id_seq'), line, account_id, asset, -amount from postings where tx_id = ${of}`;

  test('is the exact opposite, once, of something that is no reversal', async () => {
    expect(await refused(REV(spent), OPPOSITE(spent))).toBeUndefined();
    expect(await refused(REV(spent), WHOLE)).toMatch(/is not the opposite/);
    expect(await refused(REV(spent), OPPOSITE(spent), REV(spent), OPPOSITE(spent))).toMatch(
      /ledger_transactions_reverses/,
    );
    expect(await refused(REV(spent), OPPOSITE(spent), REV("currval('ledger_transactions_id_seq')"))).toMatch(
      /this is no reversal/,
    );
    expect(
      await refused(
        REV(spent),
        OPPOSITE(spent),
        legs([
          [11, ...tail(OUT)],
          [12, ...tail(IN)],
        ]),
      ),
    ).toMatch(/is not the opposite/);
    expect(await refused(REV(99_999))).toMatch(/this is no reversal/);
    const another = REV(spent).replace(/\(select chain_tx_id.*\)$/, 'null');
    expect(await refused(another, OPPOSITE(spent))).toMatch(/this is no reversal/);
    expect(await refused(REV(spent).replace("'reversal'", "'transfer'"))).toMatch(/ledger_transactions_kind/);
  });
});

describe('ledger verify', () => {
  test('finds the books whole', async () => {
    expect(await verifyLedger(t.db)).toEqual({ transactions: 3, postings: 10, accounts: 4, assets: 1, faults: [] });
  });

  test('finds what somebody did who switched the guards off', async () => {
    const client = await t.pool.connect();
    try {
      await client.query('begin');
      await client.query('set local session_replication_role = replica');
      await client.query(`update postings set amount = amount - 1 where tx_id = ${send} and line = 1`);
      await client.query(`delete from postings where tx_id = ${spent}`);
      await client.query(`delete from spends where tx_id = ${spent}`);
      await client.query(`update fund_requests set state = 'closed'`);
      await client.query('commit');
    } finally {
      client.release();
    }
    const { faults } = await verifyLedger(t.db);
    expect(faults).toEqual([
      `TX-${send}: its postings sum to -1 of ETH, not to zero.`,
      `TX-${spent}: it has 0 postings; two are the least.`,
      `TX-${spent}: it is a spend that does not say what it was.`,
      `FR-${request}: it is closed, and 500000000000000000 base units of ETH are outstanding.`,
    ]);
  });
});
