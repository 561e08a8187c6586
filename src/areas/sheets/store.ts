// Reads what the tabs show, a page at a time, oldest first. Other areas' tables are read, never written.
import { sql } from 'drizzle-orm';
import { CAUGHT, ESCAPED } from '../../db/catch-rate.ts';
import type { Executor } from '../../db/client.ts';
import { RELEASE_COSTS } from '../../db/test-costs.ts';
import {
  type BalanceFacts,
  balanceRow,
  type Ground,
  type PostingFacts,
  postingRow,
  type ReleaseFacts,
  type RequestFacts,
  releaseRow,
  requestRow,
} from './rows.ts';
import type { Source } from './sync.ts';
import { FUNDS_TAB, LEDGER_TAB, releasesTab } from './tabs.ts';
import type { Row } from './types.ts';

/** Rows in memory at a time. With 1,000 most outlived two collections of young garbage, and a sync took twice the memory and no less time. */
const PAGE = 200;

/** The three tabs with their rows as the database has them. */
export function sourcesOf(db: Executor, on: Ground): Source[] {
  return [
    { tab: releasesTab(on.funds), pages: () => releasePages(db, on) },
    { tab: FUNDS_TAB, pages: () => fundPages(db, on) },
    { tab: LEDGER_TAB, pages: () => postingPages(db, on) },
  ];
}

const time = (text: string | null): Date | null => (text === null ? null : new Date(text));
const number = (text: string | null): number | null => (text === null ? null : Number(text));

async function* releasePages(db: Executor, on: Ground): AsyncGenerator<Row[]> {
  for (let after = 0; ; ) {
    const { rows } = await db.execute<
      Record<string, string | null> & { operators: string[]; fees: Record<string, string> | null }
    >(sql`
      select r.id, r.product, r.version, r.kind, r.state, r.opened_at, r.approved_at, r.shipped_at, r.done_at,
        coalesce((select name from people where id = r.manager), r.manager) as manager,
        array(select distinct coalesce(p.name, s.person) from sign_offs s left join people p on p.id = s.person
          where s.release_id = r.id and s.retracted_at is null order by 1) as operators,
        b.blocking, b.other, b.caught, b.escaped,
        (select count(*) from prod_issues i where i.release_id = r.id) as prod_issues,
        t.total, t.passed, t.failed, t.blocked, t.skipped, m.transactions, m.usd, m.fees
      from releases r
      cross join lateral (select count(*) filter (where b.blocking) as blocking, count(*) filter (where not b.blocking) as other,
          ${CAUGHT} as caught, ${ESCAPED} as escaped from bugs b where b.release_id = r.id) b
      cross join lateral (select count(*) as total,
          count(*) filter (where c.state = 'passed') as passed, count(*) filter (where c.state = 'failed') as failed,
          count(*) filter (where c.state = 'blocked') as blocked, count(*) filter (where c.state = 'skipped') as skipped
        from test_runs u join run_cases c on c.run_id = u.id
        where u.release_id = r.id and u.stage = 'candidate'
          and u.candidate_id = (select max(candidate_id) from test_runs where release_id = r.id and stage = 'candidate')) t
      cross join lateral (${RELEASE_COSTS}) m
      where r.id > ${after} order by r.id limit ${PAGE}`);
    yield rows.map((r) => releaseRow(releaseOf(r), on));
    if (rows.length < PAGE) return;
    after = Number(rows.at(-1)?.id);
  }
}

function releaseOf(
  r: Record<string, string | null> & { operators: string[]; fees: Record<string, string> | null },
): ReleaseFacts {
  const count = (name: string) => Number(r[name] ?? 0);
  return {
    id: count('id'),
    product: r.product ?? '',
    version: r.version ?? '',
    kind: r.kind ?? '',
    state: r.state ?? '',
    openedAt: new Date(r.opened_at ?? 0),
    approvedAt: time(r.approved_at ?? null),
    shippedAt: time(r.shipped_at ?? null),
    doneAt: time(r.done_at ?? null),
    manager: r.manager ?? '',
    operators: r.operators,
    blocking: count('blocking'),
    otherBugs: count('other'),
    prodIssues: count('prod_issues'),
    caught: count('caught'),
    escaped: count('escaped'),
    tests: count('total'),
    passed: count('passed'),
    failed: count('failed'),
    blocked: count('blocked'),
    skipped: count('skipped'),
    transactions: count('transactions'),
    usd: r.usd === null || r.usd === undefined ? null : BigInt(r.usd),
    fees: new Map(Object.entries(r.fees ?? {}).map(([asset, fee]) => [asset, BigInt(fee)])),
  };
}

async function* fundPages(db: Executor, on: Ground): AsyncGenerator<Row[]> {
  for (let after = 0; ; ) {
    // What moved on the person's account: a reversal counts as what it is the opposite of.
    const { rows } = await db.execute<Record<string, string | null>>(sql`
      select r.*, r.needed_by::text as needed, coalesce(q.name, r.requester) as who, coalesce(a.name, r.approved_by) as approver,
        coalesce(s.name, r.sent_by) as sender, c.hash, m.sent, m.returned, m.spent, m.settled
      from fund_requests r
      left join people q on q.id = r.requester left join people a on a.id = r.approved_by left join people s on s.id = r.sent_by
      left join ledger_transactions st on st.id = r.sent_tx left join chain_transactions c on c.id = st.chain_tx_id
      cross join lateral (select
          coalesce(sum(p.amount) filter (where t.kind = 'send'), 0) as sent, -coalesce(sum(p.amount) filter (where t.kind = 'return'), 0) as returned,
          -coalesce(sum(p.amount) filter (where t.kind = 'spend'), 0) as spent, -coalesce(sum(p.amount) filter (where t.kind = 'settle'), 0) as settled
        from (select t.id, coalesce(o.kind, t.kind) as kind from ledger_transactions t
          left join ledger_transactions o on o.id = t.reverses where t.request_id = r.id) t
        join postings p on p.tx_id = t.id and p.asset = r.asset join accounts n on n.id = p.account_id and n.kind = 'person') m
      where r.id > ${after} order by r.id limit ${PAGE}`);
    yield rows.map((r) => requestRow(requestOf(r), on));
    if (rows.length < PAGE) break;
    after = Number(rows.at(-1)?.id);
  }
  const { rows } = await db.execute<Record<string, string>>(sql`
    select a.name, a.kind, a.key, b.asset, b.amount::text as amount, h.name as person
    from (select account_id, asset, sum(amount) as amount from postings group by account_id, asset) b
    join accounts a on a.id = b.account_id left join people h on a.kind = 'person' and h.id = a.key order by a.id, b.asset`);
  yield rows.map((r) => balanceRow(balanceOf(r, on), on));
}

function requestOf(r: Record<string, string | null>): RequestFacts {
  const text = (name: string) => r[name] ?? '';
  return {
    id: Number(r.id),
    state: text('state'),
    requester: text('who'),
    asset: text('asset'),
    amount: BigInt(text('amount')),
    chain: r.chain ?? null,
    address: r.address ?? null,
    reason: text('reason'),
    link: r.link ?? null,
    neededBy: r.needed ?? null,
    releaseId: number(r.release_id ?? null),
    requestedAt: new Date(text('requested_at')),
    approvedAt: time(r.approved_at ?? null),
    approvedBy: r.approver ?? null,
    sentAt: time(r.sent_at ?? null),
    sentBy: r.sender ?? null,
    hash: r.hash ?? null,
    sent: BigInt(text('sent')),
    returned: BigInt(text('returned')),
    spent: BigInt(text('spent')),
    settled: BigInt(text('settled')),
    closedAt: time(r.closed_at ?? null),
    closeReason: r.close_reason ?? null,
  };
}

function balanceOf(r: Record<string, string | null>, { funds }: Ground): BalanceFacts {
  const { name, kind, key } = r;
  return {
    account: name ?? '',
    name: accountName(kind ?? '', key ?? '', r.person ?? null, funds),
    asset: r.asset ?? '',
    amount: BigInt(r.amount ?? 0),
  };
}

function accountName(kind: string, key: string, person: string | null, funds: Ground['funds']): string {
  if (kind === 'custody') return funds.accounts.find((a) => a.key === key)?.name ?? key;
  if (kind === 'fees') return `fees ${key}`;
  return kind === 'person' ? (person ?? key) : 'outside';
}

async function* postingPages(db: Executor, on: Ground): AsyncGenerator<Row[]> {
  let [tx, line] = [0, 0];
  for (;;) {
    const { rows } = await db.execute<Record<string, string | null>>(sql`
      select p.tx_id, p.line, p.asset, p.amount::text as amount, a.name as account, a.kind as account_kind, a.key,
        t.kind, t.event_time, t.record_time, t.request_id, t.release_id, t.note, c.chain, c.hash,
        h.name as person, coalesce(w.name, t.actor) as actor, s.what
      -- The page first: of 100,000 postings a plan that joins first reads all for every page.
      from (select * from postings where (tx_id, line) > (${tx}, ${line}) order by tx_id, line limit ${PAGE}) p
      join ledger_transactions t on t.id = p.tx_id join accounts a on a.id = p.account_id
      left join chain_transactions c on c.id = t.chain_tx_id left join spends s on s.tx_id = t.id
      left join people h on a.kind = 'person' and h.id = a.key left join people w on w.id = t.actor
      order by p.tx_id, p.line`);
    yield rows.map((r) => postingRow(postingOf(r, on), on));
    if (rows.length < PAGE) return;
    [tx, line] = [Number(rows.at(-1)?.tx_id), Number(rows.at(-1)?.line)];
  }
}

function postingOf(r: Record<string, string | null>, on: Ground): PostingFacts {
  return {
    txId: Number(r.tx_id),
    line: Number(r.line),
    eventTime: new Date(r.event_time ?? 0),
    recordTime: new Date(r.record_time ?? 0),
    kind: r.kind ?? '',
    account: r.account ?? '',
    name: accountName(r.account_kind ?? '', r.key ?? '', r.person ?? null, on.funds),
    asset: r.asset ?? '',
    amount: BigInt(r.amount ?? 0),
    chain: r.chain ?? null,
    hash: r.hash ?? null,
    requestId: number(r.request_id ?? null),
    releaseId: number(r.release_id ?? null),
    note: r.note ?? r.what ?? null,
    actor: r.actor ?? '',
  };
}
