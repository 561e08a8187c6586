import { context, header, section } from '../../base/elements.ts';
import { showId } from '../../base/ids.ts';
import { showMoney } from '../../base/money.ts';
import { date, escapeText, truncate } from '../../base/mrkdwn.ts';
import { type Funds, fundsOf, type Policy } from '../../base/policy.ts';
import type { Block } from '../../base/slack.ts';
import { accountName, type Drawing, requestLine, requestLink, txLine } from './blocks.ts';
import type { Account, LedgerTx, Posting, RequestFacts } from './types.ts';

/** A request in a list. */
export type ListedRequest = Pick<RequestFacts, 'request' | 'outstanding'> & { url: string | null };

/** Lines that fit into a message beside the rest: 60 of at most some 200 characters. */
const LINES = 60;
const PER_BLOCK = 10;
/** What a section of Slack's holds. */
const BLOCK_MAX = 3000;

/** Lines as blocks, several a block as long as they fit, so that many stay under Slack's limits and none is cut. */
function lineBlocks(lines: readonly string[]): Block[] {
  const groups: string[][] = [];
  let length = 0;
  for (const line of lines) {
    const last = groups.at(-1);
    length += line.length + 1;
    if (last && last.length < PER_BLOCK && length <= BLOCK_MAX) last.push(line);
    else {
      groups.push([line]);
      length = line.length;
    }
  }
  return groups.map((group) => section(group.join('\n')));
}

const KINDS = [
  ['custody', 'Custody'],
  ['person', 'People'],
  ['fees', 'Fees so far'],
] as const;
type Kind = (typeof KINDS)[number][0];

/** `/funds balance`: what each account holds. A wallet below zero is marked: the chain is reality, so something was not recorded. */
export function balancesTable(balances: readonly Posting[], policy: Policy): Drawing {
  const funds = fundsOf(policy);
  const blocks: Block[] = [];
  const texts: string[] = [];
  let left = LINES;
  for (const [kind, title] of KINDS) {
    const lines = byAccount(balances, kind, funds);
    if (!lines.length) continue;
    const shown = lines.slice(0, left);
    left -= shown.length;
    blocks.push(section(`*${title}*`), ...lineBlocks(shown));
    if (shown.length < lines.length)
      blocks.push(context(`and ${lines.length - shown.length} more: \`npm run shipshape -- ledger balance\``));
    texts.push(`${title}:`, ...shown);
  }
  if (!blocks.length) return { text: 'The ledger is empty: nothing was sent or spent yet.', blocks: [] };
  return { text: truncate(texts.join('\n'), 3900), blocks: [header('Test funds: balances'), ...blocks] };
}

/** R17: what below zero means. The chain is reality, so a wallet has more than was recorded; people paid from their own pocket. */
const LOW: Record<Kind, string> = {
  custody: ' :warning: below zero: something that came in is not recorded',
  person: ' _(below zero: paid from their own pocket)_',
  fees: '',
};

function byAccount(balances: readonly Posting[], kind: Kind, funds: Funds): string[] {
  const by = new Map<Account, Posting[]>();
  for (const b of balances)
    if (b.account.startsWith(`${kind}:`) && b.amount !== 0n) by.set(b.account, [...(by.get(b.account) ?? []), b]);
  return [...by].map(([account, held]) => {
    const sums = held.map((b) => showMoney(b.amount, b.asset, funds.assets)).join(', ');
    const low = held.some((b) => b.amount < 0n) ? LOW[kind] : '';
    return `• ${accountName(account, funds)}: ${sums}${low}`;
  });
}

/** So many transactions a page of `/funds ledger` has. */
export const LEDGER_PAGE = 15;

/** `/funds ledger`: one page of transactions, the newest first, each with its postings' road. @param before the page is of those older than this one */
export function ledgerList(txs: readonly LedgerTx[], before: number | undefined, policy: Policy): Drawing {
  const funds = fundsOf(policy);
  const oldest = txs.at(-1);
  if (!oldest) {
    const none =
      before === undefined ? 'The ledger is empty: nothing was sent or spent yet.' : 'There is nothing older.';
    return { text: none, blocks: [] };
  }
  const { zone } = policy.team;
  const lines = txs.map((tx) => `${txLine(tx, funds)}\n↳ ${road(tx, funds)} · ${date(tx.eventTime, zone)}`);
  const blocks = [header('Ledger'), ...lineBlocks(lines)];
  if (txs.length === LEDGER_PAGE) blocks.push(context(`Older ones: \`/funds ledger ${showId('TX', oldest.id)}\``));
  return { text: truncate(lines.join('\n'), 3900), blocks };
}

/** From where to where it went. */
function road(tx: LedgerTx, funds: Funds): string {
  const names = (side: (amount: bigint) => boolean) =>
    [...new Set(tx.postings.filter((p) => side(p.amount)).map((p) => accountName(p.account, funds)))].join(', ');
  return `${names((a) => a < 0n)} → ${names((a) => a > 0n)}`;
}

/** `/funds mine`: a person's requests that are open, what they hold, and their last test transactions. */
export function mineView(
  m: { requests: readonly ListedRequest[]; balances: readonly Posting[]; txs: readonly LedgerTx[] },
  policy: Policy,
): Drawing {
  const funds = fundsOf(policy);
  const requests = m.requests.slice(0, 20).map((r) => requestItem(r, funds));
  const held = m.balances.filter((b) => b.amount > 0n).map((b) => showMoney(b.amount, b.asset, funds.assets));
  const owed = m.balances.filter((b) => b.amount < 0n).map((b) => showMoney(-b.amount, b.asset, funds.assets));
  const txs = m.txs.slice(0, 10).map((tx) => txLine(tx, funds));
  const parts: [string, string[]][] = [
    ['Your open requests', requests],
    ['You hold', held.length ? [held.join(', ')] : []],
    ...(owed.length ? ([['You paid from your own pocket', [owed.join(', ')]]] as [string, string[]][]) : []),
    ['Your last test transactions', txs],
  ];
  const blocks = parts.flatMap(([title, lines]) => [
    section(`*${title}*`),
    ...lineBlocks(lines.length ? lines : ['_none_']),
  ]);
  const tips = context('`/funds request` asks for more, `/funds spend` records a test transaction.');
  return {
    text: truncate(parts.map(([title, l]) => `${title}: ${l.join('\n') || 'none'}`).join('\n'), 3900),
    blocks: [...blocks, tips],
  };
}

/** A request as a line: what, for what, and its state. */
function requestItem(r: ListedRequest, funds: Funds): string {
  const { request } = r;
  const money = showMoney(request.amount, request.asset, funds.assets);
  const why = escapeText(truncate(request.reason.replace(/\s+/g, ' '), 80));
  return `• ${requestLink(request.id, r.url)} ${money}: ${why} — ${requestLine(r, funds)}`;
}
