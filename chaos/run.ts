// One seed from beginning to end: the world, the day with its faults, the quiet after it, and the oracle's verdict.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../test/support/slack.ts';
import { dayOf, play, type Turn } from './day.ts';
import { fundsDay } from './funds-story.ts';
import { type Blow, blowsOf, stop, strike } from './hand.ts';
import { allMessages } from './messages.ts';
import { peopleOf } from './people.ts';
import { untilQuiet } from './quiet.ts';
import { told } from './record.ts';
import { releaseDay } from './story.ts';
import { judge } from './verdict.ts';
import { alive, type Cluster, openWorld, type World } from './world.ts';

export interface Size {
  releases: number;
  /** For test funds. */
  requests: number;
  /** How long people are at work, in ms. */
  dayMs: number;
  blows: number;
}

export interface Outcome {
  seed: number;
  /** What was promised and is not so, with the facts. Empty: all is well. */
  violations: string[];
  /** What happened, in one line. */
  summary: string;
  facts: { taken: number; skipped: number; approved: number; booked: number };
  ms: number;
}

const COUNTS = `select (select count(*)::int from releases where approved_at is not null) as approved,
  (select count(*)::int from ledger_transactions) as booked`;

/**
 * @param dir where logs and the record go @param say what goes on, for people who wait
 * @throws what the machinery throws: a violated promise is an outcome
 */
export async function runSeed(
  seed: number,
  size: Size,
  cluster: Cluster,
  dir: string,
  say: (text: string) => void,
): Promise<Outcome> {
  const began = Date.now();
  await mkdir(dir, { recursive: true });
  const world = await openWorld(seed, dir, await cluster.fresh(`chaos_${seed}_${began}`));
  const people = peopleOf(world.slack, world.office);
  const { releases, steps } = releaseDay(seed, size.releases);
  const day = dayOf(world.slack, people, releases);
  const funds = fundsDay(seed, size.requests, world.slack, people);
  const violations: string[] = [];
  const facts = { taken: 0, skipped: 0, approved: 0, booked: 0 };
  try {
    await Promise.all(world.berths.map((berth) => world.board(berth)));
    const start = Date.now();
    const blows = blowsOf(seed, size.blows, {
      postgres: cluster.restart !== undefined,
      clock: world.clock,
    });
    say(
      `seed ${seed}: ${steps.length} acts on ${releases.length} releases, ${blows.length} blows in ${size.dayMs / 1000} s`,
    );
    world.office.state.faulty = true;
    await Promise.all([
      play([...day.turns(steps), ...funds.turns], size.dayMs),
      play(turnsOf(world, cluster, blows, { seed, start, dayMs: size.dayMs }, say), size.dayMs),
    ]);
    world.office.state.faulty = false;
    const since = () => ((Date.now() - start) / 1000).toFixed(1);
    say(`  ${since()} s: the day is over`);
    await becomesQuiet(world, violations);
    say(`  ${since()} s: all is quiet`);
    violations.push(...(await judge({ world, releases, deeds: people.deeds, funds })));
    facts.taken = people.deeds.filter((deed) => deed.taken).length;
    facts.skipped = people.deeds.filter((deed) => deed.skipped).length;
    const { rows } = await world.pool.query(COUNTS);
    Object.assign(facts, rows[0]);
    for (const berth of world.berths) await stop(berth);
    violations.push(...endings(world));
    await writeFile(join(dir, 'slack.json'), JSON.stringify(await allMessages(world.slack.url), null, 1));
    await writeFile(join(dir, 'deeds.log'), people.deeds.map((deed) => told(deed, start)).join('\n'));
  } finally {
    await world.keepLogs();
    await world.close();
  }
  const { state, deliveries } = world.office;
  const summary = `${facts.taken} acts taken, ${facts.skipped} not possible, ${facts.approved} approvals, ${facts.booked} bookings; ${state.apiFaults} of ${state.apiCalls} calls failed, ${deliveries.count.givenUp} events given up`;
  return { seed, violations, summary, facts, ms: Date.now() - began };
}

/** The blows as turns of the day. */
function turnsOf(
  world: World,
  cluster: Cluster,
  blows: readonly Blow[],
  { seed, start, dayMs }: { seed: number; start: number; dayMs: number },
  say: (text: string) => void,
): Turn[] {
  const tell = (text: string) => say(`  ${((Date.now() - start) / 1000).toFixed(1)} s: ${text}`);
  return blows.map((blow) => ({
    at: blow.at,
    // Each berth has one blow at a time; on most days one bot is left in peace while the other starts again.
    person: ['postgres', 'clock', 'cut'].includes(blow.what) ? blow.what : seed % 4 ? 'berths' : `berth ${blow.berth}`,
    // Where bots take long to start, what is left of the blows falls away.
    act: async () => (Date.now() < start + dayMs ? strike(world, cluster, blow, tell) : undefined),
  }));
}

/**
 * The faults are over. Where Slack gave events up, one bot starts anew, as after a deployment: what was missed is found then, instead of
 * after five minutes (reconcile).
 */
async function becomesQuiet(world: World, violations: string[]): Promise<void> {
  const { deliveries } = world.office;
  await until(() => deliveries.count.underWay === 0, 'Slack to be done with its events', 30_000);
  const [first] = world.berths;
  if (first && deliveries.count.givenUp) {
    await stop(first);
    await world.board(first);
  }
  try {
    await untilQuiet(world.pool);
  } catch (err) {
    violations.push(`the bot does not become quiet: ${String(err)}`);
  }
}

function endings({ berths }: World): string[] {
  const bad = berths.flatMap(({ name, stops }) =>
    stops
      .filter(({ code, ms }) => code !== 0 || ms > 11_000)
      .map((s) => `bot ${name} was asked to end, and did with ${s.code} after ${s.ms} ms`),
  );
  const left = berths.flatMap(({ pids }) => pids.filter(alive));
  return [...bad, ...left.map((pid) => `process ${pid} is still there`)];
}
