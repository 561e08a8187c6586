// The steps of an event's way through the bot, timed. Whoever wants to know listens (the metrics do, and the bench); with nobody listening it costs
// next to nothing.
import { channel } from 'node:diagnostics_channel';
import { currentRequest } from './log.ts';

/** store: an event is written down. transaction: one action's, to its commit. draw: what a card shows is read and put together. */
export type Step = 'store' | 'transaction' | 'draw' | 'job' | 'call';

export interface Took {
  step: Step;
  /** Which job, or which of Slack's methods; undefined for the others. */
  what: string | undefined;
  /** Of the request it was done for. */
  req: string | undefined;
  /** Milliseconds of performance.now(). */
  start: number;
  end: number;
}

const steps = channel('shipshape:step');

/** Does `work` and tells those who listen how long it took, whether it succeeds or fails. @throws what `work` throws */
export async function timed<T>(step: Step, what: string | undefined, work: () => Promise<T>): Promise<T> {
  if (!steps.hasSubscribers) return work();
  const start = performance.now();
  try {
    return await work();
  } finally {
    const took: Took = { step, what, req: currentRequest(), start, end: performance.now() };
    steps.publish(took);
  }
}

/** Has `hear` called after every step from now on. It must not throw. */
export function hearSteps(hear: (took: Took) => void): void {
  steps.subscribe((took) => hear(took as Took));
}
