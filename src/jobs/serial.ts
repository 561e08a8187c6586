// One job at a time on one card, and on one lane, in all instances.
import type { WorkerLock } from './worker-lock.ts';

export interface Serial {
  /**
   * Runs `work` unless the same key is being worked on. When that is here, it is worked on once more as soon as the work
   * under way is over, which this call does not wait for. @returns false when another instance is at it: try again soon
   * @throws what `work` throws
   */
  run(lock: WorkerLock, key: string, work: () => Promise<void>): Promise<boolean>;
}

/** Keeps what is being worked on in this process; a process that dies leaves its running job to the others, and that does all. */
export function makeSerial(): Serial {
  const running = new Map<string, { again: boolean }>();
  return {
    run: async (lock, key, work) => {
      const under = running.get(key);
      if (under) {
        under.again = true;
        return true;
      }
      const mine = { again: false };
      running.set(key, mine);
      let held = false;
      try {
        held = await lock.tryKey(key);
        if (held) await untilDone(mine, work, () => running.delete(key));
        return held;
      } finally {
        // Who comes from here on works itself. The lock is counted, so it can be had twice.
        if (running.get(key) === mine) running.delete(key);
        // One that cannot be given back was lost with its connection.
        if (held) void lock.freeKey(key).catch(() => {});
      }
    },
  };
}

/** `over` is called in the very tick in which the last look at `again` is taken: nobody can ask for more in between. */
async function untilDone(mine: { again: boolean }, work: () => Promise<void>, over: () => void): Promise<void> {
  do {
    mine.again = false;
    try {
      await work();
    } catch (err) {
      // What came in meanwhile is no part of what failed; the queue tries again only when nothing did.
      if (!mine.again) {
        over();
        throw err;
      }
    }
  } while (mine.again);
  over();
}
