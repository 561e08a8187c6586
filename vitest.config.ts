import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    globalSetup: './test/support/setup.ts',
    testTimeout: 20_000,
    hookTimeout: 20_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // Only what runs inside a test process is counted: code that tests start as a process of its own (main.ts, the
      // demo) shows as uncovered, however well it is tested. The demo is nothing else, so it is left out.
      exclude: ['src/demo/**'],
      reporter: ['text-summary', 'html', 'json-summary'],
      thresholds: {
        lines: 90,
        'src/areas/*/rules.ts': { branches: 100 },
        'src/areas/*/blocks.ts': { branches: 100 },
      },
    },
  },
});
