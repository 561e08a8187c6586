// The parts of the bench. Each starts what it needs, measures, and stops it.
import { setTimeout as wait } from 'node:timers/promises';
import { migrateDb } from '../src/db/migrate.ts';
import { fillHistory } from './history.ts';
import { Load, type Reactions } from './load.ts';
import { type Latency, median, quiet } from './measure.ts';
import { observe } from './observer.ts';
import {
  CARDS,
  type Contender,
  newDatabase,
  openReleases,
  type Process,
  postCards,
  startProcess,
  startSlack,
  writePolicy,
} from './stage.ts';

export interface Setting {
  /** A durable PostgreSQL server. */
  server: string;
  dataDir: string;
  say(text: string): void;
}

/** What differs from one contender, alone, on an empty database, with a hundred cards. */
interface Staging {
  fill?: (database: string) => Promise<void>;
  cards?: number;
  instances?: number;
  /** Where the process writes how long its steps took, when it ends. */
  steps?: string;
}

/** Runs `work` with a contender on a stage of its own. @throws what anything of it throws, with everything stopped */
export async function onStage<T>(
  s: Setting,
  contender: Contender,
  work: (load: Load, database: string) => Promise<T>,
  { fill, cards: count = CARDS, instances = 1, steps }: Staging = {},
): Promise<T> {
  const database = await newDatabase(s.server, `bench_${contender}`);
  await fill?.(database);
  const slack = await startSlack();
  const processes: Process[] = [];
  try {
    const env = { DATABASE_URL: database, SHIPSHAPE_CONFIG: await writePolicy(s.dataDir, count) };
    for (let i = 0; i < instances; i++) {
      const more = { ...env, DATA_DIR: `${s.dataDir}/instance-${i}`, ...(steps && { BENCH_STEPS: steps }) };
      processes.push(await startProcess(contender, slack, more, steps && './steps-file.ts'));
    }
    const [process] = processes as [Process];
    const cards = contender === 'shipshape' ? await openReleases(slack, count) : await postCards(slack);
    const seen = await observe(slack.url);
    // The cards were just posted, and are drawn a second time.
    await wait(2_500);
    const load = await quiet();
    s.say(`${contender}: the machine is ${Math.round(load * 100)} % busy before`);
    const result = await work(new Load({ slack, process, cards }, seen), database);
    seen.stop();
    return result;
  } finally {
    for (const process of processes) await process.stop();
    await slack.stop();
  }
}

export interface Speed {
  alone: Reactions;
  paced: Reactions;
  burst: { updates: number; firstMs: number }[];
}

/** Reaction → card, one by one and at 50 a second, and bursts on one card. */
export function speed(s: Setting, contender: Contender): Promise<Speed> {
  return onStage(s, contender, async (load) => {
    const alone = await load.oneByOne(300);
    const paced = await load.atPace(50, 20);
    const burst: Speed['burst'] = [];
    for (const card of contender === 'shipshape' ? [10, 20, 30] : []) burst.push(await load.burst(100, card));
    return { alone, paced, burst };
  });
}

/** `/bug` → its form: five a second while 50 reactions a second come in for 20 s. */
export function forms(s: Setting): Promise<Forms> {
  return onStage(s, 'shipshape', async (load) => {
    // The first 30 warm up and are not counted, as for reactions.
    await load.forms(200, 6);
    const alone = await load.forms(200, 20);
    const [opened, { shown }] = await Promise.all([load.forms(200, 20), load.atPace(50, 20)]);
    return { alone, opened, shown };
  });
}

export interface Forms {
  /** From the command to the form with nothing else going on, in milliseconds. */
  alone: Latency;
  /** The same while reactions come in, and what these took meanwhile. */
  opened: Latency;
  shown: Latency;
}

/** How many old releases; each has ten audit events. */
export const OLD_RELEASES = [0, 10_000, 100_000] as const;

/** Reaction → card one by one, on a database with so many old releases. */
export function onTopOf(s: Setting, old: number): Promise<Reactions> {
  const fill = async (database: string) => {
    await migrateDb(database, s.say);
    if (old) await fillHistory(database, old);
  };
  return onStage(s, 'shipshape', (load) => load.oneByOne(300), { fill });
}

/** Start → ready in milliseconds, the middle of five, after a first start that set everything up. */
export async function start(s: Setting): Promise<{ given: number; embedded: number }> {
  const database = await newDatabase(s.server, 'bench_start');
  const slack = await startSlack();
  const policy = await writePolicy(s.dataDir);
  const measure = async (DATABASE_URL: string) => {
    const took: number[] = [];
    for (let i = 0; i < 6; i++) {
      if (i > 0) await quiet();
      const env = { DATABASE_URL, DATA_DIR: `${s.dataDir}/start`, SHIPSHAPE_CONFIG: policy };
      const process = await startProcess('shipshape', slack, env);
      await process.stop();
      if (i > 0) took.push(process.readyMs);
    }
    return median(took);
  };
  try {
    return { given: await measure(database), embedded: await measure('') };
  } finally {
    await slack.stop();
  }
}
