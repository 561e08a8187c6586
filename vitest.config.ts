import { defineConfig } from 'vitest/config';
import { Order } from './test/support/order.ts';

/**
 * Nothing of the process itself is changed by these, so that one serves for many files. Left out are those that intercept what the process sends or
 * take its clock, or listen for its faults; and the longest, which begin before all others.
 */
const TOGETHER = [
  'test/{areas,base,chaos,db,demo,tidy}/**/*.test.ts',
  'test/bot/!(answer|authorisation|commit-lookup|connection|fuzz|http-fuzz).test.ts',
  'test/e2e/!(kill|two-processes).test.ts',
  'test/gateways/!(github|slack).test.ts',
  'test/jobs/!(changes).test.ts',
  'test/schedules/!(heartbeat).test.ts',
  'test/{env,policy*}.test.ts',
];

const common = {
  pool: 'forks',
  setupFiles: './test/support/seed.ts',
  testTimeout: 60_000,
  hookTimeout: 60_000,
} as const;

export default defineConfig({
  test: {
    globalSetup: './test/support/setup.ts',
    sequence: { sequencer: Order },
    // More than there are processors: half of the time a test waits for Slack, a timer or a process that starts.
    maxWorkers: 3,
    projects: [
      { test: { ...common, name: 'alone', include: ['test/**/*.test.ts'], exclude: TOGETHER } },
      { test: { ...common, name: 'together', include: TOGETHER, isolate: false } },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // Only what runs inside a test process is counted: code that tests start as a process of its own shows as uncovered,
      // however well it is tested. The demo and the two entry points are nothing else, so they are left out.
      exclude: ['src/demo/**', 'src/main.ts', 'src/cli/main.ts'],
      reporter: ['text-summary', 'html'],
      thresholds: {
        lines: 90,
        'src/areas/*/rules.ts': { branches: 100 },
        'src/areas/{releases,triage,funds}/*-rules.ts': { branches: 100 },
        'src/areas/*/blocks.ts': { branches: 100 },
      },
    },
  },
});
