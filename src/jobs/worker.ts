// Runs the queue's jobs: graphile-worker with an explicit task list, started again whenever it or its lock is lost.
import { EventEmitter } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type JobHelpers,
  Logger as QueueLogger,
  type Runner,
  run,
  type TaskList,
  type WorkerEvents,
} from 'graphile-worker';
import type pg from 'pg';
import { errorText } from '../base/errors.ts';
import { type Logger, withRequest } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import { SlackError } from '../base/slack.ts';
import { timed } from '../base/steps.ts';
import { openDb } from '../db/client.ts';
import type { Jobs } from '../db/outbox.ts';
import { makeSerial, type Serial } from './serial.ts';
import { takeWorkerLock, type WorkerLock } from './worker-lock.ts';

/** One function per job. `last` says that the queue will not try again when it throws. */
export type Tasks = { [K in keyof Jobs]: (payload: Jobs[K], job: { last: boolean }) => Promise<void> };

export interface Worker {
  /** Takes no more jobs and waits for those that run, 10 s at most; what is cut off is released by the next start. */
  stop(): Promise<void>;
  /** False while the queue is not being worked on. */
  healthy(): boolean;
  /**
   * Starts the queue anew and gives back all it holds. For what nobody waits for: when a job that is done cannot be taken
   * off the queue (the database went away just then), graphile-worker 0.17 leaves an unhandled rejection and the job locked.
   */
  anew(): void;
}

interface WorkerDeps {
  url: string;
  log: Logger;
  metrics: Pick<Metrics, 'jobDuration' | 'jobLag'>;
  tasks: Tasks;
}

interface Round {
  lock: WorkerLock;
  runner: Runner;
  /** Resolves when the queue gives up by itself, which its own promise may never tell, or is told to. */
  gaveUp: Promise<void>;
  giveUp: () => void;
}

const CONCURRENCY = 8;
/** Jobs due later, and those of the dead, are noticed by polling; all others by notification. */
const POLL_MS = 1_000;
const SWEEP_MS = 10_000;
const STOP_MS = 9_000;

/**
 * Works on the queue until stopped. Jobs that dead workers held are released first, and every 10 s from then on.
 * @throws when the database cannot be reached at the start; later on it is tried again for ever.
 */
export async function startWorker(deps: WorkerDeps): Promise<Worker> {
  const { log } = deps;
  const opened = openDb(deps.url, {
    log: (msg) => log.warn(msg),
    max: CONCURRENCY + 2,
    appName: 'shipshape worker',
    // Only the queue's own bookkeeping goes over this pool. After a crash of PostgreSQL a job may run once more, as after
    // a crash of ours, and every job bears that.
    relaxed: true,
  });
  let stopping = false;
  let healthy = true;
  let askToStop = () => {};
  let giveUp = () => {};
  const asked = new Promise<void>((done) => {
    askToStop = done;
  });

  const supervise = async (first: Round): Promise<void> => {
    for (let round: Round | undefined = first; round; ) {
      healthy = true;
      const { lock, runner, gaveUp } = round;
      giveUp = round.giveUp;
      const sweeping = setInterval(() => void sweep(lock, log), SWEEP_MS);
      await Promise.race([asked, lock.lost, gaveUp, runner.promise.catch(() => {})]);
      healthy = false;
      clearInterval(sweeping);
      if (!stopping) log.warn('the queue stopped or lost its lock: starting it again');
      await endRound(round, log);
      round = stopping ? undefined : await startAgain(deps, opened.pool, () => stopping);
    }
  };

  let supervised: Promise<void>;
  try {
    supervised = supervise(await startRound(deps, opened.pool));
  } catch (err) {
    await opened.close();
    throw err;
  }
  return {
    healthy: () => healthy,
    anew: () => giveUp(),
    stop: async () => {
      stopping = true;
      askToStop();
      await supervised;
      // A job that was cut off still holds its connection, and the pool would wait for it.
      await Promise.race([opened.close(), wait(500, undefined, { ref: false })]);
    },
  };
}

async function startRound(deps: WorkerDeps, pgPool: pg.Pool): Promise<Round> {
  const lock = await takeWorkerLock(deps.url);
  try {
    const dead = await lock.sweep();
    if (dead > 0) deps.log.warn({ dead }, 'released the jobs of dead workers');
    const events: WorkerEvents = new EventEmitter();
    // Emitted before the first job is taken: from then on the jobs taken carry the id that is locked.
    events.on('pool:create', ({ workerPool }) => {
      workerPool.id = lock.id;
    });
    let giveUp = () => {};
    const gaveUp = new Promise<void>((done) => {
      giveUp = done;
    });
    events.on('pool:gracefulShutdown', giveUp);
    const runner = await run({
      pgPool,
      events,
      taskList: taskList(deps, lock),
      concurrency: CONCURRENCY,
      pollInterval: POLL_MS,
      noHandleSignals: true,
      parsedCronItems: [],
      logger: queueLog(deps.log),
    });
    return { lock, runner, gaveUp, giveUp };
  } catch (err) {
    await lock.release();
    throw err;
  }
}

async function startAgain(deps: WorkerDeps, pool: pg.Pool, stopping: () => boolean): Promise<Round | undefined> {
  for (let delay = 100; !stopping(); delay = Math.min(delay * 2, 5_000)) {
    try {
      return await startRound(deps, pool);
    } catch (err) {
      deps.log.error({ err }, 'the queue does not start: trying again');
      for (let waited = 0; waited < delay && !stopping(); waited += 100) await wait(100);
    }
  }
  return undefined;
}

async function endRound({ lock, runner }: Round, log: Logger): Promise<void> {
  // It rejects when the runner stopped by itself.
  const stopped = runner.stop().then(
    () => true,
    () => true,
  );
  const inTime = await Promise.race([stopped, wait(STOP_MS, false, { ref: false })]);
  if (!inTime) log.warn('jobs were still running when the time to stop was over');
  // Last of all: as long as it is held, nobody else takes our jobs.
  await lock.release();
}

async function sweep(lock: WorkerLock, log: Logger): Promise<void> {
  try {
    const dead = await lock.sweep();
    if (dead > 0) log.warn({ dead }, 'released the jobs of dead workers');
  } catch (err) {
    log.warn({ err }, 'the lock of this worker is lost');
  }
}

/** What is done one at a time, by its key, and how soon it is tried again while another instance does it. */
const SERIAL: { [K in keyof Jobs]?: (payload: Jobs[K]) => string } = {
  card: ({ outboxId }) => `card:${outboxId}`,
  flush: ({ lane }) => `flush:${lane}`,
  report: ({ runId }) => `report:${runId}`,
  coverage: ({ month }) => `coverage:${month}`,
};
const AGAIN_MS = 250;

function taskList(deps: WorkerDeps, lock: WorkerLock): TaskList {
  const serial = makeSerial();
  const wrapped = Object.entries(deps.tasks).map(([task, fn]) => {
    const keyOf = SERIAL[task as keyof Jobs] as ((payload: unknown) => string) | undefined;
    const work = inTurn(serial, lock, keyOf, fn as Work);
    return [task, (payload: { req?: string }, helpers: JobHelpers) => perform(deps, task, work, payload, helpers)];
  });
  return Object.fromEntries(wrapped) as TaskList;
}

type Work = (payload: unknown, job: { last: boolean }, helpers: JobHelpers) => Promise<void>;

function inTurn(serial: Serial, lock: WorkerLock, keyOf: ((payload: unknown) => string) | undefined, work: Work): Work {
  if (!keyOf) return work;
  return async (payload, job, helpers) => {
    const key = keyOf(payload);
    if (await serial.run(lock, key, () => work(payload, job, helpers))) return;
    const runAt = new Date(Date.now() + AGAIN_MS);
    await helpers.addJob(helpers.job.task_identifier, payload, { jobKey: key, jobKeyMode: 'preserve_run_at', runAt });
  };
}

async function perform(
  deps: WorkerDeps,
  task: string,
  work: Work,
  payload: { req?: string },
  helpers: JobHelpers,
): Promise<void> {
  const { job } = helpers;
  await withRequest(payload.req ?? `job-${job.id}`, async () => {
    deps.metrics.jobLag.observe({ task }, Math.max(0, Date.now() - job.run_at.getTime()) / 1000);
    const done = deps.metrics.jobDuration.startTimer({ task });
    try {
      await timed('job', task, () => work(payload, { last: job.attempts >= job.max_attempts }, helpers));
    } catch (err) {
      deps.log.error({ err, task, job: job.id, attempt: job.attempts, attempts: job.max_attempts }, 'a job failed');
      if (err instanceof SlackError && err.retryAfterMs) await notBefore(helpers, err.retryAfterMs);
      // The queue keeps this text in the database: nothing that the log would not show.
      throw new Error(errorText(err));
    } finally {
      done();
    }
  });
}

/** Slack asks for minutes at most; what fails is taken for put off by a fast clock where it waits for hours more than the queue would by itself. */
const ASKED_MAX_MS = 30 * 60_000;

/** Has the queue wait for so long before it tries the job again; what it waits by itself is counted from then. */
async function notBefore({ job, query }: JobHelpers, ms: number): Promise<void> {
  await query("update graphile_worker._private_jobs set run_at = now() + $2 * interval '1 millisecond' where id = $1", [
    job.id,
    Math.min(ms, ASKED_MAX_MS),
  ]);
}

/** The queue's own lines; those about failed jobs are ours already. */
function queueLog(log: Logger): QueueLogger {
  return new QueueLogger(() => (level, message, meta) => {
    if (meta?.failure) return;
    if (level === 'error') log.error(message);
    else if (level === 'warning') log.warn(message);
    else log.debug(message);
  });
}
