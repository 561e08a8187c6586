// What a beat costs: ten schedules due at once, among few and among many.

import { makeLog } from '../src/base/log.ts';
import type { Schedule } from '../src/base/schedule.ts';
import { openDb } from '../src/db/client.ts';
import { migrateDb } from '../src/db/migrate.ts';
import { addJob } from '../src/db/outbox.ts';
import { type Beat, beatOnce } from '../src/schedules/beat.ts';
import { syncSchedules } from '../src/schedules/sync.ts';
import { type Latency, latency, quiet } from './measure.ts';
import type { Setting } from './parts.ts';
import { newDatabase } from './stage.ts';

export const FEW = 100;
export const MANY = 10_000;
const DUE = 10;
const BEATS = 300;
const MINUTE = 60_000;

export interface BeatCost {
  /** Milliseconds of execution in PostgreSQL per beat, on average, as it counts them itself. */
  database: number;
  /** Milliseconds from the beat's begin to its end, round trips and our own work included. */
  all: Latency;
}

/** A beat that finds 10 schedules due and enqueues a job for each, with 100 and with 10,000 schedules; the quietest of some rounds. */
export async function beat(s: Setting, rounds: number): Promise<{ few: BeatCost; many: BeatCost }> {
  const [few, many]: [BeatCost[], BeatCost[]] = [[], []];
  for (let i = 0; i < rounds; i++) {
    await quiet();
    few.push(await beatAmong(s, FEW));
    many.push(await beatAmong(s, MANY));
  }
  const best = (of: BeatCost[]) => of.reduce((least, one) => (one.database < least.database ? one : least));
  return { few: best(few), many: best(many) };
}

async function beatAmong(s: Setting, count: number): Promise<BeatCost> {
  const url = await newDatabase(s.server, `bench_beat_${count}`);
  await migrateDb(url, s.say);
  const from = Date.parse('2027-03-01T00:00Z');
  const rows: Schedule[] = Array.from({ length: count }, (_, i) => ({
    name: `schedule-${i}`,
    // Those that are not due come round all over the year.
    cron: [i < DUE ? '* * * * *' : `${i % 60} ${i % 24} ${1 + (i % 28)} ${1 + (i % 2)} *`],
    zone: 'team',
    what: 'something',
    afterOutage: 'once',
  }));
  const work: Beat = (tx, on) => addJob(tx, 'seal', {}, { key: on.key });
  const beats = Object.fromEntries(rows.slice(0, DUE).map(({ name }) => [name, work]));
  const prepared = openDb(url, { log: s.say, max: 1 });
  const opened = openDb(url, { log: s.say, max: 1 });
  const took: number[] = [];
  try {
    await syncSchedules(prepared.db, rows, { zone: 'Europe/London', holidays: [] }, new Date(from));
    await prepared.pool.query('vacuum analyze schedules');
    const before = await activeMs(prepared.pool);
    for (let i = 1; i <= BEATS; i++) {
      const now = new Date(from + i * MINUTE);
      const began = performance.now();
      await beatOnce({ db: opened.db, beats, holidays: [], log: makeLog('silent'), now: () => now });
      took.push(performance.now() - began);
    }
    const { rows: done } = await opened.pool.query<{ n: number }>('select count(*)::int as n from schedule_runs');
    if (done[0]?.n !== BEATS * DUE) throw new Error(`${done[0]?.n} occurrences were done, not ${BEATS * DUE}`);
    // A connection tells what it took when it ends.
    await opened.close();
    const database = ((await activeMs(prepared.pool)) - before) / BEATS;
    const cost = { database, all: latency(took) };
    s.say(`a beat among ${count}: ${database.toFixed(1)} ms in the database, p50 ${cost.all.p50.toFixed(1)} ms in all`);
    return cost;
  } finally {
    await opened.close();
    await prepared.close();
  }
}

/** Milliseconds that PostgreSQL has spent on statements in this database. */
async function activeMs(pool: ReturnType<typeof openDb>['pool']): Promise<number> {
  const { rows } = await pool.query<{ ms: number }>(
    'select active_time as ms from pg_stat_database where datname = current_database()',
  );
  return Number(rows[0]?.ms);
}
