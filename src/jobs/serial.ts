// One job at a time on one card, and on one lane, in all instances.
import type { WorkerLock } from './worker-lock.ts';

export interface Serial {
  /**
   * Runs `work` alone among those of its key. While it is being worked on here, the newest comer waits for its turn and all that waited
   * before it are done: it sees all that they would. @returns false when another instance is at it, or too many wait here: try again soon
   * @throws what `work` throws
   */
  run(lock: WorkerLock, key: string, work: () => Promise<void>): Promise<boolean>;
}

/** Who waits keeps one of the worker's places: with Slack slow on many lanes, people's events must still find some. */
const WAIT_MAX = 3;

/**
 * Keeps what is being worked on in this process. Whose work is still to be done stays a running job meanwhile, and is never taken over by
 * the one before it: the queue forbids a job to be tried again once another came under its key, so that with a process that dies, or a
 * failure, the work of both would be gone.
 */
export function makeSerial(): Serial {
  const running = new Map<string, { next?: (myTurn: boolean) => void }>();
  let waiting = 0;
  return {
    run: async (lock, key, work) => {
      const under = running.get(key);
      const place = under ?? {};
      if (under) {
        if (under.next) under.next(false);
        else if (waiting >= WAIT_MAX) return false;
        else waiting++;
        const myTurn = await new Promise<boolean>((done) => {
          under.next = done;
        });
        if (!myTurn) return true;
      } else running.set(key, place);
      let held = false;
      try {
        held = await lock.tryKey(key);
        if (held) await work();
        return held;
      } finally {
        const { next } = place;
        delete place.next;
        if (next) {
          waiting--;
          next(true);
        } else running.delete(key);
        // One that cannot be given back was lost with its connection.
        if (held) void lock.freeKey(key).catch(() => {});
      }
    },
  };
}
