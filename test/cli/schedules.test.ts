import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Occurrence, Schedule } from '../../src/base/schedule.ts';
import { registerSchedules } from '../../src/cli/schedules.ts';
import { databaseNow } from '../../src/db/clock.ts';
import { beatOnce } from '../../src/schedules/beat.ts';
import { syncSchedules } from '../../src/schedules/sync.ts';
import { freshDb, type TestDb, wipe } from '../support/db.ts';
import { keptLog } from '../support/quiet.ts';

const ROWS: Schedule[] = [
  { name: 'seal', cron: ['* * * * *'], zone: 'utc', what: 'seal events', afterOutage: 'once' },
  { name: 'leap', cron: ['0 9 29 2 *'], zone: 'team', days: 'working', what: 'leap', afterOutage: 'skip' },
  { name: 'never', cron: ['0 9 * * 6'], zone: 'team', days: 'working', what: 'nothing', afterOutage: 'skip' },
];
let db: TestDb;
let printed: string[] = [];
let fired: Occurrence[] = [];
beforeAll(async () => {
  db = await freshDb();
});
beforeEach(async () => {
  [printed, fired] = [[], []];
  await wipe(db, 'schedules, schedule_runs');
  vi.stubEnv('DATABASE_URL', db.url);
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});
afterAll(() => db.close());

async function schedules(...words: string[]): Promise<string> {
  const program = new Command();
  registerSchedules(program);
  await program.parseAsync(['schedules', ...words], { from: 'user' });
  return printed.splice(0).join('\n');
}
const write = async () => syncSchedules(db.db, ROWS, { zone: 'Asia/Kolkata', holidays: [] }, await databaseNow(db.db));
const note = async (_tx: unknown, on: Occurrence) => void fired.push(on);
const beat = () =>
  beatOnce({ db: db.db, beats: { leap: note, seal: async () => {} }, holidays: [], log: keptLog().log });

it('says so while there are none', async () => {
  expect(await schedules('list')).toContain('There are no schedules yet');
  expect(await schedules('next')).toContain('There are no schedules yet');
});

it('R22: lists what there is, when it was and when it comes again, in its own zone', async () => {
  await write();
  await db.pool.query(`insert into schedule_runs (name, local, occurrence, state) values
    ('leap', '2024-02-29T09:00', '2024-02-29T03:30Z', 'skipped'), ('seal', '2024-02-29T09:00:07', '2024-02-29T09:00Z', 'fired')`);
  const list = await schedules('list');
  expect(list).toMatch(/^leap: leap\n {2}0 9 29 2 \* Asia\/Kolkata, working days; after an outage given up\n/);
  expect(list).toMatch(/last 2024-02-29 09:00 \(given up\), next 20\d\d-02-29 09:00\nnever: /);
  expect(list).toContain('not yet, next never');
  expect(list).toMatch(
    /seal: seal events\n {2}\* \* \* \* \* Etc\/UTC; after an outage made up for once\n {2}last 2024-02-29 09:00, next \d{4}-\d\d-\d\d \d\d:\d\d( \(due now\))?$/,
  );
  const next = (await schedules('next')).split('\n');
  expect(next[0]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d Etc\/UTC /);
  expect(next.map((line) => line.replace(/.* {2}/, ''))).toEqual(['seal: seal events', 'leap: leap', 'never: nothing']);
});

it('R22: has one done now, besides its usual times, once, and the trail says so', async () => {
  await write();
  const before = (await db.pool.query("select next_local from schedules where name = 'leap'")).rows;
  expect(await schedules('run', 'leap')).toContain('leap is due now');
  expect(await schedules('next')).toContain('(due now)');
  await expect(schedules('run', 'leap')).rejects.toThrow('leap is due already');
  await beat();
  await beat();
  expect(fired).toHaveLength(1);
  expect(fired[0]?.key).toMatch(/^leap@20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  expect((await db.pool.query("select next_local from schedules where name = 'leap'")).rows).toEqual(before);
  const { rows } = await db.pool.query("select verb, source from audit_events where subject = 'leap'");
  expect(rows).toEqual([{ verb: 'schedule_asked', source: 'CLI' }]);
});

it('one that there is not is refused, with the one that was probably meant', async () => {
  await write();
  await expect(schedules('run', 'sael')).rejects.toMatchObject({ next: 'Did you mean seal?' });
  await expect(schedules('run', 'something else')).rejects.toMatchObject({ next: 'See `schedules list`.' });
});
