import { context, header, section } from '../../base/elements.ts';
import { showId } from '../../base/ids.ts';
import { formatAmount, showMoney } from '../../base/money.ts';
import { escapeText } from '../../base/mrkdwn.ts';
import { type Funds, fundsOf, type Policy } from '../../base/policy.ts';
import type { Block } from '../../base/slack.ts';
import { chainName, type Drawing } from './blocks.ts';
import type { ChainFees, FeesReport, HourFees, ReleaseFees } from './fees-types.ts';

const BAR = 16;
/** Chains whose hours are shown: each takes a block of up to 24 lines. */
const CHAINS_SHOWN = 10;

const transactions = (n: number) => `${n} transaction${n === 1 ? '' : 's'}`;

/** `/funds fees`: what testing cost by release and by chain, and at which hour of the day it is cheap. */
export function feesTable(report: FeesReport, policy: Policy): Drawing {
  const funds = fundsOf(policy);
  if (!report.chains.length && !report.releases.length && !report.others.length)
    return { text: 'No fees are on record yet. `/funds spend` records a test transaction.', blocks: [] };
  const releases = report.releases.map((r) => releaseLine(r, funds));
  const chains = report.chains.map((c) => chainLine(c, funds));
  const others = OTHERS.flatMap(([kind, title]) =>
    otherLine(
      report.others.filter((o) => o.kind === kind),
      title,
      funds,
    ),
  );
  const hourly = report.chains.slice(0, CHAINS_SHOWN).flatMap((c) =>
    hoursOf(
      c,
      report.hours.filter((h) => h.chain === c.chain && h.asset === c.asset),
      funds,
    ),
  );
  const blocks: Block[] = [
    header('Fees'),
    section(`*By release*: its test transactions\n${releases.join('\n') || '_none yet_'}`),
    ...(others.length ? [section(`*Besides*\n${others.join('\n')}`)] : []),
    section(`*By chain*, the last ${report.days} days\n${chains.join('\n') || '_none in these days_'}`),
    ...hourly,
    context(`Hours are those of ${escapeText(policy.team.zone)}. Medians are rounded; the sums are exact.`),
  ];
  return { text: ['Fees by release:', ...releases, ...others, 'By chain:', ...chains].join('\n'), blocks };
}

function releaseLine(r: ReleaseFees, funds: Funds): string {
  const fees = feesOf(r.fees, funds) || 'no fees';
  const usd = r.usd === null ? '' : ` · worth $${r.usd / 100n}.${`${r.usd % 100n}`.padStart(2, '0')} as typed`;
  return `• ${showId('REL', r.id)} ${escapeText(r.name)} — ${fees} in ${transactions(r.txs)}${usd}`;
}

const feesOf = (fees: readonly { asset: string; amount: bigint }[], funds: Funds) =>
  fees.map((f) => showMoney(f.amount, f.asset, funds.assets)).join(' + ');

const OTHERS = [
  ['tests', 'test transactions of no release'],
  ['moves', 'test funds sent, returned and moved'],
] as const;

/** Fees that belong to no release, so that with the releases' all fees are there. */
function otherLine(fees: FeesReport['others'], title: string, funds: Funds): string[] {
  const txs = fees.reduce((sum, f) => sum + f.txs, 0);
  return txs ? [`• ${title} — ${feesOf(fees, funds)} in ${transactions(txs)}`] : [];
}

function chainLine(c: ChainFees, funds: Funds): string {
  const range =
    c.txs > 1
      ? `; median ${about(c.median, c.asset, funds)}, from ${about(c.least, c.asset, funds)} to ${about(c.most, c.asset, funds)}`
      : '';
  return `• ${nameOf(c.chain, funds)} — ${showMoney(c.total, c.asset, funds.assets)} in ${transactions(c.txs)}${range}`;
}

const nameOf = (chain: string, funds: Funds) => (chain === 'off-chain' ? 'off chain' : chainName(chain, funds));

/** A bar per hour that has transactions; the cheapest ones are named, so that people can test then. */
function hoursOf(c: ChainFees, hours: readonly HourFees[], funds: Funds): Block[] {
  const sorted = [...hours].sort((a, b) => a.hour - b.hour);
  const [first, ...rest] = sorted;
  if (!first || !rest.length) return [];
  const least = rest.reduce((a, h) => (h.median < a ? h.median : a), first.median);
  const most = rest.reduce((a, h) => (h.median > a ? h.median : a), first.median);
  const cheap = sorted.filter((h) => h.median === least).map((h) => clock(h.hour));
  const lines = sorted.map((h) => {
    const length = Math.max(1, Number((h.median * BigInt(BAR)) / most));
    const shown = about(h.median, c.asset, funds);
    return `${clock(h.hour)} ${'█'.repeat(length).padEnd(BAR)} ${shown} (${h.txs})${h.median === least ? ' ◀' : ''}`;
  });
  const title = `*${nameOf(c.chain, funds)} by hour*: cheapest at *${cheap.slice(0, 3).join(', ')}*`;
  return [section(`${title}\n\`\`\`${lines.join('\n')}\`\`\``)];
}

const clock = (hour: number) => `${`${hour}`.padStart(2, '0')}:00`;

/** An amount to four significant digits, for comparing. */
function about(amount: bigint, asset: string, funds: Funds): string {
  const unit = funds.assets.find((a) => a.key === asset);
  if (!unit) return showMoney(amount, asset, funds.assets);
  const extra = amount.toString().length - 4;
  const step = extra > 0 ? 10n ** BigInt(extra) : 1n;
  const rounded = ((amount + step / 2n) / step) * step;
  return `${formatAmount(rounded, unit.decimals)} ${asset}`;
}
