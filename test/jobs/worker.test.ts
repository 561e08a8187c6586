import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { currentRequest, withRequest } from '../../src/base/log.ts';
import { makeMetrics } from '../../src/base/metrics.ts';
import { SlackError } from '../../src/base/slack.ts';
import { addJob } from '../../src/db/outbox.ts';
import { startWorker, type Tasks, type Worker } from '../../src/jobs/worker.ts';
import { takeWorkerLock } from '../../src/jobs/worker-lock.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { program } from '../support/program.ts';
import { keptLog } from '../support/quiet.ts';
import { until } from '../support/slack.ts';

let db: TestDb;
let workers: Worker[] = [];
let children: ChildProcess[] = [];
beforeEach(async () => {
  db = await freshDb();
  [workers, children] = [[], []];
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  for (const child of children) await kill(child);
  await db.close();
});

const log = keptLog();
const metrics = makeMetrics();
/** A worker with only these tasks; the others are not taken from the queue. */
async function work(tasks: Partial<Tasks>): Promise<Worker> {
  const worker = await startWorker({ url: db.url, log: log.log, metrics, tasks: tasks as Tasks });
  workers.push(worker);
  return worker;
}
/** A process with a worker that took the waiting job. */
async function another(): Promise<ChildProcess> {
  const [node, ...args] = program('test/jobs/held-worker');
  const child = spawn(node, [...args, db.url], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await once(createInterface(child.stdout as NodeJS.ReadableStream), 'line');
  return child;
}
async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
async function jobs(): Promise<
  { locked_by: string | null; attempts: number; last_error: string | null; run_at: Date }[]
> {
  const { rows } = await db.pool.query(
    'select locked_by, attempts, last_error, run_at from graphile_worker.jobs order by id',
  );
  return rows;
}
const event = (id: string) => addJob(db.db, 'event', { id });

describe('the worker', () => {
  it('does a job under the request that asked for it, and forgets it', async () => {
    const done: unknown[] = [];
    await work({ event: async (payload, { last }) => void done.push([payload.id, currentRequest(), last]) });
    await withRequest('req-1', () => event('E1'));
    await until(() => done.length === 1, 'the job');
    expect(done).toEqual([['E1', 'req-1', false]]);
    await until(async () => (await jobs()).length === 0, 'the job to be forgotten');
    const { values } = await metrics.jobDuration.get();
    expect(values.some((value) => value.labels.task === 'event')).toBe(true);
  });

  it('keeps a failed job, without its secrets, and says when it is the last attempt', async () => {
    const attempts: boolean[] = [];
    await work({
      event: async (_payload, { last }) => {
        attempts.push(last);
        throw new Error('Failed query: select 1\nparams: xoxb-123-secret');
      },
    });
    await event('E1');
    const [job] = await until(async () => {
      const found = await jobs();
      return found[0]?.last_error ? found : undefined;
    }, 'the failure');
    expect(job).toMatchObject({ attempts: 1, locked_by: null, last_error: 'Failed query: select 1' });
    expect(job?.run_at.getTime()).toBeGreaterThan(Date.now());
    await db.pool.query('update graphile_worker._private_jobs set attempts = max_attempts - 1, run_at = now()');
    await until(() => attempts.length === 2, 'the last attempt');
    expect(attempts).toEqual([false, true]);
    expect(JSON.stringify(log.lines)).not.toContain('secret');
  });

  it.each([
    ['when Slack says, not before', 5, 5],
    ['within the half hour, whatever Slack says', 600, 30],
  ])('tries again what Slack limits %s', async (_, asked, waits) => {
    await work({
      event: async () => {
        const retryAfterMs = asked * 60_000;
        throw new SlackError('rate_limited', { method: 'users.info', code: 'ratelimited', retryAfterMs });
      },
    });
    await event('E1');
    const [job] = await until(async () => {
      const found = await jobs();
      return found[0]?.last_error ? found : undefined;
    }, 'the failure');
    const inMinutes = ((job?.run_at.getTime() ?? 0) - Date.now()) / 60_000;
    expect([inMinutes > waits - 0.2, inMinutes < waits + 0.2]).toEqual([true, true]);
  });

  it('waits for what runs when it is stopped', async () => {
    let finished = false;
    let begun = false;
    const worker = await work({
      event: async () => {
        begun = true;
        await db.pool.query('select pg_sleep(0.3)');
        finished = true;
      },
    });
    await event('E1');
    await until(() => begun, 'the job to begin');
    await worker.stop();
    expect(finished).toBe(true);
    expect(worker.healthy()).toBe(false);
    expect(await jobs()).toEqual([]);
  });

  it('does not start on a database that is not there', async () => {
    const url = db.url.replace(/[^/]*$/, 'nowhere');
    const start = startWorker({ url, log: log.log, metrics, tasks: {} as Tasks });
    await expect(start).rejects.toThrow('does not exist');
  });

  it('starts again when it loses its lock, under another id', async () => {
    const ids: (string | null)[] = [];
    const worker = await work({ event: async () => void ids.push((await jobs())[0]?.locked_by ?? null) });
    await event('E1');
    await until(() => ids.length === 1, 'the first job');
    await db.pool.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [ids[0]]);
    await until(async () => {
      const { rows } = await db.pool.query(
        `select application_name as id from pg_stat_activity where datname = current_database() and application_name like 'shipshape-%'`,
      );
      return rows.length === 1 && rows[0].id !== ids[0];
    }, 'another lock to be taken');
    await event('E2');
    await until(() => ids.length === 2, 'the second job');
    await until(() => worker.healthy(), 'the worker to be well again');
    expect(ids[0]).toMatch(/^shipshape-/);
    expect(ids[1]).toMatch(/^shipshape-/);
    expect(ids[1]).not.toBe(ids[0]);
  });

  it('two of them do what concerns one lane, card or report one after the other', async () => {
    const seen = ['flush', 'card', 'report', 'coverage'].map((task) => ({ task, at: 0, most: 0, runs: 0 }));
    const tasks = Object.fromEntries(
      seen.map((of) => [
        of.task,
        async () => {
          of.most = Math.max(of.most, ++of.at);
          await db.pool.query('select pg_sleep(0.02)');
          of.at -= 1;
          of.runs += 1;
        },
      ]),
    );
    await Promise.all([work(tasks), work(tasks)]);
    for (let i = 0; i < 30; i++) await addJob(db.db, 'flush', { lane: 'thread:1' });
    for (let i = 0; i < 10; i++) {
      await addJob(db.db, 'card', { outboxId: 1 });
      await addJob(db.db, 'report', { runId: 1 });
      await addJob(db.db, 'coverage', { month: '2026-11' });
    }
    await until(async () => seen.every((of) => of.runs) && (await jobs()).length === 0, 'all to be done');
    expect(seen.map((of) => of.most)).toEqual([1, 1, 1, 1]);
  });

  it('what another instance is at is put off, and done', async () => {
    const other = await takeWorkerLock(db.url);
    expect(await other.tryKey('card:1')).toBe(true);
    let done = 0;
    await work({ card: async () => void done++ });
    await addJob(db.db, 'card', { outboxId: 1 });
    const putOff = "select from graphile_worker.jobs where key = 'card:1' and attempts = 0";
    await until(async () => (await db.pool.query(putOff)).rowCount === 1, 'it to be put off', 5_000);
    expect(done).toBe(0);
    await other.release();
    await until(() => done === 1, 'it to be done');
  });
});

it('starts anew when told to, and does what it had not finished', async () => {
  let done = 0;
  const worker = await work({ event: async () => void done++ });
  await event('E1');
  await until(() => done === 1, 'the first job');
  // One it holds, and will never take off the queue.
  await db.pool.query(`insert into graphile_worker._private_jobs (task_id, payload, locked_by, locked_at, attempts)
    select t.id, '{"id":"E2"}', (select application_name from pg_stat_activity where datname = current_database() and application_name like 'shipshape-%'), now(), 1
    from graphile_worker._private_tasks t where identifier = 'event'`);
  worker.anew();
  await until(() => done === 2, 'the job it held');
  await until(async () => (await jobs()).length === 0, 'nothing to be left');
});

describe('the jobs of another instance', () => {
  it('killed with -9 are done within a second of the next start', async () => {
    await event('E1');
    const child = await another();
    expect((await jobs())[0]?.locked_by).toMatch(/^shipshape-/);
    await kill(child);
    let took: number | undefined;
    const start = Date.now();
    await work({
      event: async () => {
        took = Date.now() - start;
      },
    });
    await until(() => took !== undefined, 'the job');
    expect(took).toBeLessThan(1_000);
  });

  it('are found by a sweep of one that was running all along', async () => {
    await event('E1');
    const child = await another();
    const lock = await takeWorkerLock(db.url);
    expect(await lock.sweep()).toBe(0);
    await kill(child);
    let dead = 0;
    // What the killed one had asked PostgreSQL a moment before may still take the job once more, which the next sweep finds.
    await until(async () => {
      dead += await lock.sweep();
      return dead > 0 && (await jobs())[0]?.locked_by === null;
    }, 'the dead to be found, and their job to be free');
    expect(await lock.sweep()).toBe(0);
    await lock.release();
  });

  it('that merely stands still are left to it', async () => {
    await event('E1');
    const child = await another();
    child.kill('SIGSTOP');
    const before = await jobs();
    let taken = 0;
    await work({ event: async () => void taken++ });
    await event('E2');
    await until(() => taken === 1, 'the other job');
    const lock = await takeWorkerLock(db.url);
    expect(await lock.sweep()).toBe(0);
    await lock.release();
    expect((await jobs())[0]?.locked_by).toBe(before[0]?.locked_by);
    expect(taken).toBe(1);
  });

  it('that another tool holds are none of ours', async () => {
    await event('E1');
    await db.pool.query(`update graphile_worker._private_jobs set locked_by = 'worker-x', locked_at = now()`);
    const lock = await takeWorkerLock(db.url);
    expect(await lock.sweep()).toBe(0);
    await lock.release();
  });
});

it('a lock whose connection is lost says so, and sweeps no more', async () => {
  const lock = await takeWorkerLock(db.url);
  await db.pool.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [lock.id]);
  await lock.lost;
  await expect(lock.sweep()).rejects.toThrow();
});

it.each(['tryKey', 'freeKey'] as const)(
  'a lock of which nobody knows whether PostgreSQL keeps it is not kept: %s failed',
  async (call) => {
    await db.pool.query(`create schema late;
    create function late.pg_try_advisory_lock(key bigint) returns boolean language plpgsql as
      $$ begin perform pg_catalog.pg_try_advisory_lock(key); if key = hashtextextended('tryKey', 1) then raise 'no answer'; end if; return true; end $$;
    create function late.pg_advisory_unlock(key bigint) returns boolean language plpgsql as $$ begin raise 'no answer'; end $$`);
    const lock = await takeWorkerLock(`${db.url}?options=-csearch_path%3Dlate,pg_catalog`);
    if (call === 'freeKey') expect(await lock.tryKey(call)).toBe(true);
    await expect(lock[call](call)).rejects.toThrow('no answer');
    await lock.lost;
    const other = await takeWorkerLock(db.url);
    await until(() => other.tryKey(call), 'the key to be free');
    await other.release();
  },
);
