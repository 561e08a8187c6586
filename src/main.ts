// Wiring only: env → policy → database → gateways → bot, worker, schedules.

import { fileURLToPath } from 'node:url';
import { refreshUnagreed } from './areas/funds/actions.ts';
import { keepDecimals } from './areas/funds/decimals.ts';
import { gateNews } from './areas/releases/actions.ts';
import { countByState, idsToRead, liveReleases } from './areas/releases/store.ts';
import { keepSheets } from './areas/sheets/keep.ts';
import { noSpecs, parseSpecs, SpecError } from './areas/testing/spec.ts';
import { syncSpecs } from './areas/testing/store.ts';
import type { Specs } from './areas/testing/types.ts';
import { systemClock } from './base/clock.ts';
import { errorText, ShipshapeError } from './base/errors.ts';
import { type Logger, makeLog } from './base/log.ts';
import { makeMetrics } from './base/metrics.ts';
import { fundsOf, type Policy } from './base/policy.ts';
import { type Identity, type Slack, SlackError } from './base/slack.ts';
import { hearSteps } from './base/steps.ts';
import { makeApp } from './bot/app.ts';
import { type Connection, httpConnection, socketConnection } from './bot/connection.ts';
import type { BotDeps } from './bot/deps.ts';
import { type Check, listen } from './bot/http.ts';
import { deadEvents, keep, storeEvent } from './bot/inbox.ts';
import { durable } from './bot/receiver.ts';
import { commandPeople } from './db/audit.ts';
import { openDb } from './db/client.ts';
import { databaseNow, followDatabase } from './db/clock.ts';
import { startEmbedded } from './db/embedded.ts';
import { appendHead } from './db/heads.ts';
import { migrateDb } from './db/migrate.ts';
import { refreshSheets } from './db/outbox.ts';
import { refreshGroups, refreshSigners } from './db/people.ts';
import { look } from './db/reach.ts';
import { UnfitDatabase, unfinishedRestore } from './db/unfit.ts';
import { type Env, EnvError, loadEnv } from './env.ts';
import { makeGithub } from './gateways/github.ts';
import { sheetsAndWorkbook } from './gateways/sheets.ts';
import { makeSlack } from './gateways/slack.ts';
import { readSpecFolder } from './gateways/specs.ts';
import { makeBeats, readThreads } from './jobs/beats.ts';
import { closedPlaces } from './jobs/delivery.ts';
import { runElsewhere } from './jobs/elsewhere.ts';
import { refreshDue } from './jobs/slots.ts';
import { startWorker, type Tasks, type Worker } from './jobs/worker.ts';
import { loadPolicy, PolicyError } from './policy.ts';
import { startHeartbeat } from './schedules/heartbeat.ts';
import { overdueSeconds, syncSchedules } from './schedules/sync.ts';
import { SCHEDULES } from './schedules/table.ts';
import { tasksOf } from './tasks.ts';

/** What sysexits.h calls a configuration error: a supervisor should not try again. */
const EX_CONFIG = 78;
const STOP_MS = 10_000;
/** A workbook takes minutes; by then the next sweep is due. */
const SYNC_MS = 15 * 60_000;
/** How soon the demo's moved clock is noticed. */
const DEMO_BEAT_MS = 50;

/** Things to be stopped, the newest first. */
type Stops = (() => Promise<unknown>)[];

async function start(env: Env, policy: Policy, specs: Specs, log: Logger, stops: Stops): Promise<void> {
  const say = (msg: string) => log.info(msg);
  if (env.databaseUrl !== undefined) await look(env.databaseUrl);
  const url = env.databaseUrl ?? (await embedded(env, say, stops));
  await migrateDb(url, say);
  const { db, pool, close } = openDb(url, { log: say, max: 20, appName: 'shipshape bot' });
  stops.unshift(close);
  const unfinished = await unfinishedRestore(db);
  if (unfinished) throw unfinished;
  const recounted = await keepDecimals(db, fundsOf(policy).assets);
  if (recounted.length) throw new PolicyError(env.configPath, recounted);
  await syncSpecs(db, specs);
  // For what would merely be done again if a crash of PostgreSQL forgot it.
  const notes = openDb(url, { log: say, max: 10, appName: 'shipshape notes', relaxed: true });
  stops.unshift(notes.close);
  const moved = env.demoClock ? await followDatabase(db) : undefined;
  const clock = moved?.clock ?? systemClock;
  const metrics = makeMetrics({
    releasesOpen: () => countByState(db),
    commandPeople: () => commandPeople(db),
    deadEvents: () => deadEvents(db),
    schedulesOverdue: () => overdueSeconds(db),
  });
  hearSteps(({ step, start, end }) => {
    if (step !== 'job' && step !== 'call') metrics.stepDuration.observe({ step }, (end - start) / 1000);
  });
  const slack = makeSlack({ token: env.botToken, apiUrl: env.slackApiUrl, metrics, log });
  const me = await identify(slack, env.slackApiUrl, policy, log);
  const github = env.github && makeGithub({ ...env.github, log, clock });
  const news = (product: string) => gateNews({ db, policy, clock }, product);
  const deps: BotDeps = { db, policy, clock, slack, github, specs, botUserId: me.userId, metrics, log, gateNews: news };

  const connection =
    env.connection.mode === 'socket'
      ? socketConnection({ appToken: env.connection.appToken, apiUrl: env.slackApiUrl, log })
      : httpConnection({ signingSecret: env.connection.signingSecret, log, metrics });
  // Another policy may have named other channels when an open release began.
  const begun = (await liveReleases(db, clock())).map(({ thread }) => thread.channel);
  const named = Object.values(policy.workspace.channels);
  const ears = { channels: new Set([...named, ...begun]), bug: policy.reactions.bug };
  const store = async (body: Record<string, unknown>) => {
    const event = keep(body, ears);
    return event ? storeEvent(pool, event) : 'ignored';
  };
  const app = makeApp(durable(connection.receiver, { store, metrics, log }), deps, me, {
    token: env.botToken,
    apiUrl: env.slackApiUrl,
  });

  const refreshPeople = async () => {
    for (const { id, error } of await refreshGroups(db, slack, policy, clock()))
      log.warn({ err: error, usergroup: id }, 'a user group could not be read');
    await refreshSigners(db, slack, policy, clock());
  };
  const stopping = new AbortController();
  const elsewhere = () => syncElsewhere(stopping.signal);
  const sheets = { ...deps, ...(await sheetsAndWorkbook(env, policy, log, stopping.signal)), elsewhere };
  const tasks: Tasks = {
    ...tasksOf(deps, notes.db, specs, (body) => app.processEvent({ body, ack: async () => {} })),
    people: refreshPeople,
    sheets: ({ sweep }) => keepSheets(sheets, sweep ?? false).then(() => {}),
    head: ({ position, hash, at }) => appendHead(env.dataDir, { position, hash }, new Date(at)),
  };
  const worker = await startWorker({ url, log, metrics, tasks });
  stops.unshift(() => {
    // What Google does not answer can take minutes.
    stopping.abort();
    return worker.stop();
  });
  process.on('unhandledRejection', (err) => {
    log.error({ err }, 'something failed that nobody waited for: starting the queue anew');
    worker.anew();
  });
  await refreshPeople();
  const { admins } = policy.workspace.channels;
  const { holidays } = policy.team;
  await syncSchedules(db, SCHEDULES, policy.team, await databaseNow(db));
  const beats = makeBeats({ admins, toRead: idsToRead });
  const heartbeat = startHeartbeat({ db, beats, holidays, metrics, log, ...(moved && { before: moved.refresh }) });
  stops.unshift(() => heartbeat.stop());
  if (moved) {
    const often = setInterval(() => void heartbeat.beat(), DEMO_BEAT_MS);
    stops.unshift(async () => clearInterval(often));
  }

  const checks = checksOf({ db, pool }, connection, worker);
  const http = await listen(env.port, { checks, metrics, slackEvents: connection.listener, log });
  stops.unshift(() => http.close());
  await connection.start();
  stops.unshift(() => connection.stop());
  // What was said while nothing ran is found now, not at the next beat.
  await readThreads(db, idsToRead);
  // Another policy has other slots, and who was down for long shows old ones.
  await refreshDue(db);
  await refreshUnagreed(db);
  await refreshSheets(db);
  // What came round meanwhile is made up for, or given up.
  await heartbeat.beat();
  log.info({ port: http.port, mode: env.connection.mode, team: me.team }, 'ready');
}

/** What /readyz asks. */
function checksOf(
  { db, pool }: Pick<ReturnType<typeof openDb>, 'db' | 'pool'>,
  connection: Connection,
  worker: Worker,
): Record<string, Check> {
  return {
    database: async () => {
      await pool.query('select 1');
      return 'answers';
    },
    slack: () => isFine(connection.state() === 'connected', connection.state()),
    queue: () => isFine(worker.healthy(), worker.healthy() ? 'working' : 'not working'),
    dead_events: async () => {
      const dead = await deadEvents(db);
      return isFine(dead === 0, `${dead} events could not be handled`);
    },
    channels: async () => {
      const closed = await closedPlaces(db);
      return isFine(
        !closed.length,
        closed.map((c) => `${c.channel}: ${c.reason}`).join(', ') || 'all can be written to',
      );
    },
  };
}

function isFine(fine: boolean, detail: string): string {
  if (!fine) throw new Error(detail);
  return detail;
}

async function embedded(env: Env, log: (msg: string) => void, stops: Stops): Promise<string> {
  const server = await startEmbedded({ dir: env.dataDir, log });
  stops.unshift(() => server.stop());
  return server.url;
}

/** Who the bot is. Waits for Slack to be reachable; a refused token or another workspace's is a fault of the environment. */
async function identify(slack: Slack, apiUrl: string, policy: Policy, log: Logger): Promise<Identity> {
  for (let pause = 500; ; pause = Math.min(pause * 2, 30_000)) {
    try {
      const me = await slack.authTest();
      if (me.teamId === policy.workspace.teamId) return me;
      const text = `is of workspace ${me.teamId}, but the policy's workspace.team_id is ${policy.workspace.teamId}: use the token of that workspace, or correct the policy`;
      throw new EnvError([{ name: 'SLACK_BOT_TOKEN', text }]);
    } catch (err) {
      if (err instanceof EnvError) throw err;
      if (err instanceof SlackError && err.kind === 'auth') {
        throw new EnvError([
          {
            name: 'SLACK_BOT_TOKEN',
            text: `is refused by Slack (${err.code}): install the app again and copy its bot token`,
          },
        ]);
      }
      log.warn(`Slack cannot be reached yet at ${apiUrl}, and is tried again: ${errorText(err)}`);
      await new Promise((done) => setTimeout(done, pause));
    }
  }
}

/** Stops everything once, the newest first, within 10 s. */
function stopper(log: Logger, stops: Stops): (code: number) => Promise<never> {
  let stopping: Promise<never> | undefined;
  return (code) => {
    stopping ??= (async () => {
      const late = setTimeout(() => {
        log.error('stopping took over 10 s');
        process.exit(code || 1);
      }, STOP_MS);
      for (const stop of stops.splice(0)) await stop().catch((err) => log.error({ err }, 'stopping a part failed'));
      clearTimeout(late);
      log.info('stopped');
      process.exit(code);
    })();
    return stopping;
  };
}

/** The products' test specs. That there are none, and folders of no product, are said in the log: they would otherwise test nothing in silence. */
function loadSpecs(env: Env, policy: Policy, log: Logger): Specs {
  const products = policy.products.map((p) => p.key);
  const { folder, there, files, unknown } = readSpecFolder(env.configPath, policy.testing.specs, products);
  if (!files.length) {
    const { level, text, todo } = noSpecs(folder, there, policy.testing.specs !== undefined);
    log[level === 'FAIL' ? 'error' : 'warn']({ todo }, `test specs: ${text}`);
  }
  if (unknown.length) log.warn({ folder, unknown }, 'test specs of no product are left out');
  return parseSpecs(files, products);
}

/** Loads what a person wrote; its faults are printed as they are, all of them. */
function load<T>(read: () => T): T {
  try {
    return read();
  } catch (err) {
    if (!(err instanceof EnvError || err instanceof PolicyError || err instanceof SpecError)) throw err;
    console.error(`${err.message}\n${err.next}`);
    process.exit(EX_CONFIG);
  }
}

const env = load(() => loadEnv());
const policy = load(() => loadPolicy(env.configPath));
const log = makeLog(env.logLevel);
const specs = load(() => loadSpecs(env, policy, log));
const stops: Stops = [];
const stop = stopper(log, stops);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(0));
try {
  await start(env, policy, specs, log, stops);
} catch (err) {
  const config = err instanceof EnvError || err instanceof PolicyError || err instanceof UnfitDatabase;
  console.error(err instanceof ShipshapeError ? `${err.message}\n${err.next}` : errorText(err));
  log.fatal({ err }, 'could not start');
  await stop(config ? EX_CONFIG : 1);
}

/** `shipshape sheets sync` in a process of its own. @throws when it fails or takes too long: the queue tries again */
async function syncElsewhere(stopping: AbortSignal): Promise<void> {
  const cli = fileURLToPath(new URL('./cli/main.ts', import.meta.url));
  await runElsewhere(['--import', 'tsx', cli, 'sheets', 'sync'], { timeoutMs: SYNC_MS, signal: stopping });
}
