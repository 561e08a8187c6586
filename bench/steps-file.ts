// Loaded into the bot's process before everything else: hears every step it takes, and writes them into the file BENCH_STEPS when it ends.
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { hearSteps, type Took } from '../src/base/steps.ts';

const { BENCH_STEPS } = process.env;
const heard: Took[] = [];

// The loader of TypeScript has a thread of its own, which loads this too.
if (isMainThread && BENCH_STEPS) {
  const { timeOrigin } = performance;
  hearSteps((took) => {
    heard.push({ ...took, start: timeOrigin + took.start, end: timeOrigin + took.end });
  });
  process.on('exit', () => writeFileSync(BENCH_STEPS, JSON.stringify(heard)));
}
