// As many events as go through: how many a second, by one instance and by two; and what 100,000 of them do to memory.
import { setTimeout as wait } from 'node:timers/promises';
import { type Fit, fit, residentMb } from './measure.ts';
import { onStage, type Setting } from './parts.ts';

export interface Sustained {
  one: number;
  two: number;
}

const WARM = 1_000;
const EVENTS = 6_000;
const MINUTE = 60_000;

/** Events a second, each until its line is in its thread, with a hundred under way at all times, for a minute at most. */
export async function sustained(s: Setting): Promise<Sustained> {
  const rate = async (instances: number) => {
    const perSecond = await onStage(
      s,
      'shipshape',
      async (load) => {
        await load.asFastAsItGoes(WARM, MINUTE);
        const began = performance.now();
        const done = await load.asFastAsItGoes(EVENTS, MINUTE);
        return (done * 1000) / (performance.now() - began);
      },
      { instances },
    );
    s.say(`${instances} instance${instances > 1 ? 's' : ''}: ${perSecond.toFixed(0)} events a second`);
    return perSecond;
  };
  return { one: await rate(1), two: await rate(2) };
}

export interface Memory {
  /** Resident megabytes of the bot's process. */
  ready: number;
  tenThousand: number;
  end: number;
  events: number;
  perSecond: number;
  /** Growth from 20,000 events on: megabytes per event, and how far samples lie from the line. */
  growth: Fit;
}

const ALL = 100_000;
const STEP = 2_000;
/** Growth is judged from here on: before, caches fill and code is compiled. */
const SETTLED = 20_000;

/** Resident memory when ready, after 10,000 events, and sampled every 2,000 until 100,000, or as many as come through in `minutes`. */
export function memory(s: Setting, minutes: number): Promise<Memory> {
  return onStage(s, 'shipshape', async (load) => {
    const { pid } = load.on.process;
    const ready = residentMb(pid);
    const began = performance.now();
    const samples: [number, number][] = [];
    let events = await load.asFastAsItGoes(10_000, minutes * MINUTE);
    // What is still in the queue belongs to them.
    await wait(5_000);
    const tenThousand = residentMb(pid);
    s.say(`${events} events: ${tenThousand.toFixed(0)} MB, ready with ${ready.toFixed(0)}`);
    while (events < ALL && performance.now() - began < minutes * MINUTE) {
      events += await load.asFastAsItGoes(STEP, MINUTE);
      if (events >= SETTLED) samples.push([events, residentMb(pid)]);
      if (events % 10_000 < STEP) s.say(`${events} events: ${residentMb(pid).toFixed(0)} MB`);
    }
    const perSecond = (events * 1000) / (performance.now() - began - 5_000);
    await wait(5_000);
    return { ready, tenThousand, end: residentMb(pid), events, perSecond, growth: fit(samples) };
  });
}
