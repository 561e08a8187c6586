import { describe, expect, it } from 'vitest';
import { makeSerial } from '../../src/jobs/serial.ts';
import type { WorkerLock } from '../../src/jobs/worker-lock.ts';

const lock = { tryKey: async () => true, freeKey: async () => {} } as unknown as WorkerLock;

describe('one job at a time on a key', () => {
  it.each([0, 1, 2, 3, 4, 5, 6])('whoever comes %i ticks after the work ended is not forgotten', async (ticks) => {
    const serial = makeSerial();
    let worked = 0;
    let second: Promise<boolean> | undefined;
    const work = async () => {
      worked += 1;
      if (worked > 1) return;
      // Not awaited: it goes on ticking while the first run comes to its end.
      void (async () => {
        for (let i = 0; i < ticks; i++) await null;
        second = serial.run(lock, 'card:1', work);
      })();
    };
    expect(await serial.run(lock, 'card:1', work)).toBe(true);
    while (second === undefined) await null;
    expect(await second).toBe(true);
    expect(worked).toBe(2);
  });
});
