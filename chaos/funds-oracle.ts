// The ledger: what people booked is there, once, to the unit, and nothing else; requests are made once; the sheets show the same.
import { ofBot } from '../test/support/bots.ts';
import { CHANNELS } from '../test/support/slack.ts';
import type { Booking } from './funds-story.ts';
import { allMessages } from './messages.ts';
import { answered, type Deed, denied, formTaken, told } from './record.ts';
import type { Evidence } from './verdict.ts';

/** One leg of a booking, as the database keeps it. */
interface Leg {
  tx: string;
  line: number;
  kind: string;
  hash: string | null;
  account: string;
  asset: string;
  amount: string;
}

const { funds: CHANNEL } = CHANNELS;
const SECOND = 1000;

export async function checkFunds(evidence: Evidence): Promise<string[]> {
  const { world, funds, deeds } = evidence;
  const { rows: legs } = await world.pool.query<Leg>(
    `select t.id as tx, p.line, t.kind, c.hash, a.name as account, p.asset, p.amount from postings p join ledger_transactions t on t.id = p.tx_id
     join accounts a on a.id = p.account_id left join chain_transactions c on c.id = t.chain_tx_id order by t.id, p.line`,
  );
  const start = Math.min(...deeds.map((deed) => deed.began));
  const wrong = [
    ...sums(legs),
    ...funds.bookings.flatMap((booking) => booked(booking, legs, deeds, start)),
    ...unknown(legs, funds.bookings),
    ...(await requests(evidence)),
    ...sheets(evidence, legs),
  ];
  return wrong.map((text) => `funds: ${text}`);
}

/** R17: zero for each asset, in each transaction. */
function sums(legs: readonly Leg[]): string[] {
  const totals = new Map<string, bigint>();
  for (const { tx, asset, amount } of legs)
    totals.set(`TX-${tx} ${asset}`, (totals.get(`TX-${tx} ${asset}`) ?? 0n) + BigInt(amount));
  return [...totals].filter(([, sum]) => sum !== 0n).map(([name, sum]) => `${name} sums to ${sum}`);
}

function deedsOf(booking: Booking, deeds: readonly Deed[]): Deed[] {
  return deeds.filter(
    (d) => d.what === booking.what && d.about === (booking.what === 'sent' ? booking.tag : booking.hash),
  );
}

/** What was accepted is booked once; what was never answered may be, once; what never reached the bot is not. */
function booked(booking: Booking, legs: readonly Leg[], deeds: readonly Deed[], start: number): string[] {
  const mine = legs.filter((leg) => leg.hash === booking.hash);
  const theirs = deedsOf(booking, deeds);
  const count = new Set(mine.map((leg) => leg.tx)).size;
  const surely = theirs.some((d) => (booking.what === 'sent' ? answered(d, ': done.') : formTaken(d)));
  const never = !theirs.some((d) => d.sent);
  const bad = (text: string) => [
    `${booking.what} ${booking.hash} of ${booking.person} ${text}\n${theirs.map((d) => `      ${told(d, start)}`).join('\n')}`,
  ];
  if (count > 1) return bad(`is booked ${count} times`);
  if (surely && count !== 1) return bad('was accepted, and is not booked');
  if (never && count) return bad('is booked, and the bot never heard of it');
  if (count && theirs.filter((d) => d.sent).every(denied))
    return bad('is booked, and they were told that nothing was changed');
  if (!count) return [];
  const person = `person:${booking.holder}`;
  const [from, to] = {
    sent: ['custody:main', person],
    spend: [person, 'outside'],
    return: [person, 'custody:main'],
    deposit: ['outside', 'custody:main'],
  }[booking.what] as [string, string];
  const has = (account: string, asset: string, amount: bigint) =>
    mine.some((leg) => leg.account === account && leg.asset === asset && BigInt(leg.amount) === amount);
  const fine =
    has(from, 'USDC', -booking.amount) && has(to, 'USDC', booking.amount) && has('fees:ethereum', 'ETH', booking.fee);
  return fine && mine.length === 4
    ? []
    : bad(`of ${booking.amount} and ${booking.fee} is booked as ${JSON.stringify(mine)}`);
}

function unknown(legs: readonly Leg[], bookings: readonly Booking[]): string[] {
  const known = new Set(bookings.map((booking) => booking.hash));
  return legs.filter((leg) => !leg.hash || !known.has(leg.hash)).map((leg) => `nobody booked ${JSON.stringify(leg)}`);
}

/** Each request that was taken is there once, in the database and as a card. */
async function requests({ world, funds, deeds }: Evidence): Promise<string[]> {
  const { rows } = await world.pool.query<{ id: string; reason: string; state: string; own: boolean }>(
    'select id, reason, state, coalesce(approved_by = requester, false) as own from fund_requests',
  );
  const cards = ofBot(await allMessages(world.slack.url)).filter((m) => m.channel === CHANNEL && !m.thread_ts);
  return funds.requests.flatMap(({ tag }) => {
    const mine = rows.filter((row) => row.reason.startsWith(`${tag} `));
    const shown = cards.filter((card) => JSON.stringify(card.blocks).includes(`${tag} `)).length;
    const theirs = deeds.filter((d) => d.about === tag && d.what === 'request');
    const facts = () => `${mine.length} times, with ${shown} cards: ${theirs.map((d) => told(d, SECOND)).join(' ')}`;
    if (mine.length > 1 || mine.length !== shown) return [`the request ${tag} is there ${facts()}`];
    if (theirs.some(formTaken) && !mine.length) return [`the request ${tag} was taken, and is there ${facts()}`];
    if (!theirs.some((d) => d.sent) && mine.length) return [`nobody made the request ${tag}: ${facts()}`];
    return mine.filter((row) => row.own).map((row) => `FR-${row.id} was approved by who asked (R18)`);
  });
}

/** R20: the tab is the ledger, row by row. */
function sheets({ world }: Evidence, legs: readonly Leg[]): string[] {
  const tab = world.google.tabs.find((one) => one.title === 'Ledger');
  if (!tab) return legs.length ? ['there is no tab Ledger'] : [];
  const [titles = [], ...rows] = tab.grid;
  const column = (title: string) => titles.indexOf(title);
  const [id, asset, amount, hash] = [0, column('Asset'), column('Amount (base units)'), column('Hash')];
  const shown = rows.filter((row) => row[id]).map((row) => `${row[id]} ${row[asset]} ${row[amount]} ${row[hash]}`);
  const wanted = legs.map((leg) => `TX-${leg.tx}/${leg.line} ${leg.asset} ${leg.amount} ${leg.hash}`);
  const missing = wanted.filter((one) => !shown.includes(one)).map((one) => `the sheet lacks ${one}`);
  const more = shown
    .filter((one) => !wanted.includes(one))
    .map((one) => `the sheet has ${one}, which is not in the ledger`);
  const twice = shown.filter((one, n) => shown.indexOf(one) !== n).map((one) => `the sheet has ${one} twice`);
  return [...missing, ...more, ...twice];
}
