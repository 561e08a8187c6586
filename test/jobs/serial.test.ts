import { describe, expect, it } from 'vitest';
import { makeSerial } from '../../src/jobs/serial.ts';
import type { WorkerLock } from '../../src/jobs/worker-lock.ts';

const lock = { tryKey: async () => true, freeKey: async () => {} } as unknown as WorkerLock;

/** A piece of work that runs until it is told to end. */
function piece() {
  let end = () => {};
  let fail = (_err: Error) => {};
  const done = new Promise<void>((yes, no) => {
    [end, fail] = [yes, no];
  });
  return { done, end, fail };
}

/** Everything that is due at once has run then. */
const settled = () => new Promise((next) => setImmediate(next));

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

  it('only the newest of those that wait does the work, and is not done before', async () => {
    const serial = makeSerial();
    const [first, last] = [piece(), piece()];
    const began: string[] = [];
    const over: string[] = [];
    const run = (name: string, done: Promise<void> | undefined) =>
      serial
        .run(lock, 'k', async () => {
          began.push(name);
          await done;
        })
        .then(() => over.push(name));
    const all = [run('a', first.done), run('b', undefined), run('c', undefined), run('d', last.done)];
    await settled();
    // While its work is still to be done, a job must not be over: a process that dies here leaves it to the others.
    expect([began, over]).toEqual([['a'], ['b', 'c']]);
    first.end();
    await settled();
    expect([began, over]).toEqual([
      ['a', 'd'],
      ['b', 'c', 'a'],
    ]);
    last.end();
    await Promise.all(all);
    expect(over).toEqual(['b', 'c', 'a', 'd']);
  });

  it('a failure is that of the job that failed; the one that waits still works', async () => {
    const serial = makeSerial();
    const first = piece();
    const one = serial.run(lock, 'k', () => first.done);
    const two = serial.run(lock, 'k', async () => {});
    first.fail(new Error('no database'));
    await expect(one).rejects.toThrow('no database');
    await expect(two).resolves.toBe(true);
  });

  it('gives its key back to the other instances, after a failure too, and one it never had not at all', async () => {
    const calls: string[] = [];
    const told = (mine: boolean) =>
      ({
        tryKey: async (key: string) => calls.push(`try ${key}`) > 0 && mine,
        freeKey: async (key: string) => void calls.push(`free ${key}`),
      }) as unknown as WorkerLock;
    const serial = makeSerial();
    await serial.run(told(true), 'a', async () => {});
    await expect(serial.run(told(true), 'b', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await serial.run(told(false), 'c', async () => {})).toBe(false);
    expect(calls).toEqual(['try a', 'free a', 'try b', 'free b', 'try c']);
  });

  it('says that another instance is at it, to each that tries', async () => {
    const serial = makeSerial();
    const freed: string[] = [];
    const elsewhere = { tryKey: async () => false, freeKey: async (key: string) => void freed.push(key) };
    const tries = [1, 2].map(() => serial.run(elsewhere as unknown as WorkerLock, 'k', async () => {}));
    expect(await Promise.all(tries)).toEqual([false, false]);
    expect(freed).toEqual([]);
  });

  it('three wait at most, for all keys together; the next is told to try again soon', async () => {
    const serial = makeSerial();
    const [first, worked] = [piece(), [] as string[]];
    const all = ['a', 'b', 'c', 'd'].flatMap((key) => [
      serial.run(lock, key, () => first.done),
      serial.run(lock, key, async () => void worked.push(key)),
    ]);
    expect(await all[7]).toBe(false);
    const newest = serial.run(lock, 'a', async () => void worked.push('newest a'));
    first.end();
    expect(await Promise.all([...all, newest])).toEqual([true, true, true, true, true, true, true, false, true]);
    expect(worked.sort()).toEqual(['b', 'c', 'newest a']);
    expect(await serial.run(lock, 'd', async () => {})).toBe(true);
  });

  it('other keys do not wait', async () => {
    const serial = makeSerial();
    const first = piece();
    const one = serial.run(lock, 'k', () => first.done);
    expect(await serial.run(lock, 'other', async () => {})).toBe(true);
    first.end();
    expect(await one).toBe(true);
  });
});
