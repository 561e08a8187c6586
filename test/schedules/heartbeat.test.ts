import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Db } from '../../src/db/client.ts';
import { startHeartbeat } from '../../src/schedules/heartbeat.ts';
import { keptLog } from '../support/quiet.ts';

let asked: string[] = [];
let looked: string[] = [];
let log = keptLog();
let answer = async (): Promise<number> => 0;
let heart: ReturnType<typeof startHeartbeat>;
beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime('2026-03-02T09:00:55Z');
  [asked, looked, log] = [[], [], keptLog()];
  answer = async () => 0;
  // The database is asked in one place; what it then does has tests of its own.
  const transaction = async () => {
    asked.push(new Date().toISOString().slice(14, 19));
    return answer();
  };
  const execute = async () => {
    looked.push(new Date().toISOString().slice(14, 19));
    return { rows: [] };
  };
  heart = startHeartbeat({ db: { transaction, execute } as unknown as Db, beats: {}, holidays: [], log: log.log });
});
afterEach(async () => {
  await heart.stop();
  vi.useRealTimers();
});

it('asks the database every ten seconds, and at once when told to', async () => {
  await heart.beat();
  expect(asked).toEqual(['00:55']);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(asked).toEqual(['00:55', '01:00', '01:10', '01:20']);
});

it('looks once a minute whether the clock went back', async () => {
  await vi.advanceTimersByTimeAsync(125_000);
  expect([...new Set(looked)]).toEqual(['01:00', '02:00', '03:00']);
});

it('one that fails is logged and comes round again', async () => {
  answer = async () => {
    throw new Error('no database');
  };
  await vi.advanceTimersByTimeAsync(20_000);
  expect(asked).toHaveLength(2);
  expect(log.lines.filter((line) => line.msg === 'the beat failed')).toHaveLength(2);
  expect(JSON.stringify(log.lines)).toContain('no database');
});

it('one that still runs is not started twice, and is waited for at the end', async () => {
  let end = () => {};
  answer = () =>
    new Promise((done) => {
      end = () => done(0);
    });
  await vi.advanceTimersByTimeAsync(40_000);
  expect(asked).toHaveLength(1);
  let stopped = false;
  const stopping = heart.stop().then(() => {
    stopped = true;
  });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(stopped).toBe(false);
  end();
  await stopping;
  await vi.advanceTimersByTimeAsync(600_000);
  expect(asked).toHaveLength(1);
});
