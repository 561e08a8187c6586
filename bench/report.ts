// The figures as a table of measure, value, ratio, goal and verdict.
import { cpus, totalmem } from 'node:os';
import { FEW, MANY } from './clock.ts';
import { CROWD } from './crowd.ts';
import { type Latency, median } from './measure.ts';
import { OLD_RELEASES } from './parts.ts';
import type { Results } from './results.ts';
import { POSTINGS, type Took } from './sheets.ts';
import type { Steps } from './steps.ts';

interface Line {
  what: string;
  measured: string;
  ratio: string;
  goal: string;
  met: boolean | null;
}

const HEAD: Record<keyof Line, string> = {
  what: 'measure',
  measured: 'measured',
  ratio: 'ratio',
  goal: 'goal',
  met: '',
};
const ms = (value: number) => `${value < 100 ? value.toFixed(1) : value.toFixed(0)} ms`;
const both = ({ p50, p99 }: Latency) => `p50 ${ms(p50)}, p99 ${ms(p99)}`;
const times = (value: number) => `${value.toFixed(2)} x`;

/** One line per goal, for the parts that were run, and for comparison the contenders' own. */
export function linesOf(r: Results): Line[] {
  return [
    ...speedLines(r),
    ...formLines(r),
    ...historyLines(r),
    ...crowdLines(r),
    ...instanceLines(r),
    ...startLines(r),
    ...memoryLines(r),
    ...sheetsLines(r),
    ...beatLines(r),
    ...planLines(r),
    ...ledgerLines(r),
  ];
}

function speedLines({ speed }: Results): Line[] {
  if (!speed) return [];
  const { floor, row, shipshape } = speed;
  const ratio = (of: number) => of / floor.alone.shown.p50;
  const plain = (what: string, of: Latency, to = '') => ({ what, measured: both(of), ratio: to, goal: '', met: null });
  const acked = Math.max(shipshape.alone.acked.p99, shipshape.paced.acked.p99);
  const most = Math.max(...shipshape.burst.map((b) => b.updates));
  const first = median(shipshape.burst.map((b) => b.firstMs));
  const alone = shipshape.alone.shown;
  return [
    plain('reaction → card: floor, chat.update only', floor.alone.shown, times(1)),
    plain('reaction → card: one row and chat.update', row.alone.shown, times(ratio(row.alone.shown.p50))),
    {
      what: 'reaction → card: Shipshape',
      measured: both(alone),
      ratio: times(ratio(alone.p50)),
      goal: 'p50 ≤ 3 x the floor',
      met: ratio(alone.p50) <= 3,
    },
    plain('the same at 50 events a second: floor', floor.paced.shown),
    plain('the same at 50 events a second: one row', row.paced.shown),
    {
      what: 'the same at 50 events a second: Shipshape',
      measured: both(shipshape.paced.shown),
      ratio: times(shipshape.paced.shown.p50 / floor.paced.shown.p50),
      goal: 'p99 < 250 ms',
      met: shipshape.paced.shown.p99 < 250,
    },
    plain('event → acknowledgement: floor, 50 a second', floor.paced.acked),
    plain('event → acknowledgement: Shipshape, one by one', shipshape.alone.acked),
    {
      what: 'event → acknowledgement: Shipshape, 50 a second',
      measured: both(shipshape.paced.acked),
      ratio: times(shipshape.paced.acked.p50 / floor.paced.acked.p50),
      goal: 'p99 ≤ 25 ms',
      met: acked <= 25,
    },
    {
      what: '100 reactions within a second on one card: chat.update calls',
      measured: shipshape.burst.map((b) => b.updates).join(', '),
      ratio: '',
      goal: '≤ 3',
      met: most <= 3,
    },
    {
      what: 'the first of these calls',
      measured: shipshape.burst.map((b) => ms(b.firstMs)).join(', '),
      ratio: `${times(first / alone.p50)} a single one's p50`,
      goal: "median within a single one's p99",
      met: first <= alone.p99,
    },
  ];
}

function formLines({ forms }: Results): Line[] {
  if (!forms) return [];
  return [
    { what: '/bug → form, nothing else going on', measured: both(forms.alone), ratio: '', goal: '', met: null },
    {
      what: '/bug → form at 50 events a second',
      measured: both(forms.opened),
      ratio: times(forms.opened.p50 / forms.alone.p50),
      goal: 'p99 ≤ 150 ms',
      met: forms.opened.p99 <= 150,
    },
    { what: 'reaction → card meanwhile', measured: both(forms.shown), ratio: '', goal: '', met: null },
  ];
}

const count = (n: number) => n.toLocaleString('en-US');

function historyLines({ history }: Results): Line[] {
  const empty = history?.[0]?.shown.p50;
  if (!history || empty === undefined) return [];
  return history.map(({ shown }, i) => {
    const old = OLD_RELEASES[i] ?? 0;
    const ratio = shown.p50 / empty;
    const what = old ? `${count(old)} old releases, ${count(old * 10)} audit events` : 'empty database';
    const goal = old ? { goal: '≤ 1.2 x', met: ratio <= 1.2 } : { goal: '', met: null };
    return { what: `reaction → card, ${what}`, measured: both(shown), ratio: times(ratio), ...goal };
  });
}

function crowdLines({ crowd, speed }: Results): Line[] {
  if (!crowd) return [];
  const hundred = speed?.shipshape.alone.shown.p50;
  const line = (what: string, measured: string, ratio = '') => ({ what, measured, ratio, goal: '', met: null });
  const ratio = hundred === undefined ? '' : `${times(crowd.shown.p50 / hundred)} that with 100 open`;
  return [
    line(`${CROWD} open releases: reaction → card`, both(crowd.shown), ratio),
    line(`${CROWD} open releases: \`/release list\` → its answer`, both(crowd.list)),
    line(
      `${CROWD} open releases: a round of the reconcile, due every 5 minutes`,
      `${(crowd.reconcile / 1000).toFixed(1)} s`,
      `${ms(crowd.reconcile / CROWD)} each`,
    ),
  ];
}

function instanceLines({ instances }: Results): Line[] {
  if (!instances) return [];
  const { one, two } = instances;
  const line = (what: string, rate: number) => ({
    what: `sustained, a hundred reactions under way: ${what}`,
    measured: `${rate.toFixed(0)} events a second`,
    ratio: times(rate / one),
    goal: '',
    met: null,
  });
  return [line('one instance', one), line('two instances on the same machine', two)];
}

function startLines({ start }: Results): Line[] {
  if (!start) return [];
  const line = (what: string, value: number) => ({
    what,
    measured: ms(value),
    ratio: '',
    goal: '< 3 s',
    met: value < 3_000,
  });
  return [
    line('start → ready, database given', start.given),
    line('start → ready, embedded database started too', start.embedded),
  ];
}

function memoryLines({ memory }: Results): Line[] {
  if (!memory) return [];
  const { ready, tenThousand, end, events, perSecond, growth } = memory;
  const more = growth.last - growth.first;
  return [
    { what: 'resident memory when ready', measured: `${ready.toFixed(0)} MB`, ratio: '', goal: '', met: null },
    {
      what: 'resident memory after 10,000 events',
      measured: `${tenThousand.toFixed(0)} MB`,
      ratio: '',
      goal: '< 200 MB',
      met: tenThousand < 200,
    },
    {
      what: `after ${count(events)} events, ${perSecond.toFixed(0)} a second`,
      measured: `${end.toFixed(0)} MB`,
      ratio: times(end / tenThousand),
      goal: '',
      met: null,
    },
    {
      what: 'its growth from the 20,000th event on, by a line through samples',
      measured: `${(growth.slope * 10_000).toFixed(2)} MB per 10,000 events, scatter ${growth.scatter.toFixed(0)} MB`,
      ratio: times(growth.last / growth.first),
      goal: 'none (under 5 %)',
      met: more <= growth.first * 0.05,
    },
  ];
}

function sheetsLines({ sheets }: Results): Line[] {
  if (!sheets) return [];
  const { ours, theirs } = sheets;
  const line = (what: string, of: Took, against: Took, goal: string, met: boolean | null) => ({
    what,
    measured: `${of.calls} calls, ${(of.bytes / 1e6).toFixed(1)} MB sent, ${of.seconds.toFixed(1)} s, ${of.extraMb.toFixed(0)} MB more memory`,
    ratio: times(of.seconds / against.seconds),
    goal,
    met,
  });
  const full = `a ledger of ${POSTINGS} postings into an empty spreadsheet`;
  const one = 'one changed row of it';
  return [
    line(full, ours.full, theirs.full, '≤ 15 calls, ≤ 60 MB', ours.full.calls <= 15 && ours.full.extraMb <= 60),
    line(`the same by google-spreadsheet`, theirs.full, theirs.full, '', null),
    line(one, ours.one, theirs.one, '≤ 3 calls', ours.one.calls <= 3),
    line(`the same by google-spreadsheet`, theirs.one, theirs.one, '', null),
  ];
}

function beatLines({ beat }: Results): Line[] {
  if (!beat) return [];
  const { few, many } = beat;
  const ratio = many.database / few.database;
  const line = (count: number, of: typeof few) => ({
    what: `a beat with 10 of ${count} schedules due: time in PostgreSQL`,
    measured: `${ms(of.database)}; ${both(of.all)} in all`,
  });
  return [
    { ...line(FEW, few), ratio: times(1), goal: '', met: null },
    {
      ...line(MANY, many),
      ratio: times(ratio),
      goal: '< 10 ms, flat (≤ 1.25 x)',
      met: many.database < 10 && ratio <= 1.25,
    },
  ];
}

function planLines({ plan }: Results): Line[] {
  if (!plan) return [];
  const what = 'a year of the regression calendar: 40 areas, 30 people';
  const measured = `${ms(plan.first)} the first, then ${ms(plan.later)}`;
  return [{ what, measured, ratio: '', goal: '< 200 ms', met: plan.first < 200 }];
}

function ledgerLines({ ledger }: Results): Line[] {
  if (!ledger) return [];
  const { books, bare } = ledger;
  const a = (rate: number) => `${rate.toFixed(0)} a second`;
  return [
    { what: 'bare INSERTs of the rows of a test transaction', measured: a(bare), ratio: times(1), goal: '', met: null },
    {
      what: 'the same into the ledger, with its checks',
      measured: a(books),
      ratio: times(books / bare),
      goal: 'at least half',
      met: books >= bare / 2,
    },
  ];
}

/** The lines as a Markdown table, padded so that it reads well in a terminal too. */
export function table(lines: readonly Line[]): string {
  const rows = [HEAD, ...lines.map((l) => ({ ...l, met: l.met === null ? '' : l.met ? 'met' : 'MISSED' }))];
  const keys = Object.keys(HEAD) as (keyof Line)[];
  const width = (key: keyof Line) => Math.max(3, ...rows.map((row) => row[key].length));
  const text = rows.map((row) => `| ${keys.map((key) => row[key].padEnd(width(key))).join(' | ')} |`);
  const rule = `| ${keys.map((key) => '-'.repeat(width(key))).join(' | ')} |`;
  return [text[0], rule, ...text.slice(1)].join('\n');
}

/** The steps of one reaction on its way to the card, as a Markdown table. */
export function stepsTable({ pieces, n, shown, cpu }: Steps): string {
  const one = (value: number) => value.toFixed(1);
  const rows = [
    ...pieces.map(({ what, alone, paced }) => [what, one(alone), one(paced)]),
    ['from the reaction to the changed card, as the page sees it', one(shown.alone), one(shown.paced)],
    ['processor time of the bot per event, what is beside the way included', one(cpu.alone), one(cpu.paced)],
  ];
  const head = ['from → to, p50', `one by one (${n.alone}), ms`, `at 50 a second (${n.paced}), ms`];
  const width = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const text = [head, width.map((w) => '-'.repeat(w)), ...rows].map(
    (row) => `| ${row.map((cell, i) => cell.padEnd(width[i] ?? 0)).join(' | ')} |`,
  );
  return text.join('\n');
}

/** What it was measured on, without names. */
export function machine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 1e9);
  return `${cpus().length} processors (${first?.model.trim()}), ${memory} GB, ${process.platform}, Node ${process.versions.node}`;
}
