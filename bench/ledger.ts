// How many ledger transactions a second the books take, beside bare INSERTs of the same rows: same server, same connections, tables without triggers,
// checks or references, one database transaction each.
import { createHash } from 'node:crypto';
import pg from 'pg';
import { bookNew } from '../src/areas/funds/book.ts';
import { postingsOf } from '../src/areas/funds/ledger.ts';
import type { Account, Entry } from '../src/areas/funds/types.ts';
import { type Db, openDb } from '../src/db/client.ts';
import { migrateDb } from '../src/db/migrate.ts';
import type { Setting } from './parts.ts';
import { newDatabase } from './stage.ts';

const PEOPLE = 20;
const EACH = 1_500;
const AT_ONCE = 4;
const ROUNDS = 3;

export interface LedgerSpeed {
  /** Transactions a second. */
  books: number;
  bare: number;
}

let made = 0;
/** A test transaction with a fee: four postings. */
function entry(): Entry {
  made++;
  const person: Account = `person:U${made % PEOPLE}`;
  const gas = { payer: person, feeAsset: 'ETH', fee: 10n ** 15n, chain: 'ethereum' };
  return {
    kind: 'spend',
    requestId: null,
    releaseId: null,
    chain: 'ethereum',
    hash: `0x${createHash('sha256').update(`${made}`).digest('hex')}`,
    note: null,
    actor: 'U1',
    eventTime: new Date(),
    postings: postingsOf({ from: person, to: 'outside', asset: 'FOX', amount: 10n ** 18n, ...gas }),
  };
}

const SPEND = {
  tester: 'U1',
  asset: 'FOX',
  amount: 10n ** 18n,
  chain: 'ethereum',
  feeAsset: 'ETH',
  fee: 10n ** 15n,
  gasPrice: '12',
  usd: null,
  what: 'Swap',
  releaseId: null,
  testCase: null,
  requestId: null,
};

async function intoBooks(db: Db): Promise<void> {
  await db.transaction(async (tx) => {
    const booked = await bookNew(tx, entry(), new Date(), SPEND);
    if ('takenBy' in booked) throw new Error('a hash came twice');
  });
}

const TABLES = ['chain_transactions', 'ledger_transactions', 'postings', 'spends'];

async function bareTables(pool: pg.Pool): Promise<void> {
  await pool.query('create schema bare');
  for (const table of TABLES)
    await pool.query(
      `create table bare.${table} (like public.${table} including defaults including identity including indexes)`,
    );
}

async function bare(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    const { hash, postings } = entry();
    await client.query('begin');
    const chain = await client.query(
      `insert into bare.chain_transactions (chain, hash) values ('ethereum', $1) returning id`,
      [hash],
    );
    const tx = await client.query(
      `insert into bare.ledger_transactions (kind, chain_tx_id, actor, event_time, record_time) values ('spend', $1, 'U1', now(), now()) returning id`,
      [chain.rows[0].id],
    );
    const { id } = tx.rows[0];
    const rows = postings.map((_, i) => `($1, ${i + 1}, ${i + 1}, $${2 * i + 2}, $${2 * i + 3})`);
    await client.query(`insert into bare.postings (tx_id, line, account_id, asset, amount) values ${rows.join(', ')}`, [
      id,
      ...postings.flatMap((p) => [p.asset, p.amount.toString()]),
    ]);
    await client.query(
      `insert into bare.spends (tx_id, tester, asset, amount, chain, fee_asset, fee, gas_price, what) values ($1, 'U1', 'FOX', $2, 'ethereum', 'ETH', $3, '12', 'Swap')`,
      [id, SPEND.amount.toString(), SPEND.fee.toString()],
    );
    await client.query('commit');
  } finally {
    client.release();
  }
}

/** @returns how many a second */
async function rate(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  let left = EACH;
  const one = async () => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return EACH / ((performance.now() - began) / 1000);
}

/** The best of three rounds of each, taken in turns. */
export async function ledgerSpeed(s: Setting): Promise<LedgerSpeed> {
  const url = await newDatabase(s.server, 'bench_ledger');
  await migrateDb(url, s.say);
  const { db, close } = openDb(url, { log: s.say, max: AT_ONCE });
  // As anybody would write them: plain pg, without the names and the pipelining of our own client.
  const pool = new pg.Pool({ connectionString: url, max: AT_ONCE });
  try {
    await bareTables(pool);
    const best = { books: 0, bare: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      best.bare = Math.max(best.bare, await rate(() => bare(pool)));
      best.books = Math.max(best.books, await rate(() => intoBooks(db)));
    }
    return best;
  } finally {
    await pool.end();
    await close();
  }
}
