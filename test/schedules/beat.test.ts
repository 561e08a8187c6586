import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeMetrics } from '../../src/base/metrics.ts';
import type { Occurrence, Schedule } from '../../src/base/schedule.ts';
import type { Tx } from '../../src/db/client.ts';
import { databaseNow } from '../../src/db/clock.ts';
import { addJob } from '../../src/db/outbox.ts';
import { type Beat, beatOnce, setBack } from '../../src/schedules/beat.ts';
import { overdueSeconds, syncSchedules } from '../../src/schedules/sync.ts';
import { freshDb, type TestDb, wipe } from '../support/db.ts';
import { keptLog } from '../support/quiet.ts';
import { until } from '../support/slack.ts';

const ZONE = 'America/Denver';
const TEAM = { zone: ZONE, holidays: ['2027-03-08'] };
const hourly: Schedule = { name: 'hourly', cron: ['0 * * * *'], zone: 'utc', what: 'hourly', afterOutage: 'once' };
const morning: Schedule = {
  name: 'morning',
  cron: ['0 9 * * *'],
  zone: 'team',
  days: 'working',
  what: 'in the morning',
  afterOutage: 'skip',
};

let db: TestDb;
let log = keptLog();
let fired: Occurrence[] = [];
let now = new Date('2027-03-05T12:30Z');
beforeAll(async () => {
  db = await freshDb();
});
beforeEach(async () => {
  await wipe(db, 'schedules, schedule_runs, graphile_worker._private_jobs');
  [log, fired, now] = [keptLog(), [], new Date('2027-03-05T12:30Z')];
});
afterAll(() => db.close());

const noted: Beat = async (tx, on) => {
  await addJob(tx, 'seal', {}, { key: on.key });
  fired.push(on);
};
const sync = (...rows: Schedule[]) => syncSchedules(db.db, rows, TEAM, now);
function beat(
  beats: Record<string, Beat> = { hourly: noted, morning: noted },
  at: (() => Date) | undefined = () => now,
) {
  return beatOnce({ db: db.db, beats, holidays: TEAM.holidays, log: log.log, now: at });
}
async function till(text: string, beats?: Record<string, Beat>): Promise<string[]> {
  now = new Date(text);
  fired = [];
  await beat(beats);
  return fired.map(({ key }) => key);
}
const rows = async <T>(query: string) => (await db.pool.query(query)).rows as T[];
const keys = async () =>
  (await rows<{ key: string }>('select key from graphile_worker.jobs order by key')).map((r) => r.key);
const dueNext = async () =>
  (
    await rows<{ it: string }>("select name || ' ' || coalesce(next_local, 'never') as it from schedules order by name")
  ).map((r) => r.it);

describe('R22: an occurrence', () => {
  it('is done when it is due, once, and tells the local time it is of', async () => {
    await sync(hourly, morning);
    expect(await dueNext()).toEqual(['hourly 2027-03-05T13:00', 'morning 2027-03-05T09:00']);
    expect(await till('2027-03-05T12:59:59Z')).toEqual([]);
    expect(await till('2027-03-05T13:00:05Z')).toEqual(['hourly@2027-03-05T13:00']);
    expect(await till('2027-03-05T13:00:15Z')).toEqual([]);
    expect(await till('2027-03-05T16:00:00Z')).toEqual(['hourly@2027-03-05T16:00', 'morning@2027-03-05T09:00']);
    expect(fired[1]).toEqual({ key: 'morning@2027-03-05T09:00', at: new Date('2027-03-05T16:00Z') });
    // Saturday, Sunday, a holiday, and clocks that went forward.
    expect(await dueNext()).toEqual(['hourly 2027-03-05T17:00', 'morning 2027-03-09T09:00']);
  });

  it('is done by one of many instances that beat at once, and its work and its record are one', async () => {
    await sync(hourly, morning);
    now = new Date('2027-03-05T16:00Z');
    await Promise.all([beat(), beat(), beat(), beat()]);
    expect(fired.map(({ key }) => key).sort()).toEqual(['hourly@2027-03-05T16:00', 'morning@2027-03-05T09:00']);
    expect(await keys()).toEqual(['hourly@2027-03-05T16:00', 'morning@2027-03-05T09:00']);
    expect(await rows('select name, local, state, passed from schedule_runs order by name')).toEqual([
      { name: 'hourly', local: '2027-03-05T16:00', state: 'fired', passed: 3 },
      { name: 'morning', local: '2027-03-05T09:00', state: 'fired', passed: 0 },
    ]);
  });

  it('that is recorded is never done again, whatever the table of schedules says', async () => {
    await sync(hourly);
    expect(await till('2027-03-05T13:00Z')).toEqual(['hourly@2027-03-05T13:00']);
    await db.pool.query("update schedules set next_at = '2027-03-05T13:00Z', next_local = '2027-03-05T13:00'");
    expect(await till('2027-03-05T13:00:01Z')).toEqual([]);
    expect(await dueNext()).toEqual(['hourly 2027-03-05T14:00']);
  });

  it('that fails holds no other up, leaves nothing behind, and is tried at the next beat', async () => {
    await sync(hourly, morning);
    const failing: Beat = async (tx, on) => {
      await noted(tx, on);
      throw new Error('no such thing');
    };
    const tried = await till('2027-03-05T16:00Z', { hourly: failing, morning: noted });
    expect(tried).toContain('morning@2027-03-05T09:00');
    expect(await keys()).toEqual(['morning@2027-03-05T09:00']);
    expect(await rows('select name from schedule_runs')).toEqual([{ name: 'morning' }]);
    expect(log.lines.filter((line) => line.schedule === 'hourly')).toHaveLength(1);
    expect(JSON.stringify(log.lines)).toContain('no such thing');
    expect(await till('2027-03-05T16:00:10Z')).toEqual(['hourly@2027-03-05T16:00']);
  });

  it('of a broken statement undoes its own transaction only', async () => {
    await sync(hourly, morning);
    const broken = (tx: Tx) => tx.execute(sql`select no_such_column`).then(() => {});
    expect(await till('2027-03-05T16:00Z', { hourly: broken, morning: noted })).toEqual(['morning@2027-03-05T09:00']);
    expect(await keys()).toEqual(['morning@2027-03-05T09:00']);
  });

  it('that takes long holds no other up: another instance does what is due beside it', async () => {
    await sync(hourly, morning);
    now = new Date('2027-03-05T15:10Z');
    let end = () => {};
    const begun = new Promise<void>((began) => {
      void beat({
        hourly: async () => {
          began();
          await new Promise<void>((done) => {
            end = done;
          });
        },
      });
    });
    await begun;
    expect(await till('2027-03-05T16:00Z')).toEqual(['morning@2027-03-05T09:00']);
    end();
    // The long one saw 15:00; who comes next does 16:00.
    const after = await until(async () => {
      const found = await till('2027-03-05T16:00:10Z');
      return found.length && found;
    }, 'the long one to be over');
    expect(after).toEqual(['hourly@2027-03-05T16:00']);
  });

  it('comes again in time once a clock that was fast is right, and what was done meanwhile is not done twice', async () => {
    const right = async (text: string, beats: Record<string, Beat> = { hourly: noted, morning: noted }) => {
      await setBack({ db: db.db, beats, holidays: TEAM.holidays, log: log.log, now: () => new Date(text) });
      return till(text, beats);
    };
    await sync(hourly, morning);
    expect(await till('2027-03-12T16:00:30Z')).toEqual(['hourly@2027-03-12T16:00', 'morning@2027-03-12T09:00']);
    expect(await right('2027-03-05T12:31Z')).toEqual([]);
    expect(await dueNext()).toEqual(['hourly 2027-03-05T13:00', 'morning 2027-03-05T09:00']);
    expect(await till('2027-03-05T16:00:01Z')).toEqual(['hourly@2027-03-05T16:00', 'morning@2027-03-05T09:00']);
    // An hour fast for a moment: the hour that was done then is not done again.
    expect(await till('2027-03-05T17:00:30Z')).toEqual(['hourly@2027-03-05T17:00']);
    expect(await right('2027-03-05T16:01Z')).toEqual([]);
    expect(await till('2027-03-05T17:00:10Z')).toEqual([]);
    expect(await till('2027-03-05T18:00:10Z')).toEqual(['hourly@2027-03-05T18:00']);
    // Of a schedule that nobody here knows, nobody here says when it is due.
    await till('2027-03-12T17:00Z', { hourly: noted });
    await right('2027-03-05T18:01Z', { morning: noted });
    expect(await dueNext()).toEqual(['hourly 2027-03-12T18:00', 'morning 2027-03-09T09:00']);
  });

  it('is not all that a fast clock put off: jobs added then wait as long as they were to, from now on', async () => {
    for (const [key, created, run] of [
      ['homes', '7 days', '7 days 2 seconds'],
      ['tick', '-1 hour', '4 hours'],
      ['due', '7 days', '7 days'],
    ]) {
      await db.pool.query(`select graphile_worker.add_job('seal', '{}', job_key := $1)`, [key]);
      await db.pool.query(
        `update graphile_worker._private_jobs set created_at = now() + $2::interval, run_at = now() + $3::interval where key = $1`,
        [key, created, run],
      );
    }
    const look = () => setBack({ db: db.db, beats: {}, holidays: [], log: log.log });
    await look();
    const waits = () =>
      rows<{ it: string }>(
        `select key || ' ' || round(extract(epoch from run_at - now()) / 60) as it from graphile_worker.jobs order by key`,
      );
    const inMinutes = [{ it: 'due 0' }, { it: 'homes 0' }, { it: 'tick 240' }];
    expect(await waits()).toEqual(inMinutes);
    await look();
    expect(await waits()).toEqual(inMinutes);
  });

  it('is not all that a fast clock put off: what failed then is tried again, and what failed since waits as long as it was to', async () => {
    for (const [key, run] of [
      ['fast', '7 days'],
      ['slowly', '6 hours'],
    ]) {
      await db.pool.query(`select graphile_worker.add_job('seal', '{}', job_key := $1)`, [key]);
      await db.pool.query(
        `update graphile_worker._private_jobs set created_at = now() - interval '1 hour', updated_at = now() - interval '1 hour',
          attempts = 9, last_error = 'down', run_at = now() + $2::interval where key = $1`,
        [key, run],
      );
    }
    await setBack({ db: db.db, beats: {}, holidays: [], log: log.log });
    expect(
      await rows<{ it: string }>(
        `select key || ' ' || round(extract(epoch from run_at - now()) / 60) as it from graphile_worker.jobs order by key`,
      ),
    ).toEqual([{ it: 'fast 0' }, { it: 'slowly 360' }]);
  });

  it('of the same moment as another, of one schedule, is one of its own', async () => {
    now = new Date('2027-03-28T00:30Z');
    const night: Schedule = { ...hourly, name: 'night', cron: ['30 1,2 * * *'], zone: 'team' };
    await syncSchedules(db.db, [night], { zone: 'Europe/London', holidays: [] }, now);
    const fires = await till('2027-03-28T01:30Z', { night: noted });
    expect(fires).toEqual(['night@2027-03-28T01:30', 'night@2027-03-28T02:30']);
    expect(await dueNext()).toEqual(['night 2027-03-29T01:30']);
  });

  it('is one of many: more than one transaction takes', async () => {
    const many = Array.from({ length: 120 }, (_, i) => ({ ...hourly, name: `many-${i}` }));
    await sync(...many);
    const beats = Object.fromEntries(many.map(({ name }) => [name, noted]));
    expect(new Set(await till('2027-03-05T13:00Z', beats)).size).toBe(120);
    expect(fired).toHaveLength(120);
  });

  it('is left to those who know what it is', async () => {
    await sync(hourly, morning);
    expect(await till('2027-03-05T16:00Z', { morning: noted })).toEqual(['morning@2027-03-05T09:00']);
    expect(await till('2027-03-05T16:00Z')).toEqual(['hourly@2027-03-05T16:00']);
  });

  it('is due by the clock of the database unless another is given', async () => {
    now = await databaseNow(db.db);
    expect(Math.abs(now.getTime() - Date.now())).toBeLessThan(60_000);
    await sync(hourly);
    await beat(undefined, undefined);
    expect(fired).toEqual([]);
    expect(await overdueSeconds(db.db)).toBe(0);
    await db.pool.query("update schedules set next_at = now() - interval '2 minutes', next_local = '2027-03-05T13:00'");
    expect(await overdueSeconds(db.db)).toBeGreaterThan(100);
    await beat(undefined, undefined);
    expect(fired.map(({ key }) => key)).toContain('hourly@2027-03-05T13:00');
  });

  it('shows in the metrics', async () => {
    const metrics = makeMetrics({ schedulesOverdue: () => overdueSeconds(db.db) });
    await sync(hourly);
    now = new Date('2027-03-05T13:00:30Z');
    await beatOnce({ db: db.db, beats: { hourly: noted }, holidays: [], log: log.log, now: () => now, metrics });
    const text = await metrics.registry.metrics();
    expect(text).toContain('shipshape_schedule_runs_total{schedule="hourly",late="no"} 1');
    expect(text).toContain('shipshape_schedule_lag_seconds_sum{schedule="hourly"} 30');
    expect(text).toMatch(/shipshape_schedules_overdue_seconds \d/);
    now = new Date('2027-03-05T15:30Z');
    await beatOnce({ db: db.db, beats: { hourly: noted }, holidays: [], log: log.log, now: () => now, metrics });
    expect(await metrics.registry.metrics()).toContain('schedule_runs_total{schedule="hourly",late="yes"} 1');
  });
});

describe('R22: the table of schedules', () => {
  it('is written anew at each start: new, changed, gone; what was due and not done stays due', async () => {
    await sync(hourly, morning);
    now = new Date('2027-03-05T13:05Z');
    const half = { ...hourly, cron: ['30 * * * *'] };
    const evening = { ...morning, name: 'evening', cron: ['0 18 * * *'] };
    await sync(half, evening);
    expect(await dueNext()).toEqual(['evening 2027-03-05T18:00', 'hourly 2027-03-05T13:00']);
    expect(await till('2027-03-05T13:06Z')).toEqual(['hourly@2027-03-05T13:00']);
    expect(await dueNext()).toEqual(['evening 2027-03-05T18:00', 'hourly 2027-03-05T13:30']);
    await syncSchedules(db.db, [half], { zone: 'Asia/Tokyo', holidays: [] }, now);
    expect(await dueNext()).toEqual(['hourly 2027-03-05T13:30']);
  });

  it('is written by instances that start together as by one', async () => {
    await Promise.all([sync(hourly, morning), sync(morning, hourly), sync(hourly, morning)]);
    expect(await dueNext()).toEqual(['hourly 2027-03-05T13:00', 'morning 2027-03-05T09:00']);
  });

  it('is not written when a line of it is none', async () => {
    await sync(hourly);
    await expect(sync({ ...hourly, cron: ['at noon'] }, morning)).rejects.toThrow();
    const nowhere = { zone: 'Mars/Olympus', holidays: [] };
    await expect(syncSchedules(db.db, [hourly, morning], nowhere, now)).rejects.toThrow();
    expect(await dueNext()).toEqual(['hourly 2027-03-05T13:00']);
  });

  it('may have one that never comes again', async () => {
    await sync({ ...hourly, cron: ['0 0 * * 6'], days: 'working' });
    expect(await dueNext()).toEqual(['hourly never']);
    expect(await till('2030-01-01T00:00Z')).toEqual([]);
  });
});
