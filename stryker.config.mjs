// `npm run mutation`: the rules of releases, bugs and funds with one mistake put in at a time; a test has to notice each.
// What is left, and why it may be: docs/mutation.md. `npm run mutation -- --mutate src/areas/funds/ledger.ts` tries one file.

/**
 * Words for people are left alone: a text with a space in it is a sentence, codes and states have none. What a refusal
 * says is read by tests, but nobody is to write one for every word.
 */
function words(path) {
  const { node } = path;
  const texts =
    node.type === 'StringLiteral'
      ? [node.value]
      : node.type === 'TemplateLiteral'
        ? node.quasis.map((quasi) => quasi.value.raw)
        : [];
  return texts.some((text) => text.includes(' ')) ? 'words for people' : undefined;
}

export const strykerPlugins = [{ kind: 'Ignore', name: 'words', value: { shouldIgnore: words } }];

export default {
  plugins: ['@stryker-mutator/vitest-runner', './stryker.config.mjs'],
  ignorers: ['words'],
  testRunner: 'vitest',
  // The tests that are named there need neither PostgreSQL nor Slack.
  vitest: { configFile: 'vitest.mutation.config.ts' },
  coverageAnalysis: 'perTest',
  mutate: [
    'src/areas/{releases,triage,funds}/*rules.ts',
    'src/areas/releases/{facts,evolve,table,sightings}.ts',
    'src/areas/triage/{priority,later}.ts',
    'src/areas/funds/{ledger,table,typed,hashes}.ts',
  ],
  concurrency: 1,
  incremental: false,
  reporters: ['progress', 'clear-text', 'html', 'json'],
  clearTextReporter: { logTests: false, reportTests: false, allowColor: false },
  htmlReporter: { fileName: '.stryker/mutation.html' },
  jsonReporter: { fileName: '.stryker/mutation.json' },
  thresholds: { high: 95, low: 90, break: 90 },
  // Without tsconfig.json: Stryker would ask TypeScript to read it, and TypeScript 7 has nobody to ask.
  ignorePatterns: [
    '**',
    '!src/**/*',
    '!test/**/*',
    '!docs/*.md',
    '!package.json',
    '!vitest.mutation.config.ts',
    '!stryker.config.mjs',
  ],
  tempDirName: '.stryker/sandbox',
};
