import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { booksOnADatabase, request, send, t } from './guards-books.ts';

booksOnADatabase();

test('R18: 0007 asks about what one alone approved less of, and makes nobody agree', async () => {
  const text = await readFile(new URL('../../../drizzle/0007_agreed_to_what_was_sent.sql', import.meta.url), 'utf8');
  const [sooner, later] = ['2026-11-01 10:00Z', '2026-11-01 11:00Z'];
  // Approved by UA alone; over_limit and the two names are of a record of 5 by UB. Then: who sent, how much (1 was approved), and when the second approved.
  const before: [reason: string, sentBy: string | null, amount: number | null, second: string][] = [
    ['more', 'UB', 5, sooner],
    ['reversed', null, null, sooner],
    ['reversed, less sent', 'UB', 1, sooner],
    ['reversed, more sent by the first', 'UA', 4, sooner],
    ['approved by two', 'UB', 1, later],
  ];
  const client = await t.pool.connect();
  try {
    await client.query('begin');
    for (const [reason, by, amount, second] of before)
      await client.query(
        `insert into fund_requests (requester, asset, amount, reason, state, requested_at, thread_id, first_by, first_at,
           approved_by, approved_at, over_limit, sent_by, sent_amount, sent_tx, sent_at)
         select 'UC', 'ETH', 1, $1, $2, now(), thread_id, 'UA', $3, 'UB', $4, '0.5 ETH a request', $5, $6, $7, $8
         from fund_requests where id = $9`,
        [reason, by ? 'sent' : 'approved', sooner, second, by, amount, by && send, by && later, request],
      );
    await client.query(text.split('--> statement-breakpoint').at(-1) as string);
    const { rows } = await client.query(
      `select reason, first_by, approved_by, over_limit, sent_over, agreed_by, agreed_at from fund_requests
       where requester = 'UC' order by id`,
    );
    const alone = { first_by: null, approved_by: 'UA', over_limit: null };
    const asked = { agreed_by: null, agreed_at: null, sent_over: '0.5 ETH a request' };
    const none = { ...asked, sent_over: null };
    expect(rows).toEqual([
      { reason: 'more', ...alone, ...asked },
      { reason: 'reversed', ...alone, ...none },
      { reason: 'reversed, less sent', ...alone, ...none },
      { reason: 'reversed, more sent by the first', ...alone, ...asked },
      { reason: 'approved by two', first_by: 'UA', approved_by: 'UB', over_limit: '0.5 ETH a request', ...none },
    ]);
  } finally {
    await client.query('rollback');
    client.release();
  }
});

test('R18: 0010 asks about what two approved less of, unless it was judged when it was recorded', async () => {
  const text = await readFile(new URL('../../../drizzle/0010_agreed_to_less.sql', import.meta.url), 'utf8');
  // 1 was approved, by UA and UB, over that limit. Then: how much was sent, by UB, what was asked then, and who agreed to it.
  const before: [
    reason: string,
    amount: number | null,
    limit: string | null,
    asked: string | null,
    by: string | null,
  ][] = [
    ['more', 5, '0.5 ETH a request', null, null],
    ['as much', 1, '0.5 ETH a request', null, null],
    ['not sent', null, '0.5 ETH a request', null, null],
    ['not over a limit', 5, null, null, null],
    ['asked about', 5, '0.5 ETH a request', '2 ETH a request', null],
    ['agreed to', 5, '0.5 ETH a request', '2 ETH a request', 'UA'],
  ];
  const client = await t.pool.connect();
  try {
    await client.query('begin');
    for (const [reason, amount, limit, asked, by] of before)
      await client.query(
        `insert into fund_requests (requester, asset, amount, reason, state, requested_at, thread_id, first_by, first_at,
           approved_by, approved_at, over_limit, sent_by, sent_amount, sent_tx, sent_at, sent_over, agreed_by)
         select 'UC', 'ETH', 1, $1, $2, now(), thread_id, 'UA', '2026-11-01 10:00Z', 'UB', '2026-11-01 11:00Z', $3, 'UB', $4, $5, now(), $6, $7
         from fund_requests where id = $8`,
        [reason, amount ? 'sent' : 'approved', limit, amount, amount && send, asked, by, request],
      );
    // Recorded by this version, which found no limit of that day broken.
    await client.query(
      `update fund_requests set sent_amount = amount + 1, over_limit = '0.5 ETH a request', first_by = 'UA', first_at = '2026-11-01 10:00Z' where id = $1`,
      [request],
    );
    await client.query(text);
    const { rows } = await client.query(
      `select reason, first_by, approved_by, over_limit, sent_over, agreed_by from fund_requests where requester = 'UC' order by id`,
    );
    const asks = new Map(before.map(([reason, , , asked]) => [reason, asked])).set('more', '0.5 ETH a request');
    expect(rows).toEqual(
      before.map(([reason, , limit, , by]) => ({
        ...{ reason, first_by: 'UA', approved_by: 'UB', over_limit: limit },
        ...{ sent_over: asks.get(reason), agreed_by: by },
      })),
    );
    const { rows: judged } = await client.query('select sent_over from fund_requests where id = $1', [request]);
    expect(judged).toEqual([{ sent_over: null }]);
  } finally {
    await client.query('rollback');
    client.release();
  }
});
