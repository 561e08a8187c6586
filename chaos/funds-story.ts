// Test funds on the day, drawn from the seed: requests, what became of them, and money that moved. Every booking has a hash or a
// word that no other has, so that the oracle can tell them apart.
import { createHash } from 'node:crypto';
import type { LocalSlack } from '../src/demo/local-slack.ts';
import type { PageView } from '../src/demo/local-slack-page.ts';
import { CHANNELS } from '../test/support/slack.ts';
import type { Turn } from './day.ts';
import type { People, Plan } from './people.ts';
import { type Random, randomOf } from './random.ts';
import { OPERATORS, TREASURERS } from './team.ts';

/** Money that somebody books, in base units of USDC (6 decimals) and, for the fee, of ETH (18). */
export interface Booking {
  what: 'sent' | 'spend' | 'return' | 'deposit';
  hash: string;
  amount: bigint;
  fee: bigint;
  person: string;
  /** Who asked, of what was sent; else the person. */
  holder: string;
  /** `tag` of the request it belongs to. */
  tag: string;
}

export interface FundsDay {
  turns: Turn[];
  bookings: Booking[];
  /** What each request says it is for, and who asks for how much. */
  requests: { tag: string; person: string; amount: bigint }[];
}

const ADDRESS = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
const { funds: CHANNEL, admins: QUIET } = CHANNELS;
/** Deeds about funds are numbered from here on. */
const FIRST = 10_000;

/** Base units as people type them. */
export function typedUnits(units: bigint, decimals: number): string {
  const digits = units.toString().padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

export function fundsDay(seed: number, count: number, slack: LocalSlack, people: People): FundsDay {
  const day: FundsDay = { turns: [], bookings: [], requests: [] };
  let n = FIRST;

  /** The card of the request with this word in it, and its id. @throws when it is not there */
  const find = async (tag: string) => {
    const card = (await slack.messages(CHANNEL)).find((m) => JSON.stringify(m.blocks ?? '').includes(`${tag} `));
    const id = /FR-(\d+)/.exec(JSON.stringify(card?.blocks ?? ''))?.[1];
    if (!card || !id) throw new Error('the request has no card');
    return { ts: card.ts, id };
  };
  const plan = (person: string, what: string, road: Plan['road'], tag: string): Plan => {
    n += 1;
    return { n, person, what, road, about: tag };
  };
  const turn = (at: number, person: string, act: () => Promise<unknown>) =>
    day.turns.push({ at, person, act: () => act().catch(() => {}) });
  const command = (text: string, person: string) => () => slack.command(person, text, '/funds', QUIET);
  const moved = (b: Booking) => ({ amount: typedUnits(b.amount, 6), hash: b.hash, fee: typedUnits(b.fee, 18) });

  const booking = (
    random: Random,
    what: Booking['what'],
    person: string,
    holder: string,
    tag: string,
    most: bigint,
  ): Booking => {
    const hash = `0x${createHash('sha256').update(`${seed} ${day.bookings.length}`).digest('hex')}`;
    const amount = (most * BigInt(random.between(10, 40))) / 100n;
    const made = { what, person, holder, tag, hash, amount, fee: BigInt(random.between(1, 1e9)) * 1_000_003n };
    day.bookings.push(made);
    return made;
  };

  const story = (random: Random, i: number) => {
    const tag = `tag-${seed}-${i}-x`;
    const person = random.pick(OPERATORS);
    const [one = '', two = ''] = random.some(TREASURERS, 2);
    const amount = BigInt(random.between(1_000_000, 90_000_000));
    const begin = random.next() * 0.3;
    const at = (from: number, to: number) => begin + (from + random.next() * (to - from)) * (1 - begin);
    day.requests.push({ tag, person, amount });
    const asking = plan(person, 'request', 'form', tag);
    const ask = { amount: typedUnits(amount, 6), asset: 'USDC', address: ADDRESS, reason: `${tag} swaps` };
    turn(at(0, 0.05), person, () => people.fill(asking, command('request', person), ask));
    const ends = random.next();
    if (ends < 0.15) {
      const denying = plan(one, 'deny', 'command', tag);
      turn(at(0.2, 0.4), one, async () => people.command(denying, '/funds', `deny FR-${(await find(tag)).id} no need`));
    } else if (ends < 0.3) {
      const own = plan(person, 'withdraw', 'command', tag);
      turn(at(0.2, 0.4), person, async () => people.command(own, '/funds', `withdraw FR-${(await find(tag)).id}`));
    }
    for (const [treasurer, from] of [
      [one, 0.15],
      [two, 0.25],
    ] as const) {
      const road = random.pick(['button', 'command'] as const);
      const approving = plan(treasurer, 'approve', road, tag);
      turn(at(from, from + 0.15), treasurer, async () => {
        const { ts, id } = await find(tag);
        if (road === 'command') return people.command(approving, '/funds', `approve FR-${id}`);
        return people.press(approving, CHANNEL, ts, ts, (b) => b.action_id === 'funds_approve');
      });
    }
    const out = { ...booking(random, 'sent', two, person, tag, amount), amount };
    day.bookings[day.bookings.length - 1] = out;
    for (const from of [0.4, 0.5]) {
      const sending = plan(two, 'sent', 'command', tag);
      const text = async () => `sent FR-${(await find(tag)).id} ${out.hash} ${typedUnits(out.fee, 18)}`;
      turn(at(from, from + 0.08), two, async () => people.command(sending, '/funds', await text()));
    }
    for (let k = 0; k < 2; k++) {
      const spent = booking(random, 'spend', person, person, tag, amount);
      const spending = plan(person, 'spend', 'form', spent.hash);
      turn(at(0.6, 0.9), person, () =>
        people.fill(spending, command('spend', person), ({ view }) => ({
          ...moved(spent),
          asset: 'USDC',
          what: `Swaps of ${tag}`,
          ...(hasChoices(view, 'request') && { request: lastChoice(view, 'request') }),
        })),
      );
    }
    const back = booking(random, 'return', person, person, tag, amount);
    const returning = plan(person, 'return', 'form', back.hash);
    turn(at(0.85, 0.97), person, async () => {
      const { id } = await find(tag);
      return people.fill(returning, command(`return FR-${id}`, person), moved(back));
    });
  };

  for (let i = 0; i < count; i++) story(randomOf(seed, 'funds', i), i);
  const random = randomOf(seed, 'deposits');
  for (let i = 0; i < Math.ceil(count / 3); i++) {
    const treasurer = random.pick(TREASURERS);
    const came = booking(random, 'deposit', treasurer, treasurer, '', 500_000_000n);
    const booked = plan(treasurer, 'deposit', 'form', came.hash);
    turn(random.next() * 0.9, treasurer, () =>
      people.fill(booked, command('deposit', treasurer), { ...moved(came), asset: 'USDC', note: 'from the bank' }),
    );
  }
  return day;
}

// biome-ignore lint/suspicious/noExplicitAny: blocks of a form, as Slack shows them
const choices = (view: PageView, id: string): any[] =>
  view.blocks.find((block) => block.block_id === id)?.element.options ?? [];
const hasChoices = (view: PageView, id: string) => choices(view, id).length > 0;
const lastChoice = (view: PageView, id: string): string => choices(view, id).at(-1).value;
