// Four instances on one database for ten simulated days; two are killed (SIGKILL) at random moments while they beat and post.
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Schedule } from '../../src/base/schedule.ts';
import { planOf, timesBetween } from '../../src/schedules/engine.ts';
import { syncSchedules } from '../../src/schedules/sync.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { program } from '../support/program.ts';
import { mulberry } from '../support/random.ts';
import { CHANNELS, type LocalSlack, startSlack, until } from '../support/slack.ts';

const INSTANCES = 4;
const MINUTE = 60_000;
/** London's clocks go forward on 28 March. */
const FROM = new Date('2027-03-22T00:00Z');
const DAYS = 10;
const STEP = 30 * MINUTE;
const AN_HOUR = 2;
const STEPS = (DAYS * 24 * 60 * MINUTE) / STEP;
const TEAM = { zone: 'Europe/London', holidays: [] };
const SCHEDULES: Schedule[] = Object.entries({
  hourly: ['0 * * * *'],
  slots: ['0 10 * * *', '0 15 * * *'],
  night: ['30 1 * * *', '30 2 * * *'],
  weekly: ['0 9 * * 1'],
}).map(([name, cron], i) => ({
  name,
  cron,
  zone: name === 'hourly' ? 'utc' : 'team',
  what: name,
  afterOutage: i % 2 ? 'skip' : 'once',
  graceMinutes: 60,
}));

let db: TestDb;
let slack: LocalSlack;
let instances: Instance[] = [];
/** Some instance said something: fourteen hundred times that is awaited. */
const spoken = new EventEmitter();

interface Instance {
  child: ChildProcess;
  /** The last line that is not of its log, which goes to the same place at any moment. */
  said: string;
  dead: boolean;
}

async function startInstance(): Promise<Instance> {
  const [node, ...args] = program('test/schedules/instance');
  const child = spawn(node, [...args, db.url, slack.apiUrl], { stdio: ['pipe', 'pipe', 'inherit'] });
  const one: Instance = { child, said: '', dead: false };
  child.stdin?.on('error', () => {});
  createInterface(child.stdout as NodeJS.ReadableStream).on('line', (line) => {
    if (line.startsWith('{')) console.error(line);
    else one.said = line;
    spoken.emit('line');
  });
  await until(() => one.said === 'ready' || child.exitCode !== null, 'an instance to be ready', 20_000);
  expect(child.exitCode).toBeNull();
  return one;
}

beforeAll(async () => {
  [db, slack] = await Promise.all([freshDb(), startSlack()]);
  await syncSchedules(db.db, SCHEDULES, TEAM, FROM);
  instances = await Promise.all(Array.from({ length: INSTANCES }, startInstance));
}, 60_000);
afterAll(async () => {
  for (const { child } of instances) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.stdin?.end();
    const ended = once(child, 'exit');
    const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(late);
  }
  await slack.stop();
  await db.close();
}, 60_000);

test('R22: each occurrence fires exactly once, in rows and in messages', { timeout: 180_000 }, async () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.info(`SEED=${seed}`);
  const random = mulberry(seed);
  // Killed at a full hour, when something is due, and this many ms after all were told the time: in the middle of it.
  const kills = new Map(
    [0, 1].map((i) => [
      AN_HOUR * (Math.floor((random() * 0.4 + i / 2) * (STEPS / AN_HOUR)) + 1),
      { i, afterMs: random() * 12 },
    ]),
  );
  for (let step = 1; step <= STEPS; step++) {
    const now = new Date(FROM.getTime() + step * STEP).toISOString();
    for (const { child, dead } of instances) if (!dead) child.stdin?.write(`${now}\n`);
    const kill = kills.get(step);
    if (kill) {
      const victim = instances[kill.i] as Instance;
      await new Promise((done) => setTimeout(done, kill.afterMs));
      victim.dead = true;
      const ended = once(victim.child, 'exit');
      victim.child.kill('SIGKILL');
      await ended;
      // What was under way is looked for only when it can no longer be; here that time passes at once.
      await db.pool.query(
        "update outbox set attempted_at = attempted_at - interval '1 minute' where posted_ts is null",
      );
    }
    // Those alive only: one that was killed may have had anything half done.
    const left = () => instances.filter(({ dead, said }) => !dead && said !== `beaten ${now}`);
    const inTime = AbortSignal.timeout(20_000);
    while (left().length > 0) {
      await once(spoken, 'line', { signal: inTime }).catch(() => {
        const those = left().map(({ child, said }) => `${child.pid} said "${said}", exit ${child.exitCode}`);
        throw new Error(`not beaten ${now} within 20 s: ${those.join('; ')}`);
      });
    }
  }
  expect(instances.filter(({ dead }) => dead)).toHaveLength(2);

  const to = new Date(FROM.getTime() + STEPS * STEP);
  const meant = SCHEDULES.flatMap((schedule) =>
    timesBetween(planOf(schedule, TEAM.zone), [], FROM, to).map(({ local }) => `${schedule.name}@${local}`),
  ).sort();
  expect(meant.length).toBe(DAYS * (24 + 2 + 2) + 2);
  const { rows } = await db.pool.query(
    "select name || '@' || local as key, state, passed from schedule_runs order by 1",
  );
  expect(rows.map(({ key }) => key).sort()).toEqual(meant);
  expect(rows.every(({ state, passed }) => state === 'fired' && passed === 0)).toBe(true);

  await until(
    async () => {
      const { rows: wait } = await db.pool.query('select count(*)::int as n from outbox where posted_ts is null');
      return wait[0].n === 0;
    },
    'everything to be posted',
    60_000,
  );
  const messages = (await Promise.all([CHANNELS.releases, CHANNELS.admins].map((id) => slack.messages(id)))).flat();
  expect(messages.map(({ text }) => text).sort()).toEqual(meant);
});
