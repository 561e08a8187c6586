import { defineConfig } from 'vitest/config';

/** The tests of the rules that `npm run mutation` runs: pure ones, in milliseconds, without a database. */
export default defineConfig({
  test: {
    include: [
      'test/areas/releases/{*rules,evolve,facts,permissions,sightings}.test.ts',
      'test/areas/triage/{*rules,prod-blocks}.test.ts',
      'test/areas/funds/{*rules,ledger,addresses,typed,permissions}.test.ts',
    ],
    setupFiles: ['./test/support/seed.ts'],
    testTimeout: 20_000,
  },
});
