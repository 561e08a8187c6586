import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Beats, startHeartbeat } from '../../src/schedules/heartbeat.ts';
import { SCHEDULES, type ScheduleName } from '../../src/schedules/table.ts';
import { keptLog } from '../support/quiet.ts';

let beaten: string[] = [];
let log = keptLog();
let stop = async () => {};
beforeEach(() => {
  vi.useFakeTimers();
  [beaten, log] = [[], keptLog()];
});
afterEach(async () => {
  await stop();
  vi.useRealTimers();
});

function beat(over: Partial<Beats> = {}): void {
  const noted = SCHEDULES.map(({ name }) => [
    name,
    async (at: Date) => void beaten.push(`${name} ${at.toISOString().slice(11, 23)}`),
  ]);
  const beats = { ...(Object.fromEntries(noted) as Beats), ...over };
  ({ stop } = startHeartbeat({ zone: 'Asia/Tokyo', beats, log: log.log }));
}
async function from(start: string, minutes: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(minutes * 60_000 - (Date.now() - Date.parse(start)));
}
const of = (name: ScheduleName) => beaten.filter((b) => b.startsWith(`${name} `)).map((b) => b.slice(name.length + 1));

it('each schedule comes round at its time, as the minute that every instance agrees on', async () => {
  vi.setSystemTime('2026-03-02T08:58:30Z');
  beat();
  await from('2026-03-02T08:58:30Z', 4);
  expect(of('seal')).toEqual(['08:59:00.000', '09:00:00.000', '09:01:00.000', '09:02:00.000']);
  expect(of('reconcile')).toEqual(['09:00:00.000']);
  expect(of('people')).toEqual(['09:00:00.000']);
  expect(of('head')).toEqual([]);
});

it("the head is published at six in the team's morning", async () => {
  vi.setSystemTime('2026-03-01T20:59:30Z');
  beat();
  await from('2026-03-01T20:59:30Z', 1);
  expect(of('head')).toEqual(['21:00:00.000']);
});

it('one that fails is logged and comes round again; one that still runs is not started twice', async () => {
  let running = 0;
  let end = () => {};
  let failed = 0;
  vi.setSystemTime('2026-03-02T09:00:30Z');
  beat({
    seal: async () => {
      failed += 1;
      throw new Error('no database');
    },
    reconcile: () => {
      running += 1;
      return new Promise<void>((done) => {
        end = done;
      });
    },
  });
  await from('2026-03-02T09:00:30Z', 11);
  expect(failed).toBe(11);
  expect(JSON.stringify(log.lines)).toContain('no database');
  expect(running).toBe(1);

  let stopped = false;
  const stopping = stop().then(() => {
    stopped = true;
  });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(stopped).toBe(false);
  end();
  await stopping;
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(failed).toBe(11);
});
