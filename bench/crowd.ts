// Five hundred releases open at once.
import { setTimeout as wait } from 'node:timers/promises';
import { idsToRead } from '../src/areas/releases/store.ts';
import { openDb } from '../src/db/client.ts';
import { readThreads } from '../src/jobs/beats.ts';
import { type Latency, latency } from './measure.ts';
import { onStage, type Setting } from './parts.ts';
import { OPERATORS, RELEASES } from './stage.ts';

export const CROWD = 500;
const LISTS = 50;

export interface Crowd {
  /** Reaction → card, in milliseconds. */
  shown: Latency;
  /** `/release list` → its answer. */
  list: Latency;
  /** Milliseconds until the threads of all were read and compared. */
  reconcile: number;
}

/** How it goes with so many releases open: a reaction, the list, the reading of all their threads. */
export function crowd(s: Setting): Promise<Crowd> {
  return onStage(
    s,
    'shipshape',
    async (load, database) => {
      const { shown } = await load.oneByOne(300);
      const took: number[] = [];
      for (let i = -10; i < LISTS; i++) {
        const began = performance.now();
        await load.on.slack.command(OPERATORS[i + 10] as string, 'list', '/release', RELEASES);
        if (i >= 0) took.push(performance.now() - began);
      }
      return { shown, list: latency(took), reconcile: await reconcileRound(database) };
    },
    { cards: CROWD },
  );
}

/** Enqueues what the schedule enqueues, and waits until the bot has done it. @throws after two minutes */
async function reconcileRound(database: string): Promise<number> {
  const { db, pool, close } = openDb(database, { log: () => {}, max: 1 });
  try {
    const began = performance.now();
    await db.transaction((tx) => readThreads(tx, idsToRead));
    for (;;) {
      const { rows } = await pool.query<{ n: number }>(
        `select count(*)::int as n from graphile_worker.jobs where task_identifier in ('reconcile', 'found')`,
      );
      const ms = performance.now() - began;
      if (rows[0]?.n === 0) return ms;
      if (ms > 120_000) throw new Error(`${rows[0]?.n} threads are still to be read after two minutes`);
      await wait(25);
    }
  } finally {
    await close();
  }
}
