// One instance of several, in a process of its own, to be killed: a heart and a queue on the database it is given, with the clock it is
// given: each line on its standard input is the time it is now. Says `beaten <time>` after each.
import { createInterface } from 'node:readline';
import { makeLog } from '../../src/base/log.ts';
import { makeMetrics } from '../../src/base/metrics.ts';
import { openDb } from '../../src/db/client.ts';
import { post } from '../../src/db/outbox.ts';
import { makeSlack } from '../../src/gateways/slack.ts';
import { flush } from '../../src/jobs/flush.ts';
import { startWorker, type Tasks } from '../../src/jobs/worker.ts';
import { type Beat, beatOnce } from '../../src/schedules/beat.ts';
import { CHANNELS, DEFAULT_APP } from '../support/slack.ts';
import { TEAM } from '../support/team.ts';

const [url = '', apiUrl = ''] = process.argv.slice(2);
const log = makeLog('warn');
const metrics = makeMetrics();
const { db } = openDb(url, { log: console.error, max: 4, appName: 'instance' });
const slack = makeSlack({ token: DEFAULT_APP.botToken, apiUrl, metrics, log });
const channels = { releases: CHANNELS.releases, admins: CHANNELS.admins };
const delivery = {
  db,
  slack,
  policy: { ...TEAM, workspace: { ...TEAM.workspace, channels } },
  log,
  now: () => new Date(),
  draw: async () => null,
  markShown: async () => {},
  onGone: async () => {},
};
const tasks = { flush: ({ lane }: { lane: string }) => flush(delivery, lane) } as unknown as Tasks;
await startWorker({ url, log, metrics, tasks });

const tellIn =
  (target: string): Beat =>
  async (tx, on) => {
    await post(tx, { role: 'line', target, text: on.key });
  };
const beats = {
  hourly: tellIn(channels.admins),
  slots: tellIn(channels.releases),
  night: tellIn(channels.admins),
  weekly: tellIn(channels.releases),
};
let now = new Date(0);
const deps = { db, beats, holidays: TEAM.team.holidays, log, now: () => now };
console.log('ready');
for await (const line of createInterface(process.stdin)) {
  now = new Date(line);
  await beatOnce(deps);
  console.log(`beaten ${line}`);
}
process.exit(0);
