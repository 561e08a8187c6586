// A worker in a process of its own, to be killed: takes one event and never finishes it. Says `took` when it has it.
import { makeLog } from '../../src/base/log.ts';
import { makeMetrics } from '../../src/base/metrics.ts';
import { startWorker, type Tasks } from '../../src/jobs/worker.ts';

const held = async () => {
  console.log('took');
  await new Promise(() => {});
};
await startWorker({
  url: process.argv[2] ?? '',
  log: makeLog('silent'),
  metrics: makeMetrics(),
  tasks: { event: held, flush: held } as unknown as Tasks,
});
