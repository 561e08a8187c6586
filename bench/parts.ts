// The parts of the bench. Each starts what it needs, measures, and stops it.
import { setTimeout as wait } from 'node:timers/promises';
import { migrateDb } from '../src/db/migrate.ts';
import type { BeatCost } from './clock.ts';
import { fillHistory } from './history.ts';
import type { LedgerSpeed } from './ledger.ts';
import { Load, type Reactions } from './load.ts';
import { type Latency, median, quiet, residentMb } from './measure.ts';
import { observe } from './observer.ts';
import type { planning } from './plan.ts';
import type { SheetsCost } from './sheets.ts';
import {
  type Contender,
  newDatabase,
  openReleases,
  type Performance,
  postCards,
  startProcess,
  startSlack,
} from './stage.ts';

export interface Setting {
  /** A durable PostgreSQL server. */
  server: string;
  dataDir: string;
  policy: string;
  say(text: string): void;
}

/** Runs `work` with a contender on a stage of its own; `fill` prepares its database. */
async function onStage<T>(
  s: Setting,
  contender: Contender,
  work: (load: Load, database: string) => Promise<T>,
  fill?: (database: string) => Promise<void>,
): Promise<T> {
  const database = await newDatabase(s.server, `bench_${contender}`);
  await fill?.(database);
  const slack = await startSlack();
  try {
    const process = await startProcess(contender, slack, {
      DATABASE_URL: database,
      DATA_DIR: s.dataDir,
      SHIPSHAPE_CONFIG: s.policy,
    });
    try {
      const cards = contender === 'shipshape' ? await openReleases(slack) : await postCards(slack);
      const on: Performance = { slack, process, cards, stop: async () => {} };
      const seen = await observe(slack.url);
      // The cards were just posted, and are drawn a second time.
      await wait(2_500);
      const load = await quiet();
      s.say(`${contender}: the machine is ${Math.round(load * 100)} % busy before`);
      const result = await work(new Load(on, seen), database);
      seen.stop();
      return result;
    } finally {
      await process.stop();
    }
  } finally {
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

export const OLD_RELEASES = 100_000;

/** Reaction → card one by one, on a database with or without 100,000 old releases. */
export function onTopOf(s: Setting, old: number): Promise<Reactions> {
  return onStage(
    s,
    'shipshape',
    (load) => load.oneByOne(300),
    async (database) => {
      await migrateDb(database, s.say);
      if (old) await fillHistory(database, old);
    },
  );
}

/** Start → ready in milliseconds, the middle of five, after a first start that set everything up. */
export async function start(s: Setting): Promise<{ given: number; embedded: number }> {
  const database = await newDatabase(s.server, 'bench_start');
  const slack = await startSlack();
  const measure = async (DATABASE_URL: string) => {
    const took: number[] = [];
    for (let i = 0; i < 6; i++) {
      if (i > 0) await quiet();
      const env = { DATABASE_URL, DATA_DIR: `${s.dataDir}/start`, SHIPSHAPE_CONFIG: s.policy };
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

/** Resident megabytes of the bot's process when ready, after 10,000 events and after 20,000. */
export function memory(s: Setting): Promise<{ ready: number; tenThousand: number; twentyThousand: number }> {
  return onStage(s, 'shipshape', async (load) => {
    const { pid } = load.on.process;
    const ready = residentMb(pid);
    const after = async () => {
      const began = Date.now();
      await load.asFastAsItGoes(10_000);
      s.say(`10,000 events in ${((Date.now() - began) / 1000).toFixed(1)} s`);
      // What is still in the queue belongs to them.
      await wait(5_000);
      return residentMb(pid);
    };
    return { ready, tenThousand: await after(), twentyThousand: await after() };
  });
}

/** What the parts that ran have found. */
export interface Results {
  speed?: Record<Contender, Speed>;
  history?: { empty: Reactions; full: Reactions };
  forms?: Forms;
  start?: Awaited<ReturnType<typeof start>>;
  memory?: Awaited<ReturnType<typeof memory>>;
  sheets?: { ours: SheetsCost; theirs: SheetsCost };
  beat?: { few: BeatCost; many: BeatCost };
  plan?: ReturnType<typeof planning>;
  ledger?: LedgerSpeed;
}
