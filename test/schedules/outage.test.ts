import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GRACE_MINUTES, type Occurrence, type Schedule } from '../../src/base/schedule.ts';
import { parsePolicy } from '../../src/policy.ts';
import { beatOnce } from '../../src/schedules/beat.ts';
import { planOf, timesBetween } from '../../src/schedules/engine.ts';
import { syncSchedules } from '../../src/schedules/sync.ts';
import { SCHEDULES as TABLE } from '../../src/schedules/table.ts';
import { freshDb, type TestDb } from '../support/db.ts';
import { keptLog } from '../support/quiet.ts';

const POLICY = parsePolicy(readFileSync('shipshape.yml', 'utf8'), 'shipshape.yml');
const { zone, holidays } = POLICY.team;
/** Beside those there are: a slot that is gone when it is gone, and a line that is owed once. */
const SLOT: Schedule = {
  name: 'test-slot',
  cron: ['0 10 * * *', '0 15 * * *'],
  zone: 'team',
  days: 'working',
  what: 'a slot',
  afterOutage: 'skip',
};
const OWED: Schedule = { ...SLOT, name: 'test-owed', cron: ['0 9 * * *'], what: 'a line', afterOutage: 'once' };
const SCHEDULES = [...TABLE, SLOT, OWED];
const MINUTE = 60_000;

let db: TestDb;
let now: Date;
let fired: Occurrence[] = [];
beforeAll(async () => {
  db = await freshDb();
});
afterAll(() => db.close());

const { log, lines } = keptLog();
const beats = Object.fromEntries(
  SCHEDULES.map(({ name }) => [name, async (_tx: unknown, on: Occurrence) => void fired.push(on)]),
);
async function beatAt(at: Date): Promise<Occurrence[]> {
  [now, fired] = [at, []];
  await beatOnce({ db: db.db, beats, holidays, log, now: () => now });
  return fired;
}
const of = (name: string) => fired.map(({ key }) => key).filter((key) => key.startsWith(`${name}@`));

it('R22: after three days down, what is owed is made up for once, and nothing fires for a time long gone', async () => {
  // Tuesday, 09:30 in the team's zone; the slots are at 10:00 and 15:00.
  const down = new Date('2027-03-02T08:30Z');
  const up = new Date('2027-03-05T15:20Z');
  await syncSchedules(db.db, SCHEDULES, POLICY.team, down);
  expect(await beatAt(down)).toEqual([]);

  // The bot starts: the table is written anew, then it beats.
  await syncSchedules(db.db, SCHEDULES, POLICY.team, up);
  await beatAt(up);
  expect(of('test-slot')).toEqual([]);
  expect(of('test-owed')).toEqual(['test-owed@2027-03-05T09:00']);

  for (const schedule of SCHEDULES) {
    const { name, afterOutage, graceMinutes = GRACE_MINUTES } = schedule;
    const missed = timesBetween(planOf(schedule, zone), holidays, down, up);
    const inTime = missed.filter(({ at }) => at.getTime() >= up.getTime() - graceMinutes * MINUTE);
    const owed = inTime.length || afterOutage === 'skip' ? inTime : missed.slice(-1);
    expect(of(name)).toEqual(owed.map(({ local }) => `${name}@${local}`));
    const noted = await db.pool.query('select state, passed from schedule_runs where name = $1', [name]);
    const accounted = noted.rows.reduce((sum, { passed }) => sum + passed + 1, 0);
    expect(accounted, `${name}: every time that passed is done or counted`).toBe(missed.length);
  }

  expect(await beatAt(new Date(up.getTime() + 20_000))).toEqual([]);
  await beatAt(new Date('2027-03-08T09:00:10Z'));
  expect(of('test-slot')).toEqual(['test-slot@2027-03-08T10:00']);
  expect(lines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
});
